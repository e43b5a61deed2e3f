"""The samples of all operations, explained: each shows itself in every form, and its gradient is the numerical one."""

from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ExplainError
from chainrule.explain import Explanation
from chainrule.testing.numerical import central_difference
from chainrule.testing.sample import results
from chainrule.testing.samples import FAMILIES

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

SAMPLES = [
    pytest.param(sample, id=f"{family}-{k}-{sample.title}")
    for family, samples in FAMILIES.items()
    for k, sample in enumerate(samples)
    if sample.order and any(np.finfo(dtype).precision > 6 for dtype in sample.dtypes)
]
NAMED = {sample.values[0].title: sample.values[0] for sample in SAMPLES}


def squared(f):
    """The sum of the squares of the real parts of all results."""

    def total(*xs):
        return sum(np.sum(np.real(y) ** 2) for y in results(f(*xs)))

    return total


def explained(case):
    """The explanation of a case with respect to all its operands, shown in every form."""
    ex = cr.explain(squared(case.sample.function), *case.inputs, argnums=tuple(range(len(case.inputs))))
    assert str(ex)
    ElementTree.fromstring(ex.svg())
    text = ex.to_json()
    assert Explanation.from_json(text).to_json() == text
    return ex


@pytest.mark.parametrize("sample", SAMPLES[::7])
def test_every_sample_is_explained(sample):
    """Its gradient along a direction is the numerical derivative; a limit of derivatives is refused in words."""
    case = next(case for case in sample.cases() if not case.is_single)
    if any(
        words in sample.title for words in ("at ties", "at the identity", "equal eigenvalues", "reassembled at zero")
    ):
        with pytest.raises(ExplainError, match="limit of derivatives"):
            explained(case)
        return
    ex = explained(case)
    if case.is_complex:
        return
    x_dots = case.directions("explained")
    total = squared(case.plain)
    (y_dot,) = central_difference(lambda *xs: (total(*xs),), case.inputs, x_dots)
    along = sum(np.sum(g * x_dot) for g, x_dot in zip(ex.gradient, x_dots, strict=True))
    assert along == pytest.approx(float(y_dot), rel=1e-6, abs=1e-6 * max(1.0, abs(float(total(*case.inputs)))))


@pytest.mark.parametrize("title", ["copysign", "heaviside", "interp ends", "interp all"])
def test_operands_without_a_part_in_the_derivative(title):
    """Of an operand that is read but whose derivative is 0, or which no selected branch reads."""
    for case in NAMED[title].cases():
        explained(case)


def test_an_operand_that_was_broadcast_and_not_selected():
    """where(x > 9, x[0], x) with no x > 9: nothing comes back to x[0], and the gradient of Σ x² is 2 x."""
    x = np.array([1.0, 2.0, 3.0])
    ex = cr.explain(lambda x: np.sum(np.where(x > 9, x[0], x) ** 2), x)

    np.testing.assert_array_equal(ex.gradient, 2 * x)
    assert "x[0]" in str(ex)
