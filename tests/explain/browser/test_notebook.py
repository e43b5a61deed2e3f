"""What a notebook keeps of an explanation: the page itself, and a picture and a text for where scripts do not run."""

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


def test_converted_notebook(browser, bundle, tmp_path):
    """nbconvert keeps the page in its HTML, where it can be used (B15)."""
    nbformat = pytest.importorskip("nbformat")
    nbconvert = pytest.importorskip("nbconvert")
    output = nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("cr.explain(f, 0.5)", outputs=[output], execution_count=1)
    text, _ = nbconvert.HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    file = tmp_path / "converted.html"
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri(), wait_until="commit")

    tab.wait_for_selector("iframe[srcdoc]", state="attached")
    tab.locator("iframe[srcdoc]").scroll_into_view_if_needed()
    assert works_in(tab)
    context.close()
