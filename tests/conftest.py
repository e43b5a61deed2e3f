"""What all tests share: hypothesis profiles, golden texts, NumPy's way of printing, pictures without a window."""

import os
import tempfile
from pathlib import Path

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

# Compiled code is kept for as long as the tests run, and the user's own is left alone.
_KEPT = tempfile.TemporaryDirectory(prefix="chainrule-cache-")
os.environ["CHAINRULE_CACHE_DIR"] = _KEPT.name


def pytest_addoption(parser):
    """Let golden texts be written anew."""
    parser.addoption("--update-golden", action="store_true", help="write what came out as the expected text")


@pytest.fixture
def golden(request):
    """Compare a text with the file of that name in the folder `golden` beside the test, or write it there."""

    def compare(name, text):
        file = Path(request.path).parent / "golden" / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text + "\n", (
            f"if this is meant: pytest --update-golden {request.path}"
        )

    return compare


_PRINTED_BY_DEFAULT = np.get_printoptions()


@pytest.fixture(autouse=True)
def _numpy_prints_by_default():
    """Start each test from NumPy's own print options, and undo what it sets."""
    with np.printoptions(**_PRINTED_BY_DEFAULT):
        yield


@pytest.fixture
def called_operations(monkeypatch):
    """The operations that the code of a compiled call leaves to NumPy, by name, without making that code."""
    # Here, since the folder for compiled code is named above.
    from chainrule import jit
    from chainrule.compile import native
    from chainrule.compile.interpreted import Interpreted
    from chainrule.compile.nests import Callback
    from chainrule.compile.passes.preparation import prepared
    from chainrule.compile.schedule import Schedule

    def called(function, *arguments):
        found = []

        def scheduled(recorded):
            program = prepared(recorded)
            found.append([step.node.op.name for step in Schedule(program).steps if isinstance(step, Callback)])
            return Interpreted(recorded)

        monkeypatch.setattr(native, "Native", scheduled)
        jit(function)(*arguments)
        assert found, "nothing was recorded"
        return [name for names in found for name in names]

    return called
