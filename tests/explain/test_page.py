"""A page is one file that needs nothing else, says what its content policy is, and keeps to its size."""

import base64
import hashlib
import json
import re
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.document import read
from chainrule.explain.page import page
from tests.explain.browser.programs import scalar_example, tensor_example

PUBLIC = "http" + "s?://"


def data_of(text):
    """The JSON document in a page."""
    block = re.search(r'<script type="application/octet-stream" id="data">([^<]*)</script>', text)[1]
    return json.loads(zlib.decompress(base64.b64decode(block)))


def test_program_travels_unchanged():
    """What the page was made of can be read back from it."""
    document = data_of(page(tensor_example()))

    back = read(json.dumps(document["program"]))

    assert page(back) == page(tensor_example())


def test_policy_names_the_script_and_the_style():
    """Nothing else than these two may run or be fetched."""
    text = page(scalar_example())

    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]

    assert policy.startswith("default-src 'none'; ")
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        inline = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


def test_nothing_is_fetched():
    """No element of the page refers to another file."""
    text = page(scalar_example())

    assert not re.search(r"<(link|img|script|iframe)[^>]*(src|href)=[\"'](?!data:)", text)
    assert not re.search(rf"(@import|url\(\s*[\"']?{PUBLIC})", text)


def test_title_is_text():
    """A title cannot end the element that it stands in."""
    text = page(scalar_example(), title="</title><script>alert(1)</script>")

    assert "&lt;/title&gt;&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_redacted_page_has_no_source():
    """Neither the lines of the code nor the names of its files are in a redacted page."""
    program = scalar_example()

    document = data_of(page(program, redact_source=True))["program"]

    assert document["sources"] == []
    assert {site["text"] for site in document["sites"]} == {""}
    assert "model.py" not in json.dumps(document)
    assert [site["line"] for site in document["sites"]] == [12, 13, 14]
    assert program.sources, "the program itself is left as it was"


def test_unknown_language():
    with pytest.raises(ValueError, match=r"the page speaks en and zh, not 'tlh'"):
        page(scalar_example(), language="tlh")


def test_size():
    """The bundle takes at most 150 kB, a page of a small program at most 200 kB (B22)."""
    assets = files("chainrule.explain").joinpath("_assets")

    bundle = sum(len(assets.joinpath(name).read_bytes()) for name in ("viewer.js", "viewer.css"))

    assert bundle <= 150_000
    assert len(page(scalar_example()).encode()) <= 200_000


def test_both_languages_say_everything():
    """Every sentence has the same places to fill in, in English and in Chinese."""
    source = (Path(__file__).parents[2] / "viewer" / "src" / "strings.ts").read_text(encoding="utf-8")
    english, chinese = (dict(re.findall(r'^  (\w+): "(.*)",$', part, re.M)) for part in source.split("const chinese"))

    assert english.keys() == chinese.keys()
    for key, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", chinese[key])), key


def test_large_arrays_are_not_in_the_page():
    """Of arrays of a million entries ranges and norms are written down, so that the page is hardly larger."""
    x = np.linspace(1, 2, 1_000_000)
    ex = cr.explain(lambda x: np.sum(x * x - x), x)

    assert len(ex.to_json()) < 20_000
    # The paths to an entry add up to 2 x - 1, and their sizes to 2 x + 1.
    assert ex.cancellation == pytest.approx(3)
