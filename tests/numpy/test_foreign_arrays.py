"""Arrays of other libraries beside ours: containers of arrays of any kind, as xarray's, and tables of plain numbers."""

import numpy as np
import pytest

import chainrule as cr


class Named:
    """A container of an array of any kind, with a name for its axis."""

    def __init__(self, data, name):
        self.data, self.name = data, name

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Named(ufunc(*[x.data if isinstance(x, Named) else x for x in inputs], **kwargs), self.name)


class Table:
    """Holds plain numbers only."""

    def __init__(self, numbers):
        self.numbers = np.asarray(numbers)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numbers, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Table(ufunc(*map(np.asarray, inputs), **kwargs))


WEIGHTS = np.array([1.0, 2.0, 3.0])
PRODUCTS = [
    lambda x: x * Named(WEIGHTS, "time"),
    lambda x: np.multiply(x, Named(WEIGHTS, "time")),
    lambda x: np.multiply(Named(WEIGHTS, "time"), x),
    lambda x: x / Named(1 / WEIGHTS, "time"),
]


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_container_holds_what_carries_a_derivative(product):
    """`x * da` with a `DataArray` of xarray was a plain array, and a LeakError when `da` held a traced one."""

    def f(x):
        once = product(x)
        twice = np.multiply(x, once)
        assert (once.name, twice.name) == ("time", "time")
        return np.sum(twice.data)

    # f = Σ w x², so f' = 2 x Σ w and f'' = 2 Σ w.
    assert cr.grad(f)(2.0) == pytest.approx(24.0)
    assert cr.jvp(f, (2.0,), (1.0,))[1] == pytest.approx(24.0)
    assert cr.grad(cr.grad(f))(2.0) == pytest.approx(12.0)


@pytest.mark.parametrize("product", [lambda x, t: x * t, np.multiply, lambda x, t: np.multiply(t, x)])
def test_a_table_is_read_as_its_numbers(product):
    gradient = cr.grad(lambda x: np.sum(product(x, Table(WEIGHTS)) ** 2))(WEIGHTS)

    assert gradient == pytest.approx(2 * WEIGHTS**3)


class Plain:
    """Converts as arrays did before NumPy 2, without being asked for a copy."""

    def __array__(self, dtype=None):
        return WEIGHTS


@pytest.mark.filterwarnings("error")
def test_an_array_that_takes_no_copy_is_read_without_a_warning():
    """NumPy warned of classes like mici's matrices, which programs that turn warnings into errors could not use."""
    found = cr.grad(lambda x: np.sum(np.multiply(x, Plain()) ** 2))(WEIGHTS)

    assert found == pytest.approx(2 * WEIGHTS**3)
    assert cr.grad(lambda x: np.dot(x, Plain()))(WEIGHTS) == pytest.approx(WEIGHTS)
