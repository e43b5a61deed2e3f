"""The local Jacobians of linear systems and inverses, and their batching.

Sources: Giles (2008), matrix derivative results for algorithmic differentiation; Golub and Pereyra (1973), the
differentiation of pseudo-inverses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, Pushed, batch, push
from chainrule.jacobians.zeros import ZERO, parts
from chainrule.ops.matrix_parts import (
    adjoint,
    column,
    conjugate,
    hermitian_part,
    of_dtype,
    real_part,
    row,
    skew_part,
)
from chainrule.ops.matrix_parts import hermitian as as_hermitian


class Solve(LocalJacobian):
    """a x = b is linear in b alone: a ẋ = ḃ - ȧ x, b̄ = a⁻ᵀ x̄ and ā = -b̄ xᵀ."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẋ = a⁻¹ (ḃ - ȧ x)."""
        a_dot, b_dot = (x_dot if x_dot is ZERO else parts(x_dot)[0] for x_dot in x_dots)
        if a_dot is ZERO:
            return ZERO if b_dot is ZERO else ops.solve(xs[0], b_dot)
        moved = a_dot @ y
        return ops.solve(xs[0], -moved if b_dot is ZERO else b_dot - moved)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """b̄ = a⁻ᵀ x̄, and ā = -b̄ xᵀ."""
        b_bar = ops.solve(xs[0].mT, parts(y_bar)[0])
        return -(b_bar @ y.mT) if type(operands[0]) is Node else None, b_bar


ops.solve.jacobian = Solve()


class Inverse(LocalJacobian):
    """y = a⁻¹, so ẏ = -y ȧ y and ā = -yᵀ ȳ yᵀ."""

    reads_inputs = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ = -y ȧ y."""
        return ZERO if x_dots[0] is ZERO else -(y @ parts(x_dots[0])[0] @ y)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """ā = -yᵀ ȳ yᵀ."""
        turned = y.mT
        return (-(turned @ parts(y_bar)[0] @ turned),)


ops.inv.jacobian = ops.inverse_or_nan.jacobian = Inverse()


def pinv_push(dots, y, a, rcond, hermitian, truncates):
    """y = a⁺, so ẏ = -y ȧ y + y yᴴ ȧᴴ (1 - a y) + (1 - y a) ȧᴴ yᴴ y, while the rank stays (Golub and Pereyra)."""
    a_dot = dots[0]
    if hermitian:
        a, a_dot = as_hermitian(a), as_hermitian(a_dot)
    one = np.eye(a.shape[-2], dtype=a.dtype)
    y_dot = _pinv_push_times(y, a, a_dot, y, one - a @ y)
    return y_dot + _truncation_push(a, rcond, a_dot) if truncates and a.size else y_dot


class Pseudoinverse(Pushed):
    """The same with its pull written out, where nothing but round-off is cut off."""

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """With g = ȳᵀ, āᵀ = -y g y + (((1 - a y) g y yᴴ) + (yᴴ y g (1 - y a)))ᴴ."""
        if params["hermitian"] or params["truncates"] or type(operands[0]) is not Node:
            return super().pull(y_bar, xs, y, params, operands)
        a = xs[0]
        g = parts(y_bar)[0].mT
        y_adjoint = adjoint(y)
        # By products of the lesser size.
        if a.shape[-2] <= a.shape[-1]:
            g_y = g @ y
            turned = y @ g_y
            outside = (g_y - a @ turned) @ y_adjoint + (y_adjoint @ y) @ (g - g_y @ a)
        else:
            y_g = y @ g
            turned = y_g @ y
            outside = (g - a @ y_g) @ (y @ y_adjoint) + y_adjoint @ (y_g - turned @ a)
        return conjugate(outside) - turned.mT, None


ops.pinv.jacobian = Pseudoinverse(pinv_push)


@push(ops.lstsq)
def lstsq_push(dots, results, a, b, rcond, truncates):
    """x = a⁺ b, so ẋ = ȧ⁺ b + a⁺ ḃ; of r = |e|², where e = b - a x is orthogonal to a, ṙ = 2 Re eᴴ (ḃ - ȧ x)."""
    a_dot, b_dot = dots
    x = results[0]
    limit = np.asarray(rcond)
    y = ops.pinv(a, limit, hermitian=False, truncates=truncates)
    rest = b - a @ x
    if a_dot is ZERO:
        return y @ b_dot, _rest_push(rest, b_dot), ZERO, ZERO
    x_dot = _pinv_push_times(y, a, a_dot, x, rest)
    if truncates and a.size:
        x_dot = x_dot + _truncation_push(a, limit, a_dot) @ b
    moved = -(a_dot @ x)
    if b_dot is not ZERO:
        x_dot, moved = x_dot + y @ b_dot, b_dot + moved
    if truncates:
        # What is left is orthogonal to what is kept of a, and not to the rest.
        moved = moved - a @ x_dot
    u, _, vh = ops.svd(a, full=False)
    s_dot = real_part(ops.reduce_sum(conjugate(u) * (a_dot @ adjoint(vh)), axes=(0,)))
    return x_dot, _rest_push(rest, moved), ZERO, s_dot


def _pinv_push_times(y: Any, a: Any, a_dot: Any, x: Any, rest: Any) -> Any:
    """The push of y = a⁺ times b, for x = y b and rest = b - a x."""
    turned = adjoint(a_dot) @ (adjoint(y) @ x)
    return y @ (adjoint(y) @ (adjoint(a_dot) @ rest) - a_dot @ x - a @ turned) + turned


def _rest_push(rest: Any, moved: Any) -> Any:
    """2 Re eᴴ ė for each column."""
    return real_part(ops.reduce_sum(conjugate(rest) * moved, axes=(0,))) * real_part(rest).dtype.type(2)


def _truncation_push(a: Any, rcond: Any, a_dot: Any) -> Any:
    """What the push of a pseudoinverse lacks where singular values c that are cut off are more than round-off.

    With e = uᴴ ȧ v, h and k its Hermitian and skew parts, and g = 1/s of values s that are kept, the derivative of
    v g uᴴ in the basis of v and u is g (h / (s - c) - k / (s + c)) where a kept value meets one that is cut off. For
    c = 0 that is g² (h - k), which the formula of Golub and Pereyra has; this is the difference.
    """
    u, s, vh = ops.svd(a, full=False)
    kept = _kept(s, rcond)
    zero, one = s.dtype.type(0), s.dtype.type(1)
    cut, inverse = ops.select(kept, zero, s), ops.select(kept, 1 / ops.select(kept, s, one), zero)
    meets = column(kept) != row(kept)
    lost = (column(inverse) + row(inverse)) * (column(inverse) + row(inverse)) * (column(cut) + row(cut))
    apart = ops.absolute(column(s) - row(s))
    near, far = (
        of_dtype(ops.select(meets, lost / ops.select(meets, distance, one), zero), a)
        for distance in (apart, column(s) + row(s))
    )
    e = adjoint(u) @ a_dot @ adjoint(vh)
    return adjoint(vh) @ (hermitian_part(e) * near + skew_part(e) * far) @ adjoint(u)


def _kept(s: Any, rcond: Any) -> Any:
    """Which of descending singular values a pseudoinverse keeps; compared as NumPy does, in double precision."""
    wide = ops.convert(s, dtype=np.dtype(np.float64))
    return wide > ops.reshape(rcond, shape=(*rcond.shape, 1)) * ops.index(wide, path=((..., slice(0, 1)),))


@batch(ops.lstsq)
def lstsq_batch(size, batched, a, b, *, rcond, truncates):
    """The same by pseudoinverses, of which NumPy makes a stack at once."""
    a, b = (
        x if lanes else ops.broadcast_to(x, shape=(size, *x.shape)) for x, lanes in zip((a, b), batched, strict=True)
    )
    limit = np.asarray(rcond)
    x = ops.pinv(a, limit, hermitian=False, truncates=truncates) @ b
    rest = b - a @ x
    residuals = ops.reduce_sum(real_part(conjugate(rest) * rest), axes=(1,))
    s = ops.svdvals(a)
    rank = ops.reduce_sum(_kept(s, limit), axes=(1,)) if s.size else np.zeros(size, np.intp)
    return x, residuals, ops.truncate(rank, dtype=np.dtype(np.intc)), s
