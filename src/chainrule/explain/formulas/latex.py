r"""Mathematics as LaTeX, for KaTeX, MathJax and LaTeX with amsmath."""

from __future__ import annotations

import re

from chainrule.explain.formulas.derivation import derivation
from chainrule.explain.formulas.tree import (
    GREEK,
    GREEK_NAMES,
    Bold,
    Braced,
    Fenced,
    Formula,
    Fraction,
    Function,
    Lines,
    Lowered,
    Matrix,
    Name,
    Number,
    Raised,
    Root,
    Row,
    Sign,
    Sum,
    Words,
)
from chainrule.explain.program import Program

_SIGNS = {
    "equals": "=",
    "equal": "=",
    "different": r"\ne",
    "less": "<",
    "atmost": r"\le",
    "greater": ">",
    "atleast": r"\ge",
    "plus": "+",
    "minus": "-",
    "dot": r"\cdot ",
    "times": r"\times ",
    # Between the lengths of a shape above the line.
    "by": r"\times",
    "kronecker": r"\otimes",
    "comma": ",",
    "colon": "{:}",
    "dots": r"\ldots",
    "partial": r"\partial",
    "differential": r"\mathrm{d}",
    "nabla": r"\nabla",
    "transposed": r"\top",
    "infinity": r"\infty",
    "in": r"\in",
    "reals": r"\mathbb{R}",
    "iff": r"\iff ",
    "gets": r"\leftarrow",
    "thin": r"\,",
    "thick": r"\;",
    "quad": r"\quad",
    "qquad": r"\qquad",
    # Where the source goes on on a new line.
    "newline": "\n",
    "indent": "\n ",
}
# Functions with a command of their own.
_COMMANDS = frozenset("sin cos tan sinh cosh tanh arcsin arccos arctan exp ln log max min det".split())
_BRACKETS = {"⌊": r"\lfloor", "⌋": r"\rfloor", "‖": r"\Vert"}
# What KaTeX sets in text: Latin with accents, Cyrillic, Armenian, Indian scripts, Georgian, Chinese, Japanese, Korean.
_SUPPORTED = (
    range(0x20, 0x7F),
    range(0xC0, 0x100),
    range(0x100, 0x250),
    range(0x300, 0x370),
    range(0x400, 0x500),
    range(0x530, 0x590),
    range(0x900, 0x1100),
    range(0x3000, 0x3100),
    range(0x4E00, 0x9FB0),
    range(0xAC00, 0xD7B0),
    range(0xFF00, 0xFF61),
)
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


def latex(program: Program, level: str = "steps") -> str:
    r"""The derivation of a gradient in LaTeX, to be set as a displayed formula.

    Parameters
    ----------
    program
        What to derive the gradient of.
    level
        "result", the derivatives alone; "steps", the chain rule in symbols; "numbers", with the number of each local
        derivative.

    Returns
    -------
    str
        An `aligned` environment. It needs amsmath and amssymb in LaTeX, nothing in KaTeX.

    Raises
    ------
    ValueError
        There is no such level.
    """
    return formula_latex(derivation(program, level))


def formula_latex(formula: Formula) -> str:
    r"""A formula in LaTeX.

    >>> formula_latex(Row((Name("x"), Sign("dot"), Raised(Name("e"), Name("v")))))
    'x\\cdot e^{v}'
    """
    match formula:
        case Name(text=text):
            if text in GREEK:
                return f"\\{text}"
            return text if len(text) == 1 else rf"\mathrm{{{escaped_latex(text)}}}"
        case Number(text=text):
            return text
        case Sign(key=key):
            return _SIGNS[key]
        case Function(text=text):
            return f"\\{text}" if text in _COMMANDS else rf"\operatorname{{{escaped_latex(text)}}}"
        case Words(parts=parts):
            inside = [
                escaped_latex(part) if isinstance(part, str) else f"${_bare(formula_latex(part))}$" for part in parts
            ]
            return rf"\text{{{''.join(inside)}}}"
        case Bold(text=text):
            return rf"\mathbf{{{text}}}"
        case Row(items=items):
            return _joined([formula_latex(item) for item in items])
        case Fraction(numerator=numerator, denominator=denominator):
            return rf"\frac{{{formula_latex(numerator)}}}{{{formula_latex(denominator)}}}"
        case Raised(body=body, above=above):
            inner = formula_latex(body)
            if isinstance(body, Raised):
                inner = f"{{{inner}}}"
            return f"{inner}^{{{formula_latex(above)}}}"
        case Lowered(body=body, below=below):
            return f"{formula_latex(body)}_{{{formula_latex(below)}}}"
        case Root(body=body):
            return rf"\sqrt{{{formula_latex(body)}}}"
        case Fenced(body=body, opening=opening, closing=closing, tall=tall):
            left, right = _BRACKETS.get(opening, opening), _BRACKETS.get(closing, closing)
            tall = tall or _is_tall(body)
            return _joined(
                [rf"\left{left}" if tall else left, formula_latex(body), rf"\right{right}" if tall else right]
            )
        case Braced(body=body, remark=remark):
            return rf"\underbrace{{{formula_latex(body)}}}_{{{formula_latex(remark)}}}"
        case Sum(below=below, above=above):
            bounds = "" if below is None else f"_{{{formula_latex(below)}}}"
            return r"\sum" + bounds + ("" if above is None else f"^{{{formula_latex(above)}}}")
        case Matrix(rows=rows):
            inner = r"\\".join("&".join(formula_latex(entry) for entry in each) for each in rows)
            return rf"\begin{{bmatrix}}{inner}\end{{bmatrix}}"
        case Lines(lines=lines, wide=wide):
            text = ""
            for k, cells in enumerate(lines):
                text += "&".join(formula_latex(cell) for cell in cells)
                text += "" if k == len(lines) - 1 else "\\\\[2pt]\n" if k in wide else "\\\\\n"
            return f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}"
        case _:
            raise TypeError(f"no formula: {formula!r}")


def _is_tall(formula: Formula) -> bool:
    """Whether brackets have to grow."""
    if isinstance(formula, Row):
        return any(map(_is_tall, formula.items))
    return isinstance(formula, (Fraction, Matrix, Sum)) or (isinstance(formula, Raised) and _is_tall(formula.body))


def _joined(parts: list[str]) -> str:
    """Pieces one after the other, with a space where a command would run into what follows."""
    text = ""
    for part in parts:
        if part[:1].isalpha() and re.search(r"\\[A-Za-z]+$", text):
            text += " "
        text += part
    return text


def _bare(text: str) -> str:
    """Indices of one digit without braces, as they are written by hand: x_1."""
    return re.sub(r"_\{(\d)\}", r"_\1", text)


def escaped_latex(text: str) -> str:
    r"""A text that means itself in LaTeX's text mode; characters that KaTeX has no font for are question marks.

    >>> escaped_latex("a_b & 50%, α")
    'a\\_b \\& 50\\%, $\\alpha$'
    """
    return "".join(_escaped(character) for character in text if character.isprintable())


def _escaped(character: str) -> str:
    if character in GREEK_NAMES:
        return f"$\\{GREEK_NAMES[character]}$"
    if character in _ESCAPED:
        return _ESCAPED[character]
    code = ord(character)
    return character if any(code in each for each in _SUPPORTED) else "?"
