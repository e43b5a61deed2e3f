"""The commonest mistakes, each with a message that names the user's line, the cause and the way out."""

import inspect
import math
import re
import statistics

import numpy as np
import pytest
import scipy.integrate
import scipy.ndimage
import scipy.special

import chainrule as cr
from chainrule import errors
from chainrule.numpy.swap import without_swap

X = np.array([1.0, 2.0])

PLAIN = np.zeros(2)
BUFFERS = [np.zeros(2)]


class Holder:
    """Something that holds an array."""


HOLDER = Holder()
HOLDER.array = np.zeros(2)


def check(caught, function, *sentences, line=1):
    """The message names a line of a function, counted from its definition, shows it, and says the sentences."""
    message = str(getattr(caught, "value", caught))
    number = function.__code__.co_firstlineno + line
    with open(__file__, encoding="utf-8") as source:
        text = source.read().splitlines()[number - 1].strip()
    for sentence in (f"{__file__}:{number}", text, *sentences):
        assert sentence in message, message
    return True


class TestNonScalarOutput:
    """`grad` of something that is not one number."""

    @pytest.mark.parametrize(
        ("result", "described"),
        [
            (lambda x: x, "float64 of shape (2,)"),
            (lambda x: x[:1], "float64 of shape (1,)"),
            (lambda x: (x[0], x[1]), "a tuple of 2 values"),
            (lambda x: {"loss": x[0], "norm": x[1]}, "a dict of 2 values"),
            (lambda x: None, "None"),
            (lambda x: "text", "a str"),
        ],
    )
    def test_not_one_number(self, result, described):
        """The message says what came, from which function, and which transformation serves it."""

        def caller():
            return cr.grad(result)(X)

        with pytest.raises(errors.NonScalarOutputError) as caught:
            caller()
        definition = f"`<lambda>` ({__file__}:{result.__code__.co_firstlineno})"
        check(
            caught,
            caller,
            f"`grad` needs a function that returns one number, and {definition} returned {described}.",
            "Reduce it (`np.sum(...)`), or ask for `cr.jacobian`",
            "Return extra results with `has_aux=True`.",
        )

    def test_complex_number(self):
        """A complex result needs to be declared, or reduced to a real one."""

        def caller():
            return cr.grad(lambda z: z**2)(1j)

        with pytest.raises(errors.NonScalarOutputError) as caught:
            caller()
        check(caught, caller, "returned a complex number", "pass `holomorphic=True`")

    def test_real_number_where_a_complex_one_is_declared(self):
        """`holomorphic` of a real function is refused."""

        def caller():
            return cr.grad(np.abs, holomorphic=True)(1j)

        with pytest.raises(errors.NonScalarOutputError) as caught:
            caller()
        check(caught, caller, "returned a real number", "leave `holomorphic` away")


class TestIntegerInput:
    """A derivative with respect to something that cannot vary."""

    @pytest.mark.parametrize(
        ("argument", "name", "found", "advice"),
        [
            (3, "weights", "3 (int64)", "`3.0` for `3`"),
            (True, "weights", "True (bool)", "floating-point"),
            (np.array([1, 2]), "weights", "an array of int64", "`weights.astype(float)`"),
            ({"w": [1.0, 2]}, "weights['w'][1]", "2 (int64)", "floating-point"),
            ("text", "weights", "a str", "`argnums` or `argnames`"),
            (np.array(["a"]), "weights", "an array of <U1", "`argnums` or `argnames`"),
            (math.sin, "weights", "a builtin_function_or_method", "`argnums` or `argnames`"),
        ],
    )
    @pytest.mark.parametrize("transformation", [cr.grad, cr.jacobian, cr.hessian, cr.elementwise_grad])
    def test_named(self, transformation, argument, name, found, advice):
        """The message names the argument as the function calls it, down to the leaf, and what it holds."""

        def loss(weights):
            return 1.0

        def caller():
            return transformation(loss)(argument)

        with pytest.raises(errors.DTypeError) as caught:
            caller()
        check(
            caught,
            caller,
            f"`{transformation.__name__}`: `{name}` is {found}, which has no derivative, since it cannot vary",
            advice,
        )

    @pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
    @pytest.mark.parametrize(
        "make", [lambda: np.ma.masked_array([1.0, 2.0], [True, False]), lambda: np.matrix([1.0, 2.0])]
    )
    def test_arrays_with_rules_of_their_own(self, make):
        """A masked array, or a matrix, computes otherwise than an array; its derivative would be wrong."""
        array = make()

        def caller():
            return cr.grad(np.sum)(array)

        with pytest.raises(errors.DTypeError) as caught:
            caller()
        check(caught, caller, f"a {type(array).__name__} has other rules than an array", "Pass a plain array")


def write_element(x):
    PLAIN[0] = x[0]
    return x.sum()


def write_slice_of_list(x):
    BUFFERS[0][:1] = x[:1]
    return x.sum()


def write_attribute(x):
    HOLDER.array[:] = x
    return x.sum()


def write_out(x):
    np.add(x, 1, out=PLAIN)
    return x.sum()


def write_fill(x):
    PLAIN.fill(x[0])
    return x.sum()


def write_copyto(x):
    np.copyto(BUFFERS[0], x)
    return x.sum()


def write_in_place(x):
    HOLDER.array += x
    return x.sum()


WRITES = [
    write_element,
    write_slice_of_list,
    write_attribute,
    write_out,
    write_fill,
    write_copyto,
    write_in_place,
]


class TestForeignArray:
    """A traced value written into an array from outside."""

    @pytest.mark.parametrize("transformation", [cr.grad, lambda f: lambda x: cr.jvp(f, (x,), (x,)), cr.vmap])
    @pytest.mark.parametrize("f", WRITES)
    def test_captured_array(self, f, transformation):
        """Every way to write to a captured array raises, leaves it as it was, and says where to make it instead."""
        argument = np.stack([X, X]) if transformation is cr.vmap else X

        with pytest.raises(errors.TracedAssignmentError) as caught:
            transformation(f)(argument)
        check(
            caught,
            f,
            "an array from outside the differentiated function is written to",
            "It was captured (a global, an enclosing variable or a default) and holds numbers only",
            "Make it inside the function, write to a copy (`buffer = buffer.copy()`), or pass it as an argument.",
        )
        for array in (PLAIN, BUFFERS[0], HOLDER.array):
            assert not np.any(array)

    @pytest.mark.parametrize("f", [f for f in WRITES if f is not write_in_place])
    def test_without_the_swap(self, f):
        """Over NumPy's protocols alone nothing is lost silently, either."""
        with without_swap(), pytest.raises((errors.LeakError, errors.TracedAssignmentError)) as caught:
            cr.grad(f)(X)
        check(caught, f, "carries a derivative", "the array inside the differentiated function")

    def test_augmented_assignment_without_the_swap(self):
        """`ndarray += traced` gives the traced result, and leaves the array alone."""

        def f(x):
            y = PLAIN
            y += x
            return np.sum(y**2)

        with without_swap():
            assert cr.grad(f)(X).tolist() == [2.0, 4.0]
        assert not np.any(PLAIN)

    def test_full_like_without_the_swap(self):
        """`np.full_like` of a plain array with a traced number would lose the derivative."""

        def f(x):
            return np.full_like(PLAIN, x[0]).sum()

        with without_swap(), pytest.raises(errors.TracedAssignmentError) as caught:
            cr.grad(f)(X)
        check(caught, f, "Make the array inside the differentiated function, or start from `np.zeros_like(x)`.")
        assert cr.grad(f)(X).tolist() == [2.0, 0.0]


def in_standard_library(x):
    return statistics.NormalDist().cdf(x[0])


def in_scalar_type(x):
    return np.float64(x[0])


def in_scipy(x):
    return scipy.ndimage.gaussian_filter1d(x, 1.0).sum()


# SciPy's root finders would go on calling after an error, and what Python says next may be anything.
def in_compiled_quadrature(x):
    return scipy.integrate.quad(lambda z: z - x[0], 0.0, 1.0)[0]


def as_list(x):
    return sum(x.tolist())


def as_bytes(x):
    return np.frombuffer(x.tobytes()).sum()


class TestForeignCode:
    """C code, or a library, asks a traced value for plain numbers."""

    @pytest.mark.parametrize(
        ("f", "asked"),
        [
            (in_standard_library, "float()"),
            (in_scalar_type, "np.asarray"),
            (in_scipy, "np.asarray"),
            (in_compiled_quadrature, "float()"),
            (as_list, "tolist()"),
            (as_bytes, "tobytes()"),
        ],
    )
    @pytest.mark.parametrize("transformation", [cr.grad, lambda f: lambda x: cr.jvp(f, (x,), (x,))])
    def test_leak(self, f, asked, transformation):
        """The message names the user's line, not the library's, and four ways out."""
        with pytest.raises(errors.LeakError) as caught:
            transformation(f)(X)
        check(
            caught,
            f,
            f"`{asked}` was called on a value that carries a derivative, which plain numbers cannot hold",
            "To convert, `x.astype(np.float64)` or `float(x)`.",
            "use the NumPy function",
            "`@cr.custom`",
            "`cr.stop_gradient(x)`",
        )

    @pytest.mark.parametrize(
        "f", [in_standard_library, in_scalar_type, in_scipy, in_compiled_quadrature, as_list, as_bytes]
    )
    def test_way_out(self, f):
        """With the value held constant the foreign function runs."""
        with pytest.warns(errors.IndependentOutputWarning):
            assert cr.grad(lambda x: f(cr.stop_gradient(x)))(X).tolist() == [0.0, 0.0]

    def test_math_without_the_swap(self):
        """`math.sin` asks for a plain number; with the swap it is NumPy's sine."""

        def f(x):
            return math.sin(x[0])

        with without_swap(), pytest.raises(errors.LeakError) as caught:
            cr.grad(f)(X)
        check(caught, f, "use the NumPy function")
        assert cr.grad(f)(X).tolist() == [math.cos(1.0), 0.0]


def numpy_without_rule(x):
    return np.asmatrix(x).sum()


def scipy_ufunc(x):
    return scipy.special.zetac(x).sum()


def math_without_rule(x):
    return math.ulp(x[0])


class TestNoRule:
    """A function that has no derivative rule."""

    @pytest.mark.parametrize(
        ("f", "name"),
        [
            (numpy_without_rule, "np.asmatrix"),
            (scipy_ufunc, "zetac"),
            (math_without_rule, "math.ulp"),
        ],
    )
    def test_named(self, f, name):
        """The message names the function and the line, and how to write a rule."""
        with pytest.raises(errors.NoRuleError) as caught:
            cr.grad(f)(X)
        check(caught, f, name, "has no derivative rule", "Evaluation works", "`@cr.custom`", "`cr.stop_gradient(x)`")

    def test_constants_need_no_rule(self):
        """On constants the same function simply runs."""
        assert cr.grad(lambda x: x.sum() * np.roots([1.0, -3.0, 2.0]).max())(X).tolist() == [2.0, 2.0]


class TestWrongShapeFromARule:
    """A custom rule that returns a cotangent of the wrong shape."""

    def test_named(self):
        """The message names the rule and its line, the line that used the operation, what was expected, what came."""

        @cr.custom
        def smooth(x):
            return np.convolve(x, [0.5, 0.5])

        @smooth.pull
        def smooth_pull(y_bar, _y, _x):
            return np.convolve(y_bar, [0.5, 0.5])

        def loss(x):
            return np.sum(smooth(x) ** 2)

        with pytest.raises(errors.RuleError) as caught:
            cr.grad(loss)(X)
        check(
            caught,
            loss,
            f"the pull `smooth_pull` ({__file__}:{smooth_pull.__code__.co_firstlineno}) of `smooth`",
            "returned the cotangent of `x` with the wrong shape or dtype",
            "expected: float64[2]",
            "got:      float64[4]",
        )


class TestIndependentOutput:
    """A result that does not depend on the argument."""

    def test_warned(self):
        """The warning names the function and the calling line, and the usual causes; its own place is that line."""

        def loss(x):
            return float(int(x[0])) + len(x)

        def caller():
            return cr.grad(loss)(X)

        with pytest.warns(errors.IndependentOutputWarning) as caught:
            gradient = caller()

        assert gradient.tolist() == [0.0, 0.0]
        assert len(caught) == 1
        check(
            caught[0].message,
            caller,
            f"the result of `loss` ({__file__}:{loss.__code__.co_firstlineno}) does not depend on what it is",
            "was the value passed through `int`, `round`, `stop_gradient`, a comparison",
        )
        assert (caught[0].filename, caught[0].lineno) == (__file__, caller.__code__.co_firstlineno + 1)


class TestMismatchedTrees:
    """Containers that should be alike and are not."""

    def test_tangents(self):
        """`jvp` shows both structures."""

        def caller():
            return cr.jvp(lambda p: p["a"], ({"a": 1.0, "b": [2.0]},), ({"a": 1.0, "c": (2.0,)},))

        with pytest.raises(errors.TreeError) as caught:
            caller()
        check(
            caught,
            caller,
            "the tangent has another structure than the arguments",
            "the arguments: ({'a': *, 'b': [*]},)",
            "the tangent: ({'a': *, 'c': (*,)},)",
            "Both must nest the same containers with the same keys and lengths.",
        )

    def test_cotangents(self):
        """A pull shows what the result was."""
        _, pull = cr.vjp(lambda x: (x, [x]), 1.0)

        def caller():
            return pull([1.0, [1.0]])

        with pytest.raises(errors.TreeError) as caught:
            caller()
        check(caught, caller, "the cotangent has another structure than the result", "the result: (*, [*])")

    def test_shapes(self):
        """A leaf of another shape is named by its path."""

        def caller():
            return cr.jvp(lambda p: p["a"], ({"a": X},), ({"a": X[:1]},))

        with pytest.raises(errors.ShapeError) as caught:
            caller()
        check(caught, caller, "the tangent at `[0]['a']` has shape (1,), and its primal (2,)")


class TestUnhashableParameter:
    """A parameter of a custom operation that cannot tell it from others."""

    def test_named(self):
        """The message names operation, parameter and type, and says what is hashable."""

        @cr.custom(pull=lambda y_bar, _y, _x, *, knots: y_bar)
        def spline(x, *, knots):
            return x

        def loss(x):
            return np.sum(spline(x, knots=[0, 1]))

        with pytest.raises(errors.ParameterError) as caught:
            cr.grad(loss)(X)
        check(
            caught,
            loss,
            "`spline`: the parameter `knots` is a list, which is not hashable",
            "Pass a tuple for a list (`knots=(1, 2)`); make an array an operand",
        )


class TestNotANumber:
    """A point at which no numerical derivative can be compared."""

    @pytest.mark.parametrize("number", [np.nan, np.inf])
    def test_check_grads(self, number):
        """`check_grads` says which entry of which argument is no finite number."""

        def caller():
            return cr.check_grads(lambda weights: np.sum(weights["w"] ** 2), {"w": np.array([1.0, number])})

        with pytest.raises(errors.InvalidInputError) as caught:
            caller()
        check(caught, caller, "check_grads", "weights", "'w'", str(number))


class TestEndedLevel:
    """A value that escaped from its derivative."""

    def test_leaked_value(self):
        """The message names the line that uses the value, and how it should have left."""
        kept = []

        def loss(x):
            kept.append(x * 2)
            return x.sum()

        cr.grad(loss)(X)

        def caller():
            return np.sum(kept[0] + 1)

        with pytest.raises(errors.EndedLevelError) as caught:
            caller()
        check(
            caught,
            caller,
            "a traced value is used after the derivative that it belonged to was taken",
            "It escaped from the differentiated function, for instance through a list or an attribute.",
            "`has_aux=True`",
        )


@pytest.mark.parametrize("name", [name for name in dir(errors) if isinstance(getattr(errors, name), type)])
def test_every_error_is_the_builtin_people_expect(name):
    """Every public error is an `Error` and a builtin one, every warning a `UserWarning`, and each has its help page."""
    kind = getattr(errors, name)

    if issubclass(kind, Warning):
        assert issubclass(kind, UserWarning)
    else:
        assert issubclass(kind, errors.Error)
        builtin = [base for base in kind.__mro__ if base.__module__ == "builtins"]
        assert kind is errors.Error or builtin[0] is not Exception
    if kind is not errors.Error:
        page = inspect.cleandoc(kind.__doc__)
        assert re.search(r"^Fails:\n\n>>> ", page, re.MULTILINE), name
        assert re.search(r"^Works:.*\n\n>>> ", page, re.MULTILINE), name
