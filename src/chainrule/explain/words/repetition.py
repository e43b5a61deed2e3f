"""How the steps of long programs are written: each way in which an instruction runs once, with places for the names.

Most steps of a long program are repetitions: the same instruction, of operands that the same instructions made. What is
written for the first of them is written for the others too, with other names.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.explain.program import Jacobian
from chainrule.explain.words.expression import Expression, Use, main_node
from chainrule.explain.words.expressions import expression_of
from chainrule.explain.words.names import base_of
from chainrule.explain.words.symbols import LONGEST, symbol_of
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# A place for a name ends with one of these characters, which no name of Python's has: a step's own, its operands'.
_OWN, _FIRST, _LAST = "\ue000", 0xE001, 0xE0FF
# A symbol that is longer than this may be too long with other names.
_SHORT = LONGEST // 2


@dataclass(slots=True)
class _Form:
    """How a step and others like it are written, with places for the names of operands."""

    step: Step
    expression: Expression
    text: str
    symbols: dict[Hashable, str] = field(default_factory=dict)


class Repetitions:
    """Expressions and symbols of the steps of a program, given the names of all."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._known: Set[str] = frozenset(names)
        self._forms: dict[Hashable, _Form] = {}
        # By step its form, and the places in it with the names that they are for.
        self._found: dict[int, tuple[_Form | None, list[tuple[str, str]]]] = {}

    def expression(self, step: Step) -> str:
        """How a step was made."""
        form, filling = self._form(step)
        if form is None:
            return expression_of(step, self._names, self._known).text
        return _filled(form.text, filling)

    def symbol(self, step: Step, slot: int, jacobian: Jacobian) -> str:
        """The local derivative of a step for its operand in a slot."""
        form, filling = self._form(step)
        name = self._names[step.place]
        if form is not None:
            key = (slot, jacobian.structure, jacobian.out_shape, jacobian.in_shape)
            symbol = form.symbols.get(key)
            if symbol is None:
                symbol = form.symbols[key] = symbol_of(
                    Use(form.step, slot, form.expression, _OWN, jacobian, main_node(form.step))
                )
            if len(symbol) <= _SHORT:
                symbol = _filled(symbol.replace(_OWN, name), filling)
                if len(symbol) <= LONGEST:
                    return symbol
        expression = expression_of(step, self._names, self._known)
        return symbol_of(Use(step, slot, expression, name, jacobian, main_node(step)))

    def _form(self, step: Step) -> tuple[_Form | None, list[tuple[str, str]]]:
        """How steps like this one are written; None if that is not known from what they are made of."""
        known = self._found.get(step.place)
        if known is not None:
            return known
        operands = list(dict.fromkeys([operand.place for _, operand in step.operands]))
        names = [self._names[place] for place in operands]
        places = [base_of(name) + chr(_FIRST + k) for k, name in enumerate(names)]
        key = _likeness(step, operands, places)
        form = None
        if key is not None:
            form = self._forms.get(key)
            if form is None:
                others = _Names(self._names, dict(zip(operands, places, strict=True)))
                expression = expression_of(step, others, self._known)
                form = self._forms[key] = _Form(step, expression, expression.text)
        self._found[step.place] = found = form, list(zip(places, names, strict=True))
        return found


def _filled(text: str, filling: list[tuple[str, str]]) -> str:
    """A text with names put into their places."""
    for place, name in filling:
        text = text.replace(place, name)
    return text


class _Names(Sequence[str]):
    """Names by the places of steps, of which some are replaced."""

    def __init__(self, names: Sequence[str], others: dict[int, str]) -> None:
        self._names = names
        self._others = others

    def __getitem__(self, place: Any) -> Any:
        other = self._others.get(place)
        return self._names[place] if other is None else other

    def __len__(self) -> int:
        return len(self._names)


def _likeness(step: Step, distinct: list[int], places: list[str]) -> Hashable | None:
    """What is the same for steps that are written alike; None for a step that is not compared with others.

    `distinct` are the operands, each once, and `places` what stands for their names.
    """
    node = step.nodes[0]
    if len(step.nodes) > 1 or node.op is None or len(places) > _LAST - _FIRST:
        return None
    constants = [_constant(x) for x in node.operands if type(x) is not Node]
    key = (
        node.op,
        _instruction(step),
        step.result.shape == (),
        tuple(
            [
                (
                    slot,
                    operand.op,
                    operand.nodes[-1].op if len(operand.nodes) == 1 else tuple([each.op for each in operand.nodes]),
                    _instruction(operand),
                    operand.frame == step.frame,
                    operand.entry is not None and operand.entry == step.entry,
                    operand.result.shape == (),
                    distinct.index(operand.place),
                )
                for slot, operand in step.operands
            ]
        ),
        tuple(places),
        tuple(constants),
        tuple(node.params.items()),
    )
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _constant(x: Any) -> Hashable:
    """What is written of a constant: a number, or how many axes an array has."""
    if type(x) is np.ndarray:
        return (x.dtype, x.item()) if x.ndim == 0 else x.ndim
    return type(x), x


def _instruction(step: Step) -> tuple[CodeType, int] | None:
    return None if step.position is None else (step.position.code, step.position.offset)
