"""The orders in which the chain rule is multiplied out; one interpreter in one file."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.transforms.batch import BatchLevel
    from chainrule.transforms.forward import ForwardLevel
    from chainrule.transforms.reverse import ReverseLevel, Tape

__all__ = ["BatchLevel", "ForwardLevel", "ReverseLevel", "Tape"]

# Where each is; a program that goes backwards waits for no other order.
_HOMES = {"BatchLevel": "batch", "ForwardLevel": "forward", "ReverseLevel": "reverse", "Tape": "reverse"}


def __getattr__(name: str) -> Any:
    """Load what is asked for; the next one finds it without asking."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
