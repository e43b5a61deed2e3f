"""Findings name what happened, where, to which entry, and whether it matters."""

import inspect
import itertools

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.explain.assembly import assembled
from chainrule.explain.health.findings import diagnose
from chainrule.explain.program import Finding
from chainrule.explain.run.recording import record
from chainrule.testing.programs import write_program

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

X = np.array([0.5, 0.0, 2.0])


def examined(f, *args, argnums=0, detail="steps"):
    """The program of a run, with its findings."""
    found = assembled(
        record(f, args, {}, argnums),
        direction=None,
        paths=10,
        jacobians="auto",
        detail=detail,
        group="auto",
        max_nodes=150,
    )
    diagnose(found.recorded, found.accumulated, found.program)
    return found.program


def findings(f, *args, kind=None, argnums=0):
    """The findings about a run, of one kind."""
    return [x for x in examined(f, *args, argnums=argnums).findings if kind in (None, x.kind)]


def only(found):
    assert len(found) == 1, found
    return found[0]


def test_a_masked_branch_is_a_note():
    """sum(where(x > 0, sqrt(x), x)) at [-1, 4]: the gradient is right, and the NaN that was hidden is mentioned."""

    def f(x):
        r = np.sqrt(x)
        return np.sum(np.where(x > 0, r, x))

    x = np.array([-1.0, 4.0])
    np.testing.assert_array_equal(cr.grad(f)(x), [1.0, 0.25])
    program = examined(f, x)
    finding = only(program.findings)
    assert (finding.kind, finding.reason, finding.phase, finding.severity) == ("hidden", "domain", "forward", "note")
    assert finding.element == (0,)
    assert program.nodes[finding.node].op == "sqrt"
    assert program.sites[finding.site].text == "r = np.sqrt(x)"
    assert "sqrt(-1) is nan" in finding.message
    assert not finding.path


def logarithms(x):
    y = np.log(x)
    return np.sum(y)


def roots(x):
    y = np.sqrt(x)
    return np.sum(y)


def softmax(x):
    e = np.exp(x)
    return (e / e.sum())[2]


def contracted(x):
    y = np.tensordot(x, np.full((3, 2), 1e308), axes=1)
    return np.sum(y)


BIRTHS = [
    (logarithms, X, "pole", "forward", "log", (1,), "np.log"),
    (logarithms, -X - 1, "domain", "forward", "log", (0,), "np.log"),
    (roots, X, "pole", "backward", "sqrt", (1,), "np.sqrt"),
    (softmax, 500 * X, "overflow", "forward", "exp", (2,), "np.exp"),
    (lambda x: np.sum(x * 1e200 * x * 1e200), X, "overflow", "forward", "multiply", (0,), "1e200"),
    (contracted, X, "overflow", "forward", "tensordot", (0,), "tensordot"),
    (lambda x: np.sum((x - x) / (0 * x)), X, "0 / 0", "forward", "divide", (0,), "x - x"),
    (lambda x: np.sum(np.sqrt(x) * np.sqrt(x)), X, "0 * inf", "backward", "sqrt", (1,), "np.sqrt"),
    (lambda x: np.sum(x * np.array([1.0, np.inf, 1.0])), X, "0 * inf", "forward", "multiply", (1,), "np.inf"),
]


@pytest.mark.parametrize(("f", "x", "reason", "phase", "op", "element", "text"), BIRTHS)
def test_births(f, x, reason, phase, op, element, text):
    """A birth that matters comes first, with its line, its element and the way that it took."""
    program = examined(f, x)
    finding = program.findings[0]
    assert (finding.kind, finding.severity) == ("birth", "error")
    assert (finding.reason, finding.phase, finding.element) == (reason, phase, element)
    assert program.nodes[finding.node].op == op
    assert program.sites[finding.site].file == inspect.getsourcefile(f)
    assert text in program.sites[finding.site].text
    assert finding.node is not None
    assert 0 in program.nodes[finding.node].findings
    edges = [program.edges[k] for k in finding.path]
    assert edges
    if phase == "forward":
        assert [edges[0].source, edges[-1].target] == [finding.node, program.result]
        assert all(a.target == b.source for a, b in itertools.pairwise(edges))
        assert all(program.nodes[edge.target].value.nonfinite for edge in edges)
    else:
        assert edges[0].target == finding.node
        assert finding.edge == finding.path[0]
        assert edges[-1].source in program.inputs
        assert all(edge.contribution.nonfinite for edge in edges)


def test_which_entries_are_hit():
    """Each birth says which entries of the gradient descend from it."""

    def f(x):
        return np.sum(np.log(x)) + np.sum(np.exp(1e3 * x))

    first, second, third = findings(f, X, kind="birth")
    assert "reaches the result." in first.message
    assert "gradient at x[2]." in second.message
    assert "gradient at x[1]." in third.message
    assert (first.phase, second.phase, third.phase) == ("forward", "forward", "backward")


def test_imported_numbers():
    """An infinity among the arguments is no birth."""
    finding = findings(lambda x: np.sum(2 * x), np.array([1.0, np.inf]))[0]
    assert (finding.kind, finding.severity, finding.element) == ("imported", "error", (1,))
    finding = findings(lambda x: np.sum(np.where(np.isfinite(x), x, 0.0)), np.array([1.0, np.inf]))[-1]
    assert (finding.kind, finding.severity) == ("hidden", "note")


def test_saturation():
    """tanh far out, and a sigmoid whose exponential is lost beside 1."""
    finding = only(findings(lambda x: np.sum(np.tanh(x)), np.array([0.1, 20.0, -30.0])))
    assert (finding.kind, finding.reason, finding.severity) == ("saturation", "saturated", "warning")
    assert finding.element == (1,)
    assert "2 of 3" in finding.message
    found = findings(lambda x: np.sum(1 / (1 + np.exp(-x))), np.array([0.1, 50.0]), kind="saturation")
    assert only(found).reason == "saturated"
    assert only(found).element == (1,)


def test_underflow():
    """exp(-1000) is 0, and so is the square of 1e-200."""
    found = findings(lambda x: np.sum(np.exp(x)), np.array([0.1, -1000.0]), kind="saturation")
    assert (only(found).reason, only(found).element) == ("underflow", (1,))
    found = findings(lambda x: np.sum(x * x), np.array([1e-200, 1.0]), kind="saturation")
    assert (only(found).reason, only(found).element) == ("underflow", (0,))
    assert not findings(lambda x: np.sum(x * x), np.array([0.0, 1.0]), kind="saturation")


def test_near_overflow_and_large_derivatives():
    """Values close to the end of the range, and local derivatives beyond 1e8."""
    assert only(findings(lambda x: x * 1e307, 2.0, kind="overflow near")).severity == "warning"
    finding = only(findings(lambda x: np.sum(1 / x), np.array([1.0, 1e-6])))
    assert (finding.kind, finding.element) == ("large derivative", (1,))
    assert "-1e+12" in finding.message
    assert finding.edge == 0


def test_cancellation():
    """The digits that are lost in a difference, and in the sum over the paths."""
    finding = only(findings(lambda x: (x + 1e9) - 1e9, 2.0**-10))
    assert (finding.kind, finding.reason) == ("cancellation", "difference")
    assert "12 digits" in finding.message
    finding = findings(lambda x: 1e7 * x - (1e7 - 1) * x, 2.0, kind="cancellation")[0]
    assert (finding.reason, finding.severity) == ("paths", "warning")
    assert "7 digits" in finding.message


ZEROS = [
    (lambda x: np.sum(np.maximum(x, 0.0)), np.array([-1.0, 2.0]), "unselected branch", "note", (0,)),
    (lambda x: np.sum(np.where(x > 1, x, 3.0)), X, "unselected branch", "note", (0,)),
    (lambda x: np.sum(np.clip(x, 1.0, 3.0)), X, "unselected branch", "note", (0,)),
    (lambda x: np.max(x), X, "unselected branch", "note", (0,)),
    (lambda x: x[0] * x[2], X + 1, "not read", "note", (1,)),
    (lambda x: np.sum(x * np.array([1.0, 0.0, 1.0])), X, "multiplied by zero", "note", (1,)),
    (lambda x: np.sum(np.exp(x)), np.array([1.0, -1e4]), "underflow", "note", (1,)),
    (lambda x: np.sum(np.tanh(x)), np.array([1.0, 1000.0]), "saturated", "note", (1,)),
    (lambda x: np.sum(x**2), X, "zero slope", "note", (1,)),
    (lambda x: np.sum(np.abs(x)), X, "convention", "note", (1,)),
    (lambda x: np.linalg.norm(x), 0 * X, "convention", "warning", (0,)),
    (lambda x: np.sum(x - x), X, "cancels", "warning", (0,)),
    (lambda x: np.sum(np.floor(x) * X), X, "integer op", "warning", (0,)),
    (lambda x: np.sum(X), X, "no path", "warning", (0,)),
]


@pytest.mark.parametrize(("f", "x", "reason", "severity", "element"), ZEROS)
@pytest.mark.filterwarnings("ignore::chainrule.errors.IndependentOutputWarning")
def test_gradients_that_are_exactly_zero(f, x, reason, severity, element):
    """Why an entry of the gradient is 0."""
    assert cr.grad(f)(x)[element] == 0
    finding = only(findings(f, x, kind="zero gradient"))
    assert (finding.reason, finding.severity, finding.element) == (reason, severity, element)
    assert f"x[{element[0]}]" in finding.message


def test_an_overwritten_entry_and_a_stopped_one():
    """What is written over takes no part, nor does what `stop_gradient` holds constant."""

    def overwritten(x):
        y = 2 * x
        y[1] = 5.0
        return np.sum(y * y)

    assert only(findings(overwritten, X + 1, kind="zero gradient")).reason == "overwritten"

    def stopped(x, y):
        return np.sum(cr.stop_gradient(2 * x) * y)

    found = findings(stopped, X + 1, X + 2, argnums=(0, 1), kind="zero gradient")
    assert only(found).reason == "stopped"


KINKS = [
    (lambda x: np.sum(np.abs(x)), X, "absolute", (1,)),
    (lambda x: np.sum(np.maximum(x, 0.0)), X, "maximum", (1,)),
    (lambda x: np.max(x), np.array([1.0, 2.0, 2.0]), "max", None),
    (lambda x: np.sum(np.clip(x, 0.0, 3.0)), X, "clip", (1,)),
    (lambda x: np.linalg.norm(x), np.zeros(2), "euclidean_norm", None),
    (lambda x: np.sum(np.sort(x) * X), np.array([1.0, 2.0, 2.0]), "permuted", (2,)),
]


@pytest.mark.parametrize(("f", "x", "op", "element"), KINKS)
def test_kinks(f, x, op, element):
    """Where a convention decided, and not where the point is an ordinary one."""
    program = examined(f, x)
    finding = only([each for each in program.findings if each.kind == "kink"])
    assert (finding.reason, finding.severity, finding.element) == ("convention", "note", element)
    assert program.nodes[finding.node].op in (op, op.replace("permuted", "sort"))
    assert not findings(f, np.array([0.3, 0.7, 1.1][: len(x)]), kind="kink")


def test_a_comparison_of_equal_numbers():
    """The boundary of a `where` is a kink, at the line of the comparison."""

    def f(x):
        mask = x > 0
        return np.sum(np.where(mask, x * x, -x))

    program = examined(f, X)
    finding = only([each for each in program.findings if each.kind == "kink"])
    assert finding.element == (1,)
    assert program.sites[finding.site].text == "mask = x > 0"


def test_a_run_that_raised():
    """What was found before an error."""

    def f(x):
        y = np.log(x)
        raise ValueError(f"{y.shape}")

    finding = findings(f, X, kind="hidden")
    assert only(finding).reason == "pole"


@st.composite
def programs(draw):
    return write_program(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, 8)))


@hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=25)
@hypothesis.given(programs())
def test_ordinary_programs_have_no_births(program):
    """At ordinary points nothing is born, and what is found refers to what is there."""
    argnums = tuple(range(len(program.inputs)))
    for detail in ("steps", "ops"):
        found = examined(program.function, *[np.array(x)[()] for x in program.inputs], argnums=argnums, detail=detail)
        for finding in found.findings:
            assert isinstance(finding, Finding)
            assert finding.kind not in ("birth", "hidden", "imported")
            assert finding.node is None or finding.node < len(found.nodes)
            assert finding.site is None or finding.site < len(found.sites)
            if finding.kind == "zero gradient":
                assert found.nodes[finding.node] is not None


def test_a_product_of_many_with_a_zero():
    """A product over an axis has no underflow where a factor is 0."""
    x = np.array([[0.0, 2.0], [3.0, 4.0]])
    assert not findings(lambda x: np.sum(np.prod(x, axis=0)), x, kind="saturation")


@pytest.mark.filterwarnings("ignore::chainrule.errors.IndependentOutputWarning")
def test_a_birth_in_an_operation_without_derivative():
    """A floor of a quotient by 0 is named, though nothing depends on it smoothly."""
    program = examined(lambda x: x // 0.0, 2.0)
    finding = program.findings[0]
    assert (finding.kind, finding.severity) == ("birth", "error")
    assert "x // 0.0" in program.sites[finding.site].text
