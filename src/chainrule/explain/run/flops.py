"""How many floating-point operations a recorded operation takes: a count by its name and shapes.

Each arithmetic operation counts one, and so does a function (exp, tanh) of one number; moving numbers counts none. The
counts of factorizations are the leading terms in Golub and Van Loan, Matrix Computations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chainrule.graph import Node
from chainrule.trace import projection

_FREE = frozenset(
    """reshape transpose broadcast_to concatenate stack flip roll index place update gather scatter permuted last_writer
    convert truncate real imag complex_of conj lifted spread centre select projection result""".split()
)
_PRODUCTS = frozenset(("matmul", "matvec", "vecmat", "vecvec", "vecdot", "dot"))
_OF_OPERAND = frozenset(
    """reduce_sum reduce_prod reduce_sum_from reduce_prod_from reduce_max reduce_min reduce_fmax reduce_fmin reduce_all
    reduce_any argmax argmin cumsum cumprod recurrence segment_sum scatter_add accumulate""".split()
)
_SORTS = frozenset(("argsort", "argpartition", "partition_order", "inverse_order", "lexsort", "searchsorted"))
_TRANSFORMS = frozenset(("fft", "ifft", "rfft", "irfft"))


def flops_of(nodes: tuple[Node, ...]) -> int:
    """The floating-point operations of some recorded operations; of an op that is not known, one for each result."""
    return sum(_flops(node) for node in nodes if node.op is not None and node.op is not projection)


def _flops(node: Node) -> int:
    name: str = node.op.name
    if name in _FREE:
        return 0
    shapes: list[tuple[int, ...]] = [tuple(x.shape) for x in node.operands if hasattr(x, "shape")]
    results = node.shape if isinstance(node.dtype, tuple) else (node.shape,)
    size: int = max((math.prod(shape) for shape in results), default=0)
    if not shapes:
        return size
    first = shapes[0]
    entries: int = math.prod(first)
    if name in _PRODUCTS:
        return 2 * size * (first[-1] if first else 1)
    if name == "cross":
        return 3 * size
    if name in _OF_OPERAND:
        return max(math.prod(shape) for shape in shapes) if name in ("scatter_add", "accumulate") else entries
    if name in ("euclidean_norm", "reduce_logaddexp", "power_norm"):
        return 2 * entries
    if name == "variance":
        return 4 * entries
    if name in ("einsum", "tensordot"):
        return _of_einsum(node.params["subscripts"], shapes)
    if name == "correlate":
        return 2 * size * min(first[-1:] + shapes[1][-1:])
    if name in _TRANSFORMS:
        axes = node.params.get("axis", -1)
        length = max(first[axes], 1) if isinstance(axes, int) and first else max(entries, 1)
        return math.ceil(5 * max(entries, size) * math.log2(max(length, 2)))
    if name in _SORTS:
        return math.ceil(entries * math.log2(max(first[-1] if first else 1, 2)))
    if name in _FACTORIZATIONS and len(first) >= 2:
        columns = shapes[1][-1] if len(shapes) > 1 and len(shapes[1]) >= 2 else 1
        each: float = _FACTORIZATIONS[name](first[-2], first[-1], columns)
        return math.ceil(math.prod(first[:-2]) * each)
    return size


def _of_einsum(subscripts: str, shapes: list[tuple[int, ...]]) -> int:
    """A multiplication for each operand, at every combination of the labels."""
    terms, _, _ = subscripts.partition("->")
    sizes = dict(
        pair for term, shape in zip(terms.split(","), shapes, strict=True) for pair in zip(term, shape, strict=True)
    )
    return len(shapes) * math.prod(sizes.values())


# By name, of an m × n matrix with k columns on the right.
_FACTORIZATIONS: dict[str, Callable[[int, int, int], Any]] = {
    "solve": lambda m, n, k: 2 * n**3 / 3 + 2 * n * n * k,
    "lstsq": lambda m, n, k: 2 * m * n * n + 2 * m * n * k,
    "inv": lambda m, n, k: 2 * n**3,
    "inverse_or_nan": lambda m, n, k: 2 * n**3,
    "pinv": lambda m, n, k: 14 * m * n * min(m, n),
    "cholesky": lambda m, n, k: n**3 / 3,
    "qr": lambda m, n, k: 4 * m * n * min(m, n),
    "eigh": lambda m, n, k: 9 * n**3,
    "eigvalsh": lambda m, n, k: 4 * n**3 / 3,
    "eig": lambda m, n, k: 25 * n**3,
    "eigvals": lambda m, n, k: 10 * n**3,
    "svd": lambda m, n, k: 14 * m * n * min(m, n),
    "svdvals": lambda m, n, k: 4 * m * n * min(m, n),
    "det": lambda m, n, k: 2 * n**3 / 3,
    "slogdet": lambda m, n, k: 2 * n**3 / 3,
    "cofactors": lambda m, n, k: 2 * n**3,
}
