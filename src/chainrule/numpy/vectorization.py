"""`np.vectorize`, which runs a Python function for each element, and `np.frompyfunc`, which cannot be followed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numpy.foreign_ufuncs import ForeignUfunc
from chainrule.numpy.handle import Handle, Scalar, wrap
from chainrule.numpy.operands import array_of, converted, stacked, value_of
from chainrule.numpy.table import FUNCTIONS, implements
from chainrule.trace import Value

MISSING: Any = np._NoValue

Dimensions = tuple[str, ...]


class vectorize:  # noqa: N801  # the name is NumPy's
    """`np.vectorize` on handles: the function gets each element as a number, a traced one as a traced number.

    As in NumPy the function runs once more on the first elements, to see what it returns, unless `otypes` says so or
    `cache` is set; and numbers reach it in double precision.
    """

    def __init__(
        self,
        pyfunc: Any = MISSING,
        otypes: Any = None,
        doc: str | None = None,
        excluded: Any = None,
        cache: bool = False,
        signature: str | None = None,
    ) -> None:
        # NumPy checks the arguments, and settles what `otypes` means.
        checked = np.vectorize(pyfunc, otypes, doc, excluded, cache, signature)
        self.otypes: Any = checked.otypes
        self.excluded = checked.excluded
        self.cache = cache
        self.signature = signature
        self._doc = doc
        self._take(pyfunc)

    def _take(self, pyfunc: Any) -> None:
        self.pyfunc = pyfunc
        self.__name__ = getattr(pyfunc, "__name__", "vectorize")
        self.__doc__ = getattr(pyfunc, "__doc__", None) if self._doc is None else self._doc

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the function to every element of arrays that are broadcast; as a decorator, take the function."""
        if self.pyfunc is MISSING:
            self._take(args[0])
            return self
        places = [k for k in range(len(args)) if k not in self.excluded]
        names = [name for name in kwargs if name not in self.excluded]
        operands = [args[k] for k in places] + [kwargs[name] for name in names]

        def function(*elements: Any) -> Any:
            positional = list(args)
            for k, element in zip(places, elements, strict=False):
                positional[k] = element
            return self.pyfunc(*positional, **{**kwargs, **dict(zip(names, elements[len(places) :], strict=True))})

        if self.signature is not None:
            return self._by_signature(function, operands)
        if not operands:
            return function()
        return self._by_element(function, operands)

    def _by_element(self, function: Callable[..., Any], operands: list[Any]) -> Any:
        values = [np.asarray(x) if type(x) is not Value else x for x in map(value_of, operands)]
        shape = np.broadcast_shapes(*(x.shape for x in values))
        # A number, unlike an array of one, reaches the function as it is.
        single = [isinstance(x, Scalar | np.generic) for x in operands]
        dtypes, first = self.otypes, None
        if dtypes is None:
            if any(not x.size for x in values):
                raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
            first = function(*(wrap(ops.index(x, path=((0,) * x.ndim,))) for x in values))
            dtypes = [_dtype_of(result) for result in (first if isinstance(first, tuple) else (first,))]
        runs: list[Any] = []
        for index in np.ndindex(*shape):
            if self.cache and first is not None and not runs:
                runs.append(first)
            else:
                runs.append(function(*(_element(x, index, own) for x, own in zip(values, single, strict=True))))
        if len(dtypes) == 1:
            return _gathered(runs, np.dtype(dtypes[0]), shape)
        if any(not isinstance(run, tuple) or len(run) != len(dtypes) for run in runs):
            raise ValueError(f"the function must return {len(dtypes)} results")
        return tuple(_gathered([run[k] for run in runs], np.dtype(dtype), shape) for k, dtype in enumerate(dtypes))

    def _by_signature(self, function: Callable[..., Any], operands: list[Any]) -> Any:
        taken, given = parsed(self.signature or "")
        if len(operands) != len(taken):
            raise TypeError(f"wrong number of positional arguments: expected {len(taken)}, got {len(operands)}")
        arrays = [array_of(x) for x in operands]
        sizes: dict[str, int] = {}
        loops = []
        for array, dimensions in zip(arrays, taken, strict=True):
            if array.ndim < len(dimensions):
                raise ValueError(
                    f"{array.ndim}-dimensional argument does not have enough dimensions for all core dimensions "
                    f"{dimensions}"
                )
            split = array.ndim - len(dimensions)
            _settle(sizes, dimensions, array.shape[split:])
            loops.append(array.shape[:split])
        shape = np.broadcast_shapes(*loops)
        spread: Any = [
            FUNCTIONS[np.broadcast_to](array, shape + array.shape[len(loop) :])
            for array, loop in zip(arrays, loops, strict=True)
        ]
        runs = []
        for index in np.ndindex(*shape):
            run = function(*(array[index] for array in spread))
            run = run if isinstance(run, tuple) else (run,)
            if len(run) != len(given):
                raise ValueError(f"wrong number of outputs from pyfunc: expected {len(given)}, got {len(run)}")
            run = tuple(map(value_of, run))
            for result, dimensions in zip(run, given, strict=True):
                if result.ndim < len(dimensions):
                    raise ValueError(f"a result does not have the core dimensions {dimensions}")
                _settle(sizes, dimensions, result.shape[result.ndim - len(dimensions) :])
            runs.append(run)
        dtypes = self.otypes
        if dtypes is None:
            if not runs:
                raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
            dtypes = [result.dtype for result in runs[0]]
        if not runs and any(name not in sizes for dimensions in given for name in dimensions):
            raise ValueError(
                "cannot call `vectorize` with a signature including new output dimensions on size 0 inputs"
            )
        results = tuple(
            _gathered([run[k] for run in runs], np.dtype(dtype), shape + tuple(sizes[name] for name in dimensions))
            for k, (dtype, dimensions) in enumerate(zip(dtypes, given, strict=True))
        )
        return results[0] if len(results) == 1 else results


def counterpart(original: np.vectorize, pyfunc: Any) -> vectorize:
    """What stands for a function that was vectorized outside of the differentiated one; `pyfunc` is what runs."""
    doc = original.__doc__
    return vectorize(pyfunc, original.otypes, doc, original.excluded, original.cache, original.signature)


def _dtype_of(result: Any) -> Any:
    return value_of(result).dtype


def _element(x: Any, index: tuple[int, ...], as_it_is: bool) -> Any:
    """An element of an array that is broadcast, as NumPy hands it out: a Python number, or a traced one as precise."""
    if as_it_is:
        return wrap(x) if type(x) is Value else x[()]
    own = tuple(0 if n == 1 else k for n, k in zip(x.shape, index[len(index) - x.ndim :], strict=True))
    if type(x) is not Value:
        return x[own].item()
    element = ops.index(x, path=(own,))
    return wrap(converted(element, np.result_type(x.dtype, np.float64)) if x.dtype.kind in "fc" else element)


def _gathered(results: list[Any], dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    """The results of all runs as one array."""
    if any(isinstance(result, Handle | Value) for result in results):
        return array_of(ops.reshape(converted(stacked(results), dtype), shape=shape))
    return array_of(np.array(results, dtype).reshape(shape))


def _settle(sizes: dict[str, int], dimensions: Dimensions, lengths: tuple[int, ...]) -> None:
    for name, length in zip(dimensions, lengths, strict=True):
        if sizes.setdefault(name, length) != length:
            raise ValueError(f"inconsistent size for core dimension {name!r}: {length!r} vs {sizes[name]!r}")


def parsed(signature: str) -> tuple[list[Dimensions], list[Dimensions]]:
    """The dimensions that a signature such as `(m,n),(n)->(m)` names, of operands and of results."""
    taken, given = signature.split("->")
    return _dimensions(taken), _dimensions(given)


def _dimensions(text: str) -> list[Dimensions]:
    groups = re.findall(r"\(([^)]*)\)", text)
    return [tuple(name.strip() for name in group.split(",") if name.strip()) for group in groups]


@implements(np.frompyfunc)
def frompyfunc(func: Any, /, nin: int, nout: int, **kwargs: Any) -> ForeignUfunc:
    """A function of Python objects, for constants only."""
    return ForeignUfunc(np.frompyfunc(func, nin, nout, **kwargs))


FUNCTIONS[np.vectorize] = vectorize
