"""Small compiled programs to call."""

import ctypes
import types

import numpy as np
import pytest
from llvmlite import binding

from chainrule.compile.entry import Argument, Array, Check, Entry, FastPath, Result, entry_type, why_portable

POINTERS = (ctypes.c_void_p,) * 3

DOUBLED = """
define i32 @program(ptr %inputs, ptr %outputs, ptr %workspace) {
begin:
  %x = load ptr, ptr %inputs
  %y = load ptr, ptr %outputs
  %first = load double, ptr %x
  %negative = fcmp olt double %first, 0.0
  br i1 %negative, label %missed, label %loop
loop:
  %i = phi i64 [ 0, %begin ], [ %next, %loop ]
  %from = getelementptr double, ptr %x, i64 %i
  %to = getelementptr double, ptr %y, i64 %i
  %value = load double, ptr %from
  %doubled = fadd double %value, %value
  store double %doubled, ptr %to
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, SIZE
  br i1 %more, label %loop, label %done
done:
  ret i32 0
missed:
  ret i32 1
}
"""


class Compiled:
    """The function `program` of a text in LLVM's language."""

    def __init__(self, text):
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        module = binding.parse_assembly(text, context=binding.create_context())
        self._engine = binding.create_mcjit_compiler(
            module, binding.Target.from_default_triple().create_target_machine()
        )
        self._engine.finalize_object()
        self.address = self._engine.get_function_address("program")


class Function(Entry):
    """A callable that tells what it was called with where no path fits."""

    def __init__(self, name="f"):
        self.name = name

    def _call_slowly(self, *args, **kwargs):
        if kwargs.get("fail"):
            raise ZeroDivisionError("slowly")
        return "slowly", args, kwargs

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)


@pytest.fixture(scope="session")
def entries():
    """The native and the portable type of a callable, by whether it is native."""
    return {native: entry_type(Function, is_native=native) for native in ([False] if why_portable() else [True, False])}


@pytest.fixture(params=[pytest.param(True, id="native"), pytest.param(False, id="portable")])
def function(request, entries):
    """Make a callable, with paths."""
    if request.param not in entries:
        pytest.skip(why_portable())

    def make(*paths):
        made = entries[request.param]()
        for path in paths:
            made.add_fast_path(path)
        return made

    return make


@pytest.fixture(scope="session")
def doubling():
    """A path for float64[n]: 2 x, missed if the first number is negative."""
    programs = {}

    def path(size, **more):
        if size not in programs:
            programs[size] = Compiled(DOUBLED.replace("SIZE", str(size)))
        code, dtype = programs[size], np.dtype(float)
        return FastPath(
            arguments=1,
            checks=[Check(Argument(0), Array(dtype, (size,)))],
            results=[Result(dtype, (size,))],
            structure="one",
            program=code.address,
            code=code,
            **more,
        )

    return path


@pytest.fixture
def twice(function, doubling):
    """2 x for float64[3]."""
    return function(doubling(3))


@pytest.fixture
def python_path():
    """A path whose program is a Python function of its inputs and outputs, given as arrays."""

    def path(function, checks, results, structure="one", *, arguments=1, workspace=0, **more):
        inputs = [check.expected for check in checks if check.is_input]
        kinds = [(getattr(each, "dtype", None) or np.dtype(each.type), getattr(each, "shape", ())) for each in inputs]
        filled = [(result.dtype, result.shape or ()) for result in results]

        def program(ins, outs, scratch):
            arrays = [_arrays(ins, kinds), _arrays(outs, filled)]
            if workspace:
                assert scratch % 64 == 0
                arrays.append(_array(scratch, np.dtype(np.uint8), (workspace,)))
            return int(bool(function(*arrays)))

        called = ctypes.CFUNCTYPE(ctypes.c_int32, *POINTERS)(program)
        address = ctypes.cast(called, ctypes.c_void_p).value
        return FastPath(
            arguments=arguments,
            checks=checks,
            results=results,
            structure=structure,
            program=address,
            workspace=workspace,
            code=called,
            **more,
        )

    return path


def _arrays(pointers, kinds):
    if not kinds:
        return []
    addresses = (ctypes.c_void_p * len(kinds)).from_address(pointers)
    return [_array(address, *kind) for address, kind in zip(addresses, kinds, strict=True)]


def _array(address, dtype, shape):
    size = int(np.prod(shape)) * dtype.itemsize
    memory = (ctypes.c_char * size).from_address(address) if size else b""
    return np.frombuffer(memory, dtype).reshape(shape) if size else np.empty(shape, dtype)
