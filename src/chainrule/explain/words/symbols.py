"""The local derivative of each edge in the names of the program: u, 2*x, diag(2*y), A, I₂ ⊗ Bᵀ, fft(·).

A symbol is text, in the notation of Python where there is one, so that it can be read again (`typesetting.py`). It is,
in this order: what the op's own formula says (`partials.py`, `products.py`, `matrices.py`, `reductions.py`); what a
function of several ops is known to be; the structure; of a step that is linear in the operand the step itself, with a
free place (`linear.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from chainrule.explain.words.expression import Use, is_one_op, works_of
from chainrule.explain.words.linear import with_free_place
from chainrule.explain.words.matrices import of_matrix
from chainrule.explain.words.names import WRITES
from chainrule.explain.words.notation import subscript
from chainrule.explain.words.partials import PARTIALS, elementwise, is_number, number_of, partial_of
from chainrule.explain.words.printing import written
from chainrule.explain.words.products import product
from chainrule.explain.words.reductions import ones, reduced

# A symbol of more characters is not written.
LONGEST = 60


def symbol_of(use: Use) -> str:
    """The symbol of the local derivative of one use; `∂u/∂v` if there is none that says more."""
    expression, jacobian = use.expression, use.jacobian
    if jacobian.structure == "zero":
        return "0"
    ways: list[Callable[[Use], str | None]] = [_by_structure, with_free_place]
    if use.slot in expression.places:
        if use.slot not in expression.viewed:
            ways = [_of_several_ops, *ways]
        if is_one_op(use.step, use.slot, expression):
            ways = [_of_part if use.slot in expression.viewed else _of_op, *ways]
    for way in ways:
        symbol = way(use)
        if symbol is not None and len(symbol) <= LONGEST:
            return symbol
    return f"∂{use.name}/∂{expression.operands.get(use.slot, '·')}"


def _of_op(use: Use) -> str | None:
    """The formula of a single op."""
    op = use.op
    if use.expression.function == "mean" and op == "divide":
        return reduced(use)
    if op in PARTIALS:
        return elementwise(use)
    if op == "index":
        return _selected(use)
    if op in WRITES:
        return _placed(use)
    return product(use) or of_matrix(use)


def _of_several_ops(use: Use) -> str | None:
    """The formula of a function that is made of several ops, or reduces an array."""
    if len(use.expression.operands) != 1:
        return None
    names = works_of(use.step)
    vector = len(use.jacobian.in_shape) == 1
    if use.expression.function == "softmax" and vector and use.jacobian.out_shape == use.jacobian.in_shape:
        return f"diag({use.name})-{use.name}@{use.name}ᵀ"
    if names == ["reduce_max", "reduce_min", "subtract"] and use.expression.function == "ptp" and vector:
        unit, x = f"I{subscript(use.jacobian.columns)}", written(use.part)
        entries = use.jacobian.entries
        alone = entries is not None and sorted(entries[entries != 0].tolist()) == [-1, 1]
        return f"{unit}[argmax({x})]-{unit}[argmin({x})]" if alone else None
    return reduced(use)


def _of_part(use: Use) -> str | None:
    """The Jacobian of an elementwise op of a part of a vector, x[1:]: that of the op times rows of the identity."""
    part, jacobian = use.part, use.jacobian
    if not (isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and len(jacobian.in_shape) == 1):
        return None
    if use.op not in PARTIALS or not jacobian.out_shape:
        return None
    partial = partial_of(use.parts, use.place, use.name, use.op, use.exponent)
    if partial is None:
        return None
    rows = written(ast.Subscript(ast.Name(f"I{subscript(jacobian.columns)}"), part.slice))
    if not is_number(partial, use.expression.numbers):
        return f"diag({written(partial)})@{rows}"
    number = number_of(partial)
    if number is not None and abs(number) in (0, 1):
        return "0" if number == 0 else rows if number == 1 else f"-{rows}"
    return written(ast.BinOp(partial, ast.Mult(), ast.Name(rows)))


def _selected(use: Use) -> str | None:
    """Picking entries of a vector is picking rows of the identity."""
    tree = use.expression.tree
    if len(use.jacobian.in_shape) != 1 or not isinstance(tree, ast.Subscript) or not isinstance(tree.value, ast.Name):
        return None
    return written(ast.Subscript(ast.Name(f"I{subscript(use.jacobian.columns)}"), tree.slice))


def _placed(use: Use) -> str | None:
    """Writing into entries of a vector puts what is written there: columns of the identity."""
    target = use.expression.written_to
    if use.place != 1 or len(use.jacobian.out_shape) != 1 or not isinstance(target, ast.Subscript):
        return None
    if isinstance(target.slice, ast.Constant) and target.slice.value is ...:
        return None
    return f"{written(ast.Subscript(ast.Name(f'I{subscript(use.jacobian.rows)}'), target.slice))}ᵀ"


def _by_structure(use: Use) -> str | None:
    """A symbol that tells the structure alone."""
    jacobian = use.jacobian
    rows, columns = jacobian.rows, jacobian.columns
    known: dict[str, Callable[[], str]] = {
        "identity": lambda: "1" if rows == 1 else f"I{subscript(rows)}",
        "ones": lambda: ones(columns),
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
