"""Seeing the chain rule: every local Jacobian, every path, and the sum, of one run of a function.

The package can be called: `cr.explain(f, x)` is `cr.explain.explain(f, x)`.

>>> import chainrule as cr
>>> cr.explain(lambda a, b: (a + b) * (b + 1), 3.0, 2.0, argnums=(0, 1)).gradient
(np.float64(3.0), np.float64(8.0))
"""

import sys
from types import ModuleType
from typing import Any

from chainrule.explain.entry import explain
from chainrule.explain.explanation import Explanation
from chainrule.explain.health.debugging import debug
from chainrule.explain.run.level import name

__all__ = ["Explanation", "debug", "explain", "name"]


class _Package(ModuleType):
    """A module that explains when it is called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `explain`."""
        return explain(*args, **kwargs)


sys.modules[__name__].__class__ = _Package
