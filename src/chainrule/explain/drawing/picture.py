"""A program as a picture: what is written on each box and line, and where it goes; not yet in what format.

Sizes are in pixels, at the size at which the picture is meant to be read. Every file format draws the same `Picture`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chainrule.explain.drawing.boxes import Shown, boxes
from chainrule.explain.drawing.layout import Box, Graph, Layout, Line, Rectangle, Route, layout
from chainrule.explain.drawing.lettering import elided, isolated, printable, text_width
from chainrule.explain.drawing.thumbnails import Thumbnail, thumbnail
from chainrule.explain.program import Edge, Node, Numbers, Program
from chainrule.explain.text.scalars import is_of_single_numbers
from chainrule.explain.words.figures import counted, figures_for, shape_text, short, single
from chainrule.explain.words.notation import bar, juxtaposed, partial, subscript, use_number

# Sizes of the fonts: of names, of what is beside and below them, of labels, of the title.
NAME, EXPRESSION, LABEL, TITLE = 15.0, 13.0, 12.0, 20.0
# Of a box: the space beside the text, the height of a line of it, of the part for the backward pass.
ASIDE, LINE, BACKWARD = 12.0, 20.0, 24.0
# Between a name and what follows it.
SPACE = 4.0
# How round the corners are of inputs, and of all else.
ROUND, SQUARE = 22.0, 7.0
# The side of a thumbnail.
THUMBNAIL = 24.0
# Round the whole picture, and between its parts.
MARGIN = 24.0

# The widest that a name, an expression and a symbol may be.
_NAME_ROOM, _EXPRESSION_ROOM, _SYMBOL_ROOM, _TITLE_ROOM = 150.0, 190.0, 110.0, 560.0
_TERMS, _SUMS = 5, 4

WORDS = {
    "en": {
        "path": "path",
        "paths": "paths",
        "step": "step",
        "steps": "steps",
        "other": "{} more",
        "inputs": "and {} more inputs",
        "value": "value (forward)",
        "adjoint": "∂{}/∂· (backward)",
        "derivative": "local derivative",
        "negative": "negative local derivative",
        "norm": "norm",
        "failed": "stopped by an error",
        "label": "graph of {}",
        "description": "{} values, {} local derivatives, {} paths from the inputs to the result.",
    },
    "zh": {
        "path": "条路径",
        "paths": "条路径",
        "step": "步",
        "steps": "步",
        "other": "其余 {} 条",
        "inputs": "另有 {} 个输入",
        "value": "值（前向）",
        "adjoint": "∂{}/∂·（反向）",
        "derivative": "局部导数",
        "negative": "负的局部导数",
        "norm": "范数",
        "failed": "因错误而中止",
        "label": "{} 的计算图",
        "description": "{} 个值，{} 个局部导数，从输入到结果共 {} 条路径。",
    },
}


@dataclass(slots=True)
class DrawnBox:
    """A box: its name, how it was made, its value, its adjoint; `description` says it all, unabridged."""

    kind: str
    place: Rectangle
    name: str
    expression: str
    value: str
    adjoint: str
    description: str
    folded: bool = False
    warning: bool = False

    @property
    def made(self) -> str:
        """What follows the name: `= exp(v)`."""
        return f"= {self.expression}" if self.expression else ""

    @property
    def meeting(self) -> float:
        """How far from the left side the name ends and the expression begins; the middle, if there is none."""
        made = SPACE + text_width(self.made, EXPRESSION) if self.made else 0.0
        return (self.place.width + (text_width(self.name, NAME, bold=True) - made if made else 0.0)) / 2

    @property
    def text_top(self) -> float:
        """How far below the upper side of the box its text begins, in a box that is higher than the text."""
        return (self.place.height - 2 * LINE - 12 - (BACKWARD if self.adjoint else 0.0)) / 2


@dataclass(slots=True)
class DrawnLine:
    """A line: the symbol and the number (or the shape and a thumbnail) of its local derivative."""

    route: Route
    symbol: str
    number: str
    negative: bool
    thumbnail: Thumbnail | None
    description: str


@dataclass(slots=True)
class Sum:
    """The contributions of the paths from one input: `3 paths:`, the terms, and the total."""

    heading: str
    terms: str
    total: str


@dataclass(slots=True)
class Picture:
    """All that is drawn. Boxes and lines are in the frame that begins at `left`, `top`."""

    width: float
    height: float
    left: float
    top: float
    sums_top: float
    title: str
    result: str
    boxes: list[DrawnBox] = field(default_factory=list)
    lines: list[DrawnLine] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    label: str = ""
    description: str = ""


def picture(program: Program, *, merged: bool = False, language: str = "en") -> Picture:
    """Lay out a program with all that is written on it.

    Raises
    ------
    ValueError
        There are no words in this language.
    """
    if language not in WORDS:
        raise ValueError(f"the picture is not available in the language {language!r}; choose one of {sorted(WORDS)}")
    words = WORDS[language]
    write = _figures(program)
    drawn = boxes(program, merged=merged)
    faces = [_box(program, shown, write, words) for shown in drawn.shown]
    labels = [_line(program, pair, edges, drawn.shown, write) for pair, edges in drawn.lines.items()]
    placed = layout(_graph(program, drawn.shown, list(drawn.lines), faces, labels))
    for face, rectangle in zip(faces, placed.boxes, strict=True):
        face.place = rectangle
    for label, route in zip(labels, placed.routes, strict=True):
        label.route = route
    return _framed(program, placed, faces, labels, write, words)


def _figures(program: Program) -> Callable[[Any], str]:
    """How numbers are written: as in the text, alike in the whole picture."""
    if not is_of_single_numbers(program):
        return short
    values = [single(numbers) for node in program.nodes for numbers in (node.value, node.adjoint)]
    entries = [edge.jacobian.entries for edge in program.edges]
    return figures_for([*values, *(each.reshape(-1)[0].item() for each in entries if each is not None and each.size)])


def _box(program: Program, shown: Shown, write: Callable[[Any], str], words: dict[str, str]) -> DrawnBox:
    """What is written on a box, and how large that makes it."""
    if shown.kind == "group":
        return _group(program, shown, words)
    node = program.nodes[shown.nodes[0]]
    edge = program.edges[shown.uses[0]] if len(shown.uses) == 1 else None
    use = None if edge is None else edge.use
    name = printable(node.name)
    number = "" if use is None else subscript(use)
    value = single(node.value) if not node.value.shape else None
    face = DrawnBox(
        kind="result" if shown.nodes[0] == program.result else shown.kind,
        place=Rectangle(0.0, 0.0, 0.0, 0.0),
        name=elided(name, _NAME_ROOM, NAME, bold=True) + number,
        expression="",
        value=shape_text(node.value.shape) if value is None else write(value),
        adjoint="",
        description=isolated(name) + number,
    )
    if shown.kind == "step":
        full = printable(juxtaposed(node.expression))
        face.expression = elided(full, _EXPRESSION_ROOM, EXPRESSION)
        face.description += f" = {isolated(full)}"
    face.description += f" = {face.value}" if value is not None else f", {face.value}"
    sensitivity = node.adjoint if edge is None or use is None else edge.contribution
    if len(shown.uses) > 1:
        sensitivity = None
    if sensitivity is not None and program.result is not None:
        result = printable(program.nodes[program.result].name)
        symbol = bar(name) or partial(elided(result, _SYMBOL_ROOM, LABEL), elided(name, _SYMBOL_ROOM, LABEL))
        # Of the result itself it is exactly 1.
        said = _amount(sensitivity, short if face.kind == "result" else write)
        face.adjoint = f"{symbol}{number}{said}"
        face.description += f"; {partial(isolated(result), isolated(name))}{number}{said}"
    for finding in (program.findings[k] for k in node.findings if edge is None):
        face.warning = face.warning or finding.severity != "note"
        face.description += f"; {printable(finding.message)}"
    width = max(
        text_width(face.name, NAME, bold=True) + SPACE + text_width(face.made, EXPRESSION),
        text_width(face.value, EXPRESSION),
        text_width(face.adjoint, LABEL),
    )
    face.place.width = width + 2 * ASIDE
    face.place.height = 2 * LINE + 12 + (BACKWARD if face.adjoint else 0.0)
    return face


def _amount(numbers: Numbers, write: Callable[[Any], str]) -> str:
    """A number with its sign of equality; of an array the shape and the norm."""
    one = single(numbers) if not numbers.shape else None
    if one is not None:
        return f" = {write(one)}"
    unfit = f", {numbers.nonfinite} × nan/inf" if numbers.nonfinite else ""
    return f" {shape_text(numbers.shape)}  ‖·‖ = {short(numbers.norm)}{unfit}"


def _group(program: Program, shown: Shown, words: dict[str, str]) -> DrawnBox:
    first, last = program.nodes[shown.nodes[0]], program.nodes[shown.nodes[-1]]
    title = printable(shown.title or f"{first.name} … {last.name}")
    size = f"{counted(len(shown.nodes))} {words['step' if len(shown.nodes) == 1 else 'steps']}"
    times = f" ×{counted(shown.count)}" if shown.count > 1 else ""
    face = DrawnBox(
        kind="group",
        place=Rectangle(0.0, 0.0, 0.0, 2 * LINE + 12),
        name=elided(title, 2 * _NAME_ROOM, NAME, bold=True) + times,
        expression="",
        value=size,
        adjoint="",
        description=f"{title}{times}, {size}",
        folded=True,
    )
    face.place.width = max(text_width(face.name, NAME, bold=True), text_width(size, EXPRESSION)) + 2 * ASIDE
    return face


def _line(
    program: Program,
    pair: tuple[int, int, int],
    edges: list[int],
    shown: list[Shown],
    write: Callable[[Any], str],
) -> DrawnLine:
    """What is written on a line. One into a closed group stands for steps that are not seen, and is left blank."""
    edge = program.edges[edges[0]]
    line = DrawnLine(Route([], None), "", "", False, None, "")
    if shown[pair[1]].kind == "group":
        return line
    jacobian = edge.jacobian
    full = printable(juxtaposed(jacobian.symbol))
    line.symbol = elided(full, _SYMBOL_ROOM, LABEL)
    if jacobian.out_shape == () == jacobian.in_shape:
        entry = None if jacobian.entries is None else jacobian.entries.reshape(-1)[0].item()
        if entry is not None:
            line.number = write(entry)
            line.negative = not isinstance(entry, complex) and entry < 0
            if line.symbol in (line.number, short(entry)):
                line.symbol = ""
    else:
        line.number = f"{jacobian.rows}×{jacobian.columns} {jacobian.structure}"
        line.thumbnail = thumbnail(jacobian)
    said = " = ".join(each for each in (isolated(full), line.number) if each)
    line.description = f"{_derivative(program, edge)} = {said}"
    return line


def _derivative(program: Program, edge: Edge) -> str:
    operand = isolated(printable(program.nodes[edge.source].name)) + use_number(edge)
    return partial(isolated(printable(program.nodes[edge.target].name)), operand)


def label_size(line: DrawnLine) -> tuple[float, float]:
    """How large the label of a line is; 0 × 0 if it has none."""
    if line.thumbnail is not None:
        text = max(text_width(line.symbol, LABEL), text_width(line.number, LABEL - 1))
        return text + THUMBNAIL + 20, THUMBNAIL + 12
    written = scalar_label(line)
    return (text_width(written, LABEL) + 14, 22.0) if written else (0.0, 0.0)


def scalar_label(line: DrawnLine) -> str:
    """The label of a line between single numbers: `u = 1.2840`."""
    return " = ".join(each for each in (line.symbol, line.number) if each)


def _graph(
    program: Program,
    shown: list[Shown],
    pairs: list[tuple[int, int, int]],
    faces: list[DrawnBox],
    labels: list[DrawnLine],
) -> Graph:
    """The boxes and lines with the sizes of what is written on them, and a port for each line into a box."""
    # Steps are numbered before the uses of inputs, which stand where their user is read.
    ids = [len(program.nodes) + each.uses[0] if each.uses else each.nodes[0] for each in shown]
    incoming: list[list[int]] = [[] for _ in shown]
    for k, pair in enumerate(pairs):
        incoming[pair[1]].append(k)
    ports = [0] * len(pairs)
    for into in incoming:
        into.sort(key=lambda k: (program.edges[pairs[k][2]].slot if pairs[k][2] >= 0 else 0, ids[pairs[k][0]]))
        for port, k in enumerate(into):
            ports[k] = port
    graph = Graph([], [])
    for k, face in enumerate(faces):
        count = len(incoming[k])
        graph.boxes.append(Box(ids[k], face.place.width, max(face.place.height, 14.0 * count), max(count, 1)))
    for k, (source, target, _) in enumerate(pairs):
        width, height = label_size(labels[k])
        graph.lines.append(Line(ids[source], ids[target], 0, ports[k], width, height))
    return graph


def _framed(
    program: Program,
    placed: Layout,
    faces: list[DrawnBox],
    labels: list[DrawnLine],
    write: Callable[[Any], str],
    words: dict[str, str],
) -> Picture:
    """The picture with its title, sums and legend."""
    title = elided(printable(program.title), _TITLE_ROOM, TITLE, bold=True)
    result = ""
    if program.failure is not None:
        result = words["failed"]
    elif program.result is not None:
        node = program.nodes[program.result]
        value = single(node.value)
        name = elided(printable(node.name), _NAME_ROOM, EXPRESSION)
        result = f"{name} = {shape_text(node.value.shape) if value is None else write(value)}"
    sums = _sums(program, write, words)
    legend = [("forward", words["value"])]
    if any(face.adjoint for face in faces):
        name = "" if program.result is None else elided(printable(program.nodes[program.result].name), 60, LABEL)
        legend.append(("backward", words["adjoint"].format(name)))
    if any(label.number for label in labels):
        legend.append(("line", words["derivative"]))
    if any(label.negative for label in labels):
        legend.append(("negative", words["negative"]))
    sum_width = max(
        (text_width(f"{each.heading}  {each.terms}{each.total}", EXPRESSION, bold=True) for each in sums),
        default=0.0,
    )
    legend_width = sum(text_width(text, LABEL) + 44 for _, text in legend)
    heading_width = text_width(title, TITLE, bold=True) + text_width(result, EXPRESSION + 1) + MARGIN
    content = max(placed.width, sum_width, legend_width, heading_width)
    top = MARGIN + TITLE + 28
    height = top + placed.height + 24 + 24 * len(sums) + 16 + LABEL + MARGIN
    return Picture(
        width=content + 2 * MARGIN,
        height=height,
        left=MARGIN + (content - placed.width) / 2,
        top=top,
        sums_top=top + placed.height + 24,
        title=title,
        result=result,
        boxes=faces,
        lines=labels,
        sums=sums,
        legend=legend,
        label=words["label"].format(isolated(printable(program.title))),
        description=words["description"].format(len(program.nodes), len(program.edges), counted(program.path_count)),
    )


def _sums(program: Program, write: Callable[[Any], str], words: dict[str, str]) -> list[Sum]:
    """For each input the contributions of its largest paths, and their sum: what the chain rule says."""
    sums: list[Sum] = []
    if program.result is None:
        return sums
    result = elided(printable(program.nodes[program.result].name), _SYMBOL_ROOM, EXPRESSION, bold=True)
    for k in program.inputs[:_SUMS]:
        node: Node = program.nodes[k]
        count = sum(edge.paths for edge in program.edges if edge.source == k)
        if node.adjoint is None or not count:
            continue
        over = partial(result, elided(printable(node.name), _SYMBOL_ROOM, EXPRESSION, bold=True))
        heading = f"{over}:  {counted(count)} {words['path' if count == 1 else 'paths']}"
        total = single(node.adjoint) if not node.adjoint.shape else None
        if total is None:
            sums.append(Sum(heading, f"{shape_text(node.adjoint.shape)}  ", f"‖·‖ = {short(node.adjoint.norm)}"))
            continue
        paths = [path for path in program.paths if path.edges and program.edges[path.edges[0]].source == k]
        known = [single(path.contribution) for path in paths[:_TERMS]]
        terms = [(term, "") for term in known if term is not None]
        more = count - len(terms)
        if terms and more > 0:
            terms.append((total - sum(term for term, _ in terms), f" ({words['other'].format(counted(more))})"))
        sums.append(Sum(heading, f"{_added(terms, write)} = " if terms else "= ", write(total)))
    if len(program.inputs) > _SUMS:
        sums.append(Sum("…", words["inputs"].format(counted(len(program.inputs) - _SUMS)), ""))
    return sums


def _added(terms: list[tuple[Any, str]], write: Callable[[Any], str]) -> str:
    """Terms with the signs between them: `1.2840 + 0.3210 − 0.5000 (7 more)`."""
    text = ""
    for n, (term, note) in enumerate(terms):
        negative = not isinstance(term, complex) and term < 0
        sign = (" − " if negative else " + ") if n else ("−" if negative else "")
        text += f"{sign}{write(-term if negative else term)}{note}"
    return text
