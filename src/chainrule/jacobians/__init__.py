"""The local Jacobian of every op, and its batching where it cannot be derived; the same file names as `ops/`.

Importing this package states the rules.
"""

from chainrule.jacobians import (
    arithmetic,
    complex_parts,
    contraction,
    conversion,
    exponential,
    cumulative,
    hyperbolic,
    indexing,
    movement,
    reduction,
    selection,
    ordering,
    trigonometric,
)

__all__ = [
    "arithmetic",
    "complex_parts",
    "contraction",
    "conversion",
    "exponential",
    "hyperbolic",
    "indexing",
    "movement",
    "cumulative",
    "reduction",
    "selection",
    "trigonometric",
]
    "ordering",
