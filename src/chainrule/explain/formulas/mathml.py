"""Mathematics as presentation MathML, with its LaTeX as an annotation."""

from __future__ import annotations

from html import escape

from chainrule.explain.formulas.derivation import derivation
from chainrule.explain.formulas.latex import formula_latex
from chainrule.explain.formulas.tree import (
    GREEK,
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
    "different": "≠",
    "less": "<",
    "atmost": "≤",
    "greater": ">",
    "atleast": "≥",
    "plus": "+",
    "minus": "−",
    "dot": "⋅",
    "times": "×",
    "by": "×",
    "kronecker": "⊗",
    "comma": ",",
    "colon": ":",
    "dots": "…",
    "in": "∈",
    "iff": "⟺",
    "gets": "←",
}
# Signs that are set as variables are.
_LETTERS = {"partial": "∂", "differential": "d", "nabla": "∇", "transposed": "⊤", "infinity": "∞", "reals": "ℝ"}
_SPACES = {"thin": "0.17em", "thick": "0.28em", "quad": "1em", "qquad": "2em"}
# Where the source of LaTeX goes on on a new line.
_NOTHING = frozenset(("newline", "indent"))
_BOLD = {"1": "𝟏", "0": "𝟎"}


def mathml(program: Program, level: str = "steps") -> str:
    """The derivation of a gradient as a displayed formula in MathML, which browsers show without any library.

    Parameters
    ----------
    program
        What to derive the gradient of.
    level
        As for `latex`.

    Returns
    -------
    str
        A `math` element; its annotation of type `application/x-tex` is what `latex` gives.

    Raises
    ------
    ValueError
        There is no such level.
    """
    return formula_mathml(derivation(program, level), display=True)


def formula_mathml(formula: Formula, *, display: bool = False) -> str:
    """A formula as a `math` element, with its LaTeX as an annotation.

    >>> formula_mathml(Raised(Name("x"), Number("2")))[:60]
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics>'
    """
    shown = ' display="block"' if display else ""
    return (
        f'<math xmlns="http://www.w3.org/1998/Math/MathML"{shown}><semantics><mrow>{element(formula)}</mrow>'
        f'<annotation encoding="application/x-tex">{_escaped(formula_latex(formula))}</annotation></semantics></math>'
    )


def element(formula: Formula) -> str:
    """A formula as elements of MathML.

    >>> element(Fraction(Number("1"), Name("x")))
    '<mfrac><mn>1</mn><mi>x</mi></mfrac>'
    """
    match formula:
        case Name(text=text):
            return f"<mi>{GREEK.get(text) or _escaped(text)}</mi>"
        case Number(text=text):
            return f"<mn>{_escaped(text)}</mn>"
        case Bold(text=text):
            return f"<mn>{_BOLD.get(text, _escaped(text))}</mn>"
        case Function(text=text):
            return f"<mi>{_escaped(text)}</mi><mo>&#x2061;</mo>"
        case Sign(key=key):
            return _sign(key)
        case Words(parts=parts):
            return "".join(
                element(part) if isinstance(part, Formula) else f"<mtext>{_spaced(part)}</mtext>" for part in parts
            )
        case Row(items=items):
            return _row(items)
        case Fraction(numerator=numerator, denominator=denominator):
            return f"<mfrac>{_one(numerator)}{_one(denominator)}</mfrac>"
        case Raised(body=body, above=above):
            return f"<msup>{_one(body)}{_one(above)}</msup>"
        case Lowered(body=body, below=below):
            return f"<msub>{_one(body)}{_one(below)}</msub>"
        case Root(body=body):
            return f"<msqrt>{element(body)}</msqrt>"
        case Fenced(body=body, opening=opening, closing=closing):
            return (
                f'<mrow><mo fence="true" form="prefix">{_escaped(opening)}</mo>{element(body)}'
                f'<mo fence="true" form="postfix">{_escaped(closing)}</mo></mrow>'
            )
        case Braced(body=body, remark=remark):
            braced = f'<munder>{_one(body)}<mo stretchy="true">⏟</mo></munder>'
            return f"<munder>{braced}{_one(remark)}</munder>"
        case Sum(below=None):
            return "<mo>∑</mo>"
        case Sum(below=below, above=above):
            assert below is not None
            if above is None:
                return f"<munder><mo>∑</mo>{_one(below)}</munder>"
            return f"<munderover><mo>∑</mo>{_one(below)}{_one(above)}</munderover>"
        case Matrix(rows=rows):
            inside = "".join(f"<mtr>{''.join(f'<mtd>{element(entry)}</mtd>' for entry in each)}</mtr>" for each in rows)
            return f'<mrow><mo fence="true">[</mo><mtable>{inside}</mtable><mo fence="true">]</mo></mrow>'
        case Lines(lines=lines):
            return _lines(lines)
        case _:
            raise TypeError(f"no formula: {formula!r}")


def _sign(key: str) -> str:
    if key in _NOTHING:
        return ""
    if key in _SPACES:
        return f'<mspace width="{_SPACES[key]}"/>'
    if key in _LETTERS:
        # Upright, but a variable that is derived by stands next to it.
        return f'<mi mathvariant="normal">{_LETTERS[key]}</mi>'
    return f"<mo>{_escaped(_SIGNS[key])}</mo>"


def _row(items: tuple[Formula, ...]) -> str:
    text = ""
    before: Formula | None = None
    for item in items:
        if isinstance(item, Fraction) and isinstance(before, Fraction):
            # Two fractions side by side would look like one.
            text += _sign("thin")
        text += element(item)
        before = item
    return text


def _one(formula: Formula) -> str:
    """A formula as exactly one element."""
    if isinstance(formula, (Row, Function, Words)) or (isinstance(formula, Sign) and formula.key in _NOTHING):
        return f"<mrow>{element(formula)}</mrow>"
    return element(formula)


def _lines(lines: tuple[tuple[Formula, ...], ...]) -> str:
    """Equations whose first cells are set to the right and whose second ones to the left."""
    columns = max(map(len, lines), default=2)
    rows = ""
    for cells in lines:
        rows += "<mtr>"
        for k in range(columns):
            inside = element(cells[k]) if k < len(cells) else ""
            side = "left" if k % 2 else "right"
            rows += f'<mtd columnalign="{side}" style="text-align:{side}">{inside}</mtd>'
        rows += "</mtr>"
    return f'<mtable displaystyle="true" rowspacing="0.4em">{rows}</mtable>'


def _spaced(text: str) -> str:
    """Text whose spaces at its ends count."""
    escaped = _escaped(text)
    head, tail = len(escaped) - len(escaped.lstrip(" ")), len(escaped) - len(escaped.rstrip(" "))
    if not escaped.strip(" "):
        return "\u00a0" * len(escaped)
    return "\u00a0" * head + escaped.strip(" ") + "\u00a0" * tail


def _escaped(text: str) -> str:
    return escape("".join(character for character in text if character.isprintable() or character == "\n"))
