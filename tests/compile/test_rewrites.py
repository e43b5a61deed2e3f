"""Every equation of the simplifier holds, at numbers that arithmetic treats in ways of their own."""

import numpy as np
import pytest

from chainrule import ops
from chainrule.compile import Interpreted
from chainrule.compile.passes.purity import pure
from chainrule.compile.passes.rewriting import ELEMENTWISE, REWRITES
from chainrule.compile.passes.simplification import simplify
from chainrule.compile.passes.subexpressions import merge_common_subexpressions
from chainrule.compile.source import source
from chainrule.graph.verify import verify
from chainrule.ops.paths import Reshaped

F = np.float64
X = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -1e-310, 1.7e308, -2.5])
Y = np.array([-0.0, 0.0, 3.0, -1.5, np.nan, -np.inf, 0.1, np.inf, 1e-300])
M = np.arange(6.0).reshape(2, 3) - 2.0
ROW = np.array([[-0.0, np.nan, np.inf]])
TERMS = np.stack([X[:-2], Y[:-2], [0.3, 0.0, -0.0, -0.0, -0.0, 5e-324, 0.7]])
P, Q = X > 0, Y > 0
N = np.arange(9) - 4
TWO_SIDED = np.array([False, True, True, False, False, True, False, True, False])
F8, F4 = np.dtype("f8"), np.dtype("f4")


def at(*key):
    """A path of one basic index."""
    return (key,)


def to(*numbers):
    """A path to a stretch of the first axis."""
    return ((slice(*numbers),),)


def index(x, path):
    return ops.index(x, path=path)


def update(x, v, path):
    return ops.update(x, v, path=path, donate=False)


def accumulate(x, v, path):
    return ops.accumulate(x, v, path=path, donate=False)


def place(v, path, shape):
    return ops.place(v, path=path, shape=shape)


# Title, a program in which the left-hand side stands, and its inputs.
ARITHMETIC = [
    ("x * 1 -> x", lambda x: (x * 1, F(1) * x), (X,)),
    ("x / 1 -> x", lambda x: x / 1, (X,)),
    ("x * -1 -> -x", lambda x: (x * -1, F(-1) * x), (X,)),
    ("x / -1 -> -x", lambda x: x / -1, (X,)),
    ("x + -0.0 -> x", lambda x: (x + -0.0, -0.0 + x, x + 0.0), (X,)),
    ("x - 0.0 -> x", lambda x: (x - 0.0, x - -0.0), (X,)),
    ("x + 0 -> x", lambda n: (n + 0, 0 + n), (N,)),
    ("x - 0 -> x", lambda n: n - 0, (N,)),
    ("x + 0.0 + 0.0 -> x + 0.0", lambda x: x + 0.0 + 0.0, (X,)),
    ("-0.0 - x -> -x", lambda x: (-0.0 - x, 0.0 - x), (X,)),
    ("0 - x -> -x", lambda n: 0 - n, (N,)),
    ("-(-x) -> x", lambda x: ops.negative(-x), (X,)),
    ("x + -y -> x - y", lambda x, y: (x + -y, -x + y), (X, Y)),
    ("x - -y -> x + y", lambda x, y: x - -y, (X, Y)),
    ("-x * y -> -(x * y)", lambda x, y: (-x * y, x * -y), (X, Y)),
    ("-x / y -> -(x / y)", lambda x, y: -x / y, (X, Y)),
    ("x / -y -> -(x / y)", lambda x, y: x / -y, (X, Y)),
    ("-(x * C) -> x * -C", lambda x: -(x * 3.0), (X,)),
    ("-x * C -> x * -C", lambda x: -x * 3.0, (X,)),
    ("x * C * D -> x * (C * D)", lambda x: (x * 4.0 * 3.0, x * 0.1 * 3.0, x * 2.0 * 1e308), (X,)),
    (
        "x * C * (y * D) -> x * (C * D) * y",
        lambda x, y, s: tuple(x * F(0.5) * (z * F(c)) for z, c in ((y, -0.25), (y, 3), (y, 0), (s, 0.5))),
        (X, Y, F(-1.5)),
    ),
    (
        "C / x * (y * D) -> C * D / x * y",
        lambda x, y: tuple(F(c) / x * (y * F(d)) for c, d in ((0.5, -0.5), (1, 0.25), (3, 0.5), (0.5, 4))),
        (X, Y),
    ),
    ("(x + x) * C -> x * (2 * C)", lambda x: ((x + x) * 3.0, (x + x) * 0.3), (X,)),
    ("x * C + x * C -> x * (2 * C)", lambda x: (y := x * 3.0) + y, (X,)),
    ("-(x + x) -> x * -2", lambda x: -(x + x), (X,)),
    ("-x - x -> x * -2", lambda x: -x - x, (X,)),
    ("x / C -> x * (1 / C)", lambda x: (x / 4.0, x / 3.0, x / 2.0**-1074), (X,)),
    ("reciprocal(x) -> 1 / x", ops.reciprocal, (X,)),
    ("x * x -> square(x)", lambda x: x * x, (X,)),
    ("square(-x) -> square(x)", lambda x: ops.square(-x), (X,)),
    ("square(absolute(x)) -> square(x)", lambda x: ops.square(ops.absolute(x)), (X,)),
    ("absolute(-x) -> absolute(x)", lambda x: ops.absolute(-x), (X,)),
    ("absolute(absolute(x)) -> absolute(x)", lambda x: ops.absolute(ops.absolute(x)), (X,)),
    (
        "raised(x, exponent=e, less=n) -> x, x², √x, 1/x",
        lambda x: tuple(
            ops.raised(x, exponent=e, less=n) for e, n in [(1, 0), (3, 1), (0.5, 0), (-1, 0), (3, 0), (0.5, 1)]
        ),
        (X,),
    ),
    ("power(x, 1) -> x", lambda x: ops.power(x, F(1)), (X,)),
    ("power(x, 2) -> square(x)", lambda x: ops.power(x, F(2)), (X,)),
    ("power_operator(x, 2) -> square(x)", lambda x: ops.power_operator(x, F(2)), (X,)),
    ("float_power(x, 2) -> square(x)", lambda x: ops.float_power(x, F(2)), (X,)),
    ("maximum(x, x) -> x", lambda x: ops.maximum(x, x), (X,)),
    ("minimum(x, x) -> x", lambda x: ops.minimum(x, x), (X,)),
    ("fmax(x, x) -> x", lambda x: ops.fmax(x, x), (X,)),
    ("fmin(x, x) -> x", lambda x: ops.fmin(x, x), (X,)),
]

CONVERSION = [
    ("convert(x, dtype=d) -> x", lambda x: (ops.convert(x, dtype=F8), ops.convert(x, dtype=F4)), (X,)),
    ("truncate(x, dtype=d) -> x", lambda n: ops.truncate(n, dtype=N.dtype), (N,)),
    (
        "convert(convert(x, dtype=_wide), dtype=d) -> x",
        lambda x: ops.convert(ops.convert(x, dtype=F8), dtype=F4),
        (Y.astype(F4),),
    ),
    (
        "convert(x, dtype=d) == 0 -> ~x",
        lambda p, n: (ops.convert(p, dtype=F8) == 0, ops.convert(n, dtype=F8) == 0),
        (P, N),
    ),
    ("convert(x, dtype=d) != 0 -> x", lambda p: ops.convert(p, dtype=F8) != 0, (P,)),
    ("convert(x, dtype=d) > 0 -> x", lambda p: ops.convert(p, dtype=F8) > 0, (P,)),
    (
        "reduce_sum(convert(x, dtype=d), axes=a) == 0 -> ~reduce_any(x, axes=a)",
        lambda p: ops.reduce_sum(ops.convert(p, dtype=F8), axes=(0,)) == 0,
        (P,),
    ),
    (
        "place(convert(x, dtype=d), path=p, shape=s) -> convert(place(x, path=p, shape=s), dtype=d)",
        lambda p: place(ops.convert(p, dtype=F8), to(1, 10), (12,)) == 0,
        (P,),
    ),
    (
        "index(convert(x, dtype=d), path=p) -> convert(index(x, path=p), dtype=d)",
        lambda p: index(ops.convert(p, dtype=F8), to(2, 5)) == 0,
        (P,),
    ),
    (
        "reshape(convert(x, dtype=d), shape=s) -> convert(reshape(x, shape=s), dtype=d)",
        lambda p: ops.reshape(ops.convert(p, dtype=F8), shape=(3, 3)),
        (P,),
    ),
    (
        "transpose(convert(x, dtype=d), axes=a) -> convert(transpose(x, axes=a), dtype=d)",
        lambda p: ops.transpose(ops.convert(p, dtype=F8), axes=(1, 0)),
        (P.reshape(3, 3),),
    ),
]

LOGIC = [
    ("~~x -> x", lambda p, n: (~~p, ~~n), (P, N)),
    ("x & True -> x", lambda p, n: (p & np.True_, np.True_ & p, n & np.True_), (P, N)),
    ("x | False -> x", lambda p: p | np.False_, (P,)),
    ("x & x -> x", lambda p: p & p, (P,)),
    ("x | x -> x", lambda p: p | p, (P,)),
    ("_x & False -> False", lambda p: p & np.False_, (P,)),
    ("_x | True -> True", lambda p: p | np.True_, (P,)),
    ("bitwise_and(x, y) -> x & y", lambda p, q, n: (ops.bitwise_and(p, q), ops.bitwise_and(n, n + 1)), (P, Q, N)),
    ("bitwise_or(x, y) -> x | y", lambda p, q: ops.bitwise_or(p, q), (P, Q)),
    ("bitwise_xor(x, y) -> logical_xor(x, y)", lambda p, q: ops.bitwise_xor(p, q), (P, Q)),
    ("invert(x) -> ~x", lambda p, n: (ops.invert(p), ops.invert(n)), (P, N)),
    ("~x & ~y -> ~(x | y)", lambda p, q: ~p & ~q, (P, Q)),
    ("~x | ~y -> ~(x & y)", lambda p, q: ~p | ~q, (P, Q)),
    ("~(x == y) -> x != y", lambda x, y: ~(x == y), (X, Y)),
    ("~(x != y) -> x == y", lambda x, y: ~(x != y), (X, Y)),
    ("x == False -> ~x", lambda p: p == np.False_, (P,)),
    ("x == True -> x", lambda p: p == np.True_, (P,)),
]

MOVEMENT = [
    ("transpose(x, axes=a) -> x", lambda m: ops.transpose(m, axes=(0, 1)), (M,)),
    (
        "transpose(transpose(x, axes=a), axes=b) -> transpose(x, axes=a∘b)",
        lambda x: ops.transpose(ops.transpose(x, axes=(1, 2, 0)), axes=(1, 0, 2)),
        (np.arange(24.0).reshape(2, 3, 4),),
    ),
    ("reshape(x, shape=s) -> x", lambda m: ops.reshape(m, shape=(2, 3)), (M,)),
    ("broadcast_to(x, shape=s) -> x", lambda m: ops.broadcast_to(m, shape=(2, 3)), (M,)),
    (
        "reshape(reshape(x, shape=_s), shape=s) -> reshape(x, shape=s)",
        lambda m: ops.reshape(ops.reshape(m, shape=(6,)), shape=(3, 2)),
        (M,),
    ),
    (
        "broadcast_to(broadcast_to(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)",
        lambda m: ops.broadcast_to(ops.broadcast_to(m, shape=(2, 3)), shape=(4, 2, 3)),
        (ROW,),
    ),
    (
        "reshape(broadcast_to(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)",
        lambda x: ops.reshape(ops.broadcast_to(x, shape=(2, 3)), shape=(6,)),
        (np.array([[-0.0]]),),
    ),
    (
        "transpose(broadcast_to(x, shape=s), axes=a) -> broadcast_to(transpose(x, axes=a), shape=s∘a)",
        lambda x: ops.transpose(ops.broadcast_to(x, shape=(4, 2, 3)), axes=(2, 0, 1)),
        (ROW,),
    ),
    (
        "broadcast_to(reshape(x, shape=_s), shape=s) -> broadcast_to(x, shape=s)",
        lambda x: ops.broadcast_to(ops.reshape(x, shape=(1, 9)), shape=(2, 9)),
        (X,),
    ),
    (
        "flip(flip(x, axes=a), axes=b) -> flip(x, axes=a Δ b)",
        lambda m: ops.flip(ops.flip(m, axes=(0, 1)), axes=(1,)),
        (M,),
    ),
    (
        "concatenate(*xs, axis=k) -> x",
        lambda m, e: (ops.concatenate(m, axis=0), ops.concatenate(e, m, axis=1)),
        (M, np.zeros((2, 0))),
    ),
    (
        "f(broadcast_to(x), y) -> broadcast_to(f(x, y))",
        lambda r, m: (ops.broadcast_to(r, shape=(2, 3)) * m, ops.exp(ops.broadcast_to(r, shape=(2, 3)))),
        (ROW, M),
    ),
    ("f(reshape(x), reshape(y)) -> f(x, y)", lambda x, m: ops.reshape(x, shape=(1, 3)) + m, (ROW[0], M)),
]

REDUCTION = [
    ("reduce_sum(x, axes=a) -> x + 0.0", lambda r: ops.reduce_sum(r, axes=(0,)), (ROW,)),
    ("reduce_max(x, axes=a) -> x", lambda r: ops.reduce_max(r, axes=(0,)), (ROW,)),
    ("reduce_min(x, axes=a) -> x", lambda r: ops.reduce_min(r, axes=(0,)), (ROW,)),
    ("reduce_all(x, axes=a) -> x", lambda p: ops.reduce_all(p, axes=(0,)), (P[None],)),
    ("reduce_any(x, axes=a) -> x", lambda p: ops.reduce_any(p, axes=(0,)), (P[None],)),
    (
        "reduce_all(broadcast_to(x, shape=s), axes=a) -> reduce_all(x)",
        lambda p: ops.reduce_all(ops.broadcast_to(p, shape=(4, 2, 9)), axes=(0, 1)),
        (P[None],),
    ),
    (
        "reduce_any(broadcast_to(x, shape=s), axes=a) -> reduce_any(x)",
        lambda p: ops.reduce_any(ops.broadcast_to(p, shape=(4, 2, 9)), axes=(1,)),
        (P[None],),
    ),
    (
        "reduce_sum(broadcast_to(x, shape=s), axes=a) -> n * reduce_sum(x)",
        lambda x: ops.reduce_sum(ops.broadcast_to(x, shape=(4, 9)), axes=(0,)),
        (X,),
    ),
    ("reduce_sum(x + x, axes=a) -> reduce_sum(x) * 2", lambda x: ops.reduce_sum(x + x, axes=(0,)), (TERMS,)),
    (
        "reduce_sum(x * C, axes=a) -> reduce_sum(x) * C",
        lambda x: tuple(ops.reduce_sum(x * F(c), axes=(0,)) for c in (4, -2, 0.5, 3, 0)),
        (TERMS,),
    ),
]

SELECTION = [
    ("select(True, x, _y) -> x", lambda x, y: ops.select(np.True_, x, y), (X, Y)),
    ("select(False, _y, x) -> x", lambda x, y: ops.select(np.False_, y, x), (F(2), Y)),
    ("select(_c, x, x) -> x", lambda p, x: ops.select(p, x, x), (P, X)),
    ("select(~c, x, y) -> select(c, y, x)", lambda p, x, y: ops.select(~p, x, y), (P, X, Y)),
    ("select(C, x, y) -> select(~C, y, x)", lambda x, y: ops.select(~TWO_SIDED, x, y), (X, Y)),
    (
        "select(c, x, select(c, _y, z)) -> select(c, x, z)",
        lambda p, x, y: ops.select(p, x, ops.select(p, y, -x)),
        (P, X, Y),
    ),
    (
        "select(c, select(c, x, _y), z) -> select(c, x, z)",
        lambda p, x, y: ops.select(p, ops.select(p, x, y), -x),
        (P, X, Y),
    ),
    (
        "select(c, C, select(d, C, x)) -> select(c | d, C, x)",
        lambda p, q, x: ops.select(p, F(0), ops.select(q, F(0), x)),
        (P, Q, X),
    ),
    (
        "select(c, x, y) -> select(c, x′, y′)",
        lambda p, q, x, y: (
            ops.select(p, F(0), y * ops.select(p, F(0), x)),
            ops.select(p | q, F(0), y * ops.select(q, F(0), x)),
            ops.select(TWO_SIDED, F(0), x * np.where(TWO_SIDED, 7.0, 1.0)),
        ),
        (P, Q, X, Y),
    ),
    (
        "select(c, C, x) == D -> C == D, where(c), and x == D elsewhere",
        lambda p, x: (ops.select(p, F(1), x) == 0, ops.select(p, F(0), x) == 0),
        (P, X),
    ),
    (
        "select(c, x, C) == D -> x == D, where(c), and C == D elsewhere",
        lambda p, x: (ops.select(p, x, F(1)) == 0, ops.select(p, x, F(0)) == 0),
        (P, X),
    ),
]

INDEXING = [
    (
        "index(x, path=p) -> x",
        lambda m: (index(m, at(...)), index(m, at(slice(None), slice(0, 3))), index(m, to(None, None, -1))),
        (M,),
    ),
    (
        "index(index(x, path=p), path=q) -> index(x, path=p∘q)",
        lambda x: (index(index(x, to(2, None)), to(None, -1)), index(index(x, ((Reshaped((3, 3)),))), at(1))),
        (X,),
    ),
    (
        "index(place(v, path=p, shape=s), path=q) -> v, 0",
        lambda x: (index(y := place(x, to(1, 10), (12,)), to(1, 10)), index(y, to(10, None)), index(y, to(0, 2))),
        (X,),
    ),
    (
        "index(x, path=q) -> what was last written there",
        lambda x, a, b: (
            index(y := update(accumulate(update(x, a, at(1)), b, at(2)), a, at(4)), at(1)),
            index(y, at(2)),
            index(y, at(-1)),
            index(update(y, b, at(1)), at(1)),
            index(update(y, a, at(1)), at(4)),
        ),
        (X, F(3), F(-0.0)),
    ),
    (
        "index(update(x, v, path=p), path=q) -> v, index(x, path=q)",
        lambda x, y: (
            index(z := update(x, y, to(0, 4)), to(0, 4)),
            index(z, to(4, None)),
            index(z, to(0, 5)),
            index(z, at(2)),
        ),
        (X, Y[:4]),
    ),
    (
        "index(accumulate(x, v, path=p), path=q) -> index(x, path=q) + v, index(x, path=q)",
        lambda x, y: (index(z := accumulate(x, y, to(0, 4)), to(0, 4)), index(z, to(4, None)), index(z, to(0, 5))),
        (X, Y[:4]),
    ),
    (
        "index(broadcast_to(x, shape=s), path=q) -> broadcast_to(index(x, path=q′))",
        lambda r: (
            index(m := ops.broadcast_to(r, shape=(4, 2, 3)), at(1, 0, slice(1, 3))),
            index(m, at(slice(1, 3), None)),
            index(m, at(slice(1, 3), slice(None), None, 0)),
        ),
        (ROW,),
    ),
    (
        "index(concatenate(*xs, axis=k), path=q) -> index(x, path=q′)",
        lambda x, y: (
            index(z := ops.concatenate(x, y, axis=0), at(10)),
            index(z, to(9, 12)),
            index(z, to(8, 2, -2)),
            index(z, to(7, 11)),
        ),
        (X, Y),
    ),
    (
        "index(stack(*xs, axis=k), path=q) -> index(x, path=q′)",
        lambda x, y: (index(z := ops.stack(x, y, axis=1), at(..., 1)), index(z, at(3, -2)), index(z, to(3))),
        (X, Y),
    ),
    (
        "update(update(x, _v, path=p), w, path=q) -> update(x, w, path=q)",
        lambda x, y: update(update(x, F(1), to(0, 3)), y, to(None, 3)),
        (X, Y[:3]),
    ),
    (
        "update(accumulate(x, _v, path=p), w, path=q) -> update(x, w, path=q)",
        lambda x, y: update(accumulate(x, F(1), to(0, 3)), y, to(None, 3)),
        (X, Y[:3]),
    ),
    (
        "update(place(_v, path=p, shape=s), w, path=q) -> place(w, path=q, shape=s)",
        lambda x, y: update(place(x, to(0, 9), (10,)), y, to(0, 9)),
        (X, Y),
    ),
    ("update(x, v, path=p) -> v", lambda x, y: (update(x, y, at(...)), update(x, F(2), to(None, 9))), (X, Y)),
    (
        "update(x, v, path=p) -> place(v, path=p)",
        lambda x: (update(np.zeros(12), x, to(1, 10)), update(np.full(12, -0.0), x, to(1, 10))),
        (X,),
    ),
    (
        "accumulate(x, v, path=p) -> place(v + 0.0, path=p)",
        lambda x: (accumulate(np.zeros(12), x, to(1, 10)), accumulate(np.ones(12), x, to(1, 10))),
        (X,),
    ),
    ("place(v, path=p, shape=s) -> v", lambda x: place(x, at(...), (9,)), (X,)),
    (
        "place(v, path=p, shape=s) -> 0",
        lambda x: x + index(update(place(x, to(0, 9), (10,)), F(0), to(0, 9)), at(0)),
        (X,),
    ),
    (
        "place(place(v, path=p, shape=t), path=q, shape=s) -> place(v, path=q∘p, shape=s)",
        lambda x: place(place(x, to(1, 10), (12,)), at(1), (2, 12)),
        (X,),
    ),
]

FAMILIES = {
    "arithmetic": ARITHMETIC,
    "conversion": CONVERSION,
    "indexing": INDEXING,
    "logic": LOGIC,
    "movement": MOVEMENT,
    "reduction": REDUCTION,
    "selection": SELECTION,
}
ROWS = [row for rows in FAMILIES.values() for row in rows]

# Those that hold to round-off.
ROUNDED = {
    "reduce_sum(broadcast_to(x, shape=s), axes=a) -> n * reduce_sum(x)": 1e-15,
    "power(x, 2) -> square(x)": 1e-15,
    "power_operator(x, 2) -> square(x)": 1e-15,
    "float_power(x, 2) -> square(x)": 1e-15,
}


def prepared(program):
    """A program as the simplifier gets it."""
    return merge_common_subexpressions(pure(program))


@pytest.mark.parametrize(("title", "f", "xs"), ROWS, ids=[row[0] for row in ROWS])
def test_equation(title, f, xs, note):
    """A rewritten program gives the same bits: of NaNs, infinities, signed zeros and subnormal numbers, too."""
    program = note(f, *xs)
    simpler = simplify(prepared(program))
    verify(simpler.graph)

    for found, expected in zip(Interpreted(simpler)(xs), Interpreted(program)(xs), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=ROUNDED.get(title, 0), atol=0)
        if expected.dtype == F8:
            zero = expected == 0
            np.testing.assert_array_equal(np.signbit(found)[zero], np.signbit(expected)[zero])


@pytest.mark.parametrize("family", FAMILIES)
def test_before_and_after(family, note, golden):
    """What each equation of a family does to a program, as text."""
    texts = []
    for title, f, xs in FAMILIES[family]:
        program = note(f, *xs)
        texts += [title, "before", source(program), "after", source(simplify(prepared(program))), ""]
    golden(f"rewrites_{family}", "\n".join(texts))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i8", "u8", "f4", "c16", "?"])
def test_other_dtypes(dtype, note):
    """Equations of real floating-point numbers are not applied where integers wrap around, or numbers are complex."""
    numbers = (
        np.array([0, 1, 2, 127, 255, -128, -1]) if dtype != "c16" else np.array([np.inf, 1j, complex(0, -0.0), -2])
    )
    with np.errstate(all="ignore"):
        x = numbers.astype(dtype)
    one, two = x.dtype.type(1), x.dtype.type(2)

    def f(x):
        y = x * one + x * x
        if dtype == "?":
            return y, x & x, ops.select(x, y, x) == one
        y = ops.square(-x) - -x * x + -x * two
        return (
            y * one,
            x / one,
            -x / two,
            x / -x,
            ops.absolute(-x),
            ops.absolute(ops.absolute(x)),
            x * two * two,
            -(x + x),
        )

    program = note(f, x)
    for found, expected in zip(Interpreted(simplify(prepared(program)))([x]), Interpreted(program)([x]), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_all_equations_are_tested():
    """Every equation in the table has a row here."""
    known = {rule.title for rules in REWRITES.values() for rule in rules} | {rule.title for rule in ELEMENTWISE}

    assert known == {title for title, _, _ in ROWS}
