"""Powers with a number as exponent."""

from __future__ import annotations

from llvmlite import ir

from chainrule import ops
from chainrule.compile.lowerings.functions import function
from chainrule.compile.lowerings.table import Scalars, lower

# Up to this exponent repeated products are as accurate as the power.
_GREATEST_PRODUCT = 3


@lower(ops.raised, cost=8)
def raised(s: Scalars, x: ir.Value, *, exponent: float, less: int = 0) -> ir.Value:
    """xᵉ⁻ⁿ, as NumPy finds it: squares, roots and reciprocals by themselves."""
    e = exponent - less
    b = s.builder
    if e == int(e) and 0 <= e <= _GREATEST_PRODUCT:
        result = s.number(1)
        for k in range(int(e)):
            result = b.fmul(result, x) if k else x
        return result
    if e == -1:
        return b.fdiv(s.number(1), x)
    if e == 0.5:
        return s.intrinsic("llvm.sqrt", x)
    if less:
        return function(s, "lowered_power", x, s.number(exponent), s.number(less))
    return function(s, "power", x, s.number(e))
