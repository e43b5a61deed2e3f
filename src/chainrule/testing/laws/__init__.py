"""The laws that hold for every operation, each a function that raises `LawError` for a case that breaks it.

| law | compares |
| --- | --- |
| value | the traced value with NumPy's, bit by bit, in every way of tracing |
| infer | the shape and dtype that each op infers with what came out |
| special | values at NaN, infinities, zeros; derivatives there do not warn |
| layout | values and gradients of transposed, strided and reversed arrays with those of contiguous ones |
| tangent | the push with the complex step or central differences |
| adjoint | the pull with the push: Re Σ pull(ȳ)·ẋ = Re Σ ȳ·push(ẋ) |
| gradient | shape, dtype and memory of a gradient with those of its argument |
| second order | the derivative of the derivative with differences, in all four combinations of modes |
| tensor | the pull on tensors with flatten, Jacobianᵀ·gradient, reshape |
| batch | vmap with a Python loop |
| code | compiled functions, pulls and pushes with uncompiled ones, where recorded and elsewhere |
"""

from collections.abc import Callable, Iterator

from chainrule.testing.laws.adjoint import adjoint, gradient
from chainrule.testing.laws.batch import batch
from chainrule.testing.laws.code import code
from chainrule.testing.laws.inference import infer
from chainrule.testing.laws.second_order import second_order
from chainrule.testing.laws.tangent import tangent
from chainrule.testing.laws.tensor import tensor
from chainrule.testing.laws.value import layout, special, value
from chainrule.testing.sample import Case

Law = Callable[[Case], None]

# Those that hold of any function, and of one that has derivatives of first and second order.
_OF_VALUES: tuple[Law, ...] = (value, infer, batch)
_OF_DERIVATIVES: tuple[Law, ...] = (tangent, adjoint, gradient)
# Those that say nothing more in single precision.
_IN_DOUBLE: tuple[Law, ...] = (tensor, layout)


def laws_for(case: Case) -> Iterator[Law]:
    """The laws that apply to a case."""
    yield from _OF_VALUES
    if case.is_first and not case.is_single:
        yield code
    if len(case.sample.special) and case.is_first:
        yield special
    if case.sample.order >= 1:
        yield from _OF_DERIVATIVES
        if not case.is_single:
            yield from _IN_DOUBLE
    if case.sample.order >= 2 and not case.is_single:
        yield second_order


def check_laws(case: Case) -> None:
    """Check every law that applies to a case, and report all that do not hold.

    Raises
    ------
    LawError
        A law does not hold, or whatever else its check raised; several of them as an `ExceptionGroup`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.testing.sample import Sample
    >>> for case in Sample(np.tanh, shapes=[(3,)]).cases():
    ...     check_laws(case)
    """
    broken = []
    for law in laws_for(case):
        try:
            law(case)
        except Exception as error:
            error.add_note(f"in the law `{law.__name__}`, for {case}")
            broken.append(error)
    if len(broken) == 1:
        raise broken[0]
    if broken:
        raise ExceptionGroup(f"{len(broken)} laws do not hold for {case}", broken)


__all__ = [
    "Law",
    "adjoint",
    "batch",
    "check_laws",
    "code",
    "gradient",
    "infer",
    "laws_for",
    "layout",
    "second_order",
    "special",
    "tangent",
    "tensor",
    "value",
]
