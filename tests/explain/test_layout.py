"""A layout has no overlaps, leads from left to right, is always the same, and is what the page computes."""

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from chainrule.explain.drawing.layout import Box, Graph, Line, layout
from chainrule.explain.drawing.rows import GAP, Link, in_order, pooled
from tests.explain.layouts import CORPUS, acyclic, as_json, chain, placed_as_json, product

GOLDEN = Path(__file__).parent / "golden" / "layout"
KEPT = [
    "chain",
    "product",
    "grouped",
    "parallel lines",
    "fan",
    "skips",
    "random of 12",
    "far reaching of 25",
    "wide labels of 15",
]


def overlaps(first, second):
    """How far each of the first rectangles reaches into each of the second: a matrix, positive where they overlap."""
    a, b = np.array(first).reshape(-1, 1, 4), np.array(second).reshape(1, -1, 4)
    depth = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return depth.min(-1)


def corners(rectangle):
    return rectangle.x, rectangle.y, rectangle.width, rectangle.height


def solids(placed):
    """All boxes and labels, and for each the box or the line that it belongs to."""
    solid = [(corners(box), ("box", k)) for k, box in enumerate(placed.boxes) if box.width > 0]
    solid += [(corners(route.label), ("label", k)) for k, route in enumerate(placed.routes) if route.label]
    return [rectangle for rectangle, _ in solid], [of for _, of in solid]


def check(graph, placed):
    """Boxes and labels are apart, lines lead from port to port to the right and cross neither, the frame holds all."""
    solid, belongs = solids(placed)
    check_apart(solid, (0.0, 0.0, placed.width, placed.height))
    place = {box.id: k for k, box in enumerate(graph.boxes)}
    for k, (line, route) in enumerate(zip(graph.lines, placed.routes, strict=True)):
        source, target = place[line.source], place[line.target]
        first, last = placed.boxes[source], placed.boxes[target]
        assert placed.layers[source] < placed.layers[target]
        (x, y), (end_x, end_y) = route.points[0], route.points[-1]
        assert (x, end_x) == pytest.approx((first.x + first.width, last.x))
        assert first.y - 1e-9 <= y <= first.y + first.height + 1e-9
        assert last.y - 1e-9 <= end_y <= last.y + last.height + 1e-9
        points = np.array(route.points)
        steps = np.diff(points, axis=0)
        assert (steps[:, 0] >= -1e-9).all()
        frames = np.hstack([np.minimum(points[:-1], points[1:]), np.abs(steps)])
        others = [
            r
            for r, of in zip(solid, belongs, strict=True)
            if of not in (("box", source), ("box", target), ("label", k))
        ]
        assert (overlaps(frames, others) <= 1e-9).all()
    for k, inner in placed.inside.items():
        check_inside(graph.boxes[k].inside, inner, placed.boxes[k])


def check_apart(solid, frame):
    depths = overlaps(solid, solid)
    np.fill_diagonal(depths, 0.0)
    assert (depths <= 1e-9).all()
    x, y, width, height = np.array(solid).reshape(-1, 4).T
    assert (x >= frame[0] - 1e-9).all()
    assert (y >= frame[1] - 1e-9).all()
    assert (x + width <= frame[0] + frame[2] + 1e-9).all()
    assert (y + height <= frame[1] + frame[3] + 1e-9).all()


def check_inside(graph, inner, border):
    """What is in a group is within its border, apart, and its lines begin and end there."""
    check_apart(solids(inner)[0], corners(border))
    for box, rectangle in zip(graph.boxes, inner.boxes, strict=True):
        if box.role != "box":
            side = border.x if box.role == "entry" else border.x + border.width
            assert rectangle.x == pytest.approx(side)
            assert border.y < rectangle.y < border.y + border.height
    for route in inner.routes:
        assert all(border.x - 1e-9 <= x <= border.x + border.width + 1e-9 for x, _ in route.points)
    for k, deeper in inner.inside.items():
        check_inside(graph.boxes[k].inside, deeper, inner.boxes[k])


@pytest.mark.parametrize("labels", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("name", CORPUS)
def test_nothing_overlaps(name, labels):
    """With labels of three lengths, for instance in three languages."""
    graph = CORPUS[name]
    graph = Graph(graph.boxes, [replace(line, label_width=labels * line.label_width) for line in graph.lines])

    check(graph, layout(graph))


@pytest.mark.parametrize("name", CORPUS)
def test_the_order_of_the_lists_does_not_matter(name):
    graph = CORPUS[name]
    boxes, lines = list(enumerate(graph.boxes)), list(enumerate(graph.lines))
    random.Random(1).shuffle(boxes)
    random.Random(2).shuffle(lines)

    shuffled = layout(Graph([box for _, box in boxes], [line for _, line in lines]))

    placed = layout(graph)
    assert [placed.boxes[k] for k, _ in boxes] == shuffled.boxes
    assert [placed.routes[k] for k, _ in lines] == shuffled.routes


def test_numbers_of_boxes_only_settle_ties():
    """With one result and operands in slots the way back from it leaves none."""
    graph = product()
    names = [4, 0, 5, 2, 1, 3]
    renamed = Graph(
        [replace(box, id=names[box.id]) for box in graph.boxes],
        [replace(line, source=names[line.source], target=names[line.target]) for line in graph.lines],
    )

    assert layout(renamed).boxes == layout(graph).boxes


def test_operands_stand_in_the_order_of_their_slots():
    """x₁ over x₂ over x₃, as one reads y = x * exp(x * x)."""
    first, second, third = layout(product()).boxes[:3]

    assert first.y < second.y < third.y


def test_a_chain_is_level():
    placed = layout(chain(20))

    assert {round(y, 9) for route in placed.routes for _, y in route.points} == {12.0}


def test_leaves_stand_next_to_their_first_use():
    """A leaf that only the last of four steps uses is in the layer before it."""
    boxes = [Box(k, 30, 20, 2) for k in range(5)]
    lines = [Line(0, 1), Line(1, 2), Line(2, 3), Line(4, 3, 0, 1)]

    assert layout(Graph(boxes, lines)).layers == [0, 1, 2, 3, 2]


def test_cycles_are_refused():
    with pytest.raises(ValueError, match="cycle"):
        layout(Graph([Box(0, 1, 1), Box(1, 1, 1)], [Line(0, 1), Line(1, 0)]))


def test_long_chains_do_not_recurse():
    """Five times as many boxes in a row as Python allows calls."""
    n = 5 * sys.getrecursionlimit()

    assert layout(Graph([Box(k, 9, 9) for k in range(n)], [Line(k, k + 1) for k in range(n - 1)])).layers[-1] == n - 1


def test_what_is_visible_at_most_is_laid_out_at_once():
    """150 boxes with about 200 lines. The bound is wide, for machines that are busy."""
    graph = acyclic(0, 150, reach=5)
    graph = Graph(graph.boxes, [line for line in graph.lines if line.input == 0 or line.target % 3 == 0])
    seconds = []
    for _ in range(5):
        start = time.process_time()
        layout(graph)
        seconds.append(time.process_time() - start)

    assert min(seconds) < 0.15


@pytest.mark.parametrize("seed", range(5))
def test_heights_are_the_least_squares(seed):
    """Subtract the least distances, and it is isotonic regression: SciPy's answer."""
    chance = np.random.default_rng(seed)
    wanted, weights, sizes = chance.normal(0, 100, 30), chance.uniform(0.1, 8, 30), chance.uniform(0, 60, 30)
    distances = np.concatenate([[0.0], np.cumsum((sizes[:-1] + sizes[1:]) / 2 + GAP)])

    settled = pooled(wanted.tolist(), weights.tolist(), sizes.tolist())

    expected = isotonic_regression(wanted - distances, weights=weights).x + distances
    np.testing.assert_allclose(settled, expected, rtol=1e-12, atol=1e-9)


def test_crossings_that_can_be_avoided_are_avoided():
    """Two rows whose order is reversed."""
    n = 6
    lefts = [[] for _ in range(2 * n)]
    rights = [[] for _ in range(2 * n)]
    for k in range(n):
        rights[k].append(Link(2 * n - 1 - k, 0.5, 0.5, 0.0, 1.0))
        lefts[2 * n - 1 - k].append(Link(k, 0.5, 0.5, 0.0, 1.0))

    first, second = in_order([list(range(n)), list(range(n, 2 * n))], lefts, rights)

    assert [2 * n - 1 - k for k in first] == second


@pytest.mark.parametrize("name", KEPT)
def test_layouts_are_those_that_the_page_computes(name, request):
    """The page's own code is held to the same files, so that both draw the same picture."""
    file = GOLDEN / f"{name.replace(' ', '_')}.json"
    placed = placed_as_json(layout(CORPUS[name]))
    if request.config.getoption("--update-golden"):
        file.write_text(json.dumps({"graph": as_json(CORPUS[name]), "layout": placed}) + "\n")

    golden = json.loads(file.read_text())

    assert as_json(CORPUS[name]) == golden["graph"]
    assert_close(placed, golden["layout"])


def assert_close(placed, golden):
    """Equal, and numbers to 1e-6."""
    if isinstance(golden, dict):
        assert placed.keys() == golden.keys()
        for key in golden:
            assert_close(placed[key], golden[key])
    elif isinstance(golden, list):
        assert len(placed) == len(golden)
        for one, other in zip(placed, golden, strict=True):
            assert_close(one, other)
    else:
        assert golden == (placed if placed is None else pytest.approx(placed, abs=1e-6))
