"""`numpy.lib.stride_tricks` as differentiated functions see it."""

from typing import Any

import numpy as _numpy

__all__ = [name for name in dir(_numpy.lib.stride_tricks) if not name.startswith("_")]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from chainrule.numpy import counterpart

    # Kept as an attribute: the next look-up does not come here.
    found = globals()[name] = counterpart(getattr(_numpy.lib.stride_tricks, name))
    return found


def __dir__() -> list[str]:
    return dir(_numpy.lib.stride_tricks)
