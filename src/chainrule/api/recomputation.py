"""Functions whose inner values are computed again in the pull, and not kept for it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from chainrule.api.surroundings import called_inside
from chainrule.api.trees import flatten
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.swap import opened
from chainrule.numpy.views import View
from chainrule.trace import Value
from chainrule.transforms.checkpoint import RecordLevel, is_recorded
from chainrule.transforms.living_limits import settled

P = ParamSpec("P")
R = TypeVar("R")


def checkpoint(f: Callable[P, R]) -> Callable[P, R]:
    """Return `f`, made such that a derivative keeps none of the values inside: they are computed again.

    Reverse mode keeps what each operation's rule will read until the cotangents arrive, which takes memory for every
    step of a long computation. Of a checkpointed part only the inputs are kept; its operations run a second time when
    the cotangents arrive. The result and all derivatives are the same.

    Parameters
    ----------
    f : callable
        Any function: of arrays, numbers and pytrees, with keywords, closures, writes to its arguments, and branches
        that depend on values. Its Python code runs once; what is computed again are the recorded operations, so random
        numbers and printed lines do not repeat.

    Returns
    -------
    callable
        `f` itself outside of derivatives, and in forward mode, which keeps nothing anyhow.

    Notes
    -----
    Operations on values that reach `f` neither as arguments nor as variables of its closure, such as globals, are
    recorded as usual until they meet one that does. Threads inside of one differentiated function may not run
    checkpointed functions on the same array at the same time (`EndedLevelError`).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import grad
    >>> layer = checkpoint(lambda x, w: np.tanh(w @ np.tanh(x)))
    >>> def loss(x):
    ...     for w in (np.eye(2), 2 * np.eye(2)):
    ...         x = layer(x, w)
    ...     return x.sum()
    >>> grad(loss)(np.zeros(2))
    array([2., 2.])
    """

    @functools.wraps(f)
    def recomputing(*args: P.args, **kwargs: P.kwargs) -> R:
        handles = [leaf for leaf in (*flatten((args, kwargs))[0], *_enclosed(f)) if isinstance(leaf, Handle)]
        if not handles and not called_inside():
            return f(*args, **kwargs)
        roots = {id(root): root for root in map(_root, handles) if is_recorded(root._referent)}
        if not roots:
            result: R = opened(f)(*args, **kwargs)
            return result
        return _run(f, roots.values(), args, kwargs)

    return recomputing


def _run(f: Callable[..., R], roots: Iterable[Handle], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    """Call f while the handles that it can reach hold values of a level of their own."""
    level = RecordLevel()
    entered = []
    for root in roots:
        before = root._referent
        root._referent = level.input(before)
        root._owned = False
        entered.append((root, before, root._referent))
    returned: list[Any] = []
    try:
        result: R = opened(f)(*args, **kwargs)
        returned = [leaf for leaf in flatten(result)[0] if isinstance(leaf, Handle)]
    finally:
        # Also after an exception, which may be caught: then what was written so far is there, as in NumPy.
        _leave(level, getattr(f, "__name__", "function"), entered, returned)
    return result


def _leave(level: RecordLevel, name: str, entered: list[tuple[Handle, Any, Value]], returned: list[Handle]) -> None:
    """Give the handles that f could reach, wrote to or returned their values on the levels around it."""
    written = []
    for root, before, inner in entered:
        if root._referent is inner:
            root._referent = before
        elif type(root._referent) is Value:
            written.append(root)
    alive = [handle for handle in (reference() for reference in level.written) if handle is not None]
    left = {id(root): root for root in (*written, *alive, *map(_root, returned)) if _belongs(root._referent, level)}
    outside = level.close(f"checkpoint[{name}]", [settled(root._referent, level) for root in left.values()])
    for root, value in zip(left.values(), outside, strict=True):
        root._referent = value
        root._owned = False
    for root in written:
        if type(root._referent) is Value:
            root._referent.level.written.append(weakref.ref(root))
    for handle in returned:
        if isinstance(handle, View):
            handle.fall_back(level)
    level.end()


def _belongs(value: Any, level: RecordLevel) -> bool:
    return type(value) is Value and value.level is level


def _root(handle: Handle) -> Handle:
    """The handle that holds the value: of a view its base."""
    while isinstance(handle, View):
        handle = handle._base
    return handle


def _enclosed(f: Any) -> list[Any]:
    """The leaves of the enclosing variables of a function."""
    found: list[Any] = []
    while isinstance(f, functools.partial):
        found += flatten((f.args, f.keywords))[0]
        f = f.func
    for cell in getattr(f, "__closure__", None) or ():
        try:
            contents = cell.cell_contents
        except ValueError:
            continue
        if isinstance(contents, (Array, Handle, list, tuple, dict)):
            found += flatten(contents)[0]
    return found
