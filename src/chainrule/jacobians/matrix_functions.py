"""The local Jacobians of functions of matrices, and of linear equations with structured matrices.

Sources: Najfeld and Havel (1995), derivatives of the matrix exponential and their computation; Higham (2008), functions
of matrices, 3.2: f([[a, e], [0, a]]) has the derivative of f at a in the direction e in its upper right corner.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node
from chainrule.jacobians.forms import LocalJacobian
from chainrule.jacobians.zeros import ZERO, parts
from chainrule.ops.matrix_parts import masked_matrix
from chainrule.trace import Op


def _plain(t: Any) -> Any:
    return t if t is ZERO else parts(t)[0]


class MatrixFunction(LocalJacobian):
    """y = f(a), so ẏ is the corner of f of a block matrix, and ā the same for aᵀ and ȳ."""

    reads_output = False

    def __init__(self, op: Op) -> None:
        self.op = op

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """The derivative in the direction ȧ."""
        return ZERO if x_dots[0] is ZERO else self._along(xs[0], _plain(x_dots[0]))

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The derivative at aᵀ in the direction ȳ."""
        return (self._along(xs[0].mT, _plain(y_bar)),)

    def _along(self, a: Any, e: Any) -> Any:
        n, rank = a.shape[-1], a.ndim
        if not a.size:
            return e
        # A direction of about the size of one: f of a large block is computed with more rounding.
        size = ops.modulus(e) if e.dtype.kind == "c" else ops.absolute(e)
        scale = ops.greatest(size, axes=(rank - 2, rank - 1))
        usable = ops.logical_and(scale > 0, ops.isfinite(scale))
        scale = ops.select(usable, scale, scale.dtype.type(1))
        if e.dtype.kind == "c":
            scale = ops.convert(scale, dtype=e.dtype)
        top = ops.concatenate(a, e / scale, axis=rank - 1)
        bottom = ops.concatenate(np.zeros(a.shape, a.dtype), a, axis=rank - 1)
        block = self.op(ops.concatenate(top, bottom, axis=rank - 2))
        return scale * ops.index(block, path=((..., slice(0, n), slice(n, 2 * n)),))


ops.expm.jacobian = MatrixFunction(ops.expm)
ops.logm.jacobian = MatrixFunction(ops.logm)


class SquareRoot(LocalJacobian):
    """y y = a, so y ẏ + ẏ y = ȧ, and yᵀ ā + ā yᵀ = ȳ."""

    reads_inputs = False

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẏ by a Sylvester equation."""
        return ZERO if x_dots[0] is ZERO else ops.solve_sylvester(y, y, _plain(x_dots[0]))

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """ā by the transposed equation."""
        turned = y.mT
        return (ops.solve_sylvester(turned, turned, _plain(y_bar)),)


ops.sqrtm.jacobian = SquareRoot()


class Sylvester(LocalJacobian):
    """a x + x b = q, so a ẋ + ẋ b = q̇ - ȧ x - x ḃ; aᵀ q̄ + q̄ bᵀ = x̄, ā = -q̄ xᵀ and b̄ = -xᵀ q̄."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẋ by the same equation."""
        a_dot, b_dot, q_dot = map(_plain, x_dots)
        side: Any = q_dot
        for moved in (ZERO if a_dot is ZERO else a_dot @ y, ZERO if b_dot is ZERO else y @ b_dot):
            if moved is not ZERO:
                side = -moved if side is ZERO else side - moved
        return ZERO if side is ZERO else ops.solve_sylvester(xs[0], xs[1], side)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """q̄ by the transposed equation, and from it ā and b̄."""
        q_bar = ops.solve_sylvester(xs[0].mT, xs[1].mT, _plain(y_bar))
        return (
            -(q_bar @ y.mT) if type(operands[0]) is Node else None,
            -(y.mT @ q_bar) if type(operands[1]) is Node else None,
            q_bar if type(operands[2]) is Node else None,
        )


ops.solve_sylvester.jacobian = Sylvester()


class Triangular(LocalJacobian):
    """a x = b for a triangular a: a ẋ = ḃ - ȧ x, b̄ = a⁻ᵀ x̄ and ā = -b̄ xᵀ, in the entries that are read."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẋ = a⁻¹ (ḃ - ȧ x)."""
        a_dot, b_dot = map(_plain, x_dots)
        if a_dot is not ZERO:
            moved = masked_matrix(a_dot, _triangle(a_dot.shape[-1], **params)) @ y
            b_dot = -moved if b_dot is ZERO else b_dot - moved
        return ZERO if b_dot is ZERO else ops.solve_triangular(xs[0], b_dot, **params)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """b̄ = a⁻ᵀ x̄, and ā = -b̄ xᵀ."""
        lower, unit_diagonal = params["lower"], params["unit_diagonal"]
        b_bar = ops.solve_triangular(xs[0].mT, _plain(y_bar), lower=not lower, unit_diagonal=unit_diagonal)
        a_bar = None
        if type(operands[0]) is Node:
            a_bar = -masked_matrix(b_bar @ y.mT, _triangle(y.shape[-2], **params))
        return a_bar, b_bar


@lru_cache(maxsize=64)
def _triangle(n: int, *, lower: bool, unit_diagonal: bool) -> Any:
    """The entries of a triangular matrix that are read."""
    triangle = np.tri(n, n, -1 if unit_diagonal else 0, dtype=bool)
    triangle.flags.writeable = False
    return triangle if lower else triangle.T


ops.solve_triangular.jacobian = Triangular()


class Banded(LocalJacobian):
    """a x = b for a banded a: as for a triangular one, in the bands."""

    def push(self, x_dots: tuple[Any, ...], xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> Any:
        """ẋ = a⁻¹ (ḃ - ȧ x)."""
        bands_dot, b_dot = map(_plain, x_dots)
        if bands_dot is not ZERO:
            moved = _banded_product(bands_dot, y, params["above"])
            b_dot = -moved if b_dot is ZERO else b_dot - moved
        return ZERO if b_dot is ZERO else ops.solve_banded(xs[0], b_dot, **params)

    def pull(
        self, y_bar: Any, xs: tuple[Any, ...], y: Any, params: dict[str, Any], operands: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """b̄ = a⁻ᵀ x̄, and ā[i, j] = -Σ b̄[i] x[j]."""
        below, above = params["below"], params["above"]
        turned = _transposed_bands(xs[0], below, above)
        b_bar = ops.solve_banded(turned, _plain(y_bar), below=above, above=below)
        if type(operands[0]) is not Node:
            return None, b_bar
        rows = [
            -ops.reduce_sum(_shifted(b_bar, r - above, y.ndim - 2) * y, axes=(y.ndim - 1,))
            for r in range(below + above + 1)
        ]
        return ops.stack(*rows, axis=rows[0].ndim - 1), b_bar


def _shifted(x: Any, count: int, axis: int) -> Any:
    """y[j] = x[j + count] along an axis, and 0 where there is none."""
    n = x.shape[axis]
    if not count:
        return x
    shape = list(x.shape)
    shape[axis] = min(abs(count), n)
    zeros = np.zeros(shape, x.dtype)
    kept = slice(count, n) if count > 0 else slice(0, max(n + count, 0))
    part = ops.index(x, path=((*(slice(None),) * axis, kept),))
    return ops.concatenate(*((part, zeros) if count > 0 else (zeros, part)), axis=axis)


def _row(bands: Any, r: int) -> Any:
    return ops.index(bands, path=((..., r, slice(None)),))


def _transposed_bands(bands: Any, below: int, above: int) -> Any:
    """The bands of aᵀ."""
    count, axis = below + above + 1, bands.ndim - 2
    rows = [_shifted(_row(bands, count - 1 - r), r - below, axis) for r in range(count)]
    return ops.stack(*rows, axis=axis)


def _banded_product(bands: Any, x: Any, above: int) -> Any:
    """A x for a banded a."""
    total: Any = None
    for r in range(bands.shape[-2]):
        row = _row(bands, r)
        term = _shifted(ops.reshape(row, shape=(*row.shape, 1)) * x, above - r, x.ndim - 2)
        total = term if total is None else total + term
    return total


ops.solve_banded.jacobian = Banded()
