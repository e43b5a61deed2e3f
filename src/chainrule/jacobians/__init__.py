"""The local Jacobian of every op, and its batching where it cannot be derived; the same file names as `ops/`.

Importing this package states the rules; those of a family of ops that is loaded later are stated then.
"""

from importlib import import_module

from chainrule import ops
from chainrule.jacobians import (
    arithmetic,
    conversion,
    movement,
    reduction,
)

# Families whose ops have no derivative.
_WITHOUT_RULES = ("degeneracy", "integers", "looks")
# Families of ops whose rules are stated in a module of another name: no module of ops has the name of an op.
_HOMES = {"gamma_functions": "gamma", "sliding_windows": "windows", "tensor_products": "contraction"}


def _state(family: str) -> None:
    """State the rules of a family of ops."""
    if family not in _WITHOUT_RULES:
        import_module(f"{__name__}.{_HOMES.get(family, family)}")


ops.follow(_state)

__all__ = [
    "arithmetic",
    "conversion",
    "movement",
    "reduction",
]
