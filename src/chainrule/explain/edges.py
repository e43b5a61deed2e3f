"""An edge of an explanation, and its local Jacobian: as a matrix, and as a map to multiply with."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ExplainError
from chainrule.explain.assembly import Assembled
from chainrule.explain.program import Edge, Jacobian, Node, Program
from chainrule.explain.run.accumulation import pulled, pushed
from chainrule.explain.run.local import edge_map
from chainrule.explain.text import forms
from chainrule.jacobians.zeros import ZERO, without_exclusions

# A matrix of more entries than this is not multiplied out.
_MOST_ENTRIES = 10**6


def needs_run(what: str) -> str:
    """What is said of something that an explanation read from JSON cannot do."""
    return f"{what} needs the run itself, and this explanation was read from JSON."


class ExplainedEdge:
    """One use of a value, with its local Jacobian; it prints as the flattening of arrays into vectors and back.

    `data` is the edge in `Program.edges`, at `place`.
    """

    def __init__(self, program: Program, live: Assembled | None, place: int) -> None:
        self._program = program
        self._live = live
        self.place = place
        self.data: Edge = program.edges[place]

    @property
    def source(self) -> Node:
        """The value that is used."""
        return self._program.nodes[self.data.source]

    @property
    def target(self) -> Node:
        """The value that it is used for."""
        return self._program.nodes[self.data.target]

    @property
    def jacobian(self) -> ExplainedJacobian:
        """The local Jacobian."""
        return ExplainedJacobian(self.data.jacobian, self._live, self.place)

    def __str__(self) -> str:
        return forms.edge_text(self._program, self.place)

    def __repr__(self) -> str:
        return f"<edge {self.source.name} -> {self.target.name}, slot {self.data.slot}>"


class ExplainedJacobian:
    """A local Jacobian: between flattened arrays, row by row."""

    def __init__(self, data: Jacobian, live: Assembled | None, place: int) -> None:
        self.data = data
        self._live = live
        self._place = place

    @property
    def structure(self) -> str:
        """What kind of matrix it is: "diagonal", "selection", "kronecker", "dense", ..."""
        return self.data.structure

    @property
    def shape(self) -> tuple[int, int]:
        """Entries of the result by entries of the operand."""
        return self.data.rows, self.data.columns

    @property
    def symbol(self) -> str:
        """What it is, in the names of the program."""
        return self.data.symbol

    @property
    def stored(self) -> int:
        """How many numbers describe it."""
        return self.data.stored

    def dense(self) -> np.ndarray[Any, Any]:
        """The matrix.

        Raises
        ------
        ExplainError
            It has more than a million entries, or it was not written down in the JSON that this was read from.
        """
        data = self.data
        if data.entries is not None:
            return np.array(data.entries)
        if data.rows * data.columns > _MOST_ENTRIES:
            raise ExplainError(
                f"the matrix has {data.rows} x {data.columns} entries, more than {_MOST_ENTRIES}: multiply with it "
                "(`matvec`, `rmatvec`) instead."
            )
        live = self._live
        if live is None:
            raise ExplainError(needs_run("a Jacobian that was not written down"))
        arc = live.accumulated.arcs[self._place]
        with np.errstate(all="ignore"):
            return np.asarray(edge_map(live.steps[arc.target], arc.slot, live.recorded).dense())

    def matvec(self, v: Any) -> np.ndarray[Any, Any]:
        """J times a vector of the operand's entries; of the shape of the result, flattened."""
        data = self.data
        v = np.asarray(v)
        if v.size != data.columns:
            raise ValueError(f"the vector has {v.size} entries, and the Jacobian {data.columns} columns.")
        if self._live is None:
            return np.asarray(self.dense() @ v.ravel())
        live = self._live
        arc = live.accumulated.arcs[self._place]
        step = live.steps[arc.target]
        operand = step.operands[arc.index][1].result
        dots = [ZERO] * len(step.operands)
        dots[arc.index] = v.reshape(operand.shape).astype(operand.dtype)[()]
        with np.errstate(all="ignore"):
            y_dot = pushed(step, dots)
        return np.asarray(without_exclusions(y_dot, step.result)).ravel()

    def rmatvec(self, w: Any) -> np.ndarray[Any, Any]:
        """Jᵀ times a vector of the result's entries; of the shape of the operand, flattened."""
        data = self.data
        w = np.asarray(w)
        if w.size != data.rows:
            raise ValueError(f"the vector has {w.size} entries, and the Jacobian {data.rows} rows.")
        if self._live is None:
            return np.asarray(self.dense().T @ w.ravel())
        live = self._live
        arc = live.accumulated.arcs[self._place]
        step = live.steps[arc.target]
        with np.errstate(all="ignore"):
            x_bar = pulled(step, w.reshape(step.result.shape).astype(step.result.dtype)[()])[arc.index]
        return np.asarray(without_exclusions(x_bar, step.operands[arc.index][1].result)).ravel()

    def __repr__(self) -> str:
        return f"<Jacobian {self.shape[0]} x {self.shape[1]}, {self.structure}>"
