"""A local Jacobian as a picture of a few cells: where it is zero, positive and negative, and how large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.explain.drawing.layout import Rectangle
from chainrule.explain.program import Jacobian

# Cells along the longer side, at most.
CELLS = 12


@dataclass(slots=True)
class Thumbnail:
    """Rows and columns of cells, and those that are not zero: row, column, and size from -1 to 1 (None: not finite).

    `schematic` says that the entries are not known: the cells show the structure alone.
    """

    rows: int
    columns: int
    cells: list[tuple[int, int, float | None]]
    schematic: bool = False


def thumbnail(jacobian: Jacobian) -> Thumbnail:
    """The entries, the largest of each cell; if they are not kept, what the structure says of where they are.

    >>> J = Jacobian("diagonal", (2,), (2,), "diag(y)", "", 2, np.diag([1.0, -2.0]))
    >>> thumbnail(J).cells
    [(0, 0, 0.5), (1, 1, -1.0)]
    """
    if jacobian.entries is None or not jacobian.entries.size:
        return _schematic(jacobian)
    matrix = np.asarray(jacobian.entries).reshape(jacobian.rows, jacobian.columns)
    if matrix.dtype.kind == "c":
        matrix = np.abs(matrix)
    matrix = matrix.astype(np.float64)
    rows, columns = (min(n, CELLS) for n in matrix.shape)
    finite = np.where(np.isfinite(matrix), matrix, 0.0)
    greatest = float(np.abs(finite).max())
    row_ends = [k * matrix.shape[0] // rows for k in range(rows + 1)]
    column_ends = [k * matrix.shape[1] // columns for k in range(columns + 1)]
    cells: list[tuple[int, int, float | None]] = []
    for i in range(rows):
        for j in range(columns):
            block = np.s_[row_ends[i] : row_ends[i + 1], column_ends[j] : column_ends[j + 1]]
            if not np.isfinite(matrix[block]).all():
                cells.append((i, j, None))
                continue
            part = finite[block].ravel()
            entry = float(part[np.abs(part).argmax()])
            if entry:
                cells.append((i, j, entry / greatest))
    return Thumbnail(rows, columns, cells)


def cell_rectangles(
    picture: Thumbnail, side: float, x: float, middle: float
) -> tuple[Rectangle, list[tuple[Rectangle, float | None]]]:
    """The frame and the cells in a square from x on: negative cells are smaller, so that the sign is not colour alone.

    A row or a column is drawn no thinner than a sixth of its length.
    """
    longest = max(picture.rows, picture.columns, 1)
    width = max(side * picture.columns / longest, side / 6)
    height = max(side * picture.rows / longest, side / 6)
    frame = Rectangle(x + (side - width) / 2, middle - height / 2, width, height)
    across, down = width / max(picture.columns, 1), height / max(picture.rows, 1)
    cells: list[tuple[Rectangle, float | None]] = []
    for i, j, size in picture.cells:
        inset = 0.18 if size is not None and size < 0 else 0.0
        left, top = frame.x + (j + inset) * across, frame.y + (i + inset) * down
        cells.append((Rectangle(left, top, (1 - 2 * inset) * across, (1 - 2 * inset) * down), size))
    return frame, cells


def _schematic(jacobian: Jacobian) -> Thumbnail:
    rows, columns = min(jacobian.rows, 8), min(jacobian.columns, 8)
    cells: list[tuple[int, int, float | None]] = []
    for i in range(rows):
        for j in range(columns):
            across, down = (j + 0.5) / columns, (i + 0.5) / rows
            if {
                "zero": False,
                "identity": abs(across - down) < 0.5 / max(rows, columns),
                "diagonal": abs(across - down) < 0.5 / max(rows, columns),
                "triangular": across <= down,
                "banded": abs(across - down) < 1.5 / max(rows, columns),
                "block": int(2 * across) == int(2 * down),
                "kronecker": int(4 * across) == int(4 * down),
                "permutation": j == (3 * i + 1) % columns,
                "selection": j == (3 * i + 1) % columns,
            }.get(jacobian.structure, True):
                cells.append((i, j, 0.5))
    return Thumbnail(rows, columns, cells, schematic=True)
