"""The keyword arguments of ufuncs: `out`, `where`, `dtype`, and those that change nothing for a derivative."""

from __future__ import annotations

import dis
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import ops
from chainrule.graph.position import describe, here, user_frame
from chainrule.numpy.handle import WHOLE, Array, Handle, Scalar, fresh, wrap
from chainrule.numpy.operands import converted, promoted, value_of
from chainrule.trace import Value

if TYPE_CHECKING:
    from chainrule.numpy.ufuncs import Ufunc

# Arguments about memory, which leave the result as it is.
_ABOUT_MEMORY = ("order", "subok")
_NAMES = frozenset({"out", "where", "dtype", "casting", "signature", "sig", *_ABOUT_MEMORY})


def call_with(entry: Ufunc, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a ufunc with keyword arguments, or with results as further positional ones."""
    ufunc = entry.ufunc
    for name in kwargs:
        if name not in _NAMES:
            raise TypeError(f"{ufunc.__name__}() got an unexpected keyword argument '{name}'")
    operands, targets, always_arrays = _arranged(ufunc, args, kwargs)
    where = kwargs.get("where", True)
    casting = kwargs.get("casting", "same_kind")
    values = promoted(ufunc, operands, _signature(ufunc, kwargs), casting)
    if where is not True:
        values = _held_where_not_wanted(ufunc, values, where)
    results = entry.function(*values)
    several = type(results) is tuple
    stored = tuple(
        store(result, target, where, casting=casting, first=args[0])
        for result, target in zip(results if several else (results,), targets, strict=True)
    )
    if always_arrays:
        stored = tuple(fresh(value_of(result)) if isinstance(result, Scalar) else result for result in stored)
    return stored if several else stored[0]


def _arranged(
    ufunc: np.ufunc, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], tuple[Any, ...], bool]:
    """Operands, one target or None for each result, and whether results are arrays even if they have no axes."""
    nin, nout, name = ufunc.nin, ufunc.nout, ufunc.__name__
    if not nin <= len(args) <= nin + nout:
        counted = f"from {nin} to {nin + nout}"
        raise TypeError(f"{name}() takes {counted} positional arguments but {len(args)} were given")
    out = kwargs.get("out")
    if len(args) > nin:
        if out is not None:
            raise TypeError("cannot specify 'out' as both a positional and keyword argument")
        out = (*args[nin:], *(None,) * (nin + nout - len(args)))
    elif out is Ellipsis:
        return args, (None,) * nout, True
    elif out is None:
        return args, (None,) * nout, False
    elif type(out) is not tuple:
        if nout > 1:
            raise TypeError("'out' must be a tuple of arrays")
        out = (out,)
    if len(out) != nout:
        raise ValueError("The 'out' tuple must have exactly one entry per ufunc output")
    return args[:nin], out, False


def _signature(ufunc: np.ufunc, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """The dtypes that `dtype`, `signature` or `sig` prescribe for operands and results, None where they do not."""
    signature = kwargs.get("signature", kwargs.get("sig"))
    dtype = kwargs.get("dtype")
    if dtype is not None:
        if signature is not None:
            raise TypeError("cannot specify both 'signature' and 'dtype'")
        return (*(None,) * ufunc.nin, *(np.dtype(dtype),) * ufunc.nout)
    if signature is None:
        return None
    if isinstance(signature, str) and "->" in signature:
        signature = tuple(signature.replace("->", ""))
    if not isinstance(signature, tuple) or len(signature) != ufunc.nargs:
        raise TypeError("the signature is a string such as 'dd->d' or a tuple with a dtype or None for each argument")
    return tuple(None if part is None else np.dtype(part) for part in signature)


def _held_where_not_wanted(ufunc: np.ufunc, values: tuple[Any, ...], where: Any) -> tuple[Any, ...]:
    """Operands with a harmless number where no result is wanted, since NumPy computes nothing there and cannot warn."""
    condition = _condition(where)
    harmless = 0 if ufunc is np.arctanh else 1
    return tuple(ops.select(condition, x, x.dtype.type(harmless)) for x in values)


def _condition(where: Any) -> Any:
    condition = value_of(where)
    if condition.dtype != bool:
        raise TypeError(
            f"Cannot cast array data from {condition.dtype!r} to dtype('bool') according to the rule 'safe'"
        )
    return condition


def store(result: Any, out: Any, where: Any = True, *, casting: Any = "same_kind", first: Any = None) -> Any:
    """A result, written to `out` where that is given, and only where `where` holds.

    `first` is the first operand of the call: `plain += traced` arrives as a call whose `out` is that.
    """
    if out is None:
        if where is True:
            return wrap(result)
        # NumPy leaves the other entries uninitialised; zero is one of the values that they may have.
        return wrap(ops.select(_condition(where), result, result.dtype.type(0)))
    if type(out) is tuple:
        (out,) = out
    if isinstance(out, Scalar) or not isinstance(out, (Array, np.ndarray)):
        raise TypeError("return arrays must be of ArrayType")
    if not np.can_cast(result.dtype, out.dtype, casting):
        raise TypeError(f"Cannot cast output from {result.dtype!r} to {out.dtype!r} with casting rule '{casting}'")
    if not isinstance(out, Array):
        return _store_in_plain(result, out, where, first)
    shape = out.shape
    if result.dtype != out.dtype:
        result = converted(result, out.dtype)
    if where is not True:
        result = ops.select(_condition(where), result, out._read())
    if result.shape != shape:
        spread = np.broadcast_shapes(result.shape, shape)
        if spread != shape:
            raise ValueError(
                f"non-broadcastable output operand with shape {shape} doesn't match the broadcast shape {spread}"
            )
    out._write_part(result, WHOLE)
    return out


def _store_in_plain(result: Any, out: np.ndarray[Any, Any], where: Any, first: Any) -> Any:
    """`plain += traced` gives the traced result; any other write of a traced value into a plain array raises."""
    if type(result) is not Value:
        np.copyto(out, result, casting="unsafe", where=where._plain("where") if isinstance(where, Handle) else where)
        return out
    if out is first and where is True and _is_augmented_assignment():
        if result.dtype != out.dtype:
            result = converted(result, out.dtype)
        return wrap(result if result.shape == out.shape else ops.broadcast_to(result, shape=out.shape))
    from chainrule.errors import TracedAssignmentError

    raise TracedAssignmentError(
        f"a value that carries a derivative cannot be stored in a plain NumPy array (`out=`).{describe(here())}\n"
        "  The array holds numbers only; storing here would lose the derivative.\n"
        "  Leave `out` away, or make the array inside the differentiated function."
    )


def _is_augmented_assignment() -> bool:
    """Whether the user's code is at `a += b` or its kin, which binds the name to what comes out."""
    frame = user_frame()
    if frame is None:
        return False
    instruction = frame.f_code.co_code[frame.f_lasti]
    return dis.opname[instruction] == "BINARY_OP" and frame.f_code.co_code[frame.f_lasti + 1] >= _FIRST_IN_PLACE


# BINARY_OP says in its argument which operator it is; those that assign come last.
_FIRST_IN_PLACE = next(k for k, (name, _) in enumerate(dis._nb_ops) if name == "NB_INPLACE_ADD")  # type: ignore[attr-defined]  # no public table names them


__all__ = ["call_with", "store"]
