"""One call of an operation of another library: its operands, what stands beside them, and its derivatives by rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainrule.api.foreign_values import as_held, fitted, without_constants
from chainrule.api.lasting import living
from chainrule.api.results import value_of_leaf
from chainrule.api.trees import LEAF, flatten, unflatten
from chainrule.errors import DTypeError, LeakError, RuleError, ShapeError
from chainrule.graph import Node
from chainrule.graph.position import describe, here
from chainrule.jacobians.zeros import PLAIN, ZERO, values_of
from chainrule.numpy.handle import Argument, Array, Handle, Scalar, wrap
from chainrule.trace import Value

if TYPE_CHECKING:
    from chainrule.api.foreign_operations import Operation

CONTAINERS = (list, tuple, dict)
# Handles that hold their values themselves.
SIMPLE = frozenset((Array, Argument, Scalar))
_FLOATS = frozenset((np.ndarray, np.float64))
# Of the results of a call, what stands for one that can carry a derivative is None.
_ONE_RESULT: list[Any] = [None]


class Operands(NamedTuple):
    """The operands of a call, to know them again where they reach the function past its arguments.

    began
        The serial number of the next node when the call began.
    attached
        The nodes of the operands.
    around
        Those of the operands of the same call at levels within.
    """

    began: int
    attached: Sequence[Any]
    around: frozenset[Any]

    def nodes(self) -> frozenset[Any]:
        """The nodes of the operands at this level and those within; tangents have none."""
        return self.around.union([node for node in self.attached if type(node) is Node])

    def make_up(self, z: Value) -> bool:
        """Whether a value was made during the call, of these operands alone."""
        known = set(self.nodes())
        waiting = [z.attached]
        while waiting:
            node = waiting.pop()
            if type(node) is not Node:
                return False
            if node not in known:
                if node.serial < self.began:
                    return False
                known.add(node)
                waiting += [operand for operand in node.operands if type(operand) is Node]
        return True


class Site:
    """One call of an operation: what stands beside its traced operands, each an argument, and how its results nest.

    A result that is one number or array of floating-point numbers is the op's one result; of any others the op has as
    many results as numbers or arrays in them can carry a derivative.
    """

    __slots__ = (
        *("_given", "_known", "_structure", "_template", "_vjp"),
        *("argnums", "inputs", "kwargs", "lowest", "operands", "operation", "output"),
    )

    def __init__(self, operation: Operation, given: Any, argnums: tuple[int, ...], kwargs: dict[str, Any]) -> None:
        self.operation = operation
        # The arguments; for those that are traced there are values later.
        self._given = given
        self.argnums = argnums
        self.kwargs = kwargs
        self._structure: Any = LEAF
        self._template = _ONE_RESULT
        # The pulls that the rule gave, with what they were given for.
        self._known: list[tuple[Any, ...]] = []
        # The plain values of the call itself, where it was recorded in fewer steps, and the pull for these.
        self.inputs: Any = None
        self.output: Any = None
        self._vjp: Any = None
        # The number of the outermost level of the operands, where the op finds the levels itself.
        self.lowest = float("inf")
        # While the op is applied.
        self.operands: Operands | None = None

    def arguments(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments, with values in place of the traced operands."""
        if values is self.inputs:
            return self._given  # type: ignore[no-any-return]  # a tuple of the arguments of the call itself
        filled = list(self._given)
        for argnum, value in zip(self.argnums, values, strict=True):
            filled[argnum] = wrap(value) if type(value) is Value else value
        return tuple(filled)

    def evaluated(self, values: Sequence[Any]) -> Any:
        """Apply the function to the arguments, with values in place of the traced operands."""
        z = self.varying_part(self.operation.function(*self.arguments(values), **self.kwargs))
        return self.below(self.lowest, z, self.operands)

    def below(self, number: float, z: Any, operands: Operands | None) -> Any:
        """What the function returned, below the level of that number and those within it.

        If it carries a derivative there, a traced value has reached the function past its arguments. Where that is one
        of the operands once more, the rule gives its derivative (PennyLane: parameters, and circuits that hold them);
        for any other there is none.
        """
        if type(z) is tuple:
            return tuple([self.below(number, part, operands) for part in z])
        if type(z) is Value and z.level.number >= number:
            z = living(z)
            while type(z) is Value and z.level.number >= number:
                if operands is None or _holds_handles(self.kwargs) or not operands.make_up(z):
                    raise self._leak()
                z = living(z.below)
        return z

    def _leak(self) -> LeakError:
        return LeakError(
            f"a traced value has reached `{self.operation.name}` past its arguments: as a variable of the code "
            f"around it, or by keyword.{describe(here())}\n"
            "  Its rules give derivatives with respect to positional arguments, so this one would be lost.\n"
            "  Pass the value as a positional argument, and state a rule for that (autograd: `defvjp`)."
        )

    def varying_part(self, result: Any) -> Any:
        """The results that can carry a derivative: a tuple, or the one that there is."""
        kind = type(result)
        if kind in _FLOATS and result.dtype.kind == "f":
            return result
        if kind in SIMPLE and type(value := result._read()) is Value and value.dtype.kind in "fc":
            return value
        leaves, self._structure = flatten(result)
        leaves = [value_of_leaf(leaf) for leaf in leaves]
        kinds = [getattr(getattr(leaf, "dtype", None), "kind", "O") for leaf in leaves]
        if not set(kinds) <= set("biufc"):
            wrong = next(leaf for leaf, kind in zip(leaves, kinds, strict=True) if kind not in "biufc")
            raise DTypeError(
                f"`{self.operation.name}` returned a {type(wrong).__name__}, and can't differentiate w.r.t. type "
                f"{type(wrong)}.{describe(here())}\n"
                "  Results of a primitive are numbers, arrays, and lists, tuples and dicts of them."
            )
        floats = [kind in "fc" for kind in kinds]
        self._template = [None if f else (leaf,) for leaf, f in zip(leaves, floats, strict=True)]
        if self._structure is LEAF and floats[0]:
            return leaves[0]
        return tuple(leaf for leaf, f in zip(leaves, floats, strict=True) if f)

    def tree(self, values: Sequence[Any]) -> Any:
        """The result, with other values in place of what can carry a derivative."""
        given = iter(values)
        return unflatten(self._structure, [next(given) if item is None else item[0] for item in self._template])

    def held(self, y: Any) -> Any:
        """The result as a rule gets it."""
        if type(y) is tuple:
            return self.tree(list(map(as_held, y)))
        return wrap(y) if type(y) is Value else y

    def pull_alone(self, rule: Any, y_bar: Any) -> tuple[Any, ...]:
        """The cotangents of all operands of the call itself, whose result is one number or array."""
        y = self.output
        if type(y_bar) not in PLAIN:
            y_bar = values_of(y_bar, y)
        if self._vjp is None:
            self._vjp = rule(self.argnums, y if type(y) in _FLOATS else self.held(y), self._given, self.kwargs)
        x_bars = tuple(self._vjp(y_bar if type(y_bar) is np.float64 else _of_its_own(y_bar)))
        count = len(self.argnums)
        if len(x_bars) < count:
            raise self._too_few(x_bars)
        if count == 1:
            return (self._derivative(x_bars[0], self.inputs[0], "cotangent of argument", self.argnums[0]),)
        return self._of_operands(dict(zip(self.argnums, x_bars, strict=False)), self.inputs, [True] * count)

    def _too_few(self, x_bars: Sequence[Any]) -> RuleError:
        return RuleError(
            f"the pull (VJP) of `{self.operation.name}` returned {len(x_bars)} cotangents, and was asked for those of "
            f"the arguments {self.argnums}.{describe(here())}\n"
            "  It returns one for each argument that it is asked for."
        )

    def pull(self, rule: Any, y_bar: Any, y: Any, xs: Sequence[Any], needed: Sequence[bool]) -> tuple[Any, ...]:
        """One cotangent for each operand; that of an operand that is not needed is None."""
        argnums = self.varying(needed)
        for known_argnums, known_y, known_xs, known in self._known:
            if known_y is y and known_xs is xs and known_argnums == argnums:
                vjp = known
                break
        else:
            vjp = rule(argnums, self.held(y), self.arguments(xs), self.kwargs)
            self._known.append((argnums, y, xs, vjp))
        given = self.tree(list(map(_of_its_own, y_bar))) if type(y) is tuple else _of_its_own(y_bar)
        x_bars = list(vjp(given))
        if len(x_bars) < len(argnums):
            raise self._too_few(x_bars)
        return self._of_operands(dict(zip(argnums, x_bars, strict=False)), xs, needed)

    def varying(self, needed: Sequence[bool]) -> tuple[int, ...]:
        """The arguments that hold one of the operands that are needed."""
        if all(needed):
            return self.argnums
        return tuple([argnum for argnum, n in zip(self.argnums, needed, strict=True) if n])

    def _of_operands(self, x_bars: dict[int, Any], xs: Sequence[Any], needed: Sequence[bool]) -> tuple[Any, ...]:
        return tuple(
            [
                self._derivative(x_bars[argnum], x, "cotangent of argument", argnum) if n else None
                for argnum, x, n in zip(self.argnums, xs, needed, strict=True)
            ]
        )

    def push(self, rule: Any, x_dots: Sequence[Any], y: Any, xs: Sequence[Any]) -> Any:
        """The tangent of the result; one for each, if there are several."""
        argnums = self.varying([x_dot is not ZERO for x_dot in x_dots])
        dots = self._tangents(x_dots, xs)
        y_dot = rule(argnums, [dots[argnum] for argnum in argnums], self.held(y), self.arguments(xs), self.kwargs)
        if type(y) is not tuple:
            return self._derivative(y_dot, y, "tangent of the result")
        leaves = [y_dot] if self._structure is LEAF else self._structure.flatten_up_to(y_dot)
        floats = [leaf for leaf, item in zip(leaves, self._template, strict=True) if item is None]
        return tuple(
            [self._derivative(leaf, like, "tangent of the result") for leaf, like in zip(floats, y, strict=True)]
        )

    def _tangents(self, x_dots: Sequence[Any], xs: Sequence[Any]) -> Any:
        """The tangents of the arguments, by their numbers."""
        return {
            argnum: _of_its_own(values_of(x_dot, x)) for argnum, x_dot, x in zip(self.argnums, x_dots, xs, strict=True)
        }

    def _derivative(self, leaf: Any, like: Any, what: str, argnum: Any = "") -> Any:
        """A derivative that a rule returned, in the shape and dtype of its primal."""
        if type(leaf) is np.float64 and type(like) is np.float64:
            return leaf
        if leaf is None:
            return ZERO
        value = leaf if type(leaf) in _FLOATS else living(value_of_leaf(leaf))
        if isinstance(value, np.ndarray):
            # In memory of its own: the rule may give out an array again, or write to it.
            value = np.array(value)
        dtype = getattr(value, "dtype", None)
        if dtype is like.dtype and value.shape == like.shape:
            return value
        what = f"{what} {argnum}".rstrip()
        if dtype is None or dtype.kind not in "biufc":
            raise DTypeError(
                f"the rule of `{self.operation.name}` returned a {type(leaf).__name__} as the {what}, which should be "
                f"an array or a number.{describe(here())}"
            )
        found = fitted(value, like)
        if found is not None:
            return found
        raise ShapeError(
            f"the rule of `{self.operation.name}` returned the {what} with shape {value.shape}, and its primal has "
            f"shape {tuple(like.shape)}.{describe(here())}\n"
            "  Sum over the axes along which the argument was broadcast (autograd: `unbroadcast_f`)."
        )


class NestedSite(Site):
    """A call with traced operands in lists, tuples and dicts among its arguments."""

    __slots__ = ("_args", "_places")

    _args: list[Any]
    # For each traced operand the argument that it stands in, and its number among the leaves of that.
    _places: list[tuple[int, int]]

    @classmethod
    def of(cls, operation: Operation, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[NestedSite, list[Any]]:
        """What stands beside the traced values of a call, and these."""
        own: list[Any] = []
        places: list[tuple[int, int]] = []
        traced: list[Any] = []
        for argnum, arg in enumerate(args):
            if not isinstance(arg, (Handle, *CONTAINERS)):
                own.append((arg, None))
                continue
            leaves, structure = flatten(arg)
            if not any(isinstance(leaf, Handle) for leaf in leaves):
                own.append((arg, None))
                continue
            leaves = list(map(without_constants, leaves))
            for k, leaf in enumerate(leaves):
                if isinstance(leaf, Handle):
                    places.append((argnum, k))
                    traced.append(leaf._read())
                    leaves[k] = None
            own.append((leaves, structure))
        site = cls(operation, (), tuple(dict.fromkeys(argnum for argnum, _ in places)), kwargs)
        site._args = own
        site._places = places
        return site, traced

    def arguments(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments, with values in place of the traced operands."""
        filled = [list(leaves) if structure is not None else leaves for leaves, structure in self._args]
        for (argnum, k), value in zip(self._places, values, strict=True):
            filled[argnum][k] = as_held(value)
        return tuple(
            arg if structure is None else unflatten(structure, arg)
            for arg, (_, structure) in zip(filled, self._args, strict=True)
        )

    def varying(self, needed: Sequence[bool]) -> tuple[int, ...]:
        """The arguments that hold one of the operands that are needed."""
        return tuple(dict.fromkeys(argnum for (argnum, _), n in zip(self._places, needed, strict=True) if n))

    def _of_operands(self, x_bars: dict[int, Any], xs: Sequence[Any], needed: Sequence[bool]) -> tuple[Any, ...]:
        leaves = {argnum: _leaves_like(self._args[argnum][1], x_bar) for argnum, x_bar in x_bars.items()}
        return tuple(
            self._derivative(leaves[argnum][k], x, "cotangent of argument", argnum) if n else None
            for (argnum, k), x, n in zip(self._places, xs, needed, strict=True)
        )

    def _tangents(self, x_dots: Sequence[Any], xs: Sequence[Any]) -> Any:
        filled: list[Any] = [
            [np.zeros(np.shape(leaf)) for leaf in leaves] if structure is not None else None
            for leaves, structure in self._args
        ]
        for (argnum, k), x_dot, x in zip(self._places, x_dots, xs, strict=True):
            filled[argnum][k] = _of_its_own(values_of(x_dot, x))
        return [
            leaves if structure is None else unflatten(structure, leaves)
            for leaves, (_, structure) in zip(filled, self._args, strict=True)
        ]


def _holds_handles(kwargs: dict[str, Any]) -> bool:
    return any(isinstance(leaf, Handle) for leaf in flatten(kwargs)[0])


def _leaves_like(structure: Any, x_bar: Any) -> list[Any]:
    """The cotangents of the leaves of an argument; those of the items of a list may stand in one array."""
    if structure is LEAF or structure == LEAF:
        return [x_bar]
    if not structure.num_leaves:
        # An empty list, whatever the rule gives for it.
        return []
    if isinstance(x_bar, (np.ndarray, Handle)) or (structure.type in (list, tuple) and type(x_bar) in (list, tuple)):
        children = structure.children()
        if len(x_bar) == len(children):
            return [leaf for child, part in zip(children, x_bar, strict=True) for leaf in _leaves_like(child, part)]
    return list(structure.flatten_up_to(x_bar))


def _of_its_own(value: Any) -> Any:
    """A derivative as a rule is given it, which may keep or overwrite it, while others are still to read it."""
    return np.array(value) if type(value) is np.ndarray else as_held(value)
