"""What a notebook keeps of an explanation: the page itself, and a picture and a text for where scripts do not run."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import chainrule as cr


def f(x):
    y = x * np.exp(x * x)
    return y


@pytest.fixture(scope="module")
def bundle():
    """What a notebook is given to show."""
    return cr.explain(f, 0.5)._repr_mimebundle_()


def works_in(tab):
    """Whether the explanation that a document frames can be used."""
    frame = next(frame for frame in tab.frames if frame != tab.main_frame)
    frame.wait_for_selector("html[data-ready]", timeout=10_000)
    frame.locator("tr[data-path='0']").click()
    return frame.locator("#graph .wire.lit").count() == 1 and frame.evaluate("origin") == "null"


def test_bundle(bundle):
    """Beside the page there are a picture without scripts and the text."""
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert not any(each.tag.endswith("script") for each in ElementTree.fromstring(bundle["image/svg+xml"]).iter())
    assert bundle["text/plain"].startswith("y = x * exp(x * x)")


def test_kinds_that_a_notebook_asks_for():
    """IPython asks for all kinds, or for some, or for all but some; each is text by its media type."""
    ex = cr.explain(f, 0.5)
    asked = ex._repr_mimebundle_

    assert set(asked(include={"text/plain"}, exclude=None)) == {"text/plain"}
    assert set(asked(include=None, exclude={"text/html", "text/latex"})) == {"image/svg+xml", "text/plain"}
    assert asked(include=["application/json"]) == {}
    assert all(type(text) is str for text in asked(include=None, exclude=None).values())


def test_output_of_a_cell(browser, bundle, tmp_path):
    """The HTML, put into a document as notebooks do, is the page, and can be used (B15)."""
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><title>notebook</title><div>{bundle['text/html']}</div>", encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri())

    assert works_in(tab)
    assert not tab.locator("pre").is_visible()
    context.close()


def test_notebook_that_is_not_trusted(browser, bundle, tmp_path):
    """Where frames, styles and scripts are taken out of the HTML, the text is what one sees (B15)."""
    left = re.sub(r"<(style|iframe|script)\b.*?</\1>", "", bundle["text/html"], flags=re.DOTALL)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>notebook</title><div>{left}</div>", encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri())

    assert tab.locator("pre").is_visible()
    assert tab.locator("pre").inner_text().strip() == bundle["text/plain"]
    context.close()


def test_notebook_that_was_saved_and_converted(browser, bundle, tmp_path):
    """A notebook file holds the page as lines of text, from which it is put between tags, and can be used (B15)."""
    data = {kind: text.splitlines(keepends=True) for kind, text in bundle.items()}
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text(json.dumps({"output_type": "execute_result", "data": data}, allow_nan=False), encoding="utf-8")
    saved = json.loads(notebook.read_text(encoding="utf-8"))["data"]
    assert {kind: "".join(lines) for kind, lines in saved.items()} == bundle

    # The tags are those of nbconvert; between them stands what is the richest that it knows, which is HTML.
    file = tmp_path / "converted.html"
    file.write_text(
        f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>notebook</title></head>
        <body class="jp-Notebook" data-jp-theme-light="true"><main><div class="jp-Cell jp-CodeCell jp-Notebook-cell">
        <div class="jp-RenderedHTMLCommon jp-RenderedHTML jp-OutputArea-output jp-OutputArea-executeResult"
        data-mime-type="text/html" tabindex="0">
        {"".join(saved["text/html"])}
        </div></div></main></body></html>""",
        encoding="utf-8",
    )
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri(), wait_until="commit")

    tab.wait_for_selector("iframe[srcdoc]", state="attached")
    tab.locator("iframe[srcdoc]").scroll_into_view_if_needed()
    assert works_in(tab)
    context.close()
