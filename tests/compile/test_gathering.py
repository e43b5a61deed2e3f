"""Index arrays in native code: reads and writes at places that are data, against NumPy."""

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(3)
DTYPES = [np.float64, np.float32, np.int64, np.int8, np.uint16, np.bool_]

# The shape of what is indexed, and that of the index arrays of the leading axes.
SHAPES = [
    ((7,), 1, (5,)),
    ((7,), 1, ()),
    ((7,), 1, (2, 3)),
    ((4, 3), 1, (9,)),
    ((4, 3), 2, (9,)),
    ((2, 3, 4, 5), 2, (3,)),
]
SHAPES += [((4, 0), 1, (2,)), ((0, 3), 1, (0,)), ((4, 3), 1, (0,)), ((40, 2), 1, (30,)), ((1, 1), 2, (3,))]


def random(shape, dtype):
    return (
        RNG.integers(0, 100, shape).astype(dtype)
        if np.dtype(dtype).kind in "biu"
        else RNG.normal(size=shape).astype(dtype)
    )


def random_indices(shape, count, of, dtype=np.int64):
    return tuple(RNG.integers(-n, n, of).astype(dtype) if n else np.zeros(of, dtype) for n in shape[:count])


def compiled(f, *points):
    """The function compiled for the first point, which calls NumPy for nothing; it agrees with NumPy at all points."""
    g = cr.jit(f)
    for point in (*points, *points):
        expected, found = f(*map(np.copy, point)), g(*point)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert "calls NumPy" not in g.report()
    return g


def gradient(f, x, *rest):
    compiled_gradient = cr.jit(cr.grad(f))
    for _ in range(2):
        found = compiled_gradient(x, *rest)
    np.testing.assert_allclose(found, cr.grad(f)(x, *rest), rtol=1e-14, atol=1e-14)
    return compiled_gradient


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "count", "of"), SHAPES)
def test_reads(shape, count, of, dtype):
    """x[i, j, ...] of computed and of constant indices is NumPy's, negative and repeated ones among them."""
    x = random(shape, dtype)
    indices = random_indices(shape, count, of)

    compiled(lambda x, *i: x[i], (x, *indices), (x, *random_indices(shape, count, of)))
    compiled(lambda x: x[indices], (x,), (random(shape, dtype),))


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.uint8, np.uint64])
def test_dtypes_of_indices(kind):
    """Indices may have any integer dtype, also one that cannot count the elements of the axis."""
    x = RNG.normal(size=300)
    low = 0 if np.dtype(kind).kind == "u" else -100
    first, second = (RNG.integers(low, 100, 20).astype(kind) for _ in range(2))

    compiled(lambda x, i: x[i], (x, first), (x, second))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "count", "of"), SHAPES)
def test_writes(shape, count, of, dtype):
    """Of elements that are written to one place the last one stays."""
    x = random(shape, dtype)
    part = (*of, *shape[count:])

    def write(x, v, *i):
        y = x.copy()
        y[i] = v
        return y

    compiled(
        write,
        (x, random(part, dtype), *random_indices(shape, count, of)),
        (x, random(part, dtype), *random_indices(shape, count, of)),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize(("shape", "count", "of"), SHAPES)
def test_additions(shape, count, of, dtype):
    """`np.add.at` adds once for each time that a place is named, in NumPy's order."""
    x = random(shape, dtype)
    indices = random_indices(shape, count, of)
    part = (*of, *shape[count:])

    def write(x, v, *i):
        y = x * 2
        np.add.at(y, i, v)
        return y

    compiled(write, (x, random(part, dtype), *indices), (x, random(part, dtype), *random_indices(shape, count, of)))
    compiled(lambda x, v: write(x, v, *indices), (x, random(part, dtype)))


def test_fusion():
    """Elementwise operations around a read are computed in its loop, and a part that is read needs no copy."""
    x, i = RNG.normal(size=(6, 5)), np.array([3, -1, 0, 3])

    g = compiled(lambda x, i: x.T[1:][i] * 2 + 1, (x, i))

    assert "c[i, j] = (a.transpose(1, 0)[1:][b[i], j] * 2.0) + 1.0" in g.nests()


@pytest.mark.parametrize("stray", [7, -8, 2**40, -(2**63), 2**63 - 1])
def test_strays(stray):
    """A computed index out of bounds is NumPy's error, and the next call with good ones is answered."""
    x, i = RNG.normal(size=7), np.array([3, -7, 6])

    def write(x, i):
        y = x * 2
        y[i] = 1.0
        return y

    def add(x, i):
        y = x * 2
        np.add.at(y, i, 1.0)
        return y

    for f in (lambda x, i: np.sin(x[i]), write, add, lambda x, i: x[i + 0][1:]):
        g = cr.jit(f)
        g(x, i)
        for place in range(3):
            bad = i.copy()
            bad[place] = stray
            with pytest.raises(IndexError, match="out of bounds"):
                g(x, bad)
        np.testing.assert_allclose(g(x, i), f(x, i), rtol=1e-14)
        assert len(g.specialisations) == 1


def test_constant_strays():
    """A constant index out of bounds is NumPy's error."""
    g = cr.jit(lambda x: x[np.array([0, 7])])

    for _ in range(2):
        with pytest.raises(IndexError, match="out of bounds"):
            g(np.zeros(7))


@pytest.mark.parametrize(("shape", "count", "of"), SHAPES)
def test_gradients(shape, count, of):
    """The pull of a read adds at the places that were read, and that of a write reads them."""
    x, indices = random(shape, float), random_indices(shape, count, of)
    weights = random((*of, *shape[count:]), float)

    def read(x, *i):
        return np.sum(np.sin(x[i]) * weights)

    def written(x, *i):
        y = np.cos(x)
        y[i] = weights * y[i]
        return np.sum(y**2)

    assert "calls NumPy" not in gradient(read, x, *indices).report()
    gradient(lambda x: read(x, *indices), x)
    assert "calls NumPy" not in gradient(written, x, *indices).report()


def test_reads_come_before_writes():
    """What a write takes from the array that it writes to is what stood there before."""
    x, i, j = RNG.normal(size=8), np.array([0, 1, 2, 3, 1]), np.array([1, 2, 3, 0, 7])

    def f(x, i, j):
        y = x * 2
        old = y[::-1] + 1
        y[i] = y[j] * 3
        np.add.at(y, j, y[i])
        y[i] += y[j]
        y[j] = y[:5]
        return y * old + y[i[0]]

    compiled(f, (x, i, j), (x, j, i))


def test_operands_stay():
    """A write to a copy leaves the operand, and what is returned beside it, as they were."""
    x, i = RNG.normal(size=8), np.array([0, 1, 1])

    def f(x, i):
        y = x * 2
        z = y.copy()
        z[i] = 0.0
        return y + z

    before = x.copy()
    compiled(f, (x, i))

    np.testing.assert_array_equal(x, before)


def test_indices_that_are_computed():
    """Indices may be computed in the program, and an array may be a constant that computed indices look up."""
    table = RNG.normal(size=(10, 3))
    i = RNG.integers(0, 5, 6)

    compiled(lambda i: table[i * 2 - 1] * 2, (i,), (i[::-1].copy(),))
    compiled(lambda i: table[i * 2 - 1, np.maximum(i, 2) - 2], (i,), (i[::-1].copy(),))


def test_constants_that_are_repeated():
    """A constant that is broadcast is no work for NumPy."""
    row, x = np.arange(3.0), RNG.normal(size=(500, 3))

    compiled(lambda x: (np.broadcast_to(row, x.shape) * x)[::-1], (x,))
