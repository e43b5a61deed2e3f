"""A function that is given as an expression: `x*exp(x**2)`.

It is read before it is run. In it may stand numbers, the names that are given, operators, and functions of NumPy that
take part in derivatives or make arrays; nothing that reads files, imports or reaches into Python.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import inspect
import keyword
import linecache
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

from chainrule.cli.failures import BadInputError
from chainrule.cli.target import Target
from chainrule.numpy.coverage import coverage

_FILE = "<expression>"

# Of the functions whose derivative is zero by nature those that make or compare arrays.
_ARRAYS = "empty eye identity ones ones_like tri zeros zeros_like broadcast_shapes isfinite isinf isnan all any".split()
_CONSTANTS = ("e", "euler_gamma", "inf", "nan", "newaxis", "pi")
_ATTRIBUTES = ("T", "mT", "imag", "ndim", "real", "shape", "size")
_MODULES = {"np": np, "numpy": np, "linalg": np.linalg, "np.linalg": np.linalg, "numpy.linalg": np.linalg}

_ALLOWED = (
    ast.Expression, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.keyword,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name, ast.Attribute, ast.Constant,
    ast.Subscript, ast.Slice, ast.Tuple, ast.List,
)  # fmt: skip


def expression(text: str, names: Iterable[str]) -> Target:
    """The function of the named arguments whose result is an expression.

    Raises
    ------
    BadInputError
        It is no expression, or holds something that may not stand in one.

    >>> expression("x*exp(x**2)", ["x"]).function(2.0).round(3)
    np.float64(109.196)
    """
    text = text.strip()
    names = list(names)
    for name in names:
        if keyword.iskeyword(name) or name.startswith("__"):
            raise BadInputError(f"--at {name}=...: `{name}` cannot be a name in an expression")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = f" at column {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise BadInputError(
            f"`{_short(text)}` is neither an expression ({getattr(error, 'msg', None) or error}{place}) nor "
            "FILE.py:FUNCTION"
        ) from None
    used = _checked(tree, set(names), text)
    for name in names:
        if name not in used:
            raise BadInputError(f"--at {name}=...: there is no `{name}` in `{_short(text)}`")
    return Target(text, _function(text, names, used), None)


def _function(text: str, names: list[str], used: set[str]) -> Callable[..., Any]:
    """Compile the function, and leave its source where tracebacks and explanations look for it."""
    source = f"def f({', '.join(names)}):\n    return {text}\n"
    linecache.cache[_FILE] = (len(source), None, source.splitlines(keepends=True), _FILE)
    functions = _functions()
    scope: dict[str, Any] = {"__builtins__": {}, "__name__": _FILE}
    scope.update({name: functions[name] for name in used if name in functions})
    scope.update({name: module for name, module in _MODULES.items() if "." not in name})
    exec(compile(source, _FILE, "exec"), scope)
    f = scope["f"]
    assert inspect.isfunction(f)
    return f


def _checked(tree: ast.Expression, names: set[str], text: str) -> set[str]:
    """The names that an expression uses, if nothing stands in it that may not."""
    used: set[str] = set()
    functions = _functions()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _ALLOWED):
            raise BadInputError(f"`{_short(_segment(text, node))}` may not stand in an expression: {_WHAT_MAY}")
        if isinstance(node, ast.Attribute):
            module = _MODULES.get(ast.unparse(node.value)) if _root(node) not in names else None
            if module is not None:
                # The `np.linalg` of `np.linalg.norm` is no value of its own, and not looked at further.
                if f"{module.__name__}.{node.attr}" not in _public() and node.attr not in _CONSTANTS:
                    raise BadInputError(_unknown(node.attr, names, f"{module.__name__} has no such function"))
                continue
            if node.attr not in functions and node.attr not in _ATTRIBUTES:
                raise BadInputError(f"`.{node.attr}` may not stand in an expression: {_WHAT_MAY}")
        elif isinstance(node, ast.Name):
            if node.id not in names and node.id not in functions:
                raise BadInputError(_unknown(node.id, names, "it is neither given by --at nor a function of NumPy"))
            used.add(node.id)
        elif isinstance(node, ast.Call) and not isinstance(node.func, (ast.Name, ast.Attribute)):
            raise BadInputError(f"`{_short(_segment(text, node.func))}` is no function")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            raise BadInputError(f"`{node.func.id}` is given by --at, and is no function; write a product with `*`")
        waiting.extend(ast.iter_child_nodes(node))
    return used


_WHAT_MAY = "there may be numbers, the names given by --at, operators, and functions of numpy and numpy.linalg"


def _root(node: ast.expr) -> str | None:
    """The name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


@cache
def _public() -> dict[str, Any]:
    """What may be called by its full name: `numpy.exp`, `numpy.linalg.norm`."""
    found = {}
    for full, support in coverage().items():
        module, _, name = full.rpartition(".")
        if module not in ("numpy", "numpy.linalg"):
            continue
        value = getattr(np if module == "numpy" else np.linalg, name)
        differentiable = support.status in ("op", "composite") and callable(value)
        if differentiable or name in _ARRAYS or isinstance(value, np.ufunc):
            found[full] = value
    return found


@cache
def _functions() -> dict[str, Any]:
    """The functions and constants by their short names; where both have one, NumPy's own."""
    found = {full.rpartition(".")[2]: value for full, value in reversed(_public().items())}
    found.update({full.removeprefix("numpy."): value for full, value in _public().items() if full.count(".") == 1})
    return found | {name: getattr(np, name) for name in _CONSTANTS}


def _unknown(name: str, names: set[str], why: str) -> str:
    close = difflib.get_close_matches(name, [*names, *_functions()], n=1)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    if not close and not hasattr(builtins, name) and name.isidentifier() and len(name) <= 3:
        hint = f"; give it a value with --at {name}=..."
    return f"`{name}`: {why}{hint}"


def _segment(text: str, node: ast.AST) -> str:
    return ast.get_source_segment(text, node) or type(node).__name__


def _short(text: str, length: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
