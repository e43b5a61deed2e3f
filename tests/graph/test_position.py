"""Positions in the user's code, and how messages give them."""

import functools
import linecache
import statistics
import sys

from chainrule.errors import RuleError
from chainrule.graph.position import Position, describe, described_function, here, located


def position_here():
    """A position in this file."""
    frame = sys._getframe()
    return Position(frame.f_code, frame.f_lasti)


class Named:
    """An object that can be called."""

    def __call__(self):
        return None


def test_line():
    """A position gives file, line, function and text of an instruction."""
    position = position_here()

    first = position_here.__code__.co_firstlineno
    assert (position.file, position.line, position.function) == (__file__, first + 3, "position_here")
    assert position.text == "return Position(frame.f_code, frame.f_lasti)"
    assert str(position) == f"{__file__}:{first + 3}"


def test_line_of_the_user_and_not_of_a_library():
    """Asked from within the standard library, the position is the user's line that called it."""
    namespace = {"here": here}
    exec(compile("def ask():\n    return here(1)", statistics.__file__, "exec"), namespace)
    asked_in_the_library = namespace["ask"]

    position = asked_in_the_library()

    assert position.file == __file__
    assert position.text == "position = asked_in_the_library()"


def test_description():
    """A position is shown by its source line and place; what is unknown by nothing."""
    position = position_here()

    assert describe(position) == f"\n  {position.text}\n    {position}, in `position_here`"
    assert describe(None) == ""


def test_long_lines_are_cut():
    """A line of code that is too long for a message is cut."""
    code = compile("x = " + " + ".join(["1"] * 200), "<long>", "exec")
    linecache.cache["<long>"] = (0, None, ["x = " + " + ".join(["1"] * 200) + "\n"], "<long>")

    line = describe(Position(code, 2)).splitlines()[1]
    assert line.endswith(" ...")
    assert len(line) < 120


def test_source_that_is_gone():
    """Code without a file says so."""
    code = compile("x = 1", "<nowhere>", "exec")

    assert "(source not available)" in describe(Position(code, 0))


def test_functions():
    """A function is named with the line where it begins, also behind decorators; a builtin by its name alone."""

    @functools.wraps(position_here)
    def wrapped():
        return position_here()

    place = f"`position_here` ({__file__}:{position_here.__code__.co_firstlineno})"
    assert described_function(position_here) == place
    assert described_function(wrapped) == place
    assert described_function(len) == "`len`"
    assert described_function(Named()) == "`Named`"


def test_located_error():
    """An error gets the line it belongs to once, and keeps its type and cause."""
    position = position_here()
    cause = ValueError("cause")
    error = RuleError("wrong shape")
    error.__cause__ = cause

    once = located(error, position)
    assert type(once) is RuleError
    assert str(once) == f"wrong shape{describe(position)}"
    assert once.__cause__ is cause
    assert located(once, position) is once
    assert located(error, None) is error
