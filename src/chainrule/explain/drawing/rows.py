"""The rows of a layered drawing: in which order their items stand, and at which heights.

The order is found by barycentres: an item is moved to the mean place of the ports that it is joined to in the row
beside, sweep by sweep, and the order with the fewest crossings is kept. The heights are those of weighted least
squares with minimum gaps, which pooling adjacent violators solves exactly in one row.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import NamedTuple

GAP = 14.0
SWEEPS = 8
PLACEMENTS = 16

# What keeps an item in place that nothing pulls.
_INERTIA = 1e-3
# Heights that move less than this in a sweep have arrived.
_AT_REST = 1e-9


class Link(NamedTuple):
    """A piece of a line, seen from one of its ends: the item at the other end, in a neighbouring row.

    `here` and `there` say how far down on the items its ports are, from 0 to 1; `drop` is how much lower the centre of
    the item there is than that of the one here if the piece is level; `weight` how much it wants to be level.
    """

    item: int
    here: float
    there: float
    drop: float
    weight: float


def in_order(rows: list[list[int]], lefts: list[list[Link]], rights: list[list[Link]]) -> list[list[int]]:
    """The rows in the order with the fewest crossings that was met; the first of them, if there are several."""
    place = [0.0] * len(lefts)
    for row in rows:
        for n, item in enumerate(row):
            place[item] = float(n)
    best, fewest = rows, _crossings(rows, rights, place)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        backwards = sweep % 2 == 0
        rows = list(reversed(rows)) if backwards else list(rows)
        links = rights if backwards else lefts
        for k, row in enumerate(rows):
            keyed = []
            for item in row:
                total = 0.0
                for link in links[item]:
                    total += place[link.item] + link.there
                count = len(links[item])
                keyed.append((total / count if count else place[item] + 0.5, place[item], item))
            keyed.sort()
            rows[k] = [item for _, _, item in keyed]
            for n, item in enumerate(rows[k]):
                place[item] = float(n)
        if backwards:
            rows.reverse()
        crossings = _crossings(rows, rights, place)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: list[list[int]], rights: list[list[Link]], place: list[float]) -> int:
    """How many pairs of pieces cross, between all neighbouring rows."""
    count = 0
    for row in rows:
        ends = []
        for item in row:
            for link in rights[item]:
                ends.append((place[item] + link.here, place[link.item] + link.there))
        ends.sort()
        above: list[float] = []
        for _, end in ends:
            n = bisect_right(above, end)
            count += len(above) - n
            above.insert(n, end)
    return count


def heights(
    rows: list[list[int]], sizes: list[float], lefts: list[list[Link]], rights: list[list[Link]]
) -> list[float]:
    """The heights of the items' centres at which the lines are as level as the gaps allow.

    Σ weight · (deviation from level)² over all pieces is minimised over one row at a time: first with a look at one
    side only, which moves the whole picture, then at both, which never makes the sum larger.
    """
    y = [0.0] * len(sizes)
    for row in rows:
        total = sum(sizes[item] for item in row) + GAP * (len(row) - 1)
        top = -total / 2
        for item in row:
            y[item] = top + sizes[item] / 2
            top += sizes[item] + GAP
    for sweep in range(PLACEMENTS):
        backwards = sweep % 2 == 0
        both = sweep >= PLACEMENTS // 4
        farthest = 0.0
        for row in reversed(rows) if backwards else rows:
            wanted, weights = [], []
            for item in row:
                total, weight = _INERTIA * y[item], _INERTIA
                if both or not backwards:
                    for link in lefts[item]:
                        total += link.weight * (y[link.item] - link.drop)
                        weight += link.weight
                if both or backwards:
                    for link in rights[item]:
                        total += link.weight * (y[link.item] - link.drop)
                        weight += link.weight
                wanted.append(total / weight)
                weights.append(weight)
            settled = pooled(wanted, weights, [sizes[item] for item in row])
            for n, item in enumerate(row):
                farthest = max(farthest, abs(settled[n] - y[item]))
                y[item] = settled[n]
        if both and farthest < _AT_REST:
            break
    return y


def straighten(rows: list[list[int]], sizes: list[float], chains: list[list[int]], y: list[float]) -> None:
    """Make the waypoints of each line level with each other, as many in a row as their neighbours leave room for."""
    above = [-1] * len(sizes)
    below = [-1] * len(sizes)
    for row in rows:
        for n in range(1, len(row)):
            above[row[n]] = row[n - 1]
            below[row[n - 1]] = row[n]
    for chain in chains:
        n = 0
        while n < len(chain):
            least, greatest, total, end = -math.inf, math.inf, 0.0, n
            while end < len(chain):
                item = chain[end]
                low, high = least, greatest
                if above[item] >= 0:
                    low = max(low, y[above[item]] + sizes[above[item]] / 2 + GAP + sizes[item] / 2)
                if below[item] >= 0:
                    high = min(high, y[below[item]] - sizes[below[item]] / 2 - GAP - sizes[item] / 2)
                if low > high and end > n:
                    break
                least, greatest, total, end = low, high, total + y[item], end + 1
            if least <= greatest:
                level = min(max(total / (end - n), least), greatest)
                for item in chain[n:end]:
                    y[item] = level
            n = end


def pooled(wanted: list[float], weights: list[float], sizes: list[float]) -> list[float]:
    """The heights y that minimise Σ weight · (y - wanted)², in this order and at least `GAP` apart.

    With the least distances subtracted the heights only have to be in order: neighbours that are not are pooled at
    their mean, until all are.

    >>> pooled([0.0, 0.0], [1.0, 3.0], [10.0, 10.0])
    [-18.0, 6.0]
    """
    distance = 0.0
    distances: list[float] = []
    pools: list[tuple[float, float, int]] = []
    for n in range(len(wanted)):
        if n > 0:
            distance += sizes[n - 1] / 2 + GAP + sizes[n] / 2
        distances.append(distance)
        mean, weight, count = wanted[n] - distance, weights[n], 1
        while pools and pools[-1][0] > mean:
            other_mean, other_weight, other_count = pools.pop()
            mean = (mean * weight + other_mean * other_weight) / (weight + other_weight)
            weight += other_weight
            count += other_count
        pools.append((mean, weight, count))
    y: list[float] = []
    for mean, _, count in pools:
        for _ in range(count):
            y.append(mean + distances[len(y)])
    return y
