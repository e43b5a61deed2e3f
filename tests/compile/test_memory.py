"""The memory plan: what is alive at the same time lies apart."""

import itertools

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile.memory import ALIGNMENT, MemoryPlan
from chainrule.compile.passes import optimized
from chainrule.compile.schedule import Schedule

RNG = np.random.default_rng(0)


def network(weights, x):
    """Four layers."""
    for w in weights:
        x = np.tanh(x @ w)
    return np.sum(x**2)


def sorted_again(x):
    """Many buffers, made by NumPy, of which few are alive at a time."""
    for _ in range(12):
        x = np.sort(np.sin(x) + np.sort(x)[::-1])
    return x


PROGRAMS = {
    "network": (lambda *a: cr.grad(network)(list(a[:-1]), a[-1]), [RNG.normal(size=(30, 30)) for _ in range(5)]),
    "sorts": (sorted_again, [RNG.normal(size=50)]),
    "norms": (lambda a: (a / np.linalg.norm(a, axis=1)[:, None], np.linalg.inv(a @ a.T)), [RNG.normal(size=(9, 9))]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_buffers_lie_apart(record, name):
    """Two buffers that are alive at one step share no byte, and each begins at a multiple of 64 bytes."""
    f, xs = PROGRAMS[name]
    plan = MemoryPlan(Schedule(optimized(record(f, *xs))))
    lives = plan.lives

    for (a, (a_first, a_last)), (b, (b_first, b_last)) in itertools.combinations(lives.items(), 2):
        if max(a_first, b_first) <= min(a_last, b_last):
            (a_low, a_high), (b_low, b_high) = (_bytes(plan, node) for node in (a, b))
            assert a_high <= b_low or b_high <= a_low
    for node in lives:
        low, high = _bytes(plan, node)
        assert low % ALIGNMENT == 0
        assert high <= plan.workspace_bytes


def test_memory_is_used_again(record):
    """A chain of sorts needs as much memory as one of them, however long it is."""
    f, xs = PROGRAMS["sorts"]

    assert MemoryPlan(Schedule(optimized(record(f, *xs)))).workspace_bytes <= 5 * (xs[0].nbytes + ALIGNMENT)


def _bytes(plan, node):
    """Where a buffer begins and ends in the workspace."""
    begin = plan.places[node].position
    return begin, begin + node.size * node.dtype.itemsize
