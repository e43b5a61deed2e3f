"""Symbols of reductions: sums, means, norms and the like; rows of ones, of weights, of the entry that is chosen."""

from __future__ import annotations

import ast
from math import prod

import numpy as np

from chainrule.explain.words.expression import Use, works_of
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.partials import filled, number_tree, simplified
from chainrule.explain.words.printing import written

# By op the weights of its entries, a the operand, y the result and n the number of entries, or a parameter.
_WEIGHTS = {
    "reduce_logaddexp": "exp(a-y)",
    "euclidean_norm": "a/y",
    "power_norm": "sign(a)*(abs(a)/y)**n",
    "variance": "2*(a-mean(a))/n",
    "root_of_squares": "(a-mean(a))/(n*y)",
    "reduce_prod": "y/a",
}
_CHOICES = {"reduce_max": "argmax", "reduce_min": "argmin", "reduce_fmax": "argmax", "reduce_fmin": "argmin"}


def ones(count: int) -> str:
    """A row of ones."""
    return f"[{' '.join(['1'] * count)}]" if 0 < count <= 4 else "1ᵀ"


def reduced(use: Use) -> str | None:
    """The Jacobian of a step that reduces an array, perhaps after an elementwise op: weights, then a sum."""
    names, jacobian = works_of(use.step), use.jacobian
    if names == ["reduce_sum", "divide"] and use.expression.function == "mean":
        return _mean(use)
    if names == ["reduce_sum"]:
        return _summed(use)
    if len(names) == 1 and names[0] in _CHOICES:
        return _chosen(use, names[0], use.part)
    if names == ["absolute", "reduce_max"] or names == ["absolute", "reduce_min"]:
        chosen = _chosen(use, names[1], ast.Call(ast.Name("abs"), [use.part], []))
        return chosen if chosen is None else f"{chosen}@diag({written(_signs(use))})"
    if names == ["absolute", "reduce_sum"]:
        return _weighted(_signs(use), use)
    if names[:2] == ["svdvals", "select"] and len(jacobian.in_shape) == 2 and jacobian.rows == 1:
        return {"reduce_sum": "vec(U@Vᵀ)ᵀ", "reduce_max": "vec(u1@v1ᵀ)ᵀ"}.get(names[-1])
    if names == ["variance", "root_of_squares"] or (len(names) == 1 and names[0] in _WEIGHTS):
        return _by_weights(use, names)
    return None


def _summed(use: Use) -> str | None:
    """A sum over all axes is a row of ones; over the first or the last ones it is a Kronecker product with one."""
    jacobian = use.jacobian
    if jacobian.rows == 1:
        return ones(jacobian.columns)
    match _side(use):
        case "last":
            return f"I{subscript(jacobian.rows)} ⊗ 1ᵀ"
        case "first":
            return f"1ᵀ ⊗ I{subscript(jacobian.rows)}"
        case _:
            return None


def _side(use: Use) -> str | None:
    """Whether a step reduces over the first or the last axes of its operand; None if neither."""
    node = next((node for node in use.step.nodes if "axes" in node.params or "axis" in node.params), None)
    if node is None or node.op.name == "transpose" or np.shape(node.operands[0]) != use.jacobian.in_shape:
        return None
    count = len(use.jacobian.in_shape)
    axes = sorted(node.params["axes"] if "axes" in node.params else (node.params["axis"],))
    if axes == list(range(count - len(axes), count)):
        return "last"
    return "first" if axes == list(range(len(axes))) else None


def _mean(use: Use) -> str | None:
    jacobian = use.jacobian
    count = jacobian.columns // max(jacobian.rows, 1)
    if jacobian.rows == 1:
        row = ones(jacobian.columns)
        return row if count == 1 else f"{row}/{count}"
    total = _summed(use)
    return None if total is None else f"({total})/{count}"


def _signs(use: Use) -> ast.expr:
    return ast.Call(ast.Name("sign"), [use.part], [])


def _chosen(use: Use, op: str, where: ast.expr) -> str | None:
    """The row of the identity that picks the greatest or the least entry, if it is the only one."""
    entries, jacobian = use.jacobian.entries, use.jacobian
    if entries is None or jacobian.rows != 1 or len(jacobian.in_shape) != 1 or np.count_nonzero(entries) != 1:
        return None
    place = ast.Call(ast.Name(_CHOICES[op]), [where], [])
    return written(ast.Subscript(ast.Name(f"I{subscript(jacobian.columns)}"), place))


def _by_weights(use: Use, names: list[str]) -> str | None:
    jacobian = use.jacobian
    count = jacobian.columns // max(jacobian.rows, 1)
    number = float(count)
    if names[0] == "variance":
        # Only over all axes: the mean along some would need to say which.
        if jacobian.rows != 1:
            return None
        number -= next(node for node in use.step.nodes if node.op.name == "variance").params["ddof"]
    if names[-1] == "power_norm":
        number = float(use.params["order"]) - 1
    if names[-1] == "reduce_logaddexp" and abs(use.params["base"] - np.e) > 1e-12:
        return None
    if names[-1] == "reduce_prod":
        # Where an entry is 0 the product of the others is no quotient.
        entries = jacobian.entries
        if entries is None or np.count_nonzero(entries) != jacobian.columns:
            return None
    result = _lifted(use)
    if result is None:
        return None
    tree = simplified(filled(_WEIGHTS[names[-1]], {"a": use.part, "y": result, "n": number_tree(number)}))
    return _weighted(tree, use)


def _lifted(use: Use) -> ast.expr | None:
    """The result of a reduction such that it broadcasts with the operand."""
    out_shape, in_shape = use.jacobian.out_shape, use.jacobian.in_shape
    if use.jacobian.rows == 1 or len(in_shape) == len(out_shape):
        return ast.Name(use.name)
    match _side(use):
        case "first":
            return ast.Name(use.name)
        case "last" if len(in_shape) == len(out_shape) + 1:
            every = [ast.Slice() for _ in out_shape]
            return ast.Subscript(ast.Name(use.name), ast.Tuple([*every, ast.Constant(None)]))
        case _:
            return None


def _weighted(weights: ast.expr, use: Use) -> str | None:
    """A row of weights, or their diagonal and then a sum."""
    jacobian = use.jacobian
    if jacobian.rows == 1:
        text = written(weights)
        if len(jacobian.in_shape) != 1:
            return f"vec({text})ᵀ" if prod(jacobian.in_shape) > 1 else text
        simple = isinstance(weights, (ast.Name, ast.Call, ast.Subscript))
        if isinstance(weights, ast.BinOp) and isinstance(weights.op, ast.Div) and isinstance(weights.left, ast.Name):
            # xᵀ/y rather than (x/y)ᵀ.
            return written(ast.BinOp(ast.Name(f"{weights.left.id}ᵀ"), ast.Div(), weights.right))
        return f"{text}ᵀ" if simple else f"({text})ᵀ"
    total = _summed(use)
    return None if total is None else f"({total})@diag({written(weights)})"
