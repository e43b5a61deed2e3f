"""The local Jacobians of sums of products, linear in each operand, and their batching."""

from __future__ import annotations

import string
from typing import Any

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian, batch, transpose
from chainrule.jacobians.zeros import ZERO, add, apply_selection, parts
from chainrule.ops.compositions import moved, size_of, sum_to
from chainrule.ops.contraction import split_subscripts
from chainrule.ops.matrix_parts import column, conjugate, row
from chainrule.ops.tensor_products import product_of_pair, subscripts_of_dot, transposed_subscripts


@transpose(ops.matmul, operand=0)
def matmul_transpose_lhs(z_bar, _x, y):
    """z = x y, so x̄ = z̄ yᵀ:  (…, m, n) (…, n, k) -> (…, m, k)."""
    return z_bar @ y.mT


@transpose(ops.matmul, operand=1)
def matmul_transpose_rhs(z_bar, x, _y):
    """z = x y, so ȳ = xᵀ z̄:  (…, k, m) (…, m, n) -> (…, k, n)."""
    return x.mT @ z_bar


@transpose(ops.matvec, operand=0)
def matvec_transpose_matrix(z_bar, _x, v):
    """z = x v, so x̄ = z̄ vᵀ:  (…, m, 1) (…, 1, n) -> (…, m, n)."""
    return column(z_bar) * row(v)


@transpose(ops.matvec, operand=1)
def matvec_transpose_vector(z_bar, x, _v):
    """z = x v, so v̄ = xᵀ z̄:  (…, n, m) (…, m) -> (…, n)."""
    return ops.matvec(x.mT, z_bar)


@transpose(ops.vecmat, operand=0)
def vecmat_transpose_vector(z_bar, _v, x):
    """z = xᵀ v, so v̄ = x z̄:  (…, m, n) (…, n) -> (…, m)."""
    return ops.matvec(x, z_bar)


@transpose(ops.vecmat, operand=1)
def vecmat_transpose_matrix(z_bar, v, _x):
    """z = xᵀ v, so x̄ = v z̄ᵀ:  (…, m, 1) (…, 1, n) -> (…, m, n)."""
    return column(v) * row(z_bar)


@transpose(ops.vecvec, operand=0)
def vecvec_transpose_lhs(z_bar, _v, w):
    """z = Σ v w, so v̄ = z̄ w."""
    return column(z_bar) * w


@transpose(ops.vecvec, operand=1)
def vecvec_transpose_rhs(z_bar, v, _w):
    """z = Σ v w, so w̄ = z̄ v."""
    return column(z_bar) * v


@transpose(ops.vecdot, operand=0)
def vecdot_transpose_lhs(z_bar, _v, w):
    """z = Σ conj(v) w, and Re z̄ Σ conj(v̇) w = Re Σ conj(z̄ w) v̇ for every v̇, so v̄ = conj(z̄ w)."""
    return conjugate(column(z_bar) * w)


@transpose(ops.vecdot, operand=1)
def vecdot_transpose_rhs(z_bar, v, _w):
    """z = Σ conj(v) w, so w̄ = z̄ conj v."""
    return column(z_bar) * conjugate(v)


@transpose(ops.cross, operand=0)
def cross_transpose_lhs(z_bar, _v, w):
    """z = v × w, and z̄ · (v̇ × w) = (w × z̄) · v̇ for every v̇, so v̄ = w × z̄."""
    return ops.cross(w, z_bar)


@transpose(ops.cross, operand=1)
def cross_transpose_rhs(z_bar, v, _w):
    """z = v × w, and z̄ · (v × ẇ) = (z̄ × v) · ẇ for every ẇ, so w̄ = z̄ × v."""
    return ops.cross(z_bar, v)


@transpose(ops.dot, operand=0)
def dot_transpose_lhs(z_bar, x, y):
    """z = Σₖ x[*a, k] y[*b, k, n], so x̄ = Σ z̄[*a, *b, n] y[*b, k, n] over b and n, one matrix product."""
    if not x.ndim or not y.ndim:
        return sum_to(z_bar * y, x.shape)
    if y.ndim == 1:
        return (z_bar if x.ndim == 1 else column(z_bar)) * y
    if x.ndim == y.ndim == 2:
        return z_bar @ y.mT
    onto_lhs, _ = transposed_subscripts(subscripts_of_dot(x.ndim, y.ndim))
    return ops.tensordot(z_bar, y, subscripts=onto_lhs)


@transpose(ops.dot, operand=1)
def dot_transpose_rhs(z_bar, x, y):
    """z = Σₖ x[*a, k] y[*b, k, n], so ȳ = Σ x[*a, k] z̄[*a, *b, n] over a, one matrix product."""
    if not x.ndim or not y.ndim:
        return sum_to(z_bar * x, y.shape)
    if x.ndim == y.ndim == 1:
        return z_bar * x
    if x.ndim == y.ndim == 2:
        return x.mT @ z_bar
    _, onto_rhs = transposed_subscripts(subscripts_of_dot(x.ndim, y.ndim))
    return ops.tensordot(x, z_bar, subscripts=onto_rhs)


@batch(ops.dot)
def dot_batch(size, batched, x, y):
    """One dot where one operand has lanes; where both have, a stack of matrix products."""
    if x.ndim == batched[0] or y.ndim == batched[1]:
        return _scaled_lanes(size, batched, x, y)
    if not batched[1]:
        return ops.dot(x, y)
    if not batched[0]:
        z = ops.dot(x, y.mT if y.ndim == 2 else y)
        return moved(z, x.ndim - 1, 0)
    lane = x.shape[1:-1] + (y.shape[1:-2] + y.shape[-1:] if y.ndim > 2 else ())
    x = ops.reshape(x, shape=(size, size_of(x.shape[1:-1]), x.shape[-1]))
    y = moved(y, y.ndim - 2, 1) if y.ndim > 2 else y
    y = ops.reshape(y, shape=(size, y.shape[1], size_of(y.shape[2:])))
    return ops.reshape(x @ y, shape=(size, *lane))


def _scaled_lanes(size: int, batched: Any, x: Any, y: Any) -> Any:
    """Lanes of which one operand is a number: their products, lane by lane."""
    ndim = max(x.ndim - batched[0], y.ndim - batched[1])
    x, y = (
        ops.reshape(v, shape=(size, *(1,) * (ndim - v.ndim + 1), *v.shape[1:])) if lanes else v
        for v, lanes in zip((x, y), batched, strict=True)
    )
    return ops.multiply(x, y)


@transpose(ops.tensordot, operand=0)
def tensordot_transpose_lhs(z_bar, _x, y, subscripts):
    """z[rows, columns] = Σ x[rows, k] y[k, columns], so x̄ = Σ z̄ y over the columns."""
    return ops.tensordot(z_bar, y, subscripts=transposed_subscripts(subscripts)[0])


@transpose(ops.tensordot, operand=1)
def tensordot_transpose_rhs(z_bar, x, _y, subscripts):
    """z[rows, columns] = Σ x[rows, k] y[k, columns], so ȳ = Σ x z̄ over the rows."""
    return ops.tensordot(x, z_bar, subscripts=transposed_subscripts(subscripts)[1])


@batch(ops.tensordot)
def tensordot_batch(_size, batched, x, y, *, subscripts):
    """One more axis of the operand with lanes; where both have them, the labels of a stack of products."""
    (left, right), result = split_subscripts(subscripts)
    # From the end of the alphabet: an outer `vmap` comes before an inner one, in order and in memory.
    lane = next((label for label in reversed(string.ascii_uppercase) if label not in subscripts), None)
    if lane is None:
        raise ValueError(f"`tensordot` has no letter left to label the lanes of a `vmap`: `{subscripts}`")
    left, right = (lane + term if lanes else term for term, lanes in zip((left, right), batched, strict=True))
    if not all(batched):
        return ops.tensordot(x, y, subscripts=f"{left},{right}->{lane}{result}")
    return product_of_pair([left, right], [x, y], lane + result)


class Contraction(LocalJacobian):
    """The local Jacobians of `einsum`, whose transposes are contractions again.

    With one operand it only selects and adds up entries, so exclusions go the way that the values go.
    """

    reads_output = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """The product rule: ẏ = Σₖ einsum(x₁, ..., ẋₖ, ...)."""
        if len(x_dots) == 1:
            return ZERO if x_dots[0] is ZERO else apply_selection(lambda t: ops.einsum(t, **params), x_dots[0])
        y_dot: Any = ZERO
        for k, x_dot in enumerate(x_dots):
            if x_dot is not ZERO:
                y_dot = add(y_dot, ops.einsum(*xs[:k], parts(x_dot)[0], *xs[k + 1 :], **params))
        return y_dot

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """x̄ₖ for each operand that is a node."""
        if len(operands) == 1:
            return (apply_selection(lambda t: einsum_transpose(t, xs, 0, **params), y_bar),)
        values = parts(y_bar)[0]
        return tuple(
            einsum_transpose(values, xs, k, **params) if type(operand) is Node else None
            for k, operand in enumerate(operands)
        )


ops.einsum.jacobian = Contraction()


def einsum_transpose(y_bar, xs, k, subscripts):
    """y = einsum(x₁, x₂, ...), so x̄ₖ contracts ȳ with the other operands, and leaves the labels of xₖ.

    A label that only xₖ has was summed, so x̄ₖ is constant along it.
    """
    terms, result = split_subscripts(subscripts)
    term, others = terms[k], (*terms[:k], *terms[k + 1 :])
    known = "".join(label for label in term if any(label in other for other in (result, *others)))
    x_bar = ops.einsum(y_bar, *xs[:k], *xs[k + 1 :], subscripts=f"{','.join((result, *others))}->{known}")
    if known == term:
        return x_bar
    x_bar = ops.reshape(
        x_bar, shape=tuple(n if label in known else 1 for label, n in zip(term, xs[k].shape, strict=True))
    )
    return ops.broadcast_to(x_bar, shape=xs[k].shape)


@batch(ops.einsum)
def einsum_batch(_size, batched, *xs, subscripts):
    """One more label, which the operands with lanes and the result have in front."""
    terms, result = split_subscripts(subscripts)
    lane = next((label for label in string.ascii_letters if label not in subscripts), None)
    if lane is None:
        raise ValueError(f"`einsum` has no letter left to label the lanes of a `vmap`: `{subscripts}`")
    terms = [lane + term if lanes else term for term, lanes in zip(terms, batched, strict=True)]
    return ops.einsum(*xs, subscripts=f"{','.join(terms)}->{lane}{result}")
