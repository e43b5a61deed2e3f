"""The builtins that opened code meets where Python's own would miss look-alikes, handles or the swap."""

from __future__ import annotations

import builtins
import importlib
import sys
import types
from collections.abc import Callable, Iterator, MutableMapping
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

import chainrule.numpy as namespace
from chainrule.numpy.handle import Array, Handle
from chainrule.numpy.python_numbers import Number
from chainrule.numpy.swap import numbers
from chainrule.numpy.swap.clones import rebound_by
from chainrule.numpy.swap.look_alikes import (
    MISSING,
    LookAlikeType,
    binder,
    construct_plainly,
    look_alike,
    plain_finder,
    real_of,
    store_attribute,
    unwrapped,
)
from chainrule.numpy.swap.modules import ModuleLookAlike
from chainrule.numpy.swap.namespaces import BUILTINS, SwappedGlobals, run_of


def type_of(value: Any) -> type:
    """The type of what an object stands for: of a handle the one that NumPy's object would have."""
    if type(value) is Number:
        return value.kind
    if isinstance(value, Handle):
        return np.ndarray if isinstance(value, Array) else value.dtype.type
    if isinstance(value, type):
        return type(real_classes(value))
    return types.ModuleType if type(value) is ModuleLookAlike else type(unwrapped(value))


def real_classes(classes: Any) -> Any:
    """What the second argument of `isinstance` and `issubclass` means, without what stands for classes."""
    if type(classes) is tuple:
        return tuple(map(real_classes, classes))
    if isinstance(classes, types.UnionType):
        return tuple(map(real_classes, classes.__args__))
    kind = type(classes)
    if kind is LookAlikeType:
        return unwrapped(classes)
    if kind is numbers.NumberType:
        return classes.number
    if classes is namespace.ndarray:
        return np.ndarray
    return _STANDING_FOR.get(classes, classes) if isinstance(classes, type) else classes


def isinstance_(instance: Any, classes: Any, /) -> bool:
    """`isinstance`, of handles and look-alikes as of what they stand for."""
    real = real_classes(classes)
    if isinstance(instance, Handle):
        return issubclass(type_of(instance), real) or isinstance(instance, real)
    return isinstance(unwrapped(instance), real)


def issubclass_(kind: Any, classes: Any, /) -> bool:
    """`issubclass`, of what stands for classes as of these."""
    return issubclass(real_classes(kind), real_classes(classes))


class _TypeType(type):
    """The type of what stands for `type`."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1:
            run = run_of(sys._getframe(1))
            return type(args[0]) if run is None else run.swapped(type_of(args[0]))
        name, bases, variables = args
        return type(name, tuple(map(real_classes, bases)), variables, **kwargs)

    def __getattribute__(cls, name: str) -> Any:
        return _unwrapping(getattr(type, name))

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, type)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return issubclass(subclass, type)


class Type(metaclass=_TypeType):
    """`type` in opened code."""


class _ObjectType(type):
    """The type of what stands for `object`, whose methods act on the object behind a look-alike."""

    def __call__(cls) -> Any:
        return object()

    def __getattribute__(cls, name: str) -> Any:
        return _object_attribute(name)

    def __instancecheck__(cls, instance: Any) -> bool:
        return True

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return True


class Object(metaclass=_ObjectType):
    """`object` in opened code."""


def _object_attribute(name: str) -> Any:
    found = getattr(object, name)
    if name == "__new__":
        return _new_object
    if name == "__setattr__":
        return _set_plainly
    if name == "__getattribute__":
        return _get_plainly
    return _unwrapping(found)


def _new_object(cls: Any, *args: Any, **kwargs: Any) -> Any:
    """Make an object without initialising it: `object.__new__`."""
    real = object.__new__(unwrapped(cls), *args, **kwargs)
    return look_alike(real, made=True) if type(cls) is LookAlikeType else real


def _set_plainly(instance: Any, name: str, value: Any) -> None:
    """Store past any `__setattr__` of the class: `object.__setattr__`."""
    if type(type(instance)) is not LookAlikeType:
        object.__setattr__(instance, name, value)
        return
    real = real_of(instance)
    object.__setattr__(real, name, value)
    run = run_of(sys._getframe(1))
    if run is not None:
        run.note_attribute(instance, name, value)


def _get_plainly(instance: Any, name: str) -> Any:
    """Find past any `__getattribute__` of the class: `object.__getattribute__`."""
    run = run_of(sys._getframe(1))
    if run is None or type(type(instance)) is not LookAlikeType:
        return object.__getattribute__(unwrapped(instance), name)
    real = real_of(instance)
    return plain_finder(run, type(real), name)(instance, real)


def _unwrapping(function: Any) -> Any:
    """A method of `object` or `type` for look-alikes, too."""
    if not callable(function) or isinstance(function, type):
        return function

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*map(unwrapped, args), **kwargs)

    call.__name__ = function.__name__
    return call


class Super:
    """`super()` in opened code: what it finds is opened, with the look-alike as `self`."""

    __slots__ = ("_after", "_instance")

    _after: Any
    _instance: Any

    def __init__(self, *args: Any) -> None:
        if not args:
            frame = sys._getframe(1)
            variables = frame.f_locals
            args = (variables["__class__"], variables[frame.f_code.co_varnames[0]])
        object.__setattr__(self, "_after", unwrapped(args[0]))
        object.__setattr__(self, "_instance", args[1] if len(args) > 1 else None)

    def __getattribute__(self, name: str) -> Any:
        after, instance = object.__getattribute__(self, "_after"), object.__getattribute__(self, "_instance")
        real = unwrapped(instance)
        run = run_of(sys._getframe(1))
        proxy = super(after, real)
        if run is None or name == "__class__":
            return getattr(proxy, name)
        if isinstance(real, type):
            return _class_super(run, after, instance, real, name)
        return _instance_super(run, after, instance, real, name)


def _following(after: Any, kind: type, name: str) -> Any:
    """The attribute that the classes after one in the order of a class have under a name."""
    order = kind.__mro__
    for each in order[order.index(after) + 1 :]:
        if name in vars(each):
            return vars(each)[name]
    return MISSING


def _instance_super(run: Any, after: Any, instance: Any, real: Any, name: str) -> Any:
    static = _following(after, type(real), name)
    if instance is real:
        # An object of a class that opened code defined itself.
        if type(static) is FunctionType:
            return MethodType(run.swapped(static), real)
        return run.swapped(getattr(super(after, real), name))
    if name == "__setattr__" and static is object.__setattr__:
        return lambda key, value: store_attribute(run, instance, key, value)
    if name == "__getattribute__" and static is object.__getattribute__:
        return lambda key: plain_finder(run, type(real), key)(instance, real)
    if static is MISSING:
        return run.swapped(getattr(super(after, real), name))
    return binder(run, static, type(real))(instance, real)


def _class_super(run: Any, after: Any, instance: Any, real: type, name: str) -> Any:
    """What `super()` finds in a class method, in `__new__`, or in a method of a metaclass."""
    of_metaclass = not issubclass(real, after)
    static = _following(after, type(real) if of_metaclass else real, name)
    if of_metaclass and static is type.__call__:
        return lambda *args, **kwargs: construct_plainly(run, instance, real, args, kwargs)
    function = static.__func__ if type(static) is classmethod else static
    if type(function) is FunctionType:
        bind = of_metaclass or type(static) is classmethod
        return MethodType(run.swapped(function), instance) if bind else run.swapped(function)
    found = getattr(super(after, real), name)
    if name == "__new__":
        if type(static) is staticmethod:
            return run.swapped(static.__func__)
        return lambda cls, *args, **kwargs: run.adopted(found(unwrapped(cls), *args, **kwargs))
    return run.swapped(found)


class Names(MutableMapping[str, Any]):
    """The names that `eval` and `exec` see in opened code: local ones, then the swapped globals."""

    def __init__(self, variables: Any, globals_: SwappedGlobals) -> None:
        self._variables = variables
        self._globals = globals_

    def __getitem__(self, name: str) -> Any:
        return self._variables[name] if name in self._variables else self._globals[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._variables[name] = value

    def __delitem__(self, name: str) -> None:
        del self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def _executor(original: Callable[..., Any], mode: str) -> Callable[..., Any]:
    def execute(source: Any, globals: Any = None, locals: Any = None, /, **kwargs: Any) -> Any:  # builtin's
        frame = sys._getframe(1)
        run = run_of(frame)
        if run is None:
            names = (frame.f_globals, frame.f_locals) if globals is None else (globals, globals)
            return original(source, names[0], names[1] if locals is None else locals, **kwargs)
        if globals is None:
            namespace_, variables = frame.f_globals, frame.f_locals if locals is None else locals
        else:
            real = unwrapped(globals)
            namespace_ = real if type(real) is SwappedGlobals else run.globals_of(real)
            variables = namespace_ if locals is None else unwrapped(locals)
        code = source if isinstance(source, CodeType) else compile(source, "<string>", mode, dont_inherit=True)
        assert type(namespace_) is SwappedGlobals
        namespace_.store(rebound_by(code).globals)
        return original(code, namespace_, Names(variables, namespace_), **kwargs)

    execute.__name__ = mode
    execute.__doc__ = original.__doc__
    return execute


class ClassNamespace(dict[str, Any]):
    """The namespace of a class body in opened code: what the body does not define comes from the swapped globals."""

    __slots__ = ("_enclosed", "_globals")

    def __init__(self, variables: dict[str, Any], body: FunctionType) -> None:
        super().__init__(variables)
        self._globals = body.__globals__
        # These are looked up here first, and then in their cells.
        self._enclosed = body.__code__.co_freevars

    def __missing__(self, name: str) -> Any:
        if name in self._enclosed:
            raise KeyError(name)
        return self._globals[name]


class _Prepared:
    """A metaclass for one class statement, which gives its body a namespace with the swapped globals."""

    def __init__(self, body: FunctionType) -> None:
        self._body = body

    def __prepare__(self, name: str, bases: tuple[type, ...], **keywords: Any) -> Any:
        _, variables, _ = types.prepare_class(name, bases, keywords)
        return ClassNamespace(variables, self._body) if type(variables) is dict else variables

    def __call__(self, name: str, bases: tuple[type, ...], variables: Any, **keywords: Any) -> Any:
        metaclass, _, keywords = types.prepare_class(name, bases, keywords)
        return metaclass(name, bases, variables, **keywords)


class _PreparedWith(_Prepared):
    """The same for a statement that names its metaclass."""

    def __init__(self, body: FunctionType, metaclass: Any) -> None:
        super().__init__(body)
        self._metaclass = metaclass

    def __prepare__(self, name: str, bases: tuple[type, ...], **keywords: Any) -> Any:
        return super().__prepare__(name, bases, metaclass=self._metaclass, **keywords)

    def __call__(self, name: str, bases: tuple[type, ...], variables: Any, **keywords: Any) -> Any:
        return super().__call__(name, bases, variables, metaclass=self._metaclass, **keywords)


def build_class(body: FunctionType, name: str, *bases: Any, metaclass: Any = None, **keywords: Any) -> Any:
    """The class statement in opened code; a class that inherits from the user's is met like one of these."""
    prepared = _Prepared(body) if metaclass is None else _PreparedWith(body, real_classes(metaclass))
    made = builtins.__build_class__(body, name, *map(real_classes, bases), metaclass=prepared, **keywords)
    run = run_of(sys._getframe(1))
    if run is None or not isinstance(made, type) or not any(type(base) is LookAlikeType for base in bases):
        return made
    return run.swapped(made)


def import_(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:  # builtin's
    """`import` in opened code."""
    real = globals.real if type(globals) is SwappedGlobals else globals
    module = builtins.__import__(name, real, locals, fromlist, level)
    run = globals.run if type(globals) is SwappedGlobals else None
    return module if run is None else run.swapped(module)


def import_module(name: str, package: str | None = None) -> Any:
    """`importlib.import_module` in opened code."""
    module = importlib.import_module(name, package)
    run = run_of(sys._getframe(1))
    return module if run is None else run.swapped(module)


_STANDING_FOR: dict[Any, type] = {Type: type, Object: object}

STAND_INS: dict[Any, Any] = {
    **numbers.STAND_INS,
    type: Type,
    object: Object,
    super: Super,
    isinstance: isinstance_,
    issubclass: issubclass_,
    eval: _executor(eval, "eval"),
    exec: _executor(exec, "exec"),
    object.__setattr__: _set_plainly,
    object.__getattribute__: _get_plainly,
    # What generated `__init__` methods of frozen classes call.
    object.__setattr__.__get__: _set_plainly.__get__,
    importlib.import_module: import_module,
}

BUILTINS.update(
    {original.__name__: made for original, made in STAND_INS.items() if original.__name__ in vars(builtins)}
)
BUILTINS.update(__import__=import_, __build_class__=build_class)
