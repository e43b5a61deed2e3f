"""Windows with a parameter that they are differentiated in; the others are constants (`creation`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.bessel import i0
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import fresh
from chainrule.numpy.operands import array_of


@traced_form(np.kaiser)
def kaiser(M: Any, beta: Any) -> Any:
    """The Kaiser window of M points, I₀(β √(1 - t²)) / I₀(β) for t from -1 to 1."""
    shape = array_of(beta).astype(np.float64)[()]
    if M == 1:
        return fresh(np.ones(1))
    half = (M - 1) / 2.0
    places = (np.arange(0, M) - half) / half
    return i0(shape * np.sqrt(1 - places**2)) / i0(shape)
