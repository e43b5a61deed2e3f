"""The table of compiled derivatives."""

from __future__ import annotations

from typing import Any

from benchmarks.compiled.peers import PEERS
from benchmarks.text import duration

_CONTENDERS = ("chainrule", "kernel", "C", "C, libmvec", *PEERS)


def table(works: dict[str, Any], notes: dict[str, str]) -> str:
    """Shortest times of a call, then what they are as multiples: of C's, of the best peer's, of the value's."""
    width = max(len(work["title"]) for work in works.values()) + 2
    present = [name for name in _CONTENDERS if any(name in work["seconds"] for work in works.values())]
    lines = [
        f"{'compiled, one thread':<{width}}" + "".join(f"{name:>12}" for name in present),
        *(_times(work, present, width) for work in works.values()),
        "",
        f"{'chainrule over':<{width}}{'C':>8}{'aim':>8}{'peer':>8}   {'kernel/C':>8}{'∂/value':>9}"
        f"{'1st call':>12}{'compiling':>12}{'peer’s 1st':>12}",
        *(_ratios(work, width) for work in works.values()),
        "",
        "C: cc -O3 -march=native -fno-math-errno, its products of matrices by SciPy's BLAS.",
        "C, libmvec: -ffast-math for the chain: vector functions of the C library, which err by up to 4 ulp.",
        "chainrule over C: over the faster of both.",
        "kernel: the native code alone, called from C; C's times include its call from Python.",
        "Dr.Jit: its frozen functions; not asked for networks, nor for Hessians, for it derives once.",
    ]
    lines += [f"left out: {name}: {reason}" for name, reason in notes.items()]
    return "\n".join(lines)


def _times(work: dict[str, Any], present: list[str], width: int) -> str:
    seconds = work["seconds"]
    cells = [duration(seconds[name]) if name in seconds else "" for name in present]
    wrong = [f"{name} by {apart:.1e}" for name, apart in work["differences"].items() if apart > 0]
    line = f"{work['title']:<{width}}" + "".join(f"{cell:>12}" for cell in cells)
    if not work["agrees"]:
        line += f"   DIFFERS from {', '.join(wrong)}"
    return line


def _ratios(work: dict[str, Any], width: int) -> str:
    peer = work.get("best peer", "")
    first = work["first call"]
    cells = [
        _ratio(work, "over C", 8),
        f"{'≤ ' + format(work['aim'], '.2g'):>8}",
        _ratio(work, "over the best peer", 8),
        "   ",
        _ratio(work, "kernel over C", 8),
        _ratio(work, "derivative over value", 9),
        f"{duration(first['chainrule']):>12}",
        f"{duration(work['compiling']):>12}",
        f"{duration(first[peer]) if peer else '':>12}  {peer}",
    ]
    return f"{work['title']:<{width}}" + "".join(cells).rstrip()


def _ratio(work: dict[str, Any], name: str, width: int) -> str:
    return f"{format(work[name], '.2f') if name in work else '':>{width}}"


def memory_table(memory: dict[str, Any]) -> str:
    """What a derivative adds to the memory of the process, at the most."""
    megabytes = {
        name: " / ".join(f"{added[call] / 1e6:.0f}" for call in ("first call", "later call"))
        for name, added in memory["contenders"].items()
    }
    return (
        f"the chain at n = {memory['n']:,}, whose result has {memory['result'] / 1e6:.0f} MB: peak of MB added by the "
        "first call / by a later one: " + ", ".join(f"{name} {peak}" for name, peak in megabytes.items())
    )
