"""Loops over one function of the vector math, compiled as the compiler compiles its loops, and their errors."""

import ctypes
from functools import cache

import mpmath
import numpy as np
import pytest
from llvmlite import binding, ir

from chainrule.compile import vector_math

KINDS = {np.float64: ir.DoubleType(), np.float32: ir.FloatType()}
DTYPES = pytest.mark.parametrize("dtype", KINDS)


class NativeLoop:
    """y[i] = f(x[i], ...) for all i, compiled for this machine as the compiler compiles its loops."""

    def __init__(self, name, dtype):
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        self.dtype = dtype
        self.arity = vector_math.FORMULAS[name].arity
        module = binding.parse_assembly(str(self._written(name)))
        machine = binding.Target.from_default_triple().create_target_machine(
            cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=3
        )
        options = binding.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = True
        options.slp_vectorization = True
        passes = binding.create_pass_builder(machine, options)
        passes.getModulePassManager().run(module, passes)
        vector_math.inline_forms(module, passes)
        self.optimised = str(module)
        self.engine = binding.create_mcjit_compiler(module, machine)
        pointers = [ctypes.c_void_p] * (self.arity + 1)
        self.entry = ctypes.CFUNCTYPE(None, ctypes.c_int64, *pointers)(self.engine.get_function_address("loop"))

    def __call__(self, *operands):
        operands = [np.ascontiguousarray(x, self.dtype) for x in operands]
        result = np.empty_like(operands[0])
        self.entry(result.size, *(x.ctypes.data for x in operands), result.ctypes.data)
        return result

    def _written(self, name):
        module = ir.Module()
        kind, index = KINDS[self.dtype], ir.IntType(64)
        pointers = [ir.PointerType(kind)] * (self.arity + 1)
        loop = ir.Function(module, ir.FunctionType(ir.VoidType(), [index, *pointers]), "loop")
        for argument in loop.args[1:]:
            argument.add_attribute("noalias")
        f = vector_math.function(module, name, kind)
        entry, body, end = (loop.append_basic_block(label) for label in ("entry", "body", "end"))
        builder = ir.IRBuilder(entry)
        builder.cbranch(builder.icmp_signed(">", loop.args[0], index(0)), body, end)
        builder.position_at_end(body)
        i = builder.phi(index)
        operands = [builder.load(builder.gep(x, [i])) for x in loop.args[1:-1]]
        builder.store(builder.call(f, operands), builder.gep(loop.args[-1], [i]))
        following = builder.add(i, index(1), flags=["nuw", "nsw"])
        i.add_incoming(index(0), entry)
        i.add_incoming(following, body)
        builder.cbranch(builder.icmp_signed("<", following, loop.args[0]), body, end)
        builder.position_at_end(end)
        builder.ret_void()
        return module


@cache
def native(name, dtype=np.float64):
    return NativeLoop(name, dtype)


def errors(results, exact, dtype):
    """The errors of results, in units of the last place of what is exact."""
    smallest = float(np.finfo(dtype).smallest_subnormal)
    with np.errstate(over="ignore"):
        nearest = np.array([float(y) for y in exact]).astype(dtype)
    infinite = ~np.isfinite(nearest)
    np.testing.assert_array_equal(results[infinite], nearest[infinite])
    # Below a power of two the places are half as large as above it.
    size = np.abs(np.where(infinite, dtype(1), nearest))
    below = [abs(y) < abs(mpmath.mpf(float(r))) for y, r in zip(exact, nearest, strict=True)]
    units = np.where(below, size - np.nextafter(size, dtype(0)), np.nextafter(size, dtype(np.inf)) - size)
    units = np.maximum(units.astype(float), smallest)
    return np.array(
        [
            0.0 if bad else float(abs(mpmath.mpf(float(r)) - y) / mpmath.mpf(u))
            for r, y, u, bad in zip(results, exact, units, infinite, strict=True)
        ]
    )
