"""`scipy.integrate`: integrals and differential equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import scipy
import scipy.integrate as _original

import chainrule.interop.autograd.numpy as np
import chainrule.scipy.integrate  # its functions are known from then on
from chainrule.interop.autograd.builtins import tuple
from chainrule.interop.autograd.core import defvjp_argnums
from chainrule.interop.autograd.differential_operators import make_vjp
from chainrule.interop.autograd.following import pulled_back
from chainrule.interop.autograd.misc.flatten import flatten
from chainrule.interop.autograd.numpy.wrapping import serve
from chainrule.interop.autograd.tracer import primitive

_find, __all__ = serve(_original, globals())  # noqa: PLE0605, RUF100  # SciPy's names

if TYPE_CHECKING:
    # What is found.
    def __getattr__(name: str) -> Any: ...


def grad_odeint(yt: Any, func: Any, y0: Any, t: Any, func_args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """The pull of `odeint` for all arguments at once; there is none for the function."""

    def vjp_all(g: Any) -> Any:
        return (None, *pulled_back(_find("odeint"), (1, 2, 3), kwargs, g, func, y0, t, func_args))

    return vjp_all


def argnums_unpack(all_vjp_builder: Callable[..., Any]) -> Callable[..., Any]:
    """From the maker of a pull for all arguments to one for those that are asked for, as `defvjp_argnums` takes it."""

    def build_selected_vjps(argnums: Sequence[int], ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        pull = all_vjp_builder(ans, *args, **kwargs)

        def chosen_vjps(g: Any) -> Any:
            x_bars = pull(g)
            return [x_bars[argnum] for argnum in argnums]

        return chosen_vjps

    return build_selected_vjps
