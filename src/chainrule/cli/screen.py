"""The two streams: results on standard output, everything else on standard error.

Both know whether somebody looks at them; colours are for terminals only, and never with `NO_COLOR` set.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from rich.console import Console

from chainrule.cli.failures import one_line


def results() -> Console:
    """Where results are drawn: standard output. Tables that nobody looks at are as wide as they need to be."""
    console = Console(soft_wrap=False, highlight=False)
    return console if console.is_terminal else Console(width=200, highlight=False)


def remarks() -> Console:
    """Where everything else is drawn: standard error."""
    return Console(stderr=True, highlight=False)


def put(text: str) -> None:
    """Write a result as it is, unwrapped and uncoloured."""
    print(text, file=sys.stdout)


def say(kind: str, text: str, style: str = "yellow") -> None:
    """Write one line to standard error: what kind of line it is, and what it says."""
    console = remarks()
    console.print(kind, style=style, end=": ", markup=False)
    console.print(text, markup=False, soft_wrap=True)


@contextmanager
def running_user_code() -> Iterator[None]:
    """While the user's code runs: what it prints goes to standard error, and warnings take one line each."""

    def tell(message: Any, category: type[Warning], *_: Any, **__: Any) -> None:
        say("warning", f"{category.__name__}: {one_line(message)}")

    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.showwarning = tell
        yield
