"""When two results agree, and what is said if they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.testing.sample import Case


class LawError(AssertionError):
    """A law does not hold for a sample."""


def broken(law: str, case: Case, what: str, expected: Any, found: Any) -> LawError:
    """The error for a law that does not hold: the law, the sample, its shapes and dtype, and the numbers."""
    shapes = ", ".join(map(str, case.shapes))
    with np.printoptions(precision=17, threshold=40, edgeitems=3, linewidth=110):
        inputs = "\n".join(f"  x{k} = {x!r}" for k, x in enumerate(case.inputs))
        return LawError(
            f"law `{law}` does not hold for `{case.sample.title}`, shapes {shapes}, {case.dtype}: {what}\n"
            f"  expected {_shown(expected)}\n"
            f"  found    {_shown(found)}\n"
            f"{inputs}"
        )


def _shown(x: Any) -> str:
    if isinstance(x, (np.ndarray, np.generic)):
        kind = "an array" if isinstance(x, np.ndarray) else "a scalar"
        return f"{x!r}\n           {kind} of {x.dtype}, shape {x.shape}"
    return repr(x)


def same_kind(law: str, case: Case, what: str, expected: Any, found: Any) -> None:
    """Raise unless two results are alike in shape, dtype, and in being an array or a scalar."""
    expected_kind, found_kind = (
        (np.shape(y), getattr(y, "dtype", type(y)), isinstance(y, np.ndarray)) for y in (expected, found)
    )
    if expected_kind != found_kind:
        raise broken(law, case, f"{what}: shape, dtype, or whether it is an array", expected, found)


def identical(law: str, case: Case, what: str, expected: Sequence[Any], found: Sequence[Any]) -> None:
    """Raise unless two lists of results are equal bit by bit (every NaN equals every other) and alike in kind."""
    counted(law, case, what, expected, found)
    for k, (a, b) in enumerate(zip(expected, found, strict=True)):
        which = f"{what}, result {k}" if len(expected) > 1 else what
        same_kind(law, case, which, a, b)
        if np.asarray(a).dtype.kind in "fc":
            same = np.array_equal(a, b, equal_nan=True) and all(
                np.array_equal(np.signbit(part(a)) | np.isnan(a), np.signbit(part(b)) | np.isnan(b))
                for part in (np.real, np.imag)
            )
        else:
            same = np.array_equal(a, b)
        if not same:
            raise broken(law, case, which, a, b)


def close(
    law: str,
    case: Case,
    what: str,
    expected: Sequence[Any],
    found: Sequence[Any],
    tolerance: float,
    scale: float = 0.0,
) -> None:
    """Raise unless two lists of results agree, relative to the greatest expected number, or to `scale` if greater."""
    counted(law, case, what, expected, found)
    for k, (a, b) in enumerate(zip(expected, found, strict=True)):
        which = f"{what}, result {k}" if len(expected) > 1 else what
        if np.shape(a) != np.shape(b):
            raise broken(law, case, f"{which}: shapes", a, b)
        if np.asarray(a).dtype.kind not in "fc":
            if not np.array_equal(a, b):
                raise broken(law, case, which, a, b)
            continue
        a, b = np.asarray(a), np.asarray(b)
        finite = np.isfinite(a)
        if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            raise broken(law, case, f"{which}: infinities or NaN", a, b)
        difference = np.max(np.abs(a[finite] - b[finite]), initial=0.0)
        limit = tolerance * max(magnitude([a]), scale)
        if difference > limit:
            raise broken(law, case, f"{which}: differs by {difference:.3g}, more than {limit:.3g}", a, b)


def counted(law: str, case: Case, what: str, expected: Sequence[Any], found: Sequence[Any]) -> None:
    """Raise unless there are as many results as expected."""
    if len(expected) != len(found):
        raise broken(law, case, f"{what}: number of results", len(expected), len(found))


def magnitude(values: Sequence[Any]) -> float:
    """The greatest finite number among some results, by absolute value."""
    greatest = 0.0
    for value in values:
        numbers = np.abs(np.asarray(value, dtype=complex if np.iscomplexobj(value) else float))
        greatest = max(greatest, float(np.max(numbers, initial=0.0, where=np.isfinite(numbers))))
    return greatest
