"""An explanation as JSON, and back: all of it, without the user's code.

The document is an object with `schema`, the number of this format, and the fields of `Program`; every dataclass of
`program.py` is an object with its fields by name. An array is an object with `shape`, `dtype` and `values`, the entries
in row-major order, or null if they were not kept. JSON has no numbers for what is not finite, so these are the strings
"nan", "inf" and "-inf"; a complex number is a pair. Counts of paths beyond 2⁵³ are strings of digits.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from typing import Any

import numpy as np

from chainrule.explain.program import Jacobian, Program

SCHEMA = 1

# Integers beyond this are not exact as numbers in JavaScript.
_EXACT = 2**53


def written(program: Program, *, indent: int | None = None) -> str:
    """A program as the text of a JSON document.

    >>> written(Program("f", "y = x", [], [], (), None))[:39]
    '{"schema": 1, "function": "f", "title":'
    """
    document = {"schema": SCHEMA, **_object(program)}
    return json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent)


def read(text: str) -> Program:
    """The program that a JSON document describes.

    Raises
    ------
    ValueError
        The text is not JSON, or a document of another format.
    """
    document = json.loads(text)
    schema = document.pop("schema", None) if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ValueError(
            f"this is not an explanation of format {SCHEMA}, the one that is understood (schema: {schema})"
        )
    program: Program = _decoded(document, Program)
    return program


def _object(value: Any) -> dict[str, Any]:
    return {
        each.name: _encoded(getattr(value, each.name))
        for each in dataclasses.fields(value)
        if not (isinstance(value, Jacobian) and each.name == "map")
    }


def _encoded(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "dtype": value.dtype.name, "values": _entries(value)}
    if isinstance(value, (tuple, list)):
        return [_encoded(each) for each in value]
    if isinstance(value, dict):
        return {key: _encoded(each) for key, each in value.items()}
    return _object(value)


def _entries(array: np.ndarray[Any, Any]) -> list[Any]:
    flat = array.ravel().tolist()
    if array.dtype.kind == "c":
        return [[_number(z.real), _number(z.imag)] for z in flat]
    return flat if array.dtype.kind != "f" or np.isfinite(array).all() else [_number(x) for x in flat]


def _number(x: float) -> Any:
    return x if math.isfinite(x) else "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def _decoded(value: Any, kind: Any) -> Any:
    """What was encoded, by the annotation of the field that it belongs to."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _decoded(value, next(each for each in arguments if each is not type(None)))
    if origin is np.ndarray:
        return _array(value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_decoded(each, arguments[0]) for each in value)
        return tuple(_decoded(each, which) for each, which in zip(value, arguments, strict=True))
    if origin is list:
        return [_decoded(each, arguments[0]) for each in value]
    if origin is dict:
        return {key: _decoded(each, arguments[1]) for key, each in value.items()}
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return typing.cast(Any, kind)(**{name: _decoded(each, hints[name]) for name, each in value.items()})
    return kind(value) if kind in (int, float) else value


_known_hints: dict[Any, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    if kind not in _known_hints:
        _known_hints[kind] = typing.get_type_hints(kind)
    return _known_hints[kind]


def _array(value: dict[str, Any]) -> np.ndarray[Any, Any]:
    dtype = np.dtype(value["dtype"])
    entries = value["values"]
    if dtype.kind == "c":
        entries = [complex(float(re), float(im)) for re, im in entries]
    elif dtype.kind == "f":
        entries = [float(x) for x in entries]
    return np.array(entries, dtype).reshape(value["shape"])
