"""The complex step: derivatives from evaluations alone, exact to round-off, to check others by.

For an analytic f with real values on the reals, f(x + ih) = f(x) + ih f'(x) - h² f''(x)/2 - ..., so the imaginary part
over h is f'(x) up to h², and no digits are lost to subtraction however small h is.

Source: Squire and Trapp (1998), Using complex variables to estimate derivatives of real functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.api import grad
from chainrule.demo.watch import Watch

STEP = 1e-30


def gradient_by_complex_step(
    f: Callable[[NDArray[Any]], Any], x: NDArray[Any], advance: Callable[[str], None]
) -> NDArray[Any]:
    """The gradient of f at x, one evaluation for each entry.

    >>> gradient_by_complex_step(lambda x: np.sum(x**3), np.array([1.0, 2.0]), lambda remark: None)
    array([ 3., 12.])
    """
    z = x.astype(complex)
    gradient = np.empty_like(x)
    for k in range(x.size):
        z[k] += STEP * 1j
        gradient[k] = f(z).imag / STEP
        z[k] = x[k]
        advance("")
    return gradient


def largest_difference(title: str, f: Callable[[NDArray[Any]], Any], x: NDArray[Any], watch: Watch) -> float:
    """How far the gradient by the chain rule is from the one by complex steps, relative to the largest entry."""
    with watch.stage(title, x.size) as advance:
        expected = gradient_by_complex_step(f, x, advance)
    return float(np.abs(grad(f)(x) - expected).max() / np.abs(expected).max())
