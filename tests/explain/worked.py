"""The programs of the worked examples, as data made by hand from the formulas of their derivatives."""

import math

import numpy as np

from chainrule.explain.numbers import numbers
from chainrule.explain.program import Edge, Jacobian, Node, Path, Program


def node(name, op, expression, value, adjoint):
    return Node(name, op, expression, "", numbers(value), numbers(adjoint))


def edge(nodes, source, target, slot, structure, symbol, matrix, *, use=None, stored=None, factors=(), paths=1):
    matrix = np.asarray(matrix, float)
    out_shape, in_shape = nodes[target].value.shape, nodes[source].value.shape
    matrix = matrix.reshape(int(np.prod(out_shape)), int(np.prod(in_shape)))
    contribution = (matrix.T @ nodes[target].adjoint.values.reshape(-1)).reshape(in_shape)
    jacobian = Jacobian(
        structure, out_shape, in_shape, symbol, "", stored or matrix.size, matrix, factors=tuple(factors)
    )
    return Edge(source, target, slot, jacobian, use, numbers(contribution), 0.0, paths)


def path(edges, places, result=1.0):
    product = np.eye(1)
    for place in reversed(places):
        product = product @ edges[place].jacobian.entries
    shape = edges[places[0]].jacobian.in_shape
    return Path(tuple(places), numbers((product * result).reshape(shape)))


def scalar_example():
    """y = x·exp(x·x) at 0.5."""
    x = 0.5
    u = math.exp(x * x)
    nodes = [
        node("x", None, "x", x, u + 2 * x * x * u),
        node("v", "multiply", "x*x", x * x, x * u),
        node("u", "exp", "exp(v)", u, x),
        node("y", "multiply", "x*u", x * u, 1.0),
    ]
    edges = [
        edge(nodes, 0, 1, 0, "scalar", "x", x, use=2),
        edge(nodes, 0, 1, 1, "scalar", "x", x, use=3),
        edge(nodes, 1, 2, 0, "scalar", "u", u, paths=2),
        edge(nodes, 0, 3, 0, "scalar", "u", u, use=1),
        edge(nodes, 2, 3, 1, "scalar", "x", x, paths=2),
    ]
    paths = [path(edges, [3]), path(edges, [0, 2, 4]), path(edges, [1, 2, 4])]
    return Program(
        "f",
        "y = x * exp(x * x)",
        nodes,
        edges,
        (0,),
        3,
        paths,
        3,
        (nodes[0].adjoint,),
        1.0,
    )


def two_inputs_example():
    """e = (a + b)(b + 1) at a = 3, b = 2."""
    nodes = [
        node("a", None, "a", 3.0, 3.0),
        node("b", None, "b", 2.0, 8.0),
        node("c", "add", "a+b", 5.0, 3.0),
        node("d", "add", "b+1", 3.0, 5.0),
        node("e", "multiply", "c*d", 15.0, 1.0),
    ]
    edges = [
        edge(nodes, 0, 2, 0, "scalar", "1", 1.0),
        edge(nodes, 1, 2, 1, "scalar", "1", 1.0, use=1),
        edge(nodes, 1, 3, 0, "scalar", "1", 1.0, use=2),
        edge(nodes, 2, 4, 0, "scalar", "d", 3.0, paths=2),
        edge(nodes, 3, 4, 1, "scalar", "c", 5.0),
    ]
    paths = [path(edges, [2, 4]), path(edges, [0, 3]), path(edges, [1, 3])]
    return Program(
        "f",
        "e = (a + b) * (b + 1)",
        nodes,
        edges,
        (0, 1),
        4,
        paths,
        3,
        (nodes[0].adjoint, nodes[1].adjoint),
        1.0,
    )


def vector_example():
    """z = Σ (A x)²."""
    A, x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, -2.0])
    y = A @ x
    nodes = [
        node("x", None, "x", x, A.T @ (2 * y)),
        node("y", "matmul", "A@x", y, 2 * y),
        node("w", "square", "y**2", y * y, np.ones(3)),
        node("z", "sum", "sum(w)", (y * y).sum(), 1.0),
    ]
    edges = [
        edge(nodes, 0, 1, 1, "dense", "A", A),
        edge(nodes, 1, 2, 0, "diagonal", "diag(2*y)", np.diag(2 * y), stored=3),
        edge(nodes, 2, 3, 0, "ones", "[1 1 1]", np.ones((1, 3)), stored=1),
    ]
    return Program(
        "f", "z = sum((A @ x)**2)", nodes, edges, (0,), 3, [path(edges, [0, 1, 2])], 1, (nodes[0].adjoint,), 1.0
    )


def tensor_example(*, both=False):
    """z = Σ (A B) ∘ G."""
    A, B = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
    G = np.array([[1.0, -1.0], [2.0, 0.5]])
    C, eye = A @ B, np.eye(2)
    inputs = [node("A", None, "A", A, G @ B.T), node("B", None, "B", B, A.T @ G)][: 1 + both]
    n = len(inputs)
    nodes = [
        *inputs,
        node("C", "matmul", "A@B", C, G),
        node("w", "multiply", "C*G", C * G, np.ones((2, 2))),
        node("z", "sum", "sum(w)", (C * G).sum(), 1.0),
    ]
    edges = [
        edge(nodes, 0, n, 0, "kronecker", "I₂ ⊗ Bᵀ", np.kron(eye, B.T), stored=6, factors=[("I₂", eye), ("Bᵀ", B.T)])
    ]
    if both:
        edges.append(
            edge(nodes, 1, n, 1, "kronecker", "A ⊗ I₂", np.kron(A, eye), stored=6, factors=[("A", A), ("I₂", eye)])
        )
    edges += [
        edge(nodes, n, n + 1, 0, "diagonal", "diag(G)", np.diag(G.ravel()), stored=4, paths=n),
        edge(nodes, n + 1, n + 2, 0, "ones", "1ᵀ", np.ones((1, 4)), stored=1, paths=n),
    ]
    return Program(
        "f",
        "z = sum(A @ B * G)",
        nodes,
        edges,
        tuple(range(n)),
        n + 2,
        [path(edges, [k, n, n + 1]) for k in range(n)],
        n,
        tuple(each.adjoint for each in inputs),
        1.0,
    )
