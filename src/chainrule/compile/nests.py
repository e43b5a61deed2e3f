"""The loop-nest language: what is computed for each element of a domain, and where it goes.

A nest runs over a domain, a box of indices, with the last axis innermost. For each index it computes the elements of
its roots, one after the other; what roots have in common is computed once.

store
    A node of the domain's shape is written to memory.
reduce
    The product of some elements is added up (or multiplied, or compared) over some axes of the domain.
write
    A part of an array in memory is overwritten, or added to, in place. The domain is that of the part.
scan
    An element is made from those of the operands and the one before it along an axis, which stands in memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chainrule.compile.access import Affine, Index
from chainrule.graph import Node


class Variant(NamedTuple):
    """One element that a root makes at an index of the domain.

    sources
        The operands whose elements it is made of, each at its index: the node itself, the factors of a reduction, what
        is written.
    target
        Where it goes: the index into the node, for a write into the part that is written.
    """

    sources: tuple[tuple[Any, Index], ...]
    target: Index


@dataclass(eq=False, slots=True)
class Root:
    """What a nest computes: a node that has memory.

    variants
        What it makes at each index of the domain: one element, or as many as a short axis has that is written out,
        which then is no axis of the domain.
    written_out
        The axis that is written out, of those that the node or what is reduced has.
    reduced
        The axes of the domain that a reduction takes away.
    combine
        How a reduction combines elements: add, multiply, maximum, minimum, or, and.
    kept
        Whether somebody outside of the nest reads the memory of a stored node.
    """

    node: Node
    kind: str
    variants: tuple[Variant, ...]
    reduced: tuple[int, ...] = ()
    combine: str = ""
    kept: bool = True
    written_out: int | None = None


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


# An axis of up to so many places is written out, if there are so many elements beside it.
_SHORT_AXIS = 4
_MANY = 16


def is_short_axis(shape: tuple[int, ...], axis: int) -> bool:
    """Whether an axis has so few places, and the others so many, that it may be written out."""
    n = shape[axis]
    return len(shape) > 1 and 1 < n <= _SHORT_AXIS and math.prod(shape) >= _MANY * n


def is_written_out(domain: tuple[int, ...]) -> bool:
    """Whether the last axis of a domain is written out, so that the loop over the one before it is the innermost."""
    return bool(domain) and is_short_axis(domain, len(domain) - 1)


def written_out(domain: tuple[int, ...], variant: Variant, axis: int) -> tuple[Variant, ...]:
    """The variants for each place of an axis of a domain, which then is no axis of it."""

    def fixed(index: Index, place: int) -> Index:
        return tuple(
            Affine(-1, 0, a.offset + a.scale * place) if a.axis == axis else a._replace(axis=a.axis - (a.axis > axis))
            for a in index
        )

    return tuple(
        Variant(tuple((source, fixed(index, place)) for source, index in variant.sources), fixed(variant.target, place))
        for place in range(domain[axis])
    )


Step = Nest | Multiplication | Callback
