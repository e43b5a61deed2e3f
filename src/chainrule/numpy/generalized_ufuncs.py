"""NumPy's generalized ufuncs: products that work on the last one or two axes, and broadcast the axes before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from chainrule import ops
from chainrule.numpy.handle import Array, Captured, Handle, wrap
from chainrule.numpy.operands import value_of
from chainrule.numpy.table import FUNCTIONS
from chainrule.numpy.ufuncs import FLOAT, UFUNCS, Ufunc, accepted
from chainrule.numpy.views import View
from chainrule.ops.compositions import expanded
from chainrule.ops.matrix_parts import conjugate
from chainrule.trace import Op, Value

_ARRAYS = frozenset((Array, Captured, View))
# By name, for a hot path: a look-up in `ops`, which loads on demand, takes longer.
_matmul: Op = ops.matmul


class GeneralizedUfunc(Ufunc):
    """A generalized ufunc on handles: what `np.matmul` is inside a differentiated function.

    `cores` are the greatest numbers of core axes of the operands; `core` is that of the result, less what operands
    with fewer axes lack.
    """

    def __init__(self, ufunc: np.ufunc, function: Callable[..., Any], cores: tuple[int, ...], core: int) -> None:
        super().__init__(ufunc, function)
        self.cores = cores
        self.core = core

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function of its operands; `axes`, or `axis`, say which axes are the core."""
        if "where" in kwargs:
            raise TypeError(f"{self.__name__}() got an unexpected keyword argument 'where'")
        if not kwargs:
            return super().__call__(*args)
        axes, axis, keepdims = (kwargs.pop(name, None) for name in ("axes", "axis", "keepdims"))
        if axes is None and axis is None and not keepdims:
            return super().__call__(*args, **kwargs)
        if keepdims and (self.core or set(self.cores) != {1}):
            raise TypeError(f"{self.__name__} does not support keepdims: its signature is {self.ufunc.signature}")
        if axis is not None:
            if axes is not None:
                raise TypeError("cannot specify both 'axis' and 'axes'")
            if self.core or set(self.cores) != {1}:
                raise TypeError(
                    f"{self.__name__}: axis can only be used with a single shared core dimension, "
                    f"not with those of {self.ufunc.signature}"
                )
            axes = [(axis,)] * len(self.cores)

        def along(*values: Any) -> Any:
            """The function with its core axes brought to the end, and those of the result to where they were."""
            return self._along(axes, keepdims, values)

        return Ufunc(self.ufunc, along)(*args, **kwargs)

    def _along(self, axes: Any, keepdims: bool, values: tuple[Any, ...]) -> Any:
        lengths = [min(core, value.ndim) for core, value in zip(self.cores, values, strict=True)]
        lacking = sum(self.cores) - sum(lengths)
        core = 1 if keepdims else self.core - lacking
        given = [_as_tuple(part) for part in ([] if axes is None else axes)]
        if axes is not None and len(given) not in (len(values), len(values) + 1):
            raise ValueError("axes should be a list with an entry for each operand and result")
        if len(given) == len(values):
            if core and not keepdims:
                raise ValueError("axes should be a list with an entry for each operand and result")
            given.append(given[0] if keepdims else ())
        given = given or [tuple(range(-length, 0)) for length in (*lengths, core)]
        forth = [_core_last(x, part, length) for x, part, length in zip(values, given, lengths, strict=False)]
        z = self.function(*forth)
        if keepdims:
            z = expanded(z, (z.ndim,), (*z.shape, 1))
        return _core_back(z, given[-1], core)


def _as_tuple(part: Any) -> tuple[int, ...]:
    return tuple(part) if isinstance(part, (tuple, list)) else (part,)


def _core_last(x: Any, axes: tuple[int, ...], length: int) -> Any:
    core = _definite(axes, length, x.ndim)
    return ops.transpose(x, axes=(*(axis for axis in range(x.ndim) if axis not in core), *core))


def _core_back(z: Any, axes: tuple[int, ...], length: int) -> Any:
    core = _definite(axes, length, z.ndim)
    order = [axis for axis in range(z.ndim) if axis not in core] + list(core)
    return ops.transpose(z, axes=tuple(order.index(axis) for axis in range(z.ndim)))


def _definite(axes: tuple[int, ...], length: int, ndim: int) -> tuple[int, ...]:
    if len(axes) != length:
        raise ValueError(f"an entry of axes names {len(axes)} axes, where the operand or result has {length} core axes")
    return normalize_axis_tuple(axes, ndim)


def matmul_values(x: Any, y: Any) -> Any:
    """x @ y for values of one or more axes: a 1-D operand is a row on the left and a column on the right."""
    return product_of(x.shape, y.shape)(x, y)


def product_of(shape: tuple[int, ...], other: tuple[int, ...]) -> Any:
    """The op that is the product of operands of two shapes."""
    if not shape or not other:
        raise ValueError("matmul: Input operand does not have enough dimensions (has 0, gufunc core requires 1)")
    inner = other[-2] if len(other) > 1 else other[0]
    if shape[-1] != inner:
        raise _unequal("matmul", shape[-1], inner)
    if len(other) > 1:
        return ops.matmul if len(shape) > 1 else ops.vecmat
    return ops.matvec if len(shape) > 1 else ops.vecvec


def matvec_values(x: Any, v: Any) -> Any:
    """The product of matrices and vectors."""
    _require_axes("matvec", (x, 2), (v, 1))
    _require_equal("matvec", x.shape[-1], v.shape[-1])
    return ops.matvec(x, v) if type(x) is Value or type(v) is Value else np.matvec(x, v)


def vecmat_values(v: Any, x: Any) -> Any:
    """The product of conjugated vectors and matrices."""
    _require_axes("vecmat", (v, 1), (x, 2))
    _require_equal("vecmat", v.shape[-1], x.shape[-2])
    return ops.vecmat(conjugate(v), x) if type(x) is Value or type(v) is Value else np.vecmat(v, x)


def vecdot_values(v: Any, w: Any) -> Any:
    """The product of conjugated vectors and vectors."""
    _require_axes("vecdot", (v, 1), (w, 1))
    _require_equal("vecdot", v.shape[-1], w.shape[-1])
    return ops.vecdot(v, w)


def _require_axes(name: str, *operands: tuple[Any, int]) -> None:
    for x, core in operands:
        if x.ndim < core:
            raise ValueError(
                f"{name}: Input operand does not have enough dimensions (has {x.ndim}, gufunc core requires {core})"
            )


def _require_equal(name: str, left: int, right: int) -> None:
    if left != right:
        raise _unequal(name, left, right)


def _unequal(name: str, left: int, right: int) -> ValueError:
    return ValueError(f"{name}: inner sizes differ: {left} and {right}")


def _product(self: Handle, other: Any) -> Any:
    """`x @ y`."""
    if type(self) in _ARRAYS and type(other) in _ARRAYS:
        if type(self) is Array is type(other):
            # As `_read` does, and written out.
            self._owned = other._owned = False
            x, y = self._referent, other._referent
        else:
            x, y = self._read(), other._read()
        # The commonest product of all, that of doubles, needs no promotion.
        if x.dtype is FLOAT is y.dtype:
            shape, other_shape = x.shape, y.shape
            if len(shape) == 2 == len(other_shape) and shape[1] == other_shape[0]:
                product = _matmul
            else:
                product = product_of(shape, other_shape)
            # Bound from here, near the user's line, which is then found at once.
            if type(x) is Value:
                level = y.level if type(y) is Value and y.level.number > x.level.number else x.level
            elif type(y) is Value:
                level = y.level
            else:
                return wrap(product(x, y))
            return wrap(level.bind_binary(product, x, y))
    return UFUNCS[np.matmul](self, other) if accepted(other) else NotImplemented


def _reflected_product(self: Handle, other: Any) -> Any:
    """`y @ x`."""
    return UFUNCS[np.matmul](other, self) if accepted(other) else NotImplemented


def _product_in_place(self: Array, other: Any) -> Any:
    """`x @= y`, written into x."""
    if self._is_opaque() or not accepted(other):
        return NotImplemented
    if self.ndim < 1 or value_of(other).ndim < 2:
        raise ValueError(
            "inplace matrix multiplication requires the first operand to have at least one and the second at least two "
            "dimensions."
        )
    return UFUNCS[np.matmul](self, other, out=self)


_ENTRIES = {
    "matmul": (matmul_values, (2, 2), 2),
    "matvec": (matvec_values, (2, 1), 1),
    "vecmat": (vecmat_values, (1, 2), 1),
    "vecdot": (vecdot_values, (1, 1), 0),
}

for _name, (_function, _cores, _core) in _ENTRIES.items():
    # NumPy has had `matvec` and `vecmat` since 2.2.
    _ufunc = getattr(np, _name, None)
    if _ufunc is not None:
        UFUNCS[_ufunc] = FUNCTIONS[_ufunc] = GeneralizedUfunc(_ufunc, _function, _cores, _core)

Handle.__matmul__ = _product
Handle.__rmatmul__ = _reflected_product
Array.__imatmul__ = _product_in_place  # type: ignore[attr-defined]

matmul: Any = UFUNCS[np.matmul]
vecdot: Any = UFUNCS[np.vecdot]

__all__ = ["GeneralizedUfunc", "matmul", "matmul_values", "vecdot"]
