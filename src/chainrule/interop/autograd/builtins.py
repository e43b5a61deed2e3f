"""Containers of traced values: lists, tuples and dicts, and how they are told from each other."""

from __future__ import annotations

import builtins as python
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chainrule.interop.autograd.core import (  # noqa: F401  # some are here to be imported
    SparseObject,
    VSpace,
    defjvp,
    defjvp_argnum,
    defvjp,
    defvjp_argnum,
    vspace,
)
from chainrule.interop.autograd.following import followed_by_itself
from chainrule.interop.autograd.tracer import Box, notrace_primitive, primitive  # noqa: F401  # as above
from chainrule.interop.autograd.util import subvals

isinstance_, type_ = python.isinstance, python.type
tuple_, list_, dict_ = python.tuple, python.list, python.dict


@notrace_primitive
def isinstance(instance: Any, kind: Any) -> bool:
    """Whether the plain value of something, traced or not, is of a type."""
    return isinstance_(instance, kind)


@notrace_primitive
def type(instance: Any) -> Any:
    """The type of the plain value of something, traced or not."""
    return type_(instance)


@followed_by_itself
def container_take(A: Any, idx: Any) -> Any:
    """An item of a container."""
    return A[idx]


@followed_by_itself
def container_untake(x: Any, idx: Any, vs: Any) -> Any:
    """The container whose items are zero, but those taken."""
    if isinstance_(idx, slice):
        picked = list_(range(len(vs.shape)))[idx]
        return vs._map_with_index(lambda i, space: x[picked.index(i)] if i in picked else space.zeros())
    return vs._map_with_index(lambda i, space: x if i == idx else space.zeros())


@followed_by_itself
def make_sequence(seq_type: Any, *args: Any) -> Any:
    """A sequence of a type, of its items."""
    return seq_type(args)


@followed_by_itself
def sequence_extend_right(seq: Any, *elts: Any) -> Any:
    """A sequence with more items at its end."""
    return seq + type_(seq)(elts)


@followed_by_itself
def sequence_extend_left(seq: Any, *elts: Any) -> Any:
    """A sequence with more items before it."""
    return type_(seq)(elts) + seq


@followed_by_itself
def _make_dict(keys: Any, vals: Any) -> Any:
    return dict_(zip(keys, vals, strict=True))


def boxed(x: Any) -> Any:
    """A list, tuple or dict in which there are boxes as one box."""
    if type_(x) is dict_:
        return _make_dict(list_(x), boxed(list_(x.values())))
    if type_(x) in (list_, tuple_):
        return make_sequence(type_(x), *map(boxed, x))
    return x


def grad_container_take(ans: Any, A: Any, idx: Any) -> Callable[[Any], Any]:
    """The pull of `container_take`, as `defvjp` takes it."""
    space = vspace(A)
    return lambda g: container_untake(g, idx, space)


def grad_sequence_extend_right(argnum: int, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
    """The pull of `sequence_extend_right`, as `defvjp_argnum` takes it."""
    length = len(args[0])
    return lambda g: g[:length] if argnum == 0 else g[length + argnum - 1]


def grad_sequence_extend_left(argnum: int, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
    """The pull of `sequence_extend_left`, as `defvjp_argnum` takes it."""
    added = len(args) - 1
    return lambda g: g[added:] if argnum == 0 else g[argnum - 1]


def fwd_grad_make_sequence(argnum: int, g: Any, ans: Any, seq_type: Any, *args: Any, **kwargs: Any) -> Any:
    """The push of `make_sequence` for one of the items."""
    return container_untake(g, argnum - 1, vspace(ans))


class SequenceBox(Box):
    """The box of a list or tuple."""

    __slots__ = ()
    _holds_arrays = False

    __getitem__ = container_take

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self._value)))

    def __add__(self, other: Any) -> Any:
        return sequence_extend_right(self, *other)

    def __radd__(self, other: Any) -> Any:
        return sequence_extend_left(self, *other)

    def __contains__(self, elt: Any) -> bool:
        return elt in self._value

    def index(self, elt: Any) -> int:
        """Where an element stands."""
        return self._value.index(elt)  # type: ignore[no-any-return]  # the index of a list


SequenceBox.register(tuple_)
SequenceBox.register(list_)


class DictBox(Box):
    """The box of a dict."""

    __slots__ = ()
    _holds_arrays = False

    __getitem__ = container_take

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._value)

    def __contains__(self, elt: Any) -> bool:
        return elt in self._value

    def items(self) -> python.list[Any]:
        """Keys with values."""
        return list_(self.iteritems())

    def keys(self) -> python.list[Any]:
        """The keys."""
        return list_(self)

    def values(self) -> python.list[Any]:
        """The values, traced."""
        return list_(self.itervalues())

    def iteritems(self) -> Iterator[Any]:
        """Keys with values."""
        return ((key, self[key]) for key in self)

    def iterkeys(self) -> Iterator[Any]:
        """The keys."""
        return iter(self)

    def itervalues(self) -> Iterator[Any]:
        """The values, traced."""
        return (self[key] for key in self)

    def get(self, k: Any, d: Any = None) -> Any:
        """The value of a key, or a default."""
        return self[k] if k in self._value else d


DictBox.register(dict_)


class TupleMeta(python.type):
    """What makes tuples instances of `tuple`."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance_(instance, tuple_)


class tuple(python.tuple[Any, ...], metaclass=TupleMeta):
    """A tuple of traced values."""

    def __new__(cls, xs: Iterable[Any] = ()) -> Any:  # noqa: D102  # what the class says
        return make_sequence(tuple_, *xs)


class ListMeta(python.type):
    """What makes lists instances of `list`."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance_(instance, list_)


class list(python.list[Any], metaclass=ListMeta):
    """A list of traced values."""

    def __new__(cls, xs: Iterable[Any] = ()) -> Any:  # noqa: D102  # what the class says
        return make_sequence(list_, *xs)


class DictMeta(python.type):
    """What makes dicts instances of `dict`."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance_(instance, dict_)


class dict(python.dict[Any, Any], metaclass=DictMeta):
    """A dict of traced values."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102  # what the class says
        result = dict_(*args, **kwargs)
        return _make_dict(list_(result), make_sequence(list_, *result.values())) if result else result


class ContainerVSpace(VSpace):
    """The space of the containers like a given one: the product of the spaces of their items."""

    shape: Any

    def __init__(self, value: Any) -> None:
        self.shape = value
        self.shape = self._map(vspace)

    @property
    def size(self) -> Any:
        """The dimension."""
        return sum(vs.size for vs in self._values(self.shape))

    def zeros(self) -> Any:
        """The zero vector."""
        return self._map(lambda vs: vs.zeros())

    def ones(self) -> Any:
        """The sum of the standard basis."""
        return self._map(lambda vs: vs.ones())

    def randn(self) -> Any:
        """A random vector."""
        return self._map(lambda vs: vs.randn())

    def standard_basis(self) -> Iterator[Any]:
        """The vectors of the standard basis."""
        zero = self.zeros()
        for i, vs in self._kv_pairs(self.shape):
            for x in vs.standard_basis():
                yield self._subval(zero, i, x)

    def _add(self, x: Any, y: Any) -> Any:
        return self._map(lambda vs, a, b: vs._add(a, b), x, y)

    def _mut_add(self, x: Any, y: Any) -> Any:
        return self._map(lambda vs, a, b: vs._mut_add(a, b), x, y)

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return self._map(lambda vs, entry: vs._scalar_mul(entry, a), x)

    def _inner_prod(self, x: Any, y: Any) -> Any:
        return sum(self._values(self._map(lambda vs, a, b: vs._inner_prod(a, b), x, y)))

    def _covector(self, x: Any) -> Any:
        return self._map(lambda vs, entry: vs._covector(entry), x)

    def _values(self, x: Any) -> Iterable[Any]:
        raise NotImplementedError(f"{type_(self).__name__} does not say what its items are")

    def _kv_pairs(self, x: Any) -> Iterable[Any]:
        raise NotImplementedError(f"{type_(self).__name__} does not say what its items are")

    def _map(self, f: Callable[..., Any], *args: Any) -> Any:
        raise NotImplementedError(f"{type_(self).__name__} does not say what its items are")

    def _subval(self, xs: Any, idx: Any, x: Any) -> Any:
        raise NotImplementedError(f"{type_(self).__name__} does not say what its items are")

    def _map_with_index(self, f: Callable[[Any, Any], Any]) -> Any:
        result = self.zeros()
        for i, vs in self._kv_pairs(self.shape):
            result = self._subval(result, i, f(i, vs))
        return result


class SequenceVSpace(ContainerVSpace):
    """The space of sequences of a type."""

    seq_type: Any = None

    def _values(self, x: Any) -> Iterable[Any]:
        return x  # type: ignore[no-any-return]  # a sequence

    def _kv_pairs(self, x: Any) -> Iterable[Any]:
        return enumerate(x)

    def _map(self, f: Callable[..., Any], *args: Any) -> Any:
        return self.seq_type(map(f, self.shape, *args))

    def _subval(self, xs: Any, idx: Any, x: Any) -> Any:
        return self.seq_type(subvals(xs, [(idx, x)]))

    def _map_with_index(self, f: Callable[[Any, Any], Any]) -> Any:
        indices = range(len(self.shape))
        return self._map(lambda vs, i: f(i, vs), indices)


class ListVSpace(SequenceVSpace):
    """The space of the lists like a given one."""

    seq_type = list_


class TupleVSpace(SequenceVSpace):
    """The space of the tuples like a given one."""

    seq_type = tuple_


class DictVSpace(ContainerVSpace):
    """The space of the dicts like a given one."""

    def _values(self, x: Any) -> Iterable[Any]:
        return x.values()  # type: ignore[no-any-return]  # of a dict

    def _kv_pairs(self, x: Any) -> Iterable[Any]:
        return x.items()  # type: ignore[no-any-return]  # of a dict

    def _map(self, f: Callable[..., Any], *args: Any) -> Any:
        return {key: f(vs, *[x[key] for x in args]) for key, vs in self.shape.items()}

    def _subval(self, xs: Any, idx: Any, x: Any) -> Any:
        return {**xs, idx: x}


class NamedTupleVSpace(SequenceVSpace):
    """The space of the named tuples of a type."""

    def _map(self, f: Callable[..., Any], *args: Any) -> Any:
        return self.seq_type(*map(f, self.shape, *args))

    def _subval(self, xs: Any, idx: Any, x: Any) -> Any:
        return self.seq_type(*subvals(xs, [(idx, x)]))


ListVSpace.register(list_)
TupleVSpace.register(tuple_)
DictVSpace.register(dict_)
