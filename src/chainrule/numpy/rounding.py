"""Rounding: steps, whose derivative is zero by nature."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.operands import value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufunc_arguments import store
from chainrule.numpy.ufuncs import UFUNCS


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0, out: Any = None) -> Any:  # the name is NumPy's
    """The nearest number with so many decimals; a half goes to the even neighbour."""
    return store(ops.round_decimals(value_of(a), decimals=operator.index(decimals)), out)


@implements(np.fix)
def fix(x: Any, out: Any = None) -> Any:
    """The nearest integer towards zero."""
    return UFUNCS[np.trunc](x, out=out)
