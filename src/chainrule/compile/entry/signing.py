"""The code of a signature: what `signature.py` finds for a path, found for the arguments of a call."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from chainrule.compile.entry import memory
from chainrule.compile.entry.signature import DEPTH, FACTOR
from chainrule.compile.entry.writer import I32, I64, POINTER, Writer


def write_signature(module: ir.Module) -> ir.Function:
    """signature(arguments, count): that of a call. It runs nothing of Python's."""
    mixed = _write_mixed(module)
    function = ir.Function(module, ir.FunctionType(I64, [POINTER, I64]), "signature")
    b = Writer(function)
    arguments, count = function.args
    number = b.alloca(I64)
    b.store(count, number)
    with b.counting(count) as position:
        argument = b.load(b.element(arguments, position), typ=POINTER)
        _mix(b, number, b.call(mixed, [argument, I64(DEPTH)]))
    b.ret(b.load(number))
    return function


def _write_mixed(module: ir.Module) -> ir.Function:
    """mixed(object, depth): the number of an object, and of what it contains, so deep."""
    function = ir.Function(module, ir.FunctionType(I64, [POINTER, I64]), "mixed")
    function.linkage = "internal"
    b = Writer(function)
    found, depth = function.args
    number, parts, place = b.alloca(I64), b.alloca(I64), b.alloca(I64)
    key, value = b.alloca(POINTER), b.alloca(POINTER)
    kind = b.load(b.place(found, memory.TYPE), typ=POINTER)
    b.store(b.ptrtoint(kind, I64), number)

    with _of_type(b, kind, "ndarray"):
        dtype = b.load(b.place(found, memory.DTYPE), typ=POINTER)
        _mix(b, number, b.ptrtoint(b.load(b.place(dtype, memory.TYPE), typ=POINTER), I64))
        sizes = b.load(b.place(found, memory.SIZES), typ=POINTER)
        with b.counting(b.sext(b.load(b.place(found, memory.AXES), typ=I32), I64)) as axis:
            _mix(b, number, b.load(b.element(sizes, axis), typ=I64))
        b.ret(b.load(number))
    with _of_type(b, kind, "str"):
        _mix(b, number, b.call_python("PyObject_Hash", found))
        b.ret(b.load(number))
    with _of_type(b, kind, "bool"):
        _mix(b, number, b.ptrtoint(found, I64))
        b.ret(b.load(number))
    with b.if_then(b.is_same(depth, I64(0))):
        b.ret(b.load(number))
    below = b.sub(depth, I64(1))
    for name, size, item in (("tuple", "PyTuple_Size", "PyTuple_GetItem"), ("list", "PyList_Size", "PyList_GetItem")):
        with _of_type(b, kind, name):
            length = b.call_python(size, found)
            _mix(b, number, length)
            with b.counting(length) as position:
                _mix(b, number, b.call(function, [b.call_python(item, found, position), below]))
            b.ret(b.load(number))
    with _of_type(b, kind, "dict"):
        # Equal dicts may have their items in another order.
        _mix(b, number, b.call_python("PyDict_Size", found))
        b.store(I64(0), parts)
        b.store(I64(0), place)
        following = b.append_basic_block("following")
        body, after = b.append_basic_block("item"), b.append_basic_block("no_more")
        b.branch(following)
        b.position_at_end(following)
        b.cbranch(b.is_same(b.call_python("PyDict_Next", found, place, key, value), I32(0)), after, body)
        b.position_at_end(body)
        inside = b.call(function, [b.load(value, typ=POINTER), below])
        b.store(b.add(b.load(parts), inside), parts)
        b.branch(following)
        b.position_at_end(after)
        _mix(b, number, b.load(parts))
        b.ret(b.load(number))
    b.ret(b.load(number))
    return function


def _of_type(b: Writer, kind: ir.Value, name: str) -> Any:
    """Do what is written within, which ends by returning, if an object is exactly of a type."""
    return b.if_then(b.is_same(kind, b.python_object(name)))


def _mix(b: Writer, number: ir.Value, other: ir.Value) -> None:
    mixed = b.mul(b.xor(b.load(number), other), I64(FACTOR - 2**64))
    b.store(b.xor(mixed, b.lshr(mixed, I64(32))), number)
