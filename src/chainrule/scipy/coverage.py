"""What is supported of NumPy and SciPy: every public name, with what becomes of it inside a differentiated function.

As in `chainrule.numpy.coverage`, what has a rule is read off the tables that run, and only what has none is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from types import ModuleType

from chainrule import scipy
from chainrule.jacobians.forms import Pulled
from chainrule.numpy import coverage as of_numpy
from chainrule.numpy.coverage import Support
from chainrule.numpy.ufuncs import Ufunc, counterpart_of
from chainrule.trace import Op

MODULES = (*(module.__name__ for module in of_numpy.MODULES), *(f"scipy.{name}" for name in scipy.MODULES))

# The reason for names of SciPy that have no rule.
WITHOUT_RULE = "has no derivative rule; `@cr.custom` gives it one"


def coverage() -> dict[str, Support]:
    """Every public name of NumPy's modules and of the supported ones of SciPy, with its support."""
    table = of_numpy.coverage()
    for name in scipy.MODULES:
        original = import_module(f"scipy.{name}")
        import_module(f"{scipy.__name__}.{name}")
        table.update({f"scipy.{name}.{each}": support(original, each) for each in names(original)})
    return table


def names(module: ModuleType) -> Iterator[str]:
    """The public names of a module, except its modules."""
    listed = set(module.__all__)
    yield from sorted(name for name in listed if not isinstance(getattr(module, name), ModuleType))


def support(module: ModuleType, name: str) -> Support:
    """What becomes of one public name of a module of SciPy."""
    return replace(_found(module, name), native=f"{module.__name__}.{name}" in _NATIVE)


def _found(module: ModuleType, name: str) -> Support:
    value = getattr(module, name)
    found = counterpart_of(value)
    if isinstance(found, Ufunc):
        if not isinstance(found.function, Op):
            return Support("composite")
        if found.function.discrete:
            return Support("constant", reason="piecewise constant")
        return Support("op", forward=not isinstance(found.function.jacobian, Pulled))
    if found is not None:
        return Support("composite")
    if isinstance(value, type):
        return Support("constant", reason="a type")
    if name in _CONSTANT:
        return Support("constant", reason=_CONSTANT[name])
    return Support("refused", reverse=False, forward=False, vmap=False, reason=WITHOUT_RULE)


# What compiled programs compute without calling SciPy.
_NATIVE = frozenset(
    f"scipy.special.{name}"
    for name in """
        cbrt digamma entr erf erfc erfcx exp10 exp2 expit expm1 gammaln i0 i0e i1 i1e kl_div log1p log_expit
        log_ndtr log_softmax logit ndtr psi rel_entr round softmax xlog1py xlogy
    """.split()
)

_REASONS = {
    "settings": "errstate geterr seterr",
    "whole numbers, or made from whole numbers": """
        bernoulli euler factorial factorial2 factorialk stirling2 ai_zeros bei_zeros beip_zeros ber_zeros berp_zeros
        bi_zeros erf_zeros fresnel_zeros fresnelc_zeros fresnels_zeros jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros
        kei_zeros keip_zeros kelvin_zeros ker_zeros kerp_zeros y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros
        mathieu_even_coef mathieu_odd_coef obl_cv_seq pro_cv_seq roots_legendre roots_chebyt roots_chebyu roots_chebyc
        roots_chebys roots_laguerre roots_hermite roots_hermitenorm roots_sh_legendre roots_sh_chebyt roots_sh_chebyu
        p_roots t_roots u_roots c_roots s_roots l_roots h_roots he_roots ps_roots ts_roots us_roots legendre chebyt
        chebyu chebyc chebys laguerre hermite hermitenorm sh_legendre sh_chebyt sh_chebyu
        dft fiedler_companion hadamard helmert hilbert invhilbert invpascal pascal
        argrelextrema argrelmax argrelmin find_peaks peak_prominences peak_widths
        get_blas_funcs get_lapack_funcs find_best_blas_type bandwidth issymmetric ishermitian newton_cotes
    """,
}
_CONSTANT = {name: reason for reason, listed in _REASONS.items() for name in listed.split()}
