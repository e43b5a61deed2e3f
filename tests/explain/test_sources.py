"""The source that an explanation shows: of the functions that the run went through, their own lines, each once."""

from __future__ import annotations

import linecache

import numpy as np
import pytest

import chainrule as cr


def over_generator(x):
    """The steps lie in a generator expression."""
    return sum(v * v for v in x)


def with_inner_lambdas(x):
    triple = lambda v: v * 3  # noqa: E731
    return triple(x[0]) + triple(x[1])


functions = [
    lambda x: np.sum(
        x * x,
    )
]


def not_part_of_it(x):
    return x


def helper(x):
    return x * 2


def with_helper(x):
    return np.sum(helper(x))


def shown(f, *args):
    return [source.lines for source in cr.explain(f, *args).program.sources]


@pytest.mark.parametrize(
    ("f", "first", "last"),
    [
        (over_generator, "def over_generator(x):", "    return sum(v * v for v in x)"),
        (with_inner_lambdas, "def with_inner_lambdas(x):", "    return triple(x[0]) + triple(x[1])"),
        (functions[0], "    lambda x: np.sum(", "    )"),
    ],
)
def test_own_lines_once(f, first, last):
    """What lies in a function belongs to it, and a lambda has just its lines."""
    (lines,) = shown(f, np.ones(2))
    assert (lines[0], lines[-1]) == (first, last)


def test_generator_expression_outside():
    """One that was made elsewhere has its line alone."""
    squares = lambda x: (v * v for v in x)  # noqa: E731

    def total(x):
        return sum(squares(x))

    lines = shown(total, np.ones(2))
    assert [len(each) for each in lines] == [2, 1]
    assert lines[1][0].lstrip().startswith("squares = lambda")


def test_functions_apart():
    """Functions of one file are listed in the order in which they were called."""
    caller, called = shown(with_helper, np.ones(2))
    assert caller == ("def with_helper(x):", "    return np.sum(helper(x))")
    assert called == ("def helper(x):", "    return x * 2")


def test_source_that_is_not_what_ran():
    """A file that changed since may no longer be Python: the lines are those of the instructions."""
    name = "changed.py"
    code = compile("def f(x):\n    return x * (\n        x + 1)\n", name, "exec")
    space = {}
    exec(code, space)
    text = ["def f(x):\n", "    return x * (((\n", "        x + 1)\n"]
    linecache.cache[name] = (sum(map(len, text)), None, text, name)
    try:
        (lines,) = shown(space["f"], 2.0)
    finally:
        del linecache.cache[name]
    assert lines == tuple(line.rstrip() for line in text)
