"""The kinds of the leaves of arguments and results: what a specialisation is made for, and how values cross it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from chainrule.graph import Node
from chainrule.numpy.handle import Array, Scalar
from chainrule.numpy.python_numbers import DTYPES, Number
from chainrule.trace import Value

# Integers that are inputs; larger ones stand for themselves.
_LARGEST = 2**63 - 1


class Kind(NamedTuple):
    """What a specialisation takes for granted of an input, or gives as a result.

    form
        ndarray, generic (a NumPy scalar), or the class of a Python number.
    dtype, shape
        Those of the array.
    strides
        None if the array lies in memory in C order; else its strides, since code may ask for the order.
    """

    form: type
    dtype: np.dtype[Any]
    shape: tuple[int, ...] = ()
    strides: tuple[int, ...] | None = None

    def value(self, x: Any) -> Any:
        """A leaf as an array or NumPy scalar."""
        return x if self.form is np.ndarray or self.form is np.generic else self.dtype.type(x)

    def handle(self, value: Value) -> Any:
        """A recorded value as the function receives it."""
        if self.form is np.ndarray:
            return Array(value)
        return Scalar(value) if self.form is np.generic else Number(value, self.form)

    def result(self, value: Any) -> Any:
        """A result of a run as the caller receives it, given an array or scalar that nobody else holds."""
        if self.form is np.ndarray:
            return value if type(value) is np.ndarray else np.asarray(value)
        return value[()] if self.form is np.generic else self.form(value)

    def __str__(self) -> str:
        if self.form is not np.ndarray:
            return str(self.dtype) if self.form is np.generic else self.form.__name__
        order = "" if self.strides is None else f", strides {self.strides}"
        return f"{self.dtype}{list(self.shape)}{order}"


_OF_NUMBERS = {form: Kind(form, dtype) for form, dtype in DTYPES.items() if form is not bool}


def kind_of(x: Any) -> Kind | None:
    """The kind of a leaf that a specialisation can take as an input; None of any other object."""
    form = type(x)
    if form is np.ndarray:
        dtype = x.dtype
        if dtype.kind not in "biufc" or not dtype.isnative:
            return None
        return Kind(np.ndarray, dtype, x.shape, None if x.flags.c_contiguous else x.strides)
    if form is float or form is complex:
        return _OF_NUMBERS[form]
    if form is int:
        return _OF_NUMBERS[int] if -_LARGEST <= x <= _LARGEST else None
    if isinstance(x, np.generic) and x.dtype.kind in "biufc":
        return Kind(np.generic, x.dtype)
    return None


def as_input(x: Any, kind: Kind) -> Any:
    """A leaf as an executable takes it: a C-contiguous, aligned array, or a NumPy scalar."""
    if kind.form is np.ndarray:
        if kind.strides is None and x.flags.aligned:
            return x
        return np.array(x, order="C")
    return kind.value(x)


def static_key(x: Any) -> Hashable:
    """What tells a static argument from others: its class and value, and of a number every bit."""
    if type(x) is float or type(x) is complex:
        return type(x), repr(x)
    if isinstance(x, np.generic):
        return type(x), x.dtype, x.tobytes()
    if type(x) is tuple:
        return tuple(map(static_key, x))
    return type(x), x


def same(a: Any, b: Any) -> bool:
    """Whether what a place holds is what it held: the same object, or an equal number, string or tuple."""
    if a is b:
        return True
    form = type(a)
    if form is not type(b):
        return False
    if form in (int, bool, str, bytes):
        return bool(a == b)
    if form in (float, complex):
        return repr(a) == repr(b)
    if isinstance(a, np.generic):
        return bool(a.dtype == b.dtype and a.tobytes() == b.tobytes())
    return form is tuple and len(a) == len(b) and all(map(same, a, b))


class Result(NamedTuple):
    """One leaf of the results: a node or constant array, and its kind; of any other object the object itself."""

    output: Node | Any
    kind: Kind | None
