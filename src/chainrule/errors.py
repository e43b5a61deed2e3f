"""Every public error. The docstring of a class is its help page: the cause, a failing example, the repaired one.

An error of the library also is the builtin that people would catch (`ShapeError` is a `ValueError`), and its message
says what happened, where in the user's code, why, and what to do instead.
"""


class Error(Exception):
    """Base of every error that chainrule raises on purpose."""


class ShapeError(Error, ValueError):
    """Shapes do not fit.

    Fails: `cr.jvp(f, (np.ones(3),), (np.ones(4),))`, since a tangent has the shape of its primal.
    Works: `cr.jvp(f, (np.ones(3),), (np.ones(3),))`.
    """


class DTypeError(Error, TypeError):
    """A derivative was asked with respect to a value that cannot vary, such as an integer.

    Fails: `cr.grad(f)(3)`.
    Works: `cr.grad(f)(3.0)`.
    """


class NonScalarOutputError(Error, TypeError):
    """`grad` was asked for a function whose result is not one real number.

    Fails: `cr.grad(lambda x: x**2)(np.ones(3))`.
    Works: `cr.grad(lambda x: np.sum(x**2))(np.ones(3))`, or `cr.jacobian(lambda x: x**2)(np.ones(3))`.
    """


class TracedAssignmentError(Error, TypeError):
    """A value that carries a derivative was written into a plain NumPy array, which can hold numbers only.

    Fails: `buffer[0] = x[0]`, where `buffer` was made by code that chainrule does not see, such as a C extension.
    Works: `buffer = np.zeros(3)` made inside the differentiated function, or `np.zeros_like(x)`.
    """


class LeakError(Error, TypeError):
    """Code outside NumPy asked a value that carries a derivative for its plain number.

    Fails: `some_c_function(x)`, since C code returns plain numbers and the derivative would be lost without a sign.
    Works: a NumPy function in its place; `@cr.custom` around the foreign call, with its rule; or
    `some_c_function(cr.stop_gradient(x))`, which says that the derivative is not wanted.
    """


class NoRuleError(Error, NotImplementedError):
    """A function has no derivative rule, or none for this mode or this argument.

    Evaluation works; only the derivative is missing. Write a rule with `@cr.custom`, or hold the value constant with
    `cr.stop_gradient(x)`.
    """


class EndedLevelError(Error, RuntimeError):
    """A traced value was used after the derivative that it belonged to had been taken.

    Fails: appending `x * 2` to a list outside the differentiated function and computing with it afterwards.
    Works: returning it, for instance with `has_aux=True`.
    """


class RuleError(Error, ValueError):
    """A rule returned a tangent or cotangent of the wrong shape or dtype, or the wrong number of them."""


class TreeError(Error, ValueError):
    """Two nested containers that must have the same structure differ.

    Fails: `cr.jvp(f, ({"a": x},), ({"b": v},))`.
    Works: `cr.jvp(f, ({"a": x},), ({"a": v},))`.
    """


class ParameterError(Error, TypeError):
    """A parameter of an operation is not hashable, so that the operation cannot be told from others.

    Fails: `my_op(x, weights=[1, 2])` for a custom operation.
    Works: `my_op(x, weights=(1, 2))`, or `weights` as an array operand.
    """


class ArgumentError(Error, TypeError, ValueError):
    """An argument of a transformation (`argnums`, `in_axes`, `order`, ...) does not fit the function."""


class InvalidInputError(Error, ValueError):
    """An input holds NaN or infinity where a finite number is needed, as for `check_grads`."""


class GradientMismatchError(Error, AssertionError):
    """`check_grads` found a derivative that differs from the numerical one."""


class LanesDisagreeError(Error, ValueError):
    """Python looked at a value under `vmap`, and the lanes of the batch gave different answers."""

    # The level of the batch.
    level: object = None


class IndependentOutputWarning(UserWarning):
    """The result does not depend on the argument it is differentiated with respect to, so the derivative is zero."""


class LaneByLaneWarning(UserWarning):
    """`vmap` ran a function once for each lane, because the lanes took different branches."""
