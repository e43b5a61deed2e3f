"""Random NumPy programs, and their derivatives, through all passes."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.compile import Interpreted, passes
from chainrule.compile.passes import optimized
from chainrule.compile.source import source
from chainrule.testing.programs import write_program

# The same programs in every run, so that a failure belongs to what was changed.
SETTINGS = hypothesis.settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)


@st.composite
def programs(draw):
    """A program of one to eight statements."""
    length = draw(st.integers(1, 8))
    return write_program(lambda options: draw(st.sampled_from(options)), length)


@pytest.fixture(autouse=True)
def _verified(monkeypatch):
    """Every pass leaves a well-formed graph."""
    monkeypatch.setattr(passes, "checked", True)


def assert_equivalent(program, xs):
    """Optimised, a program gives what it gave, or misses its guards as it did, at these inputs and at others."""
    better = optimized(program)
    assert source(better)
    for factor, shift in ((1.0, 0.0), (0.9, 0.1), (-1.0, 0.2)):
        inputs = [np.array(x * factor + shift)[()] for x in xs]
        found, expected = Interpreted(better)(inputs), Interpreted(program)(inputs)
        assert (found is None) == (expected is None)
        if factor == 1:
            assert found is not None
        for a, b in zip(found or (), expected or (), strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13 * np.nanmax(np.abs(b), initial=1e-300))


@SETTINGS
@hypothesis.given(program=programs())
def test_values(program, record):
    """The value of a program."""
    assert_equivalent(record(program.function, *program.inputs), program.inputs)


@SETTINGS
@hypothesis.given(program=programs())
def test_gradients(program, record):
    """The gradient of a program."""
    gradient = cr.grad(program.function, argnums=(0, 1, 2))
    assert_equivalent(record(gradient, *program.inputs), program.inputs)


@SETTINGS
@hypothesis.given(program=programs())
def test_second_order(program, record):
    """The second derivative of a program along a direction."""

    def along(*xs):
        return cr.jvp(cr.grad(program.function, argnums=(0, 1, 2)), xs, tuple(map(np.ones_like, program.inputs)))[1]

    assert_equivalent(record(along, *program.inputs), program.inputs)
