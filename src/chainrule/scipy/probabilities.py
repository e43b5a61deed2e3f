"""Distribution functions of `scipy.special` that are incomplete gamma and beta functions by other names.

Each is a function of ops. Source: Olver et al., NIST Handbook of Mathematical Functions, 8.2 and 8.17.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops


def _chdtr(v: Any, x: Any) -> Any:
    """P(X ≤ x) of a χ² variable with v degrees of freedom."""
    return ops.gammainc(v / 2, x / 2)


def _chdtrc(v: Any, x: Any) -> Any:
    """P(X > x) of a χ² variable with v degrees of freedom."""
    return ops.gammaincc(v / 2, x / 2)


def _gdtr(a: Any, b: Any, x: Any) -> Any:
    """P(X ≤ x) of a gamma variable of the shape b and the rate a."""
    return ops.gammainc(b, a * x)


def _gdtrc(a: Any, b: Any, x: Any) -> Any:
    """P(X > x) of a gamma variable of the shape b and the rate a."""
    return ops.gammaincc(b, a * x)


def _fdtr(n: Any, d: Any, x: Any) -> Any:
    """P(X ≤ x) of the F distribution with n and d degrees of freedom."""
    return ops.betainc(n / 2, d / 2, n * x / (d + n * x))


def _fdtrc(n: Any, d: Any, x: Any) -> Any:
    """P(X > x) of the F distribution with n and d degrees of freedom."""
    return ops.betainc(d / 2, n / 2, d / (d + n * x))


def _pdtr(k: Any, m: Any) -> Any:
    """P(K ≤ k) of a Poisson variable of the mean m."""
    return ops.gammaincc(_counted(k), m)


def _pdtrc(k: Any, m: Any) -> Any:
    """P(K > k) of a Poisson variable of the mean m."""
    return ops.gammainc(_counted(k), m)


def _counted(k: Any) -> Any:
    """⌊k⌋ + 1, how many numbers up to k are counted; SciPy gives NaN for k < 0."""
    return ops.select(k < 0, k.dtype.type(np.nan), ops.floor(k) + 1)


CALLS: dict[str, Callable[..., Any]] = {
    "chdtr": _chdtr,
    "chdtrc": _chdtrc,
    "fdtr": _fdtr,
    "fdtrc": _fdtrc,
    "gdtr": _gdtr,
    "gdtrc": _gdtrc,
    "pdtr": _pdtr,
    "pdtrc": _pdtrc,
}
