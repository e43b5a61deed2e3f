"""The local Jacobians of integrals of exponentials and their kin: diagonals.

Source: Olver et al., NIST Handbook of Mathematical Functions, chapters 4, 6, 7, 9, 13, 15 and 16.
"""

import math

from chainrule import ops
from chainrule.jacobians.forms import partial, partials
from chainrule.jacobians.undefined import no_partial
from chainrule.ops.complex_parts import real_dtype

no_partial(ops.expn, operand=0, why="the order is a whole number")
for _op, _count in ((ops.hyp0f1, 1), (ops.hyp1f1, 2), (ops.hyp2f1, 3)):
    for _operand in range(_count):
        no_partial(_op, operand=_operand, why="no way is known that keeps the digits everywhere")


@partials(ops.exp1)
def exp1_partials(_y, x):
    """y = E₁(x), so dy = -e⁻ˣ / x dx."""
    return (-ops.exp(-x) / x,)


@partials(ops.expi)
def expi_partials(_y, x):
    """y = Ei(x), so dy = eˣ / x dx."""
    return (ops.exp(x) / x,)


@partial(ops.expn, operand=1)
def expn_partial(_y, n, x):
    """y = Eₙ(x), so ∂y/∂x = -Eₙ₋₁(x), where E₀ = e⁻ˣ / x, of which the derivative is -e⁻ˣ (1 + 1/x) / x."""
    positive = n > 0
    one = x.dtype.type(1)
    lowest = -ops.exp(-x) * (1 + one / x) / x
    return ops.select(positive, -ops.expn(ops.select(positive, n - 1, n), x), lowest)


@partials(ops.sine_integral)
def sine_integral_partials(_y, x):
    """y = Si(x), so dy = sin x / x dx."""
    return (ops.spherical_bessel(x * (1 / math.pi), order=0),)


@partials(ops.cosine_integral)
def cosine_integral_partials(_y, x):
    """y = Ci(x), so dy = cos x / x dx."""
    return (ops.cos(x) / x,)


@partials(ops.fresnel_sine)
def fresnel_sine_partials(_y, x):
    """y = S(x), so dy = sin(πx²/2) dx."""
    return (ops.sin(math.pi / 2 * x * x),)


@partials(ops.fresnel_cosine)
def fresnel_cosine_partials(_y, x):
    """y = C(x), so dy = cos(πx²/2) dx."""
    return (ops.cos(math.pi / 2 * x * x),)


@partials(ops.airy_ai)
def airy_ai_partials(_y, x):
    """y = Ai(x), so dy = Ai′(x) dx."""
    return (ops.airy_ai_slope(x),)


@partials(ops.airy_ai_slope)
def airy_ai_slope_partials(_y, x):
    """y = Ai′(x), so dy = x Ai(x) dx."""
    return (x * ops.airy_ai(x),)


@partials(ops.airy_bi)
def airy_bi_partials(_y, x):
    """y = Bi(x), so dy = Bi′(x) dx."""
    return (ops.airy_bi_slope(x),)


@partials(ops.airy_bi_slope)
def airy_bi_slope_partials(_y, x):
    """y = Bi′(x), so dy = x Bi(x) dx."""
    return (x * ops.airy_bi(x),)


@partials(ops.spence)
def spence_partials(_y, x):
    """y = ∫ log t / (1 - t) from 1 to x, so dy = log x / (1 - x) dx, which near 1 is -₂F₁(1, 1; 2; 1 - x)."""
    # Parameters are real: SciPy has the function of complex ones nowhere.
    one, two = real_dtype(x.dtype).type([1, 2])
    gap = one - x
    near = (ops.modulus(gap) if x.dtype.kind == "c" else ops.absolute(gap)) < 0.5
    series = -ops.hyp2f1(one, one, two, ops.select(near, gap, x.dtype.type(0)))
    return (ops.select(near, series, ops.log(ops.select(near, two, x)) / ops.select(near, one, gap)),)


@partials(ops.exponential_moment)
def exponential_moment_partials(_y, u, *, order):
    """y = ∫ tⁿ e^(ut) dt, so dy is the same with n + 1: nothing cancels, at u = 0 neither."""
    return (ops.exponential_moment(u, order=order + 1),)


@partial(ops.boxcox, operand=0)
def boxcox_partial_argument(_y, x, power):
    """y = (x^λ - 1) / λ, so ∂y/∂x = x^(λ-1)."""
    return ops.power(x, power - 1)


@partial(ops.boxcox, operand=1)
def boxcox_partial_power(_y, x, power):
    """With l = log x, y = l ∫ e^(λlt) dt from 0 to 1, so ∂y/∂λ = l² ∫ t e^(λlt) dt."""
    logarithm = ops.log(x)
    return logarithm * logarithm * ops.exponential_moment(power * logarithm, order=1)


@partial(ops.boxcox1p, operand=0)
def boxcox1p_partial_argument(_y, x, power):
    """y = ((1 + x)^λ - 1) / λ, so ∂y/∂x = (1 + x)^(λ-1)."""
    return ops.exp((power - 1) * ops.log1p(x))


@partial(ops.boxcox1p, operand=1)
def boxcox1p_partial_power(_y, x, power):
    """As for `boxcox`, with l = log(1 + x)."""
    logarithm = ops.log1p(x)
    return logarithm * logarithm * ops.exponential_moment(power * logarithm, order=1)


@partials(ops.lambertw)
def lambertw_partials(y, _z, *, branch):
    """w eʷ = z, so dw = e⁻ʷ / (1 + w) dz."""
    return (ops.exp(-y) / (1 + y),)


@partial(ops.huber, operand=0)
def huber_partial_size(_y, size, r):
    """y = r²/2, or δ (|r| - δ/2) for |r| > δ, so ∂y/∂δ = |r| - δ there."""
    return ops.select(ops.absolute(r) <= size, size.dtype.type(0), ops.absolute(r) - size)


@partial(ops.huber, operand=1)
def huber_partial_residual(_y, size, r):
    """y = r²/2, or δ (|r| - δ/2) for |r| > δ, so ∂y/∂r = r, or δ sign r."""
    return ops.select(ops.absolute(r) <= size, r, size * ops.sign(r))


@partial(ops.pseudo_huber, operand=0)
def pseudo_huber_partial_size(_y, size, r):
    """y = δ (h - δ) with h = √(δ² + r²), so ∂y/∂δ = (h - δ)² / h, where h - δ = r² / (h + δ)."""
    h = ops.hypot(size, r)
    rise = r * (r / (h + size))
    return rise * (rise / h)


@partial(ops.pseudo_huber, operand=1)
def pseudo_huber_partial_residual(_y, size, r):
    """y = δ (h - δ) with h = √(δ² + r²), so ∂y/∂r = r δ / h."""
    return r * ops.cosine_of_angle(size, r)


@partial(ops.hyp0f1, operand=1)
def hyp0f1_partial(_y, b, z):
    """y = ₀F₁(b; z), so ∂y/∂z = ₀F₁(b+1; z) / b."""
    return ops.hyp0f1(b + 1, z) / b


@partial(ops.hyp1f1, operand=2)
def hyp1f1_partial(_y, a, b, z):
    """y = ₁F₁(a; b; z), so ∂y/∂z = a/b ₁F₁(a+1; b+1; z)."""
    return a / b * ops.hyp1f1(a + 1, b + 1, z)


@partial(ops.hyp2f1, operand=3)
def hyp2f1_partial(_y, a, b, c, z):
    """y = ₂F₁(a, b; c; z), so ∂y/∂z = ab/c ₂F₁(a+1, b+1; c+1; z)."""
    return a * b / c * ops.hyp2f1(a + 1, b + 1, c + 1, z)
