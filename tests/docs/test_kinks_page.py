"""The page about kinks says what the code decides."""

from pathlib import Path

from chainrule.jacobians import kinks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "kinks.md"


def _table(text):
    return [line for line in text.splitlines() if line.startswith("|")]


def test_page_has_the_table_of_the_code():
    """The table of the page is that of the file in which kinks are decided."""
    assert _table(PAGE.read_text(encoding="utf-8")) == _table(kinks.__doc__)
