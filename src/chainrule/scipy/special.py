"""`scipy.special` as differentiated functions see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special as _original

from chainrule import ops
from chainrule.numpy import ufuncs
from chainrule.numpy.operands import converted
from chainrule.scipy import lambert, log_sums, polygammas, probabilities
from chainrule.scipy.namespaces import look_up

__all__ = list(_original.__all__)


def _exp10(x: Any) -> Any:
    """10ˣ."""
    return ops.power(x.dtype.type(10), x)


def _sici(x: Any) -> tuple[Any, Any]:
    """The sine and the cosine integral."""
    return ops.sine_integral(x), ops.cosine_integral(x)


def _fresnel(x: Any) -> tuple[Any, Any]:
    """The integrals of sin(πt²/2) and of cos(πt²/2)."""
    return ops.fresnel_sine(x), ops.fresnel_cosine(x)


def _airy(x: Any) -> tuple[Any, Any, Any, Any]:
    """Ai, Ai′, Bi and Bi′."""
    return ops.airy_ai(x), ops.airy_ai_slope(x), ops.airy_bi(x), ops.airy_bi_slope(x)


def _exprel(x: Any) -> Any:
    """(eˣ - 1) / x."""
    return ops.exponential_moment(x, order=0)


def _wofz(x: Any) -> Any:
    """e^(-x²) erfc(-ix), complex of real numbers too."""
    return ops.wofz(converted(x, np.result_type(x.dtype, np.complex64)))


# What the ufuncs do on values that they were promoted for: an op of that name, or a function of ops.
CALLS: dict[str, str | Callable[..., Any]] = {
    **{
        name: name
        for name in """
            gamma gammaln loggamma gammasgn rgamma digamma poch beta betaln binom
            erf erfc erfcx erfi erfinv erfcinv dawsn ndtr ndtri log_ndtr ndtri_exp
            expit log_expit logit xlogy xlog1py entr rel_entr kl_div
            gammainc gammaincc gammaincinv gammainccinv betainc betaincc betaincinv stdtr stdtrit
            j0 j1 jv y0 y1 yn yv i0 i1 iv i0e i1e ive k0 k1 kn kv k0e k1e kve
            cbrt exp2 expm1 log1p cosm1 sindg cosdg tandg owens_t hankel1 hankel2
            exp1 expi expn boxcox boxcox1p huber pseudo_huber spence ellipk ellipkm1 ellipe hyp0f1 hyp1f1 hyp2f1
        """.split()
    },
    **probabilities.CALLS,
    "airy": _airy,
    "exp10": _exp10,
    "exprel": _exprel,
    "fresnel": _fresnel,
    "sici": _sici,
    "round": "rint",
    "wofz": _wofz,
}

for _name, _function in CALLS.items():
    # A version of SciPy may lack some.
    _ufunc = getattr(_original, _name, None)
    if isinstance(_ufunc, np.ufunc):
        ufuncs.CALLS[_ufunc] = _function

__getattr__ = look_up(_original, globals())


def __dir__() -> list[str]:
    return dir(_original)


# Modules that put further functions of `scipy.special` into the table.
_parts = (lambert, log_sums, polygammas)
