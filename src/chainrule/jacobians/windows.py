"""The local Jacobians of windows: the sum where they overlap, and the other way round."""

from chainrule import ops
from chainrule.jacobians.forms import linear


@linear(ops.windows)
def windows_transpose(y_bar, _a, width):
    """y[k, j] = a[k + j], so ā[i] = Σ ȳ[i - j, j]."""
    return ops.overlap(y_bar)


@linear(ops.overlap)
def overlap_transpose(y_bar, x):
    """y[i] = Σ x[i - j, j], so x̄[k, j] = ȳ[k + j]."""
    return ops.windows(y_bar, width=x.shape[-1])
