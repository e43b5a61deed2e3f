"""The local Jacobians of sums of products."""

from chainrule import ops
from chainrule.jacobians.forms import transpose


@transpose(ops.matmul, operand=0)
def matmul_transpose_lhs(z_bar, _x, y):
    """z = x y, so x̄ = z̄ yᵀ:  (…, m, n) (…, n, k) -> (…, m, k)."""
    return z_bar @ y.mT


@transpose(ops.matmul, operand=1)
def matmul_transpose_rhs(z_bar, x, _y):
    """z = x y, so ȳ = xᵀ z̄:  (…, k, m) (…, m, n) -> (…, k, n)."""
    return x.mT @ z_bar
