"""The page is quick: to be ready, and to open a group."""

import os

import pytest

from tests.explain.browser.programs import chain
from tests.explain.drawn import by_chance

# Seconds for a machine that has nothing else to do; others get more.
PATIENCE = float(os.environ.get("CHAINRULE_PATIENCE", "4"))


@pytest.mark.parametrize(
    ("make", "least", "limit"),
    [
        pytest.param(lambda: by_chance(7, 145), 145, 1.0, id="150 visible"),
        pytest.param(lambda: chain(1000), 2, 1.0, id="1000 grouped"),
        pytest.param(lambda: chain(10_000), 2, 2.0, id="10000 grouped"),
    ],
)
def test_ready(opened, make, least, limit):
    """The page can be used after a second, or two with ten thousand operations (B17)."""
    view = opened(make())

    seconds = view.tab.evaluate("performance.getEntriesByName('ready')[0].startTime") / 1000
    assert view.tab.locator("#graph .item").count() >= least
    assert seconds < limit * PATIENCE


def test_opening_a_group(opened):
    """A double click opens a group in a fifth of a second, and its last value stays under the pointer (B17)."""
    view = opened(chain(1000))
    opening = """(group) => {
        const middle = (each) => {
            const box = each.querySelector(".box:not(.behind)").getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        };
        const before = middle(group);
        const began = performance.now();
        group.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
        const after = [...document.querySelectorAll("#graph .item")].map(middle);
        return { seconds: (performance.now() - began) / 1000, before, after };
    }"""
    for _ in range(3):
        opened_group = view.tab.locator("#graph .item.group, #graph .item.fold").last.evaluate(opening)
        (x, y), after = opened_group["before"], opened_group["after"]

        assert opened_group["seconds"] < 0.2 * PATIENCE
        assert len(after) > 2
        assert min(max(abs(x - a), abs(y - b)) for a, b in after) < 1
