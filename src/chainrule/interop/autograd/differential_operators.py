"""Operators on functions: gradients, Jacobians, Hessians, and products with them."""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice
from typing import Any

import chainrule.interop.autograd.numpy as np
from chainrule.api.bridging import Run
from chainrule.interop.autograd.core import _needs_boxes, defvjp_argnum, vspace
from chainrule.interop.autograd.core import make_jvp as _make_jvp
from chainrule.interop.autograd.core import make_vjp as _make_vjp
from chainrule.interop.autograd.tracer import primitive, warn_independent
from chainrule.interop.autograd.wrap_util import unary_to_nary

make_vjp = unary_to_nary(_make_vjp)
make_jvp = unary_to_nary(_make_jvp)


def _value_and_pulled_ones(fun: Any, x: Any, check: Callable[[Any], None]) -> tuple[Any, Any]:
    """The result of a function, and Jacobian-transpose times ones."""
    if _needs_boxes(x):
        vjp, ans = _make_vjp(fun, x)
        check(ans)
        return ans, vjp(vspace(ans).ones())
    run = Run(fun, x, kept=False)
    ans = run.value()
    check(ans)
    if not run.depends:
        warn_independent()
        return ans, vspace(x).zeros()
    return ans, run.pull_ones()


def _one_real_number(operator: str) -> Callable[[Any], None]:
    def check(ans: Any) -> None:
        if type(ans) is not np.float64 and vspace(ans).size != 1:
            raise TypeError(
                f"{operator} only applies to functions with one real number as the result, and this one returned "
                f"{_described(ans)}. Try jacobian, elementwise_grad or holomorphic_grad."
            )

    return check


def _described(ans: Any) -> str:
    if hasattr(ans, "shape") and hasattr(ans, "dtype"):
        return f"{ans.dtype} of shape {ans.shape}"
    return f"a {type(ans).__name__}"


@unary_to_nary
def grad(fun: Any, x: Any) -> Any:
    """
    Returns a function which gives the gradient of `fun`, whose result is one real number.

    `argnum` says with respect to which argument, by position (0); several positions give a tuple of gradients. Lists,
    tuples and dicts of arrays are arguments, too; their gradients nest like them.
    """
    return _value_and_pulled_ones(fun, x, _check_grad)[1]


_check_grad = _one_real_number("grad")
_check_value_and_grad = _one_real_number("value_and_grad")


def _check_elementwise(ans: Any) -> None:
    # Arrays and numbers say so themselves: few programs ask for their spaces.
    plain = type(ans) is np.ndarray or type(ans) is np.float64
    if ans.dtype.kind == "c" if plain else vspace(ans).iscomplex:
        raise TypeError("elementwise_grad only applies to functions with a real result.")


@unary_to_nary
def elementwise_grad(fun: Any, x: Any) -> Any:
    """Return a function for the sum of each column of the Jacobian; its diagonal, if `fun` is elementwise."""
    return _value_and_pulled_ones(fun, x, _check_elementwise)[1]


@unary_to_nary
def deriv(fun: Any, x: Any) -> Any:
    """Return a function for the derivative along the direction of ones, by forward mode."""
    return _make_jvp(fun, x)(vspace(x).ones())[1]


@unary_to_nary
def jacobian(fun: Any, x: Any) -> Any:
    """Return a function for the Jacobian, of shape (*result, *argument); argument and result are arrays."""
    run = None if _needs_boxes(x) else Run(fun, x, kept=False)
    vjp, ans = _make_vjp(fun, x) if run is None else (run.pull, run.value())
    result, argument = vspace(ans), vspace(x)
    for space, what in ((result, "result"), (argument, "argument")):
        if not hasattr(space, "dtype"):
            raise TypeError(
                f"jacobian only applies to functions of one array with one array as the result; the {what}"
                f" is of {space}."
            )
    if result.iscomplex:
        for basis in islice(result.standard_basis(), 1):
            # The rule of a primitive may have a reason of its own to refuse.
            vjp(basis)
        raise TypeError(
            "jacobian only applies to functions with a real result. Take it of the real and the imaginary part, "
            "or use holomorphic_grad."
        )
    shape = tuple(result.shape) + tuple(argument.shape)
    if run is not None and not run.depends:
        warn_independent()
        return np.zeros(shape)
    # A real result of a complex argument has a derivative for the imaginary part, too, which pulls alone give.
    if run is not None and result.size > 1 and not argument.iscomplex:
        derivatives = run.jacobian()
        if derivatives is not None:
            return derivatives
    rows = [vjp(basis) for basis in result.standard_basis()]
    return np.reshape(np.stack(rows), shape) if rows else np.zeros(shape)


@unary_to_nary
def holomorphic_grad(fun: Any, x: Any) -> Any:
    """Return a function for the derivative of a complex-differentiable `fun`."""
    if not vspace(x).iscomplex:
        warnings.warn("Input to holomorphic_grad is not complex", stacklevel=2)
    return grad(lambda x: np.real(fun(x)))(x)


def grad_named(fun: Any, argname: str) -> Any:
    """Return a function for the gradient with respect to an argument by name."""
    return grad(fun, list(inspect.signature(fun).parameters).index(argname))


@unary_to_nary
def hessian(fun: Any, x: Any) -> Any:
    """Return a function for the Hessian, of shape (*argument, *argument)."""
    return jacobian(jacobian(fun))(x)


@unary_to_nary
def make_hvp(fun: Any, x: Any) -> Any:
    """Return a function that runs `fun` once and gives the Hessian-vector product and the gradient there."""
    return _make_vjp(grad(fun), x)


def hessian_tensor_product(fun: Any, argnum: int = 0) -> Any:
    """Return a function of the arguments of `fun` and a tensor, for the Hessian times that tensor."""
    fun_grad = grad(fun, argnum)

    def tensor_dot_grad(*args: Any, **kwargs: Any) -> Any:
        *arguments, tensor = args
        return np.tensordot(fun_grad(*arguments, **kwargs), tensor, np.ndim(tensor))

    return grad(tensor_dot_grad, argnum)


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Any, argnum: int = 0) -> Any:
    """Return a function of the arguments of `fun` and a tensor, for that tensor times the Jacobian."""

    def tensor_dot_fun(*args: Any, **kwargs: Any) -> Any:
        *arguments, tensor = args
        return np.tensordot(tensor, fun(*arguments, **kwargs), axes=np.ndim(tensor))

    return jacobian(tensor_dot_fun, argnum)


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def make_jvp_reversemode(fun: Any, x: Any) -> Any:
    """Return a function for Jacobian times vector, as the transpose of the transposed product."""
    vjp, y = _make_vjp(fun, x)
    return _make_vjp(vjp, vspace(y).zeros())[0]


def _half_squared_norm(x: Any) -> Any:
    return 1.0 / 2 * np.sum(x**2, axis=-1)


def make_ggnvp(f: Any, g: Any = _half_squared_norm, f_argnum: int = 0) -> Any:
    """Return a function that gives the product with the generalised Gauss-Newton matrix of g ∘ f at a point."""

    @unary_to_nary
    def _make_ggnvp(f: Any, x: Any) -> Any:
        f_vjp, f_x = _make_vjp(f, x)
        g_hvp, grad_g_x = _make_vjp(grad(g), f_x)
        f_jvp, _ = _make_vjp(f_vjp, vspace(grad_g_x).zeros())
        return lambda v: f_vjp(g_hvp(f_jvp(v)))

    return _make_ggnvp(f, f_argnum)


@unary_to_nary
def value_and_grad(fun: Any, x: Any) -> Any:
    """Return a function for the pair of value and gradient, as `scipy.optimize` takes it with `jac=True`."""
    return _value_and_pulled_ones(fun, x, _check_value_and_grad)


@unary_to_nary
def grad_and_aux(fun: Any, x: Any) -> Any:
    """Return a function for the gradient of the first of two results, and the second result as it is."""
    from chainrule.interop.autograd.builtins import tuple as atuple

    vjp, (ans, aux) = _make_vjp(lambda x: atuple(fun(x)), x)
    return vjp((vspace(ans).ones(), vspace(aux).zeros())), aux


def multigrad_dict(fun: Any) -> Any:
    """Return a function for the gradients with respect to all arguments, by name."""
    signature = inspect.signature(fun)

    def gradfun(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_arguments(arguments: Any) -> Any:
            given = inspect.BoundArguments(signature, OrderedDict(arguments))
            return fun(*given.args, **given.kwargs)

        gradients = grad(of_arguments)(dict(bound.arguments))
        return OrderedDict((name, gradients[name]) for name in bound.arguments)

    return gradfun


def checkpoint(fun: Any) -> Any:
    """Return `fun` as an operation of which only the arguments are kept, and that runs again for its derivative."""
    wrapped = primitive(fun)
    defvjp_argnum(wrapped, lambda argnum, ans, args, kwargs: make_vjp(fun, argnum)(*args, **kwargs)[0])
    return wrapped


def __getattr__(name: str) -> Any:
    if name == "atuple":
        # Under this name it stands in autograd's file.
        from chainrule.interop.autograd.builtins import tuple as atuple

        return atuple
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]
