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


# Single operations on a vector of 10, each with as little around it as makes one number of it.


def where(x: Any, np: Numpy = numpy) -> Any:
    """A choice by sign."""
    return np.sum(np.where(x > 0, x, 2 * x))


def maximum(x: Any, np: Numpy = numpy) -> Any:
    """The greater of an element and a number."""
    return np.sum(np.maximum(x, 0.5))


def arctan2(x: Any, np: Numpy = numpy) -> Any:
    """An angle, of two arguments."""
    return np.sum(np.arctan2(x, 2.0))


def tanh(x: Any, np: Numpy = numpy) -> Any:
    """A function of one argument."""
    return np.sum(np.tanh(x))


def variance(x: Any, np: Numpy = numpy) -> Any:
    """The mean squared distance from the mean."""
    return np.var(x)


def norm(x: Any, np: Numpy = numpy) -> Any:
    """The Euclidean length."""
    return np.linalg.norm(x)


def gather(x: Any, np: Numpy = numpy) -> Any:
    """Some elements, one of them twice, by an array of indices."""
    return np.sum(x[_INDICES])


def concatenate(x: Any, np: Numpy = numpy) -> Any:
    """Two vectors as one."""
    return np.sum(np.concatenate([x, 2 * x]))


def sort(x: Any, np: Numpy = numpy) -> Any:
    """The elements in order."""
    return np.sum(np.sort(x))


def quadratic(x: Any, np: Numpy = numpy) -> Any:
    """A quadratic form."""
    return x @ _MATRIX @ x


def mean(x: Any, np: Numpy = numpy) -> Any:
    """The mean of exponentials."""
    return np.mean(np.exp(x))


def product(x: Any, np: Numpy = numpy) -> Any:
    """All elements multiplied."""
    return np.prod(x)


def logsumexp(x: Any, np: Numpy = numpy) -> Any:
    """The logarithm of a sum of exponentials, the greatest of which is taken out first."""
    greatest = np.max(x)
    return greatest + np.log(np.sum(np.exp(x - greatest)))


def cholesky(x: Any, np: Numpy = numpy) -> Any:
    """The triangular factor of a matrix."""
    return np.sum(np.linalg.cholesky(_definite(x, np)))


def solve(x: Any, np: Numpy = numpy) -> Any:
    """The solution of three linear equations."""
    return np.sum(np.linalg.solve(_definite(x, np), x[:3]))


def _definite(x: Any, np: Numpy) -> Any:
    """A positive definite 3 by 3 matrix."""
    square = np.reshape(x[:9], (3, 3))
    return square @ square.T + _IDENTITY


_INDICES = numpy.array([0, 3, 3, 7, 9])
_MATRIX = numpy.arange(100.0).reshape(10, 10) / 100
_IDENTITY = numpy.eye(3)
