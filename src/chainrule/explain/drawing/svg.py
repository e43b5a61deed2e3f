"""A program as a picture in SVG: one file that needs nothing else, and runs nothing."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from chainrule.explain.document import written
from chainrule.explain.drawing.colours import DARK, LIGHT
from chainrule.explain.drawing.layout import Rectangle
from chainrule.explain.drawing.lettering import text_width
from chainrule.explain.drawing.picture import (
    BACKWARD,
    EXPRESSION,
    LABEL,
    LINE,
    MARGIN,
    NAME,
    ROUND,
    SPACE,
    SQUARE,
    THUMBNAIL,
    TITLE,
    DrawnBox,
    DrawnLine,
    Picture,
    Sum,
    picture,
    scalar_label,
)
from chainrule.explain.drawing.thumbnails import Thumbnail, cell_rectangles
from chainrule.explain.program import Program

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', 'Noto Sans', sans-serif"
_ARROW = 7.0
_INVALID = re.compile("[\ud800-\udfff\ufffe\uffff]")


def svg(program: Program, *, merged: bool = False, language: str = "en", scheme: str = "auto") -> str:
    """A program as a graph in SVG: every edge with its local derivative, every box with its value and its adjoint.

    Parameters
    ----------
    program
        What to draw. Beyond about 150 boxes groups of steps are drawn as one.
    merged
        Whether an input that is used several times is one box. Otherwise every use has its own: x₁, x₂, x₃.
    language
        "en" or "zh".
    scheme
        "light", "dark", or "auto": as the reader's system prefers. The colours of "auto" are CSS variables.

    Returns
    -------
    str
        A standalone document without scripts and without references to anything outside; the program itself, as
        `document.written` writes it, is in its `<metadata>`.

    Raises
    ------
    ValueError
        The language or the scheme is not one of these.

    Examples
    --------
    >>> import chainrule as cr
    >>> drawing = svg(cr.explain(lambda x: x * x, 3.0).program)
    >>> drawing[:4], "<title>graph of y = x * x</title>" in drawing
    ('<svg', True)
    """
    if scheme not in ("light", "dark", "auto"):
        raise ValueError(f"the scheme of a picture is 'light', 'dark' or 'auto', not {scheme!r}")
    drawn = picture(program, merged=merged, language=language)
    width, height = _number(drawn.width), _number(drawn.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainrule-{scheme}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="graphics-document" lang="{language}" '
        f"aria-label={quoteattr(drawn.label)} font-family={quoteattr(_FONT)}>",
        f"<title>{escape(drawn.label)}</title>",
        f"<desc>{escape(drawn.description)}</desc>",
        f"<metadata>{escape(_INVALID.sub(_escaped, written(program)))}</metadata>",
        f"<style>{_style(scheme)}</style>",
        f'<rect width="{width}" height="{height}" {_fill("paper", scheme)}/>',
        *_heading(drawn, scheme),
        f'<g transform="translate({_number(drawn.left)} {_number(drawn.top)})">',
        *(_line(line, scheme) for line in drawn.lines),
        *(_box(box, scheme) for box in drawn.boxes),
        "</g>",
        *_footing(drawn, scheme),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _escaped(character: re.Match[str]) -> str:
    """What JSON may hold and XML may not, as JSON writes it in ASCII."""
    return f"\\u{ord(character[0]):04x}"


def _number(x: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{x:.2f}".rstrip("0").rstrip(".") if abs(x) >= 0.005 else "0"


def _style(scheme: str) -> str:
    """The colours as CSS variables, which follow the reader's system; one set of them if it is asked for."""
    text = ".cr-t{unicode-bidi:isolate;white-space:pre}"
    if scheme != "auto":
        return text
    light = "".join(f"--cr-{name}:{colour};" for name, colour in LIGHT.items())
    dark = "".join(f"--cr-{name}:{colour};" for name, colour in DARK.items())
    uses = "".join(f".cr-f-{name}{{fill:var(--cr-{name})}}.cr-s-{name}{{stroke:var(--cr-{name})}}" for name in LIGHT)
    return f"{text}.chainrule-auto{{{light}}}@media(prefers-color-scheme:dark){{.chainrule-auto{{{dark}}}}}{uses}"


def _fill(colour: str, scheme: str) -> str:
    """Attributes are what programs without CSS variables go by."""
    value = (DARK if scheme == "dark" else LIGHT)[colour]
    return f'fill="{value}"' + (f' class="cr-f-{colour}"' if scheme == "auto" else "")


def _stroke(colour: str, scheme: str, fill: str = "none") -> str:
    colours = DARK if scheme == "dark" else LIGHT
    inside = colours.get(fill, fill)
    names = f"cr-s-{colour}" + (f" cr-f-{fill}" if fill in colours else "")
    return f'fill="{inside}" stroke="{colours[colour]}"' + (f' class="{names}"' if scheme == "auto" else "")


def _text(
    text: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    scheme: str,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    """One line of text, whose direction of writing does not reach what is around it."""
    value = (DARK if scheme == "dark" else LIGHT)[colour]
    kind = "cr-t" + (f" cr-f-{colour}" if scheme == "auto" else "")
    weight = ' font-weight="600"' if bold else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}" fill="{value}" class="{kind}" '
        f'direction="ltr" unicode-bidi="isolate"{weight}{place}>{escape(text)}</text>'
    )


def _heading(drawn: Picture, scheme: str) -> list[str]:
    y = MARGIN + TITLE
    parts = [_text(drawn.title, MARGIN, y, TITLE, "ink", scheme, bold=True)]
    if drawn.result:
        right = drawn.width - MARGIN
        parts.append(_text(drawn.result, right, y, EXPRESSION + 1, "forward", scheme, anchor="end"))
    return parts


def _symbol(description: str, content: list[str]) -> str:
    """A part of the picture with a name of its own, for screen readers and as a tooltip."""
    named = f"<title>{escape(description)}</title>" + "".join(content)
    return f'<g role="graphics-symbol" aria-label={quoteattr(description)}>{named}</g>'


def _box(box: DrawnBox, scheme: str) -> str:
    x, y, width, height = box.place.x, box.place.y, box.place.width, box.place.height
    frame = "forward" if box.kind == "result" else "frame"
    content = []
    round_ = ROUND if box.kind == "input" else SQUARE
    if box.folded:
        content.append(_rectangle(Rectangle(x + 4, y - 4, width, height), round_, _stroke("frame", scheme, "face")))
    line = ' stroke-width="1.75"' if box.kind == "result" else ""
    content.append(_rectangle(box.place, round_, _stroke(frame, scheme, "face") + line))
    middle = x + width / 2
    top = y + box.text_top
    tone = "quiet" if box.folded else "forward"
    # Name and expression meet where they are centred together; not every program centres parts of one text so.
    made = box.made
    meeting = x + box.meeting
    content.append(
        _text(box.name, meeting, top + 21, NAME, "ink", scheme, bold=True, anchor="end" if made else "middle")
    )
    if made:
        content.append(_text(made, meeting + SPACE, top + 21, EXPRESSION, "ink", scheme))
    content.append(_text(box.value, middle, top + LINE + 21, EXPRESSION, tone, scheme, anchor="middle"))
    if box.adjoint:
        edge = y + height - BACKWARD
        content.append(_foot(box.place, edge, round_, _fill("backward-face", scheme)))
        content.append(f'<path d="M{_number(x)} {_number(edge)}h{_number(width)}" {_stroke("frame", scheme)}/>')
        content.append(_rectangle(box.place, round_, _stroke(frame, scheme) + line))
        content.append(_text(box.adjoint, middle, edge + 16.5, LABEL, "backward", scheme, anchor="middle"))
    if box.warning:
        right = x + width - 4
        content.append(f'<circle cx="{_number(right)}" cy="{_number(y + 2)}" r="9" {_fill("backward", scheme)}/>')
        content.append(_text("!", right, y + 6.5, LABEL, "paper", scheme, bold=True, anchor="middle"))
    return _symbol(box.description, content)


def _rectangle(place: Rectangle, round_: float, paint: str) -> str:
    return (
        f'<rect x="{_number(place.x)}" y="{_number(place.y)}" width="{_number(place.width)}" '
        f'height="{_number(place.height)}" rx="{_number(round_)}" {paint}/>'
    )


def _foot(place: Rectangle, edge: float, round_: float, paint: str) -> str:
    """The lower part of a box, with its round corners."""
    x, right, bottom, r = place.x, place.x + place.width, place.y + place.height, min(round_, BACKWARD)
    n = _number
    return (
        f'<path d="M{n(x)} {n(edge)}H{n(right)}V{n(bottom - r)}A{n(r)} {n(r)} 0 0 1 {n(right - r)} {n(bottom)}'
        f'H{n(x + r)}A{n(r)} {n(r)} 0 0 1 {n(x)} {n(bottom - r)}Z" {paint}/>'
    )


def curve(points: list[tuple[float, float]]) -> str:
    """A route as the path of an SVG: level at every point, straight between points of the same height."""
    n = _number
    x, y = points[0]
    path = f"M{n(x)} {n(y)}"
    for next_x, next_y in points[1:]:
        if abs(next_y - y) < 0.01:
            path += f"H{n(next_x)}"
        else:
            middle = n((x + next_x) / 2)
            path += f"C{middle} {n(y)} {middle} {n(next_y)} {n(next_x)} {n(next_y)}"
        x, y = next_x, next_y
    return path


def _line(line: DrawnLine, scheme: str) -> str:
    points = line.route.points
    (end_x, end_y) = points[-1]
    dash = ' stroke-dasharray="6 4"' if line.negative else ""
    shaft = [*points[:-1], (end_x - _ARROW + 1, end_y)]
    content = [f'<path d="{curve(shaft)}" stroke-width="1.5"{dash} {_stroke("line", scheme)}/>']
    n = _number
    content.append(
        f'<path d="M{n(end_x)} {n(end_y)}l{n(-_ARROW)} {n(-_ARROW / 2)}v{n(_ARROW)}Z" {_fill("line", scheme)}/>'
    )
    label = line.route.label
    if label is not None:
        middle = label.y + label.height / 2
        content.append(_rectangle(label, 6.0 if line.thumbnail else 11.0, _stroke("frame", scheme, "paper")))
        if line.thumbnail is None:
            x = label.x + label.width / 2
            content.append(_text(scalar_label(line), x, middle + 4.3, LABEL, "ink", scheme, anchor="middle"))
        else:
            content.append(_cells(line.thumbnail, label.x + 6, middle, scheme))
            x = label.x + THUMBNAIL + 13
            if line.symbol:
                content.append(_text(line.symbol, x, middle - 2.5, LABEL, "ink", scheme))
            y = middle + (12.5 if line.symbol else 4.0)
            content.append(_text(line.number, x, y, LABEL - 1, "quiet", scheme))
    return _symbol(line.description, content) if line.description else "".join(content)


def _cells(picture: Thumbnail, x: float, middle: float, scheme: str) -> str:
    """A Jacobian as cells: the larger the darker; where it is not finite, a cross."""
    frame, cells = cell_rectangles(picture, THUMBNAIL, x, middle)
    around = Rectangle(frame.x - 0.5, frame.y - 0.5, frame.width + 1, frame.height + 1)
    parts = [_rectangle(around, 0, _stroke("frame", scheme, "cell"))]
    for cell, size in cells:
        if size is None:
            across, down = _number(cell.width), _number(cell.height)
            cross = f"M{_number(cell.x)} {_number(cell.y)}l{across} {down}m0 -{down}l-{across} {down}"
            parts.append(f'<path d="{cross}" {_stroke("ink", scheme)}/>')
            continue
        colour = "quiet" if picture.schematic else "forward" if size > 0 else "backward"
        opacity = f' fill-opacity="{0.25 + 0.75 * abs(size):.2f}"'
        parts.append(_rectangle(cell, 0, _fill(colour, scheme) + opacity))
    return "".join(parts)


def _footing(drawn: Picture, scheme: str) -> list[str]:
    """The sums over the paths, and what the colours and dashes mean."""
    y = drawn.sums_top
    parts = []
    for each in drawn.sums:
        y += 24
        parts.append(_sum(each, y, scheme))
    x, y = MARGIN, drawn.height - MARGIN
    for kind, text in drawn.legend:
        parts.append(_sample(kind, x, y - 4, scheme))
        parts.append(_text(text, x + 22, y, LABEL, "quiet", scheme))
        x += 44 + text_width(text, LABEL)
    return parts


def _sum(each: Sum, y: float, scheme: str) -> str:
    """`∂y/∂x:  3 paths  1.2840 + 0.3210 + 0.3210 = 1.9260` on one line."""
    x = MARGIN
    text = _text("", x, y, EXPRESSION, "ink", scheme)
    colours = DARK if scheme == "dark" else LIGHT
    tone = ' class="cr-f-backward"' if scheme == "auto" else ""
    inside = (
        f'<tspan font-weight="600" unicode-bidi="isolate">{escape(each.heading)}</tspan>'
        f"<tspan>  {escape(each.terms)}</tspan>"
        f'<tspan font-weight="600" fill="{colours["backward"]}"{tone}>{escape(each.total)}</tspan>'
    )
    return text.replace("</text>", f"{inside}</text>")


def _sample(kind: str, x: float, y: float, scheme: str) -> str:
    """What stands beside a word of the legend."""
    if kind in ("line", "negative"):
        dash = ' stroke-dasharray="6 4"' if kind == "negative" else ""
        return f'<path d="M{_number(x)} {_number(y)}h16" stroke-width="1.5"{dash} {_stroke("line", scheme)}/>'
    return _rectangle(Rectangle(x + 2, y - 5, 12, 10), 3, _fill(kind, scheme))
