"""Findings about numbers that are not finite: where they were born, whether they matter, and where they went."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.explain.health.entries import is_bad_tangent
from chainrule.explain.health.examination import Examination
from chainrule.explain.health.ledger import Birth
from chainrule.explain.health.nonfinite import first, number
from chainrule.explain.program import Finding
from chainrule.graph import Node

# How many entries of the gradient a message names.
_NAMED = 3


def births(examination: Examination) -> list[Finding]:
    """Every birth in the order in which it happened: errors if they reach the result or the gradient, else notes."""
    ledger, recorded = examination.ledger, examination.recorded
    in_result = set() if recorded.result is None else ledger.descends_from(examination.value(recorded.result))
    if recorded.result is None and recorded.value is not None and is_bad_tangent(np.asarray(recorded.value)):
        # The result depends on the inputs, though not smoothly.
        in_result = {k for k, birth in enumerate(ledger.births) if birth.node in recorded.inputs}
    in_gradient: set[int] = set()
    for x_bar in examination.gradient:
        in_gradient |= ledger.descends_from(x_bar)
    reached = _inputs_reached(examination)
    found = []
    for k, birth in enumerate(list(ledger.births)):
        node = birth.node
        if node is None or (node.op is not None and node not in examination):
            continue
        if k in in_result and k in in_gradient:
            end = f"It reaches the result, and the gradient at {_listed(reached[k])}."
        elif k in in_result:
            end = "It reaches the result."
        elif k in in_gradient:
            end = f"It reaches the gradient at {_listed(reached[k])}."
        elif recorded.failure is not None:
            end = "The run ended before it was clear whether it matters."
        else:
            end = "It takes no part in the result and the gradient."
        found.append(_finding(examination, birth, node, end, k in in_result or k in in_gradient))
    return [*found, *_ended(examination)]


def _ended(examination: Examination) -> list[Finding]:
    """Births in operations that end the derivative, such as a floor of a quotient, in a result that has none."""
    recorded = examination.recorded
    if recorded.result is not None or recorded.value is None or not is_bad_tangent(np.asarray(recorded.value)):
        return []
    found = []
    for dead in recorded.dead_ends:
        xs = [examination.value(x) for x in dead.operands]
        if (
            type(dead.value) is tuple
            or not is_bad_tangent(dead.value)
            or any(type(x) is tuple or is_bad_tangent(x) for x in xs)
        ):
            continue
        element = first(~np.isfinite(dead.value))
        happened = f"`{dead.op.name}` of finite numbers is {number(np.asarray(dead.value)[element])}"
        message = f"{happened}. It reaches the result."
        site = examination.site(dead.position)
        found.append(Finding("birth", "undefined", "forward", "error", message, element=element or None, site=site))
    return found


def _finding(examination: Examination, birth: Birth, node: Node, end: str, matters: bool) -> Finding:
    cause = birth.cause(birth.place)
    if node.op is None:
        x = examination.value(node)[cause.element]
        finding = examination.finding(
            node,
            "imported" if matters else "hidden",
            "imported",
            f"The input {examination.entry(node, cause.element)} is {number(x)}. {end}",
            severity="error" if matters else "note",
            element=cause.element,
        )
        return replace(finding, path=_path_to_result(examination, node))
    kind = "hidden" if not matters else "imported" if cause.reason == "imported" else "birth"
    where = "" if not cause.element else f" at element [{', '.join(map(str, cause.element))}]"
    happened = f"{cause.happened[0].upper()}{cause.happened[1:]}" if cause.happened[0] == "t" else cause.happened
    message = f"{happened}{where}. {end}"
    edge = None if birth.phase == "forward" else examination.edge_of(node, birth.slot)
    return examination.finding(
        node,
        kind,
        cause.reason,
        message,
        cause.advice if matters else "",
        severity="error" if matters else "note",
        phase=birth.phase,
        element=cause.element,
        edge=edge,
        path=_path_to_result(examination, node)
        if birth.phase == "forward"
        else _path_to_input(examination, node, edge),
    )


def _inputs_reached(examination: Examination) -> dict[int, list[str]]:
    """By birth the entries of the gradient that descend from it, by name."""
    found: dict[int, list[str]] = {}
    for node, x_bar in zip(examination.recorded.inputs, examination.gradient, strict=False):
        for element, numbers in examination.ledger.entries(x_bar):
            for k in numbers:
                found.setdefault(k, []).append(examination.entry(node, element))
    return found


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def _path_to_result(examination: Examination, node: Node) -> tuple[int, ...]:
    """A shortest path of edges from a step to the result along values that are not finite; empty without one."""
    accumulated = examination.accumulated

    def following(place: int) -> list[tuple[int, int]]:
        edges = [(k, accumulated.arcs[k].target) for k in accumulated.outgoing[place]]
        return [
            (k, target) for k, target in edges if is_bad_tangent(examination.value(accumulated.steps[target].result))
        ]

    return _shortest(examination.step(node).place, following, lambda place: place == accumulated.result)


def _path_to_input(examination: Examination, node: Node, edge: int | None) -> tuple[int, ...]:
    """A shortest path of edges from a step back to an input along contributions that are not finite."""
    accumulated = examination.accumulated

    def following(place: int) -> list[tuple[int, int]]:
        edges = [(k, accumulated.arcs[k].source) for k in accumulated.incoming[place]]
        return [(k, source) for k, source in edges if is_bad_tangent(accumulated.arcs[k].contribution)]

    def is_input(place: int) -> bool:
        return accumulated.steps[place].is_input

    if edge is None:
        return _shortest(examination.step(node).place, following, is_input)
    rest = _shortest(accumulated.arcs[edge].source, following, is_input)
    return (edge, *rest) if rest or is_input(accumulated.arcs[edge].source) else ()


def _shortest(start: int, following: Any, is_end: Any) -> tuple[int, ...]:
    if is_end(start):
        return ()
    came: dict[int, tuple[int, int]] = {}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        for edge, other in following(place):
            if other in came or other == start:
                continue
            came[other] = (edge, place)
            if is_end(other):
                path = []
                while other != start:
                    edge, other = came[other]
                    path.append(edge)
                return tuple(reversed(path))
            waiting.append(other)
    return ()
