"""Text in columns, by the width that its characters have on a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Below this a column is not cut.
_NARROWEST = 8
# Between columns there are at least this many spaces.
_LEAST_GAP = 2


def screen_width(text: str) -> int:
    """How many columns a text takes: wide characters two, those set over others none.

    >>> screen_width("abc"), screen_width("速度"), screen_width("v̄")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_character_width, text))


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, side: str = "<") -> str:
    """A text with spaces after it (`<`), before it (`>`) or round it (`^`)."""
    spaces = max(width - screen_width(text), 0)
    if side == ">":
        return " " * spaces + text
    if side == "^":
        return " " * (spaces // 2) + text + " " * (spaces - spaces // 2)
    return text + " " * spaces


def cut(text: str, width: int, mark: str = "…") -> str:
    """A text that takes no more columns than that; what was left out shows as a mark.

    >>> cut("a long expression", 8), cut("short", 8)
    ('a long …', 'short')
    """
    if screen_width(text) <= width:
        return text
    kept, room = "", width - len(mark)
    for character in text:
        room -= _character_width(character)
        if room < 0:
            break
        kept += character
    return kept + mark


def cut_inside(text: str, width: int, mark: str = "…", share: float = 0.5) -> str:
    """A text that takes no more columns than that, without its middle: names often differ at their ends.

    `share` of it is left of the end.

    >>> cut_inside("p['first_layer_weights']", 12), cut_inside("weights", 12)
    ("p['fir…hts']", 'weights')
    """
    if screen_width(text) <= width or screen_width(text) != len(text):
        return cut(text, width, mark)
    kept = max(width - len(mark), 0)
    tail = int(kept * share)
    return text[: kept - tail] + mark + text[len(text) - tail :]


def _apart(texts: set[str], width: int, mark: str) -> dict[str, str]:
    """The single words of them, cut inside so that, if it can be, no two look alike."""
    words = sorted(text for text in texts if text and " " not in text)
    cuts: dict[str, str] = {}
    for share in (0.5, 0.65, 0.8, 0.3):
        cuts = {word: cut_inside(word, width, mark, share) for word in words}
        if len(set(cuts.values())) == len(words):
            break
    return cuts


def side_by_side(rows: Sequence[Sequence[str]], gap: int = 1, sides: str = "") -> list[str]:
    """Rows of cells as lines whose cells stand below each other.

    >>> side_by_side([["a", "= 1"], ["bcd", "= 2"]])
    ['a   = 1', 'bcd = 2']
    """
    widths = [max(map(screen_width, column)) for column in zip(*rows, strict=True)]
    sides = sides.ljust(len(widths), "<")
    return [(" " * gap).join(map(padded, row, widths, sides)).rstrip() if any(row) else "" for row in rows]


def table(
    rows: Sequence[Sequence[str] | str],
    gaps: Sequence[int],
    width: int,
    *,
    sides: str = "",
    cuttable: Sequence[int] = (),
    mark: str = "…",
    names: Sequence[int] = (),
) -> list[str]:
    """Lines of a table: `gaps[k]` spaces before column k, fewer if the line would be longer than `width`.

    If that is not enough, the columns in `cuttable` are cut, the widest first; those in `names` inside a word, if it
    is a single one. A row that is a string stands as it is.
    """
    cells = [row for row in rows if not isinstance(row, str)]
    widths = [max(map(screen_width, column)) for column in zip(*cells, strict=True)]
    gaps = list(gaps)
    excess = sum(widths) + sum(gaps) - width
    while excess > 0:
        widest = max(range(1, len(gaps)), key=lambda k: gaps[k])
        if gaps[widest] <= _LEAST_GAP:
            break
        gaps[widest] -= 1
        excess -= 1
    while excess > 0 and cuttable:
        widest = max(cuttable, key=lambda k: widths[k])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        excess -= 1
    sides = sides.ljust(len(widths), "<")
    short: dict[tuple[int, str], str] = {}
    for k in names:
        short |= {(k, word): text for word, text in _apart({row[k] for row in cells}, widths[k], mark).items()}
    lines = []
    for row in rows:
        if isinstance(row, str):
            lines.append(row)
            continue
        line = ""
        for k, cell in enumerate(row):
            line += " " * gaps[k] + padded(short.get((k, cell)) or cut(cell, widths[k], mark), widths[k], sides[k])
        lines.append(line.rstrip())
    return lines


def headed(title: str, parts: Sequence[str], anchor: int, width: int) -> list[str]:
    """A title and, from column `anchor` on if there is room on its line, the results; otherwise lines of their own."""
    right = "    ".join(parts)
    start = max(anchor, screen_width(title) + 4)
    start = max(min(start, width - screen_width(right)), screen_width(title) + 4)
    if start + screen_width(right) <= width:
        return [(padded(title, start) + right).rstrip()]
    lines = [title]
    line = ""
    for part in parts:
        if line and screen_width(line) + 4 + screen_width(part) > width:
            lines.append(line)
            line = ""
        line = f"{line}    {part}" if line else f"  {part}"
    return [*lines, line] if line else lines
