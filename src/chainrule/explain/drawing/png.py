"""A program as a picture in PNG."""

from __future__ import annotations

import importlib
import io
import math
import warnings
from itertools import pairwise
from typing import Any

from chainrule.errors import ExplainError
from chainrule.explain.drawing.colours import LIGHT
from chainrule.explain.drawing.layout import Rectangle
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
    picture,
    scalar_label,
)
from chainrule.explain.drawing.svg import svg
from chainrule.explain.drawing.thumbnails import cell_rectangles
from chainrule.explain.program import Program

# More pixels than these fill the memory before anyone has seen them.
_MOST_PIXELS = 100_000_000
_LONGEST_SIDE = 65_000


def png(program: Program, scale: float = 2) -> bytes:
    """A program as a picture in PNG: what `svg` draws, in the light scheme.

    It is made by cairosvg if that is installed, else by Matplotlib.

    Parameters
    ----------
    program
        What to draw.
    scale
        Pixels for each unit of the SVG: 2 for screens of high resolution.

    Returns
    -------
    bytes
        The contents of a PNG file.

    Raises
    ------
    ExplainError
        Neither of the two libraries is installed.
    ValueError
        The scale is not positive, or the picture would be too large to draw.

    Examples
    --------
    >>> import chainrule as cr
    >>> png(cr.explain(lambda x: x * x, 3.0).program, scale=1)[1:4]
    b'PNG'
    """
    if not (scale > 0 and math.isfinite(scale)):
        raise ValueError(f"the scale of a picture is a positive number, not {scale!r}")
    drawn = picture(program)
    width, height = pixels(drawn, scale)
    if width * height > _MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
        fits = min(
            math.sqrt(_MOST_PIXELS / (drawn.width * drawn.height)), _LONGEST_SIDE / max(drawn.width, drawn.height)
        )
        raise ValueError(
            f"the picture would have {width} × {height} pixels; draw it with scale={math.floor(100 * fits) / 100}, "
            "or as SVG"
        )
    cairo = _imported("cairosvg")
    if cairo is not None:
        source = _undirected(svg(program, scheme="light"))
        return bytes(cairo.svg2png(bytestring=source.encode(), output_width=width, output_height=height))
    if _imported("matplotlib.figure") is not None:
        return _plotted(drawn, width, height, scale)
    raise ExplainError(
        "a picture in PNG is drawn by Matplotlib or cairosvg, and neither is installed: pip install chainrule[plot]. "
        "`svg` and `html` need neither."
    )


def pixels(drawn: Picture, scale: float) -> tuple[int, int]:
    """How many pixels a picture has across and down."""
    return math.ceil(drawn.width * scale), math.ceil(drawn.height * scale)


def _undirected(text: str) -> str:
    """A text without the marks that isolate what is written from right to left: both libraries draw them as boxes."""
    return text.replace("\u2068", "").replace("\u2069", "")


def _imported(name: str) -> Any:
    """A module, or None if it, or a library that it loads, is missing."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        return None


def _plotted(drawn: Picture, width: int, height: int, scale: float) -> bytes:
    """The picture by Matplotlib, in which a point is made as large as a unit of the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    dpi = 72 * scale
    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, facecolor=LIGHT["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, width / scale)
    axes.set_ylim(height / scale, 0)
    axes.set_axis_off()
    plot = _Plot(axes)
    plot.text(drawn.title, MARGIN, MARGIN + TITLE, TITLE, "ink", bold=True)
    plot.text(drawn.result, drawn.width - MARGIN, MARGIN + TITLE, EXPRESSION + 1, "forward", align="right")
    for line in drawn.lines:
        _plot_line(plot, line, drawn.left, drawn.top)
    for box in drawn.boxes:
        _plot_box(plot, box, drawn.left, drawn.top)
    y = drawn.sums_top
    for each in drawn.sums:
        y += 24
        end = plot.text(each.heading, MARGIN, y, EXPRESSION, "ink", bold=True)
        end = plot.text(f"  {each.terms}", end, y, EXPRESSION, "ink")
        plot.text(each.total, end, y, EXPRESSION, "backward", bold=True)
    x, y = MARGIN, drawn.height - MARGIN
    for kind, text in drawn.legend:
        if kind in ("line", "negative"):
            plot.curve([(x, y - 4), (x + 16, y - 4)], "line", dashed=kind == "negative")
        else:
            plot.rectangle(Rectangle(x + 2, y - 9, 12, 10), 3, kind, kind)
        x = plot.text(text, x + 22, y, LABEL, "quiet") + 22
    file = io.BytesIO()
    with warnings.catch_warnings():
        # A character that the font lacks is drawn as a box; that is no reason to warn.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


class _Plot:
    """The few shapes that a picture consists of, drawn in the coordinates of the picture."""

    def __init__(self, axes: Any) -> None:
        self.axes = axes
        self.order = 0

    def add(self, vertices: list[tuple[float, float]], codes: list[int], face: str, edge: str, **style: Any) -> None:
        """Draw a path over all that was drawn before."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        self.order += 1
        self.axes.add_patch(
            PathPatch(
                Path(vertices, codes), facecolor=face, edgecolor=edge, zorder=self.order, antialiased=True, **style
            )
        )

    def rectangle(
        self,
        place: Rectangle,
        round_: float,
        face: str,
        edge: str,
        *,
        width: float = 1.0,
        alpha: float | None = None,
        foot: bool = False,
    ) -> None:
        """A rectangle with round corners; with `foot`, only the two below."""
        x, y, right, bottom = place.x, place.y, place.x + place.width, place.y + place.height
        r = min(round_, place.width / 2, place.height if foot else place.height / 2)
        top = 0.0 if foot else r
        # So far is the control point of a curve that follows a quarter of a circle from the corner.
        near, near_top = 0.448 * r, 0.448 * top
        vertices = [(x + top, y), (right - top, y), (right - near_top, y), (right, y + near_top), (right, y + top)]
        vertices += [(right, bottom - r), (right, bottom - near), (right - near, bottom), (right - r, bottom)]
        vertices += [(x + r, bottom), (x + near, bottom), (x, bottom - near), (x, bottom - r)]
        vertices += [(x, y + top), (x, y + near_top), (x + near_top, y), (x + top, y)]
        codes = [1, 2, 4, 4, 4, 2, 4, 4, 4, 2, 4, 4, 4, 2, 4, 4, 4]
        self.add(vertices, codes, LIGHT.get(face, "none"), LIGHT.get(edge, "none"), linewidth=width, alpha=alpha)

    def curve(self, points: list[tuple[float, float]], colour: str, *, dashed: bool = False) -> None:
        """A route: level at every point."""
        vertices, codes = [points[0]], [1]
        for (x, y), (next_x, next_y) in pairwise(points):
            middle = (x + next_x) / 2
            vertices += [(middle, y), (middle, next_y), (next_x, next_y)]
            codes += [4, 4, 4]
        style = (0.0, (4.0, 2.7)) if dashed else "solid"
        self.add(vertices, codes, "none", LIGHT[colour], linewidth=1.5, linestyle=style)

    def text(
        self, text: str, x: float, y: float, size: float, colour: str, *, bold: bool = False, align: str = "left"
    ) -> float:
        """One line of text that begins, ends or is centred at x; where it ends."""
        if not text:
            return x
        self.order += 1
        drawn = self.axes.text(
            x,
            y,
            _undirected(text),
            fontsize=size,
            color=LIGHT[colour],
            fontweight="bold" if bold else "normal",
            fontfamily="DejaVu Sans",
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
            zorder=self.order,
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            extent = drawn.get_window_extent().transformed(self.axes.transData.inverted())
        return float(extent.x1)


def _plot_line(plot: _Plot, line: DrawnLine, left: float, top: float) -> None:
    points = [(x + left, y + top) for x, y in line.route.points]
    x, y = points[-1]
    plot.curve([*points[:-1], (x - 6, y)], "line", dashed=line.negative)
    plot.add([(x, y), (x - 7, y - 3.5), (x - 7, y + 3.5), (x, y)], [1, 2, 2, 79], LIGHT["line"], "none")
    if line.route.label is None:
        return
    label = _moved(line.route.label, left, top)
    middle = label.y + label.height / 2
    plot.rectangle(label, 6 if line.thumbnail else 11, "paper", "frame")
    if line.thumbnail is None:
        plot.text(scalar_label(line), label.x + label.width / 2, middle + 4.3, LABEL, "ink", align="center")
        return
    frame, cells = cell_rectangles(line.thumbnail, THUMBNAIL, label.x + 6, middle)
    plot.rectangle(Rectangle(frame.x - 0.5, frame.y - 0.5, frame.width + 1, frame.height + 1), 0, "cell", "frame")
    for cell, size in cells:
        if size is None:
            right, bottom = cell.x + cell.width, cell.y + cell.height
            corners = [(cell.x, cell.y), (right, bottom), (right, cell.y), (cell.x, bottom)]
            plot.add(corners, [1, 2, 1, 2], "none", LIGHT["ink"], linewidth=1)
        else:
            colour = "quiet" if line.thumbnail.schematic else "forward" if size > 0 else "backward"
            plot.rectangle(cell, 0, colour, "none", alpha=0.25 + 0.75 * abs(size))
    x = label.x + THUMBNAIL + 13
    plot.text(line.symbol, x, middle - 2.5, LABEL, "ink")
    plot.text(line.number, x, middle + (12.5 if line.symbol else 4.0), LABEL - 1, "quiet")


def _plot_box(plot: _Plot, box: DrawnBox, left: float, top: float) -> None:
    place = _moved(box.place, left, top)
    round_, edge = ROUND if box.kind == "input" else SQUARE, "forward" if box.kind == "result" else "frame"
    if box.folded:
        plot.rectangle(_moved(place, 4, -4), round_, "face", "frame")
    width = 1.75 if box.kind == "result" else 1.0
    plot.rectangle(place, round_, "face", "none")
    middle, head = place.x + place.width / 2, place.y + box.text_top
    if box.adjoint:
        foot = place.y + place.height - BACKWARD
        plot.rectangle(Rectangle(place.x, foot, place.width, BACKWARD), round_, "backward-face", "none", foot=True)
        plot.add([(place.x, foot), (place.x + place.width, foot)], [1, 2], "none", LIGHT["frame"], linewidth=1)
        plot.text(box.adjoint, middle, foot + 16.5, LABEL, "backward", align="center")
    plot.rectangle(place, round_, "none", edge, width=width)
    meeting = place.x + box.meeting
    plot.text(box.name, meeting, head + 21, NAME, "ink", bold=True, align="right" if box.made else "center")
    plot.text(box.made, meeting + SPACE, head + 21, EXPRESSION, "ink")
    plot.text(box.value, middle, head + LINE + 21, EXPRESSION, "quiet" if box.folded else "forward", align="center")
    if box.warning:
        right = place.x + place.width - 4
        plot.rectangle(Rectangle(right - 9, place.y - 7, 18, 18), 9, "backward", "none")
        plot.text("!", right, place.y + 6.5, LABEL, "paper", bold=True, align="center")


def _moved(place: Rectangle, x: float, y: float) -> Rectangle:
    return Rectangle(place.x + x, place.y + y, place.width, place.height)
