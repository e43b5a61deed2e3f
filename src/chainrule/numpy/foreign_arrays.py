"""Arrays of other libraries as operands: those that can hold ours compute by their own protocol."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.handle import Argument, Array, Captured, Handle, Scalar

# Most operands are of these, and are told at a look.
_FAMILIAR = frozenset(
    (np.ndarray, np.float64, Argument, Array, Captured, Scalar, float, int, bool, complex, list, tuple)
)


def has_own_protocol(kind: type) -> bool:
    """Whether a class is asked by NumPy how a ufunc acts on it, and is neither NumPy's nor ours."""
    if kind in _FAMILIAR or issubclass(kind, (Handle, np.ndarray, np.generic)):
        return False
    return getattr(kind, "__array_ufunc__", None) is not None


def by_own_protocol(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What the first operand of another library makes of a ufunc: an array of its own, such as one with named axes.

    NotImplemented if there is no such operand, or if it cannot hold what carries a derivative, as tables of pandas
    cannot; it is then read as the plain array that it stands for.
    """
    for operand in inputs:
        if has_own_protocol(type(operand)):
            from chainrule.errors import LeakError

            try:
                result = operand.__array_ufunc__(ufunc, method, *inputs, **kwargs)
            except LeakError:
                continue
            if result is not NotImplemented:
                return result
    return NotImplemented
