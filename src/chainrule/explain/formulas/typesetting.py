"""Expressions and symbols as mathematics: `x*exp(v)` becomes x·eᵛ, `diag(2*y)` keeps its name."""

from __future__ import annotations

import ast
import re

from chainrule.explain.formulas.tree import (
    GREEK_NAMES,
    Bold,
    Fenced,
    Formula,
    Fraction,
    Function,
    Lowered,
    Name,
    Number,
    Raised,
    Root,
    Row,
    Sign,
    Sum,
    Words,
    joined,
    row,
)
from chainrule.explain.words.figures import short
from chainrule.explain.words.notation import lowered_number

TRANSPOSED = Sign("transposed")
# How tightly an expression holds together.
_COMPARISON, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(1, 7)
# Matrices that their size is written below: the identity, and that of the discrete Fourier transform.
_SIZED = {"I": "unit_", "F": "fourier_"}
# What is a symbol's own, as an expression of Python that can be parsed.
_SYMBOLIC = (
    (re.compile(r"(?<![\w\]])\[1(?: 1)*\]"), "ones_.T"),
    (re.compile(r"(?<![\w.\]])1ᵀ"), "ones_.T"),
    (re.compile(r"(?<![\w.\]])1([₀-₉]+)"), lambda digits: f"column_{lowered_number(digits[1])}"),
    (re.compile(r"(?<![\w.\]])1 ⊗"), "ones_ ⊗"),
    (re.compile(r"⊗ 1(?!\w)"), "⊗ ones_"),
    (re.compile(r"\(·\)"), "(free_)"),
    (re.compile(r"·"), "free_"),
    (re.compile(r"⁻ᵀ"), ".inverse_.T"),
    (re.compile(r"⁻¹"), ".inverse_"),
    (re.compile(r"ᵀ"), ".T"),
    (re.compile(r"⊗"), "^"),
    (re.compile("([IF])([₀-₉]+)"), lambda found: f"{_SIZED[found[1]]}{lowered_number(found[2])}"),
)
_DEEPEST = 60


def expression_formula(text: str) -> Formula:
    """A node's expression as mathematics; one that is no expression of Python as text."""
    if "←" in text:
        return joined(map(expression_formula, text.split("←", 1)), Sign("gets"))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Words((text,))
    return tree_formula(tree)


def symbol_formula(text: str) -> Formula:
    """The symbol of a local derivative as mathematics."""
    match = re.fullmatch(r"∂([^/]+)/∂(.+)", text)
    if match is not None:
        return derivative(name_formula(match[1]), name_formula(match[2]))
    for pattern, replacement in _SYMBOLIC:
        text = pattern.sub(replacement, text)
    return expression_formula(text)


def derivative(result: Formula, operand: Formula, sign: str = "partial") -> Formula:
    """The derivative of one by the other as a fraction."""
    return Fraction(row(Sign(sign), result), row(Sign(sign), operand))


def number_formula(x: object) -> Formula:
    """A number with four digits; an exponent is a power of ten."""
    text = short(x)
    match = re.fullmatch(r"(-?)([\d.]+)e([+-])0*(\d+)", text)
    if match is not None:
        sign = (Sign("minus"),) if match[1] else ()
        exponent = ("-" if match[3] == "-" else "") + match[4]
        power = Raised(Number("10"), _plain_number(exponent))
        return row(sign, power if match[2] == "1" else [Number(match[2]), Sign("times"), power])
    return _plain_number(text)


def _plain_number(text: str) -> Formula:
    if text.lstrip("-") == "inf":
        return row((Sign("minus"),) if text[0] == "-" else (), Sign("infinity"))
    if text == "nan" or "j" in text:
        return Words((text,))
    return row((Sign("minus"), Number(text[1:]))) if text[0] == "-" else Number(text)


def name_formula(name: str, use: int | None = None) -> Formula:
    """A node's name: digits at its end are an index, and so is what follows a `_`; a use comes after them."""
    formula = _name(name)
    if use is None:
        return formula
    if isinstance(formula, Lowered):
        return Lowered(formula.body, row(formula.below, Sign("comma"), Number(str(use))))
    return Lowered(formula, Number(str(use)))


def element_formula(name: str, index: tuple[int, ...], use: int | None = None) -> Formula:
    """An element of an array, by an index below."""
    formula = name_formula(name, use)
    if not index:
        return formula
    below = joined([Number(str(k)) for k in index], Sign("comma"))
    if isinstance(formula, Lowered):
        return Lowered(Fenced(formula), below)
    return Lowered(formula, below)


def _name(name: str) -> Formula:
    match = re.fullmatch(r"([^\W\d_]+?)_?(\d+)", name)
    if match is not None:
        return Lowered(_word(match[1]), Number(match[2]))
    head, _, tail = name.partition("_")
    if head and tail and name.isidentifier():
        return Lowered(_word(head), _word(tail.replace("_", " ")))
    if name.isidentifier():
        return _word(name)
    if name == "…":
        return Sign("dots")
    try:
        tree = ast.parse(name, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Words((name,))
    return tree_formula(tree) if isinstance(tree, (ast.Subscript, ast.Attribute)) else Words((name,))


def _word(text: str) -> Formula:
    if text.isascii():
        return Name(text)
    return Name(GREEK_NAMES[text]) if text in GREEK_NAMES else Words((text,))


def tree_formula(tree: ast.expr) -> Formula:
    """A syntax tree as mathematics."""
    return _formula(tree, 0)[0]


def _formula(tree: ast.expr, depth: int) -> tuple[Formula, int]:
    """A tree as mathematics, and how tightly it holds together."""
    if depth > _DEEPEST:
        return Sign("dots"), _ATOM
    below = depth + 1
    match tree:
        case ast.Name(id="ones_"):
            return Bold("1"), _ATOM
        case ast.Name(id=name) if name.startswith("column_"):
            return Lowered(Bold("1"), Number(name.removeprefix("column_"))), _ATOM
        case ast.Name(id="free_"):
            return Sign("dot"), _COMPARISON
        case ast.Name(id=name) if name.startswith(tuple(_SIZED.values())):
            letter = next(letter for letter, prefix in _SIZED.items() if name.startswith(prefix))
            return Lowered(Name(letter), Number(name.rpartition("_")[2])), _ATOM
        case ast.Name(id=name):
            return name_formula(name), _ATOM
        case ast.Constant(value=bool(value)):
            return Words((str(value),)), _ATOM
        case ast.Constant(value=int(number) | float(number)):
            return number_formula(number), _ATOM
        case ast.BinOp(left=left, op=op, right=right):
            return _operation(left, op, right, below)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return row(Sign("minus"), _held(operand, _PRODUCT, below)), _SIGNED
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _RELATIONS for op in ops):
            items = [_held(left, _SUM, below)]
            for comparison, other in zip(ops, others, strict=True):
                items += [Sign(_RELATIONS[type(comparison)]), _held(other, _SUM, below)]
            return row(items), _COMPARISON
        case ast.Constant(value=str()):
            return Words((ast.unparse(tree),)), _ATOM
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
            return _call(function, arguments, below)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=keywords) if all(
            each.arg for each in keywords
        ):
            return row(Function(function), _arguments(arguments, keywords, below)), _ATOM
        case ast.Call(func=ast.Attribute(value=value, attr=method), args=[], keywords=[]) if method in ("sum", "mean"):
            return _call(method, [value], below)
        case ast.Attribute(value=value, attr="T" | "mT"):
            body, held = _formula(value, below)
            return Raised(_atom(body, held), TRANSPOSED), _POWER
        case ast.Attribute(value=value, attr="inverse_"):
            body, held = _formula(value, below)
            return Raised(_atom(body, held), row(Sign("minus"), Number("1"))), _POWER
        case ast.Call(func=ast.Attribute(value=value, attr=method), args=arguments, keywords=keywords) if all(
            each.arg for each in keywords
        ):
            body, held = _formula(value, below)
            return row(_atom(body, held), Words((f".{method}",)), _arguments(arguments, keywords, below)), _ATOM
        case ast.Subscript(value=value, slice=index) if (place := _index(index, below)) is not None:
            body, held = _formula(value, below)
            if isinstance(value, ast.Name) and value.id.startswith(tuple(_SIZED.values())):
                # Rows of a matrix whose size is below it already.
                return row(body, Fenced(place, "[", "]")), _ATOM
            return Lowered(Fenced(body) if isinstance(body, Lowered) else _atom(body, held), place), _ATOM
        case _:
            try:
                return Words((ast.unparse(tree),)), _ATOM
            except (ValueError, RecursionError, AttributeError):
                return Sign("dots"), _ATOM


_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "different",
    ast.Lt: "less",
    ast.LtE: "atmost",
    ast.Gt: "greater",
    ast.GtE: "atleast",
}


def _atom(body: Formula, held: int) -> Formula:
    return body if held >= _ATOM else Fenced(body)


def _held(tree: ast.expr, least: int, depth: int) -> Formula:
    """A tree as mathematics, in parentheses if it does not hold together tightly enough."""
    body, held = _formula(tree, depth)
    return body if held >= least else Fenced(body)


def _operation(left: ast.expr, op: ast.operator, right: ast.expr, depth: int) -> tuple[Formula, int]:
    match op:
        case ast.Add() | ast.Sub():
            sign = Sign("plus" if isinstance(op, ast.Add) else "minus")
            return row(_held(left, _SUM, depth), sign, _held(right, _PRODUCT, depth)), _SUM
        case ast.Mult():
            a, b = _held(left, _PRODUCT, depth), _held(right, _PRODUCT + 2, depth)
            # 2y, but 2·3.
            juxtaposed = isinstance(a, Number) and not isinstance(_first(b), Number)
            return row(a, b) if juxtaposed else row(a, Sign("dot"), b), _PRODUCT
        case ast.MatMult():
            a, b = _held(left, _PRODUCT, depth), _held(right, _PRODUCT + 2, depth)
            thin = () if _is_letter(a) and _is_letter(b) else (Sign("thin"),)
            return row(a, thin, b), _PRODUCT
        case ast.BitXor():
            return row(_held(left, _PRODUCT, depth), Sign("kronecker"), _held(right, _PRODUCT, depth)), _SUM
        case ast.Div():
            return Fraction(_formula(left, depth)[0], _formula(right, depth)[0]), _POWER
        case ast.Pow():
            base, held = _formula(left, depth)
            if isinstance(base, (Raised, Fraction)):
                held = _PRODUCT
            return Raised(_atom(base, held), _formula(right, depth)[0]), _POWER
        case ast.FloorDiv():
            inside = Fraction(_formula(left, depth)[0], _formula(right, depth)[0])
            return Fenced(inside, "⌊", "⌋", tall=True), _ATOM
        case ast.Mod():
            return row(_held(left, _SIGNED, depth), Function("mod"), _held(right, _SIGNED, depth)), _PRODUCT
        case _:
            return Words((ast.unparse(ast.BinOp(left, op, right)),)), _COMPARISON


def _first(formula: Formula) -> Formula:
    while isinstance(formula, (Row, Raised)):
        formula = formula.items[0] if isinstance(formula, Row) else formula.body
    return formula


def _is_letter(formula: Formula) -> bool:
    return (isinstance(formula, Name) and len(formula.text) == 1) or (
        isinstance(formula, Raised) and _is_letter(formula.body)
    )


def _call(function: str, arguments: list[ast.expr], depth: int) -> tuple[Formula, int]:
    inside = [_formula(each, depth) for each in arguments]
    if len(inside) == 1:
        (body, held) = inside[0]
        match function:
            case "exp":
                return Raised(Name("e"), body), _POWER
            case "sqrt":
                return Root(body), _ATOM
            case "sum":
                return row(Sum(), body if held >= _PRODUCT else Fenced(body)), _PRODUCT
            case "abs" | "absolute":
                return Fenced(body, "|", "|"), _ATOM
            case "norm":
                return Fenced(body, "‖", "‖"), _ATOM
            case "square":
                return Raised(_atom(body, held), Number("2")), _POWER
            case "log":
                function = "ln"
            case "transpose":
                return Raised(_atom(body, held), TRANSPOSED), _POWER
            case _:
                pass
    name = Function(function)
    return row(name, Fenced(joined([body for body, _ in inside], Sign("comma")))), _ATOM


def _arguments(arguments: list[ast.expr], keywords: list[ast.keyword], depth: int) -> Formula:
    """What stands between the brackets of a call."""
    inside = [_formula(each, depth)[0] for each in arguments]
    inside += [row(Words((f"{each.arg}=",)), _formula(each.value, depth)[0]) for each in keywords]
    return Fenced(joined(inside, Sign("comma")))


def _index(tree: ast.expr, depth: int) -> Formula | None:
    """What stands between brackets, as an index."""
    match tree:
        case ast.Constant(value=str(text)):
            return Words((text,))
        case ast.Constant(value=None):
            return Words(("None",))
        case ast.Constant(value=value) if value is ...:
            return Sign("dots")
        case ast.Tuple(elts=items) if items:
            parts = [_index(each, depth) for each in items]
            return None if None in parts else joined([part for part in parts if part is not None], Sign("comma"))
        case ast.Slice(lower=lower, upper=upper, step=step):
            first, last, by = [() if end is None else (_formula(end, depth)[0],) for end in (lower, upper, step)]
            return row(first, Sign("colon"), last, (Sign("colon"), *by) if by else ())
        case _:
            return _formula(tree, depth)[0]
