"""The operations: name, evaluation by NumPy, shape and dtype. One file for each branch of mathematics.

Ops are strict: operands of one dtype, no defaults, axes non-negative. The front end settles the rest.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from threading import RLock
from types import ModuleType
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
from chainrule.ops.conversion import convert, truncate
from chainrule.ops.movement import broadcast_to, concatenate, flip, reshape, roll, stack, transpose
from chainrule.ops.reduction import reduce_all, reduce_any, reduce_sum
from chainrule.trace import Op, install_operators


def _matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    last = x.ndim - 1
    return transpose(x, axes=(*range(last - 1), last, last - 1))


def _matmul(x: Any, y: Any) -> Any:
    """The product of matrices, until its family is loaded: for the first one."""
    return _load("contraction").matmul(x, y)


install_operators(
    add=add,
    subtract=subtract,
    multiply=multiply,
    divide=divide,
    negative=negative,
    matmul=_matmul,
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

# Families that are loaded when one of their ops is asked for, here: nobody imports them otherwise.
FAMILIES = {
    "bessel": """
        hankel1 hankel2 i0 i0e i1 i1e iv ive j0 j1 jv k0 k0e k1 k1e kn kv kve macdonald_derivative modified_bessel
        scaled_bessel_derivative spherical_bessel y0 y1 yn yv
    """,
    "complex_parts": "complex_of conj direction imag modulus real",
    "contraction": "cross dot einsum matmul matvec vecdot vecmat vecvec",
    "convolution": "correlate",
    "cumulative": "cumprod cumsum recurrence",
    "degeneracy": "aligning parting_of_eigenvalues parting_of_mixed_eigenvalues parting_of_singular_values",
    "determinants": "cofactors det slogdet",
    "dirichlet": "dirichlet_logarithm",
    "elliptic": "ellipe ellipk ellipkm1",
    "entropy": "entr kl_div log_ratio rel_entr xlog1py xlogy",
    "error_function": """
        bell dawsn dawson_derivative erf erfc erfcinv erfcx erfi erfinv log_ndtr ndtr ndtri ndtri_exp owens_t
        scaled_erfc wofz
    """,
    "exponential": "cbrt exp exp2 expm1 log log10 log1p log2 logaddexp logaddexp2 root_of_squares share sqrt",
    "exponential_integrals": """
        airy_ai airy_ai_slope airy_bi airy_bi_slope boxcox boxcox1p cosine_integral exp1 expi expn exponential_moment
        fresnel_cosine fresnel_sine huber hyp0f1 hyp1f1 hyp2f1 lambertw pseudo_huber sine_integral spence
    """,
    "extremes": "argmax argmin reduce_fmax reduce_fmin reduce_max reduce_min",
    "factorization": """
        cholesky column_pivots eig eigh eigvals eigvalsh leading_component lu pairing qr row_order some_eigenvectors svd
        svdvals tridiagonal_eigenvectors
    """,
    "fourier": "fft ifft irfft rfft",
    "gamma_functions": """
        beta betaln binom digamma digamma_increment gamma gammaln gammasgn loggamma poch polygamma polygamma_increment
        rgamma trigamma zeta
    """,
    "hyperbolic": "arccosh arcsinh arctanh cosh hyperbolic_leg sech sinh tanh",
    "incomplete": """
        betainc betainc_shape betaincc betaincinv gammainc gammainc_shape gammaincc gammainccinv gammaincinv stdtr
        stdtrit
    """,
    "indexing": "accumulate gather index last_writer place scatter scatter_add update",
    "integers": "bitwise_and bitwise_count bitwise_or bitwise_xor gcd invert lcm left_shift right_shift",
    "limits": "centre extrapolated lifted spread total",
    "log_sums": "greatest reduce_logaddexp",
    "logistic": "expit log_expit logistic_density logit",
    "looks": "judged nonzero steps_between",
    "matrix_functions": "expm logm solve_banded solve_sylvester solve_triangular sqrtm",
    "moments": "variance",
    "norms": "euclidean_norm power_norm",
    "ordering": "argpartition argsort inverse_order lexsort partition_order permuted searchsorted",
    "polynomials": "characteristic_polynomial polynomial_roots",
    "products": "reduce_prod reduce_prod_from reduce_sum_from",
    "rounding": "ceil exponent floor fraction ldexp mantissa nextafter rint round_decimals spacing trunc",
    "segments": "segment_sum",
    "selection": "clip fmax fmin maximum minimum select",
    "sliding_windows": "overlap windows",
    "solving": "inv inverse_or_nan lstsq pinv solve",
    "tensor_products": "tensordot",
    "trigonometric": """
        arccos arcsin arctan arctan2 cos cosdg cosine_of_angle cosm1 degrees hypot leg lorentzian radians sec sin sindg
        tan tandg
    """,
}


@cache
def _families_of_ops() -> dict[str, str]:
    """The family of each op, by name."""
    return {name: family for family, names in FAMILIES.items() for name in names.split()}


# Called with the name of each family that was loaded: who states something of every op does so then.
_followers: list[Callable[[str], None]] = []
_loaded: dict[str, ModuleType] = {}
# So that no thread gets an op whose rule another one is just about to state.
_lock = RLock()


def follow(follower: Callable[[str], None]) -> None:
    """Call a function for each family that was or will be loaded."""
    with _lock:
        _followers.append(follower)
        for family in tuple(_loaded):
            follower(family)


def _load(family: str) -> Any:
    """The module of a family, of whose ops the rules are known."""
    with _lock:
        module = _loaded.get(family)
        if module is None:
            module = _loaded[family] = import_module(f"chainrule.ops.{family}")
            members = {name: getattr(module, name) for name in FAMILIES[family].split()}
            for follower in _followers:
                follower(family)
            if family == "contraction":
                install_operators(matmul=members["matmul"])
            # Not before: an attribute is found by other threads without the lock.
            globals().update(members)
        return module


def __getattr__(name: str) -> Any:
    if name == "ALL_OPS":
        for family in FAMILIES:
            _load(family)
        found = globals()[name] = {op.name: op for op in tuple(globals().values()) if isinstance(op, Op)}
        return found
    home = _families_of_ops().get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # An attribute from now on: the next look-up does not come here.
    return getattr(_load(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_families_of_ops(), "ALL_OPS"})
