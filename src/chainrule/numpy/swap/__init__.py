"""The swap: a user's function run over our NumPy, as it stands.

Creation functions take no traced argument, so no protocol of NumPy sees the `np.zeros(3)` in a differentiated
function. The function therefore runs *opened*: as a clone, of the same code, in whose globals, closure and defaults
NumPy, `math`, `float` and `complex` are ours, helper functions are clones in turn, the user's objects, classes and
modules are met as look-alikes with opened functions, and arrays are constant handles. The standard library and
installed packages are never opened, unless `trace_into` names them.

run, stand_ins
    One run of a user's code, and what stands for each object in it.
resting
    A run that waits for the next derivative of the same function.
namespaces, clones
    The globals of opened functions, and the functions.
look_alikes, containers, modules
    What stands for objects and classes, lists and dicts, and modules of the user's.
numbers, math_functions, statistics_functions, python_builtins
    What stands for `float` and `complex`, for `math` and `cmath`, for `statistics`, and for other builtins.
settlement, places, originals
    What is left behind, and put in order when the derivative has been taken.
ownership
    Whose code is it?
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from sys import gettrace
from types import FrameType, FunctionType, MethodType
from typing import Any

import numpy as np

from chainrule.errors import LeakError
from chainrule.numpy.effects import tell
from chainrule.numpy.handle import Array, Scalar
from chainrule.numpy.swap.clones import AS_IS
from chainrule.numpy.swap.look_alikes import LookAlikeType, construct, kind_of, real_of
from chainrule.numpy.swap.namespaces import run_of
from chainrule.numpy.swap.ownership import is_user_file, is_user_function, trace_into
from chainrule.numpy.swap.places import Place
from chainrule.numpy.swap.resting import MOST_RUNS, begin_again, let_go_of_oldest, rests
from chainrule.numpy.swap.run import UNUSUAL, Run
from chainrule.numpy.swap.settlement import Settlement
from chainrule.numpy.swap.stand_ins import stand_for
from chainrule.numpy.swap.watching import Watcher


def is_opened(frame: FrameType) -> bool:
    """Whether the code of a frame runs opened."""
    return run_of(frame) is not None


_enabled: ContextVar[bool] = ContextVar("swap", default=True)


# Types whose instances are passed and returned as they are.
_AS_RECEIVED = AS_IS | {Array, Scalar, np.float64, np.ndarray}


class _Running:
    """The run that a thread is in, those at rest, and the places that wait for the end of a run."""

    __slots__ = ("places", "resting", "run", "watcher")

    def __init__(self) -> None:
        self.run: Run | None = None
        # By the identity of what was called.
        self.resting: dict[int, Run] = {}
        self.watcher: Watcher | None = None
        self.places: list[tuple[Place, Run]] = []


class _Thread(threading.local):
    """What a thread has for itself: one attribute, since a look-up of a thread's own takes its time."""

    def __init__(self) -> None:
        self.running = _Running()


_thread = _Thread()

# The threads in which places wait: hardly ever any, which is known at a look.
_waiting: dict[_Running, None] = {}


@contextmanager
def without_swap() -> Iterator[None]:
    """Run differentiated functions as they are, over NumPy's protocols alone.

    In a `with` block, in the thread that runs it, functions are not opened: `np.sin(x)`, methods and operators of
    arrays still carry derivatives, while `np.zeros(3)`, `math.sin(x)` and `float(x)` are those of NumPy and Python, and
    refuse a value with a derivative. Use it to see what a surprise has to do with the swap; `import chainrule.numpy as
    np` in a file has the same functions without it.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import grad
    >>> with without_swap():
    ...     grad(lambda x: np.sum(np.sin(x)))(np.zeros(2))
    array([1., 1.])
    """
    block, token = object(), _enabled.set(False)
    UNUSUAL[block] = None
    try:
        yield
    finally:
        del UNUSUAL[block]
        _enabled.reset(token)


def opened(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it runs while a derivative is taken.

    It takes and returns what `f` does. Call `put_in_order` when the level has ended.
    """
    return functools.partial(run_opened, f)


def run_opened(f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function opened, in the run that the thread is in, or in one of its own."""
    return call_opened(f, args, kwargs)


def call_opened(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """`run_opened` of arguments that were collected already."""
    if not _enabled.get():
        return f(*args, **kwargs)
    running = _thread.running
    run = running.run
    is_outermost = run is None
    key = id(f)
    if run is None:
        # A debugger looks at the storage of globals, which a new run fills for it.
        if running.watcher is None and gettrace() is None:
            run = running.resting.pop(key, None)
        if run is None:
            run = Run(running.watcher)
        else:
            begin_again(run)
        running.run = run
    try:
        opened = run.known.get(key)
        if opened is not None and is_outermost and opened.wakes(f, run):  # type: ignore[arg-type]  # asks if it is f
            clone: Any = opened.clone
        elif type(f) is FunctionType and is_user_function(f):
            clone = run.clone(f)
        else:
            clone = _callable(run, f)
        received = args
        for arg in args:
            if type(arg) not in _AS_RECEIVED:
                received = _all_received(run, args)
                break
        if kwargs:
            result = clone(*received, **dict(zip(kwargs, _all_received(run, kwargs.values()), strict=True)))
        else:
            result = clone(*received)
        if type(result) not in _AS_RECEIVED:
            result = Settlement(run.originals, handles=False).settled(result)
        if is_outermost and run.watcher is None:
            # Let go, since those are counted who hold it.
            clone = None
            if rests(run):
                resting = running.resting
                resting[key] = run
                if len(resting) > MOST_RUNS:
                    let_go_of_oldest(resting)
        return result
    except BaseException as error:
        if not is_outermost:
            raise
        run.show_names()
        if isinstance(error, ValueError) and isinstance(error.__cause__, LeakError):
            # NumPy hides a refusal behind "setting an array element with a sequence".
            raise error.__cause__.with_traceback(error.__traceback__) from None
        raise
    finally:
        if is_outermost:
            running.run = None
            if not run.ended:
                run.end()
                if run.places:
                    _keep_places(running, run)


def _keep_places(running: _Running, run: Run) -> None:
    """Remember, until the level has ended, where opened code left something."""
    running.places += [(place, run) for place in run.places]
    _waiting[running] = None


def run_watched(
    watcher: Watcher, f: Callable[..., Any], arguments: Callable[[], tuple[Sequence[Any], dict[str, Any]]]
) -> Any:
    """Call a function opened, in a run of its own, of which somebody is told what it reads and does.

    The arguments are made within, so that objects among them are known to be copies.
    """
    running = _thread.running
    before = running.run, running.watcher
    told = tell(watcher.affected)
    running.run, running.watcher = None, watcher
    try:
        args, kwargs = arguments()
        return run_opened(f, *args, **kwargs)
    finally:
        running.run, running.watcher = before
        tell(told)


def copied(instance: Any) -> None:
    """Tell who watches the run, if anybody does, of an object that was made of an argument."""
    watcher = _thread.running.watcher
    if watcher is not None:
        watcher.copied(instance)


def swaps() -> bool:
    """Whether functions are opened, in this thread: not inside of `without_swap`."""
    return _enabled.get()


def _callable(run: Run, f: Any) -> Callable[..., Any]:
    """What stands for a function; of an object, its opened `__call__`."""
    stand_in: Any = run.swapped(f)
    if type(type(stand_in)) is LookAlikeType:
        real = real_of(stand_in)
        # In the class, where Python looks for it.
        own = run.static(type(real), "__call__")
        if type(own) is FunctionType and is_user_function(own):
            return MethodType(run.clone(own), stand_in)
        return run.finder(type(real), "__call__")(stand_in, real)  # type: ignore[no-any-return]  # what can be called
    if type(stand_in) is LookAlikeType:
        kind = kind_of(stand_in)
        return lambda *args, **kwargs: construct(run, stand_in, kind, args, kwargs)
    return stand_in  # type: ignore[no-any-return]  # what can be called


def _all_received(run: Run, arguments: Iterable[Any]) -> list[Any]:
    return [argument if type(argument) in _AS_RECEIVED else _received(run, argument) for argument in arguments]


def _received(run: Run, argument: Any) -> Any:
    """An argument as opened code receives it; its lists and dicts are its own."""
    kind = type(argument)
    if kind in _AS_RECEIVED:
        return argument
    if kind is list:
        return _all_received(run, argument)
    if kind is dict:
        return {key: _received(run, item) for key, item in argument.items()}
    if kind is tuple or (isinstance(argument, tuple) and hasattr(kind, "_fields")):
        return tuple.__new__(kind, _all_received(run, argument))
    return run.swapped(argument)


def put_in_order() -> None:
    """Put in order what opened code left in objects, containers and variables of the user's.

    To be called when a level has ended. It acts when no derivative is being taken any more in this thread.
    """
    if not _waiting:
        return
    running = _thread.running
    places = running.places
    if not places or running.run is not None:
        return
    running.places = []
    _waiting.pop(running, None)
    settlements: dict[int, Settlement] = {}
    for place, run in places:
        settlement = settlements.get(id(run))
        if settlement is None:
            settlement = settlements[id(run)] = Settlement(run.originals, handles=True)
        place.settle(settlement.settled)


__all__ = [
    "UNUSUAL",
    "call_opened",
    "copied",
    "is_opened",
    "is_user_file",
    "opened",
    "put_in_order",
    "run_opened",
    "run_watched",
    "stand_for",
    "swaps",
    "trace_into",
    "without_swap",
]
