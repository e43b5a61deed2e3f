"""The check of a user's function: its derivatives, compared with numbers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from chainrule.api.products import jvp, vjp
from chainrule.api.trees import flatten, paths, unflatten
from chainrule.errors import ArgumentError, GradientMismatchError, InvalidInputError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.swap import opened
from chainrule.testing.numerical import (
    Function,
    central_difference,
    complex_step,
    one_sided_differences,
)

Mode = Literal["forward", "reverse"]

# How far derivative and numbers may be apart, of the greatest number in the derivative or the value.
_TOLERANCE = 1e-6
_TOLERANCE_IN_SINGLE_PRECISION = 1e-3

# Up to so many numbers are varied one by one; of more, two random directions are tried, and entries if one fails.
_ENTRIES = 64


def check_grads(
    f: Callable[..., Any],
    *xs: Any,
    order: int = 2,
    modes: Sequence[Mode] = ("forward", "reverse"),
    tolerance: float | None = None,
    seed: int = 0,
    **kwargs: Any,
) -> None:
    """Check the derivatives of `f` against numerical ones.

    Parameters
    ----------
    f : callable
        A function of arrays, numbers and pytrees of them, with any result.
    *xs
        The point: every floating-point or complex number in it is varied, everything else is held constant.
    order : int
        The highest order of derivatives that is checked.
    modes : sequence of {"forward", "reverse"}
        The modes, in all combinations at orders above 1.
    tolerance : float, optional
        The greatest difference that passes, as a part of the greatest number in derivative and value: 1e-6, and 1e-3
        in single precision.
    seed : int
        Of the random directions.
    **kwargs
        Passed on to `f`, and held constant.

    Raises
    ------
    GradientMismatchError
        A derivative differs; the message names the argument, the entry, both numbers, the order and the mode.
    InvalidInputError
        The point or the value there holds NaN or infinity.

    Notes
    -----
    The numerical derivative is the complex step where `f` is complex-differentiable, else an extrapolated central
    difference. `f` is evaluated about 15 times for each number in `xs`, or for each of a few random directions if there
    are many numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x: np.sum(np.sin(x) ** 2), np.array([1.0, 2.0]))
    """
    _check_options(order, modes)
    program = _Program(f, xs, kwargs)
    program.check_finite()
    _Check(program, modes, tolerance, np.random.default_rng(seed)).run(
        program.plain, program.traced, program.point, order
    )


def _check_options(order: int, modes: Sequence[Mode]) -> None:
    if order < 1:
        raise ArgumentError(f"`check_grads`: `order` is a positive integer, not {order!r}.{describe(here(3))}")
    if isinstance(modes, str) or not modes or not {"forward", "reverse"}.issuperset(modes):
        raise ArgumentError(
            f'`check_grads`: `modes` is a sequence of "forward" and "reverse", not {modes!r}.{describe(here(3))}'
        )


class _Program:
    """A user's function, as a function of the numbers that vary alone.

    point
        Those numbers, an array or scalar for each leaf of the arguments that varies.
    names
        What the user would call each of them.
    """

    def __init__(self, f: Callable[..., Any], xs: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.f = f
        self.kwargs = kwargs
        self.leaves, self.structure = flatten(xs)
        names = _names(f, xs)
        vary = [k for k, leaf in enumerate(self.leaves) if _varies(leaf)]
        if not vary:
            raise ArgumentError(
                f"`check_grads`: no argument of `{self.title}` holds floating-point numbers.{describe(here())}\n"
                "  Pass floating-point numbers: `3.0` for `3`, `x.astype(float)` for an integer array."
            )
        self.vary = vary
        self.names = [names[k] for k in vary]
        self.point = tuple(_number(self.leaves[k]) for k in vary)

    @property
    def title(self) -> str:
        """What the function is called."""
        return getattr(self.f, "__qualname__", None) or repr(self.f)

    def plain(self, *numbers: Any) -> tuple[Any, ...]:
        """The results in plain NumPy."""
        return self._run(self.f, numbers, self.leaves)

    def traced(self, *numbers: Any) -> tuple[Any, ...]:
        """The results while a derivative is taken."""
        constants = [Array(leaf) if type(leaf) is np.ndarray else leaf for leaf in self.leaves]
        return self._run(opened(self.f), numbers, constants)

    def _run(self, f: Callable[..., Any], numbers: Sequence[Any], constants: Sequence[Any]) -> tuple[Any, ...]:
        leaves = list(constants)
        for k, number in zip(self.vary, numbers, strict=True):
            # A function may write to its arguments, and is called more than once.
            leaves[k] = number.copy() if type(number) is np.ndarray else number
        results = flatten(f(*unflatten(self.structure, leaves), **self.kwargs))[0]
        return tuple(y if isinstance(y, Handle) else _number(y) for y in results if _varies(y))

    def check_finite(self) -> None:
        """Raise unless the point and the value there are finite, and the value holds something to differentiate."""
        for name, x in zip(self.names, self.point, strict=True):
            if not np.all(np.isfinite(x)):
                raise InvalidInputError(
                    f"`check_grads`: `{name}` holds {_first(x)}, where nothing can be compared.{describe(here())}\n"
                    "  Check the derivatives at a point of finite numbers, inside the domain of the function."
                )
        with np.errstate(all="ignore"):
            values = self.plain(*self.point)
        if not values:
            raise ArgumentError(
                f"`check_grads`: `{self.title}` returns no floating-point numbers, so it has no derivative to check."
                f"{describe(here())}\n  Return the result that is to be differentiated."
            )
        for k, y in enumerate(values):
            if not np.all(np.isfinite(y)):
                raise InvalidInputError(
                    f"`check_grads`: the value of `{self.title}` at this point is {_first(y)} in result {k}."
                    f"{describe(here())}\n"
                    "  Check the derivatives at a point where the function is finite."
                )


class _Check:
    """The comparison of one function's derivatives with numbers."""

    def __init__(
        self, program: _Program, modes: Sequence[Mode], tolerance: float | None, rng: np.random.Generator
    ) -> None:
        single = any(x.dtype in (np.float32, np.complex64) for x in program.point)
        default = _TOLERANCE_IN_SINGLE_PRECISION if single else _TOLERANCE
        self.program = program
        self.modes = modes
        self.tolerance = default if tolerance is None else tolerance
        self.rng = rng

    def run(
        self, plain: Function, traced: Function, point: tuple[Any, ...], order: int, taken: tuple[Mode, ...] = ()
    ) -> None:
        """Compare the first derivatives of a function in all modes, then theirs up to the order."""
        values = plain(*point)
        seeds = self._directions(values)
        directions = [self._directions(point) for _ in range(2)]
        entries = list(_entries(point)) if sum(x.size for x in point) <= _ENTRIES else []
        for direction in (*directions, *(unit for unit, _, _ in entries)):
            expected = numerical(plain, point, direction)
            for mode in self.modes:
                difference = self._difference(mode, traced, point, direction, expected, values, seeds)
                if difference is not None:
                    self._blame(mode, plain, traced, point, values, seeds, taken, (direction, *difference))
        if order == 1:
            return
        moved = self._directions(point)
        for mode in self.modes:
            derivative = _push_of(traced, moved) if mode == "forward" else _pull_of(traced, seeds)
            self.run(derivative, derivative, point, order - 1, (*taken, mode))

    def _directions(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        """A random direction; for a single real number 1, so that a message shows the derivative itself."""
        if len(xs) == 1 and xs[0].size == 1 and xs[0].dtype.kind == "f":
            return (np.ones_like(xs[0]),)
        return tuple(map(self._direction, xs))

    def _direction(self, x: Any) -> Any:
        numbers = self.rng.uniform(-1, 1, size=x.shape)
        if x.dtype.kind == "c":
            numbers = numbers + 1j * self.rng.uniform(-1, 1, size=x.shape)
        numbers = np.asarray(numbers).astype(x.dtype)
        return numbers if isinstance(x, np.ndarray) else numbers[()]

    def _difference(
        self,
        mode: Mode,
        traced: Function,
        point: tuple[Any, ...],
        direction: tuple[Any, ...],
        expected: tuple[Any, ...],
        values: tuple[Any, ...],
        seeds: tuple[Any, ...],
    ) -> tuple[Any, Any, str] | None:
        """The two numbers that differ and which result they belong to, or None if all agree."""
        if mode == "forward":
            found = jvp(traced, point, direction)[1]
            for k, (a, b, y) in enumerate(zip(expected, found, values, strict=True)):
                scale = max(_greatest(expected), _greatest((y,)))
                wrong = ~(np.abs(np.asarray(a - b)) <= self.tolerance * scale)
                if wrong.any():
                    entry = tuple(int(i) for i in np.argwhere(wrong)[0])
                    of_result = f"result {k}" if len(values) > 1 else "the result"
                    return np.asarray(a)[entry], np.asarray(b)[entry], of_result + (f"{list(entry)}" if entry else "")
            return None
        bars = vjp(traced, *point)[1](seeds)
        of_result = "the result" if sum(y.size for y in values) == 1 else "a random combination of the results"
        a, b = _pairing(seeds, expected), _pairing(bars, direction)
        scale = max(_greatest(expected), _greatest(values)) * sum(np.abs(bar).sum() for bar in seeds)
        return None if abs(a - b) <= self.tolerance * scale else (a, b, of_result)

    def _blame(
        self,
        mode: Mode,
        plain: Function,
        traced: Function,
        point: tuple[Any, ...],
        values: tuple[Any, ...],
        seeds: tuple[Any, ...],
        taken: tuple[Mode, ...],
        failed: tuple[tuple[Any, ...], Any, Any, str],
    ) -> None:
        """Raise, naming the first entry that is wrong by itself."""
        direction, expected, found, result = failed
        place = "a random direction in all arguments"
        for unit, k, entry in _entries(point):
            numbers = numerical(plain, point, unit)
            difference = self._difference(mode, traced, point, unit, numbers, values, seeds)
            if difference is not None:
                direction, (expected, found, result) = unit, difference
                index = f"[{', '.join(map(str, entry))}]" if entry else ""
                place = f"`{self.program.names[k]}{index}`"
                break
        chain = " over ".join((mode, *reversed(taken)))
        if any(_has_kink(g, point, direction) for g in (self.program.plain, plain)):
            hint = (
                "  The slopes on the two sides of this point differ: the function has a kink or a jump here, and so no "
                "derivative.\n  Check at a point beside it."
            )
        else:
            hint = "  If a rule of your own takes part (`cr.custom`), it is the first suspect."
        raise GradientMismatchError(
            f"`check_grads`: the derivative of `{self.program.title}` with respect to {place} differs from the "
            f"numerical one.{describe(here())}\n"
            f"  order {len(taken) + 1}, {chain} mode, of {result}:\n"
            f"    derivative {found}\n"
            f"    numerical  {expected}\n{hint}"
        )


def numerical(f: Function, point: tuple[Any, ...], direction: tuple[Any, ...]) -> tuple[Any, ...]:
    """The numerical derivative, in double precision: the complex step where it is true, else a central difference.

    A function that is not complex-differentiable may well run on complex numbers, and the complex step is then wrong,
    so it only refines a difference that it agrees with.
    """
    xs, x_dots = (tuple(map(_doubled, numbers)) for numbers in (point, direction))
    rough = central_difference(f, xs, x_dots)
    if any(x.dtype.kind == "c" for x in xs):
        return rough
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fine = complex_step(f, xs, x_dots)
    except Exception:  # whatever a function does not like about complex numbers
        return rough
    if len(fine) != len(rough):
        return rough
    return tuple(
        b if np.shape(a) == np.shape(b) and np.all(np.abs(a - b) <= 1e-5 * max(_greatest(rough), 1e-300)) else a
        for a, b in zip(rough, fine, strict=True)
    )


def _has_kink(f: Function, point: tuple[Any, ...], direction: tuple[Any, ...]) -> bool:
    """Whether the slopes just ahead of a point and just behind it differ by more than curvature and round-off make."""
    xs, x_dots = (tuple(map(_doubled, numbers)) for numbers in (point, direction))
    ahead, behind = one_sided_differences(f, xs, x_dots)
    apart = [np.subtract(a, b) for a, b in zip(ahead, behind, strict=True)]
    return _greatest(apart) > 1e-2 * max(_greatest(ahead), _greatest(behind))


def _push_of(f: Function, x_dots: tuple[Any, ...]) -> Function:
    """ẏ along fixed tangents, as a function of the point."""

    def push(*xs: Any) -> tuple[Any, ...]:
        y_dots = jvp(f, xs, tuple(_as_dtype(x_dot, x) for x_dot, x in zip(x_dots, xs, strict=True)))[1]
        return tuple(y_dots)

    return push


def _pull_of(f: Function, y_bars: tuple[Any, ...]) -> Function:
    """x̄ of fixed cotangents, as a function of the point."""

    def pull(*xs: Any) -> tuple[Any, ...]:
        ys, back = vjp(f, *xs)
        return tuple(back(tuple(_as_dtype(y_bar, y) for y_bar, y in zip(y_bars, ys, strict=True))))

    return pull


def _entries(point: tuple[Any, ...]) -> Any:
    """The unit directions, each with the number of the leaf and the index of the entry; of complex ones two."""
    for k, x in enumerate(point):
        for entry in np.ndindex(x.shape):
            for unit in (1, 1j) if x.dtype.kind == "c" else (1,):
                direction = np.zeros(x.shape, x.dtype)
                direction[entry] = unit
                moved = direction if isinstance(x, np.ndarray) else direction[()]
                still = (np.zeros_like(other) for other in point)
                yield tuple(moved if j == k else other for j, other in enumerate(still)), k, entry


def _names(f: Callable[..., Any], xs: tuple[Any, ...]) -> list[str]:
    """What the user would call each leaf: the parameter, and the place in it."""
    try:
        parameters = [p.name for p in inspect.signature(f).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        parameters = []
    names = []
    for k, x in enumerate(xs):
        argument = parameters[k] if k < len(parameters) else f"argument {k}"
        names += [argument + path for path in paths(x)]
    return names


def _varies(leaf: Any) -> bool:
    if isinstance(leaf, (np.ndarray, np.generic, Handle)):
        return leaf.dtype.kind in "fc"
    return isinstance(leaf, (float, complex))


def _number(leaf: Any) -> Any:
    return leaf if isinstance(leaf, np.ndarray) else np.asarray(leaf)[()]


def _doubled(x: Any) -> Any:
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def _as_dtype(t: Any, like: Any) -> Any:
    """A seed in the dtype of its primal, which is wider when a numerical derivative is taken."""
    if isinstance(like, Handle) or t.dtype == like.dtype:
        return t
    return t.astype(like.dtype)


def _pairing(bars: Sequence[Any], dots: Sequence[Any]) -> float:
    return float(sum(np.sum(np.real(bar * dot)) for bar, dot in zip(bars, dots, strict=True)))


def _greatest(numbers: Sequence[Any]) -> float:
    return max((float(np.max(np.abs(x), initial=0.0)) for x in numbers), default=0.0)


def _first(x: Any) -> str:
    """The first number that is not finite, and where it stands."""
    entry = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0]) if np.ndim(x) else ()
    number = np.asarray(x)[entry]
    return f"{number} at entry {list(entry)}" if entry else f"{number}"
