"""Native code for recorded programs."""

from chainrule.compile.interpreted import Interpreted
from chainrule.compile.program import Executable, Guard, Program

__all__ = ["Executable", "Guard", "Interpreted", "Program"]
