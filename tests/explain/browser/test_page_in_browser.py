"""The page in a real browser: what it shows is true, and everything works by mouse, by keyboard, offline."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.program import Finding
from tests.explain.browser.programs import (
    chain,
    not_finite,
    product_of_sums,
    random_program,
    scalar_example,
    tensor_example,
    vector_example,
)
from tests.explain.drawn import loop


def number(text):
    """A number as the page shows it."""
    return float(text.replace("−", "-").replace("∞", "inf"))


def classes(locator):
    return set(locator.get_attribute("class").split())


def test_offline_from_a_file(opened):
    """The page asks for nothing but itself and reports no error (B1, B2)."""
    view = opened(scalar_example())

    assert [url for url in view.requests if not url.startswith("data:")] == [view.address]
    assert view.errors == []
    policy = view.tab.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert "default-src 'none'" in policy


def test_policy_holds(opened):
    """A script that was put into the page does not run."""
    view = opened(scalar_example())

    view.tab.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.intruder = true";
            document.body.append(script);
        }"""
    )

    assert view.tab.evaluate("window.intruder") is None
    assert any("Content Security Policy" in error for error in view.errors)


def test_shared_input_is_drawn_once_per_use(opened):
    """Three uses of x are three boxes; merged they are one box and as many edges, of which two are parallel (B3)."""
    view = opened(scalar_example())

    assert sorted(name for name in view.items() if name.startswith("x")) == ["x₁", "x₂", "x₃"]
    assert view.tab.locator("#graph .wire").count() == 5

    view.tab.get_by_role("button", name="merged").click()

    assert sorted(view.items()) == ["u", "v", "x", "y"]
    assert view.tab.locator("#graph .wire").count() == 5
    assert view.badges()["x"] == "1.926"


def test_paths_add_up_to_the_derivative(opened):
    """The rows of the paths and their total agree with a central difference of the function itself (B4)."""

    def f(x):
        return x * np.exp(x * x)

    view = opened(cr.explain(f, 0.5).program)

    h = 1e-5
    expected = (f(0.5 + h) - f(0.5 - h)) / (2 * h)
    rows = view.tab.locator("tr[data-path]")
    values = [number(rows.nth(k).locator("td").nth(2).inner_text()) for k in range(rows.count())]
    total = number(view.tab.locator("tr.total td").nth(2).inner_text())
    assert len(values) == 3
    assert sum(values) == pytest.approx(expected, abs=2e-3)
    assert total == pytest.approx(expected, abs=1e-3)
    assert [number(rows.nth(k).locator("td").nth(4).inner_text()) for k in range(3)] == pytest.approx(
        np.cumsum(values), abs=2e-3
    )


def test_badges_of_the_product_of_sums(opened):
    """e = (a + b)(b + 1) at a = 3, b = 2 has the derivatives 1, 3, 5, 3 and 8 (B5)."""
    view = opened(product_of_sums(), "split=0")

    assert view.badges() == {"e": "1", "c": "3", "d": "5", "a": "3", "b": "8"}


def test_sum_over_uses(opened):
    """Drawn once per use, what each use contributes is added up below the graph."""
    view = opened(product_of_sums())

    assert view.badges() == {"e": "1", "c": "3", "d": "5", "a": "3", "b₁": "3", "b₂": "5"}
    assert view.tab.locator(".sums li").inner_text().endswith("= 3 + 5 = 8")


def test_path_click_lights_its_edges(opened):
    """A click on a path lights its edges and no others, which are dimmed; a second click clears (B6)."""
    program = scalar_example()
    view = opened(program)
    row = view.tab.locator("tr[data-path='1']")

    row.click()

    lit = {int(each.get_attribute("data-edges")) for each in view.tab.locator("#graph .wire.lit").all()}
    dim = {int(each.get_attribute("data-edges")) for each in view.tab.locator("#graph .wire.dim").all()}
    assert lit == set(program.paths[1].edges)
    assert dim == set(range(len(program.edges))) - lit

    row.click()

    assert view.tab.locator("#graph .lit, #graph .dim").count() == 0


def test_shift_click_adds_a_path(opened):
    """Two chosen paths light together, and their sum is set against the total."""
    view = opened(scalar_example())

    view.tab.locator("tr[data-path='0']").click()
    view.tab.locator("tr[data-path='1']").click(modifiers=["Shift"])

    assert view.tab.locator("#graph .wire.lit").count() == 4
    assert "1.605" in view.tab.locator(".chosen").inner_text()


def test_stepping_by_keyboard(opened):
    """Values come in the order of the program, derivatives in the reverse; badges from none to all (B7)."""
    view = opened(scalar_example())
    view.press("Home")
    assert view.badges() == {}
    active = []
    for _ in range(6):
        view.press("ArrowRight")
        active.append(view.tab.locator("#graph .item.active .name").text_content())

    assert active == ["v", "u", "y", "y", "u", "v"]
    assert view.tab.locator(".counter").inner_text() == "6/6"
    assert view.badges() == {"x₁": "1.284", "x₂": "0.321", "x₃": "0.321", "v": "0.642", "u": "0.5", "y": "1"}

    view.press("ArrowLeft")

    assert view.tab.locator(".narration").inner_text() == "backward u: v̄ ← ū·∂u/∂v = 0.5 · 1.284 = 0.642"
    assert set(view.badges()) == {"x₁", "v", "u", "y"}


def test_partial_sum(opened):
    """Until every consumer has reported, what has arrived is shown as a sum that goes on."""
    view = opened(scalar_example(), "split=0&step=4")
    assert view.badges()["x"] == "1.284 + …"

    view.press("ArrowRight", 2)

    assert view.badges()["x"] == "1.926"


def test_stepping_forward(opened):
    """In forward mode the inputs are seeded first, and every tangent comes with its value."""
    program = scalar_example()
    view = opened(program, "mode=forward&step=0")
    assert view.badges() == {}

    view.press("ArrowRight")
    assert set(view.badges()) == {"x₁", "x₂", "x₃"}
    view.press("ArrowRight", 3)

    assert number(view.badges()["y"]) == pytest.approx(program.directional_derivative, rel=1e-3)


def test_opens_in_the_mode_that_was_asked_for(opened):
    """A page of `mode="forward"` shows tangents at first, and its address says so when that is changed."""
    program = replace(scalar_example(), mode="forward")
    view = opened(program)
    assert number(view.badges()["y"]) == pytest.approx(program.directional_derivative, rel=1e-3)

    view.tab.get_by_role("button", name="reverse").click()
    view.wait("location.hash.includes('mode=reverse')")
    assert view.badges()["y"] == "1"


def test_play(opened):
    """Space plays from the start when all has been seen, and stops."""
    view = opened(scalar_example())

    view.press(" ")
    view.wait("document.querySelector('.counter').textContent === '1/6'")
    view.press(" ")

    assert view.tab.get_by_role("button", name="Play").count() == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("split", [0, 1])
def test_badge_waits_for_all_consumers(opened, seed, split):
    """A badge appears exactly when the last of the uses that lead on to the result has been stepped through (B8)."""
    program = random_program(seed)
    view = opened(program, f"step=0&split={split}")
    last = int(view.tab.locator(".counter").inner_text().split("/")[1])
    outgoing = program.outgoing()
    stepped = set()
    for _ in range(last):
        view.press("ArrowRight")
        if view.tab.locator(".narration").get_attribute("data-phase") == "backward":
            stepped.add(view.tab.locator("#graph .item.active").get_attribute("data-nodes"))
        badges = view.tab.evaluate(
            """() => [...document.querySelectorAll("#graph .item")].map((item) => [
                item.dataset.nodes,
                item.dataset.edges ?? null,
                item.querySelector(".badge text")?.textContent ?? "",
            ])"""
        )
        for place, edges, text in badges:
            node = int(place)
            uses = outgoing[node] if edges is None else [int(edge) for edge in edges.split(" ")]
            consumers = [
                str(program.edges[edge].target) for edge in uses if program.edges[edge].contribution is not None
            ]
            complete = text != "" and "…" not in text
            expected = place in stepped if node == program.result else bool(consumers) and stepped >= set(consumers)
            assert complete == expected, (program.nodes[node].name, text, stepped)


def test_cell_by_cell(opened):
    """Every edge can be focused, and its card shows the entries of its Jacobian (B9)."""
    matrix = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    explanation = cr.explain(lambda x: np.sum((matrix @ x) ** 2), np.array([1.0, -2.0]))
    program = explanation.program
    view = opened(program)

    for place, edge in enumerate(program.edges):
        wire = view.edge(place)
        wire.focus()
        assert wire.evaluate("each => each === document.activeElement")
        view.press("Enter")
        shown = [
            0.0 if text == "·" else number(text)
            for text in view.tab.locator(".card .matrix td[data-row]").all_inner_texts()
        ]
        dense = np.asarray(explanation.edge(program.nodes[edge.target].name, slot=edge.slot).jacobian.dense())
        assert shown == pytest.approx(dense.ravel().tolist())


def test_flatten_view(opened):
    """The cell under the pointer lights its row and its column; the pull reshaped is the gradient (B10)."""
    program = tensor_example()
    view = opened(program, "sel=e0&tab=shapes")
    panel = view.tab.locator("#panel-shapes")
    matrix = panel.locator(".matrix")

    matrix.locator("td[data-row='2'][data-column='4']").hover()

    lit = matrix.locator("td.inRow.inColumn")
    assert lit.count() == 1
    assert lit.inner_text() == "2"
    assert set(matrix.locator("th.inRow, th.inColumn").all_inner_texts()) == {"C₁₀", "A₁₁"}
    assert panel.locator("figure").first.locator("td.inColumn").inner_text() == "5₄"
    assert panel.locator(".reading").inner_text().endswith("= 2·2 + 0.5·1 = 4.5")

    shown = [number(text) for text in panel.locator(".reshaped td").all_inner_texts()]
    assert shown == np.asarray(program.nodes[0].adjoint.values).ravel().tolist() == [1, 1, -3, 2, 4.5, 1.5]

    panel.get_by_role("button", name="as used in code").click()

    assert panel.locator("p.code code").inner_text() == "G @ B.T"
    assert panel.locator(".equal").count() == 1
    panel.locator("select").select_option("1")
    assert panel.locator("p.code code").inner_text() == "A.T @ G"


def test_names_and_focus(opened):
    """Everything in the graph has a name and can be reached by Tab, in the order of the computation (B12)."""
    view = opened(scalar_example())
    symbols = view.tab.locator("#graph [role='graphics-symbol']")

    for k in range(symbols.count()):
        assert symbols.nth(k).get_attribute("tabindex") == "0"
        assert symbols.nth(k).get_attribute("aria-label").strip()

    symbols.first.focus()
    order = []
    for _ in range(symbols.count()):
        order.append(view.tab.evaluate("document.activeElement.getAttribute('aria-label')"))
        view.press("Tab")
    boxes = [re.match(r"\w+ (\S+)", label)[1].rstrip(",") for label in order if not label.startswith("edge")]
    place = {name: k for k, name in enumerate(boxes)}
    assert place["x₂"] < place["v"] < place["u"] < place["y"]
    assert place["x₁"] < place["y"]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (720, 450), (820, 1100), (390, 844), (360, 640)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_width_is_too_small(opened, width, height, language):
    """Nothing sticks out to the side, on a phone and at 200 % (B13)."""
    view = opened(tensor_example(), "tab=shapes", language=language, viewport={"width": width, "height": height})

    assert view.tab.evaluate("document.documentElement.scrollWidth") <= width
    for tab in ("Paths", "路径"):
        if view.tab.get_by_role("tab", name=tab).count():
            view.tab.get_by_role("tab", name=tab).click()
    assert view.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert view.errors == []


def test_schemes(opened):
    """The page follows the system's scheme, and the button overrides it (B13)."""
    brightness = "() => getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number)[0]"
    view = opened(scalar_example(), color_scheme="dark")
    assert view.tab.evaluate(brightness) < 60

    view.tab.get_by_role("button", name="Light or dark").click()

    assert view.tab.evaluate(brightness) > 200


def test_reduced_motion(opened):
    """Nothing moves by itself where motion is not wanted; where it is, merging is animated (B13)."""
    for motion, moves in (("reduce", False), ("no-preference", True)):
        view = opened(scalar_example(), reduced_motion=motion)
        view.tab.evaluate(
            """() => {
                window.moved = 0;
                const animate = Element.prototype.animate;
                Element.prototype.animate = function (...how) {
                    window.moved += 1;
                    return animate.apply(this, how);
                };
            }"""
        )
        view.tab.get_by_role("button", name="merged").click()
        assert (view.tab.evaluate("window.moved") > 0) == moves


def test_printing(opened):
    """On paper all tabs stand one after the other, without the controls (B13)."""
    view = opened(vector_example())
    view.tab.emulate_media(media="print")

    for tab in ("paths", "derivation", "shapes", "health", "cost"):
        assert view.tab.locator(f"#panel-{tab}").is_visible()
    assert not view.tab.locator(".stepper").is_visible()
    assert view.tab.pdf().startswith(b"%PDF")


def test_two_copies_in_sandboxed_frames(opened, browser, tmp_path):
    """Two pages run in frames that may only run scripts, and the document around them stays as it was (B14)."""
    from chainrule.explain.page import page

    context = browser.new_context(offline=True)
    around = tmp_path / "around.html"
    around.write_text("<!DOCTYPE html><title>around</title><p>untouched</p>", encoding="utf-8")
    tab = context.new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(around.as_uri())
    tab.evaluate(
        """(texts) => {
            for (const text of texts) {
                const frame = document.createElement("iframe");
                frame.setAttribute("sandbox", "allow-scripts");
                frame.width = 900;
                frame.height = 700;
                frame.srcdoc = text;
                document.body.append(frame);
            }
            window.before = document.documentElement.outerHTML;
        }""",
        [page(scalar_example()), page(tensor_example())],
    )
    frames = [frame for frame in tab.frames if frame != tab.main_frame]
    for frame in frames:
        frame.wait_for_selector("html[data-ready]", timeout=10_000)
        frame.locator("#graph .item").first.click()
        frame.get_by_role("button", name="Step back").click()

    assert [frame.evaluate("origin") for frame in frames] == ["null", "null"]
    assert [frame.locator("#graph .item").count() for frame in frames] == [6, 5]
    assert tab.evaluate("document.documentElement.outerHTML === window.before")
    assert errors == []
    context.close()


def test_nan_page(opened):
    """Health names the line and the element of the birth; what is not finite survives (B18)."""
    view = opened(not_finite(), "tab=health")
    finding = view.tab.locator("#panel-health li.finding").first

    assert "model.py:7" in finding.inner_text()
    assert "[1]" in finding.locator(".element").inner_text()
    assert "np.log(np.where(x > 0, x, 1.0))" in finding.inner_text()

    finding.get_by_role("button", name="Show path").click()
    assert {int(each.get_attribute("data-edges")) for each in view.tab.locator("#graph .wire.lit").all()} == {1, 2}

    finding.get_by_role("button", name="Show node").click()
    assert "nan" in view.tab.locator(".card").inner_text()
    assert "∞" in view.tab.locator(".card").inner_text()


def test_clean_page_says_so(opened):
    view = opened(scalar_example(), "tab=health")

    assert "No non-finite value in 4 values and 5 local derivatives." in view.tab.locator("#panel-health").inner_text()


def test_input_that_is_the_result(opened):
    """A program of no steps has one path of no edges, and the derivative 1."""
    view = opened(cr.explain(lambda x: x, 2.0).program)

    assert view.errors == []
    assert view.tab.locator("tr[data-path] td").nth(2).inner_text() == "1"


def test_program_that_stopped(opened):
    """What was computed before an error is shown, with the error."""

    def stopped(x):
        y = x * x
        raise ValueError(f"no use for {y}")

    view = opened(cr.explain(stopped, 2.0).program, "tab=health")

    assert view.errors == []
    assert "no use for" in view.tab.locator("#panel-health").inner_text()
    assert "stopped" in view.tab.locator("header").inner_text()


def test_names_are_text(opened):
    """Markup in names, titles and sources is shown and not interpreted."""
    program = scalar_example()
    markup = "</script><img src=x onerror=alert(1)>"
    program.title = program.nodes[0].name = program.nodes[1].expression = markup
    program.findings.append(Finding("kink", "convention", "forward", "note", markup, node=1, site=0))
    program.sites[0] = replace(program.sites[0], text=markup, file=markup)

    view = opened(program, "tab=health&sel=n1")

    assert view.errors == []
    assert view.tab.locator("img").count() == 0
    assert markup in view.tab.locator("h1").inner_text()


def test_permalink(opened):
    """The address restores the step, the selection, the tab, the labels and the view (B19)."""
    program = tensor_example()
    view = opened(program)
    view.edge(0).click()
    view.tab.get_by_role("tab", name="Shapes").click()
    view.press("Home")
    view.press("ArrowRight", 4)
    view.tab.get_by_role("button", name="symbols").click()
    view.tab.get_by_role("button", name="Zoom in").click()
    view.wait("location.hash.includes('view=')")

    state = """() => [
        document.querySelector(".counter").textContent,
        document.querySelector("#graph .selected").dataset.key,
        document.querySelector("[role=tab][aria-selected=true]").id,
        [...document.querySelectorAll("[aria-pressed=true]")].map((each) => each.textContent).join(),
        document.querySelector("#graph .world").getAttribute("transform"),
    ]"""
    before = view.tab.evaluate(state)
    view.tab.wait_for_timeout(150)
    again = opened(program, view.tab.evaluate("location.hash.slice(1)"))

    after = again.tab.evaluate(state)
    assert before[:-1] == after[:-1]
    placed = [[float(each) for each in re.findall(r"-?[\d.]+", transform)] for transform in (before[-1], after[-1])]
    assert placed[0] == pytest.approx(placed[1], abs=2e-3)


def test_large_program_opens_grouped(opened):
    """A thousand operations open as a few boxes; what is opened keeps its last value where it is."""
    view = opened(chain(1000))
    middle = """(each) => {
        const box = each.querySelector(".box:not(.behind)").getBoundingClientRect();
        return box.left + box.width / 2;
    }"""
    assert view.tab.locator("#graph .item").count() == 2
    loop = view.tab.locator("#graph .item.group")
    assert "for k in range(100)" in loop.get_attribute("aria-label")

    assert "1001 steps are too many" in view.tab.locator("#panel-derivation").text_content()

    before = loop.evaluate(middle)
    loop.focus()
    view.press("Enter")

    assert view.tab.locator("#graph .item.group").count() == 2
    fold = view.tab.locator("#graph .item.fold")
    assert "×98" in fold.get_attribute("aria-label")
    assert fold.evaluate(middle) == pytest.approx(before, abs=1)

    fold.focus()
    view.press("Enter")
    assert view.tab.locator("#graph .item.group").count() == 7

    group = view.tab.locator("#graph .item.group").nth(1)
    group.focus()
    view.press("Enter")

    assert view.tab.locator("#graph .item.node:not(.input)").count() == 10


def test_search(opened):
    """`/` finds nodes by name, op, line and size of the gradient, and shows them wherever they are."""
    view = opened(chain(1000))
    for query, count in (("v777", 2), ("sin", 1000), ("line 3", 1000), ("grad>1e9", 0), ("nan", 0), ("()", 1001)):
        view.press("/")
        view.tab.keyboard.type(query)
        view.wait(f"document.querySelector('dialog[open] [role=status]').textContent.startsWith('{count} ')")
        view.press("Escape")
    view.press("/")
    view.tab.keyboard.type("v777")
    view.press("Enter")

    assert classes(view.item("v777")) >= {"selected"}
    assert view.tab.locator("#graph .item").count() <= 150


def test_source_and_graph_point_at_each_other(opened):
    """The line under the pointer marks its box, and the box its line."""
    view = opened(scalar_example())

    view.tab.locator(".line.live").nth(1).hover()
    assert classes(view.item("u")) >= {"hovered"}

    view.item("v").hover()
    assert view.tab.locator(".line.hovered code").inner_text().strip() == "v = x*x"


def test_tour(opened):
    """Six steps, and everything is as before."""
    view = opened(scalar_example())
    view.press("?")
    said = []
    for _ in range(6):
        said.append(view.tab.locator(".tour p").nth(1).inner_text())
        view.press("Enter")

    assert len(set(said)) == 6
    assert "y = x * exp(x * x)" in said[0]
    assert view.tab.locator(".tour").count() == 0
    assert view.tab.locator(".counter").inner_text() == "6/6"


def test_language_button(opened):
    """The page changes its language in place and says so to screen readers."""
    view = opened(scalar_example(), "sel=e2")
    assert view.tab.evaluate("document.documentElement.lang") == "en"

    view.tab.get_by_role("button", name="中文").click()

    assert view.tab.evaluate("document.documentElement.lang") == "zh-Hans"
    assert view.tab.get_by_role("tab", name="推导").count() == 1
    assert view.tab.locator("#graph .wire.selected").get_attribute("data-edges") == "2"


def test_saving(opened):
    """The drawing is saved as SVG that stands alone, the program as the JSON that it came as."""
    program = vector_example()
    view = opened(program)
    saved = {}
    for kind in ("svg", "png", "json"):
        with view.tab.expect_download() as download:
            view.tab.get_by_role("button", name=f"Save as {kind}").click()
        saved[kind] = download.value.path().read_bytes()

    svg = saved["svg"].decode()
    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert "class=" not in svg
    assert saved["png"].startswith(b"\x89PNG")
    assert json.loads(saved["json"])["title"] == program.title


def test_uses_in_a_large_drawing(opened):
    """Without groups a loop's input is drawn at each of its hundred uses: no lines lead through the whole drawing."""
    program = loop(100)
    program.groups = []
    view = opened(program)

    boxes = view.tab.locator("#graph .item")
    uses = sum(edge.source == 0 for edge in program.edges)
    assert uses == 100
    assert boxes.count() == len(program.nodes) - 1 + uses
