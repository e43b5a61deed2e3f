"""The boxes of numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.api.bridging import HANDLES
from chainrule.interop.autograd.builtins import SequenceBox
from chainrule.interop.autograd.following import followed_by_itself
from chainrule.interop.autograd.importing import NAME
from chainrule.interop.autograd.numpy import numpy_vspaces
from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.tracer import (
    Box,
    getval,
    primitive,
    primitive_for,
    trace_primitives_map,
)

nondiff_methods = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "nonzero",
    "searchsorted",
    "round",
]
diff_methods = [
    "clip",
    "compress",
    "cumprod",
    "cumsum",
    "diagonal",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "ravel",
    "repeat",
    "reshape",
    "squeeze",
    "std",
    "sum",
    "swapaxes",
    "take",
    "trace",
    "transpose",
    "var",
]


class ArrayBox(Box):
    """The box of an array or number. Under `grad` and its like, handles that carry a derivative are instances."""

    __slots__ = ()
    __array_priority__ = 100.0
    _holds_arrays = True

    @followed_by_itself
    def __getitem__(A: Any, idx: Any) -> Any:  # noqa: N805  # autograd's name, which its users read in traces
        return A[idx]

    @property
    def shape(self) -> Any:
        """The lengths of the axes."""
        return anp.shape(self._value)

    @property
    def ndim(self) -> Any:
        """The number of axes."""
        return anp.ndim(self._value)

    @property
    def size(self) -> Any:
        """The number of elements."""
        return np.size(getval(self._value))

    @property
    def dtype(self) -> Any:
        """The dtype."""
        return anp.result_type(self._value)

    @property
    def T(self) -> Any:
        """The axes in reverse order."""
        return anp.transpose(self)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return anp

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = primitive_for(ufunc)
        if method != "__call__" or function is None:
            return NotImplemented
        out = kwargs.pop("out", None)
        if out is not None and any(isinstance(target, Box) for target in out):
            return NotImplemented
        # With a plain array as the target, as of `plain += box`, the result takes the place of the array.
        return function(*inputs, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        known = primitive_for(function)
        return NotImplemented if known is None else known(*args, **kwargs)

    def __len__(self) -> int:
        return len(self._value)

    def __neg__(self) -> Any:
        return anp.negative(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return anp.absolute(self)

    def __hash__(self) -> int:
        return id(self)

    def astype(self, *args: Any, **kwargs: Any) -> Any:
        """In another dtype."""
        return anp._astype(self, *args, **kwargs)


def _operator(function: Any, reflected: bool = False) -> Callable[[Any, Any], Any]:
    if reflected:
        return lambda self, other: function(other, self)
    return lambda self, other: function(self, other)


_BINARY = {
    "add": anp.add,
    "sub": anp.subtract,
    "mul": anp.multiply,
    "pow": anp.power,
    "mod": anp.mod,
    "truediv": anp.true_divide,
    "floordiv": anp.floor_divide,
    "matmul": anp.matmul,
}
for _name, _function in _BINARY.items():
    setattr(ArrayBox, f"__{_name}__", _operator(_function))
    setattr(ArrayBox, f"__r{_name}__", _operator(_function, reflected=True))
_COMPARISONS = {
    "eq": anp.equal,
    "ne": anp.not_equal,
    "gt": anp.greater,
    "ge": anp.greater_equal,
    "lt": anp.less,
    "le": anp.less_equal,
}
for _name, _function in _COMPARISONS.items():
    setattr(ArrayBox, f"__{_name}__", _operator(_function))
for _name in nondiff_methods + diff_methods + ["dot", "conj", "conjugate"]:
    setattr(ArrayBox, _name, getattr(anp, _name))
setattr(ArrayBox, "flatten", anp.ravel)  # noqa: B010  # NumPy has no function of that name


def wrapped_reshape(x: Any, *args: Any, **kwargs: Any) -> Any:
    """`reshape` as a method takes its arguments: the lengths one by one, too."""
    if len(args) > 1 and not isinstance(args[0], (tuple, list)):
        return anp.reshape(x, args, **kwargs)
    return anp.reshape(x, *args, **kwargs)


setattr(ArrayBox, "reshape", wrapped_reshape)  # noqa: B010  # NumPy's function does not

for _kind in (
    np.ndarray,
    float,
    complex,
    np.longdouble,
    np.float64,
    np.float32,
    np.float16,
    np.clongdouble,
    np.complex64,
    np.complex128,
    *HANDLES,
):
    # What a program registered before stays.
    if _kind not in Box.type_mappings:
        ArrayBox.register(_kind)

for _space in (
    numpy_vspaces.EigResultVSpace,
    numpy_vspaces.EighResultVSpace,
    numpy_vspaces.QRResultVSpace,
    numpy_vspaces.SlogdetResultVSpace,
    numpy_vspaces.SVDResultVSpace,
):
    SequenceBox.register(_space.seq_type)

# Libraries with several back ends ask the class of an array which one it is of; see `importing`.
ArrayBox.__module__ = f"{NAME}.numpy.numpy_boxes"

__all__ = [
    "ArrayBox",
    "Box",
    "SequenceBox",
    "diff_methods",
    "nondiff_methods",
    "primitive",
    "trace_primitives_map",
    "wrapped_reshape",
]
