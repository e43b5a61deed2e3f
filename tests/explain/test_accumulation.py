"""Adjoints, tangents, contributions and flows, which are conserved."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.testing.graphs import ON_NUMBERS, ON_VECTORS, write_graph

SETTINGS = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=40)

numbers = st.floats(0.25, 2).map(lambda x: round(x, 3))
arrays = st.lists(numbers, min_size=3, max_size=3).map(np.array)


@st.composite
def programs(draw, operations, longest):
    """A program of up to `longest` statements."""
    return write_graph(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, longest)), list(operations))


def values(numbers):
    return 0.0 if numbers is None else numbers.values


def assert_conserved(ex):
    """At every node as much flows in as flows out; at the inputs and at the result it is the directional derivative."""
    program = ex.program
    incoming, outgoing = program.incoming(), program.outgoing()
    flows = [edge.flow for edge in program.edges]
    scale = 1e-11 * (1 + max(map(abs, flows), default=0))
    for k in range(len(program.nodes)):
        out = sum(flows[e] for e in outgoing[k])
        into = sum(flows[e] for e in incoming[k])
        if k in program.inputs:
            into = float(np.sum(values(program.nodes[k].adjoint) * values(program.nodes[k].tangent)))
        if k == program.result:
            out += program.directional_derivative
        assert out == pytest.approx(into, abs=scale)
    # Over any cut between what was made first and what was made later.
    for cut in range(len(program.inputs), program.result + 1):
        across = sum(flows[k] for k, e in enumerate(program.edges) if e.source < cut <= e.target)
        assert across == pytest.approx(program.directional_derivative, abs=scale * len(flows))


@SETTINGS
@hypothesis.given(programs(ON_NUMBERS, 9), numbers, numbers)
def test_flows_of_numbers(f, a, b):
    ex = cr.explain(f, a, b, argnums=(0, 1))

    assert_conserved(ex)
    length = np.hypot(*map(float, ex.gradient))
    assert ex.program.directional_derivative == pytest.approx(length, rel=1e-9, abs=1e-12)
    assert max(ex.check().values()) < 1e-9


@SETTINGS
@hypothesis.given(programs(ON_VECTORS, 6), arrays, arrays)
def test_flows_of_arrays(f, a, b):
    ex = cr.explain(f, a, b, argnums=(0, 1), direction="a[1]")

    assert ex.program.direction == "a[1]"
    assert_conserved(ex)
    unit = 1e-200j * (np.arange(3) == 1)
    truth = np.imag(f(a + unit, b)) / 1e-200
    assert ex.program.directional_derivative == pytest.approx(truth, rel=1e-9, abs=1e-9)
    assert {"reverse", "forward"} <= set(ex.check())


def test_flow_along_other_directions():
    def f(x):
        v = x[0] * x[1]
        return v + np.sin(x[1])

    x = np.array([2.0, 0.5])
    ex = cr.explain(f, x)
    first = ex.flow("x[0]")
    along = ex.flow(np.array([0.0, 1.0]))

    assert sum(flow for (name, _), flow in first.items() if name == ex.program.nodes[ex.program.result].name) == 0.5
    total = sum(flow for (name, _), flow in along.items() if name == ex.program.nodes[ex.program.result].name)
    assert total == pytest.approx(2.0 + np.cos(0.5))
    # Asking does not change what is shown.
    assert ex.flow() == ex.flow("gradient")


@pytest.mark.parametrize("direction", ["z", "x[2]", "x", "x[0, 1]", np.zeros(3)])
def test_direction_that_is_none(direction):
    with pytest.raises(ValueError, match=r"`direction`|no entry"):
        cr.explain(np.sum, np.ones(2), direction=direction).flow(direction)


def test_one_number_flows_as_it_contributes():
    """Where one number varies, the flows are the contributions of the edges."""
    ex = cr.explain(lambda x: x * np.exp(x * x), 0.5)

    assert ex.program.direction == "x"
    for edge in ex.program.edges:
        if edge.source == 0:
            assert edge.flow == float(edge.contribution.values)


def test_branch_not_taken_takes_no_part():
    """The gradient of where(x > 0, sqrt(x), x) at -1 is 1, though the derivative of sqrt is undefined there."""
    with np.errstate(invalid="ignore"):
        ex = cr.explain(lambda x: np.sum(np.where(x > 0, np.sqrt(x), x)), np.array([-1.0, 4.0]))

    np.testing.assert_array_equal(ex.gradient, [1, 0.25])
    assert all(np.all(np.isfinite(edge.contribution.values)) for edge in ex.program.edges)


def test_operation_with_a_pull_alone():
    """What has no forward rule is pushed by its matrix, found row by row."""

    @cr.custom
    def cubed(x):
        return x**3

    @cubed.pull
    def cubed_pull(y_bar, y, x):
        return 3 * x**2 * y_bar

    ex = cr.explain(lambda x: np.sum(cubed(np.sin(x))), np.array([0.3, 0.4]))
    x = np.array([0.3, 0.4])

    np.testing.assert_allclose(ex.gradient, 3 * np.sin(x) ** 2 * np.cos(x), rtol=1e-14)
    assert ex.program.checks["forward"] < 1e-12
    assert_conserved(ex)


def test_a_buffer_that_is_written_to():
    """Writes hand memory over, forwards and backwards; tangent and adjoint of each state stay what they were."""

    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        y[1] = x[1] * y[0]
        y[2] = y[1] * y[1]
        return y[0] + 2 * y[1] + 3 * y[2]

    x = np.array([0.5, 3.0])
    ex = cr.explain(f, x, direction="x[0]")

    # d/dx of x₀ + 2 x₀x₁ + 3 (x₀x₁)²
    np.testing.assert_array_equal(ex.gradient, [1 + 2 * 3.0 + 6 * 1.5 * 3.0, 2 * 0.5 + 6 * 1.5 * 0.5])
    np.testing.assert_array_equal(ex.gradient, cr.grad(f)(x))
    states = [node for node in ex.program.nodes if node.value.shape == (3,)]
    # Of y₀: 1 if nothing else is read of it, plus what y₁ = x₁y₀ makes of 2 + 6 y₁; likewise for the others.
    expected = [[1 + 3.0 * (2 + 6 * 1.5), 0, 0], [1, 2 + 6 * 1.5, 0], [1, 2, 3]]
    assert [node.adjoint.values.tolist() for node in states] == expected
    assert [node.tangent.values.tolist() for node in states] == [[1, 0, 0], [1, 3, 0], [1, 3, 9]]
