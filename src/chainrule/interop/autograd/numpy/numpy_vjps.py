"""What rules of pulls are written with: sums over broadcast axes, and transposes of products."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.interop.autograd.core import SparseObject, VJPNode, defvjp, defvjp_argnum, vspace
from chainrule.interop.autograd.following import pulled_back
from chainrule.interop.autograd.numpy import numpy_wrapper as anp
from chainrule.interop.autograd.numpy.rule_makers import pull_by_argnum, pull_of, pull_of_each
from chainrule.interop.autograd.numpy.wrapping import CONSTANT
from chainrule.interop.autograd.tracer import primitive, register_notrace
from chainrule.interop.autograd.util import func

if TYPE_CHECKING:
    from chainrule.interop.autograd.numpy.numpy_boxes import ArrayBox, wrapped_reshape

    nograd_functions: list[Any]


def unbroadcast(x: Any, target_meta: Any, broadcast_idx: int = 0) -> Any:
    """Sum over the axes along which an array of the target's metadata was broadcast to the shape of x."""
    shape, ndim, _, is_complex = target_meta
    while anp.ndim(x) > ndim:
        x = anp.sum(x, axis=broadcast_idx)
    for axis, size in enumerate(shape):
        if size == 1 and anp.shape(x)[axis] != 1:
            x = anp.sum(x, axis=axis, keepdims=True)
    if not is_complex and anp.iscomplexobj(x):
        x = anp.real(x)
    return x


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A pull, the result of which is summed to the shape of the target."""
    target_meta = anp.metadata(target)
    return lambda g: unbroadcast(f(g), target_meta)


def unbroadcast_einsum(x: Any, target_meta: Any, subscript: Any) -> Any:
    """Sum over the axes that an ellipsis in the subscripts stands for."""
    if Ellipsis not in subscript:
        return x
    if subscript[-1] == Ellipsis and subscript[0] != Ellipsis:
        return unbroadcast(x, target_meta, -1)
    return unbroadcast(x, target_meta, subscript.index(Ellipsis))


def balanced_eq(x: Any, z: Any, y: Any) -> Any:
    """1 where z is x alone of x and y, 1/2 where it is both."""
    return (x == z) / (1.0 + (x == y))


def replace_zero(x: Any, val: Any) -> Any:
    """The values of x, with another one for zeros."""
    return anp.where(x, x, val)


def match_complex(target: Any, x: Any) -> Any:
    """The values of x, real if the target is, complex if it is."""
    target_is_complex, is_complex = anp.iscomplexobj(target), anp.iscomplexobj(x)
    if target_is_complex and not is_complex:
        return x + 0j
    return anp.real(x) if is_complex and not target_is_complex else x


def repeat_to_match_shape(g: Any, shape: Any, dtype: Any, axis: Any, keepdims: Any) -> tuple[Any, Any]:
    """A cotangent of a reduction, spread along the axes that it reduced, and the number of entries of each sum."""
    if shape == ():
        return g, 1
    kept = list(shape)
    reduced = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    count = 1
    for number in reduced:
        count *= shape[number]
        kept[number] = 1
    return anp.reshape(g, kept) + anp.zeros(shape, dtype=dtype), count


def reverse_axis(x: Any, axis: int) -> Any:
    """The entries along an axis in reverse order."""
    return anp.flip(x, axis)


def unpermuter(g: Any, permutation: Any) -> Any:
    """The entries of g put back to where a permutation took them from."""
    return g[anp.argsort(permutation)]


def untake(x: Any, idx: Any, vs: Any) -> Any:
    """The transpose of indexing: x added to zeros of a space, where an index points."""

    def mut_add(A: Any) -> Any:
        return A + pulled_back(_take, (0,), {}, x, vs.zeros(), idx)[0]

    return SparseObject(vs, mut_add)


def _take(A: Any, idx: Any) -> Any:
    return A[idx]


def _zeros(meta: Any) -> Any:
    shape, _, dtype, _ = meta
    return anp.zeros(shape, dtype=dtype)


def dot_adjoint_0(B: Any, G: Any, A_meta: Any, B_meta: Any) -> Any:
    """The cotangent of A in `dot(A, B)`."""
    return pulled_back(anp.dot, (0,), {}, G, _zeros(A_meta), B)[0]


def dot_adjoint_1(A: Any, G: Any, A_meta: Any, B_meta: Any) -> Any:
    """The cotangent of B in `dot(A, B)`."""
    return pulled_back(anp.dot, (1,), {}, G, A, _zeros(B_meta))[0]


def matmul_adjoint_0(B: Any, G: Any, A_meta: Any, B_ndim: Any) -> Any:
    """The cotangent of A in `matmul(A, B)`."""
    return pulled_back(anp.matmul, (0,), {}, G, _zeros(A_meta), B)[0]


def matmul_adjoint_1(A: Any, G: Any, A_ndim: Any, B_meta: Any) -> Any:
    """The cotangent of B in `matmul(A, B)`."""
    return pulled_back(anp.matmul, (1,), {}, G, A, _zeros(B_meta))[0]


def tensordot_adjoint_0(B: Any, G: Any, axes: Any, A_ndim: Any, B_ndim: Any) -> Any:
    """The cotangent of A in `tensordot(A, B, axes)`."""
    along = _axes_of(axes, A_ndim)
    shape = [0] * A_ndim
    for k, axis_of_a in enumerate(along[0]):
        shape[axis_of_a] = anp.shape(B)[along[1][k]]
    free = iter(anp.shape(G))
    shape = [n if k in along[0] else next(free) for k, n in enumerate(shape)]
    return pulled_back(anp.tensordot, (0,), {"axes": axes}, G, anp.zeros(shape), B)[0]


def tensordot_adjoint_1(A: Any, G: Any, axes: Any, A_ndim: Any, B_ndim: Any) -> Any:
    """The cotangent of B in `tensordot(A, B, axes)`."""
    along = _axes_of(axes, A_ndim)
    shape = [0] * B_ndim
    for k, axis_of_b in enumerate(along[1]):
        shape[axis_of_b] = anp.shape(A)[along[0][k]]
    free = iter(anp.shape(G)[A_ndim - len(along[0]) :])
    shape = [n if k in along[1] else next(free) for k, n in enumerate(shape)]
    return pulled_back(anp.tensordot, (1,), {"axes": axes}, G, A, anp.zeros(shape))[0]


def _axes_of(axes: Any, ndim: int) -> tuple[list[int], list[int]]:
    """The axes of both operands that `tensordot` sums over."""
    if isinstance(axes, int):
        return list(range(ndim - axes, ndim)), list(range(axes))
    first, second = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    return first, second


dot_vjp_0, dot_vjp_1 = pull_of(anp.dot), pull_of(anp.dot, 1)
matmul_vjp_0, matmul_vjp_1 = pull_of(anp.matmul), pull_of(anp.matmul, 1)
tensordot_vjp_0, tensordot_vjp_1 = pull_of(anp.tensordot), pull_of(anp.tensordot, 1)
grad_broadcast_to = pull_of(anp.broadcast_to)
grad_diff = pull_of(anp.diff)
grad_gradient = pull_of(anp.gradient)
grad_np_cumsum = pull_of(anp.cumsum)
grad_np_mean = pull_of(anp.mean)
grad_np_prod = pull_of(anp.prod)
grad_np_std = pull_of(anp.std)
grad_np_sum = pull_of(anp.sum)
grad_np_var = pull_of(anp.var)
grad_partition = pull_of(anp.partition)
grad_repeat = pull_of(anp.repeat)
grad_rollaxis = pull_of(anp.rollaxis)
grad_sort = pull_of(anp.sort)
grad_tile = pull_of(anp.tile)
grad_transpose = pull_of(anp.transpose)
np_abs_vjp = pull_of(anp.abs)
np_conj_vjp = pull_of(anp.conj)
pad_vjp = pull_of(anp.pad)
grad_inner = pull_of_each(anp.inner)
grad_kron = pull_of_each(anp.kron)
grad_einsum = pull_by_argnum(anp.einsum)
grad_concatenate_args = pull_by_argnum(anp.concatenate_args)
array_from_args_gradmaker = pull_by_argnum(anp.array_from_args)


def array_from_scalar_or_array_gradmaker(
    ans: Any, array_args: Any, array_kwargs: Any, scarray: Any
) -> Callable[[Any], Any]:
    """The pull of `array(scarray, *array_args, **array_kwargs)`."""
    return lambda g: pulled_back(anp.array, (0,), array_kwargs, g, scarray, *array_args)[0]


def grad_chooser(ans: Any, x: Any, axis: Any = None, keepdims: Any = None, **kwargs: Any) -> Callable[[Any], Any]:
    """The pull of a function that chooses an entry along axes, such as `max` and `min`; equal entries share."""
    shape, dtype = anp.shape(x), anp.result_type(x)

    def vjp(g: Any) -> Any:
        spread, _ = repeat_to_match_shape(g, shape, dtype, axis, keepdims)
        chosen = x == repeat_to_match_shape(ans, shape, dtype, axis, keepdims)[0]
        return spread * chosen / anp.sum(chosen, axis=axis, keepdims=True)

    return vjp


def grad_reshape_list(ans: Any, *arys: Any) -> Callable[[Any], Any]:
    """The pull of a function that only reshapes its one argument, such as `atleast_2d`."""
    if len(arys) > 1:
        raise NotImplementedError(f"the pull of a function that reshapes one array, of {len(arys)} arrays")
    return lambda g: anp.reshape(g, anp.shape(arys[0]))


def _unpad(array: Any, width: Any) -> Any:
    """An array without what `pad` put around it."""
    widths = np.broadcast_to(width, (anp.ndim(array), 2))
    lengths = zip(widths, anp.shape(array), strict=True)
    return array[tuple(slice(before, length - after) for (before, after), length in lengths)]


def __getattr__(name: str) -> Any:
    """Make what few programs ask for: functions whose results are constant between jumps, and the boxes of arrays."""
    if name == "nograd_functions":
        found: Any = [getattr(anp, function.__name__) for function in CONSTANT]
    elif name in ("ArrayBox", "wrapped_reshape"):
        found = getattr(import_module("chainrule.interop.autograd.numpy.numpy_boxes"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # One for all threads. What a program put there stays.
    return globals().setdefault(name, found)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


onp = np

__all__ = [
    "ArrayBox",
    "SparseObject",
    "VJPNode",
    "anp",
    "array_from_args_gradmaker",
    "array_from_scalar_or_array_gradmaker",
    "balanced_eq",
    "defvjp",
    "defvjp_argnum",
    "dot_adjoint_0",
    "dot_adjoint_1",
    "dot_vjp_0",
    "dot_vjp_1",
    "func",
    "grad_broadcast_to",
    "grad_chooser",
    "grad_concatenate_args",
    "grad_diff",
    "grad_einsum",
    "grad_gradient",
    "grad_inner",
    "grad_kron",
    "grad_np_cumsum",
    "grad_np_mean",
    "grad_np_prod",
    "grad_np_std",
    "grad_np_sum",
    "grad_np_var",
    "grad_partition",
    "grad_repeat",
    "grad_reshape_list",
    "grad_rollaxis",
    "grad_sort",
    "grad_tile",
    "grad_transpose",
    "match_complex",
    "matmul_adjoint_0",
    "matmul_adjoint_1",
    "matmul_vjp_0",
    "matmul_vjp_1",
    "nograd_functions",
    "np_abs_vjp",
    "np_conj_vjp",
    "onp",
    "pad_vjp",
    "partial",
    "primitive",
    "pull_of",
    "register_notrace",
    "repeat_to_match_shape",
    "replace_zero",
    "reverse_axis",
    "tensordot_adjoint_0",
    "tensordot_adjoint_1",
    "tensordot_vjp_0",
    "tensordot_vjp_1",
    "unbroadcast",
    "unbroadcast_einsum",
    "unbroadcast_f",
    "unpermuter",
    "untake",
    "vspace",
    "wrapped_reshape",
]
