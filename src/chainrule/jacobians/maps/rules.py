"""The map of an op that is known by the push and the pull of its rule alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.graph.node import input_node
from chainrule.jacobians.maps.linear_map import Entries, LinearMap
from chainrule.jacobians.maps.matrices import complex_entries, found_to_have_matrix
from chainrule.jacobians.zeros import ZERO, Masked, parts, sum_tangent_to


class ByRule(LinearMap):
    """The local Jacobian of an op for one operand, by the push and the pull that its rule gives.

    Its matrix is made from a push for each column or from a pull for each row, whichever are fewer. What the rule
    leaves out of a unit vector's push or pull is a zero of the structure.

    Parameters
    ----------
    op, xs, y, params
        The op, its operands, its result and its parameters; plain arrays.
    slot : int
        The operand.
    part : int, optional
        Which result, for an op with several.
    structure, stored
        What is known of the matrix.
    """

    __slots__ = ("_entries", "op", "params", "part", "slot", "stored", "structure", "xs", "y")

    def __init__(
        self,
        op: Any,
        xs: tuple[Any, ...],
        y: Any,
        params: dict[str, Any],
        slot: int,
        part: int | None = None,
        structure: str = "dense",
        stored: int = 0,
    ) -> None:
        result, x = (y if part is None else y[part]), xs[slot]
        super().__init__(result.shape, x.shape, result.dtype.kind == "c", x.dtype.kind == "c")
        self.op = op
        self.xs = xs
        self.y = y
        self.params = {**params, "donate": False} if "donate" in params else params
        self.slot = slot
        self.part = part
        self.structure = structure
        self.stored = stored
        self._entries: Entries | None = None

    @property
    def has_matrix(self) -> bool:  # type: ignore[override]  # depends on the rule
        """Found by trying where both sides are complex."""
        return found_to_have_matrix(self)

    def _push(self, x_dot: Any) -> Any:
        return self._pushed(x_dot.reshape(self._operand.shape).astype(self._operand.dtype)[()])[0]

    def _pull(self, y_bar: Any) -> Any:
        return self._pulled(y_bar.reshape(self._result.shape).astype(self._result.dtype)[()])[0]

    @property
    def _operand(self) -> Any:
        return self.xs[self.slot]

    @property
    def _result(self) -> Any:
        return self.y if self.part is None else self.y[self.part]

    def _pushed(self, x_dot: Any) -> tuple[Any, Any]:
        """The push of a tangent, and what of it is excluded; both flat."""
        x_dots: list[Any] = [ZERO] * len(self.xs)
        x_dots[self.slot] = x_dot
        with np.errstate(all="ignore"):
            y_dot = self.op.jacobian.push(tuple(x_dots), self.xs, self.y, self.params)
        if self.part is not None:
            y_dot = y_dot[self.part]
        return _flat(y_dot, self._result)

    def _pulled(self, y_bar: Any) -> tuple[Any, Any]:
        """The pull of a cotangent, and what of it is excluded; both flat."""
        operands = list(self.xs)
        operands[self.slot] = input_node(self._operand)
        y_bars = y_bar
        if self.part is not None:
            y_bars = [ZERO] * len(self.y)
            y_bars[self.part] = y_bar
        with np.errstate(all="ignore"):
            x_bar = self.op.jacobian.pull(y_bars, self.xs, self.y, self.params, tuple(operands))[self.slot]
        if x_bar is None or x_bar is ZERO:
            return _flat(ZERO, self._operand)
        if x_bar.shape != self._operand.shape:
            x_bar = sum_tangent_to(x_bar, self._operand.shape)
        return _flat(x_bar, self._operand)

    def entries(self) -> Entries:
        """All that a push or a pull of unit vectors does not exclude."""
        return complex_entries(self, f"`{self.op.name}`")

    def real_entries(self) -> Entries:
        """All that a push or a pull of unit vectors does not exclude, between real and imaginary parts."""
        if self._entries is None:
            try:
                self._entries = self._from_rows() if self.rows < self.columns else self._from_columns()
            except NoRuleError:
                # One that is given by its pull alone.
                self._entries = self._from_rows()
        return self._entries

    def _from_columns(self) -> Entries:
        values, taken = _tried(self._pushed, self._operand, self._result, 1j)
        columns, rows = np.nonzero(taken)
        return rows, columns, values[columns, rows]

    def _from_rows(self) -> Entries:
        # Of a complex y the pairing with -i sees the imaginary part, and of x̄ ẋ that of ẋ counts negatively.
        values, taken = _tried(self._pulled, self._result, self._operand, -1j)
        rows, columns = np.nonzero(taken)
        values = values[rows, columns]
        return rows, columns, np.where(columns < self.columns, values, -values)


def _tried(apply: Any, of: Any, to: Any, turn: complex) -> tuple[Any, Any]:
    """What a function gives for the unit vectors shaped like an array, and where it takes part: one in each row.

    For complex arrays the unit vectors times `turn` follow; of complex results imaginary parts follow real ones.
    """
    size = 2 * to.size if to.dtype.kind == "c" else to.size
    values, taken = [np.zeros((0, size))], [np.zeros((0, size), bool)]
    for factor in (1, turn) if of.dtype.kind == "c" else (1,):
        for k in range(of.size):
            unit = np.zeros(of.size, of.dtype)
            unit[k] = factor
            unit = unit.reshape(of.shape)
            result, excluded = apply(_seed(unit, unit == 0))
            if to.dtype.kind == "c":
                result = np.concatenate((result.real, result.imag))
                excluded = np.concatenate((excluded, excluded))
            values.append(result.real[None])
            taken.append(~excluded[None])
    return np.concatenate(values), np.concatenate(taken)


def _seed(values: Any, excluded: Any) -> Any:
    """A tangent of which nothing but the entry that is 1 takes part."""
    return Masked(values, excluded) if values.ndim else values[()]


def _flat(t: Any, like: Any) -> tuple[Any, Any]:
    """A tangent of something as flat arrays of its values and of its exclusions."""
    if t is ZERO:
        return np.zeros(like.size, like.dtype), np.ones(like.size, bool)
    values, excluded = parts(t)
    values = np.broadcast_to(values, like.shape).reshape(-1)
    if excluded is None:
        return values, np.zeros(values.size, bool)
    return values, np.broadcast_to(excluded, like.shape).reshape(-1)
