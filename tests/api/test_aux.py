"""Results beside the one that is differentiated."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([1.0, 2.0])


def loss(x):
    """A function of x with everything that may stand beside its result."""
    made = np.zeros(2)
    made[:] = x
    scaled = x * 2
    aux = {
        "traced": scaled,
        "view": scaled[1:],
        "scalar": scaled[0],
        "made": made,
        "constant": np.arange(3),
        "input": x,
        "objects": ["name", None, 3, len],
    }
    return np.sum(scaled**2), aux


def check(aux):
    for key, expected in {
        "traced": 2 * X,
        "view": 2 * X[1:],
        "made": X,
        "constant": np.arange(3),
        "input": X,
    }.items():
        assert type(aux[key]) is np.ndarray, key
        assert aux[key].flags.owndata, key
        assert aux[key].dtype == expected.dtype, key
        np.testing.assert_array_equal(aux[key], expected)
    assert type(aux["scalar"]) is np.float64
    assert aux["objects"] == ["name", None, 3, len]


def test_aux_of_every_transformation():
    """Every transformation passes aux through, as plain arrays and numbers, and whatever else it holds."""
    gradient = 8 * X
    ones = np.ones(2)

    (value, aux), result = cr.value_and_grad(loss, has_aux=True)(X)
    assert value == 20.0
    np.testing.assert_array_equal(result, gradient)
    check(aux)

    result, aux = cr.grad(loss, has_aux=True)(X)
    np.testing.assert_array_equal(result, gradient)
    check(aux)

    for result, aux in (
        cr.elementwise_grad(loss, has_aux=True)(X),
        cr.jacobian(loss, has_aux=True)(X),
        cr.jacobian(loss, has_aux=True, order="forward")(X),
    ):
        np.testing.assert_array_equal(result, gradient)
        check(aux)

    result, aux = cr.hessian(loss, has_aux=True)(X)
    np.testing.assert_array_equal(result, 8 * np.eye(2))
    check(aux)

    result, aux = cr.hvp(loss, has_aux=True)(X, ones)
    np.testing.assert_array_equal(result, 8 * ones)
    check(aux)

    value, pull, aux = cr.vjp(loss, X, has_aux=True)
    np.testing.assert_array_equal(pull(1.0)[0], gradient)
    check(aux)

    value, push, aux = cr.linearize(loss, X, has_aux=True)
    assert push(ones) == gradient.sum()
    check(aux)

    value, value_dot, aux = cr.jvp(loss, (X,), (ones,), has_aux=True)
    assert (value, value_dot) == (20.0, gradient.sum())
    check(aux)


def test_aux_carries_outer_derivatives():
    """Inside another derivative aux still depends on the outer variable: d(aux)/dx for aux = x³ is 3x²."""

    def outer(x):
        _, aux = cr.grad(lambda y: (y * x, y * x**2), has_aux=True)(x)
        return aux

    # aux = y x² at y = x: the inner level ends, the outer one goes on, through both.
    assert cr.grad(outer)(2.0) == 12.0
    assert cr.jvp(outer, (2.0,), (1.0,))[1] == 12.0


@pytest.mark.parametrize("result", [1.0, (1.0,), (1.0, 2.0, 3.0), {"value": 1.0, "aux": 2.0}])
def test_no_pair(result):
    """`has_aux` asks for a pair, and says what came instead and from which function."""

    def returns_no_pair(x):
        return result

    with pytest.raises(cr.errors.TreeError, match=r"returns a pair \(result, aux\), and `returns_no_pair`"):
        cr.grad(returns_no_pair, has_aux=True)(1.0)
