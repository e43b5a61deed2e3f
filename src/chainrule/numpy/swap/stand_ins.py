"""What stands for an object inside of a run: by its type, and for single modules, classes and functions."""

from __future__ import annotations

import enum
import functools
import random as random_numbers
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    FunctionType,
    MappingProxyType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.numpy import front_ends, random
from chainrule.numpy.handle import Array, Captured, Handle, Scalar
from chainrule.numpy.operands import is_traced
from chainrule.numpy.swap import math_functions, polynomial_functions, python_builtins, statistics_functions
from chainrule.numpy.swap.clones import AS_IS, library_function
from chainrule.numpy.swap.containers import container_look_alike
from chainrule.numpy.swap.look_alikes import LookAlikeType, class_of_look_alikes, look_alike
from chainrule.numpy.swap.modules import ModuleLookAlike
from chainrule.numpy.swap.ownership import is_user_class, is_user_function, is_user_module, remembered_by_class
from chainrule.numpy.views import View

if TYPE_CHECKING:
    from chainrule.numpy.swap.run import Run

# Bit of `type.__flags__`: the class was made by a class statement, not in C.
_HEAP_TYPE = 1 << 9

# Containers of Python's, whose instances have look-alikes.
_CONTAINERS = (list, dict, deque, MappingProxyType, UserDict, UserList, ChainMap)

_LRU_CACHE = type(functools.lru_cache(lambda: None))
_made: Any = functools.singledispatch(lambda x: x)
_SINGLE_DISPATCH = _made.__code__
_DISPATCHER = type(np.sum)


def _captured(run: Run, array: np.ndarray[Any, Any]) -> Any:
    # Text, dates and records carry no derivative, and work as they are.
    if array.dtype.kind not in "biufc":
        return array
    if run.watcher is not None:
        stand_in = run.watcher.found(None, array)
        if stand_in is not None:
            return stand_in
    return Captured(array)


def _function(run: Run, f: FunctionType) -> Any:
    known = run.clones.get(f)
    if known is not None:
        return known
    if is_user_function(f):
        return polynomial_functions.stand_in(f, lambda: run.clone(f)) or run.clone(f)
    stand_in = _STAND_INS.get(f)
    if stand_in is not None:
        return stand_in
    # A wrapper takes over the `__module__` of what it wraps, so of a function its globals say where it is from.
    if (f.__globals__.get("__name__") or "").partition(".")[0] == "numpy":
        return namespace.counterpart(f)
    if front_ends.has_front_end(f.__globals__.get("__name__")):
        return front_ends.entry(f) or library_function(run, f)
    if f.__code__ is _SINGLE_DISPATCH:
        return _dispatching(run, f)
    return library_function(run, f)


def _dispatching(run: Run, f: Any) -> Any:
    """A function of `functools.singledispatch`, which chooses by the types of what handles stand for."""

    @functools.wraps(f)
    def dispatched(*args: Any, **kwargs: Any) -> Any:
        if not args:
            return f(*args, **kwargs)
        return run.swapped(f.dispatch(python_builtins.type_of(args[0])))(*args, **kwargs)

    run.clones[f] = dispatched
    run.originals[dispatched] = f
    return dispatched


def _builtin(run: Run, function: Any) -> Any:
    stand_in = _STAND_INS.get(function)
    if stand_in is not None:
        return stand_in
    owner = getattr(function, "__self__", None)
    if isinstance(owner, random_numbers.Random):
        run.affected("draws random numbers")
    if isinstance(owner, (np.ndarray, np.ufunc)):
        return getattr(run.swapped(owner), function.__name__)
    module = (getattr(function, "__module__", None) or "").partition(".")[0]
    return namespace.counterpart(function) if module == "numpy" else function


def _method(run: Run, method: MethodType) -> Any:
    if isinstance(method.__self__, random_numbers.Random):
        run.affected("draws random numbers")
    owned = type(method.__self__)
    if front_ends.has_front_end(owned.__module__) and not is_user_class(owned):
        library = run.swapped(method.__self__)
        return method if library is method.__self__ else getattr(library, method.__name__)
    function = run.swapped(method.__func__)
    if function is method.__func__ and type(function) is FunctionType and not is_user_function(function):
        return method
    owner = run.swapped(method.__self__)
    if function is method.__func__ and owner is method.__self__:
        return method
    return MethodType(function, owner)


def _partial(run: Run, partial: functools.partial[Any]) -> Any:
    arguments = [run.swapped(argument) for argument in partial.args]
    keywords = {name: run.swapped(argument) for name, argument in partial.keywords.items()}
    return functools.partial(run.swapped(partial.func), *arguments, **keywords)


def _cached(run: Run, function: Any) -> Any:
    """A function with a cache: inside, one that remembers for this run only, and nothing that carries a derivative."""
    known = run.clones.get(function)
    if known is not None:
        return known
    inner = run.swapped(function.__wrapped__)
    if inner is function.__wrapped__:
        return function
    known = run.clones.get(function)
    if known is not None:
        # A recursive function has found itself.
        return known
    remembering = functools.lru_cache(**function.cache_parameters())(inner)

    @functools.wraps(inner)
    def cached(*args: Any, **kwargs: Any) -> Any:
        if any(map(is_traced, args)) or any(map(is_traced, kwargs.values())):
            return inner(*args, **kwargs)
        return remembering(*args, **kwargs)

    made: Any = cached
    made.cache_info, made.cache_clear = function.cache_info, function.cache_clear
    made.cache_parameters = function.cache_parameters
    run.clones[function] = made
    run.originals[made] = function
    return made


def _class(run: Run, kind: type) -> Any:
    stand_in = _STAND_INS.get(kind)
    if stand_in is not None:
        return stand_in
    return class_of_look_alikes(kind) if has_look_alikes(kind) else kind


def _module(run: Run, module: ModuleType) -> Any:
    stand_in: Any = _STAND_INS.get(module)
    if stand_in is not None:
        return stand_in
    name = module.__name__
    if name.startswith("numpy.") and not is_user_module(module):
        return _submodule(name, module)
    if not is_user_module(module):
        stand_in = front_ends.stand_in_module(name)
        if stand_in is not None:
            return stand_in
        if name in ("random", "secrets"):
            run.affected("draws random numbers")
        return module
    known = run.modules.get(id(module))
    if known is None:
        known = run.modules[id(module)] = ModuleLookAlike(module)
    return known


def _submodule(name: str, module: ModuleType) -> Any:
    """Our submodule for one of NumPy's, if there is one."""
    ours: Any = namespace
    for part in name.split(".")[1:]:
        ours = vars(ours).get(part)
        if not isinstance(ours, ModuleType):
            return module
    return ours


def _tuple(run: Run, value: tuple[Any, ...]) -> Any:
    items = [run.swapped(item) for item in value]
    if all(new is old for new, old in zip(items, value, strict=True)):
        return value
    return tuple.__new__(type(value), items)


def _container(run: Run, container: Any) -> Any:
    known = run.look_alikes.get(id(container))
    if known is None:
        known = run.look_alikes[id(container)] = container_look_alike(container)
    return known


def _object(run: Run, value: Any) -> Any:
    known = run.look_alikes.get(id(value))
    if known is None:
        known = run.look_alikes[id(value)] = look_alike(
            value, made=run.watcher is not None and run.watcher.is_copied(value)
        )
    return known


def _library_object(run: Run, value: Any) -> Any:
    found = front_ends.entry(value)
    return value if found is None else found


def _counterpart(run: Run, value: Any) -> Any:
    return namespace.counterpart(value)


def _dispatching_by_protocol(run: Run, function: Any) -> Any:
    """A function that asks its arguments' protocol: ours, if it is NumPy's and not of a package that is opened."""
    written = function.__wrapped__
    is_opened = type(written) is FunctionType and is_user_function(written)
    return run.swapped(written) if is_opened else namespace.counterpart(function)


def _vectorized(run: Run, function: np.vectorize) -> Any:
    from chainrule.numpy import vectorization

    return vectorization.counterpart(function, run.swapped(function.pyfunc))


def has_look_alikes(kind: type) -> bool:
    """Whether the instances of a class have look-alikes: of the user's classes that keep their state in Python."""
    if kind is SimpleNamespace:
        return True
    if any(base is not object and not base.__flags__ & _HEAP_TYPE for base in kind.__mro__):
        return False
    return not issubclass(kind, enum.Enum) and is_user_class(kind)


def swap_of(kind: type) -> Callable[[Run, Any], Any] | None:
    """How instances of a type are swapped, None if they stay as they are."""
    try:
        return remembered_by_class[kind]  # type: ignore[no-any-return]  # what is remembered below
    except KeyError:
        found = remembered_by_class[kind] = _swap_of(kind)
        return found


def _swap_of(kind: type) -> Callable[[Run, Any], Any] | None:
    if issubclass(kind, (Handle, ModuleLookAlike)):
        return None
    if issubclass(kind, type):
        return _class
    if issubclass(kind, ModuleType):
        return _module
    if issubclass(kind, np.memmap):
        return lambda run, array: _captured(run, np.asarray(array))
    if issubclass(kind, tuple):
        return _tuple
    if issubclass(kind, _CONTAINERS):
        return _container
    if has_look_alikes(kind):
        return _object
    return _library_object if front_ends.has_front_end(kind.__module__) else None


BY_TYPE: dict[type, Callable[[Run, Any], Any] | None] = {
    **dict.fromkeys(AS_IS),
    **dict.fromkeys((Array, Captured, Scalar, View)),
    **dict.fromkeys((set, frozenset, np.float64, np.float32, np.complex128, np.complex64, np.int64, np.bool_)),
    np.ndarray: _captured,
    FunctionType: _function,
    BuiltinFunctionType: _builtin,
    MethodType: _method,
    MethodWrapperType: _builtin,
    WrapperDescriptorType: _builtin,
    ModuleType: _module,
    type: _class,
    LookAlikeType: None,
    functools.partial: _partial,
    staticmethod: lambda run, method: run.swapped(method.__func__),
    _LRU_CACHE: _cached,
    np.ufunc: _counterpart,
    _DISPATCHER: _dispatching_by_protocol,
    np.vectorize: _vectorized,
    np.random.Generator: lambda run, generator: random.Source(generator),
    np.random.RandomState: lambda run, generator: random.Source(generator),
    tuple: _tuple,
    **dict.fromkeys((list, dict, OrderedDict, defaultdict, Counter, deque), _container),
}

# What stands for single objects, inside of whichever run.
_STAND_INS: dict[Any, Any] = {
    np: namespace,
    np.ndarray: namespace.ndarray,
    **math_functions.MODULES,
    **math_functions.FUNCTIONS,
    **statistics_functions.MODULES,
    **statistics_functions.FUNCTIONS,
    **python_builtins.STAND_INS,
}


def stand_for(original: Any, stand_in: Any) -> None:
    """Let opened code meet one object in place of another: a module, a class or a function."""
    _STAND_INS[original] = stand_in
