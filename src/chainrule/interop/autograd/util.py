"""Small functions on tuples and graphs that extensions of autograd import."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any


def subvals(x: Iterable[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A tuple with some entries replaced, given as pairs of index and value."""
    entries = list(x)
    for i, v in ivs:
        entries[i] = v
    return tuple(entries)


def subval(x: Iterable[Any], i: int, v: Any) -> tuple[Any, ...]:
    """A tuple with one entry replaced."""
    return subvals(x, ((i, v),))


def func(f: Any) -> Any:
    """The function of a method that was looked up on its class: itself."""
    return f


def toposort(end_node: Any, parents: Callable[[Any], Sequence[Any]] = operator.attrgetter("parents")) -> Iterator[Any]:
    """The nodes that a node was made from, each before its parents."""
    waiting: dict[Any, int] = {}
    stack = [end_node]
    while stack:
        node = stack.pop()
        if node in waiting:
            waiting[node] += 1
        else:
            waiting[node] = 1
            stack += parents(node)
    ready = [end_node]
    while ready:
        node = ready.pop()
        yield node
        for parent in parents(node):
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)


deprecation_msg = "quick_grad_check is deprecated: use `autograd.test_util.check_grads`"


def quick_grad_check(
    fun: Callable[..., Any],
    arg0: Any,
    extra_args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    verbose: bool = True,
    eps: float = 1e-4,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    rs: Any = None,
) -> None:
    """Compare the gradient with respect to the first argument with finite differences; use `check_grads` instead."""
    warnings.warn(deprecation_msg, stacklevel=2)
    from chainrule.interop.autograd.test_util import check_grads

    check_grads(lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(arg0)


__all__ = ["deprecation_msg", "func", "quick_grad_check", "subval", "subvals", "toposort"]
