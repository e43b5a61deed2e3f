"""Peak memory of a long chain: each contender in a process of its own.

`python -m benchmarks.compiled.memory CONTENDER N` prints how many bytes the first call of the derivative added to the
process, and how many a later one.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chainrule as cr
from benchmarks.compiled import native, ours
from benchmarks.compiled.peers import PEERS
from benchmarks.compiled.work import Work
from benchmarks.compiled.works import chain


def peaks(quick: bool) -> dict[str, Any]:
    """The peaks of each contender that is there, in bytes. The result of n numbers is part of them; x is not."""
    n = 100_000 if quick else 10_000_000
    contenders = {}
    for contender in ("chainrule", "C", *PEERS):
        command = [sys.executable, "-m", "benchmarks.compiled.memory", contender, str(n)]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode == 0:
            contenders[contender] = json.loads(finished.stdout)
    return {"n": n, "result": 8 * n, "contenders": contenders}


def peak(contender: str, n: int) -> dict[str, int]:
    """How many bytes the first call at n elements adds to this process, and how many a later one."""
    # What is loaded once does not count.
    _compute(contender, chain(10))()
    compute = _compute(contender, chain(n))
    added = {}
    for call in ("first call", "later call"):
        gc.collect()
        before = _begin()
        compute()
        added[call] = _peak() - before
    return added


def _compute(contender: str, work: Work) -> Callable[[], Any]:
    if contender == "C":
        return native.derivatives(work)["C"]
    if contender == "chainrule":
        jitted = cr.jit(ours.derivative(work))
        return lambda: jitted(*work.arguments)
    return PEERS[contender](work)


# On Linux the peak is read and begun anew where the kernel keeps it: `ru_maxrss` never falls, and begins with the
# peak of the process that started this one.
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _begin() -> int:
    """Begin to look for a peak, if the system can; the bytes that this process has now, or had at most."""
    if _RESET.exists():
        _RESET.write_text("5")
    return _peak()


def _peak() -> int:
    if _STATUS.exists():
        (line,) = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
        return 1024 * int(line.split()[1])
    return (1 if sys.platform == "darwin" else 1024) * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    try:
        print(json.dumps(peak(sys.argv[1], int(sys.argv[2]))))
    except (ImportError, OSError, native.NoCompilerError) as error:
        sys.exit(str(error))
