"""The viewer's sources: the bundle is what they build to, they lay out as Python does, and axe is content."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from tests.explain.browser.conftest import VIEWER
from tests.explain.browser.programs import not_finite, scalar_example, tensor_example

GOLDEN = Path(__file__).parents[1] / "golden" / "layout"


def test_bundle_is_fresh(modules, tmp_path):
    """What is committed is, byte for byte, what the sources build to (B22)."""
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=VIEWER, check=True)

    committed = files("chainrule.explain").joinpath("_assets")
    for name in ("viewer.js", "viewer.css"):
        assert (tmp_path / name).read_bytes() == committed.joinpath(name).read_bytes(), f"{name}: run make viewer"


def test_types(modules):
    """The sources are correctly typed."""
    run = subprocess.run(["node", modules / "typescript" / "bin" / "tsc", "--noEmit"], cwd=VIEWER, capture_output=True)

    assert run.returncode == 0, run.stdout.decode()


def numbers_of(value):
    """All numbers of a JSON value, with their places."""
    if isinstance(value, dict):
        return {f".{key}{place}": n for key in value for place, n in numbers_of(value[key]).items()}
    if isinstance(value, list):
        return {f"[{k}]{place}": n for k, each in enumerate(value) for place, n in numbers_of(each).items()}
    return {"": value}


def test_layout_agrees_with_python(modules, tmp_path):
    """The viewer places boxes, lines and labels where chainrule.explain.drawing.layout places them, to 10⁻⁶."""
    outfile = str(tmp_path / "layout.mjs")
    options = json.dumps({"entryPoints": ["src/layout.ts"], "bundle": True, "format": "esm", "outfile": outfile})
    build = f'import {{ build }} from "esbuild"; await build({options});'
    subprocess.run(["node", "--input-type=module", "-e", build], cwd=VIEWER, check=True)
    runner = tmp_path / "run.mjs"
    runner.write_text(
        """import { layout } from "./layout.mjs";
        import { readFileSync } from "node:fs";
        const corners = ({ x, y, width, height }) => [x, y, width, height];
        const plain = (placed) => ({
            width: placed.width,
            height: placed.height,
            layers: placed.layers,
            boxes: placed.boxes.map(corners),
            routes: placed.routes.map(({ points, label }) => ({ points, label: label && corners(label) })),
            inside: placed.boxes.map((_, k) => (placed.inside.has(k) ? plain(placed.inside.get(k)) : null)),
        });
        console.log(JSON.stringify(plain(layout(JSON.parse(readFileSync(process.argv[2], "utf8")).graph))));""",
        encoding="utf-8",
    )
    compared = 0
    for golden in sorted(GOLDEN.glob("*.json")):
        expected = numbers_of(json.loads(golden.read_text(encoding="utf-8"))["layout"])
        found = numbers_of(json.loads(subprocess.check_output(["node", runner, golden])))
        for place, value in expected.items():
            assert found[place] == pytest.approx(value, abs=1e-6), f"{golden.name}: {place}"
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(opened, modules, language, scheme):
    """axe finds nothing serious, on any tab and with an edge, a node and a path chosen (B12)."""
    axe = (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    everything = ("paths", "derivation", "shapes", "health", "cost")
    for make, tabs in ((tensor_example, everything), (scalar_example, ("paths",)), (not_finite, ("health",))):
        view = opened(make(), "sel=e0", language=language, color_scheme=scheme)
        view.tab.evaluate(axe)
        for tab in tabs:
            view.tab.locator(f"#tab-{tab}").click()
            found = view.tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            serious = [
                (each["id"], each["nodes"][0]["html"][:200])
                for each in found["violations"]
                if each["impact"] in ("serious", "critical")
            ]
            assert serious == [], tab


def test_focus_is_visible(opened):
    """What has the focus looks different from what has not."""
    view = opened(scalar_example())
    look = """(each) => [...each.querySelectorAll(".box, .line")].map((part) => {
        const { stroke, strokeWidth } = getComputedStyle(part);
        return stroke + strokeWidth;
    }).join()"""
    for symbol in view.tab.locator("#graph [role='graphics-symbol']").all():
        before = symbol.evaluate(look)
        symbol.focus()
        view.press("Shift+Tab")
        view.press("Tab")
        assert symbol.evaluate(look) != before
