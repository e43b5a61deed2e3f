"""Who is told of what a run does beside computing, in each thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class _Listening(threading.local):
    told: Callable[[str], None] | None = None


_listening = _Listening()


def tell(told: Callable[[str], None] | None) -> Callable[[str], None] | None:
    """Have somebody told, or nobody; answers with who was told before."""
    before = _listening.told
    _listening.told = told
    return before


def affected(what: str) -> None:
    """Tell of an effect, named by a verb: "draws random numbers"."""
    if _listening.told is not None:
        _listening.told(what)
