"""Functions that are Bessel functions under other names."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import array_of, converted, value_of
from chainrule.numpy.table import implements


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """sin(πx) / (πx), and 1 at 0."""
    value = value_of(x)
    return wrap(ops.spherical_bessel(value if value.dtype.kind in "fc" else converted(value, np.float64), order=0))


@implements(np.i0)
def i0(x: Any) -> Any:
    """The modified Bessel function of the first kind and order 0, as an array."""
    value = value_of(x)
    if value.dtype.kind == "c":
        raise TypeError("i0 not supported for complex values")
    result = ops.modified_bessel(value if value.dtype.kind == "f" else converted(value, np.float64), order=0)
    return array_of(result)
