"""Mathematics as a tree, from which both LaTeX and MathML are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Greek letters by their names.
GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
        "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split(),
        "αβγδϵζηθικλμνξπρστυϕχψωΓΔΘΛΞΠΣΥΦΨΩ",
        strict=True,
    )
)
# And the other way round.
GREEK_NAMES = {letter: name for name, letter in GREEK.items()} | {"ε": "epsilon", "φ": "phi", "µ": "mu"}


class Formula:
    """A piece of mathematics."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Name(Formula):
    """A variable: a letter, a Greek letter by its name, or a word, which is set upright."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Formula):
    """A number, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Sign(Formula):
    """An operator, a relation, a dot, by its key in the tables of the printers."""

    key: str


@dataclass(frozen=True, slots=True)
class Function(Formula):
    """The name of a function: sin, diag."""

    text: str


@dataclass(frozen=True, slots=True)
class Words(Formula):
    """Text. `parts` alternate between text and formulas within it, which begin and end with text."""

    parts: tuple[str | Formula, ...]


@dataclass(frozen=True, slots=True)
class Bold(Formula):
    """A digit or letter set bold: the vector of ones."""

    text: str


@dataclass(frozen=True, slots=True)
class Row(Formula):
    """One after the other."""

    items: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Fraction(Formula):
    """A fraction."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True, slots=True)
class Raised(Formula):
    """What has something at its upper right: an exponent, a sign of transposition."""

    body: Formula
    above: Formula


@dataclass(frozen=True, slots=True)
class Lowered(Formula):
    """What has something at its lower right: an index."""

    body: Formula
    below: Formula


@dataclass(frozen=True, slots=True)
class Root(Formula):
    """A square root."""

    body: Formula


@dataclass(frozen=True, slots=True)
class Fenced(Formula):
    """Something in brackets, which grow with it if it is `tall`."""

    body: Formula
    opening: str = "("
    closing: str = ")"
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Braced(Formula):
    """Something with a brace under it, and a remark under that."""

    body: Formula
    remark: Formula


@dataclass(frozen=True, slots=True)
class Sum(Formula):
    """A sign of summation with its bounds; without, if they are None."""

    below: Formula | None = None
    above: Formula | None = None


@dataclass(frozen=True, slots=True)
class Matrix(Formula):
    """Numbers in rows and columns."""

    rows: tuple[tuple[Formula, ...], ...]


@dataclass(frozen=True, slots=True)
class Lines(Formula):
    """Equations below each other: each line has cells, of which the odd ones are set to the left of the alignment.

    `wide` are the places of lines with more space after them.
    """

    lines: tuple[tuple[Formula, ...], ...]
    wide: tuple[int, ...] = ()


def row(*items: Formula | Iterable[Formula]) -> Formula:
    """One after the other; a single item stands for itself."""
    flat: list[Formula] = []
    for item in items:
        for each in (item,) if isinstance(item, Formula) else item:
            flat.extend(each.items if isinstance(each, Row) else (each,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def joined(items: Iterable[Formula], separator: Formula) -> Formula:
    """One after the other, with a separator between."""
    flat: list[Formula] = []
    for item in items:
        if flat:
            flat.append(separator)
        flat.append(item)
    return row(flat)
