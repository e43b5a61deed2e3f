"""The benchmarks run, agree with autograd, and keep what they measured."""

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ["chain", "rosenbrock-2", "rosenbrock-100", "network", "recurrence", "hessian", "jacobian", "identity"]
OPERATIONS = ["where", "maximum", "arctan2", "tanh", "variance", "norm", "gather", "concatenate", "sort", "quadratic"]
OPERATIONS += ["mean", "product", "logsumexp", "cholesky", "solve"]
COMPILED = ["rosenbrock-2", "rosenbrock-100", "rosenbrock-500", "chain-10", "chain-100", "chain-1000", "logistic-20"]
COMPILED += ["logistic-50", "energy", "network-float32", "network-float64", "hvp"]
HAS_COMPILER = shutil.which("cc") is not None and (Path(sysconfig.get_path("include")) / "Python.h").exists()


def _benchmarks(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A quick run of everything, as JSON."""
    finished = _benchmarks("--quick", "--json", "--results", str(tmp_path_factory.mktemp("results")))
    assert finished.returncode == 0, finished.stderr
    return finished


def test_every_derivative_agrees_with_autograd(run):
    """Each case is measured, and both libraries give the same derivative to 1e-10 of its largest entry."""
    report = json.loads(run.stdout)

    assert sorted(PROGRAMS + OPERATIONS) == sorted(report["cases"])
    assert all(case["difference"] <= 1e-10 for case in report["cases"].values())


def test_both_clocks_are_read(run):
    """Wall and CPU time are kept for each contender, and no shortest time is longer than the median."""
    report = json.loads(run.stdout)

    for case in report["cases"].values():
        assert {"chainrule", "autograd", "numpy"} == set(case["seconds"])
        for clocks in case["seconds"].values():
            assert {"wall", "cpu"} == set(clocks)
            assert all(0 <= times["min"] <= times["median"] for times in clocks.values())


def test_growth_is_measured(run):
    """Memory is given for each node of a long program and time for each element filled, with right derivatives."""
    report = json.loads(run.stdout)

    assert report["memory"]["bytes a node"] > 0
    assert report["memory"]["difference"] < 1e-9
    assert {"250", "500", "1000"} == set(report["filling"]["seconds an element"])
    assert report["filling"]["difference"] == 0


def test_explaining_is_measured(run):
    """The cost of an explanation and of its page is kept, and that beside the gradient, which is right."""
    explaining = json.loads(run.stdout)["explaining"]

    assert explaining["seconds to explain"] > 0
    assert explaining["seconds for the page"] > 0
    assert {"rosenbrock", "network"} == set(explaining["times the gradient"])
    assert explaining["difference"] < 1e-12


def test_compiled_derivatives_agree_with_their_peers(run):
    """Every compiled derivative is that of autograd to 1e-10 of its largest entry, in float32 to 1e-4."""
    works = json.loads(run.stdout)["compiled"]

    assert sorted(f"jit-{name}" for name in COMPILED) == sorted(works)
    for name, work in works.items():
        assert work["differences"]["autograd"] <= (1e-4 if "float32" in name else 1e-10)
        assert work["agrees"]


@pytest.mark.skipif(not HAS_COMPILER, reason="there is no C compiler, or no headers of Python")
def test_compiled_derivatives_are_timed_beside_c(run):
    """Every work is there in hand-written C, which the benchmark builds, and our native code is timed alone."""
    for work in json.loads(run.stdout)["compiled"].values():
        seconds = work["seconds"]
        assert seconds["kernel"] > 0
        assert work["over C"] >= seconds["chainrule"] / seconds["C"]


def test_who_is_missing_is_noted(run):
    """A contender either takes part in every work or is left out of all, with a reason."""
    report = json.loads(run.stdout)

    for name in ("C", "JAX", "PyTorch", "autograd"):
        took_part = {name in work["seconds"] for work in report["compiled"].values()}
        assert took_part == {name not in report["notes"]}


def test_drjit_takes_part_where_it_is_asked(run):
    """Dr.Jit is in every work but networks and the Hessian, or is left out of all, with a reason."""
    report = json.loads(run.stdout)

    took_part = {name.removeprefix("jit-") for name, work in report["compiled"].items() if "Dr.Jit" in work["seconds"]}
    asked = {name for name in COMPILED if not name.startswith(("network", "hvp"))}
    assert took_part == (set() if "Dr.Jit" in report["notes"] else asked)


def test_memory_of_compiled_derivatives_is_measured(run):
    """A later call of the compiled derivative of a chain adds no more to memory than its result and some pages."""
    memory = json.loads(run.stdout)["jit-memory"]

    added = memory["contenders"]["chainrule"]
    assert 0 <= added["later call"] <= memory["result"] + 1_000_000


def test_results_are_kept_in_a_file(run):
    """The file that standard error names holds what standard output shows."""
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("kept in ")]

    kept = Path(line.removeprefix("kept in "))

    assert json.loads(kept.read_text(encoding="utf-8")) == json.loads(run.stdout)


def test_one_case_alone_makes_a_table(tmp_path):
    """`--only` measures what it names, and the table has a line for it."""
    finished = _benchmarks("--quick", "--only", "identity", "--results", str(tmp_path))

    assert finished.returncode == 0, finished.stderr
    assert "gradient of x: the call alone" in finished.stdout
    assert "Rosenbrock" not in finished.stdout


def test_unknown_case_is_refused():
    """A name that no benchmark has is a usage error, which lists those that exist."""
    finished = _benchmarks("--only", "nothing")

    assert finished.returncode == 2
    assert "chain, rosenbrock-2" in finished.stderr
