"""Where samples take their numbers from: a function differentiates well only where it is defined and smooth.

A domain is a function of a random generator and a shape that returns a float64 array. Its `complex` form returns a
complex128 array; by default real and imaginary part are drawn alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]


class Domain:
    """Real and complex numbers of one kind.

    >>> POSITIVE(np.random.default_rng(0), (2, 3)).min() > 0
    np.True_
    """

    __slots__ = ("_complex", "_real")

    def __init__(self, real: Draw, complex: Draw | None = None) -> None:  # the kind of number it draws
        self._real = real
        self._complex = complex

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        """Real numbers."""
        return self._real(rng, shape)

    def complex(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        """Complex numbers."""
        if self._complex is not None:
            return self._complex(rng, shape)
        return np.asarray(self._real(rng, shape)) + 1j * np.asarray(self._real(rng, shape))


def domain_of(draw: Any) -> Domain:
    """A domain, also of a plain function that draws real numbers."""
    return draw if isinstance(draw, Domain) else Domain(draw)


def _real(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.normal(size=shape)


def _away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.3, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def _positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.3, 2.5, size=shape)


def _negative(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return -_positive(rng, shape)


def _unit(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(-0.9, 0.9, size=shape)


def _above_one(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(1.2, 3.0, size=shape)


def _distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    # Half-integers apart by one, shaken by less than a quarter: all differ by at least a half, none is near 0 or 1.
    count = int(np.prod(shape, dtype=np.int64))
    steps = np.arange(count) - count // 2 + 0.5
    return (rng.permutation(steps) + rng.uniform(-0.2, 0.2, size=count)).reshape(shape)


def _increasing(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return np.cumsum(rng.uniform(0.5, 1.5, size=shape), axis=-1) - 1.0 if shape else _real(rng, shape)


def _between_integers(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.integers(-3, 3, size=shape) + rng.uniform(0.2, 0.8, size=shape)


def _integral(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.integers(-4, 5, size=shape).astype(float)


def _transposed(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _well_conditioned(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.normal(size=shape) + 2.0 * np.eye(shape[-2], shape[-1]) * np.sqrt(max(shape[-2:]))


def _well_conditioned_complex(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return _well_conditioned(rng, shape) + 1j * rng.normal(size=shape)


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    a = rng.normal(size=shape)
    # A spread diagonal keeps the eigenvalues apart.
    return (a + _transposed(a)) / 4 + np.diag(np.arange(shape[-1]) * 2.0)


def _hermitian(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    a = rng.normal(size=shape)
    return _symmetric(rng, shape) + 1j * (a - _transposed(a)) / 4


def _positive_definite(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    a = rng.normal(size=shape)
    return a @ _transposed(a) / shape[-1] + np.diag(1.0 + np.arange(shape[-1]))


def _positive_definite_complex(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    a = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return a @ _transposed(a.conj()) / shape[-1] + np.diag(1.0 + np.arange(shape[-1]))


# Normally distributed.
REAL = Domain(_real)
# Both signs, at least 0.3 from zero.
NONZERO = Domain(_away_from_zero)
# 0.3 to 2.5.
POSITIVE = Domain(_positive)
NEGATIVE = Domain(_negative)
# -0.9 to 0.9.
UNIT = Domain(_unit)
# 1.2 to 3.
ABOVE_ONE = Domain(_above_one)
# In random order, any two at least a half apart, none an integer: for sorting, extremes, ties.
DISTINCT = Domain(_distinct)
# Increasing along the last axis.
INCREASING = Domain(_increasing)
# At least 0.2 from every integer: for rounding.
BETWEEN_INTEGERS = Domain(_between_integers)
# Small integers, held in floating-point numbers.
INTEGERS = Domain(_integral)
# Matrices, of the last two axes.
WELL_CONDITIONED = Domain(_well_conditioned, _well_conditioned_complex)
SYMMETRIC = Domain(_symmetric, _hermitian)
SPD = Domain(_positive_definite, _positive_definite_complex)
