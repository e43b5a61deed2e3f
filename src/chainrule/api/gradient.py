"""Gradients: the transposed Jacobian of a function with one real result, applied to 1."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, Call, default_argnums
from chainrule.api.compiled_alike import compiled_alike
from chainrule.api.recording import Recording
from chainrule.errors import DTypeError, IndependentOutputWarning, NonScalarOutputError
from chainrule.graph.position import describe, described_function, here
from chainrule.trace import Value

P = ParamSpec("P")


@compiled_alike
def value_and_grad(
    f: Callable[P, Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[P, tuple[Any, Any]]:
    """Return a function that computes `f` and its gradient in one run.

    Parameters
    ----------
    f : callable
        A function of NumPy arrays, numbers and pytrees of them that returns one real number.
    argnums : int or sequence of int, optional
        Which arguments to differentiate with respect to; the first by default. An int gives one gradient, a sequence
        a tuple of gradients. A negative number counts from the last argument that the call passes, keyword-only ones
        aside. Arguments may be passed by keyword.
    argnames : str or sequence of str, optional
        The same by name.
    has_aux : bool
        Whether `f` returns a pair (value, aux), of which only the value is differentiated. What aux holds comes out as
        plain arrays and numbers.
    holomorphic : bool
        Whether `f` is a complex-differentiable function with a complex result; its derivative is returned.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns `(value, gradient)`, or `((value, aux), gradient)`. A gradient has the
        structure, shapes and dtypes of the argument: a number for a number, an array for an array, a dict for a dict.
        For a complex argument z = x + iy of a real f it is ∂f/∂x - i ∂f/∂y.

    Raises
    ------
    NonScalarOutputError
        The result is not one real number.
    DTypeError
        An argument to differentiate holds integers, or something that is no number.
    ArgumentError
        `argnums` or `argnames` name an argument that the call does not pass.

    Examples
    --------
    >>> import numpy as np
    >>> def f(x):
    ...     y = np.zeros(2)
    ...     y[0] = x[0] * x[1]
    ...     return y.sum()
    >>> value_and_grad(f)(np.array([2.0, 3.0]))
    (np.float64(6.0), array([3., 2.]))
    >>> value_and_grad(lambda p: p["a"] * p["b"] ** 2)({"a": 1.0, "b": 3.0})
    (np.float64(9.0), {'a': np.float64(9.0), 'b': np.float64(6.0)})
    """
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def value_and_gradient(*args: P.args, **kwargs: P.kwargs) -> tuple[Any, Any]:
        recording, gradient = _differentiated(f, args, kwargs, argnums, argnames, has_aux, holomorphic)
        value = recording.value()
        return ((value, recording.aux), gradient) if has_aux else (value, gradient)

    return value_and_gradient


@compiled_alike
def grad(
    f: Callable[P, Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[P, Any]:
    """Return a function that computes the gradient of `f`.

    The parameters, and the errors, are those of `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns the gradient, or `(gradient, aux)`.

    Examples
    --------
    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([ 3., 12.])
    >>> grad(np.tanh)(0.0)
    np.float64(1.0)
    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (np.float64(3.0), np.float64(2.0))
    """
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def gradient(*args: P.args, **kwargs: P.kwargs) -> Any:
        recording, result = _differentiated(f, args, kwargs, argnums, argnames, has_aux, holomorphic)
        return (result, recording.aux) if has_aux else result

    return gradient


def _differentiated(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    argnames: Argnames,
    has_aux: bool,
    holomorphic: bool,
) -> tuple[Recording, Any]:
    """One run of f, and the transposed Jacobian of its one number applied to 1."""
    call = Call(f, args, kwargs, argnums, argnames)
    call.check_differentiable("grad", holomorphic)
    recording = Recording(f, call, has_aux)
    y = one_number(f, recording, holomorphic)
    if recording.tape.outputs[0] is None and call.picked:
        _warn_independent(f)
    return recording, recording.pulled([one_of(y.dtype)])


@functools.cache
def one_of(dtype: np.dtype[Any]) -> Any:
    """The number 1 of a dtype, by which the result differs from itself."""
    return dtype.type(1)


@compiled_alike
def elementwise_grad(
    f: Callable[P, Any],
    argnums: Argnums = None,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[P, Any]:
    """Return a function that computes the derivative of an elementwise `f` at every element.

    For a function that maps arrays to arrays of the same shape, each element of the result depending on the same
    element of the argument alone. (For any other function this is the gradient of the sum of its results.) The
    parameters are those of `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns derivatives of the shape of the argument, or `(derivatives, aux)`.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def derivative(*args: P.args, **kwargs: P.kwargs) -> Any:
        call = Call(f, args, kwargs, argnums, argnames)
        call.check_differentiable("elementwise_grad", holomorphic)
        recording = Recording(f, call, has_aux)
        leaves = [y for y in recording.leaves if hasattr(y, "dtype")]
        if not holomorphic and any(y.dtype.kind == "c" for y in leaves):
            raise DTypeError(
                f"`elementwise_grad` needs a real result, and {described_function(f)} returned a complex one."
                f"{describe(here())}\n"
                "  For a complex-differentiable function pass `holomorphic=True`; otherwise differentiate real part, "
                "imaginary part or modulus."
            )
        ones = [np.ones(y.shape, y.dtype)[()] if hasattr(y, "dtype") else y for y in recording.leaves]
        derivatives = recording.pulled(ones)
        return (derivatives, recording.aux) if has_aux else derivatives

    return derivative


_ARRAYS = (np.ndarray, np.generic, Value)
_FLOAT = np.float64


def one_number(f: Callable[..., Any], recording: Recording, holomorphic: bool) -> Any:
    """The result of the function, if it is one number of the right kind."""
    leaves = recording.leaves
    y: Any = leaves[0] if len(leaves) == 1 else None
    if type(y) is _FLOAT and not holomorphic:
        return y
    is_array = isinstance(y, _ARRAYS)
    if is_array and not y.shape and y.dtype.kind in ("c" if holomorphic else "fiub"):
        return y
    name = described_function(f)
    if is_array:
        if not y.shape and y.dtype.kind == "c":
            raise NonScalarOutputError(
                f"`grad` needs a real result, and {name} returned a complex number.{describe(here())}\n"
                "  For a complex-differentiable function pass `holomorphic=True`; otherwise differentiate its real "
                "part, imaginary part or modulus."
            )
        if not y.shape and holomorphic:
            raise NonScalarOutputError(
                f"`grad` with `holomorphic=True` needs a complex result, and {name} returned a real number."
                f"{describe(here())}\n"
                "  A real function of a complex argument is not complex-differentiable: leave `holomorphic` away."
            )
    raise NonScalarOutputError(
        f"`grad` needs a function that returns one number, and {name} returned {described_result(recording)}."
        f"{describe(here())}\n"
        "  Reduce it (`np.sum(...)`), or ask for `cr.jacobian` (all derivatives), `cr.elementwise_grad` (an\n"
        "  elementwise function) or `cr.vjp` (a weighted sum of the results). Return extra results with `has_aux=True`."
    )


def described_result(recording: Recording) -> str:
    """What a function returned, in words."""
    leaves = recording.leaves
    if len(leaves) == 1 and isinstance(leaves[0], _ARRAYS):
        return f"{leaves[0].dtype} of shape {leaves[0].shape}"
    result = recording.value()
    if result is None:
        return "None"
    kind = type(leaves[0] if len(leaves) == 1 else result).__name__
    return f"a {kind}" if len(leaves) == 1 else f"a {kind} of {len(leaves)} values"


def _warn_independent(f: Callable[..., Any]) -> None:
    warnings.warn(
        f"the result of {described_function(f)} does not depend on what it is differentiated with respect to, so the "
        f"gradient is zero.{describe(here())}\n"
        "  If it should depend: was the value passed through `int`, `round`, `stop_gradient`, a comparison, or code "
        "that returns plain numbers?",
        IndependentOutputWarning,
        stacklevel=4,
    )
