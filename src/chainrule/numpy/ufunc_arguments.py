"""The keyword arguments of ufuncs: `out`, `where`, `dtype`, and those that change nothing for a derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import ops
from chainrule.errors import TracedAssignmentError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import WHOLE, Array, Handle, Scalar, wrap
from chainrule.numpy.operands import converted, promoted, value_of
from chainrule.trace import Value

if TYPE_CHECKING:
    from chainrule.numpy.ufuncs import Ufunc

# Arguments about memory and loops, which leave the result as it is.
_IGNORED = frozenset({"casting", "order", "subok", "signature", "sig", "extobj"})


def call_with(entry: Ufunc, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a ufunc with keyword arguments, or with results as further positional ones."""
    ufunc = entry.ufunc
    kwargs = {key: value for key, value in kwargs.items() if key not in _IGNORED}
    out = kwargs.pop("out", None)
    where = kwargs.pop("where", True)
    dtype = kwargs.pop("dtype", None)
    if kwargs:
        raise TypeError(f"{ufunc.__name__}() got an unexpected keyword argument '{next(iter(kwargs))}'")
    if len(args) > ufunc.nin:
        if len(args) > ufunc.nin + ufunc.nout or out is not None:
            raise TypeError(f"{ufunc.__name__}() takes from {ufunc.nin} to {ufunc.nargs} positional arguments")
        args, out = args[: ufunc.nin], args[ufunc.nin :]
    if len(args) < ufunc.nin:
        raise TypeError(f"{ufunc.__name__}() takes {ufunc.nin} positional arguments but {len(args)} were given")
    values = promoted(ufunc, args)
    if dtype is not None:
        values = tuple(converted(x, dtype) for x in values)
    results = entry.function(*values)
    several = type(results) is tuple
    targets = out if type(out) is tuple else (out,) * (1 if not several else len(results))
    stored = tuple(
        store(result, target, where, first=args[0])
        for result, target in zip(results if several else (results,), targets, strict=False)
    )
    return stored if several else stored[0]


def store(result: Any, out: Any, where: Any = True, first: Any = None) -> Any:
    """A result, written to `out` where that is given, and only where `where` holds."""
    if out is None:
        if where is True:
            return wrap(result)
        condition = value_of(where)
        shape = np.broadcast_shapes(result.shape, condition.shape)
        # NumPy leaves these entries uninitialised; zero is one of the values that they may have.
        return wrap(ops.select(condition, _spread(result, shape), result.dtype.type(0)))
    if isinstance(out, Scalar):
        raise TypeError("return arrays must be of ArrayType")
    if not isinstance(out, Array):
        return _store_in_plain(result, out, where, first)
    if where is not True:
        before = out._read()
        condition = value_of(where)
        result = ops.select(_spread(condition, out.shape), _spread(converted(result, out.dtype), out.shape), before)
    if np.broadcast_shapes(result.shape, out.shape) != out.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {out.shape} doesn't match the broadcast shape {result.shape}"
        )
    if not np.can_cast(result.dtype, out.dtype, casting="same_kind"):
        raise TypeError(f"cannot cast the result from {result.dtype!r} to {out.dtype!r} with casting rule 'same_kind'")
    out._write_part(converted(result, out.dtype), WHOLE)
    return out


def _store_in_plain(result: Any, out: Any, where: Any, first: Any) -> Any:
    """`plain += traced` gives the traced result; any other write of a traced value into a plain array raises."""
    if type(result) is not Value:
        target = np.asarray(out)
        np.copyto(target, result, where=where._plain("where") if isinstance(where, Handle) else where)
        return out
    if out is first and where is True:
        return wrap(_spread(result, out.shape))
    raise TracedAssignmentError(
        f"a value that carries a derivative cannot be stored in a plain NumPy array (`out=`).{describe(here())}\n"
        "  The array holds numbers only; storing here would lose the derivative.\n"
        "  Leave `out` away, or make the array inside the differentiated function."
    )


def _spread(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else ops.broadcast_to(x, shape=shape)


__all__ = ["call_with", "store"]
