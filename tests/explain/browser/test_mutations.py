"""The tests of the page see what they are there for: each fails on a program in which one thing is wrong."""

import math
import re

import numpy as np
import pytest

from chainrule.explain.document import read, written
from chainrule.explain.numbers import numbers
from tests.explain.browser import test_page_in_browser as checks
from tests.explain.browser.programs import product_of_sums, scalar_example


def test_factors_of_a_path_multiply_to_its_contribution(opened):
    """In every row the numbers of the product, multiplied, are the value beside them (B4)."""
    for make in (scalar_example, product_of_sums):
        view = opened(make())
        rows = view.tab.locator("tr[data-path]")
        assert rows.count() == 3
        for k in range(3):
            product, value = (rows.nth(k).locator("td").nth(n).inner_text() for n in (1, 2))
            factors = [checks.number(factor.strip("()")) for factor in re.split(r"\s*·\s*", product)]
            assert math.prod(factors) == pytest.approx(checks.number(value), abs=2e-3)


def flipped_rule(program):
    """One local derivative has the wrong sign, and with it all that was computed from it."""
    wrong = next(k for k, edge in enumerate(program.edges) if edge.use)
    jacobian = program.edges[wrong].jacobian
    jacobian.entries = -jacobian.entries
    program.paths = [
        type(path)(path.edges, numbers(-path.contribution.values) if wrong in path.edges else path.contribution)
        for path in program.paths
    ]
    return program


def flipped_entry(program):
    """One local derivative is shown with the wrong sign."""
    jacobian = program.edges[0].jacobian
    jacobian.entries = -jacobian.entries
    return program


def dropped_slot(program):
    """One use of a value is missing."""
    del program.edges[1]
    program.paths = [path for path in program.paths if 1 not in path.edges]
    program.paths = [type(p)(tuple(e - (e > 1) for e in p.edges), p.contribution) for p in program.paths]
    return program


def swapped_names(program):
    """Two values have each other's name."""
    first, last = program.nodes[0], program.nodes[-1]
    first.name, last.name = last.name, first.name
    return program


def swapped_entries(program):
    """Two entries of a local derivative stand in each other's place."""
    entries = program.edges[0].jacobian.entries
    program.edges[0].jacobian.entries = np.array(entries)[::-1]
    return program


@pytest.mark.parametrize(
    ("mutate", "check"),
    [
        (flipped_rule, checks.test_paths_add_up_to_the_derivative),
        (flipped_entry, test_factors_of_a_path_multiply_to_its_contribution),
        (flipped_entry, checks.test_cell_by_cell),
        (dropped_slot, checks.test_paths_add_up_to_the_derivative),
        (dropped_slot, checks.test_shared_input_is_drawn_once_per_use),
        (swapped_names, checks.test_shared_input_is_drawn_once_per_use),
        (swapped_entries, checks.test_cell_by_cell),
    ],
)
def test_mutation_is_seen(opened, mutate, check):
    """A sign, a slot, two names or two entries that are wrong make the test that guards them fail."""

    def mutated(program, *arguments, **settings):
        return opened(mutate(read(written(program))), *arguments, **settings)

    with pytest.raises(AssertionError):
        check(mutated)
