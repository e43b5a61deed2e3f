"""Fixed points of iterations, differentiated by the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.interop.autograd.builtins import tuple
from chainrule.interop.autograd.core import make_vjp
from chainrule.interop.autograd.extend import defvjp, primitive, vspace


@primitive
def fixed_point(f: Any, a: Any, x0: Any, distance: Any, tol: Any) -> Any:
    """Iterate x = f(a)(x) from x0 until steps are not longer than `tol`."""
    step = f(a)
    x_prev, x = x0, step(x0)
    while distance(x, x_prev) > tol:
        x_prev, x = x, step(x)
    return x


def fixed_point_vjp(ans: Any, f: Any, a: Any, x0: Any, distance: Any, tol: Any) -> Callable[[Any], Any]:
    """x = f(a)(x), so ā = (∂f/∂a)ᵀ w with w = (∂f/∂x)ᵀ w + x̄, which is a fixed point in turn."""

    def adjoint_step(parameters: Any) -> Callable[[Any], Any]:
        a, x, x_bar = parameters
        pull_to_x, _ = make_vjp(f(a), x)
        space = vspace(x)
        return lambda w: space.add(pull_to_x(w), x_bar)

    pull_to_a, _ = make_vjp(lambda a: f(a)(ans), a)
    return lambda g: pull_to_a(fixed_point(adjoint_step, tuple((a, ans, g)), vspace(x0).zeros(), distance, tol))


defvjp(fixed_point, None, fixed_point_vjp, None)
