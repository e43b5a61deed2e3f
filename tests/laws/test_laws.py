"""Every law on every sample."""

import pytest

from chainrule.testing.laws import check_laws
from chainrule.testing.samples import SAMPLES

CASES = [pytest.param(case, id=str(case)) for sample in SAMPLES for case in sample.cases()]


@pytest.mark.parametrize("case", CASES)
def test_laws(case):
    """Every law holds for the sample, at these shapes and in this dtype; a failure names the law."""
    check_laws(case)
