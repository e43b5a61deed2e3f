"""A user's own operation with its own rule."""

import copy
import math
import pickle
import threading

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import chainrule as cr

RNG = np.random.default_rng(9)
X = np.linspace(-1.0, 1.5, 4)

# Three statements of x³ sin y, whose first and second derivatives are known.


def cube_sine(x, y):
    return np.asarray(x) ** 3 * np.sin(y)


def stated_by_partials(**options):
    operation = cr.custom(cube_sine, **options)

    @operation.partials
    def cube_sine_partials(_z, x, y):
        return 3 * x**2 * np.sin(y), x**3 * np.cos(y)

    return operation


def stated_by_push(**options):
    operation = cr.custom(cube_sine, **options)

    @operation.push
    def cube_sine_push(dots, _z, x, y):
        x_dot, y_dot = dots
        return 3 * x**2 * np.sin(y) * x_dot + x**3 * np.cos(y) * y_dot

    return operation


def stated_by_pull(**options):
    operation = cr.custom(cube_sine, **options)

    @operation.pull
    def cube_sine_pull(z_bar, _z, x, y):
        return 3 * x**2 * np.sin(y) * z_bar, x**3 * np.cos(y) * z_bar

    return operation


def stated_by_both(**options):
    operation = stated_by_push(**options)

    @operation.pull
    def cube_sine_pull(z_bar, _z, x, y):
        return 3 * x**2 * np.sin(y) * z_bar, x**3 * np.cos(y) * z_bar

    return operation


STATEMENTS = [stated_by_partials, stated_by_push, stated_by_pull, stated_by_both]


@pytest.mark.parametrize("vectorised", [False, True])
@pytest.mark.parametrize("state", STATEMENTS)
class TestEveryStatement:
    """Whichever rule is stated, every mode that it allows gives the derivatives of x³ sin y."""

    def test_value(self, state, vectorised):
        """Outside of derivatives the operation is the function."""
        f = state(vectorised=vectorised)

        np.testing.assert_array_equal(f(X, 2 * X), cube_sine(X, 2 * X))
        assert f(2.0, 1.0) == cube_sine(2.0, 1.0)

    def test_reverse(self, state, vectorised):
        """Gradients with respect to both operands, of arrays and of numbers."""
        f = state(vectorised=vectorised)
        y = np.cos(X)

        by_x, by_y = cr.grad(lambda x, y: np.sum(f(x, y)), argnums=(0, 1))(X, y)
        np.testing.assert_allclose(by_x, 3 * X**2 * np.sin(y), rtol=1e-15)
        np.testing.assert_allclose(by_y, X**3 * np.cos(y), rtol=1e-15)
        assert cr.grad(f)(2.0, 1.0) == pytest.approx(12 * math.sin(1.0), rel=1e-15)
        assert type(cr.grad(f)(2.0, 1.0)) is np.float64

    def test_only_some_operands_vary(self, state, vectorised):
        """An operand that is constant needs no derivative."""
        f = state(vectorised=vectorised)

        assert cr.grad(lambda y: f(2.0, y))(1.0) == pytest.approx(8 * math.cos(1.0), rel=1e-15)
        assert cr.grad(lambda x: f(x, x))(1.0) == pytest.approx(3 * math.sin(1) + math.cos(1), rel=1e-15)

    def test_forward(self, state, vectorised):
        """jvp and linearize, or a plain word that there is no forward mode."""
        f = state(vectorised=vectorised)
        expected = 3 * X**2 * np.sin(X) + X**3 * np.cos(X)

        if state is stated_by_pull:
            with pytest.raises(
                cr.errors.NoRuleError, match="`cube_sine` has no forward derivative: its rule is a pull"
            ):
                cr.jvp(lambda x: f(x, x), (X,), (np.ones(4),))
        else:
            np.testing.assert_allclose(cr.jvp(lambda x: f(x, x), (X,), (np.ones(4),))[1], expected, rtol=1e-14)
            np.testing.assert_allclose(cr.linearize(lambda x: f(x, x), X)[1](np.ones(4)), expected, rtol=1e-14)

    def test_second_order(self, state, vectorised):
        """The rule, written in NumPy, is differentiated in turn, in every combination of modes."""
        f = state(vectorised=vectorised)

        def g(x):
            return np.sum(f(x, x))

        # (x³ sin x)″ = 6x sin x + 6x² cos x - x³ sin x.
        expected = np.diag(6 * X * np.sin(X) + 6 * X**2 * np.cos(X) - X**3 * np.sin(X))
        forward = [] if state is stated_by_pull else ["forward"]
        for inner in ("reverse", *forward):
            for outer in ("reverse", *forward):
                hessian = cr.jacobian(cr.jacobian(g, order=inner), order=outer)(X)
                np.testing.assert_allclose(hessian, expected, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(cr.hessian(g)(X), expected, rtol=1e-12, atol=1e-14)

    def test_third_order(self, state, vectorised):
        """And again: (x³ sin x)‴ = (6 - 9x²) sin x + (18x - x³) cos x."""
        f = state(vectorised=vectorised)
        x = 0.7
        expected = (6 - 9 * x**2) * math.sin(x) + (18 * x - x**3) * math.cos(x)

        assert cr.grad(cr.grad(cr.grad(lambda x: f(x, x))))(x) == pytest.approx(expected, rel=1e-13)

    def test_batches(self, state, vectorised):
        """vmap over both operands, over one, nested, and in any order with grad."""
        f = state(vectorised=vectorised)
        x, y = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
        slopes = 3 * x**2 * np.sin(y)

        np.testing.assert_allclose(cr.vmap(f)(x, y), cube_sine(x, y), rtol=1e-15)
        np.testing.assert_allclose(cr.vmap(f, in_axes=(1, None))(x, 2.0), cube_sine(x.T, 2.0), rtol=1e-15)
        np.testing.assert_allclose(cr.vmap(cr.vmap(f))(x, y), cube_sine(x, y), rtol=1e-15)
        np.testing.assert_allclose(cr.vmap(cr.vmap(cr.grad(f)))(x, y), slopes, rtol=1e-14)
        np.testing.assert_allclose(cr.vmap(cr.grad(lambda x, y: np.sum(f(x, y))))(x, y), slopes, rtol=1e-14)
        np.testing.assert_allclose(cr.grad(lambda x: np.sum(cr.vmap(f)(x, y)))(x), slopes, rtol=1e-14)
        shared = cr.grad(lambda y: np.sum(cr.vmap(f, in_axes=(0, None))(x, y)))(y[0])
        np.testing.assert_allclose(shared, np.sum(x**3 * np.cos(y[0]), axis=0), rtol=1e-14)
        whole = cr.hessian(lambda x: np.sum(cr.vmap(f)(x, y)))(x)
        np.testing.assert_allclose(np.einsum("ijij->ij", whole), 6 * x * np.sin(y), rtol=1e-13)

    def test_dtypes(self, state, vectorised):
        """float32 and complex operands keep their dtype."""
        f = state(vectorised=vectorised)
        single = X.astype(np.float32)
        z = X + 0.5j

        gradient = cr.grad(lambda x: np.sum(f(x, x)))(single)
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, 3 * X**2 * np.sin(X) + X**3 * np.cos(X), rtol=1e-5, atol=1e-6)
        derivative = cr.elementwise_grad(lambda z: f(z, z), holomorphic=True)(z)
        np.testing.assert_allclose(derivative, 3 * z**2 * np.sin(z) + z**3 * np.cos(z), rtol=1e-14)

    def test_shapes(self, state, vectorised):
        """Numbers, arrays without axes, without entries, and of any rank."""
        f = state(vectorised=vectorised)

        for shape in ((), (0,), (1,), (2, 3), (2, 0)):
            x = np.full(shape, 0.5)
            gradient = cr.grad(lambda x: np.sum(f(x, x)))(x)
            assert gradient.shape == shape
            np.testing.assert_allclose(gradient, 0.75 * np.sin(x) + 0.125 * np.cos(x), rtol=1e-15)

    def test_checkpoint(self, state, vectorised):
        """Inside of a checkpoint the operation is run again."""
        f = state(vectorised=vectorised)

        gradient = cr.grad(lambda x: np.sum(cr.checkpoint(lambda x: f(x, x) * x)(x)))(X)

        np.testing.assert_allclose(gradient, 4 * X**3 * np.sin(X) + X**4 * np.cos(X), rtol=1e-14, atol=1e-15)


class TestBroadcasting:
    """Partials of operands that broadcast are summed over what was broadcast."""

    @pytest.mark.parametrize("vectorised", [False, True])
    def test_gradients(self, vectorised):
        """∂/∂y of Σ x³ sin y over a row y and a matrix x sums over the rows."""
        f = stated_by_partials(vectorised=vectorised)
        x, y = RNG.normal(size=(3, 4)), RNG.normal(size=4)

        by_x, by_y = cr.grad(lambda x, y: np.sum(f(x, y)), argnums=(0, 1))(x, y)
        np.testing.assert_allclose(by_x, 3 * x**2 * np.sin(y), rtol=1e-15)
        np.testing.assert_allclose(by_y, np.sum(x**3 * np.cos(y), axis=0), rtol=1e-14)
        _, tangent = cr.jvp(lambda y: f(x, y), (y,), (np.ones(4),))
        np.testing.assert_allclose(tangent, x**3 * np.cos(y), rtol=1e-15)

    @pytest.mark.parametrize("vectorised", [False, True])
    def test_batches_of_different_ranks(self, vectorised):
        """Lanes of a row meet matrices that are the same for all lanes, and the other way round."""
        f = stated_by_partials(vectorised=vectorised)
        matrix, rows = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))

        expected = np.stack([cube_sine(matrix, row) for row in rows])
        np.testing.assert_allclose(cr.vmap(f, in_axes=(None, 0))(matrix, rows), expected, rtol=1e-15)
        gradient = cr.grad(lambda m: np.sum(cr.vmap(f, in_axes=(None, 0))(m, rows)))(matrix)
        np.testing.assert_allclose(gradient, sum(3 * matrix**2 * np.sin(row) for row in rows), rtol=1e-14)

    def test_real_operand_of_a_complex_result(self):
        """A real operand of a complex result has a real gradient: d Re(e^{ix})/dx = -sin x."""
        turn = cr.custom(lambda x: np.exp(1j * x), partials=lambda y, _x: 1j * y)

        np.testing.assert_allclose(cr.grad(lambda x: np.sum(np.real(turn(x))))(X), -np.sin(X), rtol=1e-14, atol=1e-15)
        _, tangent = cr.jvp(turn, (X,), (np.ones(4),))
        np.testing.assert_allclose(tangent, 1j * np.exp(1j * X), rtol=1e-14)

    def test_weak_partials(self):
        """A partial may be a Python number, an integer or a mask, in a shape that broadcasts."""
        ramp = cr.custom(lambda x: np.maximum(x, 0) + 2 * x, partials=lambda _y, x: (x > 0) + 2)
        double = cr.custom(lambda x: 2 * x, partials=lambda _y, _x: 2)
        relu = cr.custom(lambda x: np.maximum(x, 0), partials=lambda _y, x: x > 0)

        for dtype in (np.float32, np.float64):
            x = X.astype(dtype)
            assert cr.grad(lambda x: np.sum(ramp(x)))(x).tolist() == [2.0, 2.0, 3.0, 3.0]
            assert cr.grad(lambda x: np.sum(double(x)))(x).tolist() == [2.0] * 4
            assert cr.grad(lambda x: np.sum(relu(x)))(x).dtype == dtype

    def test_structural_zeros(self):
        """What a branch not taken contributes is no number: the partial of √ at 0 behind a `where` does no harm."""
        root = cr.custom(np.sqrt, partials=lambda y, _x: 0.5 / y, vectorised=True)

        with np.errstate(all="ignore"):
            gradient = cr.grad(lambda x: np.sum(np.where(x > 0, root(x), 0.0)))(np.array([0.0, 4.0]))

        assert gradient.tolist() == [0.0, 0.25]


@cr.custom
def solve_spd(matrix, b):
    """A foreign solver: LAPACK's Cholesky."""
    return scipy.linalg.cho_solve(scipy.linalg.cho_factor(matrix), b)


@solve_spd.pull
def solve_spd_pull(x_bar, x, matrix, _b):
    b_bar = solve_spd(matrix, x_bar)
    return -np.outer(b_bar, x), b_bar


class TestForeignCode:
    """Operations, and rules, that call code which knows nothing of derivatives."""

    MATRIX = np.array([[4.0, 1.0], [1.0, 3.0]])

    def test_rule_that_calls_its_own_operation(self):
        """A rule that applies the foreign solver again is differentiated again: b ↦ bᵀ A⁻¹ b has Hessian 2 A⁻¹."""
        inverse = np.linalg.inv(self.MATRIX)

        def energy(b):
            return b @ solve_spd(self.MATRIX, b)

        np.testing.assert_allclose(cr.grad(energy)(np.ones(2)), 2 * inverse @ np.ones(2), rtol=1e-13)
        np.testing.assert_allclose(cr.hessian(energy)(np.ones(2)), 2 * inverse, rtol=1e-12)
        by_matrix = cr.grad(lambda a: np.ones(2) @ solve_spd(a, np.ones(2)))(self.MATRIX)
        np.testing.assert_allclose(by_matrix, -np.outer(inverse.sum(0), inverse.sum(1)), rtol=1e-13)

    def test_batched_rules(self):
        """A batch through foreign code is run lane by lane, forward and in the pull."""
        bs = RNG.normal(size=(3, 2))
        inverse = np.linalg.inv(self.MATRIX)

        def energy(b):
            return b @ solve_spd(self.MATRIX, b)

        np.testing.assert_allclose(cr.vmap(cr.grad(energy))(bs), 2 * bs @ inverse, rtol=1e-12)
        np.testing.assert_allclose(cr.grad(lambda bs: np.sum(cr.vmap(energy)(bs)))(bs), 2 * bs @ inverse, rtol=1e-12)
        np.testing.assert_allclose(
            cr.jacobian(lambda b: solve_spd(self.MATRIX, b), order="reverse")(bs[0]), inverse, rtol=1e-12
        )

    def test_rule_that_calls_foreign_code_on_plain_arrays(self):
        """At first order, alone and in batches, a rule may call anything; at second order it says which line cannot."""

        @cr.custom
        def bessel(x):
            return scipy.special.spherical_jn(0, x)

        @bessel.pull
        def bessel_pull(y_bar, y, x):
            above = scipy.special.spherical_jn(1, x)
            return -y_bar * above

        x = np.array([0.25, 0.5])
        expected = (np.cos(x) - np.sin(x) / x) / x

        np.testing.assert_allclose(cr.grad(lambda x: np.sum(bessel(x)))(x), expected, rtol=1e-12)
        np.testing.assert_allclose(
            cr.vmap(cr.grad(lambda x: np.sum(bessel(x))))(np.stack([x, x]))[1], expected, rtol=1e-12
        )
        np.testing.assert_allclose(cr.jacobian(bessel)(x), np.diag(expected), rtol=1e-12)
        with pytest.raises(cr.errors.NoRuleError, match=r"above = scipy.special.spherical_jn"):
            cr.hessian(lambda x: np.sum(bessel(x)))(x)

    def test_function_that_writes_to_its_operands(self):
        """The function, and the rule, work on arrays of their own."""
        x = np.array([1.0, 2.0])

        @cr.custom
        def doubled(x):
            x *= 2
            return x

        @doubled.pull
        def doubled_pull(y_bar, y, x):
            y_bar *= 2
            y[:] = x[:] = 0.0
            return y_bar

        def f(x):
            y = doubled(x)
            return np.sum(y * x) + np.sum(y)

        # Σ 2x² + 2x has gradient 4x + 2.
        assert cr.grad(f)(x).tolist() == [6.0, 10.0]
        y, pull = cr.vjp(doubled, x)
        assert [pull(np.ones(2))[0].tolist() for _ in range(2)] == [[2.0, 2.0]] * 2
        assert y.tolist() == [2.0, 4.0]
        assert x.tolist() == [1.0, 2.0]

    def test_function_that_reuses_its_memory(self):
        """A function that returns the same buffer each time does no harm to earlier results."""
        buffer = np.zeros(2)

        @cr.custom(pull=lambda y_bar, _y, x: 2 * x * y_bar)
        def squared(x):
            buffer[:] = x**2
            return buffer

        def f(x):
            first, second = squared(x), squared(2 * x)
            return np.sum(first * second)

        # Σ x² · 4x² = 4 Σ x⁴ has gradient 16 x³.
        assert cr.grad(f)(np.array([1.0, 2.0])).tolist() == [16.0, 128.0]


class TestContainers:
    """Operands and results in containers."""

    def test_pull(self):
        """A pull gets and gives containers like the operands and the result."""

        @cr.custom
        def mix(p, x, *, scale):
            return {"s": scale * p["a"] * x, "t": (p["b"][0] ** 2,)}

        @mix.pull
        def mix_pull(bar, y, p, x, *, scale):
            assert y["s"].shape == bar["s"].shape
            return {"a": scale * bar["s"] * x, "b": [2 * p["b"][0] * bar["t"][0]]}, scale * bar["s"] * p["a"]

        p, x = {"a": np.array([1.0, 2.0]), "b": [3.0]}, np.array([5.0, 7.0])

        def f(p, x):
            y = mix(p, x, scale=10.0)
            return np.sum(y["s"]) + y["t"][0] * x[0]

        by_p, by_x = cr.grad(f, argnums=(0, 1))(p, x)
        np.testing.assert_array_equal(by_p["a"], 10 * x)
        assert by_p["b"] == [2 * 3.0 * 5.0]
        np.testing.assert_array_equal(by_x, 10 * p["a"] + [9.0, 0.0])
        hessian = cr.jacobian(cr.grad(f, argnums=(0, 1)), argnums=1, order="reverse")(p, x)
        np.testing.assert_array_equal(hessian[0]["a"], 10 * np.eye(2))
        assert hessian[0]["b"][0].tolist() == [6.0, 0.0]

    def test_push(self):
        """A push gets the tangents in containers like the operands."""

        @cr.custom
        def hypotenuse(p):
            return np.sqrt(p["x"] ** 2 + p["y"] ** 2), 3

        @hypotenuse.push
        def hypotenuse_push(dots, r, p):
            (d,) = dots
            return (p["x"] * d["x"] + p["y"] * d["y"]) / r[0], None

        p = {"x": 3.0, "y": 4.0}

        assert cr.grad(lambda p: hypotenuse(p)[0])(p) == pytest.approx({"x": 0.6, "y": 0.8})
        assert cr.jvp(hypotenuse, (p,), ({"x": 1.0, "y": 0.0},))[1] == (0.6, 0)

    def test_number_of_results_may_depend_on_the_operands(self):
        """One array for each row of the operand."""

        @cr.custom(pull=lambda bars, _y, _x: np.stack([2 * bar for bar in bars]))
        def doubled_rows(x):
            return list(2 * x)

        for rows in (1, 2, 3):
            x = np.ones((rows, 2))
            gradient = cr.grad(lambda x: sum(k * np.sum(row) for k, row in enumerate(doubled_rows(x))))(x)
            assert gradient.tolist() == [[2.0 * k] * 2 for k in range(rows)]

    def test_no_derivative_for_some(self):
        """None stands for a derivative that is zero; an integer operand has none, whatever stands there."""

        @cr.custom
        def power(x, n, offset):
            return x**n + 0 * offset

        @power.pull
        def power_pull(bar, _y, x, n, _offset):
            return bar * n * x ** (n - 1), "nothing", None

        assert cr.grad(lambda x, offset: power(x, 3, offset), argnums=(0, 1))(2.0, 1.0) == (12.0, 0.0)

    def test_integer_result(self):
        """An integer result takes no part in the derivative, and is a plain number inside."""

        @cr.custom(pull=lambda bar, _y, _x: bar[0])
        def with_index(x):
            return x, int(np.argmax(x))

        @cr.custom
        def only_index(x):
            return int(np.argmax(x))

        only_index.pull(lambda _bar, _y, _x: None)

        def f(x):
            y, k = with_index(x)
            return y[k] * [10.0, 20.0, 30.0][only_index(x)]

        assert cr.grad(f)(np.array([1.0, 3.0, 2.0])).tolist() == [0.0, 20.0, 0.0]

    def test_operands_by_keyword_and_default(self):
        """An argument that could be given by position is an operand, also by keyword and by default."""

        @cr.custom(partials=lambda _z, x, y: (y, x))
        def product(x, y=5.0):
            return x * y

        assert cr.grad(lambda y: product(y=y, x=3.0))(2.0) == 3.0
        assert cr.grad(product)(2.0) == 5.0

    def test_any_number_of_operands(self):
        """Operands may be *args; the pull returns one cotangent for each."""

        @cr.custom(pull=lambda bar, _y, *xs: tuple(bar for _ in xs))
        def total(*xs):
            return sum(xs)

        assert cr.grad(lambda x: total(x, 2 * x, 3.0, x))(1.0) == 4.0


class TestParameters:
    """Keyword-only arguments are fixed."""

    @staticmethod
    def operation():
        @cr.custom
        def monomial(x, *, power=2, names=()):
            return x**power

        @monomial.partials
        def monomial_partials(_y, x, *, power, names):
            return power * x ** (power - 1)

        return monomial

    def test_parameters_reach_the_rule(self):
        """A parameter goes to function and rule, with its default."""
        monomial = self.operation()

        assert cr.grad(monomial)(3.0) == 6.0
        assert cr.grad(lambda x: monomial(x, power=3))(3.0) == 27.0
        assert cr.grad(lambda x: monomial(x, power=3.0, names=("a", "b")))(3.0) == 27.0
        assert cr.vmap(cr.grad(lambda x: monomial(x, power=3)))(X).tolist() == (3 * X**2).tolist()

    def test_equal_parameters_of_different_types(self):
        """1 and True and 1.0 are equal, and different parameters."""
        seen = []

        @cr.custom(partials=lambda _y, x, *, kind: np.ones(np.shape(x)))
        def watch(x, *, kind):
            seen.append(kind)
            return x

        for kind in (1, True, 1.0):
            cr.grad(lambda x, kind=kind: watch(x, kind=kind))(1.0)

        assert list(map(type, seen)) == [int, bool, float]

    @pytest.mark.parametrize("value", [[1, 2], {"a": 1}, {1}, np.ones(2)])
    def test_unhashable(self, value):
        """A parameter that is not hashable is an error, inside and outside of derivatives."""
        monomial = self.operation()

        for call in (lambda: monomial(2.0, names=value), lambda: cr.grad(lambda x: monomial(x, names=value))(2.0)):
            with pytest.raises(
                cr.errors.ParameterError, match=r"`monomial`: the parameter `names` is a .* not hashable"
            ):
                call()

    def test_traced_parameter(self):
        """A parameter that carries a derivative would lose it, and is refused."""
        monomial = self.operation()

        for parameter in (lambda x: x, lambda x: (1, x)):
            with pytest.raises(cr.errors.ParameterError, match="the parameter `power` carries a derivative"):
                cr.grad(lambda x, parameter=parameter: monomial(x, power=parameter(x)))(2.0)


class TestDtype:
    """Operations that are declared with a dtype."""

    def test_conversion(self):
        """Operands are converted to the declared dtype, gradients back to that of the operand."""
        seen = []

        @cr.custom(dtype=np.float64, pull=lambda bar, _y, x: 2 * x * bar)
        def squared(x):
            seen.append(x.dtype)
            return x**2

        x = np.array([1.0, 2.0], np.float32)
        value, gradient = cr.value_and_grad(lambda x: np.sum(squared(x)))(x)

        assert seen == [np.float64]
        assert (value.dtype, gradient.dtype) == (np.float64, np.float32)
        assert gradient.tolist() == [2.0, 4.0]
        assert squared(x).dtype == np.float64
        assert cr.grad(lambda x: squared(x) * squared(3))(2.0) == 36.0

    def test_wrong_result(self):
        """A result of another dtype than declared is an error."""

        @cr.custom(dtype=np.float64, pull=lambda bar, _y, _x: bar)
        def rounded(x):
            return x.astype(np.float32)

        with pytest.raises(
            cr.errors.RuleError, match="`rounded` returned float32, and is declared with `dtype=float64`"
        ):
            cr.grad(lambda x: np.sum(rounded(x)))(X)

    def test_complex_operand(self):
        """A complex operand does not fit a real dtype."""
        f = cr.custom(lambda x: x, dtype=np.float64)

        with pytest.raises(cr.errors.DTypeError, match="is complex, and the operation takes float64"):
            f(1j)


class TestWrongRules:
    """A rule that returns something else than a derivative is named, with its line and the line that used it."""

    @pytest.mark.parametrize(
        ("kind", "rule", "sentences"),
        [
            ("pull", lambda bar, y, a, b: (np.ones(7), bar), ["the cotangent of `a`", "float64[4]", "float64[7]"]),
            ("pull", lambda bar, y, a, b: (bar, 1.0), ["the cotangent of `b`", "float64[4]", "float64[]"]),
            (
                "pull",
                lambda bar, y, a, b: (bar.astype(np.float32), bar),
                ["`a` with the wrong shape or dtype", "float32[4]"],
            ),
            ("pull", lambda bar, y, a, b: (bar * 1j, bar), ["complex128[4]"]),
            ("pull", lambda bar, y, a, b: ("ones", bar), ["got:      a str"]),
            ("pull", lambda bar, y, a, b: bar, ["wrong number of derivatives", "a tuple of 2", "(a, b)"]),
            ("pull", lambda bar, y, a, b: (bar,), ["wrong number of derivatives", "got:      1 entries"]),
            ("pull", lambda bar, y, a, b: (bar, bar, bar), ["got:      3 entries"]),
            ("pull", lambda bar, y, a, b: ([bar, bar], bar), ["in another structure than `a`", "[*, *]"]),
            ("push", lambda dots, y, a, b: dots[0][:2], ["the tangent of the result", "float64[4]", "float64[2]"]),
            ("push", lambda dots, y, a, b: (dots[0], dots[1]), ["in another structure than the result"]),
            ("push", lambda dots, y, a, b: dots[0] * 1j, ["complex128[4]"]),
            ("partials", lambda y, a, b: (b,), ["wrong number of derivatives"]),
            ("partials", lambda y, a, b: (b, np.ones((2, 4))), ["the partial with respect to `b`", "broadcasts to it"]),
            ("partials", lambda y, a, b: (b, a.astype(np.float32)), ["the partial with respect to `b`", "float32[4]"]),
            ("partials", lambda y, a, b: (1j * b, a), ["the partial with respect to `a`", "complex128[4]"]),
        ],
    )
    def test_named(self, kind, rule, sentences):
        """Reverse and forward say: which rule, of what, where it stands, where it was used, expected and got."""
        operation = cr.custom(lambda a, b: a * b, **{kind: rule})

        def loss(x):
            y = operation(x, x + 1)
            return np.sum(y)

        derivatives = [lambda: cr.grad(loss)(X), lambda: cr.vjp(loss, X)[1](1.0)]
        if kind != "pull":
            derivatives = [
                *(derivatives if kind == "partials" or "structure" not in sentences[0] else []),
                lambda: cr.jvp(loss, (X,), (X,)),
                lambda: cr.linearize(loss, X)[1](X),
            ]
        for derivative in derivatives:
            with pytest.raises(cr.errors.RuleError) as caught:
                derivative()
            message = str(caught.value)
            for sentence in (
                f"the {kind} `<lambda>` ({__file__}:{rule.__code__.co_firstlineno}) of `<lambda>` returned",
                "y = operation(x, x + 1)",
                f"{__file__}:{loss.__code__.co_firstlineno + 1}",
                *sentences,
            ):
                assert sentence in message

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            (lambda dots, _y, x: dots[0] * dots[0], "applies `multiply`, which is not linear"),
            (lambda dots, _y, x: np.sin(dots[0]), "applies `sin`, which is not linear"),
            (lambda dots, _y, x: x / dots[0], "applies `divide`, which is not linear"),
            (lambda dots, _y, x: dots[0] + x, "uses `add` to add something that does not depend on the tangents"),
            (lambda dots, _y, x: np.concatenate([dots[0][:2], x[2:]]), "uses `concatenate` to add"),
            (lambda dots, _y, x: x, "adds something that does not depend on the tangents"),
            (lambda dots, _y, x: dots[0] if dots[0][0] > 0 else x * dots[0], "tangent"),
            (lambda dots, _y, x: np.where(dots[0] > 0, dots[0], 0.0), "tangent"),
            (lambda dots, _y, x: np.maximum(dots[0], 0.0), "applies `maximum`, which is not linear"),
        ],
    )
    def test_push_that_is_not_linear(self, rule, why):
        """A push that is no linear function of the tangents is refused when it is transposed, and says why."""
        operation = cr.custom(lambda x: x, push=rule)

        with pytest.raises(cr.errors.RuleError, match="is not linear in the tangents, as a Jacobian is") as caught:
            cr.grad(lambda x: np.sum(operation(x)))(X)
        assert why in str(caught.value)
        assert f"{__file__}:{rule.__code__.co_firstlineno}" in str(caught.value)

    def test_linear_push_in_many_words(self):
        """Products with matrices, slices, sums, stacking, writes and selections are linear, and are transposed."""
        matrix = RNG.normal(size=(4, 4))

        def linear(v):
            made = np.zeros(4)
            made[1:] = v[:-1] * 2
            made[0] += np.sum(v)
            made = np.where(np.arange(4) > 1, made, -made)
            return matrix @ made + np.concatenate([v[2:], -v[:2]]) / 3 - np.cumsum(v)[::-1]

        operation = cr.custom(linear, push=lambda dots, _y, _x: linear(dots[0]))
        expected = np.stack([linear(e) for e in np.eye(4)], axis=1)

        for order in ("reverse", "forward"):
            np.testing.assert_allclose(cr.jacobian(operation, order=order)(X), expected, rtol=1e-14, atol=1e-15)

    @pytest.mark.parametrize(
        ("kind", "rule"),
        [
            ("pull", lambda bar, x: bar),
            ("pull", lambda bar, y, x: bar),
            ("pull", lambda bar, y, x, n, *, order: bar),
            ("push", lambda y, x: y),
            ("partials", lambda y, x, n: 1.0),
        ],
    )
    def test_rule_that_takes_something_else(self, kind, rule):
        """A rule that cannot take what it will be given is refused when it is stated."""

        def spline(x, *, order):
            return x

        with pytest.raises(cr.errors.RuleError, match="does not take what it will be given") as caught:
            cr.custom(spline, **{kind: rule})
        leading = {"pull": "y_bar, y", "push": "x_dots, y", "partials": "y"}[kind]
        assert f"expected: ({leading}, x, *, order)" in str(caught.value)

    def test_rules_that_contradict_each_other(self):
        """Partials say everything; of a push and a pull there is one each."""
        operation = stated_by_partials()
        with pytest.raises(cr.errors.RuleError, match="has its partials stated already, so no pull can be added"):
            operation.pull(lambda bar, z, x, y: (bar, bar))

        operation = stated_by_pull()
        with pytest.raises(cr.errors.RuleError, match="has its pull stated already, so no partials can be added"):
            operation.partials(lambda z, x, y: (x, y))
        with pytest.raises(cr.errors.RuleError, match="has its pull stated already, so no pull can be added"):
            operation.pull(lambda bar, z, x, y: (bar, bar))

    def test_partials_of_containers(self):
        """Partials are for arrays with one array as the result."""
        operation = cr.custom(lambda p: p["x"], partials=lambda y, p: {"x": 1.0})

        with pytest.raises(cr.errors.RuleError, match="takes or returns containers: state a push or a pull"):
            cr.grad(lambda x: operation({"x": x}))(1.0)

    def test_no_rule(self):
        """An operation without a rule evaluates, also on constants inside of derivatives, and says what is missing."""

        @cr.custom
        def opaque(x):
            return np.asarray(x) * 2

        assert opaque(3.0) == 6.0
        assert cr.vmap(opaque)(X).tolist() == (2 * X).tolist()
        assert cr.grad(lambda x: x * opaque(3.0))(1.0) == 6.0
        with pytest.raises(cr.errors.NoRuleError, match="State it with `@opaque") as caught:
            cr.grad(lambda x: opaque(x))(1.0)
        assert __file__ in str(caught.value)

    @pytest.mark.parametrize("result", [None, "name", object(), np.array(["a"]), np.array([None])])
    def test_results_that_are_no_numbers(self, result):
        """A function that returns no arrays is no operation."""
        operation = cr.custom(lambda x: result, pull=lambda bar, y, x: bar)

        with pytest.raises(cr.errors.RuleError, match="a custom operation returns arrays or numbers"):
            cr.grad(lambda x: operation(x))(1.0)

    @pytest.mark.parametrize("operand", ["name", np.array(["a"]), print])
    def test_operands_that_are_no_numbers(self, operand):
        """An operand that is no array belongs among the parameters."""
        operation = cr.custom(lambda x, mode: x, pull=lambda bar, y, x, mode: (bar, None))

        with pytest.raises(cr.errors.DTypeError, match=r"the operand `mode` is a (.|\n)* make it keyword-only"):
            cr.grad(lambda x: operation(x, operand))(1.0)

    def test_wrong_call(self):
        """A call that does not fit the signature is Python's own error, with the function's name."""
        with pytest.raises(TypeError, match=r"solve_spd\(\): missing a required argument: '_?b'"):
            solve_spd(np.eye(2))

    def test_empty_batch(self):
        """A batch without lanes cannot tell the shape of a result, unless the function takes batches."""
        with pytest.raises(cr.errors.RuleError, match="known only from running it"):
            cr.vmap(cr.custom(lambda x: x.T @ x))(np.zeros((0, 2, 3)))
        assert cr.vmap(cr.custom(np.sin, vectorised=True))(np.zeros((0, 3))).shape == (0, 3)


def test_memory_that_is_not_read_is_not_kept():
    """A parameter of a rule that begins with an underscore arrives as None."""
    seen = []

    @cr.custom
    def double(x):
        return 2 * x

    @double.pull
    def double_pull(y_bar, _y, _x):
        seen.append((_y, _x))
        return 2 * y_bar

    assert cr.grad(lambda x: np.sum(double(x)))(X).tolist() == [2.0] * 4
    assert cr.vmap(cr.grad(lambda x: np.sum(double(x))))(np.stack([X, X])).tolist() == [[2.0] * 4] * 2
    assert seen == [(None, None)] * len(seen)


def test_looks():
    """A custom operation is pickled by name, copied as itself, and says what it is."""
    assert pickle.loads(pickle.dumps(solve_spd)) is solve_spd
    assert copy.deepcopy(solve_spd) is solve_spd
    assert solve_spd.__doc__ == "A foreign solver: LAPACK's Cholesky."
    assert repr(solve_spd).startswith(f"<custom operation `solve_spd` ({__file__}:")


def test_threads():
    """One operation used in several threads at once."""
    f = stated_by_push()
    results = {}

    def work(k):
        results[k] = [cr.hessian(lambda x: np.sum(f(x, x)))(X[:k]) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    second = 6 * X * np.sin(X) + 6 * X**2 * np.cos(X) - X**3 * np.sin(X)
    for k in range(1, 5):
        for hessian in results[k]:
            np.testing.assert_allclose(hessian, np.diag(second[:k]), rtol=1e-12)


def test_what_a_rule_keeps_is_not_handed_out():
    """Writing to a gradient or a tangent leaves the arrays of the rule as they are."""
    none = np.zeros(4)
    first = cr.custom(lambda x, y: x.copy())
    first.pull(lambda z_bar, _z, _x, _y: (z_bar, none))
    first.push(lambda dots, _z, _x, _y: none if not np.any(dots[0]) else dots[0])

    y_bar = cr.grad(lambda x, y: np.sum(first(x, y)), argnums=1)(X, X)
    y_bar += 1.0
    z_dot = cr.jvp(lambda y: first(X, y), (X,), (X,))[1]
    z_dot += 1.0

    np.testing.assert_array_equal(none, 0.0)
