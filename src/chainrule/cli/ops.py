"""`chainrule ops`: what becomes of each public name of NumPy and SciPy inside a differentiated function."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from chainrule.cli.failures import BadInputError
from chainrule.cli.results import as_json
from chainrule.cli.screen import put, results, say
from chainrule.numpy.coverage import STATUSES, Support
from chainrule.scipy.coverage import MODULES, coverage

_STYLES = {"op": "green", "composite": "green", "constant": "dim", "refused": "red"}


def ops(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Part of a name, such as `linalg` or `tanh`.", show_default=False)
    ] = "",
    status: Annotated[
        str | None, typer.Option(metavar="|".join(STATUSES), help="Only names of this status.", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List what is supported: every public name of numpy and its modules, and of some modules of scipy.

    An op has a derivative rule of its own; a composite is differentiated through the ops that it is made of; the
    derivative of a constant is zero by nature; what is refused raises an error on a value that carries a derivative.
    Reverse, forward and vmap say in which ways a name can be used; native, whether compiled code computes it without
    calling NumPy.
    """
    if status is not None and status not in STATUSES:
        raise BadInputError(f"--status {status}: a status is one of {', '.join(STATUSES)}")
    found = {
        full: support
        for full, support in coverage().items()
        if name.lower() in full.lower() and status in (None, support.status)
    }
    if not found:
        of_status = f" with status {status}" if status else ""
        raise BadInputError(f"no public name of {', '.join(MODULES)} contains `{name}`{of_status}")
    if json:
        put(as_json({full: asdict(support) for full, support in found.items()}))
        return
    results().print(_table(found))
    counts = Counter(support.status for support in found.values())
    say("names", ", ".join(f"{counts[each]} {each}" for each in STATUSES if counts[each]), style="dim")


def _table(found: dict[str, Support]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("name", "status", "reverse", "forward", "vmap", "native", "reason"):
        table.add_column(title, no_wrap=title != "reason")
    for full, support in found.items():
        modes = (support.reverse, support.forward, support.vmap, support.native)
        marks = ("yes" if mode else "no" for mode in modes)
        table.add_row(full, support.status, *marks, support.reason, style=_STYLES[support.status])
    return table
