"""Symbols of products of matrices and tensors: I ⊗ Bᵀ, A ⊗ I, and what einsum says of its labels."""

from __future__ import annotations

import ast
from typing import NamedTuple

from chainrule.explain.words.expression import Use
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.printing import written

# Ops of matrices: what the flattened Jacobian is, with A and B the operands, T the transposed, Y the result; {m}, {n}
# are the lengths of the result.
_PRODUCTS: dict[str, tuple[str, str]] = {
    "matmul": ("I{m} ⊗ {bT}", "{a} ⊗ I{n}"),
    "matvec": ("I{m} ⊗ {bT}", "{a}"),
    "vecmat": ("{bT}", "{aT} ⊗ I{n}"),
    "vecvec": ("{bT}", "{aT}"),
    "vecdot": ("{bT}", "{aT}"),
}
# Functions whose operands these ops take, an operator included; others may transpose them first.
_TAKEN_AS_THEY_ARE = frozenset((None, "dot", "matmul", "matvec", "vecmat", "vecdot"))
# What `dot` is, by the dimensions of its operands.
_DOTS = {(1, 1): "vecvec", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmul"}
_OPERANDS = {op: dimensions for dimensions, op in _DOTS.items()} | {"vecdot": (1, 1)}


class Matrix(NamedTuple):
    """A matrix in a symbol, as it is and transposed."""

    plain: str
    transposed: str


def matrix(tree: ast.expr) -> Matrix:
    """A matrix in a symbol; `B.T` is Bᵀ, and transposed B."""
    turned = False
    while isinstance(tree, ast.Attribute) and tree.attr in ("T", "mT"):
        turned, tree = not turned, tree.value
    name = written(tree)
    plain = name if isinstance(tree, (ast.Name, ast.Subscript, ast.Call, ast.Attribute)) else f"({name})"
    forms = (plain, f"{plain}ᵀ")
    return Matrix(forms[turned], forms[not turned])


def product(use: Use) -> str | None:
    """The Jacobian of a product of two, for one of them."""
    if len(use.parts) != 2 or not use.is_shown(1 - use.place):
        return None
    if use.op in ("einsum", "tensordot"):
        return _contracted(use)
    if use.expression.function not in _TAKEN_AS_THEY_ARE and _other_dimensions(use) != 1:
        # inner(A, B) is A @ B.T.
        return None
    op, dimensions = use.op, _dimensions(use)
    if op == "dot":
        op = _DOTS.get(dimensions, op)
    if op not in _PRODUCTS or dimensions != _OPERANDS[op]:
        return None
    a, b = map(matrix, use.parts)
    shape = use.jacobian.out_shape
    m = shape[0] if shape else 1
    n = shape[-1] if shape else 1
    text = _PRODUCTS[op][use.place]
    return text.format(a=a.plain, b=b.plain, aT=a.transposed, bT=b.transposed, m=subscript(m), n=subscript(n))


def _other_dimensions(use: Use) -> int:
    """The dimensions of the other operand of a product, from the result's if no more is known."""
    shapes = use.expression.shapes
    known = shapes[1 - use.place] if len(shapes) == 2 else None
    return len(use.jacobian.out_shape) + 2 - len(use.jacobian.in_shape) if known is None else len(known)


def _dimensions(use: Use) -> tuple[int, int]:
    """The dimensions of both operands of a product."""
    own, other = len(use.jacobian.in_shape), _other_dimensions(use)
    return (own, other) if use.place == 0 else (other, own)


def _contracted(use: Use) -> str | None:
    """The same of `einsum`, by its labels: those that only the operand has in the result are an identity beside."""
    terms, _, result = str(use.params["subscripts"]).partition("->")
    first, _, second = terms.partition(",")
    own, other = (first, second) if use.place == 0 else (second, first)
    factor = matrix(use.parts[1 - use.place])
    if any(len(set(labels)) < len(labels) for labels in (own, other, result)) or max(map(len, (own, other))) > 2:
        return None
    if own == result == other:
        return f"diag({factor.plain})"
    if any(label in other and label in result for label in own) or any(
        label not in result and label not in other for label in own
    ):
        return None
    # Labels of the identity, of the rows and of the columns of the other operand.
    same = "".join(label for label in own if label in result)
    rows = "".join(label for label in result if label in other)
    columns = "".join(label for label in own if label in other)
    if len(rows) > 1 or len(columns) > 1:
        return f"vec({factor.plain})ᵀ" if not same and not rows and columns == other else None
    if sorted(other) != sorted(rows + columns):
        return None
    text = factor.plain if other == rows + columns and rows else factor.transposed
    if not same:
        return text
    unit = f"I{subscript(_length(own, use.jacobian.in_shape, same))}"
    if result == same + rows and own == same + columns:
        return f"{unit} ⊗ {text}"
    if result == rows + same and own == columns + same:
        return f"{text} ⊗ {unit}"
    return None


def _length(labels: str, shape: tuple[int, ...], some: str) -> int:
    """How many entries there are along some labels."""
    length = 1
    for label, n in zip(labels, shape, strict=True):
        length *= n if label in some else 1
    return length
