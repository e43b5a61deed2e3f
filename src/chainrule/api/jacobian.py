"""Whole Jacobians and Hessians, by the order of multiplication that costs least."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from chainrule import ops
from chainrule.api.arguments import Argnames, Argnums, Call, default_argnums
from chainrule.api.gradient import grad
from chainrule.api.products import jvp
from chainrule.api.recording import Recording
from chainrule.api.trees import unflatten
from chainrule.errors import ArgumentError, DTypeError
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, Placed, masked, parts, whole
from chainrule.ops.compositions import size_of
from chainrule.trace import Value
from chainrule.transforms import BatchLevel

Order = Literal["reverse", "forward"]

# The most elements that all lanes of one value may have together; more seeds go in several batches.
_ELEMENTS_AT_ONCE = 1 << 24


def jacobian(
    f: Callable[..., Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    order: Order | None = None,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of `f`: every result differentiated with respect to every input.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    argnums, argnames
        Which arguments to differentiate with respect to, as for `value_and_grad`.
    order : {"reverse", "forward"}, optional
        Multiply from the results (one pull for each of them) or from the inputs (one push for each). By default the
        smaller side.
    has_aux : bool
        Whether `f` returns a pair (result, aux); the function then returns (jacobian, aux).
    holomorphic : bool
        Whether `f` is complex-differentiable, with complex input and result.

    Returns
    -------
    callable
        Takes the arguments of `f`. For an array result of shape s and an array argument of shape t it returns an array
        of shape s + t; for pytrees, a tree of the result whose leaves are trees of the arguments.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    argnums = default_argnums(argnums, argnames)
    if order not in (None, "reverse", "forward"):
        raise ArgumentError(f'`order` is "reverse", "forward" or None, not {order!r}.{describe(here())}')

    @functools.wraps(f)
    def compute(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        call.check_differentiable("jacobian", holomorphic)
        recording = Recording(f, call, has_aux)
        xs, ys = call.picked, [_array_leaf(y) for y in recording.leaves]
        if not holomorphic:
            _refuse_complex(xs, ys)
        n_in, n_out = (sum(size_of(v.shape) for v in values) for values in (xs, ys))
        chosen = order or ("reverse" if n_out <= n_in else "forward")
        blocks = _by_reverse(recording, xs, ys) if chosen == "reverse" else _by_forward(recording, xs, ys)
        exporter = recording.exporter()
        rows = [
            call.in_shape_of_arguments([exporter.value(block) for block in row]) for row in blocks
        ]
        result = unflatten(recording.structure, rows)
        return (result, recording.aux) if has_aux else result

    return compute


def hessian(
    f: Callable[..., Any], argnums: Argnums = None, argnames: Argnames = None, *, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that computes the Hessian of `f`: forward mode over reverse mode.

    For an array argument of shape s the result has shape s + s; for pytrees, a tree of trees.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums, argnames, has_aux=has_aux), argnums, argnames, order="forward", has_aux=has_aux)


def hvp(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Return a function that computes the product of the Hessian of `f` with a vector, without the Hessian.

    It takes the arguments of `f`, and after them the vector, of the structure of the differentiated argument.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """

    @functools.wraps(f)
    def product(*args_and_vector: Any, **kwargs: Any) -> Any:
        *args, vector = args_and_vector
        if not args:
            raise ArgumentError(f"`hvp(f)` takes the arguments of `f` and a vector after them.{describe(here())}")

        def gradient(x: Any) -> Any:
            return grad(f, argnums)(*args[:argnums], x, *args[argnums + 1 :], **kwargs)

        return jvp(gradient, (args[argnums],), (vector,))[1]

    return product


def _array_leaf(y: Any) -> Any:
    if isinstance(y, (np.ndarray, np.generic, Value)):
        return y
    raise DTypeError(
        f"`jacobian` needs results that are arrays or numbers, and a {type(y).__name__} was returned.{describe(here())}\n"
        "  Return other things beside the result with `has_aux=True`."
    )


def _refuse_complex(xs: Sequence[Any], ys: Sequence[Any]) -> None:
    if any(v.dtype.kind == "c" for v in (*xs, *ys)):
        raise DTypeError(
            f"`jacobian` of a function with complex input or result is not one complex matrix.{describe(here())}\n"
            "  For a complex-differentiable function pass `holomorphic=True`; otherwise take real and imaginary parts."
        )


def _by_reverse(recording: Recording, xs: list[Any], ys: list[Any]) -> list[list[Any]]:
    """One pull for each result, all of them as lanes of one batch."""
    seeds = _basis(ys)
    cotangents = _in_batches(ys, seeds, lambda bars: recording.tape.pull(bars), _largest(recording))
    flat = [_gathered([row[k] for row in cotangents], x) for k, x in enumerate(xs)]
    return [[_split(block, ys, k, x.shape, axis=0) for block, x in zip(flat, xs, strict=True)] for k in range(len(ys))]


def _by_forward(recording: Recording, xs: list[Any], ys: list[Any]) -> list[list[Any]]:
    """One push for each input, all of them as lanes of one batch."""
    seeds = _basis(xs)
    tangents = _in_batches(xs, seeds, lambda dots: recording.tape.push(dots), _largest(recording))
    flat = [_gathered([row[k] for row in tangents], y) for k, y in enumerate(ys)]
    blocks = []
    for block, y in zip(flat, ys, strict=True):
        ndim = len(y.shape)
        last = ops.transpose(block, axes=(*range(1, ndim + 1), 0))
        blocks.append([_split(last, xs, k, y.shape, axis=ndim) for k in range(len(xs))])
    return blocks


def _basis(values: Sequence[Any]) -> int:
    """How many unit seeds there are."""
    return sum(size_of(v.shape) for v in values)


def _largest(recording: Recording) -> int:
    """The number of elements of the largest value of a run."""
    shapes = (node.shape for node in recording.tape.order if node.shape and not isinstance(node.shape[0], tuple))
    return max((size_of(shape) for shape in shapes), default=1)


def _in_batches(values: Sequence[Any], count: int, multiply: Callable[[Any], Any], largest: int) -> list[list[Any]]:
    """Products with all unit seeds of some values, in batches of bounded size."""
    at_once = max(1, min(count, _ELEMENTS_AT_ONCE // max(largest, 1)))
    rows = []
    for start in range(0, count, at_once) if count else ():
        size = min(at_once, count - start)
        level = BatchLevel(size)
        products = multiply(_unit_seeds(level, values, start, size))
        rows.append([_lanes(level, product) for product in products])
    return rows


def _unit_seeds(level: BatchLevel, values: Sequence[Any], start: int, size: int) -> list[Any]:
    """The unit vectors number `start` and following, each a lane; the zeros of a unit vector do not take part."""
    seeds = []
    offset = 0
    for value in values:
        count = size_of(value.shape)
        rows = np.arange(start, start + size) - offset
        hit = rows[:, None] == np.arange(count)
        if hit.any():
            hit = hit.reshape(size, *value.shape)
            seeds.append(masked(level.input(hit.astype(value.dtype)), level.input(~hit)))
        else:
            seeds.append(ZERO)
        offset += count
    return seeds


def _lanes(level: BatchLevel, product: Any) -> Any:
    if product is ZERO:
        return level.size
    if type(product) is Placed:
        product = whole(product)
    return level.lanes_of(parts(product)[0])


def _gathered(batches: list[Any], like: Any) -> Any:
    """The lanes of all batches in one array; a batch that is zero is known by its size."""
    arrays = [
        np.zeros((lanes, *like.shape), like.dtype) if isinstance(lanes, int) else lanes for lanes in batches
    ]
    if not arrays:
        return np.zeros((0, *like.shape), like.dtype)
    return arrays[0] if len(arrays) == 1 else ops.concatenate(*arrays, axis=0)


def _split(block: Any, values: Sequence[Any], k: int, other: tuple[int, ...], axis: int) -> Any:
    """The part of a flat block that belongs to value k, with the axes of that value."""
    start = sum(size_of(v.shape) for v in values[:k])
    stop = start + size_of(values[k].shape)
    part = ops.index(block, path=((*(slice(None),) * axis, slice(start, stop)),))
    shape = (*values[k].shape, *other) if axis == 0 else (*other, *values[k].shape)
    return ops.reshape(part, shape=shape)
