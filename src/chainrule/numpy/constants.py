"""Functions of constants are NumPy's own: only what carries a derivative or stands for lanes needs a form of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from chainrule.numpy.handle import Argument, Array, Handle, wrap
from chainrule.numpy.operands import is_traced, plain
from chainrule.numpy.table import FUNCTIONS
from chainrule.trace import Value


def traced_form(
    *originals: Any, of_one: Callable[[Any, Any], Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the form of a function for traced arguments into the table; for constants alone it calls NumPy's own.

    What NumPy makes of constants is so NumPy's by construction, in every argument form, and costs what NumPy costs.
    Where it would write into an array that is given (`out`, `overwrite_input`), our form serves, since NumPy cannot
    write to a handle.

    `of_one` is the form for calls with a traced array and nothing else, where these are common: of its level and value.
    """
    original = originals[0]

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        # Of our form, which takes what NumPy's takes: a function of NumPy's in C may have no signature to ask for. The
        # code object tells it in a tenth of the time of a signature.
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        written = [(name, names.index(name)) for name in ("out", "overwrite_input") if name in names]

        @wraps(function)
        def form(*args: Any, **kwargs: Any) -> Any:
            if args and (type(args[0]) is Array or type(args[0]) is Argument) and type(args[0]._referent) is Value:
                if of_one is not None and not kwargs and len(args) == 1:
                    array = args[0]
                    array._owned = False
                    value = array._referent
                    return wrap(of_one(value.level, value))
                return function(*args, **kwargs) if kwargs else function(*args)
            if args and isinstance(args[0], Handle) and type(args[0]._peek()) is Value:
                if of_one is not None and not kwargs and len(args) == 1:
                    value = args[0]._read()
                    return wrap(of_one(value.level, value))
                return function(*args, **kwargs)
            if any(map(is_traced, args)) or any(map(is_traced, kwargs.values())):
                return function(*args, **kwargs)
            for name, place in written:
                given = args[place] if place < len(args) else kwargs.get(name)
                if isinstance(given, Handle) or given is True:
                    return function(*args, **kwargs)
            return _wrapped(original(*plain(args), **plain(kwargs)))

        for each in originals:
            FUNCTIONS[each] = form
        return form

    return enter


def _wrapped(result: Any) -> Any:
    """NumPy's result with its arrays as handles, also those in a named tuple."""
    if isinstance(result, tuple) and type(result) is not tuple:
        return type(result)(*map(wrap, result))
    return wrap(result)
