"""Products that are taken after the call: with the numbers that the function was run on."""

import numpy as np
import pytest

import chainrule as cr

WEIGHTS = np.arange(9.0).reshape(3, 3)

PRODUCTS = {
    "matrix times vector": lambda x, a: a @ x,
    "vector times matrix": lambda x, a: x @ a,
    "elementwise": lambda x, a: x * a,
    "quotient": lambda x, a: x / (1 + a),
    "power": lambda x, a: x ** (a + 1),
    "stacked": lambda x, a: np.tensordot(a, x, axes=1),
    "in parts": lambda x, a: np.where(a > 3, a * x, x),
}


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("captured", [True, False])
def test_operands_written_after_the_call_do_not_change_the_pull(name, captured):
    """The pull reads what the arrays held during the call, whatever their owner writes to them later."""
    f, x, a = PRODUCTS[name], np.array([1.0, 2.0, 0.5]), WEIGHTS.copy()
    expected = cr.jacobian(lambda x: f(x, a))(x)
    y, pull = cr.vjp(lambda x: f(x, a), x) if captured else cr.vjp(lambda x, a: f(x, a), x, a)
    weights = np.ones(y.shape)
    a[:] = 100.0
    np.testing.assert_allclose(pull(weights)[0], np.tensordot(weights, expected, axes=y.ndim), rtol=1e-12)
