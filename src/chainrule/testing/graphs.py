"""Random programs in the form of graphs: statements that each take two earlier values, with many paths between them.

They are for whatever follows paths. What is chosen comes from outside (`choose` picks one of several things), as in
`programs.py`. Every operation is complex-differentiable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Choose = Callable[[Sequence[Any]], Any]

# Operations on two numbers, or on two vectors entry by entry. Some take the first operand alone.
ON_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda a, b: a + b,
    "difference": lambda a, b: a - b,
    "product": lambda a, b: a * b,
    "quotient": lambda a, b: a / (2 + np.cos(b)),
    "sine": lambda a, _: np.sin(a),
    "multiple": lambda a, _: -0.7 * a,
    "square": lambda a, _: a * a,
}

MATRIX = np.array([[0.5, -1.0, 0.25], [0.0, 0.75, 1.0], [-0.5, 0.5, 0.125]])

# The same, and operations that mix the entries of vectors of length 3.
ON_VECTORS: dict[str, Callable[[Any, Any], Any]] = {
    **ON_NUMBERS,
    "matrix": lambda a, _: MATRIX @ a,
    "reversal": lambda a, b: a[::-1] * b,
    "total": lambda a, b: np.sum(a) * b,
    "outer product": lambda a, b: np.outer(a, b) @ np.ones(3),
}


@dataclass(frozen=True, slots=True)
class GraphProgram:
    """A function of two values: statements (operation, first operand, second operand), and the sum of the last two.

    >>> program = GraphProgram((("product", 0, 1), ("sum", 2, 0)))
    >>> program(2.0, 5.0)  # v = a * b, w = v + a; v + w
    np.float64(22.0)
    """

    statements: tuple[tuple[str, int, int], ...]

    def __call__(self, a: Any, b: Any) -> Any:
        """The result for two numbers, or for two vectors of length 3."""
        values = [a, b]
        for name, first, second in self.statements:
            values.append(ON_VECTORS[name](values[first], values[second]))
        return np.sum(values[-1] + values[-2])


def write_graph(choose: Choose, length: int, names: Sequence[str]) -> GraphProgram:
    """A random program of a length in statements, of operations by their names."""
    return GraphProgram(
        tuple((choose(names), choose(range(k + 2)), choose(range(k + 2))) for k in range(length)),
    )
