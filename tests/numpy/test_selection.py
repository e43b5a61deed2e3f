"""Choices between arrays: what is not chosen does not take part, and ties and bounds are as kinks.py says."""

import warnings

import numpy as np
import pytest

import chainrule as cr


def gradient_in_silence(f, *args, **kwargs):
    """The gradient, with every warning an error while it is taken, but none while f runs."""

    def quiet(*xs):
        with np.errstate(all="ignore"):
            return f(*xs)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return cr.grad(quiet, **kwargs)(*args)


@pytest.mark.parametrize("second", [False, True])
def test_the_branch_not_taken_does_not_take_part(second):
    """where(x ≥ 0, x, √-x) has the derivative 1 at 0 and -1/(2√-x) below; no NaN comes from the other branch."""

    def f(x):
        return np.sum(np.where(x >= 0, x, np.sqrt(-x)))

    x = np.array([0.0, 2.0, -4.0])
    if not second:
        np.testing.assert_array_equal(gradient_in_silence(f, x), [1.0, 1.0, -0.25])
    else:
        hessian = gradient_in_silence(lambda x: np.sum(cr.grad(f)(x)), x)
        np.testing.assert_array_equal(hessian, [0.0, 0.0, -1 / 32])


def test_a_guarded_logarithm():
    """where(x > 0, log x, 0) has the derivative 0 at 0, in reverse and forward mode and in the second derivative."""

    def f(x):
        with np.errstate(all="ignore"):
            return np.where(x > 0, np.log(x), 0.0)

    x = np.array([0.0, 2.0])
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(f(x)))(x), [0.0, 0.5])
    np.testing.assert_array_equal(cr.jvp(f, (x,), (np.ones(2),))[1], [0.0, 0.5])
    np.testing.assert_array_equal(cr.hessian(lambda x: np.sum(f(x)))(x), np.diag([0.0, -0.25]))


def test_a_real_pole_stays():
    """√x·√x at 0 is 0·∞: no branch was chosen, and the derivative is NaN."""
    with np.errstate(all="ignore"):
        assert np.isnan(cr.grad(lambda x: np.sqrt(x) * np.sqrt(x))(0.0))


def test_an_unused_direction_does_not_meet_a_pole():
    """The push of log x₀ - x₁² at (0, 1) along x₁ is -2: the pole of the logarithm is not touched."""
    with np.errstate(all="ignore"):
        assert cr.jvp(lambda x: np.log(x[0]) - x[1] ** 2, (np.array([0.0, 1.0]),), (np.array([0.0, 1.0]),))[1] == -2.0


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_ties_share(function):
    """At a tie each operand has half of the derivative, so that max(x, x) has the derivative 1."""
    assert cr.grad(function, argnums=(0, 1))(2.0, 2.0) == (0.5, 0.5)
    assert cr.grad(lambda x: function(x, x))(2.0) == 1.0


@pytest.mark.parametrize(("function", "chosen"), [(np.maximum, 0), (np.minimum, 0), (np.fmax, 1), (np.fmin, 1)])
def test_nan_is_chosen_or_left_out(function, chosen):
    """maximum and minimum choose a NaN, fmax and fmin the other operand; with two NaN the first wins in all."""
    gradient = cr.grad(lambda x, y: function(x, y), argnums=(0, 1))
    expected = (1.0, 0.0) if chosen == 0 else (0.0, 1.0)
    assert gradient(np.nan, 1.0) == expected
    assert gradient(1.0, np.nan) == expected[::-1]


def test_clip_at_its_bounds():
    """Inside and at the bounds clip hands x through; outside the bound has the derivative."""
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])

    def f(x, low, high):
        return np.sum(np.clip(x, low, high))

    dx, dlow, dhigh = cr.grad(f, argnums=(0, 1, 2))(x, 0.0, 1.0)
    np.testing.assert_array_equal(dx, [0.0, 1.0, 1.0, 1.0, 0.0])
    assert (dlow, dhigh) == (1.0, 1.0)


def test_clip_with_crossed_bounds():
    """Where the lower bound is above the upper one NumPy gives the upper one, and so does the derivative."""
    assert cr.grad(np.clip, argnums=(0, 1, 2))(0.5, 2.0, 1.0) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.clip(x, 1),
        lambda x: np.clip(x, a_max=1),
        lambda x: np.clip(x, 0, 1, min=0),
        lambda x: np.clip(x, 0, 1, out=np.zeros(3, dtype=int)),
        lambda x: np.where(x > 0, x),
        lambda x: np.select([], []),
        lambda x: np.select([x > 0], [x, x]),
        lambda x: np.select([x], [x]),
        lambda x: np.choose(np.array([0, 5, 1]), [x, x]),
        lambda x: np.choose(x, [x, x]),
        lambda x: np.choose(np.array([0, 1, 1]), [x, x], mode="other"),
        lambda x: np.piecewise(x, [x > 0], [1, 2, 3]),
        lambda x: np.nan_to_num(2.0, copy=False) * x,
    ],
)
def test_errors_are_those_of_numpy(call):
    """What NumPy refuses is refused with the same kind of error."""
    x = np.array([0.5, 1.5, -2.0])
    with pytest.raises((TypeError, ValueError)) as plain:
        call(x)
    with pytest.raises((TypeError, ValueError)) as traced:
        cr.grad(lambda x: np.sum(call(x)))(x)
    assert isinstance(plain.value, TypeError) == isinstance(traced.value, TypeError)


def test_clip_into_a_given_array():
    """`out=` of clip and of its one-sided forms is written and returned, also when it is the operand."""

    def f(x):
        y = x * 2.0
        assert np.clip(y, -1.0, 1.5, out=y) is y
        assert y.clip(None, 1.2, y) is y
        assert np.clip(y, min=-0.5, out=y) is y
        return np.sum(y * y)

    np.testing.assert_array_equal(cr.grad(f)(np.array([0.2, 0.7, -2.0, -0.1])), [1.6, 0.0, 0.0, -0.8])


def test_clip_method_of_a_plain_array():
    """Without the swap, a plain array that is clipped at a traced bound hands the derivative to the bound."""
    from chainrule.numpy.swap import without_swap

    plain = np.array([0.0, 1.0, 2.0])
    with without_swap():
        assert cr.grad(lambda high: np.sum(plain.clip(-1.0, high)))(0.5) == 2.0


def test_select_takes_the_first_condition():
    """Of several conditions the first counts, and nothing else takes part."""

    def f(x):
        with np.errstate(all="ignore"):
            return np.sum(np.select([x > 1, x > 0], [x**3, np.log(x)], default=np.sqrt(-x)))

    found = gradient_in_silence(f, np.array([2.0, 0.5, -4.0]))
    np.testing.assert_allclose(found, [12.0, 2.0, -0.25], rtol=1e-15)


def test_choose_differs_between_the_lanes_of_a_batch():
    """Under vmap the choice may be data, and differ from lane to lane."""

    def f(x, k):
        return np.choose(k, [x, x**2])

    found = cr.vmap(cr.grad(f))(np.array([3.0, 3.0]), np.array([0, 1]))
    np.testing.assert_array_equal(found, [1.0, 6.0])


def test_piecewise_evaluates_only_where_it_must():
    """Each function of piecewise sees the elements of its own piece, so a pole elsewhere is never met."""
    x = np.array([-1.0, 0.0, 4.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cr.grad(lambda x: np.sum(np.piecewise(x, [x > 0], [np.log, lambda v: 2 * v])))(x)
    np.testing.assert_array_equal(found, [2.0, 2.0, 0.25])


def test_nan_to_num_holds_what_it_replaces():
    """Replaced entries do not take part; traced replacements take the derivative instead."""
    x = np.array([np.nan, 1.0, np.inf, -np.inf])

    def f(x, nan, top, bottom):
        return np.sum(np.nan_to_num(x, nan=nan, posinf=top, neginf=bottom) * np.array([1.0, 2.0, 3.0, 4.0]))

    dx, *replaced = cr.grad(f, argnums=(0, 1, 2, 3))(x, 0.5, 7.0, -7.0)
    np.testing.assert_array_equal(dx, [0.0, 2.0, 0.0, 0.0])
    assert replaced == [1.0, 3.0, 4.0]


def test_nan_to_num_in_place():
    """`copy=False` writes to the array that it is given, and returns it."""

    def f(x):
        y = x / np.array([1.0, 0.0])
        assert np.nan_to_num(y, copy=False, nan=3.0) is y
        return np.sum(y)

    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(cr.grad(f)(np.array([2.0, 0.0])), [1.0, 0.0])


def test_comparisons_of_whole_arrays_are_looks():
    """allclose, array_equal and array_equiv answer with Python's truth values, on which code may branch."""

    def f(x):
        assert np.allclose(x, x + 1e-10)
        assert not np.array_equal(x, x + 1)
        assert np.array_equiv(x, np.stack([x, x]))
        assert np.array_equal(x * np.nan, x * np.nan, equal_nan=True)
        assert np.isclose(x, [0.5, 2.0]).tolist() == [True, False]
        return np.sum(x) if np.isclose(x[0], 0.5) else np.sum(x) * np.nan

    np.testing.assert_array_equal(cr.grad(f)(np.array([0.5, 1.5])), [1.0, 1.0])
