"""Means, variances, averages and covariances."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from chainrule import ops
from chainrule.numpy.axes import all_axes
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import Array, wrap
from chainrule.numpy.operands import converted, value_of
from chainrule.numpy.reduction import MISSING, kept, mask_of, summed
from chainrule.ops.compositions import beside, expanded, size_of
from chainrule.trace import Value
from chainrule.transforms.looks import decide

# Integers up to this one are exact in single precision.
_EXACT_IN_SINGLE = 2**24

_DOUBLE = np.dtype(np.float64)


@traced_form(np.mean)
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = MISSING, *, where: Any = MISSING
) -> Any:
    """Arithmetic mean along axes."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    if dtype is None and out is not None:
        dtype = out.dtype
    return kept(mean_of(x, axes, mask_of(where, x.shape), dtype), keepdims, axes, x.shape, out)


@traced_form(np.var)
def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = MISSING,
    *,
    where: Any = MISSING,
    mean: Any = MISSING,
    correction: Any = MISSING,
) -> Any:
    """Variance along axes: the mean square of the distances from the mean, or their sum over the count less `ddof`."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    y = _variance(x, axes, mask_of(where, x.shape), dtype, corrected(ddof, correction), mean)
    return kept(y, keepdims, axes, x.shape, out)


@traced_form(np.std)
def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = MISSING,
    *,
    where: Any = MISSING,
    mean: Any = MISSING,
    correction: Any = MISSING,
) -> Any:
    """Standard deviation along axes: the root of the variance. Where there is no spread its derivative is 0 (kinks)."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    y = _variance(x, axes, mask_of(where, x.shape), dtype, corrected(ddof, correction), mean)
    return kept(root(y), keepdims, axes, x.shape, out)


@traced_form(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = MISSING) -> Any:
    """Weighted average along axes; with `returned` also the sum of the weights."""
    x = value_of(a)
    axes = all_axes(axis, x.ndim)
    if weights is None:
        y = mean_of(x, axes)
        scale = y.dtype.type(x.size / y.size)
    else:
        y, scale = weighted_average(x, axis, axes, value_of(weights))
    y = kept(y, keepdims, axes, x.shape)
    if not returned:
        return y
    if scale.shape != y.shape:
        if keepdims is not MISSING and keepdims and scale.shape:
            scale = expanded(scale, axes, x.shape)
        scale = ops.broadcast_to(scale, shape=y.shape)
        scale = scale if type(scale) is Value else np.array(scale)
    return y, wrap(scale)


def corrected(ddof: Any, correction: Any) -> Any:
    """The number of degrees of freedom to take off, under either of its names."""
    if correction is MISSING:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


def mean_of(x: Any, axes: tuple[int, ...], mask: Any = None, dtype: Any = None) -> Any:
    """The mean of a value over axes, of those entries for which `mask` holds."""
    count = count_of(x.shape, axes, mask)
    if _at_most(count, 0):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=4)
    return over_count(summed(_summable(x, dtype), axes, mask), count)


def count_of(shape: tuple[int, ...], axes: tuple[int, ...], mask: Any) -> Any:
    """How many entries take part in a reduction over axes: a number, or an array where `mask` decides."""
    if mask is None:
        return np.intp(size_of(shape if len(axes) == len(shape) else tuple(shape[axis] for axis in axes)))
    mask = mask if mask.shape == shape else ops.broadcast_to(mask, shape=shape)
    return ops.reduce_sum(converted(mask, np.intp), axes=axes)


def _at_most(count: Any, number: Any) -> bool:
    """Whether a count is at most a number, anywhere and in any lane."""
    return bool(count <= number) if type(count) is np.intp else decide(np.less_equal, count, np.asarray(number))


def over_count(total: Any, count: Any) -> Any:
    """total / count as NumPy rounds it: in double precision, back in the dtype of the total."""
    if type(count) is np.intp and count <= _EXACT_IN_SINGLE and total.dtype.kind == "f":
        # Both roundings together are the one rounding of a division in single precision.
        return ops.divide(total, total.dtype.type(count))
    wide = np.result_type(total.dtype, count.dtype, _DOUBLE)
    return converted(ops.divide(converted(total, wide), converted(count, wide)), total.dtype)


def root(variance: Any) -> Any:
    """The root of a variance."""
    return ops.root_of_squares(variance) if variance.dtype.kind == "f" else ops.sqrt(variance)


def _summable(x: Any, dtype: Any) -> Any:
    """A value in the dtype in which its mean is taken: integers in double precision."""
    if dtype is None and x.dtype.kind not in "fc":
        dtype = _DOUBLE
    return x if dtype is None else converted(x, dtype)


def _variance(x: Any, axes: tuple[int, ...], mask: Any, dtype: Any, ddof: Any, mean: Any) -> Any:
    count = count_of(x.shape, axes, mask)
    if (
        mask is None
        and dtype is None
        and mean is MISSING
        and x.dtype.kind == "f"
        and type(ddof) is int
        and ddof < count
    ):
        return ops.variance(x, axes=axes, ddof=ddof)
    if _at_most(count, ddof):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
    if mean is MISSING or mean is None:
        center = over_count(summed(_summable(x, dtype), axes, mask), count)
        center = beside(center, axes)
    else:
        center = value_of(mean)
    common = np.result_type(x.dtype, center.dtype)
    deviation = converted(x, common) - converted(center, common)
    total = summed(_summable(squared_modulus(deviation), dtype), axes, mask)
    return over_count(total, degrees_of_freedom(count, ddof))


def squared_modulus(z: Any) -> Any:
    """|z|², real."""
    return ops.square(ops.real(z)) + ops.square(ops.imag(z)) if z.dtype.kind == "c" else ops.square(z)


def degrees_of_freedom(count: Any, ddof: Any) -> Any:
    """The count less `ddof`, at least 0."""
    if type(count) is not Value:
        return np.maximum(count - ddof, 0)
    dtype = np.result_type(count.dtype, np.asarray(ddof).dtype)
    left = converted(count, dtype) - dtype.type(ddof)
    return ops.maximum(left, dtype.type(0))


def weighted_average(x: Any, axis: Any, axes: tuple[int, ...], weights: Any) -> tuple[Any, Any]:
    """The average of a value over axes, and the sum of its weights."""
    weights = weights_along(weights, x.shape, axis)
    dtype = np.result_type(x.dtype, weights.dtype)
    if x.dtype.kind not in "fc":
        dtype = np.result_type(dtype, _DOUBLE)
    weights = converted(weights, dtype)
    scale = summed(weights, axes)
    if decide(np.equal, scale, np.float64(0)):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    return summed(converted(x, dtype) * weights, axes) / scale, scale


def weights_along(weights: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """Weights for every entry of a shape, or for the entries along the axes, in a shape that broadcasts against it."""
    if weights.shape == shape:
        return weights
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    axes = normalize_axis_tuple(axis, len(shape), argname="axis")
    if weights.shape != tuple(shape[axis] for axis in axes):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    weights = ops.transpose(weights, axes=tuple(int(k) for k in np.argsort(axes)))
    return ops.reshape(weights, shape=tuple(n if axis in axes else 1 for axis, n in enumerate(shape)))


@traced_form(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """Covariance matrix of variables, each a row (or, without `rowvar`, a column) of observations."""
    c = _covariance(m, y, rowvar, bias, ddof, fweights, aweights, dtype)
    return Array(c if type(c) is Value else np.asarray(c))


@traced_form(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    """Correlation coefficients of variables, each a row (or, without `rowvar`, a column) of observations."""
    c = _covariance(x, y, rowvar, False, None, None, None, dtype)
    if not c.ndim:
        return wrap(c / c)
    count = c.shape[0]
    rows = np.arange(count)
    deviations = ops.sqrt(real_part(ops.gather(c, rows, rows)))
    deviations = converted(deviations, c.dtype)
    c = c / ops.reshape(deviations, shape=(count, 1)) / ops.reshape(deviations, shape=(1, count))
    return wrap(_clipped(c))


def real_part(z: Any) -> Any:
    """The real part, of a real value itself."""
    return ops.real(z) if z.dtype.kind == "c" else z


def _clipped(c: Any) -> Any:
    """Correlations without what round-off puts them beyond 1."""
    if c.dtype.kind == "c":
        return ops.complex_of(_clipped(ops.real(c)), _clipped(ops.imag(c)))
    one = c.dtype.type(1)
    return ops.clip(c, -one, one)


def _covariance(m: Any, y: Any, rowvar: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any, dtype: Any) -> Any:
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    variables = [value_of(v) for v in (m, y) if v is not None]
    dtype = np.result_type(*(v.dtype for v in variables), np.float64) if dtype is None else np.dtype(dtype)
    x = _observations(variables, rowvar, dtype)
    if x.shape[0] == 0:
        return np.array([]).reshape(0, 0)
    if ddof is None:
        ddof = 0 if bias else 1
    frequencies = None if fweights is None else _observation_weights("fweights", fweights, x.shape[1])
    importances = None if aweights is None else _observation_weights("aweights", aweights, x.shape[1])
    given = [w for w in (frequencies, importances) if w is not None]
    if not given:
        weights = None
        center, total = mean_of(x, (1,)), np.float64(x.shape[1])
    else:
        weights = given[0] if len(given) == 1 else given[0] * given[1]
        center, total = weighted_average(x, 1, (1,), weights)
        total = real_part(ops.index(total, path=((0,),)))
    factor = _normalization(total, ddof, weights, importances)
    x = x - ops.reshape(converted(center, dtype), shape=(x.shape[0], 1))
    scaled = x if weights is None else converted(x, np.result_type(dtype, weights.dtype)) * weights
    turned = ops.transpose(scaled, axes=(1, 0))
    if turned.dtype.kind == "c":
        turned = ops.conj(turned)
    wide = np.result_type(dtype, turned.dtype)
    c = ops.matmul(converted(x, wide), converted(turned, wide))
    scale = 1 / factor
    wider = np.result_type(c.dtype, scale.dtype)
    c = converted(converted(c, wider) * converted(scale, wider), c.dtype)
    left = tuple(n for n in c.shape if n != 1)
    return c if left == c.shape else ops.reshape(c, shape=left)


def _observations(variables: list[Any], rowvar: Any, dtype: Any) -> Any:
    """All variables as rows of one matrix."""
    rows = []
    for k, v in enumerate(variables):
        name = "my"[k]
        if v.ndim > 2:
            raise ValueError(f"{name} has more than 2 dimensions")
        as_rows = rowvar or (v.ndim < 2 if k == 0 else v.ndim < 2 or v.shape[0] == 1)
        v = converted(v, dtype)
        if v.ndim < 2:
            v = ops.reshape(v, shape=(1, v.size))
        rows.append(v if as_rows else ops.transpose(v, axes=(1, 0)))
    return rows[0] if len(rows) == 1 else ops.concatenate(*rows, axis=0)


def _is_fractional(x: Any) -> Any:
    return x != np.around(x)


def _observation_weights(name: str, weights: Any, count: int) -> Any:
    w = converted(value_of(weights), _DOUBLE)
    if name == "fweights" and decide(_is_fractional, w):
        raise TypeError("fweights must be integer")
    if w.ndim > 1:
        raise RuntimeError(f"cannot handle multidimensional {name}")
    if w.shape[0] != count:
        raise RuntimeError(f"incompatible numbers of samples and {name}")
    if decide(np.less, w, np.float64(0)):
        raise ValueError(f"{name} cannot be negative")
    return w


def _normalization(total: Any, ddof: Any, weights: Any, importances: Any) -> Any:
    """What sums of products are divided by: the sum of weights, corrected; 0, with a warning, if nothing is left."""
    if weights is None or importances is None:
        factor = total - ddof if ddof else total
    elif ddof == 0:
        factor = total
    else:
        factor = total - ddof * ops.reduce_sum(weights * importances, axes=(0,)) / total
    if decide(np.less_equal, factor, np.float64(0)):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
    zero = factor.dtype.type(0)
    return ops.select(factor <= zero, zero, factor)
