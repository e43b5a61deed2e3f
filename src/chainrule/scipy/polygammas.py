"""Functions of `scipy.special` made of the gamma function that are no ufuncs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array, look, wrap
from chainrule.numpy.operands import converted, promoted, value_of


@traced_form(special.polygamma)
def polygamma(n: Any, x: Any) -> Any:
    """The derivative of order n of the digamma function."""
    order, value = value_of(n), converted(value_of(x), np.float64)
    # SciPy returns an array without axes where it might return a number.
    return Array(ops.polygamma(converted(order, np.float64), value))


@traced_form(special.zeta)
def zeta(x: Any, q: Any = None, out: Any = None) -> Any:
    """The Hurwitz zeta function, Σ (k + q)⁻ˣ over k from 0 on; for q = 1 Riemann's."""
    result = wrap(ops.zeta(*promoted(np.arctan2, (x, 1 if q is None else q))))
    if out is None:
        return result
    out[...] = result
    return out


@traced_form(special.multigammaln)
def multigammaln(a: Any, d: Any) -> Any:
    """The logarithm of the multivariate gamma function of dimension d."""
    value = converted(value_of(a), np.float64)
    count = int(look(value_of(d)))
    if count != look(value_of(d)) or count < 1:
        raise ValueError("d should be a positive integer (dimension)")
    if not bool(look(ops.reduce_all(value > 0.5 * (count - 1), axes=tuple(range(value.ndim))))):
        raise ValueError(f"condition a ({0.5 * (count - 1):f}) > 0.5 * (d-1) ({0.5 * (count - 1):f}) not met")
    total = count * (count - 1) * 0.25 * math.log(math.pi) + ops.gammaln(value)
    for k in range(1, count):
        total = total + ops.gammaln(value - 0.5 * k)
    return wrap(total)
