"""The vector spaces of values: how vectors of a type are added, scaled and made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from chainrule.api.bridging import Handle
from chainrule.interop.autograd.following import followed
from chainrule.interop.autograd.late_entries import LateEntries
from chainrule.interop.autograd.tracer import getval, isbox


class VSpace:
    """The vector space of the values like a given one: how they are added, scaled and made.

    Subclasses say so for a type, in `_add`, `_mut_add`, `_scalar_mul`, `_inner_prod` and `_covector`, and are entered
    for it with `register`.
    """

    __slots__: Any = ()
    # Those of arrays and containers come with theirs.
    mappings: ClassVar[dict[type, Callable[[Any], Any]]] = LateEntries("chainrule.interop.autograd.numpy.numpy_vspaces")
    iscomplex = False

    def __init__(self, value: Any) -> None:
        pass

    def zeros(self) -> Any:
        """The zero vector."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its zeros are")

    def ones(self) -> Any:
        """The sum of the standard basis."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its ones are")

    def standard_basis(self) -> Iterator[Any]:
        """The vectors of the standard basis."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its basis is")

    def randn(self) -> Any:
        """A random vector."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to draw from it")

    def add(self, x_prev: Any, x_new: Any) -> Any:
        """x + y."""
        return _add(self, x_prev, x_new)

    def mut_add(self, x_prev: Any, x_new: Any) -> Any:
        """x + y, in the memory of x, or in new memory if x is None."""
        return _mut_add(self, x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """a x."""
        return _scalar_mul(self, x, a)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """⟨x, y⟩."""
        return _inner_prod(self, x, y)

    def covector(self, x: Any) -> Any:
        """The cotangent that a vector stands for."""
        return _covector(self, x)

    def _add(self, x: Any, y: Any) -> Any:
        return x + y

    def _mut_add(self, x: Any, y: Any) -> Any:
        x += y
        return x

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return x * a

    def _inner_prod(self, x: Any, y: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say what its inner product is")

    def _covector(self, x: Any) -> Any:
        return x

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}_{self.__dict__}"

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], Any] | None = None) -> None:
        """Let values of a type be vectors of this space, or of the one that a maker gives for them."""
        VSpace.mappings[value_type] = vspace_maker or cls


# The operations, as functions that are differentiated by what they do.
def _linear_operation(name: str) -> Callable[..., Any]:
    def operation(vs: Any, *xs: Any) -> Any:
        return getattr(vs, name)(*xs)

    operation.__name__ = name.removeprefix("_")
    return followed(operation, operation)


_add, _scalar_mul, _inner_prod, _covector = map(_linear_operation, ("_add", "_scalar_mul", "_inner_prod", "_covector"))


def mut_add(vs: Any, x_prev: Any, x_new: Any) -> Any:
    return vs._mut_add(vs.zeros() if x_prev is None else x_prev, x_new)


_mut_add = followed(mut_add, lambda vs, x_prev, x_new: x_new if x_prev is None else vs._add(x_prev, x_new))


def vspace(value: Any) -> Any:
    """The vector space that a value is of."""
    try:
        maker = VSpace.mappings[type(value)]
    except KeyError:
        return _vspace_below(value)
    return maker(value)


def _vspace_below(value: Any) -> Any:
    """The space of the value of a box, whose own type has none."""
    if isbox(value) or isinstance(value, Handle):
        return vspace(getval(value))
    raise TypeError(
        f"there is no vector space for {value!r} of type {type(value)}: vectors are floating-point numbers and arrays, "
        "lists, tuples and dicts of them, and values of types that were registered with `VSpace.register`."
    ) from None


__all__ = ["VSpace", "vspace"]
