"""Sums, products and extremes: zeros, ties, masks, initial values, and what NumPy says of them."""

import itertools
import warnings

import numpy as np
import pytest

import chainrule as cr

ONE_ZERO = np.array([2.0, 0.0, -3.0, 0.5])
TWO_ZEROS = np.array([2.0, 0.0, -3.0, 0.0])
THREE_ZEROS = np.array([0.0, 0.0, 1.5, 0.0])
NO_ZERO = np.array([2.0, 4.0, -3.0, 0.5])


def product_derivative(x, order):
    """All derivatives of one order of Π x: the products of the entries that are left when `order` different ones go."""
    derivative = np.zeros((x.size,) * order)
    for places in itertools.permutations(range(x.size), order):
        derivative[places] = np.prod([x[k] for k in range(x.size) if k not in places])
    return derivative


def hessian_by(outer, inner, f):
    return cr.jacobian(cr.jacobian(f, order=inner), order=outer)


@pytest.mark.parametrize("x", [NO_ZERO, ONE_ZERO, TWO_ZEROS, THREE_ZEROS], ids=["none", "one", "two", "three"])
class TestProductWithZeros:
    @pytest.mark.parametrize("order", ["reverse", "forward"])
    def test_gradient(self, x, order):
        """∂/∂xₖ Π x is the product of the others, whatever is 0."""
        assert np.array_equal(product_derivative(x, 1), cr.jacobian(np.prod, order=order)(x))

    @pytest.mark.parametrize("outer", ["reverse", "forward"])
    @pytest.mark.parametrize("inner", ["reverse", "forward"])
    def test_hessian(self, x, outer, inner):
        """∂²/∂xᵢ∂xⱼ Π x is the product of all others but two, in every combination of modes."""
        np.testing.assert_allclose(hessian_by(outer, inner, np.prod)(x), product_derivative(x, 2), rtol=1e-14)

    def test_third_derivative(self, x):
        """The third derivatives are the products of what is left of four entries: single entries."""
        third = cr.jacobian(cr.hessian(np.prod))(x)

        np.testing.assert_allclose(third, product_derivative(x, 3), rtol=1e-14)

    def test_several_axes(self, x):
        """A product over two axes of a stack has the derivative of the product of all their entries."""
        stack = np.stack([x.reshape(2, 2), NO_ZERO.reshape(2, 2)], axis=1)

        gradient = cr.grad(lambda y: np.prod(y, axis=(0, 2))[0])(stack)

        assert np.array_equal(gradient[:, 0].ravel(), product_derivative(x, 1))
        assert not gradient[:, 1].any()

    def test_lanes(self, x):
        """A batch of products with and without zeros has the gradient of each."""
        gradients = cr.vmap(cr.grad(np.prod))(np.stack([x, NO_ZERO]))

        assert np.array_equal(gradients, [product_derivative(x, 1), product_derivative(NO_ZERO, 1)])

    def test_where(self, x):
        """Entries that a mask leaves out have no part in the derivative of a product."""
        mask = np.array([True, True, False, True])

        gradient = cr.grad(lambda y: np.prod(y, where=mask, initial=3.0))(x)

        assert np.array_equal(gradient[mask], 3 * product_derivative(x[mask], 1))
        assert gradient[2] == 0


def test_product_of_infinities_has_its_infinite_partials():
    """∂/∂x (x y) at (∞, 2) is 2, and ∂/∂y is ∞."""
    assert np.array_equal(cr.grad(np.prod)(np.array([np.inf, 2.0])), [2.0, np.inf])


def test_derivative_by_initial_value():
    """Π x begun at c is c Π x, and Σ x begun at c is c + Σ x."""
    x = ONE_ZERO

    assert cr.grad(lambda c: np.prod(x[[0, 2]], initial=c))(2.0) == -6.0
    assert cr.grad(lambda c: np.sum(x, initial=c) ** 2)(2.0) == 2 * (2.0 + x.sum())
    assert np.array_equal(cr.vmap(lambda c: np.sum(x, initial=c))(np.array([1.0, 2.0])), [0.5, 1.5])


@pytest.mark.parametrize("order", ["reverse", "forward"])
@pytest.mark.parametrize(
    ("reduce", "x"), [(np.max, [1.0, 3.0, 3.0, 2.0, 3.0]), (np.min, [-1.0, -3.0, -3.0, 5.0, -3.0])]
)
def test_ties_share(reduce, x, order):
    """k entries that tie for an extreme have the derivative 1/k each."""
    assert np.array_equal(cr.jacobian(reduce, order=order)(np.array(x)), [0, 1 / 3, 1 / 3, 0, 1 / 3])


def test_tie_with_initial_value():
    """An extreme that ties with the initial value shares with it, as maximum(x, y) does."""
    assert np.array_equal(cr.grad(lambda x: np.max(x, initial=2.0))(np.array([1.0, 2.0])), [0.0, 0.5])
    assert np.array_equal(cr.grad(lambda x: np.max(x, initial=3.0))(np.array([1.0, 2.0])), [0.0, 0.0])
    assert np.array_equal(cr.grad(lambda x: np.max(x, initial=1.0))(np.array([1.0, 2.0])), [0.0, 1.0])


def test_entries_not_chosen_do_not_take_part():
    """The infinite derivative of √x at 0 is not seen behind an entry that was not chosen, nor behind a mask."""
    x = np.array([0.0, 4.0])
    mask = np.array([False, True])

    for f in (
        lambda x: np.max(np.sqrt(x)),
        lambda x: np.sum(np.sqrt(x), where=mask),
        lambda x: np.mean(np.sqrt(x), where=mask),
        lambda x: np.max(np.sqrt(x), where=mask, initial=-1.0),
        lambda x: np.prod(np.sqrt(x), where=mask),
    ):
        assert np.array_equal(cr.grad(f)(x), [0.0, 0.25])
        assert cr.jvp(f, (x,), (np.ones(2),))[1] == 0.25


def test_nan_is_the_greatest_and_the_least():
    """A NaN is chosen by max and min, as NumPy chooses it, and has the derivative."""
    x = np.array([1.0, np.nan, 3.0])

    assert np.array_equal(cr.grad(np.max)(x), [0.0, 1.0, 0.0])
    assert np.array_equal(cr.grad(np.min)(x), [0.0, 1.0, 0.0])


def test_range_of_equal_entries():
    """The range of n equal entries has no preferred entry: the shares of the greatest and of the least cancel."""
    assert np.array_equal(cr.grad(np.ptp)(np.ones(4)), np.zeros(4))


def test_summing_many_single_precision_numbers_rounds_as_numpy_does():
    """A traced sum is NumPy's pairwise one, bit by bit, with and without mask and initial value."""
    x = np.random.default_rng(0).random(10_001, dtype=np.float32)
    mask = x < 0.9

    for f in (np.sum, lambda x: np.sum(x, where=mask), lambda x: np.sum(x, initial=0.1), np.mean, np.prod):
        assert f(x) == cr.value_and_grad(f)(x)[0]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda x: np.max(x, where=x > 0), ValueError),
        (lambda x: np.max(x[:0]), ValueError),
        (lambda x: np.argmax(x[:0]), ValueError),
        (lambda x: np.sum(x, axis=2), np.exceptions.AxisError),
        (lambda x: np.sum(x, axis=(0, 0)), ValueError),
        (lambda x: np.sum(x, where=np.ones((2, 3), bool)), ValueError),
        (lambda x: np.sum(x, out=np.zeros(2)), ValueError),
        (lambda x: np.sum(x, initial=np.zeros(2)), ValueError),
        (lambda x: np.argmax(x, axis=(0,)), TypeError),
    ],
)
def test_numpys_errors(wrong, error):
    """What NumPy refuses is refused with the same kind of error."""
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(error):
        wrong(x)
    with pytest.raises(error):
        cr.grad(lambda x: x[0] * wrong(x))(x)


def test_places_differ_between_lanes():
    """argmax and count_nonzero of a batch are those of each lane, found at once."""
    x = np.array([[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(cr.vmap(np.argmax)(x), [1, 0])
        assert np.array_equal(cr.vmap(lambda row: np.argmin(row, axis=0, keepdims=True))(x), [[0], [1]])
        assert np.array_equal(cr.vmap(np.count_nonzero)(x), [3, 2])
        assert np.array_equal(cr.vmap(lambda row: np.any(row > 4))(x), [True, False])


CALLS = [
    lambda np, x: np.sum(x, axis=0, dtype=np.float32),
    lambda np, x: np.sum(x.astype(np.int8), keepdims=True),
    lambda np, x: np.prod(x, axis=(0, 1), initial=2),
    lambda np, x: np.max(x, axis=1, where=x > 1, initial=-5),
    lambda np, x: np.count_nonzero(x),
    lambda np, x: np.any(x, axis=0),
    lambda np, x: np.argmin(x, keepdims=True),
    lambda np, x: np.ptp(x, axis=1),
    lambda np, x: np.mean(x.astype(np.float16)),
    lambda np, x: np.quantile(x, [0.1, 0.7], axis=1),
    lambda np, x: np.unique(x, return_counts=True),
]


@pytest.mark.parametrize("call", CALLS)
def test_constants_are_numpys(call):
    """Of constants the namespace gives what NumPy gives, in value, dtype and kind."""
    import chainrule.numpy as ours

    x = np.array([[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]])
    expected, found = call(np, x), call(ours, ours.asarray(x))

    pairs = zip(expected, found, strict=True) if isinstance(expected, tuple) else [(expected, found)]
    for a, b in pairs:
        plain = np.asarray(b)
        assert np.array_equal(a, plain)
        assert a.dtype == plain.dtype
        assert isinstance(a, np.ndarray) == isinstance(b, ours.ndarray)


def test_no_module_hides_a_name_of_numpy():
    """No module of the namespace is called as one of NumPy's functions is: the module would be found instead."""
    import pkgutil

    import chainrule.numpy as ours

    hidden = {
        name
        for name in (module.name for module in pkgutil.iter_modules(ours.__path__))
        if hasattr(np, name) and not isinstance(getattr(np, name), type(np))
    }

    assert hidden == set()
