"""Expressions of Python as text: compact, `x*exp(x*x)`, or with spaces round the operators but `**`."""

from __future__ import annotations

import ast
import math

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 5),
    ast.BitXor: ("^", 6),
    ast.BitAnd: ("&", 7),
    ast.LShift: ("<<", 8),
    ast.RShift: (">>", 8),
    ast.Add: ("+", 9),
    ast.Sub: ("-", 9),
    ast.Mult: ("*", 10),
    ast.MatMult: ("@", 10),
    ast.Div: ("/", 10),
    ast.FloorDiv: ("//", 10),
    ast.Mod: ("%", 10),
    ast.Pow: ("**", 12),
}
_UNARY: dict[type[ast.unaryop], tuple[str, int]] = {
    ast.UAdd: ("+", 11),
    ast.USub: ("-", 11),
    ast.Invert: ("~", 11),
    ast.Not: ("not ", 3),
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_COMPARISON = 4
_HIGHEST = 14
# Expressions nested deeper than this are not written but stand for themselves as an ellipsis.
_DEEPEST = 60


def written(tree: ast.expr, *, spaced: bool = False) -> str:
    """An expression as text. A name may be any text: that of a node.

    >>> written(ast.parse("x * np.exp( (x+1)**2 )", mode="eval").body)
    'x*np.exp((x+1)**2)'
    >>> written(ast.parse("(a+b)*-(b@c)**2", mode="eval").body, spaced=True)
    '(a + b) * -(b @ c)**2'
    """
    return _Printer(spaced).text(tree, 0, 0)


def spaced(text: str) -> str:
    """A compact expression with spaces round its operators; as it is if it is no expression of Python.

    >>> spaced("A@x"), spaced("y[0]←s")
    ('A @ x', 'y[0] ← s')
    """
    if "←" in text:
        return " ← ".join(map(spaced, text.split("←")))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    return written(tree, spaced=True)


class _Printer:
    def __init__(self, spaced: bool) -> None:
        self.space = " " if spaced else ""

    def text(self, tree: ast.expr, above: int, depth: int) -> str:
        """An expression, in parentheses if what is above binds tighter."""
        if depth > _DEEPEST:
            return "…"
        below = depth + 1
        match tree:
            case ast.Name(id=name):
                return name
            case ast.BinOp(left=left, op=op, right=right):
                sign, level = _BINARY[type(op)]
                if sign == "**":
                    text = f"{self.text(left, level + 1, below)}**{self.text(right, level - 1, below)}"
                else:
                    text = (
                        f"{self.text(left, level, below)}{self.space}{sign}{self.space}"
                        f"{self.text(right, level + 1, below)}"
                    )
            case ast.UnaryOp(op=unary, operand=operand):
                sign, level = _UNARY[type(unary)]
                text = f"{sign}{self.text(operand, level, below)}"
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARED for op in ops):
                level = _COMPARISON
                text = self.text(left, level + 1, below)
                for comparison, other in zip(ops, others, strict=True):
                    text += f"{self.space}{_COMPARED[type(comparison)]}{self.space}{self.text(other, level + 1, below)}"
            case ast.Call(func=function, args=arguments, keywords=keywords):
                level = _HIGHEST
                parts = [self.text(each, 0, below) for each in arguments]
                parts += [
                    f"{each.arg}={self.text(each.value, 1, below)}"
                    if each.arg
                    else f"**{self.text(each.value, 1, below)}"
                    for each in keywords
                ]
                text = f"{self.text(function, level, below)}({', '.join(parts)})"
            case ast.Attribute(value=value, attr=name):
                level = _HIGHEST
                text = f"{self.text(value, level, below)}.{name}"
            case ast.Subscript(value=value, slice=index):
                level = _HIGHEST
                text = f"{self.text(value, level, below)}[{self.index(index, below)}]"
            case ast.List(elts=items):
                return f"[{', '.join(self.text(each, 1, below) for each in items)}]"
            case ast.Tuple(elts=items):
                inside = ", ".join(self.text(each, 1, below) for each in items)
                return f"({inside},)" if len(items) == 1 else f"({inside})"
            case ast.Starred(value=value):
                return f"*{self.text(value, 5, below)}"
            case ast.Constant(value=int() | float() as number) if math.isfinite(number):
                return repr(number)
            case ast.Constant():
                return ast.unparse(tree) if not isinstance(tree.value, str) or len(tree.value) < 40 else "'…'"
            case _:
                # The rest is rare in formulas, and is written as Python writes it.
                level = 1
                text = ast.unparse(tree)
        return f"({text})" if level < above else text

    def index(self, tree: ast.expr, depth: int) -> str:
        """What stands between brackets: a tuple without its parentheses, slices."""
        if isinstance(tree, ast.Tuple) and tree.elts:
            return ",".join(self.index(each, depth) for each in tree.elts) + ("," if len(tree.elts) == 1 else "")
        if isinstance(tree, ast.Slice):
            ends = [tree.lower, tree.upper]
            text = ":".join("" if end is None else self.text(end, 1, depth) for end in ends)
            return text if tree.step is None else f"{text}:{self.text(tree.step, 1, depth)}"
        return self.text(tree, 1, depth)
