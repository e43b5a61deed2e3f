"""A program as readable text, in the words of NumPy."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.constants import number_of
from chainrule.compile.program import Guard, Program
from chainrule.graph import Node
from chainrule.ops.paths import Path, Reshaped, Transposed
from chainrule.trace import Op, projection

# Constants of at most so many elements are written where they are used.
_SHORT = 4

# The column that comments begin in, if the line is not longer.
_COMMENTS = 40


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
        self._fresh = _names()
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
        named = [_commented(f"{name} = {_contents(x)}", _type(x)) for name, x in self.constants.values()]
        inputs = ", ".join(self.names[node] for node in graph.inputs)
        header = _commented(f"def program({inputs}):", ", ".join(map(_type, graph.inputs)), indent=0)
        return [header, *(f"    {line}" for line in (*named, *body))]

    def _assignment(self, node: Node) -> list[str]:
        """The lines that make the value of a node."""
        written = _WRITES.get(node.op)
        if written is None:
            self.names[node] = next(self._fresh)
            text = self.expression(node)
            self._used(node)
            return [_commented(f"{self.names[node]} = {text}", _type(node))]
        first, *others = node.operands
        values = [self.operand(x) for x in others]
        if node.op is ops.place:
            made = f"np.zeros({_shape(node.shape)}{_dtype_argument(node.dtype)})"
            values = [self.operand(first)]
        elif type(first) is Node and self._is_last_use(first, node):
            made = None
            self.names[node] = self.names[first]
        else:
            made = f"{self.operand(first)}.copy()"
        lines = []
        if made is not None:
            self.names[node] = next(self._fresh)
            lines.append(_commented(f"{self.names[node]} = {made}", _type(node)))
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
        return _commented(f"assert {self.operand(node)} == {self.operand(guard.value)}", where)

    def expression(self, node: Node) -> str:
        """The right-hand side for a node."""
        operands = [self.operand(x) for x in node.operands]
        spell = _SPELLING.get(node.op)
        if spell is not None:
            text = spell(operands, node)
            if text is not None:
                return text
        return _call(_function(node.op), operands, node.params)

    def operand(self, x: Any) -> str:
        """A value where it is used."""
        if type(x) is Node:
            return self.names[x]
        if not x.shape:
            return _number(x.item())
        if x.size <= _SHORT and x.ndim == 1:
            return f"[{', '.join(map(_number, x.tolist()))}]"
        name, _ = self.constants.setdefault(id(x), (f"C{len(self.constants) + 1}", x))
        return name


def _contents(x: Any) -> str:
    """An array of one number; the contents of another are left out."""
    number = number_of(x)
    return "..." if number is None else f"np.full({_shape(x.shape)}, {_number(number.item())})"


def _names() -> Iterator[str]:
    """The names a, b, ..., z, aa, ab, ... but for words of Python and `np`."""
    k = 0
    while True:
        k += 1
        letters, rest = "", k
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("a") + letter) + letters
        if not keyword.iskeyword(letters) and letters != "np":
            yield letters


def _commented(code: str, comment: str, indent: int = 4) -> str:
    return f"{code:<{_COMMENTS - indent}}  # {comment}" if comment else code


def _type(x: Any) -> str:
    if type(x.dtype) is tuple:
        return ", ".join(f"{dtype}{list(shape)}" for shape, dtype in zip(x.shape, x.dtype, strict=True))
    return f"{x.dtype}{list(x.shape)}"


def _number(x: Any) -> str:
    if isinstance(x, float) and not math.isfinite(x):
        return f"np.{x}" if x > 0 or math.isnan(x) else f"-np.{-x}"
    return repr(x)


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape[0]) if len(shape) == 1 else repr(shape)


def _lengths(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape)) or "()"


def _dtype_argument(dtype: np.dtype[Any]) -> str:
    return "" if dtype == np.dtype(float) else f", np.{dtype}"


def _path(path: Path) -> str:
    return "".join(_step(step) for step in path)


def _step(step: Any) -> str:
    if type(step) is tuple:
        return f"[{', '.join(map(_part, step)) or '...'}]"
    if type(step) is Reshaped:
        return f".reshape({_lengths(step.shape)})"
    if type(step) is Transposed:
        return f".transpose{step.axes!r}"
    return f".diagonal({step.offset}, {step.first}, {step.second})"


def _part(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if type(part) is not slice:
        return repr(part)
    text = f"{'' if part.start in (None, 0) else part.start}:{'' if part.stop is None else part.stop}"
    return text if part.step in (None, 1) else f"{text}:{part.step}"


def _call(function: str, operands: Sequence[str], params: dict[str, Any]) -> str:
    arguments = [*operands, *(f"{key}={value!r}" for key, value in params.items() if key != "donate")]
    return f"{function}({', '.join(arguments)})"


def _function(op: Op) -> str:
    """What NumPy calls an op, if it has it by the same name; else the name of the op."""
    for module, prefix in ((np, "np."), (np.linalg, "np.linalg."), (np.fft, "np.fft.")):
        if callable(getattr(module, op.name, None)):
            return prefix + op.name
    return op.name


Spell = Callable[[list[str], Node], str | None]


def _infix(sign: str, only: str = "biufc") -> Spell:
    def spell(x: list[str], node: Node) -> str | None:
        return f"{x[0]} {sign} {x[1]}" if all(a.dtype.kind in only for a in node.operands) else None

    return spell


def _prefix(sign: str, only: str = "biufc") -> Spell:
    def spell(x: list[str], node: Node) -> str | None:
        return sign + x[0] if node.operands[0].dtype.kind in only else None

    return spell


def _reduction(function: str) -> Spell:
    def spell(x: list[str], node: Node) -> str:
        axes = node.params["axes"]
        if axes == tuple(range(len(node.operands[0].shape))):
            return f"np.{function}({x[0]})"
        return f"np.{function}({x[0]}, axis={axes[0] if len(axes) == 1 else axes})"

    return spell


def _transposed(x: list[str], node: Node) -> str:
    axes = node.params["axes"]
    return f"{x[0]}.T" if axes == tuple(range(len(axes)))[::-1] else f"{x[0]}.transpose{axes!r}"


def _joined(function: str) -> Spell:
    return lambda x, node: f"np.{function}([{', '.join(x)}], axis={node.params['axis']})"


_SPELLING: dict[Op, Spell] = {
    ops.add: _infix("+"),
    ops.subtract: _infix("-"),
    ops.multiply: _infix("*"),
    ops.divide: _infix("/"),
    ops.negative: _prefix("-"),
    ops.square: lambda x, node: f"{x[0]} ** 2",
    ops.reciprocal: lambda x, node: f"1 / {x[0]}",
    ops.power: _infix("**"),
    ops.power_operator: _infix("**"),
    ops.raised: lambda x, node: f"{x[0]} ** {node.params['exponent'] - node.params.get('less', 0)}",
    ops.remainder: _infix("%"),
    ops.floor_divide: _infix("//"),
    ops.equal: _infix("=="),
    ops.not_equal: _infix("!="),
    ops.less: _infix("<"),
    ops.less_equal: _infix("<="),
    ops.greater: _infix(">"),
    ops.greater_equal: _infix(">="),
    ops.logical_and: _infix("&", "b"),
    ops.logical_or: _infix("|", "b"),
    ops.logical_xor: _infix("^", "b"),
    ops.logical_not: _prefix("~", "b"),
    ops.bitwise_and: _infix("&"),
    ops.bitwise_or: _infix("|"),
    ops.bitwise_xor: _infix("^"),
    ops.invert: _prefix("~"),
    ops.left_shift: _infix("<<"),
    ops.right_shift: _infix(">>"),
    ops.matmul: _infix("@"),
    ops.matvec: _infix("@"),
    ops.vecmat: _infix("@"),
    ops.vecvec: _infix("@"),
    ops.einsum: lambda x, node: f"np.einsum({', '.join([repr(node.params['subscripts']), *x])})",
    ops.select: lambda x, node: f"np.where({', '.join(x)})",
    ops.modulus: lambda x, node: f"np.absolute({x[0]})",
    ops.complex_of: lambda x, node: f"{x[0]} + 1j * {x[1]}",
    ops.convert: lambda x, node: f"{x[0]}.astype(np.{node.dtype})",
    ops.truncate: lambda x, node: f"{x[0]}.astype(np.{node.dtype})",
    ops.reshape: lambda x, node: f"{x[0]}.reshape({_lengths(node.shape)})",
    ops.broadcast_to: lambda x, node: f"np.broadcast_to({x[0]}, {_shape(node.shape)})",
    ops.transpose: _transposed,
    ops.concatenate: _joined("concatenate"),
    ops.stack: _joined("stack"),
    ops.flip: _reduction("flip"),
    ops.reduce_sum: _reduction("sum"),
    ops.reduce_prod: _reduction("prod"),
    ops.reduce_max: _reduction("max"),
    ops.reduce_min: _reduction("min"),
    ops.reduce_fmax: _reduction("nanmax"),
    ops.reduce_fmin: _reduction("nanmin"),
    ops.reduce_all: _reduction("all"),
    ops.reduce_any: _reduction("any"),
    ops.index: lambda x, node: x[0] + _path(node.params["path"]),
    ops.gather: lambda x, node: f"{x[0]}[{', '.join(x[1:])}]",
    projection: lambda x, node: f"{x[0]}[{node.params['k']}]",
}

# How an array is written to, by its name, what is written, and the parameters.
_WRITES: dict[Op, Callable[[str, list[str], dict[str, Any]], str]] = {
    ops.place: lambda x, v, params: f"{x}{_path(params['path'])} = {v[0]}",
    ops.update: lambda x, v, params: f"{x}{_path(params['path'])} = {v[0]}",
    ops.accumulate: lambda x, v, params: f"{x}{_path(params['path'])} += {v[0]}",
    ops.scatter: lambda x, v, params: f"{x}[{', '.join(v[1:])}] = {v[0]}",
    ops.scatter_add: lambda x, v, params: f"np.add.at({x}, ({', '.join(v[1:])},), {v[0]})",
}

# What NumPy gives a view of.
_VIEWS = frozenset((ops.index, ops.reshape, ops.transpose, ops.broadcast_to, ops.flip))
