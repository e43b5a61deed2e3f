"""Compiled functions: an ordinary run is recorded, and native code does the same for other arguments."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections.abc import Callable, Hashable, Sequence
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeVar, overload

import numpy as np

from chainrule.api.agreement import check_agreement
from chainrule.api.compiled_alike import Compiled
from chainrule.api.fast_paths import fast_path
from chainrule.api.kinds import Kind, kind_of, static_key
from chainrule.api.readings import Readings
from chainrule.api.specialisation import Recorded, Specialisation, record
from chainrule.api.surroundings import called_inside
from chainrule.api.trees import flatten, unflatten
from chainrule.compile.entry import Entry, entry_type
from chainrule.errors import ArgumentError, NotCompiledWarning
from chainrule.graph import Position, here
from chainrule.graph.position import describe, described_function
from chainrule.numpy.handle import Handle
from chainrule.numpy.swap import run_opened, swaps
from chainrule.transforms.recording import RecordingLevel

P = ParamSpec("P")
R = TypeVar("R")

# How many recordings are kept for arguments of the same kinds that differ in what Python looked at.
MOST_BY_GUARDS = 16
# How many are kept at all for arguments of the same kinds, also for other values of what is read beside them.
MOST = 64
# How many of all that are kept are tried before Python is asked.
MOST_PATHS = 512
# How many runs in a row may do what cannot be recorded before the function runs as it is.
MOST_WITH_EFFECTS = 2


class Arguments:
    """The arguments of a call, taken apart.

    key
        What the specialisations to choose from belong to; None if something cannot be told from other things.
    inputs, kinds
        The leaves that are inputs, and their kinds.
    has_handles
        Whether a value of a transformation is among the arguments.
    """

    __slots__ = ("_leaves", "_places", "_structure", "has_handles", "inputs", "key", "kinds")

    def __init__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], is_static: Callable[[int | str], bool] | None
    ) -> None:
        if is_static is not None:
            args = tuple([_Static(arg) if is_static(k) else arg for k, arg in enumerate(args)])
            kwargs = {name: _Static(arg) if is_static(name) else arg for name, arg in kwargs.items()}
        self._leaves, self._structure = flatten((args, kwargs))
        self.has_handles = False
        self.inputs: list[Any] = []
        self.kinds: list[Kind] = []
        self._places: list[int] = []
        described: list[Hashable] = []
        is_told = True
        for k, leaf in enumerate(self._leaves):
            kind = kind_of(leaf)
            if kind is None:
                if isinstance(leaf, Handle):
                    self.has_handles = True
                # Arrays of text, of objects, of foreign byte order, of subclasses are told from nothing.
                is_told = is_told and not isinstance(leaf, (Handle, np.ndarray))
                described.append(static_key(leaf.value if type(leaf) is _Static else leaf))
                continue
            described.append(kind)
            self.inputs.append(leaf)
            self.kinds.append(kind)
            self._places.append(k)
        self.key: Hashable | None = (self._structure, tuple(described)) if is_told else None
        try:
            hash(self.key)
        except TypeError:
            self.key = None

    def with_inputs(self, inputs: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with others in place of the inputs."""
        leaves = [leaf.value if type(leaf) is _Static else leaf for leaf in self._leaves]
        for k, x in zip(self._places, inputs, strict=True):
            leaves[k] = x
        args, kwargs = unflatten(self._structure, leaves)
        return args, kwargs

    def copied(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments for an ordinary run: the function may write to arrays, and the caller's do not change."""
        leaves = [
            leaf.value if type(leaf) is _Static else leaf.copy() if isinstance(leaf, np.ndarray) else leaf
            for leaf in self._leaves
        ]
        args, kwargs = unflatten(self._structure, leaves)
        return args, kwargs


class _Static:
    """A static argument: a leaf, whatever it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Jitted(Entry, Compiled, Generic[P, R]):
    """A function that is recorded and compiled; made by `jit`.

    Calls that fit the description of a recording are answered by the entry, which is native where that is possible; all
    others by `_call_slowly`.
    """

    def __init__(self, function: Callable[P, R], static_argnames: Sequence[str] = (), check: bool = False) -> None:
        functools.update_wrapper(self, function)
        self._function: Callable[..., Any] = function
        self._check = check
        self._static = frozenset(static_argnames)
        self._static_numbers = _numbers_of(function, static_argnames)
        self._specialisations: dict[Hashable, list[Specialisation]] = {}
        # For which arguments the function runs as it is, and why.
        self._ordinary: dict[Hashable, str] = {}
        self._with_effects: dict[Hashable, int] = {}
        self._lock = threading.RLock()
        self._warned = False

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function: what the class of the entry has in place of this."""
        return self._call_slowly(*args, **kwargs)

    def _call_slowly(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function: by the recording that fits the arguments, or as it is and record it."""
        if called_inside():
            return run_opened(self._function, *args, **kwargs)  # type: ignore[no-any-return]  # as the function does
        arguments = Arguments(args, kwargs, self._is_static if self._static else None)
        if arguments.has_handles or not swaps():
            return run_opened(self._function, *args, **kwargs)  # type: ignore[no-any-return]  # as the function does
        if arguments.key is None or arguments.key in self._ordinary:
            return self._run_as_it_is(arguments)  # type: ignore[no-any-return]  # as the function does
        found = self._found(arguments)
        if found is None:
            if not self._lock.acquire(blocking=False):
                # Another thread records, which may wait for this one.
                return self._run_as_it_is(arguments)  # type: ignore[no-any-return]  # as the function does
            try:
                found = self._record(arguments)
            finally:
                self._lock.release()
        (result,) = found
        if self._check and arguments.key not in self._ordinary:
            check_agreement(self._function, self._run_as_it_is(arguments), result, self._live_objects(arguments.key))
        return result  # type: ignore[no-any-return]  # as the function does

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        # As functions are pickled: by the name that leads to it, if one does.
        name: str = vars(self).get("__qualname__", "")
        return name

    def __repr__(self) -> str:
        return f"<jitted {described_function(self._function)}>"

    @property
    def specialisations(self) -> list[Specialisation]:
        """What was recorded so far."""
        return [each for several in self._specialisations.values() for each in several]

    def transformed(self, transform: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Jitted[Any, Any]:
        """What a transformation makes of the function, compiled likewise."""
        made: Jitted[Any, Any] = jit(transform(self._function), static_argnames=tuple(self._static), check=self._check)
        return made

    def report(self) -> str:
        """What was recorded: for which arguments, what the recordings depend on, and what their code does."""
        lines = [f"{described_function(self._function)}"]
        for specialisation in self.specialisations:
            lines += _described(specialisation)
        for reason in self._ordinary.values():
            lines.append(f"as it is: {reason}")
        if len(lines) == 1:
            lines.append("not called yet")
        return "\n".join(lines)

    def source(self) -> str:
        """The recorded programs, optimised, in the words of NumPy, one operation a line."""
        from chainrule.compile.source import source

        return self._text(lambda specialisation: source(specialisation.executable.program))

    def nests(self) -> str:
        """The loops of the compiled programs, what they compute for each element, and where it goes in memory."""
        return self._text(lambda specialisation: _code(specialisation, "nests"))

    def llvm(self) -> str:
        """The intermediate code of the compiled programs."""
        return self._text(lambda specialisation: _code(specialisation, "llvm"))

    def asm(self) -> str:
        """The machine code of the compiled programs."""
        return self._text(lambda specialisation: _code(specialisation, "asm"))

    def _text(self, of: Callable[[Specialisation], str]) -> str:
        texts = list(map(of, self.specialisations))
        return "\n\n".join(texts) if texts else "nothing is recorded yet: call the function"

    def _is_static(self, place: int | str) -> bool:
        return place in self._static or place in self._static_numbers

    def _run_as_it_is(self, arguments: Arguments) -> Any:
        args, kwargs = arguments.copied()
        return self._function(*args, **kwargs)

    def _found(self, arguments: Arguments) -> tuple[Any] | None:
        """The result by a recording that fits, in a tuple; None if there is none."""
        specialisations = self._specialisations.get(arguments.key)
        if specialisations is None:
            return None
        for specialisation in specialisations:
            found = specialisation(arguments.inputs)
            if found is not None:
                if specialisation is not specialisations[0]:
                    # A new list: another thread may be reading this one.
                    others = [each for each in specialisations if each is not specialisation]
                    self._specialisations[arguments.key] = [specialisation, *others]
                return found
        return None

    def _record(self, arguments: Arguments) -> tuple[Any]:
        """The result of an ordinary run, in a tuple, which is recorded."""
        key = arguments.key
        before = self._specialisations.get(key, [])
        alike = [each for each in before if each.fits()]
        if len(alike) >= MOST_BY_GUARDS:
            self._give_up_guards(key, alike)
            return (self._run_as_it_is(arguments),)
        level = RecordingLevel()
        readings = Readings(level)
        try:
            recorded = record(self._function, arguments.inputs, arguments.kinds, arguments.with_inputs, readings, level)
        except Exception as error:
            if readings.effects:
                raise
            # What the function raises by itself it raises again.
            result = self._run_as_it_is(arguments)
            self._leave(key, f"its recorded run failed ({type(error).__name__}: {_first_line(error)})", None)
            return (result,)
        if recorded.specialisation is not None and not self._check:
            args, kwargs = arguments.with_inputs(arguments.inputs)
            if not kwargs:
                recorded.specialisation.path = fast_path(recorded.specialisation, args, self._is_static)
        self._keep(key, before, recorded)
        return (recorded.value,)

    def _keep(self, key: Hashable, before: list[Specialisation], recorded: Recorded) -> None:
        if recorded.specialisation is not None:
            self._with_effects.pop(key, None)
            self._specialisations[key] = [recorded.specialisation, *before][:MOST]
            self._open_paths()
            return
        if not recorded.effects:
            self._leave(key, "it returns objects that are not arrays, numbers or containers of them", None)
            return
        effect = recorded.effects[0]
        count = self._with_effects[key] = self._with_effects.get(key, 0) + 1
        if count >= MOST_WITH_EFFECTS or "random" in effect.what:
            self._leave(key, f"it {effect.what}", effect.position)

    def _give_up_guards(self, key: Hashable, alike: list[Specialisation]) -> None:
        position = alike[0].first_difference(alike[1])
        self._specialisations.pop(key, None)
        self._open_paths()
        reason = f"Python looked at values, and {len(alike)} recordings did not cover what it saw"
        advice = "  Choose with `np.where` where an `if` or a loop depends on values that are new in each call."
        self._leave(key, reason, position, advice)

    def _open_paths(self) -> None:
        """Let the entry answer calls by the recordings that are kept and can be described."""
        latest = [each for several in reversed(self._specialisations.values()) for each in several]
        paths = [each.path for each in latest if each.path is not None]
        self.fast_paths = tuple(paths[:MOST_PATHS])

    def _leave(self, key: Hashable, reason: str, position: Position | None, advice: str = "") -> None:
        """Run the function as it is from now on for some arguments, and say so once."""
        self._ordinary[key] = reason + (f", at {position}" if position is not None else "")
        if self._warned:
            return
        self._warned = True
        message = f"{described_function(self._function)} is not compiled for these arguments: {reason}."
        lines = [message + describe(position or here()), "  It runs as it is, with the same results."]
        warnings.warn("\n".join([*lines, *([advice] if advice else [])]), NotCompiledWarning, stacklevel=_outside())

    def _live_objects(self, key: Hashable) -> list[str]:
        arrays = [live for each in self._specialisations.get(key, []) for live in each.arrays]
        return [str(live) for live in arrays if live.place is None]


def _outside() -> int:
    """The level of the stack, for a warning, of the innermost code that is the user's."""
    from chainrule.graph.position import user_frame

    frame = user_frame()
    inner: Any = inspect.currentframe()
    depth = 0
    while inner is not None and inner is not frame:
        inner = inner.f_back
        depth += 1
    return depth


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _code(specialisation: Specialisation, form: str) -> str:
    make = getattr(specialisation.executable, form, None)
    if make is None:
        return "this program is run by NumPy, operation by operation: there is no code"
    return str(make())


def _described(specialisation: Specialisation) -> list[str]:
    kinds = ", ".join(map(str, specialisation.kinds)) or "no inputs"
    lines = [f"for {kinds}: {len(specialisation.program.graph)} operations"]
    for guard in specialisation.program.guards:
        value = repr(guard.value.item()) if guard.value.size == 1 else f"{guard.value.dtype}{list(guard.value.shape)}"
        lines.append(f"  where Python sees {value} at {guard.position}")
    lines += [f"  reads {live}" for live in specialisation.arrays]
    lines += [f"  while {held}" for held in specialisation.held]
    lines += [f"  {line}" for line in specialisation.executable.report()]
    return lines


def _numbers_of(function: Callable[..., Any], names: Sequence[str]) -> frozenset[int]:
    """The positions of parameters."""
    if not names:
        return frozenset()
    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
    for name in names:
        if name not in parameters:
            raise ArgumentError(
                f"`static_argnames`: {described_function(function)} has no parameter `{name}`.{describe(here())}\n"
                f"  It takes {', '.join(parameters) or 'none'}."
            )
    return frozenset(map(parameters.index, names))


@overload
def jit(f: Callable[P, R], *, static_argnames: str | Sequence[str] = (), check: bool = False) -> Jitted[P, R]: ...


@overload
def jit(
    f: None = None, *, static_argnames: str | Sequence[str] = (), check: bool = False
) -> Callable[[Callable[P, R]], Jitted[P, R]]: ...


def jit(f: Any = None, *, static_argnames: str | Sequence[str] = (), check: bool = False) -> Any:
    """Return `f` compiled: its first call is an ordinary run, which is recorded; later calls run native code.

    Any function can be compiled that runs: of NumPy arrays, numbers and pytrees of them, with branches and loops that
    depend on values, writes into arrays, closures and global arrays; also one that `grad` or any other transformation
    returned. Where Python looks at a value, the recording holds for arguments that look the same; for others the
    function is recorded again. docs/jit.md lists what a recording depends on.

    Parameters
    ----------
    f : callable
        The function. Without it, a decorator is returned.
    static_argnames : str or sequence of str
        Parameters that are no inputs: each value of theirs has recordings of its own. Booleans, strings and `None` are
        static anyhow.
    check : bool
        Whether every call also runs the function as it is, and raises `JitMismatchError` if the results differ.

    Returns
    -------
    Jitted
        Takes the arguments of `f` and returns what it returns. Arrays are passed as if they were copied: what `f`
        writes to them the caller does not see. `report()` says what was recorded, `source()`, `nests()`,
        `llvm()` and `asm()` print the programs.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import grad
    >>> @jit
    ... def f(x):
    ...     y = np.zeros(2)
    ...     y[0] = x[0] if x[0] > 0 else 0.1 * x[0]
    ...     return y + x[1]
    >>> f(np.array([1.0, 2.0])), f(np.array([-1.0, 2.0]))
    (array([3., 2.]), array([1.9, 2. ]))
    >>> jit(grad(lambda x: np.sum(x**3)))(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """
    names = (static_argnames,) if isinstance(static_argnames, str) else tuple(static_argnames)
    if f is None:
        return functools.partial(jit, static_argnames=names, check=check)
    if not callable(f):
        raise ArgumentError(f"`jit` compiles functions, and was given a {type(f).__name__}.{describe(here())}")
    return _entered()(f, names, check)


@functools.cache
def _entered() -> type[Jitted[Any, Any]]:
    """The class of what `jit` returns, made when it is first called: the code of the entry takes time to make."""
    # What the first call takes is imported here, since many a function is made long before it is called.
    import chainrule.compile.native  # noqa: F401

    return entry_type(Jitted)
