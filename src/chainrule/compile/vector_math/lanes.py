"""Functions of one element, and of as many elements as the machine has lanes.

A function without branches needs one form only: it is inlined where it is used, and LLVM's loop vectoriser widens its
instructions. A function whose rare operands need a long computation should do this only when they occur, which is a
branch, and the loop vectoriser has none: it would run both ways for all. So the branch stands in a function of its own,
written for one lane and for several, and tells the loop vectoriser so, by the attribute with which compilers announce
vector forms of functions (LLVM, Vector Function ABI). The vectoriser then calls the form for as many lanes as it uses,
and after it `inline_forms` puts the form in the place of its call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from llvmlite import binding, ir

from chainrule.compile import llvm_passes
from chainrule.compile.vector_math.expression import DOUBLE, Real, call_intrinsic, like
from chainrule.compile.vector_math.trigonometric import MODERATE

Compute = Callable[..., Real]


def inlined(module: ir.Module, symbol: str, kind: ir.Type, compute: Compute, arity: int) -> ir.Function:
    """A function without branches, which is inlined wherever it is used."""
    made = _declared(module, symbol, kind, arity)
    made.attributes.add("alwaysinline")
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    builder.ret(_computed(builder, made.args, compute))
    return made


def guarded(module: ir.Module, symbol: str, kind: ir.Type, compute: Compute, compute_moderate: Compute) -> ir.Function:
    """A function of one operand: the result for a moderate one, inlined, and a call that replaces it where it is not.

    What several such functions compute alike of one operand, as sin and cos do, is computed once.
    """
    rare = inlined(module, f"{symbol}.any", kind, compute, 1)
    rare.attributes.discard("alwaysinline")
    rare.attributes.update(("noinline", "cold"))
    replace = _with_forms(module, f"{symbol}.unless_moderate", kind, rare)
    made = _declared(module, symbol, kind, 1)
    made.attributes.add("alwaysinline")
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    builder.ret(builder.call(replace, [*made.args, _computed(builder, made.args, compute_moderate)]))
    return made


def _with_forms(module: ir.Module, symbol: str, kind: ir.Type, rare: ir.Function) -> ir.Function:
    """The function of x and a result that calls `rare` if x is not moderate, and its forms for several lanes."""
    widths = _widths() if kind == DOUBLE else [2 * width for width in _widths()]
    forms = [_guard(module, f"{symbol}.{n}", ir.VectorType(kind, n), rare) for n in widths]
    made = _guard(module, symbol, kind, rare)
    mappings = ",".join(f"_ZGV_LLVM_N{form.args[0].type.count}vv_{symbol}({form.name})" for form in forms)
    # llvmlite knows the names of LLVM's own attributes only, and writes others as they are if they get past its check.
    set.add(made.attributes, f'"vector-function-abi-variant"="{mappings}"')
    # Inlined before the loop vectoriser runs, it would be a branch in the loop.
    made.attributes.add("noinline")
    for form in forms:
        # Nothing calls it before the loop vectoriser runs, so an internal function would be dropped.
        form.linkage = "weak_odr"
        form.attributes.add("alwaysinline")
    return made


def inline_forms(module: binding.ModuleRef, passes: binding.PassBuilder) -> None:
    """Inline the forms that the loop vectoriser has called, and drop the others: to be run after optimisation."""
    for made in module.functions:
        if made.name.startswith("vector_math.") and made.linkage == binding.Linkage.weak_odr:
            made.linkage = binding.Linkage.internal
    late = binding.create_new_module_pass_manager()
    late.add_always_inliner_pass()
    late.add_global_dead_code_eliminate_pass()
    llvm_passes.run(late, module, passes)


def _guard(module: ir.Module, symbol: str, kind: ir.Type, rare: ir.Function) -> ir.Function:
    """The second operand, or what replaces it if a lane of the first is not moderate."""
    made = _declared(module, symbol, kind, 2)
    entry, unusual, usual = (made.append_basic_block(name) for name in ("entry", "any", "moderate"))
    builder = ir.IRBuilder(entry)
    x, result = made.args
    lanes = kind.count if isinstance(kind, ir.VectorType) else 1
    any_large = builder.bitcast(_is_large(builder, x), ir.IntType(lanes))
    builder.cbranch(builder.icmp_unsigned("!=", any_large, any_large.type(0)), unusual, usual)
    builder.position_at_end(usual)
    builder.ret(result)
    builder.position_at_end(unusual)
    replaced = _replaced(module, f"{symbol}.replaced", kind, rare) if lanes > 1 else rare
    builder.ret(builder.call(replaced, [x, result][: len(replaced.args)]))
    return made


def _replaced(module: ir.Module, symbol: str, kind: ir.VectorType, rare: ir.Function) -> ir.Function:
    """A function of operands and moderate results that takes `rare` for lanes which are not moderate.

    The other lanes stay as they are, so that a result does not depend on its neighbours.
    """
    made = _declared(module, symbol, kind, 2)
    made.attributes.update(("noinline", "cold"))
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    x, moderate = made.args
    result = moderate
    for i in map(ir.IntType(32), range(kind.count)):
        result = builder.insert_element(result, builder.call(rare, [builder.extract_element(x, i)]), i)
    builder.ret(builder.select(_is_large(builder, x), result, moderate))
    return made


def _is_large(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """Whether each lane is beyond `MODERATE`."""
    vector = isinstance(x.type, ir.VectorType)
    bound = ir.Constant(x.type, [MODERATE] * x.type.count if vector else MODERATE)
    return builder.fcmp_ordered(">", call_intrinsic(builder, "llvm.fabs", x), bound)


def _declared(module: ir.Module, symbol: str, kind: ir.Type, arity: int) -> ir.Function:
    made = ir.Function(module, ir.FunctionType(kind, [kind] * arity), symbol)
    made.linkage = "internal"
    made.attributes.update(("nounwind", "readnone"))
    return made


def _computed(builder: ir.IRBuilder, operands: list[ir.Value], compute: Compute) -> ir.Value:
    """A result of the operands' own type, computed in float64."""
    kind = operands[0].type
    wide = like(operands[0], DOUBLE)
    result = compute(*(Real(builder, x if kind == wide else builder.fpext(x, wide)) for x in operands)).value
    return result if kind == wide else builder.fptrunc(result, kind)


@cache
def _widths() -> list[int]:
    """For how many float64 there are vector forms: as many as a register has lanes, and half of them."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return [8, 4]
    return [4, 2] if features.get("avx2") else [2]
