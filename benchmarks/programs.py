"""The programs whose derivatives are taken. Each takes the NumPy that it runs over."""

from __future__ import annotations

from typing import Any

import numpy

Numpy = Any


def chain(x: Any, np: Numpy = numpy) -> Any:
    """600 operations one after the other."""
    for _ in range(200):
        x = np.sin(x) * 1.1 + 0.1
    return np.sum(x)


def rosenbrock(x: Any, np: Numpy = numpy) -> Any:
    """The banana-shaped valley in any number of dimensions."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def network(weights: Any, images: Any, np: Numpy = numpy) -> Any:
    """The squared output of three layers, two of them with tanh."""
    units = images
    for layer in weights[:-1]:
        units = np.tanh(units @ layer)
    return np.sum((units @ weights[-1]) ** 2)


def recurrence(x: Any, steps: int) -> Any:
    """A damped sum, step by step into an array."""
    y = numpy.zeros(steps)
    y[0] = x[0]
    for k in range(1, steps):
        y[k] = y[k - 1] * 0.99 + x[1]
    return y.sum()


def stacked_recurrence(x: Any, steps: int, np: Numpy = numpy) -> Any:
    """The same without writing to an array, for who cannot."""
    terms = [x[0]]
    for _ in range(1, steps):
        terms.append(terms[-1] * 0.99 + x[1])
    return np.sum(np.stack(terms))


def mixture(x: Any, matrix: Any, np: Numpy = numpy) -> Any:
    """As many results as inputs, each of which depends on all inputs."""
    return np.tanh(matrix @ np.sin(x)) * x


def identity(x: Any) -> Any:
    """What it is given: all that is left is the cost of asking."""
    return x


def scalar_loop(x: Any, operations: int) -> Any:
    """Additions and multiplications of scalars, one operation after the other."""
    for _ in range(operations // 2):
        x = x * 0.999999
        x = x + 1e-6
    return x


def fill(x: Any, size: int) -> Any:
    """An array filled element by element."""
    y = numpy.zeros(size)
    for k in range(size):
        y[k] = x[k] * 2.0
    return y.sum()
