"""Where the boxes, lines and labels of a graph go: layers from left to right, few crossings, straight lines.

The method is Sugiyama's: (1) layers by longest paths, where what leads to one place only is moved next to it; (2) a
line that passes layers gets a waypoint in each, and its label is a waypoint with a size, in a layer of its own between
two layers of boxes, so that labels can overlap neither boxes nor each other; (3) the order within the layers by
barycentres, of which the best is kept; (4) heights by least squares with minimum gaps. Nothing is random, nothing
recurses along the graph, ties go to the smaller number of a box; so the picture of a program is always the same, here
and in the page, whose code is a translation of this file and `rows.py` (both are held to the same files in
`tests/explain/golden/layout`).

Sources: Sugiyama, Tagawa & Toda (1981); Gansner, Koutsofios, North & Vo (1993), of the labels and weights; Barlow et
al. (1972), of pooling adjacent violators.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chainrule.explain.drawing.rows import Link, heights, in_order, straighten

# Distances, in pixels: between layers, where lines are level and where they are steep; from a group's border to what is
# in it, at the sides and below, and above.
LAYER_GAP = 22.0
STEEPEST_GAP = 64.0
BORDER = 16.0
TITLE = 26.0

# How much a line wants to be level where it passes a layer, beside where it meets a box.
_LEVEL = 8.0


@dataclass(slots=True)
class Box:
    """A rectangle to place.

    `inputs` and `outputs` are how many ports it has on its left and right side, evenly spread from the top. An "entry"
    or "exit" is a box of no size: where a line crosses the left or right border of the group that this graph is in; its
    `port` is that of the group's box. A box with something `inside` is as large as that needs, and `width` is the least
    it has.
    """

    id: int
    width: float
    height: float
    inputs: int = 1
    outputs: int = 1
    role: str = "box"
    port: int = 0
    inside: Graph | None = None


@dataclass(slots=True)
class Line:
    """An edge to route: from an output port of a box to an input port of another, with room for a label."""

    source: int
    target: int
    output: int = 0
    input: int = 0
    label_width: float = 0.0
    label_height: float = 0.0


@dataclass(slots=True)
class Graph:
    """Boxes, and lines between them."""

    boxes: list[Box]
    lines: list[Line]


@dataclass(slots=True)
class Rectangle:
    """A place: the upper left corner, and the size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class Route:
    """Where a line runs, from port to port; `label` is None if it has none.

    Consecutive points of different height are to be joined by a curve that is horizontal at both; the others by a
    straight line.
    """

    points: list[tuple[float, float]]
    label: Rectangle | None


@dataclass(slots=True)
class Layout:
    """The places of a graph's boxes and lines, in the order in which they were given, and of what is inside them."""

    width: float
    height: float
    boxes: list[Rectangle]
    routes: list[Route]
    layers: list[int]
    inside: dict[int, Layout] = field(default_factory=dict)


@dataclass(slots=True)
class _Items:
    """What stands in the rows: the boxes, by their places, and then the waypoints of the lines, by their sizes.

    `chains` are the waypoints of each line; `lefts` and `rights` what each item is joined to on its two sides.
    """

    rows: list[list[int]]
    widths: list[float]
    heights: list[float]
    chains: list[list[int]]
    lefts: list[list[Link]]
    rights: list[list[Link]]


def layout(graph: Graph) -> Layout:
    """Place a graph.

    Raises
    ------
    ValueError
        The lines form a cycle.

    Examples
    --------
    >>> placed = layout(Graph([Box(0, 40, 20), Box(1, 40, 20)], [Line(0, 1, label_width=30, label_height=16)]))
    >>> [(box.x, box.y) for box in placed.boxes], placed.routes[0].label
    ([(0.0, 0.0), (114.0, 0.0)], Rectangle(x=62.0, y=2.0, width=30, height=16))
    """
    boxes, inside, entries, exits = _sized(graph)
    order = sorted(range(len(boxes)), key=lambda k: boxes[k].id)
    place = {boxes[k].id: k for k in order}
    ends = [(place[line.source], place[line.target]) for line in graph.lines]
    layers = _layers(boxes, order, ends)
    items = _items(graph.lines, boxes, order, ends, layers, entries, exits)
    rows = in_order(items.rows, items.lefts, items.rights)
    y = heights(rows, items.heights, items.lefts, items.rights)
    straighten(rows, items.heights, sorted(items.chains), y)
    starts, widths = _columns(items, y)

    top = min((y[k] - items.heights[k] / 2 for k in range(len(y))), default=0.0)
    bottom = max((y[k] + items.heights[k] / 2 for k in range(len(y))), default=0.0)
    y = [each - top for each in y]
    placed = Layout(starts[-1] + widths[-1] if starts else 0.0, bottom - top, [], [], layers)
    for k, box in enumerate(boxes):
        x = starts[2 * layers[k]] + (widths[2 * layers[k]] - box.width) / 2
        if box.role == "entry":
            x = -BORDER
        if box.role == "exit":
            x = placed.width + BORDER
        placed.boxes.append(Rectangle(x, y[k] - box.height / 2, box.width, box.height))
    for line, (source, target), chain in zip(graph.lines, ends, items.chains, strict=True):
        first, last, row = placed.boxes[source], placed.boxes[target], 2 * layers[source]
        out = y[source] + exits[source][line.output]
        into = y[target] + entries[target][line.input]
        points = [(first.x + first.width, out), (starts[row] + widths[row], out)]
        for item in chain:
            row += 1
            points.append((starts[row], y[item]))
            points.append((starts[row] + widths[row], y[item]))
        points.append((starts[row + 1], into))
        points.append((last.x, into))
        label = None
        if line.label_width > 0:
            middle = starts[row] + widths[row] / 2
            width, height = line.label_width, line.label_height
            label = Rectangle(middle - width / 2, y[chain[-1]] - height / 2, width, height)
        placed.routes.append(Route(points, label))
    for k, inner in inside.items():
        _moved(inner, placed.boxes[k].x + BORDER, placed.boxes[k].y + TITLE)
        placed.inside[k] = inner
    return placed


def _sized(graph: Graph) -> tuple[list[Box], dict[int, Layout], list[list[float]], list[list[float]]]:
    """The boxes with the sizes that their insides need, these, and how far below the centres their ports are."""
    boxes: list[Box] = []
    inside: dict[int, Layout] = {}
    entries: list[list[float]] = []
    exits: list[list[float]] = []
    for k, box in enumerate(graph.boxes):
        entry = [box.height * ((port + 1) / (box.inputs + 1) - 0.5) for port in range(box.inputs)]
        leave = [box.height * ((port + 1) / (box.outputs + 1) - 0.5) for port in range(box.outputs)]
        if box.inside is not None:
            inner = layout(box.inside)
            inside[k] = inner
            width = inner.width + 2 * BORDER
            height = inner.height + TITLE + BORDER
            if width < box.width:
                _moved(inner, (box.width - width) / 2, 0.0)
                _reach_borders(box.inside, inner, (box.width - width) / 2)
                width = box.width
            for each, rectangle in zip(box.inside.boxes, inner.boxes, strict=True):
                if each.role == "entry":
                    entry[each.port] = rectangle.y + TITLE - height / 2
                if each.role == "exit":
                    leave[each.port] = rectangle.y + TITLE - height / 2
            box = replace(box, width=width, height=height)
        boxes.append(box)
        entries.append(entry)
        exits.append(leave)
    return boxes, inside, entries, exits


def _reach_borders(graph: Graph, inner: Layout, distance: float) -> None:
    """Move entries and exits out to the borders of a group that is wider than what is in it needs."""
    roles = {box.id: box.role for box in graph.boxes}
    for box, rectangle in zip(graph.boxes, inner.boxes, strict=True):
        if box.role != "box":
            rectangle.x += -distance if box.role == "entry" else distance
    for line, route in zip(graph.lines, inner.routes, strict=True):
        (left, out), (right, into) = route.points[0], route.points[-1]
        if roles[line.source] == "entry":
            route.points[0] = (left - distance, out)
        if roles[line.target] == "exit":
            route.points[-1] = (right + distance, into)


def _layers(boxes: list[Box], order: list[int], ends: list[tuple[int, int]]) -> list[int]:
    """The layer of each box: one more than its last operand's.

    A box whose operands, and theirs, are used nowhere else takes these with it to its first use: no line gets longer.
    """
    users: list[list[int]] = [[] for _ in boxes]
    missing = [0] * len(boxes)
    for source, target in ends:
        users[source].append(target)
        missing[target] += 1
    layers = [0] * len(boxes)
    ready = [k for k in order if missing[k] == 0]
    for k in ready:
        for user in users[k]:
            layers[user] = max(layers[user], layers[k] + 1)
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    if len(ready) < len(boxes):
        raise ValueError("the lines of a graph that is drawn in layers must not form a cycle")
    alone = [boxes[k].role != "entry" for k in range(len(boxes))]
    for k in ready:
        for user in users[k]:
            alone[user] = alone[user] and alone[k] and len(users[k]) == 1
    for k in reversed(ready):
        if users[k] and alone[k]:
            layers[k] = min(layers[user] for user in users[k]) - 1
    last = max(layers, default=0)
    for k, box in enumerate(boxes):
        if box.role == "exit":
            layers[k] = last
    return layers


def _items(
    lines: list[Line],
    boxes: list[Box],
    order: list[int],
    ends: list[tuple[int, int]],
    layers: list[int],
    entries: list[list[float]],
    exits: list[list[float]],
) -> _Items:
    """What stands in the rows, in the order in which one meets it on the way back from the results, depth first.

    The boxes of layer k are in row 2k; labels stand in row 2k - 1, before the box that their line leads to.
    """
    count = 2 * max(layers, default=-1) + 1
    items = _Items(
        rows=[[] for _ in range(count)],
        widths=[box.width for box in boxes],
        heights=[box.height for box in boxes],
        chains=[[] for _ in lines],
        lefts=[[] for _ in boxes],
        rights=[[] for _ in boxes],
    )
    incoming: list[list[int]] = [[] for _ in boxes]
    used = [False] * len(boxes)
    for j in sorted(range(len(lines)), key=lambda j: (lines[j].input, lines[j].source, j)):
        incoming[ends[j][1]].append(j)
        used[ends[j][0]] = True
    met = [not used[k] for k in range(len(boxes))]
    for sink in order:
        if used[sink]:
            continue
        items.rows[2 * layers[sink]].append(sink)
        stack = [(sink, 0)]
        while stack:
            k, n = stack.pop()
            if n == len(incoming[k]):
                continue
            stack.append((k, n + 1))
            j = incoming[k][n]
            source = ends[j][0]
            _add_line(items, j, lines[j], source, k, 2 * layers[source], 2 * layers[k], exits, entries)
            if not met[source]:
                met[source] = True
                items.rows[2 * layers[source]].append(source)
                stack.append((source, 0))
    return items


def _add_line(
    items: _Items,
    j: int,
    line: Line,
    source: int,
    target: int,
    first: int,
    last: int,
    exits: list[list[float]],
    entries: list[list[float]],
) -> None:
    """Give a line a waypoint in each row that it passes, and link what is beside each other on its way."""
    here, out = source, exits[source][line.output]
    for row in range(first + 1, last + 1):
        if row < last:
            there, into = len(items.widths), 0.0
            items.chains[j].append(there)
            items.rows[row].append(there)
            items.widths.append(line.label_width if row == last - 1 else 0.0)
            items.heights.append(line.label_height if row == last - 1 else 0.0)
            items.lefts.append([])
            items.rights.append([])
        else:
            there, into = target, entries[target][line.input]
        down_here = 0.5 + (out / items.heights[here] if out else 0.0)
        down_there = 0.5 + (into / items.heights[there] if into else 0.0)
        weight = _LEVEL if first + 1 < row < last else 1.0
        items.rights[here].append(Link(there, down_here, down_there, out - into, weight))
        items.lefts[there].append(Link(here, down_there, down_here, into - out, weight))
        here, out = there, 0.0


def _columns(items: _Items, y: list[float]) -> tuple[list[float], list[float]]:
    """Where each row begins, from left to right, and how wide it is; steep lines get more room before the next."""
    starts, widths = [], []
    x = 0.0
    for row in items.rows:
        width, steepest = 0.0, 0.0
        for item in row:
            width = max(width, items.widths[item])
            for link in items.rights[item]:
                steepest = max(steepest, abs(y[link.item] - link.drop - y[item]))
        starts.append(x)
        widths.append(width)
        x += width + min(LAYER_GAP + steepest / 3, STEEPEST_GAP)
    return starts, widths


def _moved(placed: Layout, x: float, y: float) -> None:
    """Move all of a layout."""
    for box in placed.boxes:
        box.x += x
        box.y += y
    for route in placed.routes:
        route.points = [(each_x + x, each_y + y) for each_x, each_y in route.points]
        if route.label is not None:
            route.label.x += x
            route.label.y += y
    for inner in placed.inside.values():
        _moved(inner, x, y)
