"""`scipy.signal`: signals. `convolve` is autograd's, which also takes axes to convolve, to sum over and to keep."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as _np
from numpy.lib.stride_tricks import as_strided

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.core import defvjp
from chainrule.interop.autograd.numpy.rule_makers import pull_of_each
from chainrule.interop.autograd.numpy.wrapping import wrap_namespace
from chainrule.interop.autograd.tracer import primitive

npo = _np


def convolve(
    A: Any,
    B: Any,
    axes: Sequence[Sequence[int]] | None = None,
    dot_axes: Sequence[Sequence[int]] = ((), ()),
    mode: str = "full",
) -> Any:
    """The convolution of A and B along pairs of axes, summed over other pairs.

    Parameters
    ----------
    A, B : array
        The operands.
    axes : pair of sequences
        The axes of A and of B that are convolved; all of them by default.
    dot_axes : pair of sequences
        The axes of A and of B along which products are summed.
    mode : {"full", "valid", "same"}
        Which part is returned: all of it, what needs no zeros around the operands, or the middle, of the size of A.

    Returns
    -------
    array
        Its axes are the other axes of A, the other axes of B, and the convolved ones.

    Raises
    ------
    ValueError
        The mode is another, or with "valid" neither operand covers the other.

    Examples
    --------
    >>> import numpy
    >>> from chainrule.interop.autograd import grad
    >>> x = numpy.array([1.0, 2.0, 3.0])
    >>> convolve(x, numpy.array([1.0, -1.0]))
    array([ 1.,  1.,  1., -3.])
    >>> grad(lambda x: convolve(x, numpy.array([1.0, -1.0]))[1])(x)
    array([-1.,  1.,  0.])
    """
    if mode not in ("full", "valid", "same"):
        raise ValueError(f"the mode of a convolution is 'full', 'valid' or 'same', not {mode!r}")
    A, B = np.array(A), np.array(B)
    along = axes if axes is not None else (range(A.ndim), range(B.ndim))
    x, kept_by_x = _arranged(A, along[0], dot_axes[0])
    kernel, kept_by_kernel = _arranged(B, along[1], dot_axes[1])
    dots, ndim = len(dot_axes[0]), len(along[0])
    lengths, sizes = x.shape[x.ndim - ndim :], kernel.shape[kernel.ndim - ndim :]
    exchanged = mode == "valid" and any(n < k for n, k in zip(lengths, sizes, strict=True))
    if exchanged:
        if any(n > k for n, k in zip(lengths, sizes, strict=True)):
            raise ValueError("with mode 'valid' one operand has to be at least as long as the other along all axes")
        x, kernel, sizes = kernel, x, lengths
        kept_by_x, kept_by_kernel = kept_by_kernel, kept_by_x
    if mode != "valid":
        x = np.pad(x, [(0, 0)] * (x.ndim - ndim) + [_zeros_around(k, mode) for k in sizes])
    # Each convolved axis becomes two: where a window begins, and the place in it, read backwards.
    for k, size in enumerate(sizes):
        axis = kept_by_x + dots + 2 * k
        begins = _np.arange(x.shape[axis] - size + 1)[:, None]
        x = np.take(x, begins + _np.arange(size)[::-1], axis=axis)
    places = [kept_by_x + dots + 2 * k + 1 for k in range(ndim)]
    summed = ([*range(kept_by_x, kept_by_x + dots), *places], [*range(kept_by_kernel, kernel.ndim)])
    # What is kept of x, the convolved axes, what is kept of the kernel.
    product = np.tensordot(x, kernel, axes=summed)
    of_x = list(range(kept_by_x))
    convolved = list(range(kept_by_x, kept_by_x + ndim))
    of_kernel = list(range(kept_by_x + ndim, product.ndim))
    order = of_kernel + of_x if exchanged else of_x + of_kernel
    return np.transpose(product, order + convolved)


def _arranged(X: Any, convolved: Sequence[int], summed: Sequence[int]) -> tuple[Any, int]:
    """The axes that are kept first, then those that are summed over, then those that are convolved."""
    taken = [axis % X.ndim for axis in (*summed, *convolved)]
    kept = [axis for axis in range(X.ndim) if axis not in taken]
    return np.transpose(X, (*kept, *taken)), len(kept)


grad_convolve = pull_of_each(convolve)


# -------------------- what rules of convolutions are written with --------------------


def compute_conv_size(A_size: int, B_size: int, mode: str) -> int:
    """The length of a convolved axis."""
    lengths = {"full": A_size + B_size - 1, "same": A_size, "valid": abs(A_size - B_size) + 1}
    if mode not in lengths:
        raise ValueError(f"the mode of a convolution is 'full', 'valid' or 'same', not {mode!r}")
    return lengths[mode]


def flipped_idxs(ndim: int, axes: Sequence[int]) -> tuple[slice, ...]:
    """The index that reverses some axes."""
    reverse, whole = slice(None, None, -1), slice(None)
    return tuple(reverse if axis in [k % ndim for k in axes] else whole for axis in range(ndim))


def parse_axes(A_shape: Any, B_shape: Any, conv_axes: Any, dot_axes: Any, mode: str) -> tuple[Any, Any]:
    """What becomes of the axes of A and B, and of those of their convolution: by operand and role, axes and lengths."""
    if conv_axes is None:
        conv_axes = (range(len(A_shape)), range(len(B_shape)))
    axes: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape, convolved, summed in zip("AB", (A_shape, B_shape), conv_axes, dot_axes, strict=True):
        ignored = [axis for axis in range(len(shape)) if axis not in convolved and axis not in summed]
        axes[name] = {"conv": tuple(convolved), "dot": tuple(summed), "ignore": tuple(ignored)}
    pairs = list(zip(axes["A"]["conv"], axes["B"]["conv"], strict=True))
    shapes = {
        name: {role: tuple(shape[axis] for axis in of_role) for role, of_role in axes[name].items()}
        for name, shape in (("A", A_shape), ("B", B_shape))
    }
    shapes["out"] = {
        "ignore_A": shapes["A"]["ignore"],
        "ignore_B": shapes["B"]["ignore"],
        "conv": tuple(compute_conv_size(A_shape[i], B_shape[j], mode) for i, j in pairs),
    }
    places = iter(range(sum(map(len, shapes["out"].values()))))
    axes["out"] = {role: tuple(next(places) for _ in lengths) for role, lengths in shapes["out"].items()}
    return axes, shapes


def einsum_tensordot(A: Any, B: Any, axes: Any, reverse: bool = False) -> Any:
    """`tensordot` of plain arrays, which copies neither of them."""
    letters, along = list(range(A.ndim + B.ndim)), A.ndim
    for i, j in zip(*axes, strict=True):
        letters[along + j % B.ndim] = letters[i % A.ndim]
    summed = {letters[i % A.ndim] for i in axes[0]}
    return _np.einsum(A, letters[:along], B, letters[along:], [letter for letter in letters if letter not in summed])


def _pad(A: Any, B: Any, axes: Any, mode: str = "full") -> Any:
    """A plain array with the zeros around it that a convolution with B reads."""
    widths = [(0, 0)] * A.ndim
    if mode != "valid":
        for i, j in zip(*axes, strict=True):
            widths[i] = _zeros_around(B.shape[j], mode)
    return _np.pad(A, widths)


def _zeros_around(size: int, mode: str) -> tuple[int, int]:
    """How many zeros stand before and after an axis that is convolved with a kernel of a size."""
    if mode == "full":
        return size - 1, size - 1
    return size - 1 - (size - 1) // 2, (size - 1) // 2


def __getattr__(name: str) -> Any:
    """Load `scipy.signal` when it is asked for: that takes longer than all the rest of this package."""
    if not name.startswith("__"):
        import scipy.signal

        import chainrule.scipy.signal  # its functions are known from then on

        wrap_namespace({name: getattr(scipy.signal, name)}, globals())
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
