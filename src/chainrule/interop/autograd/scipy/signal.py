"""`scipy.signal`: signals. `convolve` is autograd's, which also takes axes to convolve, to sum over and to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as _np

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.numpy.wrapping import wrap_namespace


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
