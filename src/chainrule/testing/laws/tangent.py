"""The law of tangents: the push is the derivative that numbers give."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.api.products import jvp
from chainrule.testing.comparison import close, magnitude
from chainrule.testing.numerical import (
    central_difference,
    complex_step,
    mixed_complex_step,
    mixed_difference,
)
from chainrule.testing.sample import Case, results

# Of the greatest number in the derivative or the value. The complex step leaves nothing but round-off.
BY_COMPLEX_STEP = 1e-12
BY_DIFFERENCES = 1e-8
IN_SINGLE_PRECISION = 1e-4


def tangent(case: Case) -> None:
    """The push along a random direction, and for complex operands also along i times it, is the numerical derivative.

    Single precision is compared with the numerical derivative in double precision at the same numbers.
    """
    x_dots = case.directions("tangent")
    for turned in (x_dots, tuple(1j * x_dot for x_dot in x_dots)) if case.is_complex else (x_dots,):
        x_dots = tuple(x_dot.astype(case.dtype) for x_dot in turned)
        found = results(jvp(case.sample.function, case.inputs, x_dots)[1])
        double = case.double
        expected = derivative(double, tuple(x_dot.astype(double.dtype) for x_dot in x_dots))
        close("tangent", case, "push", expected, found, tolerance(case), magnitude(case.value))


def derivative(case: Case, x_dots: tuple[Any, ...]) -> tuple[Any, ...]:
    """The numerical derivative of a case in double precision."""
    numerical = complex_step if by_complex_step(case) else central_difference
    return _like(case.value, numerical(case.plain, case.inputs, x_dots))


def second_derivative(case: Case, first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    """The numerical second derivative of a case in double precision, in two directions."""
    numerical = mixed_complex_step if by_complex_step(case) else mixed_difference
    return _like(case.value, numerical(case.plain, case.inputs, first, second))


def by_complex_step(case: Case) -> bool:
    """Whether the complex step serves: for complex-differentiable functions of real operands."""
    return case.sample.analytic and not case.is_complex


def tolerance(case: Case) -> float:
    """How far push and numerical derivative may be apart."""
    if case.is_single:
        return IN_SINGLE_PRECISION
    return BY_COMPLEX_STEP if by_complex_step(case) else BY_DIFFERENCES


def _like(values: tuple[Any, ...], derivatives: tuple[Any, ...]) -> tuple[Any, ...]:
    """Derivatives of results that vary; of indices and truth values nothing is expected but zeros."""
    return tuple(
        dy if y.dtype.kind in "fc" else np.zeros(y.shape, y.dtype) for y, dy in zip(values, derivatives, strict=True)
    )
