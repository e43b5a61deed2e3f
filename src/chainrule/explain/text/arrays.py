"""The text of a program with arrays: shapes, structures of the local Jacobians, and how the gradient comes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.explain.program import Edge, Program
from chainrule.explain.text.elision import within
from chainrule.explain.text.paths import path_lines
from chainrule.explain.text.scalars import direction_name
from chainrule.explain.text.tabulation import headed, padded, screen_width, side_by_side, table
from chainrule.explain.words.figures import array, counted, shape_text, short
from chainrule.explain.words.notation import element_name, juxtaposed, partial, use_name

# Where the results stand in the first line.
_ANCHOR = 54
# Steps that are listed at the beginning and at the end of a longer program.
_LISTED = 20
# Elements through which one element of an input reaches the result, and that are listed.
_ELEMENTS = 6
# Elements that are tried for one that can be shown.
_TRIED = 64
# Columns that the gradient takes in the first line.
_GRADIENT = 40


def array_lines(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """The whole text, without what was found."""
    lines = headed(say(program.title), list(map(say, results(program))), _ANCHOR, width)
    return lines + within(program, width, lambda shown, room: _below(shown, say, room))


def _below(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """What stands below the title."""
    lines = ["", *_table(program, say, width)]
    if program.mode != "forward":
        lines += _transposed(program, say, width)
    return lines + path_lines(program, short, say, width, single_numbers=False)


def results(program: Program) -> list[str]:
    """The value, and the gradient by each input."""
    if program.result is None:
        return []
    result = program.nodes[program.result]
    texts = [f"{result.name} = {array(result.value)}"]
    for node in program.inputs:
        adjoint = program.nodes[node].adjoint
        if adjoint is None or node == program.result:
            continue
        derivative = f"∇{result.name}" if len(program.inputs) == 1 else partial(result.name, program.nodes[node].name)
        texts.append(f"{derivative} = {array(adjoint, _GRADIENT, ', ')}")
    return texts


def _table(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    incoming = program.incoming()
    places = list(range(len(program.nodes)))
    listed = places if len(places) <= 2 * _LISTED else [*places[:_LISTED], *places[-_LISTED:]]
    edges = [program.edges[e] for k in listed for e in incoming[k]]
    jacobians = _jacobians(edges, say)
    result = "result" if program.result is None else program.nodes[program.result].name
    heads = ["node", "shape", "value", "edge", "Jacobian (out×in)", "structure"]
    is_forward = program.mode == "forward"
    heads.append(direction_name(program) if is_forward else partial(result, "node"))
    rows: list[list[str] | str] = [list(map(say, heads))]
    for position, k in enumerate(listed):
        if len(listed) < len(places) and position == _LISTED:
            rows.append(say(f" … {counted(len(places) - len(listed))} more"))
        node = program.nodes[k]
        into = [
            [
                f"{node.name} ← {use_name(program, program.edges[e])}",
                jacobians[id(program.edges[e])],
                program.edges[e].jacobian.structure,
            ]
            for e in incoming[k]
        ] or [["", "", ""]]
        name = node.name if node.op is None else f"{node.name} = {node.expression}"
        derivative = node.tangent if is_forward else node.adjoint
        last = "" if derivative is None else array(derivative)
        row = [name, shape_text(node.value.shape), array(node.value), *into[0], last]
        rows.append(list(map(say, row)))
        rows += [list(map(say, ["", "", "", *more, ""])) for more in into[1:]]
    gaps = (1, 2, 3, 5, 5, 3, 4)
    lines = table(rows, gaps, 10**6)
    if max(map(screen_width, lines)) > width:
        assert not isinstance(rows[0], str)
        rows[0][4] = "Jacobian"
        for cuttable in ((0, 2, 4, 6), (0, 2, 4, 5, 6), range(7)):
            lines = table(rows, gaps, width, cuttable=cuttable, mark=say("…"), names=(0,))
            if max(map(screen_width, lines)) <= width:
                break
    return lines


def _jacobians(edges: list[Edge], say: Callable[[str], str]) -> dict[int, str]:
    """For each edge its Jacobian's size and what it is in names."""
    rows = [
        [say(f"{edge.jacobian.rows}×{edge.jacobian.columns}"), say(juxtaposed(edge.jacobian.symbol))] for edge in edges
    ]
    return dict(zip(map(id, edges), side_by_side(rows, 3), strict=True)) if rows else {}


def _transposed(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """Why the gradient is the transposed Jacobian times a gradient, with one element written out."""
    edge = _shown_edge(program)
    if edge is None:
        return []
    assert program.result is not None
    result, target = program.nodes[program.result].name, program.nodes[edge.target].name
    operand = use_name(program, edge)
    rows, columns = edge.jacobian.rows, edge.jacobian.columns
    above = [partial(result, operand), "=", f"({partial(target, operand)})ᵀ", "·", partial(result, target)]
    below = [f"({columns})", "", f"({columns}×{rows})", "", f"({rows})"]
    above, below = list(map(say, above)), list(map(say, below))
    heading = " why " + say("Jᵀ") + " times the gradient"
    lines = [heading + " " * 8, " " * (len(heading) + 8)]
    for k, cells in enumerate(zip(above, below, strict=True)):
        taken = max(map(screen_width, cells)) if k % 2 else max(8, *map(screen_width, cells))
        for row in (0, 1):
            lines[row] += padded(cells[row], taken + (2 if k % 2 else 3))
    lines = [line.rstrip() for line in lines]
    if max(map(screen_width, lines)) > width:
        indent = len(heading) + 5
        lines = [heading, *("   " + line[indent + 3 :] for line in lines)]
    return ["", *lines, *_element(program, edge, say, width)]


def _shown_edge(program: Program) -> Edge | None:
    """The first use of an array input by a step that is not yet the result."""
    if program.result is None:
        return None
    inputs = set(program.inputs)
    for edge in program.edges:
        if (
            edge.source in inputs
            and edge.jacobian.columns > 1
            and edge.target != program.result
            and edge.contribution is not None
        ):
            return edge
    return None


def _element(program: Program, edge: Edge, say: Callable[[str], str], width: int) -> list[str]:
    """An element's derivative, the first one's if it is finite, as a sum over what it reaches the result through."""
    target = program.nodes[edge.target]
    entries, adjoint = edge.jacobian.entries, target.adjoint
    assert program.result is not None
    if entries is None or adjoint is None or adjoint.values is None or entries.shape[0] != adjoint.values.size:
        return []
    weights = adjoint.values.reshape(-1)
    place = next((k for k in range(min(entries.shape[1], _TRIED)) if _is_plain(entries[:, k], weights)), None)
    if place is None:
        return []
    column = entries[:, place]
    reached = np.flatnonzero(column)
    result, source = program.nodes[program.result].name, program.nodes[edge.source]
    index = [int(k) for k in np.unravel_index(place, source.value.shape)]
    operand = element_name(use_name(program, edge), index)
    names = [element_name(target.name, np.unravel_index(j, target.value.shape)) for j in reached[:_ELEMENTS]]
    more = reached.size - len(names)
    if more:
        through = ", ".join(names[:3]) + f", … ({counted(reached.size)} elements)"
    else:
        through = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    rows = []
    for name, j in zip(names, reached, strict=False):
        weight, factor = weights[j].item(), column[j].item()
        product = f"{_factor(weight, first=True)}·{_factor(factor)}"
        with np.errstate(all="ignore"):
            rows.append([f"{partial(result, name)}·{partial(name, operand)} =", product + " =", short(weight * factor)])
    products = side_by_side([list(map(say, row)) for row in rows], 1, "<>>")
    lines = ["   " + line for line in products]
    with np.errstate(all="ignore"):
        total = short((weights * column).sum().item())
    if more:
        lines.append(say(f"   … {counted(more)} more"))
    if len(reached) > 1:
        lines[-1] += f"      sum = {total}"
    heading = f" element {','.join(map(str, index))}: {operand} reaches {result} through {through}"
    return [say(heading), *lines]


def _is_plain(column: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> bool:
    """Whether an element reaches the result, by finite numbers: others follow rules of their own."""
    reached = column != 0
    return bool(reached.any() and np.isfinite(column[reached]).all() and np.isfinite(weights[reached]).all())


def _factor(x: object, *, first: bool = False) -> str:
    text = short(x)
    return f"({text})" if isinstance(x, complex) or (not first and text.startswith("-")) else text
