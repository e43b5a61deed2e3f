"""The paths from each input to the result as text, and their sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.explain.numbers import numbers
from chainrule.explain.program import Numbers, Path, Program
from chainrule.explain.text.tabulation import table
from chainrule.explain.words.figures import array, counted, short, single
from chainrule.explain.words.notation import use_name

# Inputs whose paths are listed; nodes that a path is written with; factors of its product.
_INPUTS = 6
_NODES = 9
_FACTORS = 6


def path_lines(
    program: Program, write: Callable[[Any], str], say: Callable[[str], str], width: int, *, single_numbers: bool
) -> list[str]:
    """A section for each input: its paths with their products (of single numbers), contributions, and their sum."""
    lines: list[str] = []
    sections = 0
    counts = dict.fromkeys(program.inputs, 0)
    for edge in program.edges:
        if edge.source in counts:
            counts[edge.source] += edge.paths
    for place, node in enumerate(program.inputs):
        count = counts[node]
        if not count or program.result is None:
            continue
        if not single_numbers and count == 1:
            continue
        if sections == _INPUTS:
            lines += ["", say(f" … and from {counted(len(program.inputs) - place)} more inputs")]
            break
        sections += 1
        lines += ["", *_section(program, place, count, write, say, width, single_numbers)]
    return lines


def _section(
    program: Program,
    place: int,
    count: int,
    write: Callable[[Any], str],
    say: Callable[[str], str],
    width: int,
    single_numbers: bool,
) -> list[str]:
    node = program.inputs[place]
    assert program.result is not None
    name, result = program.nodes[node].name, program.nodes[program.result].name
    uses = sum(edge.source == node for edge in program.edges)
    heading = f"{counted(count)} path{'s'[: count != 1]} from {name} to {result}"
    if uses > 1:
        heading += f" ({name} is used {counted(uses)} times)"
    paths = [path for path in program.paths if path.edges and program.edges[path.edges[0]].source == node]
    total = program.nodes[node].adjoint
    absolute = program.absolute[place] if place < len(program.absolute) else None

    def value(contribution: Numbers | None) -> str:
        if contribution is None:
            return ""
        return say("= " + (write(single(contribution)) if single_numbers else array(contribution)))

    rows: list[list[str]] = []
    for path in paths:
        product = say(_product(program, path, write)) if single_numbers else ""
        rows.append(
            [
                say(_route(program, path)),
                product,
                "",
                value(path.contribution),
                say(_share(path.contribution, absolute)) if count > 1 else "",
            ]
        )
    if count > len(paths):
        rest = _rest(total, paths)
        rows.append([say(f"… {counted(count - len(paths))} more"), "", "", value(rest) if rest is not None else "", ""])
    if count > 1:
        rows.append(["", "", "sum", value(total), say(_cancellation(total, absolute))])
    gaps, sides = [3, 4, 1, 2, 3], "<<><<"
    if not single_numbers:
        rows, gaps, sides = [[row[0], *row[2:]] for row in rows], [3, 1, 2, 3], "<><<"
    # The last column holds shares, set to the right, and one remark, which may be longer.
    shares = max((len(row[-1]) for row in rows if row[-2] and not row[-3]), default=0)
    for row in rows:
        if not row[-3]:
            row[-1] = row[-1].rjust(shares)
    cuttable = (0, 1) if single_numbers else (0,)
    return [" " + say(heading), *table(rows, gaps, width, sides=sides, cuttable=cuttable, mark=say("…"))]


def _route(program: Program, path: Path) -> str:
    names = [use_name(program, program.edges[edge]) for edge in path.edges]
    names.append(program.nodes[program.edges[path.edges[-1]].target].name)
    if len(names) > _NODES:
        names = [*names[:3], "…", *names[-2:]]
    return " → ".join(names)


def _product(program: Program, path: Path, write: Callable[[Any], str]) -> str:
    factors = []
    edges: Sequence[int | None] = path.edges
    if len(edges) > _FACTORS:
        edges = [*edges[:2], None, *edges[-2:]]
    for place in edges:
        if place is None:
            factors.append("…")
            continue
        entries = program.edges[place].jacobian.entries
        factor = None if entries is None or entries.size != 1 else entries.reshape(-1)[0].item()
        text = "?" if factor is None else write(factor)
        factors.append(f"({text})" if isinstance(factor, complex) else text)
    return " · ".join(factors)


def _share(contribution: Numbers, absolute: Numbers | None) -> str:
    """What part of the sum of the sizes of all paths this one is."""
    part, whole = single(contribution), single(absolute)
    if part is None or whole is None or not 0 < abs(whole) < np.inf or not np.isfinite(part):
        return ""
    return f"{100 * abs(part) / abs(whole):.1f} %"


def _rest(total: Numbers | None, paths: Sequence[Path]) -> Numbers | None:
    if total is None or total.values is None:
        return None
    rest = total.values
    with np.errstate(all="ignore"):
        for path in paths:
            if path.contribution.values is None:
                return None
            rest = rest - path.contribution.values
    return numbers(rest)


def _cancellation(total: Numbers | None, absolute: Numbers | None) -> str:
    """How much larger the sum of the sizes of the paths is than the size of their sum, at worst."""
    if total is None or absolute is None or total.values is None or absolute.values is None or not total.values.size:
        return ""
    sums, sizes = np.abs(total.values), absolute.values.astype(np.float64)
    if not (np.isfinite(sums).all() and np.isfinite(sizes).all()):
        return ""
    with np.errstate(all="ignore"):
        ratios = np.where(sizes == 0, 1.0, sizes / sums)
    worst = float(ratios.max())
    if worst < 1 + 1e-9:
        return "no cancellation"
    return "cancels to 0" if np.isinf(worst) else f"cancellation κ = {short(worst)}"
