"""`numpy.linalg` as differentiated functions see it: the same names, on arrays that remember where they came from."""

from typing import Any

import numpy as _numpy

__all__ = list(_numpy.linalg.__all__)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from chainrule.numpy import counterpart

    # Kept as an attribute: the next look-up does not come here.
    found = globals()[name] = counterpart(getattr(_numpy.linalg, name))
    return found


def __dir__() -> list[str]:
    return dir(_numpy.linalg)
