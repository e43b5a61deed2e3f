"""Programs to draw, made by hand or by chance: their numbers are plausible and their graphs are what matters."""

import random

import numpy as np

from chainrule.explain.numbers import numbers
from chainrule.explain.program import Edge, Group, Jacobian, Node, Path, Program
from tests.explain.worked import edge, node, scalar_example, tensor_example, two_inputs_example, vector_example


def mlp(layers=3):
    """The loss of a multilayer perceptron with weight decay, differentiated by its weights and biases."""
    chance = np.random.default_rng(0)
    sizes = [6, *([8] * (layers - 1)), 3]
    nodes, edges, inputs = [], [], []

    def add(name, op, expression, shape):
        nodes.append(node(name, op, expression, chance.normal(size=shape), chance.normal(size=shape)))
        return len(nodes) - 1

    def use(source, target, slot, structure, symbol, times=None):
        rows, columns = nodes[target].value.values.size, nodes[source].value.values.size
        matrix = chance.normal(size=(rows, columns))
        if structure == "diagonal":
            matrix = np.diag(np.diag(matrix))
        if structure == "kronecker":
            matrix = np.kron(np.eye(rows), chance.normal(size=(1, columns // rows)))
        if structure == "ones":
            matrix = np.ones_like(matrix)
        edges.append(edge(nodes, source, target, slot, structure, symbol, matrix, use=times))

    for k in range(layers):
        inputs.append(
            (
                add(f"W{k + 1}", None, f"W{k + 1}", (sizes[k + 1], sizes[k])),
                add(f"b{k + 1}", None, f"b{k + 1}", sizes[k + 1]),
            )
        )
    h = None
    squares = []
    for k, (W, b) in enumerate(inputs):
        a = add(f"a{k + 1}", "add", f"W{k + 1} @ {'x' if h is None else nodes[h].name} + b{k + 1}", sizes[k + 1])
        use(W, a, 0, "kronecker", f"I ⊗ {'x' if h is None else nodes[h].name}ᵀ", 1)
        if h is not None:
            use(h, a, 1, "dense", f"W{k + 1}")
        use(b, a, 2, "identity", "I")
        h = add(f"h{k + 1}", "tanh", f"tanh(a{k + 1})", sizes[k + 1])
        use(a, h, 0, "diagonal", f"diag(1 - h{k + 1}**2)")
        s = add(f"s{k + 1}", "sum", f"sum(W{k + 1}**2)", ())
        use(W, s, 0, "dense", f"2*W{k + 1}", 2)
        squares.append(s)
    fit = add("fit", "mean", "mean((h - t)**2)", ())
    use(h, fit, 0, "dense", "2*(h - t) / 3")
    decay = add("decay", "add", " + ".join(nodes[s].name for s in squares), ())
    for slot, s in enumerate(squares):
        use(s, decay, slot, "scalar", "1")
    loss = add("loss", "add", "fit + 0.01*decay", ())
    use(fit, loss, 0, "scalar", "1")
    use(decay, loss, 1, "scalar", "0.01")
    leaves = tuple(k for pair in inputs for k in pair)
    return Program("loss", "loss = fit + 0.01 * decay", nodes, edges, leaves, loss, [], 9)


def by_chance(seed, n, *, reach=6, arrays=False, name="v{}"):
    """A program of n steps, each with one to three operands among the last values."""
    chance = random.Random(seed)
    shapes = [(), (3,), (2, 4)] if arrays else [()]
    nodes, edges, uses = [], [], {}
    starts = chance.randint(1, 3)
    for k in range(starts + n):
        shape = chance.choice(shapes) if k < starts + n - 1 else ()
        value = np.full(shape, chance.uniform(-3, 3))
        nodes.append(
            Node(
                name.format(k),
                None if k < starts else "exp",
                f"exp({name.format(k)})",
                "",
                numbers(value),
                numbers(value / 2),
            )
        )
        if k < starts:
            continue
        for slot in range(chance.randint(1, 3)):
            source = chance.randrange(max(0, k - reach), k)
            entries = np.array(
                [[chance.uniform(-2, 2) for _ in range(nodes[source].value.values.size)] for _ in range(value.size)]
            )
            structure = "scalar" if entries.size == 1 else "dense"
            jacobian = Jacobian(structure, shape, nodes[source].value.shape, "x*y", "", entries.size, entries)
            uses[source] = uses.get(source, 0) + 1
            edges.append(
                Edge(source, k, slot, jacobian, uses[source] if source < starts else None, numbers(0.5), paths=1)
            )
    paths = [Path((k,), each.contribution) for k, each in enumerate(edges) if each.source < starts]
    return Program(
        "f",
        f"{name.format(len(nodes) - 1)} = ...",
        nodes,
        edges,
        tuple(range(starts)),
        len(nodes) - 1,
        paths,
        len(paths),
    )


def loop(iterations, steps=4):
    """A loop whose iterations are groups alike, each of some steps that use x."""
    nodes = [Node("x", None, "x", "x", numbers(1.5), numbers(2.0))]
    edges, groups = [], []
    for i in range(iterations):
        start = len(nodes)
        for s in range(steps):
            k = len(nodes)
            nodes.append(Node(f"v{k}", "sin", f"sin(v{k - 1})", "", numbers(0.1 * s), numbers(1.0), iteration=i))
            jacobian = Jacobian("scalar", (), (), "cos(v)", "", 1, np.array([[-0.5]]))
            edges.append(Edge(k - 1, k, 0, jacobian, 1 if k == 1 else None, paths=1))
            if s == 0 and k > 1:
                edges.append(Edge(0, k, 1, jacobian, i + 1, numbers(0.1), paths=1))
        groups.append(Group("iteration", f"k = {i}", 0, tuple(range(start, len(nodes))), (), None if i == 0 else 1))
    groups.insert(0, Group("loop", f"for k in range({iterations})", None, (), tuple(range(1, iterations + 1))))
    return Program("f", "y = f(x)", nodes, edges, (0,), len(nodes) - 1, [], iterations, groups=groups)


HOSTILE = [
    '</script><img src=x onerror="alert(1)">',
    "\u202eright to left\u2066",
    "אבג עברית",
    "👩‍👩‍👧‍👦🎉",
    "x" * 10_000,
    "速度与激情" * 9,
    "a\x00b\x1b[31m\ud800\uffff",
    "]]>&amp;<!--",
]


def hostile():
    """A program whose names are written by an enemy."""
    program = by_chance(5, len(HOSTILE), reach=3)
    program.title = HOSTILE[0] + HOSTILE[1]
    for k, each in enumerate(HOSTILE):
        program.nodes[k].name = each
        program.nodes[k].expression = f"f({each})"
    for k, each in enumerate(program.edges):
        each.jacobian.symbol = HOSTILE[k % len(HOSTILE)]
    return program


def corpus():
    """Thirty programs and more, by name."""
    programs = {
        "scalar": scalar_example(),
        "two inputs": two_inputs_example(),
        "vector": vector_example(),
        "tensor": tensor_example(both=True),
        "mlp": mlp(),
        "deep mlp": mlp(8),
        "short loop": loop(20),
        "long loop": loop(100),
        "hostile": hostile(),
    }
    programs |= {f"numbers {n}": by_chance(n, n) for n in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 140)}
    programs |= {f"arrays {n}": by_chance(n, n, arrays=True) for n in (2, 4, 7, 12, 20, 33, 60)}
    programs |= {f"far {n}": by_chance(n, n, reach=n) for n in (6, 15, 30, 50)}
    programs |= {f"many {n}": by_chance(n, n, reach=4) for n in (200, 1000)}
    return programs
