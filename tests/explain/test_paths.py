"""Paths: how many there are, the largest, their sum and what cancels, against a list of all of them."""

from __future__ import annotations

import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.explain.run.accumulation import accumulate
from chainrule.explain.run.moduli import moduli
from chainrule.explain.run.paths import counted, largest
from chainrule.explain.run.recording import record
from chainrule.explain.run.steps import steps
from chainrule.testing.graphs import ON_NUMBERS, ON_VECTORS, write_graph

SETTINGS = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=60)

numbers = st.floats(0.25, 2).map(lambda x: round(x, 3))
arrays = st.lists(numbers, min_size=3, max_size=3).map(np.array)


@st.composite
def programs(draw, operations, longest):
    """A program of up to `longest` statements."""
    return write_graph(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, longest)), list(operations))


def all_paths(program, most=5000):
    """Every path from an input to the result, as its edges from the input on; None if there are more than `most`."""
    incoming = program.incoming()
    found = []
    waiting = [(program.result, ())]
    while waiting:
        node, suffix = waiting.pop()
        if node in program.inputs:
            found.append(suffix)
        if len(found) + len(waiting) > most:
            return None
        waiting.extend((program.edges[k].source, (k, *suffix)) for k in incoming[node])
    return found


def product(path, matrices):
    """The product of the local Jacobians along a path, as a row: one entry for each entry of the input."""
    row = np.ones((1, 1))
    for k in reversed(path):
        row = row @ matrices[k]
    return row[0]


def dense(ex):
    """The local Jacobian of every edge as a matrix."""
    return [edge.jacobian.dense() for edge in ex.edges()]


@SETTINGS
@hypothesis.given(programs(ON_NUMBERS, 9), numbers, numbers)
def test_paths_of_numbers(f, a, b):
    ex = cr.explain(f, a, b, argnums=(0, 1))
    paths = all_paths(ex.program)
    hypothesis.assume(paths is not None)
    matrices = dense(ex)
    products = {path: float(product(path, matrices)[0]) if path else 1.0 for path in paths}
    source = {path: ex.program.edges[path[0]].source if path else ex.program.result for path in paths}

    assert ex.n_paths == len(paths)
    for edge, known in enumerate(ex.program.edges):
        assert known.paths == sum(edge in path for path in paths)

    # The sum over paths is the derivative, by the complex step.
    step = 1e-200
    truth = [np.imag(f(a + step * 1j, b)) / step, np.imag(f(a, b + step * 1j)) / step]
    sums = [sum(products[p] for p in paths if source[p] == k) for k in (0, 1)]
    scale = 1e-12 * (1 + sum(map(abs, products.values())))
    np.testing.assert_allclose(sums, truth, rtol=0, atol=scale)
    np.testing.assert_allclose(ex.gradient, truth, rtol=0, atol=scale)

    # The largest come first.
    largest = ex.paths(7)
    sizes = sorted(map(abs, products.values()), reverse=True)[:7]
    assert len(largest) == len(sizes)
    np.testing.assert_allclose([abs(float(p.contribution.values)) for p in largest], sizes, rtol=1e-12, atol=1e-300)
    for path in largest:
        assert float(path.contribution.values) == pytest.approx(products[path.edges], rel=1e-12)
    assert len({path.edges for path in largest}) == len(largest)

    # What cancels.
    moduli = [sum(abs(products[p]) for p in paths if source[p] == k) for k in (0, 1)]
    np.testing.assert_allclose([float(total.values) for total in ex.program.absolute], moduli, rtol=1e-12)
    assert ex.cancellation is None or ex.cancellation >= 1
    if paths and all(abs(s) > 1e-9 * m for s, m in zip(sums, moduli, strict=True) if m):
        ratios = [m / abs(s) for s, m in zip(sums, moduli, strict=True) if m]
        assert ex.cancellation == pytest.approx(max(ratios, default=1.0), rel=1e-6)


def tangled(a, b):
    """121 paths, of which few are large."""
    for _ in range(4):
        a = np.sin(a) * a + 0.3 * b * a
    return np.sum(a)


@SETTINGS
@hypothesis.given(programs(ON_VECTORS, 6), arrays, arrays)
@hypothesis.example(tangled, np.array([0.5, 1.0, 2.0]), np.array([1.5, 0.25, -1.0]))
def test_paths_of_arrays(f, a, b):
    # Fewer than there may be, so that they are searched for.
    ex = cr.explain(f, a, b, argnums=(0, 1), paths=5)
    paths = all_paths(ex.program, 500)
    hypothesis.assume(paths)
    matrices = dense(ex)
    products = {path: product(path, matrices) for path in paths}
    source = {path: ex.program.edges[path[0]].source for path in paths}

    assert ex.n_paths == len(paths)
    sums = [sum((products[p] for p in paths if source[p] == k), np.zeros(3)) for k in (0, 1)]
    moduli = [sum((np.abs(products[p]) for p in paths if source[p] == k), np.zeros(3)) for k in (0, 1)]
    step = 1e-200
    truth = np.zeros((2, 3))
    for k in range(3):
        unit = step * 1j * (np.arange(3) == k)
        truth[:, k] = np.imag(f(a + unit, b)) / step, np.imag(f(a, b + unit)) / step
    scale = 1e-11 * (1 + np.max(moduli))
    np.testing.assert_allclose(sums, truth, rtol=0, atol=scale)

    largest = ex.program.paths
    sizes = sorted((float(np.linalg.norm(p)) for p in products.values()), reverse=True)[:5]
    assert ex.program.paths_exact
    np.testing.assert_allclose([np.linalg.norm(p.contribution.values) for p in largest], sizes, rtol=1e-9, atol=1e-12)

    # Entrywise, Σ |path| is at most what the pass with |J| gives, which is that of numbers: entry by entry.
    for total, least in zip(ex.program.absolute, moduli, strict=True):
        assert np.all(total.values >= least * (1 - 1e-12))
    assert ex.cancellation >= 1


def doubled(x, times):
    for _ in range(times):
        x = x + x
    return x


def test_so_many_paths_that_nobody_could_list_them():
    """x = x + x, 100 times, has 2¹⁰⁰ paths, each of which contributes 1."""
    ex = cr.explain(doubled, 1.0, 100)

    assert ex.n_paths == 2**100
    assert ex.gradient == 2.0**100
    assert [float(path.contribution.values) for path in ex.paths(5)] == [1.0] * 5
    assert [len(path.edges) for path in ex.paths(5)] == [100] * 5
    assert cr.explain.Explanation.from_json(ex.to_json()).n_paths == 2**100


def test_cancellation_is_the_condition_of_the_sum():
    """(x + 1e6·x) - 1e6·x has three paths: 1, 10⁶ and -10⁶."""
    ex = cr.explain(lambda x: (x + 1e6 * x) - 1e6 * x, 3.0)

    assert ex.cancellation == pytest.approx(2e6 + 1, rel=1e-9)
    assert [float(path.contribution.values) for path in ex.paths()] == [1e6, -1e6, 1]


def test_small_factors_before_large_ones():
    """Products of 90 factors 10⁻³ and then as many 10³: the order of the paths is that of the whole products."""

    def f(x):
        a = b = x
        for _ in range(90):
            a = a * 1e3
            b = b * 1e-3
        for _ in range(90):
            a = a * 1e-3
            b = b * 1e3
        return a + 2 * b

    first, second = cr.explain(f, 1.0).paths()

    assert len(first.edges) == len(second.edges) + 1  # through 2 * b
    assert float(first.contribution.values) == pytest.approx(2)


def test_long_chain():
    """A chain of five times as many operations as Python allows calls is followed without recursion."""
    length = 5 * sys.getrecursionlimit()

    def chain(x):
        for _ in range(length):
            x = x + 1e-9
        return x

    recorded = record(chain, (0.5,), {})
    found = steps(recorded)
    accumulated = accumulate(recorded, found)

    assert len(found) == length + 1
    assert recorded.gradient == accumulated.adjoints[0] == accumulated.tangents[-1] == 1
    assert counted(accumulated) == (1, [1] * length)
    (path,) = largest(recorded, accumulated, 5).paths
    assert path.edges == tuple(range(length))
    assert moduli(recorded, accumulated).sums == [1]
