"""Groups: calls, loops, iterations and lines, so that a long program fits on a page."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


def layer(units, weights):
    inner = weights @ units
    return np.tanh(inner) * 0.5


def network(units, layers):
    for k in range(len(layers)):
        units = layer(units, layers[k])
        units = units + 1
    count = 0
    while count < 5:
        units = units * 0.5
        for weights in layers[:3]:
            units = units + weights @ units * 0.01
        count += 1
    return np.sum(units)


def tree(program, most=8):
    """The groups as lines of text, repetitions left out."""
    lines = []

    def show(place, depth):
        group = program.groups[place]
        if group.like is None:
            lines.append("  " * depth + f"{group.kind}: {group.title} ({len(group.nodes)} + {len(group.groups)})")
            for inner in group.groups:
                show(inner, depth + 1)

    for place, group in enumerate(program.groups):
        if group.parent is None:
            show(place, 0)
    return lines


def visible(program, nodes, groups):
    """How many boxes are drawn for some nodes and groups, those that are alike once."""
    firsts = {place if program.groups[place].like is None else program.groups[place].like for place in groups}
    return len(nodes) + len(firsts)


def assert_well_formed(program, most):
    """Every node is in one place; parents know their groups; nowhere are more than `most` boxes at once."""
    placed = [k for group in program.groups for k in group.nodes]
    assert len(placed) == len(set(placed))
    for place, group in enumerate(program.groups):
        assert all(program.groups[inner].parent == place for inner in group.groups)
        assert visible(program, group.nodes, group.groups) <= most
        if group.like is not None:
            assert program.groups[group.like].like is None
            assert len(program.groups[group.like].nodes) == len(group.nodes)
    top = set(range(len(program.nodes))) - set(placed)
    roots = [k for k, group in enumerate(program.groups) if group.parent is None]
    assert visible(program, top, roots) <= most


def assert_acyclic(program):
    """Top-level boxes use each other in one direction: each is an interval of the run."""
    for group in program.groups:
        members = list(group.nodes)
        waiting = list(group.groups)
        while waiting:
            inner = program.groups[waiting.pop()]
            members.extend(inner.nodes)
            waiting.extend(inner.groups)
        assert sorted(members) == list(range(min(members), max(members) + 1))


def test_calls_loops_and_iterations():
    ex = cr.explain(network, np.ones(4), [np.eye(4) * 0.5] * 60)

    assert tree(ex.program) == [
        "loop: for k in range(len(layers)) (0 + 60)",
        "  iteration: iteration 1 (1 + 1)",
        "    call: layer(units, layers[k]) (3 + 0)",
        "loop: while count < 5 (0 + 5)",
        "  iteration: iteration 1 (1 + 1)",
        "    loop: for weights in layers[:3] (0 + 3)",
        "      iteration: iteration 1 (3 + 0)",
    ]
    assert_well_formed(ex.program, 150)
    assert_acyclic(ex.program)


def test_short_programs_have_none():
    assert cr.explain(network, np.ones(4), [np.eye(4)] * 2).program.groups == []
    assert cr.explain(network, np.ones(4), [np.eye(4)] * 60, group="none").program.groups == []


def test_comprehension():
    def f(x):
        return sum([np.sin(each) * each for each in x])

    program = cr.explain(f, np.linspace(0, 1, 100)).program

    assert_well_formed(program, 150)
    assert any("for each in x" in line for line in tree(program))


@pytest.mark.parametrize("most", [10, 40])
def test_so_many_boxes_at_most(most):
    program = cr.explain(network, np.ones(4), [np.eye(4) * 0.5] * 60, max_nodes=most).program

    assert_well_formed(program, most)
    assert_acyclic(program)


def test_straight_line_program():
    """A long program without calls and loops is put together line by line and in blocks."""
    source = "def f(x):\n" + "".join(f"    x = x * 0.{k} + x\n" for k in range(1, 301)) + "    return np.sin(x)\n"
    space = {"np": np}
    exec(source, space)
    program = cr.explain(space["f"], 1e-9).program

    assert len(program.nodes) > 600
    assert_well_formed(program, 150)
    assert_acyclic(program)


def test_many_inputs():
    program = cr.explain(lambda xs: sum(xs), [float(k) for k in range(400)]).program

    assert_well_formed(program, 150)


def test_generator_of_the_users():
    """Where a generator and the loop that takes from it alternate, groups are intervals still."""

    def numbers(x):
        for k in range(100):
            yield x * k

    def f(x):
        total = 0.0
        for each in numbers(x):
            total = total + np.sin(each)
        return total

    program = cr.explain(f, 0.5).program

    assert_well_formed(program, 150)
    assert_acyclic(program)
