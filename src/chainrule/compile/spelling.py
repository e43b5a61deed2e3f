"""Ops, numbers and keys in the words of NumPy."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph import Node
from chainrule.ops.paths import Path, Reshaped, Transposed
from chainrule.trace import Op, projection

# The column that comments begin in, if the line is not longer.
_COMMENTS = 40


def expression(node: Node, operands: list[str]) -> str:
    """What computes a node, given how its operands are written."""
    spell = _SPELLING.get(node.op)
    text = None if spell is None else spell(operands, node)
    return _call(_function(node.op), operands, node.params) if text is None else text


def names(taken: str = "") -> Iterator[str]:
    """The names a, b, ..., z, aa, ab, ... but for words of Python, `np`, and letters that are taken."""
    k = 0
    while True:
        k += 1
        letters, rest = "", k
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("a") + letter) + letters
        if not keyword.iskeyword(letters) and letters != "np" and (len(letters) > 1 or letters not in taken):
            yield letters


def commented(code: str, comment: str, indent: int = 4) -> str:
    """A line with a comment, in a column of its own; `indent` is how far the line will be moved to the right."""
    return f"{code:<{_COMMENTS - indent}}  # {comment}" if comment else code


def described(x: Any) -> str:
    """The dtype and shape of a node or array, of each result if there are several."""
    if type(x.dtype) is tuple:
        return ", ".join(f"{dtype}{list(shape)}" for shape, dtype in zip(x.shape, x.dtype, strict=True))
    return f"{x.dtype}{list(x.shape)}"


def number(x: Any) -> str:
    """A number of Python."""
    if isinstance(x, float) and not math.isfinite(x):
        return f"np.{x}" if x > 0 or math.isnan(x) else f"-np.{-x}"
    return repr(x)


def shape_argument(shape: tuple[int, ...]) -> str:
    """A shape as an argument of a function."""
    return str(shape[0]) if len(shape) == 1 else repr(shape)


def _lengths(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape)) or "()"


def dtype_argument(dtype: np.dtype[Any]) -> str:
    """A further argument for a dtype, if it is not the usual one."""
    return "" if dtype == np.dtype(float) else f", np.{dtype}"


def path_text(path: Path) -> str:
    """What selects a part of an array, written behind its name."""
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


def _rolled(x: list[str], node: Node) -> str:
    shifts, axes = ((v[0] if len(v) == 1 else v) for v in (node.params["shifts"], node.params["axes"]))
    return f"np.roll({x[0]}, {shifts!r}, axis={axes!r})"


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
    ops.broadcast_to: lambda x, node: f"np.broadcast_to({x[0]}, {shape_argument(node.shape)})",
    ops.transpose: _transposed,
    ops.concatenate: _joined("concatenate"),
    ops.stack: _joined("stack"),
    ops.flip: _reduction("flip"),
    ops.roll: _rolled,
    ops.reduce_sum: _reduction("sum"),
    ops.reduce_prod: _reduction("prod"),
    ops.reduce_max: _reduction("max"),
    ops.reduce_min: _reduction("min"),
    ops.reduce_fmax: _reduction("nanmax"),
    ops.reduce_fmin: _reduction("nanmin"),
    ops.reduce_all: _reduction("all"),
    ops.reduce_any: _reduction("any"),
    ops.index: lambda x, node: x[0] + path_text(node.params["path"]),
    ops.gather: lambda x, node: f"{x[0]}[{', '.join(x[1:])}]",
    projection: lambda x, node: f"{x[0]}[{node.params['k']}]",
}
