"""`scipy.linalg`: linear algebra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import scipy
import scipy.linalg as _original

import chainrule.interop.autograd.numpy as anp
import chainrule.scipy.linalg  # its functions are known from then on
from chainrule.interop.autograd.core import defjvp, defjvp_argnums, defvjp, defvjp_argnums
from chainrule.interop.autograd.numpy.rule_makers import pull_of, pull_of_each, push_of
from chainrule.interop.autograd.numpy.wrapping import serve, wrap_namespace
from chainrule.interop.autograd.statements import primitive_jvps, primitive_vjps

_find, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names

if TYPE_CHECKING:
    # What is found.
    def __getattr__(name: str) -> Any: ...


grad_solve_triangular = pull_of(_find("solve_triangular"))
grad_solve_banded = pull_of_each(_find("solve_banded"))
_vjp_sqrtm = pull_of(_find("sqrtm"))
_jvp_sqrtm = push_of(_find("sqrtm"))


def _vjp_sylvester(argnums: Sequence[int], ans: Any, args: Any, _: Any) -> Callable[[Any], Any]:
    pull: Callable[[Any], Any] = primitive_vjps[_find("solve_sylvester")](argnums, ans, args, {})
    return pull


def _jvp_sylvester(argnums: Sequence[int], dms: Any, ans: Any, args: Any, _: Any) -> Any:
    return primitive_jvps[_find("solve_sylvester")](argnums, dms, ans, args, {})


def _flip(a: Any, trans: Any) -> str:
    """The `trans` with which `solve_triangular` solves the transposed system."""
    if trans not in ("N", 0):
        return "N"
    return "H" if anp.iscomplexobj(a) else "T"
