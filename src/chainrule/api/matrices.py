"""Whole Jacobians and Hessians, by the order of multiplication that costs least."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, Call, default_argnums
from chainrule.api.blocks import Order, blocks_of
from chainrule.api.compiled_alike import compiled_alike
from chainrule.api.gradient import grad
from chainrule.api.products import jvp, vjp
from chainrule.api.recording import Recording
from chainrule.api.trees import unflatten
from chainrule.errors import ArgumentError, DTypeError, NoRuleError
from chainrule.graph.position import describe, here
from chainrule.trace import Value

P = ParamSpec("P")


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
