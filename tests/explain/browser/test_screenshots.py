"""What pages look like: pictures of the gallery's pages beside stored ones, which were looked at when they were stored.

A picture that changed on purpose is written anew by `pytest --update-golden`, and then looked at. Text is set in fonts
that Matplotlib brings along, whatever the machine has, so that it takes the same room everywhere; how its edges are
smoothed may differ between browsers, so pictures are compared by the mean colours of small squares.
"""

import base64
import io
import json
import runpy
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

import chainrule as cr
from chainrule.explain.page import page

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[3]

# The side of a square, how much its mean colour may differ, of 255, and how many squares may differ by more.
SIDE = 8
SHADE = 24
MOST = 12

# By what the page asks for first, the font that it gets, and the files of that font by their style.
FONTS = {
    "system-ui": ("PinnedSans", {"normal": "DejaVuSans"}),
    "ui-monospace": ("PinnedMono", {"normal": "DejaVuSansMono"}),
    "STIX Two Text": ("PinnedSerif", {"normal": "DejaVuSerif", "italic": "DejaVuSerif-Italic"}),
    "STIX Two Math": ("Chainrule Math", {}),
}

# By name: the program, the window, the scheme, and what is shown of the page.
PICTURES = {
    "step": ("shared_input", (1440, 900), "light", "step=4"),
    "flattened": ("matrix_product", (1440, 900), "dark", "tab=shapes&sel=e0"),
    "not_finite": ("nan_hunt", (820, 1180), "light", "tab=health"),
    "narrow": ("squared_length", (390, 844), "dark", "paths=0"),
    "groups": ("differential_equation", (1440, 900), "light", "open=0.1.2.3&view=20,60,0.8"),
}


@cache
def fonts():
    """A script that gives a document the fonts before anything is measured."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = [
        (family, base64.b64encode((folder / f"{file}.ttf").read_bytes()).decode(), style)
        for family, styles in FONTS.values()
        for style, file in styles.items()
    ]
    return f"""for (const [family, data, style] of {json.dumps(faces)}) {{
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        document.fonts.add(new FontFace(family, bytes, {{ style }}));
    }}"""


def with_fonts(text):
    """A page that asks for the fonts of the test first."""
    for wanted, (family, _) in FONTS.items():
        assert wanted in text
        text = text.replace(wanted, family)
    return text


@pytest.fixture
def opened_page(browser, tmp_path, monkeypatch):
    """Opens a page of the gallery, with the fonts of the test."""
    # So that the names of files on the page are the same wherever the project lies.
    monkeypatch.chdir(ROOT)
    contexts = []

    def opened(program, window, scheme, fragment):
        names = runpy.run_path(f"docs/gallery/{program}.py")
        with np.errstate(all="ignore"):
            explained = cr.explain(names["FUNCTION"], *names["POINT"], argnums=names["ARGNUMS"])
        file = tmp_path / f"{program}.html"
        file.write_text(with_fonts(page(explained.program)), encoding="utf-8")
        # The content policy knows the page's own style and script, not those with other fonts.
        settings = {"color_scheme": scheme, "reduced_motion": "reduce", "offline": True, "bypass_csp": True}
        context = browser.new_context(viewport=dict(zip(("width", "height"), window, strict=True)), **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.add_init_script(fonts())
        tab.goto(f"{file.as_uri()}#{fragment}")
        tab.wait_for_selector("html[data-ready]")
        tab.evaluate("document.fonts.ready.then(() => true)")
        # The only letters that these fonts do not have.
        tab.get_by_role("button", name="中文").evaluate("(button) => { button.textContent = 'zh'; }")
        return tab

    yield opened
    for context in contexts:
        context.close()


def taken(tab):
    """The picture of what is in the window."""
    return Image.open(io.BytesIO(tab.screenshot())).convert("RGB")


def squares(image):
    """The mean colours of the squares that a picture is made of, without what is left over at its right and below."""
    pixels = np.asarray(image, float)
    high, wide = (length // SIDE for length in pixels.shape[:2])
    return pixels[: high * SIDE, : wide * SIDE].reshape(high, SIDE, wide, SIDE, 3).mean(axis=(1, 3))


def different(one, other):
    """Which squares of two pictures differ."""
    return np.abs(squares(one) - squares(other)).max(axis=-1) > SHADE


@pytest.mark.parametrize("name", PICTURES)
def test_pages_look_as_before(opened_page, request, tmp_path, name):
    """The picture of the page is the stored one, apart from how the browser smooths edges (B21)."""
    now = taken(opened_page(*PICTURES[name]))
    file = GOLDEN / f"{name}.png"
    if request.config.getoption("--update-golden"):
        GOLDEN.mkdir(exist_ok=True)
        now.quantize(64, dither=Image.Dither.NONE).save(file, optimize=True)
    stored = Image.open(file).convert("RGB")
    seen = tmp_path / f"{name}.png"
    now.save(seen)
    advice = f"compare {seen} with {file}; if this is meant: pytest --update-golden {request.path}"

    assert now.size == stored.size, advice
    count = int(different(now, stored).sum())
    assert count <= MOST, f"{count} squares differ: {advice}"


def test_changes_are_noticed(opened_page):
    """The measure of the test above sees missing badges and labels, a box that moved, and another colour."""
    tab = opened_page(*PICTURES["step"])
    before = taken(tab)
    for selector, name, value in (
        (".badge:has(rect)", "display", "none"),
        (".wire .label", "display", "none"),
        (".item.result", "translate", "0 8px"),
        (".item.active .box", "stroke", "green"),
    ):
        style = f"(each) => each.forEach((one) => one.style.setProperty('{name}', '{{}}'))"
        tab.locator(selector).evaluate_all(style.format(value))
        assert different(taken(tab), before).sum() > MOST, selector
        tab.locator(selector).evaluate_all(style.format(""))
    assert different(taken(tab), before).sum() == 0
