"""How names are written in text: uses, elements, adjoints, derivatives; and the same with ASCII characters alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from chainrule.explain.program import Edge, Program

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ASCII = {
    "∂": "d",
    "∇": "grad ",
    "→": "->",
    "←": "<-",
    "·": "*",
    "×": "x",
    "⊗": "(x)",
    "ᵀ": "^T",
    "✓": "ok:",
    "⚠": "!",
    "…": "...",
    "κ": "kappa",
    "Σ": "sum",
    "≈": "~",
}
_MACRON = "\u0304"
_DOT = "\u0307"


def subscript(number: int) -> str:
    """The digits of a number, lowered.

    >>> subscript(12)
    '₁₂'
    """
    return str(number).translate(_SUBSCRIPTS)


def lowered_number(digits: str) -> int:
    """The number that lowered digits are.

    >>> lowered_number("₁₂")
    12
    """
    return int(digits.translate(_DIGITS))


def use_name(program: Program, edge: Edge) -> str:
    """The operand of an edge: its name, with the number of the use if it is used several times (x₂, v₍₂₎)."""
    return program.nodes[edge.source].name + use_number(edge)


def use_number(edge: Edge) -> str:
    """Which use of its operand an edge is, lowered: of an input, or of another value by the same step, in brackets."""
    if edge.use is not None:
        return subscript(edge.use)
    return "" if edge.twin is None else f"₍{subscript(edge.twin)}₎"


def element_name(name: str, index: Sequence[int]) -> str:
    """An element of an array: x₀ where that cannot be mistaken, x[0, 3] otherwise.

    >>> element_name("x", (0,)), element_name("x₁", (0,)), element_name("A", (0, 3)), element_name("x", ())
    ('x₀', 'x₁[0]', 'A[0,3]', 'x')
    """
    if not index:
        return name
    if len(index) == 1 and name[-1:].isalpha():
        return name + subscript(index[0])
    return f"{name}[{','.join(map(str, index))}]"


def bar(name: str) -> str | None:
    """The adjoint of a letter, which may have digits after it, with a macron; None for longer names.

    >>> bar("y"), bar("loss")
    ('ȳ', None)
    """
    return _marked(name, _MACRON)


def _marked(name: str, mark: str) -> str | None:
    match = re.fullmatch(r"([^\W\d_])(\d*)", name)
    if match is None:
        return None
    return unicodedata.normalize("NFC", match[1] + mark) + match[2]


def dot(name: str) -> str | None:
    """The tangent of a letter, which may have digits after it, with a dot; None for longer names.

    >>> dot("y"), dot("loss")
    ('ẏ', None)
    """
    return _marked(name, _DOT)


def partial(result: str, operand: str) -> str:
    """The derivative of one by the other, as a fraction.

    >>> partial("y", "x₁")
    '∂y/∂x₁'
    """
    return f"∂{result}/∂{operand}"


def juxtaposed(symbol: str) -> str:
    """An expression in which a number stands before the letter that it multiplies: 2y for 2*y.

    >>> juxtaposed("diag(2*y)"), juxtaposed("x2*y"), juxtaposed("2*loss")
    ('diag(2y)', 'x2*y', '2*loss')
    """
    return re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)\*(?=[^\W\d]\b|\()(?![eEjJ]\b)", r"\1", symbol)


def ascii_form(text: str) -> str:
    r"""A text in ASCII characters: x₁ becomes x_1, ∂y/∂x dy/dx, → an arrow of two characters.

    >>> ascii_form("∂y/∂x₁ → ȳ, I₂ ⊗ Bᵀ, 值")
    'dy/dx_1 -> y_bar, I_2 (x) B^T, \\u503c'
    >>> ascii_form("A@(·).T, fft(·, 8), 2 · 3, ȳ·∂y/∂x")
    'A@(.).T, fft(., 8), 2 * 3, y_bar*dy/dx'
    """
    if text.isascii():
        return text
    text = re.sub("₍([₀-₉]+)₎", lambda digits: f"_({digits[1].translate(_DIGITS)})", text)
    # A free place is no sign of multiplication.
    text = re.sub(r"(?<=[( ])·(?=[),])", ".", text)
    text = re.sub("[₀-₉]+", lambda digits: "_" + digits[0].translate(_DIGITS), text)
    text = "".join(_ASCII.get(character, character) for character in text)
    text = unicodedata.normalize("NFD", text)
    text = re.sub(rf"(\w){_MACRON}(\d*)", r"\1\2_bar", text)
    text = re.sub(rf"(\w){_DOT}(\d*)", r"\1\2_dot", text)
    return text.encode("ascii", "backslashreplace").decode()
