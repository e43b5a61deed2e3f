"""What users' code holds: the mutable `Array` and the immutable `Scalar`. Views of arrays are in `views.py`.

A handle refers to a Value (or to a plain array, if it is constant) and belongs to no level. Writing rebinds it. Ops
take Values; the functions of this package take handles, read their values, and wrap what comes out.
"""

from __future__ import annotations

import math
import operator
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import ops
from chainrule.graph.position import describe, here
from chainrule.trace import Level, Value
from chainrule.trace.level import ended
from chainrule.transforms.holding import carries_derivative

# The path to all of an array.
WHOLE = ((),)

_TRUTH = np.dtype(bool)
# What is no number and what is too large for an integer of 64 bits is converted to one beyond these.
_EXACT_INTEGERS = 2**62


class Handle:
    """What `Array` and `Scalar` share: the value, the operators, and how Python looks at it.

    Operators, methods and NumPy's protocols are attached by the modules that own them.
    """

    __slots__ = ("__weakref__", "_owned", "_referent")

    __array_priority__ = 1000.0

    if TYPE_CHECKING:
        # Attached by the modules that own them.
        __add__: Any
        __sub__: Any
        __rsub__: Any
        __mul__: Any
        __truediv__: Any
        __matmul__: Any
        __rmatmul__: Any
        __pow__: Any
        __rpow__: Any
        __getitem__: Any
        __setitem__: Any
        astype: Any

    _referent: Any
    # Whether nobody but this handle holds the memory of the value, so that a write may go in place. Reading the value
    # for an op gives it away, since a rule may keep it.
    _owned: bool

    def __init__(self, value: Any) -> None:
        self._referent = value
        self._owned = False

    def _read(self) -> Any:
        """The value, for an op that may keep it."""
        self._owned = False
        return self._referent

    def _peek(self) -> Any:
        """The value, for something that keeps nothing of it."""
        return self._referent

    def _layout(self) -> Any:
        """The plain array whose strides are those that NumPy's array would have here."""
        return layout_of(self._referent)

    def _is_traced(self) -> bool:
        """Whether the value carries a derivative or stands for the lanes of a batch."""
        return type(self._referent) is Value

    def _is_opaque(self) -> bool:
        """Whether the value is an opaque object to Python and NumPy."""
        value = self._peek()
        return type(value) is Value and value.level.opaque

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._referent.shape  # type: ignore[no-any-return]  # the shape of an array or Value

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        dtype: np.dtype[Any] = self._referent.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.itemsize

    def __bool__(self) -> bool:
        value = self._peek()
        if type(value) is Value and not value.shape and value.dtype is not _TRUTH:
            # Not the number itself, which others may have another one of with the same truth.
            value = ops.not_equal(value, value.dtype.type(0))
        return bool(look(value))

    def __int__(self) -> int:
        value = self._peek()
        if type(value) is Value and value.dtype.kind == "f" and not value.shape:
            with np.errstate(invalid="ignore"):
                whole = ops.truncate(value, dtype=np.dtype(np.int64))
            # Not by `abs`: what NaN becomes is the least integer, which has no opposite.
            if -_EXACT_INTEGERS < (seen := look(whole)) < _EXACT_INTEGERS:
                return int(seen)
        return int(look(value))

    def __index__(self) -> int:
        return operator.index(look(self._peek()))

    def __float__(self) -> float:
        return float(self._plain("float()"))

    def __complex__(self) -> complex:
        return complex(self._plain("complex()"))

    @property
    def __array__(self) -> Any:
        # What has no such attribute is an object to NumPy.
        if self._is_opaque():
            raise AttributeError("__array__")
        return self._as_plain_array

    def _as_plain_array(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._plain("np.asarray"), dtype=dtype, copy=copy)

    def _plain(self, asked: str) -> Any:
        """The plain array behind a constant handle; on one that carries a derivative this is a leak, and raises."""
        value = self._peek()
        while type(value) is Value and value.level.stands_for_plain:
            value = value.level.plain(value)
        if type(value) is Value:
            raise ended(asked) if value.level.ended else leak(asked, value)
        if type(value) is not np.ndarray:
            return value
        # Foreign code must not write into memory that a rule or the caller may hold, and may keep it from now on.
        self._owned = False
        shielded = value.view()
        shielded.flags.writeable = False
        return shielded

    def __repr__(self) -> str:
        return repr(shown(self._peek()))

    def __str__(self) -> str:
        return str(shown(self._peek()))

    def __format__(self, spec: str) -> str:
        return format(shown(self._peek()), spec)

    def fall_back(self, level: Level) -> None:
        """Take an ended level off the value, down to what the level wrapped."""
        value = self._referent
        while type(value) is Value and value.level is level:
            value = value.below
        self._referent = value
        self._owned = False
        if type(value) is Value:
            value.level.written.append(weakref.ref(self))


class Scalar(Handle):
    """An immutable traced number, where NumPy has its immutable scalars: `x[0]`, `x.sum()`, an element of a loop."""

    __slots__ = ()

    # Else Python would iterate over a number by `__getitem__`, and find it empty.
    __iter__ = None

    def __hash__(self) -> int:
        if self._is_opaque():
            return id(self)
        if type(self._referent) is Value and carries_derivative(self._referent):
            from chainrule.errors import LeakError

            raise LeakError(
                "a value that carries a derivative is hashed, as a key of a dict or a member of a set."
                f"{describe(here())}\n"
                "  Any other number of equal value would be taken for it, and that has another derivative: a memo\n"
                "  keyed by such values would return derivatives of the wrong variable.\n"
                "  Use its position as the key, or the number alone, `cr.stop_gradient(x)`."
            )
        return hash(look(self._referent)[()])

    def __copy__(self) -> Scalar:
        return self

    def __deepcopy__(self, memo: Any) -> Scalar:
        return self

    def is_integer(self) -> bool:
        """Whether the number has no fractional part."""
        value = self._referent
        whole = ops.equal(value, ops.rint(value)) if value.dtype.kind == "f" else ops.isfinite(value)
        return bool(look(ops.logical_and(whole, ops.isfinite(value))))


class Array(Handle):
    """A mutable array as users' code holds it.

    `Array(ndarray)` is a constant that shares the memory until it is written to.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        if self._is_opaque():
            return id(self)
        raise TypeError(f"unhashable type: {type(self).__name__!r}")

    def __len__(self) -> int:
        shape = self.shape
        if not shape:
            raise TypeError("len() of unsized object")
        return shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[k] for k in range(self.shape[0]))

    def __repr__(self) -> str:
        return repr(np.asarray(shown(self._peek())))

    def __copy__(self) -> Array:
        return self.copy()  # type: ignore[attr-defined, no-any-return]  # attached by methods.py

    def __deepcopy__(self, memo: Any) -> Array:
        return self.__copy__()

    def _write(self, value: Any, owned: bool = False) -> None:
        """Rebind to a new value; `owned` says that its memory is this handle's alone."""
        before = self._referent
        self._referent = value
        self._owned = owned
        if type(value) is Value and (type(before) is not Value or before.level is not value.level):
            value.level.written.append(weakref.ref(self))

    def _write_part(self, part: Any, path: tuple[Any, ...]) -> None:
        """Write a value of the same dtype at a path."""
        value = self._referent
        if path == WHOLE and part.shape == value.shape and value.shape and _alike(part, value):
            self._write(part)
        else:
            self._write(ops.update(value, part, path=path, donate=self._owned and may_donate(value, part)), True)


class Captured(Array):
    """A constant that the function did not make or receive, but found: an array of its globals, cells or defaults."""

    __slots__ = ()

    def _write(self, value: Any, owned: bool = False) -> None:
        from chainrule.errors import TracedAssignmentError

        raise TracedAssignmentError(
            f"an array from outside the differentiated function is written to.{describe(here())}\n"
            "  It was captured (a global, an enclosing variable or a default) and holds numbers only, so a derivative\n"
            "  stored there would be lost, and the caller's array would change while a derivative is taken.\n"
            "  Make it inside the function, write to a copy (`buffer = buffer.copy()`), or pass it as an argument."
        )

    def _write_part(self, part: Any, path: tuple[Any, ...]) -> None:
        self._write(part)


class Argument(Captured):
    """An array that a function was given and does not own: it may be read, and not written to."""

    __slots__ = ()

    def _write(self, value: Any, owned: bool = False) -> None:
        from chainrule.errors import TracedAssignmentError

        raise TracedAssignmentError(
            f"an argument of the differentiated function is written to.{describe(here())}\n"
            "  It is the caller's array, which would change too.\n"
            "  Write to a copy: `x = x.copy()`."
        )


class Frozen(Array):
    """An array that was made read-only, by `setflags(write=False)`."""

    __slots__ = ()

    def _write(self, value: Any, owned: bool = False) -> None:
        raise ValueError("assignment destination is read-only")

    def _write_part(self, part: Any, path: tuple[Any, ...]) -> None:
        raise ValueError("assignment destination is read-only")


_new = object.__new__


def wrap(value: Any) -> Any:
    """A result as users hold it: `Scalar` for a traced 0-d value, `Array` for any array, NumPy's scalars as is."""
    # Without __init__: this is done for every operation.
    if type(value) is Value:
        handle = _new(Array if value.shape else Scalar)
    elif type(value) is np.ndarray:
        handle = _new(Array)
    elif type(value) is tuple:
        return tuple(wrap(item) for item in value)
    else:
        return value
    handle._referent = value
    handle._owned = False
    return handle


def may_donate(value: Any, part: Any) -> bool:
    """Whether the memory of a value may be overwritten by a part that is written to it, if nobody else holds it.

    Not if the part belongs to a higher level: there the value is a constant, which the record of the write refers to.
    """
    if type(part) is not Value:
        return True
    return type(value) is Value and value.level.number >= part.level.number


def _alike(part: Any, value: Any) -> bool:
    """Whether one array can take the place of another: what `reshape` gives (a view or a copy) must stay the same."""
    return len(value.shape) == 1 or layout_of(part).strides == layout_of(value).strides


def fresh(value: Any) -> Array:
    """An array, possibly 0-d, of a plain array that nobody else holds, and so may be written to in place.

    A Value may be given as well. It is copied when it is first written to, since the rule of its op may have kept it.
    """
    array = Array(value)
    array._owned = type(value) is np.ndarray
    return array


def look(value: Any) -> Any:
    """The plain array that Python sees when it looks at a value; under vmap all lanes must agree."""
    while type(value) is Value:
        value = value.level.look(value)
    return value


def look_for(op: Any, truth: Any) -> bool:
    """Whether booleans hold all (`ops.reduce_all`) or anywhere (`ops.reduce_any`), which is then what is looked at."""
    return bool(look(op(truth, axes=tuple(range(len(truth.shape))))))


def shown(value: Any) -> Any:
    """The plain array that is printed of a value, batch axes included."""
    while type(value) is Value:
        value = value.level.shown(value)
    return value


def lanes(value: Any) -> Any:
    """The plain array at the bottom, batch axes included, for a decision that the numbers make."""
    while type(value) is Value:
        value = value.level.bared(value)
    return value


def layout_of(value: Any) -> Any:
    """The plain array that has the strides of one lane of a value."""
    plain = value
    while type(plain) is Value:
        plain = plain.below
    batch_axes = plain.ndim - value.ndim
    if not batch_axes:
        return plain
    if 0 in plain.shape[:batch_axes]:
        return np.empty(value.shape, value.dtype)
    # The numbers of the first lane; every lane lies in memory as it does.
    return plain[(*(0,) * batch_axes, ...)]


def leak(asked: str, value: Any = None) -> Exception:
    """The error for code that asks a traced value for plain numbers."""
    from chainrule.errors import LeakError

    if type(value) is Value and not carries_derivative(value):
        return LeakError(
            f"`{asked}` was called on a value that stands for the lanes of a `vmap`, not for one number."
            f"{describe(here())}\n"
            "  Functions outside NumPy do this, and writing into a plain NumPy array made elsewhere (`plain[0] = x`).\n"
            "  Use the NumPy function; wrap a foreign function with `@cr.custom`; or loop over the lanes."
        )
    return LeakError(
        f"`{asked}` was called on a value that carries a derivative, which plain numbers cannot hold."
        f"{describe(here())}\n"
        "  Writing into a plain NumPy array made elsewhere (`plain[0] = x`), types such as `np.float64(x)` and\n"
        "  functions outside NumPy do this. To convert, `x.astype(np.float64)` or `float(x)`.\n"
        "  Make the array inside the differentiated function or with `np.zeros_like(x)`; use the NumPy function;\n"
        "  wrap a foreign function with `@cr.custom`; or, if no derivative is wanted, pass `cr.stop_gradient(x)`."
    )
