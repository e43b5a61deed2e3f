"""Which part of the source stands for which operand of a step."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.explain.words.expression import FORMS
from chainrule.explain.words.names import base_of
from chainrule.explain.words.operations import OPERATORS
from chainrule.explain.words.source import piece_of
from chainrule.explain.words.substitution import METHODS
from chainrule.explain.words.views import view_chain, view_count

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# Calls that go through their arguments and do with each what others say: what is recorded in them is not theirs.
_ITERATING = frozenset(
    "sum map filter reduce accumulate sorted reversed iter next list tuple set dict zip enumerate any all starmap "
    "vectorize apply_along_axis apply_over_axes fromiter fromfunction piecewise divmod".split()
)
# Those of them that return an entry as it is.
_CHOOSING = frozenset(("max", "min"))
# What is called on arrays, by which operators and picking an entry can be meant.
_OF_ARRAYS = frozenset((*dir(np), *dir(np.ndarray), *dir(np.linalg), *dir(math)))


def is_done_by(step: Step, call: ast.Call) -> bool:
    """Whether a step is what a call does, rather than a part of it: an addition is not `sum`, nor an entry `map`."""
    match call.func:
        case ast.Name(id=name):
            is_method = False
        case ast.Attribute(value=value, attr=name):
            is_method = not (isinstance(value, ast.Name) and value.id in ("functools", "itertools"))
        case _:
            return False
    if step.op == name or (is_method and name in METHODS):
        return True
    if name in _ITERATING:
        return False
    if step.op == "index":
        return name in _CHOOSING or (name in _OF_ARRAYS and not _picks_entry(step))
    works = [node for node in step.nodes if node.op.name not in FORMS]
    return step.op not in OPERATORS or len(works) > 1 or name in _OF_ARRAYS


def _picks_entry(step: Step) -> bool:
    """Whether a step takes one entry along the first axis, as iterating does."""
    path: Any = step.result.params["path"] if step.result.op.name == "index" else ()
    return len(path) == 1 and type(path[0]) is tuple and len(path[0]) == 1 and type(path[0][0]) is int


def leaves_of(argument: ast.expr) -> list[ast.expr]:
    """What of an argument can be an operand."""
    if isinstance(argument, (ast.List, ast.Tuple)):
        return [leaf for each in argument.elts for leaf in leaves_of(each)]
    if isinstance(argument, ast.Constant) and not isinstance(argument.value, (int, float, complex)):
        return []
    return [argument]


def in_order(keywords: list[ast.keyword], function: str | None) -> list[ast.expr] | None:
    """The values of keywords in the order in which the function takes them; None if it may be another than written."""
    if len(keywords) > 1:
        order = _parameters_of(function or "")
        if all(each.arg in order for each in keywords):
            keywords = sorted(keywords, key=lambda each: order.index(str(each.arg)))
        elif sum(_is_variable(each.value) for each in keywords) > 1:
            return None
    return [each.value for each in keywords]


@lru_cache(maxsize=256)
def _parameters_of(function: str) -> tuple[str, ...]:
    """What a function of NumPy calls its parameters; nothing if it is not known by its name."""
    for module in (np, np.linalg, np.fft):
        try:
            return tuple(inspect.signature(getattr(module, function)).parameters)
        except (AttributeError, TypeError, ValueError):
            # It is not there, or is a class or a function of C that does not say.
            continue
    return ()


def matched_places(step: Step, leaves: list[ast.expr], names: Sequence[str]) -> dict[int, int] | None:
    """By slot the place of the leaf that is its operand; None if an operand stands nowhere."""
    places: dict[int, int] = {}
    taken: dict[int, Step] = {}
    # First those whose own expression stands there.
    for slot, operand in step.operands:
        own = own_tree(operand)
        if own is None or operand.frame != step.frame:
            continue
        for place, leaf in enumerate(leaves):
            if place not in taken and any(each is own for each in view_chain(leaf)):
                places[slot] = place
                taken[place] = operand
                break
    for slot, operand in step.operands:
        if slot in places:
            continue
        free = [place for place, leaf in enumerate(leaves) if place not in taken and _is_variable(leaf)]
        found: int | None = slot if slot in free else None
        if found is None:
            base = base_of(names[operand.place])
            named = [each for each in free if isinstance(leaf := leaves[each], ast.Name) and leaf.id == base]
            found = named[0] if named else free[0] if len(free) == 1 else None
        if found is None:
            same = [each for each, other in taken.items() if other is operand]
            if not same:
                return None
            found = same[0]
        places[slot] = found
        taken[found] = operand
    return places


def own_tree(step: Step) -> ast.AST | None:
    """The expression whose value a step is."""
    piece = None if step.position is None else piece_of(step.position.code, step.position.offset)
    if piece is None or (isinstance(piece.tree, ast.Call) and not is_done_by(step, piece.tree)):
        return None
    above = piece.above()
    several = any(node.op is not None and node.op.name == "result" for node in step.nodes)
    if several and above is not None and isinstance(above.tree, (ast.Subscript, ast.Attribute)):
        # Picking one of several results is no step.
        return above.tree
    return piece.tree


def _is_variable(leaf: ast.expr) -> bool:
    return not isinstance(leaf, (ast.Constant, ast.JoinedStr, ast.Starred, ast.Lambda, ast.GeneratorExp)) and not (
        isinstance(leaf, ast.UnaryOp) and isinstance(leaf.operand, ast.Constant)
    )


def operand_within(leaf: ast.expr, step: Step, slot: int, operand: Step) -> ast.expr:
    """The part of a leaf that is the operand itself: what remains after the views that the step looks through."""
    chain = view_chain(leaf)
    own = own_tree(operand)
    for each in chain:
        if each is own:
            return each
    return chain[min(view_count(step, slot), len(chain) - 1)]


def is_view(leaf: ast.expr, step: Step, slot: int, name: str) -> bool:
    """Whether a variable is not an operand but a view of it that was made before."""
    if not isinstance(leaf, ast.Name) or leaf.id == base_of(name):
        return False
    uses = step.uses_of(slot)
    return bool(uses) and uses[0][0].op.name in ("index", "transpose") and view_count(step, slot) > 0
