"""`scipy.integrate.odeint` inside differentiated functions, against solutions in closed form and differences."""

import numpy as np
import pytest
from scipy.integrate import odeint

import chainrule as cr
from chainrule.errors import NoRuleError, ShapeError

TIMES = np.array([0.0, 0.3, 0.9, 1.4])
OPTIONS = {"rtol": 1e-11, "atol": 1e-11}


def decay(y, t, rate):
    """y′ = -k y + sin t."""
    return -rate * y + np.sin(t)


def pendulum(y, t, damping, force):
    """A damped pendulum that is pushed."""
    angle, speed = y
    return [speed, -damping[0] * speed - damping[1] * np.sin(angle) + force * np.cos(t)]


def end_of_pendulum(y0, t, damping, force):
    """A number made of the whole solution."""
    weights = np.arange(8.0).reshape(4, 2) / 7
    return np.sum(weights * odeint(pendulum, y0, t, (damping, force), **OPTIONS))


POINT = (np.array([0.5, -0.2]), TIMES, np.array([0.3, 2.0]), 0.7)


def differences(f, point, k, h=1e-4):
    """The gradient in one argument, by central differences of fourth order."""
    x = np.asarray(point[k])
    found = np.zeros(x.size)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)

        def at(s, step=step):
            moved = list(point)
            moved[k] = x + s * step
            return f(*moved)

        found[i] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
    return found.reshape(x.shape)


def test_decay_in_closed_form():
    """y = y₀ e^(-k t) for k times a number: dy/dy₀ = e^(-k t), dy/dk = -t y."""

    def f(y0, rate):
        return odeint(lambda y, t, k: -k * y, y0, TIMES, (rate,), **OPTIONS)[:, 0]

    by_start, by_rate = cr.jacobian(f, argnums=(0, 1))(2.0, 1.3)
    np.testing.assert_allclose(by_start, np.exp(-1.3 * TIMES), rtol=1e-8)
    np.testing.assert_allclose(by_rate, -2.0 * TIMES * np.exp(-1.3 * TIMES), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("k", range(4))
def test_every_argument_in_both_modes(k):
    """The beginning, the times and the parameters."""
    expected = differences(end_of_pendulum, POINT, k)

    np.testing.assert_allclose(cr.grad(end_of_pendulum, argnums=k)(*POINT), expected, rtol=1e-6, atol=1e-7)
    direction = np.linspace(0.5, 1.5, expected.size).reshape(expected.shape)

    def along(x):
        return end_of_pendulum(*POINT[:k], x, *POINT[k + 1 :])

    tangent = cr.jvp(along, (POINT[k],), (direction,))[1]
    assert tangent == pytest.approx(np.sum(expected * direction), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_second_derivatives(outer):
    """The derivative of a gradient, in both modes."""

    def gradient(damping):
        return cr.grad(end_of_pendulum, argnums=2)(*POINT[:2], damping, POINT[3])

    h = 1e-4
    expected = [(gradient(POINT[2] + s) - gradient(POINT[2] - s)) / (2 * h) for s in h * np.eye(2)]
    hessian = cr.jacobian(gradient, order=outer)(POINT[2])
    np.testing.assert_allclose(hessian, expected, rtol=1e-5, atol=1e-6)


def test_vmap_jit_and_the_time_first():
    """Lanes one by one, compiled functions, and `tfirst`."""

    def f(rate):
        return odeint(lambda t, y, k: decay(y, t, k), [1.0], TIMES, (rate,), tfirst=True, **OPTIONS)[-1, 0]

    rates = np.array([0.5, 1.5])
    np.testing.assert_allclose(cr.vmap(f)(rates), [f(0.5), f(1.5)], rtol=1e-12)
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(rates), [cr.grad(f)(0.5), cr.grad(f)(1.5)], rtol=1e-10)


def test_bad_input():
    """A traced value that is not handed over, wrong shapes and `full_output` are named."""
    with pytest.raises(Exception, match=r"args|carries a derivative"):
        cr.grad(lambda k: odeint(lambda y, t: -k * y, 1.0 * k, TIMES)[-1, 0])(1.0)
    with pytest.raises(ShapeError, match="right side"):
        cr.grad(lambda y0: odeint(lambda y, t: np.ones(3), y0, TIMES)[-1, 0])(1.0)
    with pytest.raises(NoRuleError, match="full_output"):
        cr.grad(lambda y0: odeint(lambda y, t: -y, y0, TIMES, full_output=True)[0][-1, 0])(1.0)
