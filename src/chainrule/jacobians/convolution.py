"""The local Jacobians of sliding sums of products, which are sliding sums of products themselves."""

from chainrule import ops
from chainrule.jacobians.forms import transpose


@transpose(ops.correlate, operand=0)
def correlate_transpose_signal(y_bar, _a, v, left, right):
    """y[k] = Σⱼ a[k - left + j] v[j], so ā[i] = Σⱼ ȳ[i + left - j] v[j]: ȳ correlated with v reversed."""
    last = v.shape[-1] - 1
    reversed_v = ops.flip(v, axes=(v.ndim - 1,))
    return ops.correlate(y_bar, reversed_v, left=last - left, right=last - right)


@transpose(ops.correlate, operand=1)
def correlate_transpose_kernel(y_bar, a, _v, left, right):
    """y[k] = Σⱼ a[k - left + j] v[j], so v̄[j] = Σₖ a[j - left + k] ȳ[k]: a correlated with ȳ."""
    return ops.correlate(a, y_bar, left=left, right=right)
