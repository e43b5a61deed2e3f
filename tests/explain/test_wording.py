"""What values are called, how they were made and what their local derivatives are, on functions of users."""

import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

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


def evaluated(symbol, values):
    """The number or matrix that a symbol is; vectors are columns."""
    if " ⊗ " in symbol:
        negative = symbol.startswith("-")
        factors = [np.atleast_2d(evaluated(part, values)) for part in symbol.removeprefix("-").split(" ⊗ ")]
        product = np.kron(*factors)
        return -product if negative else product
    rows = {"[1]": 1, "[1 1]": 2, "[1 1 1]": 3, "[1 1 1 1]": 4}
    for row, size in rows.items():
        symbol = symbol.replace(row, f"np.ones((1, {size}))") if symbol.startswith("[1") else symbol
    names = {name: np.reshape(v, (-1, 1)) if np.ndim(v) == 1 else np.asarray(v) for name, v in values.items()}
    for digit, subscript in enumerate("₀₁₂₃₄₅₆₇₈₉"):
        symbol = symbol.replace(f"I{subscript}", f"np.eye({digit})")
    symbol = symbol.replace("⁻ᵀ", ".I.T").replace("⁻¹", ".I").replace("ᵀ", ".T")
    symbol = symbol.replace(".I", "_inverse")
    names |= {f"{name}_inverse": np.linalg.inv(v) for name, v in values.items() if np.shape(v) == (2, 2)}
    symbol = re.sub(r"([\w.]+)<(\w+)<([\w.]+)", r"(\1<\2)&(\2<\3)", symbol)
    functions = {
        "diag": lambda v: np.diag(np.ravel(v).astype(float)),
        "vec": lambda v: np.reshape(v, (-1, 1)),
        **{
            name: getattr(np, name)
            for name in ("cos", "sin", "sign", "log", "exp", "mean", "sqrt", "cosh", "sinh", "pi")
        },
        "floor": np.floor,
        "np": np,
    }
    return eval(symbol, functions, names)


S = np.array([[2.0, 0.5], [1.0, 3.0]])
POSITIVE = np.array([0.3, 0.6, 0.9])
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
    values |= {"S": S, "POSITIVE": POSITIVE}
    known = 0
    for edge in program.edges:
        symbol, matrix = edge.jacobian.symbol, edge.jacobian.entries
        if symbol[0] == "∂" or symbol in ("S", "P", "L"):
            continue
        found = np.asarray(evaluated(symbol.replace("1ᵀ", f"np.ones((1, {matrix.shape[1]}))"), values), float)
        if symbol.startswith("1ᵀ ⊗") or symbol.endswith("⊗ 1ᵀ"):
            continue
        shape = matrix.shape
        if symbol.lstrip("-").startswith("1 ⊗ ") or (found.size == 1 and matrix.size > 1):
            found = np.broadcast_to(found.reshape(-1)[:1], shape) if found.size == 1 else np.tile(found, (2, 1))
        np.testing.assert_allclose(found.reshape(shape), matrix, rtol=1e-12, atol=1e-12, err_msg=symbol)
        known += 1
    assert known >= len(program.edges) // 2


@pytest.mark.parametrize(
    "f", [np.ptp, lambda x: np.sum(np.tensordot(x[:, None], x[None], 1).T), lambda x: np.sum(np.trapezoid(x * x))]
)
def test_steps_of_several_ops_are_not_taken_for_one(f):
    """What symbol is shown is the derivative, though a function does several things at once."""
    program = cr.explain(f, POSITIVE).program
    for edge in program.edges:
        if edge.jacobian.symbol.startswith(("I", "diag", "1", "-")):
            values = {node.name: node.value.values for node in program.nodes}
            found = np.asarray(evaluated(edge.jacobian.symbol, values), float)
            np.testing.assert_allclose(found.reshape(edge.jacobian.entries.shape), edge.jacobian.entries)


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
