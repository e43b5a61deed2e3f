"""The programs whose compiled derivatives are timed. Each takes the NumPy that it runs over, or a peer's."""

from __future__ import annotations

from typing import Any

import numpy

from benchmarks.programs import rosenbrock

Numpy = Any

__all__ = ["chain", "energy", "logistic", "network", "network_torch", "rosenbrock", "rosenbrock_drjit"]


def rosenbrock_drjit(x: Any, np: Numpy) -> Any:
    """Rosenbrock's function in Dr.Jit's own words: it gathers from a flat array faster than it slices a tensor."""
    from drjit import arange, gather, width
    from drjit.llvm.ad import Float64, UInt32

    i = arange(UInt32, width(x.array) - 1)
    here, following = gather(Float64, x.array, i), gather(Float64, x.array, i + 1)
    return np.sum(100 * (following - here**2) ** 2 + (1 - here) ** 2)


def chain(x: Any, np: Numpy = numpy) -> Any:
    """Σ tanh(x) exp(−x²) + log1p(x²)."""
    return np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2))


def logistic(w: Any, X: Any, y: Any, np: Numpy = numpy) -> Any:
    """The loss of logistic regression, for labels that are −1 or 1."""
    return np.sum(np.log1p(np.exp(-y * (X @ w))))


def energy(x: Any, np: Numpy = numpy) -> Any:
    """The energy of bodies that repel each other, half of it for each order of a pair; softened at distance 0."""
    d = x[:, None, :] - x[None, :, :]
    return 0.5 * np.sum(1.0 / np.sqrt(np.sum(d * d, axis=-1) + 0.01))


def network(weights: Any, images: Any, labels: Any, np: Numpy = numpy) -> Any:
    """The mean cross entropy of the softmax of three layers, two of them with ReLU."""
    units = images
    for W, b in weights[:-1]:
        units = np.maximum(units @ W + b, 0)
    W, b = weights[-1]
    logits = units @ W + b
    logits = logits - np.max(logits, axis=1, keepdims=True)
    logarithms = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return -np.mean(logarithms[np.arange(len(labels)), labels])


def network_torch(weights: Any, images: Any, labels: Any, np: Numpy) -> Any:
    """The same in PyTorch's own words, which are its fastest."""
    from torch.nn import functional

    units = images
    for W, b in weights[:-1]:
        units = functional.relu(units @ W + b)
    W, b = weights[-1]
    return functional.cross_entropy(units @ W + b, labels)
