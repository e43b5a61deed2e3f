"""From what users pass to what ops take: values of one dtype."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.graph.position import user_frame
from chainrule.numpy.handle import Argument, Array, Captured, Handle, Scalar, wrap
from chainrule.numpy.views import View
from chainrule.ops.declaration import resolve, resolve_as
from chainrule.trace import Value

PYTHON_NUMBERS = frozenset((int, float, complex))
# Those, and from the first recorded one on the class of recorded Python numbers (`python_numbers`).
_WEAK: set[type] = set(PYTHON_NUMBERS)
# The kinds of handles, which are known at a look.
_HANDLES = frozenset((Argument, Array, Captured, Scalar, View))


def take_recorded(kind: type) -> None:
    """Know a class of recorded Python numbers, whose dtype gives way."""
    _WEAK.add(kind)


def _weak_kind(x: Any) -> Any:
    """What NumPy promotes a recorded Python number as."""
    return x.dtype if x.kind is bool else x.kind


def _weakly(x: Any, dtype: np.dtype[Any]) -> Any:
    from chainrule.numpy.python_numbers import weakly

    return weakly(x, dtype)


def value_of(x: Any) -> Any:
    """The value of anything array-like: of a handle its own, of a nested list that of the array it makes."""
    kind = type(x)
    if kind in _HANDLES:
        return x._read()
    if kind is Value or isinstance(x, np.generic):
        return x
    if kind is np.ndarray:
        # Code that is not run over our NumPy may write to it before a rule reads it.
        return x.copy()
    if isinstance(x, Handle):
        return x._read()
    if isinstance(x, (list, tuple)) and holds_handles(x):
        return stacked(x)
    # Asked for a copy, NumPy warns of classes whose `__array__` takes none.
    return np.asarray(x).copy() if hasattr(x, "__array__") else np.array(x)


def array_of(x: Any) -> Array:
    """Anything array-like as an array that views can be taken of: itself if it is one, else a new one."""
    if isinstance(x, Array):
        return x
    value = value_of(x)
    return Array(value if type(value) is Value else np.asarray(value))


def holds_handles(x: Any) -> bool:
    """Whether a nested list or tuple has a handle somewhere."""
    return any(isinstance(y, Handle) or (isinstance(y, (list, tuple)) and holds_handles(y)) for y in x)


def stacked(x: Any) -> Any:
    """The value of a nested list: the stacked values of its items."""
    items = [value_of(item) for item in x]
    shapes = {item.shape for item in items}
    if len(shapes) != 1:
        raise ValueError(
            "setting an array element with a sequence. The requested array would have an inhomogeneous shape: "
            f"{sorted(shapes)}"
        )
    return ops.stack(*common_dtype(items), axis=0)


def converted(x: Any, dtype: Any) -> Any:
    """A value in another dtype, as `astype` gives it: a conversion to integers or booleans is a step."""
    if x.dtype == dtype:
        return x
    dtype = np.dtype(dtype)
    if type(x) is not Value:
        return x.astype(dtype)
    if x.dtype.kind == "c" and dtype.kind in "fiu":
        _warn_of_lost_part()
        x = ops.real(x)
        if x.dtype == dtype:
            return x
    if dtype.kind in "fc":
        return ops.convert(x, dtype=dtype)
    if dtype.kind == "O":
        # Python's numbers in place of NumPy's are the same numbers, with the same derivatives: they stay as they are.
        return x
    return ops.truncate(x, dtype=dtype)


# What was warned of in each file, as Python keeps it for each module.
_WARNED: dict[str, dict[Any, Any]] = {}


def _warn_of_lost_part() -> None:
    """NumPy's warning where a complex number becomes a real one, at the user's line."""
    frame = user_frame()
    if frame is not None:
        warnings.warn_explicit(
            "Casting complex values to real discards the imaginary part",
            np.exceptions.ComplexWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            registry=_WARNED.setdefault(frame.f_code.co_filename, {}),
        )


def common_dtype(values: list[Any]) -> list[Any]:
    """Values in the dtype that NumPy promotes them to."""
    dtype = np.result_type(*(value.dtype for value in values))
    return [converted(value, dtype) for value in values]


def promoted(
    ufunc: np.ufunc, args: Any, signature: tuple[Any, ...] | None = None, casting: Any = "same_kind"
) -> tuple[Any, ...]:
    """The operands of a ufunc as values in the dtypes of the loop it runs; Python numbers give way.

    `signature` prescribes dtypes of operands and results, with None where it does not.
    """
    # In loops, and not in comprehensions, which are calls: every ufunc of two operands comes here.
    values = []
    for x in args:
        kind = type(x)
        values.append(x if kind in _WEAK else value_of(x))
    if type(values[0]) in _WEAK and all(type(x) in _WEAK for x in values):
        values = [np.asarray(x)[()] if type(x) in PYTHON_NUMBERS else value_of(x) for x in values]
    kinds = []
    for x in values:
        kind = type(x)
        kinds.append(x.dtype if kind not in _WEAK else kind if kind in PYTHON_NUMBERS else _weak_kind(x))
    key = tuple(kinds)
    dtypes = resolve(ufunc, key) if signature is None else resolve_as(ufunc, key, signature, casting)
    operands = []
    for x, dtype in zip(values, dtypes, strict=False):
        kind = type(x)
        if kind not in _WEAK:
            operands.append(x if x.dtype is dtype else converted(x, dtype))
        elif kind in PYTHON_NUMBERS:
            operands.append(dtype.type(x))
        else:
            operands.append(_weakly(x, dtype))
    return tuple(operands)


def is_traced(x: Any) -> bool:
    """Whether something array-like carries a derivative or stands for the lanes of a batch."""
    if isinstance(x, Handle):
        return x._is_traced()
    if isinstance(x, (list, tuple)):
        return any(is_traced(item) for item in x)
    return False


def resists(x: Any) -> bool:
    """Whether plain numbers cannot stand for something: it carries a derivative, or has the lanes of a batch."""
    if isinstance(x, Handle):
        value = x._peek()
        return type(value) is Value and not value.level.stands_for_plain
    if isinstance(x, (list, tuple)):
        return any(resists(item) for item in x)
    return False


def any_resists(args: Iterable[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether plain numbers cannot stand for one of the arguments of a call."""
    for x in args:
        if resists(x):
            return True
    return any(map(resists, kwargs.values()))


def plain(x: Any) -> Any:
    """Something array-like as NumPy takes it: constant handles as the arrays behind them, also inside containers."""
    if isinstance(x, Handle):
        return x._plain("a NumPy function without a derivative rule")
    if isinstance(x, list):
        return [plain(item) for item in x]
    if type(x) is tuple:
        return tuple(plain(item) for item in x)
    if type(x) is dict:
        return {key: plain(item) for key, item in x.items()}
    return x


__all__ = [
    "PYTHON_NUMBERS",
    "array_of",
    "common_dtype",
    "converted",
    "holds_handles",
    "is_traced",
    "plain",
    "promoted",
    "resists",
    "stacked",
    "value_of",
    "wrap",
]
