"""Convolutions of `scipy.signal`, and over chosen axes, inside differentiated functions."""

import itertools

import numpy as np
import pytest
import scipy.signal

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.scipy.convolutions import convolve_axes

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("method", ["direct", "fft", "auto"])
@pytest.mark.parametrize("shapes", [((7,), (4,)), ((3,), (6,)), ((5, 6), (2, 3)), ((2, 3), (4, 3))])
@pytest.mark.parametrize("function", [scipy.signal.convolve, scipy.signal.correlate])
def test_values_and_gradients(function, shapes, method, mode):
    """The value is SciPy's, and the Jacobian in each operand consists of its values at unit arrays."""
    a, v = (RNG.normal(size=shape) for shape in shapes)

    def f(a, v):
        return function(a, v, mode, method)

    value = cr.vjp(f, a, v)[0]
    np.testing.assert_allclose(value, function(a, v, mode, method), rtol=1e-12, atol=1e-13)
    of_a, of_v = cr.jacobian(f, argnums=(0, 1))(a, v)
    for place in itertools.product(*map(range, a.shape)):
        unit = np.zeros(a.shape)
        unit[place] = 1.0
        np.testing.assert_allclose(of_a[(..., *place)], function(unit, v, mode, method), rtol=1e-10, atol=1e-12)
    for place in itertools.product(*map(range, v.shape)):
        unit = np.zeros(v.shape)
        unit[place] = 1.0
        np.testing.assert_allclose(of_v[(..., *place)], function(a, unit, mode, method), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_sequences_of_all_lengths(dtype, mode):
    """The value is SciPy's to the last bit and in its dtype; in lanes it is the same."""
    for n, m in itertools.product(range(1, 6), repeat=2):
        a, v = RNG.normal(size=n).astype(dtype), RNG.normal(size=m)

        def f(a, v):
            return scipy.signal.convolve(a, v, mode)

        expected = f(a, v)
        found = cr.vjp(f, a, v)[0]
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
        lanes = cr.vmap(f, in_axes=(0, None))(np.stack([a, 2 * a]), v)
        np.testing.assert_allclose(lanes, np.stack([expected, 2 * expected]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_chosen_axes(mode):
    """Images, channels and filters: one axis of each is kept, one is summed, two are convolved."""
    images, filters = RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(3, 4, 3, 2))

    def f(images, filters):
        return convolve_axes(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode=mode)

    expected = np.array(
        [
            [
                sum(scipy.signal.convolve(images[n, c], filters[c, k], mode, "direct") for c in range(3))
                for k in range(4)
            ]
            for n in range(2)
        ]
    )
    value, pull = cr.vjp(f, images, filters)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)
    y_bar = RNG.normal(size=value.shape)
    for k, x_dot in enumerate((RNG.normal(size=images.shape), RNG.normal(size=filters.shape))):
        operands = [images, filters]
        operands[k] = x_dot
        # The function is linear in each operand.
        assert np.sum(pull(y_bar)[k] * x_dot) == pytest.approx(np.sum(y_bar * cr.vjp(f, *operands)[0]), rel=1e-10)


def test_a_kernel_longer_than_the_signal():
    """In the mode "valid" the longer one is the signal, and the axes that are kept stay in order."""
    a, v = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 5))
    value = cr.vjp(lambda a: convolve_axes(a, v, axes=([1], [1]), mode="valid"), a)[0]

    expected = np.array([[np.convolve(row, other, "valid") for other in v] for row in a])
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_bad_input():
    """Unknown modes, axes that do not pair and shapes that do not fit are named."""
    a, v = np.ones((3, 4)), np.ones((4, 3))
    with pytest.raises(ValueError, match="mode"):
        cr.vjp(lambda a: convolve_axes(a, v, mode="circular"), a)
    with pytest.raises(ValueError, match="in every axis"):
        cr.vjp(lambda a: scipy.signal.convolve(a, v, "valid", "direct"), a)
    with pytest.raises(ValueError, match="pairs"):
        cr.vjp(lambda a: convolve_axes(a, v, axes=([0], [0, 1])), a)
    with pytest.raises(ValueError, match="dimensionality"):
        cr.vjp(lambda a: scipy.signal.convolve(a, np.ones(3)), a)
    with pytest.raises(NoRuleError, match=r"scipy\.signal\.medfilt"):
        cr.vjp(lambda a: scipy.signal.medfilt(a), a)
