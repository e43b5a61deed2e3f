"""How much room a text takes in a picture, and which characters of it can be shown there.

A picture does not know the fonts it will be shown with. Widths are those of DejaVu Sans, which is wider than the
interface fonts of other systems; characters that are not in the table count as the widest of their kind.
"""

from __future__ import annotations

import re
import unicodedata

# Advance widths of the characters from space to tilde, in thousandths of the size of the font.
_ASCII = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 "
    "636 636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 "
    "603 787 695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 "
    "634 278 278 579 278 974 634 612 635 635 411 521 392 634 592 818 592 592 525 636 337 636 838 "
)
_WIDTHS = {chr(32 + n): int(width) / 1000 for n, width in enumerate(_ASCII.split())}
_WIDTHS |= dict.fromkeys("₀₁₂₃₄₅₆₇₈₉₍₎⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ", 0.41) | {"…": 1.0, "·": 0.32, "∂": 0.52, "∇": 0.67, "‖": 0.5}
_WIDTHS |= dict.fromkeys("αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ∑×−→⊗", 0.84)
_OTHER, _WIDE, _BOLD = 1.2, 1.3, 1.2

# What XML cannot hold, what would move the text around it, and line breaks.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """At most how wide a text is, in the unit of the font's size.

    >>> text_width("ab", 10), text_width("速", 10), text_width("v̄", 10)
    (12.48, 13.0, 5.92)
    """
    width = sum(_WIDTHS.get(character) or _width_of_other(character) for character in text)
    return round(width * size * (_BOLD if bold else 1.0), 6)


def _width_of_other(character: str) -> float:
    if unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    base = unicodedata.normalize("NFD", character)[0]
    return _WIDTHS.get(base, _OTHER)


def elided(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """A text that is no wider than the room, isolated; what was left out shows as `…`.

    >>> elided("a long name", 50, 10), elided("short", 50, 10)
    ('a long…', 'short')
    """
    # A very long text is not measured to its end.
    if len(text) < 2 * room and text_width(text, size, bold=bold) <= room:
        return isolated(text)
    factor = size * (_BOLD if bold else 1.0)
    left = room - factor
    kept = 0
    for character in text:
        left -= factor * (_WIDTHS.get(character) or _width_of_other(character))
        if left < 0:
            break
        kept += 1
    return isolated(text[:kept].rstrip() + "…")


def isolated(text: str) -> str:
    """A text that does not turn what is around it, though it be written from right to left."""
    if text.isascii() or not any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return text
    return f"\u2068{text}\u2069"


def printable(text: str) -> str:
    r"""A text on one line with what XML cannot hold replaced, and without marks that turn the direction of writing.

    >>> printable("a\x00b\nc\u202ed")
    'a�b cd'
    """
    return _UNPRINTABLE.sub("\ufffd", _TURNING.sub("", text.replace("\n", " ").replace("\t", " ")))
