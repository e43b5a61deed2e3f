"""What was computed: nodes, their order, where in the user's code they came from.

Printing (`printing`), verification (`verify`) and evaluation (`replay`) are imported from their own files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.graph.node import Node
from chainrule.graph.position import Position, here, user_frame

if TYPE_CHECKING:
    from chainrule.graph.beginning import IMPORTED
    from chainrule.graph.graph import Graph
    from chainrule.graph.order import ancestors

__all__ = ["IMPORTED", "Graph", "Node", "Position", "ancestors", "here", "user_frame"]

# Where the rest is; a program that is only run and gone through backwards asks for none of it.
_HOMES = {"IMPORTED": "beginning", "Graph": "graph", "ancestors": "order"}


def __getattr__(name: str) -> Any:
    """Load what is asked for; the next one finds it without asking."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
