"""Writing LLVM IR that reads and fills C structures."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from chainrule.compile.entry import memory
from chainrule.compile.entry.interface import FUNCTIONS, OBJECTS, Interface

POINTER = ir.PointerType()
I1, I8, I32, I64, VOID = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.VoidType()
NULL = ir.Constant(POINTER, None)

_NAMED = {str(kind): kind for kind in (POINTER, I1, I8, I32, I64, VOID)}

_TYPES = {ctypes.c_void_p: POINTER, ctypes.c_int32: I32, ctypes.c_int64: I64}


class Writer(ir.IRBuilder):  # type: ignore[misc]
    """An IR builder that knows ctypes structures, and the functions and objects of the interface."""

    def __init__(self, function: ir.Function) -> None:
        super().__init__(function.append_basic_block("begin"))

    @classmethod
    def inlined(cls, module: ir.Module, name: str, signature: ir.FunctionType) -> Writer:
        """Begin a function that is inlined where it is called."""
        function = ir.Function(module, signature, name)
        function.linkage = "internal"
        function.attributes.add("alwaysinline")
        return cls(function)

    def place(self, base: ir.Value, offset: ir.Value | int) -> ir.Value:
        """The address so many bytes behind another."""
        return self.gep(base, [I64(offset) if isinstance(offset, int) else offset], source_etype=I8)

    def element(self, base: ir.Value, index: ir.Value) -> ir.Value:
        """The address of an element of an array of pointers or of 64-bit integers."""
        return self.gep(base, [index], source_etype=I64)

    def own_fields(self, instance: ir.Value) -> ir.Value:
        """The address of an instance's own fields."""
        kind = self.load(self.place(instance, memory.TYPE), typ=POINTER)
        return self.place(instance, self.load(self.place(kind, memory.VECTORCALL_OFFSET), typ=I64))

    def record(self, kind: type[ctypes.Structure], base: ir.Value, index: ir.Value) -> ir.Value:
        """The address of an element of an array of structures."""
        return self.gep(base, [index], source_etype=ir.ArrayType(I8, ctypes.sizeof(kind)))

    def read(self, kind: type[ctypes.Structure], base: ir.Value, name: str) -> ir.Value:
        """A field of a structure."""
        return self.load(self.place(base, _offset(kind, name)), typ=_type(kind, name))

    def read_function(
        self, kind: type[ctypes.Structure], base: ir.Value, name: str, signature: ir.FunctionType
    ) -> ir.Value:
        """A field of a structure that is a function's address."""
        return self.load(self.place(base, _offset(kind, name)), typ=signature.as_pointer())

    def write(self, kind: type[ctypes.Structure], base: ir.Value, name: str, value: ir.Value) -> None:
        """Set a field of a structure."""
        self.store(value, self.place(base, _offset(kind, name)))

    def call_python(self, name: str, *arguments: ir.Value) -> ir.Value:
        """Call a function of CPython or NumPy."""
        result, *operands = (_NAMED[kind] for kind in FUNCTIONS[name])
        function = ir.FunctionType(result, operands)
        return self.call(self.load(self._in_interface(name), typ=function.as_pointer()), arguments)

    def python_object(self, name: str) -> ir.Value:
        """An object of the interface."""
        assert name in OBJECTS
        return self.load(self._in_interface(name), typ=POINTER)

    def is_null(self, pointer: ir.Value) -> ir.Value:
        """Whether a pointer is null."""
        return self.icmp_unsigned("==", pointer, NULL)

    def is_same(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """Whether two pointers or integers are equal."""
        return self.icmp_unsigned("==", a, b)

    @contextmanager
    def counting(self, count: ir.Value) -> Iterator[ir.Value]:
        """Do what is written within for 0, 1, …, count − 1; it may jump elsewhere."""
        before = self.block
        head, body, after = (self.append_basic_block(name) for name in ("loop", "body", "after"))
        self.branch(head)
        self.position_at_end(head)
        index = self.phi(I64)
        index.add_incoming(I64(0), before)
        self.cbranch(self.icmp_signed("<", index, count), body, after)
        self.position_at_end(body)
        yield index
        index.add_incoming(self.add(index, I64(1)), self.block)
        self.branch(head)
        self.position_at_end(after)

    def cases(self, value: ir.Value, numbers: Mapping[int, str]) -> dict[int, ir.Block]:
        """Branch by a number; each block is to be written, and to end by returning or jumping."""
        default = self.append_basic_block("impossible")
        blocks = {number: self.append_basic_block(name) for number, name in numbers.items()}
        switch = self.switch(value, default)
        for number, block in blocks.items():
            switch.add_case(I32(number), block)
        self.position_at_end(default)
        self.unreachable()
        return blocks

    def _in_interface(self, name: str) -> ir.Value:
        return self.place(self.module.globals["interface"], _offset(Interface, name))


def _offset(kind: type[ctypes.Structure], name: str) -> int:
    return int(getattr(kind, name).offset)


def _type(kind: type[ctypes.Structure], name: str) -> Any:
    return _TYPES[dict(field[:2] for field in kind._fields_)[name]]
