"""Programs written down by hand, with their derivatives by NumPy alone: what the pages of the tests show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.explain.numbers import numbers
from chainrule.explain.program import Edge, Finding, Group, Jacobian, Node, Path, Program, Site, Source

FILE = "model.py"


@dataclass
class Use:
    """One operand of a step, with the local Jacobian as a matrix between flattened arrays."""

    operand: str
    matrix: Any
    symbol: str
    structure: str = "dense"
    factors: tuple[tuple[str, np.ndarray[Any, Any]], ...] = ()


@dataclass
class Step:
    """One value: its name, its expression, the value, its operands, and the line that it stands on."""

    name: str
    op: str
    expression: str
    value: Any
    uses: list[Use]
    line: int


@dataclass
class Sheet:
    """What a program is made of."""

    title: str
    inputs: dict[str, Any]
    steps: list[Step]
    lines: list[str]
    first: int = 1
    findings: list[Finding] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    most_paths: int = 10


@np.errstate(invalid="ignore")
def program(sheet: Sheet) -> Program:
    """The program of a sheet: adjoints, contributions and paths by products of the matrices that it gives."""
    names = [*sheet.inputs, *(step.name for step in sheet.steps)]
    place = {name: k for k, name in enumerate(names)}
    values = [np.asarray(value) for value in [*sheet.inputs.values(), *(step.value for step in sheet.steps)]]
    edges = [
        (place[use.operand], place[step.name], slot, use) for step in sheet.steps for slot, use in enumerate(step.uses)
    ]
    matrices = [
        np.reshape(np.asarray(use.matrix, float), (values[target].size, values[source].size))
        for source, target, _, use in edges
    ]
    incoming: list[list[int]] = [[] for _ in names]
    outgoing: list[list[int]] = [[] for _ in names]
    for k, (source, target, _, _) in enumerate(edges):
        incoming[target].append(k)
        outgoing[source].append(k)

    result = len(names) - 1
    adjoints: list[Any] = [None] * len(names)
    adjoints[result] = np.ones(1)
    contributions: list[Any] = [None] * len(edges)
    for k in range(result, -1, -1):
        for edge in outgoing[k]:
            if adjoints[edges[edge][1]] is not None:
                contributions[edge] = matrices[edge].T @ adjoints[edges[edge][1]]
                adjoints[k] = contributions[edge] if adjoints[k] is None else adjoints[k] + contributions[edge]
    tangents: list[Any] = [np.zeros(value.size) for value in values]
    for k in range(len(names)):
        if k < len(sheet.inputs):
            tangents[k] = np.zeros(values[k].size) if adjoints[k] is None else adjoints[k]
        for edge in incoming[k]:
            tangents[k] = tangents[k] + matrices[edge] @ tangents[edges[edge][0]]

    paths_from = [0] * len(names)
    paths_from[result] = 1
    paths_to = [int(k < len(sheet.inputs)) for k in range(len(names))]
    for k in range(result - 1, -1, -1):
        paths_from[k] = sum(paths_from[edges[edge][1]] for edge in outgoing[k])
    for k in range(len(sheet.inputs), len(names)):
        paths_to[k] = sum(paths_to[edges[edge][0]] for edge in incoming[k])

    uses = _uses(len(sheet.inputs), result, incoming, outgoing, edges)
    first_lines = sheet.first
    sites = [Site(FILE, line, "f", sheet.lines[line - first_lines].strip()) for line in _lines(sheet)]
    site_of = {site.line: k for k, site in enumerate(sites)}

    def shaped(flat: Any, like: np.ndarray[Any, Any]) -> Any:
        return None if flat is None else numbers(np.reshape(flat, like.shape))

    nodes = [
        Node(
            name=name,
            op=None if k < len(sheet.inputs) else sheet.steps[k - len(sheet.inputs)].op,
            expression=name if k < len(sheet.inputs) else sheet.steps[k - len(sheet.inputs)].expression,
            latex=name,
            value=numbers(values[k]),
            adjoint=shaped(adjoints[k], values[k]),
            tangent=shaped(tangents[k], values[k]),
            site=None if k < len(sheet.inputs) else site_of[sheet.steps[k - len(sheet.inputs)].line],
            kept_bytes=int(values[k].nbytes),
            flops=int(values[k].size),
            findings=tuple(n for n, finding in enumerate(sheet.findings) if finding.node == k),
        )
        for k, name in enumerate(names)
    ]
    made = [
        Edge(
            source,
            target,
            slot,
            Jacobian(
                "scalar" if values[source].shape == values[target].shape == () else use.structure,
                values[target].shape,
                values[source].shape,
                use.symbol,
                use.symbol,
                stored=int(np.count_nonzero(matrices[k])),
                entries=matrices[k] if matrices[k].size <= 4096 else None,
                factors=use.factors,
            ),
            use=uses.get(k),
            contribution=shaped(contributions[k], values[source]),
            flow=0.0 if adjoints[target] is None else float(adjoints[target] @ matrices[k] @ tangents[source]),
            paths=paths_to[source] * paths_from[target],
        )
        for k, (source, target, slot, use) in enumerate(edges)
    ]
    return Program(
        function="f",
        title=sheet.title,
        nodes=nodes,
        edges=made,
        inputs=tuple(range(len(sheet.inputs))),
        result=result,
        paths=_paths(sheet, result, incoming, edges, matrices, values),
        path_count=sum(paths_from[: len(sheet.inputs)]),
        cancellation=1.0,
        directional_derivative=float(sum(t @ t for t in tangents[: len(sheet.inputs)])),
        sites=sites,
        groups=sheet.groups,
        findings=sheet.findings,
        sources=[Source(FILE, sheet.first, tuple(sheet.lines))] if sheet.lines else [],
        checks={"paths": 1e-16, "forward": 2e-16},
    )


def _lines(sheet: Sheet) -> list[int]:
    return sorted({step.line for step in sheet.steps})


def _uses(count: int, result: int, incoming: Any, outgoing: Any, edges: Any) -> dict[int, int]:
    """The number of each use of a shared input, in the order in which one reads the result's expression."""
    uses: dict[int, int] = {}
    met: dict[int, int] = {}
    waiting = list(reversed(incoming[result]))
    visited = set()
    while waiting:
        edge = waiting.pop()
        if edge in visited:
            continue
        visited.add(edge)
        source = edges[edge][0]
        if source < count and len(outgoing[source]) > 1:
            met[source] = met.get(source, 0) + 1
            uses[edge] = met[source]
        waiting.extend(reversed(incoming[source]))
    return uses


def _paths(sheet: Sheet, result: int, incoming: Any, edges: Any, matrices: Any, values: Any) -> list[Path]:
    """All paths up to 5000, of which the largest are kept."""
    found: list[tuple[float, Path]] = []
    waiting: list[tuple[int, tuple[int, ...], Any]] = [(result, (), np.ones(1))]
    while waiting and len(found) < 5000:
        node, path, product = waiting.pop()
        if node < len(sheet.inputs):
            contribution = numbers(np.reshape(product, values[node].shape))
            found.append((float(np.linalg.norm(product)), Path(path, contribution)))
        for edge in reversed(incoming[node]):
            waiting.append((edges[edge][0], (edge, *path), matrices[edge].T @ product))
    found.sort(key=lambda each: -each[0])
    return [path for _, path in found[: sheet.most_paths]]


def scalar_example(x: float = 0.5) -> Program:
    """y = x * exp(x * x): three uses of x, three paths."""
    v = x * x
    u = np.exp(v)
    return program(
        Sheet(
            "y = x * exp(x * x)",
            {"x": x},
            [
                Step("v", "multiply", "x*x", v, [Use("x", x, "x"), Use("x", x, "x")], 12),
                Step("u", "exp", "exp(v)", u, [Use("v", u, "u")], 13),
                Step("y", "multiply", "x*u", x * u, [Use("x", u, "u"), Use("u", x, "x")], 14),
            ],
            ["def f(x):", "    v = x*x", "    u = np.exp(v)", "    y = x*u", "    return y"],
            first=11,
        )
    )


def product_of_sums(a: float = 3.0, b: float = 2.0) -> Program:
    """e = (a + b) * (b + 1), as in the notes on backpropagation that draw it: b is used twice."""
    c, d = a + b, b + 1
    return program(
        Sheet(
            "e = (a + b) * (b + 1)",
            {"a": a, "b": b},
            [
                Step("c", "add", "a+b", c, [Use("a", 1.0, "1"), Use("b", 1.0, "1")], 2),
                Step("d", "add", "b+1", d, [Use("b", 1.0, "1")], 3),
                Step("e", "multiply", "c*d", c * d, [Use("c", d, "d"), Use("d", c, "c")], 4),
            ],
            ["def f(a, b):", "    c = a + b", "    d = b + 1", "    e = c * d", "    return e"],
        )
    )


def vector_example() -> Program:
    """z = Σ (A x)²."""
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    x = np.array([1.0, -2.0])
    y = a @ x
    return program(
        Sheet(
            "z = sum((A @ x)**2)",
            {"x": x},
            [
                Step("y", "matmul", "A@x", y, [Use("x", a, "A")], 2),
                Step("w", "power", "y**2", y**2, [Use("y", np.diag(2 * y), "diag(2*y)", "diagonal")], 3),
                Step("z", "sum", "sum(w)", np.sum(y**2), [Use("w", np.ones((1, 3)), "[1 1 1]", "ones")], 4),
            ],
            ["def f(x):", "    y = A @ x", "    w = y**2", "    z = np.sum(w)", "    return z"],
        )
    )


def tensor_example() -> Program:
    """z = Σ (A B) ∘ G: the Jacobians of a product of matrices are Kronecker products."""
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
    g = np.array([[1.0, -1.0], [2.0, 0.5]])
    c = a @ b
    eye = np.eye(2)
    return program(
        Sheet(
            "z = sum(A @ B * G)",
            {"A": a, "B": b},
            [
                Step(
                    "C",
                    "matmul",
                    "A@B",
                    c,
                    [
                        Use("A", np.kron(eye, b.T), "I₂ ⊗ Bᵀ", "kronecker", (("I₂", eye), ("Bᵀ", b.T))),
                        Use("B", np.kron(a, eye), "A ⊗ I₂", "kronecker", (("A", a), ("I₂", eye))),
                    ],
                    2,
                ),
                Step("W", "multiply", "C*G", c * g, [Use("C", np.diag(g.ravel()), "diag(G)", "diagonal")], 3),
                Step("z", "sum", "sum(W)", np.sum(c * g), [Use("W", np.ones((1, 4)), "1ᵀ", "ones")], 3),
            ],
            ["def f(A, B):", "    C = A @ B", "    return np.sum(C * G)"],
        )
    )


def not_finite() -> Program:
    """y = Σ log(x) * w, where x[1] = -1 and w[0] = ∞."""
    x = np.array([2.0, -1.0, 3.0])
    with np.errstate(invalid="ignore"):
        log = np.log(x)
    w = np.array([np.inf, 1.0, 2.0])
    birth = Finding(
        "birth",
        "domain",
        "forward",
        "error",
        "log of a negative number is not a real number: element [1] of x is -1.",
        "np.log(np.where(x > 0, x, 1.0))",
        node=1,
        element=(1,),
        site=0,
        path=(1, 2),
    )
    note = Finding("large derivative", "pole", "backward", "note", "1/x is large here.", node=1, site=0)
    return program(
        Sheet(
            "y = sum(log(x) * w)",
            {"x": x},
            [
                Step("u", "log", "log(x)", log, [Use("x", np.diag(1 / x), "diag(1/x)", "diagonal")], 7),
                Step("v", "multiply", "u*w", log * w, [Use("u", np.diag(w), "diag(w)", "diagonal")], 8),
                Step("y", "sum", "sum(v)", np.sum(log * w), [Use("v", np.ones((1, 3)), "1ᵀ", "ones")], 9),
            ],
            ["def f(x):", "    u = np.log(x)", "    v = u * w", "    return np.sum(v)"],
            first=6,
            findings=[birth, note],
        )
    )


def random_program(seed: int, steps: int = 12, inputs: int = 3) -> Program:
    """Sums, products and functions of whatever came before, all with numbers of moderate size."""
    rng = np.random.default_rng(seed)
    given: dict[str, Any] = {f"x{subscripted(k)}": float(rng.uniform(0.5, 1.5)) for k in range(inputs)}
    values = dict(given)
    made: list[Step] = []
    for k in range(steps):
        name = f"v{subscripted(k)}"
        recent = list(values)[-6:]
        one, two = (str(rng.choice(recent if rng.random() < 0.7 else list(values))) for _ in range(2))
        a, b = values[one], values[two]
        kind = int(rng.integers(3))
        if kind == 0:
            step = Step(name, "add", f"{one}+{two}", a + b, [Use(one, 1.0, "1"), Use(two, 1.0, "1")], k + 1)
        elif kind == 1:
            step = Step(name, "multiply", f"{one}*{two}", a * b, [Use(one, b, two), Use(two, a, one)], k + 1)
        else:
            step = Step(name, "sin", f"sin({one})", np.sin(a), [Use(one, np.cos(a), f"cos({one})")], k + 1)
        values[name] = step.value
        made.append(step)
    return program(Sheet(made[-1].name, given, made, [f"    {s.name} = {s.expression}" for s in made]))


def chain(count: int) -> Program:
    """x ← sin(x) over and over, in a loop whose iterations have ten operations each."""
    iterations = count // 10
    value = 0.7
    made: list[Step] = []
    groups = [Group("loop", f"for k in range({iterations})", None, (), tuple(range(1, iterations + 1)))]
    name = "x"
    for k in range(iterations):
        nodes = []
        for _ in range(10):
            derivative, value = float(np.cos(value)), float(np.sin(value))
            made.append(Step(f"v{len(made)}", "sin", f"sin({name})", value, [Use(name, derivative, f"cos({name})")], 3))
            name = made[-1].name
            nodes.append(len(made))
        groups.append(Group("iteration", f"k = {k}", 0, tuple(nodes), (), like=1 if k else None))
    lines = ["def f(x):", f"    for k in range({count}):", "        x = np.sin(x)", "    return x"]
    return program(Sheet("y", {"x": 0.7}, made, lines, groups=groups, most_paths=1))


def subscripted(k: int) -> str:
    """A number in subscript digits."""
    return str(k).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
