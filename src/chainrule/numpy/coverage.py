"""What is supported: every public name of NumPy, with what becomes of it inside a differentiated function.

| status | meaning |
| --- | --- |
| op | a primitive operation, with a local Jacobian of its own |
| composite | made of operations, and differentiated through them |
| constant | piecewise constant, or not a function of numbers: its derivative is zero by nature |
| refused | raises on a value that carries a derivative, for the reason given |

What has a rule is read off the tables that run; only what has none is listed here, so that no name is left without an
answer (tests/numpy/test_coverage.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Literal, get_args

import numpy as np

from chainrule import ops
from chainrule.jacobians.forms import Pulled
from chainrule.numpy import pathwise_draws
from chainrule.numpy.ufuncs import Ufunc, counterpart_of
from chainrule.trace import Op

Status = Literal["op", "composite", "constant", "refused"]
STATUSES: tuple[Status, ...] = get_args(Status)

MODULES = (np, np.linalg, np.fft, np.random)


@dataclass(frozen=True)
class Support:
    """What becomes of one public name.

    reverse, forward, vmap
        Whether it can be pulled through, pushed through, and applied to a whole batch at once.
    native
        Whether `jit` computes it, for real numbers in double precision, without calling NumPy or Python.
    reason
        Why it is constant or refused; empty for the others.
    """

    status: Status
    reverse: bool = True
    forward: bool = True
    vmap: bool = True
    native: bool = True
    reason: str = ""


# The reason for names that nothing is known of, as may be in a version of NumPy that is newer than this file.
UNKNOWN = "has no derivative rule"


def coverage() -> dict[str, Support]:
    """Every public name of NumPy, `numpy.linalg`, `numpy.fft` and `numpy.random`, with its support."""
    return {f"{module.__name__}.{name}": support(module, name) for module in MODULES for name in names(module)}


def names(module: ModuleType) -> Iterator[str]:
    """The public names of a module, except its modules."""
    for name in sorted(module.__all__):
        if not isinstance(getattr(module, name), ModuleType):
            yield name


def support(module: ModuleType, name: str) -> Support:
    """What becomes of one public name of a module."""
    found = _of_random_numbers(name) if module is np.random else _found(module, name)
    return replace(found, native=False) if f"{module.__name__}.{name}" in _CALLING_NUMPY else found


def _found(module: ModuleType, name: str) -> Support:
    value = getattr(module, name)
    if isinstance(value, type) and issubclass(value, (np.generic, np.dtype)):
        return _constant("a type of numbers; `x.astype` converts what carries a derivative")
    if isinstance(value, (bool, int, float, str, np.generic, type(None))):
        return _constant("a number or a text")
    if name in _STATED:
        return _STATED[name]
    found = counterpart_of(value)
    if found is None:
        return _refused(UNKNOWN)
    primitive = _primitive(found, name)
    if primitive is None:
        return Support("composite")
    if primitive.discrete:
        return _constant("piecewise constant")
    return Support("op", forward=not isinstance(primitive.jacobian, Pulled), vmap=_batches(primitive))


def _of_random_numbers(name: str) -> Support:
    """A recorded run draws nothing again by itself, so none of this is native."""
    if name in ("choice", "permutation", "shuffle") or name in pathwise_draws.FORMS:
        return Support("composite", native=False)
    source = isinstance(getattr(np.random, name), type) or name in _SOURCES_OF_RANDOM_NUMBERS
    return Support("constant", native=False, reason=_SOURCE if source else _DRAW)


def _primitive(found: Any, name: str) -> Op | None:
    """The operation that a name is, if it is one."""
    if isinstance(found, Ufunc) and isinstance(found.function, Op):
        return found.function
    primitive = getattr(ops, _PRIMITIVES.get(name, name), None)
    return primitive if isinstance(primitive, Op) else None


# Operations that go by another name, and names that happen to be those of other operations.
_PRIMITIVES = {
    "abs": "absolute",
    "amax": "reduce_max",
    "amin": "reduce_min",
    "concat": "concatenate",
    "conjugate": "conj",
    "max": "reduce_max",
    "min": "reduce_min",
    "permute_dims": "transpose",
    "place": "",
    "prod": "reduce_prod",
    "roots": "polynomial_roots",
    "select": "",
    "sum": "reduce_sum",
    "where": "select",
}


def _batches(primitive: Op) -> bool:
    return primitive.core is not None or primitive.batch is not None


def _constant(reason: str) -> Support:
    return Support("constant", reason=reason)


def _refused(reason: str) -> Support:
    return Support("refused", reverse=False, forward=False, vmap=False, native=False, reason=reason)


_SOURCE = "a source of random numbers, or its state"
_DRAW = "what is drawn is constant; traced parameters are refused, since numbers drawn by rejection jump with them"
_SOURCES_OF_RANDOM_NUMBERS = frozenset(("default_rng", "get_state", "seed", "set_state"))

# Reasons, and the names they hold for.
_CONSTANT = {
    "indices, counts or truth values, which change by whole steps": """
        all allclose any argmax argmin argpartition argsort argwhere array_equal array_equiv count_nonzero digitize
        flatnonzero isclose iscomplex iscomplexobj isfortran isin isneginf isposinf isreal isrealobj isscalar iterable
        lexsort matrix_rank nanargmax nanargmin ndim nonzero searchsorted shape size
    """,
    "piecewise constant": "around fix round",
    "made from shapes, counts and files": """
        bartlett blackman diag_indices diag_indices_from empty empty_like eye frombuffer fromfile fromregex fromstring
        genfromtxt hamming hanning identity indices load loadtxt mask_indices memmap ones ones_like
        recarray tri tril_indices tril_indices_from triu_indices triu_indices_from zeros zeros_like
    """,
    "about dtypes and shapes": """
        broadcast_shapes can_cast common_type einsum_path finfo iinfo isdtype issubdtype min_scalar_type
        mintypecode promote_types ravel_multi_index result_type sctypeDict typecodes typename unravel_index ScalarType
    """,
    "settings and information": """
        LinAlgError errstate get_include get_printoptions getbufsize geterr geterrcall info little_endian printoptions
        set_printoptions setbufsize seterr seterrcall show_config show_runtime test __array_namespace_info__ __version__
    """,
    "text, dates and bits, which do not vary continuously": """
        base_repr binary_repr busday_count busday_offset busdaycalendar datetime_as_string datetime_data is_busday isnat
        packbits unpackbits
    """,
    "a way of indexing": "index_exp s_ ndindex newaxis",
    "a text, which shows the value": """
        array2string array_repr array_str format_float_positional format_float_scientific
    """,
    "a type, for `isinstance`": "flatiter ndarray record ufunc",
}
_REFUSED = {
    "writes numbers into a file, where their derivative would be lost; save `cr.stop_gradient(x)`": """
        save savetxt savez savez_compressed
    """,
    "makes matrices, which carry no derivative; arrays of two axes are differentiated": "asmatrix bmat matrix",
    "takes memory that carries no derivative; `np.asarray` is differentiated": "from_dlpack",
    "makes an object of numbers; `np.polynomial.Polynomial` and `np.polyval` carry derivatives": "poly1d",
    "hands out the memory of an array; index it, or use `np.ndenumerate`": "nditer nested_iters",
    "asks where in memory an array lies; ask it of `cr.stop_gradient(x)`": "may_share_memory shares_memory",
    "runs Python code on each element as an object; `np.vectorize` is differentiated": "frompyfunc",
}

_STATED = {
    **{name: _constant(reason) for reason, listed in _CONSTANT.items() for name in listed.split()},
    **{name: _refused(reason) for reason, listed in _REFUSED.items() for name in listed.split()},
}

# What compiled programs leave to NumPy, or ask Python.
_CALLING_NUMPY = frozenset(
    f"{module.__name__}.{name}"
    for module, listed in (
        (
            np,
            """
            argpartition argsort argwhere around bitwise_count bitwise_left_shift bitwise_right_shift choose compress
            convolve correlate digitize extract flatnonzero fmod frexp gcd histogram histogram2d histogram_bin_edges
            histogramdd interp lcm ldexp left_shift lexsort median modf nanargmax nanargmin nanmax nanmean
            nanmedian nanmin nanpercentile nanquantile nanstd nanvar nextafter nonzero partition percentile place
            polyfit polymul quantile right_shift roots round searchsorted sinc sort sort_complex spacing
            """,
        ),
        (
            np.linalg,
            """
            cholesky cond det eig eigh eigvals eigvalsh inv lstsq matrix_norm matrix_rank norm pinv qr slogdet solve svd
            svdvals tensorinv tensorsolve vector_norm
            """,
        ),
        (
            np.fft,
            "fft fft2 fftn hfft ifft ifft2 ifftn ihfft irfft irfft2 irfftn rfft rfft2 rfftn",
        ),
    )
    for name in listed.split()
)
