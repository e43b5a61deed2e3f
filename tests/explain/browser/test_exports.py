"""What the page saves can be used elsewhere: SVG by other software, LaTeX by KaTeX."""

import io
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.explain.browser.conftest import missing
from tests.explain.browser.programs import product_of_sums, scalar_example, tensor_example, vector_example

TOOLS = Path(__file__).parents[3] / "viewer" / "node_modules"
SVG = "{http://www.w3.org/2000/svg}"
PROGRAMS = [scalar_example, product_of_sums, vector_example, tensor_example]


def saved(view, kind):
    """What a button saves."""
    with view.tab.expect_download() as download:
        view.tab.get_by_role("button", name=f"Save as {kind}").click()
    return download.value.path().read_bytes()


@pytest.mark.parametrize("make", PROGRAMS)
def test_svg_stands_alone_and_looks_the_same(opened, tabs, tmp_path, make):
    """The saved SVG parses, runs nothing, and is drawn pixel by pixel as the image that the page makes itself (B20)."""
    view = opened(make())

    text, image = saved(view, "svg").decode(), Image.open(io.BytesIO(saved(view, "png"))).convert("RGB")

    root = ElementTree.fromstring(text)
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {
        "svg",
        "title",
        "desc",
        "metadata",
        "style",
        "rect",
        "g",
        "path",
        "text",
        "tspan",
        "circle",
        "image",
    }
    for each in root.iter():
        assert not any(name.lower().startswith("on") for name in each.attrib)
        assert all("href" not in name or value.startswith("data:image/png") for name, value in each.attrib.items())
    shown = view.tab.locator("#graph text").all_text_contents()
    drawn = ["".join(each.itertext()) for each in root.iter(SVG + "text")]
    assert sorted(filter(None, shown)) == sorted(filter(None, drawn))

    file = tmp_path / "saved.svg"
    file.write_text(text, encoding="utf-8")
    width, height = int(root.get("width")), int(root.get("height"))
    with tabs.one({"viewport": {"width": 800, "height": 600}, "device_scale_factor": 2}) as tab:
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(file.as_uri())
        again = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    assert again.size == image.size == (2 * width, 2 * height)
    # Where a letter begins, to a fraction of a pixel, is the browser's affair.
    coarse = [np.asarray(each.reduce(4), float) for each in (again, image)]
    assert np.abs(coarse[0] - coarse[1]).max() < 64
    assert np.ptp(coarse[0]) > 100


def test_latex_compiles(opened):
    """The saved LaTeX is what KaTeX accepts in its strict mode (B20)."""
    if shutil.which("node") is None or not (TOOLS / "katex").is_dir():
        missing("saved LaTeX is compiled with Node and the viewer's tools: make viewer")
    formulas = [saved(opened(make()), "tex").decode() for make in PROGRAMS]

    assert all(formula.startswith(r"\begin{aligned}") for formula in formulas)
    found = subprocess.run(
        ["node", str(Path(__file__).parents[1] / "katex.js")],
        input=json.dumps(formulas),
        env={**os.environ, "NODE_PATH": str(TOOLS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == []
