"""What stands for `float` and `complex` in opened code: conversions that keep the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Handle, Scalar
from chainrule.numpy.operands import converted
from chainrule.numpy.python_numbers import as_number


class NumberType(type):
    """The type of a stand-in: its calls convert, and traced scalars of the kind are its instances."""

    number: type
    dtype: np.dtype[Any]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Convert to a number, a traced one to a traced one."""
        if not any(isinstance(x, Handle) and x._is_traced() for x in (*args, *kwargs.values())):
            return cls.number(*args, **kwargs)
        return cls.convert(*args, **kwargs)

    def convert(cls, *args: Any, **kwargs: Any) -> Any:
        """A traced number from traced arguments."""
        raise NotImplementedError

    def __instancecheck__(cls, instance: Any) -> bool:
        if isinstance(instance, Scalar):
            return issubclass(instance.dtype.type, cls.number)
        return isinstance(instance, cls.number)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return issubclass(getattr(subclass, "number", subclass), cls.number)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.number

    def __hash__(cls) -> int:
        return hash(cls.number)

    def __repr__(cls) -> str:
        return repr(cls.number)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.number, name)


class Float(metaclass=NumberType):
    """`float` in opened code."""

    number = float
    # NumPy takes an object with an attribute `dtype` for that dtype, as in `np.zeros(3, dtype=float)`.
    dtype = np.dtype(float)
    __match_args__ = ("real",)

    @classmethod
    def convert(cls, x: Handle, /) -> Any:
        """The number in double precision."""
        return as_number(Scalar(_in_double_precision(x, float)), float)


class Complex(metaclass=NumberType):
    """`complex` in opened code."""

    number = complex
    dtype = np.dtype(complex)

    @classmethod
    def convert(cls, real: Any = 0, imag: Any = None) -> Any:
        """The number with these parts, or real + i imag if one of them is complex itself."""
        parts = [_in_double_precision(x, complex) for x in (real, imag) if x is not None]
        if len(parts) == 1:
            result = converted(parts[0], cls.dtype)
        elif all(part.dtype.kind == "f" for part in parts):
            result = ops.complex_of(*parts)
        else:
            x, y = (converted(part, cls.dtype) for part in parts)
            result = ops.add(x, ops.multiply(y, np.complex128(1j)))
        return as_number(Scalar(result), complex)


def _in_double_precision(x: Any, number: type) -> Any:
    """The value of what can be converted to one number, float64 or complex128."""
    if not isinstance(x, Handle):
        return np.asarray(number(x))[()] if number is complex and isinstance(x, complex) else np.float64(x)
    if x.shape or x.dtype.kind not in "fiub":
        # NumPy says which arrays count as one number, and warns or raises as it does for an array of these.
        number(np.zeros(x.shape, x.dtype))
    value = x._read()
    if value.shape:
        value = ops.reshape(value, shape=())
    return converted(value, np.complex128 if value.dtype.kind == "c" else np.float64)


# Shown by `type(x).__name__`.
Float.__name__ = Float.__qualname__ = "float"
Complex.__name__ = Complex.__qualname__ = "complex"

# As functions of anything, which is how other modules call them.
to_float: Any = Float
to_complex: Any = Complex

STAND_INS: dict[type, Any] = {float: Float, complex: Complex}
