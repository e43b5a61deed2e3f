"""`scipy.stats.t`: Student's t distribution."""

from typing import Any

import scipy
import scipy.stats as _stats

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.numpy.wrapping import wrapped
from chainrule.interop.autograd.scipy.special import psi
from chainrule.interop.autograd.tracer import primitive

pdf = wrapped(_stats.t.pdf)
cdf = wrapped(_stats.t.cdf)
logpdf = wrapped(_stats.t.logpdf)
logcdf = wrapped(_stats.t.logcdf)


def grad_tlogpdf_diff(diff: Any, df: Any) -> Any:
    """Log p = -(df + 1)/2 log(1 + d²/df) + …, so ∂ log p/∂d = -(df + 1) d/(df + d²)."""
    return -(df + 1) * diff / (df + diff**2)


def grad_tlogpdf_x(x: Any, df: Any, loc: Any, scale: Any) -> Any:
    """∂ log p/∂x, with d = (x - loc)/scale."""
    return grad_tlogpdf_diff((x - loc) / scale, df) / scale


def grad_tlogpdf_loc(x: Any, df: Any, loc: Any, scale: Any) -> Any:
    """∂ log p/∂loc = -∂ log p/∂x."""
    return -grad_tlogpdf_x(x, df, loc, scale)


def grad_tlogpdf_scale(x: Any, df: Any, loc: Any, scale: Any) -> Any:
    """∂ log p/∂scale = -(1 + d ∂ log p/∂d)/scale, since d = (x - loc)/scale, and p has a factor 1/scale."""
    diff = (x - loc) / scale
    return -(1 + diff * grad_tlogpdf_diff(diff, df)) / scale


def grad_tlogpdf_df(x: Any, df: Any, loc: Any, scale: Any) -> Any:
    """2 ∂ log p/∂df = ψ((df + 1)/2) - ψ(df/2) - 1/df - log(1 + d²/df) + (df + 1) d²/(df (df + d²))."""
    square = ((x - loc) / scale) ** 2
    logarithms = psi((df + 1) / 2) - psi(df / 2) - np.log1p(square / df)
    return (logarithms - 1 / df + (df + 1) * square / (df * (df + square))) / 2


__all__ = [
    "cdf",
    "defvjp",
    "grad_tlogpdf_df",
    "grad_tlogpdf_diff",
    "grad_tlogpdf_loc",
    "grad_tlogpdf_scale",
    "grad_tlogpdf_x",
    "logcdf",
    "logpdf",
    "np",
    "pdf",
    "primitive",
    "psi",
    "scipy",
    "unbroadcast_f",
]
