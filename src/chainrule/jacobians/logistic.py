"""The local Jacobians of the logistic function and its kin: diagonals."""

from chainrule import ops
from chainrule.jacobians.forms import partials


@partials(ops.expit)
def expit_partials(_y, x):
    """y = 1 / (1 + e⁻ˣ), so dy = y (1 - y) dx, where 1 - y = expit(-x) without cancellation."""
    return (ops.logistic_density(x),)


@partials(ops.logistic_density)
def logistic_density_partials(y, x):
    """y = (sech(x/2) / 2)², so dy = -y tanh(x/2) dx, where 1 - 2 expit x would cancel near 0."""
    return (-y * ops.tanh(x * 0.5),)


@partials(ops.log_expit)
def log_expit_partials(_y, x):
    """y = -log(1 + e⁻ˣ), so dy = expit(-x) dx."""
    return (ops.expit(-x),)


@partials(ops.logit)
def logit_partials(_y, x):
    """y = log(x / (1 - x)), so dy = dx / (x (1 - x))."""
    return (1 / (x * (1 - x)),)
