"""Small programs that random ones led to, each of which once gave a wrong derivative or an error of our own."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numerical import COMPLEX_STEP


def element_read_before_it_is_written(x):
    """vmap of grad kept a view of the element, and read there what was written later."""
    y = x * 1.0
    y[0] = 2.0 * y[0]
    y[1] *= y[1]
    y[1] = 0.5 * np.sin(y[1])
    return np.sum(y)


def element_read_through_a_view(x):
    """The same through a view."""
    y = x * x
    view = y[1:]
    view[-1] *= x[0]
    view[-1] = 0.5 * np.sin(view[-1])
    return np.sum(y)


def number_indexed_with_new_axes(x):
    """A traced number could not be indexed."""
    t = x[0] * x[1]
    a, b, c = t[None], t[..., None], t[...]
    a[0] *= 2
    c += 1.0
    return np.sum(a) + b[0] * t[()] + c * c


def number_chosen_by_its_own_mask(x):
    """A number of which a mask leaves nothing came back as a structural zero, and was multiplied."""
    t = x[0] * x[1]
    return np.sum(t[t > 100.0]) + np.sum(t[t < 100.0])


def sum_added_where_nothing_holds(x):
    """A cotangent of which nothing took part was summed over a broadcast axis, and then multiplied."""
    y = np.square(x)
    y[x > 100.0] += np.sum(x)
    return np.sum(y)


def chain_of_single_writes(x):
    """The push of `linearize` copied the array for every write, and must not give what a copy would not."""
    y = np.zeros(5)
    y[0] = x[0]
    before = y.copy()
    for i in range(1, 5):
        y[i] = np.sin(y[i - 1]) * x[1]
        before[i] = y[i - 1] + before[i - 1]
    return np.sum(y * before)


def number_reduced_along_its_axis(x):
    """NumPy takes the axis 0 or -1 for the sum, product or maximum of a number."""
    return np.sum(x[0] * x[1], axis=0) + np.prod(x[0], axis=-1) + np.max(x[1], axis=0)


def flattened_backwards(x):
    """ravel() of a reversed view was taken for a view, and saw what was written afterwards; NumPy copies."""
    v, w = x[::-1].ravel(), x[::-1].ravel("K")
    x[:] = x * x
    return np.sum(v * w * x)


PROGRAMS = [
    flattened_backwards,
    element_read_before_it_is_written,
    element_read_through_a_view,
    number_indexed_with_new_axes,
    number_chosen_by_its_own_mask,
    sum_added_where_nothing_holds,
    chain_of_single_writes,
    number_reduced_along_its_axis,
]

X = np.array([0.7, 1.3])


def complex_step(f, x):
    """The gradient by the complex step."""
    return np.array([f(x + 1j * COMPLEX_STEP * e).imag / COMPLEX_STEP for e in np.eye(len(x))])


def over_complex(f):
    """The program with complex arrays where it makes them."""
    numpy = type("numpy", (), {**vars(np), "zeros": staticmethod(lambda shape: np.zeros(shape, complex))})
    return type(f)(f.__code__, {**f.__globals__, "np": numpy})


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f):
    """Value, gradient, push and Hessian are those of the complex step, alone and in a batch."""
    gradient = complex_step(over_complex(f), X)

    np.testing.assert_allclose(cr.value_and_grad(f)(X)[0], f(X.copy()), rtol=1e-14)
    np.testing.assert_allclose(cr.grad(f)(X), gradient, rtol=1e-13)
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(np.stack([X, X]))[1], gradient, rtol=1e-13)
    for push in (lambda e: cr.jvp(f, (X,), (e,))[1], cr.linearize(f, X)[1]):
        np.testing.assert_allclose([push(e) for e in np.eye(2)], gradient, rtol=1e-13)
    columns = [
        np.imag(cr.grad(over_complex(f), holomorphic=True)(X + 1j * COMPLEX_STEP * e)) / COMPLEX_STEP for e in np.eye(2)
    ]
    np.testing.assert_allclose(cr.hessian(f)(X), np.stack(columns, axis=-1), rtol=1e-12, atol=1e-14)


def test_number_is_not_iterable():
    """A traced number can be indexed, and yet is not taken for an empty sequence."""

    def f(x):
        return sum(e for e in x * x)

    with pytest.raises(TypeError, match="not iterable"):
        cr.grad(f)(2.0)


def test_index_into_a_number():
    """An index into a number is refused as by NumPy."""
    with pytest.raises(IndexError, match="invalid index to scalar variable"):
        cr.grad(lambda x: (x * x)[0])(2.0)


def test_array_written_to_itself():
    """Compiled, an array that was filled by writes is read before it is overwritten with itself in another order."""

    def f(x):
        y = np.sin(x)
        y[0] += 1.0
        y.T[0] = y[0, 0]
        y[:, ::-1] = y
        y[::-1] += y
        return y

    compiled = cr.jit(f)
    x = np.arange(12.0).reshape(3, 4)
    compiled(x)
    np.testing.assert_allclose(compiled(x + 1), f(x + 1), rtol=1e-14)


def test_view_without_axes_is_reshaped():
    """What is reshaped from a view without axes is a view, too: it sees what is written to the array afterwards."""

    def f(x):
        number = np.squeeze(x[:1])
        views = number.ravel(), number.reshape(1), np.reshape(number, (1, 1))
        x[0] *= 3
        return np.sum(np.stack([view.ravel() for view in views]))

    assert f(np.ones(3)) == 9
    np.testing.assert_array_equal(cr.grad(f)(np.ones(3)), [9, 0, 0])
    np.testing.assert_array_equal([cr.jit(f)(np.ones(3)) for _ in range(2)], [9, 9])
