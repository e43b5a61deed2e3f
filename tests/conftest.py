"""What all tests share: hypothesis profiles, NumPy's default way of printing, and pictures without a window."""

import os

import hypothesis
import numpy as np
import pytest

# How fast an example runs says something of the machine's load, nothing of the program.
hypothesis.settings.register_profile(
    "developer", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
# Continuous integration tries the same examples every time, so a change is blamed only for what it broke.
hypothesis.settings.register_profile(
    "continuous-integration", hypothesis.settings.get_profile("developer"), derandomize=True
)
hypothesis.settings.load_profile("continuous-integration" if os.environ.get("CI") else "developer")

os.environ.setdefault("MPLBACKEND", "Agg")

_PRINTED_BY_DEFAULT = np.get_printoptions()


@pytest.fixture(autouse=True)
def _numpy_prints_by_default():
    """Start each test from NumPy's own print options, and undo what it sets."""
    with np.printoptions(**_PRINTED_BY_DEFAULT):
        yield
