"""Vectors that are given by how they are added to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SparseObject:
    """A vector of a space, given by how it is added to another one in place."""

    __slots__ = ("mut_add", "vs")

    def __init__(self, vs: Any, mut_add: Callable[[Any], Any]) -> None:
        self.vs = vs
        self.mut_add = mut_add


def dense(x: Any) -> Any:
    """A vector that may be sparse as a value of its space."""
    return x.mut_add(x.vs.zeros()) if type(x) is SparseObject else x
