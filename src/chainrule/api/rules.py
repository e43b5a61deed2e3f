"""The rules that a user states for a custom operation, called with what they take and checked in what they return."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType
from typing import Any

import numpy as np

from chainrule.api.results import value_of_leaf
from chainrule.api.trees import LEAF, brief, flatten, paths, unflatten
from chainrule.errors import RuleError
from chainrule.graph.position import describe, described_function, here
from chainrule.jacobians.zeros import ZERO
from chainrule.numpy.handle import Array, Scalar
from chainrule.numpy.operands import converted
from chainrule.numpy.swap import opened
from chainrule.trace import Value

Function = Callable[..., Any]

# What a rule takes before the operands.
_LEADING = {"partials": ("y",), "push": ("x_dots", "y"), "pull": ("y_bar", "y")}

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Rule:
    """A rule that a user stated.

    It runs on plain arrays of its own if nothing carries a derivative or lanes, so it may call foreign code; otherwise
    over our NumPy, and so is differentiated and batched like any function.
    """

    def __init__(self, kind: str, function: Function, name: str, signature: inspect.Signature | None) -> None:
        self.kind = kind
        self.function = function
        self.name = name
        self.operand_names = operand_names(signature)
        self._check_signature(signature)
        self._unread = _unread_positions(function)

    @property
    def described(self) -> str:
        """How messages name the rule: its kind, its name and where it stands."""
        return f"the {self.kind} {described_function(self.function)} of `{self.name}`"

    def reads(self, what: str) -> bool:
        """Whether the rule reads the result, or any operand: a parameter whose name begins with `_` it does not."""
        leading = len(_LEADING[self.kind])
        if what == "output":
            return leading - 1 not in self._unread
        names = _positional_names(self.function)
        return names is None or any(k not in self._unread for k in range(leading, len(names)))

    def partials(self, y: Any, operands: Sequence[Any], params: dict[str, Any], like: Any) -> list[Any]:
        """One partial derivative for each operand, each of which is one array."""
        result = self._run(operands[:0], y, operands, params)
        entries = self._entries(result, len(operands))
        return [
            ZERO if entry is None else self._partial(entry, like, self.operand_names(k))
            for k, entry in enumerate(entries)
        ]

    def push(
        self, x_dots: Any, y: Any, operands: Any, params: dict[str, Any], structure: Any, like: Sequence[Any]
    ) -> list[Any]:
        """One tangent for each result."""
        result = self._run((tuple(x_dots),), y, operands, params)
        if result is None:
            return [ZERO] * len(like)
        return self._checked(result, structure, like, "the tangent of the result", "the result")

    def pull(
        self, y_bar: Any, y: Any, operands: Any, params: dict[str, Any], structures: Sequence[Any], like: Sequence[Any]
    ) -> list[Any]:
        """One cotangent for each leaf of the operands."""
        result = self._run((y_bar,), y, operands, params)
        entries = self._entries(result, len(structures), structures)
        x_bars: list[Any] = []
        for k, (entry, structure) in enumerate(zip(entries, structures, strict=True)):
            leaves = like[len(x_bars) : len(x_bars) + structure.num_leaves]
            name = self.operand_names(k)
            if entry is None:
                x_bars += [ZERO] * len(leaves)
            else:
                x_bars += self._checked(entry, structure, leaves, f"the cotangent of `{name}`", f"`{name}`")
        return x_bars

    def _run(self, leading: Sequence[Any], y: Any, operands: Sequence[Any], params: dict[str, Any]) -> Any:
        """The rule's own result; what it does not read arrives as None."""
        given = [None if k in self._unread else argument for k, argument in enumerate((*leading, y, *operands))]
        leaves, structure = flatten(given)
        if any(type(leaf) is Value for leaf in leaves):
            return opened(self.function)(*unflatten(structure, [_handle(leaf) for leaf in leaves]), **params)
        return self.function(*unflatten(structure, [np.array(leaf)[()] for leaf in leaves]), **params)

    def _entries(self, result: Any, count: int, structures: Sequence[Any] | None = None) -> Sequence[Any]:
        """What the rule returned for each operand; for the only one it may stand alone."""
        if count == 1 and (
            not isinstance(result, tuple) or (structures is not None and flatten(result)[1] == structures[0])
        ):
            return (result,)
        if isinstance(result, (tuple, list)) and len(result) == count:
            return result
        got = f"{len(result)} entries" if isinstance(result, (tuple, list)) else f"a {type(result).__name__}"
        names = ", ".join(map(self.operand_names, range(count)))
        raise RuleError(
            f"{self.described} returned the wrong number of derivatives.\n"
            f"  expected: a tuple of {count}, one for each operand ({names}); None for one without\n"
            f"  got:      {got}"
        )

    def _checked(self, tree: Any, structure: Any, like: Sequence[Any], what: str, where: str) -> list[Any]:
        """The leaves of what a rule returned, each of the shape and dtype of its counterpart."""
        try:
            # None in the place of a leaf stands for a derivative that is zero.
            leaves = structure.flatten_up_to(tree)
        except ValueError:
            leaves = [tree]
        given = flatten(tree)[1]
        if len(leaves) != len(like) or any(leaf is not None and flatten(leaf)[1] != LEAF for leaf in leaves):
            raise RuleError(
                f"{self.described} returned {what} in another structure than {where}.\n"
                f"  expected: {brief(structure)}\n"
                f"  got:      {brief(given)}"
            )
        names = paths(unflatten(structure, range(len(like))))
        return [
            ZERO if leaf is None else self._leaf(leaf, counterpart, what + name)
            for leaf, counterpart, name in zip(leaves, like, names, strict=True)
        ]

    def _leaf(self, leaf: Any, like: Any, what: str) -> Any:
        if like.dtype.kind not in "fc":
            # An integer has no tangent: whatever stands in its place is not used.
            return ZERO
        value = _number_like(leaf, like.dtype) if not like.shape else value_of_leaf(leaf)
        if getattr(value, "shape", None) == tuple(like.shape) and value.dtype == like.dtype:
            # In memory of its own: the rule may give out an array again, or write to it.
            return np.array(value) if isinstance(value, np.ndarray) else value
        raise self._wrong(what, like.dtype, like.shape, leaf, "")

    def _partial(self, leaf: Any, like: Any, name: str) -> Any:
        """A partial: of the dtype of the result, or booleans or integers, in a shape that broadcasts to it."""
        value = _number_like(leaf, like.dtype)
        kind = getattr(getattr(value, "dtype", None), "kind", "O")
        if kind in "biu" or (kind == "f" and like.dtype.kind == "c"):
            value = converted(value, like.dtype)
        if getattr(value, "dtype", None) == like.dtype and _broadcasts(value.shape, tuple(like.shape)):
            return value
        what = f"the partial with respect to `{name}`"
        raise self._wrong(what, like.dtype, like.shape, leaf, ", or what broadcasts to it")

    def _wrong(self, what: str, dtype: Any, shape: Sequence[int], got: Any, more: str) -> RuleError:
        value = value_of_leaf(got)
        found = f"{value.dtype}{list(value.shape)}" if hasattr(value, "dtype") else f"a {type(got).__name__}"
        return RuleError(
            f"{self.described} returned {what} with the wrong shape or dtype.\n"
            f"  expected: {dtype}{list(shape)}{more}\n"
            f"  got:      {found}"
        )

    def _check_signature(self, signature: inspect.Signature | None) -> None:
        """Raise unless the rule can be called with what it will be given."""
        if signature is None:
            return
        parameters = signature.parameters.values()
        if any(p.kind is p.VAR_POSITIONAL for p in parameters):
            return
        operands = [p.name for p in parameters if p.kind in _POSITIONAL]
        keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        try:
            inspect.signature(self.function).bind(*_LEADING[self.kind], *operands, **dict.fromkeys(keywords))
        except TypeError as error:
            wanted = ", ".join((*_LEADING[self.kind], *operands, *(["*"] if keywords else []), *keywords))
            raise RuleError(
                f"{self.described} does not take what it will be given: {error}.{describe(here())}\n"
                f"  expected: ({wanted})\n"
                f"  got:      {inspect.signature(self.function)}"
            ) from None
        except ValueError:
            # A builtin without a signature: its first call will tell.
            return


def operand_names(signature: inspect.Signature | None) -> Callable[[int], str]:
    """How the operand at a position is called."""
    parameters = [] if signature is None else [p for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]

    def name(k: int) -> str:
        if k < len(parameters) and parameters[k].kind in _POSITIONAL:
            return parameters[k].name
        many = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
        return f"{many[0]}[{k - len(parameters) + 1}]" if many else f"operand {k}"

    return name


def signature_of(function: Function) -> inspect.Signature | None:
    """The signature of a function, if it is written in Python."""
    if isinstance(function, (np.ufunc, BuiltinFunctionType)):
        return None
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _positional_names(function: Function) -> list[str] | None:
    """The names of the positional parameters, None if they are not known one by one."""
    signature = signature_of(function)
    if signature is None or any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        return None
    return [p.name for p in signature.parameters.values() if p.kind in _POSITIONAL]


def _unread_positions(function: Function) -> frozenset[int]:
    names = _positional_names(function) or []
    return frozenset(k for k, name in enumerate(names) if name.startswith("_"))


def _handle(value: Any) -> Any:
    if type(value) is Value:
        return Array(value) if value.shape else Scalar(value)
    return Array(value) if type(value) is np.ndarray else value


def _number_like(leaf: Any, dtype: Any) -> Any:
    """A Python number in the dtype that is asked for, if it can be one; anything else as its value."""
    if type(leaf) in (bool, int, float) or (type(leaf) is complex and dtype.kind == "c"):
        return dtype.type(leaf)
    return value_of_leaf(leaf)


def _broadcasts(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False
