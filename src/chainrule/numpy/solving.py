"""NumPy's linear systems, inverses, determinants and powers of matrices."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.generalized_ufuncs import matmul_values
from chainrule.numpy.handle import Array, fresh, look, wrap
from chainrule.numpy.matrices import floating, matrix, require_square, square_matrix
from chainrule.numpy.operands import value_of
from chainrule.ops.compositions import size_of
from chainrule.trace import Value

# The named tuple that NumPy returns, which it does not export by name.
SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))

MISSING: Any = np._NoValue
# NumPy's default for the relative size of singular values that count as 0.
_RCOND = 1e-15


@traced_form(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The x with a x = b, where b is a vector, or a stack of matrices of right sides."""
    a, b = floating(a, b)
    require_square(a)
    if b.ndim == 0:
        raise ValueError("solve: Input operand 1 does not have enough dimensions")
    vector = b.ndim == 1
    rows = b.shape[0] if vector else b.shape[-2]
    if rows != a.shape[-1]:
        raise ValueError(f"solve: a has {a.shape[-1]} rows, and b {rows}")
    if not vector:
        return wrap(ops.solve(a, b))
    x = ops.solve(a, ops.reshape(b, shape=(*b.shape, 1)))
    return wrap(ops.reshape(x, shape=x.shape[:-1]))


@traced_form(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The tensor x with Σ a x = b, summed over the last axes of a, as many as x has."""
    x, y = value_of(a), value_of(b)
    if axes is not None:
        order = list(range(x.ndim))
        for axis in axes:
            order.remove(axis)
            order.insert(x.ndim, axis)
        x = ops.transpose(x, axes=tuple(order))
    shape = x.shape[-(x.ndim - y.ndim) :]
    size = math.prod(shape)
    if x.size != size**2:
        raise LinAlgError("Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])")
    z = value_of(solve(wrap(ops.reshape(x, shape=(size, size))), wrap(ops.reshape(y, shape=(y.size,)))))
    return fresh(ops.reshape(z, shape=shape))


@traced_form(np.linalg.inv)
def inv(a: Any) -> Any:
    """The inverse of square matrices."""
    return wrap(ops.inv(square_matrix(a)))


@traced_form(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a tensor, read as a matrix whose rows are its first `ind` axes."""
    x = value_of(a)
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    shape = x.shape[ind:] + x.shape[:ind]
    rows = size_of(x.shape[ind:])
    y = ops.inv(square_matrix(wrap(ops.reshape(x, shape=(rows, x.size // rows if rows else 0)))))
    return wrap(ops.reshape(y, shape=shape))


@traced_form(np.linalg.det)
def det(a: Any) -> Any:
    """The determinant of square matrices."""
    return wrap(ops.det(square_matrix(a)))


@traced_form(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign of the determinant and the logarithm of its absolute value."""
    sign, logarithm = ops.slogdet(square_matrix(a))
    return SlogdetResult(wrap(sign), wrap(logarithm))


@traced_form(np.linalg.matrix_power)
def matrix_power(a: Any, n: Any) -> Any:
    """The n-th power of square matrices, of their inverses for n < 0."""
    x = value_of(a)
    require_square(x)
    try:
        n = operator.index(n)
    except TypeError as error:
        raise TypeError("exponent must be an integer") from error
    if n == 0:
        return fresh(np.array(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)))
    if n == 1:
        return a if isinstance(a, Array) else wrap(x)
    if n < 0:
        x = ops.inv(square_matrix(wrap(x)))
    exponent = abs(n)
    if exponent == 3:
        return wrap(matmul_values(matmul_values(x, x), x))
    result = None
    while exponent > 0:
        exponent, odd = divmod(exponent, 2)
        if odd:
            result = x if result is None else matmul_values(result, x)
        if exponent:
            x = matmul_values(x, x)
    return wrap(result)


@traced_form(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = MISSING) -> Any:
    """The pseudoinverse: singular values of at most `rcond` (or `rtol`) times the greatest count as 0."""
    x = value_of(a)
    if rcond is not None:
        if rtol is not MISSING:
            raise ValueError("`rtol` and `rcond` can't be both set.")
    elif rtol is MISSING:
        rcond = _RCOND
    elif rtol is None:
        rcond = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    else:
        rcond = rtol
    x = matrix(x)
    limit = np.asarray(look(value_of(rcond)))
    truncates = bool(np.any(limit > max(x.shape[-2:], default=0) * np.finfo(x.dtype).eps * 10))
    return wrap(ops.pinv(x, limit, hermitian=bool(hermitian), truncates=truncates))


@traced_form(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The x with the least |b - a x|, of these the least; the squares of that; the rank; the singular values.

    Squares are given only where a has more rows than columns and full rank.
    """
    a, b = floating(a, b)
    vector = b.ndim == 1
    if vector:
        b = ops.reshape(b, shape=(*b.shape, 1))
    for x in (a, b):
        if x.ndim != 2:
            raise LinAlgError(f"{x.ndim}-dimensional array given. Array must be two-dimensional")
    m, n = a.shape
    if b.shape[0] != m:
        raise LinAlgError("Incompatible dimensions")
    eps = float(np.finfo(np.float64).eps)
    limit = eps * max(m, n) if rcond is None else float(look(value_of(rcond)))
    limit = eps if limit < 0 else limit
    x, residuals, rank, values = ops.lstsq(a, b, rcond=limit, truncates=limit > max(m, n) * eps * 10)
    if vector:
        x = ops.reshape(x, shape=x.shape[:-1])
    if m <= n or look(rank) != n:
        residuals = np.array([], values.dtype)
    return wrap(x), wrap(residuals), rank if type(rank) is not Value else wrap(rank), wrap(values)


__all__ = ["det", "inv", "lstsq", "matrix_power", "pinv", "slogdet", "solve", "tensorinv", "tensorsolve"]
