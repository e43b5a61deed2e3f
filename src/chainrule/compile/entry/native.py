"""The native entry: a type whose instances Python calls through a function pointer of their own.

A call `g(x)` ends in `PyObject_Vectorcall`, which looks whether the type of `g` says that its instances have such a
pointer, and at which offset, and calls it with the arguments as they lie on the interpreter's stack: no tuple, no
frame, no look-up. A class statement cannot make such a type, but `PyType_FromSpecWithBases`, which extension modules
use, can be called from Python, and llvmlite compiles what the pointer points to. So there is no extension module, and
no compiler is needed to install one.

The type is made over a Python base class and adds four fields to its instances (`records.Instance`). One of them is
declared as a member that holds an object, so that Python's own functions for heap types visit it and clear it: an
instance that is reached from what its own paths refer to, such as the globals of its function, is collected. Another
is the pointer, which the type's allocation sets; a subclass would have Python's allocation, so there are none.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any, TypeVar

import numpy as np

from chainrule.compile import cache
from chainrule.compile.entry import interface, memory
from chainrule.compile.entry.entry import Entry
from chainrule.compile.entry.loading import Code
from chainrule.compile.entry.packing import owner
from chainrule.compile.entry.path import Argument, Array, Check, FastPath, Result
from chainrule.compile.entry.records import Instance

E = TypeVar("E", bound=Entry)

# From CPython's object.h, typeslots.h and structmember.h; a part of its binary interface.
_HAVE_VECTORCALL, _METHOD_DESCRIPTOR = 1 << 11, 1 << 17
_TP_ALLOC, _TP_CALL, _TP_MEMBERS = 47, 50, 72
_OBJECT_MEMBER, _SIZE_MEMBER, _READONLY = 16, 19, 1


class _Member(ctypes.Structure):
    """PyMemberDef."""

    _fields_ = (
        *(("name", ctypes.c_char_p), ("type", ctypes.c_int), ("offset", ctypes.c_ssize_t)),
        *(("flags", ctypes.c_int), ("doc", ctypes.c_char_p)),
    )


class _Slot(ctypes.Structure):
    """PyType_Slot."""

    _fields_ = (("slot", ctypes.c_int), ("value", ctypes.c_void_p))


class _Spec(ctypes.Structure):
    """PyType_Spec."""

    _fields_ = (
        *(("name", ctypes.c_char_p), ("basicsize", ctypes.c_int), ("itemsize", ctypes.c_int)),
        *(("flags", ctypes.c_uint), ("slots", ctypes.POINTER(_Slot))),
    )


@functools.cache
def code() -> Code:
    """The code, made once in a process, or in one before."""
    key = cache.key_of(b"entry", sys.version.encode(), np.__version__.encode())
    made = cache.kept(key, bytes)
    if made is None:
        # Imported here, since it is seldom made.
        from chainrule.compile.entry.code import object_code

        made = object_code()
        if key is not None:
            cache.save(key, made)
    return Code(made)


# Python keeps pointers to a type's name and to the names of its members.
_kept: list[Any] = []


def native_type(base: type[E]) -> type[E]:
    """The subclass of a class whose instances try their fast paths natively."""
    fields = -(-base.__basicsize__ // 8) * 8
    loaded = code()
    members = (_Member * 3)(
        _Member(b"__vectorcalloffset__", _SIZE_MEMBER, fields + Instance.vectorcall.offset, _READONLY),
        # Not read-only: Python would not clear it.
        _Member(b"_owner", _OBJECT_MEMBER, fields + Instance.owner.offset),
    )
    slots = (_Slot * 4)(
        _Slot(_TP_ALLOC, loaded.allocate),
        _Slot(_TP_CALL, ctypes.cast(ctypes.pythonapi["PyVectorcall_Call"], ctypes.c_void_p)),
        _Slot(_TP_MEMBERS, ctypes.addressof(members)),
    )
    # `object.method(x)` passes the object as the first argument, without making a bound method.
    binds = _METHOD_DESCRIPTOR if hasattr(base, "__get__") else 0
    name = f"{base.__module__}.{base.__name__}".encode()
    spec = _Spec(name, fields + ctypes.sizeof(Instance), 0, _HAVE_VECTORCALL | binds, slots)
    make = interface.python_function(
        "PyType_FromSpecWithBases", ctypes.py_object, ctypes.POINTER(_Spec), ctypes.py_object
    )
    made: Any = make(ctypes.byref(spec), (base,))
    _kept.append((name, members))
    if memory.word(id(made) + memory.VECTORCALL_OFFSET) != fields + Instance.vectorcall.offset:
        raise RuntimeError("types have another layout")

    def publish(self: Any, paths: tuple[FastPath, ...]) -> None:
        owned = owner(paths, getattr(self, "_owner", None))
        loaded.publish(self, owned, owned.table.ctypes.data)

    made._publish = publish
    made.__doc__, made.__qualname__ = base.__doc__, base.__qualname__
    return made  # type: ignore[no-any-return]


@functools.cache
def surprise() -> str | None:
    """Why the native entry cannot be used in this process, or None: what it takes for granted is tried out."""
    try:
        return memory.surprise() or interface.surprise() or _trial()
    except (AttributeError, OSError, RuntimeError, TypeError) as error:
        return f"it cannot be made: {error}"


class _Trial(Entry):
    def _call_slowly(self, *args: Any, **kwargs: Any) -> Any:
        return "slowly"


def _trial() -> str | None:
    """Call an instance that copies a number out of an array."""
    call: Any = native_type(_Trial)()
    dtype, program = np.dtype(float), code().trial
    for shape, result in (((2, 1), None), ((1,), (1,))):
        check = Check(Argument(0), Array(dtype, shape))
        call.add_fast_path(
            FastPath(arguments=1, checks=[check], results=[Result(dtype, result)], structure="one", program=program)
        )
    arguments = (np.array([[2.5], [3.5]]), np.array([4.5]), np.zeros(3))
    values = [call(argument) for argument in (*arguments, *arguments)]
    if [np.shape(value) for value in values] != [(), (1,), ()] * 2 or values != [2.5, 4.5, "slowly"] * 2:
        return f"a trial gave {values}"
    return None
