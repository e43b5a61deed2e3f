"""What projects do that were written on top of autograd, beyond what its documentation shows."""

import mpmath
import numpy
import pytest
import scipy.special

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd import elementwise_grad, grad, jacobian
from chainrule.interop.autograd.core import VJPNode, backward_pass
from chainrule.interop.autograd.extend import defvjp, primitive
from chainrule.interop.autograd.numpy.linalg import grad_inv, grad_solve
from chainrule.interop.autograd.numpy.numpy_boxes import ArrayBox
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f, wrapped_reshape
from chainrule.interop.autograd.tracer import new_box


class Circuit:
    """Keeps its parameters, which may be traced."""

    def __init__(self, *parameters):
        self.parameters = parameters

    def shifted(self, k, shift):
        """Another one, with a parameter shifted."""
        return Circuit(*[p + shift if j == k else p for j, p in enumerate(self.parameters)])

    def run(self):
        """cos a cos b."""
        a, b = self.parameters
        return numpy.cos(float(plain(a))) * numpy.cos(float(plain(b)))


def plain(x):
    """The number behind what may be traced in several ways."""
    while hasattr(x, "_value") and isinstance(x, ArrayBox):
        x = x._value
    return x


@primitive
def execute(parameters, circuit):
    """The result of a circuit, which the parameters stand beside."""
    return numpy.array(circuit.run())


def execute_vjp(ans, parameters, circuit):
    """The shift rule: ∂f/∂a = (f(a + π/2) - f(a - π/2)) / 2, of the circuit that keeps traced parameters."""

    def shifts(k):
        up, down = (circuit.shifted(k, shift) for shift in (numpy.pi / 2, -numpy.pi / 2))
        return (execute(list(up.parameters), up) - execute(list(down.parameters), down)) / 2

    return lambda g: np.array([g * shifts(0), g * shifts(1)])


defvjp(execute, execute_vjp, None)


def test_a_pull_uses_traced_values_that_an_object_kept():
    """PennyLane's pull computes with circuits that hold traced parameters, and gives one array for a list."""

    def f(x):
        circuit = Circuit(x[0], x[1])
        return execute(list(circuit.parameters), circuit)

    a, b = 0.3, 0.5
    x = numpy.array([a, b])

    assert grad(f)(x) == pytest.approx([-numpy.sin(a) * numpy.cos(b), -numpy.cos(a) * numpy.sin(b)])
    mixed = numpy.sin(a) * numpy.sin(b)
    diagonal = -numpy.cos(a) * numpy.cos(b)
    assert jacobian(grad(f))(x) == pytest.approx(numpy.array([[diagonal, mixed], [mixed, diagonal]]))


def test_what_is_added_to_the_boxes_is_found_on_what_is_traced(monkeypatch):
    """tidy3d gives `ArrayBox` attributes and methods of its own, which may be replaced and taken away."""
    for factor in (2, 3):
        monkeypatch.setattr(ArrayBox, "scaled_entries", lambda self, factor=factor: factor * self, raising=False)

        found = grad(lambda x: np.sum(x.scaled_entries() ** 2))(numpy.array([1.0, 2.0]))

        assert found == pytest.approx([2 * factor**2, 4 * factor**2])
    monkeypatch.undo()
    assert grad(lambda x: x * (1 + hasattr(x, "scaled_entries")))(1.0) == 1.0


def test_boxes_made_by_hand_are_traced_back():
    """pymoo boxes an array itself, and pulls a box back through the nodes that came of it."""
    start = new_box(numpy.array([[1.0, 2.0], [3.0, 4.0]]), 0, VJPNode.new_root())
    end = np.sum(start**2, axis=1) * np.exp(start[:, 0])
    seed = new_box(numpy.ones(2), 0, VJPNode.new_root())

    pulled = backward_pass(seed, end._node)

    x = start._value
    expected = 2 * x * numpy.exp(x[:, :1])
    expected[:, 0] += numpy.sum(x**2, axis=1) * numpy.exp(x[:, 0])
    assert pulled._value == pytest.approx(expected)


@pytest.mark.parametrize("seed", [2.0, numpy.array(2.0), numpy.array([2.0])])
def test_one_number_is_a_cotangent_of_all_entries(seed):
    """∂(x + 1)/∂x summed over three entries for one number x, and entry by entry for three."""
    for x, expected in (numpy.array([1.0]), [6.0]), (numpy.array([1.0, 2.0, 3.0]), [2.0, 2.0, 2.0]):
        start = new_box(x, 0, VJPNode.new_root())

        pulled = backward_pass(seed, (start + numpy.ones(3))._node)

        assert pulled.shape == x.shape
        assert pulled == pytest.approx(numpy.array(expected))


def test_rules_of_linear_algebra_are_imported():
    """d(a⁻¹) = -a⁻¹ da a⁻¹ and a x = b, so b̄ = a⁻ᵀ x̄ and ā = -b̄ xᵀ."""
    a, b, g = numpy.array([[2.0, 1.0], [0.0, 3.0]]), numpy.array([[1.0], [2.0]]), numpy.array([[1.0], [-1.0]])
    inverse = numpy.linalg.inv(a)

    assert grad_inv(inverse, a)(g @ g.T) == pytest.approx(-inverse.T @ g @ g.T @ inverse.T)
    assert grad_solve(1, inverse @ b, a, b)(g) == pytest.approx(inverse.T @ g)
    assert grad_solve(0, inverse @ b, a, b)(g) == pytest.approx(-(inverse.T @ g) @ (inverse @ b).T)


def test_lengths_are_given_one_by_one():
    """`x.reshape(2, 3)` of a box, and through the function that does it."""
    assert wrapped_reshape(numpy.arange(6.0), 2, 3).shape == (2, 3)
    box = new_box(numpy.arange(6.0), 0, VJPNode.new_root())
    assert box.reshape(2, 3).shape == box.reshape((2, 3)).shape == (2, 3)


gammainc = primitive(scipy.special.gammainc)


def gammainc_vjp_shape(ans, k, x):
    """∂P(k, x)/∂k by central differences, of which SciPy's P is precise to the last digits."""
    h = 1e-4 * k
    steps = ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0))
    return unbroadcast_f(k, lambda g: g * sum(c * gammainc(k + n * h, x) for n, c in steps) / (12 * h))


def gammainc_vjp_point(ans, k, x):
    """∂P(k, x)/∂x = x^(k - 1) e^(-x) / Γ(k)."""
    return unbroadcast_f(x, lambda g: g * np.exp((k - 1) * np.log(x) - x - scipy.special.gammaln(plain(k))))


defvjp(gammainc, gammainc_vjp_shape, gammainc_vjp_point)


@pytest.mark.parametrize(("k", "x"), [(1.3, 0.7), (5.0, 4.2), (0.4, 2.0)])
def test_functions_as_autograd_gamma_defines_them(k, x):
    """Rules by differences for the shapes of incomplete functions, and exact ones for the point, twice, too."""

    def true(order_k, order_x):
        with mpmath.workdps(30):
            return float(
                mpmath.diff(lambda k, x: mpmath.gammainc(k, 0, x, regularized=True), (k, x), (order_k, order_x))
            )

    assert grad(gammainc, 0)(k, x) == pytest.approx(true(1, 0), rel=1e-8)
    assert grad(gammainc, 1)(k, x) == pytest.approx(true(0, 1), rel=1e-13)
    assert grad(grad(gammainc, 1), 1)(k, x) == pytest.approx(true(0, 2), rel=1e-12)
    spread = elementwise_grad(gammainc, 0)(k, numpy.array([x, x]))
    assert spread == pytest.approx(2 * true(1, 0), rel=1e-8)
