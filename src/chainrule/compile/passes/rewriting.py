"""Rewrites: equations that hold, from left to right.

    @rewrite("x * 1 -> x", where=real)
    def times_one(x):
        \"\"\"Exact. Not of complex numbers: (a + bi)(1 + 0i) is NaN where a is infinite.\"\"\"
        return x

The left-hand side says which expressions are meant (`patterns.py`). The function gets what its names stand for, and
returns what is to stand there instead, written with ops; or None where the equation does not hold. A result that is
smaller than what it replaces is broadcast.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from chainrule import ops
from chainrule.compile.passes.folding import folded
from chainrule.compile.passes.numbering import Numbering
from chainrule.compile.passes.patterns import Bindings, Pattern, patterns
from chainrule.compile.passes.rebuilding import like
from chainrule.graph import Node
from chainrule.graph.node import make_node
from chainrule.trace import Level, Op, Value, make_value


class Rewrite(NamedTuple):
    """An equation and the function that gives its right-hand side.

    `pattern` is what a node has to look like, None for a rewrite of every elementwise op, whose function gets the node.
    `once` asks that nobody else uses the operations inside the left-hand side, so that they go away.
    """

    title: str
    pattern: Pattern | None
    names: tuple[str, ...]
    where: Callable[..., bool] | None
    once: bool
    function: Callable[..., Any]


# By the op at the root of their left-hand sides.
REWRITES: dict[Op, list[Rewrite]] = {}
# Those of every elementwise op.
ELEMENTWISE: list[Rewrite] = []


def rewrite(
    title: str, *, where: Callable[..., bool] | None = None, once: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Enter an equation into the table; `where` is a condition on the values that the function gets."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(inspect.signature(function).parameters)
        left, _, _ = title.partition(" -> ")
        for op, pattern in patterns(left):
            REWRITES.setdefault(op, []).append(Rewrite(title, pattern, names, where, once, function))
        return function

    return enter


def elementwise_rewrite(title: str) -> Callable[[Callable[..., Any]], Any]:
    """Enter an equation of every elementwise op with one result; the function gets the expression on the left."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        ELEMENTWISE.append(Rewrite(title, None, (), None, False, function))
        return function

    return enter


def real(*xs: Any) -> bool:
    """Whether none of some values is complex."""
    return all(x.dtype.kind != "c" for x in xs)


def floating(*xs: Any) -> bool:
    """Whether all of some values are real floating-point numbers."""
    return all(x.dtype.kind == "f" for x in xs)


def node_of(x: Any) -> Node | None:
    """The operation that makes a value; None for a constant or an input."""
    node = x.attached if type(x) is Value else None
    return node if type(node) is Node and node.op is not None else None


def is_constant(x: Any) -> bool:
    """Whether a value is a constant."""
    return type(x) is not Value


# How deep rewrites may call for rewrites: an expression that is longer is simplified from its inside in the next round.
_DEEPEST = 24


class Simplifier(Level):
    """Makes nodes in their simplest form. Rewrites compute with values of this level."""

    __slots__ = ("_depth", "_numbering", "place", "uses")

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._numbering = Numbering()
        # How often a node of the program is used.
        self.uses: dict[Node, int] = {}
        # The node whose position in the user's code new nodes get.
        self.place: Node | None = None

    def value(self, x: Any) -> Any:
        """A node as rewrites compute with it; a constant as it is."""
        return make_value(self, None, x, x.shape, x.dtype) if type(x) is Node else x

    def used_once(self, node: Node) -> bool:
        """Whether a node goes away with the expression that it is in."""
        return self.uses.get(node, 1) == 1

    def same(self, x: Any, y: Any) -> bool:
        """Whether two values are one, or equal constants."""
        a, b = self.raw(x), self.raw(y)
        merged = self._numbering.constants.merged
        return a is b or (type(a) is not Node and type(b) is not Node and merged(a) is merged(b))

    def raw(self, x: Any) -> Any:
        """The node of a value."""
        return x.attached if type(x) is Value else x

    def bind(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Make an operation, in its simplest form."""
        raw = tuple(map(self.raw, operands))
        inferred = op.infer(*raw, **params)
        code, offset = (None, -1) if self.place is None else (self.place.code, self.place.offset)
        node = make_node(op, raw, raw, None, params, inferred.shape, inferred.dtype, code, offset)
        return self.value(self.simplest(node))

    def simplest(self, node: Node) -> Any:
        """What is to stand for a node: itself, one met before, a constant, or what rewrites make of it."""
        numbering = self._numbering
        merged = numbering.constants.merged
        if any(type(x) is not Node and merged(x) is not x for x in node.operands):
            node = like(node, tuple([x if type(x) is Node else merged(x) for x in node.operands]))
        key = numbering.key(node.op, node.operands, node.params)
        known = numbering.find(key)
        if known is not None:
            return known
        if self._depth < _DEEPEST and type(node.dtype) is not tuple:
            self._depth += 1
            try:
                simpler = self._rewritten(node)
            finally:
                self._depth -= 1
            if simpler is not None:
                return numbering.enter(key, node, simpler)
        return numbering.enter(key, node, node)

    def _rewritten(self, node: Node) -> Any:
        """What a rewrite makes of a node, or None if none applies."""
        if node.operands and not any(type(x) is Node for x in node.operands):
            return folded(node.op, node.operands, node.params)
        for rule in REWRITES.get(node.op, ()):
            bindings: Bindings = {}
            assert rule.pattern is not None
            if rule.pattern(node, bindings) and not (rule.once and self._shared(node, bindings)):
                values = [self._bound(bindings[name]) for name in rule.names]
                if rule.where is None or rule.where(*values):
                    simpler = self._fitted(rule.function(*values), node)
                    if simpler is not None:
                        return simpler
        if node.op.elementwise:
            for rule in ELEMENTWISE:
                simpler = self._fitted(rule.function(self, node), node)
                if simpler is not None:
                    return simpler
        return None

    def _shared(self, node: Node, bindings: Bindings) -> bool:
        """Whether an operation inside an expression is used outside of it."""
        named = {id(x) for x in bindings.values()}
        return any(type(x) is Node and id(x) not in named and not self.used_once(x) for x in node.operands)

    def _bound(self, x: Any) -> Any:
        if type(x) is tuple and any(type(part) is Node for part in x):
            return tuple(map(self.value, x))
        return self.value(x)

    def _fitted(self, result: Any, node: Node) -> Any:
        """The result of a rewrite in the shape of what it replaces; None where it has another dtype."""
        if result is None or result.dtype != node.dtype:
            return None
        if result.shape != node.shape:
            result = self.bind(ops.broadcast_to, (result,), {"shape": node.shape})
        return self.raw(result)
