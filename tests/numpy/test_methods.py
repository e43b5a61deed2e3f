"""Methods and attributes of traced arrays and numbers, and how Python looks at them."""

import math
import operator
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import LeakError, NoRuleError

A = np.arange(1.0, 13.0).reshape(3, 4)


def run(f, *args):
    """What a function gives while a derivative is taken, passed out beside a result."""
    return cr.value_and_grad(lambda *args: (np.sum(args[0]) * 1.0, f(*args)), has_aux=True)(*args)[0][1]


# Methods with arguments, on an array of three rows and four columns.
METHODS = {
    "all": lambda a: a.all(axis=0),
    "any": lambda a: a.any(),
    "argmax": lambda a: a.argmax(axis=1),
    "argmin": lambda a: a.argmin(),
    "argpartition": lambda a: a.argpartition(1, axis=1),
    "argsort": lambda a: a.argsort(axis=0),
    "astype": lambda a: a.astype(np.float32, casting="same_kind"),
    "astype int": lambda a: a.astype(int),
    "choose": lambda a: a.astype(int)[:1].choose(list(np.arange(13) * 2.0)),
    "clip": lambda a: a.clip(2, 8),
    "compress": lambda a: a.compress([True, False, True], axis=0),
    "conj": lambda a: a.conj() + a.conjugate(),
    "copy": lambda a: a.copy("F"),
    "cumprod": lambda a: a.cumprod(axis=1),
    "cumsum": lambda a: a.cumsum(),
    "diagonal": lambda a: a.diagonal(1),
    "dot": lambda a: a.dot(a.T),
    "flatten": lambda a: a.flatten("F"),
    "item": lambda a: a * a.item(3) + a.item(1, 2) + a.item((0, -1)),
    "max": lambda a: a.max(axis=1, keepdims=True),
    "mean": lambda a: a.mean(0),
    "min": lambda a: a.min(initial=-1.0),
    "nonzero": lambda a: a.nonzero(),
    "prod": lambda a: a.prod(axis=0),
    "ravel": lambda a: a.ravel(),
    "repeat": lambda a: a.repeat(2, axis=0),
    "reshape": lambda a: a.reshape(2, 6),
    "round": lambda a: (a / 7).round(1),
    "searchsorted": lambda a: a[0].searchsorted([2.5, 3.0], side="right"),
    "squeeze": lambda a: a[:1].squeeze(axis=0),
    "std": lambda a: a.std(axis=0, ddof=1),
    "sum": lambda a: a.sum((0, 1)),
    "swapaxes": lambda a: a.swapaxes(0, 1),
    "take": lambda a: a.take([1, 5]),
    "trace": lambda a: a.trace(),
    "transpose": lambda a: a.transpose(),
    "transpose None": lambda a: a.transpose(None),
    "transpose list": lambda a: a.transpose([1, 0]),
    "var": lambda a: a.var(),
    "to_device": lambda a: a.to_device("cpu"),
    "matmul": lambda a: a @ a.T,
    "T": lambda a: a.T,
    "mT": lambda a: a.mT,
    "real": lambda a: a.real,
    "imag": lambda a: a.imag,
    "shape": lambda a: np.array(a.shape),
    "sizes": lambda a: np.array([a.ndim, a.size, a.itemsize, a.nbytes, len(a), *a.strides]),
    "device": lambda a: np.array(a.device),
}

# Methods that change the array.
CHANGES = {
    "fill": lambda a: a.fill(3.0),
    "put": lambda a: a.put([0, -1], [7.0, 8.0]),
    "sort": lambda a: a.sort(axis=0),
    "partition": lambda a: a[1].partition(2),
    "setitem": lambda a: a.__setitem__((0, 0), 5.0),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_numpy_s(name):
    """The method gives NumPy's numbers, dtype and kind, on traced arrays and on constants."""
    method = METHODS[name]
    expected = method(A)
    constant = run(lambda x: method(np.arange(1.0, 13.0).reshape(3, 4)), np.ones(1))
    for found in (run(method, A), constant):
        found = found if isinstance(expected, tuple) else (found,)
        for a, b in zip(found, expected if isinstance(expected, tuple) else (expected,), strict=True):
            assert type(a) is type(b)
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", CHANGES)
def test_methods_in_place_change_the_array(name):
    """The method changes the array as NumPy's does, and with it views of it."""

    def f(a):
        b = a[::-1] * 1.0
        row = b[1]
        assert CHANGES[name](b) is None
        return b, row

    for found, expected in zip(run(f, A), f(A), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_every_attribute_of_numpy_s_arrays_is_there():
    """Arrays have all public attributes of NumPy's, and numbers those of its scalars that arrays share."""
    missing = {name for name in dir(np.ndarray) if not name.startswith("_")} - set(dir(cr.Array))
    assert not missing
    protocols = {"__array_interface__", "__array_struct__", "__array_wrap__", "__array_finalize__", "__buffer__"}
    operators = {name for name in dir(np.ndarray) if name.startswith("__")} - set(dir(cr.Array)) - protocols
    assert operators <= {"__class_getitem__", "__delitem__", "__setstate__"}


def test_memory_is_handed_out_of_constants_alone():
    """Bytes, lists and addresses are those of constants; of traced arrays they are leaks, which raise."""
    c = cr.Array(np.arange(3))
    assert c.tolist() == [0, 1, 2]
    assert c.tobytes() == np.arange(3).tobytes()
    assert memoryview(c.data).tolist() == [0, 1, 2]
    assert c.ctypes.data
    assert c.byteswap().dtype == np.arange(3).dtype
    np.testing.assert_array_equal(np.from_dlpack(cr.Array(np.arange(3.0)).copy()), [0, 1, 2])
    assert c.item() if c.size == 1 else c.item(2) == 2

    leaks = (
        lambda x: x.tolist(),
        lambda x: x.tobytes(),
        lambda x: x.data,
        lambda x: x.ctypes,
        lambda x: x.byteswap(),
        lambda x: x.tofile("nowhere"),
        lambda x: x.dumps(),
        lambda x: x.getfield(np.int8),
        lambda x: x.setfield(0, np.int8),
        lambda x: x.view(np.int64),
        lambda x: x.__dlpack__(),
    )
    for leak in leaks:
        with pytest.raises(LeakError):
            cr.grad(lambda x, leak=leak: (leak(x), np.sum(x))[1])(np.ones(3))
    with pytest.raises(NoRuleError, match=r"np\.resize"):
        cr.grad(lambda x: (x.copy().resize(2), np.sum(x))[1])(np.ones(3))
    assert not hasattr(cr.Array, "__array_interface__")


def test_numbers_behave_as_python_s():
    """Traced numbers take part in Python's own functions, which look at them or keep them traced."""

    def f(x):
        a, b, c = x
        assert round(a) == 1
        assert isinstance(round(a), int)
        assert math.floor(b) == -3
        assert math.ceil(b) == -2
        assert math.trunc(b) == -2
        assert int(c) == 3
        assert bool(a)
        assert not (a > c)
        assert sorted([a, b, c])[0] is b
        assert max(a, b, c) is c
        assert min(x) is not c
        assert 3.75 in x
        assert 9 not in x
        assert f"{b:.1f} {c:6.2f} {a!s}" == "-2.5   3.75 1.25"
        assert c.is_integer() is False
        assert [10, 20, 30, 40][int(c)] == 40
        assert (a < c) & (b < c)
        assert list(range(int(c))) == [0, 1, 2]
        quotient, remainder = divmod(c, a)
        assert quotient == 3
        assert abs(b) == 2.5
        assert a == 1.25
        assert a != b
        return sum([a, b, c]) + sum(x) + remainder + round(a, 1) + pow(a, 2) + operator.mul(b, c) + (-b) ** 2

    x = np.array([1.25, -2.5, 3.75])
    # 2 (a + b + c) + c mod a + round(a, 1) + a² + b c + b²; the remainder c - 3 a.
    expected = [2 - 3 + 2 * x[0], 2 + x[2] + 2 * x[1], 2 + 1 + x[1]]
    np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-15)
    assert cr.jvp(lambda x: round(x, 2), (1.234,), (1.0,)) == (1.23, 0.0)


def test_printing_looks_like_numpy_s():
    """`str`, `repr` and `format` show the values."""

    def texts(a):
        number = a[1, 2]
        cell = a[1, 2, ...]
        return [f"{a}", repr(a), str(a[0]), repr(number), f"{number:.3e}", repr(cell), f"{cell:.1f}", repr(a.T[:1])]

    seen = []
    cr.grad(lambda a: (seen.extend(texts(a)), np.sum(a))[1])(A)
    assert seen == texts(A)


def test_looks_answer_from_the_values():
    """`bool`, `len`, `in`, comparisons and indices of an array are NumPy's answers, errors included."""

    def f(a):
        assert len(a) == 3
        assert (a[0] > 0).all()
        assert np.array(2.0, like=None) == 2
        with pytest.raises(ValueError, match="ambiguous"):
            bool(a)
        with pytest.raises(TypeError):
            len(a[0, 0, ...])
        with pytest.raises(TypeError):
            iter(a[0, 0, ...])
        with pytest.raises(TypeError):
            hash(a)
        with pytest.raises(TypeError):
            int(a)
        assert bool(a[:1, :1])
        return np.sum(a)

    np.testing.assert_array_equal(cr.grad(f)(A), np.ones((3, 4)))


def test_array_protocols_name_the_namespace():
    """`__array_namespace__` gives the functions that take traced arrays."""

    def f(x):
        namespace = x.__array_namespace__()
        return namespace.sum(namespace.sin(x) * namespace.zeros(3) + x)

    np.testing.assert_array_equal(cr.grad(f)(np.ones(3)), np.ones(3))


def test_conversions_keep_the_kind_of_result():
    """A conversion of a number is a number, of an array without axes an array, and to itself a copy or itself."""

    def f(x):
        cell = np.array(x[0])
        assert isinstance(cell.astype(np.float32), np.ndarray)
        assert not isinstance(x[0].astype(np.float32), np.ndarray)
        assert x.astype(float, copy=False) is x
        y = x.astype(float)
        y[0] = 0.0
        assert x[0] == 1.0
        with pytest.raises(TypeError, match="Cannot cast"):
            x.astype(int, casting="safe")
        return np.sum(y) + cell.astype(np.float32) + x[1].astype(complex).real

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(cr.grad(f)(np.ones(2)), [1.0, 2.0])


@pytest.mark.parametrize(
    "as_objects",
    [lambda x: x.astype(object), lambda x: np.array([x[0], x[1], x[2]], dtype=object), lambda x: np.asarray(x, "O")],
)
def test_objects_of_numbers_are_these_numbers(as_objects):
    """The derivative of what was converted to `object` was zero, without a word."""

    def f(x):
        return np.sum(as_objects(x) ** 3) + x[0]

    x = np.array([1.0, 2.0, -3.0])

    for compute in (cr.grad(f), cr.jacobian(f, order="forward"), cr.jit(cr.grad(f))):
        assert compute(x) == pytest.approx(3 * x**2 + [1, 0, 0])
    assert cr.hessian(f)(x) == pytest.approx(np.diag(6 * x))
    assert cr.vmap(f)(np.stack([x, 2 * x])) == pytest.approx([np.sum(x**3) + 1, np.sum(8 * x**3) + 2])
