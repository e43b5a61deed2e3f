"""A picture is well-formed, needs and runs nothing, shows what the program knows, and nothing in it overlaps."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from chainrule.explain.document import read, written
from chainrule.explain.drawing.boxes import MOST, boxes
from chainrule.explain.drawing.colours import DARK, LIGHT
from chainrule.explain.drawing.lettering import elided, printable, text_width
from chainrule.explain.drawing.picture import WORDS, picture
from chainrule.explain.drawing.svg import svg
from tests.explain.drawn import HOSTILE, by_chance, corpus, hostile, loop
from tests.explain.worked import scalar_example, tensor_example, two_inputs_example, vector_example

SVG = "{http://www.w3.org/2000/svg}"
CORPUS = corpus()
ALLOWED = {"svg", "title", "desc", "metadata", "style", "rect", "g", "path", "text", "tspan", "circle"}


def parsed(text):
    return ElementTree.fromstring(text)


def labels(root):
    """All that can be read, in order."""
    return ["".join(each.itertext()) for each in root.iter(SVG + "text")]


@pytest.mark.parametrize("name", CORPUS)
def test_pictures_are_well_formed_and_run_nothing(name):
    """Of every program, hostile ones among them: only shapes and text, no handler, and no reference to anything."""
    root = parsed(svg(CORPUS[name]))

    assert len(CORPUS) >= 30
    for each in root.iter():
        assert each.tag.removeprefix(SVG) in ALLOWED
        for attribute, value in each.attrib.items():
            assert not attribute.lower().startswith("on")
            assert "href" not in attribute
            assert "url(" not in value
    style = root.find(SVG + "style").text
    assert "url" not in style
    assert "@import" not in style


@pytest.mark.parametrize("name", ["scalar", "tensor", "hostile", "arrays 7", "short loop"])
def test_the_program_is_in_the_picture(name):
    """What `<metadata>` holds is read back as the program."""
    metadata = parsed(svg(CORPUS[name])).find(SVG + "metadata").text

    again = read(metadata)

    assert json.loads(written(again)) == json.loads(written(CORPUS[name]))


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", CORPUS)
def test_nothing_in_a_picture_overlaps(name, language):
    """Boxes and labels are apart and in the frame; titles, sums and the legend are above and below them."""
    drawn = picture(CORPUS[name], language=language)
    places = [box.place for box in drawn.boxes] + [line.route.label for line in drawn.lines if line.route.label]
    for n, a in enumerate(places):
        assert 0 <= a.x + drawn.left
        assert a.x + a.width + drawn.left <= drawn.width
        assert a.y + a.height + drawn.top < drawn.sums_top
        for b in places[:n]:
            across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
            down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
            assert min(across, down) <= 1e-9


@pytest.mark.parametrize("name", CORPUS)
def test_texts_fit_into_their_boxes(name):
    drawn = picture(CORPUS[name])
    for box in drawn.boxes:
        first = text_width(box.name, 15, bold=True) + (4 + text_width(box.made, 13) if box.made else 0)
        assert max(first, text_width(box.value, 13), text_width(box.adjoint, 12)) <= box.place.width - 20


def test_the_scalar_example():
    """Every use of x, every local derivative with its number, every adjoint, and the sum over the three paths."""
    shown = labels(parsed(svg(scalar_example())))

    assert shown[0] == "y = x * exp(x * x)"
    assert {"x₁", "x₂", "x₃", "v", "= x*x", "u", "= exp(v)", "y", "= x*u"} <= set(shown)
    assert sorted(each for each in shown if re.match("[xu] = ", each)) == ["u = 1.2840"] * 2 + ["x = 0.5000"] * 3
    assert {"x̄₁ = 1.2840", "x̄₂ = 0.3210", "x̄₃ = 0.3210", "v̄ = 0.6420", "ū = 0.5000", "ȳ = 1"} <= set(shown)
    assert "∂y/∂x:  3 paths  1.2840 + 0.3210 + 0.3210 = 1.9260" in shown


def test_a_shared_input_can_be_one_box():
    """With five lines in both pictures; the merged input has the whole derivative."""
    apart, merged = picture(scalar_example()), picture(scalar_example(), merged=True)

    assert [len(each.boxes) for each in (apart, merged)] == [6, 4]
    assert [len(each.lines) for each in (apart, merged)] == [5, 5]
    assert next(box for box in merged.boxes if box.name == "x").adjoint == "x̄ = 1.9260"


def test_the_two_inputs_example():
    """e = (a + b)(b + 1) at a = 3, b = 2: the adjoints 1, 3, 5, and 3 and 3 + 5 = 8 of the inputs."""
    shown = labels(parsed(svg(two_inputs_example())))

    assert {"ē = 1", "c̄ = 3", "d̄ = 5", "ā = 3", "b̄₁ = 3", "b̄₂ = 5"} <= set(shown)
    assert any(re.fullmatch(r"∂e/∂b:  2 paths  (3 \+ 5|5 \+ 3) = 8", each) for each in shown)


@pytest.mark.parametrize("make", [vector_example, tensor_example])
def test_arrays_are_shown_by_their_shapes(make):
    """Never by their numbers: a label names the shape and the structure, beside a thumbnail."""
    drawn = picture(make())

    for line in drawn.lines:
        assert re.fullmatch(r"\d+×\d+ [a-z +]+", line.number)
        assert line.thumbnail is not None
        assert line.route.label.height >= 24


def test_the_vector_example():
    drawn = picture(vector_example())

    assert [line.symbol for line in drawn.lines] == ["A", "diag(2y)", "[1 1 1]"]
    assert [line.number for line in drawn.lines] == ["3×2 dense", "3×3 diagonal", "1×3 ones"]
    thumbnail = drawn.lines[1].thumbnail
    assert [(i, j) for i, j, _ in thumbnail.cells] == [(0, 0), (1, 1), (2, 2)]
    assert [size for *_, size in thumbnail.cells] == pytest.approx([-6 / 14, -10 / 14, -1])


def test_negative_local_derivatives_are_dashed():
    """And no others: the sign is not told by colour alone."""
    program = by_chance(3, 12)
    drawn = picture(program)
    negative = sum(float(edge.jacobian.entries.reshape(())) < 0 for edge in program.edges)

    text = svg(program)

    assert sum(line.negative for line in drawn.lines) == negative
    assert text.count("stroke-dasharray") == negative + 1  # one in the legend


def test_hostile_names_are_texts():
    """Cut to the room there is, whole in the tooltip, without marks that turn what is around them."""
    text = svg(hostile())
    root = parsed(text)

    assert "<script" not in text
    assert "<img" not in text
    shown = labels(root)
    assert any(each.startswith("</script>") for each in shown)
    assert all(text_width(each, 12) < 700 for each in shown)
    assert any("x" * 10_000 in title.text for title in root.iter(SVG + "title"))
    assert not re.search("[\u202a-\u202e]", "".join(shown))
    assert not re.search("[\x00-\x08\x0b-\x1f]", text)


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_are_cut_to_their_room(name):
    cut = elided(printable(name), 80, 12)

    assert text_width(cut, 12) <= 80


def test_wide_characters_count_double():
    assert text_width("速度", 10) == pytest.approx(2 * text_width("速", 10))
    assert text_width("速", 10) >= 2 * text_width("0", 10)


@pytest.mark.parametrize("name", ["long loop", "many 200", "many 1000"])
def test_large_programs_are_drawn_in_groups(name):
    """At most so many boxes, every step in exactly one of them, and no line between a box and itself."""
    program = CORPUS[name]

    drawn = boxes(program)

    assert len(drawn.shown) <= MOST
    steps = [node for each in drawn.shown if each.kind != "input" for node in each.nodes]
    assert sorted(steps) == sorted(set(range(len(program.nodes))) - set(program.inputs))
    assert all(source != target for source, target, _ in drawn.lines)


def test_repetitions_are_folded():
    """A hundred iterations alike are one box."""
    drawn = picture(loop(100))

    assert [box.name for box in drawn.boxes if box.folded] == ["for k in range(100) ×100"]


def test_groups_that_depend_on_each_other_are_one_box():
    """A group whose second step uses what another made of its first: apart they would form a cycle."""
    program = loop(100)
    first, second = program.groups[1], program.groups[2]
    program.groups[1] = replace(first, nodes=(*first.nodes[:2], *second.nodes[2:]), like=None)
    program.groups[2] = replace(second, nodes=(*first.nodes[2:], *second.nodes[:2]))

    assert parsed(svg(program)) is not None


def test_the_same_program_gives_the_same_picture():
    assert svg(by_chance(4, 30)) == svg(by_chance(4, 30))


def test_schemes():
    """Colours follow the reader's system, or are those that were asked for."""
    auto, light, dark = (svg(scalar_example(), scheme=scheme) for scheme in ("auto", "light", "dark"))

    assert "prefers-color-scheme:dark" in auto
    assert "var(--cr-ink)" in auto
    assert DARK["paper"] not in light
    assert LIGHT["paper"] not in dark
    assert "var(" not in light + dark


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_texts_can_be_read(scheme):
    """Contrast by the formula of WCAG 2: 4.5 : 1 for texts, 3 : 1 for lines."""

    def luminance(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(front, back):
        one, other = sorted((luminance(scheme[front]), luminance(scheme[back])))
        return (other + 0.05) / (one + 0.05)

    for front in ("ink", "quiet", "forward"):
        assert min(contrast(front, "face"), contrast(front, "paper")) >= 4.5
    assert contrast("backward", "backward-face") >= 4.5
    assert contrast("line", "paper") >= 3


def test_symbols_have_names():
    """Every box and every labelled line is a symbol with a name for screen readers, and a tooltip."""
    root = parsed(svg(scalar_example()))
    symbols = [each for each in root.iter(SVG + "g") if each.get("role") == "graphics-symbol"]

    assert root.get("role") == "graphics-document"
    assert len(symbols) == 11
    assert all(each.get("aria-label") and each.find(SVG + "title").text for each in symbols)
    assert "∂v/∂x₂ = x = 0.5000" in {each.get("aria-label") for each in symbols}


def test_unknown_languages_and_schemes_are_refused():
    with pytest.raises(ValueError, match="'xx'; choose one of"):
        svg(scalar_example(), language="xx")
    with pytest.raises(ValueError, match="'light', 'dark' or 'auto'"):
        svg(scalar_example(), scheme="blue")


def test_programs_without_a_result_are_drawn():
    """The function raised; what ran until then is shown."""
    program = replace(scalar_example(), result=None, failure="ValueError: no", paths=[], path_count=0)

    assert "stopped by an error" in labels(parsed(svg(program)))
