"""NumPy's functions, which follow derivatives; everything else of NumPy as it is.

The names of NumPy's `any`, `max`, `sum` and others hide Python's own here.
"""

from __future__ import annotations

import builtins as _python
import functools
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as _np

from chainrule.api.bridging import counterpart_of
from chainrule.interop.autograd.filled_modules import fill
from chainrule.interop.autograd.following import followed
from chainrule.interop.autograd.numpy.wrapping import (
    StandIns,
    enter,
    holds_arrays,
    notrace_functions,
    wrap_intdtype,
    wrap_namespace,
)
from chainrule.interop.autograd.tracer import getval, notrace_primitive, primitive

numpy_version = _np.__version__

# Of the version that is installed, as it is now.
_stand_ins = StandIns(dict(vars(_np)), __name__, hidden="_")


def original_where() -> Any:
    """What stands for `numpy.where` itself."""
    return _stand_ins.made("where")


def where(condition: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.where`; of Python's own lists and numbers it gives Python's own."""
    original = original_where()
    if not args and not kwargs:
        return original(condition)
    choices = dict(zip(("x", "y"), args, strict=False), **kwargs)
    if set(choices) != {"x", "y"}:
        raise ValueError("where takes the condition alone, or with both x and y")
    result = original(condition, choices["x"], choices["y"])
    if isinstance(result, _np.ndarray) and not _python.any(map(holds_arrays, (condition, choices["x"], choices["y"]))):
        return result.tolist()
    return result


def _of_any_iterable(join: Callable[..., Any]) -> Callable[..., Any]:
    """A function that joins arrays; here they may also be the values of a dictionary, or come from an iterator."""

    @functools.wraps(join, updated=())
    def joined(*args: Any, **kwargs: Any) -> Any:
        if args and not hasattr(args[0], "__getitem__"):
            args = (list(args[0]), *args[1:])
        return join(*args, **kwargs)

    return joined


_OF_ANY_ITERABLE = frozenset(("concatenate", "stack", "hstack", "vstack", "column_stack"))


def concatenate_args(axis: Any, *args: Any) -> Any:
    """`numpy.concatenate`, with the axis first and each array an argument."""
    return concatenate_args_along(axis, *args)


concatenate_args_along = followed(
    lambda axis, *args: _np.concatenate(args, axis),
    lambda axis, *args: counterpart_of(_np.concatenate)(args, axis),
)


def array_from_args(array_args: Any, array_kwargs: Any, *args: Any) -> Any:
    """`numpy.array` of a list, with each item an argument."""
    return _stand_ins.made("array")(list(args), *array_args, **array_kwargs)


def _array_from_scalar_or_array(array_args: Any, array_kwargs: Any, scalar: Any) -> Any:
    """`numpy.array` of what is not a list, with its other arguments first."""
    return _stand_ins.made("array")(scalar, *array_args, **array_kwargs)


def wrap_if_boxes_inside(raw_array: Any, slow_op_name: str | None = None) -> Any:
    """An array of objects, some of them traced, as a traced array."""
    if raw_array.dtype == _np.dtype("O"):
        return _stand_ins.made("array")(raw_array.ravel().tolist()).reshape(raw_array.shape)
    return raw_array


class r_class:  # as autograd calls it
    """`numpy.r_`."""

    def __getitem__(self, args: Any) -> Any:
        return _along_rows(args)


class c_class:  # as autograd calls it
    """`numpy.c_`."""

    def __getitem__(self, args: Any) -> Any:
        return _along_columns(args)


def _grid(original: Any) -> Callable[[Any], Any]:
    import chainrule.numpy as ours

    name = "r_" if original is _np.r_ else "c_"
    return followed(lambda args: original[args], lambda args: getattr(ours, name)[args])


_along_rows, _along_columns = _grid(_np.r_), _grid(_np.c_)
r_, c_ = r_class(), c_class()


def _diagonal_matrices(D: Any) -> Any:
    return D[..., None] * _np.eye(D.shape[-1])


def make_diagonal(D: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Matrices with the last axis of D as their diagonals."""
    if (offset, axis1, axis2) not in ((0, -1, -2), (0, 0, 1)) or (axis1 == 0 and _np.ndim(getval(D)) != 1):
        raise NotImplementedError("make_diagonal makes diagonals along the last two axes: axis1=-1, axis2=-2")
    return _diagonal_matrices(D)


@notrace_primitive
def metadata(A: Any) -> Any:
    """Shape, number of axes, dtype, and whether it is complex."""
    return _np.shape(A), _np.ndim(A), _np.result_type(A), _np.iscomplexobj(A)


def _parse_einsum_input(operands: Any) -> Any:
    """What NumPy reads in the arguments of `einsum`: subscripts of the operands, those of the result, the operands."""
    from numpy._core import einsumfunc

    return getattr(einsumfunc, "_parse_einsum_input")(operands)  # noqa: B009  # not among NumPy's typed names


@notrace_primitive
def parse_einsum_input(*args: Any) -> Any:
    """The same of arguments one by one, traced ones as their plain values."""
    return _parse_einsum_input(args)


def _converted(A: Any, *args: Any, **kwargs: Any) -> Any:
    return A.astype(*args, **kwargs)


_astype = followed(_converted, _converted)


def row_stack(tup: Any) -> Any:
    """`numpy.vstack`."""
    return _find("vstack")(tup)


_OWN: dict[str, Any] = {
    "where": where,
    "concatenate_args": concatenate_args,
    "array_from_args": array_from_args,
    "wrap_if_boxes_inside": wrap_if_boxes_inside,
    "r_class": r_class,
    "c_class": c_class,
    "r_": r_,
    "c_": c_,
    "make_diagonal": make_diagonal,
    "metadata": metadata,
    "parse_einsum_input": parse_einsum_input,
    "row_stack": row_stack,
    "numpy_version": numpy_version,
    "wrap_intdtype": wrap_intdtype,
    "wrap_namespace": wrap_namespace,
    "notrace_functions": notrace_functions,
    "notrace_primitive": notrace_primitive,
    "primitive": primitive,
}

_MODULES = ("builtins",)
# Statistics under the names that autograd keeps for what it wraps once more, of lists; rules are stated for these.
_KEPT_AS_PRIMITIVES = frozenset(("_primitive_mean", "_primitive_std", "_primitive_var"))


def _find(name: str) -> Any:
    if name == "__all__":
        return [*_MODULES, *_stand_ins.names, *(name for name in _OWN if name not in _stand_ins)]
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _MODULES:
        return import_module(f"chainrule.interop.autograd.{name}")
    if name in _KEPT_AS_PRIMITIVES:
        return _stand_ins.made(name.removeprefix("_primitive_"))
    if name not in _stand_ins:
        # What NumPy loads when it is asked for.
        return getattr(_np, name)
    made = _stand_ins.made(name)
    if name in _OF_ANY_ITERABLE:
        made = _of_any_iterable(made)
    # Kept as an attribute: the next look-up does not come here. What a program put there stays.
    return globals().setdefault(name, made)


enter(_find, lambda: [name for name in _stand_ins.names if name not in _OWN])


def _listed() -> list[str]:
    return sorted({*globals(), *_find("__all__")})


fill(__name__, _find, _listed)

if TYPE_CHECKING:
    # What is found.
    def __getattr__(name: str) -> Any: ...
