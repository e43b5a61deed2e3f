"""Quotients by one square root share a division, and stay what they are."""

import numpy as np

import chainrule as cr
from chainrule.compile.passes import optimized
from chainrule.compile.passes.divisors import share_divisors
from chainrule.graph.verify import verify

SQUARES = np.array([0.0, -0.0, 5e-324, 1e-310, 1e-300, 1e-8, 0.3, 1.0, 7.0, 1e8, 1e300, 1.7e308, np.inf, np.nan])
NUMBERS = np.array([0.0, -0.0, 5e-324, -1e-310, 1e-200, 0.7, -1.0, 3.0, 1e200, 1.7e308, np.inf, -np.inf, np.nan])


def quotients(x, r):
    root = np.sqrt(r)
    return x / root, 1 / root, 0.3 / root


def names(program):
    return [node.op.name for node in program.graph.nodes]


def test_one_division_is_left(record):
    """Three quotients by one root become one reciprocal and two products; one quotient stays a quotient."""
    three = share_divisors(optimized(record(quotients, np.ones(3), np.ones(3))))
    one = share_divisors(optimized(record(lambda x, r: x / np.sqrt(r), np.ones(3), np.ones(3))))

    verify(three.graph)
    assert sorted(names(three)) == ["multiply", "multiply", "reciprocal", "sqrt"]
    assert sorted(names(one)) == ["divide", "sqrt"]


def test_same_quotients():
    """The compiled quotients are NumPy's to two units in the last place, at zeros, subnormals and infinities, too."""
    x, r = (a.ravel() for a in np.meshgrid(NUMBERS, SQUARES))
    g = cr.jit(quotients)
    with np.errstate(all="ignore"):
        g(x, r)
        expected = quotients(x, r)
    for found, exact in zip(g(x, r), expected, strict=True):
        finite = np.isfinite(exact)
        np.testing.assert_array_equal(found[~finite], exact[~finite])
        np.testing.assert_array_equal(np.signbit(found[finite]), np.signbit(exact[finite]))
        assert np.all(np.abs(found[finite] - exact[finite]) <= 2 * np.spacing(np.abs(exact[finite])))
