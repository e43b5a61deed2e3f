"""Inputs that are moved: the page computes what Python computes there, and nothing where that is not sure."""

import json
import subprocess

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.explain.run.replay import TESTS, TWINS
from tests.explain.browser.conftest import VIEWER


def branches(x):
    v = x * x
    u = np.exp(v)
    if v > 0.09:
        u = u + 1
    return x * u


def truncated(x):
    return x * np.floor(x) + np.sign(x) * x


def choices(x):
    return np.maximum(x, 1.0) * np.minimum(x, 2.0) + np.where(x > 0.1, np.abs(x - 1), x) + max(x, 0.0)


def powers(x):
    s = 0.0
    for k in range(4):
        s += x**k / (k + 1)
    return s + x**2.5 + 2.0**x + x**x + np.square(x) + np.reciprocal(x) + 1 / x - (-x)


def exponentials(x):
    roots = np.sqrt(x) * np.cbrt(x)
    return np.exp(x) + np.expm1(x) * np.exp2(x) + np.log(x) * np.log1p(x) + np.log2(x) / np.log10(x) + roots


def trigonometry(x):
    return np.sin(x) * np.cos(x) + np.tan(x) + np.arcsin(x / 9) * np.arccos(x / 9) + np.arctan(x) + np.hypot(x, 2 * x)


def hyperbolas(x):
    inverse = np.arcsinh(x) + np.arccosh(x + 1) * np.arctanh(x / 9) + np.arctan2(x, 3 - x)
    return np.sinh(x) + np.cosh(x) * np.tanh(x) + inverse + np.logaddexp(x, 2 * x) + special.expit(x)


def tails(x):
    # Each derivative, of about e^-x, is brought to the size of 1.
    return (special.expit(x) + np.logaddexp(-x, 0.0) + np.expm1(-x)) * 1e13


def second(x):
    return cr.grad(np.sin)(x) * x


def steps(x):
    return x * (x // 0.1)


def rounded(x):
    tests = (np.floor, np.ceil, np.trunc, np.sign, np.isnan, np.isfinite, np.isinf)
    return sum(x * test(x) for test in tests) + x * int(x)


def compared(x):
    tests = (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.floor_divide)
    return sum(x * test(x, y) for test in tests for y in (-0.1, 2.0))


def two(a, b):
    c = a + b
    return c * (b + 1) - a * a


# A function, where Python runs it, and where the page is to compute it.
MOVED = [
    (branches, (0.5,), (0.9,)),
    (truncated, (1.25,), (1.75,)),
    (choices, (1.5,), (1.75,)),
    (choices, (1.5,), (0.5,)),
    (choices, (1.5,), (1.0,)),
    (powers, (1.5,), (0.75,)),
    (exponentials, (0.5,), (2.5,)),
    (trigonometry, (0.5,), (1.25,)),
    (hyperbolas, (0.5,), (1.25,)),
    # Where the logistic function and the share of a term are almost 1, and the derivative of expm1 almost 0.
    (tails, (0.5,), (30.0,)),
    # 1.0 // 0.1 is 9, since 0.1 is a little more than a tenth.
    (steps, (0.95,), (1.0,)),
    (second, (0.5,), (1.25,)),
    (two, (3.0, 2.0), (-1.0, 0.5)),
]
# The same, with why the page does not compute it.
REFUSED = [
    (branches, (0.5,), (0.1,), "test"),
    (truncated, (1.25,), (2.25,), "test"),
    (steps, (1.05,), (1.0,), "test"),
    (choices, (1.5,), (0.0,), "test"),
    (choices, (0.5,), (1.5,), "test"),
    (exponentials, (0.5,), (-0.5,), "finite"),
    (exponentials, (0.5,), (0.0,), "finite"),
]


def explained(f, at):
    return cr.explain(f, *at, argnums=tuple(range(len(at))), paths=100)


@pytest.fixture(scope="module")
def replayed(modules, tmp_path_factory):
    """Computes programs at other inputs with the page's own code."""
    folder = tmp_path_factory.mktemp("replay")
    options = {"entryPoints": ["src/replay.ts"], "bundle": True, "format": "esm", "outfile": str(folder / "replay.mjs")}
    build = f'import {{ build }} from "esbuild"; await build({json.dumps(options)});'
    subprocess.run(["node", "--input-type=module", "-e", build], cwd=VIEWER, check=True)
    runner = folder / "run.mjs"
    runner.write_text(
        """import { isReplayable, moved } from "./replay.mjs";
        import { readFileSync } from "node:fs";
        const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
        console.log(JSON.stringify(cases.map(([program, at]) => [isReplayable(program), moved(program, at)])));""",
        encoding="utf-8",
    )

    def run(cases):
        file = folder / "cases.json"
        file.write_text(json.dumps([[json.loads(ex.to_json()), at] for ex, at in cases]), encoding="utf-8")
        return json.loads(subprocess.check_output(["node", runner, file]))

    return run


def numbers_of(program):
    """All numbers of a program that depend on its inputs, by where they stand."""
    found = {"κ": program["cancellation"], "along": program["directional_derivative"]}
    fields = {"nodes": ("value", "adjoint", "tangent"), "edges": ("contribution",), "paths": ("contribution",)}
    for kind, names in fields.items():
        for k, each in enumerate(program[kind]):
            for name in names:
                number = each[name]
                found[kind, k, name] = 0.0 if number is None else number["values"]["values"][0]
    for k, edge in enumerate(program["edges"]):
        found["flow", k] = edge["flow"]
        found["partial", k] = edge["jacobian"]["entries"]["values"][0]
    for k, total in enumerate(program["absolute"]):
        found["absolute", k] = total["values"]["values"][0]
    return found


def test_all_numbers_are_those_that_python_computes_there(replayed):
    """Values, local derivatives, adjoints, tangents, flows, paths and what cancels; of every op that the page knows."""
    results = replayed([(explained(f, start), at) for f, start, at in MOVED])

    operations = set()
    for (f, start, at), (replayable, program) in zip(MOVED, results, strict=True):
        assert replayable, f.__name__
        expected = json.loads(explained(f, at).to_json())
        # The paths stay in the order that they had.
        found, wanted = numbers_of(program), numbers_of(expected)
        order = [[path["edges"] for path in each["paths"]] for each in (program, expected)]
        for k, edges in enumerate(order[0]):
            wanted["paths", k, "contribution"] = numbers_of(expected)["paths", order[1].index(edges), "contribution"]
        assert found.keys() == wanted.keys()
        for place, number in wanted.items():
            assert found[place] == pytest.approx(number, rel=1e-11, abs=1e-12), (f.__name__, at, place)
        operations |= {operation.op for operation in explained(f, start).program.replay.operations}
    assert TWINS - operations == {"same"}


def test_nothing_is_computed_where_it_would_not_be_true(replayed):
    """Where a test would come out otherwise, and where a number would not be finite."""
    results = replayed([(explained(f, start), at) for f, start, at, _ in REFUSED])

    for (f, _, at, reason), (replayable, refused) in zip(REFUSED, results, strict=True):
        assert replayable, f.__name__
        assert refused["reason"] == reason, (f.__name__, at)
    site = explained(branches, (0.5,)).program.sites[results[0][1]["site"]]
    assert site.text == "if v > 0.09:"


def held(x):
    return x * cr.stop_gradient(x)


def of_array(x):
    return np.sum(np.array([x, x]) ** 2)


def long(x):
    for _ in range(51):
        x = np.sin(x)
    return x


def unknown(x):
    return special.gamma(x)


@pytest.mark.parametrize("f", [held, of_array, long, unknown])
def test_programs_that_are_not_computed_again(f):
    """What was held constant, arrays, many ops, and ops that the page does not know."""
    assert explained(f, (1.25,)).program.replay is None


def test_tests_are_known(replayed):
    """Each test that Python may hand over comes out in the page as NumPy says."""
    points = [(x,) for x in (1.25, -1.75, 2.0, -0.1, 0.3)]
    cases = [(explained(f, at), at) for f in (rounded, compared) for at in points]

    assert {test.op for ex, _ in cases for test in ex.program.replay.tests} == TESTS
    for (_, at), (replayable, _) in zip(cases, replayed(cases), strict=True):
        assert replayable, at


def test_slider(opened, modules):
    """Moving an input changes all numbers on the page; at the end of the branch it stops, and says at which line."""
    view = opened(explained(branches, (0.5,)).program)
    slider = view.tab.get_by_role("slider", name="input x")
    note = view.tab.locator(".inputs .note")
    assert view.tab.locator(".seal").inner_text() == "✓ checked"

    slider.focus()
    view.press("ArrowRight", 15)
    x, h = 0.8, 1e-6
    derivative = (branches(x + h) - branches(x - h)) / (2 * h)
    assert view.tab.locator(".inputs output").inner_text() == "0.8"
    assert view.tab.locator(".seal").inner_text() == "moved"
    assert "this branch only" in note.inner_text()
    assert view.badges()["y"] == "1"
    assert f"= {derivative:.4g}" in view.tab.locator(".sums").inner_text()
    assert view.tab.evaluate("document.activeElement.type") == "range"
    view.tab.locator("#tab-derivation").click()
    assert "as it was recorded" in view.tab.locator(".derivation .hint").inner_text()

    view.tab.evaluate((modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    violations = view.tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    assert [each["id"] for each in violations if each["impact"] in ("serious", "critical")] == []

    slider.focus()
    view.press("ArrowLeft", 40)
    assert view.tab.locator(".inputs output").inner_text() == "0.32"
    assert "if v > 0.09" in note.inner_text()

    view.tab.get_by_role("button", name="As recorded").click()
    assert view.tab.locator(".seal").inner_text() == "✓ checked"
    assert "at=" not in view.tab.url
    assert view.errors == []


def test_moved_inputs_are_in_the_address(opened):
    """What a colleague is sent shows the same; inputs of another branch are left alone."""
    view = opened(explained(branches, (0.5,)).program, "at=0.8")
    assert view.tab.locator(".seal").inner_text() == "moved"
    assert view.tab.locator(".inputs output").inner_text() == "0.8"

    view = opened(explained(branches, (0.5,)).program, "at=0.1")
    assert view.tab.locator(".seal").inner_text() == "✓ checked"
    assert view.tab.locator(".inputs output").inner_text() == "0.5"
    assert view.errors == []


def test_no_sliders_without_a_replay(opened):
    """A page of a program that cannot be computed again is as it was."""
    view = opened(explained(held, (1.25,)).program)
    assert view.tab.locator(".inputs").count() == 0
    assert view.tab.locator(".seal").inner_text() == "✓ checked"
    assert view.errors == []
