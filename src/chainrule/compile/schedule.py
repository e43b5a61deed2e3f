"""From a program to steps: which nodes get memory, and which are computed in one nest of loops.

A node without memory is computed where it is used. A node gets memory if somebody outside of loops needs it (a result,
BLAS, NumPy), if it is a reduction, or if it would be computed several times at a price. Nodes with memory are then put
into nests in the order of the program: into a nest of the same domain, if all that they need has been made by then.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chainrule import ops
from chainrule.compile import blas, kinds
from chainrule.compile.access import FIRST, Index, broadcast, identity, is_routed, pieces
from chainrule.compile.gathering import (
    index_arrays,
    index_elements,
    is_gather,
    is_scatter,
)
from chainrule.compile.kinds import (
    is_choice_of_places,
    is_contraction,
    is_in_place,
    is_large_product,
    is_reduction,
    is_scan,
    terms,
)
from chainrule.compile.lowerings.table import COSTS
from chainrule.compile.nests import (
    Callback,
    Multiplication,
    Nest,
    Root,
    Step,
)
from chainrule.compile.program import Program
from chainrule.compile.remembering import Remembered, users
from chainrule.compile.roots import DEAR_TO_REPEAT, root_of, stored
from chainrule.compile.views import View, whole
from chainrule.graph import Node
from chainrule.graph.node import input_node
from chainrule.trace import projection

# A node of this cost is kept for its second use.
_DEAR = 20
# As often as this it may be computed again: that is a short last axis, which is written out and shares it.
_FEW_REPEATS = 4
# From this cost on a node is kept, so that what is computed for one element does not grow without end.
_TOO_LONG = 600
# So many writes to parts of an array are followed through one after the other; more go to memory, in place.
_FOLLOWED_WRITES = 3
# So many nodes with memory are computed in one nest.
_MOST_ROOTS = 200


class Schedule:
    """The steps of a program, and where its nodes live.

    steps
        In the order in which they run.
    views
        For each node that is found in memory without being computed: the node that owns the memory, and the view of it.
    owners
        For a node that was made by writing in place: the node whose memory it has taken over, at the end of the chain.
    roots
        For each node that a nest makes, how.
    results
        For an output that is copied, since it does not lie row by row: the copy.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.memory: set[Node] = set()
        self.owners: dict[Node, Node] = {}
        self.results: dict[Node, Node] = {}
        self._views: dict[Node, tuple[Node, View] | None] = {}
        self._users = users(program)
        self.is_elementwise = Remembered(kinds.is_elementwise)
        self.is_movement = Remembered(kinds.is_movement)
        self.is_short = Remembered(kinds.is_short)
        self._made_at: dict[Node, int] = {}
        self.roots: dict[Node, Root] = {}
        self._reads: dict[Root, Sequence[tuple[Node, bool]]] = {}
        self._layout: dict[Node, tuple[Node, View]] = {}
        self._unkept: set[Node] = set()
        # What was made by writes to memory; a further write goes there, too.
        self._written: set[Node] = set()
        self._place_nodes()
        self._fill_nests()
        self._forget_stores()

    def __str__(self) -> str:
        from chainrule.compile.printing import text

        return text(self)

    @property
    def unkept(self) -> set[Node]:
        """The nodes that live in registers of their nest after all."""
        return self._unkept

    def projections(self, node: Node) -> list[Node]:
        """The results of an op with several that are used."""
        return [user for user in self._users[node] if user.op is projection]

    def owner(self, node: Node) -> Node:
        """The node whose memory a node with memory has."""
        while node in self.owners:
            node = self.owners[node]
        return node

    def lies(self, node: Node) -> tuple[Node, View]:
        """The buffer of a node with memory, and how its elements stand there: row by row, unless they were laid out."""
        return self._layout.get(node) or (node, whole(node.shape))

    def view(self, node: Any) -> tuple[Node, View] | None:
        """The node with memory that a node is a view of, and the view; None if it is computed."""
        if type(node) is not Node:
            return None
        if node.op is None or node in self.memory:
            return self.lies(node)
        if node in self._views:
            return self._views[node]
        # A chain of movements, from the node that has memory.
        chain = []
        found: tuple[Node, View] | None = None
        current: Any = node
        while True:
            if type(current) is not Node:
                break
            if current.op is None or current in self.memory:
                found = self.lies(current)
                break
            if current in self._views:
                found = self._views[current]
                break
            if not self.is_movement(current):
                break
            chain.append(current)
            current = current.operands[0]
        for moved in reversed(chain):
            if found is not None:
                view = found[1].moved(moved)
                found = None if view is None else (found[0], view)
            self._views[moved] = found
        return found if chain else None

    def moved_view(self, node: Node) -> tuple[Node, View] | None:
        """What a movement is a view of, whether or not it has memory of its own; None if its operand is computed."""
        known = self.view(node.operands[0])
        view = None if known is None else known[1].moved(node)
        return None if known is None or view is None else (known[0], view)

    # How what has memory lies.

    def lay(self, layout: dict[Node, View]) -> None:
        """Let these nodes with memory, and no others, lie otherwise than row by row."""
        self._layout = {node: (node, view) for node, view in layout.items()}
        self._views.clear()
        self._reads.clear()

    def copy_input(self, node: Node, view: View) -> None:
        """Let all that reads an input read a copy of it that lies so."""
        given, copy = input_node(node), input_node(node)
        first = next(
            k
            for k, step in enumerate(self.steps)
            if isinstance(step, Nest) and any(node is read for root in step.roots for read, _ in self.reads(root))
        )
        self.owners[given] = node
        self._layout |= {node: (copy, view), copy: (copy, view)}
        domain, root = stored(self, copy, given)
        self.steps.insert(first, Nest(domain, [root]))
        self._views.clear()
        self._reads.clear()

    def copy_result(self, node: Node) -> None:
        """Let a result be a copy of a node, row by row."""
        self.results[node] = copy = input_node(node)
        domain, root = stored(self, copy, node)
        self.steps.append(Nest(domain, [root]))

    # Which nodes get memory.

    def _place_nodes(self) -> None:
        program = self.program
        cost: dict[Node, int] = {}
        writes: dict[Node, int] = {}
        for output in program.graph.outputs:
            if type(output) is Node and output.op is not None:
                self.memory.add(output)
        for node in program.graph.nodes:
            own, followed = self._place(node, cost, writes)
            cost[node] = own
            writes[node] = followed
            users = self._users[node]
            if node not in self.memory and len(users) > 1 and own >= _DEAR and not isinstance(node.dtype, tuple):
                self.memory.add(node)
            if node in self.memory:
                cost[node] = 0
                writes[node] = 0

    def _place(self, node: Node, cost: dict[Node, int], writes: dict[Node, int]) -> tuple[int, int]:
        """Decide for a node, and for what it needs; what it costs, and how many writes are followed through for it."""
        operands = [x for x in node.operands if type(x) is Node]
        if self.is_elementwise(node) or is_choice_of_places(node) or (self.is_movement(node) and is_routed(node)):
            followed = 0
            if node.op in (ops.update, ops.accumulate, ops.place, ops.concatenate, ops.stack):
                followed = 1 + max((writes.get(x, 0) for x in operands), default=0)
                x = node.operands[0]
                again = type(x) is Node and x in self._written and math.prod(node.shape) > 1
                if (followed > _FOLLOWED_WRITES or again) and is_in_place(node):
                    self._write_in_place(node)
                    return 0, 0
                if followed > _FOLLOWED_WRITES:
                    for x in operands:
                        if writes.get(x, 0):
                            self._keep(x)
            else:
                followed = max((writes.get(x, 0) for x in operands), default=0)
            size = math.prod(node.shape)
            total = COSTS.get(node.op, 1)
            for x in operands:
                repeats = math.prod(x.shape) * _FEW_REPEATS < size
                if cost.get(x, 0) >= DEAR_TO_REPEAT and repeats and self.view(x) is None:
                    self._keep(x)
                total += 0 if x in self.memory else cost.get(x, 0)
            if total > _TOO_LONG:
                for x in operands:
                    if self.view(x) is None:
                        self._keep(x)
                total = COSTS.get(node.op, 1)
            return total, followed
        if self.is_movement(node):
            # A view, if what it moves lies in memory as it should.
            (x,) = node.operands
            if type(x) is Node and self.moved_view(node) is None:
                self._own(x)
            return 0, 0
        if is_in_place(node):
            self._write_in_place(node)
            return 0, 0
        if is_gather(node) or is_scatter(node):
            return self._place_at_indices(node, cost), 0
        if node.op is projection or is_scan(node):
            self.memory.add(node)
            return 0, 0
        if self.is_short(node):
            count = len(terms(node, identity(node.shape)))
            total = count * (1 + sum(0 if x in self.memory else cost.get(x, 0) for x in operands))
            if total > _TOO_LONG:
                for x in operands:
                    if self.view(x) is None:
                        self._keep(x)
                total = 2 * count
            return total, max((writes.get(x, 0) for x in operands), default=0)
        if is_reduction(node) or (is_contraction(node) and not is_large_product(node)):
            self.memory.add(node)
            # A factor of a contraction is met once for each element of the other.
            for x in operands if is_contraction(node) else ():
                if cost.get(x, 0) >= DEAR_TO_REPEAT and self.view(x) is None:
                    self._keep(x)
            return 0, 0
        if not isinstance(node.dtype, tuple):
            self.memory.add(node)
        multiplied = is_large_product(node)
        for x in operands:
            known = self.view(x)
            lies = known is not None and (not multiplied or blas.leading(known[1]) is not None)
            if not lies and not isinstance(x.dtype, tuple):
                self._own(x)
        return 0, 0

    def _place_at_indices(self, node: Node, cost: dict[Node, int]) -> int:
        """Decide for a gather or scatter, and for what it needs; what it costs."""
        x, indices = node.operands[0], index_arrays(node)
        length = math.prod(indices[0].shape)
        for i in indices:
            # An index is met once for each element of the axes that are not indexed.
            repeats = length * _FEW_REPEATS < node.size if node.op is ops.gather else x.ndim > len(indices)
            if type(i) is Node and cost.get(i, 0) >= DEAR_TO_REPEAT and repeats and self.view(i) is None:
                self._keep(i)
        if node.op is not ops.gather:
            self._write_in_place(node)
            return 0
        if type(x) is Node and self.view(x) is None:
            self._own(x)
        total = 2 * len(indices) + sum(cost.get(i, 0) for i in indices if type(i) is Node and i not in self.memory)
        if total > _TOO_LONG:
            for i in indices:
                if type(i) is Node and self.view(i) is None:
                    self._keep(i)
        return min(total, _TOO_LONG)

    def _keep(self, node: Node) -> None:
        """Give a node memory; or what it is a view of, if that is as large."""
        while self.is_movement(node) and type(node.operands[0]) is Node:
            x = node.operands[0]
            if x.size != node.size or self.view(x) is not None or whole(x.shape).moved(node) is None:
                break
            node = x
        self._own(node)

    def _own(self, node: Node) -> None:
        if node not in self.memory:
            self.memory.add(node)
            # What moves its elements may be a view of them now.
            self._views.clear()

    def _write_in_place(self, node: Node) -> None:
        """Let a node take over the memory of its first operand, if nobody needs that afterwards."""
        self._own(node)
        self._written.add(node)
        x = node.operands[0]
        if type(x) is not Node or x.op is None or isinstance(x.dtype, tuple):
            return
        outputs = self.program.graph.outputs
        readers = [user for user in self._users[x] if user is not node]
        if any(output is x for output in outputs) or any(reader.serial > node.serial for reader in readers):
            return
        if node.operands[1] is x:
            # Written to itself, as in y[::-1] = y: what is read must not have been overwritten.
            return
        if x not in self.memory and self.is_movement(x):
            return
        self._own(x)
        # What reads the operand does so before it is written to, and keeps what it read.
        for reader in readers:
            if not isinstance(reader.dtype, tuple):
                self._own(reader)
        self.owners[node] = x

    # What goes into which nest.

    def _fill_nests(self) -> None:
        for node in self.program.graph.nodes:
            if node.op is projection:
                self._made_at[node] = self._made_at[node.operands[0]]
                continue
            if node not in self.memory and not isinstance(node.dtype, tuple):
                continue
            root = root_of(self, node)
            if root is None:
                step: Step = Multiplication(node) if is_large_product(node) else Callback(node)
                self._made_at[node] = len(self.steps)
                self.steps.append(step)
                continue
            domain, made = root
            if made.kind == "write" and node not in self.owners:
                # The operand is still needed: the write goes to a copy.
                self._copy(node)
            self._join(made, domain)

    def _copy(self, node: Node) -> None:
        domain, root = stored(self, node, node.operands[0])
        self._join(root, domain)

    def _join(self, root: Root, domain: tuple[int, ...]) -> None:
        earliest = 0
        for read, is_identity in self.reads(root):
            made_at = self._made_at.get(read, -1)
            if made_at < 0:
                continue
            nest = self.steps[made_at]
            together = isinstance(nest, Nest) and nest.domain == domain and len(nest.roots) < _MOST_ROOTS
            maker = self.roots.get(read)
            stored = is_identity and maker is not None and maker.kind == "store" and root.kind != "write"
            earliest = max(earliest, made_at if together and (domain == () or stored) else made_at + 1)
        last = len(self.steps) - 1
        candidates = range(last, earliest - 1, -1) if root.kind != "write" else [last] * (last >= earliest)
        for k in candidates:
            nest = self.steps[k]
            if not isinstance(nest, Nest) or nest.domain != domain or len(nest.roots) >= _MOST_ROOTS:
                continue
            if root.kind == "write" and domain != ():
                continue
            nest.roots.append(root)
            self._made_at[root.node] = k
            break
        else:
            self._made_at[root.node] = len(self.steps)
            self.steps.append(Nest(domain, [root]))
        self.roots[root.node] = root

    def reads(self, root: Root) -> Sequence[tuple[Node, bool]]:
        """The nodes with memory that a root reads, each with whether every read is of the element of the domain."""
        known = self._reads.get(root)
        if known is not None:
            return known
        found: dict[Node, bool] = {}
        if root.kind == "write" and type(root.node.operands[0]) is Node:
            found[self._written_to(root.node)] = False
        for source, index in self.expressions(root):
            view = self.view(source)
            if view is None:
                continue
            same = source in self.memory and self._is_own(source, index)
            found[view[0]] = same and found.get(view[0], True)
        self._reads[root] = tuple(found.items())
        return self._reads[root]

    def _is_own(self, node: Node, index: Index) -> bool:
        """Whether an index is that at which a nest makes a node with memory."""
        maker = self.roots.get(node)
        if maker is None or maker.kind != "store" or maker.written_out is None:
            return index == identity(node.shape)
        axis = maker.written_out
        return index[:axis] + index[axis + 1 :] == identity(node.shape[1:]) and not index[axis].scale

    def _written_to(self, node: Node) -> Node:
        return node.operands[0] if node in self.owners else node

    def expressions(self, root: Root) -> Sequence[tuple[Any, Index]]:
        """All that is looked at to compute a root: nodes and constants, each with the index at which."""
        found: list[tuple[Any, Index]] = []
        seen: set[tuple[Any, Index]] = set()
        stack: list[tuple[Any, Index]] = []
        for variant in root.variants:
            for source, index in variant.sources:
                stack.extend(self.parts(source, index) if source is root.node else [(source, index)])
        while stack:
            pair = stack.pop()
            source, index = pair
            key = pair if type(source) is Node else (id(source), index)
            if key in seen:
                continue
            seen.add(key)
            found.append(pair)
            if type(source) is Node and self.view(source) is None:
                stack.extend(self.parts(source, index))
        return found

    def parts(self, node: Node, index: Index) -> Sequence[tuple[Any, Index]]:
        """The operands of a node that is computed, each at the index that belongs to an index of the node."""
        if self.is_elementwise(node):
            return [(x, broadcast(x.shape, index, node.shape)) for x in node.operands]
        if self.is_short(node):
            return [factor for term in terms(node, index) for factor in term]
        if self.is_movement(node) and not is_routed(node):
            # Loaded from a view of what it moves, at an index that depends on how that lies.
            (x,) = node.operands
            return [(x, (FIRST,) * x.ndim)]
        if is_gather(node):
            x = node.operands[0]
            return [(x, (FIRST,) * x.ndim), *index_elements(node, index)]
        return [pair for piece in pieces(node, index) for pair in piece.sources]

    def _forget_stores(self) -> None:
        """Drop the memory of nodes that only their own nest reads, which has them in registers."""
        needed: set[Node] = {output for output in self.program.graph.outputs if type(output) is Node}
        needed.update(self.owners.values())
        needed.update(self.owners)
        readers: dict[Node, list[tuple[Nest | None, bool]]] = defaultdict(list)
        for step in self.steps:
            if isinstance(step, Nest):
                for root in step.roots:
                    for node, same in self.reads(root):
                        readers[node].append((step, same))
            else:
                for x in step.node.operands:
                    known = self.view(x)
                    if known is not None:
                        readers[known[0]].append((None, False))
        for step in self.steps:
            if isinstance(step, Nest):
                for root in step.roots:
                    if root.kind == "store" and root.node not in needed:
                        root.kept = not all(nest is step and same for nest, same in readers[root.node])
                        if not root.kept:
                            self._unkept.add(root.node)
