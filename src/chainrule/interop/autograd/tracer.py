"""Values that are traced, and functions that are recorded.

Two things are traced here. Under `make_vjp`, `make_jvp` and what is made of them, values are chainrule's handles, and a
primitive is recorded as one operation. Under `trace(start_node, fun, x)`, which takes a node class of the caller's,
values are `Box`es, and each function of `autograd.numpy` and each primitive makes a node. To users both are boxes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from chainrule.api.bridging import (
    HANDLES,
    Handle,
    counterpart_of,
    is_traced,
    level_below,
    level_of,
    node_of,
    operation,
    plain_of,
)
from chainrule.interop.autograd.refusals import heed_refusals
from chainrule.interop.autograd.sparse_objects import dense
from chainrule.interop.autograd.statements import (
    constant_functions,
    notrace_primitives,
    primitive_jvps,
    primitive_vjps,
    stated,
)
from chainrule.interop.autograd.util import subvals, toposort
from chainrule.interop.autograd.wrap_util import wraps

# Types that boxes were registered for, beside those that chainrule traces by itself.
foreign_types: set[type] = set()


class Node:
    """What a trace records of one call; subclasses say what that is."""

    __slots__: Any = ()

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} does not say what it records of a call")

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Begin at the argument of the traced function."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it begins with")

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Any:
        """The node of the argument of the traced function."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


class TraceStack:
    """How many traces with nodes of the caller's are in progress."""

    def __init__(self) -> None:
        self.top = -1

    @contextmanager
    def new_trace(self) -> Iterator[int]:
        """One more trace, inside of those in progress."""
        self.top += 1
        try:
            yield self.top
        finally:
            self.top -= 1


trace_stack = TraceStack()

# The names that programs added to the boxes of arrays.
_added: set[str] = set()


# What makes the box of a value, by the type of the value; plain, for the look-up of each box that is made.
_box_makers: dict[type, Any] = {}


class BoxType(type):
    """What makes handles that carry a derivative instances of the box classes."""

    @property
    def type_mappings(cls) -> dict[type, Any]:
        """What makes the box of a value, by the type of the value; those of arrays and containers are loaded."""
        import_module("chainrule.interop.autograd.numpy.numpy_boxes")
        return _box_makers

    def __instancecheck__(cls, instance: Any) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        return is_traced(instance) and bool(cls.__dict__.get("_holds_arrays"))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return type.__subclasscheck__(cls, subclass) or cls._is_of_handles(subclass)

    def __eq__(cls, other: object) -> bool:
        # Programs ask whether `type(x) == ArrayBox`.
        return cls is other or cls._is_of_handles(other)

    __hash__ = type.__hash__

    def _is_of_handles(cls, kind: Any) -> bool:
        return isinstance(kind, type) and kind in HANDLES and bool(cls.__dict__.get("_holds_arrays"))

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        # What a program adds to the boxes of arrays is asked of handles.
        if cls.__dict__.get("_holds_arrays") and (name in _added or not hasattr(Handle, name)):
            _added.add(name)
            setattr(Handle, name, value)

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        if cls.__dict__.get("_holds_arrays") and name in _added:
            _added.remove(name)
            delattr(Handle, name)


class Box(metaclass=BoxType):
    """A traced value with its node, under a trace with nodes of the caller's."""

    types: ClassVar[set[type]] = set(HANDLES)

    __slots__ = ("_node", "_trace", "_value")

    __array_priority__ = 90.0
    _holds_arrays = True

    def __init__(self, value: Any, trace: int, node: Any) -> None:
        self._value = value
        self._node = node
        self._trace = trace

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return f"Autograd {type(self).__name__} with value {self._value!s}"

    @classmethod
    def register(cls, value_type: type) -> None:
        """Let values of a type be boxed in this class."""
        Box.types.add(cls)
        _box_makers[value_type] = cls
        _box_makers[cls] = cls
        if not cls.__module__.startswith(__name__.rpartition(".")[0]):
            foreign_types.add(value_type)


box_types = Box.types
# Given by the module's `__getattr__`.
box_type_mappings: dict[type, Any]


def __getattr__(name: str) -> Any:
    if name == "box_type_mappings":
        return Box.type_mappings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def new_box(value: Any, trace: int, node: Any) -> Any:
    """A box for a value."""
    try:
        return _box_makers[type(value)](value, trace, node)
    except KeyError:
        if type(value) in _box_makers:
            # It was raised by a box of the caller's.
            raise
        return _late_box(value, trace, node)


def _late_box(value: Any, trace: int, node: Any) -> Any:
    """A box of a type that comes with others, which are loaded then."""
    make = Box.type_mappings.get(type(value))
    if make is None:
        raise TypeError(
            f"can't differentiate w.r.t. type {type(value)}. Types that can be traced are floating-point numbers and "
            "arrays, lists, tuples and dicts of them, and those registered with `Box.register`."
        )
    return make(value, trace, node)


# The type that was entered last when `box_maker` looked.
_entered_last: Any = None


def box_maker(kind: type) -> Any:
    """What a program entered into `Box.type_mappings` for a type, or what makes its box; None if there is neither."""
    global _entered_last
    last = next(reversed(_box_makers), None)
    if last is not _entered_last:
        for entered in list(_box_makers):
            heed_refusals(entered)
        _entered_last = last
    return _box_makers.get(kind)


def isbox(x: Any) -> bool:
    """Whether something is traced: a box, or a handle that carries a derivative."""
    return is_traced(x) if isinstance(x, Handle) else type(x) in box_types


def getval(x: Any) -> Any:
    """The plain value of something traced, with every trace taken away."""
    while type(x) in box_types and not isinstance(x, Handle):
        x = x._value
    if isinstance(x, Handle):
        return plain_of(x)
    if type(x) in (list, tuple) and any(nature_of(item) for item in x):
        return type(x)(map(getval, x))
    if type(x) is dict and any(nature_of(item) for item in x.values()):
        return {key: getval(item) for key, item in x.items()}
    return x


def trace(start_node: Any, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Run a function of one argument, recording nodes of the class of `start_node`.

    Returns
    -------
    value, node
        What the function returned, and its node; None if it does not depend on the argument.
    """
    with trace_stack.new_trace() as number:
        start_box = new_box(x, number, start_node)
        end_box = boxed_container(fun(start_box))
        if type(end_box) in box_types and not isinstance(end_box, Handle) and end_box._trace == number:
            return end_box._value, end_box._node
        warn_independent()
        return end_box, None


def warn_independent() -> None:
    """Warn that a result has no derivative."""
    warnings.warn("Output seems independent of input.", stacklevel=3)


# What a value is: plain, a handle, or a box.
PLAIN, HANDLE, BOX = 0, 1, 2
PLAIN_TYPES = frozenset((np.ndarray, float, int, bool, complex, str, type(None), np.float64, slice, type, np.dtype))


def nature_of(x: Any) -> int:
    """What a value is, and of a container the most of what it holds."""
    kind = type(x)
    if kind in PLAIN_TYPES:
        return PLAIN
    if kind in HANDLES:
        return HANDLE
    if kind in box_types:
        return BOX
    if kind is list or kind is tuple:
        return max(map(nature_of, x), default=PLAIN)
    if kind is dict:
        return max(map(nature_of, x.values()), default=PLAIN)
    return HANDLE if isinstance(x, Handle) else PLAIN


def boxed_container(x: Any) -> Any:
    """A list, tuple or dict that holds boxes as a box of its own."""
    if type(x) in (list, tuple, dict) and nature_of(x) == BOX:
        from chainrule.interop.autograd.builtins import boxed

        return boxed(x)
    return x


def call_boxed(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function below the innermost of the traces among its arguments, and record the call there."""
    below = list(args)
    top = -1
    argnums: list[int] = []
    for argnum, arg in enumerate(args):
        kind = type(arg)
        if kind is list or kind is tuple or kind is dict:
            arg = below[argnum] = boxed_container(arg)
            kind = type(arg)
        if kind in box_types and kind not in HANDLES and arg._trace >= top:
            if arg._trace > top:
                top, argnums = arg._trace, []
            argnums.append(argnum)
    parents = [below[argnum]._node for argnum in argnums]
    for argnum in argnums:
        below[argnum] = below[argnum]._value
    node_constructor = type(parents[0])
    value = fun(*below, **kwargs)
    if fun in stated and fun in notrace_primitives[node_constructor]:
        return value
    return new_box(value, top, node_constructor(value, fun, tuple(below), kwargs, tuple(argnums), tuple(parents)))


class _Primitives(dict[Any, Any]):
    """What stands for functions, by function; for NumPy's it is made when it is asked for."""

    def __missing__(self, function: Any) -> Any:
        from chainrule.interop.autograd.numpy.wrapping import make_all

        make_all()
        if function not in self:
            raise KeyError(function)
        return self[function]


trace_primitives_map: dict[Any, Any] = _Primitives()


def primitive_for(function: Any) -> Any:
    """What stands for a function; None if nothing does."""
    try:
        return trace_primitives_map[function]
    except (KeyError, TypeError):
        return None


def primitive(f_raw: Callable[..., Any]) -> Any:
    """Make a function one operation, whose derivatives are defined with `defvjp` and `defjvp`.

    Called with traced arguments, alone or in lists, tuples and dicts, it runs on their plain values.

    Examples
    --------
    >>> from chainrule.interop.autograd import grad
    >>> from chainrule.interop.autograd.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    >>> grad(grad(cube))(2.0)
    np.float64(12.0)
    """

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        nature = PLAIN
        for arg in args:
            kind = type(arg)
            if kind in PLAIN_TYPES:
                continue
            if kind not in HANDLES:
                nature = max(nature, nature_of(arg))
            elif nature == PLAIN:
                nature = HANDLE
        if nature == PLAIN:
            return f_raw(*args, **kwargs)
        if nature == BOX:
            return call_boxed(f_wrapped, args, kwargs)
        record = f_wrapped.__dict__.get("_operation")
        if record is None or f_wrapped in constant_functions:
            return recorded(f_wrapped, args, kwargs)
        return record(args, kwargs)

    f_wrapped.fun = f_raw
    f_wrapped._is_autograd_primitive = True
    f_wrapped._rules = lambda: rules_of(f_wrapped)
    # What cannot be hashed cannot be looked up either.
    with suppress(TypeError):
        trace_primitives_map[f_raw] = f_wrapped
    return f_wrapped


def rules_of(fun: Any) -> tuple[Any, Any]:
    """The pull and the push of a primitive, as they are defined now."""
    vjp, jvp = primitive_vjps.get(fun), primitive_jvps.get(fun)
    known = fun.__dict__.get("_known_rules")
    if known is None or known[0] is not vjp or known[1] is not jvp:
        known = fun._known_rules = (vjp, jvp, (_pull_by(vjp), _push_by(jvp)))
    rules: tuple[Any, Any] = known[2]
    return rules


def _pull_by(vjp: Any) -> Any:
    if vjp is None:
        return None

    def pull(argnums: Sequence[int], ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
        vjps = vjp(argnums, ans, args, kwargs)
        return lambda g: map(dense, vjps(g))

    return pull


def _push_by(jvp: Any) -> Any:
    return None if jvp is None else lambda argnums, gs, ans, args, kwargs: jvp(argnums, gs, ans, args, kwargs)


def recorded(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a primitive with handles among its arguments."""
    if fun in constant_functions and fun in notrace_primitives[_node_class(args)]:
        return fun.fun(*map(getval, args), **kwargs)
    return _operation_of(fun)(args, kwargs)


def _node_class(args: Any) -> type:
    """The class of the nodes of the innermost trace among the arguments."""
    from chainrule.interop.autograd.recorded_nodes import class_of_nodes

    innermost: Any = max(_traced_handles(args), key=level_of, default=None)
    return class_of_nodes(None if innermost is None else node_of(innermost))


def _traced_handles(x: Any) -> Iterator[Any]:
    if isinstance(x, Handle):
        if is_traced(x):
            yield x
    elif type(x) in (list, tuple):
        for item in x:
            yield from _traced_handles(item)
    elif type(x) is dict:
        yield from _traced_handles(list(x.values()))


def _operation_of(fun: Any) -> Callable[..., Any]:
    """The operation that a primitive is recorded as, made when that happens first."""
    known: Callable[..., Any] | None = fun.__dict__.get("_operation")
    if known is None:
        raw = fun.fun
        known = fun._operation = operation(getattr(raw, "__name__", type(raw).__name__), raw, fun._rules)
    return known


def register_notrace(trace_type: Any, primitive_fun: Any) -> None:
    """Say that a primitive's result is constant in traces with a class of nodes."""
    notrace_primitives[trace_type].add(primitive_fun)


def notrace_primitive(f_raw: Callable[..., Any]) -> Any:
    """A function that sees the plain values of its arguments, and whose result is constant."""

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*map(getval, args), **kwargs)

    f_wrapped._is_primitive = True
    return f_wrapped


def find_top_boxed_args(args: Sequence[Any]) -> tuple[list[tuple[int, Any]], int, Any, bool]:
    """The arguments of the innermost trace with their numbers, that trace, and the class of its nodes."""
    traced = [(argnum, arg) for argnum, arg in enumerate(args) if isbox(arg)]
    top = max((arg._trace for _, arg in traced), default=-1)
    boxes = [(argnum, arg) for argnum, arg in traced if arg._trace == top]
    return boxes, top, type(boxes[0][1]._node) if boxes else None, False


def _node_of_handle(x: Any) -> Any:
    from chainrule.interop.autograd.recorded_nodes import as_autograd_has_it

    return as_autograd_has_it(node_of(x), level_of(x))


def _peak_to_peak(x: Any, *args: Any, **kwargs: Any) -> Any:
    return counterpart_of(np.ptp)(x, *args, **kwargs)


# A handle answers to the attributes of a box, and to the one method that boxes of arrays have and NumPy's have not.
setattr(Handle, "ptp", _peak_to_peak)  # noqa: B010  # not among its typed names
for _name, _answer in (("_value", level_below), ("_node", _node_of_handle), ("_trace", level_of)):
    setattr(Handle, _name, property(_answer))

__all__ = [
    "Box",
    "Node",
    "TraceStack",
    "box_type_mappings",
    "box_types",
    "find_top_boxed_args",
    "getval",
    "isbox",
    "new_box",
    "notrace_primitive",
    "notrace_primitives",
    "primitive",
    "register_notrace",
    "subvals",
    "toposort",
    "trace",
    "trace_primitives_map",
    "trace_stack",
    "wraps",
]
