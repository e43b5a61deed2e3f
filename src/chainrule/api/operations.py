"""A user's own operation with its own rule."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, overload

import numpy as np

from chainrule.api.results import value_of_leaf
from chainrule.api.rules import Rule, operand_names, signature_of
from chainrule.api.surroundings import called_inside
from chainrule.api.trees import flatten, paths, unflatten
from chainrule.errors import DTypeError, NoRuleError, ParameterError, RuleError
from chainrule.graph.position import describe, described_function, here, located
from chainrule.numpy.handle import Handle, wrap
from chainrule.numpy.operands import converted
from chainrule.trace import Abstract, Op
from chainrule.transforms.custom import Stated, leading_axis_batch
from chainrule.transforms.holding import carries_derivative

Function = Callable[..., Any]
RuleFunction = TypeVar("RuleFunction", bound=Callable[..., Any])

# How many shapes, dtypes and parameters of its calls a custom operation remembers.
_REMEMBERED = 4096


@overload
def custom(function: Function, /) -> Custom: ...


@overload
def custom(
    *,
    partials: Function | None = None,
    push: Function | None = None,
    pull: Function | None = None,
    dtype: Any = None,
    vectorised: bool = False,
) -> Callable[[Function], Custom]: ...


@overload
def custom(
    function: Function,
    /,
    *,
    partials: Function | None = None,
    push: Function | None = None,
    pull: Function | None = None,
    dtype: Any = None,
    vectorised: bool = False,
) -> Custom: ...


def custom(function: Any = None, /, **options: Any) -> Any:
    """Make a function one operation, with a derivative that you state.

    For what cannot be differentiated by looking inside (compiled code, a solver, a table), and for what you know to
    have a better derivative than the one that follows from its steps.

    Parameters
    ----------
    function : callable
        Computes the operation. It always runs on plain arrays and NumPy scalars, so it may call any code. Arguments
        that can be given by position are the operands: arrays, numbers, and pytrees of them. Keyword-only arguments
        are fixed parameters, which must be hashable. It returns an array, a number, or a pytree of them.
    partials : callable, optional
        The rule of an elementwise operation: `partials(y, *operands, **parameters)` returns the partial derivative of
        the result with respect to each operand, as a tuple (or alone, for one operand).
    push : callable, optional
        The Jacobian times tangents: `push(x_dots, y, *operands, **parameters)` returns the tangent of the result.
        `x_dots` is a tuple with the tangent of each operand. It must be linear in the tangents, and written in NumPy;
        reverse mode then follows by transposition.
    pull : callable, optional
        The transposed Jacobian times a cotangent: `pull(y_bar, y, *operands, **parameters)` returns the cotangent of
        each operand, as a tuple (or alone, for one operand). A pull alone gives reverse mode, and no forward mode.
    dtype : dtype, optional
        The dtype that the function takes and returns. Floating-point operands are converted to it, results are checked.
        By default operands come as they are.
    vectorised : bool
        Whether the function also works with one more leading axis on every operand, as NumPy's do, and gives its
        results with that axis. `vmap` then calls it once; otherwise once for each lane.

    Returns
    -------
    Custom
        The operation, called like the function. `@operation.partials`, `@operation.push` and `@operation.pull` state a
        rule as well, below the function.

    Notes
    -----
    A rule returns None in place of a derivative that is zero. What a rule is given under a name that begins with `_` it
    does not read, and that is not kept. A rule runs on plain arrays where nothing more is asked; in higher derivatives
    and batches it runs over chainrule's NumPy, so a rule written in NumPy is differentiated in turn. Foreign code
    inside of a rule can be an operation of its own.

    Raises
    ------
    RuleError
        A rule returned the wrong number of derivatives, or one of the wrong shape, dtype or structure.
    ParameterError
        A parameter is not hashable, or carries a derivative.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> from chainrule import grad
    >>> @custom
    ... def error_function(x):
    ...     return np.reshape([math.erf(t) for t in np.ravel(x)], np.shape(x))
    >>> @error_function.partials
    ... def error_function_partials(_y, x):
    ...     return 2 / np.sqrt(np.pi) * np.exp(-(x**2))
    >>> grad(lambda x: np.sum(error_function(x)))(np.array([0.0, 1.0]))
    array([1.12837917, 0.4151075 ])
    >>> grad(grad(error_function))(1.0)
    np.float64(-0.8302149...)

    The rule may stand in the call, too:

    >>> cube = custom(lambda x: x**3, partials=lambda _y, x: 3 * x**2, vectorised=True)
    >>> grad(cube)(2.0)
    np.float64(12.0)
    """
    if function is None:
        return functools.partial(custom, **options)
    return Custom(function, **options)


class Custom:
    """A function that is one operation, however it computes its result; made by `custom`."""

    def __init__(
        self,
        function: Function,
        *,
        partials: Function | None = None,
        push: Function | None = None,
        pull: Function | None = None,
        dtype: Any = None,
        vectorised: bool = False,
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._name = getattr(function, "__name__", type(function).__name__)
        self._signature = signature_of(function)
        self._operand_name = operand_names(self._signature)
        self._dtype = None if dtype is None else np.dtype(dtype)
        self._vectorised = vectorised
        self._rules: dict[str, Rule] = {}
        self._ops: dict[Any, _Operation] = {}
        for kind, rule in (("partials", partials), ("push", push), ("pull", pull)):
            if rule is not None:
                self._state(kind, rule)

    def partials(self, rule: RuleFunction) -> RuleFunction:
        """State the partial derivatives of an elementwise operation: `rule(y, *operands, **parameters)`."""
        return self._state("partials", rule)

    def push(self, rule: RuleFunction) -> RuleFunction:
        """State the Jacobian times tangents: `rule(x_dots, y, *operands, **parameters)`."""
        return self._state("push", rule)

    def pull(self, rule: RuleFunction) -> RuleFunction:
        """State the transposed Jacobian times a cotangent: `rule(y_bar, y, *operands, **parameters)`."""
        return self._state("pull", rule)

    def _state(self, kind: str, rule: RuleFunction) -> RuleFunction:
        if kind in self._rules or (self._rules and "partials" in (kind, *self._rules)):
            raise RuleError(
                f"`{self._name}` has its {' and '.join(self._rules)} stated already, so no {kind} can be added."
                f"{describe(here())}\n  State partials, which say everything; or a push, or a pull, or one of each."
            )
        self._rules[kind] = Rule(kind, rule, self._name, self._signature)
        self._ops.clear()
        return rule

    def __repr__(self) -> str:
        return f"<custom operation {described_function(self._function)}>"

    def __reduce__(self) -> str:
        # Pickled by its name, as functions are.
        return self._function.__qualname__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the operation; in a derivative it is recorded as one."""
        operands, params = self._bound(args, kwargs)
        leaves, structure = flatten(operands)
        values = [self._value(leaf, k, operands) for k, leaf in enumerate(leaves)]
        if not any(isinstance(leaf, Handle) for leaf in leaves) and not called_inside():
            return self._function(*unflatten(structure, values), **params)
        if not self._rules and any(carries_derivative(x) for x in values):
            raise NoRuleError(
                f"`{self._name}` has no derivative rule, and is applied to a value that carries a derivative."
                f"{describe(here())}\n"
                f"  Evaluation works; only the derivative is missing. State it with `@{self._name}.partials` (for an\n"
                f"  elementwise function), `@{self._name}.push` (Jacobian times tangents) or `@{self._name}.pull`\n"
                "  (transposed Jacobian times a cotangent), or hold the value constant with `cr.stop_gradient(x)`."
            )
        operation = self._operation(structure, values, params)
        try:
            results = operation.op(*values, **params)
        except RuleError as error:
            raise located(error, here()) from error.__cause__
        results = results if type(results) is tuple else (results,)
        return unflatten(operation.result_structure, [wrap(y) for y in results])

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The operands and the parameters of a call: what is keyword-only is a parameter."""
        if self._signature is None:
            operands, params = args, kwargs
        else:
            try:
                bound = self._signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{self._name}(): {error}") from None
            bound.apply_defaults()
            operands, params = bound.args, bound.kwargs
        for name, parameter in params.items():
            self._check_parameter(name, parameter)
        return operands, params

    def _check_parameter(self, name: str, parameter: Any) -> None:
        leaves = flatten(parameter)[0] if isinstance(parameter, (Handle, tuple, list, dict)) else ()
        if any(isinstance(leaf, Handle) and carries_derivative(leaf._peek()) for leaf in leaves):
            raise ParameterError(
                f"`{self._name}`: the parameter `{name}` carries a derivative, which parameters cannot."
                f"{describe(here())}\n"
                f"  Keyword-only arguments are fixed parameters of an operation. Make `{name}` an operand (an argument "
                "that\n  can be given by position), or hold it constant with `cr.stop_gradient`."
            )
        try:
            hash(parameter)
        except TypeError:
            raise ParameterError(
                f"`{self._name}`: the parameter `{name}` is a {_kind(parameter)}, which is not hashable."
                f"{describe(here())}\n"
                "  Keyword-only arguments are fixed parameters of an operation, and tell it from others.\n"
                f"  Pass a tuple for a list (`{name}=(1, 2)`); make an array an operand, an argument given by position."
            ) from None

    def _value(self, leaf: Any, k: int, operands: tuple[Any, ...]) -> Any:
        """An operand as the operation takes it."""
        value = value_of_leaf(leaf)
        kind = getattr(getattr(value, "dtype", None), "kind", "O")
        if kind not in "biufc":
            raise DTypeError(
                f"`{self._name}`: the operand {self._path(k, operands)} is a {_kind(leaf)}, and operands are arrays "
                f"and numbers.{describe(here())}\n"
                "  What is fixed (a name, a mode, an order) is a parameter: make it keyword-only, after a `*`."
            )
        if self._dtype is None or value.dtype == self._dtype or not (kind in "fc" or isinstance(leaf, int)):
            return value
        if kind == "c" and self._dtype.kind == "f":
            raise DTypeError(
                f"`{self._name}`: the operand {self._path(k, operands)} is complex, and the operation takes "
                f"{self._dtype}.{describe(here())}\n  Pass real and imaginary part separately."
            )
        return converted(value, self._dtype)

    def _path(self, k: int, operands: tuple[Any, ...]) -> str:
        return f"`{paths(operands, self._operand_name)[k]}`"

    def _operation(self, structure: Any, values: list[Any], params: dict[str, Any]) -> _Operation:
        """The op for a call; the same one for calls alike in structure, shapes, dtypes and parameters."""
        key = (
            structure,
            tuple([(x.shape, x.dtype) for x in values]),
            tuple([(name, type(x), x) for name, x in params.items()]),
        )
        operation = self._ops.get(key)
        if operation is None:
            if len(self._ops) >= _REMEMBERED:
                self._ops.clear()
            ranks = [x.ndim for x in values]
            operation = self._ops[key] = _Operation(
                self._function, self._name, self._rules, structure, ranks, self._dtype, self._vectorised
            )
        return operation


class _Operation:
    """The op of a custom function, for operands of one structure.

    result_structure
        How the function nests its results, known from its first run.
    """

    def __init__(
        self,
        function: Function,
        name: str,
        rules: dict[str, Rule],
        structure: Any,
        ranks: list[int],
        dtype: Any,
        vectorised: bool,
    ) -> None:
        self.function = function
        self.name = name
        self.rules = rules
        self.structure = structure
        self.ranks = ranks
        self.dtype = dtype
        self.result_structure: Any = None
        self.results: tuple[Abstract, ...] = ()
        elementwise = vectorised and "partials" in rules
        self.op = Op(name, self._evaluate, self._infer, core=(0,) * len(ranks) if elementwise else None, may_fail=True)
        if rules:
            self.op.jacobian = self._stated()
        if vectorised and not elementwise and len(set(ranks)) <= 1:
            # Of operands with different ranks it is not known which axes a leading one would be aligned with.
            self.op.batch = leading_axis_batch(self.op)

    def _stated(self) -> Stated:
        children = self.structure.children()
        rules = self.rules

        def trees(ys: list[Any], xs: list[Any]) -> tuple[Any, Any]:
            return unflatten(self.result_structure, ys), unflatten(self.structure, xs)

        def partials(ys: list[Any], xs: list[Any], params: dict[str, Any]) -> list[Any]:
            self._check_elementwise(xs)
            return rules["partials"].partials(ys[0], xs, params, ys[0])

        def push(x_dots: list[Any], ys: list[Any], xs: list[Any], params: dict[str, Any]) -> list[Any]:
            y, operands = trees(ys, xs)
            return rules["push"].push(unflatten(self.structure, x_dots), y, operands, params, self.result_structure, ys)

        def pull(y_bars: list[Any], ys: list[Any], xs: list[Any], params: dict[str, Any]) -> list[Any]:
            y, operands = trees(ys, xs)
            return rules["pull"].pull(unflatten(self.result_structure, y_bars), y, operands, params, children, xs)

        return Stated(
            self.name,
            partials if "partials" in rules else None,
            push if "push" in rules else None,
            pull if "pull" in rules else None,
            lambda: self.results,
            reads_inputs=any(rule.reads("operands") for rule in rules.values()),
            reads_output=any(rule.reads("output") for rule in rules.values()),
            described_push=rules["push"].described if "push" in rules else "",
        )

    def _check_elementwise(self, xs: list[Any]) -> None:
        if len(self.results) == 1 and self.result_structure.num_nodes == 1 and self.structure.num_nodes == 1 + len(xs):
            return
        raise RuleError(
            f"{self.rules['partials'].described}: partials are for elementwise operations, of arrays with one array as "
            "the result.\n"
            f"  `{self.name}` takes or returns containers: state a push or a pull."
        )

    def _evaluate(self, *xs: Any, **params: Any) -> Any:
        # Copies: the function may write to what it is given, and give out memory that it will write to again.
        result = self.function(*unflatten(self.structure, [np.array(x)[()] for x in xs]), **params)
        leaves, structure = flatten(result)
        results = tuple(self._result(leaf) for leaf in leaves)
        if not results:
            raise RuleError(
                f"`{self.name}` returned {result!r}, and a custom operation returns arrays or numbers."
                f"{describe(here())}"
            )
        self.result_structure = structure
        # A batch that is evaluated at once has leading axes that a single lane does not have.
        leading = xs[0].ndim - self.ranks[0] if xs else 0
        self.results = tuple(Abstract(y.shape[leading:], y.dtype) for y in results)
        return results if self._several(results) else results[0]

    def _result(self, leaf: Any) -> Any:
        value = value_of_leaf(leaf)
        kind = getattr(getattr(value, "dtype", None), "kind", "O")
        if kind not in "biufc":
            raise RuleError(
                f"`{self.name}` returned a {_kind(leaf)}, and a custom operation returns arrays or numbers."
                f"{describe(here())}"
            )
        if self.dtype is not None and kind in "fc" and value.dtype != self.dtype:
            raise RuleError(
                f"`{self.name}` returned {value.dtype}, and is declared with `dtype={self.dtype}`.{describe(here())}"
            )
        return np.array(value)[()]

    @staticmethod
    def _several(results: tuple[Any, ...]) -> bool:
        # An integer result alone also goes as one of several: it takes no part in the derivative.
        return len(results) != 1 or results[0].dtype.kind not in "fc"

    def _infer(self, *xs: Any, **_params: Any) -> Any:
        if self.op.elementwise and self.results:
            return Abstract(np.broadcast_shapes(*(x.shape for x in xs)), self.results[0].dtype)
        if not self.results or [len(x.shape) for x in xs] != self.ranks:
            raise RuleError(
                f"the shape of what `{self.name}` returns is known only from running it, and it cannot be run here (a "
                f"batch without lanes?).{describe(here())}"
            )
        return self.results if self._several(self.results) else self.results[0]


def _kind(x: Any) -> str:
    return f"NumPy array of dtype {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
