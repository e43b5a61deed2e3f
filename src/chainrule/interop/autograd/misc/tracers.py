"""Traces with nodes of their own: functions whose constant parts are computed once, and graphs of calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

from chainrule.interop.autograd.tracer import Node, trace
from chainrule.interop.autograd.util import subvals, toposort
from chainrule.interop.autograd.wrap_util import wraps


class ConstGraphNode(Node):
    """A call as a function of what depends on the argument."""

    __slots__ = ("parents", "partial_fun")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        # What depends on the argument is not held.
        held = subvals(args, zip(parent_argnums, repeat(None), strict=False))
        self.parents = parents
        self.partial_fun = lambda given: fun(*subvals(held, zip(parent_argnums, given, strict=True)), **kwargs)

    def initialize_root(self) -> None:
        """Begin at the argument."""
        self.parents = []


def const_graph_unary(fun: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that runs once, and of which only what depends on its argument is computed in later calls."""
    graph: list[Any] = []
    # Emptied by the first call, so that what the function holds can be freed.
    waiting = [fun]

    def call(x: Any) -> Any:
        if graph:
            root, *nodes = graph
            values = {root: x}
            for node in nodes:
                values[node] = node.partial_fun([values[parent] for parent in node.parents])
            return values[graph[-1]]
        end_value, end_node = trace(ConstGraphNode.new_root(), waiting.pop(), x)
        if end_node is None:
            raise ValueError("Output is independent of input")
        graph.extend(reversed(list(toposort(end_node))))
        return end_value

    return call


def const_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """A function, the first arguments of which are given, that computes constant parts once.

    Its control flow must not depend on the arguments.
    """
    bound = partial(fun, *args, **kwargs)
    unary = const_graph_unary(lambda arguments: bound(*arguments))

    @wraps(fun)
    def call(*arguments: Any) -> Any:
        return unary(arguments)

    return call  # type: ignore[no-any-return]  # what was decorated


class FullGraphNode(Node):
    """A call with its value."""

    __slots__ = ("recipe", "value")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.value = value
        self.recipe = (fun, args, kwargs, list(zip(parent_argnums, parents, strict=True)))

    def initialize_root(self) -> None:
        """Begin at the argument."""
        self.value = None
        self.recipe = (lambda x: x, (), {}, [])


def full_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The node of the result of a call, from which all others are reached."""
    return trace(FullGraphNode.new_root(), lambda arguments: fun(*arguments, **kwargs), args)[1]
