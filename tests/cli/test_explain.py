"""`chainrule explain`: expressions and functions, in every form, and what is refused."""

import json
import webbrowser
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import chainrule as cr

SPREAD = '''\
import numpy as np


def spread(x):
    """Its slope is infinite where all are equal."""
    return np.sqrt(np.sum((x - np.mean(x)) ** 2))


def stops(x):
    y = np.exp(x)
    return y[7]


def length(x, y):
    return np.sqrt(x**2 + y**2)


def twice(x):
    return 2 * x
'''


@pytest.fixture
def browser(monkeypatch):
    """The addresses that a browser was asked to show."""
    shown = []
    monkeypatch.setattr(webbrowser, "open", lambda address: shown.append(address) or True)
    return shown


@pytest.fixture
def explain(chainrule, folder, browser):
    """Run `chainrule explain` in a folder that holds the functions above."""
    (folder / "spread.py").write_text(SPREAD, encoding="utf-8")
    return lambda *arguments, **settings: chainrule("explain", *arguments, **settings)


def _refused(finished, *phrases):
    assert finished.exit_code == 2, (finished.exit_code, finished.output, finished.exception)
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("error: ")
    for phrase in phrases:
        assert phrase in line


def test_square_by_a_power_has_two_paths(explain):
    """x exp(x²) at 0.5: 1.2840 through the factor and 0.6420 through the exponent, where x x would be two of 0.3210."""
    power, product = (explain(f"x*exp({square})", "--at", "x=0.5") for square in ("x**2", "x*x"))

    assert power.exit_code == product.exit_code == 0
    assert power.stderr == ""
    first, second = (line.split() for line in power.stdout.splitlines() if " → " in line)
    assert (first[-3], second[-3]) == ("1.2840", "0.6420")
    assert product.stdout.count("0.3210") == 2
    assert "3 paths from x to y" in product.stdout


@pytest.mark.parametrize(
    ("expression", "point", "expected"),
    [
        ("x*exp(x**2)", {"x": 0.5}, {"x": np.exp(0.25) * 1.5}),
        ("(a + b)*(b + 1)", {"a": 3, "b": 2}, {"a": 3, "b": 8}),
        ("np.linalg.norm(x)", {"x": [3, 4]}, {"x": [0.6, 0.8]}),
        ("linalg.det(A)", {"A": [[1, 2], [3, 5]]}, {"A": [[5, -3], [-2, 1]]}),
        ("sum(x[1:] * where(x[:-1] > 1, 2, 3)) if x.size else 0", {"x": [1, 2, 3]}, {"x": [0, 3, 2]}),
        ("x.T @ x + einsum('i->', x)", {"x": [1.0, 2.0]}, {"x": [3, 5]}),
        ("-e * sin(pi * x)", {"e": 2, "x": 1}, {"e": 0, "x": 2 * np.pi}),
    ],
)
def test_derivatives_of_expressions(explain, expression, point, expected):
    """All names of an expression are differentiated, and a name that is given goes before NumPy's."""
    at = [part for name, value in point.items() for part in ("--at", f"{name}={value}")]

    finished = explain(*at, "--json", "--", expression)

    assert finished.exit_code == 0, finished.stderr
    explanation = cr.explain.Explanation.from_json(finished.stdout)
    gradient = explanation.gradient if len(point) > 1 else {next(iter(point)): explanation.gradient}
    assert set(gradient) == set(expected)
    for name, entries in expected.items():
        np.testing.assert_allclose(gradient[name], entries, rtol=1e-12, atol=1e-12)


def test_argument_of_an_expression(explain):
    """`--arg` picks names; the others are constants, and integers among them stay integers."""
    finished = explain("sum(x, axis=k)[0]", "--at", "x=[[1, 2], [3, 4]]", "--at", "k=1", "--arg", "x", "--json")

    explanation = cr.explain.Explanation.from_json(finished.stdout)
    np.testing.assert_array_equal(explanation.gradient, [[1, 1], [0, 0]])


@pytest.mark.parametrize(
    ("expression", "phrases"),
    [
        ("x +", ["`x +`", "invalid syntax", "FILE.py:FUNCTION"]),
        ("models.py", ["models.py", "FILE.py:FUNCTION"]),
        ("", ["FILE.py:FUNCTION"]),
        ("exq(x)", ["`exq`", "did you mean `exp`?"]),
        ("x * y", ["`y`", "--at y=..."]),
        ("2 * 3", ["no `x`"]),
        ("x(2)", ["`x`", "no function"]),
        ("open('file')", ["`open`"]),
        ("__import__('os')", ["`__import__`"]),
        ("x.__class__", ["`.__class__`"]),
        ("x.tofile('file')", ["`.tofile`"]),
        ("np.load('file')", ["`load`"]),
        ("np.lib.format.open_memmap(x)", [".open_memmap"]),
        ("exp.__globals__", ["`.__globals__`"]),
        ("(lambda: x)()", ["`lambda: x`"]),
        ("[k for k in x]", ["may not stand in an expression"]),
        ("(y := x)", ["may not stand in an expression"]),
        ("f'{x}'", ["may not stand in an expression"]),
        ("x; x", ["invalid syntax"]),
        ("((((" * 60 + "x", ["neither an expression"]),
    ],
)
def test_what_may_not_stand_in_an_expression(explain, folder, expression, phrases):
    """Only numbers, given names, operators and NumPy's functions are evaluated; all else is refused before it runs."""
    before = sorted(folder.iterdir())

    _refused(explain(expression, "--at", "x=1.0"), *phrases)

    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("command", "phrases"),
    [
        (("x*2", "--at", "1"), ["--at x=0.5"]),
        (("x*2", "--at", "x=1", "--argnum", "0"), ["--arg"]),
        (("x*2", "--at", "x=1", "--arg", "y"), ["--arg y", "`x`"]),
        (("x*2", "--at", "lambda=1"), ["`lambda`"]),
        (("x*2", "--at", "x=NaN"), ["`x` is NaN"]),
        (("x*2", "--at", "x=[1, 2]"), ["shape (2,)", "--out"]),
        (("x*2", "--at", "x=[1, 2]", "--out", "7"), ["--out 7", "out of bounds"]),
        (("x*2", "--at", "x=1", "--svg", "--text"), ["--text", "--svg", "exclude"]),
        (("x*2", "--at", "x=1", "--lang", "fr"), ["--lang fr", "en and zh"]),
        (("x*2", "--at", "x=1", "--lang", "zh"), ["--lang zh", "--html"]),
        (("x*2", "--at", "x=1", "-o", "y.pdf"), ["y.pdf", ".html"]),
        (("x*2", "--at", "x=1", "-o", "no/y.svg"), ["no folder no"]),
        (("x*2", "--at", "x=1", "--text", "-o", "folder.txt"), ["folder.txt cannot be written"]),
        (("x*2", "--at", "x=1", "--svg", "--open"), ["--open", "--html"]),
        (("x*2", "--at", "x=1", "-o", "-", "--open"), ["--open", "--html"]),
        (("x*2", "--at", "x=1", "-o", "y.svg", "--open"), ["y.svg", ".html"]),
        (("spread.py:spreed", "--at", "[1]"), ["did you mean `spread`?"]),
        (("missing.py:f", "--at", "[1]"), ["no file missing.py"]),
        (("spread.py:", "--at", "[1]"), ["FILE.py:FUNCTION"]),
        (("spread.py:twice", "--at", "[1, 2]"), ["`twice`", "shape (2,)", "--out"]),
    ],
)
def test_what_is_refused(explain, folder, command, phrases):
    """Bad input is told in one line, and nothing is written."""
    (folder / "folder.txt").mkdir()

    _refused(explain(*command), *phrases)

    assert not list(folder.glob("y.*"))


LENGTH = ("spread.py:length", "--at", "3", "--at", "4", "--argnum", "0", "--argnum", "1")


def test_function_of_a_file(explain):
    """√(x² + y²) at (3, 4) has the gradient (0.6, 0.8), and the text shows the user's own names."""
    finished = explain(*LENGTH)

    assert finished.exit_code == 0, finished.stderr
    assert "sqrt(x**2 + y**2)" in finished.stdout.splitlines()[0]
    assert "∂y₂/∂x = 0.6" in finished.stdout or "/∂x = 0.6" in finished.stdout
    assert "/∂y = 0.8" in finished.stdout


def test_entry_of_an_array(explain):
    """`--out` explains one entry of an array: that of 2 x with the index 1 is 2 x₁."""
    finished = explain("spread.py:twice", "--at", "[1, 5]", "--out", "1", "--json")

    explanation = cr.explain.Explanation.from_json(finished.stdout)
    assert explanation.value == 10
    np.testing.assert_array_equal(explanation.gradient, [0, 2])


def test_forms_on_standard_output(explain):
    """LaTeX, SVG and JSON go to standard output, and nothing else does."""
    latex, svg, data = (explain("x*exp(x*x)", "--at", "x=0.5", form) for form in ("--latex", "--svg", "--json"))

    assert latex.stdout.startswith(r"\begin{aligned}")
    assert ElementTree.fromstring(svg.stdout).tag.endswith("svg")
    assert json.loads(data.stdout)["title"] == "y = x * exp(x * x)"
    assert latex.stderr == svg.stderr == data.stderr == ""


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("y.txt", b"y = x * exp(x * x)"),
        ("y.tex", rb"\begin{aligned}"),
        ("y.svg", b"<svg"),
        ("y.png", b"\x89PNG"),
        ("y.HTML", b"<!DOCTYPE html>"),
        ("y.json", b"{"),
    ],
)
def test_suffix_names_the_form(explain, folder, browser, file, begins):
    """What is written to a file goes by its suffix; the file is named on standard error."""
    finished = explain("x*exp(x*x)", "--at", "x=0.5", "-o", file)

    assert finished.exit_code == 0, finished.stderr
    assert (folder / file).read_bytes().startswith(begins)
    assert finished.stdout == ""
    assert finished.stderr == f"written: {file}\n"
    assert browser == []


def test_option_goes_before_suffix(explain, folder):
    """Where an option names the form, the file may have any name."""
    explain("x*2", "--at", "x=1", "--svg", "-o", "picture.txt")

    assert (folder / "picture.txt").read_text(encoding="utf-8").startswith("<svg")


def test_page_in_a_file_of_its_own(explain, folder, browser):
    """Without a name the page gets that of the function, which is told; no browser is opened."""
    finished = explain(*LENGTH, "--html", "--lang", "zh")

    assert finished.stderr == "written: length-explained.html\n"
    assert '<html lang="zh-Hans">' in (folder / "length-explained.html").read_text(encoding="utf-8")
    assert browser == []


def test_open(explain, folder, browser):
    """`--open` shows the page that was written."""
    finished = explain("x*2", "--at", "x=1", "--open")

    assert finished.exit_code == 0, finished.stderr
    assert browser == [(folder / "expression-explained.html").resolve().as_uri()]


def test_no_browser(explain, monkeypatch):
    """Where there is no browser, that is said, and the page is there all the same."""
    monkeypatch.setattr(webbrowser, "open", lambda address: False)

    finished = explain("x*2", "--at", "x=1", "--open")

    assert finished.exit_code == 0
    assert "no browser" in finished.stderr


def test_image_on_standard_output(process):
    """`-o -` writes the bytes of an image to standard output."""
    finished = process("explain", "x*2", "--at", "x=-", "--png", "-o", "-", stdin=b"1.5")

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(b"\x89PNG")


def test_ascii_where_the_terminal_knows_no_more(process):
    """Signs that the encoding of standard output lacks are spelled out."""
    finished = process("explain", "x*exp(x**2)", "--at", "x=0.5", PYTHONIOENCODING="ascii")

    assert finished.returncode == 0, finished.stderr
    assert b"x_2 -> v -> u -> y" in finished.stdout


def test_gradient_that_is_not_finite_is_a_finding(explain):
    """√ has an infinite slope at 0: the explanation is printed, the line is named, and the exit status is 1."""
    finished = explain("spread.py:spread", "--at", "[1.0, 1.0]")

    assert finished.exit_code == 1
    assert "pole" in finished.stdout
    assert finished.stderr.splitlines()[-1].startswith("finding: spread.py:6: ")


def test_function_that_raises_is_explained_as_far_as_it_got(explain):
    """An error in the function is a finding with its line, after the values that were computed until then."""
    finished = explain("spread.py:stops", "--at", "[1.0, 2.0]")

    assert finished.exit_code == 1
    assert "exp(x)" in finished.stdout
    assert "Traceback" not in finished.output
    (line,) = finished.stderr.splitlines()
    assert line.startswith("finding: spread.py:11: IndexError")
