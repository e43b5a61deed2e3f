"""The works: the table of what `cr.jit` is asked to be fast at."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.compiled import programs
from benchmarks.compiled.work import Work


def works(quick: bool) -> list[Work]:
    """All of them; the quick ones are as many, and smaller where they would take long."""
    lengths = [10, 100, 1000] if quick else [1000, 100_000, 10_000_000]
    tables = [(20, 5), (50, 10)] if quick else [(200, 5), (10_000, 100)]
    return [
        *(_rosenbrock(n, aim) for n, aim in [(2, 1.5), (100, 2.0), (500 if quick else 10_000, 1.5)]),
        *map(chain, lengths),
        *(_logistic(n, d) for n, d in tables),
        _energy(16 if quick else 256),
        *(_network(dtype, quick) for dtype in (np.float32, np.float64)),
        _hvp(50 if quick else 1000),
    ]


def _rosenbrock(n: int, aim: float) -> Work:
    x = np.linspace(-1, 1.2, n)
    title = f"gradient of Rosenbrock's function, n = {n}"
    drjit = programs.rosenbrock_drjit
    return Work(f"jit-rosenbrock-{n}", title, programs.rosenbrock, (x,), "rosenbrock", aim, drjit=drjit)


def _hvp(n: int) -> Work:
    x, v = np.linspace(-1, 1.2, n), np.cos(np.arange(n))
    title = f"Hessian of Rosenbrock's function times a vector, n = {n}"
    return Work("jit-hvp", title, programs.rosenbrock, (x,), "rosenbrock_hvp", 1.5, direction=v)


def chain(n: int) -> Work:
    """Elementwise functions, one after the other."""
    x = np.linspace(-2, 2, n)
    title = f"gradient of Σ tanh(x) exp(−x²) + log1p(x²), n = {n}"
    return Work(f"jit-chain-{n}", title, programs.chain, (x,), "chain", 1.0, drjit=programs.chain)


def _logistic(n: int, d: int) -> Work:
    generator = np.random.default_rng(1)
    X, w = generator.normal(size=(n, d)), generator.normal(size=d) / np.sqrt(d)
    y = np.where(generator.random(n) < 0.5, -1.0, 1.0)
    title = f"gradient of logistic regression, {n} by {d}"
    program = programs.logistic
    return Work(f"jit-logistic-{n}", title, program, (w, X, y), "logistic", 1.3, drjit=program)


def _energy(n: int) -> Work:
    x = np.random.default_rng(2).normal(size=(n, 3))
    title = f"gradient of the energy of {n} bodies"
    return Work("jit-energy", title, programs.energy, (x,), "energy", 1.3, drjit=programs.energy)


def _network(dtype: type, quick: bool) -> Work:
    generator = np.random.default_rng(3)
    batch, sizes = (8, [20, 16, 16, 10]) if quick else (128, [784, 256, 256, 10])
    weights = [
        (
            (generator.normal(size=(m, n)) * np.sqrt(2 / m)).astype(dtype),
            (0.01 * generator.normal(size=n)).astype(dtype),
        )
        for m, n in itertools.pairwise(sizes)
    ]
    images = generator.normal(size=(batch, sizes[0])).astype(dtype)
    labels = generator.integers(sizes[-1], size=batch)
    name = np.dtype(dtype).name
    return Work(
        f"jit-network-{name}",
        f"gradient of a network {'-'.join(map(str, sizes))}, {batch} images, {name}",
        programs.network,
        (weights, images, labels),
        f"network_{name}",
        1.0,
        torch=programs.network_torch,
        tolerance=1e-4 if dtype is np.float32 else 1e-10,
    )
