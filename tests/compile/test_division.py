"""Division with a remainder in native code, against NumPy, bit by bit."""

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(8)
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.1, -0.3, 1e-300, 1e300, 5e-324, 7.0, -2.5, 3.0, 0.5]


@pytest.mark.parametrize("op", [np.floor_divide, np.remainder, lambda x, y: x % y + x // y])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int32, np.int8, np.uint8, np.uint64])
def test_division(op, dtype):
    """Quotients and remainders of all pairs of special and random numbers are NumPy's, by 0 and infinity too."""
    with np.errstate(all="ignore"):
        if np.dtype(dtype).kind == "f":
            numbers = np.concatenate([SPECIAL, RNG.normal(size=30), RNG.integers(-9, 9, 20), RNG.normal(size=9) * 1e9])
        else:
            limits = np.iinfo(dtype)
            numbers = np.concatenate(
                [RNG.integers(-9, 9, 30).astype(dtype), np.array([limits.min, limits.max, 0], dtype)]
            )
        x, y = np.meshgrid(numbers.astype(dtype), numbers.astype(dtype))
        g = cr.jit(op)
        for _ in range(2):
            found, expected = g(x, y), op(x, y)

    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    if expected.dtype.kind == "f":
        numeric = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(found)[numeric], np.signbit(expected)[numeric])
    assert "calls NumPy" not in g.report()
