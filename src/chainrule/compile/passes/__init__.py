"""The passes of the compiler, each from a program to a program that gives the same results.

In order: forget what memory writes may reuse (`purity`), write constants of equal entries once (`narrowing`), compute
what depends on constants alone (`folding`), merge what is the same (`subexpressions`), apply equations (`rewrites/`,
`simplification`), and drop guards that cannot fail (`guards`). What leads to no result or guard falls away by itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chainrule.compile.passes.folding import fold
from chainrule.compile.passes.guards import drop_idle_guards
from chainrule.compile.passes.narrowing import narrow
from chainrule.compile.passes.purity import pure
from chainrule.compile.passes.simplification import simplify
from chainrule.compile.passes.subexpressions import merge_common_subexpressions
from chainrule.compile.program import Program
from chainrule.graph.verify import verify

Pass = Callable[[Program], Program]

# Narrow before fold, so that what is folded is small; merge before simplify, which looks for equal operands.
PASSES: tuple[Pass, ...] = (pure, narrow, fold, merge_common_subexpressions, simplify, drop_idle_guards)

# One pass may give another something to do, but seldom for long; and compile time is linear in the program.
_ROUNDS = 3

# Tests set this: every program that a pass makes is then verified.
checked = False


def optimized(program: Program) -> Program:
    """The program in a form that takes less to run, with the same results and guards."""
    with _without_collections():
        for _ in range(_ROUNDS):
            before = program
            for apply in PASSES:
                program = apply(program)
                if checked:
                    verify(program.graph)
            if program is before:
                break
    return program


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep the collector of cycles from walking over all nodes again and again: passes make none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
