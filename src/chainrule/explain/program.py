"""What an explanation knows of a program: plain data, from which every picture, text and page is made.

A program is a graph of steps. A step is one operation of the user's code (one call, one operator, one write), however
many primitive operations the library made of it; its edges carry the local Jacobians. All that refers to something else
in here does so by its place in a list, so that the whole can be written as JSON (`document.py`) and read back without
the user's code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# The entries of a local Jacobian that are shown: more are neither computed nor stored unless asked for.
SHOWN_ENTRIES = 64 * 64


@dataclass(frozen=True, slots=True)
class Site:
    """A line of the user's code: file, line number, function, and the line itself, stripped."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """An array: its numbers, or what is left of it where there were too many to keep.

    `values` is None if they were not kept. The rest always holds: `least` and `greatest` of the finite entries (of the
    moduli, for complex ones), None if there are none; `norm` is the Euclidean norm of the finite entries.
    """

    shape: tuple[int, ...]
    dtype: str
    values: np.ndarray[Any, Any] | None
    least: float | None
    greatest: float | None
    norm: float
    nonfinite: int
    zeros: int


@dataclass(slots=True)
class Jacobian:
    """The local Jacobian of one edge, between flattened arrays: `rows` results by `columns` operand entries.

    structure
        One word or two: "scalar", "identity", "zero", "diagonal", "broadcast", "ones" (a row of ones: a sum), "sum"
        (some axes), "selection", "permutation", "kronecker", "block", "triangular", "banded", "low rank + diagonal",
        "dense".
    symbol, latex
        The local derivative in the names of the program: `u`, `2*x`, `diag(2*y)`, `A`, `I₂ ⊗ Bᵀ`; the same in LaTeX.
    factors
        For a Kronecker product the two matrices, as (symbol, array) pairs.
    stored
        How many numbers describe it; dense it has rows · columns.
    entries
        The matrix, if it is small (`SHOWN_ENTRIES`) or was asked for.
    """

    structure: str
    out_shape: tuple[int, ...]
    in_shape: tuple[int, ...]
    symbol: str
    latex: str
    stored: int
    entries: np.ndarray[Any, Any] | None = None
    factors: tuple[tuple[str, np.ndarray[Any, Any]], ...] = ()
    # The map itself (`chainrule.jacobians.maps`), in the process that ran the program; it is not written out.
    map: Any = field(default=None, repr=False, compare=False)

    @property
    def rows(self) -> int:
        """How many entries the result has."""
        return math.prod(self.out_shape)

    @property
    def columns(self) -> int:
        """How many entries the operand has."""
        return math.prod(self.in_shape)


@dataclass(slots=True)
class Node:
    """One value: an input, or the result of a step.

    name
        What it is called: the variable that it was assigned to, or a letter; no two nodes have the same.
    op
        What made it, as NumPy calls it (`exp`, `multiply`, `sum`); None for an input.
    expression, latex
        How it was made, in the names of its operands: `x*u`, `exp(v)`, `sum(w)`; the same in LaTeX. Of an input its
        name.
    adjoint
        ∂result/∂node. None where no path leads to the result.
    tangent
        The derivative along `Program.direction`.
    site, frame
        Places in `sites` and `frames`; None if unknown. `iteration` counts how often the same instruction ran before
        in the same call, from 0.
    seconds, pull_seconds, kept_bytes, flops
        What the step and its pull cost. The first two are None unless cost was measured.
    findings
        Places in `Program.findings` of what is about this node.
    """

    name: str
    op: str | None
    expression: str
    latex: str
    value: Numbers
    adjoint: Numbers | None = None
    tangent: Numbers | None = None
    site: int | None = None
    frame: int | None = None
    iteration: int = 0
    seconds: float | None = None
    pull_seconds: float | None = None
    kept_bytes: int = 0
    flops: int = 0
    findings: tuple[int, ...] = ()


@dataclass(slots=True)
class Edge:
    """One use of a value: operand number `slot` of the step `target` is the node `source`.

    use
        If the source is an input that is used several times, which of its uses this is, counted from 1 in the order in
        which one reads the result's expression; otherwise None. It is the subscript of x₁, x₂, ...
    contribution
        Jᵀ · ∂result/∂target, which this use adds to the adjoint of the source; None where no path leads on.
    flow
        ∂result/∂target · J · (derivative of the source along the direction): what passes through here. Flows are
        conserved at every node and add up to the directional derivative over any cut.
    paths
        How many paths from an input to the result lead through it.
    twin
        If the step takes the same value in several slots and `use` does not tell them apart, which of them this is,
        counted from 1; otherwise None. It is the number in v₍₁₎, v₍₂₎.
    """

    source: int
    target: int
    slot: int
    jacobian: Jacobian
    use: int | None = None
    contribution: Numbers | None = None
    flow: float = 0.0
    paths: int = 0
    twin: int | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One path from an input to the result: its edges from the input on, and the product of their local Jacobians.

    `contribution` is shaped like the input.
    """

    edges: tuple[int, ...]
    contribution: Numbers


@dataclass(frozen=True, slots=True)
class Frame:
    """One call in the user's code: of what, from which line (None for the explained function), inside which call."""

    function: str
    file: str
    line: int
    caller: int | None
    site: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that are drawn as one until it is opened.

    kind
        "call", "loop", "iteration" or "line".
    title
        What it is called: `layer(units, W)`, `for k in range(1000)`, `iteration 4`.
    nodes, groups
        What is directly in it, by their places.
    like
        The group, by its place, of which this one is a repetition with other numbers; None for the first of its kind.
    """

    kind: str
    title: str
    parent: int | None
    nodes: tuple[int, ...]
    groups: tuple[int, ...]
    like: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that deserves a look.

    kind
        "birth" (a non-finite number from finite ones), "hidden" (one that took no part), "imported" (an input was not
        finite), "saturation", "zero gradient", "overflow near", "large derivative", "cancellation", "kink".
    reason
        Why, as a word: "domain", "pole", "overflow", "inf - inf", "0 * inf", "unselected branch", "integer op",
        "no path", "saturated", "stopped", "convention" ...
    phase
        "forward" or "backward".
    severity
        "error", "warning" or "note".
    message, advice
        One sentence each: what happened; what to write instead (possibly empty).
    element
        The index in the value (or cotangent) that it is about; None if about all or a single number.
    path
        Edges from there to the result, or from the inputs there, which show how it spreads.
    """

    kind: str
    reason: str
    phase: str
    severity: str
    message: str
    advice: str = ""
    node: int | None = None
    edge: int | None = None
    element: tuple[int, ...] | None = None
    site: int | None = None
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one function that the program ran through: its file, its first line, and its lines."""

    file: str
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One op of numbers, with what it takes: places of numbers of a `Replay`, from 0 on, or -1 - k for its constant k.

    A test, which must come out as it did, has that as `outcome`, and its `site` is where it stands.
    """

    op: str
    operands: tuple[int, ...]
    outcome: float | None = None
    site: int | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """How to compute everything for other inputs, of a program of few numbers, as long as its tests come out alike.

    operations
        In their order; what each gives is a number of its own, after those of the inputs.
    tests
        Comparisons and the like that the run depended on.
    results
        By node the place of its number.
    uses
        By edge where its source is used: an operation, by its place, and which of its operands.
    """

    constants: tuple[float, ...]
    operations: tuple[Operation, ...]
    tests: tuple[Operation, ...]
    results: tuple[int, ...]
    uses: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(slots=True)
class Program:
    """Everything.

    title
        The result's expression with everything put in that is short enough: `y = x * exp(x * x)`.
    nodes
        Operands before users; the inputs first. `inputs` are the leaves of the differentiated arguments.
    result
        The node of the one number that is explained; None if `f` raised before there was one.
    paths
        The largest, by the size of their contributions; `path_count` is the exact number of all of them. Without
        `paths_exact` the search was stopped early, and there may be larger ones.
    absolute
        Σ over all paths of the entrywise modulus of their contributions, for each input; empty if it is not known. With
        `absolute_is_bound` these, and `cancellation`, are upper bounds.
    cancellation
        Σ|path| / |Σ path|, the greatest over the inputs' entries; 1 if nothing cancels; None if there is no path.
    direction
        What the tangents and flows are along: "gradient", or the name of an input's entry, `x[3]`.
    failure, failed_operands, failed_site
        If `f` raised: the message, as the user got it; the nodes that the failing operation took; the place in `sites`.
    checks
        What was verified, by name, with the relative difference that was found.
    mode
        "reverse" or "forward": whether adjoints or tangents are shown at first.
    replay
        How to compute it for other inputs; None if it is not of few numbers, or depends on them in an unknown way.
    """

    function: str
    title: str
    nodes: list[Node]
    edges: list[Edge]
    inputs: tuple[int, ...]
    result: int | None
    paths: list[Path] = field(default_factory=list)
    path_count: int = 0
    absolute: tuple[Numbers, ...] = ()
    absolute_is_bound: bool = False
    paths_exact: bool = True
    cancellation: float | None = None
    direction: str = "gradient"
    directional_derivative: float = 0.0
    sites: list[Site] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    failure: str | None = None
    failed_operands: tuple[int, ...] = ()
    failed_site: int | None = None
    cost_measured: bool = False
    checks: dict[str, float] = field(default_factory=dict)
    mode: str = "reverse"
    replay: Replay | None = None

    def incoming(self) -> list[list[int]]:
        """The edges into each node, by their places, in the order of their slots."""
        edges: list[list[int]] = [[] for _ in self.nodes]
        for k, edge in enumerate(self.edges):
            edges[edge.target].append(k)
        return edges

    def outgoing(self) -> list[list[int]]:
        """The edges out of each node, by their places."""
        edges: list[list[int]] = [[] for _ in self.nodes]
        for k, edge in enumerate(self.edges):
            edges[edge.source].append(k)
        return edges
