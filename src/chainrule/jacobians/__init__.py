"""The local Jacobian of every op, and its batching where it cannot be derived; the same file names as `ops/`.

Importing this package states the rules.
"""

from chainrule.jacobians import (
    arithmetic,
    bessel,
    complex_parts,
    contraction,
    conversion,
    convolution,
    cumulative,
    determinants,
    exponential,
    factorization,
    fourier,
    hyperbolic,
    indexing,
    movement,
    norms,
    ordering,
    reduction,
    rounding,
    selection,
    solving,
    trigonometric,
)

__all__ = [
    "arithmetic",
    "bessel",
    "complex_parts",
    "contraction",
    "conversion",
    "convolution",
    "cumulative",
    "determinants",
    "exponential",
    "factorization",
    "fourier",
    "hyperbolic",
    "indexing",
    "movement",
    "norms",
    "ordering",
    "reduction",
    "rounding",
    "selection",
    "solving",
    "trigonometric",
]
