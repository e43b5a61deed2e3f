"""Products with the Jacobian and its transpose."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numerical import complex_step


def program(x, p):
    """Two results of an array and a tree."""
    y = np.zeros(3, dtype=x.dtype)
    y[:2] = np.sin(x[1:]) * p["a"]
    y[2] = x.prod()
    return {"y": y, "z": (y.sum() * p["b"][0], x @ x)}


X = np.array([0.3, -1.2, 2.0])
P = {"a": np.array([1.5, 2.5]), "b": [0.7]}
V = (np.array([1.0, -2.0, 0.5]), {"a": np.array([0.1, 0.2]), "b": [3.0]})


def flat(tree):
    """The numbers of a result of `program`, as one vector."""
    return np.concatenate([np.ravel(part) for part in (tree["y"], *tree["z"])])


def pushed_by_complex_step():
    """J v, from the complex step."""

    def f(x, a, b):
        return (flat(program(x, {"a": a, "b": [b]})),)

    return complex_step(f, (X, P["a"], P["b"][0]), (V[0], V[1]["a"], V[1]["b"][0]))[0]


def test_jvp():
    """The push is the complex step, and the value is what the function gives."""
    y, y_dot = cr.jvp(program, (X, P), V)

    np.testing.assert_array_equal(flat(y), flat(program(X, P)))
    np.testing.assert_allclose(flat(y_dot), pushed_by_complex_step(), rtol=1e-14)
    assert isinstance(y["z"], tuple)


def test_linearize():
    """The push of `linearize` is the same linear map, at any later time and for any tangent."""
    y, push = cr.linearize(program, X, P)

    np.testing.assert_array_equal(flat(y), flat(program(X, P)))
    np.testing.assert_allclose(flat(push(*V)), pushed_by_complex_step(), rtol=1e-14)
    doubled = push(2 * V[0], {"a": 2 * V[1]["a"], "b": [2 * V[1]["b"][0]]})
    np.testing.assert_allclose(flat(doubled), 2 * pushed_by_complex_step(), rtol=1e-14)
    np.testing.assert_array_equal(flat(push(0 * X, {"a": np.zeros(2), "b": [0.0]})), np.zeros(5))


def test_vjp():
    """The pull is the adjoint of the complex step: ⟨ȳ, J v⟩ = ⟨Jᵀ ȳ, v⟩."""
    y, pull = cr.vjp(program, X, P)
    rng = np.random.default_rng(3)

    np.testing.assert_array_equal(flat(y), flat(program(X, P)))
    for _ in range(3):
        y_bar = {"y": rng.normal(size=3), "z": (rng.normal(), rng.normal())}
        x_bar, p_bar = pull(y_bar)
        paired = x_bar @ V[0] + p_bar["a"] @ V[1]["a"] + p_bar["b"][0] * V[1]["b"][0]
        np.testing.assert_allclose(paired, flat(y_bar) @ pushed_by_complex_step(), rtol=1e-13)


def test_types_of_products():
    """Numbers in give numbers out, arrays arrays, in the dtype of the primal."""
    y, pull = cr.vjp(lambda x, n: x * n, np.ones(2, np.float32), 2.0)
    x_bar, n_bar = pull(np.ones(2))
    assert (y.dtype, x_bar.dtype, type(n_bar)) == (np.float64, np.float32, np.float64)

    y, y_dot = cr.jvp(lambda x: x * x, (np.float32(3.0),), (1,))
    assert (type(y), type(y_dot), y_dot) == (np.float32, np.float32, 6.0)

    y, y_dot = cr.jvp(lambda x: x * x, (np.array(3.0),), (np.array(1.0),))
    assert type(y) is type(y_dot) is np.float64


def test_complex_products():
    """Cotangent and tangent are paired by Re Σ ȳ ẏ, without conjugation: of z² both are 2z."""
    z = np.array([1 + 2j, -0.5j])
    v = np.array([0.3 - 1j, 2 + 0j])

    np.testing.assert_allclose(cr.jvp(np.square, (z,), (v,))[1], 2 * z * v, rtol=1e-15)
    np.testing.assert_allclose(cr.vjp(np.square, z)[1](v)[0], 2 * z * v, rtol=1e-15)
    # conj is its own transpose up to conjugation of what is paired.
    np.testing.assert_allclose(cr.vjp(np.conj, z)[1](v)[0], v.conj(), rtol=1e-15)


def test_exact_zeros_of_a_seed_do_not_take_part():
    """The push of log(x₀) - x₁² at (0, 1) along x₁ is -2, though log has slope ∞ at 0."""

    def f(x):
        return np.log(x[0]) - x[1] ** 2

    with np.errstate(divide="ignore"):
        assert cr.jvp(f, (np.array([0.0, 1.0]),), (np.array([0.0, 1.0]),))[1] == -2.0
        assert cr.linearize(f, np.array([0.0, 1.0]))[1](np.array([0.0, 1.0])) == -2.0


def test_pull_in_another_derivative():
    """A pull is linear in its cotangent: the derivative of pull(ȳ) with respect to ȳ is Jᵀ."""
    x = np.array([1.0, 2.0])
    _, pull = cr.vjp(lambda x: x**3, x)
    _, push = cr.linearize(lambda x: x**3, x)

    np.testing.assert_array_equal(cr.jacobian(lambda bar: pull(bar)[0])(np.ones(2)), np.diag(3 * x**2))
    np.testing.assert_array_equal(cr.jacobian(push)(np.ones(2)), np.diag(3 * x**2))
    np.testing.assert_array_equal(cr.vmap(push)(np.eye(2)), np.diag(3 * x**2))
    np.testing.assert_array_equal(cr.vmap(lambda bar: pull(bar)[0])(np.eye(2)), np.diag(3 * x**2))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: cr.vjp(program, X, P)[1](1.0), cr.errors.TreeError, "the cotangent has another structure"),
        (lambda: cr.vjp(np.sin, X)[1](np.ones(2)), cr.errors.ShapeError, r"the cotangent has shape \(2,\)"),
        (lambda: cr.vjp(np.sin, X)[1](1.0), cr.errors.ShapeError, r"the cotangent has shape \(\)"),
        (lambda: cr.vjp(np.sin, X)[1](1j * X), cr.errors.DTypeError, "the cotangent is complex"),
        (lambda: cr.vjp(np.sin, X)[1]("ones"), cr.errors.DTypeError, "the cotangent is a str"),
        (lambda: cr.vjp(np.sin, 3), cr.errors.DTypeError, "is 3 "),
        (lambda: cr.jvp(np.sin, X, X), cr.errors.TreeError, "`jvp` takes the arguments as a tuple"),
        (lambda: cr.jvp(np.sin, (X,), X), cr.errors.TreeError, "`jvp` takes the tangents as a tuple"),
        (lambda: cr.jvp(np.sin, (X,), (X, X)), cr.errors.TreeError, "the tangent has another structure"),
        (lambda: cr.jvp(np.sin, (X,), (X[:2],)), cr.errors.ShapeError, r"the tangent at `\[0\]` has shape \(2,\)"),
        (lambda: cr.linearize(np.sin, X)[1](X[:2]), cr.errors.ShapeError, r"its primal \(3,\)"),
        (
            lambda: cr.jvp(program, (X, P), (X, {"a": P["a"], "b": [X]})),
            cr.errors.ShapeError,
            r"the tangent at `\[1\]\['b'\]\[0\]` has shape \(3,\), and its primal \(\)",
        ),
    ],
)
def test_seeds_that_do_not_fit(call, error, sentence):
    """A seed that is not like its primal is an error that says where and how."""
    with pytest.raises(error, match=sentence):
        call()
