"""The local Jacobian of a step: the maps of its ops, put together, are the derivative of the whole."""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pytest

from chainrule.api.trees import flatten
from chainrule.explain.program import SHOWN_ENTRIES
from chainrule.explain.run.local import edge_map, jacobian_of, map_of_nodes
from chainrule.graph import Node
from chainrule.graph.node import input_node, make_node
from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.swap import opened
from chainrule.testing.laws.tangent import by_complex_step
from chainrule.testing.numerical import central_difference, complex_step
from chainrule.testing.samples import FAMILIES
from chainrule.trace import Level, Value, make_value, projection


class Recorder(Level):
    """A level that records nodes, and their values."""

    def __init__(self):
        super().__init__()
        self.nodes = []
        self.values = {}
        self.complete = True

    def value(self, x, node):
        self.values[node] = x
        return make_value(self, x, node, x.shape, x.dtype)

    def bind(self, op, operands, params):
        if op.composite:
            return op.evaluate(*operands, **params)
        mine = [type(x) is Value and x.level is self for x in operands]
        xs = [x.below if own else x for x, own in zip(operands, mine, strict=True)]
        nodes = tuple(x.attached if own else x for x, own in zip(operands, mine, strict=True))
        params = {**params, "donate": False} if "donate" in params else params
        y = op(*xs, **params)
        if any(type(z) is Value for z in (*xs, y)):
            # What belongs to the level of a limit has no numbers of its own.
            self.complete = False
        if op.discrete:
            return y
        several = type(y) is tuple
        shape, dtype = ([r.shape for r in y], tuple(r.dtype for r in y)) if several else (y.shape, y.dtype)
        main = make_node(op, nodes, nodes, None, params, shape, dtype)
        self.nodes.append(main)
        self.values[main] = y
        if not several:
            return self.value(y, main)
        results = []
        for k, r in enumerate(y):
            part = make_node(projection, (main,), (main,), None, {"k": k}, r.shape, r.dtype)
            self.nodes.append(part)
            results.append(self.value(r, part))
        return tuple(results)


@dataclass
class Step:
    """All that a function did, as one step."""

    nodes: tuple[Node, ...]
    operands: list = field(default_factory=list)
    uses: list = field(default_factory=list)
    maps: dict = field(default_factory=dict)


def recorded(f, *xs):
    """A run as one step for each result, and what was recorded."""
    level = Recorder()
    inputs = []
    handles = []
    for x in xs:
        node = input_node(x)
        value = level.value(np.array(x)[()], node)
        inputs.append(node)
        handles.append(Array(value) if isinstance(x, np.ndarray) else Scalar(value))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        y = opened(f)(*handles)
    steps = []
    for leaf in flatten(y)[0]:
        value = leaf._read() if isinstance(leaf, Handle) else None
        if type(value) is not Value or value.level is not level or value.attached.op is None:
            steps.append(None)
            continue
        # Reading may have recorded the part that a view shows.
        nodes = level.nodes[: level.nodes.index(value.attached) + 1]
        uses = [tuple((n, k) for n in nodes for k, x in enumerate(n.operands) if x is leaf) for leaf in inputs]
        steps.append(Step(tuple(nodes), [(k, None) for k, found in enumerate(uses)], uses))
    return steps, level


def edges(f, *xs):
    """The map for each operand of a function of arrays, taken as one step."""
    (step,), level = recorded(f, *xs)
    return [edge_map(step, k, level) for k in range(len(xs))]


A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
B = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
G = np.array([[1.0, -1.0], [2.0, 0.5]])
x = np.array([1.0, -2.0, 0.5])


def test_numbers_have_scalars():
    """∂(x u)/∂x = u and ∂(x u)/∂u = x."""
    m, n = edges(lambda x, u: x * u, np.float64(0.5), np.float64(1.25))

    assert jacobian_of(m).structure == jacobian_of(n).structure == "scalar"
    assert jacobian_of(m).entries.tolist() == [[1.25]]
    assert jacobian_of(n).entries.tolist() == [[0.5]]


def test_a_square_has_a_diagonal():
    """∂(y²)/∂y = diag(2 y)."""
    jacobian = jacobian_of(*edges(lambda y: y**2, x))

    assert (jacobian.structure, jacobian.stored) == ("diagonal", 3)
    np.testing.assert_array_equal(np.diag(2 * x), jacobian.entries)


def test_a_matrix_times_a_vector_is_the_matrix():
    """∂(A x)/∂x = A, whatever reshapes there are inside; and in A it is I ⊗ xᵀ."""
    m, n = edges(lambda a, x: a @ x, A, x)

    assert (n.structure, n.stored) == ("dense", 6)
    np.testing.assert_array_equal(A, n.dense())
    assert (m.structure, m.stored) == ("kronecker", 3)
    np.testing.assert_array_equal(np.kron(np.eye(2), x[None]), m.dense())


def test_a_matrix_product_is_a_kronecker_product():
    """∂(A B)/∂A = I ⊗ Bᵀ and ∂(A B)/∂B = A ⊗ I, and the pull is G Bᵀ and Aᵀ G."""
    first, second = edges(lambda a, b: a @ b, A, B)

    for m, left, right in ((first, np.eye(2), B.T), (second, A, np.eye(2))):
        jacobian = jacobian_of(m)
        assert (jacobian.structure, jacobian.stored) == ("kronecker", 6)
        np.testing.assert_array_equal(np.kron(left, right), jacobian.entries)
        assert [factor.tolist() for _, factor in jacobian.factors] == [left.tolist(), right.tolist()]
    np.testing.assert_array_equal(G @ B.T, first.pull(G))
    np.testing.assert_array_equal(A.T @ G, second.pull(G))


def test_a_matrix_times_its_transpose():
    """∂(A Bᵀ)/∂B is A ⊗ I with its columns in another order."""
    _, m = edges(lambda a, b: a @ b.T, A, B.T.copy())
    swap = np.arange(6).reshape(2, 3).T.reshape(-1)

    assert (m.structure, m.stored) == ("permuted kronecker", 6)
    np.testing.assert_array_equal(np.kron(A, np.eye(2)), m.dense()[:, swap])


def test_a_partial_that_happens_to_be_one_makes_no_identity():
    """x * 1.0 is a diagonal with one number, x + 1.0 an identity."""
    assert [m.structure for m in edges(lambda x: x * 1.0, x)] == ["diagonal"]
    assert [m.structure for m in edges(lambda x: x + 1.0, x)] == ["identity"]


@pytest.mark.parametrize(
    ("f", "structure", "stored"),
    [
        (np.sum, "ones", 0),
        (np.mean, "weighted sum", 1),
        (np.cumsum, "triangular", 0),
        (np.diff, "banded", None),
        (lambda x: np.convolve(x, [1.0, 2.0]), "banded", 2),
        (lambda x: x.reshape(3, 1), "identity", 0),
        (lambda x: x[::-1], "permutation", 0),
        (lambda x: np.roll(x, 1), None, None),
        (lambda x: x[:2], "selection", 0),
        (lambda x: x[[0, 0, 2, 1]], "selection", 0),
        (lambda x: np.broadcast_to(x, (2, 3)), "broadcast", 0),
        (lambda x: 3 * x, "diagonal", 1),
        (lambda x: x[1:] * x[0], None, None),
        (lambda x: x - np.mean(x), "low rank + diagonal", None),
        (lambda x: np.exp(x) / np.sum(np.exp(x)), "low rank + diagonal", None),
        (lambda x: np.ones(3) * np.sum(x), "low rank", None),
        (lambda x: np.outer(x, x), None, None),
        (np.var, None, None),
        (np.std, None, None),
        (np.linalg.norm, None, None),
        (np.max, "weighted sum", None),
        (np.sort, "permutation", 0),
        (np.prod, None, None),
        (lambda x: np.pad(x, 1), "selection", 0),
        (lambda x: np.concatenate([x, x]), None, None),
        (lambda x: np.tril(x), None, None),
    ],
)
def test_structure_and_numbers(f, structure, stored):
    """The structure is as the field calls it, and the matrix is the derivative by the complex step or differences."""
    values = np.linspace(0.3, 2.0, 6) if structure and "low rank" in structure else x
    f_of = f if structure != "low rank" else lambda x: np.ones(6) * np.sum(x)
    (m,) = edges(f_of, values)

    if structure is not None:
        assert m.structure == structure
    if stored is not None:
        assert m.stored == stored
    columns = [central_difference(lambda v: (f_of(v),), (values,), (e,))[0].reshape(-1) for e in np.eye(values.size)]
    np.testing.assert_allclose(m.dense(), np.array(columns).T, atol=1e-8)


def test_a_branch_not_taken_is_zero_and_not_nan():
    """where(x > 0, √x, x): the row of a negative x is that of the identity, though √x is NaN there."""
    (m,) = edges(lambda x: np.where(x > 0, np.sqrt(x), x), np.array([-1.0, 4.0]))

    np.testing.assert_array_equal([[1.0, 0.0], [0.0, 0.25]], m.dense())
    np.testing.assert_array_equal([1.0, 0.25], m.pull(np.ones(2)))


def test_a_zero_of_the_structure_is_zero_beside_an_infinite_derivative():
    """√x at 0, of which the other entry is taken: the infinite partial does not spread."""
    (m,) = edges(lambda x: 2 * np.sqrt(x)[1:], np.array([0.0, 4.0]))

    np.testing.assert_array_equal([[0.0, 0.5]], m.dense())


def test_a_product_of_zero_and_infinity_is_nan():
    """√x √x at 0 is no zero of the structure."""
    (m,) = edges(lambda x: np.sqrt(x) * np.sqrt(x), np.array([0.0, 4.0]))

    np.testing.assert_array_equal([[np.nan, 0.0], [0.0, 1.0]], m.dense())


def test_large_maps_are_not_written_out():
    """A map of 10⁶ entries has its structure, and no matrix unless it is small."""
    big = np.ones(10**6)
    (m,) = edges(lambda x: np.sum(np.tanh(x) * 2), big)
    jacobian = jacobian_of(m)

    assert jacobian.entries is None
    assert jacobian.columns > SHOWN_ENTRIES
    np.testing.assert_allclose(m.pull(np.float64(1)), 2 / np.cosh(big) ** 2)


def test_a_step_that_only_conjugates_has_no_matrix():
    """A map that is linear over the real numbers alone works, and is shown without entries."""
    z = np.array([1 + 2j, 3 - 1j])
    (m,) = edges(lambda z: np.conj(z) * z, z)

    assert jacobian_of(m).entries is None
    np.testing.assert_allclose(m.push(1j * z), np.zeros(2), atol=1e-12)


def test_the_squared_modulus_has_a_matrix():
    """Re(conj(z) z) is real, so its derivative is the row 2 conj(z): ẏ = Re(2 conj(z) ż)."""
    z = np.array([1 + 2j, 3 - 1j])
    (m,) = edges(lambda z: np.real(np.conj(z) * z), z)

    np.testing.assert_allclose(m.push(1j * z), np.zeros(2), atol=1e-12)
    np.testing.assert_allclose(m.pull(np.ones(2)), 2 * np.conj(z))


SAMPLES = [
    pytest.param(sample, id=f"{family}-{k}-{sample.title}")
    for family, samples in FAMILIES.items()
    for k, sample in enumerate(samples)
    if sample.order
]


@pytest.mark.parametrize("sample", SAMPLES[1::3])
def test_a_whole_program_as_one_step(sample):
    """Of every third sample: the maps of all ops, composed and added up, are the numerical derivative."""
    for case in sample.cases():
        if case.is_single or case.is_complex:
            continue
        steps, level = recorded(sample.function, *case.inputs)
        results = case.value
        if not level.complete or sum(y.size for y in results) * sum(z.size for z in case.inputs) > 300:
            continue
        for k, operand in enumerate(case.inputs):
            columns = [[] for _ in results]
            for unit in np.eye(operand.size).reshape(operand.size, *operand.shape):
                x_dots = tuple(unit[()] if j == k else np.zeros(other.shape)[()] for j, other in enumerate(case.inputs))
                numerical = complex_step if by_complex_step(case) else central_difference
                for column, y_dot in zip(columns, numerical(case.plain, case.inputs, x_dots), strict=True):
                    column.append(np.reshape(y_dot, -1))
            for step, y, column in zip(steps, results, columns, strict=True):
                if step is None or y.dtype.kind not in "fc" or not operand.size:
                    continue
                m = edge_map(step, k, level) if step.uses[k] else None
                found = np.zeros((y.size, operand.size)) if m is None else m.dense()
                scale = max(1.0, float(np.max(np.abs(y), initial=0)), float(np.max(np.abs(column), initial=0)))
                np.testing.assert_allclose(found, np.array(column).T, atol=3e-7 * scale, err_msg=f"{case}, {m}")


def test_the_map_of_nodes_that_lead_nowhere_is_zero():
    """A value that the result does not depend on has a map of zeros."""
    steps, level = recorded(lambda x: (np.exp(x), np.sin(x)), x)
    step = steps[1]
    exponential = next(node for node in step.nodes if node.op.name == "exp")

    m = map_of_nodes(step.nodes, ((exponential, 0),), level.values)

    assert m.structure == "zero"
    assert not m.dense().any()
