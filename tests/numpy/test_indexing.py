"""Indices of every kind, against NumPy's own indexing of the values, the tangents and the cotangents."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

import chainrule as cr
from chainrule.ops.paths import Reshaped, Transposed, composed, indexed_shape, joined

SHAPES = [(), (3,), (0,), (3, 4), (2, 3, 4), (2, 0, 3), (4, 1, 3, 2)]


def parts(length):
    """Parts of a key for an axis of a length, sometimes out of bounds."""
    bounds = st.none() | st.integers(-length - 2, length + 2)
    integers = st.integers(-length - 1, length)
    slices = st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, -1, -2]))
    lists = st.lists(st.integers(-length, max(length - 1, 0)), max_size=3)
    arrays = (
        st.lists(lists, min_size=2, max_size=2)
        .filter(lambda rows: len(rows[0]) == len(rows[1]))
        .map(lambda rows: np.array(rows, dtype=int))
    )
    masks = st.lists(st.booleans(), min_size=max(length, 1), max_size=max(length, 1)).map(np.array)
    return st.one_of(
        integers,
        integers.map(np.int64),
        integers.map(np.array),
        slices,
        st.none(),
        st.just(Ellipsis),
        st.booleans(),
        lists,
        arrays,
        masks,
    )


@st.composite
def shapes_and_keys(draw):
    shape = draw(st.sampled_from(SHAPES))
    count = draw(st.integers(0, len(shape) + 1))
    key = tuple(draw(parts(shape[k] if k < len(shape) else 1)) for k in range(count))
    return shape, key[0] if len(key) == 1 and draw(st.booleans()) else key


def outcome(function, *args):
    """What a function gives, or the kind of error that it raises."""
    try:
        return function(*args), None
    except (IndexError, ValueError, TypeError) as error:
        return None, error


def numbers(shape, start=1.0):
    return np.arange(start, start + np.prod(shape, dtype=int)).reshape(shape)


@given(shapes_and_keys())
def test_reading_follows_numpy(shape_and_key):
    """Value, tangent and kind of result are NumPy's; the cotangent adds up at the places that were read."""
    shape, key = shape_and_key
    if not shape:
        key = (..., *key) if isinstance(key, tuple) else key
    x, x_dot = numbers(shape), numbers(shape, 100.0)
    expected, error = outcome(lambda: x[key])
    # A 0-d argument arrives as an array.
    found, our_error = outcome(lambda: cr.jvp(lambda x: np.reshape(x, shape)[key], (x,), (x_dot,)))
    if error is not None:
        assert isinstance(our_error, type(error)), (our_error, error)
        return
    assert our_error is None, our_error
    assert type(found[0]) is type(expected)
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], x_dot[key])
    y_bar = numbers(expected.shape)
    x_bar = np.zeros(shape)
    np.add.at(x_bar, key, y_bar)
    _, pull = cr.vjp(lambda x: np.reshape(x, shape)[key], x)
    np.testing.assert_array_equal(pull(y_bar if expected.shape else y_bar[()])[0], x_bar)


@given(shapes_and_keys(), st.sampled_from(["number", "same", "row", "ones", "wrong"]), st.booleans())
@example(((), (False,)), "ones", False)
def test_writing_follows_numpy(shape_and_key, kind, augmented):
    """Values and tangents are NumPy's; the pull is the transpose of the push; what is refused is refused."""
    shape, key = shape_and_key
    x = numbers(shape)
    region, error = outcome(lambda: x[key])
    if error is not None:
        return
    v_shape = {
        "number": (),
        "same": region.shape,
        "row": region.shape[1:],
        "ones": (1, *region.shape),
        "wrong": (7,),
    }[kind]
    v = numbers(v_shape, 50.0)[()]

    def write(x, v):
        y = np.array(x)
        if augmented:
            y[key] += v
        else:
            y[key] = v
        return y

    expected, error = outcome(write, x, v)
    x_dot, v_dot = numbers(shape, 0.5), numbers(v_shape, 7.5)[()]
    found, our_error = outcome(lambda: cr.jvp(write, (x, v), (x_dot, v_dot)))
    if error is not None:
        assert our_error is not None, error
        return
    assert our_error is None, our_error
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], write(x_dot, v_dot))
    y, pull = cr.vjp(write, x, v)
    np.testing.assert_array_equal(y, expected)
    y_bar = numbers(shape, 3.0)
    x_bar, v_bar = pull(y_bar)
    np.testing.assert_allclose(
        np.sum(x_bar * x_dot) + np.sum(v_bar * v_dot), np.sum(y_bar * write(x_dot, v_dot)), rtol=1e-13
    )


@given(st.sampled_from(SHAPES[1:]), st.data())
def test_two_basic_indices_compose(shape, data):
    """The index that does what two do, one after the other, selects the same entries."""
    x = numbers(shape)
    first = data.draw(_basic(shape))
    y = x[first]
    if not isinstance(y, np.ndarray):
        return
    second = data.draw(_basic(y.shape))
    expected = y[second]
    key = composed(shape, first, second)
    if key is not None:
        found = x[key]
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_array_equal(found, expected)
    path = joined(shape, joined(shape, (), (first,)), (second,))
    assert indexed_shape(shape, path) == np.shape(expected)


@st.composite
def _basic(draw, shape):
    key = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        choices = [st.none().map(lambda _: slice(None)), st.just(None)]
        if length:
            choices.append(st.integers(-length, length - 1))
        bounds = st.none() | st.integers(-length - 2, length + 2)
        choices.append(st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, -1, -3])))
        part = draw(st.one_of(choices))
        key.append(part)
        if part is None:
            key.append(slice(None))
    if draw(st.booleans()):
        key.append(Ellipsis)
    return tuple(key)


def test_movements_in_a_row_become_one():
    """Two transposes are one, and of two reshapes the last one counts."""
    assert joined((2, 3, 4), (Transposed((2, 0, 1)),), (Transposed((1, 2, 0)),)) == (Transposed((0, 1, 2)),)
    assert joined((6,), (Reshaped((2, 3)),), (Reshaped((3, 2)),)) == (Reshaped((3, 2)),)


def test_errors_are_numpy_s_and_come_at_once():
    """An index out of bounds raises where it stands, with NumPy's message, also on a view that nobody reads."""

    def message(function, *args):
        with pytest.raises(IndexError) as caught:
            function(*args)
        return str(caught.value)

    x = np.ones((2, 3))
    for read in (lambda x: x[2], lambda x: x[0, 3], lambda x: x[0][5], lambda x: x.T[3], lambda x: x[0, 0, 0]):
        assert message(cr.jacobian(read), x) == message(read, x)
    for read in (lambda x: x[[0, 2]], lambda x: x[:, [5]], lambda x: x["a"], lambda x: x[1.0], lambda x: x[[0.5]]):
        with pytest.raises(IndexError):
            read(x)
        with pytest.raises(IndexError):
            cr.jacobian(read)(x)


def test_traced_integers_index_under_vmap():
    """An index that differs from lane to lane reads and writes the lane's own element, also through a view."""

    def pick(x, k):
        return x[k]

    def write(x, k):
        y = x.copy()
        y[k] = 2 * y[0]
        y[k - 1] += 1.0
        return y

    def write_in_row(x, k):
        row = x[k]
        row[0] = 9.0
        x[k, 1] += row[0]
        return x

    x, k = np.arange(12.0).reshape(3, 4), np.array([2, 0, 3])
    np.testing.assert_array_equal(cr.vmap(pick)(x, k), [x[j, k[j]] for j in range(3)])
    expected = []
    for row, j in zip(x, k, strict=True):
        expected.append(write(row, j))
    np.testing.assert_array_equal(cr.vmap(write)(x, k), expected)
    np.testing.assert_array_equal(
        cr.vmap(cr.jacobian(write), in_axes=(0, 0))(x, k), [cr.jacobian(write)(x[j], k[j]) for j in range(3)]
    )
    a = np.arange(24.0).reshape(3, 2, 4)
    i = np.array([0, 1, 1])
    expected = [write_in_row(a[j].copy(), i[j]) for j in range(3)]
    np.testing.assert_array_equal(cr.vmap(write_in_row)(a, i), expected)


def test_unpacking_and_iteration():
    """Arrays unpack, star and iterate as NumPy's do: numbers of one axis, views of more."""

    def f(x):
        a, *rest, b = x
        total = sum(rest) + max(a, b) - min(a, b)
        for k, v in enumerate(x):
            total = total + k * v * v
        return total

    x = np.array([0.5, -2.0, 3.0, 1.0])
    gradient = np.array([-1.0, 1.0, 1.0, 1.0]) + 2 * np.arange(4) * x
    np.testing.assert_allclose(cr.grad(f)(x), gradient, rtol=1e-15)
    np.testing.assert_allclose(cr.jacobian(f, order="forward")(x), gradient, rtol=1e-15)

    def write_rows(x):
        a = np.outer(x, x)
        for row in a:
            row[0] = 0.0
        return a

    np.testing.assert_array_equal(cr.jvp(write_rows, (x,), (x,))[0], write_rows(x))


def test_writing_a_sequence_where_a_number_goes_raises_as_in_numpy():
    """One element takes one number: whether an array of one is one is NumPy's to say."""
    y = np.zeros(3)

    def write(y, v):
        y[1] = v
        return y

    for v in (np.ones(2), [1.0, 2.0]):
        with pytest.raises(ValueError, match="sequence"):
            write(y, v)
        with pytest.raises(ValueError, match="sequence"):
            cr.jvp(lambda y, v=v: write(y, v), (y,), (y,))
