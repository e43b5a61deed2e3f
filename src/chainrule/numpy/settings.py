"""What NumPy does about divisions by zero and overflows: settings that a compiled run does not heed."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.effects import affected
from chainrule.numpy.table import implements

# What leaves the results as they are. A warning is given when a run is recorded.
_HARMLESS = (None, "ignore", "warn")


@implements(np.errstate)
def errstate(**settings: Any) -> np.errstate:
    """NumPy's own. Where a function asks for errors, or to be called, a compiled run would do neither."""
    call = settings.get("call")
    if call is not None or any(settings[name] not in _HARMLESS for name in settings if name != "call"):
        affected("asks NumPy with `np.errstate` to raise errors or to call a function")
    return np.errstate(**settings)


@implements(np.seterr)
def seterr(*settings: Any, **named: Any) -> Any:
    """NumPy's own, which has its effect beyond the function."""
    affected("changes the settings of NumPy with `np.seterr`")
    return np.seterr(*settings, **named)
