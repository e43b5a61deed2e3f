"""Write `docs/coverage.md`, the table of what becomes of each public name of NumPy.

python scripts/write_coverage_page.py
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from chainrule.numpy.coverage import MODULES, STATUSES, Support, coverage

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"

INTRODUCTION = """\
# What is supported

What becomes of each public name of NumPy {version} inside a differentiated function. This page is written by
`scripts/write_coverage_page.py` from the table that `chainrule ops` prints; tests compare the table with what runs.

| status | meaning | names |
| --- | --- | --- |
| op | a primitive operation, with a local Jacobian of its own | {op} |
| composite | made of operations, and differentiated through them | {composite} |
| constant | piecewise constant, or not a function of numbers: its derivative is zero by nature | {constant} |
| refused | raises on a value that carries a derivative, for the reason given | {refused} |

What is an op or a composite has derivatives in reverse and in forward mode, of every order, and for a batch (`vmap`),
except where its row says otherwise. *Native* is what `jit` computes, for real numbers in double precision, without
calling NumPy or Python. What is decided at ties, poles and corners stands in [kinks](kinks.md).

`numpy.polynomial` is differentiated whole, without a table: its series and functions are written in Python, and run
over what stands here.
"""


def page() -> str:
    """The text of the page for the NumPy that is installed."""
    table = coverage()
    counts = Counter(support.status for support in table.values())
    parts = [INTRODUCTION.format(version=version(), **{status: counts[status] for status in STATUSES})]
    for module in MODULES:
        prefix = f"{module.__name__}."
        own = {
            name.removeprefix(prefix): support
            for name, support in table.items()
            if name.rpartition(".")[0] == module.__name__
        }
        parts.append(f"## {module.__name__}\n")
        parts.append("\n".join(_differentiated(own)) + "\n")
        parts.append("\n".join(_others(own)) + "\n")
    return "\n".join(parts)


def version() -> str:
    """The release series of the NumPy that is installed, such as 2.4."""
    return ".".join(np.__version__.split(".")[:2])


def _differentiated(own: dict[str, Support]) -> list[str]:
    rows = ["| name | status | native | not in |", "| --- | --- | --- | --- |"]
    for name, support in own.items():
        if support.status in ("op", "composite"):
            lacking = ", ".join(mode for mode in ("reverse", "forward", "vmap") if not getattr(support, mode))
            rows.append(f"| `{name}` | {support.status} | {'yes' if support.native else 'no'} | {lacking} |")
    return rows


def _others(own: dict[str, Support]) -> list[str]:
    """A row for each reason, with the names that it holds for."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for name, support in own.items():
        if support.reason:
            reasons.setdefault((support.status, support.reason), []).append(f"`{name}`")
    rows = ["| status | why | names |", "| --- | --- | --- |"]
    rows += [f"| {status} | {reason} | {', '.join(names)} |" for (status, reason), names in sorted(reasons.items())]
    return rows


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
