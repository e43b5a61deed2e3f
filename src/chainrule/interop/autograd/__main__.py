"""Run a program that imports autograd: `python -m chainrule.interop.autograd program.py arguments`.

Like Python itself it takes a file, `-m module` or `-c code`, and what follows are the program's own arguments.
"""

import os
import runpy
import sys

from chainrule.interop.autograd.importing import install

_USAGE = """usage: python -m chainrule.interop.autograd (program.py | -m module | -c code) [arguments ...]

Runs a Python program in which `import autograd` is served by chainrule."""


def main(arguments: list[str]) -> int:
    """Run what the arguments name; the exit status if nothing could be run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE)
        return 0 if arguments else 2
    install()
    first, *rest = arguments
    if first in ("-m", "-c"):
        if not rest:
            print(f"{_USAGE}\n\n`{first}` needs a {'module' if first == '-m' else 'piece of code'}.", file=sys.stderr)
            return 2
        what, *rest = rest
        sys.path.insert(0, os.getcwd() if first == "-m" else "")
        sys.argv = [first, *rest]
        if first == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
        return 0
    if not os.path.exists(first):
        print(f"python -m chainrule.interop.autograd: there is no file {first}", file=sys.stderr)
        return 2
    sys.argv = [first, *rest]
    if not os.path.isdir(first):
        sys.path.insert(0, os.path.dirname(os.path.abspath(first)))
    # Absolute, as Python itself gives `__file__`: programs that change the folder look beside it.
    runpy.run_path(os.path.abspath(first), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
