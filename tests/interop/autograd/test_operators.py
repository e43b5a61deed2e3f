"""The differential operators, against the numbers of the real autograd, closed forms, and known errors of autograd."""

import numpy as onp
import pytest

import chainrule.interop.autograd as ours
import chainrule.interop.autograd.numpy as ours_numpy
from chainrule.interop.autograd.differential_operators import make_jvp_reversemode

real = pytest.importorskip("autograd")
import autograd.differential_operators as real_operators  # noqa: E402
import autograd.numpy as real_numpy  # noqa: E402


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return onp.random.default_rng(5)


def scalar_program(np, matrix):
    """A function of a vector with a number as the result."""

    def f(x):
        y = np.tanh(np.dot(matrix, x))
        z = np.concatenate([y[1:], x[:1] * y[:1]])
        return np.sum(np.sort(z) * np.exp(-(x**2))) + np.linalg.norm(y) * np.prod(np.cos(x)) + np.mean(np.maximum(x, y))

    return f


def vector_program(np, matrix):
    """A function of a vector with a vector as the result."""

    def f(x):
        outer = np.outer(x, np.dot(matrix, x))
        return np.einsum("ij,j->i", np.log1p(outer**2), x) / (1.0 + np.var(x)) + np.cumsum(x)[::-1]

    return f


OPERATORS = {
    "grad": (scalar_program, lambda ag, f, x, v: ag.grad(f)(x)),
    "value_and_grad": (scalar_program, lambda ag, f, x, v: ag.value_and_grad(f)(x)),
    "hessian": (scalar_program, lambda ag, f, x, v: ag.hessian(f)(x)),
    "hessian_vector_product": (scalar_program, lambda ag, f, x, v: ag.hessian_vector_product(f)(x, v)),
    "make_hvp": (scalar_program, lambda ag, f, x, v: ag.make_hvp(f)(x)[0](v)),
    "grad_named": (scalar_program, lambda ag, f, x, v: ag.grad_named(f, "x")(x)),
    "jacobian": (vector_program, lambda ag, f, x, v: ag.jacobian(f)(x)),
    "elementwise_grad": (vector_program, lambda ag, f, x, v: ag.elementwise_grad(f)(x)),
    "deriv": (vector_program, lambda ag, f, x, v: ag.deriv(f)(x)),
    "make_jvp": (vector_program, lambda ag, f, x, v: ag.make_jvp(f)(x)(v)),
    "make_vjp": (vector_program, lambda ag, f, x, v: ag.make_vjp(f)(x)[0](v)),
    "vector_jacobian_product": (vector_program, lambda ag, f, x, v: ag.vector_jacobian_product(f)(x, v)),
    "make_ggnvp": (vector_program, lambda ag, f, x, v: ag.make_ggnvp(f)(x)(v)),
    "grad_and_aux": (scalar_program, lambda ag, f, x, v: ag.grad_and_aux(lambda x: (f(x), x**2))(x)),
    "jacobian_of_grad": (scalar_program, lambda ag, f, x, v: ag.jacobian(ag.elementwise_grad(f))(x)),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_numbers_of_the_real_autograd(operator, rng):
    program, apply = OPERATORS[operator]
    matrix, x, v = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)

    expected = apply(real, program(real_numpy, matrix), x, v)
    found = apply(ours, program(ours_numpy, matrix), x, v)

    assert type(found) is type(expected)
    for a, b in zip(found, expected, strict=True) if isinstance(found, tuple) else ((found, expected),):
        onp.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_push_by_transposing_the_pull(rng):
    matrix, x, v = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)

    expected = real_operators.make_jvp_reversemode(vector_program(real_numpy, matrix))(x)(v)

    onp.testing.assert_allclose(make_jvp_reversemode(vector_program(ours_numpy, matrix))(x)(v), expected, rtol=1e-10)


def test_gradients_by_name():
    def f(a, b, *c, scale=2.0):
        return scale * a * b + sum(c)

    gradients = ours.multigrad_dict(f)(3.0, 4.0, 5.0, scale=1.5)

    assert list(gradients) == ["a", "b", "c", "scale"]
    assert gradients == {"a": 6, "b": 4.5, "c": (1,), "scale": 12}


def test_several_arguments():
    assert ours.grad(lambda x, y: x * y**2, [1, 0])(3.0, 2.0) == (12, 4)
    with pytest.raises(AssertionError, match="argnum"):
        ours.grad(lambda x: x, 0.0)


def test_a_holomorphic_function():
    np = ours_numpy
    z = 0.3 + 0.4j

    assert ours.holomorphic_grad(lambda z: np.exp(z) * z)(z) == pytest.approx(onp.exp(z) * (1 + z))
    with pytest.warns(UserWarning, match="not complex"):
        ours.holomorphic_grad(lambda z: z**2)(1.0)


@pytest.mark.parametrize("operator", ["grad", "value_and_grad"])
def test_results_that_are_not_one_real_number_are_refused(operator):
    with pytest.raises(TypeError, match="float64 of shape"):
        getattr(ours, operator)(lambda x: x)(onp.ones(2))
    with pytest.raises(TypeError, match="complex128"):
        getattr(ours, operator)(lambda x: x * 1j)(1.0)


def test_a_complex_result_is_refused_where_a_part_would_be_lost():
    with pytest.raises(TypeError, match="real result"):
        ours.elementwise_grad(lambda x: x * 1j)(onp.ones(2))
    with pytest.raises(TypeError, match="real result"):
        ours.jacobian(lambda x: x * 1j)(onp.ones(2))


def test_a_rule_says_first_why_there_is_no_jacobian_of_a_complex_result():
    """As PennyLane's does of a quantum state."""

    @ours.extend.primitive
    def state(x):
        return onp.exp(1j * x)

    def refuse(ans, x):
        raise NotImplementedError("a state has no Jacobian")

    ours.extend.defvjp(state, refuse)
    with pytest.raises(NotImplementedError, match="a state has no Jacobian"):
        ours.jacobian(state)(onp.ones(2))


def test_integers_are_differentiated_as_floating_point_numbers():
    gradient = ours.grad(lambda x: ours_numpy.sum(x**2))(onp.arange(3))

    onp.testing.assert_array_equal(gradient, [0, 2, 4])


def test_an_argument_is_not_written_to():
    def f(x):
        x[0] = 2.0
        return ours_numpy.sum(x)

    with pytest.raises(TypeError, match="argument of the differentiated function"):
        ours.grad(f)(onp.ones(2))


def central(f, x, h=1e-6):
    """The gradient by central differences."""
    gradient = onp.zeros_like(x)
    for place in onp.ndindex(x.shape):
        step = onp.zeros_like(x)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


np = ours_numpy
WEIGHTS = onp.arange(1.0, 61.0).reshape(3, 4, 5)
KNOWN_ERRORS = {
    "transpose with negative axes": (
        (2, 3, 4),
        lambda x: np.sum(np.sin(np.transpose(x, (-1, 0, 1))) * WEIGHTS[:, :2, :3][:1, :, :1]),
    ),
    "where broadcast": ((3, 1), lambda x: np.sum(np.where(WEIGHTS[0, :3] > 7, x, x**2) * WEIGHTS[0, :3])),
    "cross broadcast": ((3,), lambda x: np.sum(np.cross(x, WEIGHTS[0, :, :3]) * WEIGHTS[1, :, :3])),
    "diag of a matrix that is not square": ((2, 4), lambda x: np.sum(np.diag(x) ** 3)),
    "diag below the diagonal": ((4, 2), lambda x: np.sum(np.diag(x, -1) ** 3)),
    "rfft padded with zeros": ((4,), lambda x: np.sum(np.abs(np.fft.rfft(x, n=8)) ** 2 * onp.arange(5))),
    "prod with a zero": ((3,), lambda x: np.prod(x * onp.array([1.0, 0.0, 1.0]) + onp.array([0.0, 0.0, 1.0]))),
    "prod along axes": ((2, 3), lambda x: np.sum(np.prod(x, axis=(0, 1)) ** 2)),
}


@pytest.mark.parametrize("case", KNOWN_ERRORS)
def test_where_autograd_is_silently_wrong(case, rng):
    shape, f = KNOWN_ERRORS[case]
    x = rng.normal(size=shape)

    gradient = ours.grad(f)(x)

    assert gradient.shape == shape
    onp.testing.assert_allclose(gradient, central(f, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)])
def test_the_derivative_of_a_cholesky_factor_is_symmetric(shape, rng):
    """It was that of the lower triangle, which the factor is computed of; autograd's is that of the symmetric part."""
    noise, weights = rng.normal(size=shape), rng.normal(size=(3, 3))
    positive = noise @ onp.swapaxes(noise, -1, -2) + onp.eye(3)
    not_read = onp.tril(positive) + onp.triu(noise, 1)

    def program(ag, np):
        gradient = ag.grad(lambda A: np.sum(weights * np.linalg.cholesky(A)))
        return gradient, ag.grad(lambda A: np.sum(gradient(A) ** 2))

    for found, expected in zip(program(ours, ours_numpy), program(real, real_numpy), strict=True):
        for A in positive, not_read:
            onp.testing.assert_allclose(found(A), expected(A), rtol=1e-8, atol=1e-10)
            onp.testing.assert_allclose(found(A), onp.swapaxes(found(A), -1, -2))


def test_the_push_of_a_cholesky_factor(rng):
    noise = rng.normal(size=(3, 3))
    positive, direction = noise @ noise.T + onp.eye(3), 1e-6 * (noise + noise.T)

    ans, pushed = ours.make_jvp(ours_numpy.linalg.cholesky)(positive)(direction)

    onp.testing.assert_array_equal(ans, onp.linalg.cholesky(positive))
    difference = onp.linalg.cholesky(positive + direction) - onp.linalg.cholesky(positive - direction)
    onp.testing.assert_allclose(pushed, difference / 2, rtol=1e-6, atol=1e-13)


def test_prod_with_a_zero_has_a_gradient():
    onp.testing.assert_array_equal(ours.grad(np.prod)(onp.array([2.0, 0.0, 3.0])), [0, 6, 0])


def test_plain_numpy_follows_derivatives_too():
    assert ours.grad(lambda x: onp.sum(onp.fft.rfft(x).real ** 2))(onp.ones(3)) == pytest.approx(onp.full(3, 6.0))


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize(
    ("shapes", "options"),
    [
        (((5,), (3,)), {}),
        (((3,), (5,)), {}),
        (((4, 3), (2, 2)), {}),
        (((4, 3), (3, 2)), {"axes": ([0], [1])}),
        (((3, 3, 2), (3, 2, 3)), {"axes": ([1], [1]), "dot_axes": ([0], [2])}),
    ],
)
def test_convolution_along_chosen_axes(shapes, options, mode, rng):
    import autograd.scipy.signal as real_signal

    from chainrule.interop.autograd.scipy.signal import convolve

    a, b = (rng.normal(size=shape) for shape in shapes)

    expected = real_signal.convolve(a, b, mode=mode, **options)
    found = convolve(a, b, mode=mode, **options)

    onp.testing.assert_allclose(found, expected, atol=1e-12)
    for argnum, x in enumerate((a, b)):
        derivatives = ours.jacobian(lambda *ab: convolve(*ab, mode=mode, **options), argnum)(a, b)
        unit = onp.zeros(x.shape)
        unit.flat[1] = 1.0
        column = convolve(*((unit, b) if argnum == 0 else (a, unit)), mode=mode, **options)
        onp.testing.assert_allclose(derivatives[(..., *onp.unravel_index(1, x.shape))], column, atol=1e-12)


def test_convolution_of_operands_that_do_not_fit():
    from chainrule.interop.autograd.scipy.signal import convolve

    with pytest.raises(ValueError, match="valid"):
        convolve(onp.ones((2, 5)), onp.ones((3, 3)), mode="valid")
    with pytest.raises(ValueError, match="mode"):
        convolve(onp.ones(2), onp.ones(3), mode="some")


@pytest.mark.parametrize("name", ["concatenate", "stack", "hstack", "vstack", "row_stack", "column_stack"])
def test_arrays_are_joined_out_of_any_iterable(name):
    join = getattr(ours_numpy, name)
    x = onp.array([1.0, 2.0])
    same = getattr(onp, name.replace("row_", "v"))([x, 2 * x])

    for iterable in (list, tuple, iter, lambda parts: dict(enumerate(parts)).values()):
        onp.testing.assert_array_equal(join(iterable([x, 2 * x])), same)
        gradient = ours.grad(lambda x, made=iterable: ours_numpy.sum(join(made([x, 2 * x]))))(x)
        onp.testing.assert_array_equal(gradient, [3.0, 3.0])
    with pytest.raises(ValueError, match="at least one array"):
        join(iter([]))


@pytest.mark.parametrize("x", [0.325 + 0.5j, onp.array(0.325 + 0.5j), onp.array([0.325 + 0.5j])])
def test_the_jacobian_of_a_real_result_has_the_imaginary_part_of_a_complex_argument(x):
    """Of more results than arguments, too: for real(c cos x) it is autograd's, c d(cos x)/dx."""
    c = onp.array([0.3 + 0.4j, 0.1 - 0.2j, 1.0 + 2.0j])

    jacobian = ours.jacobian(lambda x: ours_numpy.real(c * ours_numpy.cos(x)))(x)

    assert jacobian.shape == (3, *onp.shape(x))
    assert jacobian.ravel() == pytest.approx(-c * onp.sin(onp.ravel(x)))
    assert jacobian == pytest.approx(real.jacobian(lambda x: real_numpy.real(c * real_numpy.cos(x)))(x))
