"""What the findings about a run are made from: the values and cotangents of every recorded operation.

An operation that is part of a step is examined by itself; what is found is said of the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.api.gradient import one_of
from chainrule.explain.health.entries import bottom
from chainrule.explain.health.ledger import Inside, Ledger
from chainrule.explain.program import Finding, Program, Site
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.recording import Recorded
from chainrule.explain.run.steps import Step
from chainrule.graph import Node, Position
from chainrule.jacobians.zeros import ZERO, parts
from chainrule.trace import projection


class Examination:
    """A recorded run, examined.

    nodes
        The recorded operations that are part of a step, in the order in which they ran.
    ledger
        Knows where numbers that are not finite come from, in values and in cotangents.
    """

    def __init__(self, recorded: Recorded, accumulated: Accumulated, program: Program) -> None:
        self.recorded = recorded
        self.accumulated = accumulated
        self.program = program
        self.ledger = Ledger()
        self._steps: dict[Node, Step] = {}
        for step in accumulated.steps:
            for node in step.nodes:
                self._steps.setdefault(node, step)
        self.nodes = sorted(
            (node for node in self._steps if node.op is not None and node.op is not projection),
            key=lambda node: node.serial,
        )
        self._cotangents: dict[Node, Any] = {}
        self.gradient: list[Any] = []
        with np.errstate(all="ignore"), Inside(self.ledger):
            self._run()

    def _run(self) -> None:
        ledger, recorded = self.ledger, self.recorded
        for node in recorded.inputs:
            ledger.pulled = node
            ledger.origin(self.value(node))
        for node in self.nodes:
            xs, z = self.operands(node), self.value(node)
            params = {**node.params, "donate": False} if "donate" in node.params else node.params
            ledger.pulled = node
            ledger.applied(node.op, xs, xs, params, z, node.position)
            for value, kept in zip(xs, node.inputs, strict=True):
                if type(kept) is not Node:
                    ledger.same(value, kept)
            if node.output is not None:
                ledger.same(z, node.output)
        ledger.pulled = None
        tape = recorded.tape
        if tape is not None and tape.outputs[0] is not None:
            ledger.cotangents = self._cotangents
            self.gradient = ledger.pull(tape, [one_of(tape.outputs[0].dtype)])

    def __contains__(self, node: Node) -> bool:
        return node in self._steps

    def step(self, node: Node) -> Step:
        """The step that a node is part of."""
        return self._steps[node]

    def value(self, x: Any) -> Any:
        """The plain array that a node or a constant operand is; a tuple for a node with several results."""
        if type(x) is not Node:
            return bottom(x)
        if x.op is projection:
            return self.recorded.values[x.operands[0]][x.params["k"]]
        return self.recorded.values[x]

    def operands(self, node: Node) -> list[Any]:
        """The plain arrays that an operation took."""
        return [self.value(x) for x in node.operands]

    def cotangent(self, node: Node) -> Any:
        """∂result/∂node with its exclusions; `ZERO` if nothing arrives."""
        t = self._cotangents.get(node, ZERO)
        return ZERO if type(t) is list and all(part is ZERO for part in t) else t

    def active(self, node: Node) -> Any:
        """Where a cotangent arrives that takes part and is not 0, as booleans of the node's shape."""
        t = self.cotangent(node)
        if t is ZERO:
            return np.zeros(node.shape if not isinstance(node.dtype, tuple) else (), bool)
        if type(t) is list:
            return np.True_
        values, excluded = parts(t)
        active = np.asarray(values) != 0
        return active if excluded is None else active & ~np.asarray(excluded)

    def arrives(self, node: Node) -> bool:
        """Whether any cotangent arrives that is not 0."""
        return bool(np.any(self.active(node)))

    def name(self, node: Node) -> str:
        """What the step of a node is called."""
        return self.program.nodes[self.step(node).place].name

    def entry(self, node: Node, element: Sequence[int] | None) -> str:
        """An entry of a value, by its name."""
        return f"{self.name(node)}[{', '.join(map(str, element))}]" if element else self.name(node)

    def edge_of(self, node: Node, slot: int | None) -> int | None:
        """The edge by which an operand comes into the step of a node; None if it comes from inside the step."""
        step = self.step(node)
        for index, k in enumerate(self.accumulated.incoming[step.place]):
            if (node, slot) in step.uses[index]:
                return k
        return None

    def site(self, position: Position | None) -> int | None:
        """The place of a line among the program's, which is entered if it is not there yet."""
        if position is None or not position.file:
            return None
        site = Site(position.file, position.line, position.function, position.text)
        if site not in self.program.sites:
            self.program.sites.append(site)
        return self.program.sites.index(site)

    def finding(
        self,
        node: Node,
        kind: str,
        reason: str,
        message: str,
        advice: str = "",
        *,
        severity: str = "note",
        phase: str = "forward",
        element: tuple[int, ...] | None = None,
        edge: int | None = None,
        path: tuple[int, ...] = (),
    ) -> Finding:
        """Something about the step of a node."""
        place = self.step(node).place
        site = self.program.nodes[place].site
        return Finding(
            kind=kind,
            reason=reason,
            phase=phase,
            severity=severity,
            message=message,
            advice=advice,
            node=place,
            edge=edge,
            element=element or None,
            site=site,
            path=path,
        )
