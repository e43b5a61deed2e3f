"""Compiled loops against NumPy, exact sums and closed forms."""

import math
import re

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(0)


def compiled(f, *xs):
    """What native code returns: the second call is not recorded any more."""
    g = cr.jit(f)
    with np.errstate(all="ignore"):
        g(*xs)
    return g(*xs)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 31, 32, 33, 1023, 1024, 1025, 2047, 2048, 2049, 5000, 100_000])
@pytest.mark.parametrize("shape", ["vector", "rows"])
def test_sums_keep_the_bound_of_pairwise_sums(size, shape):
    """The sum of numbers of very different sizes is that of `math.fsum` to within the bound of pairwise sums."""
    x = RNG.normal(size=size) * 10.0 ** RNG.integers(-8, 8, size)
    x = x if shape == "vector" else np.stack([x, x[::-1]])
    exact = math.fsum(x.ravel())

    found = compiled(lambda x: np.sum(x), x)

    assert abs(found - exact) <= 4e-16 * max(1, math.log2(max(size, 2))) * np.sum(np.abs(x))


def test_long_sums_keep_their_digits():
    """Ten million times 0.1 in float64 is exact to the last digits, where one accumulator would lose six."""
    assert compiled(np.sum, np.full(10_000_000, 0.1)) == pytest.approx(1_000_000, rel=1e-15)


def test_infinite_and_undefined_sums():
    """Compensation does not turn infinities into NaN, and keeps NaN."""
    x = np.full(5000, 1e300)

    assert compiled(np.sum, np.concatenate([x * 1e8, x])) == np.inf
    assert compiled(np.sum, np.append(x, np.inf)) == np.inf
    assert np.isnan(compiled(np.sum, np.append(x, [np.inf, -np.inf])))
    assert np.isnan(compiled(np.sum, np.append(x, np.nan)))


@pytest.mark.parametrize("size", [1, 2, 8, 9, 3000])
def test_sums_of_negative_zeros(size):
    """The sum of negative zeros has NumPy's sign, however many they are."""
    zeros = np.full(size, -0.0)

    assert np.signbit(compiled(np.sum, zeros)) == np.signbit(np.sum(zeros))


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,j->i", [(40, 30), (30,)]),
        ("ji,j->i", [(40, 30), (40,)]),
        ("ij,kj->ik", [(5, 6), (7, 6)]),
        ("ij,jk->ki", [(40, 50), (50, 30)]),
        ("bij,bjk->bik", [(3, 4, 5), (3, 5, 6)]),
        ("i,j->ij", [(30,), (40,)]),
        ("ijk,jk->i", [(9, 20, 3), (20, 3)]),
        ("ij,ij->", [(40, 50), (40, 50)]),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_contractions(subscripts, shapes, order):
    """A contraction along any axes of operands that lie in either order is NumPy's."""
    x, y = (np.asarray(RNG.normal(size=shape), order=order) for shape in shapes)

    found = compiled(lambda x, y: np.einsum(subscripts, x, y), x, y)

    np.testing.assert_allclose(found, np.einsum(subscripts, x, y), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("left", ["as is", "transposed", "reversed", "strided"])
@pytest.mark.parametrize("right", ["as is", "transposed", "reversed", "strided"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("product", [np.matmul, np.dot])
def test_large_products(left, right, dtype, product):
    """BLAS gets matrices that lie in any way, by view or by copy."""
    views = {
        "as is": lambda a: a,
        "transposed": lambda a: a.T,
        "reversed": lambda a: a[::-1],
        "strided": lambda a: np.concatenate([a, a], axis=1)[:, ::2],
    }
    x, y = RNG.normal(size=(40, 40)).astype(dtype), RNG.normal(size=(40, 40)).astype(dtype)

    def f(x, y):
        return product(views[left](x), views[right](y))

    np.testing.assert_allclose(compiled(f, x, y), f(x, y), rtol=1e-4 if dtype == np.float32 else 1e-11, atol=1e-4)


def test_blas_multiplies_large_matrices():
    """Whatever the product is called, and in the gradient of a contraction of more axes."""
    x, y = RNG.normal(size=(40, 8, 5)), RNG.normal(size=(8, 5, 40))
    functions = {
        "matmul": lambda x, y: x.reshape(40, 40) @ y.reshape(40, 40),
        "dot": lambda x, y: np.dot(x.reshape(40, 40), y.reshape(40, 40)),
        "tensordot": np.tensordot,
        "gradient": cr.grad(lambda x, y: np.sum(np.tensordot(x, y) ** 2), argnums=(0, 1)),
    }
    reports = {}
    for name, f in functions.items():
        jitted = cr.jit(f)
        jitted(x, y)
        reports[name] = re.findall(r"\d BLAS product", jitted.report())

    assert reports == {
        "matmul": ["1 BLAS product"],
        "dot": ["1 BLAS product"],
        "tensordot": ["1 BLAS product"],
        "gradient": ["3 BLAS product"],
    }


def old_and_new(x):
    y = x * 2
    z = y + 1
    y[1:] = y[:-1] * z[1:]
    y[::2] += z[::2]
    return y, z, np.sum(y * z)


def overlapping(x):
    y = x.copy()
    y[1:] = y[:-1]
    y[::-1] = y
    return y


def through_views(x):
    y = np.outer(x, x)
    d, t = y.reshape(-1)[:: len(x) + 1], y.T
    d += 1
    t[0] = 7 * x
    t[1:, 1:][::-1] *= 2
    return y, d, t


def step_by_step(x):
    y, log = np.zeros(60), []
    y[0] = x[0]
    for k in range(1, 60):
        y[k] = y[k - 1] * 0.5 + x[k % len(x)]
        if k % 10 == 0:
            log.append(y.sum())
    return y, np.array(log)


def rows_in_a_loop(x):
    y = np.zeros((12, len(x)))
    y[0] = x
    for k in range(1, 12):
        y[k, 1:-1] = y[k - 1, 2:] - y[k - 1, :-2]
        y[k, [0, -1]] = y[k, 1:-1].mean()
    return y


@pytest.mark.parametrize("f", [old_and_new, overlapping, through_views, step_by_step, rows_in_a_loop])
@pytest.mark.parametrize("size", [3, 8, 40])
def test_writes(f, size):
    """Writes in place are NumPy's, for who reads before, after, and through another view; so are their gradients."""
    x, other = RNG.normal(size=size), RNG.normal(size=size)
    g = cr.jit(f)
    g(x)

    for found, expected in zip(_leaves(g(other)), _leaves(f(other.copy())), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)

    def number(x):
        return sum(np.sum(np.sin(y)) for y in _leaves(f(x)))

    np.testing.assert_allclose(compiled(cr.grad(number), x), cr.grad(number)(x), rtol=1e-11, atol=1e-11)


def _leaves(y):
    return y if isinstance(y, tuple) else (y,)


def test_equal_nests_are_compiled_once():
    """A step that Python repeats is one function in the code, called for other buffers."""

    def smoothed(x, steps):
        for _ in range(steps):
            x = np.sin(x[2:] + x[:-2])
            x = np.concatenate([x[:1], x, x[-1:]])
        return np.cumsum(x), x

    once, often = (cr.jit(lambda x, n=n: smoothed(x, n)) for n in (2, 30))
    x = RNG.normal(size=50)
    for g, n in ((once, 2), (often, 30)):
        g(x)
        for found, expected in zip(g(x), smoothed(x, n), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert often.llvm().count("define internal") <= once.llvm().count("define internal") + 3
