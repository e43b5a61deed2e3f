"""Random programs, compiled: at points where they were recorded and at others, they are the programs."""

import warnings

import hypothesis
import numpy as np
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import IndependentOutputWarning, NotCompiledWarning
from chainrule.graph.verify import verify
from chainrule.testing.programs import write_program

SETTINGS = hypothesis.settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)


@st.composite
def programs(draw):
    """A program, and what its numbers are multiplied with at other points."""
    program = write_program(lambda several: draw(st.sampled_from(several)), draw(st.integers(1, 10)))
    return program, draw(st.lists(st.sampled_from((-1.5, -0.7, -0.1, 0.4, 0.9, 1.6)), min_size=1, max_size=3))


@SETTINGS
@hypothesis.given(programs())
def test_compiled_programs(written):
    """The value and all derivatives of a compiled program are those of the program, at each of several points."""
    program, factors = written
    f = program.function
    values, gradients = cr.jit(f), cr.jit(cr.value_and_grad(f, argnums=(0, 1, 2)))
    plain_gradients = cr.value_and_grad(f, argnums=(0, 1, 2))
    points = [program.inputs, *(tuple(factor * x for x in program.inputs) for factor in factors), program.inputs]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", IndependentOutputWarning)
        warnings.simplefilter("error", NotCompiledWarning)
        for point in points:
            expected = f(*(np.array(x)[()] if isinstance(x, np.ndarray) else x for x in point))
            np.testing.assert_allclose(values(*point), expected, rtol=1e-12, atol=1e-12)
            (value, found), (_, derivatives) = gradients(*point), plain_gradients(*point)
            np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
            for x, y in zip(found, derivatives, strict=True):
                np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11)
    for compiled in (values, gradients):
        for specialisation in compiled.specialisations:
            verify(specialisation.program.graph)
