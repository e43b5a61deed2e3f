"""Native code for recorded programs."""

from chainrule.compile.interpreted import Interpreted
from chainrule.compile.native import Native
from chainrule.compile.passes import optimized
from chainrule.compile.passes.bounds import guard_indices
from chainrule.compile.passes.divisors import share_divisors
from chainrule.compile.passes.expansion import expand
from chainrule.compile.program import Executable, Guard, Program


def compiled(program: Program) -> Executable:
    """The program, optimised, in native code."""
    return Native(guard_indices(share_divisors(expand(optimized(program)))))


__all__ = ["Executable", "Guard", "Interpreted", "Native", "Program", "compiled"]
