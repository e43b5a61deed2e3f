"""Every law on every sample."""

import pytest

from chainrule.testing.laws import laws_for
from chainrule.testing.samples import SAMPLES

CHECKS = [
    pytest.param(case, law, id=f"{case}-{law.__name__}".replace("_", " "))
    for sample in SAMPLES
    for case in sample.cases()
    for law in laws_for(case)
]


@pytest.mark.parametrize(("case", "law"), CHECKS)
def test_law(case, law):
    """The law holds for the sample, at these shapes and in this dtype."""
    law(case)
