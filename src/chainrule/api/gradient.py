"""Gradients: the transposed Jacobian of a function with one real result, applied to 1."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, Call, default_argnums
from chainrule.api.recording import Recording
from chainrule.errors import IndependentOutputWarning, NonScalarOutputError
from chainrule.graph.position import describe, here
from chainrule.trace import Value


def value_and_grad(
    f: Callable[..., Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Return a function that computes `f` and its gradient in one run.

    Parameters
    ----------
    f : callable
        A function of NumPy arrays, numbers and pytrees of them that returns one real number.
    argnums : int or sequence of int, optional
        Which arguments to differentiate with respect to; the first by default. An int gives one gradient, a sequence
        a tuple of gradients. Arguments may be passed by keyword.
    argnames : str or sequence of str, optional
        The same by name.
    has_aux : bool
        Whether `f` returns a pair (value, aux), of which only the value is differentiated.
    holomorphic : bool
        Whether `f` is a complex-differentiable function with a complex result; its derivative is returned.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns `(value, gradient)`, or `((value, aux), gradient)`. A gradient has the
        structure, shapes and dtypes of the argument. For a complex argument z = x + iy of a real f it is
        ∂f/∂x - i ∂f/∂y.

    Raises
    ------
    NonScalarOutputError
        The result is not one real number.
    DTypeError
        An argument to differentiate holds integers.

    Examples
    --------
    >>> import numpy as np
    >>> def f(x):
    ...     y = np.zeros(2)
    ...     y[0] = x[0] * x[1]
    ...     return y.sum()
    >>> value_and_grad(f)(np.array([2.0, 3.0]))
    (np.float64(6.0), array([3., 2.]))
    """
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        call.check_differentiable("grad", holomorphic)
        recording = Recording(f, call, has_aux)
        y = _one_number(recording, holomorphic)
        exporter = recording.exporter()
        value = recording.value(exporter)
        if recording.tape.outputs[0] is None:
            _warn_independent(f)
            x_bars: list[Any] = recording.tape.pull([y])
        else:
            x_bars = recording.tape.pull([y.dtype.type(1)])
        leaves = [
            exporter.tangent(x_bar, x, scalar)
            for x_bar, x, scalar in zip(x_bars, call.picked, call.scalar, strict=True)
        ]
        gradient = call.in_shape_of_arguments(leaves)
        return ((value, recording.aux), gradient) if has_aux else (value, gradient)

    return value_and_gradient


def grad(
    f: Callable[..., Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Return a function that computes the gradient of `f`.

    The parameters are those of `value_and_grad`. With `has_aux` the result is `(gradient, aux)`.

    Examples
    --------
    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([ 3., 12.])
    >>> grad(np.tanh)(0.0)
    np.float64(1.0)
    """
    both = value_and_grad(f, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = None, argnames: Argnames = None) -> Callable[..., Any]:
    """Return a function that computes the derivative of an elementwise `f` at every element.

    For a function that maps arrays to arrays of the same shape, each element of the result depending on the same
    element of the argument alone. (For any other function this is the gradient of the sum of its results.)

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        call.check_differentiable("elementwise_grad")
        recording = Recording(f, call)
        ones = [np.ones(y.shape, y.dtype)[()] for y in recording.leaves]
        exporter = recording.exporter()
        leaves = [
            exporter.tangent(x_bar, x, scalar)
            for x_bar, x, scalar in zip(recording.tape.pull(ones), call.picked, call.scalar, strict=True)
        ]
        return call.in_shape_of_arguments(leaves)

    return derivative


def _one_number(recording: Recording, holomorphic: bool) -> Any:
    """The result of the function, if it is one number of the right kind."""
    leaves = recording.leaves
    if len(leaves) == 1 and isinstance(leaves[0], (np.ndarray, np.generic, Value)):
        y = leaves[0]
        if not y.shape and (y.dtype.kind == "c") == holomorphic and y.dtype.kind in "fciub":
            return y
        if not y.shape and y.dtype.kind == "c":
            raise NonScalarOutputError(
                f"`grad` needs a real result, and the function returned a complex number.{describe(here())}\n"
                "  For a complex-differentiable function pass `holomorphic=True`; otherwise differentiate its real part, "
                "imaginary part or modulus."
            )
        got = f"{y.dtype} of shape {y.shape}"
    else:
        got = f"{len(leaves)} values in a {type(recording.value(recording.exporter())).__name__}"
    raise NonScalarOutputError(
        f"`grad` needs a function that returns one number, and it returned {got}.{describe(here())}\n"
        "  Reduce it (`np.sum(...)`), or ask for `cr.jacobian` (all derivatives), `cr.elementwise_grad` (an elementwise\n"
        "  function) or `cr.vjp` (a weighted sum of the results). Return extra results with `has_aux=True`."
    )


def _warn_independent(f: Callable[..., Any]) -> None:
    warnings.warn(
        f"the result of `{getattr(f, '__name__', f)}` does not depend on what it is differentiated with respect to, so "
        f"the gradient is zero.{describe(here())}\n"
        "  If it should depend: was the value passed through `int`, `round`, `stop_gradient`, a comparison, or code "
        "that returns plain numbers?",
        IndependentOutputWarning,
        stacklevel=3,
    )
