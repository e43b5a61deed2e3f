"""Results as text and as JSON, every digit of them."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import numpy as np
import optree


def as_text(tree: Any) -> str:
    """A number or array as Python would read it back; of a container each leaf, under its name."""
    leaves = optree.tree_leaves(tree)
    if len(leaves) == 1 and leaves[0] is tree:
        return _array_text(tree)
    names = ("".join(f"[{part!r}]" for part in path) for path in optree.tree_paths(tree))
    return "\n".join(labelled(name, _array_text(leaf)) for name, leaf in zip(names, leaves, strict=True))


def labelled(name: str, text: str) -> str:
    """Text under a name: beside it if it is one line, below it if it is more."""
    if "\n" not in text:
        return f"{name}: {text}"
    return f"{name}:\n" + "\n".join(f"  {line}" for line in text.splitlines())


def _array_text(leaf: Any) -> str:
    array = np.asarray(leaf)
    if not array.ndim:
        return repr(array[()].item()) if array.dtype.kind in "biufc" else str(leaf)
    if not array.size:
        return f"[] of shape {array.shape}"
    return np.array2string(array, separator=", ", threshold=sys.maxsize, floatmode="unique", max_line_width=100)


def as_json(tree: Any) -> str:
    """One JSON document on one line.

    Numbers that JSON lacks are written as text: "NaN", "Infinity", "-Infinity"; a complex number as [real, imaginary].

    >>> as_json({"gradient": {"x": np.array([1.5, np.inf])}})
    '{"gradient": {"x": [1.5, "Infinity"]}}'
    """
    return json.dumps(_plain(tree), allow_nan=False)


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_plain(value) for value in tree]
    if isinstance(tree, (np.ndarray, np.generic)):
        return _plain(tree.tolist())
    if isinstance(tree, complex):
        return [_plain(tree.real), _plain(tree.imag)]
    if isinstance(tree, float) and not math.isfinite(tree):
        return "NaN" if math.isnan(tree) else "Infinity" if tree > 0 else "-Infinity"
    return tree if isinstance(tree, (bool, int, float, str, type(None))) else str(tree)


def all_finite(tree: Any) -> bool:
    """Whether no number of a result is NaN or infinite."""
    return all(bool(np.isfinite(leaf).all()) for leaf in optree.tree_leaves(tree))


def holds_nothing(tree: Any) -> bool:
    """Whether a result has no numbers at all, not even an empty array of them."""
    return not optree.tree_leaves(tree)
