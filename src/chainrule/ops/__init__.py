"""The operations: name, evaluation by NumPy, shape and dtype. One file for each branch of mathematics.

Ops are strict: operands of one dtype, no defaults, axes non-negative. The front end settles the rest.
"""

from typing import Any

from chainrule.ops.arithmetic import (
    absolute,
    add,
    copysign,
    divide,
    float_power,
    floor_divide,
    fmod,
    heaviside,
    lowered_power,
    multiply,
    negative,
    power,
    power_logarithm,
    power_operator,
    raised,
    reciprocal,
    remainder,
    sign,
    square,
    subtract,
)
from chainrule.ops.bessel import (
    hankel1,
    hankel2,
    i0,
    i0e,
    i1,
    i1e,
    iv,
    ive,
    j0,
    j1,
    jv,
    k0,
    k0e,
    k1,
    k1e,
    kn,
    kv,
    kve,
    macdonald_derivative,
    modified_bessel,
    scaled_bessel_derivative,
    spherical_bessel,
    y0,
    y1,
    yn,
    yv,
)
from chainrule.ops.comparison import (
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    signbit,
)
from chainrule.ops.complex_parts import complex_of, conj, direction, imag, modulus, real
from chainrule.ops.contraction import dot, einsum, matmul, matvec, vecdot, vecmat, vecvec
from chainrule.ops.conversion import convert, truncate
from chainrule.ops.convolution import correlate
from chainrule.ops.cumulative import cumprod, cumsum, recurrence
from chainrule.ops.degeneracy import (
    aligning,
    parting_of_eigenvalues,
    parting_of_mixed_eigenvalues,
    parting_of_singular_values,
)
from chainrule.ops.determinants import cofactors, det, slogdet
from chainrule.ops.dirichlet import dirichlet_logarithm
from chainrule.ops.elliptic import ellipe, ellipk, ellipkm1
from chainrule.ops.entropy import entr, kl_div, log_ratio, rel_entr, xlog1py, xlogy
from chainrule.ops.error_function import (
    bell,
    dawsn,
    dawson_derivative,
    erf,
    erfc,
    erfcinv,
    erfcx,
    erfi,
    erfinv,
    log_ndtr,
    ndtr,
    ndtri,
    ndtri_exp,
    owens_t,
    scaled_erfc,
    wofz,
)
from chainrule.ops.exponential import (
    cbrt,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    root_of_squares,
    share,
    sqrt,
)
from chainrule.ops.exponential_integrals import (
    airy_ai,
    airy_ai_slope,
    airy_bi,
    airy_bi_slope,
    boxcox,
    boxcox1p,
    cosine_integral,
    exp1,
    expi,
    expn,
    exponential_moment,
    fresnel_cosine,
    fresnel_sine,
    huber,
    hyp0f1,
    hyp1f1,
    hyp2f1,
    lambertw,
    pseudo_huber,
    sine_integral,
    spence,
)
from chainrule.ops.factorization import (
    cholesky,
    column_pivots,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    leading_component,
    lu,
    pairing,
    qr,
    row_order,
    some_eigenvectors,
    svd,
    svdvals,
    tridiagonal_eigenvectors,
)
from chainrule.ops.fourier import fft, ifft, irfft, rfft
from chainrule.ops.gamma import (
    beta,
    betaln,
    binom,
    digamma,
    digamma_increment,
    gamma,
    gammaln,
    gammasgn,
    loggamma,
    poch,
    polygamma,
    polygamma_increment,
    rgamma,
    trigamma,
    zeta,
)
from chainrule.ops.hyperbolic import arccosh, arcsinh, arctanh, cosh, hyperbolic_leg, sech, sinh, tanh
from chainrule.ops.incomplete import (
    betainc,
    betainc_shape,
    betaincc,
    betaincinv,
    gammainc,
    gammainc_shape,
    gammaincc,
    gammainccinv,
    gammaincinv,
    stdtr,
    stdtrit,
)
from chainrule.ops.indexing import accumulate, gather, index, last_writer, place, scatter, scatter_add, update
from chainrule.ops.integers import (
    bitwise_and,
    bitwise_count,
    bitwise_or,
    bitwise_xor,
    gcd,
    invert,
    lcm,
    left_shift,
    right_shift,
)
from chainrule.ops.limits import centre, extrapolated, lifted, spread, total
from chainrule.ops.log_sums import greatest, reduce_logaddexp
from chainrule.ops.logistic import expit, log_expit, logistic_density, logit
from chainrule.ops.looks import judged, nonzero, steps_between
from chainrule.ops.matrix_functions import expm, logm, solve_banded, solve_sylvester, solve_triangular, sqrtm
from chainrule.ops.movement import broadcast_to, concatenate, flip, reshape, stack, transpose
from chainrule.ops.norms import euclidean_norm, power_norm
from chainrule.ops.ordering import (
    argpartition,
    argsort,
    inverse_order,
    lexsort,
    partition_order,
    permuted,
    searchsorted,
)
from chainrule.ops.polynomials import characteristic_polynomial, polynomial_roots
from chainrule.ops.reduction import (
    argmax,
    argmin,
    reduce_all,
    reduce_any,
    reduce_fmax,
    reduce_fmin,
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_prod_from,
    reduce_sum,
    reduce_sum_from,
    variance,
)
from chainrule.ops.rounding import (
    ceil,
    exponent,
    floor,
    fraction,
    ldexp,
    mantissa,
    nextafter,
    rint,
    round_decimals,
    spacing,
    trunc,
)
from chainrule.ops.segments import segment_sum
from chainrule.ops.selection import clip, fmax, fmin, maximum, minimum, select
from chainrule.ops.solving import inv, inverse_or_nan, lstsq, pinv, solve
from chainrule.ops.trigonometric import (
    arccos,
    arcsin,
    arctan,
    arctan2,
    cos,
    cosdg,
    cosine_of_angle,
    cosm1,
    degrees,
    hypot,
    leg,
    lorentzian,
    radians,
    sec,
    sin,
    sindg,
    tan,
    tandg,
)
from chainrule.ops.windows import overlap, windows
from chainrule.trace import Op, install_operators


def _matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    last = x.ndim - 1
    return transpose(x, axes=(*range(last - 1), last, last - 1))


install_operators(
    add=add,
    subtract=subtract,
    multiply=multiply,
    divide=divide,
    negative=negative,
    matmul=matmul,
    mT=_matrix_transpose,
    equal=equal,
    not_equal=not_equal,
    less=less,
    less_equal=less_equal,
    greater=greater,
    greater_equal=greater_equal,
    logical_and=logical_and,
    logical_or=logical_or,
    logical_not=logical_not,
)

ALL_OPS = {op.name: op for op in tuple(globals().values()) if isinstance(op, Op)}
