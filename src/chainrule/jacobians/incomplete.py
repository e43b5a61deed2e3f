"""The local Jacobians of the incomplete gamma and beta functions: diagonals.

Source: Olver et al., NIST Handbook of Mathematical Functions, 8.8.13 and 8.17.
"""

from chainrule import ops
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.jacobians.forms import partial

_LARGEST_ORDER = 2


def _gamma_density(a, x):
    """The derivative of P(a, x) in x: xᵃ⁻¹ e⁻ˣ / Γ(a)."""
    return ops.exp(ops.xlogy(a - 1, x) - x - ops.gammaln(a))


def _beta_density(a, b, x):
    """The derivative of I(a, b, x) in x: xᵃ⁻¹ (1 - x)ᵇ⁻¹ / B(a, b)."""
    return ops.exp(ops.xlogy(a - 1, x) + ops.xlog1py(b - 1, -x) - ops.betaln(a, b))


@partial(ops.gammainc, operand=0)
def gammainc_partial_shape(_y, a, x):
    """y = P(a, x), so ∂y/∂a is the integral of the density times log t - ψ(a)."""
    return ops.gammainc_shape(a, x, order=1)


@partial(ops.gammainc, operand=1)
def gammainc_partial_limit(_y, a, x):
    """y = P(a, x), so ∂y/∂x = xᵃ⁻¹ e⁻ˣ / Γ(a)."""
    return _gamma_density(a, x)


@partial(ops.gammaincc, operand=0)
def gammaincc_partial_shape(_y, a, x):
    """y = 1 - P(a, x), so ∂y/∂a = -∂P/∂a."""
    return -ops.gammainc_shape(a, x, order=1)


@partial(ops.gammaincc, operand=1)
def gammaincc_partial_limit(_y, a, x):
    """y = 1 - P(a, x), so ∂y/∂x = -xᵃ⁻¹ e⁻ˣ / Γ(a)."""
    return -_gamma_density(a, x)


@partial(ops.gammaincinv, operand=0)
def gammaincinv_partial_shape(x, a, _p):
    """p = P(a, x), so ∂x/∂a = -(∂P/∂a) / (∂P/∂x)."""
    return -ops.gammainc_shape(a, x, order=1) / _gamma_density(a, x)


@partial(ops.gammaincinv, operand=1)
def gammaincinv_partial_probability(x, a, _p):
    """p = P(a, x), so ∂x/∂p = 1 / (∂P/∂x)."""
    return 1 / _gamma_density(a, x)


@partial(ops.gammainccinv, operand=0)
def gammainccinv_partial_shape(x, a, _p):
    """p = 1 - P(a, x), so ∂x/∂a = -(∂P/∂a) / (∂P/∂x)."""
    return -ops.gammainc_shape(a, x, order=1) / _gamma_density(a, x)


@partial(ops.gammainccinv, operand=1)
def gammainccinv_partial_probability(x, a, _p):
    """p = 1 - P(a, x), so ∂x/∂p = -1 / (∂P/∂x)."""
    return -1 / _gamma_density(a, x)


@partial(ops.gammainc_shape, operand=0)
def gammainc_shape_partial_shape(_y, a, x, *, order):
    """y = ∂P/∂a, so ∂y/∂a = ∂²P/∂a²."""
    if order == _LARGEST_ORDER:
        raise _third("gammainc")
    return ops.gammainc_shape(a, x, order=order + 1)


@partial(ops.gammainc_shape, operand=1)
def gammainc_shape_partial_limit(_y, a, x, *, order):
    """The derivative of the density f in a: f s for s = log x - ψ(a), and f (s² - ψ′(a)) for the second."""
    score = ops.log(x) - ops.digamma(a)
    factor = score if order == 1 else score * score - ops.polygamma(a.dtype.type(1), a)
    return _gamma_density(a, x) * factor


def _shape(a, b, x, orders):
    if sum(orders) > _LARGEST_ORDER:
        raise _third("betainc")
    return ops.betainc_shape(a, b, x, orders=orders)


@partial(ops.betainc, operand=0)
def betainc_partial_lhs(_y, a, b, x):
    """y = I(a, b, x), so ∂y/∂a is the integral of the density times log t - ψ(a) + ψ(a + b)."""
    return _shape(a, b, x, (1, 0))


@partial(ops.betainc, operand=1)
def betainc_partial_rhs(_y, a, b, x):
    """y = I(a, b, x), so ∂y/∂b is the integral of the density times log(1 - t) - ψ(b) + ψ(a + b)."""
    return _shape(a, b, x, (0, 1))


@partial(ops.betainc, operand=2)
def betainc_partial_limit(_y, a, b, x):
    """y = I(a, b, x), so ∂y/∂x = xᵃ⁻¹ (1 - x)ᵇ⁻¹ / B(a, b)."""
    return _beta_density(a, b, x)


@partial(ops.betaincc, operand=0)
def betaincc_partial_lhs(_y, a, b, x):
    """y = 1 - I(a, b, x), so ∂y/∂a = -∂I/∂a."""
    return -_shape(a, b, x, (1, 0))


@partial(ops.betaincc, operand=1)
def betaincc_partial_rhs(_y, a, b, x):
    """y = 1 - I(a, b, x), so ∂y/∂b = -∂I/∂b."""
    return -_shape(a, b, x, (0, 1))


@partial(ops.betaincc, operand=2)
def betaincc_partial_limit(_y, a, b, x):
    """y = 1 - I(a, b, x), so ∂y/∂x = -xᵃ⁻¹ (1 - x)ᵇ⁻¹ / B(a, b)."""
    return -_beta_density(a, b, x)


@partial(ops.betaincinv, operand=0)
def betaincinv_partial_lhs(x, a, b, _p):
    """p = I(a, b, x), so ∂x/∂a = -(∂I/∂a) / (∂I/∂x)."""
    return -_shape(a, b, x, (1, 0)) / _beta_density(a, b, x)


@partial(ops.betaincinv, operand=1)
def betaincinv_partial_rhs(x, a, b, _p):
    """p = I(a, b, x), so ∂x/∂b = -(∂I/∂b) / (∂I/∂x)."""
    return -_shape(a, b, x, (0, 1)) / _beta_density(a, b, x)


@partial(ops.betaincinv, operand=2)
def betaincinv_partial_probability(x, a, b, _p):
    """p = I(a, b, x), so ∂x/∂p = 1 / (∂I/∂x)."""
    return 1 / _beta_density(a, b, x)


@partial(ops.betainc_shape, operand=0)
def betainc_shape_partial_lhs(_y, a, b, x, *, orders):
    """One order more in a."""
    return _shape(a, b, x, (orders[0] + 1, orders[1]))


@partial(ops.betainc_shape, operand=1)
def betainc_shape_partial_rhs(_y, a, b, x, *, orders):
    """One order more in b."""
    return _shape(a, b, x, (orders[0], orders[1] + 1))


@partial(ops.betainc_shape, operand=2)
def betainc_shape_partial_limit(_y, a, b, x, *, orders):
    """The derivative of the density f in the shapes: f s for the scores s, and what these add for the second order."""
    one = a.dtype.type(1)
    s = ops.log(x) + ops.digamma_increment(a, b)
    r = ops.log1p(-x) + ops.digamma_increment(b, a)
    density = _beta_density(a, b, x)
    if orders == (1, 0):
        return density * s
    if orders == (0, 1):
        return density * r
    if orders == (2, 0):
        return density * (s * s + ops.polygamma_increment(a, b, order=1))
    if orders == (0, 2):
        return density * (r * r + ops.polygamma_increment(b, a, order=1))
    return density * (s * r + ops.polygamma(one, a + b))


def _student_density(df, t):
    """(1 + t²/df)^(-(df + 1)/2) / (√df B(df/2, 1/2))."""
    half = df.dtype.type(0.5)
    return ops.exp(-half * (df + 1) * ops.log1p(t * t / df) - half * ops.log(df) - ops.betaln(half * df, half))


def _student_shape(df, t):
    """The derivative in df of stdtr = I(df/2, 1/2, p) / 2 for t < 0, where p = df / (df + t²), and by symmetry else."""
    half = df.dtype.type(0.5)
    size = df + t * t
    by_shape = half * half * ops.betainc_shape(half * df, half, df / size, orders=(1, 0))
    return -ops.sign(t) * by_shape - half * t * _student_density(df, t) / df


@partial(ops.stdtr, operand=0)
def stdtr_partial_shape(_y, df, t):
    """y = stdtr(df, t), so ∂y/∂df by the incomplete beta function that it is."""
    return _student_shape(df, t)


@partial(ops.stdtr, operand=1)
def stdtr_partial_limit(_y, df, t):
    """y = stdtr(df, t), so ∂y/∂t is the density."""
    return _student_density(df, t)


@partial(ops.stdtrit, operand=0)
def stdtrit_partial_shape(t, df, _p):
    """p = stdtr(df, t), so ∂t/∂df = -(∂p/∂df) / (∂p/∂t)."""
    return -_student_shape(df, t) / _student_density(df, t)


@partial(ops.stdtrit, operand=1)
def stdtrit_partial_probability(t, df, _p):
    """p = stdtr(df, t), so ∂t/∂p = 1 / (∂p/∂t)."""
    return 1 / _student_density(df, t)


def _third(name):
    return NoRuleError(
        f"`scipy.special.{name}` has no third derivative with respect to its shape.{describe(here())}\n"
        "  First and second derivatives are there. To hold the shape constant: `cr.stop_gradient(a)`."
    )
