"""Running sums, products and recurrences in native loops, against NumPy."""

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(4)
SHAPES = [
    ((7,), 0),
    ((1,), 0),
    ((0,), 0),
    ((4, 5), 0),
    ((4, 5), 1),
    ((20, 3), 0),
    ((20, 3), 1),
    ((2, 3, 4), 1),
    ((3, 0), 0),
]
SHAPES += [((3000,), 0), ((2, 2500), 1), ((2500, 2), 0)]


@pytest.mark.parametrize("running", [np.cumsum, np.cumprod])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_running(running, dtype, shape, axis):
    """Running sums and products are NumPy's, bit by bit, in NumPy's dtypes, fused with what they add."""
    x = (RNG.normal(size=shape) + 1).astype(dtype)

    def f(x):
        return running(x if dtype is np.bool_ else x + x, axis=axis) * 2

    g = cr.jit(f)
    with np.errstate(all="ignore"):
        for _ in range(2):
            found, expected = g(x), f(x)

    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    assert "calls NumPy" not in g.report()


def test_not_finite():
    """What is not finite stays in a running sum from there on."""
    x = np.array([1.0, np.inf, 2.0, -np.inf, 0.0, np.nan, 1.0])
    g = cr.jit(lambda x: (np.cumsum(x), np.cumprod(x)))

    with np.errstate(all="ignore"):
        for found, expected in zip(g(x), (np.cumsum(x), np.cumprod(x)), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_gradients(shape, axis):
    """Running sums compile in gradients too, where they run backwards, beside sums over the same elements."""
    x, weights = RNG.normal(size=shape), RNG.normal(size=shape)

    def f(x):
        return np.sum(np.cumsum(x**2, axis=axis) * weights) + np.sum(np.sin(x))

    g = cr.jit(cr.value_and_grad(f))
    for _ in range(2):
        value, slope = g(x)

    np.testing.assert_allclose(value, f(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slope, cr.grad(f)(x), rtol=1e-12, atol=1e-12)
    assert "calls NumPy" not in g.report()


def test_products_of_zeros():
    """The gradient of a running product with zeros in it is that of the ordinary run."""
    x = np.array([1.5, 0.0, 2.0, 0.0, -1.0])
    slope = cr.grad(lambda x: np.sum(np.cumprod(x)))
    g = cr.jit(slope)

    for y in (x, x, x + 1):
        np.testing.assert_allclose(g(y), slope(y), rtol=1e-13)


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_recurrence(note, shape, axis):
    """h₀ = b₀ and hₖ = aₖ hₖ₋₁ + bₖ, with factors that are infinite among them."""
    from chainrule import ops
    from chainrule.compile import compiled

    a, b = RNG.normal(size=shape) / 2, RNG.normal(size=shape)
    if a.size:
        a.flat[-1] = np.inf
    program = compiled(note(lambda a, b: ops.recurrence(a, b, axis=axis), a, b))
    (found,) = program([a, b])

    expected = np.moveaxis(b.copy(), axis, 0)
    for k in range(1, len(expected)):
        expected[k] += np.moveaxis(a, axis, 0)[k] * expected[k - 1]
    np.testing.assert_allclose(found, np.moveaxis(expected, 0, axis), rtol=1e-10, atol=1e-10)
    assert not program.calls_python
