"""Products over axes, and sums and products of some of the entries. `axes` is as in `reduction`."""

from typing import Any

import numpy as np

from chainrule.ops.declaration import AxesOp
from chainrule.ops.reduction import reduce_sum, reduced_shape
from chainrule.trace import Abstract, Op


def _prod_evaluate(x: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.multiply.reduce(x, axis=axes)


def _prod_infer(x: Any, *, axes: tuple[int, ...]) -> Abstract:
    return Abstract(reduced_shape(x.shape, axes), np.multiply.reduce(np.zeros(0, x.dtype)).dtype)


def _sum_from_evaluate(x: Any, initial: Any, where: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.add.reduce(x, axis=axes, initial=initial, where=where)


def _sum_from_infer(x: Any, _initial: Any, _where: Any, *, axes: tuple[int, ...]) -> Abstract:
    inferred: Abstract = reduce_sum.infer(x, axes=axes)
    return inferred


def _prod_from_evaluate(x: Any, initial: Any, where: Any, /, *, axes: tuple[int, ...]) -> Any:
    return np.multiply.reduce(x, axis=axes, initial=initial, where=where)


def _prod_from_infer(x: Any, _initial: Any, _where: Any, *, axes: tuple[int, ...]) -> Abstract:
    return _prod_infer(x, axes=axes)


reduce_prod = AxesOp("reduce_prod", _prod_evaluate, _prod_infer)
# The sum and the product of those x for which `where` holds, which broadcasts against x, begun at a 0-d `initial`; in
# NumPy's order of rounding.
reduce_sum_from = Op("reduce_sum_from", _sum_from_evaluate, _sum_from_infer)
reduce_prod_from = Op("reduce_prod_from", _prod_from_evaluate, _prod_from_infer)
