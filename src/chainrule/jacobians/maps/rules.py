"""The map of an op that is known by the push and the pull of its rule alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.graph.node import input_node
from chainrule.jacobians.maps.linear_map import Entries, LinearMap, not_complex_linear
from chainrule.jacobians.zeros import ZERO, Masked, parts, sum_tangent_to

# How far push(i e) may be from i push(e), relative to the greatest entry, for a map that is taken to be complex-linear.
_ROUND_OFF = 1e-4


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
    def complex_linear(self) -> bool:  # type: ignore[override]  # depends on the rule
        """Whether the rule is: found by trying where both sides are complex."""
        if not self.in_complex or not self.out_complex:
            return True
        try:
            self.entries()
        except TypeError:
            return False
        return True

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
        if self._entries is None:
            try:
                self._entries = self._from_rows() if self.rows < self.columns else self._from_columns()
            except NoRuleError:
                # One that is given by its pull alone.
                self._entries = self._from_rows()
        return self._entries

    def _from_columns(self) -> Entries:
        values, taken = self._tried(self._pushed, self._operand, self.rows, self.out_complex)
        columns, rows = np.nonzero(taken)
        return rows, columns, values[columns, rows]

    def _from_rows(self) -> Entries:
        values, taken = self._tried(self._pulled, self._result, self.columns, self.in_complex)
        rows, columns = np.nonzero(taken)
        return rows, columns, values[rows, columns]

    def _tried(self, apply: Any, like: Any, size: int, to_complex: bool) -> tuple[Any, Any]:
        """What a function gives for each unit vector shaped like an array, one in each row, and where it takes part."""
        values, taken = [np.zeros((0, size))], [np.zeros((0, size), bool)]
        for k in range(like.size):
            unit = np.zeros(like.size, like.dtype)
            unit[k] = 1
            unit = unit.reshape(like.shape)
            result, excluded = apply(_seed(unit, unit == 0))
            if like.dtype.kind == "c":
                turned = apply(_seed(1j * unit, unit == 0))[0]
                if not to_complex:
                    # Of i J the real part is seen, -Im J.
                    result = result - 1j * turned
                elif not _close(turned, 1j * result):
                    raise not_complex_linear(f"`{self.op.name}`")
            values.append(result[None])
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


def _close(found: Any, expected: Any) -> bool:
    with np.errstate(all="ignore"):
        scale = np.max(np.abs(expected), initial=0.0)
        return bool(np.allclose(found, expected, rtol=_ROUND_OFF, atol=_ROUND_OFF * scale, equal_nan=True))
