"""From a nest of loops to LLVM: one function for each nest, whose arguments are the buffers that it reads and writes.

Loops are cut where an op takes its elements from elsewhere, so no loop asks where it is. Everything is emitted for one
element; LLVM's loop vectoriser makes vectors of that. Sums are added up in blocks, by as many accumulators as LLVM
likes, and the sums of blocks with compensation (Neumaier), which is more accurate than NumPy's pairwise sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from chainrule import ops
from chainrule.compile.access import Index, Piece, identity, is_routed, pieces
from chainrule.compile.elements import INDEX, POINTER, constant, load, memory_type, register_type, store
from chainrule.compile.kinds import REDUCTIONS, is_elementwise, is_movement, is_short, terms
from chainrule.compile.lowerings import LOWERINGS, Scalars
from chainrule.compile.nests import Nest, Root, Variant
from chainrule.compile.schedule import Schedule
from chainrule.compile.views import View, whole
from chainrule.graph import Node

# So many elements are added up before their sum is added, with compensation, to that of the others.
_BLOCK = 1024
# Sums of fewer elements than these are added to the others as they are.
_SHORT = 32


class Constants:
    """The constant arrays of a module."""

    def __init__(self, module: ir.Module) -> None:
        self.module = module
        self._globals: dict[int, tuple[Any, ir.GlobalVariable]] = {}

    def pointer(self, array: np.ndarray[Any, Any]) -> ir.GlobalVariable:
        """Where the elements of an array stand, row by row."""
        known = self._globals.get(id(array))
        if known is None:
            data = bytearray(np.ascontiguousarray(array).tobytes())
            kind = ir.ArrayType(ir.IntType(8), len(data))
            variable = ir.GlobalVariable(self.module, kind, f"constant.{len(self._globals)}")
            variable.initializer = ir.Constant(kind, data)
            variable.global_constant = True
            variable.linkage = "internal"
            variable.align = 64
            known = self._globals[id(array)] = (array, variable)
        return known[1]


class NestEmitter:
    """Emits one nest."""

    def __init__(self, module: ir.Module, constants: Constants, schedule: Schedule, nest: Nest, name: str) -> None:
        self.module = module
        self.constants = constants
        self.schedule = schedule
        self.nest = nest
        self.flat = len(nest.domain) > 1 and nest.size > 1 and self._is_flat()
        self.domain = (nest.size,) if self.flat else nest.domain
        self.buffers = self._buffers()
        signature = ir.FunctionType(ir.VoidType(), [POINTER] * len(self.buffers))
        self.function = ir.Function(module, signature, name)
        self.function.linkage = "internal"
        self.function.attributes.add("nounwind")
        self.pointers: dict[Node, ir.Value] = {}
        for owner, argument in zip(self.buffers, self.function.args, strict=True):
            argument.add_attribute("noalias")
            self.pointers[owner] = argument
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.scalars = Scalars(module, self.builder)
        self.counters: list[ir.Value] = []
        self.ranges: list[tuple[int, int]] = []
        self.values: dict[tuple[Any, Index], ir.Value] = {}
        self.inner: dict[tuple[Node, Index], ir.Value] = {}
        self.outer: dict[tuple[Node, Index], tuple[ir.Value, ir.Value | None]] = {}
        self.cuts = self._cuts()

    def emit(self) -> ir.Function:
        """The function of the nest."""
        for root in self.nest.roots:
            if root.kind == "reduce" and self.domain and not self._is_suffix(root):
                self._fill(root)
        self._axis(0)
        self.builder.ret_void()
        return self.function

    # What the nest is about.

    def _buffers(self) -> list[Node]:
        found: dict[Node, None] = {}
        for root in self.nest.roots:
            if root.kept:
                found[self.schedule.owner(root.node)] = None
            for node, _ in self.schedule.reads(root):
                if node not in self.schedule.unkept:
                    found[self.schedule.owner(node)] = None
        return list(found)

    def _is_flat(self) -> bool:
        """Whether the nest can run over all elements as if they stood in one row."""
        domain, all_axes = self.nest.domain, tuple(range(len(self.nest.domain)))
        here = identity(domain)
        for root in self.nest.roots:
            if root.kind == "write" or (root.kind == "reduce" and root.reduced != all_axes):
                return False
            if len(root.variants) > 1:
                return False
            itself = root.variants[0].sources[0][0] is root.node
            if root.kind == "store" and itself and not self._is_plain(root.node, here):
                return False
            for source, index in self.schedule.expressions(root):
                if source.size == 1:
                    continue
                if source.shape != domain or index != here:
                    return False
                known = self.schedule.view(source)
                if known is not None:
                    if not known[1].is_contiguous:
                        return False
                elif type(source) is Node and not self._is_plain(source, here):
                    return False
        return True

    def _is_plain(self, node: Node, here: Index) -> bool:
        if is_elementwise(node):
            return True
        if is_short(node):
            return False
        if is_movement(node):
            moved = self.schedule.moved_view(node)
            if moved is not None:
                return moved[1].is_contiguous
            if not is_routed(node):
                return False
        found = pieces(node, here)
        return len(found) == 1 and all(x.size == 1 or x.shape == self.nest.domain for x in node.operands)

    def _cuts(self) -> list[list[int]]:
        """For each axis, where its loop is cut."""
        cuts: list[set[int]] = [{0, n} for n in self.domain]
        if not self.flat:
            for root in self.nest.roots:
                pairs = list(self.schedule.expressions(root))
                if root.kind == "store":
                    pairs += [pair for v in root.variants for pair in v.sources if pair[0] is root.node]
                for source, index in pairs:
                    if type(source) is not Node or (self.schedule.view(source) is not None and source is not root.node):
                        continue
                    if is_elementwise(source) or is_movement(source) or is_short(source):
                        continue
                    for piece in pieces(source, index):
                        for bound in piece.bounds:
                            if bound.place.scale:
                                cuts[bound.place.axis].update(bound.cuts())
        return [sorted(c for c in axis if 0 <= c <= n) for axis, n in zip(cuts, self.domain, strict=True)]

    def _is_suffix(self, root: Root) -> bool:
        """Whether a reduction takes away the innermost axes, so that its result is ready when their loops end."""
        if self.flat:
            return True
        n = len(self.domain)
        return root.reduced == tuple(range(n - len(root.reduced), n))

    def _first_axis(self, root: Root) -> int:
        return 0 if self.flat else len(self.domain) - len(root.reduced)

    # Loops.

    def _axis(self, axis: int) -> None:
        if axis == len(self.domain):
            self._body()
            return
        innermost = axis == len(self.domain) - 1
        suffixes = [root for root in self.nest.roots if root.kind == "reduce" and self._is_suffix(root)]
        starting = [root for root in suffixes if self._first_axis(root) == axis and root.reduced]
        active = [root for root in suffixes if root.reduced]
        for root in starting:
            for variant in root.variants:
                self._begin(root, variant)
        blocked = innermost and any(root.combine == "add" for root in active)
        for low, high in zip(self.cuts[axis], self.cuts[axis][1:], strict=False):
            self.ranges.append((low, high))
            if blocked and high - low >= 2 * _BLOCK:
                self._blocks(axis, low, high, active)
            else:
                if innermost:
                    self._reset(active)
                self._loop(INDEX(low), INDEX(high), high - low, lambda: self._axis(axis + 1))
                if innermost:
                    self._fold(active, high - low)
            self.ranges.pop()
        for root in starting:
            for variant in root.variants:
                self._finish(root, variant)

    def _loop(self, low: ir.Value, high: ir.Value, trips: int | None, body: Callable[[], None]) -> None:
        """A loop whose counter runs from low to high; so many times, if that is known."""
        b = self.builder
        if trips == 1:
            self.counters.append(low)
            body()
            self.counters.pop()
            return
        before = b.block
        loop = b.append_basic_block("loop")
        b.branch(loop)
        b.position_at_end(loop)
        counter = b.phi(INDEX)
        counter.add_incoming(low, before)
        self.counters.append(counter)
        body()
        self.counters.pop()
        following = b.add(counter, INDEX(1), flags=("nuw", "nsw"))
        counter.add_incoming(following, b.block)
        after = b.function.append_basic_block("after")
        b.cbranch(b.icmp_unsigned("<", following, high), loop, after)
        b.position_at_end(after)

    def _blocks(self, axis: int, low: int, high: int, active: list[Root]) -> None:
        """The innermost loop in blocks, so that the sum of each can be added to the others with compensation."""
        b = self.builder
        count = (high - low) // _BLOCK

        def block() -> None:
            number = self.counters.pop()
            begin = b.add(b.mul(number, INDEX(_BLOCK), flags=("nuw", "nsw")), INDEX(low), flags=("nuw", "nsw"))
            self._reset(active)
            end = b.add(begin, INDEX(_BLOCK), flags=("nuw", "nsw"))
            self._loop(begin, end, None, lambda: self._axis(axis + 1))
            self._fold(active, _BLOCK)
            self.counters.append(number)

        self._loop(INDEX(0), INDEX(count), count, block)
        rest = low + count * _BLOCK
        if rest < high:
            self._reset(active)
            self._loop(INDEX(rest), INDEX(high), high - rest, lambda: self._axis(axis + 1))
            self._fold(active, high - rest)

    def _body(self) -> None:
        self.values = {}
        for root in self.nest.roots:
            if root.kind == "store":
                for (pair,), target in root.variants:
                    value = self._computed(root.node, target) if pair[0] is root.node else self._element(*pair)
                    self.values[root.node, target] = value
                    if root.kept:
                        store(self.builder, value, self._address(root.node, target), root.node.dtype)
            elif root.kind == "write":
                self._write(root)
            else:
                for variant in root.variants:
                    self._reduce(root, variant)

    # Reductions.

    def _local(self, dtype: np.dtype[Any]) -> ir.Value:
        with self.builder.goto_entry_block():
            return self.builder.alloca(register_type(dtype))

    def _begin(self, root: Root, variant: Variant) -> None:
        dtype = root.node.dtype
        total = self._local(dtype)
        self.builder.store(self._neutral(root), total)
        rest = None
        if root.combine == "add" and dtype.kind == "f":
            rest = self._local(dtype)
            self.builder.store(constant(dtype, 0), rest)
        self.outer[root.node, variant.target] = (total, rest)
        self.inner[root.node, variant.target] = self._local(dtype)

    def _reset(self, active: list[Root]) -> None:
        for root in active:
            for variant in root.variants:
                self.builder.store(self._neutral(root), self.inner[root.node, variant.target])

    def _fold(self, active: list[Root], count: int) -> None:
        """Combine what the innermost loop found with what earlier ones did."""
        b = self.builder
        for root, variant in [(each, variant) for each in active for variant in each.variants]:
            dtype = root.node.dtype
            kind = register_type(dtype)
            total_at, rest_at = self.outer[root.node, variant.target]
            found, total = b.load(self.inner[root.node, variant.target], typ=kind), b.load(total_at, typ=kind)
            alone = len(root.reduced) == 1 and not self.flat and self.domain[-1] < 2 * _BLOCK
            if rest_at is not None and count >= _SHORT and not alone:
                added = b.fadd(total, found)
                fabs = self.scalars.intrinsic
                larger = b.fcmp_ordered(">=", fabs("llvm.fabs", total), fabs("llvm.fabs", found))
                lost = b.select(larger, b.fadd(b.fsub(total, added), found), b.fadd(b.fsub(found, added), total))
                b.store(b.fadd(b.load(rest_at, typ=kind), lost), rest_at)
                b.store(added, total_at)
            else:
                b.store(self._combined(root.combine, dtype, total, found), total_at)

    def _finish(self, root: Root, variant: Variant) -> None:
        b = self.builder
        dtype = root.node.dtype
        kind = register_type(dtype)
        total_at, rest_at = self.outer[root.node, variant.target]
        total = b.load(total_at, typ=kind)
        if rest_at is not None:
            # What was lost of an infinite sum is no number.
            rest = b.load(rest_at, typ=kind)
            is_number = b.fcmp_ordered("ord", rest, rest)
            total = b.select(is_number, b.fadd(total, rest), total)
        store(b, total, self._address(root.node, variant.target), dtype)

    def _neutral(self, root: Root) -> ir.Constant:
        dtype = root.node.dtype
        if root.combine in ("add", "or"):
            return constant(dtype, 0)
        if root.combine in ("multiply", "and"):
            return constant(dtype, 1)
        if dtype.kind == "f":
            return constant(dtype, -np.inf if root.combine == "maximum" else np.inf)
        limits = np.iinfo(dtype)
        return constant(dtype, limits.min if root.combine == "maximum" else limits.max)

    def _combined(self, combine: str, dtype: np.dtype[Any], x: ir.Value, y: ir.Value, free: bool = False) -> ir.Value:
        """Two parts of a reduction together; `free` permits LLVM any order."""
        b = self.builder
        floating = dtype.kind == "f"
        flags = ("reassoc", "contract") if free else ()
        if combine == "add":
            return b.fadd(x, y, flags=flags) if floating else b.add(x, y)
        if combine == "multiply":
            return b.fmul(x, y, flags=flags) if floating else b.mul(x, y)
        if combine in ("or", "and"):
            return b.or_(x, y) if combine == "or" else b.and_(x, y)
        if floating:
            return self.scalars.intrinsic(f"llvm.{combine}", x, y)
        compare = b.icmp_signed if dtype.kind == "i" else b.icmp_unsigned
        return b.select(compare(">" if combine == "maximum" else "<", x, y), x, y)

    def _reduce(self, root: Root, variant: Variant) -> None:
        b, dtype, combine = self.builder, root.node.dtype, root.combine
        value = self._product(variant.sources, dtype, combine, ("contract",))
        if not root.reduced:
            store(b, value, self._address(root.node, variant.target), dtype)
        elif self._is_suffix(root):
            local = self.inner[root.node, variant.target]
            total = b.load(local, typ=register_type(dtype))
            b.store(self._combined(combine, dtype, total, value, free=True), local)
        else:
            address = self._address(root.node, variant.target)
            total = load(b, address, dtype)
            store(b, self._combined(combine, dtype, total, value, free=True), address, dtype)

    def _fill(self, root: Root) -> None:
        """Begin a reduction that goes to memory at once."""
        pointer = self.pointers[self.schedule.owner(root.node)]
        kind = memory_type(root.node.dtype)

        def body() -> None:
            address = self.builder.gep(pointer, [self.counters[-1]], source_etype=kind)
            store(self.builder, self._neutral(root), address, root.node.dtype)

        size = math.prod(root.node.shape)
        if size:
            self._loop(INDEX(0), INDEX(size), size, body)

    # Elements.

    def _write(self, root: Root) -> None:
        node = root.node
        view = whole(node.shape).at(node.params["path"])
        assert view is not None
        ((source,), target) = root.variants[0]
        value = self._element(*source)
        pointer = self.pointers[self.schedule.owner(node)]
        address = self._place(pointer, view, target, node.dtype)
        if node.op is ops.accumulate:
            value = self._sum(load(self.builder, address, node.dtype), value, node.dtype)
        store(self.builder, value, address, node.dtype)

    def _element(self, source: Any, index: Index) -> ir.Value:
        """The element of a node or constant at an index."""
        stack = [(source, index)]
        while stack:
            source, index = stack[-1]
            key = self._key(source, index)
            if key in self.values:
                stack.pop()
                continue
            if type(source) is not Node:
                self.values[key] = self._constant_element(source, index)
                continue
            known = self.schedule.view(source)
            if known is not None:
                owner, view = known
                pointer = self.pointers[self.schedule.owner(owner)]
                address = self._place(pointer, view, index, source.dtype)
                self.values[key] = load(self.builder, address, source.dtype)
                continue
            missing = [pair for pair in self._needed(source, index) if self._key(*pair) not in self.values]
            if missing:
                stack.extend(missing)
            else:
                self.values[key] = self._computed(source, index)
        return self.values[key]

    @staticmethod
    def _key(source: Any, index: Index) -> tuple[Any, Index]:
        return (source if type(source) is Node else id(source)), index

    def _needed(self, node: Node, index: Index) -> tuple[tuple[Any, Index], ...]:
        if is_elementwise(node) or is_short(node):
            return tuple(self.schedule.parts(node, index))
        return self._piece(node, index).sources

    def _piece(self, node: Node, index: Index) -> Piece:
        ranges = tuple(self.ranges)
        for piece in pieces(node, index):
            if all(bound.holds(ranges) for bound in piece.bounds):
                return piece
        raise AssertionError(f"no piece of {node!r} holds at {index}")

    def _computed(self, node: Node, index: Index) -> ir.Value:
        """The element of a node from those of its operands."""
        if is_movement(node):
            moved = self.schedule.moved_view(node)
            if moved is not None:
                pointer = self.pointers[self.schedule.owner(moved[0])]
                return load(self.builder, self._place(pointer, moved[1], index, node.dtype), node.dtype)
        if is_short(node):
            return self._written_out(node, index)
        values = [self._element(*pair) for pair in self._needed(node, index)]
        if is_elementwise(node):
            scalars = self.scalars
            scalars.dtypes = tuple(x.dtype for x in node.operands)
            scalars.dtype = node.dtype
            return LOWERINGS[node.op](scalars, *values, **node.params)
        if not values:
            return constant(node.dtype, 0)
        return values[0] if len(values) == 1 else self._sum(values[0], values[1], node.dtype)

    def _written_out(self, node: Node, index: Index) -> ir.Value:
        """The element of a reduction of few terms."""
        combine = REDUCTIONS.get(node.op, "add")
        total: ir.Value | None = None
        for factors in terms(node, index):
            value = self._product(factors, node.dtype, combine)
            total = value if total is None else self._combined(combine, node.dtype, total, value)
        assert total is not None
        return total

    def _product(
        self, factors: Sequence[tuple[Any, Index]], dtype: np.dtype[Any], combine: str, flags: tuple[str, ...] = ()
    ) -> ir.Value:
        """The product of elements in the dtype of a result; of one element, itself, or its truth."""
        product: ir.Value | None = None
        for source, index in factors:
            factor = self._element(source, index)
            if combine in ("or", "and"):
                factor = self.scalars.is_true(factor, source.dtype)
            else:
                factor = self.scalars.convert(factor, source.dtype, dtype)
            product = factor if product is None else self.builder.fmul(product, factor, flags=flags)
        assert product is not None
        return product

    def _sum(self, x: ir.Value, y: ir.Value, dtype: np.dtype[Any]) -> ir.Value:
        if dtype.kind == "b":
            return self.builder.or_(x, y)
        return self.builder.fadd(x, y) if dtype.kind == "f" else self.builder.add(x, y)

    def _constant_element(self, array: Any, index: Index) -> ir.Value:
        if array.size == 1:
            return constant(array.dtype, np.asarray(array).reshape(())[()])
        pointer = self.constants.pointer(array)
        return load(self.builder, self._place(pointer, whole(array.shape), index, array.dtype), array.dtype)

    def _address(self, node: Node, index: Index) -> ir.Value:
        return self._place(self.pointers[self.schedule.owner(node)], whole(node.shape), index, node.dtype)

    def _place(self, pointer: ir.Value, view: View, index: Index, dtype: np.dtype[Any]) -> ir.Value:
        """Where the element of a view at an index stands."""
        b = self.builder
        if self.flat:
            position: ir.Value = INDEX(view.offset)
            if math.prod(view.shape) != 1:
                counter = self.counters[0]
                position = b.add(position, counter, flags=("nsw",)) if view.offset else counter
            return b.gep(pointer, [position], source_etype=memory_type(dtype))
        fixed = view.offset
        moving: dict[int, int] = {}
        for affine, stride in zip(index, view.strides, strict=True):
            fixed += affine.offset * stride
            if affine.scale and stride:
                moving[affine.axis] = moving.get(affine.axis, 0) + affine.scale * stride
        total: ir.Value | None = None
        for axis, factor in sorted(moving.items()):
            term = self.counters[axis]
            if factor != 1:
                term = b.mul(term, INDEX(factor), flags=("nsw",))
            total = term if total is None else b.add(total, term, flags=("nsw",))
        if total is None:
            total = INDEX(fixed)
        elif fixed:
            total = b.add(total, INDEX(fixed), flags=("nsw",))
        return b.gep(pointer, [total], source_etype=memory_type(dtype))
