"""The local Jacobians of x log x and its kin: diagonals."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import partial, partials


@partial(ops.xlogy, operand=0)
def xlogy_partial_factor(_z, _x, y):
    """z = x log y, so ∂z/∂x = log y."""
    return ops.log(y)


@partial(ops.xlogy, operand=1)
def xlogy_partial_argument(_z, x, y):
    """z = x log y, so ∂z/∂y = x / y, and 0 where x and y are 0 (kinks)."""
    return kinks.ratio(x, y)


@partial(ops.xlog1py, operand=0)
def xlog1py_partial_factor(_z, _x, y):
    """z = x log(1 + y), so ∂z/∂x = log(1 + y)."""
    return ops.log1p(y)


@partial(ops.xlog1py, operand=1)
def xlog1py_partial_argument(_z, x, y):
    """z = x log(1 + y), so ∂z/∂y = x / (1 + y), and 0 where x and 1 + y are 0 (kinks)."""
    return kinks.ratio(x, 1 + y)


@partials(ops.entr)
def entr_partials(_y, x):
    """y = -x log x, so dy = -(log x + 1) dx."""
    return (-(ops.log(x) + 1),)


@partial(ops.rel_entr, operand=0)
def rel_entr_partial_lhs(_z, x, y):
    """z = x log(x / y), so ∂z/∂x = log(x / y) + 1."""
    return ops.log_ratio(x, y) + 1


@partial(ops.rel_entr, operand=1)
def rel_entr_partial_rhs(_z, x, y):
    """z = x log(x / y), so ∂z/∂y = -x / y, and 0 where both are 0 (kinks)."""
    return -kinks.ratio(x, y)


@partial(ops.kl_div, operand=0)
def kl_div_partial_lhs(_z, x, y):
    """z = x log(x / y) - x + y, so ∂z/∂x = log(x / y)."""
    return ops.log_ratio(x, y)


@partial(ops.kl_div, operand=1)
def kl_div_partial_rhs(_z, x, y):
    """z = x log(x / y) - x + y, so ∂z/∂y = (y - x) / y, and 0 where both are 0 (kinks)."""
    return kinks.ratio(y - x, y)


@partial(ops.log_ratio, operand=0)
def log_ratio_partial_lhs(_z, x, _y):
    """z = log(x / y), so ∂z/∂x = 1 / x."""
    return 1 / x


@partial(ops.log_ratio, operand=1)
def log_ratio_partial_rhs(_z, _x, y):
    """z = log(x / y), so ∂z/∂y = -1 / y."""
    return -1 / y
