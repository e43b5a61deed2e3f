"""The text of a program all of whose values are single numbers: forward, local derivatives, backward, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.explain.program import Edge, Program
from chainrule.explain.text.elision import within
from chainrule.explain.text.paths import path_lines
from chainrule.explain.text.tabulation import cut, headed, screen_width, side_by_side, table
from chainrule.explain.words.figures import counted, figures_for, short, single
from chainrule.explain.words.notation import bar, dot, juxtaposed, partial, use_name

# Where the results stand in the first line.
_ANCHOR = 44
# Steps that are listed at the beginning and at the end of a longer program.
_LISTED = 20
# To how many characters expressions and symbols are cut, one after the other, until the lines fit.
_SHORTER = (24, 16, 10)


def is_of_single_numbers(program: Program) -> bool:
    """Whether no value has more than one entry."""
    return all(single(node.value) is not None for node in program.nodes)


def number_lines(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """The whole text, without what was found."""
    write = figures_for(_shown(program))
    lines = headed(say(program.title), list(map(say, _results(program, write))), _ANCHOR, width)
    return lines + within(program, width, lambda shown, room: _below(shown, write, say, room))


def _below(program: Program, write: Callable[[Any], str], say: Callable[[str], str], width: int) -> list[str]:
    """What stands below the title; expressions and symbols are cut before numbers are."""
    gaps = (1, 8, 10)
    lines: list[str] = []
    for longest in (width, *_SHORTER):
        rows = _rows(program, write, say, longest)
        lines = table(rows, gaps, width)
        if max(map(screen_width, lines)) <= width:
            break
    else:
        lines = table(rows, gaps, width, cuttable=(0, 1), mark=say("…"))
    lines = ["", *lines] if len(rows) > 1 else []
    return lines + path_lines(program, write, say, width, single_numbers=True)


def _rows(
    program: Program, write: Callable[[Any], str], say: Callable[[str], str], longest: int
) -> list[list[str] | str]:
    """A row for each step and each local derivative, with expressions and symbols of at most so many characters."""
    steps = [k for k, node in enumerate(program.nodes) if node.op is not None]
    listed = steps if len(steps) <= 2 * _LISTED else [*steps[:_LISTED], *steps[-_LISTED:]]
    incoming = program.incoming()
    steps_made = [
        [
            cut(say(f"{program.nodes[k].name} = {program.nodes[k].expression}"), longest, say("…")),
            f"= {write(single(program.nodes[k].value))}",
        ]
        for k in listed
    ]
    forward = dict(zip(listed, side_by_side(steps_made, 4), strict=True)) if listed else {}
    edges = [program.edges[e] for k in listed for e in incoming[k]]
    derivatives = dict(zip(map(id, edges), _derivatives(program, edges, write, say, longest), strict=True))
    is_forward = program.mode == "forward"
    last = f"tangents {direction_name(program)}" if is_forward else "backward " + say(_seed(program))
    rows: list[list[str] | str] = [["forward", "local derivatives", last]]
    if is_forward and steps:
        for k in program.inputs[:_LISTED]:
            node = program.nodes[k]
            rows.append([say(f"{node.name} = {write(single(node.value))}"), "", say(_tangent(program, k, write))])
    for position, k in enumerate(listed):
        if len(listed) < len(steps) and position == _LISTED:
            rows.append(say(f" … {counted(len(steps) - len(listed))} more"))
        texts = [derivatives[id(program.edges[e])] for e in incoming[k]] or [""]
        derivative = _tangent(program, k, write) if is_forward else _adjoint(program, k, write)
        rows.append([forward[k], texts[0], say(derivative)])
        rows += [["", text, ""] for text in texts[1:]]
    return rows


def _shown(program: Program) -> list[Any]:
    """All numbers that the text shows."""
    numbers = [single(node.value) for node in program.nodes] + [single(node.adjoint) for node in program.nodes]
    numbers += [single(path.contribution) for path in program.paths]
    numbers += [_entry(edge) for edge in program.edges]
    return numbers


def _entry(edge: Edge) -> Any:
    entries = edge.jacobian.entries
    return None if entries is None or entries.size != 1 else entries.reshape(-1)[0].item()


def _results(program: Program, write: Callable[[Any], str]) -> list[str]:
    """The value, and the derivative by each input."""
    if program.result is None:
        return []
    result = program.nodes[program.result]
    texts = [f"{result.name} = {write(single(result.value))}"]
    for node in program.inputs:
        adjoint = single(program.nodes[node].adjoint)
        if adjoint is None or node == program.result:
            continue
        name = program.nodes[node].name
        derivative = f"d{result.name}/d{name}" if len(program.inputs) == 1 else partial(result.name, name)
        texts.append(f"{derivative} = {write(adjoint)}")
    return texts


def _seed(program: Program) -> str:
    """The adjoint of the result, which the column is called after."""
    name = "y" if program.result is None else program.nodes[program.result].name
    return bar(name) or f"∂{name}"


def _adjoint(program: Program, node: int, write: Callable[[Any], str]) -> str:
    adjoint = single(program.nodes[node].adjoint)
    if adjoint is None:
        return ""
    name = program.nodes[node].name
    result = name if program.result is None else program.nodes[program.result].name
    # The result's own is 1 by definition and was not computed.
    return f"{bar(name) or partial(result, name)} = {short(adjoint) if node == program.result else write(adjoint)}"


def _tangent(program: Program, node: int, write: Callable[[Any], str]) -> str:
    tangent = single(program.nodes[node].tangent)
    if tangent is None:
        return ""
    name = program.nodes[node].name
    return f"{dot(name) or f'd({name})'} = {write(tangent)}"


def direction_name(program: Program) -> str:
    """What the tangents are along."""
    return "along the gradient" if program.direction == "gradient" else f"along {program.direction}"


def _derivatives(
    program: Program, edges: list[Edge], write: Callable[[Any], str], say: Callable[[str], str], longest: int
) -> list[str]:
    """One for each edge: ∂u/∂v = what it is in names = its number."""
    rows = []
    for edge in edges:
        source, target = program.nodes[edge.source].name, program.nodes[edge.target].name
        # A symbol that only says what it is of says nothing.
        symbol = "" if edge.jacobian.symbol == partial(target, source) else say(juxtaposed(edge.jacobian.symbol))
        entry = _entry(edge)
        number = "" if entry is None else write(entry)
        if entry is not None and _is_number(symbol, entry):
            symbol, number = number, ""
        left = say(partial(program.nodes[edge.target].name, use_name(program, edge)))
        symbol = cut(symbol, longest, say("…"))
        rows.append([left, f"= {symbol}" if symbol else "", f"= {number}" if number else ""])
    return side_by_side(rows) if rows else []


def _is_number(symbol: str, entry: Any) -> bool:
    try:
        return bool(float(symbol) == entry)
    except ValueError:
        return False
