"""Polynomials as vectors of coefficients, that of the highest power first."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.comparison import allclose
from chainrule.numpy.constants import traced_form
from chainrule.numpy.convolution import convolve
from chainrule.numpy.handle import fresh, look, wrap
from chainrule.numpy.joining import concatenate
from chainrule.numpy.matrices import square_matrix
from chainrule.numpy.movement import atleast_1d
from chainrule.numpy.operands import array_of, converted, plain, resists, value_of
from chainrule.numpy.solving import inv, lstsq
from chainrule.numpy.table import implements, name_of
from chainrule.numpy.triangles import vander
from chainrule.numpy.ufuncs import UFUNCS

_DOUBLE = np.dtype(np.float64)


class _PolynomialType(type):
    """The type of what stands for `np.poly1d`: it makes polynomials of numbers, and refuses what is traced."""

    def __call__(cls, c_or_r: Any, r: Any = False, variable: Any = None) -> Any:
        if resists(c_or_r):
            raise _refusal(np.poly1d)
        return np.poly1d(plain(c_or_r), r, variable)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, np.poly1d)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, np.poly1d)


@implements(np.poly1d)
class PolynomialOfNumbers(metaclass=_PolynomialType):
    """`np.poly1d` inside differentiated functions."""


def _refusal(function: Any) -> NoRuleError:
    return NoRuleError(
        f"`{name_of(function)}` would put a value that carries a derivative into a `np.poly1d`, which holds "
        f"numbers only.{describe(here())}\n"
        "  Pass coefficients as arrays, `p.coeffs` for a polynomial of numbers, to `np.polyval` and its kin,\n"
        "  or make a `np.polynomial.Polynomial`, of the lowest power first, which carries derivatives."
    )


def _refuse_polynomial_objects(function: Any, *operands: Any) -> None:
    if any(isinstance(x, np.poly1d) for x in operands):
        raise _refusal(function)


@traced_form(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """The value of a polynomial, by Horner's scheme."""
    _refuse_polynomial_objects(np.polyval, x)
    at = array_of(x)
    y: Any = fresh(np.zeros(at.shape, at.dtype))
    for coefficient in array_of(p):
        y = y * at + coefficient
    return y


@traced_form(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    _refuse_polynomial_objects(np.polyadd, a1, a2)
    first, second = _of_one_length(atleast_1d(a1), atleast_1d(a2))
    return first + second


@traced_form(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    _refuse_polynomial_objects(np.polysub, a1, a2)
    first, second = _of_one_length(atleast_1d(a1), atleast_1d(a2))
    return first - second


def _of_one_length(a: Any, b: Any) -> tuple[Any, Any]:
    """Two polynomials, the shorter one with zeros for the powers that it has not."""
    lacking = len(b) - len(a)
    if lacking > 0:
        a = concatenate((np.zeros(lacking, a.dtype), a))
    elif lacking < 0:
        b = concatenate((np.zeros(-lacking, b.dtype), b))
    return a, b


@traced_form(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials, whose first coefficients are left out of the result where they are 0."""
    _refuse_polynomial_objects(np.polymul, a1, a2)
    factors = [array_of(atleast_1d(a)) for a in (a1, a2)]
    if any(factor.ndim > 1 for factor in factors):
        raise ValueError("Polynomial must be 1d only.")
    # A coefficient that is 0 now takes part in those of lower powers, so only the result loses what NumPy leaves out.
    factors = [factor if factor.size else fresh(np.zeros(1, factor.dtype)) for factor in factors]
    left_out = sum(min(_leading_zeros(factor._read()), factor.size - 1) for factor in factors)
    return convolve(*factors)[left_out:]


def _leading_zeros(p: Any) -> int:
    """How many of the first coefficients are 0."""
    count: int = p.shape[0]
    for place in range(count):
        if bool(look(ops.index(p, path=((place,),)) != 0)):
            return place
    return count


@traced_form(np.polydiv)
def polydiv(u: Any, v: Any) -> Any:
    """Quotient and remainder of two polynomials; what is as good as 0 at the beginning of the remainder is left out."""
    _refuse_polynomial_objects(np.polydiv, u, v)
    dividend, divisor = atleast_1d(u) + 0.0, atleast_1d(v) + 0.0
    dtype = (dividend[0] + divisor[0]).dtype
    m, n = len(dividend) - 1, len(divisor) - 1
    scale = 1.0 / divisor[0]
    quotient = fresh(np.zeros(max(m - n + 1, 1), dtype))
    remainder = dividend.astype(dtype)
    for k in range(m - n + 1):
        factor = scale * remainder[k]
        quotient[k] = factor
        remainder[k : k + n + 1] -= factor * divisor
    while remainder.shape[-1] > 1 and allclose(remainder[0], 0, rtol=1e-14):
        remainder = remainder[1:]
    return quotient, remainder


@traced_form(np.polyder)
def polyder(p: Any, m: Any = 1) -> Any:
    """The m-th derivative of a polynomial."""
    m = int(m)
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    _refuse_polynomial_objects(np.polyder, p)
    y: Any = array_of(p)
    for _ in range(m):
        y = y[:-1] * np.arange(len(y) - 1, 0, -1)
    return y


@traced_form(np.polyint)
def polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    """The m-th integral of a polynomial, with constants of integration, the first one that of the first integral."""
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    _refuse_polynomial_objects(np.polyint, p)
    constants = atleast_1d(np.zeros(m, float) if k is None else k)
    if len(constants) == 1 and m > 1:
        constants = constants[0] * np.ones(m, float)
    if len(constants) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    y: Any = array_of(p)
    for place in range(m):
        y = concatenate((y / np.arange(len(y), 0, -1), constants[place : place + 1]))
    return y


@traced_form(np.polyfit)
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The polynomial of a degree with the least sum of squared distances from points, each weighted by w².

    With `full` also what `lstsq` says of the fit; with `cov` the covariance matrix of the coefficients.
    """
    order = int(deg) + 1
    places, values = array_of(x) + 0.0, array_of(y) + 0.0
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if places.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if places.size == 0:
        raise TypeError("expected non-empty vector for x")
    if values.ndim < 1 or values.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if places.shape[0] != values.shape[0]:
        raise TypeError("expected x and y to have same length")
    if rcond is None:
        rcond = len(places) * np.finfo(places.dtype).eps
    powers, sides = vander(places, order), values
    if w is not None:
        weights = array_of(w) + 0.0
        if weights.ndim != 1:
            raise TypeError("expected a 1-d array for weights")
        if weights.shape[0] != values.shape[0]:
            raise TypeError("expected w and y to have the same length")
        powers = _weighted(powers, weights)
        sides = _weighted(sides, weights)
    # Columns of length 1 make a better conditioned matrix.
    scale = UFUNCS[np.sqrt]((powers * powers).sum(axis=0))
    powers = powers / scale
    c, squares, rank, singular = lstsq(powers, sides, rcond)
    c = (c.T / scale).T
    if full:
        return c, squares, rank, singular, rcond
    if rank != order:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=3)
    if not cov:
        return c
    covariance = inv(powers.T @ powers) / (scale[:, None] * scale)
    factor: Any = 1
    if not (isinstance(cov, str) and cov == "unscaled"):
        if len(places) <= order:
            raise ValueError("the number of data points must exceed order to scale the covariance matrix")
        factor = squares / (len(places) - order)
    return c, (covariance if values.ndim == 1 else covariance[:, :, None]) * factor


def _weighted(rows: Any, weights: Any) -> Any:
    """Rows times weights, in the dtype of the rows."""
    weighted = rows * (weights[:, None] if rows.ndim == 2 else weights)
    if not np.can_cast(weighted.dtype, rows.dtype, "same_kind"):
        raise TypeError(f"weights of dtype {weights.dtype} cannot be applied to an array of dtype {rows.dtype}")
    return weighted.astype(rows.dtype, copy=False)


@traced_form(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with given zeros, or the characteristic polynomial of a matrix; its first coefficient is 1."""
    zeros = atleast_1d(seq_of_zeros)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        return wrap(_characteristic_polynomial(square_matrix(zeros)))
    if zeros.ndim != 1:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    zeros = zeros.astype(np.mintypecode(zeros.dtype.char))
    values = array_of(zeros)._read()
    one = np.ones(1, values.dtype)
    p: Any = one
    for place in range(values.size):
        zero = ops.index(values, path=((slice(place, place + 1),),))
        p = ops.concatenate(one, _after(p, 1) - zero * _before_last(p), -(zero * _last(p)), axis=0)
    if values.dtype.kind == "c" and _come_in_pairs(look(values)):
        p = ops.real(p)
    return wrap(p) if values.size else 1.0


def _characteristic_polynomial(a: Any) -> Any:
    p = ops.characteristic_polynomial(a)
    return ops.real(p) if a.dtype.kind == "c" and _come_in_pairs(np.linalg.eigvals(look(a))) else p


def _come_in_pairs(zeros: Any) -> bool:
    """Whether the complex conjugate of each zero is one too, so that their polynomial is real."""
    return bool(np.all(np.sort(zeros) == np.sort(zeros.conj())))


@traced_form(np.roots)
def roots(p: Any) -> Any:
    """The zeros of a polynomial, real if all of them are, and of real coefficients. A multiple root has no derivative.

    The coefficients may be traced, zeros at their beginning and end among them.
    """
    value = value_of(atleast_1d(p))
    if value.ndim != 1:
        raise ValueError("Input must be a rank-1 array.")
    leading = _leading_zeros(value)
    if leading == value.size:
        return fresh(np.array([]))
    if value.dtype.kind not in "fc":
        value = converted(value, _DOUBLE)
    found = ops.polynomial_roots(value, leading=leading)
    only = not found.size or bool(look(ops.reduce_all(_after(value, leading + 1) == 0, axes=(0,))))
    if only or (value.dtype.kind != "c" and bool(look(ops.reduce_all(ops.imag(found) == 0, axes=(0,))))):
        found = ops.real(found)
    return wrap(converted(found, _DOUBLE) if only else found)


def _after(p: Any, first: int) -> Any:
    return ops.index(p, path=((slice(first, None),),))


def _before_last(p: Any) -> Any:
    return ops.index(p, path=((slice(0, p.shape[0] - 1),),))


def _last(p: Any) -> Any:
    return _after(p, p.shape[0] - 1)
