"""The local Jacobian of every op, and its batching where it cannot be derived; the same file names as `ops/`.

Importing this package states the rules; those of a family of ops that is loaded later are stated then.
"""

from importlib import import_module

from chainrule import ops
from chainrule.jacobians import (
    arithmetic,
    complex_parts,
    contraction,
    conversion,
    exponential,
    hyperbolic,
    indexing,
    limits,
    movement,
    reduction,
    rounding,
    selection,
    trigonometric,
)

# Families whose ops have no derivative.
_WITHOUT_RULES = ("degeneracy", "looks")


def _state(family: str) -> None:
    """State the rules of a family of ops."""
    if family not in _WITHOUT_RULES:
        import_module(f"{__name__}.{family}")


ops.follow(_state)

__all__ = [
    "arithmetic",
    "complex_parts",
    "contraction",
    "conversion",
    "exponential",
    "hyperbolic",
    "indexing",
    "limits",
    "movement",
    "reduction",
    "rounding",
    "selection",
    "trigonometric",
]
