"""Universal functions on traced values: keyword arguments, results in given arrays, operators, and what is refused."""

import operator
import warnings
from fractions import Fraction

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NoRuleError, TracedAssignmentError

X = np.array([0.5, 1.5, -2.0])


def derivative(f, x=X):
    """The gradient of a function of one array, and the same by a complex step in each entry."""
    steps = []
    for k in range(x.size):
        z = x.astype(complex)
        z.flat[k] += 1e-200j
        steps.append(f(z).imag / 1e-200)
    return cr.grad(f)(x), np.array(steps).reshape(x.shape)


def test_results_are_written_to_the_array_that_is_given():
    """`out=` returns the very array that it was given, which carries the derivative."""

    def f(x):
        y = np.zeros(3, dtype=x.dtype)
        assert np.sin(x, out=y) is y
        assert np.multiply(y, x, y) is y
        return np.sum(y)

    found, expected = derivative(f)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_views_see_what_is_written_to_their_base():
    """A view taken before `np.exp(y, out=y)` shows the new numbers, and their derivative."""

    def f(x):
        y = x * 1.0
        view = y[1:]
        np.exp(y, out=y)
        return np.sum(view * view)

    found, expected = derivative(f)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_writing_to_an_overlapping_view():
    """`np.add(y[:-1], y[1:], out=y[1:])` reads everything before it writes anything."""

    def f(x):
        y = x * 2.0
        np.add(y[:-1], y[1:], out=y[1:])
        return np.sum(y * np.array([1.0, 2.0, 3.0]))

    found, expected = derivative(f)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert cr.value_and_grad(f)(X)[0] == f(X)


def test_places_left_out_do_not_take_part():
    """Where `where` does not hold the function is not evaluated: no warning, and no NaN in the derivative."""

    def f(x):
        y = np.zeros(3, dtype=x.dtype)
        np.log(x, out=y, where=x > 0)
        np.arctanh(x, out=y, where=np.abs(x) < 1)
        return np.sum(y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cr.grad(f)(X)
    np.testing.assert_allclose(found, [1 / (1 - 0.25), 1 / 1.5, 0.0], rtol=1e-15)


def test_places_left_out_without_an_array_are_constant():
    """Without `out` NumPy leaves the other places uninitialised; here they are constants that no derivative reaches."""
    gradient = cr.grad(lambda x: np.sum(np.exp(x, out=None, where=x > 0)))(X)
    np.testing.assert_allclose(gradient, [np.exp(0.5), np.exp(1.5), 0.0], rtol=1e-15)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add(x),
        lambda x: np.add(x, x, x, x),
        lambda x: np.add(x, x, unknown=1),
        lambda x: np.add(x, x, x.copy(), out=x.copy()),
        lambda x: np.add(x, x, out=(x.copy(), x.copy())),
        lambda x: np.add(x, x, out=1.0),
        lambda x: np.add(x, x, out=np.zeros(2)),
        lambda x: np.add(x, np.ones((2, 1)), out=np.zeros(3)),
        lambda x: np.add(x, x, out=np.zeros(3, dtype=int)),
        lambda x: np.add(x, x, out=np.zeros(3), where=np.array([1, 0, 1])),
        lambda x: np.add(x, x, dtype=int),
        lambda x: np.add(x, x, dtype=float, signature="dd->d"),
        lambda x: np.modf(x, out=np.zeros(3)),
        lambda x: np.bitwise_and(x, 1),
        lambda x: np.fabs(x * 1j),
        lambda x: np.arctan2(x * 1j, 1.0),
        lambda x: x[:2] + x,
        lambda x: divmod(x, x[:2]),
        lambda x: pow(x, 2, 3),
        lambda x: x << 1,
    ],
)
def test_errors_are_those_of_numpy(call):
    """A call that NumPy refuses is refused with the same type of error, traced or not."""
    with pytest.raises((TypeError, ValueError)) as plain:
        call(X)
    with pytest.raises((TypeError, ValueError)) as traced:
        cr.grad(lambda x: np.sum(call(x)))(X)
    assert isinstance(plain.value, TypeError) == isinstance(traced.value, TypeError)


def test_prescribed_dtypes():
    """`dtype=np.float32` computes in single precision, and its derivative has the dtype of the argument."""
    value, gradient = cr.value_and_grad(lambda x: np.sum(np.multiply(x, x, dtype=np.float32)))(X)
    assert (value.dtype, gradient.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(gradient, 2 * X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("other", [2, 2.5, True, np.float32(1.5), np.float64(1.5), np.int8(3), np.ones(3, np.float32)])
@pytest.mark.parametrize(
    "operation",
    [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.eq, operator.lt],
)
def test_dtypes_of_operators(dtype, other, operation):
    """Python numbers give way, NumPy's do not: results have NumPy's dtypes from either side."""
    x = np.array([0.5, 1.5, 2.0], dtype=dtype)

    def both(x):
        return operation(x, other), operation(other, x)

    expected, (found, _) = both(x), cr.vjp(both, x)
    assert [y.dtype for y in found] == [y.dtype for y in expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_mixed_precision():
    """A product of single and double precision is a double; its gradient in the single factor is rounded at the end."""
    single, double = np.float32([0.1, 0.2]), np.array([3.0, 4.0])
    gradients = cr.grad(lambda a, b: np.sum(a * b), argnums=(0, 1))(single, double)
    assert [g.dtype for g in gradients] == [np.float32, np.float64]
    np.testing.assert_array_equal(gradients[0], double.astype(np.float32))
    np.testing.assert_array_equal(gradients[1], single.astype(np.float64))


def test_in_place_operators_keep_the_array():
    """`y += x` changes y, which other names see; on a number `t += x` binds t alone."""

    def f(x):
        y = x * 1.0
        other = y
        y += x
        y *= y
        assert other is y
        t = x[0]
        t += 5.0
        return np.sum(other) + t + x[0]

    found, expected = derivative(f)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_in_place_operators_refuse_what_numpy_refuses():
    """A result that does not fit the array, in shape or dtype, is refused."""
    with pytest.raises(ValueError, match="broadcast"):
        cr.grad(lambda x: np.sum(operator.iadd(x[:1] * 1.0, x)))(X)
    with pytest.raises(TypeError, match="same_kind"):
        cr.grad(lambda x: np.sum(operator.iadd(np.arange(3), x)))(X)


def test_a_plain_array_cannot_take_a_traced_result():
    """Outside the swap, `out=plain` raises and names the line; `plain *= x` binds the name to the traced product."""
    from chainrule.numpy.swap import without_swap

    def into_plain(x):
        plain = np.ones(3)
        np.multiply(plain, x, out=plain)
        return np.sum(plain)

    def augmented(x):
        plain = np.ones(3)
        plain *= x
        plain += x
        return np.sum(plain)

    with without_swap():
        with pytest.raises(TracedAssignmentError, match=r"np\.multiply\(plain, x, out=plain\)"):
            cr.grad(into_plain)(X)
        np.testing.assert_array_equal(cr.grad(augmented)(X), [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(cr.grad(into_plain)(X), [1.0, 1.0, 1.0])


def test_constants_are_computed_as_numpy_does():
    """Inside a differentiated function constants give NumPy's own numbers and dtypes, in `out` too."""

    def f(x):
        a = np.arange(4, dtype=np.int8)
        b = np.add(a, a, out=np.zeros(4, dtype=np.int16))
        c, d = np.divmod(a, 3)
        assert (b.dtype, c.dtype) == (np.int16, np.int8)
        assert isinstance(np.sin(1.0), np.float64)
        assert isinstance(np.float32(2) ** 2, np.float32)
        return np.sum(x) * np.sum(b + c + d)

    np.testing.assert_array_equal(cr.grad(f)(X), np.full(3, 12.0 + 4.0))


def test_ufuncs_tell_about_themselves():
    """`nin`, `identity` and the name of a ufunc are NumPy's inside a differentiated function."""

    def f(x):
        assert (np.add.nin, np.add.identity, np.add.__name__, np.modf.nout) == (2, 0, "add", 2)
        assert isinstance(np.add, np.ufunc)
        assert np.sin.types[0] == "e->e"
        return np.sum(x)

    cr.grad(f)(X)


def test_parts_of_floating_point_numbers():
    """frexp takes x apart into m 2^e: the derivative of m is 2^-e, and ldexp puts it together again."""
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(np.frexp(x)[0]))(X), 2.0 ** -np.frexp(X)[1])
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(np.ldexp(*np.frexp(x))))(X), np.ones(3))
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(np.modf(x)[0]))(X), np.ones(3))


def test_steps_have_the_derivative_zero():
    """Rounding, signs and comparisons are constant beside their steps, in every mode."""
    for f in (np.floor, np.ceil, np.trunc, np.rint, np.sign, np.spacing, lambda x: 1.0 * (x > 1)):
        y, pull = cr.vjp(lambda x, f=f: f(x) + 0.0 * x, X)
        assert y.shape == (3,)
        np.testing.assert_array_equal(pull(np.ones(3))[0], np.zeros(3))
        np.testing.assert_array_equal(cr.jvp(lambda x, f=f: f(x) + 0.0 * x, (X,), (np.ones(3),))[1], np.zeros(3))


def test_absolute_value_at_zero():
    """At 0 the derivative of |x| is 0, the mean of its slopes, and so is that of the modulus of a complex number."""
    assert cr.grad(np.abs)(0.0) == 0.0
    assert cr.grad(np.abs)(0j) == 0.0
    assert cr.grad(np.hypot)(0.0, 0.0) == 0.0
    assert cr.grad(cr.grad(lambda x: x * np.abs(x)))(-3.0) == -2.0


def test_modulus_turns_with_the_direction():
    """|z|² = x² + y² has the gradient 2x - 2iy, and the Hessian of |z| in (x, y) is (I - u uᵀ) / |z|."""
    assert cr.grad(lambda z: np.abs(z) ** 2)(3 + 4j) == pytest.approx(6 - 8j)
    hessian = cr.hessian(lambda v: np.abs(v[0] + 1j * v[1]))(np.array([3.0, 4.0]))
    u = np.array([0.6, 0.8])
    np.testing.assert_allclose(hessian, (np.eye(2) - np.outer(u, u)) / 5, atol=1e-15)


def test_foreign_ufuncs_name_themselves():
    """A function of SciPy's without a rule: the error names it and shows the user's line; constants are computed."""
    special = pytest.importorskip("scipy.special")
    with pytest.raises(NoRuleError, match=r"`scipy\.special\.airye`") as error:
        cr.grad(lambda x: np.sum(special.airye(x)[0]))(X)
    assert "special.airye(x)" in str(error.value)
    with pytest.raises(NoRuleError, match=r"`scipy\.special\.elliprc`"):
        cr.grad(lambda x: np.sum(special.elliprc.outer(x, x)))(X)
    value, gradient = cr.value_and_grad(lambda x: np.sum(x * special.exprel(np.array([0.5, 1.0, 2.0]))))(X)
    np.testing.assert_array_equal(gradient, special.exprel(np.array([0.5, 1.0, 2.0])))
    assert value == np.sum(X * gradient)


def test_foreign_ufuncs_write_constants():
    """`out=` of a foreign ufunc takes a constant array made inside the function."""
    special = pytest.importorskip("scipy.special")

    def f(x):
        y = np.zeros(3)
        assert special.exprel(np.array([0.5, 1.0, 2.0]), out=y) is y
        special.exprel(np.array([1.0, 1.0, 1.0]), y)
        return np.sum(x * y)

    np.testing.assert_array_equal(cr.grad(f)(X), np.full(3, special.exprel(1.0)))


def test_functions_of_python_objects_are_refused():
    """np.frompyfunc hands objects around, so a traced value is refused, as argument and from around the function."""

    def double(v):
        return 2 * v

    with pytest.raises(NoRuleError, match=r"np\.frompyfunc\(double, \.\.\.\)"):
        cr.grad(lambda x: np.sum(np.frompyfunc(double, 1, 1)(x)))(X)
    with pytest.raises(NoRuleError, match=r"np\.vectorize"):
        cr.grad(lambda x: np.sum(np.frompyfunc(lambda v: v * x[0], 1, 1)(np.arange(2))))(X)
    made = cr.grad(lambda x: np.sum(x) * np.frompyfunc(lambda v, w: v + w, 2, 1)(1, 2))(X)
    np.testing.assert_array_equal(made, np.full(3, 3.0))


def test_vectorize_differentiates_branches():
    """np.vectorize lets each element take its own branch; the derivative is that of the branch."""
    f = np.vectorize(lambda v: v**2 if v > 0 else -3 * v)
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(f(x)))(X), [1.0, 3.0, -3.0])
    np.testing.assert_array_equal(cr.hessian(lambda x: np.sum(f(x)))(X), np.diag([2.0, 2.0, 0.0]))


def test_vectorize_refuses_what_numpy_refuses():
    """Empty input without `otypes`, wrong numbers of results, and inconsistent dimensions raise ValueError."""
    for call in (
        lambda x: np.vectorize(lambda v: v)(x[:0]),
        lambda x: np.vectorize(lambda v: (v, v), otypes="d", signature="()->()")(x),
        lambda x: np.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(x, x[:2]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011  # the three have nothing more in common
            call(X)
        with pytest.raises(ValueError):  # noqa: PT011  # as above
            cr.grad(lambda x, call=call: np.sum(call(x)))(X)


def test_fractions_beside_arrays_are_numbers():
    """A tableau of a Runge-Kutta method is often written in fractions."""
    third = Fraction(1, 3)

    def f(x):
        return np.sum(third * x + x / third - (third - x) ** 2) + x[0] * third + third / x[1]

    x = np.array([0.5, 2.0])
    slopes = 1 / 3 + 3 + 2 * (1 / 3 - x) + np.array([1 / 3, -1 / 3 / x[1] ** 2])
    np.testing.assert_allclose(cr.grad(f)(x), slopes, rtol=1e-14)
    assert cr.grad(lambda x: x > third and x * third)(1.0) == pytest.approx(1 / 3)
