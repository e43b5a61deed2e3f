"""Findings: what deserves a look in one run and its derivative.

| kind | it is | reasons |
| --- | --- | --- |
| birth | a number that is not finite, from finite ones; it reaches the result or the gradient | as in `nonfinite.py` |
| imported | one that came from outside, and does | imported |
| hidden | either of them, without a part in the result or the gradient | as for births |
| saturation | a function so flat that hardly anything of the gradient gets through | saturated, underflow |
| zero gradient | entries of the gradient that are exactly 0 | unselected branch, not read, overwritten, no path, integer op, stopped, multiplied by zero, saturated, underflow, zero slope, convention, cancels |
| overflow near | a number close to the greatest of its dtype | overflow |
| large derivative | a local derivative beyond 10⁸ | steep |
| cancellation | digits that are lost in a difference, or in the sum over the paths | difference, paths |
| kink | a point without a derivative, where a convention decided | convention |
"""  # noqa: E501  # a row of a table

from __future__ import annotations

from chainrule.explain.health.births import births
from chainrule.explain.health.conventions import conventions
from chainrule.explain.health.examination import Examination
from chainrule.explain.health.magnitudes import magnitudes
from chainrule.explain.health.vanishing import vanishing
from chainrule.explain.program import Finding, Program
from chainrule.explain.run.accumulation import Accumulated
from chainrule.explain.run.recorded import Recorded

_SEVERITIES = ("error", "warning", "note")


def findings(recorded: Recorded, accumulated: Accumulated, program: Program) -> list[Finding]:
    """Everything that deserves a look: births first, in the order in which they happened; then the graver first.

    Nodes, edges and sites are referred to by their places in the program; sites that it lacks are entered into it.
    """
    examination = Examination(recorded, accumulated, program)
    born = births(examination)
    others = [*magnitudes(examination), *vanishing(examination), *conventions(examination)]
    others.sort(key=lambda finding: _SEVERITIES.index(finding.severity))
    return [*(f for f in born if f.kind != "hidden"), *others, *(f for f in born if f.kind == "hidden")]


def diagnose(recorded: Recorded, accumulated: Accumulated, program: Program) -> None:
    """Enter the findings into a program, and at each node those that are about it."""
    program.findings = findings(recorded, accumulated, program)
    by_node: dict[int, list[int]] = {}
    for k, finding in enumerate(program.findings):
        if finding.node is not None:
            by_node.setdefault(finding.node, []).append(k)
    for place, about in by_node.items():
        program.nodes[place].findings = tuple(about)
