"""The swap: a user's function run over our NumPy, as it stands.

Creation functions take no traced argument, so no protocol of NumPy sees `np.zeros(3)` in a differentiated function. The
function therefore runs as a clone: the same code, with globals, closure cells and defaults in which NumPy, `math`,
`float` and `complex` are ours, helper functions are clones in turn, and arrays are constant handles. The standard library
and installed packages are never opened, unless `trace_into` names them.
"""

from __future__ import annotations

import builtins
import cmath
import functools
import math
import sysconfig
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.numpy import mathematics, shadow, stand_ins
from chainrule.numpy.handle import Captured, Handle

_PACKAGE = str(Path(__file__).resolve().parent.parent)
_INSTALLED = tuple(
    {str(Path(sysconfig.get_path(key)).resolve()) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
)

# Types whose instances mean the same inside as outside.
_AS_IS = frozenset((int, float, complex, bool, str, bytes, type(None), list, dict, set, frozenset, range, slice))

_lock = threading.RLock()
_entered: set[str] = set()
_clones: weakref.WeakKeyDictionary[FunctionType, Clone] = weakref.WeakKeyDictionary()
_globals: dict[int, SwappedGlobals] = {}
_enabled = True


def trace_into(package: str) -> None:
    """Let differentiated functions run an installed package, too, over our NumPy.

    Parameters
    ----------
    package : str
        The name of a package or module, whose functions are then opened like the user's own.

    Examples
    --------
    >>> trace_into("my_models")
    """
    with _lock:
        _entered.add(package)
        _is_user_file.cache_clear()


@contextmanager
def without_swap() -> Iterator[None]:
    """Run differentiated functions as they are, over NumPy's protocols alone."""
    global _enabled
    before, _enabled = _enabled, False
    try:
        yield
    finally:
        _enabled = before


def opened(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it runs while a derivative is taken."""
    return swapped(f) if _enabled else f  # type: ignore[no-any-return]  # what stands for a callable is callable


def swapped(value: Any) -> Any:
    """What stands for an object inside a differentiated function: often the object itself."""
    kind = type(value)
    if kind in _AS_IS or isinstance(value, Handle):
        return value
    if kind is np.ndarray:
        return Captured(value)
    if kind is FunctionType:
        return clone_of(value) if is_user_function(value) else _counterpart(value)
    if kind is ModuleType:
        return swapped_module(value)
    if kind is MethodType:
        return _swapped_method(value)
    if kind is functools.partial:
        arguments = (swapped(argument) for argument in value.args)
        keywords = {name: swapped(argument) for name, argument in value.keywords.items()}
        return functools.partial(swapped(value.func), *arguments, **keywords)
    if kind is _LruCache:
        # The cache would keep traced values; the function itself is run each time.
        return swapped(value.__wrapped__)
    if kind is type or isinstance(value, type):
        return _swapped_type(value)
    if kind is BuiltinFunctionType or isinstance(value, np.ufunc) or kind.__module__ == "numpy":
        return _counterpart(value)
    return shadow_of(value)


_LruCache = type(functools.lru_cache(lambda: None))


def _counterpart(value: Any) -> Any:
    """What stands for one of NumPy's functions, or for one of `math`."""
    # A wrapper takes over the `__module__` of what it wraps, so of a function its globals say where it is from.
    named = value.__globals__.get("__name__") if type(value) is FunctionType else getattr(value, "__module__", None)
    module = named or ""
    if module in ("math", "cmath"):
        return getattr(mathematics, value.__name__, value)
    if module.partition(".")[0] == "numpy" or isinstance(value, np.ufunc):
        return namespace.counterpart(value)
    return value


def _swapped_type(kind: Any) -> Any:
    if kind is float or kind is complex:
        return stand_ins.STAND_INS[kind]
    if kind is np.ndarray:
        return namespace.ndarray
    return kind


def swapped_module(module: ModuleType) -> Any:
    """What stands for a module: our namespace for NumPy's and `math`, a look-alike for a user's own."""
    name = module.__name__
    if module is np:
        return namespace
    if name.startswith("numpy."):
        return namespace_module(name, module)
    if module is math:
        return mathematics
    if module is cmath:
        return mathematics.complex_functions
    if module is builtins:
        return module
    if is_user_file(getattr(module, "__file__", None) or "<builtin>", name):
        return shadow_of(module)
    return module


def namespace_module(name: str, module: ModuleType) -> Any:
    """Our submodule for one of NumPy's, if there is one."""
    ours: Any = namespace
    for part in name.split(".")[1:]:
        ours = vars(ours).get(part)
        if not isinstance(ours, ModuleType):
            return module
    return ours


def is_user_function(f: FunctionType) -> bool:
    """Whether a function belongs to the user, and not to the standard library or an installed package."""
    return is_user_file(f.__code__.co_filename, f.__globals__.get("__name__") or "")


def is_user_file(filename: str, module: str) -> bool:
    """Whether the code of a file and module belongs to the user."""
    return _is_user_file(filename, module)


@functools.lru_cache(maxsize=4096)
def _is_user_file(filename: str, module: str) -> bool:
    if any(module == package or module.startswith(package + ".") for package in _entered):
        return True
    if filename.startswith("<"):
        return not filename.startswith(("<frozen", "<builtin", "<__array_function__"))
    path = str(Path(filename).resolve())
    return not any(path.startswith(folder + "/") for folder in (_PACKAGE, *_INSTALLED))


class Clone:
    """A clone of a user's function, and the contents of the cells that it was made from."""

    __slots__ = ("cells", "function")

    def __init__(self, function: Callable[..., Any], cells: list[tuple[CellType, Any]]) -> None:
        self.function = function
        self.cells = cells

    def is_current(self) -> bool:
        """Whether every cell still holds what it held."""
        return all(_contents(cell) is contents for cell, contents in self.cells)


_EMPTY = object()


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def clone_of(f: FunctionType) -> Callable[..., Any]:
    """The clone of a user's function that runs over our NumPy; made once, and again when a captured name was rebound."""
    known = _clones.get(f)
    if known is not None and known.is_current():
        return known.function
    with _lock:
        return _make_clone(f)


def _make_clone(f: FunctionType) -> Callable[..., Any]:
    globals_ = globals_of(f.__globals__)
    code = f.__code__
    stored = stored_names(code)
    if stored.globals:
        globals_.add_stored(stored.globals)
    if stored.looks_up_names:
        globals_.take_snapshot()
    cells, watched, empty = [], [], []
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        contents = _contents(cell)
        if name in stored.cells or name == "__class__" or contents is _EMPTY or type(contents) in _AS_IS:
            # A rebound name must be shared. What a cell holds later is then seen as it is.
            cells.append(cell)
            if name not in stored.cells:
                watched.append((cell, contents))
            continue
        made = CellType()
        cells.append(made)
        watched.append((cell, contents))
        empty.append((made, contents))
    made_function = FunctionType(code, globals_, f.__name__, None, tuple(cells) or None)
    made_function.__qualname__ = f.__qualname__
    made_function.__doc__ = f.__doc__
    made_function.__dict__.update(f.__dict__)
    made_function.__annotations__ = f.__annotations__
    function: Callable[..., Any] = made_function
    if stored.globals:
        function = _writing_through(made_function, globals_)
    # Known before its cells are filled, so that a recursive function finds itself.
    _clones[f] = Clone(function, watched)
    for made, contents in empty:
        made.cell_contents = swapped(contents)
    if f.__defaults__:
        made_function.__defaults__ = tuple(swapped(value) for value in f.__defaults__)
    if f.__kwdefaults__:
        made_function.__kwdefaults__ = {name: swapped(value) for name, value in f.__kwdefaults__.items()}
    return function


def _writing_through(clone: FunctionType, globals_: SwappedGlobals) -> Callable[..., Any]:
    """A function that stores to global names, which reach the real globals when it returns."""

    @functools.wraps(clone)
    def run(*args: Any, **kwargs: Any) -> Any:
        globals_.read_stored()
        try:
            return clone(*args, **kwargs)
        finally:
            globals_.write_stored()

    return run


class Stored:
    """The names that a code object rebinds, nested code included."""

    __slots__ = ("cells", "globals", "looks_up_names")

    def __init__(self) -> None:
        self.globals: set[str] = set()
        self.cells: set[str] = set()
        self.looks_up_names = False


_stored: weakref.WeakKeyDictionary[CodeType, Stored] = weakref.WeakKeyDictionary()


def stored_names(code: CodeType) -> Stored:
    """Which globals and which cells a code object rebinds, and whether it looks names up as class bodies do."""
    known = _stored.get(code)
    if known is None:
        import dis

        known = Stored()
        for part in _nested(code):
            if {"eval", "exec"} & set(part.co_names):
                known.looks_up_names = True
            for instruction in dis.get_instructions(part):
                if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                    known.globals.add(instruction.argval)
                elif instruction.opname in ("STORE_DEREF", "DELETE_DEREF") and instruction.argval in part.co_freevars:
                    known.cells.add(instruction.argval)
                elif instruction.opname in ("LOAD_NAME", "LOAD_CLASSDEREF"):
                    known.looks_up_names = True
        _stored[code] = known
    return known


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


class SwappedGlobals(dict[str, Any]):
    """Globals that read a module's real ones, live, and give what stands for each object.

    A dict subclass is what LOAD_GLOBAL asks through `__getitem__`. Names that the code stores to are kept in the
    storage of the dict and written through.
    """

    __slots__ = ("_known", "_stored", "real")

    def __init__(self, real: dict[str, Any]) -> None:
        super().__init__(__builtins__=_builtins())
        self.real = real
        self._known: dict[str, tuple[Any, Any]] = {}
        self._stored: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in self._stored:
            return super().__getitem__(name)
        value = self.real[name]
        if type(value) in _AS_IS:
            return value
        known = self._known.get(name)
        if known is not None and known[0] is value and type(value) is not FunctionType:
            return known[1]
        stand_in = swapped(value)
        self._known[name] = (value, stand_in)
        return stand_in

    def add_stored(self, names: set[str]) -> None:
        """Keep names in the storage, because code stores to them there."""
        self._stored |= names
        self.read_stored()

    def read_stored(self) -> None:
        """Take stored names over from the real globals."""
        for name in self._stored:
            if name in self.real:
                super().__setitem__(name, swapped(self.real[name]))

    def write_stored(self) -> None:
        """Write stored names through to the real globals."""
        for name in self._stored:
            if super().__contains__(name):
                value = super().__getitem__(name)
                if name not in self.real or value is not swapped(self.real[name]):
                    self.real[name] = value
            else:
                self.real.pop(name, None)

    def take_snapshot(self) -> None:
        """Fill the storage, which class bodies and `eval` read without asking `__getitem__`."""
        for name, value in list(self.real.items()):
            if name != "__builtins__" and name not in self._stored:
                super().__setitem__(name, swapped(value))


def globals_of(real: dict[str, Any]) -> SwappedGlobals:
    """The swapped globals of a module's real ones, one for each."""
    if isinstance(real, SwappedGlobals):
        return real
    with _lock:
        known = _globals.get(id(real))
        if known is None or known.real is not real:
            known = _globals[id(real)] = SwappedGlobals(real)
        return known


@functools.cache
def _builtins() -> dict[str, Any]:
    """The builtins, with imports and number types that know our NumPy."""
    table = dict(vars(builtins))
    table["__import__"] = _import
    table["super"] = shadow.OpenedSuper
    table.update({kind.__name__: stand_in for kind, stand_in in stand_ins.STAND_INS.items()})
    return table


class _ImportedNames(ModuleType):
    """What `from module import name` takes names from: the module's, each with what stands for it."""

    def __init__(self, module: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        return swapped(getattr(self.__dict__["_module"], name))


def _import(
    name: str,
    globals: Any = None,  # noqa: A002  # the signature of the builtin
    locals: Any = None,  # noqa: A002  # the signature of the builtin
    fromlist: Any = (),
    level: int = 0,
) -> Any:
    """`import` inside a differentiated function."""
    real = globals.real if isinstance(globals, SwappedGlobals) else globals
    module = builtins.__import__(name, real, locals, fromlist, level)
    stand_in = swapped(module)
    if fromlist and stand_in is module:
        return _ImportedNames(module)
    return stand_in


def shadow_of(value: Any) -> Any:
    """What stands for a user's object or module: a look-alike whose methods are opened."""
    return shadow.shadow_of(value)


def _swapped_method(method: MethodType) -> Any:
    owner, function = method.__self__, method.__func__
    if not isinstance(function, FunctionType) or not is_user_function(function):
        return method
    return MethodType(clone_of(function), owner if isinstance(owner, type) else shadow_of(owner))
