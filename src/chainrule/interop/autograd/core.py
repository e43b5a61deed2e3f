"""Derivatives of functions of one argument, the rules of primitives, and sums of derivatives, sparse ones too."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import count
from typing import Any

from chainrule.api.bridging import Run, pushed
from chainrule.interop.autograd.sparse_objects import SparseObject
from chainrule.interop.autograd.statements import primitive_jvps, primitive_vjps
from chainrule.interop.autograd.tracer import (
    Box,
    BoxType,
    Node,
    box_maker,
    foreign_types,
    getval,
    isbox,
    primitive,
    toposort,
    trace,
    trace_stack,
    warn_independent,
)
from chainrule.interop.autograd.util import func, subval, subvals
from chainrule.interop.autograd.vector_spaces import VSpace, vspace

# -------------------- reverse mode --------------------


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """Run a function of one argument and return the pull (Jacobian-transpose times cotangent) and the result."""
    if _needs_boxes(x):
        return _make_vjp_with_boxes(fun, x)
    run = Run(fun, x)
    if not run.depends:
        warn_independent()
        return lambda g: vspace(x).zeros(), run.value()
    return run.pull, run.value()


def _needs_boxes(x: Any) -> bool:
    """Whether a derivative is taken inside of a trace with the caller's nodes, or among values of the caller's."""
    return _is_boxed_by_the_caller(x) or bool(foreign_types) or trace_stack.top >= 0


def _is_boxed_by_the_caller(x: Any) -> bool:
    """Whether a function that the caller put into `Box.type_mappings` makes another box than autograd's of a value.

    It may refuse the value, as PennyLane's does of an array that is marked as constant; so it is asked in any case.
    """
    kind = type(x)
    if kind in (tuple, list):
        return any(map(_is_boxed_by_the_caller, x))
    if kind is dict:
        return any(map(_is_boxed_by_the_caller, x.values()))
    make = box_maker(kind)
    if make is None or isinstance(make, BoxType):
        return False
    return not type(make(x, trace_stack.top + 1, None)).__dict__.get("_holds_arrays")


def _make_vjp_with_boxes(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    end_value, end_node = trace(VJPNode.new_root(), fun, x)
    if end_node is None:
        return lambda g: vspace(x).zeros(), end_value
    return lambda g: backward_pass(g, end_node), end_value


def backward_pass(g: Any, end_node: Any) -> Any:
    """Pull a cotangent from a node back to the root that it was made from."""
    # As in `toposort`, and written out: this is the loop of the programs that call it.
    uses: dict[Any, int] = {end_node: 1}
    stack = [end_node]
    while stack:
        for parent in stack.pop().parents:
            if parent in uses:
                uses[parent] += 1
            else:
                uses[parent] = 1
                stack.append(parent)
    outgrads: dict[Any, Any] = {end_node: (g, False)}
    outgrad: Any = None
    ready = [end_node]
    while ready:
        node = ready.pop()
        outgrad = outgrads.pop(node)[0]
        for parent, ingrad in zip(node.parents, node.vjp(outgrad), strict=False):
            if parent in outgrads or type(ingrad) in sparse_object_types:
                outgrads[parent] = add_outgrads(outgrads.get(parent), ingrad)
            else:
                outgrads[parent] = (ingrad, False)
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)
    if any(uses[node] for node in uses if node is not end_node):
        raise ValueError("the VJP of a primitive returned fewer cotangents than arguments that it was asked for")
    return outgrad


class VJPNode(Node):
    """The node of reverse mode: its parents, and the pull to them."""

    __slots__ = ("parents", "vjp")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.parents = parents
        self.vjp = _rule(primitive_vjps, "VJP", fun, parent_argnums)(parent_argnums, value, args, kwargs)

    def initialize_root(self) -> None:
        """Begin at the argument."""
        self.parents = []
        self.vjp = lambda g: ()


def _rule(rules: Any, what: str, fun: Any, argnums: Any) -> Any:
    try:
        return rules[fun]
    except KeyError:
        name = getattr(fun, "__name__", fun)
        raise NotImplementedError(f"{what} of {name} wrt argnums {argnums} not defined") from None


def defvjp_argnums(fun: Any, vjpmaker: Callable[..., Any]) -> None:
    """State the pull of a primitive: `vjpmaker(argnums, ans, args, kwargs)(g)` gives a cotangent for each argnum."""
    primitive_vjps[fun] = vjpmaker


def defvjp_argnum(fun: Any, vjpmaker: Callable[..., Any]) -> None:
    """State the pull of a primitive: `vjpmaker(argnum, ans, args, kwargs)(g)` gives the cotangent of one argument."""

    def vjp_argnums(argnums: Sequence[int], *args: Any) -> Callable[[Any], Iterable[Any]]:
        vjps = [vjpmaker(argnum, *args) for argnum in argnums]
        return lambda g: tuple([vjp(g) for vjp in vjps])

    defvjp_argnums(fun, vjp_argnums)


def defvjp(fun: Any, *vjpmakers: Any, **kwargs: Any) -> None:
    """State the pull of a primitive, by one `vjpmaker(ans, *args, **kwargs)(g)` for each argument.

    None says that the derivative is zero; `argnums` says which arguments the makers belong to, the first by default.

    Examples
    --------
    >>> from chainrule.interop.autograd import grad
    >>> @primitive
    ... def scaled(x, a):
    ...     return a * x
    >>> defvjp(scaled, lambda ans, x, a: lambda g: a * g, None)
    >>> grad(scaled)(1.0, 3.0)
    np.float64(3.0)
    """
    makers = {
        argnum: _translated_vjp(maker, fun, argnum)
        for argnum, maker in zip(kwargs.get("argnums", count()), vjpmakers, strict=False)
    }

    def vjp_argnums(argnums: Sequence[int], ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Iterable[Any]]:
        if len(argnums) == 1 and argnums[0] in makers:
            alone = makers[argnums[0]](ans, *args, **kwargs)
            return lambda g: (alone(g),)
        missing = [argnum for argnum in argnums if argnum not in makers]
        if missing:
            raise NotImplementedError(f"VJP of {getattr(fun, '__name__', fun)} wrt argnums {missing} not defined")
        vjps = [makers[argnum](ans, *args, **kwargs) for argnum in argnums]
        return lambda g: tuple([vjp(g) for vjp in vjps])

    defvjp_argnums(fun, vjp_argnums)


def _translated_vjp(maker: Any, fun: Any, argnum: int) -> Any:
    if maker is None:
        return lambda ans, *args, **kwargs: lambda g: vspace(args[argnum]).zeros()
    if callable(maker):
        return maker
    raise TypeError(f"the VJP of {getattr(fun, '__name__', fun)} is {maker!r}, which is not a function or None")


translate_vjp = _translated_vjp

# -------------------- forward mode --------------------


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The push (Jacobian times tangent) of a function of one argument, as a function that gives (result, tangent)."""

    def jvp(g: Any) -> tuple[Any, Any]:
        if _needs_boxes(x):
            end_value, end_node = trace(JVPNode.new_root(g), fun, x)
            return (end_value, vspace(end_value).zeros()) if end_node is None else (end_value, end_node.g)
        y, y_dot, depends = pushed(fun, x, g)
        if not depends:
            warn_independent()
            return y, vspace(y).zeros()
        return y, y_dot

    return jvp


class JVPNode(Node):
    """The node of forward mode: the tangent."""

    __slots__ = ("g",)

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        jvpmaker = _rule(primitive_jvps, "JVP", fun, parent_argnums)
        self.g = jvpmaker(parent_argnums, [parent.g for parent in parents], value, args, kwargs)

    def initialize_root(self, g: Any) -> None:
        """Begin with the tangent of the argument."""
        self.g = g


def defjvp_argnums(fun: Any, jvpmaker: Callable[..., Any]) -> None:
    """State the push of a primitive: `jvpmaker(argnums, gs, ans, args, kwargs)` gives the tangent of the result."""
    primitive_jvps[fun] = jvpmaker


def defjvp_argnum(fun: Any, jvpmaker: Callable[..., Any]) -> None:
    """State the push of a primitive, for one argument: `jvpmaker(argnum, g, ans, args, kwargs)`."""

    def jvp_argnums(argnums: Sequence[int], gs: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        return sum_outgrads([jvpmaker(argnum, g, ans, args, kwargs) for argnum, g in zip(argnums, gs, strict=False)])

    defjvp_argnums(fun, jvp_argnums)


def defjvp(fun: Any, *jvpfuns: Any, **kwargs: Any) -> None:
    """State the push of a primitive, by one `jvpfun(g, ans, *args, **kwargs)` for each argument.

    None says that the derivative is zero, `"same"` that the function is linear in the argument.
    """
    pushes = {
        argnum: _translated_jvp(jvpfun, fun, argnum)
        for argnum, jvpfun in zip(kwargs.get("argnums", count()), jvpfuns, strict=False)
    }

    def jvp_argnums(argnums: Sequence[int], gs: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        missing = [argnum for argnum in argnums if argnum not in pushes]
        if missing:
            raise NotImplementedError(f"JVP of {getattr(fun, '__name__', fun)} wrt argnums {missing} not defined")
        return sum_outgrads([pushes[argnum](g, ans, *args, **kwargs) for argnum, g in zip(argnums, gs, strict=False)])

    defjvp_argnums(fun, jvp_argnums)


def _translated_jvp(jvpfun: Any, fun: Any, argnum: int) -> Any:
    if jvpfun is None:
        return lambda g, ans, *args, **kwargs: vspace(ans).zeros()
    if isinstance(jvpfun, str) and jvpfun == "same":
        return lambda g, ans, *args, **kwargs: fun(*subval(args, argnum, g), **kwargs)
    if callable(jvpfun):
        return jvpfun
    raise TypeError(
        f"the JVP of {getattr(fun, '__name__', fun)} is {jvpfun!r}, which is not a function, 'same' or None"
    )


translate_jvp = _translated_jvp


def def_linear(fun: Any) -> None:
    """State that a primitive is linear in each of its arguments."""
    defjvp_argnum(fun, lambda argnum, g, ans, args, kwargs: fun(*subval(args, argnum, g), **kwargs))


# -------------------- sums of derivatives --------------------


class SparseBox(Box):
    """The box of a sparse vector."""

    __slots__ = ()
    _holds_arrays = False


VSpace.register(SparseObject, lambda x: x.vs)
SparseBox.register(SparseObject)
sparse_object_types = {SparseObject, SparseBox}


def sparse_add(vs: Any, x_prev: Any, x_new: Any) -> Any:
    """Add a sparse vector to another one, in place."""
    return _sparse_add(vs, x_prev, x_new)


@primitive
def _sparse_add(vs: Any, x_prev: Any, x_new: Any) -> Any:
    return x_new.mut_add(vs.zeros() if x_prev is None else x_prev)


def _identity_vjp(argnums: Any, *args: Any) -> Callable[[Any], Any]:
    return lambda g: g


defvjp(_sparse_add, None, _identity_vjp, _identity_vjp)
defjvp(_sparse_add, None, lambda g, *args, **kwargs: g, lambda g, *args, **kwargs: g)


def add_outgrads(prev_g_flagged: Any, g: Any) -> tuple[Any, bool]:
    """Add a derivative to a sum of them; the sum is given and returned with whether it may be overwritten."""
    sparse = type(g) in sparse_object_types
    if not prev_g_flagged:
        return (sparse_add(vspace(g), None, g), True) if sparse else (g, False)
    vs = vspace(g)
    prev_g, mutable = prev_g_flagged
    if sparse:
        return sparse_add(vs, prev_g if mutable else vs.mut_add(None, prev_g), g), True
    return (vs.mut_add if mutable else vs.add)(prev_g, g), True


def sum_outgrads(gs: Iterable[Any]) -> Any:
    """The sum of derivatives."""
    return reduce(add_outgrads, gs, None)[0]


identity_vjp = _identity_vjp


def identity_jvp(g: Any, *args: Any, **kwargs: Any) -> Any:
    """The push of a function that gives its argument back."""
    return g


# -------------------- the old ways to state a rule --------------------


deprecated_defvjp_message = "`{}` of a primitive is deprecated: use `autograd.extend.defvjp`"


def _warn_deprecated(name: str) -> None:
    warnings.warn(deprecated_defvjp_message.format(name), stacklevel=3)


def deprecated_defvjp(primitive_fun: Any) -> Callable[..., None]:
    """`f.defvjp(vjpmaker, argnum)`, with `vjpmaker(g, ans, vs, gvs, *args, **kwargs)`."""
    makers: dict[int, Any] = {}

    def defvjp_unstaged(vjpmaker: Any, argnum: int = 0) -> None:
        _warn_deprecated("defvjp")

        def staged(ans: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
            return lambda g: vjpmaker(g, ans, vspace(args[argnum]), vspace(g), *args, **kwargs)

        makers[argnum] = staged
        defvjp(primitive_fun, *makers.values(), argnums=list(makers))

    return defvjp_unstaged


def deprecated_defvjp_is_zero(primitive_fun: Any) -> Callable[..., None]:
    """`f.defvjp_is_zero(argnums)`."""
    zeros: set[int] = set()

    def defvjp_is_zero(argnums: Iterable[int] = (0,)) -> None:
        _warn_deprecated("defvjp_is_zero")
        zeros.update(argnums)
        defvjp(primitive_fun, *[None] * len(zeros), argnums=sorted(zeros))

    return defvjp_is_zero


def deprecated_defgrad(primitive_fun: Any) -> Callable[..., None]:
    """`f.defgrad(gradfun, argnum)`, with `gradfun(ans, *args, **kwargs)(g)`."""
    makers: dict[int, Any] = {}

    def defgrad(gradfun: Any, argnum: int = 0) -> None:
        _warn_deprecated("defgrad")
        makers[argnum] = gradfun
        defvjp(primitive_fun, *makers.values(), argnums=list(makers))

    return defgrad


primitive_ = primitive


def primitive_with_deprecation_warnings(f_raw: Callable[..., Any]) -> Any:
    """`primitive`, with the old ways to state a rule as attributes."""
    f_wrapped: Any = primitive_(f_raw)
    f_wrapped.defvjp = deprecated_defvjp(f_wrapped)
    f_wrapped.defvjp_is_zero = deprecated_defvjp_is_zero(f_wrapped)
    f_wrapped.defgrad = deprecated_defgrad(f_wrapped)
    return f_wrapped


primitive = primitive_with_deprecation_warnings

__all__ = [
    "Box",
    "JVPNode",
    "Node",
    "SparseBox",
    "SparseObject",
    "VJPNode",
    "VSpace",
    "add_outgrads",
    "backward_pass",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "func",
    "getval",
    "isbox",
    "make_jvp",
    "make_vjp",
    "primitive",
    "primitive_jvps",
    "primitive_vjps",
    "sparse_add",
    "subval",
    "subvals",
    "sum_outgrads",
    "toposort",
    "trace",
    "vspace",
]
