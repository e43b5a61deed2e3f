"""What a name of one of SciPy's modules is in ours: our function, a refusal of traced values, or the object itself."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.numpy import counterpart, front_ends


def look_up(original: ModuleType, namespace: dict[str, Any]) -> Callable[[str], Any]:
    """The `__getattr__` of our module for one of SciPy's; what is found is kept as an attribute."""

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {original.__name__!r} has no attribute {name!r}")
        value = getattr(original, name)
        if isinstance(value, ModuleType):
            return value
        found = namespace[name] = counterpart(value) if isinstance(value, np.ufunc) else front_ends.entry(value)
        if found is None:
            found = namespace[name] = value
        return found

    return find
