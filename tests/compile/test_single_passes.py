"""What each pass does, as a program before and after; and that it takes time in proportion to the program."""

import sys

import numpy as np
import pytest

from chainrule import ops
from chainrule.compile import Guard, Interpreted, Program
from chainrule.compile.passes import optimized
from chainrule.compile.passes.folding import fold
from chainrule.compile.passes.guards import drop_idle_guards
from chainrule.compile.passes.narrowing import narrow
from chainrule.compile.passes.purity import pure
from chainrule.compile.passes.simplification import simplify
from chainrule.compile.passes.subexpressions import merge_common_subexpressions
from chainrule.graph.node import input_node, make_node
from chainrule.graph.verify import verify

X, Y = np.array([1.0, -0.0, np.nan]), np.array([2.0, 0.5, np.inf])
M = np.arange(6.0).reshape(2, 3)
F = np.float64
EVERYTHING = ((...,),)


def writes(x):
    """A write that may take the memory of what it writes to, and a read that copies."""
    y = ops.update(np.zeros(3), x, path=EVERYTHING, donate=True)
    part = ops.index(y, path=((slice(1, None),),), copy=True)
    return ops.accumulate(y, part, path=((slice(0, 2),),), donate=True)


def equal_rows(x, m):
    """Constants of equal numbers and equal rows, on operations that broadcast and on one that does not."""
    weights = np.broadcast_to([1.0, 2.0, 3.0], (2, 3)).copy()
    flags = np.array([[True] * 3, [False] * 3])
    return (
        x * np.full(3, 2.0),
        ops.select(flags, m, np.zeros((2, 3))) + weights,
        ops.index(x, path=((0,),)) * np.full(3, 0.5),
        ops.concatenate(x, np.full(3, 1.0), axis=0),
        ops.concatenate(x, np.full(2000, 1.0), axis=0),
    )


def repeated(x, y):
    """The same operations twice: with operands exchanged, on equal constants, with equal parameters."""
    first = ops.exp(x) * y + 1.0
    second = y * ops.exp(x) + F(1.0)
    parts = ops.index(first, path=((slice(0, 2),),)), ops.index(second, path=((slice(0, 2),),))
    return parts[0] - parts[1], ops.raised(x, exponent=3), ops.raised(x, exponent=3.0), x - y, y - x


def simplifiable(x, y):
    """Ones, opposite signs, and a choice that was made before."""
    negative = ops.less(x, F(0))
    chosen = ops.select(negative, F(0), x * 1.0)
    return ops.select(negative, F(0), chosen * y) + ops.negative(-x)


GOLDEN = {
    "pure": (pure, writes, (X,)),
    "narrow": (narrow, equal_rows, (X, M)),
    "merge_common_subexpressions": (merge_common_subexpressions, repeated, (X, Y)),
    "simplify": (simplify, simplifiable, (X, Y)),
}


def same_results(found, expected):
    """Results are equal, NaNs included."""
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", GOLDEN)
def test_before_and_after(name, note, golden):
    """A pass makes of a program another with the same results."""
    apply, f, xs = GOLDEN[name]
    program = note(f, *xs)
    after = apply(program)
    verify(after.graph)

    same_results(Interpreted(after)(xs), Interpreted(program)(xs))
    golden(f"pass_{name}", f"before\n{program}\n\nafter\n{after}")


def node(op, *operands, **params):
    """An operation, constants alone among its operands or not."""
    inferred = op.infer(*operands, **params)
    return make_node(op, operands, operands, None, params, inferred.shape, inferred.dtype)


class TestFold:
    def program(self):
        """An operation on constants, one that fails, and one whose result is large."""
        x = input_node(X)
        exp = node(ops.exp, node(ops.add, F(1), F(2)))
        root = node(ops.sqrt, F(-1))
        large = node(ops.broadcast_to, F(3), shape=(1000, 1000))
        failing = node(ops.inv, np.zeros((2, 2)))
        outputs = [node(ops.multiply, x, exp), root, large, failing]
        return Program.recorded([x], outputs, [])

    def test_before_and_after(self, golden):
        """What depends on constants alone is computed, unless that fails or the result is out of proportion."""
        before = self.program()
        after = fold(before)
        verify(after.graph)

        assert {n.op for n in after.graph.nodes} == {ops.multiply, ops.broadcast_to, ops.inv}
        assert after.graph.outputs[0].operands[1] == np.exp(F(3))
        assert np.isnan(after.graph.outputs[1])
        golden("pass_fold", f"before\n{before}\n\nafter\n{after}")

    def test_several_results(self, note):
        """An operation with several results is folded with the nodes that stand for each of them."""
        a = np.array([[2.0, 1.0], [0.5, 3.0]])
        program = note(lambda x: ops.qr(x, complete=False)[1] + x, a)
        first = program.graph.nodes[0]
        first.operands = (a,)
        folded = fold(program)

        assert [n.op for n in folded.graph.nodes] == [ops.add]
        np.testing.assert_allclose(np.abs(folded.graph.nodes[0].operands[0]), np.abs(np.linalg.qr(a)[1]))


class TestGuards:
    def test_idle_guards(self):
        """A guard on a constant that holds, and one that is asked twice, go; one that does not hold stays."""
        x = input_node(X)
        look = node(ops.reduce_any, node(ops.less, x, F(0)), axes=(0,))
        true, false = np.array(True), np.array(False)
        outputs = [x, look, np.True_, look, np.False_, look]
        guards = [Guard(v, None) for v in (false, true, false, true, true)]
        program = drop_idle_guards(Program.recorded([x], [x], []))
        assert not program.guards
        graph = type(program.graph)([x], outputs)

        kept = drop_idle_guards(Program(graph, 1, guards))

        assert [(n, bool(g.value)) for n, g in zip(kept.graph.outputs[1:], kept.guards, strict=True)] == [
            (look, False),
            (np.False_, True),
            (look, True),
        ]
        assert Interpreted(kept)([X]) is None

    def test_order_stays(self, record):
        """Guards are asked in the order in which Python looked, and hold for the same inputs as before."""

        def f(x):
            if x[0] * 1 > 0:
                x = x * 2
            if x[1] > x[0]:
                return x - 1
            return x + 1

        for first in (Y, -Y):
            program = record(f, first)
            better = optimized(program)
            assert [g.value for g in better.guards] == [g.value for g in program.guards]
            for x in (Y, -Y, Y[::-1].copy(), X):
                found, expected = Interpreted(better)([x]), Interpreted(program)([x])
                assert (found is None) == (expected is None)
                if expected is not None:
                    same_results(found, expected)


def long_chain(n):
    """Arithmetic with something to simplify in each step."""

    def f(x):
        y = x
        for k in range(n // 4):
            y = ops.sin(y * 1.0 + x) * F(1 + k)
        return y

    return f, (F(0.3),)


def long_writes(n):
    """An array filled and read element by element."""

    def f(x, a):
        for k in range(n // 3):
            path = ((k % 100,),)
            a = ops.update(a, ops.index(a, path=((k // 3 % 100,),)) * x, path=path, donate=True)
        return a

    return f, (F(0.3), np.ones(100))


def long_sums(n):
    """Elements added to again and again."""

    def f(x, a):
        for k in range(n // 3):
            a = ops.accumulate(a, ops.index(a, path=((k % 7,),)) * x, path=((k % 5,),), donate=True)
        return a

    return f, (F(0.3), np.ones(100))


def long_choices(n):
    """A choice by the same condition again and again, as structural zeros make them."""

    def f(x):
        condition, y = ops.greater(x, F(0)), x
        for _ in range(n // 2):
            y = ops.select(condition, F(0), y * x)
        return y

    return f, (F(0.3),)


def calls_of(f):
    """How many functions are called: work that no clock measures."""
    count = 0

    def on_event(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        f()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("make", [long_chain, long_writes, long_sums, long_choices])
def test_linear(make, note):
    """Four times the program takes four times the work."""
    counts = []
    for n in (2000, 8000):
        f, xs = make(n)
        program = note(f, *xs)
        counts.append(calls_of(lambda p=program: optimized(p)))

    assert counts[1] <= 4.5 * counts[0]


@pytest.mark.parametrize("make", [long_chain, long_writes])
def test_long_programs(make, note):
    """A program of 100 000 operations goes through without deep recursion, and gives the same result."""
    f, xs = make(100_000)
    program = note(f, *xs)
    better = optimized(program)

    assert len(better.graph) < len(program.graph) - 20_000
    same_results(Interpreted(better)(xs), Interpreted(program)(xs))
