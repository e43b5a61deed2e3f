"""Parts of complex numbers: the primitives that are not complex-linear, with the conversion of real to complex."""

import functools
from typing import Any

import numpy as np
from numpy import empty

from chainrule.ops.declaration import elementwise
from chainrule.trace import Abstract, Op, UnaryOp


def real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the parts of a complex number."""
    return np.zeros((), dtype).real.dtype


@functools.lru_cache(maxsize=16)
def complex_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The complex dtype whose parts have a real dtype."""
    return np.result_type(dtype, np.complex64)


def _part_infer(z: Any) -> Abstract:
    return Abstract(z.shape, real_dtype(z.dtype))


def _real_evaluate(z: Any, /) -> Any:
    # In the layout of z, so that sums of parts round as NumPy's do.
    return z.real.copy("K")


def _imag_evaluate(z: Any, /) -> Any:
    return z.imag.copy("K")


def _complex_evaluate(x: Any, y: Any, /) -> Any:
    shape = x.shape
    if y.shape != shape:
        shape = y.shape if not shape else shape if not y.shape else np.broadcast_shapes(shape, y.shape)
    z = empty(shape, complex_dtype(x.dtype))
    z.real = x
    z.imag = y
    return z[()] if not shape else z


def _complex_infer(x: Any, y: Any) -> Abstract:
    return Abstract(np.broadcast_shapes(x.shape, y.shape), complex_dtype(x.dtype))


real = UnaryOp("real", _real_evaluate, _part_infer, core=(0,))
imag = UnaryOp("imag", _imag_evaluate, _part_infer, core=(0,))
conj = elementwise("conj", np.conjugate)
# `complex` would hide the builtin, so the op carries the name of what it makes.
complex_of = Op("complex", _complex_evaluate, _complex_infer, core=(0, 0))
modulus = UnaryOp("modulus", np.absolute, _part_infer, core=(0,))
# z / |z|, and 0 at 0: what NumPy calls the sign of a complex number.
direction = elementwise("direction", np.sign)
