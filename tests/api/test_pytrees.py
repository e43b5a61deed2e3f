"""Containers: whatever nests arrays goes in, and comes out as gradients of the same form."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import optree
import pytest

import chainrule as cr


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Plain:
    w: Any
    b: Any

    def total(self, x):
        """Read the fields in a method that makes an array of its own."""
        made = np.zeros(2)
        made[:] = self.w * x
        return np.sum(made) + self.b


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: Any
    b: Any


@dataclasses.dataclass(slots=True)
class Slotted:
    w: Any
    b: Any


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlotted:
    w: Any
    b: Any


@dataclasses.dataclass
class Checked:
    w: Any
    b: Any

    def __post_init__(self):
        """Refuse what is no plain number, as an application may."""
        if not isinstance(self.b, float):
            raise TypeError("b is a float")


class Registered:
    """A class that its author made a container."""

    def __init__(self, w, b, label):
        self.w, self.b, self.label = w, b, label


optree.register_pytree_node(
    Registered,
    lambda node: ((node.w, node.b), node.label),
    lambda label, children: Registered(*children, label),
    namespace=cr.api.trees.NAMESPACE,
)

W, B, X = np.array([2.0, 3.0]), 5.0, np.array([7.0, 11.0])

# f = Σ w² x b, so ∂f/∂w = 2 w x b and ∂f/∂b = Σ w² x.
BY_W, BY_B = 2 * W * X * B, float(np.sum(W**2 * X))


def check(gradient, kind):
    assert type(gradient) is kind
    assert type(gradient.w) is np.ndarray
    assert type(gradient.b) is np.float64
    np.testing.assert_allclose(gradient.w, BY_W, rtol=1e-15)
    np.testing.assert_allclose(gradient.b, BY_B, rtol=1e-15)


@pytest.mark.parametrize("kind", [Pair, Plain, Frozen, Slotted, FrozenSlotted, Checked])
def test_gradient_of_a_record(kind):
    """The gradient with respect to a namedtuple or dataclass is one, whatever its constructor insists on."""
    check(cr.grad(lambda p: np.sum(p.w**2 * X) * p.b)(kind(W, B)), kind)


def test_gradient_of_a_registered_class():
    """A class registered with optree is a container; what is not among its children stays as it is."""
    gradient = cr.grad(lambda p: np.sum(p.w**2 * X) * p.b)(Registered(W, B, "label"))

    check(gradient, Registered)
    assert gradient.label == "label"


def test_method_of_a_dataclass():
    """A method of a differentiated dataclass is opened: arrays that it makes hold derivatives."""
    gradient = cr.grad(lambda p: p.total(X) ** 2)(Plain(W, B))

    value = np.sum(W * X) + B
    assert type(gradient) is Plain
    np.testing.assert_allclose(gradient.w, 2 * value * X, rtol=1e-15)
    np.testing.assert_allclose(gradient.b, 2 * value, rtol=1e-15)


def test_dataclass_among_the_constants_and_results():
    """A dataclass that is not differentiated, and one that is returned, keep their type."""
    p = Plain(W, B)

    y, pull = cr.vjp(lambda x: Plain(x * p.w, Frozen(p.total(x), p)), X)
    (x_bar,) = pull(Plain(np.ones(2), Frozen(1.0, Plain(np.zeros(2), 0.0))))

    assert type(y) is type(y.b.b) is Plain
    assert type(y.b) is Frozen
    np.testing.assert_array_equal(y.b.b.w, W)
    np.testing.assert_array_equal(x_bar, 2 * W)


def test_static_fields():
    """A field declared static is part of the structure, and may be anything."""

    @dataclasses.dataclass
    class Layer:
        w: Any
        activation: Any = dataclasses.field(default=np.tanh, metadata={"static": True})
        name: str = dataclasses.field(default="first", metadata={"pytree_node": False})

    gradient = cr.grad(lambda layer: np.sum(layer.activation(layer.w)))(Layer(W, np.sin))

    np.testing.assert_allclose(gradient.w, np.cos(W), rtol=1e-15)
    assert gradient.activation is np.sin
    assert gradient.name == "first"


@pytest.mark.parametrize(
    "tree",
    [
        {"w": W, "b": B},
        {"b": B, "w": W},
        collections.OrderedDict(w=W, b=B),
        collections.defaultdict(float, w=W, b=B),
        {"w": {0: W, "one": [], 2.0: None}, "b": (B,)},
        [W, (B, [None, {}])],
        (W, B),
        collections.deque([W, B]),
        [],
        {},
        None,
        (None, [None]),
    ],
    ids=repr,
)
def test_gradient_has_the_structure_of_the_argument(tree):
    """Dicts keep the order of their keys, empty containers and None stay, and every leaf has its gradient."""

    def f(t):
        # Σ (k + 1) xₖ² over the leaves.
        return 1.0 * sum((k + 1) * np.sum(leaf**2) for k, leaf in enumerate(leaves(t)))

    gradient = cr.grad(f)(tree)

    assert type(gradient) is type(tree)
    assert repr(shape_of(gradient)) == repr(shape_of(tree))
    for k, (leaf, slope) in enumerate(zip(leaves(tree), leaves(gradient), strict=True)):
        np.testing.assert_array_equal(slope, 2 * (k + 1) * leaf)


def leaves(tree):
    """The leaves, by a plain walk in the order of insertion."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in leaves(branch)]
    if isinstance(tree, (list, tuple, collections.deque)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def shape_of(tree):
    """The tree with a star for each leaf."""
    if tree is None:
        return None
    if isinstance(tree, dict):
        return {key: shape_of(branch) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple, collections.deque)):
        return [shape_of(branch) for branch in tree]
    return "*"


def test_results_of_any_form():
    """`vjp` and `jvp` give what the function returned: dicts, lists, None, numbers, in the same places."""

    def f(x):
        return {"double": [2 * x, None], "nothing": (), "count": 3, "sum": (x.sum(), 1.5)}

    y, pull = cr.vjp(f, X)
    also_y, y_dot = cr.jvp(f, (X,), (np.array([1.0, 10.0]),))

    assert repr(y) == repr(f(X)).replace("3,", "np.int64(3),").replace("1.5", "np.float64(1.5)")
    assert repr(also_y) == repr(y)
    assert y_dot["double"][0].tolist() == [2.0, 20.0]
    assert y_dot["double"][1] is None
    assert y_dot["nothing"] == ()
    assert y_dot["sum"] == (11.0, 0.0)
    (x_bar,) = pull({"double": [np.array([1.0, 0.0]), None], "nothing": (), "count": 0, "sum": (5.0, 7.0)})
    assert x_bar.tolist() == [7.0, 5.0]


def test_aliased_leaves_are_different_variables():
    """One array at two places of a tree is two variables: ∂(a b)/∂a = b, ∂(a b)/∂b = a."""
    x = np.array([2.0, 3.0])

    gradient = cr.grad(lambda t: np.sum(t[0] * t[1] ** 2))([x, x])

    np.testing.assert_array_equal(gradient[0], x**2)
    np.testing.assert_array_equal(gradient[1], 2 * x * x)
    assert not np.shares_memory(*gradient)


def test_dataclass_first_met_in_two_threads():
    """Two threads that meet a new dataclass at the same time both treat it as a container."""
    import threading

    barrier = threading.Barrier(4)
    failures = []

    def run(kind):
        barrier.wait()
        try:
            assert cr.grad(lambda p: p.w**2)(kind(3.0, 0.0)).w == 6.0
        except Exception as error:  # reported by the assertion below
            failures.append(error)

    for _ in range(10):

        @dataclasses.dataclass
        class Fresh:
            w: Any
            b: Any

        threads = [threading.Thread(target=run, args=(Fresh,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert not failures
