"""`check_grads` passes right derivatives, and names what is wrong with the others."""

import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, GradientMismatchError, InvalidInputError


def half_held(x):
    """x², of which the second derivative rule sees only one factor."""
    return np.sum(cr.stop_gradient(x) * x)


def test_right_derivatives_pass():
    """A smooth function passes at orders 1 to 3 in both modes."""

    def f(x, y):
        z = np.zeros(3)
        z[:2] = np.sin(x) * y
        return z.sum() + np.exp(z[0])

    cr.check_grads(f, np.array([0.3, -1.2]), 2.0, order=3)


def test_trees_and_keywords():
    """Every floating-point number of nested containers is varied; integers, strings and keywords are held."""

    def model(parameters, x, *, power):
        return {"y": np.tanh(x @ parameters["w"] + parameters["b"]) ** power, "n": parameters["n"]}

    parameters = {"w": np.array([[0.1, 0.2], [0.3, -0.4]]), "b": 0.5, "n": 3, "name": "layer"}
    cr.check_grads(model, parameters, np.array([1.0, 2.0]), power=3)


def test_complex_input():
    """A real function of complex numbers that is not complex-differentiable passes: both parts are varied."""
    cr.check_grads(lambda z: np.sum(np.abs(z) ** 2 * np.real(z)), np.array([1 + 2j, -0.3j]))


def test_single_precision():
    """Derivatives in float32 are compared with numbers in float64, to what float32 can hold."""
    cr.check_grads(lambda x: np.sum(np.exp(x) * x), np.array([0.5, 1.5], np.float32))


def test_not_complex_differentiable():
    """abs runs on complex numbers, where the complex step is wrong; the difference is right and is used."""
    cr.check_grads(lambda x: np.sum(np.abs(x) * x), np.array([-1.5, 0.5]))


def test_many_inputs():
    """More numbers than are varied one by one are checked along random directions."""
    x = np.linspace(0.1, 1.0, 500)
    cr.check_grads(lambda x: np.sum(np.sqrt(x) * x[::-1]), x)
    with pytest.raises(GradientMismatchError, match=r"with respect to `x\[0\]`"):
        cr.check_grads(half_held, x)


def test_rapidly_varying_function():
    """Steps shrink until they resolve the function."""
    cr.check_grads(lambda x: np.sin(1000 * np.abs(x)), 1.0, order=1)


def test_point_near_the_edge_of_the_domain():
    """Steps that leave the domain, where the function is NaN, are not used."""
    cr.check_grads(lambda x: np.sqrt(np.abs(x) ** 1.5 - 1e-3 / 2), 0.0064, order=1)


@pytest.mark.parametrize("result", [None, "text", 3])
def test_nothing_to_compare(result):
    """A function that returns no floating-point number is refused, and named."""
    with pytest.raises(ArgumentError, match="returns no floating-point numbers"):
        cr.check_grads(lambda x: result, 1.0)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_message_of_a_mismatch(mode):
    """A wrong derivative is reported with function, entry, the user's line, order, mode and both numbers."""
    with pytest.raises(GradientMismatchError) as caught:
        cr.check_grads(half_held, np.array([2.0, 3.0]), modes=[mode])

    text = str(caught.value)
    assert "the derivative of `half_held` with respect to `x[0]`" in text
    assert "cr.check_grads(half_held, np.array([2.0, 3.0]), modes=[mode])" in text
    assert "test_check.py" in text
    assert f"order 1, {mode} mode" in text
    assert float(re.search(r"derivative ([\d.]+)", text)[1]) == pytest.approx(2.0)
    assert float(re.search(r"numerical  ([\d.]+)", text)[1]) == pytest.approx(4.0)


def test_message_names_the_place_in_a_tree():
    """An entry of a nested argument is named as one would write it."""

    def f(parameters):
        return parameters["a"] ** 2 + np.sum(cr.stop_gradient(parameters["w"][1]) * parameters["w"][1])

    with pytest.raises(GradientMismatchError, match=re.escape("`parameters['w'][1][0, 1]`")):
        cr.check_grads(f, {"a": 1.0, "w": (5.0, np.array([[0.0, 2.0]]))})


def test_second_order_is_checked():
    """A first derivative that is right, and held constant, is caught at order 2."""

    def square(x):
        held = cr.stop_gradient(x)
        return held**2 + 2 * held * (x - held)

    cr.check_grads(square, 3.0, order=1)
    with pytest.raises(GradientMismatchError, match="order 2, forward over forward mode"):
        cr.check_grads(square, 3.0)


def test_kink():
    """At a corner the message says that there is no derivative to find."""
    with pytest.raises(GradientMismatchError, match="kink or a jump"):
        cr.check_grads(lambda x: np.maximum(x, 2 * x), 0.0, order=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_input_that_is_not_finite(bad):
    """NaN and infinity in the point are refused, with the entry and the user's line."""
    with pytest.raises(InvalidInputError) as caught:
        cr.check_grads(np.sum, np.array([1.0, bad]))

    text = str(caught.value)
    assert f"holds {bad} at entry [1]" in text
    assert "cr.check_grads(np.sum, np.array([1.0, bad]))" in text
    assert "test_check.py" in text


def test_value_that_is_not_finite():
    """A point where the function itself is infinite is refused."""
    with pytest.raises(InvalidInputError, match="-inf in result 0"):
        cr.check_grads(np.log, 0.0)


def test_nothing_to_vary():
    """Integers alone cannot be varied."""
    with pytest.raises(ArgumentError, match="no argument of `sum` holds floating-point numbers"):
        cr.check_grads(np.sum, np.array([1, 2]))


@pytest.mark.parametrize("options", [{"order": 0}, {"modes": "forward"}, {"modes": []}, {"modes": ["sideways"]}])
def test_options_that_do_not_fit(options):
    """An order below 1 and unknown modes are refused."""
    with pytest.raises(ArgumentError):
        cr.check_grads(np.sum, np.array([1.0]), **options)
