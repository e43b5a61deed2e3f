"""`python -m benchmarks`: measure, print a table, and keep the numbers in `benchmarks/results/`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.cases import cases
from benchmarks.growth import filling, memory
from benchmarks.report import RESULTS, circumstances, measurement, save, table
from benchmarks.timing import timed

GROWTH = {"memory": memory, "filling": filling}


def main() -> int:
    """Run what is asked for; the exit status is 1 if two derivatives differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="run this one; may be given several times")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: to see that all of it runs")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON in place of the table")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where to keep the numbers")
    arguments = parser.parse_args()
    known = {case.name: case for case in cases(arguments.quick)}
    chosen = arguments.only or [*known, *GROWTH]
    unknown = [name for name in chosen if name not in known and name not in GROWTH]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; choose from {', '.join([*known, *GROWTH])}")

    report: dict[str, Any] = {**circumstances(arguments.quick), "cases": {}}
    rounds, seconds = (3, 0.002) if arguments.quick else (15, 0.05)
    for name in chosen:
        print(f"measuring {name}", file=sys.stderr)
        if name in GROWTH:
            report[name] = GROWTH[name](arguments.quick)
        else:
            case = known[name]
            report["cases"][name] = measurement(case, timed(case, rounds, seconds), case.difference())
    path = save(report, arguments.results)
    print(json.dumps(report) if arguments.json else table(report))
    print(f"kept in {path}", file=sys.stderr)
    wrong = [name for name, case in report["cases"].items() if not case["agrees"]]
    wrong += [name for name in GROWTH if name in report and report[name]["difference"] > 1e-9]
    if wrong:
        print(f"derivatives differ: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
