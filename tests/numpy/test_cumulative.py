"""Running sums and products: zeros, recurrences, and long runs."""

import itertools

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops

CASES = [
    np.array([2.0, 4.0, -3.0, 0.5]),
    np.array([2.0, 0.0, -3.0, 0.5]),
    np.array([0.0, 3.0, 0.0, 0.5]),
    np.array([0.0, 0.0, 0.0, 0.0]),
]


def running_product_derivative(x, order):
    """All derivatives of one order of the running products, from the definition."""
    derivative = np.zeros((x.size,) * (order + 1))
    for last in range(x.size):
        for places in itertools.permutations(range(last + 1), order):
            derivative[(last, *places)] = np.prod([x[k] for k in range(last + 1) if k not in places])
    return derivative


@pytest.mark.parametrize("x", CASES)
class TestRunningProductWithZeros:
    @pytest.mark.parametrize("order", ["reverse", "forward"])
    def test_jacobian(self, x, order):
        """∂yₖ/∂xⱼ is the product of x₀ ... xₖ without xⱼ, whatever is 0."""
        assert np.array_equal(cr.jacobian(np.cumprod, order=order)(x), running_product_derivative(x, 1))

    @pytest.mark.parametrize("outer", ["reverse", "forward"])
    @pytest.mark.parametrize("inner", ["reverse", "forward"])
    def test_second_derivative(self, x, outer, inner):
        """The second derivatives leave out two factors, in every combination of modes."""
        second = cr.jacobian(cr.jacobian(np.cumprod, order=inner), order=outer)(x)

        np.testing.assert_allclose(second, running_product_derivative(x, 2), rtol=1e-14)

    def test_third_derivative(self, x):
        """The third derivatives leave out three factors."""
        third = cr.jacobian(cr.jacobian(cr.jacobian(np.cumprod)))(x)

        np.testing.assert_allclose(third, running_product_derivative(x, 3), rtol=1e-14)

    def test_lanes(self, x):
        """A batch of running products has the Jacobian of each."""
        found = cr.vmap(cr.jacobian(np.cumprod))(np.stack([x, CASES[0]]))

        assert np.array_equal(found, [running_product_derivative(x, 1), running_product_derivative(CASES[0], 1)])


def test_long_running_product_after_a_zero():
    """Behind a zero the running product of 400 tens is 0, and so is its derivative by any of them: not 0·∞."""
    x = np.full(401, 10.0)
    x[0] = 0.0
    direction = np.zeros(401)
    direction[1] = 1.0

    assert np.array_equal(cr.jvp(np.cumprod, (x,), (direction,))[1], np.zeros(401))


@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 40), (1, 2), (0, 3), (4, 0)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_recurrence(shape, dtype):
    """hₖ = aₖ hₖ₋₁ + bₖ from h₀ = b₀, as a loop computes it, for few and for many at once."""
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(2, *shape)) + (1j if np.issubdtype(dtype, np.complexfloating) else 0)).astype(dtype)
    expected = b.copy()
    for k in range(1, shape[0]):
        expected[k] = a[k] * expected[k - 1] + b[k]

    found = ops.recurrence(a, b, axis=0)

    assert found.dtype == dtype
    rtol = 1e-4 if np.finfo(dtype).bits == 32 else 1e-13
    np.testing.assert_allclose(found, expected, rtol=rtol)
    along_last = ops.recurrence(np.moveaxis(a, 0, -1), np.moveaxis(b, 0, -1), axis=a.ndim - 1)
    np.testing.assert_allclose(along_last, np.moveaxis(expected, 0, -1), rtol=rtol)


def test_recurrence_with_infinite_factors():
    """A factor ∞ makes ∞ of a number, and NaN of 0, as multiplication does."""
    a = np.array([1.0, np.inf, 1.0, np.inf])

    with np.errstate(invalid="ignore"):
        of_number = ops.recurrence(a, np.array([2.0, 0.0, 0.0, 0.0]), axis=0)
        of_zero = ops.recurrence(a, np.zeros(4), axis=0)

    assert np.array_equal(of_number, [2.0, np.inf, np.inf, np.inf])
    assert np.array_equal(of_zero, [0.0, np.nan, np.nan, np.nan], equal_nan=True)


def test_recurrence_leaves_its_operands_alone():
    """What a recurrence is made from is as before, also where it is solved in a copy."""
    a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0])

    ops.recurrence(a, b, axis=0)

    assert np.array_equal(a, [1.0, 2.0, 3.0])
    assert np.array_equal(b, [1.0, 1.0, 1.0])


def test_running_sum_that_is_left_out():
    """Only sums that are read take part: √ of the entry after them, at 0, is not seen."""
    assert np.array_equal(cr.grad(lambda x: np.cumsum(np.sqrt(x))[1])(np.array([1.0, 4.0, 0.0])), [0.5, 0.25, 0.0])


def test_nan_does_not_take_part():
    """In running sums and products without NaN, an entry that is NaN has no derivative, and the others theirs."""
    x = np.array([2.0, np.nan, 3.0])

    assert np.array_equal(cr.jacobian(np.nancumsum)(x), [[1, 0, 0], [1, 0, 0], [1, 0, 1]])
    assert np.array_equal(cr.jacobian(np.nancumprod)(x), [[1, 0, 0], [1, 0, 0], [3, 0, 2]])


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda x: np.cumsum(x, axis=1), np.exceptions.AxisError),
        (lambda x: np.cumulative_sum(np.outer(x, x)), ValueError),
        (lambda x: np.cumsum(x, out=np.zeros(2)), ValueError),
    ],
)
def test_numpys_errors(wrong, error):
    """What NumPy refuses is refused with the same kind of error."""
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(error):
        wrong(x)
    with pytest.raises(error):
        cr.grad(lambda x: np.sum(wrong(x)))(x)
