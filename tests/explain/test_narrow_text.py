"""Texts of programs with long names keep to 80 columns, and what differs stays different."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest

import chainrule as cr
from tests.explain.test_text import screen_width

X = np.array([1.0, 2.0, 3.0])
RNG = np.random.default_rng(0)


def mlp(params, x):
    for W, b in params[:-1]:
        x = np.tanh(x @ W + b)
    W, b = params[-1]
    return np.sum((x @ W + b) ** 2)


PARAMS = [(RNG.standard_normal((3, 4)), np.zeros(4)), (RNG.standard_normal((4, 2)), np.ones(2))]


def dictionary(p):
    hidden_layer = np.tanh(p["first_layer_weights"] @ X + p["first_layer_bias"])
    return p["output_weights"] @ hidden_layer + p["output_bias"]


WEIGHTS = {
    "first_layer_weights": RNG.standard_normal((4, 3)),
    "first_layer_bias": np.zeros(4),
    "output_weights": np.ones(4),
    "output_bias": 0.5,
}


@dataclass
class Inner:
    amplitudes: np.ndarray
    scale: float


@dataclass
class Model:
    inner_of_the_model: Inner
    scale_of_the_model: float


def of_model(model):
    inner = model.inner_of_the_model
    return np.sum(inner.amplitudes * inner.scale) * model.scale_of_the_model


def long_names(a_very_long_argument_for_weights, another_quite_long_name_for_bias):
    intermediate_result_with_long_name = np.tanh(a_very_long_argument_for_weights * another_quite_long_name_for_bias)
    return np.sum(intermediate_result_with_long_name**2 + a_very_long_argument_for_weights)


def long_names_of_numbers(a_very_long_argument_for_weights):
    intermediate_result_with_long_name = np.tanh(a_very_long_argument_for_weights)
    return intermediate_result_with_long_name * a_very_long_argument_for_weights


CASES = {
    "mlp": (mlp, (PARAMS, X), 0),
    "dictionary": (dictionary, (WEIGHTS,), 0),
    "dataclass": (of_model, (Model(Inner(X, 2.0), 3.0),), 0),
    "long": (long_names, (X, X), (0, 1)),
    "numbers": (long_names_of_numbers, (0.5,), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_width(name):
    f, arguments, argnums = CASES[name]
    ex = cr.explain(f, *arguments, argnums=argnums)
    for line in ex.text(width=80).splitlines():
        assert screen_width(line) <= 80, line


@pytest.mark.parametrize("name", ["mlp", "dictionary", "long"])
def test_inputs_are_told_apart(name):
    """The first column of the inputs' rows: no two alike."""
    f, arguments, argnums = CASES[name]
    ex = cr.explain(f, *arguments, argnums=argnums)
    lines = ex.text(width=80).splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith(" node"))
    count = len(ex.program.inputs)
    column = slice(0, lines[head].index("shape"))
    assert len({line[column] for line in lines[head + 1 : head + 1 + count]}) == count


def test_wide_text_has_whole_names():
    f, arguments, argnums = CASES["dictionary"]
    wide = cr.explain(f, *arguments, argnums=argnums).text(width=300)
    assert "v ← p['first_layer_weights']" in wide
    assert "…ights" not in wide


def test_complex_factors_have_brackets():
    """(-4j)·(1+1j) = 4-4j: half of the derivative of |z²|² by z, whose conjugate is 4 |z|² z = 8+8j."""
    z = np.array([1 + 1j, 2 - 1j])
    ex = cr.explain(lambda z: np.sum(np.abs(z * z) ** 2), z)
    np.testing.assert_allclose(ex.gradient, 4 * abs(z) ** 2 * z.conj(), rtol=1e-14)
    assert "= (0-4j)·(1+1j) = 4-4j" in ex.text()


def test_no_derivative_is_said_to_be_itself():
    """What has no symbol of its own is not explained by its own name."""
    shown = cr.explain(lambda z: (z * np.conj(z)).real, 1 + 2j).text()
    assert not re.search(r"(∂\w+/∂\w+) *= \1", shown)
    assert "∂v/∂z₂ = ∂v/∂z" not in shown
    assert "(1.0000-2.0000j) · (1.0000+0.0000j)" in shown
