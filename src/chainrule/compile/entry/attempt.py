"""The code of one attempt: a path is checked, its results are created, its program runs."""

from __future__ import annotations

import ctypes

from llvmlite import ir

from chainrule.compile.entry import records
from chainrule.compile.entry.checks import write_find, write_matches
from chainrule.compile.entry.records import CheckRecord, Frame, PathRecord, ResultRecord
from chainrule.compile.entry.results import write_create, write_give_back, write_settle_booleans
from chainrule.compile.entry.writer import I32, I64, NULL, POINTER, VOID, Writer

MISSED = I64(1).inttoptr(POINTER)
"""What an attempt gives if the path is not for this call; no object has this address."""

PROGRAM = ir.FunctionType(I32, [POINTER, POINTER, POINTER])


def write_attempt(module: ir.Module) -> ir.Function:
    """attempt(path, arguments): the result, or null and an exception, or MISSED and nothing has happened."""
    take_frame, give_frame = _write_take_frame(module), _write_give_frame(module)
    find, matches = write_find(module), write_matches(module)
    create, settle_booleans, give_back = write_create(module), write_settle_booleans(module), write_give_back(module)
    release, run = _write_release(module), _write_run(module)

    function = ir.Function(module, ir.FunctionType(POINTER, [POINTER, POINTER]), "attempt")
    function.linkage = "internal"
    # On its own it has all registers.
    function.attributes.add("noinline")
    b = Writer(function)
    path, arguments = function.args
    found_count, created_count = b.alloca(I64), b.alloca(I64)
    b.store(I64(0), found_count)
    b.store(I64(0), created_count)
    missed = b.append_basic_block("missed")

    frame = b.call(take_frame, [path])
    with b.if_then(b.is_null(frame)):
        b.ret(MISSED)
    found = b.place(frame, ctypes.sizeof(Frame))
    inputs, outputs, created, integers, booleans, workspace = (
        b.place(frame, b.read(PathRecord, path, name))
        for name in ("inputs", "outputs", "created", "integers", "booleans", "workspace")
    )

    checks = b.read(PathRecord, path, "checks")
    with b.counting(b.read(PathRecord, path, "check_count")) as number:
        check = b.record(CheckRecord, checks, number)
        value = b.call(find, [check, found, arguments])
        b.store(value, b.element(found, number))
        b.store(b.add(number, I64(1)), found_count)
        place = b.sext(b.read(CheckRecord, check, "input"), I64)
        as_expected = b.call(matches, [check, value, b.element(inputs, place), b.element(integers, place), frame])
        with b.if_then(b.not_(as_expected), likely=False):
            b.branch(missed)

    results = b.read(PathRecord, path, "results")
    with b.counting(b.read(PathRecord, path, "result_count")) as number:
        result = b.record(ResultRecord, results, number)
        places = [b.element(created, number), b.element(outputs, number), b.place(booleans, number)]
        with b.if_then(b.not_(b.call(create, [result, *places])), likely=False):
            b.branch(missed)
        b.store(b.add(number, I64(1)), created_count)

    with b.if_then(b.icmp_signed("!=", b.call(run, [path, inputs, outputs, workspace]), I32(0)), likely=False):
        b.branch(missed)

    b.call(settle_booleans, [path, created, booleans])
    value = b.call(give_back, [path, created])
    # Read before anything of Python's can run, and with it another call that takes the frame.
    structure, maker = b.read(PathRecord, path, "structure"), b.read(PathRecord, path, "callable")
    b.call(release, [path, found, b.load(found_count)])
    b.call(give_frame, [path, frame])
    with b.if_then(b.and_(b.is_same(structure, I32(records.CALLED)), b.not_(b.is_null(value)))):
        made = b.call_python("PyObject_CallOneArg", maker, value)
        b.call_python("Py_DecRef", value)
        b.ret(made)
    b.ret(value)

    b.position_at_end(missed)
    # A look-up that failed, or no memory for a result: the ordinary run will meet, and raise, the same.
    b.call_python("PyErr_Clear")
    with b.counting(b.load(created_count)) as number:
        b.call_python("Py_DecRef", b.load(b.element(created, number), typ=POINTER))
    b.call(release, [path, found, b.load(found_count)])
    b.call(give_frame, [path, frame])
    b.ret(MISSED)
    return function


def _write_take_frame(module: ir.Module) -> ir.Function:
    """take_frame(path): the path's frame, or a new one if that is in use; null without memory."""
    b = Writer.inlined(module, "take_frame", ir.FunctionType(POINTER, [POINTER]))
    (path,) = b.function.args
    frame = b.read(PathRecord, path, "frame")
    b.write(PathRecord, path, "frame", NULL)
    with b.if_then(b.not_(b.is_null(frame)), likely=True):
        b.ret(frame)
    memory = b.call_python("PyMem_RawMalloc", b.read(PathRecord, path, "frame_bytes"))
    with b.if_then(b.is_null(memory)):
        b.ret(NULL)
    # `frame_bytes` leaves room for this: the next multiple of 64 bytes.
    address = b.and_(b.add(b.ptrtoint(memory, I64), I64(63)), I64(-64))
    frame = b.inttoptr(address, POINTER)
    b.write(Frame, frame, "memory", memory)
    b.ret(frame)
    return b.function


def _write_give_frame(module: ir.Module) -> ir.Function:
    """give_frame(path, frame): give it back to the path, or free it if it was made for this call."""
    b = Writer.inlined(module, "give_frame", ir.FunctionType(VOID, [POINTER, POINTER]))
    path, frame = b.function.args
    memory = b.read(Frame, frame, "memory")
    with b.if_else(b.is_null(memory), likely=True) as (then, otherwise):
        with then:
            b.write(PathRecord, path, "frame", frame)
        with otherwise:
            b.call_python("PyMem_RawFree", memory)
    b.ret_void()
    return b.function


def _write_release(module: ir.Module) -> ir.Function:
    """release(path, found, count): let go of the objects found whose references are owned."""
    b = Writer.inlined(module, "release", ir.FunctionType(VOID, [POINTER, POINTER, I64]))
    path, found, count = b.function.args
    with b.if_then(b.is_same(b.read(PathRecord, path, "owns"), I32(0)), likely=True):
        b.ret_void()
    checks = b.read(PathRecord, path, "checks")
    with b.counting(count) as number:
        owned = b.read(CheckRecord, b.record(CheckRecord, checks, number), "owned")
        with b.if_then(b.icmp_signed("!=", owned, I32(0))):
            b.call_python("Py_DecRef", b.load(b.element(found, number), typ=POINTER))
    b.ret_void()
    return b.function


def _write_run(module: ir.Module) -> ir.Function:
    """run(path, inputs, outputs, workspace): call the program, without the global lock if it allows that."""
    b = Writer.inlined(module, "run", ir.FunctionType(I32, [POINTER] * 4))
    path, *pointers = b.function.args
    program = b.read_function(PathRecord, path, "program", PROGRAM)
    with b.if_then(b.is_same(b.read(PathRecord, path, "releases_gil"), I32(0)), likely=True):
        b.ret(b.call(program, pointers))
    thread = b.call_python("PyEval_SaveThread")
    status = b.call(program, pointers)
    b.call_python("PyEval_RestoreThread", thread)
    b.ret(status)
    return b.function
