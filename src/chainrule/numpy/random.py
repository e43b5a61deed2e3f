"""`np.random` inside differentiated functions: what is drawn is constant, or a function of traced parameters."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as _numpy
from numpy import random as _original

import chainrule.numpy as namespace
from chainrule.errors import NoRuleError
from chainrule.graph.position import describe, here
from chainrule.numpy import pathwise_draws
from chainrule.numpy.effects import affected
from chainrule.numpy.handle import Array, fresh, wrap
from chainrule.numpy.operands import plain, resists

# What a recorded run does not do again by itself.
_DRAWS = "draws random numbers"


def _drawing(name: str, source: Any) -> Callable[..., Any]:
    original = getattr(source, name)

    @functools.wraps(original)
    def draw(*args: Any, **kwargs: Any) -> Any:
        affected(_DRAWS)
        if any(map(resists, args)) or any(map(resists, kwargs.values())):
            form = pathwise_draws.FORMS.get(name)
            drawn = None if form is None else form(source, *args, **kwargs)
            if drawn is None:
                raise _no_smooth_draw(name)
            return drawn
        return _drawn_constant(original(*plain(args), **plain(kwargs)))

    return draw


def _no_smooth_draw(name: str) -> NoRuleError:
    return NoRuleError(
        f"`np.random.{name}` was given a traced parameter, of which its draws are no smooth function."
        f"{describe(here())}\n"
        "  NumPy draws by rejection there, or whole numbers. Draw with constant parameters and transform what is\n"
        "  drawn; or, if no derivative is wanted, pass `cr.stop_gradient(x)`."
    )


def _shuffled(source: Any, x: Any, axis: int = 0) -> None:
    affected(_DRAWS)
    if not isinstance(x, Array):
        source.shuffle(x) if axis == 0 else source.shuffle(x, axis)
        return
    order = _numpy.arange(x.shape[axis])
    source.shuffle(order)
    x[...] = x[_along(fresh(order), axis, x.ndim)]


def _permuted(source: Any, x: Any, axis: int = 0) -> Any:
    affected(_DRAWS)
    if not isinstance(x, Array) or not x.ndim:
        return fresh(source.permutation(plain(x)))
    return x[_along(fresh(source.permutation(x.shape[axis])), axis, x.ndim)]


def _chosen(
    source: Any, a: Any, size: Any = None, replace: bool = True, p: Any = None, axis: int = 0, shuffle: bool = True
) -> Any:
    affected(_DRAWS)
    if resists(p):
        raise _no_smooth_draw("choice")
    places = {} if axis == 0 and shuffle else {"axis": axis, "shuffle": shuffle}
    if not resists(a):
        return _drawn_constant(source.choice(plain(a), plain(size), replace, plain(p), **places))
    array: Any = namespace.asarray(a)
    if not array.ndim:
        raise ValueError("`choice` takes a whole number or an array of at least one axis, not a traced number")
    if places:
        places["axis"] = 0
    drawn = source.choice(array.shape[axis], plain(size), replace, plain(p), **places)
    return array[_along(fresh(drawn) if type(drawn) is _numpy.ndarray else drawn, axis, array.ndim)]


def _permuted_apart(source: Any, x: Any, axis: Any = None, out: Any = None) -> Any:
    affected(_DRAWS)
    if not resists(x) and not resists(out):
        return _drawn_constant(source.permuted(plain(x), axis=axis, out=plain(out)))
    if out is not None:
        raise _no_smooth_draw("Generator.permuted")
    array: Any = namespace.asarray(x)
    order = source.permuted(_numpy.arange(array.size).reshape(array.shape), axis=axis)
    return array.reshape(-1)[fresh(order)]


def _drawn_constant(drawn: Any) -> Any:
    return fresh(drawn) if type(drawn) is _numpy.ndarray else wrap(drawn)


def _along(order: Any, axis: int, ndim: int) -> Any:
    return (*(slice(None),) * (axis % ndim), order)


def shuffle(x: Any) -> None:
    """Rearrange an array along its first axis, in place; a traced one too, since the order is drawn."""
    _shuffled(_original, x)


def permutation(x: Any) -> Any:
    """The first numbers, or the slices of an array, in an order that is drawn."""
    return _permuted(_original, x)


def choice(a: Any, size: Any = None, replace: bool = True, p: Any = None) -> Any:
    """Elements of an array, a traced one too, whose places are drawn."""
    return _chosen(_original, a, size, replace, p)


class Source:
    """A `Generator` or `RandomState` inside differentiated functions: it draws constants, and rearranges any array."""

    __slots__ = ("_generator",)

    def __init__(self, generator: Any) -> None:
        self._generator = generator

    @property  # type: ignore[misc]  # an instance of what it stands for
    def __class__(self) -> type:
        """The class of the generator."""
        return type(self._generator)

    def shuffle(self, x: Any, axis: int = 0) -> None:
        """Rearrange an array along an axis, in place; a traced one too, since the order is drawn."""
        _shuffled(self._generator, x, axis)

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """The first numbers, or the slices of an array, in an order that is drawn."""
        return _permuted(self._generator, x, axis)

    def choice(self, a: Any, *args: Any, **kwargs: Any) -> Any:
        """Elements of an array, a traced one too, whose places are drawn."""
        return _chosen(self._generator, a, *args, **kwargs)

    def permuted(self, x: Any, *, axis: Any = None, out: Any = None) -> Any:
        """The elements of an array, a traced one too, in an order that is drawn, for each slice along an axis apart."""
        return _permuted_apart(self._generator, x, axis, out)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._generator, name)
        if callable(value) and not name.startswith("_") and name not in _AS_THEY_ARE:
            return _drawing(name, self._generator)
        if name in _AS_THEY_ARE:
            affected(_DRAWS)
        return value

    def __repr__(self) -> str:
        return repr(self._generator)


class _SourceType(type):
    """The type of what stands for a class of generators: calls make sources, and both kinds are instances."""

    original: type

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return Source(cls.original(*plain(args), **plain(kwargs)))

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.original)


class Generator(metaclass=_SourceType):
    """`np.random.Generator` inside differentiated functions."""

    original = _original.Generator


class RandomState(metaclass=_SourceType):
    """`np.random.RandomState` inside differentiated functions."""

    original = _original.RandomState


def default_rng(seed: Any = None) -> Any:
    """A generator of random numbers."""
    return Source(_original.default_rng(plain(seed)))


# What makes generators, or hands out or sets their state, as it is in NumPy.
_AS_THEY_ARE = frozenset(
    {"get_bit_generator", "set_bit_generator", "get_state", "set_state", "spawn", "test", "bytes", "seed"}
)


def __getattr__(name: str) -> Any:
    value = getattr(_original, name)
    if callable(value) and not isinstance(value, type) and not name.startswith("_") and name not in _AS_THEY_ARE:
        # Kept as an attribute: the next look-up does not come here.
        value = globals()[name] = _drawing(name, _original)
    elif name in _AS_THEY_ARE:
        affected(_DRAWS)
    return value


def __dir__() -> list[str]:
    return sorted(set(dir(_original)))
