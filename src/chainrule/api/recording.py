"""A recorded call: what `vjp`, `grad`, `linearize` and `jacobian` have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.api.results import Exporter, is_number, is_own, result_of_leaf
from chainrule.api.settling import put_in_order
from chainrule.api.trees import LEAF, flatten, unflatten
from chainrule.graph import Node
from chainrule.graph.position import describe, described_function, here
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.trace import Value
from chainrule.transforms.living_limits import settled
from chainrule.transforms.reverse import ReverseLevel, Tape

if TYPE_CHECKING:
    from chainrule.api.arguments import Call

_node = attrgetter("attached")


@cache
def _keeping_level() -> Any:
    """The class of levels of recordings that are kept, loaded for the first of them."""
    from chainrule.transforms.keeping import KeepingLevel

    return KeepingLevel


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

    A recording that is `kept` is multiplied with after the call, when the arrays that it read may have been written to.
    It is made by a `level` of its own, if one is given. `pick` takes what is differentiated from what `f` returned.
    """

    __slots__ = ("_kept", "aux", "call", "leaves", "scalar", "structure", "tape")

    def __init__(
        self,
        f: Callable[..., Any],
        call: Call,
        has_aux: bool = False,
        kept: bool = False,
        level: ReverseLevel | None = None,
        pick: Callable[[Any], Any] | None = None,
    ) -> None:
        self.call = call
        # Inside another derivative nothing can be written to unseen.
        self._kept = kept and not call.inside
        if level is None:
            level = _keeping_level()(f) if self._kept else ReverseLevel(f)
        inputs = list(map(level.input, call.picked))
        self.aux: Any = None
        try:
            result = call.run(f, inputs)
            if has_aux:
                result, aux = pair(result, f)
                self.aux = lowered(aux, level, call.inside)
            if pick is not None:
                result = pick(result)
            kind = type(result)
            if (
                (kind is Scalar or kind is Array)
                and type(y := result._read()) is Value
                and y.level is level
                and level.limit is None
            ):
                # One value that depends on the arguments, the commonest of all results.
                self.structure = LEAF
                leaves, scalar, nodes = [y.below], [kind is Scalar], [y.attached]
            else:
                leaves, scalar, nodes = self._taken_apart(result, level)
        finally:
            level.end()
            put_in_order()
        self.leaves = leaves
        self.scalar = scalar
        self.tape = Tape(map(_node, inputs), nodes)

    def _taken_apart(self, result: Any, level: ReverseLevel) -> tuple[list[Any], list[bool], list[Node | None]]:
        """The leaves of a result below the level, whether each is a number, and its node."""
        leaves: list[Any] = []
        scalar: list[bool] = []
        nodes: list[Node | None] = []
        raw, self.structure = flatten(result)
        for leaf in raw:
            y = settled(result_of_leaf(leaf), level)
            if type(y) is Value and y.level is level:
                leaves.append(y.below)
                nodes.append(y.attached)
            else:
                leaves.append(y)
                nodes.append(None)
            scalar.append(is_number(leaf))
        return leaves, scalar, nodes

    def exporter(self) -> Exporter:
        """Hands over results of this call."""
        return Exporter(self.call.inside, self.call.picked)

    def pulled(self, y_bars: Sequence[Any], inside: bool = False) -> Any:
        """The cotangents of the arguments as the user gets them, given those of the results.

        As handles if the recorded call was made `inside`, or the pull is.
        """
        return self.exported(self.tape.pull(y_bars), inside)

    def exported(self, x_bars: Sequence[Any], inside: bool = False) -> Any:
        """Cotangents of the inputs as those of the arguments that the user gets."""
        call = self.call
        if call.structure is LEAF:
            (x_bar,), (x,) = x_bars, call.picked
            if type(x_bar) is type(x) and not (inside or call.inside) and is_own(x_bar, x):
                return x_bar
            return Exporter(inside or call.inside, call.picked).tangent(x_bar, x, call.scalar[0])
        exporter = Exporter(inside or call.inside, call.picked)
        return unflatten(call.structure, list(map(exporter.tangent, x_bars, call.picked, call.scalar)))

    def value(self) -> Any:
        """What the function returned."""
        exporter = Exporter(self.call.inside, self.call.picked, copies=self._kept)
        return unflatten(self.structure, [exporter.value(y, s) for y, s in zip(self.leaves, self.scalar, strict=True)])


def pair(result: Any, f: Callable[..., Any]) -> tuple[Any, Any]:
    """The two results of a function with `has_aux=True`."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        got = f"{len(result)} of them" if isinstance(result, (tuple, list)) else f"a {type(result).__name__}"
        from chainrule.errors import TreeError

        raise TreeError(
            f"`has_aux=True` asks for a function that returns a pair (result, aux), and {described_function(f)} "
            f"returned {got}.{describe(here())}\n"
            "  Return two things; aux may be any container of them."
        )
    return result[0], result[1]


def lowered(tree: Any, level: Any, inside: bool) -> Any:
    """What a function returned beside its result, below the level that ends now."""
    leaves, structure = flatten(tree)
    exporter = Exporter(inside)
    plain = []
    for leaf in leaves:
        if isinstance(leaf, Handle):
            value = settled(result_of_leaf(leaf), level)
            while type(value) is Value and value.level is level:
                value = value.below
            plain.append(exporter.value(np.array(value) if type(value) is np.ndarray else value, is_number(leaf)))
        else:
            plain.append(leaf)
    return unflatten(structure, plain)
