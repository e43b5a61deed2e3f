"""The limit of derivatives along a line: what it is exact for, and whose values a program sees."""

import gc

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.transforms import limits
from chainrule.transforms.limits import LimitLevel


@pytest.mark.parametrize("degree", range(8))
def test_polynomials_up_to_degree_seven_are_extrapolated_exactly(degree):
    """The value at 0 of a polynomial is 1 for degree 0 and 0 for the others."""
    level = LimitLevel()
    steps = level.moved(np.zeros(()), np.ones(()))

    found = ops.extrapolated(ops.power(steps, np.float64(degree)), level=level)

    assert found == pytest.approx(float(degree == 0), abs=1e-11)


def test_the_lane_that_was_not_moved_is_what_python_sees():
    """A look and the value of a result are those at step 0."""
    level = LimitLevel()
    moved = level.moved(np.array([1.0, 2.0]), np.array([0.5, 0.0]))

    np.testing.assert_array_equal(level.look(moved), [1.0, 2.0])
    np.testing.assert_array_equal(ops.centre(moved, level=level), [1.0, 2.0])


def test_a_repeated_value_gets_the_sum_of_all_steps():
    """The transposes of a repetition and of the limit, a sum over the steps and their weights, are together 1."""
    level = LimitLevel()
    x_bar = ops.total(ops.multiply(np.ones(3), level.weights(np.dtype(float))), level=level)

    np.testing.assert_allclose(x_bar, np.ones(3), rtol=1e-15)


def test_limits_end_with_the_derivative():
    """No limit is left when a derivative has been taken, so that programs recorded later are not searched for one."""

    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * w) @ v.T)

    cr.grad(f)(np.eye(3))
    gc.collect()

    assert not limits.LIVING


def test_a_program_without_equal_eigenvalues_has_no_limit(monkeypatch):
    """Where nothing is equal the program runs once, without lanes."""

    def refuse(self):
        raise AssertionError("a limit was made")

    monkeypatch.setattr(LimitLevel, "__init__", refuse)

    found = cr.grad(lambda a: np.linalg.eigh(a)[0][0])(np.diag([1.0, 2.0, 4.0]))

    np.testing.assert_allclose(found, np.diag([1.0, 0.0, 0.0]), atol=1e-15)
