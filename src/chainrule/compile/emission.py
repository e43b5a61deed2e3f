"""From a nest of loops to LLVM: one function for each nest, whose arguments are the buffers that it reads and writes.

Loops are cut where an op takes its elements from elsewhere, so no loop asks where it is. Everything is emitted for one
element; LLVM's loop vectoriser makes vectors of that. Sums are added up in blocks, by as many accumulators as LLVM
likes, and the sums of blocks with compensation (Neumaier): the error, that of one block, is like that of pairwise sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from chainrule import ops
from chainrule.compile.access import Index
from chainrule.compile.elements import INDEX, POINTER, constant, load, memory_type, register_type, store
from chainrule.compile.gathering import constant_of, index_arrays, index_elements, is_gather, is_scatter
from chainrule.compile.kinds import REDUCTIONS, SCANS, terms
from chainrule.compile.loops import BLOCK, Loops
from chainrule.compile.lowerings import LOWERINGS, Scalars
from chainrule.compile.nests import Nest, Root, Variant
from chainrule.compile.schedule import Schedule
from chainrule.compile.views import View, whole
from chainrule.graph import Node

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
        self.loops = Loops(schedule, nest)
        self.domain = self.loops.domain
        self.buffers = self.loops.buffers
        signature = ir.FunctionType(ir.VoidType(), [POINTER] * len(self.buffers))
        self.function = ir.Function(module, signature, name)
        self.function.linkage = "internal"
        self.function.attributes.add("nounwind")
        self.pointers: dict[Node, ir.Value] = {}
        for owner, argument in zip(self.buffers, self.function.args, strict=True):
            argument.add_attribute("noalias")
            self.pointers[owner] = argument
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.scalars = Scalars(module, self.builder, calls=not self.domain)
        self.counters: list[ir.Value] = []
        self.ranges: list[tuple[int, int]] = []
        self.values: dict[tuple[Any, Index], ir.Value] = {}
        self.inner: dict[tuple[Node, Index], ir.Value] = {}
        self.outer: dict[tuple[Node, Index], tuple[ir.Value, ir.Value | None]] = {}

    def emit(self) -> ir.Function:
        """The function of the nest."""
        for root in self.nest.roots:
            if root.kind == "reduce" and self.domain and not self.loops.is_suffix(root):
                self._fill(root)
        self._axis(0)
        self.builder.ret_void()
        return self.function

    # Loops.

    def _axis(self, axis: int) -> None:
        if axis == len(self.domain):
            self._body()
            return
        innermost = axis == len(self.domain) - 1
        active = self.loops.suffixes
        starting = [root for root in active if self.loops.first_axis(root) == axis]
        for root in starting:
            for variant in root.variants:
                self._begin(root, variant)
        for low, high in zip(self.loops.cuts[axis], self.loops.cuts[axis][1:], strict=False):
            self.ranges.append((low, high))
            if self.loops.is_blocked(axis, high - low):
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
        count = (high - low) // BLOCK

        def block() -> None:
            number = self.counters.pop()
            begin = b.add(b.mul(number, INDEX(BLOCK), flags=("nuw", "nsw")), INDEX(low), flags=("nuw", "nsw"))
            self._reset(active)
            end = b.add(begin, INDEX(BLOCK), flags=("nuw", "nsw"))
            self._loop(begin, end, None, lambda: self._axis(axis + 1))
            self._fold(active, BLOCK)
            self.counters.append(number)

        self._loop(INDEX(0), INDEX(count), count, block)
        rest = low + count * BLOCK
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
            elif root.kind == "scan":
                self._scan(root)
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
            alone = len(root.reduced) == 1 and not self.loops.flat and self.domain[-1] < 2 * BLOCK
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
        elif self.loops.is_suffix(root):
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
        ((source, *_), target) = root.variants[0]
        value = self._element(*source)
        pointer = self.pointers[self.schedule.owner(node)]
        if is_scatter(node):
            address = self._place_at_indices(node, pointer, self.schedule.lies(node)[1], target)
        else:
            view = self.schedule.lies(node)[1].at(node.params["path"])
            assert view is not None
            address = self._place(pointer, view, target, node.dtype)
        if node.op in (ops.accumulate, ops.scatter_add):
            value = self._sum(load(self.builder, address, node.dtype), value, node.dtype)
        store(self.builder, value, address, node.dtype)

    def _scan(self, root: Root) -> None:
        """An element from those of the operands and the one before it."""
        node, axis = root.node, root.node.params["axis"]
        dtype = node.dtype
        sources, target = root.variants[0]
        *factors, value = (self.scalars.convert(self._element(*pair), pair[0].dtype, dtype) for pair in sources)
        if self.ranges[axis][0]:
            before = (*target[:axis], target[axis].stepped(-1, 1), *target[axis + 1 :])
            other = load(self.builder, self._address(node, before), dtype)
            if factors:
                other = self.builder.fmul(factors[0], other)
            combine = "multiply" if SCANS[node.op] == "multiply" else "add"
            value = self._combined(combine, dtype, other, value)
        store(self.builder, value, self._address(node, target), dtype)

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
            missing = [pair for pair in self._sources(source, index) if self._key(*pair) not in self.values]
            if missing:
                stack.extend(missing)
            else:
                self.values[key] = self._computed(source, index)
        return self.values[key]

    def _sources(self, node: Node, index: Index) -> Sequence[tuple[Any, Index]]:
        return self.loops.sources(node, index, tuple(self.ranges))

    @staticmethod
    def _key(source: Any, index: Index) -> tuple[Any, Index]:
        return (source if type(source) is Node else id(source)), index

    def _computed(self, node: Node, index: Index) -> ir.Value:
        """The element of a node from those of its operands."""
        if self.schedule.is_movement(node):
            moved = self.schedule.moved_view(node)
            if moved is not None:
                pointer = self.pointers[self.schedule.owner(moved[0])]
                return load(self.builder, self._place(pointer, moved[1], index, node.dtype), node.dtype)
        if self.schedule.is_short(node):
            return self._written_out(node, index)
        if is_gather(node):
            x = node.operands[0]
            known = self.schedule.view(x)
            if known is None:
                address = self._place_at_indices(node, self.constants.pointer(x), whole(x.shape), index)
            else:
                pointer = self.pointers[self.schedule.owner(known[0])]
                address = self._place_at_indices(node, pointer, known[1], index)
            return load(self.builder, address, node.dtype)
        values = [self._element(*pair) for pair in self._sources(node, index)]
        if self.schedule.is_elementwise(node):
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
        # NumPy begins a sum with 0, so that of -0.0 and -0.0 is 0.0.
        begins = combine == "add" and node.op in REDUCTIONS and node.dtype.kind == "f"
        total: ir.Value | None = constant(node.dtype, 0) if begins else None
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
        return self._place(self.pointers[self.schedule.owner(node)], self.schedule.lies(node)[1], index, node.dtype)

    def _place_at_indices(self, node: Node, pointer: ir.Value, view: View, index: Index) -> ir.Value:
        """Where in a view the element stands that index arrays, and the rest of an index, lead to."""
        b = self.builder
        indices = index_arrays(node)
        depth = indices[0].ndim
        rest = View(view.offset, view.shape[len(indices) :], view.strides[len(indices) :])
        position = self._position(rest, index[depth:])
        for (i, at), n, stride in zip(index_elements(node, index), view.shape, view.strides, strict=False):
            place = self.scalars.convert(self._element(i, at), i.dtype, np.dtype(np.int64))
            known = constant_of(i)
            if i.dtype.kind == "i" and (known is None or (known < 0).any()):
                is_negative = b.icmp_signed("<", place, INDEX(0))
                place = b.select(is_negative, b.add(place, INDEX(n)), place)
            if known is None:
                # A guard misses then, after all this has run.
                place = b.select(b.icmp_unsigned("<", place, INDEX(n)), place, INDEX(0))
            position = b.add(position, b.mul(place, INDEX(stride), flags=("nsw",)), flags=("nsw",))
        return b.gep(pointer, [position], source_etype=memory_type(node.dtype))

    def _place(self, pointer: ir.Value, view: View, index: Index, dtype: np.dtype[Any]) -> ir.Value:
        """Where the element of a view at an index stands."""
        b = self.builder
        if self.loops.flat:
            position: ir.Value = INDEX(view.offset)
            if math.prod(view.shape) != 1:
                counter = self.counters[0]
                position = b.add(position, counter, flags=("nsw",)) if view.offset else counter
            return b.gep(pointer, [position], source_etype=memory_type(dtype))
        return b.gep(pointer, [self._position(view, index)], source_etype=memory_type(dtype))

    def _position(self, view: View, index: Index) -> ir.Value:
        """How many elements from the beginning of its buffer the element of a view stands."""
        b = self.builder
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
        return total
