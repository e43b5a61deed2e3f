"""The derivatives that are timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy
import numpy as np

import chainrule as cr
from benchmarks import programs
from benchmarks.case import Case


def cases(quick: bool) -> list[Case]:
    """All of them; the quick ones are as many, and smaller where they would take long."""
    generator = np.random.default_rng(0)
    sizes = [(10, 20), (20, 20), (20, 3)]
    weights = [0.3 * generator.normal(size=size) for size in sizes]
    images = generator.normal(size=(32, 10))
    matrix = generator.normal(size=(20, 20)) / 20
    return [
        _chain(np.ones(10)),
        _rosenbrock(np.array([1.0, 2.0])),
        _rosenbrock(np.linspace(0, 1, 100)),
        _network(weights, images),
        _recurrence(np.array([1.0, 0.1]), 100 if quick else 1000),
        _hessian(np.linspace(0, 1, 20)),
        _jacobian(np.linspace(0, 1, 20), matrix),
        _identity(1.5),
        *(_operation(program, title, np.linspace(-1, 2.1, 10)) for program, title in OPERATIONS),
    ]


# Programs that are one operation each, where what a derivative costs beside its arithmetic shows most.
OPERATIONS: list[tuple[Callable[..., Any], str]] = [
    (programs.where, "sum(where(x > 0, x, 2 x))"),
    (programs.maximum, "sum(maximum(x, 0.5))"),
    (programs.arctan2, "sum(arctan2(x, 2))"),
    (programs.tanh, "sum(tanh(x))"),
    (programs.variance, "var(x)"),
    (programs.norm, "norm(x)"),
    (programs.gather, "sum(x[indices])"),
    (programs.concatenate, "sum(concatenate([x, 2 x]))"),
    (programs.sort, "sum(sort(x))"),
    (programs.quadratic, "x @ A @ x"),
    (programs.mean, "mean(exp(x))"),
    (programs.product, "prod(x)"),
    (programs.logsumexp, "log(sum(exp(x))), the greatest taken out"),
    (programs.cholesky, "sum(cholesky(3 by 3))"),
    (programs.solve, "sum(solve(3 by 3, x))"),
]


def _chain(x: np.ndarray) -> Case:
    ours = cr.grad(programs.chain)
    theirs = autograd.grad(lambda x: programs.chain(x, autograd.numpy))
    return Case(
        "chain",
        "gradient of 600 operations on a vector of 10",
        lambda: ours(x),
        lambda: theirs(x),
        lambda: programs.chain(x),
    )


def _rosenbrock(x: np.ndarray) -> Case:
    ours = cr.grad(programs.rosenbrock)
    theirs = autograd.grad(lambda x: programs.rosenbrock(x, autograd.numpy))
    return Case(
        f"rosenbrock-{x.size}",
        f"gradient of Rosenbrock's function, n = {x.size}",
        lambda: ours(x),
        lambda: theirs(x),
        lambda: programs.rosenbrock(x),
    )


def _network(weights: list[np.ndarray], images: np.ndarray) -> Case:
    ours = cr.grad(programs.network)
    theirs = autograd.grad(lambda weights, images: programs.network(weights, images, autograd.numpy))
    return Case(
        "network",
        "gradient of a network of 3 layers, 32 images",
        lambda: ours(weights, images),
        lambda: theirs(weights, images),
        lambda: programs.network(weights, images),
    )


def _recurrence(x: np.ndarray, steps: int) -> Case:
    ours = cr.grad(programs.recurrence)
    theirs = autograd.grad(lambda x: programs.stacked_recurrence(x, steps, autograd.numpy))
    return Case(
        "recurrence",
        f"gradient of {steps} steps (in-place; autograd: stacked)",
        lambda: ours(x, steps),
        lambda: theirs(x),
        lambda: programs.recurrence(x, steps),
    )


def _hessian(x: np.ndarray) -> Case:
    ours = cr.hessian(programs.rosenbrock)
    theirs = autograd.hessian(lambda x: programs.rosenbrock(x, autograd.numpy))
    return Case(
        "hessian",
        f"Hessian of Rosenbrock's function, n = {x.size}",
        lambda: ours(x),
        lambda: theirs(x),
        lambda: programs.rosenbrock(x),
    )


def _jacobian(x: np.ndarray, matrix: np.ndarray) -> Case:
    ours = cr.jacobian(programs.mixture)
    theirs = autograd.jacobian(lambda x, matrix: programs.mixture(x, matrix, autograd.numpy))
    return Case(
        "jacobian",
        f"Jacobian, {x.size} by {x.size}",
        lambda: ours(x, matrix),
        lambda: theirs(x, matrix),
        lambda: programs.mixture(x, matrix),
    )


def _identity(x: float) -> Case:
    ours = cr.grad(programs.identity)
    theirs = autograd.grad(programs.identity)
    return Case(
        "identity", "gradient of x: the call alone", lambda: ours(x), lambda: theirs(x), lambda: programs.identity(x)
    )


def _operation(program: Callable[..., Any], title: str, x: np.ndarray) -> Case:
    ours = cr.grad(program)
    theirs = autograd.grad(lambda x: program(x, autograd.numpy))
    return Case(
        program.__name__,
        f"gradient of {title}",
        lambda: ours(x),
        lambda: theirs(x),
        lambda: program(x),
    )
