"""The length of (x, y): the square root of a sum of squares, all as pairs, within 0.51 ulp."""

from __future__ import annotations

from chainrule.compile.vector_math.double_double import plus, product, square_root
from chainrule.compile.vector_math.expression import Real, choose


def hypot(x: Real, y: Real) -> Real:
    """√(x² + y²), scaled by a power of two where a square might overflow or underflow; infinite beside NaN too."""
    a, b = abs(x), abs(y)
    larger = choose(a > b, a, b)
    huge, tiny = larger > 2.0**500, larger < 2.0**-400
    scale = choose(huge, 2.0**-600, choose(tiny, 2.0**600, 1.0))
    back = choose(huge, 2.0**600, choose(tiny, 2.0**-600, 1.0))
    a, b = a * scale, b * scale
    length = square_root(plus(product(a, a), product(b, b)))
    result = (length.high + length.low) * back
    return choose(abs(x).equals(float("inf")) | abs(y).equals(float("inf")), float("inf"), result)


def hypot_single(x: Real, y: Real) -> Real:
    """√(x² + y²) for float32, whose squares are within the range of float64, the first one exact."""
    result = (x * x + y * y).sqrt()
    return choose(abs(x).equals(float("inf")) | abs(y).equals(float("inf")), float("inf"), result)
