"""The algebra of linear maps: the map of each op is its Jacobian, and it has the structure that it claims."""

import warnings

import numpy as np
import pytest

from chainrule import ops
from chainrule.errors import DTypeError, ShapeError
from chainrule.graph.node import input_node, make_node
from chainrule.jacobians import undefined
from chainrule.jacobians.forms import Pulled
from chainrule.jacobians.maps import (
    Conjugation,
    Contraction,
    Dense,
    Diagonal,
    Identity,
    Scalar,
    Selection,
    Summation,
    Zero,
    map_of,
)
from chainrule.jacobians.zeros import ZERO, Masked, parts, sum_tangent_to
from chainrule.numpy.handle import Array
from chainrule.numpy.handle import Scalar as ScalarHandle
from chainrule.numpy.swap import opened
from chainrule.testing.samples import FAMILIES
from chainrule.trace import Level, Value, make_value

# The greatest matrix that is compared.
MOST_ENTRIES = 900

# The relative cutoff of a pseudo-inverse, which is no variable.
CUTOFF = (ops.pinv, 1)


class Watching(Level):
    """A level that keeps the ops that it is asked for, with their operands and results."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle(self, x):
        return Array(self.value(x)) if isinstance(x, np.ndarray) else ScalarHandle(self.value(x))

    def value(self, x):
        return make_value(self, x, None, x.shape, x.dtype)

    def bind(self, op, operands, params):
        if op.composite:
            return op.evaluate(*operands, **params)
        xs = tuple(x.below if type(x) is Value and x.level is self else x for x in operands)
        params = {**params, "donate": False} if "donate" in params else params
        y = op(*xs, **params)
        # What belongs to the level of a limit has no numbers of its own.
        if not any(type(z) is Value for z in (*xs, y)):
            self.seen.append((op, tuple(np.array(x)[()] for x in xs), y, params))
        return tuple(map(self.value, y)) if type(y) is tuple else self.value(y)


def applications(sample):
    """Every application of an op in the sample's cases in double precision, as (op, operands, result, parameters)."""
    found = {}
    for case in sample.cases():
        if case.is_single:
            continue
        level = Watching()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            opened(sample.function)(*map(level.handle, case.inputs))
        for op, xs, y, params in level.seen:
            shapes = tuple((x.shape, x.dtype) for x in xs)
            found.setdefault((op, shapes, str(params)), (op, xs, y, params))
    return found.values()


def is_refused(op, slot):
    """Whether the op says that it has no derivative with respect to the operand, as the order of a Bessel function."""
    rules = getattr(op.jacobian, "partials", ())
    rule = rules if callable(rules) else dict(enumerate(rules)).get(slot)
    return getattr(rule, "__module__", "") == undefined.__name__


def maps(sample):
    """Every map in the sample's cases, with (op, operands, result, parameters, slot, part)."""
    for op, xs, y, params in applications(sample):
        if op.jacobian is None:
            continue
        results = enumerate(y) if type(y) is tuple else [(None, y)]
        node = make_node(op, tuple(map(input_node, xs)), xs, y, params, None, None)
        for part, result in results:
            for slot, x in enumerate(xs):
                varies = x.dtype.kind in "fc" and result.dtype.kind in "fc" and (op, slot) != CUTOFF
                if varies and not is_refused(op, slot) and x.size * result.size <= MOST_ENTRIES:
                    yield map_of(node, slot, xs, y, part=part), (op, xs, y, params, slot, part)


def pushed(op, xs, y, params, slot, part, x_dot):
    """The push of the op's rule, of what is not 0."""
    x_dots = [ZERO] * len(xs)
    x_dots[slot] = Masked(x_dot, x_dot == 0) if x_dot.ndim else x_dot[()]
    with np.errstate(all="ignore"):
        y_dot = op.jacobian.push(tuple(x_dots), xs, y, params)
    result, y_dot = (y, y_dot) if part is None else (y[part], y_dot[part])
    return np.zeros(result.shape) if y_dot is ZERO else np.broadcast_to(parts(y_dot)[0], result.shape)


def pulled(op, xs, y, params, slot, part, y_bar):
    """The pull of the op's rule."""
    operands = tuple(input_node(x) if k == slot else x for k, x in enumerate(xs))
    y_bars = y_bar if part is None else [y_bar if k == part else ZERO for k in range(len(y))]
    with np.errstate(all="ignore"):
        x_bar = op.jacobian.pull(y_bars, xs, y, params, operands)[slot]
    if x_bar is None or x_bar is ZERO:
        return np.zeros(xs[slot].shape)
    x_bar = sum_tangent_to(x_bar, xs[slot].shape)
    return np.zeros(xs[slot].shape) if x_bar is ZERO else parts(x_bar)[0]


def units(shape):
    """The unit vectors of a shape."""
    size = int(np.prod(shape, dtype=int))
    return np.eye(size).reshape(size, *shape)


def columns(call, m):
    """The matrix, column by column, from the rule's push; for a real result of a complex operand that of Re(J z)."""
    x = call[1][call[4]]
    found = np.zeros((m.rows, m.columns), complex)
    for k, unit in enumerate(units(m.in_shape)):
        column = pushed(*call, unit.astype(x.dtype)).reshape(-1)
        if m.in_complex and not m.out_complex:
            column = column - 1j * pushed(*call, 1j * unit.astype(x.dtype)).reshape(-1)
        found[:, k] = column
    return found if m.in_complex or m.out_complex else found.real


def differences(op, xs, params, slot, part, shape):
    """The matrix, column by column, from central differences of the op's values, for real operands."""
    found = []
    for unit in units(xs[slot].shape):
        x = xs[slot]
        step = 1e-6 * max(1.0, float(np.max(np.abs(x), initial=0)))
        ends = []
        for sign in (1, -1):
            with np.errstate(all="ignore"):
                moved = np.asarray(x + sign * step * unit)[()]
                y = op.evaluate(*xs[:slot], moved, *xs[slot + 1 :], **params)
            ends.append(np.array(y if part is None else y[part]))
        found.append((ends[0] - ends[1]).reshape(-1) / (2 * step))
    return np.array(found).reshape(xs[slot].size, int(np.prod(shape, dtype=int))).T


def same(expected, found, tolerance=1e-11):
    """Equal to round-off, non-finite entries alike."""
    expected, found = np.asarray(expected), np.asarray(found)
    assert expected.shape == found.shape
    finite = np.isfinite(expected)
    scale = np.max(np.abs(expected[finite]), initial=1.0)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


def check_claim(m):
    """What the word for the structure claims is true of the matrix."""
    J, structure = m.dense(), m.structure
    if not J.size:
        return
    word = structure.removeprefix("weighted ")
    there = np.zeros(J.shape, bool)
    there[m.pattern()] = True
    square = J.shape[0] == J.shape[1]
    if word in ("identity", "permutation", "selection", "broadcast", "ones", "sum") and word == structure:
        assert np.all(J[there] == 1)
    if word == "scalar":
        assert J.shape == (1, 1)
    elif word == "zero":
        assert not there.any()
        assert not J.any()
    elif word == "identity":
        np.testing.assert_array_equal(np.eye(len(J)), J)
    elif word == "diagonal":
        assert square
        assert not J[~np.eye(len(J), dtype=bool)].any()
    elif word == "permutation":
        assert square
        assert np.all(there.sum(0) <= 1)
        assert np.all(there.sum(1) <= 1)
        assert word != structure or np.all(there.sum(1) == 1)
    elif word == "selection" or word == "broadcast":
        assert np.all(there.sum(1) <= 1)
    elif word == "ones":
        np.testing.assert_array_equal(np.ones((1, J.shape[1])), J)
    elif word == "sum":
        assert np.all(there.sum(0) <= 1)
    elif word == "kronecker":
        np.testing.assert_array_equal(np.kron(*m.factors), J)
    elif word == "permuted kronecker":
        # Rows hold the same numbers, and so do columns, as often as the identity is long.
        for lines in (J, J.T):
            numbers = np.sort_complex(lines.astype(complex))
            assert all(np.sum(np.all(np.isclose(numbers, line), 1)) >= 2 for line in numbers)
    elif word == "block":
        common = np.gcd(*J.shape)
        assert any(
            not np.any(J[~np.kron(np.eye(n), np.ones(np.array(J.shape) // n)).astype(bool)])
            for n in range(2, common + 1)
            if common % n == 0
        )
    elif word == "banded":
        offsets = np.subtract(*np.nonzero(there)[::-1])
        assert 2 * (offsets.max() - offsets.min() + 1) <= sum(J.shape) - 1
    elif word == "triangular":
        assert square
        assert not np.triu(J, 1).any() or not np.tril(J, -1).any()
    elif word == "low rank":
        assert 2 * np.linalg.matrix_rank(J) <= min(J.shape)
    elif word == "low rank + diagonal":
        assert square
    else:
        assert word in ("dense", "permuted block"), word
    assert 0 <= m.stored <= J.size


def check_pattern(m, J):
    """No entry outside of the pattern is anything but 0, and none is listed twice."""
    rows, columns = m.pattern()
    there = np.zeros(J.shape, int)
    np.add.at(there, (rows, columns), 1)
    assert there.max(initial=0) <= 1
    assert not np.any(J[there == 0])


SAMPLES = [
    pytest.param(sample, id=f"{family}-{k}-{sample.title}")
    for family, samples in FAMILIES.items()
    for k, sample in enumerate(samples)
    if sample.order
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_map_of_each_op_is_its_jacobian(sample):
    """Dense, push, pull, pattern and structure agree with the rule's push and pull."""
    rng = np.random.default_rng(7)
    for m, call in maps(sample):
        op, xs, y, _params, slot, part = call
        result = y if part is None else y[part]
        x_dot, y_bar = rng.normal(size=m.in_shape), rng.normal(size=m.out_shape)
        x_dot = x_dot + 1j * rng.normal(size=m.in_shape) if m.in_complex else x_dot
        y_bar = y_bar + 1j * rng.normal(size=m.out_shape) if m.out_complex else y_bar
        x_dot, y_bar = np.asarray(x_dot, xs[slot].dtype)[()], np.asarray(y_bar, result.dtype)[()]
        same(pulled(*call, y_bar), m.pull(y_bar))
        if isinstance(op.jacobian, Pulled):
            continue
        same(pushed(*call, np.asarray(x_dot)), m.push(x_dot))
        if not m.has_matrix:
            with pytest.raises(DTypeError, match="linear over the real numbers alone"):
                m.dense()
            assert m.in_complex
            assert m.out_complex
            continue
        J = columns(call, m)
        same(J, m.dense())
        same(J.T, m.T.dense())
        check_pattern(m, J)
        check_claim(m)
        check_claim(m.T)


# Where some op inside has a kink at the sample's point: equal eigenvalues, a rank that holds only along the function, a
# correlation clipped at exactly 1, a step. Or where LAPACK chooses between vectors: v or -v, what completes a basis.
WITH_KINKS = {
    "exponential_by_eigh at ties",
    "exponential_by_eigh at the identity",
    "polar_factor at ties",
    "polar_factor at the identity",
    "symmetric functions of equal eigenvalues",
    "corrcoef",
    "corrcoef two",
    "corrcoef complex",
    "reassembled at ties",
    "reassembled at the identity",
    "reassembled at zero",
    "pinv of low rank",
    "lstsq of low rank",
    "quantile traced q closest_observation",
    "heaviside_at_zero",
    "svd full",
    "null_space",
    "scipy eigh",
    "eigh_tridiagonal",
}


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES[::3] if sample.values[0].title not in WITH_KINKS])
def test_the_matrix_is_the_derivative_that_differences_give(sample):
    """Of every third sample, where operands and results are real and finite."""
    for m, (op, xs, y, params, slot, part) in maps(sample):
        result = y if part is None else y[part]
        if not m.is_real or not all(np.all(np.isfinite(z)) for z in (xs[slot], result)):
            continue
        expected = differences(op, xs, params, slot, part, result.shape)
        same(expected, m.dense(), 1e-6)


def maps_between(rng, rows, columns):
    """A map of each kind between vectors of these lengths."""
    places = rng.integers(-1, columns, size=rows)
    targets = rng.integers(-1, rows, size=columns)
    out, inside = (rows,), (columns,)
    kinds = [
        Zero(out, inside),
        Dense(rng.normal(size=(rows, columns)), out, inside),
        Selection(places, out, inside, "selection"),
        Summation(lambda: targets, out, inside, "sum"),
        Contraction([rng.normal(size=(rows, columns))], ["ij"], "j", "i", inside),
    ]
    if rows == columns:
        taken = rng.random(rows) < 0.5
        kinds += [
            Identity(out, inside),
            Diagonal(rng.normal(size=rows), out),
            Diagonal(2.5, out),
            Diagonal(rng.normal(size=rows), out, taken),
            Selection(rng.permutation(rows), out, inside, "permutation"),
        ]
    return kinds


SIZES = [1, 3, 4]


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("inner", SIZES)
@pytest.mark.parametrize("columns", SIZES)
def test_products_are_products_of_matrices(rows, inner, columns):
    """(a b) has the product of the matrices, the structure that it claims, and the transpose (bᵀ aᵀ)."""
    rng = np.random.default_rng([rows, inner, columns])
    for a in maps_between(rng, rows, inner):
        for b in maps_between(rng, inner, columns):
            product = a @ b
            expected = a.dense() @ b.dense()

            same(expected, product.dense())
            same(expected @ np.arange(columns), product.push(np.arange(columns)))
            same(expected.T @ np.arange(rows), product.pull(np.arange(rows)))
            same(expected.T, (b.T @ a.T).dense())
            check_pattern(product, expected)
            check_claim(product)
            assert product.rank >= np.linalg.matrix_rank(expected)


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("columns", SIZES)
def test_sums_are_sums_of_matrices(rows, columns):
    """(a + b) c + a c has that matrix, and the structure that it claims."""
    rng = np.random.default_rng([rows, columns])
    for a in maps_between(rng, rows, columns):
        for b in maps_between(rng, rows, columns):
            for c in (Identity((columns,), (columns,)), maps_between(rng, columns, 4)[1]):
                total = (a + b) @ c + a @ c
                expected = (2 * a.dense() + b.dense()) @ c.dense()

                same(expected, total.dense())
                same(expected @ np.arange(total.columns), total.push(np.arange(total.columns)))
                same(expected.T @ np.arange(rows), total.pull(np.arange(rows)))
                check_pattern(total, expected)
                check_claim(total)
                assert total.rank >= np.linalg.matrix_rank(expected)


def test_the_most_structured_product_is_found():
    """Identities vanish, diagonals stay diagonals, selections stay selections, sums stay sums."""
    diagonal = Diagonal(np.arange(3.0), (3,))
    permutation = Selection(np.array([2, 0, 1]), (3,), (3,), "permutation")
    repetition = Selection(np.zeros(3, int), (3,), (1,), "broadcast")
    total = Summation(np.zeros(3, int), (), (3,), "ones")
    reshape = Identity((3, 1), (3,))

    assert isinstance(diagonal @ diagonal, Diagonal)
    assert (reshape @ permutation).structure == "permutation"
    assert (reshape @ permutation).out_shape == (3, 1)
    assert isinstance(permutation @ repetition, Selection)
    assert (permutation @ repetition).structure == "broadcast"
    assert (diagonal @ permutation).structure == "weighted permutation"
    assert (diagonal @ repetition).structure == "weighted broadcast"
    assert (total @ diagonal).structure == "weighted sum"
    assert isinstance(Scalar(2.0) @ Scalar(3.0), Scalar)
    assert (Scalar(2.0) + Scalar(3.0)).value == 5.0
    assert (diagonal @ Zero((3,), (2,))).structure == "zero"
    assert (diagonal + Identity((3,), (3,))).structure == "diagonal"


def test_a_repetition_of_a_sum_has_low_rank():
    """x - mean(x) is a diagonal and one outer product."""
    n = 6
    total = Summation(np.zeros(n, int), (), (n,), "ones")
    repetition = Selection(np.zeros(n, int), (n,), (), "broadcast")
    mean = repetition @ Scalar(-1 / n) @ total

    assert mean.structure == "low rank"
    assert (Identity((n,), (n,)) + mean).structure == "low rank + diagonal"
    assert (Identity((n,), (n,)) + mean).stored == 1
    same(np.eye(n) - 1 / n, (Identity((n,), (n,)) + mean).dense())


def test_a_zero_of_the_structure_stays_zero_in_products():
    """0 of the structure times ∞ is 0; 0 by chance times ∞ is NaN."""
    infinite = Diagonal(np.array([np.inf, 1.0]), (2,))
    chosen = Diagonal(np.ones(2), (2,), np.array([False, True]))
    by_chance = Dense(np.array([[0.0, 1.0], [1.0, 1.0]]), (2,), (2,))

    np.testing.assert_array_equal([[0, 0], [0, 1]], (chosen @ infinite).dense())
    np.testing.assert_array_equal([[np.nan, np.inf], [1, 1]], (infinite @ by_chance).dense())


def test_two_conjugates_have_a_matrix_and_one_has_none():
    """conj(D conj(z)) = conj(D) z."""
    conjugate = Conjugation((2,), (2,), True, True)
    scaled = Diagonal(np.array([1j, 2.0]), (2,), None, True, True)
    turned = conjugate @ scaled @ conjugate

    same(np.diag([-1j, 2.0]), turned.dense())
    same(np.array([-1j, 2.0 - 2j]), turned.push(np.array([1.0, 1 - 1j])))
    assert not (conjugate @ scaled).has_matrix
    with pytest.raises(DTypeError, match="linear over the real numbers alone"):
        (conjugate @ scaled).dense()
    with pytest.raises(DTypeError, match="linear over the real numbers alone"):
        conjugate.dense()


def test_real_parts_have_matrices():
    """Re(i Re(z)) is 0, and Re(c z) has the row c."""
    real = Identity((1,), (1,), False, True)
    times = Diagonal(np.array([2 + 3j]), (1,), None, True, True)
    to_complex = Identity((1,), (1,), True, False)

    same(np.array([[2 + 3j]]), (real @ times).dense())
    same(np.array([-3.0]), (real @ times).push(np.array([1j])))
    same(np.array([2 + 3j]), (real @ times).pull(np.array([1.0])))
    same(np.array([[2.0]]), (real @ times @ to_complex).dense())
    same(np.array([[2 + 3j]]), (times @ to_complex).dense())


def test_a_chain_of_sums_costs_what_its_ops_cost():
    """h ← h + A tanh(h), sixty times, has 2⁶⁰ paths, and is pushed in sixty steps."""
    rng = np.random.default_rng(0)
    h = Dense(rng.normal(size=(3, 3)), (3,), (3,))
    expected = h.dense()
    for _ in range(60):
        matrix, partial = rng.normal(size=(3, 3)) / 9, rng.normal(size=3)
        h = h + Dense(matrix, (3,), (3,), "triangular") @ (Diagonal(partial, (3,)) @ h)
        expected = expected + matrix @ (partial[:, None] * expected)

    same(expected, h.dense(), 1e-9)
    same(expected @ np.ones(3), h.push(np.ones(3)), 1e-9)
    same(expected.T @ np.ones(3), h.pull(np.ones(3)), 1e-9)


def test_shapes_that_do_not_fit_are_refused():
    """The message names the shapes."""
    a, b = Identity((3,), (3,)), Identity((2,), (2,))

    with pytest.raises(ShapeError, match=r"a map of \(3,\) cannot follow one to \(2,\)"):
        a @ b
    with pytest.raises(ShapeError, match="have no sum"):
        a + b
    with pytest.raises(ShapeError, match=r"was given \(2,\)"):
        a.push(np.ones(2))
    with pytest.raises(ShapeError, match=r"was given \(\)"):
        a.pull(1.0)


def test_large_maps_do_not_write_themselves_out():
    """A broadcast, a diagonal and a sum of 10⁷ entries are made without memory for them."""
    x = np.broadcast_to(2.0, (10**7,))
    total = make_node(ops.reduce_sum, (input_node(x),), (), None, {"axes": (0,)}, (), x.dtype)

    m = map_of(total, 0, (x,), np.float64(4e7)) @ Diagonal(np.float64(4.0), x.shape)

    assert m.structure == "weighted sum"
    assert m.stored == 1
    assert map_of(total, 0, (x,), np.float64(4e7)).structure == "ones"
