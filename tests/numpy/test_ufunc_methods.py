"""The methods of ufuncs on traced values: what NumPy refuses, closed forms of the derivatives, repeated places."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NoRuleError, TracedAssignmentError
from chainrule.numpy.swap import without_swap

X = np.array([0.5, 1.5, -2.0])
MATRIX = np.array([[0.3, -1.2, 2.0], [1.1, 0.4, -0.6]])


def softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.subtract.reduce(x, axis=(0, 1)),
        lambda x: np.arctan2.reduce(x, axis=None),
        lambda x: np.add.reduce(x, axis=2),
        lambda x: np.hypot.reduce(x, axis=(0, 0)),
        lambda x: np.maximum.reduce(x[:0]),
        lambda x: np.subtract.reduce(x[:0]),
        lambda x: np.divide.reduce(x, where=np.array([True, False, True])),
        lambda x: np.fmax.reduce(x, where=np.array([True, False, True])),
        lambda x: np.sin.reduce(x),
        lambda x: np.sin.accumulate(x),
        lambda x: np.add.accumulate(x, axis=3),
        lambda x: np.logaddexp.accumulate(x[0, 0]),
        lambda x: np.add.reduceat(x, [5]),
        lambda x: np.maximum.reduceat(x, [0, 2]),
        lambda x: np.multiply.reduceat(x, [0], axis=4),
        lambda x: np.sin.outer(x, x),
        lambda x: np.add.at(x * 1.0, [0]),
        lambda x: np.sin.at(x * 1.0, [0], 1.0),
        lambda x: np.add.at(x * 1.0, [7], 1.0),
        lambda x: np.add.at(x * 1.0, [0, 1], np.ones(4)),
        lambda x: np.modf.at(x * 1.0, [0]),
        lambda x: np.add.at(x[0, 0], [0], 1.0),
    ],
)
def test_errors_are_those_of_numpy(call):
    """What NumPy refuses is refused with the same kind of error."""
    kinds = (TypeError, ValueError, IndexError)
    with pytest.raises(kinds) as plain:
        call(MATRIX)
    with pytest.raises(kinds) as traced:
        cr.vjp(lambda x: (call(x), np.sum(x))[1], MATRIX)
    assert [isinstance(plain.value, kind) for kind in kinds] == [isinstance(traced.value, kind) for kind in kinds]


@pytest.mark.parametrize("swap", [True, False])
def test_reductions_are_the_functions_of_their_names(swap):
    """add.reduce is sum, multiply.reduce prod, maximum.reduce max, also through NumPy's protocol."""
    product = np.prod(X) / X

    def gradients():
        return [cr.grad(f)(X) for f in (lambda x: np.add.reduce(x), np.multiply.reduce, lambda x: np.maximum.reduce(x))]

    if swap:
        found = gradients()
    else:
        with without_swap():
            found = gradients()
    for a, b in zip(found, ([1.0, 1.0, 1.0], product, [0.0, 1.0, 0.0]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-15)


def test_logaddexp_reduces_to_the_softmax():
    """The gradient of log Σ eˣ is the softmax, its Hessian diag(s) - s sᵀ; large shifts change neither."""
    s = softmax(X, 0)
    for shift in (0.0, 1e3, -1e3, 1e10):
        x = X + shift
        s = softmax(x, 0)
        np.testing.assert_allclose(cr.grad(np.logaddexp.reduce)(x), s, rtol=1e-14)
        hessian = cr.hessian(np.logaddexp.reduce)(x)
        np.testing.assert_allclose(hessian, np.diag(s) - np.outer(s, s), atol=1e-15)
    np.testing.assert_allclose(
        cr.grad(lambda x: np.sum(np.logaddexp2.reduce(x, axis=1)))(MATRIX), softmax(MATRIX * np.log(2), 1), rtol=1e-14
    )


def test_logaddexp_of_infinite_entries():
    """Entries of -∞ have no part; equal infinities share; nothing becomes NaN."""
    gradient = cr.grad(np.logaddexp.reduce)
    np.testing.assert_array_equal(gradient(np.array([-np.inf, 0.0, -np.inf])), [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(gradient(np.array([np.inf, 0.0, np.inf])), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(gradient(np.array([-np.inf, -np.inf])), [0.5, 0.5])


def test_logaddexp_reduces_many_entries_at_once():
    """log Σ eˣ over 10⁵ entries is one operation: recording it takes no step for each entry."""
    x = np.linspace(-1.0, 1.0, 100_000)
    np.testing.assert_allclose(cr.grad(np.logaddexp.reduce)(x), softmax(x, 0), rtol=1e-12)


def test_hypot_reduces_to_the_norm():
    """hypot.reduce is the Euclidean norm, whose gradient is x / |x|, and 0 at 0."""
    np.testing.assert_allclose(cr.grad(np.hypot.reduce)(X), X / np.linalg.norm(X), rtol=1e-15)
    np.testing.assert_array_equal(cr.grad(np.hypot.reduce)(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("ufunc", [np.power, np.arctan2])
def test_reductions_that_numpy_gets_wrong(ufunc):
    """With AVX-512, NumPy 2 reduces `power` and `arctan2` to numbers that are not the function applied in turn."""
    x = np.array([1.5, 0.7, 1.2, 0.3])

    def in_turn(x):
        return ufunc(ufunc(ufunc(x[0], x[1]), x[2]), x[3])

    np.testing.assert_allclose(cr.vjp(ufunc.reduce, x)[0], in_turn(x), rtol=1e-15)
    np.testing.assert_allclose(cr.grad(ufunc.reduce)(x), cr.grad(in_turn)(x), rtol=1e-14)
    np.testing.assert_allclose(cr.vjp(ufunc.accumulate, x)[0][-1], in_turn(x), rtol=1e-15)


def test_running_maximum():
    """The running maximum hands its cotangent to the entry that is the greatest so far; ties share."""
    pull = cr.vjp(np.maximum.accumulate, np.array([1.0, 3.0, 2.0, 3.0]))[1]
    np.testing.assert_array_equal(pull(np.array([1.0, 10.0, 100.0, 1000.0]))[0], [1.0, 610.0, 0.0, 500.0])


def test_reduceat_takes_one_entry_where_an_index_does_not_grow():
    """add.reduceat at [0, 2, 1] sums x₀ + x₁, then x₂ alone, then from x₁ to the end."""
    jacobian = cr.jacobian(lambda x: np.add.reduceat(x, [0, 2, 1]))(np.arange(4.0))
    np.testing.assert_array_equal(jacobian, [[1, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 1]])


def test_reduced_into_a_given_array():
    """`out=` of reduce, accumulate and reduceat is written and returned."""

    def f(x):
        y, z, w = np.zeros(()), np.zeros(3), np.zeros(2)
        assert np.add.reduce(x, out=y) is y
        assert np.hypot.accumulate(x, out=z) is z
        assert np.maximum.reduceat(x, [0, 1], out=w) is w
        return y + np.sum(z * 0.0) + w[1]

    np.testing.assert_array_equal(cr.grad(f)(X), [1.0, 2.0, 1.0])


def test_reduce_of_constants_is_numpy():
    """Constants inside a differentiated function are reduced by NumPy itself, in every dtype."""

    def f(x):
        a = np.arange(6).reshape(2, 3)
        assert np.bitwise_or.reduce(a, axis=1).tolist() == [3, 7]
        assert np.gcd.reduce(a[1]) == 1
        assert np.logical_xor.accumulate(a[0] > 0).dtype == bool
        assert np.add.reduce(a, axis=None, dtype=np.float32).dtype == np.float32
        assert np.minimum.outer(a, a).shape == (2, 3, 2, 3)
        return np.sum(x)

    np.testing.assert_array_equal(cr.grad(f)(X), np.ones(3))


def test_repeated_places_are_all_counted():
    """np.add.at adds once for each time a place is named, where `y[i] += v` adds once."""

    def at(v):
        y = np.zeros(3)
        np.add.at(y, [0, 0, 2], v)
        return y

    def assigned(v):
        y = np.zeros(3)
        y[[0, 0, 2]] += v
        return y

    np.testing.assert_array_equal(cr.jacobian(at)(X), [[1, 1, 0], [0, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(cr.jacobian(assigned)(X), [[0, 1, 0], [0, 0, 0], [0, 0, 1]])


def test_repeated_products():
    """np.multiply.at with one place thrice multiplies by all three: each derivative is the product of the others."""

    def f(v):
        y = np.full(2, 2.0)
        np.multiply.at(y, [1, 1, 1], v)
        return y[1]

    np.testing.assert_allclose(cr.grad(f)(X), 2.0 * np.prod(X) / X, rtol=1e-15)


def test_places_that_are_not_named_keep_their_derivative():
    """After np.exp.at(y, [1]) the other entries of y are what they were."""

    def f(x):
        y = x * 1.0
        np.exp.at(y, [1])
        return y

    np.testing.assert_allclose(cr.jacobian(f)(X), np.diag([1.0, np.exp(1.5), 1.0]), rtol=1e-15)


def test_at_writes_through_views():
    """np.subtract.at on a transposed view reaches the base."""

    def f(x):
        y = x * 1.0
        np.subtract.at(y.T, (0, [1, 1]), x[0, 1])
        return y

    moved = cr.jvp(f, (MATRIX,), (np.ones((2, 3)),))[1]
    np.testing.assert_array_equal(moved, [[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])


def test_at_in_an_array_of_integers():
    """As in NumPy, what `at` writes into integers is cut off after each step, which has no derivative."""

    def f(x):
        y = np.array([10, 20])
        np.add.at(y, [0, 0], x[:2])
        np.multiply.at(y, [1], x[1])
        return np.sum(y) * np.sum(x)

    value, gradient = cr.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_array_equal(gradient, [41.0, 41.0, 41.0])


def test_at_refuses_a_plain_array():
    """A traced value cannot be added into an array that holds plain numbers: that would lose the derivative."""

    def f(x):
        plain = np.zeros(3)
        np.add.at(plain, [0, 1], x[:2])
        return np.sum(plain) + np.sum(x)

    with without_swap(), pytest.raises(TracedAssignmentError, match=r"add\.at"):
        cr.grad(f)(X)
    np.testing.assert_array_equal(cr.grad(f)(X), [2.0, 2.0, 1.0])


def test_at_with_places_of_a_batch():
    """Under vmap the places may differ from lane to lane where sums are added up."""

    def f(x, places):
        y = np.zeros(3)
        np.add.at(y, places, x)
        return y

    xs, places = np.arange(1.0, 5.0).reshape(2, 2), np.array([[0, 0], [2, 1]])
    expected = np.stack([f(x, p) for x, p in zip(xs, places, strict=True)])
    np.testing.assert_array_equal(cr.vmap(f)(xs, places), expected)


def test_methods_of_foreign_ufuncs():
    """`outer` of a SciPy ufunc without a rule computes constants and refuses traced values."""
    special = pytest.importorskip("scipy.special")
    constant = cr.grad(lambda x: np.sum(x * special.eval_hermitenorm.outer(np.arange(3), 0.5)))(X)
    np.testing.assert_array_equal(constant, special.eval_hermitenorm.outer(np.arange(3), 0.5))
    with pytest.raises(NoRuleError, match="eval_hermitenorm"):
        cr.grad(lambda x: np.sum(special.eval_hermitenorm.outer(np.arange(3), x)))(X)
