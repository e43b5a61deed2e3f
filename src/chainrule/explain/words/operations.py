"""How a step was made, by the names of its ops, as where there is no source."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.explain.words.expression import Expression, main_node
from chainrule.explain.words.figures import short
from chainrule.explain.words.names import WRITES, taken_from
from chainrule.explain.words.views import view_count
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# Ops that are written as operators where there is no source.
OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "power": ast.Pow,
    "power_operator": ast.Pow,
    "float_power": ast.Pow,
    "remainder": ast.Mod,
    "floor_divide": ast.FloorDiv,
    **dict.fromkeys(("matmul", "matvec", "vecmat", "vecvec"), ast.MatMult),
}
# What ops are called where that is not what NumPy calls them.
_CALLED = {
    "reduce_sum": "sum",
    "reduce_prod": "prod",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_fmax": "fmax",
    "reduce_fmin": "fmin",
    "reduce_logaddexp": "logsumexp",
    "select": "where",
    "absolute": "abs",
    "variance": "var",
    "euclidean_norm": "norm",
}
# Arguments that are written where there is no source.
_ARGUMENTS = 6


def from_ops(step: Step, names: Sequence[str]) -> Expression:
    """The form by the names of ops, as where there is no source."""
    main = main_node(step)
    own = {operand: ast.Name(names[producer.place]) for operand, producer in _producers(step).items()}
    if step.op == "index" and len(step.nodes) == 1:
        return _indexed(step, names)
    inside = _led_to(step)
    parts: list[ast.expr] = []
    places: dict[int, int] = {}
    for k, operand in enumerate(main.operands):
        if type(operand) is Node:
            source = inside.get(operand, operand)
            parts.append(own.get(source, ast.Name("…")))
            for slot, producer in step.operands:
                if producer.result is source and slot not in places and k not in places.values():
                    places[slot] = k
        else:
            parts.append(written_constant(operand))
    name = str(main.op.name)
    tree: ast.expr
    if name in OPERATORS and len(parts) == 2:
        tree = ast.BinOp(parts[0], OPERATORS[name](), parts[1])
    elif name == "negative":
        tree = ast.UnaryOp(ast.USub(), parts[0])
    elif name == "square":
        tree = ast.BinOp(parts[0], ast.Pow(), ast.Constant(2))
    elif name == "raised":
        tree = ast.BinOp(parts[0], ast.Pow(), written_constant(main.params["exponent"]))
    elif name in WRITES and len(parts) == 2:
        value = _computed(main.operands[1], step, own) or parts[1]
        return Expression(value, _part(parts[0], main), parts, places, set(), operand_names(step, names))
    else:
        shown = parts if len(parts) <= _ARGUMENTS else [*parts[: _ARGUMENTS - 2], ast.Name("…"), parts[-1]]
        tree = ast.Call(ast.Name(_CALLED.get(name, name)), shown, [])
    tree = picked_result(tree, step)
    viewed = {slot for slot, _ in step.operands if view_count(step, slot)}
    # Parameters are not written.
    complete = len(step.nodes) == 1 and not main.params
    return Expression(tree, None, parts, places, viewed, operand_names(step, names), complete=complete)


def _computed(operand: Any, step: Step, own: Mapping[Node, ast.Name]) -> ast.expr | None:
    """What an operator in the same step made of two operands; None if something else did."""
    name = operand.op.name if type(operand) is Node and operand in step.nodes else ""
    if name not in OPERATORS or len(operand.operands) != 2:
        return None
    left, right = (_operand(x, own) for x in operand.operands)
    return None if left is None or right is None else ast.BinOp(left, OPERATORS[name](), right)


def _operand(x: Any, own: Mapping[Node, ast.Name]) -> ast.expr | None:
    """An operand of a step, a part of one, or a constant; None for anything else."""
    if type(x) is not Node:
        return written_constant(x)
    if x in own or x.op is None or x.op.name != "index":
        return own.get(x)
    whole = _operand(x.operands[0], own)
    return None if whole is None else _part(whole, x)


def _indexed(step: Step, names: Sequence[str]) -> Expression:
    """An entry or a part of an array, where the source does not say so: x[0] of an array that is unpacked."""
    part = ast.Name(names[step.operands[0][1].place])
    slot = step.operands[0][0]
    return Expression(_part(part, step.result), None, [part], {slot: 0}, set(), operand_names(step, names))


def _part(whole: ast.expr, node: Node) -> ast.expr:
    """What an op reads of an array, or writes into."""
    path = node.params.get("path")
    if path is None:
        return ast.Subscript(whole, ast.Constant(...))
    for key in path or ((...,),):
        if type(key) is tuple:
            items = [_key(each) for each in key]
            whole = ast.Subscript(whole, items[0] if len(items) == 1 else ast.Tuple(items))
        else:
            whole = ast.Attribute(whole, "T")
    return whole


def _key(key: Any) -> ast.expr:
    if isinstance(key, slice):
        ends = [None if end is None else ast.Constant(end) for end in (key.start, key.stop, key.step)]
        return ast.Slice(*ends)
    return ast.Constant(key) if key is None or key is ... or isinstance(key, int) else ast.Name("…")


def picked_result(tree: ast.expr, step: Step) -> ast.expr:
    """Of an op with several results the one that a step is."""
    place = taken_from(step)
    if place is None or not any(node.op.name == "result" for node in step.nodes):
        return tree
    return ast.Subscript(tree, ast.Constant(place))


def operand_names(step: Step, names: Sequence[str]) -> dict[int, str]:
    """By slot the name of the operand."""
    return {slot: names[operand.place] for slot, operand in step.operands}


def _producers(step: Step) -> dict[Node, Step]:
    return {producer.result: producer for _, producer in step.operands}


def _led_to(step: Step) -> dict[Node, Node]:
    """By node of a step the first operand from outside that it was made from."""
    own = set(step.nodes)
    first: dict[Node, Node] = {}
    for node in step.nodes:
        for operand in node.operands:
            if type(operand) is Node:
                first.setdefault(node, first.get(operand, operand) if operand in own else operand)
    return first


def written_constant(x: Any) -> ast.expr:
    """A constant operand: its number, or that it is an array."""
    if isinstance(x, (bool, np.bool_)):
        return ast.Constant(bool(x))
    if np.ndim(x) == 0 and not isinstance(x, (str, bytes)):
        try:
            number = np.asarray(x).item()
        except (TypeError, ValueError):
            return ast.Name("…")
        if isinstance(number, int):
            return ast.Constant(number)
        if isinstance(number, float) and np.isfinite(number):
            value = float(short(number)) if not number.is_integer() else int(number) if abs(number) < 1e15 else number
            return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
        return ast.Name(str(number))
    return ast.Name("const")
