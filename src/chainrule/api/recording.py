"""A recorded call: what `vjp`, `grad`, `linearize` and `jacobian` have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.api.arguments import Call
from chainrule.api.results import Exporter, value_of_leaf
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import TreeError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.swap import opened
from chainrule.trace import Value
from chainrule.transforms import ReverseLevel, Tape


class Recording:
    """One run of a function, recorded from its picked arguments to its results.

    call
        The arguments.
    leaves, structure
        What the function returned; the leaves are values below the recording's own level.
    tape
        The recorded run.
    aux
        The second result, if the function has one.
    """

    __slots__ = ("aux", "call", "leaves", "scalar", "structure", "tape")

    def __init__(self, f: Callable[..., Any], call: Call, has_aux: bool = False) -> None:
        self.call = call
        level = ReverseLevel()
        inputs = [level.input(x) for x in call.picked]
        try:
            result = call.run(opened(f), inputs)
            if has_aux:
                result, aux = pair(result)
                self.aux = lowered(aux, level)
            raw, self.structure = flatten(result)
            outputs = [value_of_leaf(leaf) for leaf in raw]
        finally:
            level.end()
        self.scalar = [not isinstance(leaf, (np.ndarray, Array)) for leaf in raw]
        mine = [type(y) is Value and y.level is level for y in outputs]
        self.leaves = [y.below if m else y for y, m in zip(outputs, mine, strict=True)]
        self.tape = Tape(
            [x.attached for x in inputs], [y.attached if m else None for y, m in zip(outputs, mine, strict=True)]
        )

    def exporter(self) -> Exporter:
        """Hands over the results of this call."""
        return Exporter(self.call.inside, self.call.picked)

    def value(self, exporter: Exporter) -> Any:
        """What the function returned."""
        return unflatten(
            self.structure, [exporter.value(y, s) for y, s in zip(self.leaves, self.scalar, strict=True)]
        )


def pair(result: Any) -> tuple[Any, Any]:
    """The two results of a function with `has_aux=True`."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TreeError(
            f"`has_aux=True` asks for a function that returns a pair (result, aux), not {type(result).__name__}."
            f"{describe(here())}"
        )
    return result[0], result[1]


def lowered(tree: Any, level: Any) -> Any:
    """What a function returned beside its result, below the level that ends now."""
    leaves, structure = flatten(tree)
    exporter = Exporter(False)
    plain = []
    for leaf in leaves:
        if isinstance(leaf, Handle):
            value = leaf._read()
            while type(value) is Value and value.level is level:
                value = value.below
            leaf = exporter.value(value)
        plain.append(leaf)
    return unflatten(structure, plain)
