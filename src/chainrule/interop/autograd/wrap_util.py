"""From operators on functions of one argument to those on functions of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.interop.autograd.util import subvals

UNNAMED = "[unknown name]"


def unary_to_nary(unary_operator: Callable[..., Any]) -> Any:
    """An operator `op(fun, x)` as one that takes a function and the number of the argument, or several numbers."""

    @wraps(unary_operator)
    def nary_operator(fun: Any, argnum: Any = 0, *nary_op_args: Any, **nary_op_kwargs: Any) -> Any:
        assert type(argnum) in (int, tuple, list), f"argnum is an int, or a tuple or list of them, not {argnum!r}"
        several = type(argnum) is not int

        def nary_f(*args: Any, **kwargs: Any) -> Any:
            def unary_f(x: Any) -> Any:
                if several:
                    return fun(*subvals(args, zip(argnum, x, strict=False)), **kwargs)
                filled = list(args)
                filled[argnum] = x
                return fun(*filled, **kwargs)

            # Without the templates, and without a call for each: they take longer than a product.
            unary_f.__name__ = str(getattr(fun, "__name__", UNNAMED))
            unary_f.__doc__ = getattr(fun, "__doc__", "")
            x = tuple([args[i] for i in argnum]) if several else args[argnum]
            return unary_operator(unary_f, x, *nary_op_args, **nary_op_kwargs)

        _name_after(nary_f, unary_operator, fun, argnum)
        return nary_f

    return nary_operator


def _name_after(f: Any, operator: Any, fun: Any, argnum: Any) -> None:
    """Name what an operator makes of a function."""
    name, of = getattr(operator, "__name__", UNNAMED), getattr(fun, "__name__", UNNAMED)
    f.__name__ = f"{name}_of_{of}_wrt_argnum_{argnum}"
    f.__doc__ = (
        f"    {name} of function {of} with respect to argument number {argnum}; it takes the arguments of {of}.\n    "
    )


def wraps(fun: Any, namestr: str = "{fun}", docstr: str = "{doc}", **kwargs: Any) -> Callable[[Any], Any]:
    """Give a function the name and docstring of another one, through templates."""

    def named(f: Any) -> Any:
        try:
            f.__name__ = namestr.format(fun=get_name(fun), **kwargs)
            f.__doc__ = docstr.format(fun=get_name(fun), doc=get_doc(fun), **kwargs)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # An object without a name is called by its own.
            pass
        return f

    return named


def wrap_nary_f(fun: Any, op: Any, argnum: Any) -> Callable[[Any], Any]:
    """Name what an operator makes of a function."""

    def named(f: Any) -> Any:
        _name_after(f, op, fun, argnum)
        return f

    return named


def get_name(f: Any) -> Any:
    """What a function is called."""
    return getattr(f, "__name__", UNNAMED)


def get_doc(f: Any) -> Any:
    """The docstring of a function."""
    return getattr(f, "__doc__", "")


__all__ = ["get_doc", "get_name", "unary_to_nary", "wrap_nary_f", "wraps"]
