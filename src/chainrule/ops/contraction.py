"""Sums of products.

`matmul`, `matvec`, `vecmat` and `vecvec` are NumPy's `@`, for matrices and vectors; `dot` and `vecdot` call BLAS in
other ways, and round differently. `einsum` is spelled out: `"ij,jk->ik"`, without ellipses, with the labels of the
result. A label has one size, and no operand has it twice.
"""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, BinaryOp, Op


def _matmul_infer(x: Any, y: Any) -> Abstract:
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return Abstract((*stack, x.shape[-2], y.shape[-1]), np.result_type(x.dtype, y.dtype))


def _matvec_evaluate(x: Any, v: Any) -> Any:
    return np.matmul(x, v) if v.ndim == 1 else np.matmul(x, v[..., None])[..., 0]


def _vecmat_evaluate(v: Any, x: Any) -> Any:
    return np.matmul(v, x) if v.ndim == 1 else np.matmul(v[..., None, :], x)[..., 0, :]


def _matvec_infer(x: Any, v: Any) -> Abstract:
    stack = np.broadcast_shapes(x.shape[:-2], v.shape[:-1])
    return Abstract((*stack, x.shape[-2]), np.result_type(x.dtype, v.dtype))


def _vecmat_infer(v: Any, x: Any) -> Abstract:
    stack = np.broadcast_shapes(v.shape[:-1], x.shape[:-2])
    return Abstract((*stack, x.shape[-1]), np.result_type(v.dtype, x.dtype))


def _vecvec_evaluate(v: Any, w: Any) -> Any:
    return np.matmul(v, w) if v.ndim == w.ndim == 1 else np.matmul(v[..., None, :], w[..., None])[..., 0, 0]


def _vecdot_infer(v: Any, w: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(v.shape, w.shape)[:-1], np.result_type(v.dtype, w.dtype))


def _dot_infer(x: Any, y: Any) -> Abstract:
    if not x.ndim or not y.ndim:
        return Abstract(x.shape or y.shape, np.result_type(x.dtype, y.dtype))
    rest = y.shape[:-2] + y.shape[-1:] if y.ndim > 1 else ()
    return Abstract((*x.shape[:-1], *rest), np.result_type(x.dtype, y.dtype))


def split_subscripts(subscripts: str) -> tuple[list[str], str]:
    """The labels of each operand, and those of the result: `"ij,jk->ik"` is `["ij", "jk"]` and `"ik"`."""
    terms, _, result = subscripts.partition("->")
    return terms.split(","), result


def _einsum_evaluate(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


def _einsum_infer(*operands: Any, subscripts: str) -> Abstract:
    terms, result = split_subscripts(subscripts)
    sizes = dict(pair for term, x in zip(terms, operands, strict=True) for pair in zip(term, x.shape, strict=True))
    return Abstract(tuple(sizes[label] for label in result), np.result_type(*(x.dtype for x in operands)))


def _cross_evaluate(v: Any, w: Any) -> Any:
    if v.ndim == w.ndim == 1 and v.dtype.kind != "c":
        # As numbers, which are multiplied as arrays are if they are real.
        (a, b, c), (d, e, f) = v, w
        return np.array((b * f - c * e, c * d - a * f, a * e - b * d))
    (a, b, c), (d, e, f) = ([x[..., k, None] for k in range(3)] for x in (v, w))
    return np.concatenate((b * f - c * e, c * d - a * f, a * e - b * d), -1)


def _cross_infer(v: Any, w: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(v.shape, w.shape), np.result_type(v.dtype, w.dtype))


# (…, m, k) (…, k, n) -> (…, m, n); the stacks before the last two axes broadcast, as they do for the next three.
matmul = BinaryOp("matmul", np.matmul, _matmul_infer, core=(2, 2))
# (…, m, n) (…, n) -> (…, m).
matvec = BinaryOp("matvec", _matvec_evaluate, _matvec_infer, core=(2, 1))
# (…, m) (…, m, n) -> (…, n).
vecmat = BinaryOp("vecmat", _vecmat_evaluate, _vecmat_infer, core=(1, 2))
# (…, n) (…, n) -> (…).
vecvec = BinaryOp("vecvec", _vecvec_evaluate, _vecdot_infer, core=(1, 1))
# (…, n) (…, n) -> (…), with the conjugate of the first vector.
vecdot = BinaryOp("vecdot", np.vecdot, _vecdot_infer, core=(1, 1))
# (…, 3) (…, 3) -> (…, 3), the cross product.
cross = BinaryOp("cross", _cross_evaluate, _cross_infer, core=(1, 1))
# (*a, k) (*b, k, n) -> (*a, *b, n), and (*a, k) (k) -> (*a); a number times an array.
dot = BinaryOp("dot", np.dot, _dot_infer)
einsum = Op("einsum", _einsum_evaluate, _einsum_infer)
