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
from chainrule.compile.passes.patterns import CONSTANT, Bindings, Kind, Pattern, patterns
from chainrule.compile.passes.writes import Writes
from chainrule.graph import Node
from chainrule.graph.node import make_node
from chainrule.trace import Level, Op, Value, make_value


class Rewrite(NamedTuple):
    """An equation and the function that gives its right-hand side.

    `kinds` are those of the operands, and `pattern` is what the node has to look like; None for a rewrite of every
    elementwise op, whose function gets the node.
    `once` asks that nobody else uses the operations inside the left-hand side, so that they go away.
    """

    title: str
    kinds: tuple[Kind, ...]
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
        for op, kinds, pattern in patterns(left):
            REWRITES.setdefault(op, []).append(Rewrite(title, tuple(kinds), pattern, names, where, once, function))
        return function

    return enter


def elementwise_rewrite(title: str, *, inside: Op) -> Callable[[Callable[..., Any]], Any]:
    """Enter an equation of every elementwise op with one result, of whose operands one is made by the op `inside`.

    The function gets the level and the node.
    """

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        ELEMENTWISE.append(Rewrite(title, (inside,), None, (), None, False, function))
        return function

    return enter


def _candidates(op: Op, kinds: tuple[Kind, ...]) -> tuple[Rewrite, ...]:
    """The rewrites that an op on operands of some kinds may fit."""
    found = [
        rule
        for rule in REWRITES.get(op, ())
        if len(rule.kinds) != len(kinds)
        or all(wanted is None or wanted is kind for wanted, kind in zip(rule.kinds, kinds, strict=True))
    ]
    if op.elementwise:
        found += [rule for rule in ELEMENTWISE if rule.kinds[0] in kinds]
    return tuple(found)


def real(*xs: Any) -> bool:
    """Whether all of some values are real numbers: integers, which wrap around, or floating-point numbers."""
    return all(x.dtype.kind in "iuf" for x in xs)


def floating(*xs: Any) -> bool:
    """Whether all of some values are real floating-point numbers."""
    return all(x.dtype.kind == "f" for x in xs)


def booleans(*xs: Any) -> bool:
    """Whether all of some values are booleans."""
    return all(x.dtype.kind == "b" for x in xs)


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

    __slots__ = ("_depth", "_numbering", "_rules", "place", "uses", "writes")

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._numbering = Numbering()
        # The rewrites that an op on operands of some kinds may fit.
        self._rules: dict[tuple[Op, tuple[Kind, ...]], tuple[Rewrite, ...]] = {}
        # The writes to single elements so far.
        self.writes = Writes()
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
        node, key = numbering.normal(node)
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
        self.writes.note(node)
        return numbering.enter(key, node, node)

    def _rewritten(self, node: Node) -> Any:
        """What a rewrite makes of a node, or None if none applies."""
        kinds = tuple([x.op if type(x) is Node else CONSTANT for x in node.operands])
        rules = self._rules.get((node.op, kinds))
        if rules is None:
            rules = self._rules[node.op, kinds] = _candidates(node.op, kinds)
        if kinds and kinds.count(CONSTANT) == len(kinds):
            return folded(node.op, node.operands, node.params)
        for rule in rules:
            bindings: Bindings = {}
            if rule.pattern is None:
                simpler = self._fitted(rule.function(self, node), node)
                if simpler is not None:
                    return simpler
            elif rule.pattern(node, bindings) and not (rule.once and self._shared(node, bindings)):
                values = [self._bound(bindings[name]) for name in rule.names]
                if rule.where is None or rule.where(*values):
                    simpler = self._fitted(rule.function(*values), node)
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
