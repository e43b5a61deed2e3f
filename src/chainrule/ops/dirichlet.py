"""Dirichlet's distribution of numbers that add up to 1."""

from typing import Any

import numpy as np

from chainrule.ops.entropy import xlogy
from chainrule.ops.gamma_functions import gammaln
from chainrule.ops.reduction import reduce_sum
from chainrule.trace import Abstract, Op


def _dirichlet_logarithm_evaluate(x: Any, a: Any, /) -> Any:
    terms = xlogy(a - 1, x)
    last = (a.ndim - 1,)
    normalizer = reduce_sum(gammaln(a), axes=last) - gammaln(reduce_sum(a, axes=last))
    return reduce_sum(terms, axes=(terms.ndim - 1,)) - normalizer


def _dirichlet_logarithm_infer(x: Any, a: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(x.shape, a.shape)[:-1], np.result_type(x.dtype, a.dtype))


# The logarithm of the density at x with parameters a, Σ (a - 1) log x - Σ log Γ(a) + log Γ(Σ a):  (…, n) (…, n) -> (…).
# In recorded programs it is made of its parts.
dirichlet_logarithm = Op(
    "dirichlet_logarithm",
    _dirichlet_logarithm_evaluate,
    _dirichlet_logarithm_infer,
    core=(1, 1),
    composite=True,
)
