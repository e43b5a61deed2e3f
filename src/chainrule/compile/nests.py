"""The loop-nest language: what is computed for each element of a domain, and where it goes.

A nest runs over a domain, a box of indices, with the last axis innermost. For each index it computes the elements of
its roots, one after the other; what roots have in common is computed once.

store
    A node of the domain's shape is written to memory.
reduce
    The product of some elements is added up (or multiplied, or compared) over some axes of the domain.
write
    A part of an array in memory is overwritten, or added to, in place. The domain is that of the part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from chainrule.compile.access import Index
from chainrule.graph import Node


@dataclass(eq=False, slots=True)
class Root:
    """What a nest computes: a node that has memory.

    sources
        The operands whose elements the result is made of, each at its index: the node itself, the factors of a
        reduction, what is written.
    target
        Where the element goes: the index into the node, for a write into the part that is written.
    reduced
        The axes of the domain that a reduction takes away.
    combine
        How a reduction combines elements: add, multiply, maximum, minimum, or, and.
    kept
        Whether somebody outside of the nest reads the memory of a stored node.
    """

    node: Node
    kind: str
    sources: tuple[tuple[Any, Index], ...]
    target: Index
    reduced: tuple[int, ...] = ()
    combine: str = ""
    kept: bool = True


@dataclass(eq=False, slots=True)
class Nest:
    """Loops over a domain."""

    domain: tuple[int, ...]
    roots: list[Root] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The number of elements of the domain."""
        return math.prod(self.domain)


@dataclass(eq=False, slots=True)
class Multiplication:
    """A product of matrices by BLAS."""

    node: Node


@dataclass(eq=False, slots=True)
class Callback:
    """An operation that NumPy does."""

    node: Node


Step = Nest | Multiplication | Callback
