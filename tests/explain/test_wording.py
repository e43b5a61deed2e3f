"""What values are called, how they were made and what their local derivatives are, on functions of users."""

import builtins
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.explain.run.recording import record
from chainrule.explain.run.steps import steps
from chainrule.explain.text.forms import text
from chainrule.explain.wording import Wording
from tests.explain import wordings
from tests.explain.test_text import EXAMPLES as WORKED_BY_HAND
from tests.explain.test_text import screen_width

X = np.array([1.0, -2.0])
THREE = np.array([1.0, 2.0, 3.0])
M = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
B = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])

CASES = {
    "scalar": (wordings.scalar, 0.5),
    "first_lambda": (wordings.lambdas[0], 0.5),
    "second_lambda": (wordings.lambdas[1], 0.5),
    "helper": (wordings.with_helper, 0.5),
    "loop": (wordings.loop, 0.5),
    "elements": (wordings.over_elements, THREE),
    "in_place": (wordings.in_place, THREE),
    "reassigned": (wordings.reassigned, THREE),
    "tuples": (wordings.tuples, 0.5),
    "model": (wordings.Model(), X),
    "views": (wordings.views, M),
    "library": (wordings.library, THREE),
    "without_source": (eval("lambda x: x * np.exp(x * x) + 3 / x", {"np": np}), 0.5),
}


def words(f, *args, **options):
    """A line for the title and for each step, with the symbols of its edges."""
    program = cr.explain(f, *args, **options).program
    lines = [program.title]
    for place, node in enumerate(program.nodes):
        if node.op is not None:
            symbols = [edge.jacobian.symbol for edge in program.edges if edge.target == place]
            lines.append(f"  {node.name} = {node.expression}    {'; '.join(symbols)}")
    return "\n".join(lines)


@pytest.mark.parametrize("name", CASES)
def test_words(name, golden):
    golden(f"words_{name}", words(*CASES[name]))


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("scalar", lambda: cr.explain(wordings.scalar, 0.5)),
        ("vector", lambda: cr.explain(wordings.vector, X)),
        ("tensor", lambda: cr.explain(wordings.tensor, M * 1.0, B)),
        ("two_inputs", lambda: cr.explain(wordings.two_inputs, 3.0, 2.0, argnums=(0, 1))),
    ],
)
def test_worked_examples_of_real_functions(name, run):
    """The same text as from data made by hand from the formulas."""
    expected = text(WORKED_BY_HAND[name]())
    if name == "vector":
        # Its variables are assigned on lines of their own, and are put into the title all the same.
        assert expected.startswith("z = sum((A @ x)**2)")
    assert str(run()) == expected


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", ["helper", "in_place", "model", "elements", "loop"])
def test_whole_texts(name, width, golden):
    """Within the width, whatever the program."""
    shown = cr.explain(*CASES[name]).text(width=width)

    assert max(map(screen_width, shown.split("\n"))) <= width
    golden(f"shown_{name}_{width}", shown)


def test_names_are_unique():
    """However often a variable is assigned, and whatever it is called."""
    for f, *args in CASES.values():
        names = [node.name for node in cr.explain(f, *args).program.nodes]
        assert len(set(names)) == len(names)


def test_expressions_through_views():
    """What is read and written through views is what the expressions say, computed by Python from the other values."""
    program = cr.explain(wordings.through_views, np.array([1.0, -2.0, 3.0, 0.5])).program
    values = {node.name: node.value.values for node in program.nodes}
    for node in program.nodes[1:]:
        target, _, computed = node.expression.rpartition("←")
        found = eval(computed, {**vars(np), **values})
        if target:
            whole = target.partition("[")[0]
            copied = {whole: values[whole].copy(), "written": found}
            exec(f"{target} = written", copied)
            found = copied[whole]
        np.testing.assert_allclose(found, node.value.values, rtol=1e-15, err_msg=f"{node.name} = {node.expression}")
    assert {"rod", "rod2", "rod3", "rod4", "inside", "turned"} <= set(values)


def test_labels_name_values():
    def f(x):
        return x * cr.explain.name(np.exp(x * x), "bell")

    assert "bell = exp(v)" in words(f, 0.5)


def test_a_constant_and_a_value_are_not_called_alike():
    """`y` and `v` are data here, so neither the result nor a letter may be."""
    y, v = 2.0, 3.0

    def f(x):
        return np.sin(x * v - y) ** 2

    program = cr.explain(f, 0.5).program
    assert not {"y", "v"} & {node.name for node in program.nodes}
    assert program.title == "z = sin(x * v - y)**2"


@pytest.mark.parametrize("flags", [[], ["-X", "no_debug_ranges"]])
def test_without_columns_ops_are_named(tmp_path, flags):
    """Python can be told not to keep the columns of instructions; then the ops tell what was done."""
    file = tmp_path / "program.py"
    file.write_text(
        textwrap.dedent(
            """
            import numpy as np
            import chainrule as cr

            def f(x):
                bump = np.exp(x * x)
                return x * bump

            print(*(f"{node.name} = {node.expression}" for node in cr.explain(f, 0.5).program.nodes), sep="; ")
            """
        )
    )
    shown = subprocess.run([sys.executable, *flags, str(file)], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == (
        "x = x; v = x*x; u = exp(v); y = x*u" if flags else "x = x; v = x*x; bump = exp(v); y = x*bump"
    )


def test_long_chains_do_not_recurse():
    """Five times as many steps as Python allows calls; the title falls back to the call."""
    length = 5 * sys.getrecursionlimit()

    def chain(x):
        for _ in range(length):
            x = x + 1.0
        return x

    recorded = record(chain, (0.5,), {})
    found = steps(recorded)
    wording = Wording(found, recorded, len(found) - 1)

    assert len(found) == length + 1
    assert wording.title == f"x{length + 1} = chain(x)"
    assert wording.expression(2_000)[0] == "x2000+1.0"


# Symbols are checked by what they are: matrices, by NumPy, from the values of the program.


class Tensor(np.ndarray):
    """An array as symbols mean it: ^ is the Kronecker product, and a vector in a product of matrices is a column."""

    @property
    def T(self):
        return self.reshape(1, -1) if self.ndim == 1 else self.transpose()

    def __matmul__(self, other):
        left = self if self.ndim == 1 and len(self) == len(other) else column(self)
        return tensor(np.matmul(np.asarray(left), np.asarray(column(other))))

    def __xor__(self, other):
        return tensor(np.kron(*(np.asarray(column(each)) for each in (self, other))))

    def inverse(self):
        return tensor(np.linalg.inv(self))


def tensor(values):
    return np.asarray(values).view(Tensor)


def column(values):
    return values.reshape(-1, 1) if values.ndim == 1 else values


FUNCTIONS = {
    **{name: getattr(special, name) for name in "digamma polygamma j1 expit erf".split()},
    **{name: getattr(np.fft, name) for name in "fft ifft rfft irfft fft2".split()},
    **{name: value for name, value in vars(np).items() if callable(value) and name not in dir(builtins)},
    "pi": np.pi,
    "abs": np.abs,
    "diag": lambda v: tensor(np.diag(np.ravel(v))),
    "vec": lambda v: tensor(v).reshape(-1, 1),
}


def evaluated(symbol, values, shape, in_shape):
    """The matrix of this shape that a symbol is; of one with a free place, column by column."""
    for digit, lowered in enumerate("₀₁₂₃₄₅₆₇₈₉"):
        symbol = re.sub(f"([IF]){lowered}", rf"\g<1>_({digit})", symbol)
        symbol = re.sub(rf"(?<!\w)1{lowered}", f"ones_({digit})", symbol)
    # How many ones there are is not said where that follows from the shape.
    identity = re.search(r"I_\((\d)\)", symbol)
    ones = max(shape) if identity is None or min(shape) == 1 else max(shape) // min(shape)
    symbol = re.sub(r"(?<![\w\])])\[1(?: 1)*\]|(?<![\w.])1ᵀ", f"ones_({shape[1] if shape[0] == 1 else ones}).T", symbol)
    symbol = re.sub(r"(?<![\w.])1 ⊗", f"ones_({ones}) ⊗", symbol)
    symbol = re.sub(r"⊗ 1(?!\w)", f"⊗ ones_({ones})", symbol)
    symbol = symbol.replace("⁻ᵀ", ".inverse().T").replace("⁻¹", ".inverse()").replace("ᵀ", ".T").replace("⊗", "^")
    symbol = re.sub(r"([\w.]+)<(\w+)<([\w.]+)", r"(\1<\2)&(\2<\3)", symbol)
    names = {name: tensor(value) for name, value in values.items()} | {
        "I_": lambda n: tensor(np.eye(n)),
        "F_": lambda n: tensor(np.fft.fft(np.eye(n))),
        "ones_": lambda n: tensor(np.ones(n)),
    }
    if "·" not in symbol:
        return np.asarray(eval(symbol, FUNCTIONS, names))
    columns = []
    for unit in np.eye(int(np.prod(in_shape))):
        names["free_"] = tensor(unit.reshape(in_shape))
        diagonal = {"diag": np.diag} if "(·)" in symbol else {}
        columns.append(np.ravel(eval(symbol.replace("·", "free_"), FUNCTIONS | diagonal, names)))
    return np.array(columns).T


S = np.array([[2.0, 0.5], [1.0, 3.0]])
POSITIVE = np.array([0.3, 0.6, 0.9])
SIGNED = np.array([0.5, -1.0, 2.0])
RECTANGLE = np.arange(1.0, 7.0).reshape(2, 3)
COLUMN = np.array([[1.0], [3.0]])
SYMBOLS = [
    (lambda x: np.sum(x * x), POSITIVE),
    (lambda x: np.sum(x / (x + 1) - 2 / x), POSITIVE),
    (lambda x: np.sum(-x + x**3 + x**0.5 + 2**x + x**x), POSITIVE),
    (lambda x: np.sum(np.exp(x) * np.log(x) * np.sqrt(x)), POSITIVE),
    (lambda x: np.sum(np.sin(x) + np.cos(x) + np.tan(x) + np.tanh(x)), POSITIVE),
    (lambda x: np.sum(np.arcsin(x) + np.arccos(x) + np.arctan(x)), POSITIVE),
    (lambda x: np.sum(np.sinh(x) + np.cosh(x) + np.arcsinh(x) + np.arctanh(x)), POSITIVE),
    (lambda x: np.sum(np.arccosh(x + 1) + np.expm1(x) + np.log1p(x)), POSITIVE),
    (lambda x: np.sum(np.log2(x) + np.log10(x) + np.exp2(x) + np.cbrt(x)), POSITIVE),
    (lambda x: np.sum(np.abs(-x) + np.square(x) + np.reciprocal(x)), POSITIVE),
    (lambda x: np.sum(np.hypot(x, 2 * x) + np.arctan2(x, 3 * x) + np.logaddexp(x, 2 * x)), POSITIVE),
    (lambda x: np.sum(np.maximum(x, 0.5) + np.minimum(x, 2 * x) + np.where(x > 0.5, x, x * x)), POSITIVE),
    (lambda x: np.sum(np.clip(x, 0.4, 0.7) + x % 0.5 + np.degrees(x) + np.radians(x)), POSITIVE),
    (lambda x: np.mean(x) + np.var(x) + np.linalg.norm(x), POSITIVE),
    (lambda x: x[0] * x[1] + np.sum(x[1:] * 2) + np.sum(x[:2] ** 2), POSITIVE),
    (lambda x: x @ x + np.dot(x, 2 * x), POSITIVE),
    (lambda x: np.sum(x[0] * x + x - x[1]), POSITIVE),
    (lambda A: np.sum((A @ POSITIVE[:2]) ** 2 + POSITIVE[:2] @ A), S),
    (lambda A: np.sum(A @ (2 * A) @ S.T), S),
    (lambda A: np.sum(np.sum(A, axis=0) ** 2) + np.sum(np.sum(A, axis=1) ** 2), np.arange(6.0).reshape(2, 3)),
    (lambda A: np.linalg.det(A) + np.sum(np.linalg.inv(A)), S),
    (lambda A: np.sum(np.linalg.solve(A, A) + A), S),
    (lambda A: np.sum(np.linalg.solve(A, A[0] * 2)), S),
    (lambda b: np.sum(np.arange(6.0).reshape(2, 3) + b), POSITIVE),
    (lambda A: np.sum(A * POSITIVE) + np.sum(A / POSITIVE[None]) + np.sum(A**POSITIVE - POSITIVE), RECTANGLE),
    (lambda b: np.sum(RECTANGLE * b) + np.sum(RECTANGLE / b) + np.sum(b[None] - RECTANGLE), POSITIVE),
    (lambda c: np.sum(RECTANGLE * c) + np.sum(c / RECTANGLE) + np.sum(RECTANGLE + 2 * c), COLUMN),
    (lambda A: np.sum(A * COLUMN) + np.sum(A * A[0, 0]), RECTANGLE),
    (lambda A: np.sum(np.einsum("ij,jk->ik", A, S) ** 2) + np.sum(np.einsum("ij,jk->ik", S, A)), S.T.copy()),
    (lambda A: np.sum(np.einsum("ij,j->i", A, POSITIVE)) + np.sum(np.einsum("ij,j->ij", A, POSITIVE)), RECTANGLE),
    (lambda x: np.sum(np.einsum("i,j->ij", x, POSITIVE)) + np.sum(np.einsum("i,j->ij", POSITIVE, x)), POSITIVE),
    (lambda A: np.einsum("ii", A) + np.einsum("ij,ij->", A, S) + np.sum(np.einsum("ij,kj->ki", A, S)), S),
    (lambda A: np.sum(np.tensordot(A, S, 1) ** 2) + np.tensordot(A, S) + np.sum(np.tensordot(S, A, (0, 1))), S + 1),
    (
        lambda A: np.tensordot(A, A) + np.sum(np.tensordot(A, POSITIVE, 1)) + np.sum(np.linalg.tensordot(S, A, axes=1)),
        RECTANGLE,
    ),
    (lambda A: np.tensordot(b=A, a=S) + np.sum(np.linalg.solve(b=A, a=S)), S + 1),
    (lambda x: np.einsum("i,i", x, POSITIVE) ** 2 + np.sum(np.einsum("ij->j", np.outer(x, POSITIVE))), POSITIVE),
    (
        lambda x: np.real(np.sum(np.fft.fft(x) + np.fft.ifft(x)) + np.sum(np.fft.rfft(x)) + np.sum(np.fft.fft(x, 5))),
        SIGNED,
    ),
    (lambda A: np.linalg.norm(A) + np.linalg.norm(A, "nuc") + np.linalg.norm(A, 2), S),
    (lambda A: np.sum(np.linalg.norm(A, axis=1)) + np.sum(np.linalg.norm(A, axis=0)), S),
    (lambda x: np.linalg.norm(x, 1) + np.linalg.norm(x, 3) + np.linalg.norm(x, np.inf), SIGNED),
    (lambda x: np.std(x) + np.std(x, ddof=1) + np.var(x, ddof=1) + np.ptp(x) + np.max(x) + np.prod(x), SIGNED),
    (
        lambda x: np.sum(np.diff(x) ** 2) + np.trapezoid(x) + np.sum(np.convolve(x, x[:2])) + np.sum(np.roll(x, 1)),
        SIGNED,
    ),
    (lambda x: np.sum(np.kron(x, SIGNED)) + np.sum(np.cross(x, SIGNED)) + np.average(x, weights=POSITIVE), POSITIVE),
    (lambda A: np.linalg.slogdet(A)[1] + np.sum(np.linalg.svd(A)[1]) + np.trace(A) + np.sum(np.tril(A)), S),
    (lambda A: np.sum(A.T @ A) + np.sum(A @ A.T) + np.sum(A.T * 2) + np.sum(A.reshape(-1) * 2), S),
    (lambda A: np.sum(np.mean(A, axis=0)) + np.sum(np.mean(A, axis=1)) + np.sum(np.cumsum(A, axis=0)), RECTANGLE),
    (lambda x: special.logsumexp(x) + np.sum(special.softmax(x)), POSITIVE),
    (lambda A: np.sum(special.logsumexp(A, axis=1)) + special.logsumexp(A) + np.sum(special.logsumexp(A, axis=0)), S),
    (lambda x: np.sum(special.expit(x) + special.erf(x) + special.gammaln(x) + special.gamma(x)), POSITIVE),
    (lambda x: np.sum(special.j0(x) + special.entr(x) + special.beta(x, 2 * x) + special.ndtr(x)), POSITIVE),
    (lambda x: np.sum(special.xlogy(x, 2 * x) + special.logit(x) + special.erfinv(x) + special.digamma(x)), POSITIVE),
    (lambda A: np.sum(np.inner(A, S) + np.inner(S, A)) + np.sum(np.inner(A, A[0])) + np.sum(A @ S.T @ A), S + 1),
    (lambda x: np.sum(x - x[0]) + np.sum(x + x[1]) + np.sum(x / np.max(x)), SIGNED),
    (wordings.in_place, POSITIVE),
    (wordings.scalar, 0.5),
    (lambda x: np.sin(x) * np.exp(-x) / x - x**2, 0.7),
]


@pytest.mark.parametrize("case", range(len(SYMBOLS)))
def test_symbols_are_the_derivatives(case):
    """Each symbol, evaluated with the values of the program, is the matrix that it stands for."""
    f, x = SYMBOLS[case]
    program = cr.explain(f, x).program
    values = {node.name: node.value.values for node in program.nodes}
    values |= {"S": S, "POSITIVE": POSITIVE, "SIGNED": SIGNED, "RECTANGLE": RECTANGLE, "COLUMN": COLUMN}
    known = 0
    for edge in program.edges:
        symbol, matrix = edge.jacobian.symbol, edge.jacobian.entries
        if symbol[0] == "∂" or symbol in ("S", "P", "L") or matrix is None:
            continue
        operand = program.nodes[edge.source].value.values
        if (operand.ndim == 2 and "U" in symbol) or "u1" in symbol:
            u, _, v = np.linalg.svd(operand)
            values |= {"U": u, "V": v.T, "u1": u[:, 0], "v1": v[0]}
        found = evaluated(symbol, values, matrix.shape, edge.jacobian.in_shape)
        if found.size == 1 and matrix.size > 1:
            found = np.broadcast_to(found.reshape(-1), matrix.shape)
        np.testing.assert_allclose(found.reshape(matrix.shape), matrix, rtol=1e-12, atol=1e-12, err_msg=symbol)
        known += 1
    assert known >= 0.7 * len(program.edges)


@pytest.mark.parametrize("argument", [0.5, np.array([0.5, 2.0])])
def test_slots_of_one_value_are_told_apart(argument):
    """Of u*u the two edges from u have names of their own in the list of edges and in the paths; ASCII too."""

    def f(x):
        u = np.exp(x)
        v = u * u
        return np.sum(v) if np.ndim(x) else v

    ex = cr.explain(f, argument)
    lines = ex.text().splitlines()
    edge = "v ← u" if np.ndim(argument) else "∂v/∂u"
    assert sum(f"{edge}₍₁₎" in line for line in lines) == sum(f"{edge}₍₂₎" in line for line in lines) == 1
    assert sum("x → u₍₁₎ → v" in line for line in lines) == sum("x → u₍₂₎ → v" in line for line in lines) == 1
    assert "x -> u_(1) -> v" in ex.text(ascii=True)
    if not np.ndim(argument):
        assert r"\frac{\partial v}{\partial u_{(1)}}" in ex.latex()
    assert [edge.twin for edge in cr.explain.Explanation.from_json(ex.to_json()).program.edges][1:3] == [1, 2]


def test_forward_mode_shows_tangents():
    """Along x[1] the tangents of sum((A x)²) are the column of A, 2 y times it, and the entry of the gradient."""
    ex = cr.explain(wordings.vector, X, mode="forward", direction="x[1]")
    lines = ex.text(width=80).splitlines()
    assert any(line.endswith("  along x[1]") for line in lines)
    tangents = {
        line.split()[0]: line[line.rindex("  ") :].strip() for line in lines if line[:3] in (" y ", " w ", " z ")
    }
    assert tangents == {"y": "[2 4 6]", "w": "[-12 -40 -84]", "z": "-136"}
    assert "times the gradient" not in "\n".join(lines)

    scalar = cr.explain(wordings.scalar, 0.5, mode="forward").text()
    assert "ẋ = 1.0000" in scalar
    assert "v̇ = 1.0000" in scalar
    assert "u̇ = 1.2840" in scalar
    assert "ẏ = 1.9260" in scalar
    assert "ȳ" not in scalar
    assert "y_dot = 1.9260" in cr.explain(wordings.scalar, 0.5, mode="forward").text(ascii=True)
    assert cr.explain.Explanation.from_json(ex.to_json()).program.mode == "forward"
