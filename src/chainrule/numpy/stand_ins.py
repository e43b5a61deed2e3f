"""What stands for `float` and `complex` inside a differentiated function: a conversion that keeps the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.operands import converted
from chainrule.trace import Value


class NumberType(type):
    """The type of a stand-in: calls convert, and instance checks accept traced scalars of the kind."""

    number: type
    dtype: np.dtype[Any]

    def __call__(cls, *args: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], Handle):
            return _converted(args[0], cls.number, cls.dtype)
        if len(args) == 2 and any(isinstance(x, Handle) for x in args):
            return args[0] + 1j * args[1]
        return cls.number(*args)

    def __instancecheck__(cls, instance: Any) -> bool:
        if isinstance(instance, Scalar):
            # NumPy's float64 and complex128 scalars are instances of Python's types.
            return instance.dtype == cls.dtype
        return isinstance(instance, cls.number)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(getattr(subclass, "number", subclass), cls.number)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.number

    def __hash__(cls) -> int:
        return hash(cls.number)

    def __repr__(cls) -> str:
        return repr(cls.number)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.number, name)


def _converted(x: Handle, number: type, dtype: np.dtype[Any]) -> Any:
    value = x._read()
    if type(value) is not Value:
        return number(value)
    if x.size != 1:
        raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
    if isinstance(x, Array) and x.shape:
        return _converted(x.item(), number, dtype)
    if value.dtype.kind == "c" and number is float:
        raise TypeError("float() argument must be a string or a real number, not 'complex'")
    return Scalar(converted(value, dtype))


class float_(metaclass=NumberType):
    """`float` inside a differentiated function."""

    number = float
    # NumPy takes a type with a `dtype` attribute for that dtype, as in `np.zeros(3, dtype=float)`.
    dtype = np.dtype(float)


class complex_(metaclass=NumberType):
    """`complex` inside a differentiated function."""

    number = complex
    dtype = np.dtype(complex)


STAND_INS: dict[type, Any] = {float: float_, complex: complex_}
