"""What was found as text: births of non-finite numbers in full, the rest as notes of one line."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable

from chainrule.explain.program import Finding, Program
from chainrule.explain.words.figures import counted, short, single
from chainrule.explain.words.notation import element_name

# Findings of each sort that are written out.
_LISTED = 5
# Nodes that a path is written with.
_NODES = 8


def finding_lines(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """Sections for a failure, for what makes the gradient useless, and for what deserves a look."""
    lines: list[str] = []
    if program.failure is not None:
        lines += ["", say("⚠ the function raised an error")]
        lines += [say("  " + line) for line in program.failure.strip().splitlines()]
        if program.failed_site is not None:
            site = program.sites[program.failed_site]
            if f":{site.line}" not in program.failure:
                lines.append(say(f"  at {os.path.basename(site.file)}:{site.line}   {site.text}"))
    errors = [finding for finding in program.findings if finding.severity == "error"]
    notes = [finding for finding in program.findings if finding.severity != "error"]
    if errors:
        lines += ["", say(_heading(program))]
        for finding in errors[:_LISTED]:
            lines += [say(line) for line in _born(program, finding, width)]
        if len(errors) > _LISTED:
            lines.append(say(f"  … {counted(len(errors) - _LISTED)} more"))
    if notes:
        lines.append("")
        for finding in notes[:_LISTED]:
            lines += _note(program, finding, say, width)
        if len(notes) > _LISTED:
            lines.append(say(f" … {counted(len(notes) - _LISTED)} more"))
    return lines


def _heading(program: Program) -> str:
    """How much of the gradient and of the value is not finite."""
    if program.result is None:
        return "⚠ a value is not finite"
    adjoints = [program.nodes[node].adjoint for node in program.inputs]
    bad = sum(adjoint.nonfinite for adjoint in adjoints if adjoint is not None)
    size = sum(_size(adjoint.shape) for adjoint in adjoints if adjoint is not None)
    value = program.nodes[program.result].value
    number = single(value)
    if value.nonfinite:
        state = "the value is not finite" + ("" if number is None else f" ({short(number)})")
    else:
        state = "the value is finite" + ("" if number is None else f" ({number})")
    if not bad:
        return f"⚠ {state}; the gradient is finite"
    return f"⚠ gradient has {bad} non-finite element{'s'[: bad != 1]} of {size}; {state}"


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _born(program: Program, finding: Finding, width: int) -> list[str]:
    """One finding in full: where, what, of which class, how it spreads, what to do."""
    where = "an input" if finding.kind == "imported" else ""
    if finding.edge is not None:
        edge = program.edges[finding.edge]
        where = f"edge {program.nodes[edge.target].name} ← {program.nodes[edge.source].name}"
    elif finding.node is not None:
        node = program.nodes[finding.node]
        where = node.name if node.op is None else f"{node.name} = {node.expression}"
    if finding.site is not None:
        site = program.sites[finding.site]
        where += f"  at {os.path.basename(site.file)}:{site.line}   {site.text}"
    if finding.element:
        where += f"      element [{','.join(map(str, finding.element))}]"
    lines = [f"  born   {where}".rstrip()]
    lines += _wrapped(finding.message, "         ", width)
    lines.append(f"  class  {finding.reason}" + ("" if finding.kind == "birth" else f" ({finding.kind})"))
    if finding.path:
        lines.append(f"  path   {_route(program, finding)}")
    if finding.advice:
        first, *rest = finding.advice.splitlines()
        lines += _wrapped(first, "  fix    ", width)
        lines += [f"           {line.strip()}" for line in rest]
    return lines


def _route(program: Program, finding: Finding) -> str:
    """The nodes that the finding's path leads through."""
    first = program.edges[finding.path[0]].source
    names = [program.nodes[first].name]
    if finding.element and len(finding.element) == len(program.nodes[first].value.shape):
        names = [element_name(names[0], finding.element)]
    names += [program.nodes[program.edges[edge].target].name for edge in finding.path]
    if len(names) > _NODES:
        names = [*names[:4], "…", *names[-3:]]
    return " → ".join(names)


def _note(program: Program, finding: Finding, say: Callable[[str], str], width: int) -> list[str]:
    mark = "⚠" if finding.severity == "warning" else "·"
    text = f" {mark} {' '.join(finding.message.split())}"
    if finding.site is not None:
        site = program.sites[finding.site]
        place = f"{os.path.basename(site.file)}:{site.line}"
        if place not in text:
            text += f" ({place})"
    lines = _wrapped(text[3:], text[:3], width)
    for line in finding.advice.splitlines():
        lines += _wrapped(line.strip(), "   ", width)
    return list(map(say, lines))


def _wrapped(text: str, before: str, width: int) -> list[str]:
    """A text on as many lines as it needs, the first of which begins with something."""
    indent = " " * len(before)
    lines = [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(part, max(width - len(before), 20), break_long_words=False, break_on_hyphens=False)
    ]
    return [(before if k == 0 else indent) + line for k, line in enumerate(lines)]
