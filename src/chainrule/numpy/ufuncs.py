"""NumPy's universal functions on handles: calls, their keyword arguments, and the operators of handles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, Handle, Scalar, wrap
from chainrule.numpy.operands import PYTHON_NUMBERS, promoted, value_of
from chainrule.numpy.views import View
from chainrule.ops.declaration import elementwise
from chainrule.trace import Op, Value

FLOAT = np.dtype(np.float64)

# What a ufunc does on values that it was promoted for: an op, or a function of ops.
CALLS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: ops.add,
    np.subtract: ops.subtract,
    np.multiply: ops.multiply,
    np.divide: ops.divide,
    np.negative: ops.negative,
    np.reciprocal: ops.reciprocal,
    np.square: ops.square,
    np.power: ops.power,
    np.float_power: ops.power,
    np.sign: ops.sign,
    np.copysign: ops.copysign,
    np.remainder: ops.remainder,
    np.fmod: ops.fmod,
    np.floor_divide: ops.floor_divide,
    np.heaviside: ops.heaviside,
    np.exp: ops.exp,
    np.exp2: ops.exp2,
    np.expm1: ops.expm1,
    np.log: ops.log,
    np.log2: ops.log2,
    np.log10: ops.log10,
    np.log1p: ops.log1p,
    np.sqrt: ops.sqrt,
    np.cbrt: ops.cbrt,
    np.logaddexp: ops.logaddexp,
    np.logaddexp2: ops.logaddexp2,
    np.sin: ops.sin,
    np.cos: ops.cos,
    np.tan: ops.tan,
    np.arcsin: ops.arcsin,
    np.arccos: ops.arccos,
    np.arctan: ops.arctan,
    np.arctan2: ops.arctan2,
    np.hypot: ops.hypot,
    np.degrees: ops.degrees,
    np.rad2deg: ops.degrees,
    np.radians: ops.radians,
    np.deg2rad: ops.radians,
    np.sinh: ops.sinh,
    np.cosh: ops.cosh,
    np.tanh: ops.tanh,
    np.arcsinh: ops.arcsinh,
    np.arccosh: ops.arccosh,
    np.arctanh: ops.arctanh,
    np.floor: ops.floor,
    np.ceil: ops.ceil,
    np.trunc: ops.trunc,
    np.rint: ops.rint,
    np.equal: ops.equal,
    np.not_equal: ops.not_equal,
    np.less: ops.less,
    np.less_equal: ops.less_equal,
    np.greater: ops.greater,
    np.greater_equal: ops.greater_equal,
    np.logical_and: ops.logical_and,
    np.logical_or: ops.logical_or,
    np.logical_xor: ops.logical_xor,
    np.logical_not: ops.logical_not,
    np.isnan: ops.isnan,
    np.isinf: ops.isinf,
    np.isfinite: ops.isfinite,
    np.signbit: ops.signbit,
    np.maximum: ops.maximum,
    np.minimum: ops.minimum,
    np.fmax: ops.fmax,
    np.fmin: ops.fmin,
}


def call(ufunc: np.ufunc) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say what a ufunc does on promoted values, where that is more than one op."""

    def state(function: Callable[..., Any]) -> Callable[..., Any]:
        CALLS[ufunc] = function
        return function

    return state


@call(np.absolute)
def absolute(x: Any) -> Any:
    """|x|, of a complex number its modulus."""
    return ops.modulus(x) if x.dtype.kind == "c" else ops.absolute(x)


@call(np.fabs)
def fabs(x: Any) -> Any:
    """|x| of a real number."""
    return ops.absolute(x)


@call(np.conjugate)
def conjugate(x: Any) -> Any:
    """The complex conjugate; a real number is its own."""
    return ops.conj(x) if x.dtype.kind == "c" else x


@call(np.positive)
def positive(x: Any) -> Any:
    """+x."""
    return x if type(x) is Value else np.positive(x)


@call(np.divmod)
def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    """Floor quotient and remainder."""
    return ops.floor_divide(x, y), ops.remainder(x, y)


@call(np.modf)
def modf(x: Any) -> tuple[Any, Any]:
    """Fractional and integral part; at an infinity the fraction is a zero of its sign."""
    whole = ops.trunc(x)
    infinite = ops.isinf(x)
    fraction = ops.select(infinite, x.dtype.type(0), x - ops.select(infinite, x.dtype.type(0), whole))
    return ops.copysign(ops.absolute(fraction), x) if type(x) is not Value else fraction, whole


class Ufunc:
    """A universal function on handles: what `np.sin` is inside a differentiated function."""

    def __init__(self, ufunc: np.ufunc, function: Callable[..., Any]) -> None:
        self.ufunc = ufunc
        self.function = function
        self.__name__ = ufunc.__name__
        self.__doc__ = ufunc.__doc__

    def __repr__(self) -> str:
        return f"<ufunc '{self.__name__}'>"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ufunc, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function of its operands, with NumPy's keyword arguments (`out`, `where`, `dtype`, ...)."""
        if kwargs or len(args) != self.ufunc.nin:
            return self._call_with(args, kwargs)
        if len(args) == 1:
            x = args[0]
            if type(x) is Array or type(x) is Scalar:
                x._owned = False
                x = x._value
                if x.dtype is FLOAT:
                    return wrap(self.function(x))
        return wrap(self.function(*promoted(self.ufunc, args)))

    def _call_with(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from chainrule.numpy.ufunc_arguments import call_with

        return call_with(self, args, kwargs)


UFUNCS: dict[np.ufunc, Ufunc] = {}


def entry_of(ufunc: np.ufunc) -> Ufunc | None:
    """The handle-taking form of one of NumPy's ufuncs; None for a foreign one.

    A ufunc of NumPy that is not listed works on integers and booleans only, and so is discrete.
    """
    known = UFUNCS.get(ufunc)
    if known is None and getattr(np, ufunc.__name__, None) is ufunc and ufunc.signature is None:
        known = UFUNCS[ufunc] = Ufunc(ufunc, elementwise(ufunc.__name__, ufunc, discrete=True))
    return known


for _ufunc, _function in CALLS.items():
    UFUNCS[_ufunc] = Ufunc(_ufunc, _function)


def _binary(ufunc: np.ufunc, *, reflected: bool = False) -> Callable[[Any, Any], Any]:
    function = CALLS.get(ufunc) or entry_of(ufunc).function  # type: ignore[union-attr]  # ufuncs of NumPy's own
    # With one traced operand its level is the greatest, and handles the op without being looked for.
    direct = function if isinstance(function, Op) else None

    def operator(self: Any, other: Any) -> Any:
        if type(self) is View:
            x = self._read()
        else:
            self._owned = False
            x = self._value
        kind = type(other)
        if kind is Array or kind is Scalar:
            other._owned = False
            y = other._value
        elif kind is float or kind is int:
            if x.dtype is FLOAT:
                y = np.float64(other)
                if direct is not None and type(x) is Value:
                    return wrap(x.level.bind(direct, (y, x) if reflected else (x, y), {}))
                return wrap(function(y, x) if reflected else function(x, y))
            y = other
        elif kind in PYTHON_NUMBERS:
            y = other
        elif _accepted(other):
            y = value_of(other)
        else:
            return NotImplemented
        if reflected:
            x, y = y, x
        if kind in PYTHON_NUMBERS or x.dtype is not FLOAT or y.dtype is not FLOAT:
            x, y = promoted(ufunc, (x, y))
        return wrap(function(x, y))

    return operator


def _accepted(other: Any) -> bool:
    """Whether a binary operator takes something that is no number; a class with its own protocol comes first."""
    if isinstance(other, (Handle, np.ndarray, np.generic, list, tuple, bool)):
        return True
    return getattr(type(other), "__array_ufunc__", False) is not None and hasattr(other, "__array__")


def _in_place(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    entry = entry_of(ufunc)

    def operator(self: Any, other: Any) -> Any:
        if not _accepted(other) and type(other) not in PYTHON_NUMBERS:
            return NotImplemented
        return entry(self, other, out=self)  # type: ignore[misc]  # ufuncs of NumPy's own

    return operator


def _unary(ufunc: np.ufunc) -> Callable[[Any], Any]:
    entry = entry_of(ufunc)
    return lambda self: entry(self)  # type: ignore[misc]  # ufuncs of NumPy's own


_BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "divmod": np.divmod,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}
_COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}


def _pow(self: Any, other: Any, modulo: None = None) -> Any:
    """x ** y as NumPy's arrays compute it: small constant exponents have operations of their own."""
    if isinstance(self, Array) and type(other) in (int, float) and self.dtype.kind in "fc":
        if other == 2:
            return UFUNCS[np.square](self)
        if other == 1:
            return wrap(ops.index(self._read(), path=((),), copy=True))
        if other == 0.5:
            return UFUNCS[np.sqrt](self)
        if other == -1:
            return UFUNCS[np.reciprocal](self)
    return _power(self, other)


_power = _binary(np.power)


def install_operators() -> None:
    """Give handles their operators."""
    for name, ufunc in _BINARY.items():
        setattr(Handle, f"__{name}__", _binary(ufunc))
        setattr(Handle, f"__r{name}__", _binary(ufunc, reflected=True))
        if name != "divmod":
            setattr(Array, f"__i{name}__", _in_place(ufunc))
    for name, ufunc in _COMPARISONS.items():
        setattr(Handle, f"__{name}__", _binary(ufunc))
    for name, ufunc in _UNARY.items():
        setattr(Handle, f"__{name}__", _unary(ufunc))
    Handle.__pow__ = _pow  # type: ignore[attr-defined]  # attached here, with the other operators
    Handle.__rpow__ = _binary(np.power, reflected=True)  # type: ignore[attr-defined]
    Array.__ipow__ = _in_place(np.power)  # type: ignore[attr-defined]


install_operators()
