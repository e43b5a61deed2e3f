"""`cr.explain`: values and gradients, the worked examples, bad input, and what it keeps alive."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ExplainError
from chainrule.explain import Explanation


def bell(x):
    v = x * x
    u = np.exp(v)
    y = x * u
    return y


def test_three_uses_of_one_number():
    """y = x·exp(x·x) has three paths: x₁ → y, x₂ → v → u → y and x₃ → v → u → y."""
    ex = cr.explain(bell, 0.5)

    step = 1e-200
    assert np.imag(bell(0.5 + step * 1j)) / step == pytest.approx(ex.gradient, rel=1e-15)
    assert ex.n_paths == 3
    assert ex.cancellation == 1
    first, second, third = ex.paths()
    names = [[ex.program.nodes[ex.program.edges[e].target].op for e in path.edges] for path in (first, second, third)]
    assert names == [["multiply"], ["multiply", "exp", "multiply"], ["multiply", "exp", "multiply"]]
    uses = [ex.program.edges[path.edges[0]].use for path in (first, second, third)]
    assert uses == [1, 2, 3]
    u = np.exp(0.25)
    np.testing.assert_allclose([float(p.contribution.values) for p in ex.paths()], [u, u / 4, u / 4], rtol=1e-15)


def test_vector():
    """z = Σ (A x)²: ∇z = 2 Aᵀ A x = [-106, -136]."""
    A = np.array([[1.0, 2], [3, 4], [5, 6]])
    ex = cr.explain(lambda x: np.sum((A @ x) ** 2), np.array([1.0, -2.0]))

    assert ex.value == 83
    np.testing.assert_array_equal(ex.gradient, [-106, -136])
    edges = ex.edges()
    np.testing.assert_array_equal(edges[0].jacobian.dense(), A)
    np.testing.assert_array_equal(edges[1].jacobian.dense(), np.diag([-6.0, -10, -14]))
    np.testing.assert_array_equal(edges[2].jacobian.dense(), np.ones((1, 3)))
    np.testing.assert_array_equal(edges[0].jacobian.matvec([1.0, 1]), [3, 7, 11])
    np.testing.assert_array_equal(edges[0].jacobian.rmatvec([1.0, 0, 1]), [6, 8])
    assert edges[0].jacobian.shape == (3, 2)


def test_tensor():
    """C = A B has ∂C/∂A = I₂ ⊗ Bᵀ and ∂C/∂B = A ⊗ I₂, flattened row by row."""
    A = np.array([[1.0, 2, 3], [4, 5, 6]])
    B = np.array([[1.0, 0], [2, 1], [0, 3]])
    G = np.array([[1, -1], [2, 0.5]])
    ex = cr.explain(lambda A, B: np.sum((A @ B) * G), A, B, argnums=(0, 1))

    assert ex.value == 33.5
    np.testing.assert_array_equal(ex.gradient[0], [[1, 1, -3], [2, 4.5, 1.5]])
    np.testing.assert_array_equal(ex.gradient[1], [[9, 1], [12, 0.5], [15, 0]])
    edges = ex.edges()[:2]
    np.testing.assert_array_equal(edges[0].jacobian.dense(), np.kron(np.eye(2), B.T))
    np.testing.assert_array_equal(edges[1].jacobian.dense(), np.kron(A, np.eye(2)))


def test_adjoints_of_the_small_graph():
    """e = (a+b)(b+1) at a=3, b=2: values 5, 3, 15 and adjoints 3, 8 | 3, 5, 1."""
    ex = cr.explain(lambda a, b: (a + b) * (b + 1), 3.0, 2.0, argnums=(0, 1))

    assert [float(node.value.values) for node in ex.program.nodes] == [3, 2, 5, 3, 15]
    assert [float(node.adjoint.values) for node in ex.program.nodes] == [3, 8, 3, 5, 1]
    assert ex.n_paths == 3


def test_round_trip_as_json():
    ex = cr.explain(bell, 0.5)
    again = Explanation.from_json(ex.to_json())

    assert again.to_json() == ex.to_json()
    assert (again.value, again.gradient) == (ex.value, ex.gradient)


def test_called_later():
    assert cr.explain(bell)(0.5).gradient == cr.explain(bell, 0.5).gradient


def test_inside_a_derivative():
    with pytest.raises(ExplainError, match="inside a function"):
        cr.grad(lambda x: cr.explain(bell, x).value)(0.5)


def test_import_is_lazy():
    """Importing the library does not import what explains."""
    code = "import sys, chainrule; print(any(name.startswith('chainrule.explain') for name in sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "False"


@pytest.mark.parametrize("suffix", [".html", ".svg", ".tex", ".json", ".txt"])
def test_saved_by_suffix(tmp_path, suffix):
    path = tmp_path / f"bell{suffix}"
    cr.explain(bell, 0.5).save(path)

    text = path.read_text(encoding="utf-8")
    begins = {".html": "<!doctype", ".svg": "<svg", ".tex": "\\begin", ".json": "{", ".txt": "y ="}
    assert text.lower().lstrip().startswith(begins[suffix])


def test_unknown_suffix(tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        cr.explain(bell, 0.5).save(tmp_path / "bell.pdf")


def test_in_a_notebook():
    """A frame that has no rights but scripts, with a picture and text for those who show no frames."""
    bundle = cr.explain(bell, 0.5)._repr_mimebundle_()

    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert bundle["text/html"].count("<iframe ") == bundle["text/html"].count('<iframe sandbox="allow-scripts') == 1
    assert "<script" not in bundle["text/html"]  # it is escaped
    assert "<script" not in bundle["image/svg+xml"]
    assert bundle["text/plain"] == str(cr.explain(bell, 0.5))


def test_cost():
    ex = cr.explain(lambda x: np.sum(np.sin(x) ** 2), np.ones(1000), cost=True)

    assert ex.program.cost_measured
    assert all(node.seconds is not None and node.pull_seconds is not None for node in ex.program.nodes)
    assert ex.program.nodes[1].seconds > 0
    assert cr.explain(bell, 0.5).program.nodes[1].seconds is None


def test_which_argument():
    def f(a, b, *, c):
        return a * b + c

    assert cr.explain(f, 2.0, 3.0, c=4.0, wrt="c").gradient == 1
    assert cr.explain(f, 2.0, 3.0, c=4.0, argnums=1).gradient == 2
    assert cr.explain(f, 2.0, 3.0, c=4.0, wrt=(0, "c")).gradient == (3, 1)
    assert [n.name for n in cr.explain(f, 2.0, 3.0, c=4.0, wrt=[1]).program.nodes[:1]] == ["b"]


def test_trees_of_arguments():
    """Every leaf of a container is an input, named by where it stands; the gradient has the container's structure."""

    def f(parameters):
        return np.sum(parameters["W"] @ parameters["b"])

    ex = cr.explain(f, {"W": np.eye(2), "b": np.ones(2)})

    assert set(ex.gradient) == {"W", "b"}
    np.testing.assert_array_equal(ex.gradient["W"], np.ones((2, 2)))
    assert len(ex.program.inputs) == 2


def test_what_there_is_not():
    ex = cr.explain(bell, 0.5)

    with pytest.raises(KeyError, match="no value `w`; there are `x`, `v`, `u`, `y`"):
        ex.node("w")
    with pytest.raises(KeyError, match="slots are 0, 1"):
        ex.edge("v")
    with pytest.raises(KeyError, match="no slot 2"):
        ex.edge("y", slot=2)
    with pytest.raises(ValueError, match="`mode='sideways'`"):
        cr.explain(bell, 0.5, mode="sideways")
    with pytest.raises(ExplainError, match="picks no entry"):
        cr.explain(lambda x: [x], 0.5, out=3)


def test_read_from_json():
    """What needs the run itself says so; a matrix that was written down is there."""
    ex = Explanation.from_json(cr.explain(bell, 0.5).to_json())

    assert ex.edge("u").jacobian.dense()[0, 0] == np.exp(0.25)
    assert ex.edge("u").jacobian.matvec([2.0]) == 2 * np.exp(0.25)
    with pytest.raises(ExplainError, match="read from JSON"):
        ex.check()
    with pytest.raises(ExplainError, match="read from JSON"):
        ex.flow("x")
    assert str(ex) == str(cr.explain(bell, 0.5))


def test_wrong_derivative_is_not_drawn():
    """A rule whose push and pull disagree is a bug, and no picture is made of it."""

    @cr.custom
    def wrong(x):
        return x**2

    @wrong.push
    def wrong_push(x_dots, y, x):
        return 3 * x * x_dots[0]

    @wrong.pull
    def wrong_pull(y_bar, y, x):
        return 2 * x * y_bar

    with pytest.raises(ExplainError, match="pushed forwards"):
        cr.explain(lambda x: np.sum(wrong(x)), np.array([1.0, 2.0]))


def test_complex_values():
    """Complex numbers on the way, and a complex argument, whose gradient is ∂f/∂x - i ∂f/∂y."""

    def f(z):
        w = z * z + 1j
        return np.abs(np.sum(w)) ** 2

    z = np.array([0.5 + 0.25j, -1.0 + 2j])
    ex = cr.explain(f, z)
    h = 1e-6
    for k in range(2):
        unit = h * (np.arange(2) == k)
        truth = (f(z + unit) - f(z - unit)) / (2 * h) - 1j * (f(z + 1j * unit) - f(z - 1j * unit)) / (2 * h)
        assert ex.gradient[k] == pytest.approx(truth, rel=1e-6)
    np.testing.assert_array_equal(ex.gradient, cr.grad(f)(z))
    assert ex.program.checks["forward"] < 1e-12


def test_single_precision():
    ex = cr.explain(lambda x: np.sum(np.exp(x) / np.sum(np.exp(x)) * x), np.linspace(0, 1, 50, dtype=np.float32))

    assert ex.gradient.dtype == np.float32
    assert ex.program.checks["reverse"] < 1e-4


def test_limits_are_not_explained():
    """A derivative that is a limit (eigenvectors of equal eigenvalues) has no local Jacobians to show."""

    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * w) @ v.T)

    with pytest.raises(ExplainError, match="limit of derivatives"):
        cr.explain(f, np.eye(2))


def test_what_a_notebook_is_given():
    """Forms that a notebook asks for, or does not, and with `embed="svg"` no page."""
    ex = cr.explain(bell, 0.5)
    assert list(ex._repr_mimebundle_()) == ["text/html", "image/svg+xml", "text/plain"]
    assert ex._repr_mimebundle_(include={"text/plain"}) == {"text/plain": ex.text()}
    assert list(ex._repr_mimebundle_(exclude={"text/html"})) == ["image/svg+xml", "text/plain"]
    assert ex._repr_mimebundle_(include={"text/html"}, exclude={"text/html"}) == {}

    small = cr.explain(bell, 0.5, embed="svg")._repr_mimebundle_()
    assert list(small) == ["image/svg+xml", "text/plain"]
    assert sum(map(len, small.values())) < 30_000
    with pytest.raises(ValueError, match="`embed='png'`: it is one of 'page', 'svg'"):
        cr.explain(bell, 0.5, embed="png")


def test_scheme_of_the_picture():
    """A scheme that is asked for does not depend on the reader's system."""
    ex = cr.explain(bell, 0.5)

    assert "prefers-color-scheme" in ex.svg()
    dark, light = ex.svg(scheme="dark"), ex.svg(scheme="light")
    assert dark != light
    assert "prefers-color-scheme" not in dark + light
