"""A program as a module of LLVM: one function that runs all steps, and the machine code of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir

from chainrule.compile import blas, callbacks
from chainrule.compile.calls import emit_callback, emit_product
from chainrule.compile.elements import INDEX, POINTER
from chainrule.compile.emission import Constants, NestEmitter
from chainrule.compile.layout import lay_out
from chainrule.compile.machine_code import MachineCode, NumpyCall
from chainrule.compile.memory import MemoryPlan, results_of
from chainrule.compile.nests import Multiplication, Nest, Step
from chainrule.compile.program import Program
from chainrule.compile.schedule import Schedule
from chainrule.compile.target import assembly, object_code, optimized_text
from chainrule.compile.views import View, whole
from chainrule.compile.work import nanoseconds
from chainrule.graph import Node

STATUS = ir.IntType(32)
# What the program returns if NumPy refused an operation; guards that miss are numbered from 1.
_FAILED = -1


class ProgramModule:
    """A program as a module of LLVM."""

    def __init__(self, program: Program) -> None:
        self.schedule = lay_out(Schedule(program))
        self.plan = MemoryPlan(self.schedule)
        module = ir.Module("program", context=ir.Context())
        emitter = _ProgramEmitter(module, self.schedule, self.plan)
        emitter.emit()
        self.calls = emitter.calls
        self.symbols = [name for name in module.globals if name.startswith(blas.PREFIX) or name == callbacks.SYMBOL]
        self.text = str(module)


def machine_code(program: Program) -> MachineCode:
    """What a program is compiled to."""
    emitted = ProgramModule(program)
    steps = emitted.schedule.steps
    return MachineCode(
        object_code(emitted.text),
        emitted.plan.workspace_bytes,
        tuple(emitted.symbols),
        tuple(emitted.calls),
        nests=sum(isinstance(step, Nest) for step in steps),
        products=sum(isinstance(step, Multiplication) for step in steps),
        nanoseconds=nanoseconds(emitted.schedule),
    )


def nests(program: Program) -> str:
    """The loop nests of a program, as text, and where everything lives."""
    return str(lay_out(Schedule(program)))


def llvm(program: Program) -> str:
    """The optimised intermediate representation of a program."""
    return optimized_text(ProgramModule(program).text)


def asm(program: Program) -> str:
    """The machine code of a program, as text."""
    return assembly(ProgramModule(program).text)


class _ProgramEmitter:
    """Emits the function that runs the steps."""

    def __init__(self, module: ir.Module, schedule: Schedule, plan: MemoryPlan) -> None:
        self.module = module
        self.schedule = schedule
        self.plan = plan
        self.calls: list[NumpyCall] = []
        self._numbers = {node: k for k, node in enumerate(schedule.program.graph.nodes)}
        self.constants = Constants(module)
        signature = ir.FunctionType(STATUS, [POINTER, POINTER, POINTER])
        self.function = ir.Function(module, signature, "program")
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.pointers: dict[Node, ir.Value] = {}
        # By their text: a loop of the user's may make the same nest again and again.
        self.nests: dict[str, ir.Function] = {}
        self.failed: ir.Block | None = None

    def emit(self) -> None:
        """All steps, then the guards, then what is copied."""
        for k, step in enumerate(self.schedule.steps):
            self._step(step, f"nest.{k}")
        self._check_guards()
        for number, output in self.plan.copied:
            self._copy(number, output)
        self.builder.ret(STATUS(0))
        if self.failed is not None:
            self.builder.position_at_end(self.failed)
            self.builder.ret(STATUS(_FAILED))

    def _pointer(self, node: Node) -> ir.Value:
        """Where the buffer of a node begins."""
        owner = self.schedule.owner(node)
        known = self.pointers.get(owner)
        if known is not None:
            return known
        place = self.plan.places[owner]
        inputs, results, workspace = self.function.args
        with self.builder.goto_entry_block():
            b = self.builder
            if place.kind == "workspace":
                pointer = b.gep(workspace, [INDEX(place.position)], source_etype=ir.IntType(8))
            else:
                table = inputs if place.kind == "input" else results
                pointer = b.load(b.gep(table, [INDEX(place.position)], source_etype=POINTER), typ=POINTER)
        self.pointers[owner] = pointer
        return pointer

    def _operand(self, x: Any) -> tuple[ir.Value, View]:
        """Where an operand lies: a constant, or a view of what has memory."""
        known = self.schedule.view(x)
        if known is None:
            return self.constants.pointer(x), whole(x.shape)
        return self._pointer(known[0]), known[1]

    def _merged(self, made: ir.Function) -> ir.Function:
        """A function of the module; the one that is there already if it does the same with its arguments."""
        known = self.nests.setdefault(str(made).replace(made.name, "nest"), made)
        if known is not made:
            del self.module.globals[made.name]
        return known

    def _step(self, step: Step, name: str) -> None:
        if isinstance(step, Nest):
            emitter = NestEmitter(self.module, self.constants, self.schedule, step, name)
            arguments = [self._pointer(node) for node in emitter.buffers]
            self.builder.call(self._merged(emitter.emit()), arguments)
        elif isinstance(step, Multiplication):
            node = step.node
            operands = []
            for x in node.operands:
                pointer, view = self._operand(x)
                moved = self.builder.gep(pointer, [INDEX(view.offset * x.dtype.itemsize)], source_etype=ir.IntType(8))
                operands.append((moved, view))
            emit_product(self.builder, self._pointer(node), operands[0], operands[1], node.dtype)
        else:
            self._call_numpy(step.node)

    def _call_numpy(self, node: Node) -> None:
        results = results_of(self.schedule, node)
        views: list[View | None] = []
        pointers = []
        for x in node.operands:
            known = self.schedule.view(x)
            views.append(None if known is None else known[1])
            if known is not None:
                pointers.append(self._pointer(known[0]))
        pointers += [self._pointer(result) for result in results]
        succeeded = emit_callback(self.builder, len(self.calls), pointers)
        numbers = self._numbers
        self.calls.append(NumpyCall(numbers[node], tuple(views), tuple(numbers[result] for result in results)))
        going_on = self.function.append_basic_block("succeeded")
        if self.failed is None:
            self.failed = self.function.append_basic_block("failed")
        self.builder.cbranch(succeeded, going_on, self.failed)
        self.builder.position_at_end(going_on)

    def _check_guards(self) -> None:
        program = self.schedule.program
        guarded = program.graph.outputs[program.results :]
        for k, (output, guard) in enumerate(zip(guarded, program.guards, strict=True)):
            size = guard.value.nbytes
            if type(output) is not Node or not size:
                continue
            same = self._same_bits(self._pointer(output), guard.value)
            holds = self.function.append_basic_block("holds")
            missed = self.function.append_basic_block("missed")
            self.builder.cbranch(same, holds, missed)
            self.builder.position_at_end(missed)
            self.builder.ret(STATUS(k + 1))
            self.builder.position_at_end(holds)

    def _same_bits(self, pointer: ir.Value, value: np.ndarray[Any, Any]) -> ir.Value:
        b = self.builder
        size = value.nbytes
        if size in (1, 2, 4, 8):
            kind = ir.IntType(8 * size)
            expected = kind(int.from_bytes(np.ascontiguousarray(value).tobytes(), "little"))
            return b.icmp_unsigned("==", b.load(pointer, typ=kind, align=1), expected)
        compare = ir.FunctionType(ir.IntType(32), [POINTER, POINTER, INDEX])
        function = self.module.globals.get("memcmp") or ir.Function(self.module, compare, "memcmp")
        difference = b.call(function, [pointer, self.constants.pointer(value), INDEX(size)])
        return b.icmp_signed("==", difference, ir.IntType(32)(0))

    def _copy(self, number: int, output: Any) -> None:
        """Copy an input, a constant, or another result to a result."""
        size = math.prod(output.shape) * output.dtype.itemsize
        if not size:
            return
        source = self._pointer(output) if type(output) is Node else self.constants.pointer(output)
        b = self.builder
        target = b.load(b.gep(self.function.args[1], [INDEX(number)], source_etype=POINTER), typ=POINTER)
        copy = ir.FunctionType(POINTER, [POINTER, POINTER, INDEX])
        function = self.module.globals.get("memcpy") or ir.Function(self.module, copy, "memcpy")
        b.call(function, [target, source, INDEX(size)])
