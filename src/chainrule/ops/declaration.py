"""How ops are declared: one line for each member of a family."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.trace import Abstract, BinaryOp, Op, UnaryOp, Value

BOOL = np.dtype(bool)


def elementwise(
    name: str,
    ufunc: np.ufunc,
    *,
    evaluate: Callable[..., Any] | None = None,
    discrete: bool = False,
) -> Op:
    """An op that works element by element, with the dtypes of a NumPy ufunc.

    `evaluate` replaces the ufunc where something equal is faster, such as `operator.mul`, which serves NumPy scalars
    ten times faster than `np.multiply`.
    """
    evaluate = evaluate or ufunc

    def infer(*operands: Any) -> Any:
        shape = np.broadcast_shapes(*(x.shape for x in operands))
        dtypes = resolve(ufunc, tuple(x.dtype for x in operands))[ufunc.nin :]
        results = tuple(Abstract(shape, dtype) for dtype in dtypes)
        return results[0] if len(results) == 1 else results

    kind = {1: UnaryOp, 2: BinaryOp}.get(ufunc.nin, Op)
    return kind(name, evaluate, infer, core=(0,) * ufunc.nin, discrete=discrete)


@cache
def special_function(name: str) -> Any:
    """A function of `scipy.special`, which is imported when the first one is asked for."""
    return getattr(import_module("scipy.special"), name)


def special(name: str, *, arity: int = 1, discrete: bool = False) -> Op:
    """An op that works element by element as the function of that name in `scipy.special` does."""

    def evaluate(*operands: Any) -> Any:
        function = special_function(name)
        if op.evaluate is evaluate:
            # From now on it is SciPy's function itself.
            op.evaluate = function
        return function(*operands)

    kind = {1: UnaryOp, 2: BinaryOp}.get(arity, Op)
    op = kind(name, evaluate, like_all_operands, core=(0,) * arity, discrete=discrete)
    return op


def like_all_operands(*operands: Any, **_params: Any) -> Abstract:
    """Infer a result of the shape that the operands broadcast to, in the dtype that they promote to."""
    shape = np.broadcast_shapes(*(x.shape for x in operands))
    return Abstract(shape, np.result_type(*(x.dtype for x in operands)))


class AxesOp(Op):
    """An op of one operand along axes. The parameter has a name, since any others would be collected in a dict."""

    __slots__ = ()

    def __call__(self, x: Any, /, *, axes: Any) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(x) is Value:
            return x.level.bind_with(self, x, {"axes": axes})
        evaluate = self.evaluate
        return evaluate(x, axes=axes)


class ShapeOp(Op):
    """An op that gives its one operand another shape."""

    __slots__ = ()

    def __call__(self, x: Any, /, *, shape: tuple[int, ...]) -> Any:
        """Apply the op: the level of the operand handles it, NumPy if there is none."""
        if type(x) is Value:
            return x.level.bind_with(self, x, {"shape": shape})
        evaluate = self.evaluate
        return evaluate(x, shape=shape)


@lru_cache(maxsize=4096)
def resolve(ufunc: np.ufunc, dtypes: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    """The dtypes of operands and results of the loop that a ufunc runs for these operands.

    An entry may be `int`, `float` or `complex` for a Python number, whose dtype gives way.
    """
    return ufunc.resolve_dtypes((*dtypes, *(None,) * ufunc.nout))


def resolve_as(
    ufunc: np.ufunc, dtypes: tuple[Any, ...], signature: tuple[Any, ...], casting: Any
) -> tuple[np.dtype[Any], ...]:
    """The dtypes of the loop that a ufunc runs if some dtypes of its operands and results are prescribed."""
    return ufunc.resolve_dtypes((*dtypes, *(None,) * ufunc.nout), signature=signature, casting=casting)


def like_operand(x: Any, /, *_operands: Any, **_params: Any) -> Abstract:
    """Infer a result of the first operand's shape and dtype."""
    return Abstract(x.shape, x.dtype)
