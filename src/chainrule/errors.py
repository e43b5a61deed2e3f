"""Every public error and warning. The docstring of a class is its help page: cause, failing and repaired example.

An error of the library also is the builtin that people would catch (`ShapeError` is a `ValueError`), and its message
says what happened, where in the user's code, why, and what to do instead.
`help(chainrule.errors.LeakError)` opens a page.
"""


class Error(Exception):
    """Base of every error that chainrule raises on purpose."""


class ShapeError(Error, ValueError):
    """Shapes do not fit.

    A tangent or cotangent has one entry for each entry of its primal; the batch axes of `vmap` have one length.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> cr.jvp(np.sin, (np.zeros(3),), (np.ones(4),))
    Traceback (most recent call last):
    ...
    chainrule.errors.ShapeError: the tangent at `[0]` has shape (4,), and its primal (3,)...

    Works:

    >>> y, y_dot = cr.jvp(np.sin, (np.zeros(3),), (np.ones(3),))
    >>> y_dot
    array([1., 1., 1.])
    """


class DTypeError(Error, TypeError):
    """A derivative was asked with respect to a value that cannot vary, or complex and real numbers do not fit.

    Integers and booleans have no derivative: there is nothing between 3 and 4.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> cr.grad(np.square)(3)
    Traceback (most recent call last):
    ...
    chainrule.errors.DTypeError: `grad`: `...` is 3 (int64), which has no derivative, since it cannot vary...

    Works:

    >>> cr.grad(np.square)(3.0)
    np.float64(6.0)
    """


class NonScalarOutputError(Error, TypeError):
    """`grad` was asked for a function whose result is not one real number.

    Only one number has one gradient. Of an array of results, each has its own: together they are the Jacobian.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> cr.grad(lambda x: x**2)(np.ones(2))
    Traceback (most recent call last):
    ...
    chainrule.errors.NonScalarOutputError: `grad` needs a function that returns one number, and ... returned float64 ...

    Works:

    >>> cr.grad(lambda x: np.sum(x**2))(np.ones(2))
    array([2., 2.])
    >>> cr.jacobian(lambda x: x**2)(np.ones(2))
    array([[2., 0.],
           [0., 2.]])
    """


class TracedAssignmentError(Error, TypeError):
    """A value that carries a derivative was written into an array that was made outside of the function.

    Such an array holds numbers only, so the derivative would be lost; and it would change while a derivative is taken.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> buffer = np.zeros(2)
    >>> def f(x):
    ...     buffer[:] = x**2
    ...     return buffer.sum()
    >>> cr.grad(f)(np.ones(2))
    Traceback (most recent call last):
    ...
    chainrule.errors.TracedAssignmentError: an array from outside the differentiated function is written to...

    Works:

    >>> def f(x):
    ...     buffer = np.zeros(2)
    ...     buffer[:] = x**2
    ...     return buffer.sum()
    >>> cr.grad(f)(np.ones(2))
    array([2., 2.])
    """


class LeakError(Error, TypeError):
    """Code outside of NumPy asked a value that carries a derivative for its plain number.

    C code, and libraries that convert to plain arrays, return plain numbers: the derivative would be lost without a
    sign. NumPy itself asks this way when a traced value is written into a plain array that chainrule does not see.

    Fails:

    >>> import chainrule as cr
    >>> import statistics
    >>> normal = statistics.NormalDist()
    >>> cr.grad(lambda x: normal.cdf(x**2))(1.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.LeakError: `float()` was called on a value that carries a derivative, which plain numbers cannot...

    Works: a NumPy function in its place, an operation with a rule of its own, or the value held constant.

    >>> from scipy.special import ndtr
    >>> cr.grad(lambda x: ndtr(x**2))(1.0).round(6)
    np.float64(0.483941)
    >>> @cr.custom
    ... def cdf(x):
    ...     return normal.cdf(x)
    >>> @cdf.partials
    ... def cdf_partials(_y, x):
    ...     return (normal.pdf(x),)
    >>> cr.grad(lambda x: cdf(x**2))(1.0).round(6)
    np.float64(0.483941)
    >>> cr.grad(lambda x: x * normal.cdf(cr.stop_gradient(x)))(0.0)
    np.float64(0.5)
    """


class NoRuleError(Error, NotImplementedError):
    """A function has no derivative rule, or none for this mode.

    Evaluation works; only the derivative is missing.

    Fails:

    >>> import chainrule as cr
    >>> from scipy import special
    >>> cr.grad(lambda x: special.zetac(x) * x)(2.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.NoRuleError: `scipy.special.zetac` has no derivative rule...

    Works: a rule of your own, here with a table for ζ′; or the value held constant.

    >>> @cr.custom
    ... def zetac(x):
    ...     return special.zetac(x)
    >>> @zetac.partials
    ... def zetac_partials(y, x):
    ...     return {2.0: -0.937548254315844}[float(x)]
    >>> round(cr.grad(lambda x: zetac(x) * x)(2.0), 12)
    np.float64(-1.230162441783)
    >>> round(cr.grad(lambda x: special.zetac(cr.stop_gradient(x)) * x)(2.0), 12)
    np.float64(0.644934066848)
    """


class EndedLevelError(Error, RuntimeError):
    """A traced value was used after the derivative that it belonged to had been taken.

    A value that escapes from a differentiated function, through a list or an attribute, is no number.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> kept = []
    >>> def f(x):
    ...     kept.append(x**2)
    ...     return np.sum(x**3)
    >>> gradient = cr.grad(f)(np.ones(2))
    >>> kept[0] + 1
    Traceback (most recent call last):
    ...
    chainrule.errors.EndedLevelError: ...a traced value is used after the derivative that it belonged to was taken...

    Works: returned beside the result, it comes out as a plain array.

    >>> def f(x):
    ...     return np.sum(x**3), x**2
    >>> gradient, kept = cr.grad(f, has_aux=True)(np.ones(2))
    >>> kept + 1
    array([2., 2.])
    """


class RuleError(Error, ValueError):
    """A rule returned a derivative of the wrong shape, dtype or structure, or the wrong number of them.

    The cotangent of an operand is like the operand; the tangent of a result is like the result.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> @cr.custom
    ... def total(x):
    ...     return x.sum()
    >>> @total.pull
    ... def total_pull(y_bar, _y, _x):
    ...     return y_bar
    >>> cr.grad(total)(np.ones(3))
    Traceback (most recent call last):
    ...
    chainrule.errors.RuleError: the pull `total_pull` (...) of `total` returned the cotangent of `x` with the wrong ...
      expected: float64[3]
      got:      float64[]...

    Works:

    >>> @cr.custom
    ... def total(x):
    ...     return x.sum()
    >>> @total.pull
    ... def total_pull(y_bar, _y, x):
    ...     return np.full(x.shape, y_bar)
    >>> cr.grad(total)(np.ones(3))
    array([1., 1., 1.])
    """


class TreeError(Error, ValueError):
    """Two nested containers that must have the same structure differ.

    Fails:

    >>> import chainrule as cr
    >>> cr.jvp(lambda p: p["a"] ** 2, ({"a": 3.0},), ({"b": 1.0},))
    Traceback (most recent call last):
    ...
    chainrule.errors.TreeError: the tangent has another structure than the arguments...
      the arguments: ({'a': *},)
      the tangent: ({'b': *},)...

    Works:

    >>> cr.jvp(lambda p: p["a"] ** 2, ({"a": 3.0},), ({"a": 1.0},))
    (np.float64(9.0), np.float64(6.0))
    """


class ParameterError(Error, TypeError):
    """A parameter of a custom operation is not hashable, or carries a derivative.

    Keyword-only arguments are fixed: they tell one operation from another, as the order of a spline does.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> @cr.custom(partials=lambda _y, x, *, coefficients: np.polyval(np.polyder(coefficients), x))
    ... def polynomial(x, *, coefficients):
    ...     return np.polyval(coefficients, x)
    >>> cr.grad(lambda x: polynomial(x, coefficients=[1.0, 0.0, 2.0]))(3.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.ParameterError: `polynomial`: the parameter `coefficients` is a list, which is not hashable...

    Works:

    >>> cr.grad(lambda x: polynomial(x, coefficients=(1.0, 0.0, 2.0)))(3.0)
    np.float64(6.0)
    """


class ArgumentError(Error, TypeError, ValueError):
    """An argument of a transformation (`argnums`, `in_axes`, `order`, ...) does not fit the function or the call.

    Fails:

    >>> import chainrule as cr
    >>> cr.grad(lambda x, y: x * y, argnums=2)(2.0, 3.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.ArgumentError: `argnums=2`: there is no argument number 2 in the call...

    Works:

    >>> cr.grad(lambda x, y: x * y, argnums=1)(2.0, 3.0)
    np.float64(2.0)
    """


class InvalidInputError(Error, ValueError):
    """An input holds NaN or infinity where a finite number is needed, as for `check_grads`.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> cr.check_grads(np.sin, np.nan)
    Traceback (most recent call last):
    ...
    chainrule.errors.InvalidInputError: ...

    Works:

    >>> cr.check_grads(np.sin, 1.0)
    """


class NonFiniteError(Error, FloatingPointError):
    """An infinity or a NaN was born in a run, or in a derivative, that `debug` watched.

    The message names the first operation that made one: the line, the element, the numbers, and why. So do the
    attributes.

    reason
        "domain", "pole", "overflow", "inf - inf", "0 * inf", "0 / 0", "inf / inf", "imported" (it came from outside),
        "undefined" (an operation of the user's gave it).
    phase
        "forward" for a value, "backward" for a cotangent, "push" for a tangent.
    op, element, lanes
        The operation, the index in its result, and the lanes of a `vmap` that it is in.
    file, line
        Where the operation stands.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> with cr.debug():
    ...     cr.grad(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, 0.0]))
    Traceback (most recent call last):
    ...
    chainrule.errors.NonFiniteError: the derivative of `sqrt` is not finite, at element [1]...

    Works: what is not selected takes no part.

    >>> with cr.debug():
    ...     cr.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))(np.array([4.0, 0.0]))
    array([0.25, 0.  ])
    """

    reason: str = ""
    phase: str = ""
    op: str = ""
    element: tuple[int, ...] = ()
    lanes: tuple[int, ...] = ()
    file: str | None = None
    line: int | None = None


class GradientMismatchError(Error, AssertionError):
    """`check_grads` found a derivative that differs from the numerical one.

    A rule is wrong, or the function is not smooth there.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> @cr.custom(partials=lambda _y, x: 2 * x**2)
    ... def cube(x):
    ...     return x**3
    >>> cr.check_grads(cube, 2.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.GradientMismatchError: ...

    Works:

    >>> @cr.custom(partials=lambda _y, x: 3 * x**2)
    ... def cube(x):
    ...     return x**3
    >>> cr.check_grads(cube, 2.0)
    """


class ExplainError(Error, ValueError):
    """Something cannot be explained, or an explanation would not be true.

    An explanation belongs to a run of its own. Inside a function that is being differentiated there are only values of
    that derivative.

    Fails:

    >>> import chainrule as cr
    >>> cr.grad(lambda x: cr.explain(lambda u: u * u, x).value)(3.0)
    Traceback (most recent call last):
    ...
    chainrule.errors.ExplainError: `explain` was called inside a function that is being differentiated, ...

    Works:

    >>> cr.explain(cr.grad(lambda x: x**3), 2.0).gradient
    np.float64(12.0)
    """


class LanesDisagreeError(Error, ValueError):
    """Python looked at a value under `vmap`, and the lanes of the batch have no one answer.

    Usually `vmap` then runs the lanes one by one, and says so (`LaneByLaneWarning`). It cannot where there are none.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> cr.vmap(lambda x: x if x > 0 else -x)(np.zeros(0))
    Traceback (most recent call last):
    ...
    chainrule.errors.LanesDisagreeError: Python looked at a value of a `vmap` without lanes, which has no answer...

    Works:

    >>> cr.vmap(lambda x: np.where(x > 0, x, -x))(np.zeros(0))
    array([], dtype=float64)
    """

    # The level of the batch.
    level: object = None


class JitMismatchError(Error, AssertionError):
    """A compiled function gave another result than the function itself; only `jit(f, check=True)` compares them.

    A recording depends on the arguments, on what the function reads in variables, objects and containers of Python's,
    and on what Python looked at. What it learns elsewhere, as from a file, is as it was when the run was recorded.

    Fails:

    >>> import numpy as np
    >>> import chainrule as cr
    >>> import os
    >>> os.environ["FACTOR"] = "2"
    >>> scaled = cr.jit(lambda x: float(os.environ["FACTOR"]) * x, check=True)
    >>> scaled(np.ones(2))
    array([2., 2.])
    >>> os.environ["FACTOR"] = "3"
    >>> scaled(np.ones(2))
    Traceback (most recent call last):
    ...
    chainrule.errors.JitMismatchError: ... compiled gives another result: `result` should be np.float64(3.0) at [0]...

    Works:

    >>> scaled = cr.jit(lambda x, factor: factor * x, check=True)
    >>> scaled(np.ones(2), float(os.environ.pop("FACTOR")))
    array([3., 3.])
    """


class IndependentOutputWarning(UserWarning):
    """The result does not depend on the argument it is differentiated with respect to, so the derivative is zero.

    That may be meant. Often a value has been passed through `int`, `round`, a comparison, or code that returns plain
    numbers.

    Fails:

    >>> import warnings
    >>> import chainrule as cr
    >>> warnings.simplefilter("error")
    >>> cr.grad(lambda x: float(round(x) ** 2))(2.75)
    Traceback (most recent call last):
    ...
    chainrule.errors.IndependentOutputWarning: the result of ... does not depend on what it is differentiated with ...

    Works:

    >>> cr.grad(lambda x: x**2)(2.75)
    np.float64(5.5)
    """


class LaneByLaneWarning(UserWarning):
    """`vmap` ran a function once for each lane, because the lanes took different branches.

    The results are right; one run for all lanes would be faster.

    Fails:

    >>> import warnings
    >>> import numpy as np
    >>> import chainrule as cr
    >>> warnings.simplefilter("error")
    >>> cr.vmap(lambda x: x if x > 0 else -x)(np.array([-1.0, 2.0]))
    Traceback (most recent call last):
    ...
    chainrule.errors.LaneByLaneWarning: the lanes of `vmap` of ... are run one by one...

    Works:

    >>> cr.vmap(lambda x: np.where(x > 0, x, -x))(np.array([-1.0, 2.0]))
    array([1., 2.])
    """


class NotCompiledWarning(UserWarning):
    """`jit` runs a function as it is, since a recording of it would not do the same again.

    The results are right; compiled code would be faster. It happens to a function that draws random numbers, that
    writes to variables or objects outside of it, or in which Python looks at values that are new in each call.

    Fails:

    >>> import warnings
    >>> import numpy as np
    >>> import chainrule as cr
    >>> warnings.simplefilter("error")
    >>> cr.jit(lambda x: x + np.random.standard_normal(2))(np.zeros(2))
    Traceback (most recent call last):
    ...
    chainrule.errors.NotCompiledWarning: ... is not compiled for these arguments: it draws random numbers...

    Works:

    >>> noise = np.random.standard_normal(2)
    >>> cr.jit(lambda x, noise: x * noise)(np.zeros(2), noise) == 0
    array([ True,  True])
    """
