"""`scipy.linalg` as differentiated functions see it."""

from __future__ import annotations

from scipy import linalg as _original

from chainrule.scipy import factorizations, matrices, matrix_functions, spectra, structured_matrices
from chainrule.scipy.namespaces import look_up

__all__ = list(_original.__all__)

__getattr__ = look_up(_original, globals())


def __dir__() -> list[str]:
    return dir(_original)


# Modules that put functions of `scipy.linalg` into the table.
_parts = (factorizations, matrices, matrix_functions, spectra, structured_matrices)
