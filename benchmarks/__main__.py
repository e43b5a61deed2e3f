"""`python -m benchmarks`: measure, print a table, and keep the numbers in `benchmarks/results/`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.cases import cases
from benchmarks.compiled.measure import Effort, measured
from benchmarks.compiled.memory import peaks
from benchmarks.compiled.works import works
from benchmarks.explaining import explaining
from benchmarks.growth import filling, memory
from benchmarks.report import RESULTS, circumstances, measurement, save, table
from benchmarks.timing import timed

GROWTH = {"memory": memory, "filling": filling, "explaining": explaining}
# Those of compiled derivatives are called `jit-...`.
MEMORY = "jit-memory"


def main() -> int:
    """Run what is asked for; the exit status is 1 if two derivatives differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="run this one, or `jit` for all compiled; may be given again"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: to see that all of it runs")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON in place of the table")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where to keep the numbers")
    arguments = parser.parse_args()
    known = {case.name: case for case in cases(arguments.quick)}
    compiled = {work.name: work for work in works(arguments.quick)}
    every = [*known, *GROWTH, *compiled, MEMORY]
    chosen = [name for asked in arguments.only or every for name in (compiled if asked == "jit" else [asked])]
    unknown = [name for name in chosen if name not in every]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; choose from {', '.join(every)}, or jit for all of jit-*")

    if not arguments.quick:
        _use_one_core()
    report: dict[str, Any] = {**circumstances(arguments.quick), "cases": {}, "compiled": {}, "notes": {}}
    rounds, seconds = (3, 0.002) if arguments.quick else (15, 0.05)
    effort = Effort(2, 0.0005, 1) if arguments.quick else Effort(25, 0.01, 3)
    for name in chosen:
        print(f"measuring {name}", file=sys.stderr)
        if name in GROWTH:
            report[name] = GROWTH[name](arguments.quick)
        elif name in compiled:
            report["compiled"][name] = measured(compiled[name], effort, report["notes"])
        elif name == MEMORY:
            report[name] = peaks(arguments.quick)
        else:
            case = known[name]
            report["cases"][name] = measurement(case, timed(case.contenders(), rounds, seconds), case.difference())
    path = save(report, arguments.results)
    print(json.dumps(report) if arguments.json else table(report))
    print(f"kept in {path}", file=sys.stderr)
    derivatives = report["cases"] | report["compiled"]
    wrong = [name for name, derivative in derivatives.items() if not derivative["agrees"]]
    wrong += [name for name in GROWTH if name in report and report[name]["difference"] > 1e-9]
    if wrong:
        print(f"derivatives differ: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def _use_one_core() -> None:
    """Whoever would start threads shall see one core, where the system can say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    sys.exit(main())
