"""Long names in narrow texts: their middles are left out, so that columns keep room for what stands beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from chainrule.explain.program import Program
from chainrule.explain.text.tabulation import cut_inside, screen_width

# A name of more characters is shortened where there is not the room for it.
_LONGEST = 12
# Wide enough for everything.
_UNLIMITED = 10**6


def within(program: Program, width: int, lines: Callable[[Program, int], list[str]]) -> list[str]:
    """Lines about a program; about one with shorter names if some of them would be longer than `width`."""
    if all(len(node.name) <= _LONGEST for node in program.nodes):
        return lines(program, width)
    if max(map(screen_width, lines(program, _UNLIMITED)), default=0) <= width:
        return lines(program, width)
    return lines(with_short_names(program), width)


def with_short_names(program: Program) -> Program:
    """A program whose nodes have short names, save those that could then be mistaken for others."""
    names = [cut_inside(node.name, _LONGEST) for node in program.nodes]
    count = Counter(names)
    nodes = [
        node if count[name] > 1 else replace(node, name=name) for node, name in zip(program.nodes, names, strict=True)
    ]
    return replace(program, nodes=nodes)
