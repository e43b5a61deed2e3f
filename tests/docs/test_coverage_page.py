"""The page about what is supported says what the table says."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "write_coverage_page.py"))
TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


@pytest.mark.skipif(f"NumPy {SCRIPT['version']()} " not in TEXT, reason="the page is about another version of NumPy")
def test_page_is_up_to_date():
    """`python scripts/write_coverage_page.py` would write the page that is there."""
    assert SCRIPT["page"]() == TEXT
