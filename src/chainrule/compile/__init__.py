"""Native code for recorded programs."""

from chainrule.compile.interpreted import Interpreted
from chainrule.compile.program import Executable, Guard, Program


def compiled(program: Program) -> Executable:
    """The program, made ready to be run."""
    return Interpreted(program)


__all__ = ["Executable", "Guard", "Interpreted", "Program", "compiled"]
