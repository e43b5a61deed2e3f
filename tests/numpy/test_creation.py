"""Arrays made inside differentiated functions."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy as cnp

X = np.array([0.5, -2.0, 3.0])

MAKERS = {
    "zeros": lambda: np.zeros((2, 3)),
    "zeros int": lambda: np.zeros(3, int),
    "ones": lambda: np.ones(3, np.float32),
    "empty": lambda: np.empty((0, 2)),
    "eye": lambda: np.eye(3, 4, k=1, dtype=np.complex64),
    "identity": lambda: np.identity(2),
    "tri": lambda: np.tri(3, 4, -1),
    "arange": lambda: np.arange(3),
    "arange bounds": lambda: np.arange(1, 10, 3.5),
    "arange keywords": lambda: np.arange(start=2, stop=5),
    "arange stop": lambda: np.arange(stop=5, dtype=float),
    "linspace": lambda: np.linspace(0, 1, 5),
    "linspace step": lambda: np.linspace(0, 1, 5, retstep=True)[1],
    "logspace": lambda: np.logspace(0, 2, 3, base=2),
    "geomspace": lambda: np.geomspace(1, 8, 4),
    "full": lambda: np.full((2, 2), 7),
    "full_like": lambda: np.full_like(np.arange(3), 2.9),
    "zeros_like list": lambda: np.zeros_like([[1, 2]]),
    "ones_like shape": lambda: np.ones_like(np.zeros(3), dtype=int, shape=(2, 2)),
    "empty_like": lambda: np.empty_like(np.zeros((0, 3), np.float32)),
    "array": lambda: np.array([[1, 2], [3, 4]]),
    "array of numbers": lambda: np.array(3.0),
    "array of strings": lambda: np.array(["a", "bc"]),
    "array ndmin": lambda: np.array([1.0], ndmin=3),
    "asarray": lambda: np.asarray([1, 2.5]),
    "frombuffer": lambda: np.frombuffer(b"\x01\x02", np.uint8),
    "fromiter": lambda: np.fromiter(range(4), float, count=3),
    "fromfunction": lambda: np.fromfunction(lambda i, j: i + 10 * j, (2, 3)),
    "indices": lambda: np.indices((2, 3)),
    "indices sparse": lambda: np.indices((2, 3), sparse=True)[1],
    "meshgrid": lambda: np.meshgrid([1, 2], [3, 4, 5])[1],
    "mgrid": lambda: np.mgrid[0:2, 0:1:3j],
    "ogrid": lambda: np.ogrid[0:3, 0:2][0],
    "r_": lambda: np.r_[1:4, 0, [5, 6]],
    "c_": lambda: np.c_[[1, 2], [3, 4]],
    "s_": lambda: np.arange(10)[np.s_[1:8:2]],
    "ix_": lambda: np.arange(9).reshape(3, 3)[np.ix_([0, 2], [True, False, True])],
    "tril_indices": lambda: np.arange(9).reshape(3, 3)[np.tril_indices(3)],
    "unravel_index": lambda: np.array(np.unravel_index([5, 3], (2, 3))),
    "ravel_multi_index": lambda: np.ravel_multi_index(([0, 1], [2, 0]), (2, 3)),
    "vander": lambda: np.vander([1, 2, 3]),
    "nonzero": lambda: np.nonzero([0, 1, 1])[0],
    "argwhere": lambda: np.argwhere(np.eye(2)),
    "hamming": lambda: np.hamming(4),
    "diag": lambda: np.diag([1, 2], 1),
    "bmat of numbers": lambda: np.block([[1, 2], [3, 4]]),
    "require": lambda: np.require([[1, 2]], float, "F"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_constants_are_numpy_s_and_can_be_written_to(name):
    """What is made inside has NumPy's numbers, dtype and kind; traced numbers can be written into it."""
    make = MAKERS[name]
    expected = make()
    found = []

    def f(x):
        made = make()
        found.append(made.copy())
        if isinstance(made, np.ndarray) and made.dtype.kind == "f" and made.size and made.flags.writeable:
            made[(0,) * made.ndim] = x[0] * x[1]
            return np.sum(made)
        return x[0] * x[1]

    np.testing.assert_array_equal(cr.grad(f)(X), [X[1], X[0], 0.0])
    # What leaves the function is a plain array.
    (made,) = found
    assert type(made) is type(expected)
    assert made.dtype == expected.dtype
    np.testing.assert_array_equal(made, expected)


def test_nested_lists_of_traced_numbers_make_arrays():
    """Numbers, arrays and lists of them make one traced array, in the dtype that NumPy gives it."""

    def f(x):
        a = np.array([[x[0], 1, 2.5], [x[1] * x[2], *x[:2]], list(x)])
        return a[0] * a[1] + a[2]

    expected = [[2 * X[1] * X[2] / 2 + 1, X[0] * X[2], X[0] * X[1]], [1, 1, 0], [0, 2.5, 1]]
    expected[0][0] = X[1] * X[2] + 1
    for order in ("forward", "reverse"):
        np.testing.assert_allclose(cr.jacobian(f, order=order)(X), expected, rtol=1e-15)

    def dtype_of(x):
        return np.array([x, 1]).dtype, np.array([x, 1.0]).dtype, np.array([x, 1j]).dtype, np.array([x]).dtype

    seen = []
    cr.grad(lambda x: (seen.append(dtype_of(x)), x)[1])(np.float32(2.0))
    assert seen == [dtype_of(np.float32(2.0))]


def test_draws_are_constant():
    """What `np.random` draws carries no derivative, can be written to, and is what NumPy draws."""

    def f(x):
        np.random.seed(5)
        noise = np.random.normal(size=3)
        plain = np.random.default_rng(7).normal(size=3)
        noise[0] = x[0] * x[1]
        order = np.random.permutation(3)
        mixed = np.random.permutation(x)
        y = x * 1
        np.random.shuffle(y)
        return np.sum(noise * x * plain) + np.sum(mixed * y) + x[order][0] + x[np.random.choice(3)] + np.random.rand()

    def difference(k):
        unit, h = np.eye(3)[k], 1e-3
        return (8 * (f(X + h * unit) - f(X - h * unit)) - f(X + 2 * h * unit) + f(X - 2 * h * unit)) / (12 * h)

    value, gradient = cr.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_allclose(gradient, [difference(k) for k in range(3)], rtol=1e-9)


def test_draws_with_traced_parameters_are_refused():
    """A draw by rejection has no derivative with respect to its parameters, and the error says what to do."""
    with pytest.raises(cr.errors.NoRuleError, match=r"np.random.beta.*\n.*np.random.beta\(x"):
        cr.grad(lambda x: np.random.beta(x[0], 1.0))(X)


def test_constants_are_copied_and_pickled():
    """Copies of handles are arrays of their own; constants can be pickled, traced arrays cannot."""
    a = cr.Array(np.arange(3.0))
    for b in (copy.copy(a), copy.deepcopy(a), pickle.loads(pickle.dumps(a)), pickle.loads(pickle.dumps(a[1:]))):
        assert type(b) is cr.Array
        b[0] = 9.0
    np.testing.assert_array_equal(np.asarray(a), [0.0, 1.0, 2.0])

    def f(x):
        y = copy.deepcopy({"x": x * x})["x"]
        z = copy.copy(y)
        z[0] = 0.0
        assert copy.copy(x[0]) is not None
        with pytest.raises(cr.errors.LeakError):
            pickle.dumps(y)
        return np.sum(y * z)

    np.testing.assert_allclose(cr.grad(f)(X), [0.0, 4 * X[1] ** 3, 4 * X[2] ** 3], rtol=1e-15)


def test_non_finite_arrays_are_found():
    """`asarray_chkfinite` looks at the values of all lanes."""
    with pytest.raises(ValueError, match="infs or NaNs"):
        cr.grad(lambda x: np.sum(np.asarray_chkfinite(x)))(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="infs or NaNs"):
        cr.vmap(np.asarray_chkfinite)(np.array([[1.0], [np.inf]]))


def test_namespace_works_openly():
    """The namespace, imported openly, makes and differentiates the same arrays outside of a derivative."""
    a = cnp.zeros(3)
    a[1] = 2.0
    b = cnp.linspace(0.0, 1.0, 3) + a
    np.testing.assert_array_equal(np.asarray(b), [0.0, 2.5, 1.0])

    def f(x):
        y = cnp.zeros(3)
        y[:] = x
        return cnp.sum(y * cnp.arange(3))

    np.testing.assert_array_equal(cr.grad(f)(X), [0.0, 1.0, 2.0])


def test_empty_uninitialised_memory_never_warns():
    """Filling `np.empty` one by one reads nothing that was not written."""

    def f(x):
        y = np.empty(3)
        for k in range(3):
            y[k] = x[k] ** 2
        return np.sum(y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(cr.grad(f)(X), 2 * X)
        np.testing.assert_array_equal(cr.jvp(f, (X,), (X,))[1], np.sum(2 * X * X))


RECORD = np.dtype([("mass", float), ("count", int)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.zeros(3, RECORD),
        lambda: np.empty(3, RECORD),
        lambda: np.full(3, 0, RECORD),
        lambda: np.array([(0.0, 0)] * 3, RECORD),
        lambda: np.zeros_like(np.zeros(3, RECORD)),
        lambda: np.copy(np.zeros(3, RECORD)),
    ],
)
def test_records_are_numpys_own(make):
    def f(x):
        records = make()
        records["mass"] = [1.0, 2.0, 3.0]
        records[0] = (4.0, 5)
        return np.sum(records["mass"] * x) + records[0]["count"] * x[1]

    np.testing.assert_array_equal(cr.grad(f)(np.ones(3)), [4.0, 7.0, 3.0])


def test_a_derivative_is_not_put_into_a_record():
    def f(x):
        records = np.zeros(3, RECORD)
        records["mass"] = x
        return np.sum(records["mass"])

    with pytest.raises(cr.errors.LeakError, match=r'records\["mass"\] = x'):
        cr.grad(f)(np.ones(3))
