"""`scipy.linalg`: linear algebra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import scipy
import scipy.linalg as _original

import chainrule.interop.autograd.numpy as anp
import chainrule.scipy.linalg  # its functions are known from then on
from chainrule.interop.autograd.core import defjvp, defjvp_argnums, defvjp, defvjp_argnums
from chainrule.interop.autograd.numpy.rule_makers import pull_of, pull_of_each, push_of
from chainrule.interop.autograd.numpy.wrapping import serve, wrap_namespace
from chainrule.interop.autograd.statements import primitive_jvps, primitive_vjps

__getattr__, __dir__, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names

grad_solve_triangular = pull_of(__getattr__("solve_triangular"))
grad_solve_banded = pull_of_each(__getattr__("solve_banded"))
_vjp_sqrtm = pull_of(__getattr__("sqrtm"))
_jvp_sqrtm = push_of(__getattr__("sqrtm"))


def _vjp_sylvester(argnums: Sequence[int], ans: Any, args: Any, _: Any) -> Callable[[Any], Any]:
    pull: Callable[[Any], Any] = primitive_vjps[__getattr__("solve_sylvester")](argnums, ans, args, {})
    return pull


def _jvp_sylvester(argnums: Sequence[int], dms: Any, ans: Any, args: Any, _: Any) -> Any:
    return primitive_jvps[__getattr__("solve_sylvester")](argnums, dms, ans, args, {})


def _flip(a: Any, trans: Any) -> str:
    """The `trans` with which `solve_triangular` solves the transposed system."""
    if trans not in ("N", 0):
        return "N"
    return "H" if anp.iscomplexobj(a) else "T"
