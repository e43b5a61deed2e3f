"""Whole Jacobians and Hessians, by the order of multiplication that costs least."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal, ParamSpec

import numpy as np

from chainrule import ops
from chainrule.api.arguments import Argnames, Argnums, Call, default_argnums
from chainrule.api.compiled_alike import compiled_alike
from chainrule.api.gradient import grad
from chainrule.api.products import jvp, vjp
from chainrule.api.recording import Recording
from chainrule.api.trees import unflatten
from chainrule.errors import ArgumentError, DTypeError, NoRuleError
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, Placed, masked, parts, whole
from chainrule.numpy.operands import converted
from chainrule.ops.compositions import size_of
from chainrule.trace import Value
from chainrule.transforms import BatchLevel

P = ParamSpec("P")
Order = Literal["reverse", "forward"]

# The most elements that all lanes of one value may have together; more seeds go in several batches.
_ELEMENTS_AT_ONCE = 1 << 21


@compiled_alike
def jacobian(
    f: Callable[P, Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    order: Order | None = None,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[P, Any]:
    """Return a function that computes the Jacobian of `f`: every result differentiated with respect to every input.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    argnums, argnames
        Which arguments to differentiate with respect to, as for `value_and_grad`.
    order : {"reverse", "forward"}, optional
        Multiply from the results (one pull for each of them) or from the inputs (one push for each). By default the
        smaller side, or the other one if a rule is missing there.
    has_aux : bool
        Whether `f` returns a pair (result, aux); the function then returns (jacobian, aux).
    holomorphic : bool
        Whether `f` is complex-differentiable, with complex input and result.

    Returns
    -------
    callable
        Takes the arguments of `f`. For an array result of shape s and an array argument of shape t it returns an array
        of shape s + t, in the dtype of the argument; for pytrees, a tree of the result whose leaves are trees of the
        arguments.

    Raises
    ------
    DTypeError
        An argument holds integers; a result is no number; something is complex without `holomorphic`.
    ArgumentError
        `argnums`, `argnames` or `order` do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> jacobian(lambda x: {"sum": x.sum(), "product": x.prod()})(np.array([2.0, 3.0]))
    {'sum': array([1., 1.]), 'product': array([3., 2.])}
    """
    argnums = default_argnums(argnums, argnames)
    if order not in (None, "reverse", "forward"):
        raise ArgumentError(f'`order` is "reverse", "forward" or None, not {order!r}.{describe(here())}')

    @functools.wraps(f)
    def compute(*args: P.args, **kwargs: P.kwargs) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        return _jacobian(f, call, "jacobian", order, None, has_aux, holomorphic)

    return compute


@compiled_alike
def hessian(
    f: Callable[P, Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[P, Any]:
    """Return a function that computes the Hessian of `f`: forward mode over reverse mode.

    The parameters, and the errors, are those of `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of `f`. For an array argument of shape s it returns an array of shape s + s; for pytrees, a
        tree of trees; with `has_aux`, a pair (hessian, aux).

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    argnums = default_argnums(argnums, argnames)
    gradient = grad(f, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)

    @functools.wraps(f)
    def compute(*args: P.args, **kwargs: P.kwargs) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        return _jacobian(gradient, call, "hessian", None, "forward", has_aux, holomorphic)

    return compute


@compiled_alike
def hvp(
    f: Callable[..., Any], argnums: Argnums = None, argnames: Argnames = None, *, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that computes the product of the Hessian of `f` with a vector, without the Hessian.

    The parameters, and the errors, are those of `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of `f`, and after them, by position, the vector: of the structure and shapes of the
        differentiated argument, or a tuple of such if `argnums` is a sequence. It returns the product, of the same
        structure; with `has_aux`, a pair (product, aux).

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    argnums = default_argnums(argnums, argnames)
    gradient = grad(f, argnums, argnames, has_aux=has_aux)

    @functools.wraps(f)
    def product(*args_and_vector: Any, **kwargs: Any) -> Any:
        if not args_and_vector:
            raise ArgumentError(f"`hvp(f)` takes the arguments of `f` and a vector after them.{describe(here())}")
        *args, vector = args_and_vector
        call = Call(f, tuple(args), kwargs, argnums, argnames)
        call.check_differentiable("hvp")

        def gradient_at(x: Any) -> Any:
            args, kwargs = call.with_picked(x)
            return gradient(*args, **kwargs)

        result = _pushed(gradient_at, call.tree, vector, has_aux)
        return (result[1], result[2]) if has_aux else result[1]

    _take_a_vector(product, f)
    return product


def _pushed(gradient: Callable[..., Any], x: Any, vector: Any, has_aux: bool) -> Any:
    """The derivative of a gradient along a vector; by reverse mode if a rule has no push, as Hessians are symmetric."""
    try:
        return jvp(gradient, (x,), (vector,), has_aux=has_aux)
    except NoRuleError as error:
        try:
            y, pull, *aux = vjp(gradient, x, has_aux=has_aux)
        except NoRuleError:
            raise error from None
        return y, pull(vector)[0], *aux


def _take_a_vector(product: Any, f: Callable[..., Any]) -> None:
    """Say in the signature that a vector comes after the arguments."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return
    parameters = list(signature.parameters.values())
    place = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    required = [
        p.replace(kind=p.POSITIONAL_ONLY, default=p.empty) if p.kind is p.POSITIONAL_OR_KEYWORD else p
        for p in parameters[:place]
    ]
    vector = inspect.Parameter("vector", inspect.Parameter.POSITIONAL_ONLY)
    names = {p.name for p in parameters}
    if "vector" not in names:
        product.__signature__ = signature.replace(parameters=[*required, vector, *parameters[place:]])


def _jacobian(
    f: Callable[..., Any],
    call: Call,
    name: str,
    order: Order | None,
    preferred: Order | None,
    has_aux: bool,
    holomorphic: bool,
) -> Any:
    """One recorded run, and the products with all unit vectors of one side."""
    call.check_differentiable(name, holomorphic)
    recording = Recording(f, call, has_aux)
    xs, ys = call.picked, [_array_leaf(y, name) for y in recording.leaves]
    if not holomorphic:
        _refuse_complex(xs, ys, name)
    blocks = blocks_of(recording, xs, ys, order, preferred)
    exporter = recording.exporter()
    rows = [
        unflatten(
            call.structure,
            [exporter.value(block, number and scalar) for block, scalar in zip(row, call.scalar, strict=True)],
        )
        for row, number in zip(blocks, recording.scalar, strict=True)
    ]
    result = unflatten(recording.structure, rows)
    return (result, recording.aux) if has_aux else result


def blocks_of(
    recording: Recording, xs: list[Any], ys: list[Any], order: Order | None = None, preferred: Order | None = None
) -> list[list[Any]]:
    """The Jacobian of a recorded run: for each result one block for each argument."""
    n_in, n_out = (sum(size_of(v.shape) for v in values) for values in (xs, ys))
    chosen = order or preferred or ("reverse" if n_out <= n_in else "forward")
    try:
        return _MULTIPLICATIONS[chosen](recording, xs, ys)
    except NoRuleError as error:
        if order is not None:
            raise
        try:
            return _MULTIPLICATIONS["forward" if chosen == "reverse" else "reverse"](recording, xs, ys)
        except NoRuleError:
            raise error from None


def _array_leaf(y: Any, name: str) -> Any:
    if isinstance(y, (np.ndarray, np.generic, Value)):
        return y
    raise DTypeError(
        f"`{name}` needs results that are arrays or numbers, and a {type(y).__name__} was returned.{describe(here())}\n"
        "  Return other things beside the result with `has_aux=True`."
    )


def _refuse_complex(xs: Sequence[Any], ys: Sequence[Any], name: str) -> None:
    if any(v.dtype.kind == "c" for v in (*xs, *ys)):
        raise DTypeError(
            f"`{name}` of a function with complex input or result is not one complex matrix.{describe(here())}\n"
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
        row = [_split(last, xs, k, y.shape, axis=ndim) for k in range(len(xs))]
        # As in the other order, where a block is made of cotangents.
        blocks.append([converted(part, x.dtype) for part, x in zip(row, xs, strict=True)])
    return blocks


_MULTIPLICATIONS: dict[Order, Callable[[Recording, list[Any], list[Any]], list[list[Any]]]] = {
    "reverse": _by_reverse,
    "forward": _by_forward,
}


def _basis(values: Sequence[Any]) -> int:
    """How many unit seeds there are."""
    return sum(size_of(v.shape) for v in values)


def _largest(recording: Recording) -> int:
    """The number of elements of the largest value of a run."""
    largest = 1
    for node in recording.tape.order:
        for shape in node.shape if isinstance(node.dtype, tuple) else (node.shape,):
            largest = max(largest, size_of(shape))
    return largest


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
    dtype = like.dtype if like.dtype.kind in "fc" else np.dtype(float)
    arrays = [np.zeros((lanes, *like.shape), dtype) if isinstance(lanes, int) else lanes for lanes in batches]
    if not arrays:
        return np.zeros((0, *like.shape), dtype)
    return arrays[0] if len(arrays) == 1 else ops.concatenate(*arrays, axis=0)


def _split(block: Any, values: Sequence[Any], k: int, other: tuple[int, ...], axis: int) -> Any:
    """The part of a flat block that belongs to value k, with the axes of that value."""
    start = sum(size_of(v.shape) for v in values[:k])
    stop = start + size_of(values[k].shape)
    part = ops.index(block, path=((*(slice(None),) * axis, slice(start, stop)),))
    shape = (*values[k].shape, *other) if axis == 0 else (*other, *values[k].shape)
    return ops.reshape(part, shape=shape)
