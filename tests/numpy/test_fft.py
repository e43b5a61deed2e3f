"""Fourier transforms: matrices of roots of unity, lengths that pad and crop, normalisations, and SciPy."""

import itertools

import numpy as np
import numpy.fft
import pytest
import scipy.fft

import chainrule as cr
import chainrule.numpy as traced_numpy

NORMS = [None, "backward", "ortho", "forward"]


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return np.random.default_rng(40)


def complex_normal(rng, *shape):
    """Complex random numbers."""
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def fourier_matrix(n, sign=-1):
    """The matrix of n-th roots of unity, e^(±2πijk/n)."""
    k = np.arange(n)
    return np.exp(sign * 2j * np.pi * np.outer(k, k) / n)


def factor(norm, n, inverse=False):
    """What a transform of length n is multiplied with."""
    divides = "backward" if inverse else "forward"
    return {"ortho": 1 / np.sqrt(n), divides: 1 / n}.get(norm or "backward", 1.0)


def resized(x, n):
    """A vector cropped to n entries, or filled up with zeros."""
    return np.concatenate([x[:n], np.zeros(max(n - len(x), 0), x.dtype)])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 8])
@pytest.mark.parametrize("length", [3, 6])
class TestOneAxis:
    def test_fft(self, n, norm, length, rng):
        """fft and ifft multiply with the matrix of roots of unity, whose transpose, not conjugated, is the pull."""
        x, c = complex_normal(rng, length), complex_normal(rng, n)
        for transform, sign in ((np.fft.fft, -1), (np.fft.ifft, 1)):
            matrix = fourier_matrix(n, sign)[:, :length] * factor(norm, n, sign == 1)
            y, pull = cr.vjp(lambda x, f=transform: f(x, n, norm=norm), x)

            np.testing.assert_allclose(y, matrix @ x[:n], atol=1e-12)
            np.testing.assert_allclose(pull(c)[0], resized(matrix.T @ c, length), atol=1e-12)

    def test_rfft(self, n, norm, length, rng):
        """The pull of rfft is the real part of what the rows of the matrix that are kept give, padding included."""
        x, c = rng.normal(size=length), complex_normal(rng, n // 2 + 1)
        matrix = fourier_matrix(n)[: n // 2 + 1, :length] * factor(norm, n)

        y, pull = cr.vjp(lambda x: np.fft.rfft(x, n, norm=norm), x)

        np.testing.assert_allclose(y, matrix @ x[:n], atol=1e-12)
        np.testing.assert_allclose(pull(c)[0], resized(np.real(matrix.T @ c), length), atol=1e-12)

    def test_irfft(self, n, norm, length, rng):
        """irfft is real-linear: its pull is read off its columns for 1 and for i, odd lengths included."""
        z, c = complex_normal(rng, length), rng.normal(size=n)

        def f(z):
            return np.fft.irfft(z, n, norm=norm)

        found = cr.vjp(f, z)[1](c)[0]

        along_one = [c @ f(np.eye(length)[k].astype(complex)) for k in range(length)]
        along_i = [c @ f(1j * np.eye(length)[k]) for k in range(length)]
        np.testing.assert_allclose(found, np.array(along_one) - 1j * np.array(along_i), atol=1e-12)

    def test_hfft_and_ihfft(self, n, norm, length, rng):
        """hfft and ihfft are the transforms of a signal with Hermitian symmetry, as SciPy has them."""
        z, x = complex_normal(rng, length), rng.normal(size=length)
        v, w = complex_normal(rng, length), rng.normal(size=length)

        found = cr.jvp(lambda z: np.fft.hfft(z, n, norm=norm), (z,), (v,))
        np.testing.assert_allclose(found, [scipy.fft.hfft(t, n, norm=norm or "backward") for t in (z, v)], atol=1e-11)
        found = cr.jvp(lambda x: np.fft.ihfft(x, n, norm=norm), (x,), (w,))
        np.testing.assert_allclose(found, [scipy.fft.ihfft(t, n, norm=norm or "backward") for t in (x, w)], atol=1e-12)


@pytest.mark.parametrize("axes", [None, (0,), (1, 0), (-1, 0), (0, 0)])
@pytest.mark.parametrize("norm", NORMS)
def test_several_axes_are_transforms_one_after_the_other(axes, norm, rng):
    """fftn and ifftn are compositions over their axes, the last axis first; so are their gradients."""
    x, c = complex_normal(rng, 3, 4), complex_normal(rng, 3, 4)
    for short, single in ((np.fft.fftn, np.fft.fft), (np.fft.ifftn, np.fft.ifft)):

        def one_by_one(x, single=single):
            for axis in reversed(range(2) if axes is None else axes):
                x = single(x, axis=axis, norm=norm)
            return x

        found, expected = (
            cr.grad(lambda x, f=f: np.real(np.sum(c * f(x))))(x)
            for f in (lambda x, f=short: f(x, axes=axes, norm=norm), one_by_one)
        )
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("lengths", [None, (3, 4), (5, 3), (2, 7), (-1, 6)])
def test_real_transforms_of_two_axes_invert_each_other(lengths, rng):
    """irfft2 after rfft2, with the lengths said, is the identity on what was kept."""
    x, v = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    back = None if lengths is None else [3 if n == -1 else n for n in lengths]

    def f(x):
        return np.fft.irfft2(np.fft.rfft2(x, s=lengths), s=back)

    expected = np.zeros(back or (3, 4))
    rows, columns = (min(a, b) for a, b in zip(expected.shape, v.shape, strict=True))
    expected[:rows, :columns] = v[:rows, :columns]
    np.testing.assert_allclose(cr.jvp(f, (x,), (v,))[1], expected, atol=1e-12)


def test_parseval(rng):
    """The gradient of the energy of a spectrum is 2 n x, in this pairing the conjugate for complex x (Parseval)."""
    for x in (rng.normal(size=7), complex_normal(rng, 7)):
        found = cr.grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(x)
        np.testing.assert_allclose(found, 2 * 7 * np.conj(x), rtol=1e-12)


def test_convolution_theorem(rng):
    """A product of spectra is a circular convolution, so the pull is a correlation."""
    x, y, c = (rng.normal(size=6) for _ in range(3))

    found = cr.grad(lambda x: c @ np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), 6))(x)

    circulant = np.array([np.roll(y, k) for k in range(6)])
    np.testing.assert_allclose(found, circulant @ c, atol=1e-12)


def test_second_derivative_of_a_spectrum(rng):
    """|fft|⁴ has the Hessian that differences of its gradient show."""
    x, v = rng.normal(size=5), rng.normal(size=5)

    def f(x):
        return np.sum(np.abs(np.fft.rfft(x, 8)) ** 4)

    h = 1e-5
    expected = (cr.grad(f)(x + h * v) - cr.grad(f)(x - h * v)) / (2 * h)
    np.testing.assert_allclose(cr.hvp(f)(x, v), expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128, np.int64])
def test_dtypes_are_numpys(dtype, rng):
    """Single precision stays single, integers become double, and values are NumPy's bit by bit."""
    x = np.arange(6).astype(dtype)
    functions = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft]
    functions += [] if np.dtype(dtype).kind == "c" else [np.fft.rfft, np.fft.ihfft]
    for f in functions:
        y = cr.vjp(lambda s, f=f: f(s * x), dtype(1) if np.dtype(dtype).kind != "i" else 1.0)[0]
        expected = f(x if np.dtype(dtype).kind != "i" else 1.0 * x)
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(y, expected)


def test_shifts_are_permutations(rng):
    """fftshift and ifftshift undo each other, on any axes, and so do their pulls."""
    x, c = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    for axes in (None, 0, (1,), (0, 1)):
        pulled = cr.vjp(lambda x, axes=axes: np.fft.fftshift(x, axes), x)[1](c)[0]
        np.testing.assert_array_equal(pulled, np.fft.ifftshift(c, axes))


def test_frequencies_depend_on_the_spacing():
    """fftfreq is k / (n d), so its derivative in d is -k / (n d²)."""
    for frequencies, d in itertools.product((np.fft.fftfreq, np.fft.rfftfreq), (0.5, 2.0)):
        found = cr.jacobian(lambda d, f=frequencies: f(5, d))(d)
        np.testing.assert_allclose(found, -frequencies(5, d) / d)


def test_written_results(rng):
    """`out=` takes the result with its derivative, of one axis and of several."""
    x, v = complex_normal(rng, 3, 4), complex_normal(rng, 3, 4)

    def f(x):
        out = np.zeros((2, 3, 4), complex)
        np.fft.fft(x, out=out[0])
        np.fft.fftn(x, out=out[1])
        return out

    np.testing.assert_allclose(cr.jvp(f, (x,), (v,))[1], [np.fft.fft(v), np.fft.fftn(v)], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: np.fft.fft(x, 0), ValueError),
        (lambda x: np.fft.fft(x, norm="nonsense"), ValueError),
        (lambda x: np.fft.irfft(x[:1]), ValueError),
        (lambda x: np.fft.fft(x, axis=2), IndexError),
        (lambda x: np.fft.rfft(x * 1j), TypeError),
        (lambda x: np.fft.fftn(x, s=(2, 2), axes=(0,)), ValueError),
        (lambda x: np.fft.fftfreq(2.5), ValueError),
    ],
)
def test_wrong_arguments_raise_what_numpy_raises(call, error, rng):
    """Arguments that NumPy refuses are refused with the same class of error."""
    x = rng.normal(size=4)
    for run in (lambda: call(x), lambda: cr.vjp(call, x)):
        with pytest.raises(error):
            run()


def test_lengths_without_axes_warn_as_in_numpy(rng):
    """NumPy has deprecated lengths without axes, and this says so too."""
    x = rng.normal(size=(3, 4))

    with pytest.warns(DeprecationWarning, match="`axes` should not be `None`"):
        y = cr.vjp(lambda x: np.fft.fftn(x, s=(2,)), x)[0]

    np.testing.assert_array_equal(y, np.fft.fft(x, 2))


def test_every_way_to_import(rng):
    """`np.fft`, `numpy.fft`, `from numpy.fft import`, and our own namespace are one."""

    def by_import(x):
        from numpy.fft import rfft

        return rfft(x)

    x, v = rng.normal(size=4), rng.normal(size=4)
    for f in (lambda x: np.fft.rfft(x), lambda x: numpy.fft.rfft(x), by_import, lambda x: traced_numpy.fft.rfft(x)):
        np.testing.assert_allclose(cr.jvp(f, (x,), (v,))[1], np.fft.rfft(v))
    assert set(np.fft.__all__) <= set(dir(traced_numpy.fft))
