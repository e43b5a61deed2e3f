"""Random programs: NumPy code as people write it, with views, writes in place, loops and branches.

A program is written statement by statement, and run as it grows, so that each statement fits the arrays that are there.
What is chosen comes from outside (`choose` picks one of several things), so a property-based tester can drive it and
find the smallest program that fails. Every function used is complex-differentiable where it is used, so the same
program over complex numbers gives its own derivative by the complex step.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Choose = Callable[[Sequence[Any]], Any]

_HELPERS = '''
def scaled(u, factor=0.5):
    """A helper that writes to a copy."""
    u = u.copy()
    u[0] *= factor
    return u


def settle(u):
    """A helper that writes to its caller's array."""
    u[-1] = 0.5 * np.sin(u[-1])
'''

_UNARY = (
    "np.sin({a})",
    "np.cos({a})",
    "np.tanh({a})",
    "np.exp(-{a} * {a})",
    "np.sqrt(1 + {a} * {a})",
    "np.log(3 + np.cos({a}))",
    "1 / (3 + np.sin({a}))",
    "0.5 * {a}",
    "-{a}",
    "{a} ** 2",
    "(3 + np.cos({a})) ** 1.5",
    "np.expm1(0.3 * {a})",
    "np.square({a})",
    "np.sinh(0.3 * {a})",
)

_BINARY = (
    "{a} + {b}",
    "{a} - {b}",
    "0.5 * {a} * {b}",
    "{a} / (3 + np.sin({b}))",
    "np.maximum({a}, {b})",
    "np.minimum({a}, 0.3 * {b})",
    "np.where({a} > 0.1, {a}, {b})",
    "np.where({b} > 0.1, np.sin({a}), 2 * {b})",
)

_VIEWS = (
    "{a}[1:]",
    "{a}[:-1]",
    "{a}[::2]",
    "{a}[::-1]",
    "{a}[...]",
    "{a}[None]",
    "{a}[..., None]",
    "{a}[..., 0]",
    "{a}[-1]",
    "{a}[..., 1:]",
    "{a}.T",
    "{a}.reshape(-1)",
    "{a}.ravel()",
    "np.swapaxes({a}, 0, -1)",
    "{a}[1:][::-1]",
    "np.atleast_2d({a})",
    "np.moveaxis({a}, 0, -1)[0]",
    "np.split({a}, 2)[1]",
    "np.flip({a}, 0)[:2]",
    "{a}.T.ravel()",
    "np.diagonal({a})",
    "np.squeeze({a}[:1])",
    "{a}.reshape(2, -1)[:, 0]",
)

_REDUCTIONS = (
    "np.sum({a})",
    "{a}.sum(axis=0)",
    "np.mean({a}, axis=-1)",
    "np.sum({a}, axis=-1, keepdims=True)",
    "np.prod(np.sin({a}), axis=0)",
    "np.cumsum({a}, axis=0)",
    "np.max({a})",
    "{a}.min(axis=0)",
    "np.sort({a}, axis=-1)",
    "np.diff({a}, axis=0)",
    "np.cumprod(0.5 * {a})",
    "np.trapezoid({a})",
    "np.einsum('...i,...i->...', {a}, {a})",
    "sum(row * row for row in {a})",
    "np.array([np.sum(np.sin(row)) for row in {a}])",
    "np.stack([{b} * row for row in {a}])",
)

_JOINS = (
    "np.concatenate([{a}, {b}])",
    "np.stack([{a}, {b}])",
    "np.hstack([{a}, {b}])",
    "np.array([{a}, {b}])",
    "np.outer({a}, {b})",
    "{a} @ {b}",
    "np.dot({a}, {b})",
    "{a} @ {b}.T",
    "np.tile({a}, 2)",
    "np.repeat({a}, 2)",
    "np.roll({a}, 1)",
    "np.pad({a}, 1)",
    "np.convolve({a}, {b})",
    "np.append({a}, {b})",
    "np.broadcast_to({a}, (2, 3)) + {b}",
    "(lambda u, w={a}: u * w + {b})(0.5)",
)

_MADE = (
    "np.zeros(3)",
    "np.zeros((2, 3))",
    "np.zeros({a}.shape)",
    "np.zeros_like({a})",
    "np.ones_like({a})",
    "{a}.copy()",
    "np.array({a})",
    "np.asarray({a})",
    "{a}",
    "scaled({a})",
    "scaled({a}, factor=2.0)",
)

_PARTS = ("[...]", "[:]", "[1:]", "[::2]", "[::-1]", "[0]", "[-1]", "[..., 0]", "[..., :1]", "[1:][::-1]", "[:-1][1:]")

_OPERATORS = ("=", "+=", "-=", "*=")

_LOOPS = (
    "for i in range(1, len({a})):\n    {a}[i] = {a}[i] + 0.5 * np.sin({a}[i - 1])",
    "for i in range(len({a})):\n    {a}[i] *= 0.5 + 0.1 * i",
    "for row in {a}:\n    {b} = {b} + 0.5 * np.sum(np.sin(row))",
    "for k, row in enumerate({a}):\n    {a}[-1 - k] = 0.5 * row + 0.1",
    "while np.sum({a} * {a}) > 1.0:\n    {a} *= 0.7",
    "while np.sum({a} * {a}) > 1.0:\n    {a} = {a} * 0.7",
    "for part in ({a}, {b}):\n    part += 0.1 * np.sum({a})",
)

_BRANCHES = (
    "if np.sum({a}) > 0.1:\n    {b} = 2 * {b}\nelse:\n    {b} = np.sin({b})",
    "if {a}.ravel()[0] > 0.1:\n    {b} += 0.5 * np.sum({a})\nelse:\n    {a} = {a} * {a}",
    "if np.max({a}) > 0.5 and np.min({a}) < 0.5:\n    {a} = np.tanh({a})",
    "{b} = {b} * 0.5 if np.sum({b}) > 0.2 else {b} + np.sum({a})",
)

_STORES = (
    "np.sin({a}, out={a})",
    "np.multiply({a}, {b}, out={a})",
    "np.add({a}, 0.5 * {b}, out={a}, where={b} > 0.1)",
    "settle({a})",
    "{a}, {b} = {b}, {a}",
    "{a} += 0.5 * {b}",
    "{a} *= {b}",
    "{a} -= np.mean({b})",
    "{a}[{a} > 0.1] = 0.3",
    "{a}[{a} > 0.1] *= 0.5",
    "{a}[{b} > 0.1] += np.sum({b})",
    "{a}[{a} < 0.1] = np.sin({a}[{a} < 0.1])",
    "{a}[np.argmax({a})] = 0.5 * {a}[0]",
    "np.add.at({a}, {i}, 0.5)",
    "np.add.at({a}, {i}, np.sin({a}[{i}]))",
    "{a}[{i}] = 0.5 * {a}[{j}]",
    "{a}[{i}] += np.cos({a}[{j}])",
    "{a}[{i}] *= 0.5",
    "{a}[..., {i}] = 0.5 * {a}[..., {j}] + 1",
    "{a}[{i}, {j}] += 0.5",
    "{a}[{i}, {j}] = {a}[{j}, {i}]",
    "{a}[:].fill(0.25)",
    "{a}.T[0] *= 0.5",
    "{a}.T[...] = 0.5 * {b}",
    "{a}.reshape(-1)[1] = 0.5 * np.sum({b})",
    "{a}[:, ::-1] += 0.5 * {b}",
    "np.split({a}, 2)[1][0] = 0.3 * {b}",
    "np.swapaxes({a}, 0, -1)[0] += 0.2 * {b}",
    "np.copyto({a}, 0.5 * {b})",
    "np.copyto({a}, 0.2, where={a} > 0.1)",
    "np.putmask({a}, {a} > 0.1, 0.5 * {b})",
    "np.put({a}[:], {i}, 0.5 * {b})",
    "np.fill_diagonal({a}, 0.5 * np.sum({b}))",
    "{a}.flat[1] = 0.4 * np.sum({b})",
    "{a}.sort()",
    "{a}[1:] += {a}[:-1]",
    "{a}[:-1] = {a}[1:]",
    "{a}[{a}.argsort()] = 0.5 * {a}",
    "{a}[:] = {b}",
)

_PICKS = ("{a}[{i}]", "{a}[{i}, {j}]", "{a}[..., {i}]", "{a}[{i}][1:]", "np.take({a}, {i})", "{a}[{a} > 0.1].sum()")

_INDICES = ("[0, 1, 0]", "[1, 1, -1]", "np.array([0, 0, 0])", "np.array([1, 0, 1])")

_KINDS: tuple[tuple[str, Sequence[str]], ...] = (
    ("new", _UNARY),
    ("new", _BINARY),
    ("new", _BINARY),
    ("new", _VIEWS),
    ("new", _VIEWS),
    ("new", _VIEWS),
    ("new", _REDUCTIONS),
    ("new", _JOINS),
    ("new", _MADE),
    ("new", _PICKS),
    ("part", _PARTS),
    ("part", _PARTS),
    ("part", _PARTS),
    ("do", _STORES),
    ("do", _STORES),
    ("do", _STORES),
    ("do", _LOOPS),
    ("do", _BRANCHES),
)

_MOST_ELEMENTS = 40
_GREATEST = 30.0


@dataclass(frozen=True)
class Program:
    """A random program: a function of a vector, a matrix and a number.

    source
        The function `program(x, m, s)`, as text.
    inputs
        Where it is evaluated.
    """

    source: str
    inputs: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"\n{self.source}\n# at {', '.join(map(repr, self.inputs))}\n"

    @property
    def function(self) -> Callable[..., Any]:
        """The program as a function."""
        return compiled(self.source)

    @property
    def over_complex(self) -> Callable[..., Any]:
        """The same program in which the arrays that it makes are complex."""
        made = "def complex_zeros(shape):\n    return np.zeros(shape, dtype=complex)\n\n\n"
        return compiled(made + self.source.replace("np.zeros(", "complex_zeros("))


def compiled(source: str) -> Callable[..., Any]:
    """The function `program` that some source text defines; tracebacks show its lines."""
    name = f"<program {hash(source):x}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np, "__name__": "program"}
    exec(compile(source, name, "exec"), space)  # the whole purpose: a program as a user would have written it
    function: Callable[..., Any] = space["program"]
    return function


def write_program(choose: Choose, length: int) -> Program:
    """A program of up to so many statements, by choices from outside.

    >>> import random
    >>> program = write_program(random.Random(0).choice, 3)
    >>> float(program.function(*program.inputs)) == float(program.over_complex(*program.inputs).real)
    True
    """
    return _Writer(choose).program(length)


class _Writer:
    """A program in the making: its statements, and the values that its variables have after them."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        rng = np.random.default_rng(choose(range(4)))
        self.inputs = (rng.normal(size=4), rng.normal(size=(2, 3)), np.float64(rng.normal()))
        self.statements: list[str] = []
        self.variables = self._run()
        self.count = 0

    def program(self, length: int) -> Program:
        """Write statements and a result."""
        for _ in range(length):
            self._add(self._statement())
        return Program(self._source(self.statements), tuple(self.inputs))

    def _statement(self) -> str:
        kind, templates = self.choose(_KINDS)
        template = self.choose(templates)
        names = sorted(self.variables)
        a, b = self.choose(names), self.choose(names)
        line = template.format(a=a, b=b, i=self.choose(_INDICES), j=self.choose(_INDICES)) if kind != "part" else ""
        if kind == "new":
            self.count += 1
            return f"v{self.count} = {line}"
        if kind == "part":
            value = self.choose((b, f"np.sin({b})", f"0.5 * {a}", "0.5", "s", f"{a}[0] * {b}"))
            return f"{a}{template} {self.choose(_OPERATORS)} {value}"
        return str(line)

    def _add(self, statement: str) -> None:
        """Add a statement, unless it does not fit or leads to numbers that are not tame."""
        self.statements.append(statement)
        try:
            variables = self._run()
        except (ValueError, IndexError, TypeError, AttributeError, RuntimeWarning):
            variables = {}
        if variables and all(map(_is_tame, variables.values())):
            self.variables = variables
        else:
            self.statements.pop()

    def _run(self) -> dict[str, Any]:
        space: dict[str, Any] = {"np": np}
        exec(_HELPERS, space)
        x, m, s = self.inputs
        space.update(x=x.copy(), m=m.copy(), s=s)
        with np.errstate(all="raise", under="ignore"):
            try:
                exec("\n".join(self.statements), space)
            except FloatingPointError:
                return {}
        return {name: value for name, value in space.items() if isinstance(value, (np.ndarray, np.float64))}

    def _source(self, statements: Sequence[str]) -> str:
        names = [name for name in sorted(self.variables) if name not in ("row", "part")]
        terms = [f"np.sum(np.sin({name} + {0.1 * k:.1f}))" for k, name in enumerate(names)]
        body = "\n".join((*statements, f"return {' + '.join(terms)}"))
        indented = "\n".join(f"    {line}" for line in body.splitlines())
        return f"{_HELPERS}\n\ndef program(x, m, s):\n{indented}\n"


def _is_tame(value: Any) -> bool:
    return (
        value.dtype == np.float64
        and value.size <= _MOST_ELEMENTS
        and bool(np.all(np.isfinite(value)))
        and bool(np.all(np.abs(value) < _GREATEST))
    )
