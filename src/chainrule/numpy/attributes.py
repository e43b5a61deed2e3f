"""The attributes of arrays: shape and memory, real and imaginary parts, the flat iterator."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import Array, Captured, Frozen, Handle, Scalar, fresh, leak, look, look_for, wrap
from chainrule.numpy.indexing import Advanced, advanced, part_at, read_advanced, write_advanced
from chainrule.numpy.movement import flat_in_order, matrix_transpose, reshaped, transposed
from chainrule.numpy.operands import array_of, converted, value_of
from chainrule.numpy.steps import MovedStep, PartStep, path_step
from chainrule.numpy.table import FUNCTIONS
from chainrule.numpy.views import View, make_view
from chainrule.ops.paths import Reshaped, joined


def transpose(self: Handle) -> Any:
    """The axes in reversed order: a view."""
    return self if isinstance(self, Scalar) else transposed(self)  # type: ignore[arg-type]  # an Array


def real(self: Handle) -> Any:
    """The real part: of a complex array a view, of a real one itself."""
    return _part(self, imaginary=False) if self.dtype.kind == "c" else self


def imag(self: Handle) -> Any:
    """The imaginary part: of a complex array a view, of a real one zeros that cannot be written to."""
    if self.dtype.kind == "c":
        return _part(self, imaginary=True)
    if isinstance(self, Scalar):
        return self.dtype.type(0)
    return Frozen(np.zeros(self.shape, self.dtype))


def _part(self: Handle, *, imaginary: bool) -> Any:
    if isinstance(self, Scalar):
        return wrap(ops.imag(self._read()) if imaginary else ops.real(self._read()))
    return make_view(self, PartStep(imaginary), self.shape, frozen=not is_writeable(self))  # type: ignore[arg-type]  # an Array


def set_real(self: Array, new: Any) -> None:
    """Write the real part."""
    real(self)[...] = new


def set_imag(self: Array, new: Any) -> None:
    """Write the imaginary part."""
    if self.dtype.kind != "c":
        raise TypeError("array does not have imaginary part to set")
    imag(self)[...] = new


def set_shape(self: Array, shape: Any) -> None:
    """Give the array another shape in place, where that needs no copy."""
    layout = self._layout()
    new = layout.reshape(shape)
    if self.size and not np.may_share_memory(new, layout):
        raise AttributeError("Incompatible shape for in-place modification. Use `.reshape()` to make a copy.")
    if type(self) is View:
        base, path = self._place()
        if base is self:
            raise AttributeError("the shape of this view cannot be set; use `.reshape()`")
        self._step, self._shape = path_step(joined(base.shape, path, (Reshaped(new.shape),))), new.shape
        self._origin, self._seen = base.shape, None
    else:
        self._referent = ops.reshape(self._referent, shape=new.shape)


def is_writeable(array: Handle) -> bool:
    """Whether an array may be written to."""
    if isinstance(array, View):
        return not array._frozen and is_writeable(array._base)
    return not isinstance(array, (Frozen, Captured, Scalar))


def base(self: Handle) -> Any:
    """The array that a view looks at; None for one that looks at no other."""
    return self._base if isinstance(self, View) else None


def data(self: Array) -> Any:
    """The memory, of constant arrays only."""
    return self._plain("data").data


def ctypes(self: Array) -> Any:
    """The address of the memory, of constant arrays only."""
    return self._plain("ctypes").ctypes


_FLAGS = ("C_CONTIGUOUS F_CONTIGUOUS OWNDATA WRITEABLE ALIGNED WRITEBACKIFCOPY FNC FORC BEHAVED CARRAY FARRAY").split()
_SHORT_FLAGS = {
    "C": "C_CONTIGUOUS",
    "CONTIGUOUS": "C_CONTIGUOUS",
    "F": "F_CONTIGUOUS",
    "FORTRAN": "F_CONTIGUOUS",
    "O": "OWNDATA",
    "W": "WRITEABLE",
    "A": "ALIGNED",
    "X": "WRITEBACKIFCOPY",
    "B": "BEHAVED",
    "CA": "CARRAY",
    "FA": "FARRAY",
}


class Flags:
    """What `x.flags` tells of the memory that NumPy's array would have here."""

    __slots__ = ("_array",)

    def __init__(self, array: Handle) -> None:
        self._array = array

    def __getitem__(self, name: str) -> bool:
        name = _SHORT_FLAGS.get(name, name)
        if name not in _FLAGS:
            raise KeyError("Unknown flag")
        if name == "OWNDATA":
            return not isinstance(self._array, View)
        writeable = is_writeable(self._array)
        if name == "WRITEABLE":
            return writeable
        answer: bool = self._array._layout().flags[name]
        if name == "CARRAY":
            return writeable and self["C_CONTIGUOUS"] and self["ALIGNED"]
        if name in ("BEHAVED", "FARRAY"):
            return writeable and self["ALIGNED"] and (name == "BEHAVED" or (self["F"] and not self["C"]))
        return answer

    def __setitem__(self, name: str, value: Any) -> None:
        if _SHORT_FLAGS.get(name, name) != "WRITEABLE":
            raise KeyError("Unknown flag")
        setflags(self._array, write=bool(value))

    def __getattr__(self, name: str) -> bool:
        try:
            return self[name.upper()]
        except KeyError:
            raise AttributeError(f"'numpy.flagsobj' object has no attribute '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_array":
            object.__setattr__(self, name, value)
        else:
            self[name.upper()] = value

    def __repr__(self) -> str:
        return "\n".join(f"  {name} : {self[name]}" for name in _FLAGS[:6]) + "\n"


def setflags(self: Handle, write: Any = None, align: Any = None, uic: Any = None) -> None:
    """Make the array read-only, or writable again."""
    if write is None or bool(write) == is_writeable(self):
        return
    if type(self) is View:
        if write and not is_writeable(self._base):
            raise ValueError("cannot set WRITEABLE flag to True of this array")
        self._frozen = not write
    elif type(self) in (Array, Frozen):
        # The same handle, so that all names for it see the change.
        self.__class__ = Array if write else Frozen
    else:
        raise ValueError("cannot set WRITEABLE flag to True of this array")


class Flat:
    """The elements of an array one after the other, row by row, read and written: what `x.flat` is."""

    __slots__ = ("_array", "_next")

    def __init__(self, array: Array) -> None:
        self._array = array if array.shape else part_at(array, (None,))
        self._next = 0

    @property
    def base(self) -> Array:
        """The array."""
        return self._array

    @property
    def index(self) -> int:
        """The number of the element that comes next."""
        return self._next

    @property
    def coords(self) -> tuple[int, ...]:
        """The index of the element that comes next."""
        return tuple(map(int, np.unravel_index(self._next, self._array.shape)))

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._next >= self._array.size:
            raise StopIteration
        element = self[self._next]
        self._next += 1
        return element

    def __getitem__(self, key: Any) -> Any:
        found = self._found(key)
        if isinstance(found, Advanced):
            return wrap(read_advanced(self._array._read(), found))
        return part_at(self._array, found)

    def __setitem__(self, key: Any, new: Any) -> None:
        array = self._array
        part = converted(value_of(new), array.dtype)
        found = self._found(key)
        if not isinstance(found, Advanced):
            if part.shape:
                if not part.size:
                    raise ValueError("Error setting single item of array.")
                part = ops.index(part, path=((0,) * part.ndim,))
            array._write_part(part, (found,))
            return
        # NumPy writes the elements in order, and begins again when there are no more of them.
        count = found.indices[0].size
        if part.shape and count:
            if not part.size:
                raise ValueError("Error setting single item of array.")
            cycle = np.arange(count) % part.size
            part = ops.gather(ops.reshape(part, shape=(part.size,)), cycle)
            part = ops.reshape(part, shape=found.indices[0].shape)
        write_advanced(array, found, part)

    def _found(self, key: Any) -> Any:
        """The key of an element in the array itself, or the advanced key of several."""
        array = self._array
        if type(key) is tuple and len(key) == 1:
            key = key[0]
        if isinstance(key, Handle):
            key = look(key._read())
        numbers = np.arange(array.size)[key]
        if numbers.ndim == 0 and key is not Ellipsis:
            return tuple(map(int, np.unravel_index(int(numbers), array.shape)))
        return advanced(tuple(np.unravel_index(numbers, array.shape)), array.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._array._plain("np.asarray").ravel(), dtype=dtype, copy=copy)

    def copy(self) -> Array:
        """The elements in an array of one axis."""
        return fresh(ops.index(flat_in_order(self._array, "C")._read(), path=((),), copy=True))


def flat(self: Array) -> Flat:
    """The elements one after the other."""
    return Flat(self)


def set_flat(self: Array, new: Any) -> None:
    """Write the elements in order, beginning again when there are no more of them."""
    Flat(self)[:] = new


def view(self: Handle, dtype: Any = None, type: Any = None) -> Any:  # the name is NumPy's
    """The same memory again; as another dtype for constants, and between complex numbers and their parts."""
    if type is not None and type is not np.ndarray and getattr(type, "__name__", "") != "ndarray":
        raise TypeError("only views of the type `np.ndarray` are supported")
    array = array_of(self)
    wanted = array.dtype if dtype is None else np.dtype(dtype)
    if isinstance(self, Scalar):
        return view(array, wanted)[()]
    if wanted == array.dtype:
        return part_at(array, (...,))
    if not array._is_traced():
        shape = array._layout().view(wanted).shape
        before = array.dtype
        step = MovedStep(lambda x: x.view(wanted), lambda y: y.view(before), wanted)
        return make_view(array, step, shape)
    pair = (array.dtype.kind, wanted.kind)
    if pair == ("c", "f") and ops.real.infer(array).dtype == wanted:
        step = MovedStep(_interleaved, _joined, wanted)
    elif pair == ("f", "c") and np.zeros((), wanted).real.dtype == array.dtype:
        step = MovedStep(_joined, _interleaved, wanted)
    else:
        raise leak(f"view({wanted})")
    return make_view(array, step, array._layout().view(wanted).shape)


def _interleaved(z: Any) -> Any:
    """Real and imaginary parts, one after the other along the last axis."""
    shape = (*z.shape, 1)
    pairs = ops.concatenate(
        ops.reshape(ops.real(z), shape=shape), ops.reshape(ops.imag(z), shape=shape), axis=len(z.shape)
    )
    return ops.reshape(pairs, shape=(*z.shape[:-1], 2 * z.shape[-1]))


def _joined(x: Any) -> Any:
    """The complex numbers whose parts are one after the other along the last axis."""
    before = (slice(None),) * (len(x.shape) - 1)
    parts = [ops.index(x, path=((*before, slice(k, None, 2)),)) for k in (0, 1)]
    return ops.complex_of(*parts)


def contains(self: Array, value: Any) -> bool:
    """Whether an element equals a value."""
    return look_for(ops.reduce_any, array_of(self == value)._read())


def _whole(number: Scalar, op: Any) -> int:
    """A number as an integer, once an op has rounded it."""
    return int(Scalar(op(number._referent)) if number.dtype.kind == "f" else number)


def round_(self: Scalar, ndigits: Any = None) -> Any:
    """An integer without `ndigits`; with it the number, rounded."""
    if ndigits is None:
        return _whole(self, ops.rint)
    return FUNCTIONS[np.round](self, operator.index(ndigits))


def reduce(self: Handle) -> Any:
    """Pickled as the plain array that a constant holds."""
    return type(self) if type(self) in (Array, Frozen) else Array, (np.array(self._plain("pickle")),)


def to_device(self: Handle, device: Any, /, *, stream: Any = None) -> Any:
    """The array itself: there is one device."""
    if stream is not None:
        raise ValueError("The stream argument in to_device() is not supported")
    if device != "cpu":
        raise ValueError(f"Unsupported device: {device}.")
    return self


def dlpack(self: Handle, **kwargs: Any) -> Any:
    """The memory for another library, of constant arrays only."""
    return self._plain("__dlpack__").__dlpack__(**kwargs)


def array_namespace(self: Handle, *, api_version: str | None = None) -> Any:
    """The namespace of functions for this array: that of chainrule."""
    import chainrule.numpy

    return chainrule.numpy


def install_attributes() -> None:
    """Give handles the attributes of NumPy's arrays."""
    attributes: dict[type, dict[str, Any]] = {
        Handle: {
            "T": property(transpose),
            "real": property(real),
            "imag": property(imag),
            "base": property(base),
            "flags": property(Flags),
            "strides": property(lambda self: self._layout().strides),
            "device": property(lambda self: "cpu"),
            "view": view,
            "to_device": to_device,
            "__dlpack__": dlpack,
            "__dlpack_device__": lambda self: (1, 0),
            "__array_namespace__": array_namespace,
            "__reduce__": reduce,
        },
        Scalar: {
            "__round__": round_,
            "__floor__": lambda self: _whole(self, ops.floor),
            "__ceil__": lambda self: _whole(self, ops.ceil),
            "__trunc__": lambda self: _whole(self, ops.trunc),
        },
        Array: {
            "mT": property(matrix_transpose),
            "real": property(real, set_real),
            "imag": property(imag, set_imag),
            "flat": property(flat, set_flat),
            "data": property(data),
            "ctypes": property(ctypes),
            "setflags": setflags,
            "__contains__": contains,
        },
    }
    for kind, names in attributes.items():
        for name, attribute in names.items():
            setattr(kind, name, attribute)
    Array.shape = Array.shape.setter(set_shape)  # type: ignore[attr-defined, method-assign]  # a property that can be set
    View.shape = View.shape.setter(set_shape)  # type: ignore[attr-defined, method-assign]  # a property that can be set


install_attributes()

__all__ = ["Flags", "Flat", "is_writeable", "reshaped"]
