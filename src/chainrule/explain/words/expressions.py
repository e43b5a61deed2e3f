"""How each value was made, as the user wrote it, with the values that it was made from called by their names."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence, Set
from functools import lru_cache
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

import numpy as np

from chainrule.explain.words.expression import Expression, main_node
from chainrule.explain.words.names import WRITES
from chainrule.explain.words.operands import (
    in_order,
    is_done_by,
    is_view,
    leaves_of,
    matched_places,
    operand_within,
    own_tree,
)
from chainrule.explain.words.operations import from_ops, operand_names, picked_result, written_constant
from chainrule.explain.words.source import Parsed, Piece, piece_of
from chainrule.explain.words.substitution import Substitution
from chainrule.explain.words.views import MODULES, reads_view, writes_view
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step


def expression_of(step: Step, names: Sequence[str], known: Set[str]) -> Expression:
    """How a step was made, by the source if it is at hand, otherwise by the ops; `known` are the names as a set."""
    if step.is_input:
        return Expression(ast.Name(names[step.place]), None, [], {}, set(), {})
    try:
        expression = _from_source(step, names, known) or from_ops(step, names)
    except RecursionError:
        # The source nests deeper than Python calls.
        expression = from_ops(step, names)
    if step.result.shape:
        expression.numbers = _single_numbers(step, names, expression.parts)
    if step.result.shape or any(operand.result.shape for _, operand in step.operands):
        expression.shapes = _shapes(step, expression)
    return expression


def _shapes(step: Step, expression: Expression) -> tuple[tuple[int, ...] | None, ...]:
    """The shapes of the parts of an expression, where the op takes them as they are."""
    main = main_node(step)
    if len(main.operands) != len(expression.parts):
        return ()
    own = {operand.result for _, operand in step.operands}
    return tuple(
        np.shape(operand) if type(operand) is not Node else operand.shape if operand in own else None
        for operand in main.operands
    )


def _single_numbers(step: Step, names: Sequence[str], parts: Sequence[ast.expr]) -> frozenset[str]:
    """The names of operands and constants that have no axes, in a step whose result has some."""
    numbers = {names[operand.place] for _, operand in step.operands if operand.result.shape == ()}
    main = main_node(step)
    if len(main.operands) == len(parts):
        for part, operand in zip(parts, main.operands, strict=True):
            if type(operand) is not Node and np.ndim(operand) == 0:
                numbers.update(each.id for each in ast.walk(part) if isinstance(each, ast.Name))
    return frozenset(numbers)


def _from_source(step: Step, names: Sequence[str], known: Set[str]) -> Expression | None:
    if step.position is None:
        return None
    piece = piece_of(step.position.code, step.position.offset)
    if piece is None:
        return None
    if step.op in WRITES:
        above = piece.above()
        whole = piece.tree if above is None or isinstance(piece.tree, ast.AugAssign) else above.tree
        if isinstance(whole, ast.AugAssign) and isinstance(whole.target, ast.Subscript):
            return _augmented_write(whole, whole.target, step, names)
    if any(operand.entry == step.entry for _, operand in step.operands if operand.entry is not None):
        # A part of what the instruction did has no source of its own.
        return None
    if reads_view(step, piece.tree) or (isinstance(piece.tree, ast.Call) and not is_done_by(step, piece.tree)):
        return None
    modules = _modules(piece.parsed, step.position.code)
    form = _form(piece, step, modules)
    if form is None:
        return None
    tree, written_to, leaves, function = form
    places = matched_places(step, leaves, names)
    if places is None:
        return None
    substitution = Substitution(_numbers_of(piece, step, leaves, known), _numbers_in(piece, step, leaves), modules)
    parts: list[ast.expr] = list(leaves)
    viewed: set[int] = set()
    for place, leaf in enumerate(leaves):
        slots = [slot for slot, matched in places.items() if matched == place]
        operands = [operand for slot, operand in step.operands if slot in slots]
        if not operands:
            continue
        inner = operand_within(leaf, step, slots[0], operands[0])
        if inner is not leaf:
            viewed.update(slots)
        elif is_view(leaf, step, slots[0], names[operands[0].place]):
            # A variable that holds a view is no value of its own.
            viewed.update(slots)
            continue
        substitution.by_tree[inner] = ast.Name(names[operands[0].place])
    parts = [substitution.visit(leaf) for leaf in leaves]
    if written_to is not None:
        written_to = substitution.visit(written_to)
    result = picked_result(substitution.visit(tree), step)
    return Expression(result, written_to, parts, places, viewed, operand_names(step, names), function, complete=True)


def _augmented_write(
    statement: ast.AugAssign, target: ast.Subscript, step: Step, names: Sequence[str]
) -> Expression | None:
    """The second half of `y[0] += s`: what was added up goes back into the array."""
    inside = [operand for _, operand in step.operands if own_tree(operand) is statement]
    if len(inside) != 1 or len(step.operands) > 2:
        return None
    value = ast.Name(names[inside[0].place])
    whole = next((ast.Name(names[operand.place]) for _, operand in step.operands if operand is not inside[0]), None)
    part = ast.Subscript(whole or target.value, target.slice)
    parts: list[ast.expr] = [part.value, value]
    places = {slot: int(operand is inside[0]) for slot, operand in step.operands}
    return Expression(value, part, parts, places, set(), operand_names(step, names))


@lru_cache(maxsize=1024)
def _modules(parsed: Parsed, code: CodeType) -> frozenset[str]:
    """What modules are called in a piece of source."""
    elsewhere = MODULES.difference(code.co_varnames, code.co_freevars, code.co_cellvars)
    main = vars(sys.modules["__main__"])
    loaded = [name for name in code.co_names if type(main.get(name)) is ModuleType]
    return frozenset((*parsed.modules, *elsewhere, *loaded))


@lru_cache(maxsize=65536)
def _loop_variables(piece: Piece) -> frozenset[str]:
    """The variables of the loops round a piece of source."""
    loops: set[str] = set()
    above = piece.above()
    while above is not None and not isinstance(above.tree, (ast.FunctionDef, ast.Lambda)):
        if isinstance(above.tree, ast.For):
            loops.update(each.id for each in ast.walk(above.tree.target) if isinstance(each, ast.Name))
        elif isinstance(above.tree, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            for part in above.tree.generators:
                loops.update(each.id for each in ast.walk(part.target) if isinstance(each, ast.Name))
        above = above.above()
    return frozenset(loops)


def _numbers_of(piece: Piece, step: Step, leaves: list[ast.expr], known: Set[str]) -> dict[str, ast.expr]:
    """The numbers that variables have which are called as a value is, or belong to a loop; if the op tells."""
    loops = _loop_variables(piece)
    numbers: dict[str, ast.expr] = {}
    main = main_node(step)
    if len(main.operands) == len(leaves):
        for leaf, operand in zip(leaves, main.operands, strict=True):
            if (
                isinstance(leaf, ast.Name)
                and (leaf.id in loops or leaf.id in known)
                and type(operand) is not Node
                and np.ndim(operand) == 0
            ):
                numbers[leaf.id] = written_constant(operand)
    match piece.tree:
        case ast.Subscript(slice=ast.Name(id=name)) if name in loops and step.op == "index":
            last = step.result.params["path"][-1] if step.result.op.name == "index" else ()
            if type(last) is tuple and len(last) == 1 and isinstance(last[0], int):
                numbers[name] = ast.Constant(int(last[0]))
        case _:
            pass
    return numbers


def _numbers_in(piece: Piece, step: Step, leaves: list[ast.expr]) -> dict[ast.AST, ast.expr]:
    """The numbers that expressions of the variables of loops have, as operands of this run: 0.1*k."""
    loops = _loop_variables(piece)
    main = main_node(step)
    if not loops or len(main.operands) != len(leaves):
        return {}
    return {
        leaf: written_constant(operand)
        for leaf, operand in zip(leaves, main.operands, strict=True)
        if not isinstance(leaf, ast.Name)
        and type(operand) is not Node
        and np.ndim(operand) == 0
        and any(isinstance(each, ast.Name) and each.id in loops for each in ast.walk(leaf))
    }


def _form(
    piece: Piece, step: Step, modules: Set[str]
) -> tuple[ast.expr, ast.expr | None, list[ast.expr], str | None] | None:
    """The expression, what is written to, the places of its operands, and the function that is called."""
    writes = step.op in WRITES
    match piece.tree:
        case ast.AugAssign(target=target, op=op, value=value):
            combined = ast.BinOp(target, op, value)
            if writes and writes_view(step, target):
                return None
            if writes and isinstance(target, ast.Subscript):
                return combined, target, [target.value, value], None
            return combined, None, [target, value], None
        case ast.Subscript(ctx=ast.Store()) as target:
            above = piece.above()
            if above is None or not isinstance(above.tree, ast.Assign) or not writes or writes_view(step, target):
                return None
            return above.tree.value, target, [target.value, above.tree.value], None
        case ast.BinOp(left=left, right=right):
            return piece.tree, None, [left, right], None
        case ast.UnaryOp(operand=operand):
            return piece.tree, None, [operand], None
        case ast.Compare(left=left, comparators=others):
            return piece.tree, None, [left, *others], None
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            above = piece.above()
            if above is not None and isinstance(above.tree, (ast.For, ast.comprehension)):
                return None
            return piece.tree, None, [value], None
        case ast.Call(func=function, args=arguments, keywords=keywords):
            name = function.id if isinstance(function, ast.Name) else None
            if isinstance(function, ast.Attribute):
                name = function.attr
            given = in_order(keywords, name)
            if given is None:
                return None
            leaves = [leaf for each in [*arguments, *given] for leaf in leaves_of(each)]
            if isinstance(function, ast.Attribute):
                root: ast.expr = function
                while isinstance(root, ast.Attribute):
                    root = root.value
                if not isinstance(root, ast.Name) or root.id not in modules:
                    leaves.insert(0, function.value)
            return piece.tree, None, leaves, name
        case _:
            return None
