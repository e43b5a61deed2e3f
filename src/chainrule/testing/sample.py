"""Samples: what the laws are checked on. One row says where a function is used, and every law follows."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.api.trees import flatten
from chainrule.testing.domains import (
    ABOVE_ONE,
    BETWEEN_INTEGERS,
    DISTINCT,
    INCREASING,
    INTEGERS,
    NEGATIVE,
    NONZERO,
    POSITIVE,
    REAL,
    SPD,
    SYMMETRIC,
    UNIT,
    WELL_CONDITIONED,
    Domain,
    domain_of,
)

FLOATS: tuple[np.dtype[Any], ...] = (np.dtype(np.float32), np.dtype(np.float64))
COMPLEX: tuple[np.dtype[Any], ...] = (np.dtype(np.complex64), np.dtype(np.complex128))
ALL = FLOATS + COMPLEX

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Sample:
    """One function, and where the laws are checked on it.

    Parameters
    ----------
    function : callable
        Plain NumPy code, a function of the differentiated arrays alone; other arguments are bound in a lambda. It
        returns an array or a tuple of arrays.
    shapes : sequence
        The cases. A case is a shape for a function of one array, such as `(3,)`, or a tuple of shapes, such as
        `((3, 4), (4, 2))`.
    domain : callable or tuple of callables
        How numbers are drawn, for all operands or for each: see `chainrule.testing.domains`.
    dtypes : sequence of dtypes
        `FLOATS`, `COMPLEX` or `ALL`.
    special : sequence of numbers
        Values such as NaN, infinity or 0, in all combinations of the operands. Only the value is compared there, and
        taking a derivative must not warn.
    name : str, optional
        What the sample is called; by default as the function is.
    analytic : bool
        Whether the function accepts complex numbers and is complex-differentiable, so that the complex step gives its
        derivative; otherwise central differences do.
    order : int
        The highest order of derivatives that is checked: 0 for a step function, at most 2.
    exact : bool
        Whether the traced value equals NumPy's bit by bit; otherwise to round-off.
    protocols : bool
        Whether the function also works when it is not swapped, through NumPy's protocols alone. One that makes arrays
        and writes to them does not.
    """

    function: Callable[..., Any]
    shapes: Sequence[Any]
    domain: Any = REAL
    dtypes: Sequence[Any] = FLOATS
    special: Sequence[Any] = ()
    name: str | None = None
    analytic: bool = True
    order: int = 2
    exact: bool = True
    protocols: bool = True

    @property
    def title(self) -> str:
        """The name, or that of the function."""
        name = self.name or str(getattr(self.function, "__name__", self.function))
        if name != "<lambda>":
            return name
        code = self.function.__code__
        return f"{Path(code.co_filename).stem}:{code.co_firstlineno}"

    def cases(self) -> Iterator[Case]:
        """Every shape in every dtype."""
        for shapes in self.shapes:
            for dtype in self.dtypes:
                yield Case(self, _as_shapes(shapes), np.dtype(dtype))

    @property
    def arity(self) -> int:
        """The number of operands."""
        return len(_as_shapes(self.shapes[0]))


def _as_shapes(case: Any) -> tuple[Shape, ...]:
    return tuple(case) if case and isinstance(case[0], tuple) else (tuple(case),)


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """A sample at one choice of shapes and dtype, with its numbers.

    Numbers depend on the names alone, so that a failure happens again when one case is run by itself.
    """

    sample: Sample
    shapes: tuple[Shape, ...]
    dtype: np.dtype[Any]
    _drawn: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shapes = self.shapes[0] if len(self.shapes) == 1 else self.shapes
        return f"{self.sample.title}-{self.dtype}-{shapes}"

    __repr__ = __str__

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose, the same in every run."""
        return np.random.default_rng(zlib.crc32(f"{self.sample.title} {self.shapes} {purpose}".encode()))

    @property
    def is_first(self) -> bool:
        """Whether this is the first of the sample's cases in this dtype."""
        return self.shapes == _as_shapes(self.sample.shapes[0])

    @property
    def is_complex(self) -> bool:
        """Whether the operands are complex."""
        return self.dtype.kind == "c"

    @property
    def is_single(self) -> bool:
        """Whether the operands are in single precision."""
        return self.dtype in (np.float32, np.complex64)

    @property
    def double(self) -> Case:
        """The same case in double precision, at the same numbers."""
        if not self.is_single:
            return self
        dtype = np.dtype(np.complex128 if self.is_complex else np.float64)
        return Case(self.sample, self.shapes, dtype, {"inputs": tuple(x.astype(dtype)[()] for x in self.inputs)})

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domain of each operand."""
        domain = self.sample.domain
        return tuple(map(domain_of, domain if isinstance(domain, tuple) else (domain,) * len(self.shapes)))

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands: arrays, and NumPy's scalars for the shape ()."""
        if "inputs" not in self._drawn:
            self._drawn["inputs"] = self.draw("inputs")
        return self._drawn["inputs"]  # type: ignore[no-any-return]  # a dict of several kinds of things

    def draw(self, purpose: str) -> tuple[Any, ...]:
        """Other operands of the same domains."""
        rng = self.rng(purpose)
        return tuple(
            np.asarray(domain.complex(rng, shape) if self.is_complex else domain(rng, shape)).astype(self.dtype)[()]
            for domain, shape in zip(self.domains, self.shapes, strict=True)
        )

    def directions(self, purpose: str) -> tuple[Any, ...]:
        """A tangent for each operand, no entry longer than 1."""
        return tuple(random_like(self.rng(f"{purpose} {k}"), x) for k, x in enumerate(self.inputs))

    def plain(self, *xs: Any) -> tuple[Any, ...]:
        """The results of the function in plain NumPy, as a tuple; the operands are not changed."""
        return results(self.sample.function(*map(copied, xs)))

    @property
    def value(self) -> tuple[Any, ...]:
        """The results of the function at the inputs."""
        if "value" not in self._drawn:
            self._drawn["value"] = self.plain(*self.inputs)
        return self._drawn["value"]  # type: ignore[no-any-return]  # a dict of several kinds of things


def random_like(rng: np.random.Generator, x: Any) -> Any:
    """Random numbers between -1 and 1 in the shape, dtype and kind of something; zero where they cannot vary."""
    if x.dtype.kind not in "fc":
        return np.zeros(x.shape, x.dtype) if isinstance(x, np.ndarray) else x.dtype.type(0)
    numbers = rng.uniform(-1, 1, size=x.shape)
    if x.dtype.kind == "c":
        numbers = (numbers + 1j * rng.uniform(-1, 1, size=x.shape)) / np.sqrt(2)
    numbers = np.asarray(numbers).astype(x.dtype)
    return numbers if isinstance(x, np.ndarray) else numbers[()]


def copied(x: Any) -> Any:
    """An operand that a function may write to; scalars stay scalars."""
    return np.array(x, order="K")[()] if isinstance(x, np.generic) else np.array(x, order="K")


def results(y: Any) -> tuple[Any, ...]:
    """What a function returned, one thing or several, as a tuple."""
    return tuple(flatten(y)[0])


__all__ = [
    "ABOVE_ONE",
    "ALL",
    "BETWEEN_INTEGERS",
    "COMPLEX",
    "DISTINCT",
    "FLOATS",
    "INCREASING",
    "INTEGERS",
    "NEGATIVE",
    "NONZERO",
    "POSITIVE",
    "REAL",
    "SPD",
    "SYMMETRIC",
    "UNIT",
    "WELL_CONDITIONED",
    "Case",
    "Domain",
    "Sample",
]
