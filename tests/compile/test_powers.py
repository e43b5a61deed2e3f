"""What powers are differentiated by, in native code: xʸ⁻ⁿ with all digits of y - n, and that times log x."""

import mpmath
import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from tests.compile.native_loops import DTYPES, errors, native

RNG = np.random.default_rng(3)
COUNT = 400
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 1e-3, 1e6, np.inf, -np.inf, np.nan]


def powers(dtype, less):
    """Bases of all sizes, exponents with results from the smallest to the largest number, and the exact powers."""
    top = np.log(np.finfo(dtype).max)
    x = np.concatenate([np.exp(RNG.uniform(-top, top, COUNT)), 1 + RNG.uniform(-0.5, 0.5, COUNT)]).astype(dtype)
    y = (RNG.uniform(-top, top, x.size) / np.log(x.astype(float)) + less).astype(dtype)
    y[:: COUNT // 20] *= dtype(1e-12)
    with mpmath.workprec(160):
        exact = [mpmath.power(float(a), mpmath.mpf(float(b)) - less) for a, b in zip(x, y, strict=True)]
    return x, y, exact


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("less", [1, 2])
def test_lowered_powers_are_within_one_ulp(less, dtype):
    """Also where the difference y - n has more digits than a number."""
    x, y, exact = powers(dtype, less)
    assert errors(native("lowered_power", dtype)(x, y, np.full_like(x, less)), exact, dtype).max() < 1


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
def test_powers_times_logarithms_are_within_two_ulp(dtype):
    """xʸ log x, where the power is neither infinite nor subnormal."""
    x, y, exact = powers(dtype, 0)
    kept = [np.finfo(dtype).tiny < power < np.finfo(dtype).max for power in exact]
    with mpmath.workprec(160):
        exact = [power * mpmath.log(float(a)) for power, a, keep in zip(exact, x, kept, strict=True) if keep]
    assert errors(native("power_logarithm", dtype)(x, y, np.zeros_like(x))[kept], exact, dtype).max() < 2


@DTYPES
@pytest.mark.parametrize("less", [1, 2])
@pytest.mark.parametrize("op", [ops.lowered_power, ops.power_logarithm])
def test_special_operands_are_those_of_numpy(op, less, dtype):
    """Zeros, infinities, NaN, negative bases and whole exponents give what the op gives by NumPy's power."""
    x, y = (z.ravel() for z in np.meshgrid(np.array(SPECIAL, dtype), np.array(SPECIAL, dtype)))
    with np.errstate(all="ignore"):
        expected = op(x, y, less=less)

    found = native(op.name, dtype)(x, y, np.full_like(x, less))

    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype is np.float32 else 1e-13)


def test_derivatives_of_powers_are_native():
    """The gradient of xʸ in both, for a base of 0 and an exponent of 0 too, needs no call of NumPy."""
    x, y = np.array([0.5, 2.0, 0.0, 3.0, -2.0]), np.array([1.5, 0.0, 2.0, -0.7, 3.0])
    slope = cr.grad(lambda xs: np.sum(xs[0] ** xs[1]))
    compiled = cr.jit(slope)
    with np.errstate(invalid="ignore"):
        compiled((x, y))
        np.testing.assert_allclose(compiled((x, y)), slope((x, y)), rtol=1e-14)

    assert "calls NumPy" not in compiled.report()
