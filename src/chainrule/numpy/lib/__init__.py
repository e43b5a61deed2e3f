"""`numpy.lib` as differentiated functions see it."""

from typing import Any

import numpy as _numpy

from chainrule.numpy.lib import stride_tricks

__all__ = ["stride_tricks"]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from chainrule.numpy import counterpart

    return counterpart(getattr(_numpy.lib, name))


def __dir__() -> list[str]:
    return dir(_numpy.lib)
