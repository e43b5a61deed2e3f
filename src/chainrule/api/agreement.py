"""Whether a compiled function gives what the function gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.api.trees import brief, flatten, paths
from chainrule.errors import JitMismatchError
from chainrule.graph.position import describe, described_function, here

# Of what is computed in other order: this many times the spacing of numbers, relative to the largest of an array.
_TOLERANCE = 1e5


def check_agreement(f: Callable[..., Any], expected: Any, found: Any, unwatched: Sequence[str]) -> None:
    """Raise unless the results of a compiled function agree with those of an ordinary run."""
    ours, structure = flatten(found)
    theirs, other = flatten(expected)
    if structure != other:
        raise _mismatch(f, "the result", f"the structure {brief(other)}, and is {brief(structure)}", unwatched)
    for name, x, y in zip(paths(found, "result"), ours, theirs, strict=True):
        difference = _difference(x, y)
        if difference is not None:
            raise _mismatch(f, name, difference, unwatched)


def _difference(found: Any, expected: Any) -> str | None:
    """What is wrong with one result; None if nothing is."""
    if type(found) is not type(expected):
        return f"a {type(expected).__name__}, and is a {type(found).__name__}"
    if not isinstance(expected, (np.ndarray, np.generic, float, complex)):
        return None if found is expected or found == expected else f"{expected!r}, and is {found!r}"
    x, y = np.asarray(found), np.asarray(expected)
    if x.shape != y.shape or x.dtype != y.dtype:
        return f"{y.dtype}{list(y.shape)}, and is {x.dtype}{list(x.shape)}"
    if y.dtype.kind not in "fc":
        agree = x == y
    else:
        with np.errstate(all="ignore"):
            finite = np.abs(y[np.isfinite(y)])
            limit = _TOLERANCE * np.finfo(y.dtype).eps * (finite.max() if finite.size else 0.0)
            agree = (np.abs(x - y) <= limit) | (x == y) | (np.isnan(x) & np.isnan(y))
    if np.all(agree):
        return None
    place = tuple(int(k) for k in np.argwhere(~np.atleast_1d(agree))[0])
    at = f" at {list(place)}" if y.ndim else ""
    return f"{np.atleast_1d(y)[place]!r}{at}, and is {np.atleast_1d(x)[place]!r}"


def _mismatch(f: Callable[..., Any], name: str, difference: str, unwatched: Sequence[str]) -> JitMismatchError:
    causes = "".join(f"\n    {each}" for each in unwatched)
    also = f"\n  Read from where nobody looks for another one:{causes}" if causes else ""
    return JitMismatchError(
        f"{described_function(f)} compiled gives another result: `{name}` should be {difference}.{describe(here())}\n"
        "  The likely cause: the function learns something from elsewhere than its arguments and what it finds in\n"
        f"  variables, objects and containers of Python's, such as a file, a clock or another library.{also}\n"
        "  Pass it as an argument. docs/jit.md lists what a recording depends on."
    )
