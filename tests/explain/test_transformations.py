"""Other features of the library inside an explained function, and explanations of what they make."""

import numpy as np
import pytest

import chainrule as cr


def shown(ex):
    """An explanation that was shown in every form."""
    assert str(ex)
    assert ex.latex()
    assert ex.svg()
    assert ex.html()
    ex.check()
    return ex


@cr.jit
def compiled(x):
    s = np.sin(x)
    return s * x


def test_a_compiled_function_inside_runs_as_it_is():
    """exp(x sin x) has two paths, step by step: d/dx = exp(x sin x) (sin x + x cos x)."""
    x = 0.7
    ex = shown(cr.explain(lambda x: np.exp(compiled(x)), x))

    assert ex.gradient == pytest.approx(np.exp(x * np.sin(x)) * (np.sin(x) + x * np.cos(x)), rel=1e-14)
    assert [node.op for node in ex.program.nodes] == [None, "sin", "multiply", "exp"]
    assert ex.n_paths == 2
    assert ex.node("s").value.values == np.sin(x)


def test_a_compiled_function_itself():
    x = 0.7
    ex = shown(cr.explain(compiled, x))

    assert ex.gradient == pytest.approx(np.sin(x) + x * np.cos(x), rel=1e-14)


def test_a_mapped_function_inside():
    """Σᵢ Σₖ sin(xᵢₖ) sᵢ with the sums of the rows sᵢ: ∂/∂xᵢₖ = cos(xᵢₖ) sᵢ + Σⱼ sin(xᵢⱼ)."""
    x = np.arange(6.0).reshape(3, 2) + 1
    ex = shown(cr.explain(lambda x: np.sum(cr.vmap(lambda row: np.sin(row) * np.sum(row))(x)), x))

    expected = np.cos(x) * x.sum(1, keepdims=True) + np.sin(x).sum(1, keepdims=True)
    np.testing.assert_allclose(ex.gradient, expected, rtol=1e-13)


def test_an_operation_of_ones_own():
    """A step with the name of the function, and the derivative that was stated: that of x³ is 3 x²."""

    @cr.custom
    def cube(x):
        return x * x * x

    @cube.partials
    def cube_partials(y, x):
        return 3 * x * x

    ex = shown(cr.explain(lambda x: np.sum(cube(x) * 2), np.array([1.0, 2.0])))

    np.testing.assert_allclose(ex.gradient, [6.0, 24.0], rtol=1e-15)
    node = ex.program.nodes[1]
    assert "cube" in node.op
    assert "cube" in node.expression


def test_an_operation_that_can_only_be_pulled():
    @cr.custom
    def cube(x):
        return x * x * x

    @cube.pull
    def cube_pull(y_bar, y, x):
        return 3 * x * x * y_bar

    ex = shown(cr.explain(lambda x: np.sum(cube(x) * 2), np.array([1.0, 2.0])))

    np.testing.assert_allclose(ex.gradient, [6.0, 24.0], rtol=1e-15)


def test_a_checkpoint_is_one_step():
    """Σ sin(eˣ): what is computed again is not looked into."""
    x = np.array([0.7, 0.2])
    ex = shown(cr.explain(lambda x: np.sum(cr.checkpoint(lambda t: np.sin(np.exp(t)))(x)), x))

    np.testing.assert_allclose(ex.gradient, np.cos(np.exp(x)) * np.exp(x), rtol=1e-14)
    assert len(ex.program.nodes) == 3


def test_a_derivative_inside():
    """The derivative of d/dt t² sin t = 2 t sin t + t² cos t is 2 sin t + 4 t cos t - t² sin t."""
    t = 0.7
    expected = 2 * np.sin(t) + 4 * t * np.cos(t) - t**2 * np.sin(t)
    f = cr.grad(lambda t: np.sin(t) * t**2)

    for ex in (cr.explain(f, t), cr.explain(lambda t: f(t), t), cr.explain(lambda t: f(t), t, detail="ops")):
        assert shown(ex).gradient == pytest.approx(expected, rel=1e-14)
        assert ex.value == pytest.approx(2 * t * np.sin(t) + t**2 * np.cos(t), rel=1e-14)


def test_a_tangent_inside():
    """jvp of sin along 1 is cos, whose derivative is -sin."""
    ex = shown(cr.explain(lambda x: cr.jvp(np.sin, (x,), (1.0,))[1], 0.7))

    assert ex.gradient == pytest.approx(-np.sin(0.7), rel=1e-15)


def test_a_hessian_inside():
    """The Hessian of Σ x³ is diag(6 x): the sum of its entries has the gradient 6."""
    ex = shown(cr.explain(lambda x: np.sum(cr.hessian(lambda t: np.sum(t**3))(x)), np.array([0.7, 0.2])))

    np.testing.assert_allclose(ex.gradient, [6.0, 6.0], rtol=1e-14)
