"""The programs of the gallery: explained, checked, within the size of a page, and right by numerical derivatives."""

import base64
import importlib.util
import re
import runpy
from pathlib import Path

import numpy as np
import optree
import pytest

import chainrule as cr
from chainrule.explain.drawing.svg import svg

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "docs" / "gallery"
PROGRAMS = sorted(GALLERY.glob("*.py"))

# What NumPy computes for complex numbers by the same formula; the others are differentiated by differences.
ANALYTIC = {
    "differential_equation",
    "exploding_gradient",
    "long_short_term_memory",
    "matrix_product",
    "neural_network",
    "product_of_sums",
    "shared_input",
    "squared_length",
    "writes_through_views",
}


class Program:
    """A program of the gallery, with its explanation."""

    def __init__(self, file):
        names = runpy.run_path(str(file))
        self.name = file.stem
        self.function, self.point, argnums = names["FUNCTION"], names["POINT"], names["ARGNUMS"]
        self.argnums = (argnums,) if isinstance(argnums, int) else argnums
        self.file = file
        with np.errstate(all="ignore"):
            self.explanation = cr.explain(self.function, *self.point, argnums=argnums)

    def numerical_gradient(self):
        """Complex steps, or central differences of the function as NumPy runs it, entry by entry."""
        complex_step = self.name in ANALYTIC
        h = 1e-30 if complex_step else 1e-6
        found = []
        for k in self.argnums:
            leaves, structure = optree.tree_flatten(self.point[k])
            for n, leaf in enumerate(leaves):
                leaf = np.asarray(leaf)
                for index in np.ndindex(leaf.shape):

                    def at(step, k=k, n=n, leaf=leaf, index=index, leaves=leaves, structure=structure):
                        moved = leaf.astype(np.result_type(leaf, step))
                        moved[index] += step
                        changed = optree.tree_unflatten(structure, [*leaves[:n], moved[()], *leaves[n + 1 :]])
                        return self.function(*self.point[:k], changed, *self.point[k + 1 :])

                    found.append(at(1j * h).imag / h if complex_step else (at(h) - at(-h)) / (2 * h))
        return np.array(found)


@pytest.fixture(scope="module")
def programs():
    """All programs, each explained once."""
    explained = {}

    def program(file):
        if file not in explained:
            explained[file] = Program(file)
        return explained[file]

    return program


each_program = pytest.mark.parametrize("file", PROGRAMS, ids=[file.stem for file in PROGRAMS])


@each_program
def test_gradient(programs, file):
    """The gradient that is shown is the one that complex steps or differences give, where it is finite."""
    program = programs(file)

    shown = np.concatenate([np.ravel(leaf) for leaf in optree.tree_leaves(program.explanation.gradient)])

    expected = program.numerical_gradient()
    finite = np.isfinite(shown)
    assert finite.all() or program.name == "nan_hunt"
    assert len(shown) == len(expected)
    tolerance = 1e-12 if program.name in ANALYTIC else 1e-7
    np.testing.assert_allclose(shown[finite], expected[finite], rtol=tolerance, atol=tolerance)


@each_program
def test_check(programs, file):
    """All ways to the gradient agree."""
    differences = programs(file).explanation.check()

    assert {"reverse", "forward"} <= set(differences)
    assert max(differences.values()) < 1e-12


@each_program
def test_page_is_small(programs, file):
    """A page has at most 200 kB beside its data, asks for nothing, and holds the source with what it says."""
    program = programs(file)

    page = program.explanation.html()

    (data,) = re.findall(r'id="data">([^<]*)<', page)
    assert len(base64.b64decode(data)) > 0
    assert len(page.encode()) - len(data) < 200_000
    assert not re.search(r'(src|href)="(?!data:)', page)


@each_program
def test_text_and_picture(programs, file):
    """The text begins with the title and has no line that is too long; the drawing names it, too."""
    program = programs(file)

    lines = program.explanation.text(width=80).splitlines()

    assert lines[0].strip()
    assert program.explanation.program.title.split(" = ")[0] in lines[0] or program.name == "matrix_product"
    assert "<svg" in svg(program.explanation.program)


def test_readme_lists_every_program_with_what_it_says():
    """The list links to each program once, under its title, and each picture is there."""
    text = (GALLERY / "README.md").read_text(encoding="utf-8")

    linked = re.findall(r"\]\((\w+)\.py\)", text)

    assert sorted(linked) == [file.stem for file in PROGRAMS]
    for file in PROGRAMS:
        title = file.read_text(encoding="utf-8").split('"""')[1].partition("\n")[0].rstrip(".")
        assert f"**[{title}]({file.name}).**" in text
    pictures = set(re.findall(r"\]\((\w+)\.svg\)", text))
    assert pictures == {file.stem for file in GALLERY.glob("*.svg")}


def test_pages_are_written(tmp_path, capsys):
    """The script writes a page, with a line of progress; the name of the index is all that it prints otherwise."""
    specification = importlib.util.spec_from_file_location("write_gallery", ROOT / "scripts" / "write_gallery.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    everything = script.programs()
    assert sorted(everything) == PROGRAMS
    script.programs = lambda: [GALLERY / "shared_input.py"]
    script.GALLERY = tmp_path

    script.write(tmp_path / "pages")

    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["index.html", "shared_input.html"]
    assert "shared_input.html" in (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "shared_input.svg").read_text(encoding="utf-8").startswith("<svg")
    printed = capsys.readouterr()
    assert printed.out.split() == [str(tmp_path / "pages" / "index.html")]
    assert printed.err.startswith("[1/1] shared_input.html")


# What the docstrings say that one sees.


def _program(programs, name):
    return programs(GALLERY / f"{name}.py").explanation


def test_three_uses_and_two(programs):
    """x x has three paths; with x² there would be two, of 1.2840 and 0.6420."""
    product = _program(programs, "shared_input")
    power = cr.explain(lambda x: x * np.exp(x**2), 0.5)

    assert (product.n_paths, power.n_paths) == (3, 2)
    values = [path.contribution.values for path in power.paths()]
    np.testing.assert_allclose(values, [np.exp(0.25), 0.5 * np.exp(0.25)], rtol=1e-14)


def test_product_of_sums(programs):
    """The derivatives at (3, 2) are 3 and 8 = 3 + 5."""
    explanation = _program(programs, "product_of_sums")

    assert explanation.gradient == (3, 8)
    assert sorted(float(edge.contribution.values) for edge in explanation.program.edges if edge.use) == [3, 5]


def test_convolution_is_a_band(programs):
    """The Jacobian towards the signal has a diagonal for each of the three numbers of the kernel."""
    explanation = _program(programs, "convolution")
    kernel = np.array([-0.5, 1.0, -0.6])

    matrices = [explanation.edge("filtered", edge.slot).jacobian.dense() for edge in explanation.program.edges[:2]]

    expected = sum(np.eye(6, 8, k) * kernel[2 - k] for k in range(3))
    assert any(matrix.shape == (6, 8) and np.allclose(matrix, expected) for matrix in matrices)


def test_overwritten_entry(programs):
    """The last temperature has the derivative 0, and the reason is among the findings."""
    explanation = _program(programs, "writes_through_views")

    assert explanation.gradient[-1] == 0
    assert any(
        finding.kind == "zero gradient" and "temperature[4]" in finding.message for finding in explanation.health()
    )


def test_loop_has_more_paths_than_one_writes_down(programs):
    """The paths through the loop of the pendulum are counted exactly and not enumerated."""
    explanation = _program(programs, "differential_equation")

    assert explanation.n_paths > 10**6
    assert any(group.kind == "loop" for group in explanation.program.groups)


def test_line_of_the_nan(programs):
    """The finding names the square root, its line, and the pair of points that are the same."""
    (finding,) = _program(programs, "nan_hunt").nonfinite()
    program = _program(programs, "nan_hunt").program

    assert finding.reason == "pole"
    assert finding.element == (1,)
    assert "np.sqrt" in program.sites[finding.site].text
    assert not np.isfinite(_program(programs, "nan_hunt").gradient[1:3]).any()


def test_gradient_explodes(programs):
    """From the end of the loop to its start the gradient grows about 2000 times, as λ¹⁶ says."""
    explanation = _program(programs, "exploding_gradient")
    eigenvalue = np.linalg.eigvalsh(np.array([[1.2, 0.5], [0.5, 1.0]])).max()

    norms = [node.adjoint.norm for node in explanation.program.nodes[:17]]

    assert norms[0] / norms[16] == pytest.approx(eigenvalue**16, rel=0.05)
    assert 1900 < eigenvalue**16 < 2100
