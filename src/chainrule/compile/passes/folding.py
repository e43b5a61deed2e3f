"""Operations on constants alone, done once.

before  a = exp(1.0)      b = add(x, a)
after   b = add(x, 2.718281828459045)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.compile.passes.narrowing import LARGE
from chainrule.compile.passes.rebuilding import rebuilt
from chainrule.compile.program import Program
from chainrule.graph import Node
from chainrule.trace import projection

# A result of more bytes than this is not kept if what it is made from is smaller: it is cheaper made than read.
MOST_BYTES = 1 << 20


def fold(program: Program) -> Program:
    """The program with every constant computed that does not fail and is not out of proportion."""

    def visit(node: Node) -> Any:
        operands = node.operands
        if not operands or any(type(x) is Node for x in operands):
            return node
        result = folded(node.op, operands, node.params)
        return node if result is None else result

    with np.errstate(all="ignore"):
        return rebuilt(program, visit)


def folded(op: Any, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """The result of an op on constants, a tuple of them for several; None if it is not to be computed now."""
    if op is ops.broadcast_to and math.prod(params["shape"]) > LARGE:
        return None
    if op is not projection and _out_of_proportion(op, operands, params):
        return None
    try:
        result = op.evaluate(*operands, **params)
    except (ArithmeticError, ValueError, IndexError, TypeError):
        # What fails, fails when the program runs, and the ordinary run then says how.
        return None
    return tuple(map(_kept, result)) if type(result) is tuple else _kept(result)


def _out_of_proportion(op: Any, operands: tuple[Any, ...], params: dict[str, Any]) -> bool:
    inferred = op.infer(*operands, **params)
    results = inferred if type(inferred) is tuple else (inferred,)
    made = sum(math.prod(x.shape) * x.dtype.itemsize for x in results)
    return bool(made > MOST_BYTES and made > sum(x.nbytes for x in operands))


def _kept(x: Any) -> Any:
    """A result in memory of its own, row by row; a number as NumPy's."""
    return np.array(x, order="C")[()]
