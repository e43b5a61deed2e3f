"""Native code for recorded programs."""

from chainrule.compile.interpreted import Interpreted
from chainrule.compile.native import Native
from chainrule.compile.program import Executable, Guard, Program

__all__ = ["Executable", "Guard", "Interpreted", "Native", "Program", "compiled"]


def compiled(program: Program) -> Executable:
    """A recorded program in native code."""
    return Native(program)
