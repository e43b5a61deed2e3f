"""Equations of arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.rewriting import floating, real, rewrite


@rewrite("x * 1 -> x", where=real)
@rewrite("x / 1 -> x", where=floating)
def by_one(x):
    """Exact. Not of complex numbers: (a + bi)(1 + 0i) is NaN where a is infinite."""
    return x


@rewrite("x * -1 -> -x", where=real)
@rewrite("x / -1 -> -x", where=floating)
def by_minus_one(x):
    """Exact."""
    return -x


@rewrite("x + -0.0 -> x", where=floating)
@rewrite("x - 0.0 -> x", where=floating)
def without_zero(x):
    """Exact; x + 0.0 is not x, since -0.0 + 0.0 is 0.0."""
    return x


@rewrite("x + 0 -> x", where=lambda x: x.dtype.kind in "iu")
@rewrite("x - 0 -> x", where=lambda x: x.dtype.kind in "iu")
def without_integer_zero(x):
    """Exact: integers have one zero."""
    return x


@rewrite("x + 0.0 + 0.0 -> x + 0.0", where=floating)
def zero_once(x):
    """Exact: the first sum has made 0.0 of -0.0."""
    return x + x.dtype.type(0)


@rewrite("-0.0 - x -> -x", where=floating)
@rewrite("0 - x -> -x", where=lambda x: x.dtype.kind in "iu")
def from_zero(x):
    """Exact; 0.0 - x is not -x, since 0.0 - 0.0 is 0.0."""
    return -x


@rewrite("-(-x) -> x")
def negative_of_negative(x):
    """Exact."""
    return x


@rewrite("x + -y -> x - y")
def plus_negative(x, y):
    """Exact: this is what a difference is."""
    return x - y


@rewrite("x - -y -> x + y")
def minus_negative(x, y):
    """Exact."""
    return x + y


@rewrite("-(x * C) -> x * -C", where=real, once=True)
@rewrite("-x * C -> x * -C", where=real)
def negative_into_factor(x, C):
    """Exact: rounding knows no sign."""
    return x * -C


@rewrite("-x * y -> -(x * y)", where=real)
def negative_out_of_product(x, y):
    """Exact: rounding knows no sign. Outside, the sign may meet another, or a sum that becomes a difference."""
    return -(x * y)


@rewrite("-x / y -> -(x / y)", where=floating)
@rewrite("x / -y -> -(x / y)", where=floating)
def negative_out_of_quotient(x, y):
    """Exact: rounding knows no sign."""
    return -(x / y)


@rewrite("x * C * D -> x * (C * D)", where=floating)
def factors_together(x, C, D):
    """Exact but for subnormal x: of |C|, |D| ≥ 1 one is a power of two, and nothing underflows or overflows between."""
    if not (_no_less_than_one(C) and _no_less_than_one(D) and (_powers_of_two(C) or _powers_of_two(D))):
        return None
    factor = C * D
    return x * factor if np.all(np.isfinite(factor)) else None


@rewrite("x * C * (y * D) -> x * (C * D) * y", where=floating)
def factors_of_both(x, C, y, D):
    """Exact for powers of two from 1/16 to 1, but for x C D or y D that is subnormal."""
    if not (_small_power_of_two(C) and _small_power_of_two(D)):
        return None
    small, large = (x, y) if x.size <= y.size else (y, x)
    return small * (C * D) * large


@rewrite("C / x * (y * D) -> C * D / x * y", where=floating)
def factor_into_quotient(x, C, y, D):
    """Exact for powers of two from 1/16 to 1, but for C D / x or y D that is subnormal."""
    return C * D / x * y if _small_power_of_two(C) and _small_power_of_two(D) else None


@rewrite("(x + x) * C -> x * (2 * C)", where=floating)
def twice_into_factor(x, C):
    """Exact for |C| ≥ 1: doubling rounds nothing, and where it overflows so does the product."""
    factor = C + C
    return x * factor if _no_less_than_one(C) and np.all(np.isfinite(factor)) else None


@rewrite("x * C + x * C -> x * (2 * C)", where=floating)
def product_twice(x, C):
    """Exact but for subnormal products: doubling rounds nothing, and overflows where the product with 2 C does."""
    factor = C + C
    return x * factor if np.all(np.isfinite(factor)) else None


@rewrite("-(x + x) -> x * -2", where=floating)
@rewrite("-x - x -> x * -2", where=floating)
def minus_twice(x):
    """Exact."""
    return x * x.dtype.type(-2)


@rewrite("x / C -> x * (1 / C)", where=floating)
def by_power_of_two(x, C):
    """Exact where every C is a power of two, and 1/C neither infinite nor subnormal."""
    if not _powers_of_two(C):
        return None
    inverse = 1 / C
    tiny = np.finfo(C.dtype).tiny
    return x * inverse if np.all(np.isfinite(inverse) & (np.abs(inverse) >= tiny)) else None


@rewrite("reciprocal(x) -> 1 / x", where=floating)
def reciprocal_as_quotient(x):
    """Exact: NumPy's reciprocal is that quotient."""
    return x.dtype.type(1) / x


@rewrite("x * x -> square(x)", where=real)
def product_with_itself(x):
    """Exact."""
    return ops.square(x)


@rewrite("square(-x) -> square(x)", where=real)
@rewrite("square(absolute(x)) -> square(x)", where=real)
def square_without_sign(x):
    """Exact."""
    return ops.square(x)


@rewrite("absolute(-x) -> absolute(x)", where=floating)
@rewrite("absolute(absolute(x)) -> absolute(x)", where=floating)
def absolute_without_sign(x):
    """Exact."""
    return ops.absolute(x)


@rewrite("raised(x, exponent=e, less=n) -> x, x², √x, 1/x", where=lambda x, e, n: x.dtype.kind == "f")
def small_power(x, e, n):
    """Exact where x has axes, since NumPy does the same there; for a number 1/x and x² may differ by round-off.

    √x only where x has axes: the C library's power of a number is 0.0 at -0.0 and ∞ at -∞.
    """
    power = e - (n or 0)
    if isinstance(power, complex) or power + (n or 0) != e:
        return None
    if power == 1:
        return x
    if power == 2:
        return ops.square(x)
    if power == -1:
        return x.dtype.type(1) / x
    if power == 0.5 and x.shape:
        return ops.sqrt(x)
    return None


@rewrite("power(x, 1) -> x", where=floating)
def first_power(x):
    """Exact."""
    return x


@rewrite("power(x, 2) -> square(x)", where=floating)
@rewrite("power_operator(x, 2) -> square(x)", where=floating)
@rewrite("float_power(x, 2) -> square(x)", where=floating)
def second_power(x):
    """To round-off: the square is rounded once, a power nearly so."""
    return ops.square(x)


@rewrite("maximum(x, x) -> x")
@rewrite("minimum(x, x) -> x")
@rewrite("fmax(x, x) -> x")
@rewrite("fmin(x, x) -> x")
def extreme_of_equals(x):
    """Exact."""
    return x


def _small_power_of_two(c: Any) -> bool:
    return not c.ndim and bool(1 / 16 <= abs(c) <= 1) and _powers_of_two(c)


def _no_less_than_one(c: Any) -> bool:
    return bool(np.all(np.abs(c) >= 1))


def _powers_of_two(c: Any) -> bool:
    return bool(np.all(np.abs(np.frexp(c)[0]) == 0.5))
