"""The function of Lambert, which SciPy has as a function of Python's."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.operands import converted, value_of


@traced_form(special.lambertw)
def lambertw(z: Any, k: Any = 0, tol: Any = 1e-8) -> Any:
    """The complex w with w eʷ = z, on the branch k."""
    value = value_of(z)
    return wrap(ops.lambertw(converted(value, np.complex128), branch=int(look(value_of(k)))))
