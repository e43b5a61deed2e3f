"""Distributions of `scipy.stats` of several variables: the multivariate normal and Dirichlet's."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import stats

import chainrule.numpy as namespace
from chainrule import ops
from chainrule.numpy.handle import look, wrap
from chainrule.numpy.operands import any_resists, plain, resists, value_of
from chainrule.numpy.table import FUNCTIONS
from chainrule.ops.compositions import size_of
from chainrule.scipy.distributions import of_constants
from chainrule.scipy.known_numbers import UNKNOWN, greatest, known, least
from chainrule.scipy.real_arguments import floats, real, reals
from chainrule.transforms.looks import decide
from chainrule.transforms.reverse import missing_rule

# Not looked up in NumPy's module, where Python finds names slowly.
sum_of = np.add.reduce

# Typed as anything: it finds its names when they are asked for.
xp: Any = namespace


class MultivariateDistribution:
    """What stands for a distribution of several variables: the same methods, also of traced values."""

    def __init__(self, original: Any, name: str, methods: dict[str, Callable[..., Any]]) -> None:
        self.original = original
        self.name = name
        self.methods = methods

    def __repr__(self) -> str:
        return repr(self.original)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.original, name)
        if name.startswith("_") or not callable(value):
            return value
        method = self._method(name, value)
        if name in self.methods:
            # The next look-up does not come here.
            self.__dict__[name] = method
        return method

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The distribution with its parameters held."""
        return FrozenMultivariate(self, args, kwargs)

    def _method(self, name: str, original: Any) -> Callable[..., Any]:
        form = self.methods.get(name)

        @wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            if not any_resists(args, kwargs):
                return of_constants(name, original, args, kwargs)
            if form is None:
                raise missing_rule(f"scipy.stats.{self.name}.{name}")
            return wrap(form(*args, **kwargs))

        return method


class FrozenMultivariate:
    """A distribution of several variables with its parameters held."""

    def __init__(self, distribution: MultivariateDistribution, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.distribution = distribution
        self.args = args
        self.kwargs = kwargs

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.distribution, name)
        if name in ("pdf", "logpdf", "cdf", "logcdf"):
            return lambda x, **kwargs: method(x, *self.args, **self.kwargs, **kwargs)
        return lambda *args, **kwargs: method(*self.args, *args, **self.kwargs, **kwargs)


def _parameters(mean: Any, cov: Any) -> tuple[Any, Any, int]:
    """The mean as a vector (None for 0), the covariance as a matrix, and the number of variables."""
    count = 1
    if mean is not None:
        if mean.ndim != 1:
            mean = ops.reshape(mean, shape=(mean.size,))
        count = max((count, *mean.shape))
    if cov.ndim != 2:
        count = max((count, *cov.shape[:1]))
        cov = cov * np.eye(count, dtype=cov.dtype) if cov.ndim == 0 else value_of(xp.diag(wrap(cov)))
    count = max(count, cov.shape[0])
    if cov.shape != (count, count) or (mean is not None and mean.shape != (count,)):
        raise ValueError(
            f"the mean has shape {None if mean is None else mean.shape}, and the covariance {cov.shape}; they have to "
            "be (n,) and (n, n)"
        )
    return mean, cov, count


def normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """-(n log 2π + log |C| + dᵀ C⁻¹ d) / 2 for d = x - mean."""
    cov = 1.0 if cov is None else cov
    if mean is None:
        x, cov = reals(x, cov)
    else:
        x, mean, cov = reals(x, mean, cov)
    mean, cov, count = _parameters(mean, cov)
    if x.ndim == 0 or (x.ndim == 1 and count == 1):
        # Points of one variable.
        x = ops.reshape(x, shape=(*x.shape, 1))
    difference = x if mean is None else x - mean
    if allow_singular:
        if resists(wrap(cov)):
            raise missing_rule("scipy.stats.multivariate_normal.logpdf with allow_singular=True, in the covariance,")
        known = stats.Covariance.from_eigendecomposition(np.linalg.eigh(plain(wrap(cov))))
        inverse = np.linalg.pinv(plain(wrap(cov)), hermitian=True)
        solved = value_of(xp.matmul(wrap(difference), inverse))
        constant = known.rank * math.log(2 * math.pi) + known.log_pdet
    else:
        sign, logarithm = ops.slogdet(cov)
        if not look(sign) > 0:
            raise np.linalg.LinAlgError("the covariance matrix must be positive definite; see `allow_singular`")
        solved = _solved(cov, difference)
        constant = count * math.log(2 * math.pi) + logarithm
    distance = ops.reduce_sum(difference * solved, axes=(difference.ndim - 1,))
    result = (distance + constant) * -0.5
    return _squeezed(result)


def _squeezed(x: Any) -> Any:
    """A result as SciPy returns it, without axes of length 1."""
    if 1 not in x.shape:
        return x
    return ops.reshape(x, shape=tuple([n for n in x.shape if n != 1]))


def _solved(a: Any, b: Any) -> Any:
    """The solutions of a x = b for vectors in the last axis of b."""
    if b.ndim == 1:
        return ops.reshape(ops.solve(a, ops.reshape(b, shape=(*b.shape, 1))), shape=b.shape)
    rows = b if b.ndim == 2 else ops.reshape(b, shape=(size_of(b.shape[:-1]), b.shape[-1]))
    solved = ops.solve(a, rows.mT).mT
    return solved if b.ndim == 2 else ops.reshape(solved, shape=b.shape)


def normal_pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The density, by its logarithm."""
    return ops.exp(normal_logpdf(x, mean, cov, allow_singular))


def normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    """(n log 2πe + log |C|) / 2."""
    _, cov, count = _parameters(None if mean is None else real(mean), real(1.0 if cov is None else cov))
    return (ops.slogdet(cov)[1] + count * (1 + math.log(2 * math.pi))) / 2


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    """Σ (α - 1) log x - Σ log Γ(α) + log Γ(Σ α), where x has its variables in the first axis."""
    x, alpha = floats(x, alpha)
    shape = x.shape
    # With the number that is left, if it is.
    completed = x
    if shape and alpha.shape and shape[0] == alpha.shape[0] - 1:
        completed = ops.concatenate(x, 1 - ops.reduce_sum(ops.reshape(x, shape=(1, *shape)), axes=(1,)), axis=0)
    _check_dirichlet(x, completed, alpha)
    if len(shape) > 1:
        completed = ops.transpose(completed, axes=(*range(1, len(shape)), 0))
    return _squeezed(ops.dirichlet_logarithm(completed, alpha))


# By how much the sum of numbers may differ from 1, as SciPy has it.
_SUM_TOLERANCE = 1e-9


def _check_dirichlet(x: Any, completed: Any, alpha: Any) -> None:
    """Raise, as SciPy does, for what is no distribution or no point of it; `completed` has the number that is left."""
    fits = len(alpha.shape) == 1 and completed.shape[:1] == alpha.shape
    numbers, parameters = known(completed), known(alpha)
    are_known = numbers is not UNKNOWN and parameters is not UNKNOWN
    if fits and are_known and least(parameters) > 0 and least(numbers) > 0:
        excess = sum_of(numbers, 0) - 1
        if least(excess) >= -_SUM_TOLERANCE:
            most = greatest(excess)
            # No positive number is greater than their sum, rounded or not.
            if most <= 0 or (most <= _SUM_TOLERANCE and greatest(numbers) <= 1):
                return
    if are_known or not fits:
        # SciPy knows what is wrong, if anything is.
        stats.dirichlet.logpdf(*((known(x), parameters) if are_known else (np.ones(x.shape), np.ones(alpha.shape))))
        return
    total = ops.reduce_sum(completed, axes=(0,))
    column = ops.reshape(alpha, shape=(*alpha.shape, *(1,) * (completed.ndim - 1)))
    vanishes = ops.logical_and(completed == 0, column < 1)
    outside = ops.logical_or(ops.logical_or(completed < 0, completed > 1), vanishes)
    for wrong in (outside, alpha <= 0, ops.absolute(total - 1) > _SUM_TOLERANCE):
        if decide(np.any, wrong):
            raise ValueError(
                "`scipy.stats.dirichlet` takes parameters that are positive, and points whose numbers along the first "
                "axis are positive and add up to 1; a number may be 0 if its parameter is at least 1"
            )


def dirichlet_pdf(x: Any, alpha: Any) -> Any:
    """The density, by its logarithm."""
    return ops.exp(dirichlet_logpdf(x, alpha))


def dirichlet_entropy(alpha: Any) -> Any:
    """log B(α) + (Σα - n) ψ(Σα) - Σ (α - 1) ψ(α)."""
    (alpha,) = floats(alpha)
    total = ops.reduce_sum(alpha, axes=(0,))
    logarithm = ops.reduce_sum(ops.gammaln(alpha), axes=(0,)) - ops.gammaln(total)
    moments = ops.reduce_sum((alpha - 1) * ops.digamma(alpha), axes=(0,))
    return logarithm + (total - alpha.shape[0]) * ops.digamma(total) - moments


FUNCTIONS[stats.multivariate_normal] = MultivariateDistribution(
    stats.multivariate_normal,
    "multivariate_normal",
    {"pdf": normal_pdf, "logpdf": normal_logpdf, "entropy": normal_entropy},
)
FUNCTIONS[stats.dirichlet] = MultivariateDistribution(
    stats.dirichlet,
    "dirichlet",
    {"pdf": dirichlet_pdf, "logpdf": dirichlet_logpdf, "entropy": dirichlet_entropy},
)
