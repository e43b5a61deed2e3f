"""The nodes of chainrule's recordings, as programs find them on boxes: with parents, and the pull to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.api.single_nodes import is_node, parents_of, pulled_to_parents
from chainrule.interop.autograd.core import JVPNode, VJPNode


class RecordedNode(VJPNode):
    """The node of a value in reverse mode; nodes of one value are equal."""

    __slots__ = ("_recorded",)

    def __init__(self, recorded: Any) -> None:
        self._recorded = recorded

    @property
    def parents(self) -> list[Any]:
        """The nodes that it was made from, each once."""
        return list(map(RecordedNode, parents_of(self._recorded)))

    @property
    def vjp(self) -> Callable[[Any], tuple[Any, ...]]:
        """The pull to the parents."""
        return lambda g: tuple(pulled_to_parents(self._recorded, g))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordedNode) and self._recorded is other._recorded

    def __hash__(self) -> int:
        return hash(self._recorded)


class PushedNode(JVPNode):
    """The node of a value in forward mode: its tangent."""

    __slots__ = ()

    def __init__(self, tangent: Any) -> None:
        self.g = tangent


def class_of_nodes(attached: Any) -> type:
    """The class of autograd's nodes in traces of a mode, by what a level attached to a value."""
    return VJPNode if is_node(attached) else JVPNode


def as_autograd_has_it(attached: Any, level: int) -> Any:
    """The node for what a level attached to a value; None for a constant."""
    if level < 0:
        return None
    return RecordedNode(attached) if is_node(attached) else PushedNode(attached)
