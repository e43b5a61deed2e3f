"""The local Jacobian of the logarithm of Dirichlet's density."""

from __future__ import annotations

from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import ZERO, add, parts
from chainrule.ops.matrix_parts import column


class DirichletLogarithm(LocalJacobian):
    """y = Σ (a - 1) log x - Σ log Γ(a) + log Γ(Σ a), so ∂y/∂x = (a - 1) / x and ∂y/∂a = log x - ψ(a) + ψ(Σ a)."""

    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = Σ ∂y/∂x ẋ + Σ ∂y/∂a ȧ."""
        y_dot: Any = ZERO
        for partial, x_dot in zip((_by_point, _by_parameters), x_dots, strict=True):
            if x_dot is not ZERO:
                terms = partial(*xs) * parts(x_dot)[0]
                y_dot = add(y_dot, ops.reduce_sum(terms, axes=(terms.ndim - 1,)))
        return y_dot

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ = ∂y/∂x ȳ and ā = ∂y/∂a ȳ."""
        values = parts(y_bar)[0]
        if values.shape:
            values = column(values)
        x, a = operands
        return (
            _by_point(*xs) * values if type(x) is Node else None,
            _by_parameters(*xs) * values if type(a) is Node else None,
        )


def _by_point(x: Any, a: Any) -> Any:
    return kinks.ratio(a - 1, x)


def _by_parameters(x: Any, a: Any) -> Any:
    total = ops.digamma(ops.reduce_sum(a, axes=(a.ndim - 1,)))
    return ops.log(x) - ops.digamma(a) + (column(total) if total.shape else total)


ops.dirichlet_logarithm.jacobian = DirichletLogarithm()
