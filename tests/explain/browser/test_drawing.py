"""What is drawn can be read: nothing lies on anything else, for all programs, widths, languages and names."""

import random

import pytest

from chainrule.explain.program import Group
from tests.explain.drawn import HOSTILE, by_chance, corpus

# Thirty of up to forty values; more are laid out by the tests of the layout.
CORPUS = {name: program for name, program in corpus().items() if len(program.nodes) <= 40}
CORPUS |= {f"numbers {n}": by_chance(n, n) for n in (4, 6, 7, 9, 10, 11, 14, 17, 24, 30)}

# Boxes, labels and badges that lie on each other, and texts that are wider than what they stand in, in units of the
# drawing. A badge is part of its box; an open group's frame is around what is in it.
COLLISIONS = """() => {
    const scale = new DOMMatrix(getComputedStyle(document.querySelector("#graph .world")).transform).a;
    const rectangle = (each) => each.getBoundingClientRect();
    const solids = [];
    const found = [];
    for (const item of document.querySelectorAll("#graph .item")) {
        const parts = [item.querySelector(".box:not(.behind)"), item.querySelector(".badge rect")].filter(Boolean);
        for (const part of parts) solids.push({ of: item.dataset.key, at: rectangle(part) });
        const box = rectangle(parts[0]);
        for (const text of item.querySelectorAll("g > text:not(.mark)")) {
            const frame = text.closest(".badge") ? rectangle(parts[1]) : box;
            const { left, right } = rectangle(text);
            const fits = left >= frame.left - scale && right <= frame.right + scale;
            if (!fits) found.push(`${item.dataset.key}: ${text.textContent}`);
        }
    }
    for (const label of document.querySelectorAll("#graph .wire .label")) {
        if (!label.firstElementChild) continue;
        const of = label.closest(".wire").dataset.key;
        const frame = rectangle(label.firstElementChild);
        const { left, right } = rectangle(label.querySelector("text"));
        if (left < frame.left - scale || right > frame.right + scale) found.push(`${of}: ${label.textContent}`);
        solids.push({ of, at: frame });
    }
    solids.sort((a, b) => a.at.left - b.at.left);
    solids.forEach((one, k) => {
        for (let n = k + 1; n < solids.length && solids[n].at.left < one.at.right; n++) {
            const other = solids[n];
            const across = Math.min(one.at.right, other.at.right) - other.at.left;
            const down = Math.min(one.at.bottom, other.at.bottom) - Math.max(one.at.top, other.at.top);
            if (one.of !== other.of && Math.min(across, down) > 0.5 * scale) found.push(`${one.of} on ${other.of}`);
        }
    });
    return { solids: solids.length, found: found.slice(0, 5) };
}"""

# The parts of the page, of which none may lie on another; the stepper may stay at the edge of the window.
PARTS = """() => {
    const fixed = getComputedStyle(document.querySelector(".stepper")).position !== "static";
    const all = [...document.querySelectorAll(fixed ? "header, main > *" : "header, main > *, .stepper")];
    const parts = all.map((each) => [each.className || each.tagName, each.getBoundingClientRect()]);
    return parts.flatMap(([a, one], k) => parts.slice(k + 1).flatMap(([b, other]) => {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        return Math.min(across, down) > 1 ? [`${a} on ${b}`] : [];
    }));
}"""


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_overlaps(opened, name):
    """No box, label or badge lies on another, at three widths and in two languages (B11)."""
    assert len(CORPUS) >= 30
    view = opened(CORPUS[name])
    for language in ("en", "zh"):
        if language == "zh":
            view.tab.get_by_role("button", name="中文").click()
        for width in (1440, 820, 390):
            view.tab.set_viewport_size({"width": width, "height": 900})
            drawn = view.tab.evaluate(COLLISIONS)
            assert drawn["solids"] > 1
            assert drawn["found"] == [], (language, width)
            assert view.tab.evaluate(PARTS) == [], (language, width)
    assert view.errors == []


def test_collision_is_found(opened):
    """The measure of the test above sees a label that was moved onto a box."""
    view = opened(CORPUS["scalar"])
    assert view.tab.evaluate(COLLISIONS)["found"] == []

    view.tab.evaluate(
        """() => {
            const box = document.querySelector("#graph .item .box").getBoundingClientRect();
            const label = [...document.querySelectorAll("#graph .wire .label")].find((each) => each.firstElementChild);
            const { left, top } = label.firstElementChild.getBoundingClientRect();
            const scale = new DOMMatrix(getComputedStyle(document.querySelector("#graph .world")).transform).a;
            label.setAttribute("transform", `translate(${(box.left - left) / scale} ${(box.top - top) / scale})`);
        }"""
    )

    assert len(view.tab.evaluate(COLLISIONS)["found"]) == 1


def in_groups(seed, scattered):
    """A random program whose steps are in groups of three, two of which are in one; `scattered` ones by chance."""
    chance = random.Random(seed)
    program = by_chance(seed, 20)
    steps = [k for k in range(len(program.nodes)) if k not in program.inputs]
    if scattered:
        chance.shuffle(steps)
    few = [tuple(sorted(steps[k : k + 3])) for k in range(0, 12, 3)]
    program.groups = [Group("call", f"group {k}", 4 if k < 2 else None, nodes, ()) for k, nodes in enumerate(few)]
    program.groups.append(Group("loop", "both", None, (), (0, 1)))
    return program


# By the title of a frame its rectangle; of each box its node, the edge if it is a use of an input, and its rectangle.
FRAMES = """() => {
    const rectangle = (each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [left, right, top, bottom];
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        frames: Object.fromEntries(
            all("#graph .hull").map((each) => [each.textContent.slice(2), rectangle(each.querySelector(".around"))]),
        ),
        boxes: all("#graph .item").map((each) => [
            Number(each.dataset.nodes),
            each.dataset.edges ? Number(each.dataset.edges.split(" ")[0]) : null,
            rectangle(each.querySelector(".box")),
        ]),
    };
}"""


@pytest.mark.parametrize("seed", range(3))
def test_frames_hold_what_is_in_their_groups(opened, seed):
    """A frame is round the boxes of its group and no others; a group that is left and entered again has none."""
    for scattered in (False, True):
        program = in_groups(seed, scattered)
        view = opened(program, "open=0.1.2.3.4")
        drawn = view.tab.evaluate(FRAMES)
        members = {group.title: set(group.nodes) for group in program.groups}
        members["both"] = members["group 0"] | members["group 1"]
        assert len(drawn["frames"]) == len(members) or scattered
        assert len(drawn["boxes"]) >= len(program.nodes)
        for title, (left, right, top, bottom) in drawn["frames"].items():
            for node, edge, box in drawn["boxes"]:
                # The use of an input is drawn where it is used.
                owner = node if edge is None else program.edges[edge].target
                inside = left < box[0] and box[1] < right and top < box[2] and box[3] < bottom
                outside = box[1] < left or right < box[0] or box[3] < top or bottom < box[2]
                assert inside if owner in members[title] else outside, (title, node)
        assert view.tab.evaluate(COLLISIONS)["found"] == []
        assert view.errors == []


def test_overview(opened):
    """Of a drawing that is larger than its frame one sees what part is shown, and a press shows another part."""
    view = opened(CORPUS["numbers 34"])
    overview = view.tab.locator(".overview")
    seen = overview.locator(".seen")
    before = seen.bounding_box()
    whole = overview.bounding_box()
    assert 0 < before["width"] < whole["width"] / 2

    view.tab.mouse.click(whole["x"] + 2, whole["y"] + whole["height"] / 2)
    assert seen.bounding_box()["x"] < before["x"]
    left = view.tab.locator("#graph .item").evaluate_all(
        "(items) => Math.min(...items.map((each) => each.getBoundingClientRect().left))"
    )
    graph = view.tab.locator("#graph").bounding_box()
    assert graph["x"] < left < graph["x"] + graph["width"]

    view.press("0")
    assert not overview.is_visible()


def test_hostile_names(opened):
    """Names are text: markup in them is shown and not read, whatever they contain or how long they are (B16)."""
    view = opened(CORPUS["hostile"])
    view.tab.on("dialog", lambda dialog: pytest.fail("a name was run"))
    markup = (
        "() => [document.scripts.length, document.querySelectorAll('img, iframe, object, [onerror], [onload]').length]"
    )
    assert view.tab.evaluate(markup) == [2, 0]

    for symbol in view.tab.locator("#graph [role='graphics-symbol']").all():
        symbol.focus()
        view.press("Enter")
    for tab in ("paths", "derivation", "shapes", "health", "cost"):
        view.tab.locator(f"#tab-{tab}").click()
    for _ in range(4):
        view.press("ArrowLeft")
    view.press("/")
    view.tab.keyboard.type("script")
    view.press("Escape")

    names = " ".join(view.items())
    assert "</script>" in names
    assert "速度" in names
    assert view.tab.evaluate(markup) == [2, 0]
    assert view.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [url for url in view.requests if not url.startswith("data:")] == [view.address]
    assert view.errors == []


@pytest.mark.parametrize("name", [HOSTILE[0], HOSTILE[1], HOSTILE[4]], ids=["markup", "right to left", "long"])
def test_hostile_source(opened, name):
    """The same holds for the title, the source code, the file and the function that an explanation is of."""
    from dataclasses import replace

    from tests.explain.browser.programs import not_finite

    program = not_finite()
    program.title = program.function = name
    program.sites = [replace(site, file=name, function=name, text=name) for site in program.sites]
    program.sources = [replace(source, file=name, lines=(name,) * len(source.lines)) for source in program.sources]
    program.findings = [replace(finding, message=name, advice=name) for finding in program.findings]

    view = opened(program, "tab=health")
    for tab in ("cost", "health"):
        view.tab.locator(f"#tab-{tab}").click()

    assert view.tab.locator("#panel-health li.finding").first.inner_text()
    assert view.tab.evaluate("document.querySelectorAll('img, [onerror]').length") == 0
    assert view.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert view.errors == []
