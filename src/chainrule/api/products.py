"""Products with the Jacobian and its transpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.api.arguments import Call
from chainrule.api.recording import Recording, lowered, pair
from chainrule.api.results import Exporter, is_number, result_of_leaf, value_of_leaf
from chainrule.api.trees import flatten, paths, same_structure, unflatten
from chainrule.errors import DTypeError, ShapeError, TreeError
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import ZERO, seeded
from chainrule.numpy.handle import Handle
from chainrule.numpy.operands import converted
from chainrule.numpy.swap import put_in_order
from chainrule.trace import Value
from chainrule.transforms import ForwardLevel
from chainrule.transforms.living_limits import settled


def vjp(f: Callable[..., Any], *xs: Any, has_aux: bool = False) -> Any:
    """Run `f` and return its result with a function that pulls cotangents back: Jacobian-transpose times cotangent.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    *xs
        Its arguments; all of them are differentiated. (For others, and for keywords, pass a lambda.)
    has_aux : bool
        Whether `f` returns a pair (result, aux).

    Returns
    -------
    y
        What `f` returned.
    pull : callable
        Takes a cotangent of the structure and shapes of `y`, returns a tuple with the cotangent of each argument. It
        can be called any number of times, whenever, also after the arrays that `f` read have been written to. Exact
        zeros of the cotangent do not take part.
    aux
        With `has_aux` only.

    Raises
    ------
    DTypeError
        An argument holds integers, or something that is no number.
    TreeError, ShapeError
        By `pull`, if the cotangent is not like the result.

    Examples
    --------
    >>> import numpy as np
    >>> y, pull = vjp(lambda x, w: w * np.sin(x), np.array([0.0, 1.0]), 2.0)
    >>> pull(np.array([1.0, 0.0]))
    (array([2., 0.]), np.float64(0.0))
    """
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("vjp")
    recording = Recording(f, call, has_aux, kept=True)

    def pull(y_bar: Any) -> Any:
        """Return the cotangents of the arguments, given the cotangent of the result."""
        leaves, structure = flatten(y_bar)
        same_structure(recording.structure, structure, "the cotangent", "the result")
        inside = any(isinstance(leaf, Handle) for leaf in leaves)
        return recording.pulled(_seeds(leaves, recording.leaves, y_bar, "cotangent"), inside)

    y = recording.value()
    return (y, pull, recording.aux) if has_aux else (y, pull)


def jvp(f: Callable[..., Any], xs: Sequence[Any], x_dots: Sequence[Any], *, has_aux: bool = False) -> Any:
    """Run `f` and push a tangent forward: Jacobian times tangent.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    xs, x_dots : sequence
        The arguments, and their tangents, of the same structure and shapes. Exact zeros do not take part.
    has_aux : bool
        Whether `f` returns a pair (result, aux).

    Returns
    -------
    y, y_dot
        What `f` returned, and its tangent; and aux, with `has_aux`.

    Raises
    ------
    DTypeError
        An argument holds integers, or something that is no number.
    TreeError, ShapeError
        The tangents are not like the arguments.

    Examples
    --------
    >>> import numpy as np
    >>> jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))
    """
    xs, x_dots = _sequence(xs, "the arguments"), _sequence(x_dots, "the tangents")
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("jvp")
    dots, structure = flatten(x_dots)
    same_structure(call.structure, structure, "the tangent", "the arguments")
    seeds = _seeds(dots, call.picked, x_dots, "tangent")
    inside = call.inside or any(isinstance(dot, Handle) for dot in dots)
    level = ForwardLevel()
    inputs = [x if dot is ZERO else level.input(x, dot) for x, dot in zip(call.picked, seeds, strict=True)]
    aux = None
    try:
        result = call.run(f, inputs)
        if has_aux:
            result, aux = pair(result, f)
            aux = lowered(aux, level, inside)
        raw, out_structure = flatten(result)
        outputs = [level.tangent_of(settled(result_of_leaf(leaf), level)) for leaf in raw]
    finally:
        level.end()
        put_in_order()
    exporter = Exporter(inside, call.picked)
    scalars = [is_number(leaf) for leaf in raw]
    y = unflatten(out_structure, [exporter.value(y, s) for (y, _), s in zip(outputs, scalars, strict=True)])
    y_dot = unflatten(out_structure, [exporter.tangent(t, y, s) for (y, t), s in zip(outputs, scalars, strict=True)])
    return (y, y_dot, aux) if has_aux else (y, y_dot)


def linearize(f: Callable[..., Any], *xs: Any, has_aux: bool = False) -> Any:
    """Run `f` once and return its result with a function that pushes tangents: the linear map at that point.

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
    push : callable
        Takes the tangents of the arguments, returns the tangent of the result; as often and as late as wanted.
    aux
        With `has_aux` only.

    Examples
    --------
    >>> import numpy as np
    >>> y, push = linearize(np.square, np.array([1.0, 2.0]))
    >>> push(np.array([1.0, 1.0]))
    array([2., 4.])
    """
    call = Call(f, xs, {}, tuple(range(len(xs))), None)
    call.check_differentiable("linearize")
    recording = Recording(f, call, has_aux, kept=True)

    def push(*x_dots: Any) -> Any:
        """Return the tangent of the result, given those of the arguments."""
        dots, structure = flatten(x_dots)
        same_structure(call.structure, structure, "the tangent", "the arguments")
        inside = call.inside or any(isinstance(dot, Handle) for dot in dots)
        seeds = _seeds(dots, call.picked, x_dots, "tangent")
        exporter = Exporter(inside, call.picked)
        y_dots = recording.tape.push(seeds)
        return unflatten(
            recording.structure,
            [
                exporter.tangent(y_dot, y, scalar)
                for y_dot, y, scalar in zip(y_dots, recording.leaves, recording.scalar, strict=True)
            ],
        )

    y = recording.value()
    return (y, push, recording.aux) if has_aux else (y, push)


def _sequence(given: Any, what: str) -> tuple[Any, ...]:
    """A sequence with one entry for each argument."""
    if isinstance(given, (tuple, list)):
        return tuple(given)
    raise TreeError(
        f"`jvp` takes {what} as a tuple with one entry for each argument, not as a {type(given).__name__}."
        f"{describe(here())}\n  For one argument: `cr.jvp(f, (x,), (x_dot,))`."
    )


def _seeds(leaves: Sequence[Any], primals: Sequence[Any], tree: Any, what: str) -> list[Any]:
    """Tangents or cotangents that the user gave, checked against their primals."""
    return [seed_of(leaf, like, k, tree, what) for k, (leaf, like) in enumerate(zip(leaves, primals, strict=True))]


def seed_of(leaf: Any, like: Any, k: int, tree: Any, what: str) -> Any:
    """A tangent or cotangent that the user gave, checked against its primal; exact zeros do not take part."""
    if not hasattr(like, "dtype"):
        return ZERO
    value = value_of_leaf(leaf)
    if not isinstance(value, (np.ndarray, np.generic, Value)) or value.dtype.kind not in "biufc":
        raise DTypeError(
            f"the {what}{_place(tree, k)} is a {type(leaf).__name__}, and should be numbers.{describe(here())}"
        )
    if value.shape != like.shape:
        raise ShapeError(
            f"the {what}{_place(tree, k)} has shape {value.shape}, and its primal {like.shape}.{describe(here())}\n"
            f"  A {what} has one entry for each entry of its primal."
        )
    if like.dtype.kind not in "fc":
        return ZERO
    if value.dtype != like.dtype:
        if value.dtype.kind == "c" and like.dtype.kind != "c":
            raise DTypeError(
                f"the {what}{_place(tree, k)} is complex, and its primal is {like.dtype}.{describe(here())}\n"
                "  Pass the real part, or make the primal complex."
            )
        value = converted(value, like.dtype)
    if isinstance(value, np.ndarray) and isinstance(leaf, np.ndarray):
        # The user may write to the array that was passed before the result is used.
        value = np.array(value)
    return seeded(value)


def _place(tree: Any, k: int) -> str:
    path = paths(tree)[k]
    return f" at `{path}`" if path else ""
