"""What a traced value is to Python and NumPy: autograd's boxes are opaque, and handles behave as they do."""

import functools
import subprocess
import sys

import numpy
import pytest

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd import (
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    jacobian,
    make_jvp,
    make_vjp,
    value_and_grad,
)
from chainrule.interop.autograd.core import VJPNode
from chainrule.interop.autograd.numpy.numpy_boxes import ArrayBox
from chainrule.interop.autograd.tracer import Box, trace

REAL = pytest.importorskip("autograd")

X = numpy.array([1.0, 2.0])


def of_the_argument(np, x):
    x -= np.mean(x)
    x *= 3.0
    return np.sum(x**3 + x)


def of_two_names(np, x):
    y = 2 * x
    z = y
    z += 1
    return np.sum(y * z)


def of_a_view(np, x):
    y = 2 * x
    z = y[0:1]
    z += 5
    return np.sum(y) ** 2 * np.sum(z)


def of_an_attribute(np, x):
    holder, entries = type("Holder", (), {})(), {"x": x}
    holder.x = x
    holder.x += 1
    entries["x"] **= 2
    return np.sum(holder.x * entries["x"] / x)


def of_a_product(np, x):
    x @= np.array([[1.0, 2.0], [0.0, 1.0]])
    return np.sum(x**2)


@pytest.mark.parametrize("f", [of_the_argument, of_two_names, of_a_view, of_an_attribute, of_a_product])
def test_an_augmented_assignment_makes_a_new_value(f):
    """`x += 1` of an argument raised, and of an array it changed the other names of it, which autograd does not."""
    expected = REAL.grad(functools.partial(f, REAL.numpy))(X)

    assert grad(functools.partial(f, np))(X) == pytest.approx(expected)
    direction = numpy.array([0.3, -0.7])
    assert make_jvp(functools.partial(f, np))(X)(direction)[1] == pytest.approx(expected @ direction)


def test_augmented_assignment_in_nested_derivatives():
    """d²/dx² (x + x²)² with the sum made in place."""

    def f(x):
        y = x
        y += x**2
        return np.sum(y**2)

    found = elementwise_grad(grad(f))(X)

    assert found == pytest.approx(2 + 12 * X + 12 * X**2)
    assert deriv(deriv(f))(1.5) == pytest.approx(2 + 12 * 1.5 + 12 * 1.5**2)


def test_numpy_takes_it_for_an_object():
    """`numpy.array([x[0], x[1]])` raised; autograd gives an array of objects, whose arithmetic is followed."""

    def f(x):
        entries = numpy.array([[x[0], 2.0], [x[1], x[0]]])
        assert entries.dtype == object
        assert numpy.asarray(x).shape == (2,)
        assert numpy.asarray(x[0]).shape == ()
        return (entries @ numpy.array([x[1], x[1]])).sum()

    # (x + 2) y + (y + x) y = 2xy + 2y + y²
    assert grad(f)(X) == pytest.approx([2 * X[1], 2 * X[0] + 2 + 2 * X[1]])


@pytest.mark.parametrize("shape", [(3,), (3, 1), ()])
def test_a_result_that_is_an_array_of_objects_is_followed(shape):
    """Such a result has the derivative zero in autograd, which warns that it does not depend on the argument."""
    chosen = numpy.arange(3) if shape else 1

    def f(x):
        entries = numpy.array([x[0] * x[1], 2.0, x[1]])[chosen if shape else 0]
        return numpy.reshape(entries, shape) if shape else numpy.array(entries, dtype=object)

    expected = numpy.array([[X[1], X[0]], [0.0, 0.0], [0.0, 1.0]])[chosen if shape else 0]

    assert jacobian(f)(X) == pytest.approx(expected.reshape((*shape, 2)))
    assert make_jvp(f)(X)(numpy.array([1.0, 0.0]))[1] == pytest.approx(expected.reshape((*shape, 2))[..., 0])
    assert grad_and_aux(lambda x: (x[0], f(x)))(X)[1] == pytest.approx(f(X).astype(float))


def test_numpy_does_not_take_it_for_a_number():
    for convert in (float, numpy.float64, lambda x: numpy.array([x, x], dtype=float)):
        with pytest.raises((TypeError, ValueError)):
            grad(lambda x, convert=convert: convert(x) * x)(1.0)


def test_an_array_of_objects_is_differentiated():
    """`numpy.array(xs, dtype=object)` of traced numbers was constant, without a word; legume makes such arrays."""

    def f(x):
        entries = np.array([x[0], 3.0, x[1]], dtype=object).ravel()
        return np.sum(np.array(entries, dtype=float) ** 2)

    assert grad(f)(X) == pytest.approx(2 * X)


def test_it_is_hashed_by_identity():
    def f(x):
        y = x[0]
        known = {x: "x", y: "y"}
        assert known[x] == "x"
        assert known[y] == "y"
        assert len({x, y, x[0]}) == 3
        return y**2

    assert grad(f)(X) == pytest.approx([2.0, 0.0])


def test_comparisons_are_plain_arrays():
    def f(x):
        for chosen in (x > 1, x != x[0], 1 < x, x >= numpy.array([0, 2]), x == X):
            assert type(chosen) is numpy.ndarray
            assert chosen.dtype == bool
        return np.sum(x[x > 1])

    assert grad(f)(X) == pytest.approx([0.0, 1.0])


def test_its_type_is_that_of_boxes():
    @functools.singledispatch
    def kind(x):
        return "plain"

    @kind.register(ArrayBox)
    def _(x):
        return "box"

    def f(x):
        assert type(x) == ArrayBox  # noqa: E721  # as programs ask
        assert type(x[0]) in (float, ArrayBox)
        assert issubclass(type(x), ArrayBox)
        assert kind(x) == kind(x[0]) == "box"
        assert type(x) != float  # noqa: E721
        return np.sum(x)

    assert grad(f)(X) == pytest.approx([1.0, 1.0])
    assert ArrayBox != []
    assert kind(1.0) == "plain"


NAMED = """
from autograd import grad
from autograd.numpy.numpy_boxes import ArrayBox
def f(x):
    print(type(x), type(x).__name__, type(x) == ArrayBox)
    return x[0]
import numpy
grad(f)(numpy.ones(2))
"""


def test_its_type_is_named_as_autograds():
    """legume and grcwa compare `str(type(x))`."""
    command = [sys.executable, "-m", "chainrule.interop.autograd", "-c", NAMED]

    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed == "<class 'autograd.numpy.numpy_boxes.ArrayBox'> ArrayBox True\n"


class _Marked(numpy.ndarray):
    """An array that says whether it is constant."""

    constant = False


def _marked(x, constant):
    marked = numpy.asarray(x).view(_Marked)
    marked.constant = constant
    return marked


def _boxed_unless_constant(x, *where):
    if x.constant:
        raise ValueError("a constant")
    return ArrayBox(x, *where)


@pytest.fixture
def boxes_of_marked_arrays(monkeypatch):
    """PennyLane boxes its arrays by a function, which refuses those that are marked as constant."""
    monkeypatch.setitem(Box.type_mappings, _Marked, _boxed_unless_constant)


@pytest.mark.usefixtures("boxes_of_marked_arrays")
@pytest.mark.parametrize("operator", [grad, value_and_grad, jacobian, make_vjp, elementwise_grad])
@pytest.mark.parametrize("argnum", [0, (0, 1)])
def test_a_function_that_boxes_values_of_a_type_of_the_caller_may_refuse_one(operator, argnum):
    with pytest.raises(ValueError, match="a constant"):
        operator(lambda x, y: np.sum(x * y), argnum)(_marked([1.0, 2.0], constant=True), np.ones(2))


@pytest.mark.usefixtures("boxes_of_marked_arrays")
def test_a_function_that_boxes_values_refuses_one_in_forward_mode_too():
    with pytest.raises(ValueError, match="a constant"):
        make_jvp(np.sum)(_marked([1.0, 2.0], constant=True))(np.ones(2))


@pytest.mark.usefixtures("boxes_of_marked_arrays")
def test_values_that_such_a_function_boxes_are_differentiated():
    x = _marked([1.0, 2.0], constant=False)

    gradients = grad(lambda x, y: np.sum(x * y), (0, 1))(x, x)
    assert [list(gradient) for gradient in gradients] == [[1.0, 2.0], [1.0, 2.0]]
    assert make_jvp(np.sum)(x)(np.ones(2)) == (3.0, 2.0)


class _Wrapping(numpy.ndarray):
    """An array that makes arrays of its own of all that NumPy gives, of NotImplemented, too."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [x.view(numpy.ndarray) if isinstance(x, _Wrapping) else x for x in inputs]
        return numpy.asarray(super().__array_ufunc__(ufunc, method, *plain, **kwargs)).view(_Wrapping)


class _Doubling(numpy.ndarray):
    """An array in units of its own: twice what it holds."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return getattr(ufunc, method)(*(2 * x.view(numpy.ndarray) if isinstance(x, _Doubling) else x for x in inputs))


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (lambda t, x: t * x, [1.0, 2.0]),
        (lambda t, x: t - x, [-1.0, -1.0]),
        (lambda t, x: t / x, [-1.0, -0.5]),
        (lambda t, x: t @ x, [1.0, 2.0]),
        (lambda t, x: x * (t < x), [0.0, 0.0]),
        (numpy.multiply, [1.0, 2.0]),
        (np.multiply, [1.0, 2.0]),
    ],
)
def test_an_array_class_that_takes_a_refusal_for_a_result_leaves_the_traced_operand_to_answer(f, gradient, monkeypatch):
    """PennyLane's arrays."""
    monkeypatch.setitem(Box.type_mappings, _Wrapping, ArrayBox)
    t = X.view(_Wrapping)

    assert grad(lambda x: np.sum(f(t, x)))(X) == pytest.approx(gradient)
    assert make_jvp(lambda x: np.sum(f(t, x)))(X)(X)[1] == pytest.approx(gradient @ X)
    assert type(t * t) is _Wrapping


def test_an_array_class_that_answers_for_traced_operands_is_asked(monkeypatch):
    monkeypatch.setitem(Box.type_mappings, _Doubling, ArrayBox)

    assert grad(lambda x: np.sum(X.view(_Doubling) * x))(X) == pytest.approx([2.0, 4.0])


def test_the_class_of_boxes_is_named_as_autograds_under_a_trace_of_the_callers():
    """PennyLane asks autoray for the functions of a box, which reads the name of its module."""
    named = []

    def f(x):
        named.append(f"{type(x).__module__}.{type(x).__name__}")
        return x

    trace(VJPNode.new_root(), f, X)

    assert named == ["autograd.numpy.numpy_boxes.ArrayBox"]
