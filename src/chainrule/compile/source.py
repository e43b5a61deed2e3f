"""A program as readable text, in the words of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

from chainrule import ops
from chainrule.compile.passes.constants import number_of
from chainrule.compile.program import Guard, Program
from chainrule.compile.spelling import (
    commented,
    described,
    dtype_argument,
    expression,
    names,
    number,
    path_text,
    shape_argument,
)
from chainrule.graph import Node
from chainrule.trace import Op

# Constants of at most so many elements are written where they are used.
_SHORT = 4


def source(program: Program) -> str:
    """The program, one assignment a line, with shapes and dtypes as comments and guards as assertions.

    Names go a, b, ..., in order; capital ones are constants. A write goes to the array itself where that is not used
    afterwards, and otherwise to a copy.
    """
    return "\n".join(_Text(program).lines())


class _Text:
    """The text of one program as it is written."""

    def __init__(self, program: Program) -> None:
        graph = program.graph
        self.program = program
        self._fresh = names()
        self.names: dict[Node, str] = {node: next(self._fresh) for node in graph.inputs}
        self.constants: dict[int, tuple[str, Any]] = {}
        self._remaining: dict[Node, int] = {}
        self._viewed: set[Node] = set()
        for node in graph.nodes:
            for operand in node.operands:
                if type(operand) is Node:
                    self._remaining[operand] = self._remaining.get(operand, 0) + 1
                    if node.op in _VIEWS:
                        self._viewed.add(operand)
        for output in graph.outputs:
            if type(output) is Node:
                self._remaining[output] = self._remaining.get(output, 0) + 1

    def lines(self) -> list[str]:
        """All lines."""
        program = self.program
        graph = program.graph
        guards: dict[Any, list[Guard]] = {}
        body: list[str] = []
        for node, guard in zip(graph.outputs[program.results :], program.guards, strict=True):
            if type(node) is Node and node.op is not None:
                guards.setdefault(node, []).append(guard)
            else:
                body.append(self._guard(node, guard))
        for node in graph.nodes:
            body += self._assignment(node)
            body += [self._guard(node, guard) for guard in guards.get(node, ())]
        results = ", ".join(self.operand(output) for output in graph.outputs[: program.results])
        body.append(f"return {results}".rstrip())
        named = [commented(f"{name} = {_contents(x)}", described(x)) for name, x in self.constants.values()]
        inputs = ", ".join(self.names[node] for node in graph.inputs)
        header = commented(f"def program({inputs}):", ", ".join(map(described, graph.inputs)), indent=0)
        return [header, *(f"    {line}" for line in (*named, *body))]

    def _assignment(self, node: Node) -> list[str]:
        """The lines that make the value of a node."""
        written = _WRITES.get(node.op)
        if written is None:
            self.names[node] = next(self._fresh)
            text = expression(node, [self.operand(x) for x in node.operands])
            self._used(node)
            return [commented(f"{self.names[node]} = {text}", described(node))]
        first, *others = node.operands
        values = [self.operand(x) for x in others]
        if node.op is ops.place:
            made = f"np.zeros({shape_argument(node.shape)}{dtype_argument(node.dtype)})"
            values = [self.operand(first)]
        elif type(first) is Node and self._is_last_use(first, node):
            made = None
            self.names[node] = self.names[first]
        else:
            made = f"{self.operand(first)}.copy()"
        lines = []
        if made is not None:
            self.names[node] = next(self._fresh)
            lines.append(commented(f"{self.names[node]} = {made}", described(node)))
        self._used(node)
        lines.append(written(self.names[node], values, node.params))
        return lines

    def _is_last_use(self, x: Node, by: Node) -> bool:
        """Whether nobody sees that the array is written to."""
        return x.op is not None and x not in self._viewed and x.op not in _VIEWS and self._remaining[x] == 1

    def _used(self, node: Node) -> None:
        for operand in node.operands:
            if type(operand) is Node:
                self._remaining[operand] -= 1

    def _guard(self, node: Any, guard: Guard) -> str:
        where = "" if guard.position is None else f"{FilePath(guard.position.file).name}:{guard.position.line}"
        return commented(f"assert {self.operand(node)} == {self.operand(guard.value)}", where)

    def operand(self, x: Any) -> str:
        """A value where it is used."""
        if type(x) is Node:
            return self.names[x]
        if not x.shape:
            return number(x.item())
        if x.size <= _SHORT and x.ndim == 1:
            return f"[{', '.join(map(number, x.tolist()))}]"
        name, _ = self.constants.setdefault(id(x), (f"C{len(self.constants) + 1}", x))
        return name


def _contents(x: Any) -> str:
    """An array of one number; the contents of another are left out."""
    only = number_of(x)
    return "..." if only is None else f"np.full({shape_argument(x.shape)}, {number(only.item())})"


# How an array is written to, by its name, what is written, and the parameters.
_WRITES: dict[Op, Callable[[str, list[str], dict[str, Any]], str]] = {
    ops.place: lambda x, v, params: f"{x}{path_text(params['path'])} = {v[0]}",
    ops.update: lambda x, v, params: f"{x}{path_text(params['path'])} = {v[0]}",
    ops.accumulate: lambda x, v, params: f"{x}{path_text(params['path'])} += {v[0]}",
    ops.scatter: lambda x, v, params: f"{x}[{', '.join(v[1:])}] = {v[0]}",
    ops.scatter_add: lambda x, v, params: f"np.add.at({x}, ({', '.join(v[1:])},), {v[0]})",
}

# What NumPy gives a view of.
_VIEWS = frozenset((ops.index, ops.reshape, ops.transpose, ops.broadcast_to, ops.flip))
