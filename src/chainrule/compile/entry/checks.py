"""The code of a check: find the object, compare it, note where its data is."""

from __future__ import annotations

from llvmlite import ir

from chainrule.compile.entry import memory, records
from chainrule.compile.entry.records import CheckRecord, Frame
from chainrule.compile.entry.writer import I1, I8, I32, I64, NULL, POINTER, Writer

_EQUAL = 2  # Py_EQ


def write_find(module: ir.Module) -> ir.Function:
    """find(check, objects, arguments): the object in the check's place, or null.

    Where something else than the caller or the path keeps it, the reference that is given is owned: what runs later in
    this call could unbind the name.
    """
    b = Writer.inlined(module, "find", ir.FunctionType(POINTER, [POINTER, POINTER, POINTER]))
    check, objects, arguments = b.function.args
    position, origin, key = (b.read(CheckRecord, check, name) for name in ("position", "origin", "key"))
    parent = b.load(b.element(objects, b.sext(b.read(CheckRecord, check, "parent"), I64)), typ=POINTER)
    places = {
        records.ARGUMENT: "argument",
        records.HELD: "held",
        records.NAME: "name",
        records.CELL: "cell",
        records.TUPLE_ITEM: "tuple_item",
        records.LIST_ITEM: "list_item",
        records.DICT_ITEM: "dict_item",
        records.DEFAULTS: "defaults",
        records.ATTRIBUTE: "attribute",
        records.OWN: "own",
        records.IN_CLASS: "in_class",
    }
    blocks = b.cases(b.read(CheckRecord, check, "place"), places)

    b.position_at_end(blocks[records.ARGUMENT])
    b.ret(b.load(b.element(arguments, position), typ=POINTER))

    b.position_at_end(blocks[records.HELD])
    b.ret(origin)

    b.position_at_end(blocks[records.CELL])
    b.ret(b.call_python("PyCell_Get", origin))

    b.position_at_end(blocks[records.ATTRIBUTE])
    b.ret(b.call_python("PyObject_GetAttr", parent, key))

    b.position_at_end(blocks[records.OWN])
    variables = b.call_python("PyObject_GenericGetDict", origin, NULL)
    with b.if_then(b.is_null(variables), likely=False):
        b.ret(NULL)
    own = b.call_python("PyDict_GetItemWithError", variables, key)
    b.call_python("Py_IncRef", own)
    b.call_python("Py_DecRef", variables)
    b.ret(own)

    borrowed = {
        records.IN_CLASS: ("_PyType_Lookup", origin, key),
        records.NAME: ("PyDict_GetItemWithError", origin, key),
        records.TUPLE_ITEM: ("PyTuple_GetItem", parent, position),
        records.LIST_ITEM: ("PyList_GetItem", parent, position),
        records.DICT_ITEM: ("PyDict_GetItemWithError", parent, key),
        records.DEFAULTS: ("PyFunction_GetDefaults", origin),
    }
    for place, (function, *where) in borrowed.items():
        b.position_at_end(blocks[place])
        found = b.call_python(function, *where)
        b.call_python("Py_IncRef", found)
        b.ret(found)
    return b.function


def write_matches(module: ir.Module) -> ir.Function:
    """matches(check, object, input, integer, frame): whether it is as expected.

    If it is an input, `input` is set to the address of its data; for a Python int that is `integer`, filled here.
    """
    b = Writer.inlined(module, "matches", ir.FunctionType(I1, [POINTER] * 5))
    check, found, where, integer, frame = b.function.args
    expected = b.read(CheckRecord, check, "expected")

    with b.if_then(b.is_same(expected, I32(records.SAME))):
        b.ret(b.is_same(found, b.read(CheckRecord, check, "same")))
    with b.if_then(b.is_null(found)):
        # A look-up that failed with an error has found nothing out.
        with b.if_then(b.is_same(expected, I32(records.MISSING))):
            b.ret(b.is_null(b.call_python("PyErr_Occurred")))
        b.ret(I1(0))
    with b.if_then(b.is_same(expected, I32(records.MISSING))):
        b.ret(I1(0))
    kind = b.load(b.place(found, memory.TYPE), typ=POINTER)
    with b.if_then(b.icmp_unsigned("!=", kind, b.read(CheckRecord, check, "type"))):
        b.ret(I1(0))

    kinds = {
        records.INSTANCE: "instance",
        records.ARRAY: "array",
        records.NUMBER: "number",
        records.INTEGER: "integer",
        records.EQUAL: "equal",
        records.TUPLE: "tuple",
        records.LIST: "list",
        records.DICT: "dict",
        records.BITS: "bits",
    }
    blocks = b.cases(expected, kinds)

    b.position_at_end(blocks[records.ARRAY])
    _compare_array(b, check, found)
    b.store(b.load(b.place(found, memory.DATA), typ=POINTER), where)
    b.ret(I1(1))

    b.position_at_end(blocks[records.INSTANCE])
    b.ret(I1(1))

    b.position_at_end(blocks[records.NUMBER])
    b.store(b.place(found, memory.VALUE), where)
    b.ret(I1(1))

    b.position_at_end(blocks[records.INTEGER])
    overflow = b.place(frame, Frame.overflow.offset)
    b.store(b.call_python("PyLong_AsLongLongAndOverflow", found, overflow), integer)
    b.store(integer, where)
    has_opposite = b.icmp_signed("!=", b.load(integer, typ=I64), I64(-(2**63)))
    b.ret(b.and_(b.is_same(b.load(overflow, typ=I32), I32(0)), has_opposite))

    b.position_at_end(blocks[records.EQUAL])
    equal = b.call_python("PyObject_RichCompareBool", found, b.read(CheckRecord, check, "same"), I32(_EQUAL))
    b.ret(b.is_same(equal, I32(1)))

    b.position_at_end(blocks[records.BITS])
    b.ret(b.is_same(b.load(b.place(found, memory.VALUE), typ=I64), b.read(CheckRecord, check, "length")))

    sizes = {records.TUPLE: "PyTuple_Size", records.LIST: "PyList_Size", records.DICT: "PyDict_Size"}
    for number, function in sizes.items():
        b.position_at_end(blocks[number])
        b.ret(b.is_same(b.call_python(function, found), b.read(CheckRecord, check, "length")))
    return b.function


def _compare_array(b: Writer, check: ir.Value, found: ir.Value) -> None:
    """Return false unless dtype, flags and shape are as expected."""
    dtype, expected_dtype = b.load(b.place(found, memory.DTYPE), typ=POINTER), b.read(CheckRecord, check, "dtype")
    with b.if_then(b.icmp_unsigned("!=", dtype, expected_dtype), likely=False):
        # An array that was unpickled has a dtype of its own, which is like NumPy's, or has another byte order.
        kind, expected_kind = (b.load(b.place(each, memory.TYPE), typ=POINTER) for each in (dtype, expected_dtype))
        with b.if_then(b.icmp_unsigned("!=", kind, expected_kind)):
            b.ret(I1(0))
        with b.if_then(b.is_same(b.call_python("PyArray_EquivTypes", dtype, expected_dtype), I8(0))):
            b.ret(I1(0))
    flags = b.read(CheckRecord, check, "flags")
    has_flags = b.is_same(b.and_(b.load(b.place(found, memory.FLAGS), typ=I32), flags), flags)
    axes = b.read(CheckRecord, check, "axes")
    same_axes = b.is_same(b.load(b.place(found, memory.AXES), typ=I32), axes)
    with b.if_then(b.not_(b.and_(has_flags, same_axes))):
        b.ret(I1(0))
    sizes = b.load(b.place(found, memory.SIZES), typ=POINTER)
    expected_sizes = b.read(CheckRecord, check, "sizes")
    with b.counting(b.sext(axes, I64)) as axis:
        size, expected_size = (b.load(b.element(base, axis), typ=I64) for base in (sizes, expected_sizes))
        with b.if_then(b.icmp_signed("!=", size, expected_size)):
            b.ret(I1(0))
