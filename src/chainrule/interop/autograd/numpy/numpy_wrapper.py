"""NumPy's functions, which follow derivatives; everything else of NumPy as it is.

The names of NumPy's `any`, `max`, `sum` and others hide Python's own here.
"""

from __future__ import annotations

import builtins as _python
import functools
from collections.abc import Callable
from typing import Any

import numpy as _np

from chainrule.api.bridging import counterpart_of
from chainrule.interop.autograd import builtins
from chainrule.interop.autograd.numpy.wrapping import holds_arrays, notrace_functions, public, wrap_namespace
from chainrule.interop.autograd.tracer import followed, getval, notrace_primitive, primitive

numpy_version = _np.__version__

_namespace: dict[str, Any] = {}
wrap_namespace(public(_np), _namespace)
# For the functions of this module, which are written with them.
globals().update(_namespace)

_where = _namespace["where"]
_array = _namespace["array"]


def where(condition: Any, *args: Any, **kwargs: Any) -> Any:
    """`numpy.where`; of Python's own lists and numbers it gives Python's own."""
    if not args and not kwargs:
        return _where(condition)
    choices = dict(zip(("x", "y"), args, strict=False), **kwargs)
    if set(choices) != {"x", "y"}:
        raise ValueError("where takes the condition alone, or with both x and y")
    result = _where(condition, choices["x"], choices["y"])
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


for _name in ("concatenate", "stack", "hstack", "vstack", "column_stack"):
    _namespace[_name] = _of_any_iterable(_namespace[_name])


def concatenate_args(axis: Any, *args: Any) -> Any:
    """`numpy.concatenate`, with the axis first and each array an argument."""
    return concatenate_args_along(axis, *args)


concatenate_args_along = followed(
    lambda axis, *args: _np.concatenate(args, axis),
    lambda axis, *args: counterpart_of(_np.concatenate)(args, axis),
)


def array_from_args(array_args: Any, array_kwargs: Any, *args: Any) -> Any:
    """`numpy.array` of a list, with each item an argument."""
    return _array(list(args), *array_args, **array_kwargs)


def wrap_if_boxes_inside(raw_array: Any, slow_op_name: str | None = None) -> Any:
    """An array of objects, some of them traced, as a traced array."""
    if raw_array.dtype == _np.dtype("O"):
        return _array(raw_array.ravel().tolist()).reshape(raw_array.shape)
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
    return _namespace["multiply"](_namespace["expand_dims"](D, -1), _np.eye(D.shape[-1]))


def make_diagonal(D: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Matrices with the last axis of D as their diagonals."""
    if (offset, axis1, axis2) not in ((0, -1, -2), (0, 0, 1)) or (axis1 == 0 and _np.ndim(getval(D)) != 1):
        raise NotImplementedError("make_diagonal makes diagonals along the last two axes: axis1=-1, axis2=-2")
    return _diagonal_matrices(D)


@notrace_primitive
def metadata(A: Any) -> Any:
    """Shape, number of axes, dtype, and whether it is complex."""
    return _np.shape(A), _np.ndim(A), _np.result_type(A), _np.iscomplexobj(A)


@notrace_primitive
def parse_einsum_input(*args: Any) -> Any:
    """What NumPy reads in the arguments of `einsum`: subscripts of the operands, those of the result, the operands."""
    from numpy._core import einsumfunc

    return getattr(einsumfunc, "_parse_einsum_input")(args)  # noqa: B009  # not among NumPy's typed names


def _converted(A: Any, *args: Any, **kwargs: Any) -> Any:
    return A.astype(*args, **kwargs)


_astype = followed(_converted, _converted)


def _stacked_rows(tup: Any) -> Any:
    return _namespace["vstack"](tup)


row_stack = _stacked_rows

_namespace.update(
    where=where,
    concatenate_args=concatenate_args,
    array_from_args=array_from_args,
    wrap_if_boxes_inside=wrap_if_boxes_inside,
    r_class=r_class,
    c_class=c_class,
    r_=r_,
    c_=c_,
    make_diagonal=make_diagonal,
    metadata=metadata,
    parse_einsum_input=parse_einsum_input,
    row_stack=row_stack,
    numpy_version=numpy_version,
    wrap_namespace=wrap_namespace,
    notrace_functions=notrace_functions,
    notrace_primitive=notrace_primitive,
    primitive=primitive,
    builtins=builtins,
)
globals().update(_namespace)

__all__ = list(_namespace)  # noqa: PLE0605, RUF100  # NumPy's names, of the version that is installed


def __getattr__(name: str) -> Any:
    # What NumPy loads when it is asked for.
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_np, name)
