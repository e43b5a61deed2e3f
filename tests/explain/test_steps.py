"""Steps: one for each value that an instruction of the user's code made."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.run.recording import record
from chainrule.explain.run.steps import steps


def of(f, *xs, detail="steps", argnums=0):
    return steps(record(f, xs, {}, argnums), detail)


def shape_of(found):
    """Each step by its op and its operands: (slot, place)."""
    return [(step.op, [(slot, operand.place) for slot, operand in step.operands]) for step in found]


def test_one_step_for_each_operation():
    def f(x):
        v = x * x
        return x * np.exp(v)

    assert shape_of(of(f, 0.5)) == [
        (None, []),
        ("multiply", [(0, 0), (1, 0)]),
        ("exp", [(0, 1)]),
        ("multiply", [(0, 0), (1, 2)]),
    ]


def test_one_call_is_one_step_whatever_it_records():
    """Where NumPy's function is several ops of ours, the call is one step, and its argument is used once."""

    def f(x):
        return np.linalg.norm(np.cov(x))

    x = np.arange(6.0).reshape(2, 3) ** 2
    found = of(f, x)
    fine = of(f, x, detail="ops")

    assert len(found) == 3
    assert len(fine) > len(found)
    assert [len(step.operands) for step in found] == [0, 1, 1]
    assert sum(len(step.nodes) for step in found[1:]) == len(fine) - 1


def test_a_product_with_itself_uses_it_twice():
    """x @ x takes x in two slots, though each is reshaped on the way."""
    found = of(lambda x: x @ x, np.ones(3))

    assert [slot for slot, _ in found[-1].operands] == [0, 1]


def test_constant_operands_count_as_slots():
    found = of(lambda x: np.sum(np.ones((3, 2)) @ x), np.ones(2))

    assert [slot for slot, _ in found[1].operands] == [1]


def test_several_results():
    """Of an eigendecomposition both results are steps; what they share belongs to either."""

    def f(a):
        w, v = np.linalg.eigh(a)
        return w[0] + v[0, 0]

    a = np.array([[2.0, 0.3], [0.3, 1.0]])
    ex = cr.explain(f, a)

    assert len([node for node in ex.program.nodes if node.op == "eigh"]) == 2
    h = 1e-6
    unit = np.array([[0.0, 1.0], [1.0, 0.0]])

    def plain(a):
        w, v = np.linalg.eigh(a)
        return w[0] + v[0, 0]

    truth = (plain(a + h * unit) - plain(a - h * unit)) / (2 * h)
    assert np.sum(ex.gradient * unit) == pytest.approx(truth, rel=1e-6)
    assert ex.program.checks["forward"] < 1e-10


def test_intermediate_result_that_others_use():
    """The entries of np.split are steps of their own."""

    def f(x):
        a, b = np.split(x, 2)
        return np.sum(a * b)

    ex = cr.explain(f, np.array([1.0, 2, 3, 4]))

    np.testing.assert_array_equal(ex.gradient, [3, 4, 1, 2])
    assert ex.n_paths == 2


def test_unused_values_are_left_out():
    def f(x):
        _ = np.sin(x)
        return x * 2

    assert [step.op for step in of(f, 0.5)] == [None, "multiply"]


def test_result_is_an_input():
    ex = cr.explain(lambda x: x, 2.0)

    assert (ex.n_paths, ex.gradient) == (1, 1)
    assert ex.paths()[0].edges == ()
    assert ex.cancellation == 1


def test_result_that_depends_on_nothing():
    ex = cr.explain(lambda x: np.float64(3.0), 2.0)

    assert (ex.value, ex.gradient, ex.n_paths, ex.cancellation) == (3, 0, 0, None)
    assert ex.program.result is None
    assert ex.paths() == []


def test_function_of_the_librarys_own():
    """A function of NumPy's, without a line of the user's, is one step."""
    ex = cr.explain(np.linalg.norm, np.array([3.0, 4.0]))

    np.testing.assert_allclose(ex.gradient, [0.6, 0.8])
    assert len(ex.program.nodes) == 2
    assert ex.program.nodes[1].site is None


def test_calls_of_the_users_inside_calls_of_the_librarys():
    """What np.apply_along_axis calls back are the user's steps."""

    def f(x):
        return np.sum(np.apply_along_axis(lambda row: row[0] * row[1], 1, x))

    ex = cr.explain(f, np.array([[1.0, 2], [3, 4]]))

    np.testing.assert_array_equal(ex.gradient, [[2, 1], [4, 3]])
    assert [node.op for node in ex.program.nodes].count("multiply") >= 1


def test_checkpoint_and_derivatives_inside():
    """A recomputed part is one step; a derivative inside is followed into."""
    inner = cr.checkpoint(lambda u: np.sin(u) * u)
    ex = cr.explain(lambda x: inner(x) * x, 0.5)
    second = cr.explain(lambda x: cr.grad(lambda u: u**3)(x) * x, 2.0)

    assert ex.gradient == pytest.approx(np.cos(0.5) * 0.25 + 2 * 0.5 * np.sin(0.5), rel=1e-14)
    assert second.gradient == pytest.approx(9 * 4.0, rel=1e-14)
