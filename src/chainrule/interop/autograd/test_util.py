"""Checks of derivatives against finite differences, by the names that tests written for autograd import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from chainrule.interop.autograd.core import make_jvp, make_vjp, vspace
from chainrule.interop.autograd.wrap_util import get_name, unary_to_nary

TOL = 1e-6
RTOL = 1e-6
EPS = 1e-6


def scalar_close(a: Any, b: Any) -> Any:
    """Whether two numbers agree, absolutely or relatively."""
    return abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL


def make_numerical_jvp(f: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
    """Jacobian times vector, by a central difference."""
    y = f(x)
    x_vs, y_vs = vspace(x), vspace(y)

    def jvp(v: Any) -> Any:
        above = f(x_vs.add(x, x_vs.scalar_mul(v, EPS / 2)))
        below = f(x_vs.add(x, x_vs.scalar_mul(v, -EPS / 2)))
        return y_vs.scalar_mul(y_vs.add(above, y_vs.scalar_mul(below, -1.0)), 1.0 / EPS)

    return jvp


def check_vjp(f: Callable[[Any], Any], x: Any) -> None:
    """Assert that reverse mode agrees with finite differences in a random direction."""
    vjp, y = make_vjp(f, x)
    jvp = make_numerical_jvp(f, x)
    x_vs, y_vs = vspace(x), vspace(y)
    x_v, y_v = x_vs.randn(), y_vs.randn()
    vjp_y = x_vs.covector(vjp(y_vs.covector(y_v)))
    assert vspace(vjp_y) == x_vs, f"the derivative of {get_name(f)} is of {vspace(vjp_y)}, not of {x_vs}"
    exact = x_vs.inner_prod(x_v, vjp_y)
    numeric = y_vs.inner_prod(y_v, jvp(x_v))
    assert scalar_close(numeric, exact), (
        f"Derivative (VJP) check of {get_name(f)} failed with arg {x}:\nanalytic: {exact}\nnumeric:  {numeric}"
    )


def check_jvp(f: Callable[[Any], Any], x: Any) -> None:
    """Assert that forward mode agrees with finite differences in a random direction."""
    jvp, numeric = make_jvp(f, x), make_numerical_jvp(f, x)
    x_v = vspace(x).randn()
    check_equivalent(jvp(x_v)[1], numeric(x_v))


def check_equivalent(x: Any, y: Any) -> None:
    """Assert that two values are of one vector space, and agree in a random direction."""
    x_vs, y_vs = vspace(x), vspace(y)
    assert x_vs == y_vs, f"VSpace mismatch:\nx: {x_vs}\ny: {y_vs}"
    v = x_vs.randn()
    assert scalar_close(x_vs.inner_prod(x, v), x_vs.inner_prod(y, v)), f"Value mismatch:\nx: {x}\ny: {y}"


@unary_to_nary
def check_grads(f: Callable[[Any], Any], x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """Assert that the derivatives of a function agree with finite differences, up to an order."""
    assert all(mode in ("fwd", "rev") for mode in modes), f"modes are 'fwd' and 'rev', not {modes}"
    if "fwd" in modes:
        check_jvp(f, x)
        if order > 1:

            def push(x: Any, v: Any) -> Any:
                return make_jvp(f, x)(v)[1]

            push.__name__ = f"jvp_{get_name(f)}"
            check_grads(push, (0, 1), modes, order=order - 1)(x, vspace(x).randn())
    if "rev" in modes:
        check_vjp(f, x)
        if order > 1:

            def pull(x: Any, v: Any) -> Any:
                return make_vjp(f, x)[0](v)

            pull.__name__ = f"vjp_{get_name(f)}"
            check_grads(pull, (0, 1), modes, order=order - 1)(x, vspace(f(x)).randn())


def combo_check(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., None]:
    """`check_grads` for all combinations of arguments and keyword arguments that are then given as lists."""

    def check_combinations(*arguments: Any, **keywords: Any) -> None:
        settings = [[(name, x) for x in xs] for name, xs in keywords.items()]
        for chosen in product(*arguments):
            for setting in product(*settings):
                check_grads(fun, *args, **kwargs)(*chosen, **dict(setting))

    return check_combinations
