"""The command line: `chainrule grad`, `check`, `explain`, `ops` and `demo`.

The result goes to standard output, everything else to standard error. The exit status is 0 if all is well, 1 if
something was found, 2 if the command line or what it names cannot be used; that is said in one line.
"""

from chainrule.cli.application import main

__all__ = ["main"]
