"""The code of results: new arrays and scalars that the program fills, and how they are given back."""

from __future__ import annotations

from llvmlite import ir

from chainrule.compile.entry import memory, records
from chainrule.compile.entry.records import PathRecord, ResultRecord
from chainrule.compile.entry.writer import I1, I8, I32, I64, NULL, POINTER, VOID, Writer


def write_create(module: ir.Module) -> ir.Function:
    """create(result, created, output, boolean): make it and note where its data goes; false without memory.

    An array comes from NumPy. A scalar is made as NumPy does, its type's allocation and then the value in place, which
    is the program's to fill. The two booleans exist already: the program fills the byte `boolean`.
    """
    b = Writer.inlined(module, "create", ir.FunctionType(I1, [POINTER] * 4))
    result, created, output, boolean = b.function.args
    kinds = {records.NEW_ARRAY: "array", records.NEW_SCALAR: "scalar", records.BOOLEAN: "boolean"}
    blocks = b.cases(b.read(ResultRecord, result, "kind"), kinds)

    b.position_at_end(blocks[records.NEW_ARRAY])
    dtype, axes, sizes = (b.read(ResultRecord, result, name) for name in ("dtype", "axes", "sizes"))
    b.call_python("Py_IncRef", dtype)  # the new array takes this reference
    array = b.call_python(
        "PyArray_NewFromDescr", b.python_object("ndarray"), dtype, axes, sizes, NULL, NULL, I32(0), NULL
    )
    with b.if_then(b.is_null(array)):
        b.ret(I1(0))
    b.store(array, created)
    b.store(b.load(b.place(array, memory.DATA), typ=POINTER), output)
    b.ret(I1(1))

    b.position_at_end(blocks[records.NEW_SCALAR])
    allocate = b.read_function(ResultRecord, result, "allocate", ir.FunctionType(POINTER, [POINTER, I64]))
    scalar = b.call(allocate, [b.read(ResultRecord, result, "type"), I64(0)])
    with b.if_then(b.is_null(scalar)):
        b.ret(I1(0))
    b.store(scalar, created)
    b.store(b.place(scalar, memory.VALUE), output)
    b.ret(I1(1))

    b.position_at_end(blocks[records.BOOLEAN])
    b.store(NULL, created)
    b.store(boolean, output)
    b.ret(I1(1))
    return b.function


def write_settle_booleans(module: ir.Module) -> ir.Function:
    """settle_booleans(path, created, booleans): True or False where the program has filled a byte."""
    b = Writer.inlined(module, "settle_booleans", ir.FunctionType(VOID, [POINTER] * 3))
    path, created, booleans = b.function.args
    with b.counting(b.read(PathRecord, path, "result_count")) as number:
        slot = b.element(created, number)
        with b.if_then(b.is_null(b.load(slot, typ=POINTER))):
            byte = b.load(b.place(booleans, number), typ=I8)
            is_true = b.icmp_unsigned("!=", byte, I8(0))
            value = b.select(is_true, b.python_object("True_"), b.python_object("False_"))
            b.call_python("Py_IncRef", value)
            b.store(value, slot)
    b.ret_void()
    return b.function


def write_give_back(module: ir.Module) -> ir.Function:
    """give_back(path, created): the only result, or a tuple of all; null, and an exception, without memory for it."""
    b = Writer.inlined(module, "give_back", ir.FunctionType(POINTER, [POINTER, POINTER]))
    path, created = b.function.args
    with b.if_then(b.is_same(b.read(PathRecord, path, "structure"), I32(records.ONE))):
        b.ret(b.load(created, typ=POINTER))
    count = b.read(PathRecord, path, "result_count")
    results = b.call_python("PyTuple_New", count)
    without_memory = b.is_null(results)
    with b.counting(count) as number:
        result = b.load(b.element(created, number), typ=POINTER)
        with b.if_else(without_memory) as (then, otherwise):
            with then:
                b.call_python("Py_DecRef", result)
            with otherwise:
                b.call_python("PyTuple_SetItem", results, number, result)
    b.ret(results)
    return b.function
