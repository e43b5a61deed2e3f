import re
import runpy
from pathlib import Path

import mpmath
import numpy as np
import pytest
from llvmlite import ir

import chainrule as cr
from chainrule.compile import vector_math
from chainrule.compile.vector_math import coefficients, special_coefficients
from tests.compile.native_loops import DTYPES, errors, native

CIRCULAR = ("sin", "cos", "tan")

EXACT = {
    "arccos": mpmath.acos,
    "arccosh": mpmath.acosh,
    "arcsin": mpmath.asin,
    "arcsinh": mpmath.asinh,
    "arctan": mpmath.atan,
    "arctan2": mpmath.atan2,
    "arctanh": mpmath.atanh,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "cos": mpmath.cos,
    "cosh": mpmath.cosh,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.power(2, x),
    "expm1": mpmath.expm1,
    "hypot": mpmath.hypot,
    "log": mpmath.log,
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "log2": lambda x: mpmath.log(x, 2),
    "power": mpmath.power,
    "sech": mpmath.sech,
    "sin": mpmath.sin,
    "sinh": mpmath.sinh,
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
}
# What NumPy has under no name of its own.
COMPOSED = {"sech": lambda x: np.reciprocal(np.cosh(x))}
ELEMENTARY = sorted(name for name in vector_math.NAMES if name in COMPOSED or hasattr(np, name))
SUMS = {"logaddexp": (mpmath.exp, mpmath.log), "logaddexp2": (EXACT["exp2"], EXACT["log2"])}

THRESHOLDS = [
    *(88.72283, 88.72284, 89.4, -103.97, -103.98, 128, -149, -150, -150.1),
    *(709.782712893384, 709.7827128933841, 710.4758600739439, 710.475860073944),
    *(-708.3964, -745.1332191019411, -745.1332191019412, 1023.9999, 1024, -1022.5, -1074, -1075, -1075.1),
]
SPECIAL = [
    *(0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, 4, 8, 100, 1e10, 1e22),
    *(5e-324, -5e-324, 1e-310, -1e-310, 1.5e-45, 1e-40, 1e-20, -1e-20, 1e308, -1e308, 3e38, -3e38),
    *(np.nextafter(1, 0), np.nextafter(1, 2), -np.nextafter(1, 2), 709.782712893384, -745.13),
]


def points(seed, count=60):
    """Numbers of all sizes, near 0, near 1, near multiples of π/2, near where a reduction changes, near thresholds."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1, 1], (3, count))
    return np.concatenate(
        [
            rng.uniform(-1, 1, count),
            rng.uniform(-30, 30, count),
            rng.uniform(-750, 750, count),
            sign[0] * 2 ** rng.uniform(-1074, 1024, count),
            sign[1] * 2 ** rng.uniform(-60, 10, count),
            1 + sign[2] * 2 ** rng.uniform(-52, 0, count),
            np.rint(rng.uniform(-1e6, 1e6, count)) * np.pi / 2 * (1 + rng.choice([0, 1e-16, 3e-9, -1e-5], count)),
            rng.uniform(0.5, 1.5, count),
            rng.uniform(0.3, 0.5, count) * rng.choice([-1, 1], count),
            np.multiply.outer(THRESHOLDS, [1, 1 + 1e-7, 1 - 1e-7]).ravel(),
        ]
    )


def largest_error(name, operands, dtype):
    operands = [x.astype(dtype) for x in operands]
    kept, exact = [], []
    with mpmath.workprec(160):
        for i, xs in enumerate(zip(*operands, strict=True)):
            try:
                y = EXACT[name](*(mpmath.mpf(float(x)) for x in xs))
            except (ValueError, ZeroDivisionError):
                continue
            if isinstance(y, mpmath.mpf) and mpmath.isfinite(y):
                kept.append(i)
                exact.append(y)
        results = native(name, dtype)(*operands)[kept]
        return errors(results, exact, dtype).max()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("name", sorted(name for name in EXACT if vector_math.FORMULAS[name].arity == 1))
def test_functions_of_one_number_are_within_one_ulp(name, dtype):
    """The result is within 1 ulp of the exact value, which mpmath gives, over the whole range."""
    assert largest_error(name, [points(1)], dtype) < 1


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@DTYPES
@pytest.mark.parametrize("name", ["arctan2", "hypot"])
def test_functions_of_two_numbers_are_within_one_ulp(name, dtype):
    """Angles and lengths are within 1 ulp of the exact value for operands of like and of very different sizes."""
    x = points(1)
    y = np.random.default_rng(2).permutation(x)
    near = x[x != 0] * 2.0 ** np.random.default_rng(3).uniform(-3, 3, np.count_nonzero(x))
    with np.errstate(over="ignore"):
        x, y = np.concatenate([x, x[x != 0]]).astype(dtype), np.concatenate([y, near]).astype(dtype)
    finite = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
    assert largest_error(name, [x[finite], y[finite]], dtype) < 1


@DTYPES
def test_powers_are_within_one_ulp(dtype):
    """Powers are within 1 ulp for all bases, with results from the smallest to the largest number."""
    rng = np.random.default_rng(4)
    with np.errstate(over="ignore"):
        x = np.abs(np.concatenate([points(5, 100), 1 + rng.uniform(-1e-6, 1e-6, 200)]).astype(dtype))
    x = x[(x != 0) & np.isfinite(x) & (x != 1)]
    top = np.log(np.finfo(dtype).max)
    y = rng.uniform(-1.05 * top, top, x.size) / np.log(x.astype(float))
    with np.errstate(over="ignore"):
        y = y.astype(dtype)
    kept = np.isfinite(y)
    assert largest_error("power", [x[kept], y[kept]], dtype) < 1


@DTYPES
@pytest.mark.parametrize("name", SUMS)
def test_logarithms_of_sums_are_within_one_ulp_of_the_larger(name, dtype):
    """log(eˣ + eʸ) is within 1 ulp of the largest of x, y and itself: NumPy's form, whose terms cancel near 0."""
    x = np.random.default_rng(6).uniform(-100, 100, 500).astype(dtype)
    y = (x + np.random.default_rng(7).normal(0, 5, 500)).astype(dtype)
    power, logarithm = SUMS[name]
    results = native(name, dtype)(x, y)
    for a, b, result in zip(x, y, results, strict=True):
        with mpmath.workprec(200):
            exact = logarithm(power(mpmath.mpf(float(a))) + power(mpmath.mpf(float(b))))
            unit = float(np.spacing(max(abs(a), abs(b), abs(dtype(float(exact))))))
            assert abs(mpmath.mpf(float(result)) - exact) < unit


def nearest_to_multiples_of_half_pi():
    """For each exponent the whole numbers of 53 bits whose quotient by π/2 is nearest to a whole number.

    They are numerators of the continued fraction of π/2 · 2⁻ᵉ.
    """
    found = []
    with mpmath.workprec(1400):
        for exponent in range(0, 971, 3):
            rest = mpmath.ldexp(mpmath.pi / 2, -exponent)
            before, numerator = 0, 1
            while numerator < 2**53:
                if numerator >= 2**50:
                    found.append(float(numerator) * 2.0**exponent)
                whole = int(mpmath.floor(rest))
                before, numerator = numerator, whole * numerator + before
                rest = 1 / (rest - whole)
    return np.array(found)


@pytest.mark.parametrize("name", CIRCULAR)
def test_circular_functions_are_within_one_ulp_nearest_to_multiples_of_half_pi(name):
    """Where the reduction by π/2 cancels most, as near as 2⁻⁶⁰, the result is still within 1 ulp."""
    x = nearest_to_multiples_of_half_pi()

    assert min(float(abs(mpmath.sin(mpmath.mpf(t)) * mpmath.cos(mpmath.mpf(t)))) for t in x) < 1e-18
    assert largest_error(name, [x], np.float64) < 1


@DTYPES
@pytest.mark.parametrize("name", CIRCULAR)
def test_circular_functions_are_within_one_ulp_at_multiples_of_half_pi(name, dtype):
    """Around 2²¹, where the reduction by π/2 changes, and below, the result next to a multiple is within 1 ulp."""
    k = np.rint(np.random.default_rng(8).uniform(-1, 1, 500) * 2**21)
    x = np.concatenate([k * np.pi / 2, k, 2**21 + np.arange(-20, 20) / 8])
    assert largest_error(name, [x], dtype) < 1


@pytest.mark.parametrize("name", CIRCULAR)
def test_a_result_does_not_depend_on_the_neighbours(name):
    """A large number among small ones, or being alone, changes no bit of another result."""
    f = native(name)
    x = np.random.default_rng(9).uniform(-100, 100, 64)
    with_large = x.copy()
    with_large[::7] = 1e22
    others = with_large == x

    np.testing.assert_array_equal(f(with_large)[others], f(x)[others])
    np.testing.assert_array_equal(f(x), [f(np.array([t]))[0] for t in x])
    np.testing.assert_array_max_ulp(f(with_large)[::7], getattr(np, name)(with_large[::7]), 1)


@DTYPES
@pytest.mark.parametrize("name", ELEMENTARY)
def test_special_values_are_those_of_numpy(name, dtype):
    """NaN, infinities and signs of zeros are NumPy's, which has the finite values exactly in extended precision."""
    f = native(name, dtype)
    with np.errstate(all="ignore"):
        special = np.array(SPECIAL + THRESHOLDS).astype(dtype)
        operands = [special] if f.arity == 1 else [x.ravel() for x in np.meshgrid(special, special)]
        evaluate = COMPOSED[name] if name in COMPOSED else getattr(np, name)
        expected = evaluate(*(x.astype(np.longdouble) for x in operands)).astype(dtype)
        results = f(*operands)
        sizes = np.abs([expected] if name not in SUMS else [expected, *operands])

    numbers = np.isfinite(expected)
    np.testing.assert_array_equal(results[~numbers], expected[~numbers])
    results, expected = results[numbers], expected[numbers]
    size = np.where(np.isfinite(sizes), sizes, 0).max(axis=0)[numbers]
    assert (np.abs(results - expected) <= np.spacing(size)).all()
    if name not in SUMS:
        np.testing.assert_array_equal(np.signbit(results), np.signbit(expected))


@DTYPES
def test_tanh_is_never_beyond_one(dtype):
    """Where tanh becomes 1 it is within 1 ulp of the exact value, and from 20 on it is 1."""
    x = np.linspace(8, 20, 500)

    assert largest_error("tanh", [x], dtype) < 1
    assert (native("tanh", dtype)(x) <= 1).all()
    assert (native("tanh", dtype)([20, 21, 22, 50, 700, 746, 1e300 if dtype is np.float64 else 1e30]) == 1).all()


def test_sech_is_right_where_cosh_overflows():
    """From cosh x = 2¹⁰²⁴ on sech x is subnormal, within 1 ulp of the exact value, to where that is 0."""
    x = np.linspace(708, 745.9, 500)

    assert largest_error("sech", [x], np.float64) < 1
    assert (native("sech")([710.5, 745.8]) > 0).all()
    assert (native("sech")([745.9, 746, 1e308, np.inf]) == 0).all()


def test_tanh_and_its_derivative_share_what_they_have_in_common():
    """A loop with tanh and sech divides no more often than one with tanh alone."""
    x = np.linspace(-1, 1, 64)
    alone, both = cr.jit(np.tanh), cr.jit(cr.grad(lambda x: np.sum(np.tanh(x) ** 2)))
    alone(x), both(x)

    assert "sech" in both.source()
    assert 0 < both.llvm().count(" fdiv ") <= alone.llvm().count(" fdiv ")


@pytest.mark.parametrize("base", [2, 3, 7, 10])
def test_whole_powers_that_fit_are_exact(base):
    """A power of a whole number that is a float64 is that number, and its logarithm of base 10 or 2 is whole."""
    n = np.arange(0, int(53 / np.log2(base)))
    x = np.array([float(base**i) for i in n])

    np.testing.assert_array_equal(native("power")(np.full(x.shape, base), n), x)
    if base in (2, 10):
        np.testing.assert_array_equal(native(f"log{base}")(x), n)


@DTYPES
@pytest.mark.parametrize("name", sorted(vector_math.NAMES))
def test_loops_are_vectorised(name, dtype):
    """The loop vectoriser widens a loop over each function; only rare operands of sin, cos and tan need a call."""
    optimised = native(name, dtype).optimised
    loop = optimised[optimised.index("define void @loop") :].split("\n}")[0]

    assert re.search(r"store <\d+ x \w+>", loop)
    called = set(re.findall(r"call [^@]*@(?!llvm\.)[\w.]*?(\w+)\(", loop))
    assert called <= ({"replaced", "unless_moderate", "any"} if name in CIRCULAR else set())
    assert (name in CIRCULAR) == ("replaced" in called)


def test_a_module_has_each_function_once():
    """Asking twice for a function gives the same one, and another for another type."""
    module = ir.Module()
    f = vector_math.function(module, "exp", ir.DoubleType())

    assert f is vector_math.function(module, "exp", ir.DoubleType())
    assert f is not vector_math.function(module, "exp", ir.FloatType())


@pytest.fixture(scope="module")
def derivation():
    return runpy.run_path(str(Path(__file__).parents[2] / "scripts/derive_coefficients.py"))


def test_numbers_are_the_derived_ones(derivation):
    """The numbers in the package are those that the script derives."""
    for target, text in derivation["files"]().items():
        assert target.read_text() == text


def test_polynomials_are_near_their_functions(derivation):
    """Rounded, each polynomial for float64 is as near to its function as its place in a result needs: 2⁻⁵⁶."""
    elementary = "EXP EXP_TAIL EXP2 LOG LOG_TAIL SIN COS SINH COSH ARCTAN ARCSIN".split()
    families = [(coefficients, name, derivation["FAMILIES"][name]) for name in elementary]
    special = ("ERF", "LOG_ERFC", "ERFCX", "GAMMALN")
    families += [(special_coefficients, name, derivation["SPECIAL_FAMILIES"][name]) for name in special]
    for module, name, (_, family) in families:
        for z in np.linspace(float(family.low), float(family.high), 50)[1:-1]:
            value = sum(c * mpmath.mpf(z) ** i for i, c in enumerate(getattr(module, name)))
            assert abs((value - family.f(mpmath.mpf(z))) * family.weight(mpmath.mpf(z))) < 2.0**-56
