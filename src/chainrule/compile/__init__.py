"""Native code for recorded programs."""

from chainrule.compile.interpreted import Interpreted
from chainrule.compile.program import Executable, Guard, Program

__all__ = ["Executable", "Guard", "Interpreted", "Program", "compiled"]


def compiled(program: Program) -> Executable:
    """A recorded program in native code."""
    # Here and elsewhere LLVM is imported when it is first needed: a program that compiles nothing need not wait for it.
    from chainrule.compile.native import Native

    return Native(program)
