"""What comes out: types, dtypes, and memory that belongs to the caller alone."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.numpy.swap import without_swap

DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble]


def owns_writable_memory(x):
    """Whether an array is writable, contiguous in no trick of strides, and no view."""
    return x.flags.writeable and x.flags.owndata and (x.size < 2 or 0 not in x.strides)


class TestTypes:
    def test_number(self):
        """A Python number, and a NumPy scalar, give a NumPy scalar."""
        for x in (3.0, np.float64(3.0), 3.0 + 0j):
            value, gradient = cr.value_and_grad(lambda x: np.real(x * x))(x)
            assert isinstance(value, np.float64)
            assert type(gradient) is type(np.asarray(x)[()])
            assert gradient == 6.0

    def test_array_without_axes(self):
        """A 0-d array gives a 0-d array."""
        gradient = cr.grad(lambda x: x * x)(np.array(3.0))

        assert type(gradient) is np.ndarray
        assert (gradient.shape, gradient.dtype) == ((), np.float64)
        assert gradient == 6.0
        gradient[()] = 0.0

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shape", [(), (1,), (0,), (3,), (2, 3), (2, 0, 3)])
    def test_dtype_and_shape(self, dtype, shape):
        """A gradient has the dtype and shape of its argument: d Σ Re(x²) / dx = 2x."""
        x = np.full(shape, 1.5, dtype)

        value, gradient = cr.value_and_grad(lambda x: np.sum(np.real(x * x)))(x)

        assert value.dtype == np.zeros((), dtype).real.dtype
        assert (gradient.dtype, gradient.shape) == (np.dtype(dtype), shape)
        np.testing.assert_array_equal(gradient, 2 * x)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_scalars_of_each_dtype(self, dtype):
        """A NumPy scalar gives a scalar of its dtype."""
        gradient = cr.grad(lambda x: np.real(x * x))(dtype(1.5))

        assert type(gradient) is dtype
        assert gradient == 3.0

    def test_mixed_dtypes(self):
        """Each argument has its own dtype, whatever the other's."""
        single, double = np.array([1.0, 2.0], np.float32), np.array([3.0, 4.0])

        gradients = cr.grad(lambda x, y: np.sum(x * y), argnums=(0, 1))(single, double)

        assert [g.dtype for g in gradients] == [np.float32, np.float64]

    def test_real_and_complex(self):
        """A real argument has a real gradient, also if it meets complex numbers: d Re((3 + 4i) x)/dx = 3."""
        gradient = cr.grad(lambda x: np.sum(np.real((3 + 4j) * x)))(np.ones(2))

        assert gradient.dtype == np.float64
        assert gradient.tolist() == [3.0, 3.0]

    def test_gradient_of_a_complex_argument(self):
        """For real f of z = x + iy the gradient is ∂f/∂x - i ∂f/∂y: of |z|² it is 2 conj(z)."""
        z = np.array([1.0 + 2.0j, 3.0 - 1.0j])

        np.testing.assert_allclose(cr.grad(lambda z: np.sum(np.abs(z) ** 2))(z), 2 * z.conj(), rtol=1e-15)

    def test_holomorphic(self):
        """The derivative of a complex-differentiable function is a complex number: d exp(z²)/dz = 2z exp(z²)."""
        z = 0.5 + 0.25j
        expected = 2 * z * np.exp(z * z)

        np.testing.assert_allclose(cr.grad(lambda z: np.exp(z**2), holomorphic=True)(z), expected, rtol=1e-14)
        np.testing.assert_allclose(
            cr.elementwise_grad(lambda z: np.exp(z**2), holomorphic=True)(np.array([z, z])), [expected] * 2, rtol=1e-14
        )
        np.testing.assert_allclose(cr.jacobian(lambda z: np.exp(z**2), holomorphic=True)(z), expected, rtol=1e-14)
        np.testing.assert_allclose(
            cr.hessian(lambda z: np.exp(z**2), holomorphic=True)(z), (2 + 4 * z * z) * np.exp(z * z), rtol=1e-14
        )

    def test_byte_order(self):
        """An array in foreign byte order is computed with, and gives a gradient in native order."""
        x = np.array([1.0, 2.0], np.dtype(np.float64).newbyteorder())

        gradient = cr.grad(lambda x: np.sum(x**2))(x)

        assert gradient.dtype.isnative
        assert gradient.tolist() == [2.0, 4.0]

    def test_memory_map(self, tmp_path):
        """A memory-mapped array is an array; its file stays as it is."""
        mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=(2,))
        mapped[:] = [1.0, 2.0]

        def f(x):
            x *= 3
            return np.sum(x**2)

        gradient = cr.grad(f)(mapped)

        assert type(gradient) is np.ndarray
        assert gradient.tolist() == [18.0, 36.0]
        assert mapped.tolist() == [1.0, 2.0]

    def test_results_that_are_no_arrays(self):
        """Python numbers, strings and other objects are returned by `vjp` and `jvp` as they are, with no tangent."""
        y, pull = cr.vjp(lambda x: {"name": "a", "n": 2 * x}, 3.0)
        assert y == {"name": "a", "n": 6.0}
        assert pull({"name": "a", "n": 1.0}) == (2.0,)

        y, y_dot = cr.jvp(lambda x: {"name": "a", "n": 2 * x}, (3.0,), (1.0,))
        assert y == {"name": "a", "n": 6.0}
        assert y_dot == {"name": None, "n": 2.0}


class TestMemory:
    def test_gradients_own_their_memory(self):
        """Gradients of sums are broadcasts inside; what comes out is an array that can be written to."""
        x = np.ones((2, 3))

        for f in (
            np.sum,
            np.mean,
            lambda x: x[0, 0],
            lambda x: x.T.ravel()[1],
            lambda x: np.broadcast_to(x, (4, 2, 3)).sum(),
        ):
            assert owns_writable_memory(cr.grad(f)(x))

    def test_gradients_share_nothing(self):
        """The cotangent of a + b is one array for both; two gradients are two arrays."""
        x, y, z = np.ones(3), np.ones(3), np.ones(3)

        gradients = cr.grad(lambda x, y, z: np.sum(x + y + z), argnums=(0, 1, 2))(x, y, z)

        for k, gradient in enumerate(gradients):
            assert owns_writable_memory(gradient)
            gradient[:] = k
        assert [g[0] for g in gradients] == [0.0, 1.0, 2.0]

    def test_primal_results_do_not_alias_the_input(self):
        """A function that returns its argument, or a view of it, returns an array of its own."""
        x = np.arange(4.0)

        for f in (lambda x: x, lambda x: x[1:], lambda x: x.reshape(2, 2), np.asarray, lambda x: np.real(x)):
            for y in (
                cr.vjp(f, x)[0],
                cr.jvp(f, (x,), (np.ones(4),))[0],
                cr.linearize(f, x)[0],
                cr.vmap(f)(np.stack([x, x])),
                cr.vjp(lambda _, f=f: f(x), 1.0)[0],
            ):
                assert not np.shares_memory(x, y)
                assert owns_writable_memory(y)

    def test_tangents_do_not_alias_the_seeds(self):
        """The tangent of the identity is the seed's value, in memory of its own."""
        x, v = np.ones(3), np.arange(3.0) + 1

        (x_bar,) = cr.vjp(lambda x: x, x)[1](v)
        y, y_dot = cr.jvp(lambda x: x, (x,), (v,))
        pushed = cr.linearize(lambda x: x, x)[1](v)

        for t in (x_bar, y_dot, pushed):
            assert t.tolist() == v.tolist()
            assert owns_writable_memory(t)
            assert not np.shares_memory(t, v)
        assert not np.shares_memory(y, y_dot)

    def test_results_may_be_written_to_before_the_pull(self):
        """The pull of exp reads the result of exp; the caller may write to what was returned."""
        x = np.array([0.0, 1.0])
        y, pull = cr.vjp(np.exp, x)
        also_y, push = cr.linearize(np.exp, x)

        y[:] = also_y[:] = 0.0

        np.testing.assert_array_equal(pull(np.ones(2))[0], np.exp(x))
        np.testing.assert_array_equal(push(np.ones(2)), np.exp(x))

    def test_inputs_may_be_written_to_before_the_pull(self):
        """A pull reads arguments and captured arrays as they were during the call."""
        x, captured = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        holder = {"b": np.array([5.0, 6.0])}

        def f(x):
            return x**2 * captured * holder["b"]

        _, pull = cr.vjp(f, x)
        _, push = cr.linearize(f, x)
        x[:] = captured[:] = holder["b"][:] = 0.0

        assert pull(np.ones(2))[0].tolist() == [2 * 1.0 * 3.0 * 5.0, 2 * 2.0 * 4.0 * 6.0]
        assert push(np.ones(2)).tolist() == [30.0, 96.0]

    def test_buffer_that_a_library_uses_again(self):
        """Code that is not run over our NumPy may write to an array that a traced value met: 2x + 3x has slope 5."""

        def f(x):
            buffer = np.full(3, 2.0)
            y = x * buffer
            buffer[:] = 3.0
            return np.sum(y + np.multiply(buffer, x))

        with without_swap():
            assert cr.grad(f)(np.ones(3)).tolist() == [5.0, 5.0, 5.0]
            assert cr.hessian(lambda x: f(x * x))(np.ones(3)).tolist() == (10 * np.eye(3)).tolist()

    def test_what_a_pull_returns_may_be_written_to(self):
        """What one call of a pull or push returns is not read by the next."""
        x, w = np.ones(2), np.array([3.0, 4.0])
        _, pull = cr.vjp(lambda x, w: x * w, x, w)

        first = pull(np.ones(2))
        first[0][:] = first[1][:] = 0.0

        assert [bar.tolist() for bar in pull(np.ones(2))] == [[3.0, 4.0], [1.0, 1.0]]

    def test_captured_arrays_are_returned_as_copies(self):
        """A function that returns an array from outside gives the numbers, not the memory."""
        captured = np.arange(3.0)

        y, _ = cr.jvp(lambda x: (x, captured), (1.0,), (1.0,))
        z, _ = cr.vjp(lambda x: (x, captured), 1.0)
        value, aux = cr.grad(lambda x: (x, captured), has_aux=True)(1.0)

        for result in (y[1], z[1], aux):
            assert result.tolist() == captured.tolist()
            assert not np.shares_memory(result, captured)
        assert value == 1.0

    @pytest.mark.parametrize("order", ["reverse", "forward"])
    def test_jacobians_own_their_memory(self, order):
        """Each block of a Jacobian is an array of its own."""
        jacobian = cr.jacobian(lambda t: {"s": t[0] + t[1], "v": t[0].sum()}, order=order)([np.ones(2), np.ones(2)])

        blocks = [*jacobian["s"], *jacobian["v"]]
        assert all(map(owns_writable_memory, blocks))
        assert not any(np.shares_memory(a, b) for k, a in enumerate(blocks) for b in blocks[:k])

    def test_batched_results_own_their_memory(self):
        """A result that all lanes share is repeated in memory, not in strides."""
        x = np.ones((3, 2))

        constant, shared, moved = cr.vmap(lambda x: (np.zeros(2), 1.0, x), out_axes=(0, 0, 1))(x)

        for result in (constant, shared, moved):
            assert owns_writable_memory(result)
        assert not np.shares_memory(moved, x)

    def test_read_only_input(self):
        """A read-only array may be differentiated; the function may even write to its own."""
        x = np.array([1.0, 2.0])
        x.flags.writeable = False

        def f(x):
            x[0] = x[1] ** 2
            return x.sum()

        assert cr.grad(f)(x).tolist() == [0.0, 5.0]

    def test_non_contiguous_input(self):
        """Reversed, strided and transposed arrays have gradients like any other: d Σ c x² = 2 c x."""
        c = np.arange(6.0).reshape(2, 3)
        base = np.arange(24.0)
        for x in (base[::-4].reshape(3, 2).T, base.reshape(4, 6)[::2, ::2], np.asfortranarray(c)):
            gradient = cr.grad(lambda x: np.sum(c * x**2))(x)
            np.testing.assert_array_equal(gradient, 2 * c * x)
            assert owns_writable_memory(gradient)
