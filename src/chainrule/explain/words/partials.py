"""The partials of elementwise ops in the names of the program, and the matrices that they are the entries of."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set
from functools import lru_cache
from math import prod

import numpy as np

from chainrule.explain.words.expression import Shape, Use
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.printing import written

# By op the partial for each operand, a, b and c the operands, y the result and n an exponent that was known when the
# program ran. Elementwise ops only.
_TEMPLATES = {
    "add": "1; 1",
    "subtract": "1; -1",
    "multiply": "b; a",
    "divide": "1/b; -y/b",
    "negative": "-1",
    "positive": "1",
    "convert": "1",
    "reciprocal": "-y**2",
    "square": "2*a",
    "raised": "n*a**(n-1)",
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
    "clip": "b<a<c; a<b<c; maximum(a, b)>c",
    "remainder": "1; -floor(a/b)",
    "degrees": "180/pi",
    "radians": "pi/180",
    "fmod": "1; -trunc(a/b)",
    "logaddexp2": "2**(a-y); 2**(b-y)",
    "expit": "y*(1-y)",
    "log_expit": "1-exp(y)",
    "logit": "1/(a*(1-a))",
    "erf": "2*exp(-a**2)/sqrt(pi)",
    "erfc": "-2*exp(-a**2)/sqrt(pi)",
    "erfi": "2*exp(a**2)/sqrt(pi)",
    "erfcx": "2*a*y-2/sqrt(pi)",
    "dawsn": "1-2*a*y",
    "erfinv": "sqrt(pi)*exp(y**2)/2",
    "erfcinv": "-sqrt(pi)*exp(y**2)/2",
    "ndtr": "exp(-a**2/2)/sqrt(2*pi)",
    "log_ndtr": "exp(-a**2/2-y)/sqrt(2*pi)",
    "ndtri": "sqrt(2*pi)*exp(y**2/2)",
    "gamma": "y*digamma(a)",
    "gammaln": "digamma(a)",
    "loggamma": "digamma(a)",
    "rgamma": "-y*digamma(a)",
    "digamma": "polygamma(1, a)",
    "trigamma": "polygamma(2, a)",
    "beta": "y*(digamma(a)-digamma(a+b)); y*(digamma(b)-digamma(a+b))",
    "betaln": "digamma(a)-digamma(a+b); digamma(b)-digamma(a+b)",
    "j0": "-j1(a)",
    "j1": "j0(a)-y/a",
    "y0": "-y1(a)",
    "y1": "y0(a)-y/a",
    "i0": "i1(a)",
    "i1": "i0(a)-y/a",
    "k0": "-k1(a)",
    "k1": "-k0(a)-y/a",
    "entr": "-log(a)-1",
    "xlogy": "log(b); a/b",
    "xlog1py": "log1p(b); a/(1+b)",
    "rel_entr": "log(a/b)+1; -a/b",
    "kl_div": "log(a/b); 1-a/b",
}
PARTIALS = {op: templates.split("; ") for op, templates in _TEMPLATES.items()}


def partial_of(parts: Sequence[ast.expr], place: int, name: str, op: str, exponent: float) -> ast.expr | None:
    """The partial of an elementwise op in the names of the program."""
    templates = PARTIALS[op]
    if len(templates) == 1:
        # The op has one operand, whatever else the instruction names: x of x**2.
        parts, place = [parts[place]], 0
    if place >= len(templates) or len(parts) < len(templates):
        return None
    inside = dict(zip("abc", parts, strict=False))
    inside |= {"y": ast.Name(name), "n": number_tree(exponent)}
    return simplified(filled(templates[place], inside))


def _letters_of(op: str, place: int) -> str:
    """The letters of the template of a partial: which of the operands and the result it is made of."""
    templates = PARTIALS[op]
    tree = _template(templates[place if len(templates) > 1 else 0])
    return "".join(sorted({each.id for each in ast.walk(tree) if isinstance(each, ast.Name)} & set("abcy")))


@lru_cache(maxsize=512)
def _template(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def filled(template: str, inside: dict[str, ast.expr]) -> ast.expr:
    """A template with expressions in place of its letters."""

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


def number_tree(x: float) -> ast.expr:
    """A number as an expression.

    >>> written(number_tree(-2.0))
    '-2'
    """
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
                    return number_tree(a + b if isinstance(op, ast.Add) else a - b)
                case ast.Mult() if a is not None and b is not None:
                    return number_tree(a * b)
                case _:
                    return ast.BinOp(left, op, right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = simplified(operand)
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return inner.operand
            return ast.UnaryOp(ast.USub(), inner)
        case _:
            return tree


def is_number(tree: ast.expr, numbers: Set[str]) -> bool:
    """Whether an expression is a single number: it names nothing else."""
    functions = {id(each.func) for each in ast.walk(tree) if isinstance(each, ast.Call)}
    names = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and id(each) not in functions]
    return all(each.id in numbers or each.id == "pi" for each in names)


def elementwise(use: Use) -> str | None:
    """The Jacobian of an elementwise op: its partial on the diagonal, times how the operand is broadcast."""
    partial = partial_of(use.parts, use.place, use.name, use.op, use.exponent)
    if partial is None or not all(map(use.is_shown, _places_of(use))):
        return None
    out_shape, in_shape = use.jacobian.out_shape, use.jacobian.in_shape
    rows, columns = use.jacobian.rows, use.jacobian.columns
    if rows == columns == 1:
        return written(partial)
    number = number_of(partial)
    if is_number(partial, use.expression.numbers):
        if rows == columns:
            unit = f"I{subscript(rows)}"
            if number is not None and abs(number) in (0, 1):
                return "0" if number == 0 else unit if number == 1 else f"-{unit}"
            return written(ast.BinOp(partial, ast.Mult(), ast.Name(unit)))
        if columns == 1:
            # One number used for all entries: a column.
            ones = f"1{subscript(rows)}"
            if number is not None and abs(number) in (0, 1):
                return "0" if number == 0 else ones if number == 1 else f"-{ones}"
            return written(ast.BinOp(partial, ast.Mult(), ast.Name(ones)))
        spread = _spread(out_shape, in_shape)
        if number is None or spread is None or not _is_taken_as_it_is(use):
            return None
        return f"{'' if number == 1 else '-' if number == -1 else f'{written(partial)}*'}{spread}"
    shape = _shape_of(use)
    if shape is None:
        return None
    if shape == out_shape:
        if rows == columns:
            return f"diag({written(partial)})"
        if columns == 1:
            return written(partial) if len(out_shape) == 1 else f"vec({written(partial)})"
        spread = _spread(out_shape, in_shape) if _is_taken_as_it_is(use) else None
        return None if spread is None else f"diag({written(partial)})@({spread})"
    if not _is_taken_as_it_is(use) or (rows != columns and prod(shape) != columns):
        return None
    # The partial is broadcast: along the first axes, or along the last ones.
    spread = _spread(out_shape, shape)
    if spread is None:
        return None
    unit = "1" if rows != columns else f"I{subscript(rows // prod(shape))}"
    in_front = spread.startswith("1 ")
    if rows != columns and in_front != (_spread(out_shape, in_shape) or "").startswith("1 "):
        return None
    diagonal = f"diag({written(partial)})"
    return f"{unit} ⊗ {diagonal}" if in_front else f"{diagonal} ⊗ {unit}"


def _places_of(use: Use) -> list[int]:
    """The places of the operands that a partial is made of."""
    if len(PARTIALS[use.op]) == 1:
        return []
    return ["abc".index(letter) for letter in _letters_of(use.op, use.place) if letter != "y"]


def _is_taken_as_it_is(use: Use) -> bool:
    """Whether the op takes the operand in its own shape, and not by another axis as an outer product does."""
    shapes = use.expression.shapes
    return use.place < len(shapes) and shapes[use.place] == use.jacobian.in_shape


def _shape_of(use: Use) -> Shape | None:
    """The shape that the parts of the partial have together; None if one of them is not known."""
    letters = _letters_of(use.op, use.place)
    if len(PARTIALS[use.op]) == 1:
        known: dict[str, Shape | None] = {"a": use.jacobian.in_shape}
    else:
        known = dict(zip("abc", use.expression.shapes, strict=False))
    known["y"] = use.jacobian.out_shape
    shapes = [known.get(letter) for letter in letters]
    if None in shapes:
        return None
    return np.broadcast_shapes(*(shape for shape in shapes if shape is not None))


def _spread(out_shape: Shape, in_shape: Shape) -> str | None:
    """How an array is repeated along the first or the last axes, as a matrix: 1 ⊗ I or I ⊗ 1."""
    count = prod(in_shape)
    if count in (0, 1) or count == prod(out_shape):
        return None
    own = in_shape
    while own and own[0] == 1:
        own = own[1:]
    if out_shape[len(out_shape) - len(own) :] == own:
        return f"1 ⊗ I{subscript(count)}"
    while own and own[-1] == 1:
        own = own[:-1]
    if len(in_shape) == len(out_shape) and in_shape[: len(own)] == own and out_shape[: len(own)] == own:
        return f"I{subscript(count)} ⊗ 1"
    return None
