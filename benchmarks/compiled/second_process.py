"""How long another process waits for code on disk, in CPU time: `python -m benchmarks.compiled.second_process`."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time

TITLES = {"jit-rosenbrock-100": "gradient of Rosenbrock's function, n = 100"} | {
    f"jit-network-{dtype}": f"gradient of the network, {dtype}" for dtype in ("float32", "float64")
}
_PROCESSES = 8


def main() -> None:
    """Print the shortest times of several processes, after a first that compiles."""
    columns = ["import", "first jit", "first call", "eager"]
    print(f"{'milliseconds':<44}" + "".join(f"{column:>12}" for column in columns))
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CHAINRULE_CACHE_DIR": folder}
        for name, title in TITLES.items():
            runs = []
            for _ in range(1 + _PROCESSES):
                command = [sys.executable, "-m", "benchmarks.compiled.second_process", name]
                runs.append(json.loads(subprocess.check_output(command, env=environment)))
            shortest = [1e3 * min(run[column] for run in runs[1:]) for column in columns]
            print(f"{title:<44}" + "".join(f"{milliseconds:12.2f}" for milliseconds in shortest))


def _measured(name: str) -> dict[str, float]:
    """The times of this process."""
    # A collection of garbage, 25 ms, would be counted with whichever stage it falls into.
    gc.disable()
    import numpy as np  # noqa: F401  # not counted

    times = [time.process_time()]
    import chainrule as cr

    times.append(time.process_time())
    from benchmarks.compiled import ours
    from benchmarks.compiled.works import works

    (work,) = (work for work in works(quick=False) if work.name == name)
    given, derivative = ours.arguments(work), ours.derivative(work)
    times.append(time.process_time())
    jitted = cr.jit(derivative)
    times.append(time.process_time())
    jitted(*given)
    times.append(time.process_time())
    derivative(*given)
    began = time.process_time()
    derivative(*given)
    return {
        "import": times[1] - times[0],
        "first jit": times[3] - times[2],
        "first call": times[4] - times[3],
        "eager": time.process_time() - began,
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measured(sys.argv[1])))
    else:
        main()
