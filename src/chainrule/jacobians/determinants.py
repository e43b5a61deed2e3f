"""The local Jacobians of determinants."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, Pushed, batch
from chainrule.jacobians.zeros import PLAIN, ZERO, add, apply_movement, parts, scale
from chainrule.ops.determinants import cofactors_of
from chainrule.ops.matrix_parts import column

_DOUBLE = np.dtype(np.float64)


def det_push(a_dots, d, a):
    """d = det a, so ḋ = Σ c ȧ with the cofactors c = ∂d/∂a, which are finite for a singular matrix too."""
    return _summed(_cofactors(a, d) * a_dots[0])


class Determinant(Pushed):
    """The same with its pull written out."""

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """ā = c d̄."""
        return (_scaled(_cofactors(xs[0], y), y_bar),)


ops.det.jacobian = Determinant(det_push)


def _cofactors(a: Any, d: Any) -> Any:
    """The cofactors of matrices whose determinants are known; if these are traced, from the matrices alone."""
    return cofactors_of(a, d) if type(a) is ndarray and a.dtype == _DOUBLE else ops.cofactors(a)


def _scaled(weights: Any, y_bar: Any) -> Any:
    """The transpose of a sum of the entries of a matrix by weights."""
    if weights.ndim == 2 and type(y_bar) in PLAIN:
        return weights * y_bar
    return scale(weights, apply_movement(_beside_matrices, y_bar))


def _beside_matrices(x: Any) -> Any:
    return column(column(x))


def slogdet_push(a_dots, results, a):
    """With t = tr(a⁻¹ ȧ) the logarithm of |det a| has the tangent Re t, and the sign i Im t times the sign."""
    sign, _ = results
    trace = _summed(ops.inverse_or_nan(a).mT * a_dots[0])
    if trace.dtype.kind != "c":
        return ZERO, trace
    angle = ops.imag(trace)
    return sign * ops.complex_of(angle.dtype.type(0), angle), ops.real(trace)


class LogarithmOfDeterminant(Pushed):
    """The same with its pull written out, for real matrices."""

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """ā = a⁻ᵀ times the cotangent of the logarithm."""
        (a,) = xs
        if a.dtype.kind == "c":
            return super().pull(y_bar, xs, y, params, operands)
        bar = y_bar[1]
        return (bar if bar is ZERO else _scaled(ops.inverse_or_nan(a).mT, bar),)


ops.slogdet.jacobian = LogarithmOfDeterminant(slogdet_push)


class Cofactors(LocalJacobian):
    """c = the derivative of the cofactors of a along directions e₁, e₂, ...: symmetric in these, and linear in each.

    Paired with a further direction e it is the derivative of the determinant along all of them, symmetric in e too. So
    the transpose in any operand is the same op with the cotangent in that operand's place.
    """

    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ċ = Σₖ c with ėₖ in place of eₖ, and c with ȧ as one more direction."""
        y_dot: Any = ZERO
        for k, x_dot in enumerate(x_dots):
            if x_dot is not ZERO:
                y_dot = add(y_dot, ops.cofactors(*_others(xs, k), parts(x_dot)[0]))
        return y_dot

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """ēₖ = c with c̄ in place of eₖ, and ā = c with c̄ as one more direction."""
        values = parts(y_bar)[0]
        return tuple(
            ops.cofactors(*_others(xs, k), values) if type(operand) is Node else None
            for k, operand in enumerate(operands)
        )


ops.cofactors.jacobian = Cofactors()


def _others(xs: tuple[Any, ...], k: int) -> tuple[Any, ...]:
    """The matrix and the directions that are left."""
    return xs if k == 0 else (*xs[:k], *xs[k + 1 :])


@batch(ops.cofactors)
def cofactors_batch(size, batched, *xs):
    """Every operand takes part in the batch."""
    whole = (x if lanes else ops.broadcast_to(x, shape=(size, *x.shape)) for x, lanes in zip(xs, batched, strict=True))
    return ops.cofactors(*whole)


def _summed(x: Any) -> Any:
    """The sum over the last two axes."""
    return ops.reduce_sum(x, axes=(x.ndim - 2, x.ndim - 1))
