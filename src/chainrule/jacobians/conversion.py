"""The local Jacobian of a conversion of dtypes."""

from chainrule import ops
from chainrule.jacobians.forms import linear


@linear(ops.convert)
def convert_transpose(y_bar, x, dtype):
    """y = x in another dtype, so x̄ = ȳ in the dtype of x: its real part, where x is real and y complex."""
    if y_bar.dtype.kind == "c" and x.dtype.kind != "c":
        y_bar = ops.real(y_bar)
    return y_bar if y_bar.dtype == x.dtype else ops.convert(y_bar, dtype=x.dtype)
