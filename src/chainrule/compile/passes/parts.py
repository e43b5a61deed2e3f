"""Which entries a basic index names, and whether two of them name some in common."""

from __future__ import annotations

from typing import Any

from chainrule.ops.paths import Path


def single_index(path: Path) -> tuple[Any, ...] | None:
    """The basic index that a path of one such step is; None for other paths."""
    return path[0] if len(path) == 1 and type(path[0]) is tuple else None


def places(shape: tuple[int, ...], key: tuple[Any, ...]) -> list[Any]:
    """A basic index written out: for each axis a non-negative integer or a range; None for each axis that it makes."""
    missing = len(shape) - sum(part is not None and part is not Ellipsis for part in key)
    lengths = iter(shape)
    written: list[Any] = []
    for part in key:
        if part is Ellipsis:
            written += [range(next(lengths)) for _ in range(missing)]
        elif part is None:
            written.append(None)
        else:
            written.append(range(next(lengths))[part])
    written += [range(n) for n in lengths]
    return written


def as_key(written: list[Any]) -> tuple[Any, ...]:
    """The basic index of places."""
    return tuple(_as_slice(part) if type(part) is range else part for part in written)


def _as_slice(part: range) -> slice:
    if not part:
        return slice(0, 0)
    stop = part.start + part.step * len(part)
    return slice(part.start, stop if stop >= 0 else None, part.step)


def names_everything(shape: tuple[int, ...], path: Path) -> bool:
    """Whether a path gives the array as it is."""
    whole = [range(n) for n in shape]
    return all(
        type(step) is tuple
        and not any(type(part) is int or part is None for part in step)
        and places(shape, step) == whole
        for step in path
    )


def same(shape: tuple[int, ...], first: Path, second: Path) -> bool:
    """Whether two paths give the same part in the same shape."""
    if first == second:
        return True
    a, b = single_index(first), single_index(second)
    return a is not None and b is not None and places(shape, a) == places(shape, b)


def disjoint(shape: tuple[int, ...], first: Path, second: Path) -> bool:
    """Whether two paths certainly have no entry in common."""
    a, b = single_index(first), single_index(second)
    if a is None or b is None:
        return False
    axes_a = [part for part in places(shape, a) if part is not None]
    axes_b = [part for part in places(shape, b) if part is not None]
    return any(_apart(_as_range(p), _as_range(q)) for p, q in zip(axes_a, axes_b, strict=True))


def _as_range(part: Any) -> range:
    return part if type(part) is range else range(part, part + 1)


def _apart(a: range, b: range) -> bool:
    if not a or not b:
        return True
    if max(a) < min(b) or max(b) < min(a):
        return True
    # Every second entry from 0 on, and every second from 1 on.
    return abs(a.step) == abs(b.step) and (a.start - b.start) % abs(a.step) != 0
