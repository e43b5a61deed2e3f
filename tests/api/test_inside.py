"""Transformations called inside of differentiated functions: handles in, handles out."""

import threading

import numpy as np
import pytest

import chainrule as cr

X = np.array([1.0, 2.0, 3.0])


def written_with(array, value):
    """The array, after a traced value was written to it, which a plain array would refuse."""
    array[0] = value
    return array.sum()


@cr.custom(pull=lambda y_bar, _y, x: 2 * x * y_bar, vectorised=True)
def squared(x):
    return x**2


# Each gives an array that does not depend on what is differentiated outside.
CONSTANTS = {
    "grad": lambda: cr.grad(lambda z: np.sum(z**2))(np.ones(3)),
    "grad of a closure": lambda: cr.grad(lambda z: np.sum(z**2 * np.arange(3.0)))(np.ones(3)),
    "value_and_grad": lambda: cr.value_and_grad(lambda z: np.sum(z**2))(np.ones(3))[1],
    "elementwise_grad": lambda: cr.elementwise_grad(np.sin)(np.ones(3)),
    "jacobian of a number": lambda: cr.jacobian(lambda z: z * np.arange(3.0))(2.0),
    "hessian": lambda: cr.hessian(lambda z: np.sum(z**3))(np.ones(3))[0],
    "hvp": lambda: cr.hvp(lambda z: np.sum(z**3))(np.ones(3), np.ones(3)),
    "vjp": lambda: cr.vjp(lambda z: z**2, np.ones(3))[0],
    "pull": lambda: cr.vjp(lambda z: z**2, np.ones(3))[1](np.ones(3))[0],
    "jvp": lambda: cr.jvp(lambda z: z * np.ones(3), (1.0,), (1.0,))[1],
    "push": lambda: cr.linearize(lambda z: z * np.ones(3), 1.0)[1](1.0),
    "vmap": lambda: cr.vmap(lambda z: z**2)(np.ones(3)),
    "checkpoint": lambda: cr.checkpoint(lambda z: z**2)(np.ones(3)),
    "custom": lambda: squared(np.ones(3)),
    "aux": lambda: cr.grad(lambda z: (np.sum(z**2), np.ones(3)), has_aux=True)(1.0)[1],
}


@pytest.mark.parametrize("name", CONSTANTS)
@pytest.mark.parametrize("transformation", [cr.grad, cr.jacobian, lambda f: lambda x: cr.jvp(f, (x,), (1.0,))[1]])
def test_results_can_be_written_to(name, transformation):
    """An array that a transformation gives inside of a derivative holds derivatives when they are written to it."""
    make = CONSTANTS[name]

    assert transformation(lambda x: written_with(make(), x**2))(3.0) == 6.0


@pytest.mark.parametrize("name", CONSTANTS)
def test_results_outside_are_plain(name):
    """Outside, the same calls give plain arrays."""
    assert type(CONSTANTS[name]()) is np.ndarray


def test_derivative_of_a_derivative_step():
    """Gradient descent inside of a differentiated function: x₁ = x₀ - r f′(x₀), and dx₁/dx₀, dx₁/dr in closed form."""

    def loss(x):
        return np.sum(x**4) / 4

    def step(x, rate):
        x = x.copy()
        x -= rate * cr.grad(loss)(x)
        return x

    by_x, by_rate = cr.jacobian(lambda x, rate: step(step(x, rate), rate), argnums=(0, 1))(X, 0.01)

    once = X - 0.01 * X**3
    inner = 1 - 0.03 * X**2
    outer = 1 - 0.03 * once**2
    np.testing.assert_allclose(by_x, np.diag(outer * inner), rtol=1e-14)
    np.testing.assert_allclose(by_rate, -outer * X**3 - once**3, rtol=1e-13)


def test_closure_over_the_outer_variable():
    """Inner derivatives of functions that close over the outer variable: d/dx Σ ∂(z² x)/∂z at z = 3 is 6."""
    for inner in (
        lambda x: cr.grad(lambda z: z**2 * x)(3.0),
        lambda x: cr.jvp(lambda z: z**2 * x, (3.0,), (1.0,))[1],
        lambda x: cr.vjp(lambda z: z**2 * x, 3.0)[1](1.0)[0],
        lambda x: cr.linearize(lambda z: z**2 * x, 3.0)[1](1.0),
        lambda x: cr.jacobian(lambda z: z**2 * x)(3.0),
        lambda x: cr.elementwise_grad(lambda z: z**2 * x)(3.0),
        lambda x: cr.hessian(lambda z: z**3 * x)(1.0),
        lambda x: cr.vmap(cr.grad(lambda z: z**2 * x))(np.array([3.0]))[0],
        lambda x: cr.hvp(lambda z: z**3 * x)(1.0, 1.0),
    ):
        assert cr.grad(inner)(5.0) == 6.0
        assert cr.jvp(inner, (5.0,), (1.0,))[1] == 6.0
        assert cr.vmap(cr.grad(inner))(np.array([5.0, 7.0])).tolist() == [6.0, 6.0]


def test_aux_of_an_inner_derivative_that_only_the_outer_one_follows():
    """Aux that depends on the outer variable alone still does outside of the inner derivative."""

    def f(x):
        gradient, aux = cr.grad(lambda z: (z**2, {"x": x**3}), has_aux=True)(2.0)
        return gradient * aux["x"]

    assert cr.grad(f)(5.0) == 4.0 * 3 * 25.0


class TestInterruptions:
    """What an exception leaves behind: nothing."""

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit, SystemExit])
    @pytest.mark.parametrize(
        "transformation",
        [
            cr.grad,
            cr.jacobian,
            cr.hessian,
            cr.vmap,
            lambda f: lambda x: cr.jvp(f, (x,), (x,)),
            lambda f: cr.grad(cr.checkpoint(f)),
            lambda f: cr.grad(lambda x: cr.grad(lambda z: f(z * x))(x).sum()),
        ],
    )
    def test_derivatives_go_on(self, error, transformation):
        """After an exception inside, the same and other derivatives are right, and arrays are as they were."""
        broken = {"on": True}
        shared = []

        def f(x):
            y = np.zeros(3)
            y[:] = x**2
            shared.append(y)
            if broken["on"]:
                raise error("stop")
            return y.sum()

        x = np.stack([X, X]) if transformation is cr.vmap else X
        with pytest.raises(error, match="stop"):
            transformation(f)(x)
        broken["on"] = False

        np.testing.assert_array_equal(cr.grad(f)(X), 2 * X)
        np.testing.assert_array_equal(cr.grad(lambda x: np.sum(x**3))(X), 3 * X**2)
        assert X.tolist() == [1.0, 2.0, 3.0]

    def test_caught_inside(self):
        """A function may catch what is raised inside of its own derivative, and go on."""

        def f(x):
            try:
                cr.grad(lambda z: z / 0 if z > 0 else 1 // 0)(-x)
            except ZeroDivisionError:
                return x**2

        assert cr.grad(f)(3.0) == 6.0

    def test_writes_before_an_inner_exception(self):
        """What was written before an inner derivative failed keeps the outer derivative."""

        def f(x):
            buffer = np.zeros(2)

            def inner(z):
                buffer[0] = z * x
                raise ValueError

            try:
                cr.grad(inner)(2.0)
            except ValueError:
                buffer[1] = x
            # The inner level has ended; of what it wrote, z = 2 is left, and x goes on.
            return buffer[0] + 10 * buffer[1]

        assert cr.grad(f)(3.0) == 12.0

    def test_interrupted_thread(self):
        """A thread that dies inside of a derivative does not disturb another that is inside of one."""
        inside, died = threading.Event(), threading.Event()

        def dying(x):
            inside.wait(10)
            raise SystemExit

        def run():
            with pytest.raises(SystemExit):
                cr.grad(dying)(1.0)
            died.set()

        thread = threading.Thread(target=run)
        thread.start()

        def living(x):
            y = x**2
            inside.set()
            assert died.wait(10)
            return y * x

        assert cr.grad(living)(2.0) == 12.0
        thread.join()


def test_eight_threads():
    """Gradients, Hessians, batches and checkpoints, taken in eight threads at once, are each their own."""
    failures = []
    barrier = threading.Barrier(8)

    def work(k):
        a = 1.0 + k
        barrier.wait(10)
        for _ in range(5):
            gradient = cr.grad(lambda x: np.sum(np.sin(a * x)))(X)
            hessian = cr.hessian(cr.checkpoint(lambda x: np.sum(np.sin(a * x))))(X)
            batch = cr.vmap(cr.grad(lambda x: squared(a * x)))(X)
            if not (
                np.allclose(gradient, a * np.cos(a * X), rtol=1e-13)
                and np.allclose(hessian, np.diag(-a * a * np.sin(a * X)), rtol=1e-12)
                and np.allclose(batch, 2 * a * a * X, rtol=1e-13)
            ):
                failures.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
