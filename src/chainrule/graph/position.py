"""Positions in the user's code: a code object and an instruction offset, turned into a line only when asked."""

from __future__ import annotations

import os.path
import sys
from functools import cache, lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__))) + "/"
_NUMPY = os.path.dirname(np.__file__) + "/"


class Position:
    """An instruction of a code object."""

    __slots__ = ("code", "offset")

    def __init__(self, code: CodeType, offset: int) -> None:
        self.code = code
        self.offset = offset

    def __eq__(self, other: object) -> bool:
        return type(other) is Position and self.code == other.code and self.offset == other.offset

    def __hash__(self) -> int:
        return hash((self.code, self.offset))

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.code.co_filename

    @property
    def function(self) -> str:
        """The name of the function, as a traceback gives it."""
        return self.code.co_qualname

    @property
    def line(self) -> int:
        """The line number, from the instruction's place in the table of lines."""
        return _line(self.code, self.offset)

    @property
    def text(self) -> str:
        """The source line, stripped, or an empty string if it cannot be read."""
        import linecache

        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@lru_cache(maxsize=256)
def _line(code: CodeType, offset: int) -> int:
    # Kept, since a message asks twice, and a warning in a loop as often as it runs.
    for start, end, number in code.co_lines():
        if start <= offset < end and number is not None:
            return number
    return code.co_firstlineno


def user_frame(depth: int = 1) -> FrameType | None:
    """The innermost frame that does not belong to this package or to NumPy's own Python code."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def here(depth: int = 2) -> Position | None:
    """The position in the user's code that is being executed: not in a library that the user called, if possible."""
    innermost = frame = user_frame(depth)
    while frame is not None and (is_installed(frame.f_code.co_filename) or is_internal(frame.f_code.co_filename)):
        frame = frame.f_back
    frame = frame or innermost
    return None if frame is None else Position(frame.f_code, frame.f_lasti)


@cache
def _installed() -> tuple[str, ...]:
    """Where the standard library and packages are installed."""
    import sysconfig

    return tuple({sysconfig.get_path(key) + "/" for key in ("stdlib", "platstdlib", "purelib", "platlib")})


@lru_cache(maxsize=4096)
def is_installed(filename: str) -> bool:
    """Whether a file belongs to the standard library or to an installed package."""
    return filename.startswith(_installed()) or "/site-packages/" in filename or "/dist-packages/" in filename


# The files of frames seen so far, for the hot path: those of this package and of NumPy, and those of users.
INTERNAL: set[str] = set()
EXTERNAL: set[str] = set()


def is_internal(filename: str) -> bool:
    """Whether a file is part of this package or of NumPy, and so never the user's line."""
    if filename in INTERNAL:
        return True
    if filename in EXTERNAL:
        return False
    internal = filename.startswith((_PACKAGE, _NUMPY, "<frozen", "<__array_function__"))
    (INTERNAL if internal else EXTERNAL).add(filename)
    return internal


def position_of(frame: FrameType | None) -> tuple[CodeType | None, int]:
    """The code object and instruction offset of the innermost frame, from this one outwards, that is the user's."""
    while frame is not None:
        code = frame.f_code
        filename = code.co_filename
        # Most frames on the way are internal, and known to be.
        if filename not in INTERNAL and (filename in EXTERNAL or not is_internal(filename)):
            return code, frame.f_lasti
        frame = frame.f_back
    return None, -1


# The characters of a source line that a message shows.
_LONGEST = 110


def describe(position: Position | None) -> str:
    """The source line and its place, indented for an error message; empty if nothing is known.

    >>> describe(None)
    ''
    """
    if position is None:
        return ""
    text = position.text or "(source not available)"
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 4] + " ..."
    return f"\n  {text}\n    {position}, in `{position.function}`"


def described_function(function: Any) -> str:
    """A function as messages name it: its name, and where it begins if that is known."""
    import inspect

    function = inspect.unwrap(function)
    name = getattr(function, "__name__", None) or type(function).__name__
    code = getattr(function, "__code__", None)
    return f"`{name}`" if code is None else f"`{name}` ({code.co_filename}:{code.co_firstlineno})"


def errors_of_rules() -> tuple[type[Exception], ...]:
    """What a rule may raise that does not know where its operation stands."""
    from chainrule.errors import DTypeError, NoRuleError, RuleError, ShapeError

    return DTypeError, NoRuleError, RuleError, ShapeError


def located(error: Any, position: Position | None) -> Any:
    """An error that says, too, which line of the user it belongs to, if its message does not yet."""
    if position is None or str(position) in str(error):
        return error
    made = type(error)(f"{error}{describe(position)}")
    made.__cause__ = error.__cause__
    return made
