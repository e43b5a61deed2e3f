"""Questions about arrays have NumPy's answers, whether or not the arrays carry a derivative."""

import numpy as np
import pytest

import chainrule as cr

MATRIX = np.arange(6.0).reshape(2, 3)

QUESTIONS = {
    "shape": lambda x: np.shape(x),
    "shape of a list": lambda x: np.shape([x, x]),
    "shape of a number": lambda x: np.shape(x[0, 0]),
    "ndim": lambda x: (np.ndim(x), np.ndim(x[0]), np.ndim(x[0, 0]), np.ndim(2.0)),
    "size": lambda x: (np.size(x), np.size(x, 1), np.size(x, -2), np.size(x[0, 0])),
    "isscalar": lambda x: (np.isscalar(x), np.isscalar(x[0, 0]), np.isscalar("text")),
    "iterable": lambda x: (np.iterable(x), np.iterable(x[0, 0]), np.iterable([1])),
    "isfortran": lambda x: (np.isfortran(x), np.isfortran(x.T), np.isfortran(x[0])),
    "result_type": lambda x: (np.result_type(x, 1), np.result_type(x, 1j), np.result_type(x.astype(np.float32), 2.0)),
    "common_type": lambda x: np.common_type(x, 1j * x),
    "min_scalar_type": lambda x: (np.min_scalar_type(x), np.min_scalar_type(x[0, 1]), np.min_scalar_type(255)),
    "isin": lambda x: np.isin(x, [1.0, 4.0, np.nan]).tolist(),
    "isin, inverted": lambda x: np.isin(x, x[0], invert=True).tolist(),
    "isin, a number": lambda x: bool(np.isin(x[0, 1], x)),
    "isin, nothing": lambda x: np.isin(x, []).tolist(),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_answers_are_those_of_numpy(question):
    """The answer inside a derivative is the answer outside."""
    answers = []

    def f(x):
        answers.append(question(x))
        return np.sum(x)

    cr.grad(f)(MATRIX)
    cr.jvp(f, (MATRIX,), (MATRIX,))

    assert answers == [question(MATRIX)] * 2


def test_membership_of_lanes():
    """Under `vmap` every lane has its own answer."""
    found = cr.vmap(lambda x: np.isin(x, [1.0, 5.0]))(MATRIX)

    np.testing.assert_array_equal(found, np.isin(MATRIX, [1.0, 5.0]))


def test_membership_is_piecewise_constant():
    """d/dx Σ x · [x among others] is 1 where x is among them and 0 elsewhere."""
    gradient = cr.grad(lambda x: np.sum(x * np.isin(x, [1.0, 5.0])))(MATRIX)

    np.testing.assert_array_equal(gradient, np.isin(MATRIX, [1.0, 5.0]).astype(float))
