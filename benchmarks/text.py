"""Numbers for people."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Seconds in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.{1 if seconds >= 10 * size else 2}f} {unit}"
    return f"{seconds / 1e-9:.{0 if seconds >= 1e-8 else 1}f} ns"
