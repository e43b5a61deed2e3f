"""Where numbers that are not finite were born, and which numbers descend from them.

A ledger watches operations from outside. Of every array with an entry that is not finite it knows, entry by entry, the
birth that the entry descends from, so that the first cause can be named when such a number turns up somewhere. Arrays
are known by their identity: what an operation takes is what another one gave. Exclusions are respected: what does not
take part in a derivative is 0 there and descends from nothing.
"""

from __future__ import annotations

import heapq
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import NoRuleError, RuleError
from chainrule.explain.entries import (
    aligned,
    bad_entries,
    bottom,
    broadcast,
    core_of,
    entries_of,
    is_bad,
    is_bad_tangent,
    layer_of,
    ones_like,
    values_below,
    with_entries,
)
from chainrule.explain.nonfinite import Cause, derivative_cause, elementwise_cause, mixed_cause, second_cause
from chainrule.graph import Node, Position, here
from chainrule.graph.position import located
from chainrule.jacobians.backward import Cotangents
from chainrule.jacobians.zeros import ZERO, Masked, Placed, parts, sum_tangent_to
from chainrule.ops.compositions import reduced_to
from chainrule.trace import Op, Value, projection
from chainrule.transforms import ForwardLevel

# The operations that put entries elsewhere; what they do to entries they do to where these came from.
_MOVES = frozenset(
    (
        *(ops.index, ops.update, ops.place, ops.gather, ops.scatter, ops.permuted),
        *(ops.reshape, ops.transpose, ops.flip, ops.broadcast_to, ops.concatenate, ops.stack),
    )
)

# An entry's origin is the number of its birth and the place that it had there in one integer, which a float64 holds.
_PLACES = 2**32
_NONE = 0

# How many numbers (NumPy's scalars, which cannot be referred to weakly) are remembered.
_MOST_NUMBERS = 2**16


@dataclass(frozen=True, slots=True)
class Birth:
    """A first number that is not finite.

    phase
        "forward" for a value, "backward" for a cotangent, "push" for a tangent.
    lanes
        How many axes of the element are lanes of a `vmap` or of a Jacobian.
    cause
        Why, for the entry at a place of the flattened result.
    """

    op: str
    phase: str
    position: Position | None
    lanes: int
    cause: Callable[[int], Cause]
    # The first place that it happened at, and the node that was being noted, if it is known.
    place: int
    node: Node | None
    # Of a cotangent: that of which operand.
    slot: int | None


class Ledger:
    """What is known of the numbers that are not finite, in one thread.

    depth
        How many operations, pulls and pushes are being carried out: what happens inside of them is their business.
    pulled
        The node that is being pulled, whose line everything belongs to that is recorded meanwhile.
    births
        In the order in which they were noted.
    slot
        Which operand's cotangent is being noted.
    merged
        By birth the others whose descendants met its own in one number, which is known to be of the first.
    cotangents
        By node what reached it, if somebody wants to know; otherwise None.
    """

    __slots__ = ("_numbers", "_origins", "births", "cotangents", "depth", "merged", "pulled", "slot")

    def __init__(self) -> None:
        self.depth = 0
        self.pulled: Node | None = None
        self.births: list[Birth] = []
        self.slot: int | None = None
        self.merged: dict[int, set[int]] = {}
        self.cotangents: dict[Node, Any] | None = None
        # By identity, with what tells that the identity is still that of the same array.
        self._origins: dict[int, tuple[Callable[[], Any], Any]] = {}
        self._numbers: dict[int, Any] = {}

    def birth(self, origin: int) -> tuple[Birth, Cause]:
        """The birth that an entry descends from, and the cause for the entry there."""
        number, place = divmod(origin, _PLACES)
        birth = self.births[number - 1]
        return birth, birth.cause(place)

    def origin(self, t: Any) -> int | None:
        """Where the first entry of a value, tangent or cotangent comes from that is not finite; None without one."""
        origins = self._of(t)
        if origins is None:
            return None
        bad = bad_entries(entries_of(t))
        return int(origins[bad][0]) if bad.shape == origins.shape else int(_earliest([origins]))

    def descends_from(self, t: Any) -> set[int]:
        """The numbers, from 0, of all births that a value, tangent or cotangent descends from."""
        origins = self._of(t)
        return set() if origins is None else self._with_merged(_numbers([origins]))

    def entries(self, t: Any) -> list[tuple[tuple[int, ...], set[int]]]:
        """The entries of a tangent or cotangent that are not finite, and the births that each descends from."""
        origins = self._of(t)
        if origins is None:
            return []
        bad = np.argwhere(bad_entries(entries_of(t)) & (origins != _NONE))
        elements = [tuple(int(n) for n in index) for index in bad]
        return [(element, self._with_merged({int(origins[element] // _PLACES) - 1})) for element in elements]

    def _with_merged(self, numbers: set[int]) -> set[int]:
        waiting = list(numbers)
        found: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting.extend(self.merged.get(number, ()))
        return found

    def same(self, x: Any, y: Any) -> None:
        """Let what is known of one array be known of another one with the same entries."""
        origins = self._of_plain(x)
        if origins is not None and x is not y and np.shape(x) == np.shape(y):
            self._keep(y, origins)

    def applied(
        self,
        op: Op,
        operands: Sequence[Any],
        befores: Sequence[Any],
        params: dict[str, Any],
        z: Any,
        position: Position | None = None,
    ) -> None:
        """Note what an operation made; here, if no position is given. `befores` are the operands' numbers before."""
        for part in z if type(z) is tuple else (z,):
            result = bottom(part)
            if not is_bad(result):
                self.forget(result)
                continue
            origins = self._of_plain(result) if op.composite else None
            if origins is not None:
                # It computed nothing, but gave out again what others had made.
                continue
            if op in _MOVES:
                origins = self._moved(op, operands, params, result.shape)
            elif op.elementwise and type(z) is not tuple:
                origins = self._made_of_entries(op, operands, befores, params, part, position)
            if origins is None:
                origins = self._made_of_all(op, operands, befores, part, position)
            self._keep(result, origins)

    def pull(self, tape: Any, y_bars: Sequence[Any]) -> list[Any]:
        """The cotangents of a tape's inputs, as `Tape.pull` gives them, with every product noted."""
        if len(tape.outputs) == 1 and tape.outputs[0] is not None and tape.outputs[0].op is None:
            return [y_bars[0] if x is tape.outputs[0] else ZERO for x in tape.inputs]
        cotangents = Cotangents()
        sums = cotangents.sums
        for output, y_bar in zip(tape.outputs, y_bars, strict=True):
            if output is not None:
                self._add(cotangents, output, y_bar)
        waiting = [(-node.serial, node) for node in sums if node.op is not None]
        heapq.heapify(waiting)
        outer = self.pulled
        try:
            while waiting:
                node = heapq.heappop(waiting)[1]
                y_bar = sums.pop(node)
                if y_bar is ZERO:
                    continue
                self.pulled = node
                if self.cotangents is not None:
                    self.cotangents[node] = y_bar
                if node.op is projection:
                    (operand,) = node.operands
                    if operand not in sums:
                        heapq.heappush(waiting, (-operand.serial, operand))
                    cotangents.add_component(operand, node.params["k"], y_bar)
                    continue
                for operand, x_bar in zip(node.operands, self._pulled_through(node, y_bar), strict=True):
                    if type(operand) is not Node or x_bar is None or x_bar is ZERO:
                        continue
                    if operand.shape != node.shape and node.op.core is not None and x_bar.shape != operand.shape:
                        x_bar = self._summed(x_bar, operand.shape)
                        if x_bar is ZERO:
                            continue
                    if operand not in sums and operand.op is not None:
                        heapq.heappush(waiting, (-operand.serial, operand))
                    self._add(cotangents, operand, x_bar)
        except (NoRuleError, RuleError) as error:
            raise located(error, node.position) from error.__cause__
        finally:
            self.pulled = outer
        return [sums.pop(x, ZERO) for x in tape.inputs]

    def push(self, tape: Any, x_dots: Sequence[Any]) -> list[Any]:
        """The tangents of a tape's outputs, as `Tape.push` gives them, with every product noted."""
        dots: dict[Any, Any] = dict(zip(tape.inputs, x_dots, strict=True))
        for node in tape.order:
            if node.op is None:
                continue
            operand_dots = tuple(dots.get(x, ZERO) if type(x) is Node else ZERO for x in node.operands)
            if node.op is projection:
                results: Any = operand_dots[0]
                dots[node] = ZERO if results is ZERO else results[node.params["k"]]
                continue
            if all(dot is ZERO for dot in operand_dots):
                continue
            output = node.output if node.output is not None else node
            try:
                with Inside(self):
                    y_dot = node.op.jacobian.push(operand_dots, node.inputs, output, node.params)
            except (RuleError, NoRuleError) as error:
                raise located(error, node.position) from error.__cause__
            dots[node] = y_dot
            self.pushed(node.op, operand_dots, node.inputs, output, node.params, y_dot, node.position)
        return [ZERO if node is None else dots.get(node, ZERO) for node in tape.outputs]

    def pushed(
        self,
        op: Op,
        x_dots: tuple[Any, ...],
        xs: tuple[Any, ...],
        y: Any,
        params: dict[str, Any],
        y_dot: Any,
        position: Position | None,
    ) -> None:
        """Note what the push of an operation gave."""
        for part in y_dot if type(y_dot) is tuple else (y_dot,):
            self._carried(op.name, (*x_dots, *xs, y), part, position)
        if type(y_dot) is tuple:
            for part in y_dot:
                self._multiplied(op, "push", x_dots, xs, y, part, position, None)
            return

        def partials() -> list[tuple[Any, Any]]:
            found = []
            for k, x_dot in enumerate(x_dots):
                if x_dot is not ZERO:
                    ones = tuple(ones_like(x_dot) if j == k else ZERO for j in range(len(x_dots)))
                    found.append((entries_of(op.jacobian.push(ones, xs, y, params)), entries_of(x_dot)))
            return found

        moved = None
        if op in _MOVES and is_bad_tangent(y_dot):
            moved = self._follow(
                y_dot,
                lambda: op.jacobian.push(tuple(map(self._as_tangent, x_dots)), xs, y, {**params, **_kept(params)}),
            )
        self._multiplied(op, "push", x_dots, xs, y, y_dot, position, partials, moved)

    def pushed_along(self, level: Any, op: Op, operands: Sequence[Any], params: dict[str, Any], z: Any) -> None:
        """Note the tangents that a level gave the results of an operation."""
        xs, x_dots = [], []
        for operand in operands:
            value = layer_of(operand, level)
            is_mine = type(value) is Value and value.level is level
            xs.append(value.below if is_mine else bottom(operand))
            x_dots.append(value.attached if is_mine else ZERO)
        for part in z if type(z) is tuple else (z,):
            y = layer_of(part, level)
            if type(y) is Value and y.level is level:
                self.pushed(op, tuple(x_dots), tuple(xs), y.below, params, y.attached, here())

    def _pulled_through(self, node: Node, y_bar: Any) -> tuple[Any, ...]:
        op, operands, params = node.op, node.operands, node.params

        def pull(cotangent: Any) -> tuple[Any, ...]:
            with Inside(self):
                if op.overwrites:
                    return op.pull(cotangent, node.inputs, node.output, params, operands, donate=False)  # type: ignore[no-any-return]
                return op.pull(cotangent, node.inputs, node.output, params, operands)  # type: ignore[no-any-return]

        x_bars = pull(y_bar)
        for k, x_bar in enumerate(x_bars):
            self.slot = k
            self._carried(op.name, (y_bar, *node.inputs, node.output), x_bar, node.position)
            if not is_bad_tangent(x_bar):
                continue

            def partials(k: int = k) -> list[tuple[Any, Any]]:
                return [(entries_of(pull(ones_like(y_bar))[k]), entries_of(y_bar))]

            def moved(k: int = k) -> Any:
                return pull(self._as_tangent(y_bar))[k]

            followed = self._follow(x_bar, moved) if op in _MOVES else None
            y_bars = y_bar if type(y_bar) is list else (y_bar,)
            self._multiplied(op, "backward", y_bars, node.inputs, node.output, x_bar, node.position, partials, followed)
        return x_bars

    def _add(self, cotangents: Cotangents, node: Node, x_bar: Any) -> None:
        """Add to the cotangent of a node."""
        before = cotangents.sums.get(node, ZERO)
        found = [o for o in (self._of(before), self._of(x_bar)) if o is not None] if before is not ZERO else []
        cotangents.add(node, x_bar)
        total = cotangents.sums.get(node, ZERO)
        if total is not x_bar:
            self._carried("add", (before, x_bar), total, node.position)
        if total is x_bar or not is_bad_tangent(total):
            return
        values = bottom(parts(total)[0])
        origins = np.zeros(values.shape)
        for o in found:
            if o.shape == origins.shape:
                origins = np.where(origins == _NONE, o, origins)
        unknown = bad_entries(values) & (origins == _NONE)
        if unknown.any():
            if found:
                origins[unknown] = self._merged(found)
            else:
                happened = "the sum of the derivatives over several uses is too large"
                cause = Cause("overflow", (), happened, "Scale the numbers, or compute with their logarithms.")
                name = "add" if node.op is None else node.op.name
                self._bear(origins, unknown, name, "backward", node.position, values.ndim - len(node.shape), cause)
        self._keep(values, origins)

    def _summed(self, x_bar: Any, shape: tuple[int, ...]) -> Any:
        """The cotangent of an operand that was broadcast."""
        origins = self._of(x_bar)
        total = sum_tangent_to(x_bar, shape)
        self._carried("reduce_sum", (x_bar,), total, None)
        if is_bad_tangent(total):
            if origins is None:
                # Finite numbers, whose sum is not.
                values = bottom(parts(total)[0])
                origins = np.zeros(values.shape)
                happened = "the sum of the derivatives over the entries that an operand was broadcast to is too large"
                cause = Cause("overflow", (), happened, "Scale the numbers, or compute with their logarithms.")
                assert self.pulled is not None
                lanes = values.ndim - len(shape)
                name = self.pulled.op.name
                self._bear(origins, bad_entries(values), name, "backward", self.pulled.position, lanes, cause)
                self._keep(values, origins)
            else:
                earliest = self._merged([origins])
                known = np.where(origins == _NONE, np.inf, origins)
                like = parts(x_bar)[0]

                def least() -> Any:
                    return reduced_to(ops.reduce_min, with_entries(like, known), shape)

                followed = self._follow(total, least)
                values = bottom(parts(total)[0])
                self._keep(values, np.full(values.shape, earliest) if followed is None else followed)
        return total

    def _made_of_entries(
        self,
        op: Op,
        operands: Sequence[Any],
        befores: Sequence[Any],
        params: dict[str, Any],
        z: Any,
        position: Position | None,
    ) -> Any:
        """The origins of the results of an elementwise operation; None if the operands cannot be lined up."""
        result = bottom(z)
        lanes = result.ndim - len(z.shape)
        xs = aligned(operands, befores, z)
        known = aligned(operands, [self._of_plain(bottom(x)) for x in operands], z)
        if xs is None or known is None:
            return None
        bad = bad_entries(result)
        origins = np.zeros(result.shape)
        given = np.ones(result.shape, bool)
        for k, (x, o) in enumerate(zip(xs, known, strict=True)):
            if x.dtype.kind not in "fc":
                continue
            wrong = bad_entries(x)
            given &= ~wrong
            if op is ops.select:
                wrong = wrong & (xs[0] if k == 1 else ~xs[0])
            both = bad & wrong & (origins != _NONE) & (o != _NONE) & (o != origins)
            if both.any():
                for chosen, other in set(zip(origins[both], o[both], strict=True)):
                    self.merged.setdefault(int(chosen // _PLACES) - 1, set()).update(_numbers([other]))
            origins = np.where(bad & wrong & (origins == _NONE), o, origins)
        # Infinities from outside that cancel: that is what happened, and not that there were infinities.
        cancelled = np.isnan(result) & ~np.any([np.isnan(x) for x in xs if x.dtype.kind in "fc"], axis=0)
        for origin in np.unique(origins[cancelled & (origins != _NONE)]):
            if self.birth(int(origin))[1].reason == "imported":
                origins[cancelled & (origins == origin)] = _NONE
        born = bad & (origins == _NONE)
        if born.any():
            places = np.flatnonzero(born)
            numbers = [x[born] for x in xs]
            results = result[born]

            def cause(place: int) -> Cause:
                j = int(np.searchsorted(places, place))
                element = tuple(int(n) for n in np.unravel_index(place, result.shape))
                return elementwise_cause(op.name, [x[j] for x in numbers], results[j], params, element)

            self._bear(origins, born, op.name, "forward", position or here(), lanes, cause)
        return origins

    def _made_of_all(
        self, op: Op, operands: Sequence[Any], befores: Sequence[Any], z: Any, position: Position | None
    ) -> Any:
        """The origins of the results of an operation each of whose results depends on many entries."""
        result = bottom(z)
        origins = np.zeros(result.shape)
        bad = bad_entries(result)
        known = [o for o in (self._of_plain(bottom(x)) for x in operands) if o is not None and np.any(o)]
        if known:
            origins[bad] = self._merged(known)
        else:
            first = np.unravel_index(int(np.argmax(bad)), result.shape)
            cause = mixed_cause(op.name, befores, result[first], ())
            self._bear(origins, bad, op.name, "forward", position or here(), result.ndim - len(z.shape), cause)
        return origins

    def _moved(self, op: Op, operands: Sequence[Any], params: dict[str, Any], shape: tuple[int, ...]) -> Any:
        """The origins of the results of an operation that moves entries; None if that cannot be told."""
        try:
            with Inside(self):
                entries = [
                    with_entries(x, self._known(x)) if x.dtype.kind in "fc" else with_entries(x, bottom(x))
                    for x in operands
                ]
                origins = np.asarray(bottom(op(*entries, **{**params, **_kept(params)})))
        except (TypeError, ValueError, IndexError):
            return None
        return origins if origins.shape == shape and np.any(origins) else None

    def _multiplied(
        self,
        op: Op,
        phase: str,
        factors: Sequence[Any],
        inputs: Sequence[Any],
        output: Any,
        product: Any,
        position: Position | None,
        partials: Callable[[], list[tuple[Any, Any]]] | None,
        followed: Any = None,
    ) -> None:
        """Note a tangent or cotangent, the product of a local Jacobian with others."""
        if not is_bad_tangent(product):
            return
        if type(product) is Placed:
            # A part that was read: the cotangent itself, which is known, or one with other exclusions.
            if self._of_plain(core_of(product)) is None:
                self._keep(core_of(product), np.full(np.shape(core_of(product)), _earliest_of(map(self._of, factors))))
            return
        t = parts(product)[0]
        values = bottom(t)
        known = self._of_plain(values)
        if known is not None and np.all(known[bad_entries(values)] != _NONE):
            # A program was run again, and noted what it did.
            return
        if followed is not None:
            self._keep(values, followed)
            return
        lanes = values.ndim - len(t.shape)
        bad = bad_entries(values)
        origins = np.zeros(values.shape)
        finite = np.ones(values.shape, bool)
        sources = [x for x in (*inputs, output) if type(x) is not Node and getattr(x, "dtype", None) is not None]
        arrays = [(parts(f)[0] if f is not ZERO else None, self._of(f)) for f in factors]
        arrays += [(x, self._of_plain(bottom(x))) for x in sources]
        everything = [o for _, o in arrays if o is not None and np.any(o)]
        for x, o in arrays:
            if x is None or x.dtype.kind not in "fc":
                continue
            lined_up = aligned([x, x], [bottom(x), o], t) if op.elementwise else None
            if lined_up is None:
                if is_bad(bottom(x)):
                    finite[...] = False
                continue
            wrong = bad_entries(lined_up[0])
            finite &= ~wrong
            origins = np.where(bad & wrong & (origins == _NONE), lined_up[1], origins)
        unknown = bad & (origins == _NONE)
        if unknown.any() and everything and not (op.elementwise and finite[unknown].all()):
            origins[unknown] = self._merged(everything)
            unknown = bad & (origins == _NONE)
        if unknown.any():
            cause = self._derivative_cause(op, phase, t, unknown, finite, inputs, output, partials)
            self._bear(origins, unknown, op.name, phase, position, lanes, cause)
        self._keep(values, origins)

    def _carried(self, name: str, sources: Sequence[Any], product: Any, position: Position | None) -> None:
        """Note the tangents that a product carries: it is differentiated itself."""
        if product is None or product is ZERO or type(product) is list:
            return
        layer = values_below(product)
        while type(layer) is Value:
            if isinstance(layer.level, ForwardLevel) and is_bad_tangent(layer.attached):
                self._note_carried(name, sources, layer, position)
            layer = layer.below

    def _note_carried(self, name: str, sources: Sequence[Any], layer: Value, position: Position | None) -> None:
        values = bottom(parts(layer.attached)[0])
        if self._of_plain(values) is not None:
            return
        bad = bad_entries(values)
        origins = np.zeros(values.shape)
        plain: list[Any] = []
        for source in sources:
            if source is None or source is ZERO or type(source) in (list, Node):
                continue
            mine = layer_of(values_below(source), layer.level)
            for o in (self._of_plain(bottom(values_below(source))), self._of_carried(mine, layer.level)):
                if o is not None and np.any(o):
                    same = o if o.shape == origins.shape else _earliest([o])
                    origins = np.where(bad & (origins == _NONE), same, origins)
            lined_up = broadcast([bottom(values_below(source))], values.shape)
            plain.append(None if lined_up is None else lined_up[0])
        born = bad & (origins == _NONE)
        if born.any():
            numbers, places, products = [x[born] for x in plain if x is not None], np.flatnonzero(born), values[born]

            def cause(place: int) -> Cause:
                j = int(np.searchsorted(places, place))
                element = tuple(int(n) for n in np.unravel_index(place, values.shape))
                return second_cause(name, [x[j] for x in numbers], products[j], element)

            self._bear(origins, born, name, "push", position, values.ndim - len(layer.shape), cause)
        self._keep(values, origins)

    def _of_carried(self, value: Any, level: Any) -> Any:
        if type(value) is not Value or value.level is not level or not is_bad_tangent(value.attached):
            return None
        return self._of_plain(bottom(values_below(value.attached)))

    def _derivative_cause(
        self,
        op: Op,
        phase: str,
        t: Any,
        born: Any,
        finite: Any,
        inputs: Sequence[Any],
        output: Any,
        partials: Callable[[], list[tuple[Any, Any]]] | None,
    ) -> Callable[[int], Cause]:
        values = bottom(t)
        direction = "cotangent" if phase == "backward" else "tangent"
        pairs: list[tuple[Any, Any]] = []
        xs: Any = None
        y: Any = None
        if op.elementwise and partials is not None:
            try:
                with Inside(self):
                    found = partials()
            except (TypeError, ValueError):
                found = []
            for p, f in found:
                lined_up = broadcast([p, f], values.shape)
                if lined_up is not None:
                    pairs.append((lined_up[0], lined_up[1]))
            read = [x for x in inputs if type(x) is not Node]
            lined_up = aligned(read, [bottom(x) for x in read], t)
            xs = None if lined_up is None else [x[born] for x in lined_up]
            if output is not None and type(output) is not Node:
                lined_up = aligned([output], [bottom(output)], t)
                y = None if lined_up is None else lined_up[0][born]
        places = np.flatnonzero(born)
        numbers = [(p[born], f[born]) for p, f in pairs]
        products, ordinary = values[born], finite[born]
        name, shape = op.name, values.shape

        def cause(place: int) -> Cause:
            j = int(np.searchsorted(places, place))
            element = tuple(int(n) for n in np.unravel_index(place, shape))
            if not ordinary[j]:
                happened = f"the derivative of `{name}` was taken where a number was not finite already"
                return Cause("imported", element, happened, "It was not finite before; look at where it is made.")
            partial = factor = None
            for p, f in numbers:
                if partial is None or not np.isfinite(p[j]) or not np.isfinite(p[j] * f[j]):
                    partial, factor = p[j], f[j]
            at = [] if xs is None else [x[j] for x in xs]
            return derivative_cause(
                name, factor, partial, at, None if y is None else y[j], products[j], element, direction
            )

        return cause

    def _merged(self, origins: Sequence[Any]) -> float:
        """The first of all births, which from now on stands for all of them."""
        earliest = _earliest(origins)
        others = _numbers(origins)
        if len(others) > 1:
            self.merged.setdefault(int(earliest // _PLACES) - 1, set()).update(others)
        return earliest

    def _bear(
        self,
        origins: Any,
        born: Any,
        op: str,
        phase: str,
        position: Position | None,
        lanes: int,
        cause: Cause | Callable[[int], Cause],
    ) -> None:
        """Enter a birth, for all entries that are born at once."""
        shape = born.shape
        if isinstance(cause, Cause):
            fixed = cause

            def cause_at(place: int) -> Cause:
                return replace(fixed, element=tuple(int(n) for n in np.unravel_index(place, shape)))

            cause = cause_at
        places = np.flatnonzero(born)
        self.births.append(Birth(op, phase, position, lanes, cause, int(places[0]), self.pulled, self.slot))
        origins[born] = len(self.births) * _PLACES + places

    def _follow(self, t: Any, move: Callable[[], Any]) -> Any:
        """The origins of a tangent's entries, as `move` carries those of others along; None if it cannot be told."""
        try:
            with Inside(self):
                moved = entries_of(move())
        except (TypeError, ValueError, IndexError):
            return None
        values = bottom(parts(t)[0])
        if np.shape(moved) != values.shape:
            return None
        origins = np.where(bad_entries(values) & np.isfinite(moved), moved, _NONE)
        known = origins[bad_entries(values)]
        return origins if np.all(known % 1 == 0) and np.all((known >= _PLACES) & (known < self._next())) else None

    def _next(self) -> int:
        return (len(self.births) + 1) * _PLACES

    def _as_tangent(self, t: Any) -> Any:
        """A tangent with the origins of its entries in their place."""
        if t is ZERO:
            return t
        if type(t) is Masked:
            return Masked(with_entries(t.values, self._known(t.values)), t.excluded)
        if type(t) is Placed:
            return Placed(self._as_tangent(t.values), t.path, t.shape)
        return with_entries(t, self._known(t))

    def _known(self, x: Any) -> Any:
        """The origins of all entries of a value, zeros if there are none."""
        plain = bottom(x)
        origins = self._of_plain(plain)
        return np.zeros(np.shape(plain)) if origins is None else origins

    def _of(self, t: Any) -> Any:
        """The origins of the entries of a value, tangent or cotangent; None if all are finite."""
        if t is ZERO or t is None or type(t) is list:
            return None
        if type(t) is Masked:
            return self._of(t.values)
        if type(t) is Placed:
            origins = self._of(t.values)
            if origins is None:
                return None
            with Inside(self):
                placed = ops.place(with_entries(parts(t.values)[0], origins), path=t.path, shape=t.shape)
            return np.asarray(bottom(placed))
        plain = bottom(t)
        if not is_bad(plain):
            return None
        origins = self._of_plain(plain)
        if origins is None:
            # It came from outside.
            origins = np.zeros(np.shape(plain))
            bad = bad_entries(plain)
            happened = f"a number was {plain[bad].flat[0]:.6g} already" if np.ndim(plain) else f"it was {plain:.6g}"
            cause = Cause("imported", (), happened, "It was not finite before; look at where it is made.")
            self._bear(origins, bad, "input", "forward", here(), np.ndim(plain) - len(t.shape), cause)
            self._keep(plain, origins)
        return origins

    def _of_plain(self, x: Any) -> Any:
        known = self._origins.get(id(x))
        return known[1] if known is not None and known[0]() is x else None

    def _keep(self, x: Any, origins: Any) -> None:
        key = id(x)
        if isinstance(x, np.ndarray):
            table = self._origins
            self._origins[key] = (weakref.ref(x, lambda _reference: table.pop(key, None)), origins)
            return
        if len(self._numbers) >= _MOST_NUMBERS:
            oldest = next(iter(self._numbers))
            del self._numbers[oldest]
            self._origins.pop(oldest, None)
        self._numbers[key] = x
        self._origins[key] = (lambda: self._numbers.get(key), origins)

    def forget(self, x: Any) -> None:
        """Know no more of an array, which is finite now."""
        if self._origins and id(x) in self._origins:
            del self._origins[id(x)]
            self._numbers.pop(id(x), None)


class Inside:
    """A block in which operations are part of another one."""

    __slots__ = ("_ledger",)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __enter__(self) -> None:
        self._ledger.depth += 1

    def __exit__(self, *_: object) -> None:
        self._ledger.depth -= 1


def _kept(params: dict[str, Any]) -> dict[str, Any]:
    return {"donate": False} if "donate" in params else {}


def _numbers(origins: Sequence[Any]) -> set[int]:
    """The numbers, from 0, of the births of some entries."""
    return {int(n) - 1 for o in origins for n in np.unique(np.asarray(o) // _PLACES) if n}


def _earliest(origins: Sequence[Any]) -> float:
    """The first of all births, at its first place."""
    return float(min(o[o != _NONE].min() for o in origins if np.any(o)))


def _earliest_of(origins: Iterable[Any]) -> float:
    return _earliest([o for o in origins if o is not None])
