"""Somebody to tell how far the work is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[str], None]


class Watch:
    """Takes no notice; whoever shows progress overrides `stage`."""

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Advance]:
        """A piece of work of at most so many steps.

        Gives a function to call after each step, with a remark on how things stand.
        """
        yield lambda remark: None
