"""Pages show what the commands print."""

import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "command-line.md"
PAGES = [PAGE, ROOT / "docs" / "explain.md", ROOT / "README.md"]


def _blocks(tag, page=PAGE):
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info == tag]


def _sessions():
    """Give the command lines of the pages that call `chainrule`, each with the output that is shown."""
    for block in (block for page in PAGES for block in _blocks("console", page)):
        for session in block.removeprefix("$ ").split("\n$ "):
            command, _, output = session.partition("\n")
            if command.startswith("chainrule "):
                yield command, output.rstrip("\n")


@pytest.mark.parametrize(("command", "output"), list(_sessions()))
def test_shown_output_is_printed(chainrule, folder, command, output):
    """A command on the page prints what stands below it."""
    (folder / "models.py").write_text(_blocks("python")[0], encoding="utf-8")
    _, *arguments = shlex.split(command)

    finished = chainrule(*arguments)

    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout.rstrip("\n") == output
