"""What was measured, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.case import Case, Times
from benchmarks.compiled.report import memory_table
from benchmarks.compiled.report import table as compiled_table
from benchmarks.text import duration

RESULTS = Path(__file__).parent / "results"


def measurement(case: Case, times: dict[str, Times], difference: float) -> dict[str, Any]:
    """One case, ready for JSON: seconds, and how many times longer autograd takes."""
    return {
        "title": case.title,
        "difference": difference,
        "agrees": difference <= case.tolerance,
        "seconds": {name: _summary(measured) for name, measured in times.items()},
        "autograd over chainrule": {
            clock: {
                "min": min(getattr(times["autograd"], clock)) / min(getattr(times["chainrule"], clock)),
                "median": median(getattr(times["autograd"], clock)) / median(getattr(times["chainrule"], clock)),
            }
            for clock in ("wall", "cpu")
        },
    }


def _summary(measured: Times) -> dict[str, dict[str, float]]:
    return {
        clock: {"min": min(values), "median": median(values)}
        for clock, values in (("wall", measured.wall), ("cpu", measured.cpu))
    }


def circumstances(quick: bool) -> dict[str, Any]:
    """When, on what, and with which versions."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "versions": {name: found for name in _VERSIONS if (found := _version(name))},
    }


_VERSIONS = ("numpy", "autograd", "jax", "torch", "drjit", "llvmlite")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def save(report: dict[str, Any], folder: Path) -> Path:
    """Write a report into a folder, named by its time."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report['time'].replace(':', '').replace('+0000', 'Z')}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return path


def table(report: dict[str, Any]) -> str:
    """The report for people: shortest times, and by how much autograd's are longer (median in brackets)."""
    lines = []
    if report["cases"]:
        lines.append(f"{'':52}{'numpy':>10}{'chainrule':>12}{'autograd':>12}   autograd/chainrule")
        lines.append(f"{'':52}{'':>10}{'':>12}{'':>12}   {'wall':<16}cpu")
    for case in report["cases"].values():
        seconds = [case["seconds"][name]["wall"]["min"] for name in ("numpy", "chainrule", "autograd")]
        ratios = [case["autograd over chainrule"][clock] for clock in ("wall", "cpu")]
        lines.append(
            f"{case['title']:<52}{duration(seconds[0]):>10}{duration(seconds[1]):>12}{duration(seconds[2]):>12}   "
            + "".join(f"{ratio['min']:5.2f} ({ratio['median']:5.2f})  " for ratio in ratios).rstrip()
            + ("" if case["agrees"] else f"   DIFFERS by {case['difference']:.1e}")
        )
    memory, filling = report.get("memory"), report.get("filling")
    if memory:
        lines += [
            "",
            f"{memory['operations']:,} scalar operations: {memory['bytes a node']:.0f} bytes a node held, "
            f"{memory['bytes a node at the peak']:.0f} at the peak of the pull, "
            f"{memory['bytes left']:,} bytes left after it",
        ]
    if filling:
        each = ", ".join(f"{duration(seconds)} at {size}" for size, seconds in filling["seconds an element"].items())
        lines += ["", f"filling one by one, for each element: {each} (growth {filling['growth']:.2f})"]
    explaining = report.get("explaining")
    if explaining:
        ratios = ", ".join(f"{ratio:.1f} ({name})" for name, ratio in explaining["times the gradient"].items())
        lines += [
            "",
            f"explaining {explaining['operations']:,} scalar operations: {duration(explaining['seconds to explain'])}, "
            f"their page: {duration(explaining['seconds for the page'])}; "
            f"of large arrays, times the gradient: {ratios}",
        ]
    if report["compiled"]:
        lines += ["", compiled_table(report["compiled"], report["notes"])]
    if report.get("jit-memory"):
        lines += ["", memory_table(report["jit-memory"])]
    return "\n".join(lines).lstrip("\n")
