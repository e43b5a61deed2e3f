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
import operator
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.explain.numbers import name_of
from chainrule.explain.program import Jacobian, Numbers, Program

SCHEMA = 1

# Integers beyond this are not exact as numbers in JavaScript.
_EXACT = 2**53


def written(program: Program, *, indent: int | None = None) -> str:
    """A program as the text of a JSON document.

    >>> written(Program("f", "y = x", [], [], (), None))[:39]
    '{"schema": 1, "function": "f", "title":'
    """
    text = f'{{"schema": {SCHEMA}, {_text(program)[1:]}'
    return text if indent is None else json.dumps(json.loads(text), ensure_ascii=False, indent=indent)


def read(text: str) -> Program:
    """The program that a JSON document describes.

    Raises
    ------
    ValueError
        The text is not JSON, or a document of another format.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not an explanation: the text is not JSON ({error})") from error
    schema = document.pop("schema", None) if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ValueError(
            f"this is not an explanation of format {SCHEMA}, the one that is understood (schema: {schema})"
        )
    try:
        program: Program = _decoded(document, Program)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ValueError(f"this is not an explanation, or not all of one: {error}") from error
    return program


def _text(value: Any) -> str:
    """A value as the text of a JSON document."""
    write = _WRITERS.get(type(value))
    if write is None:
        write = _WRITERS[type(value)] = _writer(type(value))
    return write(value)


def _writer(kind: type) -> Callable[[Any], str]:
    """How values of a type are written."""
    if dataclasses.is_dataclass(kind):
        return _object_writer(kind)
    return next(write for several, write in _KINDS if issubclass(kind, several))


def _object_writer(kind: type) -> Callable[[Any], str]:
    """How objects of a dataclass are written: field by field."""
    names = [each.name for each in dataclasses.fields(kind) if not (kind is Jacobian and each.name == "map")]
    fields = operator.attrgetter(*names)
    form = "{" + ", ".join(f'"{name}": %s' for name in names) + "}"

    def write(value: Any) -> str:
        return form % tuple(map(_text, fields(value)))

    return write


def _numbers(value: Numbers) -> str:
    """Numbers, of which a long program mostly consists: as any object, field by field, but in one go."""
    values = "null" if value.values is None else _written_array(value.values)
    least = "null" if value.least is None else _number(value.least)
    greatest = "null" if value.greatest is None else _number(value.greatest)
    shape = ", ".join(map(str, value.shape)) if value.shape else ""
    return (
        f'{{"shape": [{shape}], "dtype": "{value.dtype}", "values": {values}, "least": {least}, '
        f'"greatest": {greatest}, "norm": {_number(value.norm)}, "nonfinite": {value.nonfinite}, '
        f'"zeros": {value.zeros}}}'
    )


def _integer(value: int) -> str:
    return int.__repr__(value) if -_EXACT <= value <= _EXACT else f'"{value}"'


def _number(x: float) -> str:
    return float.__repr__(x) if math.isfinite(x) else '"nan"' if math.isnan(x) else '"inf"' if x > 0 else '"-inf"'


def _list(values: Iterable[Any]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _dict(values: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{_string(key)}: {_text(each)}" for key, each in values.items()) + "}"


def _written_array(array: np.ndarray[Any, Any]) -> str:
    shape = ", ".join(map(str, array.shape)) if array.shape else ""
    return f'{{"shape": [{shape}], "dtype": "{name_of(array.dtype)}", "values": [{_entries(array)}]}}'


def _entries(array: np.ndarray[Any, Any]) -> str:
    if not array.ndim and array.dtype.kind == "f":
        return _number(float(array))
    flat = array.ravel().tolist()
    if array.dtype.kind == "c":
        return ", ".join(f"[{_number(z.real)}, {_number(z.imag)}]" for z in flat)
    return ", ".join(map(_number if array.dtype.kind == "f" else _text, flat))


_string = json.JSONEncoder(ensure_ascii=False).encode

# By what a type is derived from, the most special first.
_KINDS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (type(None), lambda _: "null"),
    (str, _string),
    (bool, lambda value: "true" if value else "false"),
    (int, _integer),
    (float, _number),
    (np.ndarray, _written_array),
    ((tuple, list), _list),
    (dict, _dict),
)
_WRITERS: dict[type, Callable[[Any], str]] = {Numbers: _numbers}


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
