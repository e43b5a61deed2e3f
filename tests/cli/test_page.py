"""The page about the command line shows what the commands print."""

import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


def _blocks(tag):
    tokens = MarkdownIt().parse(PAGE.read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info == tag]


def _sessions():
    """Give the command lines of the page, each with the output that it shows."""
    for block in _blocks("console"):
        for session in block.removeprefix("$ ").split("\n$ "):
            command, _, output = session.partition("\n")
            yield command, output.rstrip("\n")


@pytest.mark.parametrize(("command", "output"), list(_sessions()))
def test_shown_output_is_printed(chainrule, folder, command, output):
    """A command on the page prints what stands below it."""
    (folder / "models.py").write_text(_blocks("python")[0], encoding="utf-8")
    program, *arguments = shlex.split(command)

    finished = chainrule(*arguments)

    assert program == "chainrule"
    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout.rstrip("\n") == output
