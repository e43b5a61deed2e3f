"""What the findings about a run are made from: the values and cotangents of every recorded operation.

An operation that is part of a step is examined by itself; what is found is said of the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.explain.health.entries import bottom, is_bad, is_bad_tangent
from chainrule.explain.health.ledger import Inside, Ledger
from chainrule.explain.program import Finding, Numbers, Program, Site
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.local import partial_of
from chainrule.explain.run.recorded import Recorded
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
        tape = recorded.tape
        self.backward = recorded.backward_pass() if tape is not None and tape.outputs[0] is not None else None
        self._cotangents = {} if self.backward is None else self.backward.cotangents
        self.gradient: list[Any] = [] if self.backward is None else self.backward.gradient
        if self._has_bad():
            with np.errstate(all="ignore"), Inside(self.ledger):
                self._run()

    def _has_bad(self) -> bool:
        """Whether any value or cotangent has an entry that is not finite."""
        return (
            any(map(is_bad_tangent, self.gradient))
            or any(map(self._is_bad_value, (*self.recorded.inputs, *self.nodes)))
            or any(self._is_bad_cotangent(node, t) for node, t in self._cotangents.items())
        )

    def _is_bad_value(self, node: Node) -> bool:
        described = self.described(node)
        if described is not None:
            return described.nonfinite > 0
        z = self.recorded.values[node]
        return any(map(is_bad, z)) if type(z) is tuple else is_bad(z)

    def _is_bad_cotangent(self, node: Node, t: Any) -> bool:
        if self.described(node) is not None:
            adjoint = self.program.nodes[self._steps[node].place].adjoint
            return adjoint is not None and adjoint.nonfinite > 0
        return any(map(is_bad_tangent, t)) if type(t) is list else is_bad_tangent(t)

    def described(self, x: Any) -> Numbers | None:
        """What the program knows of a value; None of one that no step gives."""
        step = self._steps.get(x) if type(x) is Node else None
        return self.program.nodes[step.place].value if step is not None and step.result is x else None

    def _run(self) -> None:
        """Follow every operation, forwards and backwards, for the ledger."""
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
        if self.backward is not None:
            # Entries are known by the arrays that they are in, so these are the cotangents to ask about.
            self._cotangents = ledger.cotangents = {}
            self.gradient = ledger.pull(recorded.tape, self.backward.seeds)

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

    def contribution(self, node: Node, slot: int) -> Any:
        """What a node gave to its operand in a slot, with its exclusions; `ZERO` for nothing."""
        return ZERO if self.backward is None else self.backward.contribution(node, slot)

    def partials(self, node: Node) -> list[Any]:
        """∂z/∂x of an elementwise operation for each operand, without exclusions; None for constants."""
        step = self.step(node)
        found: list[Any] = [None] * len(node.operands)
        if len(step.nodes) == 1:
            for k, (slot, _) in zip(self.accumulated.incoming[step.place], step.operands, strict=True):
                partial = self.accumulated.arcs[k].partial
                found[slot] = partial_of(step, slot, self.recorded) if partial is None else partial
            if all(found[slot] is not None for slot, _ in step.operands):
                return [None if partial is ZERO else partial for partial in found]
        ones = np.ones(node.shape, node.dtype)[()]
        with np.errstate(all="ignore"):
            pulled = node.op.pull(ones, node.inputs, node.output, node.params, node.operands)
        return [None if partial is None or partial is ZERO else parts(partial)[0] for partial in pulled]

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
