"""`scipy.stats` as differentiated functions see it."""

from __future__ import annotations

from scipy import stats as _original

from chainrule.scipy import distributions, multivariate_distributions
from chainrule.scipy.namespaces import look_up

__all__ = list(_original.__all__)

__getattr__ = look_up(_original, globals())


def __dir__() -> list[str]:
    return dir(_original)


# Modules that put distributions into the table.
_parts = (distributions, multivariate_distributions)
