"""Runs that left nothing behind, at rest until the next derivative of the same function.

To make a run, clones and their globals costs as much as several operations, and most derivatives are taken of the same
few functions again and again. So each thread keeps its last runs, if nothing was opened in them but functions, these
are plain ones (`Opened.may_rest`), nothing was stored outside, and nobody else holds a clone, its globals or the run.
While a run rests it holds neither the functions nor anything of their modules and variables.
"""

from __future__ import annotations

import sys
import sysconfig
from typing import Any

from chainrule.numpy.swap.clones import Opened, contents
from chainrule.numpy.swap.run import Run

# Who holds an object is known by counting, which CPython can where one thread runs at a time.
_COUNTS = hasattr(sys, "getrefcount") and not sysconfig.get_config_var("Py_GIL_DISABLED")
_count = sys.getrefcount if _COUNTS else lambda _: 0

# How many runs a thread keeps.
MOST_RUNS = 4


def left_nothing(run: Run) -> bool:
    """Whether nothing but plain functions was opened, and nobody but the run holds what it made."""
    cells, all_opened = run.cells, run.opened
    if len(all_opened) != len(run.clones) or run.places:
        return False
    if run.look_alikes or run.statics or run.kinds or run.modules:
        run.forget_objects()
    for cell in cells.values():
        if contents(cell.made) is not cell.initial:
            return False
    count = _count
    for globals_ in run.namespaces.values():
        if not globals_.lets_go():
            return False
    for opened in all_opened:
        if not opened.is_plain and (opened.is_plain is not None or not opened.look(run)):
            return False
        # By cells of clones that enclose it, it is held twice each.
        if count(opened.clone) != _HELD_BY_RUN and count(opened.clone) != _HELD_BY_RUN + 2 * _enclosing(opened, run):
            return False
    for globals_ in run.namespaces.values():
        if count(globals_) != _HELD_BY_TABLE + 2 * globals_.clones:
            return False
    return count(run) == _HELD_BY_CALL + run.globals_made


def _enclosing(opened: Opened, run: Run) -> int:
    """How many cells hold a clone."""
    return [cell.initial for cell in run.cells.values()].count(opened.clone)


class _Slot:
    """Something that holds one thing, as `Opened` holds a clone."""

    __slots__ = ("clone",)

    def __init__(self) -> None:
        self.clone = object()


def _held_by_slot() -> int:
    each = _Slot()
    return sys.getrefcount(each.clone)


def _held_by_table() -> int:
    for each in {0: object()}.values():
        return sys.getrefcount(each)
    raise AssertionError


def _held_by_call() -> int:
    class Holder:
        """Holds a run as a thread does."""

        run = Run()

    def looked_at(run: Any) -> int:
        return sys.getrefcount(run)

    run = Holder.run
    try:
        return looked_at(run)
    finally:
        run.end()


# What `getrefcount` says of a clone that nobody holds but its run, in a slot and two tables; of globals that a table
# holds; and of a run that the call holds.
_HELD_BY_RUN = _held_by_slot() + 2 if _COUNTS else -1
_HELD_BY_TABLE = _held_by_table() if _COUNTS else -1
_HELD_BY_CALL = _held_by_call() if _COUNTS else -1
