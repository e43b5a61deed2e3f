"""NumPy's universal functions on handles: calls, their keyword arguments, and the operators of handles."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.foreign_arrays import by_own_protocol, has_own_protocol
from chainrule.numpy.handle import WHOLE, Argument, Array, Captured, Handle, Scalar, wrap
from chainrule.numpy.homes import home_of, load_family
from chainrule.numpy.operands import PYTHON_NUMBERS, promoted
from chainrule.numpy.table import FUNCTIONS, function_of
from chainrule.numpy.ufunc_arguments import call_with
from chainrule.numpy.views import View
from chainrule.trace import Op, Value

_new = object.__new__
# By name, for a hot path: a look-up in `ops`, which loads on demand, takes longer.
_square = ops.square

float64 = np.float64
FLOAT = np.dtype(float64)

# Ufuncs that are ops of the same name.
_OPS = """
    add subtract multiply divide negative reciprocal square power float_power copysign remainder fmod floor_divide
    heaviside exp exp2 expm1 log log2 log10 log1p sqrt cbrt logaddexp logaddexp2 sin cos tan arcsin arccos arctan
    arctan2 hypot degrees radians sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc rint equal not_equal less
    less_equal greater greater_equal logical_and logical_or logical_xor logical_not isnan isinf isfinite signbit
    spacing nextafter ldexp bitwise_and bitwise_or bitwise_xor invert left_shift right_shift bitwise_count gcd lcm
    maximum minimum fmax fmin
"""

# What a ufunc does on values that it was promoted for: the name of an op, whose family is loaded when the first one of
# it is asked for, or a function of ops.
CALLS: dict[np.ufunc, str | Callable[..., Any]] = {getattr(np, name): name for name in _OPS.split()}
CALLS[np.rad2deg], CALLS[np.deg2rad] = "degrees", "radians"


class _Probe:
    """Something that answers with the ufunc it is asked to take part in."""

    def __array_ufunc__(self, ufunc: np.ufunc, *_args: Any, **_kwargs: Any) -> np.ufunc:
        return ufunc


# The ufunc behind the method `clip`, which has no public name.
CLIP: np.ufunc = np.zeros(1).clip(_Probe(), _Probe())  # type: ignore[call-overload]  # the probe is no number
CALLS[CLIP] = "clip"


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
    return ops.conj(x) if x.dtype.kind == "c" else positive(x)


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
    """Fractional and integral part."""
    return ops.fraction(x), ops.trunc(x)


@call(np.frexp)
def frexp(x: Any) -> tuple[Any, Any]:
    """Mantissa and binary exponent."""
    return ops.mantissa(x), ops.exponent(x)


@call(np.sign)
def sign(x: Any) -> Any:
    """The sign of a real number, the direction z / |z| of a complex one."""
    return ops.direction(x) if x.dtype.kind == "c" else ops.sign(x)


class Ufunc:
    """A universal function on handles: what `np.sin` is inside a differentiated function."""

    def __init__(self, ufunc: np.ufunc, function: Callable[..., Any]) -> None:
        self.ufunc = ufunc
        self.function = function
        # The op, where the function is one: its operand's level handles it without being looked for.
        self.direct = function if isinstance(function, Op) else None
        self.arity = ufunc.nin
        self.__name__ = ufunc.__name__
        self.__doc__ = ufunc.__doc__

    @property  # type: ignore[misc]  # nobody gives it another
    def __class__(self) -> Any:
        """NumPy's type, for `isinstance(f, np.ufunc)`."""
        return np.ufunc

    def __repr__(self) -> str:
        return f"<ufunc '{self.__name__}'>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function of its operands, with NumPy's keyword arguments (`out`, `where`, `dtype`, ...)."""
        if kwargs or len(args) != self.arity:
            return call_with(self, args, kwargs)
        if len(args) == 1:
            (x,) = args
            kind = type(x)
            if kind is Array or kind is Scalar or kind is Argument:
                x._owned = False
                x = x._referent
            elif kind is View:
                x = x._read()
            else:
                return self._of_any(args)
            if x.dtype is FLOAT:
                if type(x) is Value and self.direct is not None:
                    z = x.level.bind_unary(self.direct, x)
                    if type(z) is Value:
                        # As `wrap` does, and written out.
                        handle = _new(Array if z.shape else Scalar)
                        handle._referent = z
                        handle._owned = False
                        return handle
                    return wrap(z)
                return wrap(self.function(x))
            return wrap(self.function(*promoted(self.ufunc, (x,))))
        return self._of_any(args)

    def _of_any(self, args: tuple[Any, ...]) -> Any:
        for x in args:
            if has_own_protocol(type(x)):
                result = by_own_protocol(self.ufunc, "__call__", args, {})
                if result is not NotImplemented:
                    return result
                break
        return wrap(self.function(*promoted(self.ufunc, args)))


# What NumPy's ufuncs say of themselves. Not by `__getattr__`, which would slow down every other look-up.
for _name in vars(np.ufunc):
    if not _name.startswith("__"):
        setattr(Ufunc, _name, property(attrgetter(f"ufunc.{_name}")))


def _called(ufunc: np.ufunc) -> Callable[..., Any]:
    """What a ufunc does on values, loaded if it was not."""
    call = CALLS[ufunc]
    function: Callable[..., Any] = getattr(ops, call) if isinstance(call, str) else call
    return function


class _Ufuncs(dict[np.ufunc, Ufunc]):
    """Ours by NumPy's; each is made when it is asked for."""

    def __missing__(self, ufunc: np.ufunc) -> Ufunc:
        if ufunc in CALLS:
            # One for all threads.
            return self.setdefault(ufunc, Ufunc(ufunc, _called(ufunc)))
        if home_of(ufunc) is None:
            raise KeyError(ufunc)
        load_family(ufunc)
        return dict.__getitem__(self, ufunc)


UFUNCS = _Ufuncs()


def is_known(ufunc: np.ufunc) -> bool:
    """Whether there is a handle-taking form of a ufunc, without making it."""
    return ufunc in UFUNCS or ufunc in CALLS or home_of(ufunc) is not None


def entry_of(ufunc: np.ufunc) -> Ufunc | None:
    """The handle-taking form of one of NumPy's ufuncs; None for a foreign one."""
    found = UFUNCS.get(ufunc)
    return UFUNCS[ufunc] if found is None and is_known(ufunc) else found


def has_counterpart(original: Any) -> bool:
    """Whether there is a function of ours for one that is not ours, without loading it."""
    try:
        if original in FUNCTIONS or home_of(original) is not None:
            return True
    except TypeError:
        # What cannot be hashed is no function in a table.
        return False
    return isinstance(original, np.ufunc) and is_known(original)


def counterpart_of(original: Any) -> Any:
    """Our function for one that is not ours; None if there is none that differentiates."""
    try:
        known = function_of(original)
    except TypeError:
        # What cannot be hashed is no function in a table.
        return None
    return known or (entry_of(original) if isinstance(original, np.ufunc) else None)


def _binary(
    ufunc: np.ufunc, function: Callable[..., Any] | None = None, *, reflected: bool = False
) -> Callable[[Any, Any], Any]:
    function = function or _called(ufunc)
    direct = function if isinstance(function, Op) else None

    def operator(self: Any, other: Any) -> Any:
        if type(self) is View:
            x = self._read()
        else:
            self._owned = False
            x = self._referent
        kind = type(other)
        if kind is float or kind is int:
            if x.dtype is not FLOAT:
                x, y = promoted(ufunc, (other, x) if reflected else (x, other))
                return held_beside(x, y, function(x, y))
            y = _known_number(other) if x.shape else float64(other)
            if y is None:
                y = _number_beside_arrays(other)
        elif kind is Array or kind is Scalar or kind is View or kind is Captured or kind is Argument:
            if kind is View:
                y = other._read()
            else:
                other._owned = False
                y = other._referent
            if x.dtype is not FLOAT or y.dtype is not FLOAT:
                x, y = promoted(ufunc, (y, x) if reflected else (x, y))
                return held_beside(x, y, function(x, y))
        elif kind in PYTHON_NUMBERS or accepted(other):
            if ufunc is np.multiply and kind in (list, tuple) and type(self) is Scalar and x.dtype.kind in "iu":
                # Not a product: NumPy's integers repeat sequences as Python's do.
                return other * int(self)
            if has_own_protocol(kind):
                result = by_own_protocol(ufunc, "__call__", (other, self) if reflected else (self, other), {})
                if result is not NotImplemented:
                    return result
            x, y = promoted(ufunc, (other, x) if reflected else (x, other))
            return held_beside(x, y, function(x, y))
        elif kind.__module__ == "fractions":
            return operator(self, float(other))
        else:
            return NotImplemented
        if direct is None or type(x) is not Value:
            return held_beside(x, y, function(y, x) if reflected else function(x, y))
        level = x.level
        if type(y) is Value and y.level is not level and y.level.number > level.number:
            level = y.level
        z = level.bind_binary(direct, y, x) if reflected else level.bind_binary(direct, x, y)
        if type(z) is not Value:
            return z if level.opaque else wrap(z)
        # As `wrap` does, and written out.
        handle = _new(Array if z.shape else Scalar)
        handle._referent = z
        handle._owned = False
        return handle

    return operator


def held_beside(x: Any, y: Any, result: Any) -> Any:
    """The result of two operands as users hold it: plain, if it is constant, beside opaque ones."""
    if type(result) is np.ndarray and ((type(x) is Value and x.level.opaque) or (type(y) is Value and y.level.opaque)):
        return result
    return wrap(result)


# Numbers met beside arrays, as arrays of no axes: NumPy takes these faster than its own numbers, but is slow to make
# them. Nobody can write to them. Zero is left out, since 0.0 and -0.0 are equal.
_NUMBERS: dict[float, np.ndarray[Any, Any]] = {}
_known_number = _NUMBERS.get


def _number_beside_arrays(number: float) -> np.ndarray[Any, Any]:
    """A Python number that meets an array of float64."""
    array = np.array(number, FLOAT)
    array.flags.writeable = False
    if number and number == number:
        if len(_NUMBERS) >= 4096:
            # A counter of a loop, most likely: its values do not come again.
            _NUMBERS.clear()
        _NUMBERS[number] = array
    return array


def accepted(other: Any) -> bool:
    """Whether a binary operator takes something that is no number; a class with its own protocol comes first."""
    if isinstance(other, (Handle, np.ndarray, np.generic, list, tuple, bool)):
        return True
    return getattr(type(other), "__array_ufunc__", False) is not None and hasattr(other, "__array__")


def _in_place(ufunc: np.ufunc, binary: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operator(self: Any, other: Any) -> Any:
        if self._is_opaque():
            # So that Python makes a new value and gives it the name.
            return NotImplemented
        result = binary(self, other)
        if type(result) is Array and result._referent.shape == self.shape and result._referent.dtype == self.dtype:
            self._write_part(result._referent, WHOLE)
            return self
        if result is NotImplemented:
            return result
        return UFUNCS[ufunc](self, other, out=self)

    return operator


def _unary(ufunc: np.ufunc) -> Callable[[Any], Any]:
    entry = UFUNCS[ufunc]
    return lambda self: entry(self)


def _inverted(self: Handle) -> Any:
    """`~x`."""
    return UFUNCS[np.invert](self)


def called_late(ufunc: np.ufunc) -> Callable[..., Any]:
    """What a ufunc does on values; what works on bits is looked up when it is called, since few programs need it."""
    if ufunc not in _OF_BITS:
        return _called(ufunc)
    return lambda *operands: _called(ufunc)(*operands)


_OF_BITS = (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift)
BINARY = {
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
COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute}


_power = _binary(np.power, ops.power_operator)


def _pow(self: Any, other: Any, modulo: None = None) -> Any:
    """x ** y, where a Python number y has ways of its own, as in NumPy."""
    if modulo is not None:
        return NotImplemented
    if type(other) is int or type(other) is float:
        if type(self) is View:
            x = self._read()
        else:
            self._owned = False
            x = self._referent
        if x.dtype is FLOAT or x.dtype.kind in "fc":
            if other == 2 and type(other) is int and x.shape:
                if type(x) is not Value:
                    return wrap(ops.square(x))
                # As `wrap` does, and written out: what has axes is an array.
                array = _new(Array)
                array._referent = x.level.bind_unary(_square, x)
                array._owned = False
                return array
            return wrap(ops.raised(x, exponent=other))
    return _power(self, other)


def _product(name: str) -> Callable[[Any, Any], Any]:
    """A product of matrices as an operator, until the module is loaded that gives handles theirs."""

    def operator(self: Any, other: Any) -> Any:
        load_family(np.matmul)
        return getattr(type(self), name)(self, other)

    return operator


def install_operators() -> None:
    """Give handles their operators."""
    for name, ufunc in BINARY.items():
        function = called_late(ufunc)
        binary = _binary(ufunc, function)
        setattr(Handle, f"__{name}__", binary)
        setattr(Handle, f"__r{name}__", _binary(ufunc, function, reflected=True))
        if name != "divmod":
            setattr(Array, f"__i{name}__", _in_place(ufunc, binary))
    for name, ufunc in COMPARISONS.items():
        setattr(Handle, f"__{name}__", _binary(ufunc))
    for name, ufunc in _UNARY.items():
        setattr(Handle, f"__{name}__", _unary(ufunc))
    setattr(Handle, "__invert__", _inverted)  # noqa: B010  # not among its typed names
    for owner, name in ((Handle, "__matmul__"), (Handle, "__rmatmul__"), (Array, "__imatmul__")):
        setattr(owner, name, _product(name))
    powers = {"__pow__": _pow, "__rpow__": _binary(np.power, ops.power_operator, reflected=True)}
    for name, operator in powers.items():
        setattr(Handle, name, operator)
    Array.__ipow__ = _in_place(np.power, _pow)  # type: ignore[attr-defined]  # attached here, with the other operators


install_operators()
