"""Which steps are drawn as one until they are opened: calls, loops and their iterations, and lines."""

from __future__ import annotations

from chainrule.explain.program import Group, Program
from chainrule.explain.recording import Recorded
from chainrule.explain.steps import Step


def groups_of(recorded: Recorded, found: list[Step], program: Program, max_nodes: int) -> list[Group]:
    """Groups such that at most `max_nodes` boxes are visible at first; none if there are no more steps than that."""
    return []
