"""Symbols of functions of matrices: inverses, determinants, solutions; and of transforms with a fixed matrix."""

from __future__ import annotations

from chainrule.explain.words.expression import Use
from chainrule.explain.words.names import taken_from
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.products import matrix


def of_matrix(use: Use) -> str | None:
    """The Jacobian of one op of a matrix, or of a vector that a fixed matrix is multiplied by."""
    jacobian, op, name = use.jacobian, use.op, use.name
    one, two = len(jacobian.in_shape) == 1, len(jacobian.in_shape) == 2
    a = matrix(use.part)
    match op:
        case "cumsum" if one:
            return "L"
        case "fft" | "ifft" | "rfft" if one:
            return _transformed(use)
        case "det" if two:
            return f"{name}*vec({a.plain}⁻ᵀ)ᵀ"
        case "slogdet" if two and taken_from(use.step) == 1:
            return f"vec({a.plain}⁻ᵀ)ᵀ"
        case "inv" if two:
            return f"-{name} ⊗ {name}ᵀ"
        case "svdvals" if two:
            return "diag(Uᵀ@(·)@V)"
        case "svd" if two and taken_from(use.step) == 1:
            return "diag(Uᵀ@(·)@V)"
        case "modulus":
            return f"real(conj({a.plain})/{name}*(·))"
        case "solve" if len(use.parts) == 2 and len(jacobian.out_shape) <= 2:
            return _solved(use)
        case _:
            return None


def _transformed(use: Use) -> str | None:
    """The matrix of the discrete Fourier transform, its inverse, or its first rows."""
    rows, columns = use.jacobian.rows, use.jacobian.columns
    if use.params["norm"] != "backward":
        return None
    unit = f"F{subscript(columns)}"
    if use.op == "rfft":
        return f"{unit}[:{rows}]" if rows == columns // 2 + 1 else None
    if rows != columns:
        return None
    return unit if use.op == "fft" else f"{unit}⁻¹"


def _solved(use: Use) -> str | None:
    jacobian = use.jacobian
    a = matrix(use.parts[0])
    if use.place == 0:
        return f"-{a.plain}⁻¹ ⊗ {use.name}ᵀ" if len(jacobian.in_shape) == 2 else None
    columns = jacobian.out_shape[1] if len(jacobian.out_shape) == 2 else 1
    return f"{a.plain}⁻¹" if len(jacobian.out_shape) == 1 else f"{a.plain}⁻¹ ⊗ I{subscript(columns)}"
