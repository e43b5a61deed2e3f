"""Polynomials, whose coefficients are in the last axis, that of the highest power first."""

from typing import Any

import numpy as np

from chainrule.ops.complex_parts import complex_dtype
from chainrule.trace import Abstract, Op


def _roots_evaluate(p: Any, /, *, leading: int) -> Any:
    roots = np.empty((*p.shape[:-1], p.shape[-1] - 1 - leading), complex_dtype(p.dtype))
    for place in np.ndindex(p.shape[:-1]):
        # Those of the highest power that is left; NumPy puts zeros that are certain at the end.
        roots[place] = np.roots(p[place][leading:])
    return roots


def _roots_infer(p: Any, *, leading: int) -> Abstract:
    return Abstract((*p.shape[:-1], p.shape[-1] - 1 - leading), complex_dtype(p.dtype))


def _characteristic_evaluate(a: Any, /) -> Any:
    p = np.empty((*a.shape[:-2], a.shape[-1] + 1), a.dtype)
    for place in np.ndindex(a.shape[:-2]):
        p[place] = np.poly(a[place])
    return p


def _characteristic_infer(a: Any) -> Abstract:
    return Abstract((*a.shape[:-2], a.shape[-1] + 1), a.dtype)


# All r with Σₖ pₖ rⁿ⁻ᵏ = 0, for p whose first coefficients, `leading` of them, are 0; complex also where all are real.
polynomial_roots = Op("polynomial_roots", _roots_evaluate, _roots_infer, core=(1,), may_fail=True)
# det(x - a) as a polynomial in x.
characteristic_polynomial = Op(
    "characteristic_polynomial", _characteristic_evaluate, _characteristic_infer, core=(2,), may_fail=True
)
