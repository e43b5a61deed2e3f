"""Which arguments are differentiated, however they are named and passed."""

import functools
import inspect

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError


def product(x, y, z=1.0, *, scale=1.0):
    """Multiply everything."""
    return scale * np.sum(x * y**2 * z**3)


# ∂/∂x = s y² z³, ∂/∂y = 2 s x y z³, ∂/∂z = 3 s x y² z², ∂/∂s = x y² z³.
X, Y, Z, S = 2.0, 3.0, 5.0, 7.0
PARTIALS = {"x": S * Y**2 * Z**3, "y": 2 * S * X * Y * Z**3, "z": 3 * S * X * Y**2 * Z**2, "scale": X * Y**2 * Z**3}


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, "x"),
        ({"argnums": 1}, "y"),
        ({"argnums": -1}, "z"),
        ({"argnums": np.int64(2)}, "z"),
        ({"argnums": (0, 2)}, ("x", "z")),
        ({"argnums": [2, 0]}, ("z", "x")),
        ({"argnums": (1,)}, ("y",)),
        ({"argnums": ()}, ()),
        ({"argnames": "y"}, "y"),
        ({"argnames": ("z", "y")}, ("z", "y")),
        ({"argnames": "scale"}, "scale"),
        ({"argnums": 0, "argnames": "scale"}, ("x", "scale")),
        ({"argnums": (1, 0), "argnames": ["z", "scale"]}, ("y", "x", "z", "scale")),
    ],
)
def test_chosen_arguments(chosen, names):
    """One name gives one gradient, a sequence a tuple of them in its order, by number or by name."""
    gradient = cr.grad(product, **chosen)(X, Y, Z, scale=S)

    expected = PARTIALS[names] if isinstance(names, str) else tuple(PARTIALS[name] for name in names)
    assert gradient == expected


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, "x"),
        ({"argnums": 1}, "y"),
        ({"argnums": (2, 1)}, ("z", "y")),
        ({"argnums": -1}, "z"),
        ({"argnums": -3}, "x"),
        ({"argnames": ("x", "scale")}, ("x", "scale")),
    ],
)
def test_arguments_by_keyword(chosen, names):
    """A differentiated argument may be passed by keyword; numbers then follow the signature."""
    gradient = cr.grad(product, **chosen)(y=Y, x=X, scale=S, z=Z)

    expected = PARTIALS[names] if isinstance(names, str) else tuple(PARTIALS[name] for name in names)
    assert gradient == expected


def test_some_arguments_by_keyword():
    """Numbers reach what is passed by position and what is passed by keyword, over an argument left to its default."""
    assert cr.grad(product, argnums=(0, 1))(X, y=Y) == (Y**2, 2 * X * Y)


@pytest.mark.parametrize("transformation", [cr.value_and_grad, cr.elementwise_grad, cr.jacobian, cr.hessian, cr.hvp])
def test_every_transformation_takes_names(transformation):
    """Every transformation chooses arguments alike: d(y³)/dy = 3y², d²(y³)/dy² = 6y."""

    def f(x, y):
        return x + y**3

    results = {
        cr.value_and_grad: (10.0, 12.0),
        cr.elementwise_grad: 12.0,
        cr.jacobian: 12.0,
        cr.hessian: 12.0,
        cr.hvp: 12.0,
    }
    vector = (1.0,) if transformation is cr.hvp else ()

    assert transformation(f, argnames="y")(2.0, 2.0, *vector) == results[transformation]
    assert transformation(f, argnums=-1)(2.0, 2.0, *vector) == results[transformation]


def test_functions_without_signature():
    """A ufunc has no signature; its arguments are chosen by number: d(x/y)/dy = -x/y²."""
    assert cr.grad(np.divide, argnums=1)(2.0, 4.0) == -0.125
    assert cr.grad(np.divide, argnums=(0, 1))(2.0, 4.0) == (0.25, -0.125)


class Scaled:
    """A callable object, with a method."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x**2

    def cube(self, x):
        return self.factor * x**3


def test_kinds_of_callables():
    """Lambdas, partials, methods, callable objects and decorated functions are differentiated alike."""

    @functools.wraps(product)
    def decorated(*args, **kwargs):
        return product(*args, **kwargs)

    assert cr.grad(lambda x: x**2)(3.0) == 6.0
    assert cr.grad(functools.partial(product, y=Y))(X) == Y**2
    assert cr.grad(functools.partial(product, X))(Y) == 2 * X * Y
    assert cr.grad(Scaled(2.0))(3.0) == 12.0
    assert cr.grad(Scaled(2.0).cube)(3.0) == 54.0
    assert cr.grad(decorated, argnames="y")(X, Y) == 2 * X * Y


@pytest.mark.parametrize(
    "transformation",
    [cr.grad, cr.value_and_grad, cr.elementwise_grad, cr.jacobian, cr.hessian, cr.vmap, cr.checkpoint, cr.custom],
)
def test_functions_keep_their_looks(transformation):
    """A transformed function keeps name, docstring, module and signature."""
    transformed = transformation(product)

    assert transformed.__name__ == "product"
    assert transformed.__doc__ == "Multiply everything."
    assert transformed.__module__ == product.__module__
    assert inspect.signature(transformed) == inspect.signature(product)


def test_signature_of_hvp():
    """`hvp` adds a vector behind the arguments, and says so in its signature."""
    transformed = cr.hvp(product)

    assert transformed.__name__ == "product"
    assert str(inspect.signature(transformed)) == "(x, y, z, vector, /, *, scale=1.0)"


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"argnums": 2}, "there is no argument number 2 in the call"),
        ({"argnums": -3}, "there is no argument number -3 in the call"),
        ({"argnums": (0, 5)}, "there is no argument number 5 in the call"),
        ({"argnames": "w"}, "there is no argument `w` in the call"),
        ({"argnames": "z"}, "An argument that is left to its default is not differentiated: pass it."),
        ({"argnums": (0, 0)}, "an argument is named twice"),
        ({"argnums": 0, "argnames": "x"}, "an argument is named twice"),
        ({"argnums": 0.5}, "`argnums` is an integer or a sequence of them, not 0.5"),
        ({"argnums": "x"}, "`argnums` is an integer or a sequence of them, not 'x'"),
        ({"argnums": True}, "`argnums` is an integer or a sequence of them, not True"),
        ({"argnames": 1}, "`argnames` is a string or a sequence of them, not 1"),
    ],
)
def test_wrong_choices(chosen, sentence):
    """A choice that does not fit the call is an error that says what the call has."""
    with pytest.raises(cr.errors.ArgumentError, match=sentence.replace("(", r"\(")):
        cr.grad(product, **chosen)(X, Y)


def test_constants_among_the_arguments():
    """Arguments that are not differentiated may be anything: containers, functions, objects, strings, None."""

    def f(x, constants, function, scaled, mode, nothing):
        assert mode == "sum"
        assert nothing is None
        weights = constants["weights"][0]
        return np.sum(function(x) * weights) + scaled(x[0])

    def squared(x):
        result = np.zeros(2)
        result[:] = x**2
        return result

    x, weights = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    gradient = cr.grad(f)(x, {"weights": [weights]}, squared, Scaled(5.0), "sum", None)

    assert gradient.tolist() == [2 * 1.0 * 3.0 + 2 * 5.0, 2 * 2.0 * 4.0]


def test_mutated_arguments():
    """A function that writes to its arguments, differentiated or not, is right, and the caller's arrays stay."""

    def f(x, y, trees):
        x *= 2
        x[0] = y[1] ** 2
        y[:] = x
        trees["a"][0] += y
        return np.sum(trees["a"][0] * y)

    x, y, a = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])

    # After the writes y = (y₁², 2x₁), and f = Σ (a + y) y, so ∂f/∂x₁ = 2 (a₁ + 2 y₁) with y₁ = 2x₁.
    by_x, by_y = cr.grad(f, argnums=(0, 1))(x, y, {"a": [a]})

    assert by_x.tolist() == [0.0, 2 * (6.0 + 2 * 4.0)]
    assert by_y.tolist() == [0.0, (5.0 + 2 * 16.0) * 2 * 4.0]
    assert (x.tolist(), y.tolist(), a.tolist()) == ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0])


def test_memory_mapped_argument(tmp_path):
    """A memory-mapped array that is not differentiated may be written to inside; its file stays as it is."""
    mapped = np.memmap(tmp_path / "numbers", np.float64, "w+", shape=(2,))
    mapped[:] = 1.0

    def f(x, m):
        m[0] = 5.0
        m[1] *= x
        return np.sum(m * x)

    # f = 5x + x².
    assert cr.grad(f)(2.0, mapped) == 9.0
    assert mapped.tolist() == [1.0, 1.0]


def test_appending_to_an_argument():
    """A container that the function changes is its own: the caller's list keeps its length."""

    def f(xs):
        xs.append(xs[0] * xs[1])
        return sum(xs)

    xs = [2.0, 3.0]

    assert cr.grad(f)(xs) == [4.0, 3.0]
    assert xs == [2.0, 3.0]


@pytest.mark.parametrize("transformation", [cr.grad, cr.hessian, cr.hvp, cr.jacobian, cr.value_and_grad])
def test_the_point_in_place_of_argnums(transformation):
    """`cr.hvp(f, x, v)` for `cr.hvp(f)(x, v)` is refused at once: it returned a function."""
    with pytest.raises(ArgumentError, match="`argnums` is an integer"):
        transformation(np.sum, np.ones(3), np.ones(3))
