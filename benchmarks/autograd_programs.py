"""HIPS autograd's own benchmark programs, on its engine and on ours: `python -m benchmarks.autograd_programs FOLDER`.

The folder is the one called `benchmarks` in autograd's source distribution, whose modules have functions `time_*`. Each
module is loaded twice, once with our package in the place of autograd, and the two take turns within one process. What
depends on where a process happens to lie in memory differs from process to process, so there are several of them.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.text import duration

_MODULES = ("bench_core", "bench_numpy_vjps", "bench_rnn", "bench_util")
_ENGINES = {"ours": "chainrule.interop.autograd", "autograd": "autograd"}
_ROUNDS, _SECONDS = 15, 0.01


def main() -> None:
    """Print for each program the least times on both engines and their ratio: medians over processes, and the range."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.autograd_programs", description=__doc__)
    parser.add_argument("folder", type=Path, help="autograd's folder of benchmark programs")
    parser.add_argument("--only", default="", metavar="TEXT", help="the programs whose name contains this")
    parser.add_argument("--processes", type=int, default=9, help="how many for each module")
    arguments = parser.parse_args()
    print(f"{'program':<44}{'ours':>12}{'autograd':>12}{'ratio':>8}{'range':>14}")
    for module in _MODULES:
        runs = [_in_a_process(arguments.folder / f"{module}.py", arguments.only) for _ in range(arguments.processes)]
        for program in runs[0]:
            times = {engine: statistics.median(run[program][engine] for run in runs) for engine in _ENGINES}
            ratios = sorted(run[program]["ours"] / run[program]["autograd"] for run in runs)
            print(
                f"{program:<44}{duration(times['ours']):>12}{duration(times['autograd']):>12}"
                f"{statistics.median(ratios):8.2f}{f'{ratios[0]:.2f}-{ratios[-1]:.2f}':>14}",
                flush=True,
            )


def _in_a_process(module: Path, only: str) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.autograd_programs", "--measure", str(module), only]
    return dict(json.loads(subprocess.check_output(command)))


def _measured(module: str, only: str) -> dict[str, dict[str, float]]:
    """The least CPU seconds of a call of each program of a module, on both engines."""
    warnings.simplefilter("ignore")
    programs = {engine: _programs(Path(module).read_text(), package) for engine, package in _ENGINES.items()}
    least: dict[str, dict[str, float]] = {}
    for name in programs["ours"]:
        if only not in name:
            continue
        calls = {engine: _calls(programs[engine][name]) for engine in _ENGINES}
        least[name] = dict.fromkeys(_ENGINES, float("inf"))
        for _ in range(_ROUNDS):
            for engine in _ENGINES:
                seconds = _seconds(programs[engine][name], calls[engine])
                least[name][engine] = min(least[name][engine], seconds)
    return least


def _programs(source: str, package: str) -> dict[str, Callable[[], object]]:
    """The functions to be timed of a module, and the methods of its suites, which are set up first."""
    module: dict[str, Any] = {"__name__": package}
    exec(compile(re.sub(r"(?m)^(\s*(?:from|import) )autograd\b", rf"\g<1>{package}", source), package, "exec"), module)
    programs = {name: member for name, member in module.items() if name.startswith("time_")}
    for suite in list(module.values()):
        if isinstance(suite, type) and hasattr(suite, "setup"):
            instance = suite()
            instance.setup()
            programs |= {method: getattr(instance, method) for method in dir(suite) if method.startswith("time_")}
    return programs


def _calls(program: Callable[[], object]) -> int:
    program()
    return max(1, int(_SECONDS / max(_seconds(program, 3), 1e-8)))


def _seconds(program: Callable[[], object], calls: int) -> float:
    """CPU seconds of one call, of so many without a collection of garbage among them."""
    gc.disable()
    try:
        began = time.process_time()
        for _ in range(calls):
            program()
        return (time.process_time() - began) / calls
    finally:
        gc.enable()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(_measured(*sys.argv[2:4])))
    else:
        main()
