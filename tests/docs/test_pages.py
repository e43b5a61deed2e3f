"""Every example on a page runs.

The pages are the Markdown files at the root and in `docs/`. On a page, blocks tagged `python` run, and blocks tagged
`pycon` hold `>>>` prompts with the output that must appear; all blocks of a page share their names, top to bottom.
Decisions may also show code that is only read, tagged `python no-run`.
"""

import doctest
import re
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

# Other words for the two tags would let a block pass by without being run.
OTHER_WORDS = {"py", "py3", "python3", "ipython", "pycon3", "python-repl", "doctest"}

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A block of code on a page."""

    page: Path
    line: int  # of the first line of code, from 1
    tag: str  # all that follows the opening fence
    code: str

    @property
    def place(self):
        """The page and the line, as tracebacks give them."""
        return f"{self.page}:{self.line}"


def _blocks(page):
    """Give the blocks of code of a page, in their order."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            yield Block(page, token.map[0] + 2, " ".join(token.info.split()), token.content)
        elif token.type == "code_block":
            yield Block(page, token.map[0] + 1, "", token.content)


def _links(page):
    """Give the targets of the links and pictures of a page that lead to files of the project, without `#section`."""
    inline = [child for token in MarkdownIt().parse(page.read_text(encoding="utf-8")) for child in token.children or ()]
    for token in inline:
        target = token.attrGet("href") or token.attrGet("src")
        if target and not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def _check_tag(block, *, may_be_read_only):
    """Fail if the tag of a block would keep code from being run."""
    language = block.tag.partition(" ")[0].lower()
    if block.tag == "python no-run":
        assert may_be_read_only, f"{block.place}: only decisions may have code that is not run"
    elif language in {"python", "pycon"}:
        assert block.tag in {"python", "pycon"}, f"{block.place}: unknown tag {block.tag!r}"
    else:
        assert language not in OTHER_WORDS, f"{block.place}: tag it `python` or `pycon`, not {block.tag!r}"
        assert not re.search(r"^\s*>>> ", block.code, re.MULTILINE), f"{block.place}: tag a block with prompts `pycon`"


def _run(block, names):
    """Run one block in `names`; tracebacks show the page and its lines."""
    if block.tag == "python":
        # The empty lines bring the code to the line on which it stands, so errors and source positions name the page.
        exec(compile("\n" * (block.line - 1) + block.code, str(block.page), "exec"), names)
    elif block.tag == "pycon":
        page = block.page
        assert ">>> " in block.code, f"{block.place}: a `pycon` block needs prompts"
        # Each block has a name of its own, by which tracebacks find the code of functions from other blocks.
        name = f"{page.name}:{block.line}"
        example = doctest.DocTestParser().get_doctest(block.code, names, name, str(page), block.line - 1)
        example.globs = names  # get_doctest made a copy, and later blocks use what this one defines
        report = []
        results = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(
            example, out=report.append, clear_globs=False
        )
        assert results.failed == 0, "".join(report)


def _run_page(page, monkeypatch, *, may_be_read_only=False):
    """Run all blocks of a page, in a module of their own so that classes defined there can be looked up."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for block in _blocks(page):
        _check_tag(block, may_be_read_only=may_be_read_only)
        _run(block, module.__dict__)


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_page_runs(page, monkeypatch, tmp_path):
    """Every block of the page runs and prints what the page says."""
    monkeypatch.chdir(tmp_path)

    _run_page(page, monkeypatch, may_be_read_only=page.is_relative_to(DECISIONS))


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_of_page_lead_somewhere(page):
    """Every link of the page to a file of the project leads to a file that exists."""
    assert [target for target in _links(page) if not (page.parent / target).exists()] == []


def test_every_decision_is_dated_and_listed():
    """A decision's name begins with its date, it has the three sections, and the list of decisions links to it."""
    pages = {page.name for page in DECISIONS.glob("*.md")} - {"README.md"}

    assert pages <= set(_links(DECISIONS / "README.md"))
    for name in pages:
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d-[a-z0-9-]+\.md", name)
        lines = (DECISIONS / name).read_text(encoding="utf-8").splitlines()
        assert {"## Context", "## Decision", "## Consequences"} <= set(lines)


@pytest.fixture
def run_text(tmp_path, monkeypatch):
    """Run a page that has the given text."""

    def run(text, **options):
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        _run_page(page, monkeypatch, **options)

    return run


def test_blocks_share_names(run_text):
    """A name that one block of a page defines is there in the next, whichever of the two kinds they are."""
    run_text("```python\nx = 2\n```\n\n```pycon\n>>> y = x + 1\n>>> y\n3\n```\n\n```python\nassert y == 3\n```\n")


def test_output_that_differs_fails(run_text):
    """A `pycon` block whose output is not what the page says fails and shows both."""
    with pytest.raises(AssertionError, match=r"Expected:\n\s*3\n\s*Got:\n\s*2"):
        run_text("```pycon\n>>> 1 + 1\n3\n```\n")


def test_error_names_line_of_page(run_text):
    """An error in a block is reported at the line of the page on which the code stands."""
    with pytest.raises(ZeroDivisionError) as caught:
        run_text("# Title\n\n```python\nx = 0\n1 / x\n```\n")

    last = caught.traceback[-1]
    assert (last.path.name, last.lineno + 1) == ("page.md", 5)


def test_block_in_list_runs(run_text):
    """A block that is indented under a list item runs like any other."""
    with pytest.raises(ZeroDivisionError):
        run_text("* item\n\n  ```python\n  1 / 0\n  ```\n")


@pytest.mark.parametrize(
    "text",
    [
        "```python no-run\n1 / 0\n```\n",
        "```python skip\n1 / 0\n```\n",
        "```Python\n1 / 0\n```\n",
        "```py\n1 / 0\n```\n",
        "```pycon\n1 / 0\n```\n",
        "```text\n>>> 1 / 0\n```\n",
        "    >>> 1 / 0\n",
    ],
)
def test_block_that_would_not_run_is_rejected(run_text, text):
    """No tag and no indentation lets code on an ordinary page pass by unrun."""
    with pytest.raises(AssertionError, match=r"page\.md:\d"):
        run_text(text)


def test_decision_may_show_code_that_is_only_read(run_text):
    """In a decision, `python no-run` code is not run."""
    run_text("```python no-run\n1 / 0\n```\n", may_be_read_only=True)
