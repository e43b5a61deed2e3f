"""Long runs: no recursion, memory linear in the number of nodes and given back, writes in place at their own cost."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.graph import Node
from chainrule.trace import Value

# Stated in the documentation: what one recorded scalar operation costs, in bytes, operands and positions included.
BYTES_PER_NODE = 500

FACTOR = 0.999999


def chain(x, length):
    """length multiplications and length additions: y ← a y + x."""
    y = x
    for _ in range(length):
        y = y * FACTOR + x
    return y


def slope_of_chain(length):
    """d/dx of aⁿ x + x (aⁿ - 1)/(a - 1)."""
    power = FACTOR**length
    return power + (power - 1) / (FACTOR - 1)


def _living():
    """How many nodes, values and handles there are."""
    return sum(isinstance(x, (Node, Value, cr.Array, cr.Scalar)) for x in gc.get_objects())


@pytest.fixture
def _no_collection():
    """Without the collector of cycles, so that only counts of references free memory."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_million_nodes():
    """10⁶ scalar operations in a Python loop are differentiated in reverse, without recursion."""
    found = cr.grad(lambda x: chain(x, 500_000))(1.5)
    assert found == pytest.approx(slope_of_chain(500_000), rel=1e-9)


def test_memory_of_a_node():
    """A recorded scalar operation takes at most the stated number of bytes, all given back without collection."""
    length = 20_000
    cr.grad(lambda x: chain(x, 10))(1.5)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        _, pull = cr.vjp(lambda x: chain(x, length), 1.5)
        recorded = tracemalloc.get_traced_memory()[0] - before
        assert pull(1.0)[0] == pytest.approx(slope_of_chain(length), rel=1e-9)
        tracemalloc.reset_peak()
        pull(1.0)
        peak = tracemalloc.get_traced_memory()[1] - before
        del pull
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert recorded / (2 * length) <= BYTES_PER_NODE
    assert peak / (2 * length) <= BYTES_PER_NODE
    # What is left does not depend on the length: lists of free tuples, and caches of code.
    assert left < recorded / 20


@pytest.mark.usefixtures("_no_collection")
@pytest.mark.parametrize(
    "take",
    [
        lambda f, x: cr.grad(f)(x),
        lambda f, x: cr.jvp(f, (x,), (np.ones_like(x),)),
        lambda f, x: cr.vjp(f, x)[1](1.0),
        lambda f, x: cr.linearize(f, x)[1](np.ones_like(x)),
        lambda f, x: cr.hessian(f)(x),
        lambda f, x: cr.jacobian(f)(x),
        lambda f, x: cr.vmap(f)(np.stack([x, x])),
        lambda f, x: cr.vmap(cr.grad(f))(np.stack([x, x])),
    ],
    ids=["grad", "jvp", "vjp", "linearize", "hessian", "jacobian", "vmap", "vmap grad"],
)
def test_nothing_is_kept(take):
    """When a derivative has been taken, no reference keeps its argument, its residuals or its nodes."""

    def f(x):
        y = np.zeros(4)
        y[:3] = np.sin(x)
        view = y[1:]
        view *= x[0]
        return np.sum(y * y)

    x = np.array([1.0, 2.0, 3.0])
    take(f, x)
    before = _living()
    alive = weakref.ref(x)
    take(f, x)
    del x

    assert alive() is None
    assert _living() == before


@pytest.mark.usefixtures("_no_collection")
def test_no_cycles():
    """The collector of cycles finds no value, node or array after a derivative."""

    def f(x):
        y = np.zeros(4)
        y[1:] = np.exp(x)
        y[0] = y[1] * y[2]
        return np.sum(y)

    cr.hessian(f)(np.ones(3))
    gc.collect()
    cr.hessian(f)(np.ones(3))
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        found = [x for x in gc.garbage if isinstance(x, (Value, Node, np.ndarray, cr.Array, cr.Scalar))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert not found


def test_long_chain_forward_and_twice():
    """A chain of 20 000 operations is pushed, and differentiated twice, without recursion."""
    assert cr.jvp(lambda x: chain(x, 10_000), (1.5,), (1.0,))[1] == pytest.approx(slope_of_chain(10_000), rel=1e-11)

    def product(x):
        y = x
        for _ in range(5_000):
            y = y * x * FACTOR
        return y

    n = 5_001
    expected = n * (n - 1) * FACTOR**5_000
    assert cr.grad(cr.grad(product))(1.0) == pytest.approx(expected, rel=1e-9)


def test_unused_values_are_dropped():
    """A loop whose results are not used keeps no nodes: memory does not grow with its length."""

    def f(x, length):
        for k in range(length):
            np.sin(x * k)
        return x * x

    peaks = []
    for length in (100, 3000):
        cr.grad(f)(1.0, length)
        tracemalloc.start()
        cr.grad(f)(1.0, length)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + 10_000


def fill(x, n):
    """n writes and n reads of single elements."""
    y = np.zeros(n)
    y[0] = x
    for i in range(1, n):
        y[i] = np.sin(y[i - 1]) + 0.5 * x
    return y[-1]


def fill_view(x, n):
    """n updates in place of single elements, through a view."""
    y = np.zeros(n + 1)
    view = y[1:]
    for i in range(n):
        view[i] += x * i
    return np.sum(y)


def fill_rows(x, n):
    """n writes of rows, each from the row before."""
    y = np.zeros((n, 3))
    y[0] = x
    for i in range(1, n):
        y[i] = 0.5 * y[i - 1] + x
    return np.sum(y[-1])


def consume(x, n):
    """n reads of single elements of one array."""
    y = x * np.ones(n)
    total = 0.0
    for i in range(n):
        total = total + y[i] * y[i]
    return total


@pytest.fixture
def elements(monkeypatch):
    """Counts the elements that ops and NumPy's creation functions write."""
    count = [0]

    def counting(evaluate):
        def run(*operands, **params):
            y = evaluate(*operands, **params)
            if params.get("donate"):
                count[0] += sum(np.size(x) for x in operands[1:])
            elif not (op_is_view(y, operands)):
                count[0] += sum(map(np.size, y)) if isinstance(y, tuple) else np.size(y)
            return y

        return run

    def op_is_view(y, operands):
        return isinstance(y, np.ndarray) and y.base is not None and any(y.base is x or y is x for x in operands)

    for op in ops.ALL_OPS.values():
        monkeypatch.setattr(op, "evaluate", counting(op.evaluate))
    for name in ("zeros", "ones", "full", "array", "zeros_like", "ones_like"):
        monkeypatch.setattr(np, name, counting(getattr(np, name)))
    return count


@pytest.mark.parametrize("program", [fill, fill_view, fill_rows, consume])
@pytest.mark.parametrize(
    "take",
    [
        lambda f, n: cr.grad(f)(0.3, n),
        lambda f, n: cr.jvp(lambda x: f(x, n), (0.3,), (1.0,)),
        lambda f, n: cr.linearize(lambda x: f(x, n), 0.3)[1](1.0),
        lambda f, n: cr.jvp(lambda x: cr.grad(f)(x, n), (0.3,), (1.0,)),
    ],
    ids=["reverse", "forward", "linearized", "forward over reverse"],
)
def test_filling_costs_its_own_length(elements, program, take):
    """Twice as many writes and reads of single elements move about twice as many elements, not four times."""
    work = []
    for n in (100, 200):
        elements[0] = 0
        take(program, n)
        work.append(elements[0])
    assert work[1] < 2.5 * work[0]
