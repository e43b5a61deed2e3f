"""The piece of the user's source that an instruction belongs to, as a syntax tree."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import CodeType

# First line and column, last line and column; columns count bytes of UTF-8, as both Python's tables and trees do.
Span = tuple[int, int, int, int]


@dataclass(slots=True, eq=False)
class Parsed:
    """A file: its expressions and writes by where they stand, what each is part of, and the names of its modules."""

    by_span: dict[Span, ast.AST] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece of source: its tree, and the file that it is from."""

    tree: ast.AST
    parsed: Parsed

    def above(self) -> Piece | None:
        """What this is directly part of."""
        parent = self.parsed.parents.get(self.tree)
        return None if parent is None else Piece(parent, self.parsed)


@lru_cache(maxsize=65536)
def piece_of(code: CodeType, offset: int) -> Piece | None:
    """What an instruction was compiled from: an expression, an augmented assignment, a loop, the target of a write.

    None if the source is not at hand, or is not what was compiled, or if Python was told not to keep columns.
    """
    if offset < 0:
        return None
    place = next(islice(code.co_positions(), offset // 2, None), None)
    if place is None or None in place:
        return None
    line, end_line, column, end_column = place
    parsed = _parsed_file(code.co_filename)
    if parsed is None:
        return None
    tree = parsed.by_span.get((line, column, end_line, end_column))  # type: ignore[arg-type]  # none is None
    return None if tree is None else Piece(tree, parsed)


def _parsed_file(filename: str) -> Parsed | None:
    return _parsed("".join(linecache.getlines(filename)))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Parsed | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not tree.body:
        return None
    parsed = Parsed()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        for child in ast.iter_child_nodes(node):
            parsed.parents[child] = node
            stack.append(child)
        if isinstance(node, (ast.expr, ast.AugAssign, ast.For)):
            assert node.end_lineno is not None  # of a tree that was parsed
            assert node.end_col_offset is not None
            span = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            # What is outermost was met first.
            parsed.by_span.setdefault(span, node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            parsed.modules.update(_imported(node))
    return parsed


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom) and alias.name[:1].isupper():
            # A class or a constant.
            continue
        yield alias.asname or alias.name.split(".")[0]
