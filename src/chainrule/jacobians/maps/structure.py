"""Words for what is known of a matrix, and how they are found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

# What each word claims. Before "broadcast", "sum", "selection" and "permutation" may stand "weighted": numbers instead
# of ones, of which some may be missing. "permuted" stands before "kronecker" and "block": they are so in another order
# of rows and of columns.
STRUCTURES = {
    "scalar": "one row and one column",
    "zero": "all entries are 0",
    "identity": "square, ones on the diagonal",
    "diagonal": "square, nothing beside the diagonal",
    "permutation": "square, a single 1 in each row and in each column",
    "selection": "ones, at most one in each row",
    "broadcast": "ones, at most one in each row: repetitions",
    "ones": "one row of ones",
    "sum": "ones, at most one in each column",
    "kronecker": "the Kronecker product of two matrices, one of them an identity",
    "block": "equal blocks along the diagonal",
    "banded": "nothing but some parallels to the diagonal next to each other, at most half of them",
    "triangular": "square, nothing above the diagonal or nothing below it",
    "low rank": "a rank of at most half the number of rows, and of columns",
    "low rank + diagonal": "a sum of these",
    "dense": "nothing is claimed",
}

_ONE_IN_EACH_ROW = {"scalar", "identity", "diagonal", "permutation", "selection", "broadcast"}
_ONE_IN_EACH_COLUMN = {"scalar", "identity", "diagonal", "permutation", "sum", "ones"}
_NUMBERS = {"scalar", "diagonal"}


def product_word(words: Sequence[str]) -> str | None:
    """The word for a product of maps that follows from their words; None if none does."""
    weighted = any(word in _NUMBERS or word.startswith("weighted ") for word in words)
    bare = {word.removeprefix("weighted ") for word in words}
    if bare <= _ONE_IN_EACH_ROW:
        moving = bare - {"scalar", "identity", "diagonal"}
        if not moving:
            return "diagonal"
        if moving == {"permutation"}:
            word = "permutation"
        elif "selection" not in moving:
            word = "broadcast"
        else:
            word = "selection"
    elif bare <= _ONE_IN_EACH_COLUMN:
        word = "sum"
    else:
        return _reordered_word(words)
    return f"weighted {word}" if weighted else word


def _reordered_word(words: Sequence[str]) -> str | None:
    """The word for a Kronecker product, or for blocks, with rows and columns in another order."""
    moved = [word for word in words if word not in ("identity", "permutation")]
    if len(moved) == 1 and moved[0].removeprefix("permuted ") in ("kronecker", "block"):
        return f"permuted {moved[0].removeprefix('permuted ')}"
    return None


def found_word(rows: Any, columns: Any, shape: tuple[int, int]) -> str:
    """The word for a matrix of a shape whose non-zero entries are at places, none of them twice."""
    if not len(rows):
        return "zero"
    if shape == (1, 1):
        return "scalar"
    square = shape[0] == shape[1]
    if square and np.array_equal(rows, columns):
        return "diagonal"
    if np.bincount(rows, minlength=shape[0]).max() == 1:
        single = np.bincount(columns, minlength=shape[1]).max() == 1
        full = len(rows) == shape[0]
        if full and single and square:
            return "weighted permutation"
        return "weighted broadcast" if full else "weighted selection"
    if np.bincount(columns, minlength=shape[1]).max() == 1 and shape[0] > 1:
        return "weighted sum"
    if has_blocks(rows, columns, shape):
        return "block"
    offsets = columns - rows
    if is_band(offsets.min(), offsets.max(), shape):
        return "banded"
    if square and (offsets.max() <= 0 or offsets.min() >= 0):
        return "triangular"
    return "dense"


def is_band(lowest: int, highest: int, shape: tuple[int, int]) -> bool:
    """Whether entries with lowest ≤ column - row ≤ highest are a band: at most half of all parallels."""
    inside = lowest > 1 - shape[0] and highest < shape[1] - 1
    return inside and 2 * (highest - lowest + 1) <= shape[0] + shape[1] - 1


def has_blocks(rows: Any, columns: Any, shape: tuple[int, int]) -> bool:
    """Whether a matrix consists of two or more equal blocks along the diagonal."""
    common = math.gcd(*shape)
    return any(
        common % count == 0 and bool(np.all(rows // (shape[0] // count) == columns // (shape[1] // count)))
        for count in range(2, common + 1)
    )
