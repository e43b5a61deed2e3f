"""Writes in place: aliasing, casts, refusals, and what they cost."""

import contextlib
import warnings

import numpy as np
import pytest

import chainrule as cr
import chainrule.ops as ops
from chainrule.trace import Op

X = np.array([0.5, -2.0, 3.0, 1.0])


def complex_step(f, x):
    """The gradient of a real function, from one evaluation over complex numbers for each entry."""
    step = 1e-200
    return np.array([f(x + 1j * step * unit).imag / step for unit in np.eye(x.size)])


def test_names_for_one_array_see_the_same_writes():
    """`b = a` is another name, `a.copy()` another array."""

    def f(x):
        a = x * x
        b, c = a, a.copy()
        b[0] = 5 * x[1]
        c[1] = 0
        b *= 2
        return a + 10 * c

    expected = np.diag(2 * 2 * X + 10 * 2 * X)
    expected[0, 0] = 10 * 2 * X[0]
    expected[0, 1] = 10.0
    expected[1, 1] = 4 * X[1]
    for order in ("forward", "reverse"):
        np.testing.assert_allclose(cr.jacobian(f, order=order)(X), expected, rtol=1e-15)


def test_a_scalar_is_no_view():
    """`t = x[0]; t += 1` rebinds t and leaves x alone."""

    def f(x):
        t = x[0]
        t += x[1]
        t *= t
        return t * x[0]

    np.testing.assert_allclose(cr.grad(f)(X), complex_step(f, X), rtol=1e-15)


def test_last_of_repeated_places_counts():
    """Of repeated indices the last write wins for `=`, and `+=` adds once."""

    def f(x):
        y = np.zeros(3, x.dtype)
        y[[0, 1, 0]] = x[:3]
        y[[2, 2]] += x[2:]
        return y

    expected = np.zeros((3, 4))
    expected[0, 2] = expected[1, 1] = expected[2, 3] = 1.0
    for order in ("forward", "reverse"):
        np.testing.assert_array_equal(cr.jacobian(f, order=order)(X), expected)


def test_overlapping_parts_are_read_before_they_are_written():
    """`y[1:] = y[:-1]` and `y[:] = y[::-1]` write what was there before."""

    def f(x):
        y = x.copy()
        y[1:] = y[:-1]
        y[1:] += y[:-1] * y[1:]
        y[:] = y[::-1]
        y[::2], y[1::2] = y[1::2] * 1, y[::2] * 1
        return np.sum(y * np.arange(4.0))

    assert f(X) == cr.value_and_grad(f)(X)[0]
    np.testing.assert_allclose(cr.grad(f)(X), complex_step(f, X), rtol=1e-14)


def test_writes_where_a_mask_holds():
    """`y[mask] = ...`, `y[mask] += ...` and `y[y > 0] *= ...` follow NumPy and the complex step."""

    def f(x):
        y = x * x[::-1]
        mask = np.array([True, False, True, True])
        y[mask] = x[:3] * 2
        y[mask] += x[0]
        y[~mask] = x[3]
        y[y.real > 0] *= x[2]
        y[y.real > 100] = 0
        return np.sum(y * y)

    np.testing.assert_allclose(cr.grad(f)(X), complex_step(f, X), rtol=1e-14)


def test_numbers_are_stored_in_the_dtype_of_the_array():
    """Integers truncate and have no derivative; complex numbers lose their imaginary part with NumPy's warning."""

    def into(dtype, x):
        y = np.zeros(2, dtype)
        y[:] = x
        y[0] = x[0]
        return y

    x = np.array([1.7, -2.7])
    y, y_dot = cr.jvp(lambda x: into(int, x), (x,), (x,))
    np.testing.assert_array_equal(y, [1, -2])
    assert y.dtype == int
    np.testing.assert_array_equal(y_dot, [0, 0])
    assert cr.jvp(lambda x: into(np.float32, x), (x,), (x,))[1].dtype == np.float32
    np.testing.assert_array_equal(cr.jvp(lambda x: into(complex, x), (x,), (x,))[1], x)
    z = np.array([1 + 2j, 3j])
    with pytest.warns(np.exceptions.ComplexWarning, match="discards the imaginary part"):
        np.testing.assert_array_equal(cr.jvp(lambda z: into(float, z), (z,), (1j * z,))[1], [-2.0, -3.0])


def test_what_numpy_refuses_is_refused():
    """Python's complex numbers, strings and shapes that do not fit raise NumPy's errors."""

    def write(new, x):
        y = x.copy()
        y[:2] = new
        return y

    for new, error in ((1j, TypeError), ("a", ValueError), ([1.0, 2.0, 3.0], ValueError)):
        with pytest.raises(error):
            write(new, X)
        with pytest.raises(error):
            cr.jacobian(lambda x, new=new: write(new, x))(X)

    def add(y, new):
        y += new
        return y

    for y, new in ((X, np.ones((2, 4))), (np.arange(4), X), (X, X * 1j)):
        with pytest.raises((TypeError, ValueError)):
            add(y.copy(), new)
        with pytest.raises((TypeError, ValueError)):
            cr.jvp(lambda new, y=y: add(np.array(y), new), (new,), (new,))


def test_lists_are_written():
    """A list, also of traced numbers and nested, is written as the array that it makes."""

    def f(x):
        a = np.zeros((2, 2), x.dtype)
        a[:] = [[x[0], 1.0], [x[1] * x[2], x[3]]]
        a[0] = [2.0, x[0] * x[3]]
        return np.sum(a * a)

    np.testing.assert_allclose(cr.grad(f)(X), complex_step(f, X), rtol=1e-15)


def test_plain_arrays_cannot_take_traced_numbers():
    """Functions that write into a plain array refuse what carries a derivative, and name themselves."""
    plain = np.zeros(3)
    writes = {
        "copyto": lambda x: np.copyto(plain, x),
        "put": lambda x: np.put(plain, [0], x[0]),
        "putmask": lambda x: np.putmask(plain, [True, False, False], x),
        "place": lambda x: np.place(plain, [True, False, False], x),
        "fill_diagonal": lambda x: np.fill_diagonal(plain.reshape(3, 1), x[0]),
        "put_along_axis": lambda x: np.put_along_axis(plain, np.array([0]), x[:1], 0),
    }
    for name, write in writes.items():
        with pytest.raises(cr.errors.TracedAssignmentError, match=r"captured|plain"):
            cr.grad(lambda x, write=write: (write(x), x.sum())[1])(X[:3])
        assert name
        np.testing.assert_array_equal(plain, 0.0)


def test_read_only_arrays_can_be_made():
    """`setflags(write=False)` and `flags.writeable = False` make every name for an array refuse writes, and back."""

    def f(x):
        y = x * 1
        z, v = y, y[1:]
        y.setflags(write=False)
        with pytest.raises(ValueError, match="read-only"):
            z[0] = 1.0
        with pytest.raises(ValueError, match="read-only"):
            v += 1
        with pytest.raises(ValueError, match="read-only"):
            y *= 2
        y.flags.writeable = True
        v.flags["W"] = False
        with pytest.raises(ValueError, match="read-only"):
            v[0] = 1.0
        z[0] = 3.0
        return np.sum(y * v[0])

    np.testing.assert_allclose(cr.grad(f)(X), [0.0, 3 + 2 * X[1] + X[2] + X[3], X[1], X[1]], rtol=1e-15)


@contextlib.contextmanager
def counted_elements():
    """Count the elements of every array that the ops make, beyond numbers."""
    counts = {"elements": 0}
    originals = {op: op.evaluate for op in vars(ops).values() if isinstance(op, Op)}

    def counting(evaluate):
        def run(*operands, **params):
            result = evaluate(*operands, **params)
            for array in result if type(result) is tuple else (result,):
                shared = any(isinstance(x, np.ndarray) and np.may_share_memory(x, array) for x in operands)
                if isinstance(array, np.ndarray) and not shared:
                    counts["elements"] += array.size
            return result

        return run

    try:
        for op, evaluate in originals.items():
            op.evaluate = counting(evaluate)
        yield counts
    finally:
        for op, evaluate in originals.items():
            op.evaluate = evaluate


def one_by_one(n):
    def f(x):
        y = np.zeros(n)
        y[0] = x[0]
        for k in range(1, n):
            y[k] = y[k - 1] * x[1] + x[2]
        return np.sum(y)

    return f


def through_rows(n):
    def f(x):
        a = np.zeros((n // 4, 4))
        for i in range(n // 4):
            row = a[i]
            for j in range(4):
                row[j] = x[j] * (row[j - 1] + 1)
        return np.sum(a)

    return f


def through_chained_rows(n):
    def f(x):
        a = np.zeros((4, n // 4))
        for j in range(n // 4):
            for i in range(4):
                a[i][j] = x[i] + a[i][j - 1]
        return np.sum(a)

    return f


def through_columns(n):
    def f(x):
        a = np.zeros((n // 4, 4))
        for j, column in enumerate(a.T):
            for i in range(n // 4):
                column[i] = column[i - 1] * 0.5 + x[j]
        return np.sum(a)

    return f


def through_flat_views(n):
    def f(x):
        a = np.zeros((n // 4, 4))
        flat = a.reshape(-1)
        for k in range(n // 2):
            flat[k] = flat[k - 1] + x[k % 4]
        for k in range(n // 2, n):
            a.flat[k] = a.flat[k - 1] + x[k % 4]
        return np.sum(a)

    return f


def augmented(n):
    def f(x):
        y = np.ones(n)
        for k in range(n):
            y[k] += 0.5 * y[k - 1]
            y[k] *= x[k % 4]
        return np.sum(y)

    return f


def in_parts(n):
    def f(x):
        y = np.zeros(n)
        for k in range(0, n, 4):
            y[k : k + 4] = x
            y[k : k + 4] *= 0.5
            y[k] = y[k + 1]
        return np.sum(y)

    return f


@pytest.mark.parametrize(
    "program",
    [one_by_one, through_rows, through_chained_rows, through_columns, through_flat_views, augmented, in_parts],
    ids=lambda program: program.__name__,
)
def test_filling_element_by_element_costs_what_is_filled(program):
    """n writes of single elements and reads of them copy a number of elements linear in n, in all modes."""

    def cost(run, n):
        with counted_elements() as counts:
            run(program(n))
        return counts["elements"]

    modes = {
        "reverse": lambda f: cr.grad(f)(X),
        "forward": lambda f: cr.jvp(f, (X,), (X,)),
        "forward over reverse": lambda f: cr.jvp(cr.grad(f), (X,), (X,)),
    }
    for mode, run in modes.items():
        small, large = cost(run, 64), cost(run, 256)
        assert large <= 4.5 * small + 64, (mode, small, large)
    f = program(64)
    direction = np.array([1.0, -0.5, 0.25, 2.0])
    near, far = (f(X + step * direction) - f(X - step * direction) for step in (1e-3, 2e-3))
    difference = (8 * near - far) / 12e-3
    np.testing.assert_allclose(cr.grad(f)(X) @ direction, difference, rtol=1e-8)
    np.testing.assert_allclose(cr.jvp(f, (X,), (direction,))[1], difference, rtol=1e-8)


def test_warnings_come_from_values_alone():
    """Writing infinities about warns where NumPy does and nowhere else."""

    def f(x):
        y = np.full(3, np.inf)
        y[0] = x[0]
        y[1] = np.inf * x[1]
        return y[0] * 2

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(cr.grad(f)(X), [2.0, 0.0, 0.0, 0.0])
        np.testing.assert_array_equal(cr.jacobian(f, order="forward")(X), [2.0, 0.0, 0.0, 0.0])


def test_what_is_overwritten_takes_no_part():
    """An infinite slope of an entry that is overwritten, or never read, does not reach the derivative."""

    def f(x):
        y = np.sqrt(x)
        y[0] = x[1]
        y[[2]] = 3 * x[1]
        return np.sum(y)

    x = np.array([0.0, 4.0, 0.0])
    for order in ("forward", "reverse"):
        np.testing.assert_array_equal(cr.jacobian(f, order=order)(x), [0.0, 1 + 0.25 + 3, 0.0])
        np.testing.assert_array_equal(cr.jacobian(lambda x: np.sqrt(x)[1:2], order=order)(x), [[0.0, 0.25, 0.0]])
