"""Ufuncs that are not NumPy's own: those without a front end, such as Python functions, compute constants only."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np

from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy.front_ends import ufunc_entry
from chainrule.numpy.handle import WHOLE, Array, Handle, wrap
from chainrule.numpy.operands import is_traced, plain, promoted, resists
from chainrule.ops.declaration import elementwise
from chainrule.trace import Op
from chainrule.transforms.reverse import missing_rule


class ForeignUfunc:
    """A ufunc without a derivative rule: it computes constants, and is refused for traced values."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self.ufunc = ufunc
        self.__name__ = ufunc.__name__
        self.__doc__ = ufunc.__doc__

    def __repr__(self) -> str:
        return repr(self.ufunc)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ufunc, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The value for constants."""
        if len(args) == self.ufunc.nin and not kwargs and any(map(is_traced, args)) and _can_be_recorded(self.ufunc):
            self._refuse_traced(args, kwargs)
            return wrap(recorded_op(self.ufunc)(*promoted(self.ufunc, args)))
        return self._compute("__call__", args, kwargs)

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        """`reduce` of constants."""
        return self._compute("reduce", args, kwargs)

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        """`accumulate` of constants."""
        return self._compute("accumulate", args, kwargs)

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        """`reduceat` of constants."""
        return self._compute("reduceat", args, kwargs)

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        """`outer` of constants."""
        return self._compute("outer", args, kwargs)

    def at(self, a: Any, *args: Any) -> None:
        """`at` with constants, in an array of which no view is traced."""
        if not isinstance(a, Array):
            self._compute("at", (a, *args), {})
            return
        self._refuse_traced((a, *args), {})
        changed = np.array(a._peek())
        self.ufunc.at(changed, *plain(args))
        a._write_part(changed, WHOLE)

    def _compute(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._refuse_traced(args, kwargs)
        # NumPy writes to copies, whose values the arrays then take over.
        written: list[tuple[Array, Any]] = []

        def writable(target: Any) -> Any:
            if not isinstance(target, Array):
                return target
            written.append((target, np.array(target._peek())))
            return written[-1][1]

        if method == "__call__":
            args = (*args[: self.ufunc.nin], *map(writable, args[self.ufunc.nin :]))
        out = kwargs.get("out")
        if out is not None:
            kwargs = {**kwargs, "out": tuple(map(writable, out)) if isinstance(out, tuple) else writable(out)}
        results = getattr(self.ufunc, method)(*plain(args), **plain(kwargs))
        several = isinstance(results, tuple)
        for result in results if several else (results,):
            if any(isinstance(item, Handle) for item in _objects(result)):
                # A Python function used a traced value from around it.
                raise refusal(self.ufunc)
        for target, value in written:
            target._write_part(value, WHOLE)
        targets = {id(value): target for target, value in written}
        handles = tuple(targets.get(id(result), wrap(result)) for result in (results if several else (results,)))
        return handles if several else handles[0]

    def _refuse_traced(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if any(map(resists, args)) or any(resists(value) for value in kwargs.values()):
            raise refusal(self.ufunc)


@cache
def recorded_op(ufunc: np.ufunc) -> Op:
    """The op of a ufunc without a rule, for a program that is recorded and not differentiated."""
    return elementwise(ufunc.__name__, ufunc)


def _can_be_recorded(ufunc: np.ufunc) -> bool:
    return ufunc.signature is None and not any("O" in loop for loop in ufunc.types)


def _objects(result: Any) -> Any:
    """The objects in an array of objects."""
    return np.ravel(result) if np.asarray(result).dtype.kind == "O" else ()


@cache
def foreign(ufunc: np.ufunc) -> Any:
    """What stands for a ufunc that is not NumPy's: the entry that a front end has for it, or one without a rule."""
    return ufunc_entry(ufunc) or ForeignUfunc(ufunc)


def refusal(ufunc: np.ufunc) -> Exception:
    """The error for a ufunc without a derivative rule that meets a traced value."""
    if ufunc.__name__.endswith(" (vectorized)"):
        name = ufunc.__name__.removesuffix(" (vectorized)")
        return NoRuleError(
            f"`np.frompyfunc({name}, ...)` works on Python objects, which a derivative cannot follow."
            f"{describe(here())}\n"
            "  Use `np.vectorize`, which runs the function for each element alike, or write it with array functions."
        )
    return missing_rule(f"{home_of(ufunc)}{ufunc.__name__}")


def home_of(ufunc: np.ufunc) -> str:
    """The public module that a ufunc is imported from, with a dot; empty if there is none.

    A ufunc does not know its module, but the package of the extension that made it has it under its name.
    """
    name = ufunc.__name__
    holders = [module for module, held in list(sys.modules.items()) if getattr(held, "__dict__", {}).get(name) is ufunc]
    makers = {module.partition(".")[0] for module in holders if _is_extension(module)}
    public = [
        module
        for module in holders
        if module.partition(".")[0] in makers and not any(part.startswith("_") for part in module.split("."))
    ]
    return min(public, key=len) + "." if public else ""


def _is_extension(module: str) -> bool:
    return not (getattr(sys.modules[module], "__file__", None) or ".py").endswith(".py")
