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

from chainrule.numpy.swap.clones import Opened, SwappedCell, contents
from chainrule.numpy.swap.namespaces import NO_NAMES
from chainrule.numpy.swap.run import UNUSUAL, Run

# Who holds an object is known by counting, which CPython can where one thread runs at a time.
_COUNTS = hasattr(sys, "getrefcount") and not sysconfig.get_config_var("Py_GIL_DISABLED")
_count = sys.getrefcount if _COUNTS else lambda _: 0

# How many runs a thread keeps.
MOST_RUNS = 4


def rests(run: Run) -> bool:
    """End a run, ready to begin again, if nothing but plain functions was opened, and nobody holds what it made."""
    all_opened, clones, cells, namespaces = run.opened, run.clones, run.cells, run.namespaces
    if len(all_opened) != len(clones) or run.places:
        return False
    if run.look_alikes or run.statics or run.kinds or run.modules:
        run.forget_objects()
    if len(clones) == 1 and not cells:
        # One function alone, the commonest case, without loops.
        opened = all_opened[0]
        globals_ = opened.globals_
        if (
            opened.is_plain
            and not globals_._passing
            and not globals_._stored
            and _count(opened.clone) == _HELD_BY_RUN
            and _count(globals_) == _HELD_ALONE + 2 * globals_.clones
            and _count(run) == _HELD_BY_CALL + run.globals_made
            and globals_.holds_little()
            and not opened.function.__dict__
        ):
            run.ended = True
            UNUSUAL.pop(run, None)
            opened.function = None
            globals_.real = NO_NAMES
            all_opened.clear()
            clones.clear()
            run.originals.clear()
            namespaces.clear()
            return True
    if cells and _were_rebound(cells):
        return False
    all_globals = list(namespaces.values())
    for globals_ in all_globals:
        # Asked here, where they know nothing to let go of: this is part of the cost of every derivative.
        if (globals_._passing or globals_._stored or not globals_.holds_little()) and not globals_.lets_go():
            return False
    count = _count
    for opened in all_opened:
        if not opened.is_plain and (opened.is_plain is not None or not opened.look(run)):
            return False
        # By cells of clones that enclose it, it is held twice each.
        if count(opened.clone) != _HELD_BY_RUN and count(opened.clone) != _HELD_BY_RUN + 2 * _enclosing(opened, run):
            return False
    for globals_ in all_globals:
        if count(globals_) != _HELD_BY_TABLE + 2 * globals_.clones:
            return False
    if count(run) != _HELD_BY_CALL + run.globals_made:
        return False
    run.ended = True
    UNUSUAL.pop(run, None)
    for opened in all_opened:
        if opened.function.__dict__:
            opened.undress()
        opened.function = None
    for globals_ in all_globals:
        globals_.real = NO_NAMES
    all_opened.clear()
    clones.clear()
    run.originals.clear()
    namespaces.clear()
    if cells:
        for cell in cells.values():
            cell.rest()
        cells.clear()
    return True


def begin_again(run: Run) -> None:
    """Begin another run, after a rest; clones wake when their functions are met."""
    run.ended = False
    UNUSUAL[run] = None


def let_go_of_oldest(runs: dict[int, Run]) -> None:
    """End the run that rests longest."""
    runs.pop(next(iter(runs))).end()


def _were_rebound(cells: dict[int, SwappedCell]) -> bool:
    """Whether code stored to one of the variables."""
    return not all(contents(cell.made) is cell.initial for cell in cells.values())


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
    table = {0: object()}
    listed = list(table.values())
    for each in listed:
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
_HELD_ALONE = _HELD_BY_TABLE - 1
_HELD_BY_CALL = _held_by_call() if _COUNTS else -1
