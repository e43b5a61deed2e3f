"""SciPy as differentiated functions see it: the same names, on arrays that remember where they came from.

A differentiated function that imports `scipy.special`, `scipy.linalg`, `scipy.stats`, `scipy.signal` or
`scipy.integrate` gets these namespaces without asking. They can also be imported openly, as in
`from chainrule.scipy import special`. SciPy itself is imported when one of them is first met.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

MODULES = ("integrate", "linalg", "signal", "special", "stats")


def stand_in(name: str) -> ModuleType | None:
    """Our module for one of SciPy's, loaded."""
    if name == "scipy":
        return sys.modules[__name__]
    parts = name.split(".")[1:]
    if parts[0] not in MODULES:
        return None
    ours = import_module(f"{__name__}.{parts[0]}")
    return ours if len(parts) == 1 else None


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module("scipy"), name)


def __dir__() -> list[str]:
    return dir(import_module("scipy"))
