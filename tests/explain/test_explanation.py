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
    edges = [cr.explain.explanation.ExplainedEdge(ex, k) for k in range(3)]
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
    edges = [cr.explain.explanation.ExplainedEdge(ex, k) for k in range(2)]
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
