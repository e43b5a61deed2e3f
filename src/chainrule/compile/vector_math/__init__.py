"""Elementary functions in LLVM."""

from llvmlite import ir

NAMES = frozenset(
    "exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh "
    "arctanh cbrt power hypot".split()
)
_C = dict(
    arcsin="asin",
    arccos="acos",
    arctan="atan",
    arctan2="atan2",
    arcsinh="asinh",
    arccosh="acosh",
    arctanh="atanh",
    power="pow",
)


def function(module: ir.Module, name: str, kind: ir.Type) -> ir.Function:
    """From the C library."""
    c = _C.get(name, name) + ("f" if isinstance(kind, ir.FloatType) else "")
    n = 2 if name in ("power", "arctan2", "hypot") else 1
    if c in module.globals:
        return module.globals[c]
    return ir.Function(module, ir.FunctionType(kind, [kind] * n), c)
