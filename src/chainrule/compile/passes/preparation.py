"""A recorded program in the form that native code is made of."""

from __future__ import annotations

from chainrule.compile.passes import optimized
from chainrule.compile.passes.bounds import guard_indices
from chainrule.compile.passes.divisors import share_divisors
from chainrule.compile.passes.expansion import expand
from chainrule.compile.program import Program


def prepared(program: Program) -> Program:
    """The program, optimised, and then what only native code has use for."""
    return guard_indices(share_divisors(expand(optimized(program))))
