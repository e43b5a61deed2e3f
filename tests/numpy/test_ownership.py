"""What a rule has kept is never overwritten: writes in place before, between and after uses of the same memory.

Every program is compared with itself in plain NumPy and over complex numbers, in all modes, nested and batched.
"""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.laws import laws_for
from chainrule.testing.sample import Sample


def kept_by_a_product(x):
    y = x.copy()
    z = y * y
    y[0] = 5 * y[1]
    return z + y * x


def kept_by_its_result(x):
    y = x.copy()
    z = np.exp(y)
    z[1] = y[0]
    w = np.exp(z)
    z *= 2
    return w * z


def result_of_an_op_written_to(x):
    y = np.exp(x)
    z = y * x
    y[:] = 0
    return z + y


def multiplied_in_place(x):
    y = np.sin(x)
    z = y * x
    y *= x
    y += z
    y **= 2
    return y * z


def view_read_before_a_write(x):
    y = x.copy()
    v = y[1:]
    s = v * v
    y[1:] = x[0]
    return s + v * x[1:]


def view_read_between_writes(x):
    y = np.zeros(4, x.dtype)
    v = y[::2]
    y[0] = x[0]
    s = v * v
    v[1] = s[0] * x[1]
    t = v * v
    y += 1
    return np.concatenate((s, t, v))


def transposed_view(x):
    a = np.outer(x, x)
    t = a.T
    s = t @ a
    a[0] = x
    t[1] = 2 * x
    return s + t * a


def reshaped_view(x):
    a = np.outer(x, x)
    r = a.reshape(-1)
    p = r * r
    a[0, 0] = x[1]
    r[1:3] = x[1:3]
    return p + r * r


def diagonal_view(x):
    a = np.outer(x, x)
    d = a.diagonal()
    p = d * d
    a[0, 0] = x[1]
    return p + d * d


def broadcast_view(x):
    y = x.copy()
    b = np.broadcast_to(y, (2, len(x)))
    z = b * b
    y[0] = x[1]
    return z + b * b


def rows_kept_in_a_list(x):
    a = np.outer(x, x)
    rows = list(a)
    products = [row * row for row in rows]
    a[:] = x
    return np.array(products) + np.array(rows)


def numbers_read_before_a_write(x):
    y = x.copy()
    s, t = y[0], y[-1]
    y[0] = t * t
    y[-1] = s
    return y * s


def constant_kept_by_a_product(x):
    c = np.arange(1.0, 4.0)
    z = x * c
    c[0] = 7
    c *= 2
    return z * c


def constant_view_kept_by_a_product(x):
    c = np.arange(6.0).reshape(2, 3)
    r = c[1]
    z = x * r
    c[1] = 0.5
    return z + x * r


def constant_overwritten_by_traced(x):
    c = np.ones(3)
    z = x * c
    c[1] = x[0]
    w = z * c
    c[1] = x[2] * x[2]
    return w + c


def indices_changed_after_use(x):
    i = np.array([0, 1, 1])
    z = x[i] * x[i]
    i[0] = 2
    i += 0
    y = np.zeros(3, x.dtype)
    y[i] = z
    i[:] = 0
    return y + x[i]


def mask_changed_after_use(x):
    m = np.array([True, False, True])
    z = np.where(m, x * x, x)
    y = x.copy()
    y[m] = z[m] * 2
    m[:] = True
    return y + np.where(m, z, 0)


def out_argument(x):
    y = x.copy()
    z = y * y
    np.multiply(x, y, out=y)
    np.add(y, z, out=y)
    np.sin(y, out=y)
    return y + z


def array_without_axes(x):
    total = np.array(0.0, x.dtype)
    total += x[0]
    square = total * total
    total += x[1]
    total[...] = total * square
    return square + total


def rows_exchanged_by_views(x):
    a = np.outer(x, x * x)
    # As in NumPy, both rows end as the second was: the first view sees what was written.
    a[0], a[1] = a[1], a[0]
    return a


def rows_exchanged_by_index(x):
    a = np.outer(x, x * x)
    a[[0, 1]] = a[[1, 0]]
    return a * a


def shape_set_in_place(x):
    y = x.copy()
    v = y[1:]
    y.shape = (len(x), 1)
    z = y * y
    v[0] = x[0] * x[1]
    y[0, 0] = z[1, 0]
    return z + y * y


def written_by_a_helper(x):
    def scale(u, k):
        u *= k
        return u

    y = x.copy()
    z = scale(y, x[0])
    w = z * y
    scale(y[1:], 3)
    return w + z


def error_in_the_middle(x):
    y = x.copy()
    z = y * y
    for k in range(4):
        try:
            y[k] = z[0] * k
        except IndexError:
            y[0] += 1
    return y * z


def recurrence(x):
    y = np.empty(6, x.dtype)
    y[:3] = x
    for k in range(3, 6):
        y[k] = y[k - 1] * y[k - 2] + np.sin(y[k - 3])
        y[k - 1] += 0.1 * y[k]
    return y


def filled_through_rows(x):
    a = np.zeros((3, 2), x.dtype)
    for k in range(3):
        row = a[k]
        row[0] = x[k]
        row[1] = row[0] * (a[k - 1, 1] + 1)
    return a


def filled_through_columns(x):
    a = np.zeros((2, 3), x.dtype)
    for k, column in enumerate(a.T):
        column[0] = x[k]
        column[1] = column[0] * x[0]
    return a


def complex_parts(x):
    z = x + 1j * x[::-1]
    r, i = z.real, z.imag
    p = r * i
    z.real[0] = x[1]
    i[1:] *= 2
    return p + r * i + (z * z).real


PROGRAMS = [
    (kept_by_a_product, (3,)),
    (kept_by_its_result, (3,)),
    (result_of_an_op_written_to, (3,)),
    (multiplied_in_place, (3,)),
    (view_read_before_a_write, (3,)),
    (view_read_between_writes, (3,)),
    (transposed_view, (3,)),
    (reshaped_view, (3,)),
    (diagonal_view, (3,)),
    (broadcast_view, (3,)),
    (rows_kept_in_a_list, (3,)),
    (numbers_read_before_a_write, (3,)),
    (constant_kept_by_a_product, (3,)),
    (constant_view_kept_by_a_product, (3,)),
    (constant_overwritten_by_traced, (3,)),
    (indices_changed_after_use, (3,)),
    (mask_changed_after_use, (3,)),
    (out_argument, (3,)),
    (array_without_axes, (3,)),
    (rows_exchanged_by_views, (3,)),
    (rows_exchanged_by_index, (3,)),
    (shape_set_in_place, (3,)),
    (written_by_a_helper, (3,)),
    (error_in_the_middle, (3,)),
    (recurrence, (3,)),
    (filled_through_rows, (3,)),
    (filled_through_columns, (3,)),
    (complex_parts, (3,)),
]


@pytest.mark.parametrize(("program", "shape"), PROGRAMS, ids=lambda value: getattr(value, "__name__", ""))
def test_memory_kept_by_a_rule_is_not_overwritten(program, shape):
    """The program has the value that NumPy gives it and the derivatives that the complex step gives it."""
    # A complex step cannot be written into an array of real numbers that the program makes, nor into a real part.
    analytic = program not in (constant_overwritten_by_traced, complex_parts)
    sample = Sample(program, shapes=[shape], dtypes=(np.dtype(np.float64),), analytic=analytic, protocols=False)
    for case in sample.cases():
        for law in laws_for(case):
            law(case)


def test_arguments_written_to_stay_as_they_are_for_the_caller():
    """A function that writes to its argument has the derivative of what it computes, and the caller sees no write."""

    def f(x):
        z = x * x
        x[0] = z[1]
        x *= z
        return x + z

    x = np.array([0.5, -1.5, 2.0])
    before = x.copy()
    # y = (x₁² x₀², x₁³, x₂³) + x²
    expected = np.array(
        [
            [2 * x[1] ** 2 * x[0] + 2 * x[0], 2 * x[1] * x[0] ** 2, 0],
            [0, 3 * x[1] ** 2 + 2 * x[1], 0],
            [0, 0, 3 * x[2] ** 2 + 2 * x[2]],
        ]
    )

    for order in ("forward", "reverse"):
        np.testing.assert_allclose(cr.jacobian(f, order=order)(x), expected, rtol=1e-15)
    y, pull = cr.vjp(f, x)
    np.testing.assert_allclose(pull(np.ones(3))[0], expected.sum(axis=0), rtol=1e-15)
    np.testing.assert_allclose(pull(np.ones(3))[0], expected.sum(axis=0), rtol=1e-15)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(cr.vmap(f)(np.stack([x, x])), [y, y])
    np.testing.assert_array_equal(x, before)


def test_inner_writes_reach_the_outer_array_as_primal_values():
    """What an inner derivative writes to an outer array stays there without the inner derivative."""

    def f(x):
        y = x.copy()
        kept = y * y

        def inner(t):
            y[0] = t * t
            y[2] = 3.0
            return y[0] * y[1]

        slope = cr.grad(inner)(x[1])
        return (y * kept * slope).sum()

    # y = (x₁², x₁, 3), and the slope 2 x₁ · x₁, in which y₁ = x₁ is held.
    def value(x):
        return (x[1] ** 2 * x[0] ** 2 + x[1] ** 3 + 3 * x[2] ** 2) * 2 * x[1] ** 2

    x = np.array([0.5, -1.5, 2.0])
    step = 1e-200
    expected = [value(x + 1j * step * np.eye(3)[k]).imag / step for k in range(3)]
    np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-14)
    np.testing.assert_allclose(cr.jacobian(f, order="forward")(x), expected, rtol=1e-14)


def test_failed_derivative_leaves_outer_arrays_usable():
    """An error within a derivative leaves outer arrays with what was written to them before it."""
    y = cr.Array(np.zeros(3))

    def f(x):
        y[0] = x
        y[1] = x * x
        raise RuntimeError("on purpose")

    for derivative in (cr.grad(f), lambda x: cr.jvp(f, (x,), (1.0,))):
        y[...] = 0.0
        with pytest.raises(RuntimeError, match="on purpose"):
            derivative(3.0)
        np.testing.assert_array_equal(np.asarray(y), [3.0, 9.0, 0.0])


def test_pull_may_be_called_after_the_arrays_were_written_again():
    """A pull that is called late gives the derivative of the run it was made by."""
    outer = cr.Array(np.array([2.0, 3.0, 5.0]))

    def f(x):
        product = x * outer
        outer[0] = 7.0
        return product * outer

    y, pull = cr.vjp(f, np.ones(3))
    outer[...] = 0.0
    np.testing.assert_array_equal(y, [14.0, 9.0, 25.0])
    np.testing.assert_array_equal(pull(np.ones(3))[0], [14.0, 9.0, 25.0])


def test_results_own_their_memory():
    """Two results that were views of one array inside are arrays of their own outside."""

    def f(x):
        y = x.copy()
        y[0] = 1.0
        return y, y[1:], y.reshape(-1, 1), y

    x = np.arange(3.0)
    results, pull = cr.vjp(f, x)
    for k, result in enumerate(results):
        assert result.flags.writeable
        assert not any(np.may_share_memory(result, other) for j, other in enumerate(results) if j != k)
    ones = tuple(np.ones_like(result) for result in results)
    np.testing.assert_array_equal(pull(ones)[0], [0.0, 4.0, 4.0])


def test_foreign_code_cannot_write_to_kept_memory():
    """An array that foreign code asks for is read-only, so that nothing kept for a derivative can change."""

    def f(x):
        c = np.arange(3.0)
        z = x * c
        foreign = memoryview(c.data)
        assert foreign.readonly
        c[0] = 9.0
        return z * c

    np.testing.assert_array_equal(cr.grad(lambda x: f(x).sum())(np.ones(3)), [0.0, 1.0, 4.0])
