"""Random NumPy programs, with writes in place, views, masks, loops and branches, in every mode.

The truth is the same program in plain NumPy: its value, and its complex step.
"""

import warnings

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import LaneByLaneWarning
from chainrule.testing.numerical import COMPLEX_STEP
from chainrule.testing.programs import write_program

# The same programs in every run, so that a failure belongs to what was changed.
SETTINGS = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=80)

ALL = (0, 1, 2)


@st.composite
def programs(draw):
    """A program of one to eight statements."""
    length = draw(st.integers(1, 8))
    return write_program(lambda options: draw(st.sampled_from(options)), length)


def copies(xs):
    """Arguments that a program may write to."""
    return [np.array(x)[()] for x in xs]


def directions(xs):
    """A tangent for each argument."""
    return tuple(np.cos(np.arange(np.size(x)) + k).reshape(np.shape(x))[()] for k, x in enumerate(xs))


def complex_step_gradient(program):
    """The gradient of a program by running it over complex numbers, once for each entry of its arguments."""
    gradient = []
    for k, x in enumerate(program.inputs):
        entries = np.zeros(np.shape(x))
        for entry in np.ndindex(np.shape(x)):
            xs = [np.array(v, dtype=complex) for v in program.inputs]
            xs[k][entry] += 1j * COMPLEX_STEP
            entries[entry] = program.over_complex(*(v[()] for v in xs)).imag / COMPLEX_STEP
        gradient.append(entries)
    return gradient


def assert_close(found, expected, tolerance):
    """Each array agrees with its partner, relative to the greatest number of all."""
    scale = max(1.0, *(np.max(np.abs(x)) for x in expected))
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


@SETTINGS
@hypothesis.given(programs())
def test_value(program):
    """A recorded and a pushed program return what they return in plain NumPy, and leave their arguments alone.

    To round-off of sums, since an array may lie in memory in another order.
    """
    f, xs = program.function, copies(program.inputs)
    expected = f(*copies(program.inputs))

    assert cr.value_and_grad(f, argnums=ALL)(*xs)[0] == pytest.approx(expected, rel=1e-14)
    assert cr.jvp(f, xs, directions(xs))[0] == pytest.approx(expected, rel=1e-14)
    for x, before in zip(xs, program.inputs, strict=True):
        np.testing.assert_array_equal(x, before)


@SETTINGS
@hypothesis.given(programs())
def test_gradient(program):
    """The gradient is the complex step of the same program, in both modes; so are repeated pulls and pushes."""
    f, xs = program.function, copies(program.inputs)
    gradient = complex_step_gradient(program)
    x_dots = directions(xs)
    slope = [sum(np.sum(g * x_dot) for g, x_dot in zip(gradient, x_dots, strict=True))]

    assert_close(cr.grad(f, argnums=ALL)(*xs), gradient, 1e-11)
    assert_close([cr.jvp(f, xs, x_dots)[1]], slope, 1e-11)
    _, pull = cr.vjp(f, *xs)
    _, push = cr.linearize(f, *xs)
    for _ in range(2):
        assert_close(pull(1.0), gradient, 1e-11)
        assert_close([push(*x_dots)], slope, 1e-11)


@SETTINGS
@hypothesis.given(programs())
def test_second_derivative(program):
    """The Hessian times a direction is the complex step of the gradient program, in three mixes of modes."""
    f, xs = program.function, copies(program.inputs)
    v = directions(xs)
    shifted = [np.asarray(x + 1j * COMPLEX_STEP * x_dot)[()] for x, x_dot in zip(xs, v, strict=True)]
    moved = cr.grad(program.over_complex, argnums=ALL, holomorphic=True)(*shifted)
    expected = [np.imag(g) / COMPLEX_STEP for g in moved]

    def gradient(*args):
        return cr.grad(f, argnums=ALL)(*args)

    def slope(*args):
        return cr.jvp(f, args, v)[1]

    assert_close(cr.jvp(gradient, xs, v)[1], expected, 1e-9)
    assert_close(cr.vjp(gradient, *xs)[1](v), expected, 1e-9)
    assert_close(cr.grad(slope, argnums=ALL)(*xs), expected, 1e-9)


@SETTINGS
@hypothesis.given(programs())
def test_hessian_is_symmetric(program):
    """∂²f/∂xᵢ∂xⱼ = ∂²f/∂xⱼ∂xᵢ, for two entries of one argument and of different ones."""
    xs = copies(program.inputs)
    blocks = cr.hessian(program.function, argnums=ALL)(*xs)
    for i in ALL:
        for j in ALL:
            block, mirrored = (np.reshape(blocks[p][q], (xs[p].size, xs[q].size)) for p, q in ((i, j), (j, i)))
            scale = max(1.0, np.max(np.abs(block)))
            np.testing.assert_allclose(block, mirrored.T, rtol=0, atol=1e-11 * scale)


@SETTINGS
@hypothesis.given(programs())
def test_batch(program):
    """vmap of a program and of its gradient is a loop, also when the lanes take different branches."""
    f = program.function
    lanes = [[x * a + b for x in program.inputs] for a, b in ((1.0, 0.0), (0.9, 0.1), (-1.0, 0.2))]
    try:
        values = [f(*copies(lane)) for lane in lanes]
    except IndexError:
        # An index that a lane looked up may be none in its arrays.
        hypothesis.reject()
    hypothesis.assume(np.all(np.isfinite(values)))
    gradient = cr.grad(f, argnums=ALL)
    gradients = [gradient(*lane) for lane in lanes]
    stacked = [np.stack(column) for column in zip(*lanes, strict=True)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LaneByLaneWarning)
        found = cr.vmap(f)(*stacked)
        found_gradients = cr.vmap(gradient)(*stacked)

    assert_close([found], [np.array(values)], 1e-12)
    assert_close(found_gradients, [np.stack(column) for column in zip(*gradients, strict=True)], 1e-12)
