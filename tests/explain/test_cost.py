"""Costs add up: operations by formulas from books, memory counted once, rows to their total."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.run.cost import cost_table

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((30, 20)), RNG.standard_normal((20, 10))


def layers(x):
    """Two products and an exponential."""
    h = x @ A
    e = np.exp(h)
    return np.sum(e @ B)


X = RNG.standard_normal((5, 30)) / 10


def node_of(program, op):
    return next(node for node in program.nodes if node.op == op)


def test_operations_of_products_and_elementwise_functions():
    """A product of m × k with k × n takes 2 m n k operations, a function one for each entry."""
    program = cr.explain.explain(layers, X).program
    products = [node.flops for node in program.nodes if node.op == "matmul"]
    assert products == [2 * 5 * 30 * 20, 2 * 5 * 20 * 10]
    assert node_of(program, "exp").flops == 5 * 20
    assert node_of(program, "sum").flops == 5 * 10


@pytest.mark.parametrize(
    ("f", "op", "flops"),
    [
        (lambda x: np.linalg.det(x), "det", 2 * 4**3 / 3),
        (lambda x: np.sum(np.linalg.solve(x, np.ones((4, 2)))), "solve", 2 * 4**3 / 3 + 2 * 4 * 4 * 2),
        (lambda x: np.sum(np.linalg.inv(x)), "inv", 2 * 4**3),
        (lambda x: np.einsum("ij,jk->", x, x), "einsum", 2 * 4**3),
        (lambda x: np.sum(x.T[::-1].reshape(2, 8)), "sum", 16),
        (lambda x: np.sum(np.cumsum(x)), "cumsum", 16),
    ],
)
def test_operations_of_others(f, op, flops):
    """Factorizations count their leading terms; moving numbers counts nothing."""
    program = cr.explain.explain(f, np.eye(4) + 0.1).program
    assert node_of(program, op).flops == int(np.ceil(flops))
    moves = [node.flops for node in program.nodes if node.op in ("transpose", "reshape", "flip", "index")]
    assert not any(moves)


def test_memory_is_counted_once():
    """exp keeps its result, which the next product reads too; the constants count where they are used first."""
    program = cr.explain.explain(layers, X).program
    first, second = (node for node in program.nodes if node.op == "matmul")
    assert node_of(program, "exp").kept_bytes == 5 * 20 * 8
    assert first.kept_bytes == A.nbytes
    assert second.kept_bytes == B.nbytes
    # x @ A is read by nobody but exp, whose rule reads the result; x itself is kept by the first product.
    assert program.nodes[0].kept_bytes == X.nbytes
    table = cost_table(program)
    assert table.total.kept_bytes == 5 * 20 * 8 + A.nbytes + B.nbytes + X.nbytes


def test_views_share_memory():
    """A view that is kept is the memory of its base."""

    def f(x):
        y = np.exp(x)
        return np.sum(y[::2] * y.reshape(2, -1)[0])

    x = np.ones(8)
    total = cost_table(cr.explain.explain(f, x).program).total
    # exp keeps y, and the product reads views of it.
    assert total.kept_bytes == x.nbytes


@pytest.mark.parametrize("by", ["line", "op"])
@pytest.mark.parametrize("cost", [True, False])
def test_rows_add_up(by, cost):
    """Every step is in one row."""
    program = cr.explain.explain(layers, X, cost=cost).program
    table = cost_table(program, by=by)
    total = table.total
    for name in ("count", "kept_bytes", "flops"):
        assert sum(getattr(row, name) for row in table) == getattr(total, name)
    assert max(row.peak_bytes for row in table) == total.peak_bytes
    assert sum(row.share for row in table) == pytest.approx(1)
    if cost:
        assert sum(row.seconds for row in table) == pytest.approx(total.seconds)
        assert total.seconds > 0
        assert total.pull_seconds > 0
    else:
        assert total.seconds is None
    assert total.peak_bytes >= total.kept_bytes
    assert total.flops == 2 * 5 * 30 * 20 + 2 * 5 * 20 * 10 + 5 * 20 + 5 * 10
    labels = [row.label for row in table]
    if by == "line":
        assert "e = np.exp(h)" in labels
        assert all(row.place.startswith(__file__) for row in table if row.label != "inputs")
    else:
        assert {"matmul", "exp", "sum"} <= set(labels)


def test_table_as_text():
    """One line for each row, one for the total, aligned."""
    table = cost_table(cr.explain.explain(layers, X, cost=True).program)
    lines = str(table).splitlines()
    assert len(lines) == len(table) + 4
    assert lines[-1].startswith("total")
    assert len({len(line) for line in lines}) == 1
    assert "100.0 %" in lines[-1]
    assert str(table[0]).startswith(table[0].label)
    assert cr.explain.explain(layers, X).cost_table(by="op").total.count == 4


def test_what_is_worth_to_be_computed_again():
    """Large results of cheap operations can be computed again; small ones and products are left alone."""

    def f(x):
        y = np.sin(x)
        z = np.exp(y)
        return np.sum(z)

    large = cost_table(cr.explain.explain(f, np.zeros(2**18)).program)
    advised = {row.label: row.advice for row in large if row.advice}
    assert set(advised) == {"z = np.exp(y)"}
    assert "2 MiB" in advised["z = np.exp(y)"]
    assert "262k" in advised["z = np.exp(y)"].replace(" ", "")
    assert not any(row.advice for row in cost_table(cr.explain.explain(f, np.zeros(10)).program))


def test_a_table_by_something_else():
    with pytest.raises(ValueError, match="'line' or 'op'"):
        cost_table(cr.explain.explain(layers, X).program, by="file")
