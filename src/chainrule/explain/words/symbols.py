"""The local derivative of each edge in the names of the program: u, 2*x, diag(2*y), A, I₂ ⊗ Bᵀ.

A symbol is text, in the notation of Python where there is one, so that it can be read again (`typesetting.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Set
from functools import lru_cache
from typing import NamedTuple

from chainrule.explain.program import Jacobian
from chainrule.explain.words.expression import Expression
from chainrule.explain.words.names import WRITES
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.printing import written

# By op the partial for each operand, a and b the operands and y the result. Elementwise ops only.
_PARTIALS = {
    "add": "1; 1",
    "subtract": "1; -1",
    "multiply": "b; a",
    "divide": "1/b; -y/b",
    "negative": "-1",
    "positive": "1",
    "convert": "1",
    "reciprocal": "-y**2",
    "square": "2*a",
    "power": "b*a**(b-1); y*log(a)",
    "power_operator": "b*a**(b-1); y*log(a)",
    "float_power": "b*a**(b-1); y*log(a)",
    "absolute": "sign(a)",
    "exp": "y",
    "exp2": "log(2)*y",
    "expm1": "1+y",
    "log": "1/a",
    "log2": "1/(log(2)*a)",
    "log10": "1/(log(10)*a)",
    "log1p": "1/(1+a)",
    "sqrt": "1/(2*y)",
    "cbrt": "1/(3*y**2)",
    "sin": "cos(a)",
    "cos": "-sin(a)",
    "tan": "1+y**2",
    "arcsin": "1/sqrt(1-a**2)",
    "arccos": "-1/sqrt(1-a**2)",
    "arctan": "1/(1+a**2)",
    "arctan2": "b/(a**2+b**2); -a/(a**2+b**2)",
    "sinh": "cosh(a)",
    "cosh": "sinh(a)",
    "tanh": "1-y**2",
    "arcsinh": "1/sqrt(1+a**2)",
    "arccosh": "1/sqrt(a**2-1)",
    "arctanh": "1/(1-a**2)",
    "hypot": "a/y; b/y",
    "logaddexp": "exp(a-y); exp(b-y)",
    "maximum": "a>b; b>a",
    "minimum": "a<b; b<a",
    "fmax": "a>b; b>a",
    "fmin": "a<b; b<a",
    "select": "0; a; 1-a",
    "clip": "b<a<c; a<b; a>c",
    "remainder": "1; -floor(a/b)",
    "degrees": "180/pi",
    "radians": "pi/180",
}
# By op the partial by the exponent, known when the program ran.
_RAISED = "n*a**(n-1)"
# Ops of matrices: what the flattened Jacobian is, with A and B the operands, T the transposed, Y the result; {m}, {n}
# are the lengths of the result.
_PRODUCTS: dict[str, tuple[str, str]] = {
    "matmul": ("I{m} ⊗ {bT}", "{a} ⊗ I{n}"),
    "matvec": ("I{m} ⊗ {bT}", "{a}"),
    "vecmat": ("{bT}", "{aT} ⊗ I{n}"),
    "vecvec": ("{bT}", "{aT}"),
}
# What `dot` is, by the dimensions of its operands.
_DOTS = {(1, 1): "vecvec", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmul"}
_OPERANDS = {op: dimensions for dimensions, op in _DOTS.items()}
# A name of more characters is not put into a symbol.
_LONGEST = 60


class _Matrix(NamedTuple):
    """A matrix in a symbol, as it is and transposed."""

    plain: str
    transposed: str


def symbol_of(expression: Expression, slot: int, name: str, op: str, jacobian: Jacobian, exponent: float = 0.0) -> str:
    """The local derivative of one operand of a step.

    Parameters
    ----------
    expression
        How the step was made.
    slot
        The operand.
    name
        What the step is called.
    op
        The op that it is.
    jacobian
        Its shapes and its structure.
    exponent
        Of a power with a constant exponent that.

    Returns
    -------
    str
        The symbol; `∂u/∂v` if there is none that says more.
    """
    place = expression.places.get(slot)
    symbol = None
    if jacobian.structure == "zero":
        symbol = "0"
    elif place is not None and slot in expression.viewed:
        symbol = _of_part(expression, place, name, op, jacobian, exponent)
    elif place is not None:
        symbol = _symbol(expression, place, name, op, jacobian, exponent)
    if symbol is None or len(symbol) > _LONGEST:
        symbol = _by_structure(jacobian)
    if symbol is None or len(symbol) > _LONGEST:
        symbol = f"∂{name}/∂{expression.operands.get(slot, '·')}"
    return symbol


def _symbol(expression: Expression, place: int, name: str, op: str, jacobian: Jacobian, exponent: float) -> str | None:
    parts = expression.parts
    if expression.function == "mean" and op == "divide":
        count = jacobian.columns // max(jacobian.rows, 1)
        ones = _ones(jacobian.columns) if jacobian.rows == 1 else None
        return None if ones is None else ones if count == 1 else f"{ones}/{count}"
    if op in _PARTIALS or op == "raised":
        partial = _partial(parts, place, name, op, exponent)
        return None if partial is None else _elementwise(partial, jacobian, expression.numbers)
    if op == "reduce_sum":
        return _summed(jacobian)
    if op == "dot":
        op = _DOTS.get(_dimensions(place, jacobian), op)
    if op in _PRODUCTS and len(parts) == 2 and _dimensions(place, jacobian) == _OPERANDS[op]:
        return _product(parts, place, op, jacobian)
    if op == "index":
        return _selected(expression, jacobian)
    if op in WRITES:
        return _placed(expression, place, jacobian)
    if op in ("solve", "inv", "det", "cumsum", "euclidean_norm", "variance"):
        return _other(parts, place, name, op, jacobian)
    return None


def _of_part(expression: Expression, place: int, name: str, op: str, jacobian: Jacobian, exponent: float) -> str | None:
    """The Jacobian of an elementwise op of a part of a vector, x[1:]: that of the op times rows of the identity."""
    part = expression.parts[place]
    if not (isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and len(jacobian.in_shape) == 1):
        return None
    if op not in _PARTIALS and op != "raised":
        return None
    partial = _partial(expression.parts, place, name, op, exponent)
    if partial is None:
        return None
    rows = written(ast.Subscript(ast.Name(f"I{subscript(jacobian.columns)}"), part.slice))
    if not jacobian.out_shape:
        return None
    if not _is_number(partial, expression.numbers):
        return f"diag({written(partial)})@{rows}"
    number = number_of(partial)
    if number is not None and abs(number) in (0, 1):
        return "0" if number == 0 else rows if number == 1 else f"-{rows}"
    return written(ast.BinOp(partial, ast.Mult(), ast.Name(rows)))


def _is_number(tree: ast.expr, numbers: Set[str]) -> bool:
    """Whether an expression is a single number: it names nothing else."""
    functions = {id(each.func) for each in ast.walk(tree) if isinstance(each, ast.Call)}
    names = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and id(each) not in functions]
    return all(each.id in numbers or each.id == "pi" for each in names)


def _partial(parts: list[ast.expr], place: int, name: str, op: str, exponent: float) -> ast.expr | None:
    """The partial of an elementwise op in the names of the program."""
    if op == "raised":
        templates = [_RAISED]
    else:
        templates = _PARTIALS[op].split("; ")
    if len(templates) == 1:
        # The op has one operand, whatever else the instruction names: x of x**2.
        parts, place = [parts[place]], 0
    if place >= len(templates) or len(parts) < len(templates):
        return None
    inside = dict(zip("abc", parts, strict=False))
    inside["y"] = ast.Name(name)
    if op == "raised":
        inside["n"] = _number(exponent)
    return simplified(_filled(templates[place], inside))


@lru_cache(maxsize=512)
def _template(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _filled(template: str, inside: dict[str, ast.expr]) -> ast.expr:
    def fill(tree: ast.expr) -> ast.expr:
        match tree:
            case ast.Name(id=letter):
                return inside.get(letter, tree)
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(fill(left), op, fill(right))
            case ast.UnaryOp(op=sign, operand=operand):
                return ast.UnaryOp(sign, fill(operand))
            case ast.Call(func=function, args=arguments):
                return ast.Call(function, [fill(each) for each in arguments], [])
            case ast.Compare(left=left, ops=ops, comparators=others):
                return ast.Compare(fill(left), ops, [fill(each) for each in others])
            case _:
                return tree

    return fill(_template(template))


def _number(x: float) -> ast.expr:
    value = int(x) if float(x).is_integer() and abs(x) < 1e15 else x
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def number_of(tree: ast.expr) -> float | None:
    """The number that an expression is, None if it is none.

    >>> number_of(ast.parse("-2.5", mode="eval").body), number_of(ast.parse("x", mode="eval").body)
    (-2.5, None)
    """
    match tree:
        case ast.Constant(value=int(value) | float(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand) if (inner := number_of(operand)) is not None:
            return -inner
        case _:
            return None


def simplified(tree: ast.expr) -> ast.expr:
    """An expression without factors and exponents of 1, and with its numbers computed.

    >>> written(simplified(ast.parse("2*x**(2-1)*1", mode="eval").body))
    '2*x'
    """
    match tree:
        case ast.BinOp(left=left, op=op, right=right):
            left, right = simplified(left), simplified(right)
            a, b = number_of(left), number_of(right)
            match op:
                case ast.Mult() if a == 1:
                    return right
                case ast.Mult() if b == 1:
                    return left
                case ast.Mult() if a == -1:
                    return ast.UnaryOp(ast.USub(), right)
                case ast.Pow() if b == 1:
                    return left
                case ast.Pow() if b == 0:
                    return ast.Constant(1)
                case ast.Div() if b == 1:
                    return left
                case ast.Add() | ast.Sub() if a is not None and b is not None:
                    return _number(a + b if isinstance(op, ast.Add) else a - b)
                case ast.Mult() if a is not None and b is not None:
                    return _number(a * b)
                case _:
                    return ast.BinOp(left, op, right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = simplified(operand)
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return inner.operand
            return ast.UnaryOp(ast.USub(), inner)
        case _:
            return tree


def _elementwise(partial: ast.expr, jacobian: Jacobian, numbers: Set[str]) -> str | None:
    """The Jacobian of an elementwise op: its partial on the diagonal."""
    if not jacobian.out_shape and not jacobian.in_shape:
        return written(partial)
    rows, columns = jacobian.rows, jacobian.columns
    number = number_of(partial)
    if rows == columns == 1:
        return written(partial)
    if rows == columns:
        if not _is_number(partial, numbers):
            return f"diag({written(partial)})"
        unit = f"I{subscript(rows)}"
        if number is not None and abs(number) in (0, 1):
            return "0" if number == 0 else unit if number == 1 else f"-{unit}"
        return written(ast.BinOp(partial, ast.Mult(), ast.Name(unit)))
    if columns == 1:
        # One number used for all entries: a column.
        return written(partial)
    if (
        number is not None
        and jacobian.out_shape[len(jacobian.out_shape) - len(jacobian.in_shape) :] == jacobian.in_shape
    ):
        sign = "" if number == 1 else "-" if number == -1 else f"{written(partial)}*"
        return f"{sign}1 ⊗ I{subscript(columns)}"
    return None


def _ones(count: int) -> str:
    return f"[{' '.join(['1'] * count)}]" if 0 < count <= 4 else "1ᵀ"


def _summed(jacobian: Jacobian) -> str | None:
    """A sum over all axes is a row of ones; over the first or the last ones it is a Kronecker product with one."""
    if jacobian.rows == 1:
        return _ones(jacobian.columns)
    out_shape, in_shape = tuple(n for n in jacobian.out_shape if n != 1), jacobian.in_shape
    if in_shape[: len(out_shape)] == out_shape and in_shape[-len(out_shape) :] != out_shape:
        return f"I{subscript(jacobian.rows)} ⊗ 1ᵀ"
    if in_shape[-len(out_shape) :] == out_shape and in_shape[: len(out_shape)] != out_shape:
        return f"1ᵀ ⊗ I{subscript(jacobian.rows)}"
    return None


def _dimensions(place: int, jacobian: Jacobian) -> tuple[int, int]:
    """The dimensions of both operands of a `dot`, from those of one of them and of the result."""
    own = len(jacobian.in_shape)
    other = len(jacobian.out_shape) + 2 - own
    return (own, other) if place == 0 else (other, own)


def _matrix(tree: ast.expr) -> _Matrix:
    """A matrix in a symbol; `B.T` is Bᵀ, and transposed B."""
    turned = False
    while isinstance(tree, ast.Attribute) and tree.attr in ("T", "mT"):
        turned, tree = not turned, tree.value
    name = written(tree)
    plain = name if isinstance(tree, (ast.Name, ast.Subscript, ast.Call, ast.Attribute)) else f"({name})"
    forms = (plain, f"{plain}ᵀ")
    return _Matrix(forms[turned], forms[not turned])


def _product(parts: list[ast.expr], place: int, op: str, jacobian: Jacobian) -> str:
    a, b = map(_matrix, parts)
    shape = jacobian.out_shape
    m = shape[0] if shape else 1
    n = shape[-1] if shape else 1
    text = _PRODUCTS[op][place]
    return text.format(a=a.plain, b=b.plain, aT=a.transposed, bT=b.transposed, m=subscript(m), n=subscript(n))


def _selected(expression: Expression, jacobian: Jacobian) -> str | None:
    """Picking entries of a vector is picking rows of the identity."""
    tree = expression.tree
    if len(jacobian.in_shape) != 1 or not isinstance(tree, ast.Subscript):
        return None
    if not isinstance(tree.value, ast.Name):
        return None
    unit = ast.Subscript(ast.Name(f"I{subscript(jacobian.columns)}"), tree.slice)
    return written(unit)


def _placed(expression: Expression, place: int, jacobian: Jacobian) -> str | None:
    """Writing into entries of a vector puts what is written there: columns of the identity."""
    target = expression.written_to
    if place != 1 or len(jacobian.out_shape) != 1 or not isinstance(target, ast.Subscript):
        return None
    if isinstance(target.slice, ast.Constant) and target.slice.value is ...:
        return None
    unit = ast.Subscript(ast.Name(f"I{subscript(jacobian.rows)}"), target.slice)
    return f"{written(unit)}ᵀ"


def _other(parts: list[ast.expr], place: int, name: str, op: str, jacobian: Jacobian) -> str | None:
    """The Jacobians of single ops of matrices and vectors."""
    if (op in ("det", "inv") or (op == "solve" and place == 0)) and len(jacobian.in_shape) != 2:
        return None
    a = _matrix(parts[place if op != "solve" else 0])
    if op == "cumsum":
        return "L" if len(jacobian.in_shape) == 1 else None
    if op == "euclidean_norm":
        return f"{a.transposed}/{name}" if len(jacobian.in_shape) == 1 else None
    if op == "variance":
        if len(jacobian.in_shape) != 1 or jacobian.rows != 1:
            return None
        return f"2*({a.plain}-mean({a.plain}))ᵀ/{jacobian.columns}"
    if op == "det":
        return f"{name}*vec({a.plain}⁻ᵀ)ᵀ"
    if op == "inv":
        return f"-{name} ⊗ {name}ᵀ"
    if len(parts) != 2 or len(jacobian.out_shape) > 2:
        return None
    if place == 0:
        return f"-{a.plain}⁻¹ ⊗ {name}ᵀ"
    columns = jacobian.out_shape[1] if len(jacobian.out_shape) == 2 else 1
    return f"{a.plain}⁻¹" if len(jacobian.out_shape) == 1 else f"{a.plain}⁻¹ ⊗ I{subscript(columns)}"


def _by_structure(jacobian: Jacobian) -> str | None:
    """A symbol that tells the structure alone."""
    rows, columns = jacobian.rows, jacobian.columns
    known: dict[str, Callable[[], str]] = {
        "identity": lambda: "1" if rows == 1 else f"I{subscript(rows)}",
        "ones": lambda: _ones(columns),
        "permutation": lambda: "P",
        "selection": lambda: "S",
    }
    return known[jacobian.structure]() if jacobian.structure in known else None


def factor_symbols(symbol: str) -> tuple[str, ...]:
    """The factors of a Kronecker product by their names.

    >>> factor_symbols("I₂ ⊗ Bᵀ"), factor_symbols("A")
    (('I₂', 'Bᵀ'), ('A',))
    """
    return tuple(symbol.split(" ⊗ "))
