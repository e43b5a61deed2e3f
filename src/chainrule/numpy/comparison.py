"""Comparisons of whole arrays, and questions about single elements that are no ufuncs. None has a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import look, look_for, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, is_traced, value_of
from chainrule.numpy.table import implements
from chainrule.numpy.ufuncs import UFUNCS


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Whether |a - b| ≤ atol + rtol·|b|, element by element."""
    x, y, rtol, atol = (v if type(v) in PYTHON_NUMBERS else wrap(value_of(v)) for v in (a, b, rtol, atol))
    if type(y) is int:
        y = float(y)
    elif type(y) not in PYTHON_NUMBERS:
        y = y.astype(np.result_type(y.dtype, 1.0))
    absolute, isfinite, isnan = UFUNCS[np.absolute], UFUNCS[np.isfinite], UFUNCS[np.isnan]
    with np.errstate(invalid="ignore"):
        near = UFUNCS[np.less_equal](absolute(UFUNCS[np.subtract](x, y)), atol + rtol * absolute(y))
        result = (near & isfinite(y)) | UFUNCS[np.equal](x, y)
        if equal_nan:
            result = result | (isnan(x) & isnan(y))
    return result


@implements(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close to each other."""
    return look_for(ops.reduce_all, value_of(isclose(a, b, rtol, atol, equal_nan)))


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """Whether two arrays have the same shape and the same elements."""
    x, y = wrap(value_of(a1)), wrap(value_of(a2))
    if np.shape(x) != np.shape(y):
        return False
    if not is_traced((x, y)):
        return bool(np.array_equal(look(value_of(x)), look(value_of(y)), equal_nan=equal_nan))
    same = UFUNCS[np.equal](x, y)
    if equal_nan:
        same = same | (UFUNCS[np.isnan](x) & UFUNCS[np.isnan](y))
    return look_for(ops.reduce_all, value_of(same))


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> bool:
    """Whether two arrays have the same elements once one is broadcast to the other."""
    x, y = wrap(value_of(a1)), wrap(value_of(a2))
    if not is_traced((x, y)):
        return bool(np.array_equiv(look(value_of(x)), look(value_of(y))))
    try:
        np.broadcast_shapes(np.shape(x), np.shape(y))
    except ValueError:
        return False
    return look_for(ops.reduce_all, value_of(UFUNCS[np.equal](x, y)))


@implements(np.isposinf)
def isposinf(x: Any, out: Any = None) -> Any:
    """Whether each element is positive infinity."""
    return UFUNCS[np.logical_and](UFUNCS[np.isinf](x), ~UFUNCS[np.signbit](x), out=out)


@implements(np.isneginf)
def isneginf(x: Any, out: Any = None) -> Any:
    """Whether each element is negative infinity."""
    return UFUNCS[np.logical_and](UFUNCS[np.isinf](x), UFUNCS[np.signbit](x), out=out)
