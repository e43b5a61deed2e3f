"""Densities, probabilities and quantiles at any location and scale, in the support and out of it, from standard forms.

Most calls have all numbers in the support and parameters that make a distribution. Where the numbers are known, one
look at them tells, and the formula is all that is done. Where a program is recorded, or lanes are mapped over, each
number is held against the ends of the support, and chosen.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from chainrule import ops
from chainrule.numpy.handle import wrap
from chainrule.numpy.operands import common_dtype, converted
from chainrule.scipy.known_numbers import are_whole, greatest, least
from chainrule.scipy.real_arguments import DOUBLE, NUMBERS, SINGLE, real, value_or_number
from chainrule.scipy.standard_forms import StandardForm
from chainrule.trace import Value


class Arguments(NamedTuple):
    """What a distribution is asked about, and its parameters, as values; a location of 0 and a scale of 1 are None.

    `is_single` says that x was given in single precision.
    """

    x: Any
    shapes: list[Any]
    loc: Any
    scale: Any
    is_single: bool


def arguments(x: Any, shapes: Any, loc: Any, scale: Any) -> Arguments:
    """The arguments of a call as values of one dtype; a location of 0 and a scale of 1 take no step."""
    value = value_or_number(x)
    is_double, is_single = value.dtype is DOUBLE, value.dtype == SINGLE
    if not is_double:
        value = real(value)
        is_double = value.dtype is DOUBLE
    values = [value]
    for shape in shapes:
        value = real(shape)
        is_double = is_double and value.dtype is DOUBLE
        values.append(value)
    has_loc, has_scale = type(loc) not in NUMBERS or loc != 0, type(scale) not in NUMBERS or scale != 1
    if has_loc:
        loc = real(loc)
        is_double = is_double and loc.dtype is DOUBLE
        values.append(loc)
    if has_scale:
        scale = real(scale)
        is_double = is_double and scale.dtype is DOUBLE
        values.append(scale)
    if not is_double:
        values = common_dtype(values)
    scale = values.pop() if has_scale else None
    loc = values.pop() if has_loc else None
    return Arguments(values[0], values[1:], loc, scale, is_single)


def _standardised(given: Arguments) -> Any:
    """x less the location over the scale."""
    z = given.x if given.loc is None else given.x - given.loc
    return z if given.scale is None else z / given.scale


def _is_distribution(given: Arguments) -> bool:
    """Whether all parameters are known to make a distribution."""
    if given.scale is not None and not least(given.scale) > 0:
        return False
    return all(least(shape) > 0 for shape in given.shapes)


def _wrong(form: StandardForm, given: Arguments) -> Any:
    """Where parameters make no distribution."""
    wrong: Any = np.False_
    if given.scale is not None:
        wrong = ops.logical_not(given.scale > 0)
    for shape in given.shapes:
        # A rate of 0 is a distribution, too: all mass is at 0.
        wrong = ops.logical_or(wrong, ops.logical_not(shape >= 0 if form.discrete else shape > 0))
    return wrong


def _positive(x: Any) -> Any:
    """A parameter, and 1 where it is not positive."""
    return _unless(ops.logical_not(x > 0), x.dtype.type(1), x)


def _unless(condition: Any, exception: Any, result: Any) -> Any:
    """A result, and something else where a condition holds; one that is known to hold nowhere takes no step."""
    if type(condition) is not Value and not condition.any():
        shape = tuple(result.shape)
        if np.broadcast_shapes(condition.shape, shape) == shape:
            return result
    return ops.select(condition, exception, result)


def _undefined(wrong: Any, given: Arguments, number: Any) -> Any:
    """NaN, and so are its derivatives, where parameters make no distribution; elsewhere it is not asked for."""
    arguments = [x for x in (given.x, given.loc, given.scale, *given.shapes) if x is not None]
    # Sums times NaN or 0, not quotients: 0 stays 0 where the arguments are infinite.
    return sum(arguments[1:], arguments[0]) * ops.select(wrong, number(math.nan), number(0.0))


def density(form: StandardForm, name: str, given: Arguments) -> Any:
    """The density, or its logarithm."""
    z = _standardised(given)
    if (
        least(z) >= form.lower
        and (form.upper == math.inf or greatest(z) <= form.upper)
        and _is_distribution(given)
        and (not form.discrete or are_whole(z))
    ):
        return wrap(_scaled(form, name, z, given.shapes, given.scale))
    number = z.dtype.type
    wrong = ops.logical_or(ops.isnan(z), _wrong(form, given))
    held = ops.logical_and(ops.logical_and(z >= form.lower, z <= form.upper), ops.logical_not(wrong))
    if form.discrete:
        held = ops.logical_and(held, ops.equal(ops.floor(z), z))
    unheld = ops.logical_not(held)
    inner, shapes = _unless(unheld, number(form.inside), z), [_positive(shape) for shape in given.shapes]
    result = _scaled(form, name, inner, shapes, None if given.scale is None else _positive(given.scale))
    outside = number(0.0 if name == "pdf" else -math.inf)
    return wrap(_unless(wrong, _undefined(wrong, given, number), _unless(unheld, outside, result)))


def _scaled(form: StandardForm, name: str, z: Any, shapes: list[Any], scale: Any) -> Any:
    """The density of the standard form over the scale, or its logarithm."""
    if name == "logpdf":
        value = form.logpdf(z, *shapes)
        return value if scale is None else value - ops.log(scale)
    value = ops.exp(form.logpdf(z, *shapes)) if form.pdf is None else form.pdf(z, *shapes)
    return value if scale is None else value / scale


def probability(form: StandardForm, name: str, given: Arguments) -> Any:
    """The probability of what is at most x (`cdf`) or greater (`sf`), or its logarithm."""
    z = _standardised(given)
    if least(z) >= form.lower and greatest(z) < form.upper and _is_distribution(given):
        return wrap(_probability(form, name, z, given.shapes))
    number = z.dtype.type
    wrong = ops.logical_or(ops.isnan(z), _wrong(form, given))
    below, above = z < form.lower, z >= form.upper
    inner = _unless(ops.logical_or(ops.logical_or(below, above), wrong), number(form.inside), z)
    result = _probability(form, name, inner, [_positive(shape) for shape in given.shapes])
    none, whole = (-math.inf, 0.0) if name.startswith("log") else (0.0, 1.0)
    if name.endswith("sf"):
        none, whole = whole, none
    inside_or_above = _unless(above, number(whole), result)
    return wrap(_unless(wrong, _undefined(wrong, given, number), _unless(below, number(none), inside_or_above)))


def _probability(form: StandardForm, name: str, z: Any, shapes: list[Any]) -> Any:
    """The same of the standard form."""
    formula = getattr(form, name)
    if formula is None:
        return ops.log(getattr(form, name.removeprefix("log"))(z, *shapes))
    return formula(z, *shapes)


def quantile(form: StandardForm, name: str, given: Arguments) -> Any:
    """The number that is exceeded with the probability 1 - q (`ppf`) or q (`isf`)."""
    q = given.x
    if least(q) > 0 and greatest(q) < 1 and _is_distribution(given):
        return wrap(_placed(_quantile(form, name, q, given.shapes, given), given))
    number = q.dtype.type
    wrong = _wrong(form, given)
    held = ops.logical_and(ops.logical_and(q > 0, q < 1), ops.logical_not(wrong))
    shapes = [_positive(shape) for shape in given.shapes]
    inner = _placed(_quantile(form, name, ops.select(held, q, number(0.5)), shapes, given), given)
    # At the ends of the support SciPy knows the value, which varies with the location and the scale alone.
    lowest, highest = (form.lower, form.upper) if name == "ppf" else (form.upper, form.lower)
    lowest, highest = _placed(number(lowest), given), _placed(number(highest), given)
    ends = ops.select(q == 0, lowest, ops.select(q == 1, highest, number(math.nan)))
    return wrap(ops.select(wrong, number(math.nan), ops.select(held, inner, ends)))


def _quantile(form: StandardForm, name: str, q: Any, shapes: list[Any], given: Arguments) -> Any:
    """The same of the standard form; without shapes SciPy finds it in the precision that q is given in."""
    if given.is_single and not shapes:
        return converted(getattr(form, name)(converted(q, SINGLE)), q.dtype)
    return getattr(form, name)(q, *shapes)


def _placed(z: Any, given: Arguments) -> Any:
    """What stands for a standardised number at the location and scale."""
    x = z if given.scale is None else z * given.scale
    return x if given.loc is None else x + given.loc
