"""The local Jacobians of windows: the sum where they overlap, and the other way round."""

from chainrule import ops
from chainrule.jacobians.forms import batch, linear


@linear(ops.windows)
def windows_transpose(y_bar, _a, widths):
    """y[k, j] = a[k + j], so ā[i] = Σ ȳ[i - j, j]."""
    return ops.overlap(y_bar, count=len(widths))


@linear(ops.overlap)
def overlap_transpose(y_bar, x, count):
    """y[i] = Σ x[i - j, j], so x̄[k, j] = ȳ[k + j]."""
    return ops.windows(y_bar, widths=x.shape[x.ndim - count :])


@batch(ops.windows)
def windows_batch(_size, _batched, a, *, widths):
    """The axes of windows are the last, and those of a batch the first."""
    return ops.windows(a, widths=widths)


@batch(ops.overlap)
def overlap_batch(_size, _batched, x, *, count):
    """The same."""
    return ops.overlap(x, count=count)
