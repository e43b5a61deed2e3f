"""What goes wrong with what a user named, told in one line that points at the user's own code."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import NoReturn

from chainrule.errors import Error
from chainrule.numpy.swap import is_user_file

# The source line and its place in a message of the library. They are looked for in the code that called it, which here
# is the command line; the traceback knows the user's line.
_PLACE = re.compile(r"\n  [^\n]*\n    [^\n]*:\d+, in `[^`\n]*`")


class BadInputError(Exception):
    """What the command line names cannot be used; the message is the one line that the user reads."""


def one_line(message: object) -> str:
    r"""A message of any length as one line, without the places that it names.

    >>> one_line("the first line\n  and the second")
    'the first line and the second'
    """
    return " ".join(without_place(message).split())


def without_place(message: object) -> str:
    """A message of the library without the source line that it found, and where that is."""
    return _PLACE.sub("", str(message))


def said(error: BaseException) -> str:
    """What an error says, with its kind unless it is one of the library's own."""
    kind = "" if isinstance(error, Error) else type(error).__name__
    return ": ".join(part for part in (kind, one_line(error)) if part)


def place_in_user_code(error: BaseException) -> str | None:
    """The innermost line of the user's that an error came through, as `file:line`; None if there is none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{shown(error.filename)}:{error.lineno}"
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        if not filename.startswith("<") and is_user_file(filename, frame.f_globals.get("__name__") or ""):
            return f"{shown(filename)}:{line}"
    return None


def shown(filename: str | Path) -> str:
    """A path as the user would type it: relative if it lies below the current folder."""
    path = Path(filename)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def blame_user_code(error: BaseException) -> NoReturn:
    """Raise the one line that tells of an error in, or because of, the user's code."""
    if isinstance(error, SyntaxError):
        message = f"SyntaxError: {error.msg}"
    elif isinstance(error, SystemExit):
        message = f"the code left Python with `sys.exit({error.code!r})`"
    else:
        message = said(error)
    place = place_in_user_code(error)
    raise BadInputError(f"{place}: {message}" if place else message) from error
