"""Traces with nodes of the caller's, boxes, and what code asks of a traced value."""

import warnings

import numpy as onp
import pytest

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd import grad, jacobian, make_jvp, make_vjp
from chainrule.interop.autograd import isinstance as ag_isinstance
from chainrule.interop.autograd import tuple as ag_tuple
from chainrule.interop.autograd.core import JVPNode, VJPNode, backward_pass
from chainrule.interop.autograd.extend import VSpace, defvjp, defvjp_argnums, primitive, vspace
from chainrule.interop.autograd.misc.fixed_points import fixed_point
from chainrule.interop.autograd.misc.flatten import flatten, flatten_func
from chainrule.interop.autograd.misc.optimizers import adam, rmsprop, sgd
from chainrule.interop.autograd.misc.tracers import const_graph, full_graph
from chainrule.interop.autograd.numpy.numpy_boxes import ArrayBox
from chainrule.interop.autograd.tracer import Box, Node, foreign_types, getval, isbox, new_box, trace
from chainrule.interop.autograd.util import toposort


def pulled_over_boxes(fun, x):
    """The derivative by nodes of autograd's reverse mode."""
    _, end = trace(VJPNode.new_root(), fun, x)
    return backward_pass(1.0, end)


def test_uses_of_a_value_add_up_before_they_are_pulled_further():
    def fun(x):
        y = np.sin(x)
        z = y * y
        return z * y + np.exp(z) + x

    x = 0.7
    y = onp.sin(x)
    slope = onp.cos(x) * (3 * y**2 + 2 * y * onp.exp(y**2)) + 1
    assert pulled_over_boxes(fun, x) == pytest.approx(slope, rel=1e-14)


def test_too_few_cotangents_are_refused_over_boxes():
    product = primitive(lambda x, y: x * y)
    defvjp_argnums(product, lambda argnums, ans, args, kwargs: lambda g: (g,))

    with pytest.raises(ValueError, match="fewer cotangents"):
        pulled_over_boxes(lambda x: product(np.sin(x), np.cos(x)), 0.3)


class CountingNode(Node):
    """Counts the calls of each function."""

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        self.parents = parents
        self.name = fun.__name__

    def initialize_root(self):
        self.parents = []
        self.name = "root"


def names_of(fun, x):
    """The functions that a run called, from the result to the argument."""
    _, end = trace(CountingNode.new_root(), fun, x)
    return [node.name for node in toposort(end)]


def test_nodes_of_the_callers_own_are_made_for_each_call():
    halved = primitive(lambda x: x / 2)

    assert names_of(lambda x: halved(np.sum(np.sin(x) * 3)), onp.ones(2)) == [
        "<lambda>",
        "sum",
        "multiply",
        "sin",
        "root",
    ]
    assert names_of(lambda xs: np.concatenate([xs[0], xs[1]]), [onp.ones(1), onp.ones(2)])[0] == "concatenate"


def test_functions_are_called_in_traces_as_autograd_calls_them():
    """autoconj and other tracers compare, print and count by `fun.__name__`."""
    found = names_of(lambda x: x["a"][0] * x["b"][1][:1], {"a": [onp.ones(1)], "b": (onp.ones(1), onp.ones(2))})

    assert found.count("container_take") == 4
    assert found.count("__getitem__") == 1
    assert names_of(lambda x: (x, np.sin(x)), 1.0)[0] == "make_sequence"
    space = vspace(onp.ones(1))
    assert names_of(lambda x: space.add(x, space.mut_add(space.scalar_mul(x, 2.0), x)), onp.ones(1))[:3] == [
        "add",
        "mut_add",
        "scalar_mul",
    ]


def test_a_trace_gives_the_value_and_says_when_there_is_no_node():
    value, node = trace(CountingNode.new_root(), np.exp, 0.0)
    assert (value, node.name) == (1, "exp")
    with pytest.warns(UserWarning, match="independent"):
        assert trace(CountingNode.new_root(), lambda x: 2.0, 0.0) == (2, None)


def f(x):
    """Several kinds of operations."""
    y = np.dot(x, x.T) + x[0] * x[:, :1]
    return np.sum(np.where(y > 0, np.tanh(y), y**2)) * np.max(x) / np.linalg.det(y + 9 * np.eye(2))


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_over_boxes_are_those_over_handles(order):
    x = onp.array([[0.3, -0.7], [1.1, 0.4]])

    def boxed_grad(f):
        def gradient(x):
            _, end = trace(VJPNode.new_root(), f, x)
            return backward_pass(1.0, end)

        return gradient

    expected, found = grad(f), boxed_grad(f)
    if order == 2:
        expected = grad(lambda x: np.sum(np.sin(grad(f)(x))))
        found = boxed_grad(lambda x: np.sum(np.sin(boxed_grad(f)(x))))
    onp.testing.assert_allclose(found(x), expected(x), rtol=1e-12)


def test_forward_mode_over_boxes():
    x, x_dot = onp.array([[0.3, -0.7], [1.1, 0.4]]), onp.array([[1.0, 2.0], [-1.0, 0.5]])

    _, end = trace(JVPNode.new_root(x_dot), f, x)

    assert end.g == pytest.approx(np.sum(grad(f)(x) * x_dot), rel=1e-12)


def test_constant_parts_run_once():
    runs = []

    @primitive
    def seen(x, name):
        runs.append(name)
        return x

    graph = const_graph(lambda x, y: seen(x, "x") + grad(lambda t: t**3)(seen(y, "y")), 1.0)

    assert [graph(y) for y in (1.0, 2.0, 3.0)] == [4, 13, 28]
    assert runs == ["x", "y", "y", "y"]


def test_the_graph_of_a_call():
    node = full_graph(lambda x, y: np.sin(x) * y, 1.0, 2.0)

    assert node.recipe[0] is np.multiply
    assert node.value == 2 * onp.sin(1.0)


class Point:
    """A value of the caller's."""

    def __init__(self, x, y):
        self.x, self.y = x, y


def test_boxes_and_vector_spaces_of_the_callers_own():
    class PointBox(Box):
        __slots__ = ()
        x = property(lambda self: abscissa(self))

    class PointSpace(VSpace):
        def zeros(self):
            return Point(0.0, 0.0)

        def _add(self, a, b):
            return Point(a.x + b.x, a.y + b.y)

        def _mut_add(self, a, b):
            return self._add(a, b)

    make = primitive(Point)
    abscissa = primitive(lambda point: point.x)
    defvjp(make, lambda ans, x, y: lambda g: g.x, lambda ans, x, y: lambda g: g.y)
    defvjp(abscissa, lambda ans, point: lambda g: Point(g, 0.0))
    try:
        PointBox.register(Point)
        PointSpace.register(Point)
        assert grad(lambda t: make(t**2, t).x * make(t, t**2).x)(3.0) == pytest.approx(27)
        gradient = grad(lambda point: point.x**2)(Point(3.0, 1.0))
        assert (gradient.x, gradient.y) == (6, 0)
    finally:
        foreign_types.discard(Point)
        Box.types.discard(PointBox)
        del Box.type_mappings[Point], Box.type_mappings[PointBox], VSpace.mappings[Point]


def test_what_is_asked_of_a_traced_value():
    asked = {}

    def f(x):
        asked.update(
            box=isbox(x),
            array_box=isinstance(x, ArrayBox),
            base_box=isinstance(x, Box),
            plain=getval(x),
            value=x._value,
            traced_by=x._trace >= 0,
            entry=isbox(x[0]),
            kind=ag_isinstance(x, onp.ndarray),
            mask=type(np.greater(x, 0)),
            constant=isbox(np.zeros_like(x)),
        )
        return np.sum(x)

    x = onp.array([1.0, 2.0])
    grad(f)(x)

    assert type(asked.pop("plain")) is type(asked.pop("value")) is onp.ndarray
    assert asked.pop("mask") is onp.ndarray
    assert asked.pop("constant") is False
    assert all(asked.values()), asked
    assert not isinstance(x, ArrayBox)
    assert not isbox(x)
    assert getval(x) is x


def test_the_value_is_one_level_down():
    levels = []

    def inner(y):
        levels.append((isbox(y._value), isbox(y._value._value)))
        return y**2

    grad(lambda x: grad(inner)(x))(1.0)

    assert levels == [(True, False)]


def test_values_escape_as_numbers():
    kept = []
    grad(lambda x: kept.append(x) or x**2)(3.0)

    assert getval(kept[0]) == 3
    assert kept[0]._value == 3


def test_types_that_cannot_be_traced_are_named():
    with pytest.raises(TypeError, match=r"can't differentiate w\.r\.t\. type <class 'int'>"):
        grad(lambda x: x)(3)
    with pytest.raises(TypeError, match=r"can't differentiate w\.r\.t\. type <class 'str'>"):
        grad(lambda x: x)("three")
    with pytest.raises(TypeError, match="differentiate"):
        new_box(3, 0, None)


def test_containers():
    x = {"a": [1.0, onp.array([2.0, 3.0])], "b": (4.0,)}

    gradient = grad(lambda t: t["a"][0] * np.sum(t["a"][1]) + t["b"][0] ** 2)(x)

    assert gradient["a"][0] == 5
    onp.testing.assert_array_equal(gradient["a"][1], [1, 1])
    assert gradient["b"] == (8,)
    assert grad(lambda x: grad(lambda t: t[0] * t[1] ** 2)(ag_tuple((x, x)))[1])(3.0) == 12


def test_a_fixed_point_is_differentiated():
    def root_step(a):
        return lambda x: 0.5 * (x + a / x)

    def root(a):
        return fixed_point(root_step, a, 1.0, lambda x, y: abs(x - y), 1e-12)

    assert grad(root)(2.0) == pytest.approx(0.5 / onp.sqrt(2.0), rel=1e-9)
    assert grad(grad(root))(2.0) == pytest.approx(-0.25 * 2.0**-1.5, rel=1e-6)


def test_flattening_and_back():
    tree = {"b": [onp.arange(4.0).reshape(2, 2), 5.0], "a": (6.0,)}

    flat, unflatten = flatten(tree)
    again = unflatten(flat * 2)

    onp.testing.assert_array_equal(flat, [6, 0, 1, 2, 3, 5])
    onp.testing.assert_array_equal(again["b"][0], [[0, 2], [4, 6]])
    assert again["a"] == (12,)
    of_vector, _, example = flatten_func(lambda t: t["a"], tree)
    onp.testing.assert_array_equal(of_vector(example), [6])


@pytest.mark.parametrize("optimize", [adam, rmsprop, sgd])
def test_optimizers_approach_the_minimum(optimize):
    seen = []

    found = optimize(
        lambda x, i: {"a": 2 * (x["a"] - 1)},
        {"a": onp.zeros(2)},
        callback=lambda x, i, g: seen.append(i),
        num_iters=300,
        step_size=0.05,
    )

    onp.testing.assert_allclose(found["a"], 1, atol=0.05)
    assert seen == list(range(300))


def test_no_dependence_is_a_warning_and_a_zero():
    with pytest.warns(UserWarning, match="independent"):
        assert grad(lambda x: 1.0)(2.0) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pull, value = make_vjp(lambda x: 3.0)(onp.ones(2))
    assert value == 3
    onp.testing.assert_array_equal(pull(1.0), [0, 0])


def test_adding_to_a_plain_array_in_place():
    def f(x):
        total = onp.zeros(2)
        total += x**2
        total *= 3.0
        return np.sum(total)

    onp.testing.assert_array_equal(grad(f)(onp.array([1.0, 2.0])), [6, 12])
    onp.testing.assert_array_equal(jacobian(lambda x: onp.ones(2) + x)(onp.ones(2)), onp.eye(2))


def through_a_diamond(x):
    """One node that another is made from stands beside it: (x + sin x) x², summed."""
    return np.sum((x + np.sin(x)) * x * x)


def through_several_results(x):
    """Nodes of an operation with two results."""
    sign, logarithm = np.linalg.slogdet(np.outer(x, x) + np.eye(2))
    values, vectors = np.linalg.eigh(np.outer(x, x))
    return sign * logarithm + values[1] * vectors[0, 1] ** 2


@pytest.mark.parametrize("f", [through_a_diamond, through_several_results])
def test_nodes_found_on_what_is_traced_lead_back(f):
    """`backward_pass(g, y._node)` while `grad` runs: the nodes had neither parents nor pulls."""
    x = onp.array([0.3, 0.9])
    found = []

    def recorded(x):
        y = f(x)
        assert isinstance(y._node, VJPNode)
        assert x._node.parents == []
        nodes = list(toposort(y._node))
        assert nodes[-1] == x._node
        assert len(nodes) == len(set(nodes))
        found.append(backward_pass(2.0, y._node))
        return y

    gradient = grad(recorded)(x)

    assert found[0] == pytest.approx(2 * gradient)
    assert gradient == pytest.approx(grad(f)(x))


def test_what_nodes_pull_is_differentiated():
    """∇(‖∇f‖²/2) = H ∇f, with the gradient by the nodes."""
    x = onp.array([0.3, 0.9])

    def half_squared_norm(x):
        taken = []

        def recorded(x):
            y = through_a_diamond(x)
            taken.append(backward_pass(1.0, y._node))
            return y

        grad(recorded)(x)
        return np.sum(taken[0] ** 2) / 2

    expected = jacobian(grad(through_a_diamond))(x) @ grad(through_a_diamond)(x)
    assert grad(half_squared_norm)(x) == pytest.approx(expected)


def test_the_node_of_forward_mode_is_the_tangent():
    def f(x):
        y = x**2
        assert isinstance(y._node, JVPNode)
        assert y._node.g == pytest.approx(6.0)
        return y

    assert make_jvp(f)(3.0)(1.0)[1] == pytest.approx(6.0)
