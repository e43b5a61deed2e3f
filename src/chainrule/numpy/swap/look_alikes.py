"""Look-alikes of a user's objects and classes, whose functions are opened and whose arrays are constant handles.

`model.predict(w, x)` finds `predict` through an object, where no name is looked up that could be swapped. So opened
code meets, in place of the object, a look-alike that asks the object for everything: methods come opened, with the
look-alike as `self`; attributes come as what stands for them; what is stored is stored in the object. In place of the
class it meets the class of the look-alikes, which makes objects by running `__init__` opened.

A look-alike shows this face to opened code only, which it knows by the globals of the frame that asks. To anyone else
(the standard library, a debugger, the user's code when the derivative has been taken) it gives what the object has.
"""

from __future__ import annotations

import copy
import functools
import sys
import threading
import weakref
from collections.abc import Callable
from types import FunctionType, MemberDescriptorType, MethodType
from typing import TYPE_CHECKING, Any

from chainrule.numpy.handle import Handle
from chainrule.numpy.swap import watching
from chainrule.numpy.swap.namespaces import run_of, surrounding_run
from chainrule.numpy.swap.ownership import is_user_function
from chainrule.numpy.swap.places import Attribute

if TYPE_CHECKING:
    from chainrule.numpy.swap.run import Run

MISSING: Any = object()

_lock = threading.Lock()
# The class of look-alikes of each class. It refers to its class weakly, so that neither keeps the other alive.
_classes: weakref.WeakKeyDictionary[type, LookAlikeType] = weakref.WeakKeyDictionary()

# Names that a look-alike answers itself, whoever asks: they make another object, and not a look-alike.
COPYING = frozenset(("__copy__", "__deepcopy__", "__reduce_ex__"))

# Special methods that are not forwarded by name: Python calls them on the way to an object, or `LookAlike` has its own.
_OWN = COPYING | frozenset(
    (
        "__class__ __class_getitem__ __del__ __delattr__ __dir__ __getattr__ __getattribute__ __getnewargs__ "
        "__getnewargs_ex__ __getstate__ __init__ __init_subclass__ __instancecheck__ __new__ __prepare__ __reduce__ "
        "__set_name__ __setattr__ __setstate__ __sizeof__ __subclasscheck__ __subclasshook__"
    ).split()
)


def kind_of(cls: LookAlikeType) -> Any:
    """The class that a class of look-alikes stands for; None for the bases of these classes."""
    return type.__getattribute__(cls, "_kind")()


def _shown(cls: LookAlikeType) -> Any:
    """The class of which a class of look-alikes is the equal, so that a dict finds either by the other."""
    return kind_of(cls) if type.__getattribute__(cls, "_equal") else None


class LookAlikeType(type):
    """The type of the classes of look-alikes. To opened code, each of them stands for a class of the user's."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an object of the user's class."""
        run = surrounding_run(sys._getframe(1))
        kind = kind_of(cls)
        return kind(*args, **kwargs) if run is None else construct(run, cls, kind, args, kwargs)

    def __getattribute__(cls, name: str) -> Any:
        kind = kind_of(cls)
        if kind is None or name in COPYING:
            return type.__getattribute__(cls, name)
        run = run_of(sys._getframe(1))
        return getattr(kind, name) if run is None else _class_attribute(run, cls, kind, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        kind = kind_of(cls)
        setattr(kind, name, value)
        run = run_of(sys._getframe(1))
        if run is not None:
            run.forget_statics()
            run.note(value, Attribute, kind, name)

    def __delattr__(cls, name: str) -> None:
        delattr(kind_of(cls), name)
        run = run_of(sys._getframe(1))
        if run is not None:
            run.forget_statics()

    def __instancecheck__(cls, instance: Any) -> bool:
        kind = kind_of(cls)
        return type.__instancecheck__(cls, instance) if kind is None else isinstance(unwrapped(instance), kind)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        kind = kind_of(cls)
        return type.__subclasscheck__(cls, subclass) if kind is None else issubclass(unwrapped(subclass), kind)

    def __eq__(cls, other: object) -> bool:
        return cls is other or (other is not None and other is _shown(cls))

    def __hash__(cls) -> int:
        kind = _shown(cls)
        return type.__hash__(cls) if kind is None else hash(kind)

    def __repr__(cls) -> str:
        kind = kind_of(cls)
        return type.__repr__(cls) if kind is None else repr(kind)

    def __dir__(cls) -> list[str]:
        kind = kind_of(cls)
        return list(type.__dir__(cls)) if kind is None else dir(kind)

    def __getitem__(cls, item: Any) -> Any:
        return kind_of(cls)[item]


class LookAlike(metaclass=LookAlikeType):
    """What opened code meets in place of a user's object."""

    __slots__ = ("__weakref__", "_made", "_real")

    _kind: Callable[[], Any] = staticmethod(lambda: None)
    # Whether opened code meets the class, and may ask whether it is the user's.
    _equal = True
    _real: Any
    # Whether opened code made the object, which is then visited whole when the derivative has been taken.
    _made: bool

    def __getattribute__(self, name: str) -> Any:
        if name in COPYING:
            return object.__getattribute__(self, name)
        real = real_of(self)
        run = run_of(sys._getframe(1))
        return getattr(real, name) if run is None else run.finder(type(real), name)(self, real)

    def __setattr__(self, name: str, value: Any) -> None:
        run = run_of(sys._getframe(1))
        if run is None:
            setattr(real_of(self), name, value)
        else:
            set_attribute(run, self, name, value)

    def __delattr__(self, name: str) -> None:
        real = real_of(self)
        run = run_of(sys._getframe(1))
        if run is not None:
            own = run.static(type(real), "__delattr__")
            if _is_users(own):
                run.clone(own)(self, name)
                return
        delattr(real, name)

    def __eq__(self, other: object) -> Any:
        return True if real_of(self) is unwrapped(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(real_of(self))

    def __repr__(self) -> str:
        return repr(real_of(self))

    def __dir__(self) -> list[str]:
        return dir(real_of(self))

    def __copy__(self) -> Any:
        return look_alike(copy.copy(real_of(self)), made=True)

    def __deepcopy__(self, memo: Any) -> Any:
        real = real_of(self)
        run = surrounding_run(sys._getframe(1))
        if run is None or hasattr(real, "__deepcopy__") or not hasattr(real, "__dict__"):
            return look_alike(copy.deepcopy(real, memo), made=True)
        # The arrays of a copy may be written to, those of the object may not.
        made = copy.copy(real)
        memo[id(self)] = stand_in = look_alike(made, made=True)
        for key, value in vars(real).items():
            vars(made)[key] = copy.deepcopy(run.swapped(value), memo)
        return stand_in

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Pickled by what anyone has who reads it again, and as the object.
        return copy.copy, (real_of(self),)


real_of: Callable[[Any], Any] = LookAlike.__dict__["_real"].__get__
is_made: Callable[[Any], bool] = LookAlike.__dict__["_made"].__get__
_set_real = LookAlike.__dict__["_real"].__set__
_set_made = LookAlike.__dict__["_made"].__set__
_new: Callable[[Any], Any] = object.__new__


def is_look_alike(value: Any) -> bool:
    """Whether an object stands for one of the user's objects."""
    return type(type(value)) is LookAlikeType


def unwrapped(value: Any) -> Any:
    """The user's object or class behind a look-alike; anything else as it is."""
    kind = type(value)
    if type(kind) is LookAlikeType:
        return real_of(value)
    return (kind_of(value) or value) if kind is LookAlikeType else value


def look_alike(real: Any, made: bool = False) -> Any:
    """A new look-alike of an object."""
    shadow = _new(class_of_look_alikes(type(real)))
    _set_real(shadow, real)
    _set_made(shadow, made)
    return shadow


def class_of_look_alikes(
    kind: type, base: type = LookAlike, forwarder: Callable[[str], Callable[..., Any]] | None = None
) -> LookAlikeType:
    """The class of look-alikes of the instances of a class."""
    known = _classes.get(kind)
    if known is not None:
        return known
    with _lock:
        known = _classes.get(kind)
        if known is None:
            known = _classes[kind] = _make_class(kind, base, forwarder or special_method)
        return known


def _make_class(kind: type, base: type, forwarder: Callable[[str], Callable[..., Any]]) -> LookAlikeType:
    attributes: dict[str, Any] = {"__slots__": (), "_kind": weakref.ref(kind)}
    for each in kind.__mro__[:-1]:
        for name in vars(each):
            if name.startswith("__") and name.endswith("__") and name not in _OWN and callable(getattr(each, name)):
                attributes[name] = forwarder(name)
    if getattr(kind, "__hash__", None) is None:
        attributes["__hash__"] = None
    elif "__eq__" in attributes and "__hash__" not in attributes:
        attributes["__hash__"] = LookAlike.__dict__["__hash__"]
    return LookAlikeType(f"look-alike of {kind.__name__}", (base,), attributes)


def special_method(name: str) -> Callable[..., Any]:
    """The special method of look-alikes that calls the one of the object: opened if it is the user's."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        real = real_of(self)
        frame = sys._getframe(1)
        run = run_of(frame)
        if run is None and (is_made(self) or any(isinstance(arg, Handle) for arg in args)):
            # A library calls back, with values of the derivative that is being taken, or an object that may hold them.
            run = surrounding_run(frame)
        kind = type(real)
        if run is None:
            return getattr(kind, name)(real, *args, **kwargs)
        own = run.static(kind, name)
        if _is_users(own):
            return run.clone(own)(self, *args, **kwargs)
        if type(own) is FunctionType:
            return run.swapped(own(real, *args, **kwargs))
        bound = own.__get__(real, kind) if hasattr(type(own), "__get__") else run.swapped(own)
        result = bound(*map(unwrapped, args), **kwargs)
        return self if result is real else run.swapped(result)

    forward.__name__ = name
    return forward


# How opened code finds an attribute of a look-alike, given this and the object behind it.
Finder = Callable[[Any, Any], Any]


def finder(run: Run, kind: type, name: str) -> Finder:
    """How opened code finds a name in look-alikes of instances of a class."""
    if name == "__class__":
        return lambda self, real: type(self)
    lookup = run.static(kind, "__getattribute__")
    if _is_users(lookup):
        clone = run.clone(lookup)
        return lambda self, real: clone(self, name)
    return plain_finder(run, kind, name)


def plain_finder(run: Run, kind: type, name: str) -> Finder:
    """How `object.__getattribute__` finds a name: in the class if it is data there, in the object, in the class."""
    static = run.static(kind, name)
    swapped = run.swapped
    if static is MISSING:
        # Found out when the object has no such attribute, which is rare.
        in_class: Finder = lambda self, real: _fallback(run, kind, name)(self, real)  # noqa: E731
    else:
        in_class = binder(run, static, kind)
        if hasattr(type(static), "__set__") and (run.watcher is None or type(static) is not MemberDescriptorType):
            return in_class
    if run.watcher is not None:
        return _watched(run, kind, name, static, in_class)
    if not kind.__dictoffset__:
        return in_class

    def find(self: Any, real: Any) -> Any:
        variables = real.__dict__
        return swapped(variables[name]) if name in variables else in_class(self, real)

    return find


def _watched(run: Run, kind: type, name: str, static: Any, in_class: Finder) -> Finder:
    """The same in a run of which somebody is told what it reads."""
    in_slot = type(static) is MemberDescriptorType
    constant = static is not MISSING and not hasattr(type(static), "__get__")
    if static is not MISSING and not constant:
        run.found(watching.Attribute(kind, name), static)

    def find(self: Any, real: Any) -> Any:
        if in_slot and not is_made(self):
            return run.found(watching.Attribute(real, name), static.__get__(real))
        variables = real.__dict__ if kind.__dictoffset__ else {}
        if name in variables:
            return (
                run.swapped(variables[name])
                if is_made(self)
                else run.found(watching.Attribute(real, name), variables[name])
            )
        if not is_made(self):
            run.found(watching.Attribute(real, name), watching.NOTHING)
        return run.found(watching.Attribute(kind, name), static) if constant else in_class(self, real)

    return find


def _fallback(run: Run, kind: type, name: str) -> Finder:
    """What is found under a name that neither the object nor its class has."""
    if name == "__dict__":
        return lambda self, real: run.swapped(real.__dict__)
    own = run.static(kind, "__getattr__")
    if _is_users(own):
        clone = run.clone(own)
        return lambda self, real: clone(self, name)
    return lambda self, real: run.swapped(getattr(real, name))


def binder(run: Run, static: Any, kind: type) -> Finder:
    """What an attribute of a class gives on an instance: a bound method, the value of a property, a constant."""
    form = type(static)
    swapped = run.swapped
    if form is FunctionType:
        if not is_user_function(static):
            return lambda self, real: MethodType(static, real)
        clone = run.clone(static)
        return lambda self, real: MethodType(clone, self)
    if form is property and _is_users(static.fget):
        get = swapped(static.fget)
        return lambda self, real: get(self)
    if form is classmethod and _is_users(static.__func__):
        function = swapped(static.__func__)
        return lambda self, real: MethodType(function, type(self))
    if form is staticmethod:
        return lambda self, real: swapped(static.__func__)
    if form is functools.cached_property:
        return lambda self, real: _computed_once(run, static, self, real)
    getter = run.static(form, "__get__")
    if getter is MISSING:
        return lambda self, real: swapped(static)
    if _is_users(getter):
        clone = run.clone(getter)
        return lambda self, real: clone(swapped(static), self, type(self))

    def described(self: Any, real: Any) -> Any:
        found = static.__get__(real, type(real))
        if isinstance(found, MethodType) and found.__self__ is real:
            return MethodType(swapped(found.__func__), self)
        return swapped(found)

    return described


def _computed_once(run: Run, static: Any, self: Any, real: Any) -> Any:
    """The value of a `cached_property`, which the object keeps."""
    value = run.swapped(static.func)(self) if _is_users(static.func) else run.swapped(static.func(real))
    real.__dict__[static.attrname] = value
    run.note_attribute(self, static.attrname, value)
    return value


def _is_users(function: Any) -> bool:
    return isinstance(function, FunctionType) and is_user_function(function)


def set_attribute(run: Run, self: Any, name: str, value: Any) -> None:
    """Store under a name in the object behind a look-alike, as opened code does it."""
    real = real_of(self)
    own = run.static(type(real), "__setattr__")
    if _is_users(own):
        run.clone(own)(self, name, value)
    else:
        store_attribute(run, self, name, value)


def store_attribute(run: Run, self: Any, name: str, value: Any) -> None:
    """Store as `object.__setattr__` does: through a property or descriptor, or in the object."""
    real = real_of(self)
    kind = type(real)
    static = run.static(kind, name)
    if type(static) is property and _is_users(static.fset):
        run.swapped(static.fset)(self, value)
        return
    setter = run.static(type(static), "__set__")
    if _is_users(setter):
        run.clone(setter)(run.swapped(static), self, value)
        return
    if _is_users(run.static(kind, "__setattr__")):
        # The user's `__setattr__` has come to this end itself.
        object.__setattr__(real, name, value)
    else:
        setattr(real, name, value)
    run.note_attribute(self, name, value)


def _class_attribute(run: Run, cls: LookAlikeType, kind: type, name: str) -> Any:
    """What opened code finds under a name in a class of the user's."""
    static = run.static(kind, name)
    form = type(static)
    if form is classmethod and _is_users(static.__func__):
        return MethodType(run.swapped(static.__func__), cls)
    if form is property or form is functools.cached_property:
        return static
    if static is not MISSING and not hasattr(form, "__get__"):
        return run.found(watching.Attribute(kind, name), static)
    return run.swapped(getattr(kind, name))


def construct(run: Run, cls: LookAlikeType, kind: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make an object as opened code makes it: a call of its class."""
    own = run.static(type(kind), "__call__")
    if _is_users(own):
        return run.clone(own)(cls, *args, **kwargs)
    if type(own) is FunctionType:
        return run.adopted(kind(*args, **kwargs))
    return construct_plainly(run, cls, kind, args, kwargs)


def construct_plainly(run: Run, cls: LookAlikeType, kind: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make an object as `type.__call__` does: `__new__`, then `__init__`."""
    new = run.static(kind, "__new__")
    if type(new) is staticmethod and _is_users(new.__func__):
        made = run.swapped(new.__func__)(cls, *args, **kwargs)
    else:
        made = run.adopted(kind.__new__(kind, *args, **kwargs))
    real = unwrapped(made)
    if not isinstance(real, kind):
        return made
    init = run.static(type(real), "__init__")
    if _is_users(init):
        run.clone(init)(made, *args, **kwargs)
    else:
        type(real).__init__(real, *args, **kwargs)
    return made
