"""The title of a program whose result is too long to be written out: a call with its arguments."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.5, -1.0])


def mlp(params, x, *, scale=1.0):
    for W, b in params:
        x = np.tanh(W @ x + b) * scale
    return np.sum(x * x) + np.sum(np.exp(x)) + np.sum(np.sin(x) * np.cos(x))


def dictionary(weights):
    first = np.sin(weights["first"]) * np.cos(weights["first"]) + np.exp(weights["second"])
    return np.sum(first * first * np.tanh(first))


@dataclass
class Model:
    scale: float
    bias: float


def of_model(model, x):
    first = np.sin(model.scale * x + model.bias) * np.cos(model.bias)
    return np.sum(first * first * np.tanh(first))


def with_many(alpha_of_the_first, beta_of_the_second, gamma_of_the_third, delta):
    first = alpha_of_the_first * beta_of_the_second + gamma_of_the_third
    return np.sum(first * first * np.tanh(delta * first))


LAYER = [(np.eye(2), np.zeros(2))]


@pytest.mark.parametrize(
    ("f", "arguments", "options", "title"),
    [
        (mlp, (LAYER * 2, X), {}, "y = mlp(params)"),
        (mlp, (LAYER * 2, X), {"argnums": (0, 1)}, "y = mlp(params, x)"),
        (functools.partial(mlp, scale=2.0), (LAYER * 2, X), {}, "y = mlp(params)"),
        (dictionary, ({"first": X, "second": X},), {}, "y = dictionary(weights)"),
        (of_model, (Model(1.0, 2.0), X), {"argnums": (0, 1)}, "y = of_model(model, x)"),
        (
            with_many,
            (X, X, X, X),
            {"argnums": (0, 1, 2, 3)},
            "y = with_many(alpha_of_the_first, beta_of_the_second, …)",
        ),
    ],
)
def test_call(f, arguments, options, title):
    found = cr.explain(f, *arguments, **options).program.title
    assert found == title
    assert len(found) <= 60
