"""Equations of conversions: booleans as numbers, and back."""

from __future__ import annotations

import numpy as np

from chainrule import ops
from chainrule.compile.passes.rewriting import rewrite


@rewrite("convert(x, dtype=d) -> x")
@rewrite("truncate(x, dtype=d) -> x")
def conversion_to_the_same(x, d):
    """Exact where x has the dtype d."""
    return x if x.dtype == d else None


@rewrite("convert(convert(x, dtype=_wide), dtype=d) -> x")
def there_and_back(x, _wide, d):
    """Exact where x has the dtype d, and every number of it is one of the wider dtype."""
    return x if x.dtype == d and np.can_cast(d, _wide, "safe") else None


@rewrite("convert(x, dtype=d) == 0 -> ~x")
def converted_is_zero(x, d):
    """Exact for booleans x: False becomes 0."""
    return ops.logical_not(x) if x.dtype.kind == "b" else None


@rewrite("convert(x, dtype=d) != 0 -> x")
@rewrite("convert(x, dtype=d) > 0 -> x")
def converted_is_not_zero(x, d):
    """Exact for booleans x: True becomes 1."""
    return x if x.dtype.kind == "b" else None


@rewrite("reduce_sum(convert(x, dtype=d), axes=a) == 0 -> ~reduce_any(x, axes=a)")
def count_is_zero(x, d, a):
    """Exact for booleans x: the sum counts."""
    return ops.logical_not(ops.reduce_any(x, axes=a)) if x.dtype.kind == "b" else None


@rewrite("place(convert(x, dtype=d), path=p, shape=s) -> convert(place(x, path=p, shape=s), dtype=d)")
def place_before_conversion(x, d, p, s):
    """Exact for booleans x: the entries around are False, which becomes 0."""
    return ops.convert(ops.place(x, path=p, shape=s), dtype=d) if x.dtype.kind == "b" else None


@rewrite("index(convert(x, dtype=d), path=p) -> convert(index(x, path=p), dtype=d)")
def index_before_conversion(x, d, p):
    """Exact: conversion is element by element. Of booleans only, which are moved at less cost than numbers."""
    return ops.convert(ops.index(x, path=p), dtype=d) if x.dtype.kind == "b" else None


@rewrite("reshape(convert(x, dtype=d), shape=s) -> convert(reshape(x, shape=s), dtype=d)")
def reshape_before_conversion(x, d, s):
    """Exact: conversion is element by element. Of booleans only, which are moved at less cost than numbers."""
    return ops.convert(ops.reshape(x, shape=s), dtype=d) if x.dtype.kind == "b" else None


@rewrite("transpose(convert(x, dtype=d), axes=a) -> convert(transpose(x, axes=a), dtype=d)")
def transpose_before_conversion(x, d, a):
    """Exact: conversion is element by element. Of booleans only, which are moved at less cost than numbers."""
    return ops.convert(ops.transpose(x, axes=a), dtype=d) if x.dtype.kind == "b" else None
