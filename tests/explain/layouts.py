"""Graphs to lay out, as Python and as JSON."""

import random

from chainrule.explain.drawing.layout import Box, Graph, Line


def chain(n):
    return Graph([Box(k, 50, 24) for k in range(n)], [Line(k, k + 1, 0, 0, 40, 18) for k in range(n - 1)])


def product():
    """y = x * exp(x * x), the three uses of x apart."""
    boxes = [Box(k, 60, 40) for k in range(3)] + [Box(3, 92, 48, 2), Box(4, 100, 48), Box(5, 88, 48, 2)]
    lines = [
        Line(0, 5, 0, 0, 80, 22),
        Line(1, 3, 0, 0, 66, 22),
        Line(2, 3, 0, 1, 66, 22),
        Line(3, 4, 0, 0, 80, 22),
        Line(4, 5, 0, 1, 66, 22),
    ]
    return Graph(boxes, lines)


def grouped():
    """A group in a group, with two lines in and two out, beside a box, some without labels."""
    innermost = Graph(
        [Box(0, 0, 0, role="entry"), Box(1, 70, 30), Box(2, 0, 0, role="exit")],
        [Line(0, 1, 0, 0, 30, 16), Line(1, 2)],
    )
    inner = Graph(
        [
            Box(0, 0, 0, role="entry", port=0),
            Box(1, 0, 0, role="entry", port=1),
            Box(2, 40, 30, inputs=2),
            Box(3, 190, 0, inside=innermost),
            Box(4, 0, 0, role="exit", port=0),
            Box(5, 0, 0, role="exit", port=1),
        ],
        [Line(1, 2, 0, 1, 44, 16), Line(0, 2, 0, 0, 44, 16), Line(2, 3), Line(3, 4), Line(2, 5, 0, 0)],
    )
    return Graph(
        [
            Box(10, 50, 30),
            Box(11, 50, 30),
            Box(12, 0, 0, inputs=2, outputs=2, inside=inner),
            Box(13, 60, 50, inputs=3),
        ],
        [
            Line(10, 12, 0, 0),
            Line(11, 12, 0, 1),
            Line(12, 13, 0, 0, 30, 16),
            Line(12, 13, 1, 2, 30, 16),
            Line(11, 13, 0, 1),
        ],
    )


def acyclic(seed, n, reach=8, widest_label=120):
    """A random graph, every box but the first few with one to three operands of the last `reach`."""
    chance = random.Random(seed)
    boxes, lines = [], []
    for k in range(n):
        count = chance.randint(1, 3) if k > 2 else 0
        boxes.append(Box(k, chance.uniform(30, 140), chance.uniform(20, 60), max(count, 1)))
        for slot in range(count):
            label = (chance.uniform(10, widest_label), chance.uniform(14, 44)) if chance.random() < 0.8 else (0.0, 0.0)
            lines.append(Line(chance.randrange(max(0, k - reach), k), k, 0, slot, *label))
    return Graph(boxes, lines)


CORPUS = {
    "empty": Graph([], []),
    "one box": Graph([Box(7, 30, 20)], []),
    "two boxes apart": Graph([Box(1, 30, 20), Box(0, 60, 40)], []),
    "chain": chain(5),
    "product": product(),
    "grouped": grouped(),
    "parallel lines": Graph([Box(0, 30, 20), Box(1, 30, 60, 3)], [Line(0, 1, 0, k, 50, 20) for k in range(3)]),
    "fan": Graph([Box(k, 40, 20) for k in range(9)], [Line(0, k, 0, 0, 30, 16) for k in range(1, 9)]),
    "skips": Graph(
        [Box(k, 44, 26, 2) for k in range(8)],
        [line for k in range(1, 8) for line in (Line(k - 1, k, 0, 0, 30, 16), Line(0, k, 0, 1, 50, 18))],
    ),
    **{f"random of {n}": acyclic(n, n) for n in (4, 8, 12, 20, 30, 45)},
    **{f"far reaching of {n}": acyclic(100 + n, n, reach=n) for n in (10, 25, 40)},
    **{f"close of {n}": acyclic(200 + n, n, reach=3) for n in (10, 20, 40, 80)},
    **{f"wide labels of {n}": acyclic(300 + n, n, reach=6, widest_label=400) for n in (6, 15, 30)},
    **{f"large of {n}": acyclic(400 + n, n, reach=12) for n in (100, 150)},
    **{f"sparse of {n}": acyclic(500 + n, n, reach=20) for n in (18, 36, 60)},
}


def as_json(graph):
    """A graph in a form that any language reads: what a field's absence means is said in `layout.py`."""
    return {
        "boxes": [
            {
                "id": box.id,
                "width": box.width,
                "height": box.height,
                "inputs": box.inputs,
                "outputs": box.outputs,
                "role": box.role,
                "port": box.port,
                "inside": box.inside and as_json(box.inside),
            }
            for box in graph.boxes
        ],
        "lines": [
            {
                "source": line.source,
                "target": line.target,
                "output": line.output,
                "input": line.input,
                "label_width": line.label_width,
                "label_height": line.label_height,
            }
            for line in graph.lines
        ],
    }


def placed_as_json(placed):
    """A layout in the same form; what is inside a box by the place of that box, null for none."""
    return {
        "width": placed.width,
        "height": placed.height,
        "layers": placed.layers,
        "boxes": [[box.x, box.y, box.width, box.height] for box in placed.boxes],
        "routes": [
            {
                "points": [list(point) for point in route.points],
                "label": route.label and [route.label.x, route.label.y, route.label.width, route.label.height],
            }
            for route in placed.routes
        ],
        "inside": [placed_as_json(placed.inside[k]) if k in placed.inside else None for k in range(len(placed.boxes))],
    }
