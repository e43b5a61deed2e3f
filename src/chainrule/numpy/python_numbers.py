"""Python numbers that a recorded program takes as inputs or computes: numbers whose dtype gives way, as in NumPy 2.

A `Number` is a `Scalar` that behaves as Python's number does: among themselves they follow Python's rules, which differ
from NumPy's (a division by zero raises, integers have no end, -8.0 ** (1/3) is complex), and beside an array they take
the array's dtype. Where Python's rules depend on values, it is looked at no more than the case that applies.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Handle, Scalar, look, wrap
from chainrule.numpy.operands import promoted, take_recorded
from chainrule.numpy.ufuncs import BINARY, COMPARISONS, called_late
from chainrule.trace import Op, Value

DTYPES: dict[type, np.dtype[Any]] = {kind: np.dtype(kind) for kind in (bool, float, complex)} | {
    int: np.dtype(np.int64)
}
_NUMBERS = frozenset(DTYPES)
# Integers up to this are floating-point numbers too.
_EXACT = 2**53


class Number(Scalar):
    """A Python number of some kind: bool, int, float or complex."""

    __slots__ = ("kind",)

    def __init__(self, value: Any, kind: type) -> None:
        super().__init__(value)
        self.kind = kind

    def seen(self) -> Any:
        """The Python number, which from now on is looked at."""
        return self.kind(look(self._referent)[()])

    def __format__(self, spec: str) -> str:
        # A string that an integer is written into may be a name, by which something is found.
        return format(self.seen() if self.kind is int else self.kind(_shown(self)), spec)

    def __str__(self) -> str:
        return format(self, "")

    def __repr__(self) -> str:
        return repr(self.seen() if self.kind is int else self.kind(_shown(self)))

    def __hash__(self) -> int:
        return hash(self.seen())

    def __round__(self, digits: Any = None) -> Any:
        if digits is None and self.kind is float:
            return int(Scalar(ops.rint(self._referent)))
        return round(self.seen(), digits)

    @property
    def real(self) -> Any:
        """The real part, a float of a complex number."""
        return (
            Number(ops.real(self._referent), float)
            if self.kind is complex
            else self
            if self.kind is float
            else self.seen()
        )

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return Number(ops.imag(self._referent), float) if self.kind is complex else self.kind(0)

    def conjugate(self) -> Any:
        """The complex conjugate."""
        return Number(ops.conj(self._referent), complex) if self.kind is complex else self.real

    def __getattr__(self, name: str) -> Any:
        # Methods of Python's numbers, such as `bit_length`.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.seen(), name)


def _shown(number: Number) -> Any:
    value = number._referent
    while type(value) is Value:
        value = value.level.shown(value)
    return value[()]


def is_number(x: Any) -> bool:
    """Whether something is a Python number, recorded or not."""
    return type(x) is Number or type(x) in _NUMBERS


def is_array(x: Any) -> bool:
    """Whether NumPy's rules apply beside something, and not Python's."""
    if type(x) is Number:
        return False
    return isinstance(x, (Handle, np.ndarray, np.generic)) or hasattr(type(x), "__array_ufunc__")


def as_number(result: Any, kind: type) -> Any:
    """What Python would have made a number of a kind, as one if it is recorded and carries no derivative."""
    if type(result) is Scalar and result._referent.level.stands_for_plain:
        return Number(result._referent, kind)
    return result


def python_number(x: Any) -> Any:
    """A scalar as the Python number that `item` gives, if it is recorded and carries no derivative."""
    if type(x) is not Scalar or not x._referent.level.stands_for_plain:
        return x
    kind = {"b": bool, "f": float, "c": complex}.get(x.dtype.kind, int)
    value, dtype = x._referent, DTYPES[kind]
    if value.dtype.char in "gGQL":
        # Python has no such number, or it may be too large for 64 bits with a sign.
        return look(value).item()
    if value.dtype != dtype:
        value = ops.convert(value, dtype=dtype) if kind in (float, complex) else ops.truncate(value, dtype=dtype)
    return Number(value, kind)


def kind_of(x: Any) -> type:
    """The kind of a Python number."""
    return x.kind if type(x) is Number else type(x)


def plain_number(x: Any) -> Any:
    """A Python number, looked at if it is recorded."""
    return x.seen() if type(x) is Number else x


def weakly(x: Any, dtype: np.dtype[Any]) -> Any:
    """The value of a Python number beside arrays of a dtype."""
    if type(x) is not Number:
        return dtype.type(x)
    if dtype.kind not in "fc":
        # Whether it fits is NumPy's to say.
        return dtype.type(x.seen())
    return x._referent if x._referent.dtype == dtype else ops.convert(x._referent, dtype=dtype)


def _in_kind(x: Any, kind: type) -> Any:
    """A Python number as a value of a kind; None if that is for Python to convert."""
    dtype = DTYPES[kind]
    if type(x) is Number:
        if x._referent.dtype == dtype:
            return x._referent
        return None if x.kind is bool or kind is int else ops.convert(x._referent, dtype=dtype)
    if type(x) is bool or (type(x) is int and abs(x) > _EXACT):
        return None
    return dtype.type(x)


def _arithmetic(plain: Callable[..., Any], op: Op, other_than_numbers: Any, *, reflected: bool, divides: bool) -> Any:
    def operate(self: Number, other: Any) -> Any:
        if is_array(other):
            return other_than_numbers(self, other)
        x, y = (other, self) if reflected else (self, other)
        if not is_number(other):
            return plain(plain_number(x), plain_number(y))
        kinds = {kind_of(x), kind_of(y)}
        kind = complex if complex in kinds else float if float in kinds else int
        a, b = _in_kind(x, kind), _in_kind(y, kind)
        if kind is int or a is None or b is None or (divides and (kind is complex or bool(look(b == 0)))):
            return plain(plain_number(x), plain_number(y))
        with np.errstate(all="ignore"):
            return Number(op(a, b), kind)

    return operate


def _comparison(plain: Callable[..., Any], op: Op, other_than_numbers: Any) -> Any:
    def compare(self: Number, other: Any) -> Any:
        if is_array(other):
            return other_than_numbers(self, other)
        if other is None or type(other) is str:
            return NotImplemented
        if not is_number(other):
            return plain(self.seen(), other)
        kinds = {kind_of(self), kind_of(other)}
        kind = float if kinds == {int, float} else kinds.pop() if len(kinds) == 1 else None
        mixed = kind is float and (kind_of(self) is not float or kind_of(other) is not float)
        a = b = None
        if kind in (int, float) and not (mixed and any(type(x) is Number and x.kind is int for x in (self, other))):
            a, b = (_in_kind_of_comparison(x, kind) for x in (self, other))
        if a is None or b is None:
            return plain(plain_number(self), plain_number(other))
        return Number(op(a, b), bool)

    return compare


def _in_kind_of_comparison(x: Any, kind: type) -> Any:
    if type(x) is Number:
        return x._referent
    return DTYPES[kind].type(x) if abs(x) < _EXACT or (kind is float and type(x) is float) else None


def _looking(plain: Callable[..., Any], other_than_numbers: Any, *, reflected: bool) -> Any:
    def operate(self: Number, other: Any, *modulo: Any) -> Any:
        if is_array(other):
            return other_than_numbers(self, other, *modulo)
        x, y = (other, self) if reflected else (self, other)
        return plain(plain_number(x), plain_number(y), *map(plain_number, modulo))

    return operate


def _power(other_than_numbers: Any, *, reflected: bool) -> Any:
    """x ** y of floats, where x is not negative and the result is finite; anything else is for Python to say."""
    looking = _looking(pow, other_than_numbers, reflected=reflected)

    def operate(self: Number, other: Any, *modulo: Any) -> Any:
        if modulo or not is_number(other):
            return looking(self, other, *modulo)
        x, y = (other, self) if reflected else (self, other)
        if float not in (kind_of(x), kind_of(y)) or complex in (kind_of(x), kind_of(y)):
            return looking(self, other)
        a, b = _in_kind(x, float), _in_kind(plain_number(y) if kind_of(y) is int else y, float)
        if a is None or b is None:
            return looking(self, other)
        with np.errstate(all="ignore"):
            z = ops.power(a, b)
        whole = type(b) is not Value and float(b).is_integer()
        regular = ops.isfinite(z) if whole else ops.logical_and(ops.isfinite(z), a >= 0)
        return Number(z, float) if bool(look(regular)) else looking(self, other)

    return operate


def _unary(plain: Callable[[Any], Any], op: Op | None) -> Any:
    def operate(self: Number) -> Any:
        if self.kind is float:
            return Number(op(self._referent), float) if op is not None else self
        return plain(self.seen())

    return operate


def _unary_look(plain: Callable[[Any], Any]) -> Any:
    return lambda self: plain(self.seen())


def _of_number(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    """An operator of a recorded Python number beside an array."""
    ufunc = np.power if name == "pow" else (BINARY | COMPARISONS)[name]
    function = ops.power_operator if name == "pow" else called_late(ufunc)

    def operator(self: Number, other: Any, modulo: None = None) -> Any:
        if modulo is not None:
            return NotImplemented
        x, y = promoted(ufunc, (other, self) if reflected else (self, other))
        return wrap(function(x, y))

    return operator


def _install_operators() -> None:
    """Give numbers Python's operators."""
    direct = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide}
    looking = ("floordiv", "mod", "and", "or", "xor", "lshift", "rshift")
    for name in (*direct, *looking):
        plain: Any = getattr(operator, f"__{name}__")
        for prefix in ("", "r"):
            method = f"__{prefix}{name}__"
            reflected = bool(prefix)
            scalars = _of_number(name, reflected)
            if name in direct:
                divides = name == "truediv"
                made = _arithmetic(plain, direct[name], scalars, reflected=reflected, divides=divides)
            else:
                made = _looking(plain, scalars, reflected=reflected)
            setattr(Number, method, made)
    for prefix in ("", "r"):
        reflected = bool(prefix)
        for name, plain in (("divmod", divmod),):
            scalars = _of_number(name, reflected)
            setattr(Number, f"__{prefix}{name}__", _looking(plain, scalars, reflected=reflected))
        setattr(Number, f"__{prefix}pow__", _power(_of_number("pow", reflected), reflected=reflected))
    comparisons = {
        "eq": ops.equal,
        "ne": ops.not_equal,
        "lt": ops.less,
        "le": ops.less_equal,
        "gt": ops.greater,
        "ge": ops.greater_equal,
    }
    for name, op in comparisons.items():
        setattr(Number, f"__{name}__", _comparison(getattr(operator, name), op, _of_number(name, False)))
    unary: dict[str, Op | None] = {"neg": ops.negative, "pos": None, "abs": ops.absolute}
    for name, kept in unary.items():
        setattr(Number, f"__{name}__", _unary(getattr(operator, name), kept))
    setattr(Number, "__invert__", _unary_look(operator.invert))  # noqa: B010  # as the others


_install_operators()
take_recorded(Number)
