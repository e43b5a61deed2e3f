"""The local Jacobians of factorizations and spectra.

Sources: Giles (2008), matrix derivative results for algorithmic differentiation; Townsend (2016), differentiating the
singular value decomposition; Seeger et al. (2017), auto-differentiating linear algebra; Boeddeker et al. (2017), on the
computation of complex-valued gradients; Ballard et al. (2014), reconstructing Householder vectors from tall-skinny QR.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import LocalJacobian, Pushed, push
from chainrule.jacobians.zeros import ZERO, choose, parts
from chainrule.ops.matrix_parts import (
    adjoint,
    below_diagonal,
    column,
    conjugate,
    diagonal,
    hermitian,
    hermitian_part,
    lower_mask,
    lower_triangle,
    of_dtype,
    on_diagonal,
    real_part,
    row,
    skew_part,
    split_diagonal,
)


class Cholesky(LocalJacobian):
    """a = l lᴴ, so l̇ = l Φ(l⁻¹ ȧ l⁻ᴴ), where Φ takes the lower triangle and half the diagonal (Giles 2008)."""

    reads_inputs = False

    def push(self, x_dots: Any, xs: Any, y: Any, params: Any) -> Any:
        """l̇, or u̇ = l̇ᴴ, since a = uᴴ u is l lᴴ with l = uᴴ."""
        if x_dots[0] is ZERO:
            return ZERO
        upper = params["upper"]
        l = adjoint(y) if upper else y  # noqa: E741  # the name that the factor has everywhere
        inverse = ops.inv(l)
        a_dot = hermitian(parts(x_dots[0])[0], lower=not upper)
        l_dot = l @ split_diagonal(inverse @ a_dot @ adjoint(inverse))
        return adjoint(l_dot) if upper else l_dot

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā = Φ(s + sᴴ) with s = l⁻ᵀ Φ(lᵀ l̄) (l⁻ᴴ)ᵀ: only one triangle of a was read."""
        upper = params["upper"]
        l_bar = parts(y_bar)[0]
        l = y  # noqa: E741  # the name that the factor has everywhere
        if upper:
            l, l_bar = adjoint(y), adjoint(l_bar)  # noqa: E741  # the name that the factor has everywhere
        inverse = ops.inv(l)
        s = inverse.mT @ split_diagonal(l.mT @ l_bar) @ conjugate(inverse)
        a_bar = lower_triangle(split_diagonal(s + adjoint(s)))
        return (adjoint(a_bar) if upper else a_bar,)


ops.cholesky.jacobian = Cholesky()


@push(ops.qr)
def qr_push(a_dots, results, a, complete):
    """a = q r, so with b = qᴴ ȧ and Ω = qᴴ q̇, ṙ = b - Ω r and q̇ = q Ω + (ȧ - q b) r⁻¹ (Seeger et al. 2017).

    Of the first columns, Ω is skew and b r⁻¹ - Ω upper triangular with a real diagonal, which leaves one choice.
    """
    m, n = a.shape[-2:]
    k = min(m, n)
    q_all, r_all = results
    q, r = _columns(q_all, 0, k), _rows(r_all, 0, k)
    a_dot = a_dots[0]
    b = adjoint(q) @ a_dot
    inverse = ops.inverse_or_nan(_columns(r, 0, k))
    leading = _columns(b, 0, k)
    omega = _skew_part_of_triangular_sum(leading @ inverse)
    q_dot, r_dot = q @ omega, b - omega @ r
    if m > n:
        q_dot = q_dot + (_columns(a_dot, 0, k) - q @ leading) @ inverse
    if not complete or m <= n:
        return q_dot, r_dot
    rest_dot = _completion_push(q_all, q_dot, n)
    r_dot = ops.place(r_dot, path=((..., slice(0, k), slice(None)),), shape=r_all.shape)
    return ops.concatenate(q_dot, rest_dot, axis=q_dot.ndim - 1), r_dot


def _skew_part_of_triangular_sum(m: Any) -> Any:
    """The skew matrix Ω for which m - Ω is upper triangular with a real diagonal."""
    below = below_diagonal(m)
    omega = below - adjoint(below)
    if m.dtype.kind != "c":
        return omega
    angle = ops.imag(on_diagonal(m))
    return omega + ops.complex_of(angle.dtype.type(0), angle)


def _completion_push(q_all: Any, q_dot: Any, n: int) -> Any:
    """The tangent of the columns that complete q to a square matrix, which LAPACK makes of the reflections for q.

    These reflections are known from q = (q₁, q₂), by rows: the further columns are (0, 1) + ((1, 0) - q) (1 - q₁)⁻ᴴ q₂ᴴ
    (Ballard et al. 2014). Where a reflection was left out, since there was nothing to reflect, 1 - q₁ is singular; the
    further columns then turn as little as orthogonality permits.
    """
    m = q_all.shape[-2]
    q, further = _columns(q_all, 0, n), _columns(q_all, n, m)
    one = np.eye(m, n, dtype=q.dtype)
    inverse = adjoint(ops.inverse_or_nan(_rows(one, 0, n) - _rows(q, 0, n)))
    k = inverse @ adjoint(_rows(q, n, m))
    k_dot = inverse @ (adjoint(_rows(q_dot, n, m)) + adjoint(_rows(q_dot, 0, n)) @ k)
    reflected = (one - q) @ k_dot - q_dot @ k
    least = -(q @ (adjoint(q_dot) @ further))
    known = ops.reduce_all(ops.isfinite(inverse), axes=(k.ndim - 2, k.ndim - 1))
    return ops.select(column(column(known)), reflected, least)


@push(ops.lu)
def lu_push(a_dots, results, a):
    """p a = l u, so with m = l⁻¹ p ȧ u⁻¹, l̇ = l (m below its diagonal) and u̇ = (the rest of m) u, of the first rows.

    Further rows of l are p a u⁻¹, and further columns of u are l⁻¹ p a.
    """
    packed, order, _ = results
    m, n = a.shape[-2:]
    k = min(m, n)
    a_dot = ops.permuted(a_dots[0], ops.broadcast_to(column(order), shape=a.shape), axis=a.ndim - 2)
    head = _rows(_columns(packed, 0, k), 0, k)
    l = below_diagonal(head) + np.eye(k, dtype=a.dtype)  # noqa: E741  # the name that the factor has everywhere
    u = head - below_diagonal(head)
    l_inverse, u_inverse = ops.inverse_or_nan(l), ops.inverse_or_nan(u)
    middle = l_inverse @ _rows(_columns(a_dot, 0, k), 0, k) @ u_inverse
    l_dot, u_dot = l @ below_diagonal(middle), (middle - below_diagonal(middle)) @ u
    dot = below_diagonal(l_dot) + (u_dot - below_diagonal(u_dot))
    if m > n:
        further = (_rows(a_dot, k, m) - _rows(packed, k, m) @ u_dot) @ u_inverse
        dot = ops.concatenate(dot, further, axis=a.ndim - 2)
    elif n > m:
        further = l_inverse @ (_columns(a_dot, k, n) - l_dot @ _columns(packed, k, n))
        dot = ops.concatenate(dot, further, axis=a.ndim - 1)
    return dot, ZERO, ZERO


def eigh_push(a_dots, results, _a, lower, driver=None):
    """a v = v diag(w), so with m = vᴴ ȧ v, ẇ = diag m and v̇ = v Ω with Ωᵢⱼ = mᵢⱼ / (wⱼ - wᵢ), 0 at ties (kinks)."""
    w, v = results
    m = adjoint(v) @ hermitian(a_dots[0], lower=lower) @ v
    return real_part(diagonal(m)), v @ _over_gaps(m, w)


class Eigh(Pushed):
    """The same with its pull written out."""

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā is a triangle of the matrix s + sᴴ with s = conj(v) m̄ vᵀ."""
        w, v = y
        return (_pulled_to_triangle(conjugate(v) @ _pulled_to_middle(y_bar, w, v), params["lower"]),)


ops.eigh.jacobian = Eigh(eigh_push)


def _pulled_to_triangle(s: Any, lower: bool) -> Any:
    """The cotangent of the matrix of which one triangle is read, as a Hermitian matrix with the cotangent s."""
    read = lower_mask(s.shape[-1])
    half = split_diagonal(s + adjoint(s))
    return choose(read, half) if lower else choose(read.T, adjoint(half))


def _over_gaps(m: Any, w: Any) -> Any:
    """mᵢⱼ / (wⱼ - wᵢ), and 0 at ties."""
    return kinks.over_gap(m, row(w) - column(w), _round_off(w))


def _pulled_to_middle(y_bar: Any, w: Any, v: Any) -> Any:
    """m̄ vᵀ for the matrix m of which ẇ is the diagonal, and v Ω the tangent of the vectors."""
    w_bar, v_bar = y_bar
    values = ZERO if w_bar is ZERO else column(of_dtype(parts(w_bar)[0], v)) * v.mT
    if v_bar is ZERO:
        return values
    vectors = _over_gaps(v.mT @ parts(v_bar)[0], w) @ v.mT
    return vectors if values is ZERO else values + vectors


def eigvalsh_push(a_dots, _w, a, lower):
    """ẇ = diag(vᴴ ȧ v) with the eigenvectors v, found for the derivative alone."""
    _, v = ops.eigh(a, lower=lower)
    return _quadratic_forms(v, hermitian(a_dots[0], lower=lower), v)


class Eigvalsh(Pushed):
    """The same with its pull written out."""

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā is a triangle of the matrix s + sᴴ with s = conj(v) diag(w̄) vᵀ."""
        w, v = ops.eigh(xs[0], **params)
        return (_pulled_to_triangle(conjugate(v) @ _pulled_to_middle((y_bar, ZERO), w, v), params["lower"]),)


ops.eigvalsh.jacobian = Eigvalsh(eigvalsh_push)


def eig_push(a_dots, results, a):
    """a v = v diag(w), so with m = v⁻¹ ȧ v, ẇ = diag m and v̇ = v Ω - v c with Ωᵢⱼ = mᵢⱼ / (wⱼ - wᵢ), 0 at ties (kinks).

    The multiple c of each column keeps its length 1 and its greatest component real, as LAPACK has them.
    """
    w, v = results
    a_dot = a_dots[0] if a.dtype.kind == "c" else ops.convert(a_dots[0], dtype=v.dtype)
    m = ops.inverse_or_nan(v) @ a_dot @ v
    turned = v @ _over_gaps(m, w)
    leads = ops.convert(ops.leading_component(v), dtype=v.dtype)
    length = ops.real(_column_sums(ops.conj(v) * turned))
    angle = ops.imag(_column_sums(leads * turned) / _column_sums(leads * v))
    return diagonal(m), turned - v * row(ops.complex_of(length, angle))


class Eig(Pushed):
    """The same with its pull written out."""

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā = v⁻ᵀ m̄ vᵀ, where the multiples c of the columns were taken off their turn before."""
        w, v = y
        w_bar, v_bar = y_bar
        if v_bar is not ZERO:
            v_bar = _pulled_to_turn(parts(v_bar)[0], v)
        a_bar = ops.inverse_or_nan(v).mT @ _pulled_to_middle((w_bar, v_bar), w, v)
        return (a_bar if xs[0].dtype.kind == "c" else ops.real(a_bar),)


ops.eig.jacobian = Eig(eig_push)


def _pulled_to_turn(v_bar: Any, v: Any) -> Any:
    """The cotangent of t = v Ω, of which v̇ = t - v diag(c) has the multiples c = Re Σ conj(v) t + i Im(Σ l t / Σ l v).

    The sums are along columns; l is 1 for the greatest component of each, else 0.
    """
    c_bar = -_column_sums(v_bar * v)
    length_bar, angle_bar = ops.real(c_bar), ops.imag(c_bar)
    zero = length_bar.dtype.type(0)
    leads = ops.convert(ops.leading_component(v), dtype=v.dtype)
    along = row(ops.complex_of(length_bar, zero))
    around = row(ops.complex_of(zero, angle_bar) / _column_sums(leads * v))
    return v_bar + ops.conj(v) * along + leads * around


@push(ops.eigvals)
def eigvals_push(a_dots, y, a):
    """ẇ = diag(v⁻¹ ȧ v), for the eigenvalues that come with the eigenvectors v, in the order of those without."""
    w, v = ops.eig(a)
    a_dot = a_dots[0] if a.dtype.kind == "c" else ops.convert(a_dots[0], dtype=v.dtype)
    w_dot = ops.reduce_sum(ops.inverse_or_nan(v) * (a_dot @ v).mT, axes=(v.ndim - 1,))
    return ops.permuted(w_dot, ops.pairing(y, w), axis=w_dot.ndim - 1)


def svd_push(a_dots, results, a, full):
    """a = u diag(s) vᴴ, so with e = uᴴ ȧ v, ṡ = Re diag e, uᴴ u̇ = g + t and vᴴ v̇ = g - t (Townsend 2016).

    With the Hermitian part h and the skew part k of e, gᵢⱼ = hᵢⱼ / (sⱼ - sᵢ) and tᵢⱼ = kᵢⱼ / (sⱼ + sᵢ), 0 at ties and
    where both are zero (kinks). What ȧ v has outside the space of u, divided by s, is added to u̇; alike for v.
    """
    u_all, s, vh_all = results
    k = s.shape[-1]
    u, v = _columns(u_all, 0, k), adjoint(_rows(vh_all, 0, k))
    a_dot = a_dots[0]
    outward, inward = a_dot @ v, adjoint(a_dot) @ u
    e = adjoint(u) @ outward
    least = _round_off(s)
    g = kinks.over_gap(hermitian_part(e), row(s) - column(s), least)
    t = kinks.over_gap(skew_part(e), row(s) + column(s), least)
    u_dot = _basis_push(u_all, u, g + t, outward - u @ e, s, least, a.shape[-2])
    v_dot = _basis_push(adjoint(vh_all), v, g - t, inward - v @ adjoint(e), s, least, a.shape[-1])
    return u_dot, real_part(diagonal(e)), adjoint(v_dot)


class Svd(Pushed):
    """The same, with the pull written out where the singular values alone have a cotangent."""

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā = conj(u diag(s̄) vᴴ)."""
        u_bar, s_bar, vh_bar = y_bar
        if u_bar is not ZERO or vh_bar is not ZERO:
            return super().pull(y_bar, xs, y, params, operands)
        u, s, vh = y
        k = s.shape[-1]
        return (_singular_pull(_columns(u, 0, k), s_bar, _rows(vh, 0, k)),)


ops.svd.jacobian = Svd(svd_push)


def _singular_pull(u: Any, s_bar: Any, vh: Any) -> Any:
    if s_bar is ZERO:
        return ZERO
    return conjugate((u * row(of_dtype(parts(s_bar)[0], u))) @ vh)


def _basis_push(basis: Any, u: Any, turn: Any, outside: Any, s: Any, least: Any, m: int) -> Any:
    """u̇ = u Ω + (what is outside) / s; further columns, if there are any, turn as little as orthogonality permits."""
    k = s.shape[-1]
    u_dot = u @ turn
    if m == k:
        return u_dot
    u_dot = u_dot + kinks.over_gap(outside, row(s), least)
    if basis.shape[-1] == k:
        return u_dot
    rest_dot = -(u @ (adjoint(u_dot) @ _columns(basis, k, m)))
    return ops.concatenate(u_dot, rest_dot, axis=u_dot.ndim - 1)


def svdvals_push(a_dots, _s, a):
    """ṡ = Re diag(uᴴ ȧ v) with the singular vectors u and v, found for the derivative alone."""
    u, _, vh = ops.svd(a, full=False)
    return _quadratic_forms(u, a_dots[0], adjoint(vh))


class Svdvals(Pushed):
    """The same with its pull written out."""

    def pull(self, y_bar: Any, xs: Any, y: Any, params: Any, operands: Any) -> Any:
        """ā = conj(u diag(s̄) vᴴ)."""
        u, _, vh = ops.svd(xs[0], full=False)
        return (_singular_pull(u, y_bar, vh),)


ops.svdvals.jacobian = Svdvals(svdvals_push)


def _quadratic_forms(u: Any, a_dot: Any, v: Any) -> Any:
    """Re diag(uᴴ ȧ v)."""
    return real_part(_column_sums(conjugate(u) * (a_dot @ v)))


def _column_sums(x: Any) -> Any:
    return ops.reduce_sum(x, axes=(x.ndim - 2,))


def _round_off(values: Any) -> Any:
    """Below what difference eigenvalues or singular values of a matrix cannot be told apart."""
    size = ops.modulus(values) if values.dtype.kind == "c" else ops.absolute(values)
    total = ops.reduce_sum(size, axes=(values.ndim - 1,))
    return column(column(total)) * (4 * np.finfo(total.dtype).eps)


def _columns(x: Any, start: int, stop: int) -> Any:
    return ops.index(x, path=((..., slice(start, stop)),))


def _rows(x: Any, start: int, stop: int) -> Any:
    return ops.index(x, path=((..., slice(start, stop), slice(None)),))
