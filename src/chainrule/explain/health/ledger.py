"""Where numbers that are not finite were born, and which numbers descend from them.

A ledger watches operations from outside. Of every array with an entry that is not finite it knows, entry by entry, the
birth that the entry descends from, so that the first cause can be named when such a number turns up somewhere. Arrays
are known by their identity: what an operation takes is what another one gave. Exclusions are respected: what does not
take part in a derivative is 0 there and descends from nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.entries import (
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
from chainrule.explain.health.nonfinite import Cause, derivative_cause, second_cause
from chainrule.explain.health.origins import NONE, PLACES, Birth, Inside, Origins, earliest, earliest_of
from chainrule.explain.health.results import MOVES, kept, note_results
from chainrule.explain.run.steps import numpy_name
from chainrule.graph import Node, Position, here
from chainrule.graph.position import errors_of_rules, located
from chainrule.jacobians.backward import Cotangents
from chainrule.jacobians.zeros import ZERO, Masked, Placed, make_placed, parts, sum_tangent_to
from chainrule.ops.compositions import reduced_to
from chainrule.trace import Op, Value, projection
from chainrule.transforms import ForwardLevel

__all__ = ["Birth", "Inside", "Ledger"]


class Ledger(Origins):
    """Notes what operations make, and what is made when derivatives are pulled and pushed through them."""

    __slots__ = ()

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
        note_results(self, op, operands, befores, params, z, position)

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
        except errors_of_rules() as error:
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
            except errors_of_rules() as error:
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
        if op in MOVES and is_bad_tangent(y_dot):
            moved = self._follow(
                y_dot,
                lambda: op.jacobian.push(tuple(map(self._as_tangent, x_dots)), xs, y, {**params, **kept(params)}),
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

            followed = self._follow(x_bar, moved) if op in MOVES else None
            y_bars = y_bar if type(y_bar) is list else (y_bar,)
            self._multiplied(op, "backward", y_bars, node.inputs, node.output, x_bar, node.position, partials, followed)
        return x_bars

    def _add(self, cotangents: Cotangents, node: Node, x_bar: Any) -> None:
        """Add to the cotangent of a node."""
        before = cotangents.sums.get(node, ZERO)
        found = [o for o in (self.of(before), self.of(x_bar)) if o is not None] if before is not ZERO else []
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
                origins = np.where(origins == NONE, o, origins)
        unknown = bad_entries(values) & (origins == NONE)
        if unknown.any():
            if found:
                origins[unknown] = self.joined(found)
            else:
                happened = "the sum of the derivatives over several uses is too large"
                cause = Cause("overflow", (), happened, "Scale the numbers, or compute with their logarithms.")
                name = "add" if node.op is None else node.op.name
                self.bear(origins, unknown, name, "backward", node.position, values.ndim - len(node.shape), cause)
        self.keep(values, origins)

    def _summed(self, x_bar: Any, shape: tuple[int, ...]) -> Any:
        """The cotangent of an operand that was broadcast."""
        origins = self.of(x_bar)
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
                self.bear(origins, bad_entries(values), name, "backward", self.pulled.position, lanes, cause)
                self.keep(values, origins)
            else:
                first = self.joined([origins])
                known = np.where(origins == NONE, np.inf, origins)
                like = parts(x_bar)[0]

                def least() -> Any:
                    return reduced_to(ops.reduce_min, with_entries(like, known), shape)

                followed = self._follow(total, least)
                values = bottom(parts(total)[0])
                self.keep(values, np.full(values.shape, first) if followed is None else followed)
        return total

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
            if self.of_plain(core_of(product)) is None:
                self.keep(core_of(product), np.full(np.shape(core_of(product)), earliest_of(map(self.of, factors))))
            return
        t = parts(product)[0]
        values = bottom(t)
        known = self.of_plain(values)
        if known is not None and np.all(known[bad_entries(values)] != NONE):
            # A program was run again, and noted what it did.
            return
        if followed is not None:
            self.keep(values, followed)
            return
        lanes = values.ndim - len(t.shape)
        bad = bad_entries(values)
        origins = np.zeros(values.shape)
        finite = np.ones(values.shape, bool)
        sources = [x for x in (*inputs, output) if type(x) is not Node and getattr(x, "dtype", None) is not None]
        arrays = [(parts(f)[0] if f is not ZERO else None, self.of(f)) for f in factors]
        arrays += [(x, self.of_plain(bottom(x))) for x in sources]
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
            origins = np.where(bad & wrong & (origins == NONE), lined_up[1], origins)
        unknown = bad & (origins == NONE)
        if unknown.any() and everything and not (op.elementwise and finite[unknown].all()):
            origins[unknown] = self.joined(everything)
            unknown = bad & (origins == NONE)
        if unknown.any():
            cause = self._derivative_cause(op, phase, t, unknown, finite, inputs, output, partials)
            self.bear(origins, unknown, op.name, phase, position, lanes, cause)
        self.keep(values, origins)

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
        if self.of_plain(values) is not None:
            return
        bad = bad_entries(values)
        origins = np.zeros(values.shape)
        plain: list[Any] = []
        for source in sources:
            if source is None or source is ZERO or type(source) in (list, Node):
                continue
            mine = layer_of(values_below(source), layer.level)
            for o in (self.of_plain(bottom(values_below(source))), self._of_carried(mine, layer.level)):
                if o is not None and np.any(o):
                    same = o if o.shape == origins.shape else earliest([o])
                    origins = np.where(bad & (origins == NONE), same, origins)
            lined_up = broadcast([bottom(values_below(source))], values.shape)
            plain.append(None if lined_up is None else lined_up[0])
        born = bad & (origins == NONE)
        if born.any():
            numbers, places, products = [x[born] for x in plain if x is not None], np.flatnonzero(born), values[born]

            def cause(place: int) -> Cause:
                j = int(np.searchsorted(places, place))
                element = tuple(int(n) for n in np.unravel_index(place, values.shape))
                return second_cause(name, [x[j] for x in numbers], products[j], element)

            self.bear(origins, born, name, "push", position, values.ndim - len(layer.shape), cause)
        self.keep(values, origins)

    def _of_carried(self, value: Any, level: Any) -> Any:
        if type(value) is not Value or value.level is not level or not is_bad_tangent(value.attached):
            return None
        return self.of_plain(bottom(values_below(value.attached)))

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
                happened = f"the derivative of `{numpy_name(name)}` was taken where a number was not finite already"
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
        origins = np.where(bad_entries(values) & np.isfinite(moved), moved, NONE)
        known = origins[bad_entries(values)]
        return origins if np.all(known % 1 == 0) and np.all((known >= PLACES) & (known < self.next_origin())) else None

    def _as_tangent(self, t: Any) -> Any:
        """A tangent with the origins of its entries in their place."""
        if t is ZERO:
            return t
        if type(t) is Masked:
            return Masked(with_entries(t.values, self.known(t.values)), t.excluded)
        if type(t) is Placed:
            return make_placed(self._as_tangent(t.values), t.path, t.shape)
        return with_entries(t, self.known(t))
