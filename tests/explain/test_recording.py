"""The recorded run: values as they were, whatever is written later, and where in the user's code they were made."""

from __future__ import annotations

import gc
import warnings
import weakref

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import DTypeError, NonScalarOutputError
from chainrule.explain.run.level import name
from chainrule.explain.run.recording import record
from chainrule.graph import Node
from chainrule.testing.programs import write_program
from chainrule.trace import projection

SETTINGS = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=80)


@st.composite
def programs(draw):
    """A program of one to eight statements, with views, writes in place, loops and branches."""
    return write_program(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, 8)))


def copies(xs):
    """Arguments that a program may write to."""
    return [np.array(x)[()] for x in xs]


@SETTINGS
@hypothesis.given(programs(), st.sampled_from(["steps", "ops"]))
def test_nothing_is_changed(program, detail):
    """Value and gradient are those of `value_and_grad` to the bit, and every way to them agrees."""
    everything = (0, 1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, gradient = cr.value_and_grad(program.function, argnums=everything)(*copies(program.inputs))
        ex = cr.explain(program.function, *copies(program.inputs), argnums=everything, detail=detail)

    assert ex.value == value
    for found, expected in zip(ex.gradient, gradient, strict=True):
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == np.asarray(expected).dtype
    again = cr.explain.Explanation.from_json(ex.to_json())
    assert again.to_json() == ex.to_json()


@SETTINGS
@hypothesis.given(programs())
def test_values_are_what_they_were(program):
    """Every recorded value is that of its op, applied to the recorded values of its operands."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        recorded = record(program.function, copies(program.inputs), {}, (0, 1, 2))
        for node in recorded.nodes:
            if node.op is None:
                continue
            operands = [recorded.values[x] if type(x) is Node else x for x in node.operands]
            params = {**node.params, "donate": False} if "donate" in node.params else node.params
            if node.op is projection:
                np.testing.assert_array_equal(operands[0][node.params["k"]], recorded.values[node])
                continue
            again = node.op.evaluate(*map(np.copy, operands), **params)
            known = recorded.values[node]
            both = (again, known) if isinstance(known, tuple) else ((again,), (known,))
            for a, b in zip(*both, strict=True):
                np.testing.assert_array_equal(a, b)


def test_write_through_a_view():
    """A write into a view changes what the array is from then on, and not what it was."""

    def f(x):
        y = 2 * x
        before = np.sum(y)
        part = y[1:]
        part *= 10
        return before * np.sum(y)

    ex = cr.explain(f, np.array([1.0, 2, 3]))
    values = [node.value.values.tolist() for node in ex.program.nodes]

    assert [2, 4, 6] in values
    assert [2, 40, 60] in values
    step = 1e-200
    truth = [np.imag(f(np.array([1.0, 2, 3]) + 1j * step * (np.arange(3) == k))) / step for k in range(3)]
    np.testing.assert_allclose(ex.gradient, truth, rtol=1e-14)


def test_arguments_changed_later():
    """What the caller writes afterwards into arguments, constants and the gradient changes nothing."""
    x, A = np.array([1.0, -2.0]), np.array([[1.0, 2], [3, 4], [5, 6]])
    ex = cr.explain(lambda x, A: np.sum((A @ x) ** 2), x, A)
    before = ex.to_json()
    x[:] = A[:] = 0
    ex.gradient[:] = 7

    assert ex.to_json() == before
    assert max(ex.check().values(), default=0) < np.inf
    np.testing.assert_array_equal(ex.flow("x[0]")[ex.program.nodes[-1].name, 0], -106)


def test_nothing_of_the_users_is_kept():
    """Arguments, constants, intermediate objects and the function itself are free when the caller lets go of them."""

    class Model:
        pass

    seen = []

    def explained():
        x, A, model = np.ones(3), np.eye(3), Model()
        model.weights = A

        def f(x):
            inner = Model()
            seen.append(weakref.ref(inner))
            return np.sum((model.weights @ x) * np.sin(x))

        seen.extend(map(weakref.ref, (x, A, model, f)))
        return cr.explain(f, x)

    ex = explained()
    gc.collect()

    assert [reference() for reference in seen] == [None] * 5
    assert ex.n_paths == 2


def g(u):
    w = u * u
    return w + 1


def test_where_a_value_was_made():
    """Each value knows its line, its call, and how often the instruction ran before in that call."""

    def f(x):
        for _ in range(3):
            x = g(x)
        return np.sin(x)

    recorded = record(f, (0.5,), {})
    nodes = recorded.nodes[1:]

    assert [node.op.name for node in nodes] == ["multiply", "add"] * 3 + ["sin"]
    made = [recorded.entries[recorded.entry[node]] for node in nodes]
    frames = [recorded.calls[entry.call] for entry in made]
    assert [call.code.co_name for call in frames] == ["g"] * 6 + ["f"]
    assert len({id(call) for call in frames}) == 4
    assert [call.iteration for call in frames[:6]] == [0, 0, 1, 1, 2, 2]
    assert [entry.iteration for entry in made] == [0] * 7
    assert frames[0].caller == made[-1].call


def test_iterations_in_one_call():
    def f(x):
        total = 0.0
        for k in range(4):
            total = total + x[k]
        return total

    recorded = record(f, (np.ones(4),), {})
    adds = [node for node in recorded.nodes if node.op is not None and node.op.name == "add"]

    assert [recorded.entries[recorded.entry[node]].iteration for node in adds] == [0, 1, 2, 3]


def test_discrete_ops_are_noted():
    """A comparison, a rounding and an argmax end the derivative; what they took and gave is noted."""

    def f(x):
        k = np.argmax(x)
        return np.sum(np.where(x > 0.5, x, 0.0)) + np.sum(np.round(x)) + x[k]

    recorded = record(f, (np.array([0.2, 0.9]),), {})
    names = [end.op.name for end in recorded.dead_ends]

    assert "argmax" in names
    assert "greater" in names
    compared = next(end for end in recorded.dead_ends if end.op.name == "greater")
    np.testing.assert_array_equal(compared.value, [False, True])
    assert compared.operands[0] is recorded.inputs[0]
    assert compared.position.line > 0


def test_labels():
    def f(x):
        bell = name(np.exp(-x * x), "bell")
        return name(bell * x, "product")

    ex = cr.explain(f, 0.5)

    assert ex.node("bell").op == "exp"
    assert ex.node("product").op == "multiply"
    assert name(3.0, "three") == 3.0
    assert cr.grad(f)(0.5) == ex.gradient


def test_function_that_raises():
    """The program until the error is kept, with what the failing operation took; the error is the user's."""

    def f(x):
        y = np.sin(x)
        return np.sum(y @ np.ones(7))

    ex = cr.explain(f, np.ones(3))

    assert ex.value is None
    assert ex.gradient is None
    assert [node.op for node in ex.program.nodes] == [None, "sin"]
    assert "7" in ex.program.failure
    assert ex.program.sites[ex.program.failed_site].text == "return np.sum(y @ np.ones(7))"
    assert "failed" in repr(ex)
    again = cr.explain.Explanation.from_json(ex.to_json())
    assert again.program.failure == ex.program.failure
    with pytest.raises(ValueError, match="7"):
        ex.raise_()
    assert cr.explain(np.sum, np.ones(2)).raise_() is None


def test_error_of_the_functions_own():
    def f(x):
        y = x * 2
        raise RuntimeError(f"no further than {y.shape}")

    ex = cr.explain(f, np.ones(3))

    assert ex.program.failure == "no further than (3,)"
    assert len(ex.program.nodes) == 2
    with pytest.raises(RuntimeError, match="no further"):
        ex.raise_()


def test_error_that_the_function_handles():
    def f(x):
        try:
            return np.sum(x @ np.ones(7))
        except ValueError:
            return np.sum(x)

    ex = cr.explain(f, np.ones(3))

    assert ex.program.failure is None
    np.testing.assert_array_equal(ex.gradient, np.ones(3))


def test_what_is_not_one_number():
    with pytest.raises(NonScalarOutputError, match="one real number"):
        cr.explain(np.sin, np.ones(3))
    assert cr.explain(np.sin, np.ones(3), out=1).gradient.tolist() == [0, np.cos(1), 0]


def test_integers():
    with pytest.raises(DTypeError, match="cannot vary"):
        cr.explain(np.square, 3)


def test_iteration_over_an_array():
    """The entries that a loop takes from an array are steps of their own, one for each turn."""

    def f(x):
        total = 0.0
        for each in x:
            total = total + each * each
        return total

    ex = cr.explain(f, np.array([1.0, 2, 3]))

    assert ex.n_paths == 6
    assert [node.op for node in ex.program.nodes].count("index") == 3


def test_debuggers_trace_function_is_called_still():
    """Marks on frames do not cut off a trace function that a debugger set."""
    import sys

    lines = []

    def tracer(frame, event, argument):
        if frame.f_code.co_name != "traced":
            return None
        lines.append((event, frame.f_lineno))
        return tracer

    def traced(x):
        y = x * x
        z = y + x
        return z * y

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        ex = cr.explain(traced, 2.0)
    finally:
        sys.settrace(before)

    assert ex.gradient == 3 * 4 + 4 * 8
    assert len({line for event, line in lines if event == "line"}) == 3
