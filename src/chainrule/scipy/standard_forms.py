"""Distributions of `scipy.stats` of one variable with location 0 and scale 1, as formulas of values.

Formulas are made of ops, of numbers in the support and of shapes that make a distribution; those of densities are of
the logarithm where that does not overflow. What depends on shapes alone is put together first: it is no step where the
shapes are constants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.operands import converted

Formula = Callable[..., Any]

_DOUBLE = np.dtype(np.float64)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_LOG_ROOT_TWO_PI = math.log(2 * math.pi) / 2
_LOG_TWO = math.log(2)


@dataclass(frozen=True, slots=True)
class StandardForm:
    """A distribution with location 0 and scale 1, as functions of a number and the shapes.

    inside
        A number in the support, at which formulas are evaluated in place of numbers outside.
    lower, upper
        The ends of the support.
    """

    logpdf: Formula
    cdf: Formula
    sf: Formula
    logcdf: Formula | None = None
    logsf: Formula | None = None
    ppf: Formula | None = None
    isf: Formula | None = None
    pdf: Formula | None = None
    inside: float = 0.5
    lower: float = -math.inf
    upper: float = math.inf
    discrete: bool = False


def _norm_pdf(x: Any) -> Any:
    return ops.exp(ops.square(x) * -0.5) / _ROOT_TWO_PI


def _norm_logpdf(x: Any) -> Any:
    return ops.square(x) * -0.5 - _LOG_ROOT_TWO_PI


def _t_logpdf(x: Any, df: Any) -> Any:
    # SciPy has no special functions in extended precision.
    half = converted(df / 2, _DOUBLE)
    constant = converted(ops.betaln(half, half.dtype.type(0.5)), df.dtype)
    return ops.log1p(ops.square(x) / df) * ((df + 1) / -2) - (ops.log(df) / 2 + constant)


def _beta_logpdf(x: Any, a: Any, b: Any) -> Any:
    return ops.xlog1py(b - 1, -x) + ops.xlogy(a - 1, x) - ops.betaln(a, b)


def _gamma_logpdf(x: Any, a: Any) -> Any:
    return ops.xlogy(a - 1, x) - x - ops.gammaln(a)


def _chi2_logpdf(x: Any, df: Any) -> Any:
    half = df / 2
    return ops.xlogy(half - 1, x) - x / 2 - (ops.gammaln(half) + half * _LOG_TWO)


def _poisson_logpmf(k: Any, mu: Any) -> Any:
    return ops.xlogy(k, mu) - ops.gammaln(k + 1) - mu


STANDARD_FORMS: dict[str, StandardForm] = {
    "norm": StandardForm(
        pdf=_norm_pdf,
        logpdf=_norm_logpdf,
        cdf=ops.ndtr,
        sf=lambda x: ops.ndtr(-x),
        logcdf=ops.log_ndtr,
        logsf=lambda x: ops.log_ndtr(-x),
        ppf=ops.ndtri,
        isf=lambda q: -ops.ndtri(q),
    ),
    "t": StandardForm(
        logpdf=_t_logpdf,
        cdf=lambda x, df: ops.stdtr(df, x),
        sf=lambda x, df: ops.stdtr(df, -x),
        ppf=lambda q, df: ops.stdtrit(df, q),
        isf=lambda q, df: -ops.stdtrit(df, q),
    ),
    "beta": StandardForm(
        logpdf=_beta_logpdf,
        cdf=lambda x, a, b: ops.betainc(a, b, x),
        sf=lambda x, a, b: ops.betaincc(a, b, x),
        ppf=lambda q, a, b: ops.betaincinv(a, b, q),
        lower=0.0,
        upper=1.0,
    ),
    "gamma": StandardForm(
        logpdf=_gamma_logpdf,
        cdf=lambda x, a: ops.gammainc(a, x),
        sf=lambda x, a: ops.gammaincc(a, x),
        ppf=lambda q, a: ops.gammaincinv(a, q),
        isf=lambda q, a: ops.gammainccinv(a, q),
        lower=0.0,
    ),
    "chi2": StandardForm(
        logpdf=_chi2_logpdf,
        cdf=lambda x, df: ops.gammainc(df / 2, x / 2),
        sf=lambda x, df: ops.gammaincc(df / 2, x / 2),
        ppf=lambda q, df: 2 * ops.gammaincinv(df / 2, q),
        isf=lambda q, df: 2 * ops.gammainccinv(df / 2, q),
        lower=0.0,
    ),
    "expon": StandardForm(
        logpdf=lambda x: -x,
        cdf=lambda x: -ops.expm1(-x),
        sf=lambda x: ops.exp(-x),
        logsf=lambda x: -x,
        ppf=lambda q: -ops.log1p(-q),
        isf=lambda q: -ops.log(q),
        lower=0.0,
    ),
    "logistic": StandardForm(
        logpdf=lambda x: ops.log_expit(x) + ops.log_expit(-x),
        cdf=ops.expit,
        sf=lambda x: ops.expit(-x),
        logcdf=ops.log_expit,
        logsf=lambda x: ops.log_expit(-x),
        ppf=ops.logit,
        isf=lambda q: -ops.logit(q),
    ),
    "poisson": StandardForm(
        logpdf=_poisson_logpmf,
        cdf=lambda k, mu: ops.gammaincc(ops.floor(k) + 1, mu),
        sf=lambda k, mu: ops.gammainc(ops.floor(k) + 1, mu),
        inside=1.0,
        lower=0.0,
        discrete=True,
    ),
}
