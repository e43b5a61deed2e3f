"""Where a derivative is taken: what `--at` says, as numbers, arrays and containers of them.

Only data is read, never code: JSON, Python literals, and files of numbers.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.cli.failures import BadInputError, one_line
from chainrule.cli.screen import say

_NAMED = re.compile(r"([^\W\d]\w*)=(?!=)(.*)", re.DOTALL)
_MAGIC = b"\x93NUMPY"


def points(given: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the named arguments that several `--at` give: `VALUE`, or `NAME=VALUE`.

    Numbers keep the kind that they were written in; `varying` makes them floating-point where a derivative is taken.
    """
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    if sum(_named(text)[1] == "-" for text in given) > 1:
        raise BadInputError("--at - can be given once: standard input is read to its end")
    for text in given:
        name, value = _named(text)
        if name is None:
            args.append(_value(value))
        elif name in kwargs:
            raise BadInputError(f"--at {name}=... is given twice")
        else:
            kwargs[name] = _value(value)
    return args, kwargs


def _named(text: str) -> tuple[str | None, str]:
    match = _NAMED.fullmatch(text.strip())
    return (match[1], match[2].strip()) if match else (None, text.strip())


def _value(text: str) -> Any:
    if text == "-":
        return _standard_input()
    read = _READERS.get(Path(text).suffix.lower()) if not text.startswith(("[", "{", "(", '"', "'")) else None
    if read is None:
        return _literal(text, f"--at {_shortened(text)}")
    try:
        content = Path(text).read_bytes()
    except FileNotFoundError:
        raise BadInputError(f"--at: there is no file {text}") from None
    except OSError as error:
        raise BadInputError(f"--at: {text} cannot be read: {error.strerror}") from None
    return read(content, text)


def _standard_input() -> Any:
    if sys.stdin.isatty():
        say("note", "reading the point from standard input; end it with Ctrl-D", style="dim")
    content = sys.stdin.buffer.read()
    if content.startswith(_MAGIC):
        return _npy(content, "standard input")
    text = _decoded(content, "standard input").strip()
    if not text:
        raise BadInputError("--at -: standard input is empty")
    try:
        return _literal(text, "standard input")
    except BadInputError:
        return _csv(content, "standard input")


def _literal(text: str, source: str) -> Any:
    """JSON, or a Python literal, which also has tuples and complex numbers."""
    try:
        return arrays(json.loads(text), source)
    except (ValueError, RecursionError):
        pass
    try:
        return arrays(ast.literal_eval(text), source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise BadInputError(
            f"{source} is neither JSON, nor a Python literal, nor a file that ends in {', '.join(_READERS)}"
        ) from None


def _json(content: bytes, source: str) -> Any:
    try:
        return arrays(json.loads(_decoded(content, source)), source)
    except json.JSONDecodeError as error:
        raise BadInputError(f"{source}:{error.lineno}:{error.colno} is not JSON: {error.msg}") from None
    except RecursionError:
        raise BadInputError(f"{source} is nested too deeply") from None


def _csv(content: bytes, source: str) -> Any:
    """Numbers with commas between them; a first line without any number is a header."""
    lines = [line for line in _decoded(content, source).splitlines() if line.strip()]
    if lines and not any(_is_number(field) for field in lines[0].split(",")):
        lines = lines[1:]
    if not lines:
        raise BadInputError(f"{source} holds no numbers")
    try:
        return np.loadtxt(lines, delimiter=",", ndmin=0)
    except ValueError as error:
        raise BadInputError(f"{source} is not a table of numbers: {one_line(error)}") from None


def _npy(content: bytes, source: str) -> Any:
    try:
        array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except ValueError as error:
        raise BadInputError(f"{source} is not an array in NumPy's format: {one_line(error)}") from None
    if array.dtype.kind not in "biufc":
        raise BadInputError(f"{source} holds {array.dtype}, not numbers")
    return array[()] if array.ndim == 0 else array


_READERS = {".npy": _npy, ".csv": _csv, ".json": _json}


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(f"{source} is not text in UTF-8") from None


def _is_number(field: str) -> bool:
    try:
        complex(field.strip())
    except ValueError:
        return False
    return True


def arrays(tree: Any, source: str) -> Any:
    """What was written, with lists of numbers as arrays; other lists and dicts are containers."""
    if isinstance(tree, dict):
        return {key: arrays(value, source) for key, value in tree.items()}
    if not isinstance(tree, (list, tuple)):
        return tree
    if not _only_numbers(tree):
        return type(tree)(arrays(value, source) for value in tree)
    try:
        array = np.array(tree)
    except ValueError:
        raise BadInputError(
            f"{source} has rows of different lengths; several arrays are written as a dict: "
            '{"first": [...], "second": [...]}'
        ) from None
    if array.dtype == object:
        raise BadInputError(f"{source} has an integer that no number of the machine can hold")
    return array if array.size else array.astype(float)


def _only_numbers(tree: Any) -> bool:
    if isinstance(tree, (list, tuple)):
        return all(_only_numbers(value) for value in tree)
    return isinstance(tree, (int, float, complex))


def varying(tree: Any, name: str) -> Any:
    """An argument at which a derivative is taken: its numbers as floating-point ones.

    Raises unless it holds numbers alone, and no NaN.
    """
    if isinstance(tree, dict):
        return {key: varying(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(varying(value, f"{name}[{k}]") for k, value in enumerate(tree))
    if isinstance(tree, (np.ndarray, np.generic)):
        return _varying_array(np.asarray(tree), name)
    if isinstance(tree, bool) or not isinstance(tree, (int, float, complex)):
        raise BadInputError(f"`{name}` is {_brief(tree)}, which is no number and has no derivative")
    try:
        number = tree if isinstance(tree, complex) else float(tree)
    except OverflowError:
        raise BadInputError(f"`{name}` is an integer that no number of the machine can hold") from None
    if number != number:
        raise BadInputError(f"`{name}` is NaN; a derivative is taken at numbers")
    return number


def _varying_array(array: np.ndarray[Any, Any], name: str) -> Any:
    if array.dtype.kind == "b":
        raise BadInputError(f"`{name}` holds truth values, which have no derivative")
    if array.dtype.kind in "iu":
        array = array.astype(float)
    wrong = np.argwhere(np.isnan(array))
    if len(wrong):
        index = "".join(f"[{k}]" for k in wrong[0])
        raise BadInputError(f"`{name}{index}` is NaN; a derivative is taken at numbers")
    return array if array.ndim else array[()]


def _brief(value: Any) -> str:
    return "null" if value is None else "true" if value is True else "false" if value is False else repr(value)


def _shortened(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
