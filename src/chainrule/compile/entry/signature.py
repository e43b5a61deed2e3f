"""The signature of a call: a number that tells calls for different paths apart before any path is tried.

It depends on what most paths differ in: the number of arguments, their types, the dtypes and shapes of arrays, the text
of a string, and all that of what lists, tuples and dicts contain. Every call that fits a path has the signature of that
path, so only the paths of a call's signature are tried; whether they fit, their checks say.

Here it is computed from the checks of a path; `signing.py` writes the code that computes the same when a call is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.compile.entry.path import Argument, Array, Container, Equal, FastPath, Instance, Item, Number, Same

# So deep in containers the types of objects count, and no longer what they contain.
DEPTH = 4

# 2⁶⁴ divided by the golden ratio (Knuth, The Art of Computer Programming, volume 3, section 6.4).
FACTOR = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1


def signature(path: FastPath) -> int | None:
    """The signature of all calls that fit a path; None if they may have several."""
    arguments: dict[int, int] = {}
    items: dict[int, dict[Any, int]] = {}
    for number, check in enumerate(path.checks):
        if isinstance(check.place, Argument):
            arguments.setdefault(check.place.position, number)
        elif isinstance(check.place, Item):
            items.setdefault(check.place.check, {}).setdefault(check.place.key, number)

    try:
        parts = [_of_check(path, items, arguments[k], DEPTH) for k in range(path.arguments)]
    except _SeveralError:
        return None
    return _mixed(path.arguments, *parts)


class _SeveralError(Exception):
    """Calls that fit a path may have different signatures."""


def _of_check(path: FastPath, items: dict[int, dict[Any, int]], number: int, depth: int) -> int:
    """The number of the objects that fit a check, and those of what they contain, so deep."""
    match path.checks[number].expected:
        case Array(dtype, shape):
            return _mixed(id(np.ndarray), id(type(dtype)), *shape)
        case Number(kind) | Instance(kind):
            return id(kind)
        case Same(value) | Equal(value):
            return _of_object(value)
        case Container(kind, length):
            if not depth or kind not in (tuple, list, dict):
                return id(kind)
            inside = items.get(number, {})
            if len(inside) != length:
                raise _SeveralError
            keys = inside if kind is dict else sorted(inside)
            parts = [_of_check(path, items, inside[key], depth - 1) for key in keys]
            if kind is dict:
                # Whatever their order.
                return _mixed(id(kind), length, sum(parts))
            return _mixed(id(kind), length, *parts)
    raise _SeveralError


def _of_object(value: Any) -> int:
    kind = type(value)
    if kind in (np.ndarray, list, tuple, dict):
        raise _SeveralError
    if kind is str:
        return _mixed(id(str), hash(value))
    return _mixed(id(bool), id(value)) if kind is bool else id(kind)


def _mixed(number: int, *others: int) -> int:
    for other in others:
        number = (number ^ other & _WORD) * FACTOR & _WORD
        number ^= number >> 32
    return number
