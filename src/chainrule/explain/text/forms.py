"""An explanation as text: what a terminal shows."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.explain.program import Program
from chainrule.explain.text.arrays import array_lines
from chainrule.explain.text.findings import finding_lines
from chainrule.explain.text.flattening import flattened_lines, flattened_program
from chainrule.explain.text.scalars import is_of_single_numbers, number_lines
from chainrule.explain.words.notation import ascii_form


def text(program: Program, *, width: int = 100, ascii: bool = False) -> str:
    """A program as text: its steps with their values, their local derivatives, the gradient, and the paths.

    Programs of single numbers show every local derivative as a number; programs of arrays show shapes and structures.
    A product of matrices whose result is only weighted and summed is shown flattened, as `edge_text` does.

    Parameters
    ----------
    program
        What to show.
    width
        The columns there are. 80 are enough: gaps shrink, then long expressions are cut.
    ascii
        Whether to do with ASCII characters: `dy/dx_1` and `->`. Names that are not ASCII are escaped.

    Returns
    -------
    str
        Lines without trailing spaces, and no newline at the end.
    """
    say = _saying(ascii)
    if program.result is None:
        lines = array_lines(program, say, width)
    elif is_of_single_numbers(program):
        lines = number_lines(program, say, width)
    else:
        flattened = [] if program.mode == "forward" else flattened_program(program, say, width)
        lines = flattened or array_lines(program, say, width)
    lines += finding_lines(program, say, width)
    return "\n".join(lines)


def edge_text(program: Program, edge: int, *, width: int = 100, ascii: bool = False) -> str:
    """The local Jacobian of one edge as a matrix between flattened arrays, and its transpose at work.

    Parameters
    ----------
    program
        The program that the edge belongs to.
    edge
        The place of the edge in `program.edges`.
    width, ascii
        As for `text`.

    Returns
    -------
    str
        Lines without trailing spaces, and no newline at the end.
    """
    return "\n".join(flattened_lines(program, edge, _saying(ascii), width))


def _saying(ascii: bool) -> Callable[[str], str]:
    return ascii_form if ascii else str
