"""The local Jacobian of a tensor operation as text: a matrix between flattened arrays, and its transpose at work."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.explain.program import Edge, Jacobian, Program
from chainrule.explain.text.arrays import results
from chainrule.explain.text.tabulation import headed, padded, screen_width
from chainrule.explain.words.figures import array, counted, listed, shape_text, short
from chainrule.explain.words.notation import juxtaposed, partial, use_name
from chainrule.explain.words.printing import spaced
from chainrule.explain.words.symbols import factor_symbols

# Where the shapes and the results stand in the first line.
_SHAPES, _ANCHOR = 16, 60
# The matrix begins here, and the remarks beside it this much after its end.
_MATRIX, _GAP = 10, 6
# Structures whose zeros do not depend on the numbers.
_SPARSE = frozenset("selection permutation zero broadcast sum triangular banded".split())
# Rows of the matrix that are shown.
_ROWS = 16


class _Pulled(NamedTuple):
    """How the transposed Jacobian is applied without being built: the code, its value, and its multiplications."""

    code: str
    value: np.ndarray[Any, Any]
    multiplications: int


def flattened_program(program: Program, say: Callable[[str], str], width: int) -> list[str]:
    """The edges into a product of matrices whose result is weighted and summed; nothing for other programs."""
    lines: list[str] = []
    for k in is_product_of_matrices(program):
        lines += ([""] if lines else []) + flattened_lines(program, k, say, width)
    return lines


def is_product_of_matrices(program: Program) -> list[int]:
    """The edges into a product of matrices whose result is only weighted and summed; none for other programs."""
    edges = [k for k, edge in enumerate(program.edges) if edge.jacobian.structure == "kronecker"]
    if not edges or program.result is None:
        return []
    target = program.edges[edges[0]].target
    for k, edge in enumerate(program.edges):
        if k in edges:
            belongs = edge.target == target and edge.source in program.inputs
            belongs = belongs and kronecker_factor(edge.jacobian) is not None
        else:
            belongs = edge.jacobian.structure in ("diagonal", "identity", "ones") and edge.source not in program.inputs
        if not belongs:
            return []
    return edges if len(program.nodes[target].value.shape) == 2 else []


def flattened_lines(program: Program, place: int, say: Callable[[str], str], width: int) -> list[str]:
    """The text of one edge."""
    edge = program.edges[place]
    jacobian, target, source = edge.jacobian, program.nodes[edge.target], program.nodes[edge.source]
    lines = [_heading(program, edge, say, width), ""]
    operand = use_name(program, edge)
    shapes = ", ".join(",".join(map(str, shape)) for shape in (jacobian.out_shape, jacobian.in_shape) if shape)
    flat = len(jacobian.out_shape) < 2 and len(jacobian.in_shape) < 2
    lines.append(
        say(
            f" {partial(target.name, operand)} has shape ({shapes}): {counted(jacobian.rows)} "
            f"output{'s'[: jacobian.rows != 1]} × {counted(jacobian.columns)} input{'s'[: jacobian.columns != 1]}"
            + (":" if flat else ". Flatten both row by row:")
        )
    )
    remarks = list(map(say, _remarks(target.name, source.name, jacobian)))
    lines += _matrix(target.name, source.name, jacobian, remarks, say, width)
    return lines + _at_work(program, edge, say, width)


def _heading(program: Program, edge: Edge, say: Callable[[str], str], width: int) -> str:
    """The step, the shapes that it takes and gives, and the value of the result."""
    target = program.nodes[edge.target]
    title = f"{target.name} = {spaced(target.expression)}"
    jacobian = edge.jacobian
    shapes = f"{shape_text(jacobian.in_shape)} -> {shape_text(jacobian.out_shape)}"
    factor = kronecker_factor(jacobian)
    if factor is not None:
        _, other, left = factor
        if left:
            shapes = (
                f"{shape_text(jacobian.in_shape)} @ {shape_text(other.T.shape)} -> {shape_text(jacobian.out_shape)}"
            )
        else:
            shapes = f"{shape_text(other.shape)} @ {shape_text(jacobian.in_shape)} -> {shape_text(jacobian.out_shape)}"
    text = padded(say(title), _SHAPES - 2) + "  " + shapes
    return "\n".join(headed(text, list(map(say, results(program)[:1])), _ANCHOR, width))


def kronecker_factor(jacobian: Jacobian) -> tuple[str, np.ndarray[Any, Any], bool] | None:
    """Of a Kronecker product with an identity the other factor: its name, its numbers, whether it stands right."""
    if jacobian.structure != "kronecker" or len(jacobian.factors) != 2:
        return None
    (first_name, first), (second_name, second) = jacobian.factors
    symbols = factor_symbols(jacobian.symbol)
    if len(symbols) == 2:
        first_name, second_name = symbols
    if _is_identity(first):
        return second_name, second, True
    if _is_identity(second):
        return first_name, first, False
    return None


def _is_identity(matrix: np.ndarray[Any, Any]) -> bool:
    return matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and np.array_equal(matrix, np.eye(len(matrix)))


def _remarks(target: str, source: str, jacobian: Jacobian) -> list[str]:
    """What there is to say of the matrix: its structure, what is stored of it, why there are zeros in it."""
    factor = kronecker_factor(jacobian)
    symbol, structure = juxtaposed(jacobian.symbol), jacobian.structure
    kind = "row-major" if structure == "kronecker" else structure
    dense = jacobian.rows * jacobian.columns
    stored = f"{counted(jacobian.stored)} number{'s'[: jacobian.stored != 1]}"
    if factor is not None:
        stored += f" ({factor[0].removesuffix('ᵀ')})"
    remarks = [
        f"structure  {symbol}  ({kind})" if symbol else f"structure  {kind}",
        f"stored     {stored}" + (f", not {counted(dense)}" if jacobian.stored != dense else ""),
    ]
    if factor is not None:
        part, index = ("row", "i") if factor[2] else ("column", "j")
        return [
            *remarks,
            f"'.' = zero because {part} {index} of {target}",
            f"      uses only {part} {index} of {source}",
        ]
    if structure in ("diagonal", "identity"):
        return [*remarks, f"'.' = zero because entry i of {target}", f"      uses only entry i of {source}"]
    if jacobian.entries is not None and not _pattern(jacobian).all():
        return [*remarks, "'.' = zero at any point"]
    return remarks


def _pattern(jacobian: Jacobian) -> np.ndarray[Any, Any]:
    """Which entries of the matrix may differ from zero, whatever the numbers are."""
    entries = jacobian.entries
    assert entries is not None
    factor = kronecker_factor(jacobian)
    if factor is not None:
        _, other, left = factor
        full, unit = np.ones(other.shape, bool), np.eye(entries.shape[0] // other.shape[0], dtype=bool)
        return np.kron(unit, full) if left else np.kron(full, unit)
    if jacobian.structure in ("diagonal", "identity"):
        return np.eye(*entries.shape, dtype=bool)
    if jacobian.structure.removeprefix("weighted ") in _SPARSE:
        return np.asarray(entries != 0)
    return np.ones(entries.shape, bool)


def _matrix(
    target: str, source: str, jacobian: Jacobian, remarks: list[str], say: Callable[[str], str], width: int
) -> list[str]:
    """The matrix with the names of its rows and columns, and the remarks beside it, or below if there is no room."""
    entries = jacobian.entries
    if entries is None or 0 in entries.shape:
        return [f"   {remark}" for remark in remarks]
    pattern = _pattern(jacobian)
    rows = _picked(entries.shape[0], _ROWS)
    row_names = [_label(target, jacobian.out_shape, i) for i in rows]
    indent = _MATRIX + max(map(screen_width, row_names)) + 3
    columns = list(range(entries.shape[1]))
    while True:
        column_names = [_label(source, jacobian.in_shape, j) for j in columns]
        cells = [
            ["…" if i is None or j is None else short(entries[i, j].item()) if pattern[i, j] else "." for j in columns]
            for i in rows
        ]
        cells = [list(map(say, row)) for row in cells]
        column_names = list(map(say, column_names))
        taken = max(3, *(screen_width(cell) for row in [*cells, column_names] for cell in row))
        room = max((width - indent - 2) // (taken + 1), 3)
        if len(columns) <= room:
            break
        columns = _picked(entries.shape[1], room)
    lines = [" " * indent + " ".join(padded(name, taken) for name in column_names).rstrip()]
    names_width = max(map(screen_width, row_names))
    for k, (name, row) in enumerate(zip(row_names, cells, strict=True)):
        prefix = "   J  =   " if k == (len(rows) - 1) // 2 else " " * _MATRIX
        body = " ".join(padded(cell, taken, "^") for cell in row)
        lines.append(f"{prefix}{padded(say(name), names_width)} [ {body} ]")
    beside = screen_width(lines[-1]) + _GAP
    if beside + max(map(screen_width, remarks)) > width:
        return [*lines, *("   " + remark for remark in remarks)]
    for k, remark in enumerate(remarks):
        if k + 1 == len(lines):
            lines.append("")
        lines[k + 1] = padded(lines[k + 1], beside) + remark
    return lines


def _picked(size: int, room: int) -> list[Any]:
    """The places that are shown, with None for those left out between."""
    if size <= room:
        return list(range(size))
    return [*range(room - 2), None, size - 1]


def _label(name: str, shape: tuple[int, ...], place: int | None) -> str:
    """A row's or column's element: A01, or A[0,12] where digits alone would be ambiguous."""
    if place is None:
        return "…"
    index = [int(k) for k in np.unravel_index(place, shape)] if shape else []
    if max(shape, default=0) > 10 or name[-1:].isdigit():
        return f"{name}[{','.join(map(str, index))}]" if index else name
    return name + "".join(map(str, index))


def _at_work(program: Program, edge: Edge, say: Callable[[str], str], width: int) -> list[str]:
    """The transposed Jacobian times the flattened gradient, reshaped, and what the code does instead."""
    target, contribution = program.nodes[edge.target], edge.contribution
    adjoint = target.adjoint
    if adjoint is None or contribution is None or adjoint.values is None or contribution.values is None:
        return []
    assert program.result is not None
    derivative = partial(program.nodes[program.result].name, target.name)
    weight = adjoint_name(program, edge.target)
    letter = weight or "G"
    named = f"{derivative} = {letter}" if weight else f"{letter} = {derivative}"
    flat_out, flat_in = len(adjoint.shape) < 2, len(contribution.shape) < 2
    lefts = [
        named if flat_out else f"{named}, flattened",
        f"Jᵀ · {letter}" if flat_out else f"Jᵀ · vec({letter})",
    ]
    if not flat_in:
        lefts.append(f"reshape to {shape_text(contribution.shape)}")
    lefts = list(map(say, lefts))
    taken = max(map(screen_width, lefts))
    room = width - taken - 4
    lines = [
        "",
        f" {padded(lefts[0], taken)}   {say(_row(adjoint.values, room))}",
        f" {padded(lefts[1], taken)} = {say(_row(contribution.values, room))}",
    ]
    pulled = _pulled(edge.jacobian, letter, adjoint.values)
    if not flat_in:
        text = listed(contribution.values, ", ") if contribution.values.size <= 24 else array(contribution, room, ", ")
        lines.append(f" {padded(lefts[2], taken)} = {say(text)}")
    if pulled is not None:
        with np.errstate(all="ignore"):
            tolerance = 1e3 * float(np.finfo(pulled.value.dtype).eps) if pulled.value.dtype.kind in "fc" else 0.0
            equal = np.allclose(pulled.value, contribution.values, tolerance, tolerance, equal_nan=True)
        verdict = say("✓ equal") if equal else "differs"
        tail = f"  =  {pulled.code}   {verdict}"
        if screen_width(lines[-1] + tail) <= width:
            lines[-1] += tail
        else:
            lines.append(" " * taken + tail)
        code = f" the code never builds J: it computes {pulled.code}"
        count = f"({counted(pulled.multiplications)} multiplications, J: "
        count += f"{counted(edge.jacobian.rows * edge.jacobian.columns)} entries)"
        joined = f"{code} {count}"
        lines += [joined] if screen_width(joined) <= width else [code, f"   {count}"]
    return lines


def _row(values: np.ndarray[Any, Any], room: int) -> str:
    """A vector as a row, with room for a sign before its integers."""
    flat = values.reshape(-1)
    items = [short(x).rjust(2) for x in flat[: max(room, 3)].tolist()]
    text = f"[{' '.join(items)} ]"
    if len(items) == flat.size and len(text) <= room:
        return text
    last = short(flat[-1].item()).rjust(2)
    kept: list[str] = []
    for item in items:
        if len(" ".join([*kept, item, "…", last])) + 3 > room and kept:
            break
        kept.append(item)
    return f"[{' '.join([*kept, '…', last])} ]"


def adjoint_name(program: Program, node: int) -> str | None:
    """The name that the adjoint of a node has in the program: that of what it is multiplied with before the sum."""
    name = None
    while node != program.result:
        out = [edge for edge in program.edges if edge.source == node]
        if len(out) != 1:
            return None
        structure, symbol = out[0].jacobian.structure, out[0].jacobian.symbol
        if structure == "diagonal":
            match = re.fullmatch(r"diag\(([^\W\d]\w*)\)", symbol)
            if match is None or name is not None:
                return None
            name = match[1]
        elif structure not in ("ones", "identity"):
            return None
        node = out[0].target
    return name


def _pulled(jacobian: Jacobian, letter: str, weights: np.ndarray[Any, Any]) -> _Pulled | None:
    """The code of the transposed Jacobian: with J = I ⊗ M, Jᵀ vec(G) is vec(G M); with J = M ⊗ I it is vec(Mᵀ G)."""
    factor = kronecker_factor(jacobian)
    if factor is None or len(jacobian.out_shape) != 2 or len(jacobian.in_shape) != 2:
        return None
    symbol, matrix, left = factor
    name = symbol.removesuffix("ᵀ")
    turned = "" if (name != symbol) != left else ".T"
    if not name.isidentifier():
        name = f"({name})"
    rows, columns = jacobian.out_shape
    if left:
        return _Pulled(f"{letter} @ {name}{turned}", weights @ matrix, rows * columns * matrix.shape[1])
    return _Pulled(f"{name}{turned} @ {letter}", matrix.T @ weights, matrix.shape[1] * rows * columns)
