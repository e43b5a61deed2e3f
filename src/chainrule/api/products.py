"""Products with the Jacobian and its transpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.api.arguments import Call
from chainrule.api.recording import Recording, lowered, pair
from chainrule.api.results import Exporter, value_of_leaf
from chainrule.api.trees import flatten, same_structure, unflatten
from chainrule.errors import DTypeError, ShapeError
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, seeded
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.operands import converted
from chainrule.numpy.swap import opened
from chainrule.trace import Value
from chainrule.transforms import ForwardLevel


def vjp(f: Callable[..., Any], *xs: Any, has_aux: bool = False) -> Any:
    """Run `f` and return its result with a function that pulls cotangents back: Jacobian-transpose times cotangent.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    *xs
        Its arguments; all of them are differentiated.
    has_aux : bool
        Whether `f` returns a pair (result, aux).

    Returns
    -------
    y
        What `f` returned.
    pull : callable
        Takes a cotangent of the structure and shapes of `y`, returns a tuple with the cotangent of each argument. It
        can be called any number of times. Exact zeros of the cotangent do not take part.
    aux
        With `has_aux` only.

    Examples
    --------
    >>> import numpy as np
    >>> y, pull = vjp(lambda x, w: w * np.sin(x), np.array([0.0, 1.0]), 2.0)
    >>> pull(np.array([1.0, 0.0]))
    (array([2., 0.]), np.float64(0.0))
    """
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("vjp")
    recording = Recording(f, call, has_aux)

    def pull(y_bar: Any) -> Any:
        """Return the cotangents of the arguments, given the cotangent of the result."""
        leaves, structure = flatten(y_bar)
        same_structure(recording.structure, structure, "the cotangent", "the result")
        inside = call.inside or any(isinstance(leaf, Handle) for leaf in leaves)
        seeds = [seed_of(leaf, y, "cotangent") for leaf, y in zip(leaves, recording.leaves, strict=True)]
        exporter = Exporter(inside, [*call.picked, *leaves])
        x_bars = recording.tape.pull(seeds)
        return call.in_shape_of_arguments(
            [
                exporter.tangent(x_bar, x, scalar)
                for x_bar, x, scalar in zip(x_bars, call.picked, call.scalar, strict=True)
            ]
        )

    y = recording.value(recording.exporter())
    return (y, pull, recording.aux) if has_aux else (y, pull)


def jvp(f: Callable[..., Any], xs: Sequence[Any], x_dots: Sequence[Any], *, has_aux: bool = False) -> Any:
    """Run `f` and push a tangent forward: Jacobian times tangent.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    xs, x_dots : sequence
        The arguments, and their tangents of the same structure, shapes and dtypes.
    has_aux : bool
        Whether `f` returns a pair (result, aux).

    Returns
    -------
    y, y_dot
        What `f` returned, and its tangent; and aux, with `has_aux`.

    Examples
    --------
    >>> import numpy as np
    >>> jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))
    """
    xs, x_dots = tuple(xs), tuple(x_dots)
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("jvp")
    dots, structure = flatten(x_dots)
    same_structure(call.structure, structure, "the tangent", "the arguments")
    seeds = [seed_of(dot, x, "tangent") for dot, x in zip(dots, call.picked, strict=True)]
    inside = call.inside or any(isinstance(dot, Handle) for dot in dots)
    level = ForwardLevel()
    inputs = [x if dot is ZERO else level.input(x, dot) for x, dot in zip(call.picked, seeds, strict=True)]
    aux = None
    try:
        result = call.run(opened(f), inputs)
        if has_aux:
            result, aux = pair(result)
            aux = lowered(aux, level)
        raw, out_structure = flatten(result)
        outputs = [level.tangent_of(value_of_leaf(leaf)) for leaf in raw]
    finally:
        level.end()
    exporter = Exporter(inside, [*call.picked, *dots])
    scalars = [not isinstance(leaf, (np.ndarray, Array)) for leaf in raw]
    y = unflatten(out_structure, [exporter.value(y, s) for (y, _), s in zip(outputs, scalars, strict=True)])
    y_dot = unflatten(
        out_structure, [exporter.tangent(t, y, s) for (y, t), s in zip(outputs, scalars, strict=True)]
    )
    return (y, y_dot, aux) if has_aux else (y, y_dot)


def linearize(f: Callable[..., Any], *xs: Any) -> Any:
    """Run `f` once and return its result with a function that pushes tangents: the linear map at that point.

    Examples
    --------
    >>> import numpy as np
    >>> y, push = linearize(np.square, np.array([1.0, 2.0]))
    >>> push(np.array([1.0, 1.0]))
    array([2., 4.])
    """
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("linearize")
    recording = Recording(f, call)

    def push(*x_dots: Any) -> Any:
        """Return the tangent of the result, given those of the arguments."""
        dots, structure = flatten(x_dots)
        same_structure(call.structure, structure, "the tangent", "the arguments")
        inside = call.inside or any(isinstance(dot, Handle) for dot in dots)
        seeds = [seed_of(dot, x, "tangent") for dot, x in zip(dots, call.picked, strict=True)]
        exporter = Exporter(inside, [*call.picked, *dots])
        y_dots = recording.tape.push(seeds)
        return unflatten(
            recording.structure,
            [
                exporter.tangent(y_dot, y, scalar)
                for y_dot, y, scalar in zip(y_dots, recording.leaves, recording.scalar, strict=True)
            ],
        )

    return recording.value(recording.exporter()), push


def seed_of(leaf: Any, like: Any, what: str) -> Any:
    """A tangent or cotangent that the user gave, checked against its primal; exact zeros do not take part."""
    value = value_of_leaf(leaf)
    if not hasattr(like, "dtype"):
        return ZERO
    if not isinstance(value, (np.ndarray, np.generic, Value)):
        value = np.asarray(value)
    if value.shape != like.shape:
        raise ShapeError(
            f"a {what} has shape {value.shape}, and its primal {like.shape}.{describe(here())}\n"
            f"  A {what} has one entry for each entry of its primal."
        )
    if like.dtype.kind not in "fc":
        return ZERO
    if value.dtype != like.dtype:
        if value.dtype.kind == "c" and like.dtype.kind != "c":
            raise DTypeError(
                f"a {what} is complex, and its primal is {like.dtype}.{describe(here())}\n"
                f"  Pass the real part, or make the primal complex."
            )
        value = converted(value, like.dtype)
    if isinstance(value, np.ndarray) and isinstance(leaf, np.ndarray):
        # The user may write to the array that was passed before the result is used.
        value = np.array(value)
    return seeded(value)
