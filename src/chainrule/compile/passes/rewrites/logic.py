"""Equations of logic."""

from __future__ import annotations

from chainrule import ops
from chainrule.compile.passes.rewriting import booleans, rewrite


@rewrite("~~x -> x")
@rewrite("x & True -> x")
@rewrite("x | False -> x")
@rewrite("x & x -> x")
@rewrite("x | x -> x")
def itself(x):
    """Exact for booleans; of numbers the result would be a boolean, which x is not."""
    return x


@rewrite("_x & False -> False")
def never():
    """Exact."""
    return ops.logical_and(False, False)


@rewrite("_x | True -> True")
def always():
    """Exact."""
    return ops.logical_or(True, True)


@rewrite("bitwise_and(x, y) -> x & y", where=booleans)
def bitwise_both(x, y):
    """Exact for booleans, whose `&` is recorded as an operation on bits."""
    return ops.logical_and(x, y)


@rewrite("bitwise_or(x, y) -> x | y", where=booleans)
def bitwise_either(x, y):
    """Exact for booleans."""
    return ops.logical_or(x, y)


@rewrite("bitwise_xor(x, y) -> logical_xor(x, y)", where=booleans)
def bitwise_one(x, y):
    """Exact for booleans."""
    return ops.logical_xor(x, y)


@rewrite("invert(x) -> ~x", where=booleans)
def bitwise_not(x):
    """Exact for booleans."""
    return ops.logical_not(x)


@rewrite("~x & ~y -> ~(x | y)")
def neither(x, y):
    """Exact."""
    return ops.logical_not(ops.logical_or(x, y))


@rewrite("~x | ~y -> ~(x & y)")
def not_both(x, y):
    """Exact."""
    return ops.logical_not(ops.logical_and(x, y))


@rewrite("~(x == y) -> x != y", once=True)
def not_equal(x, y):
    """Exact, NaNs included, which are unequal to everything. Where x == y is used, too, it is not compared twice."""
    return ops.not_equal(x, y)


@rewrite("~(x != y) -> x == y", once=True)
def equal(x, y):
    """Exact, NaNs included, which are equal to nothing. Where x != y is used, too, it is not compared twice."""
    return ops.equal(x, y)


@rewrite("x == False -> ~x")
def is_false(x):
    """Exact for booleans."""
    return ops.logical_not(x) if x.dtype.kind == "b" else None


@rewrite("x == True -> x")
def is_true(x):
    """Exact for booleans."""
    return x
