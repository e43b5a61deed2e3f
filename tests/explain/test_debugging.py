"""`debug()` names the first number that is not finite: its line, operation, element and reason."""

import inspect
import threading

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import chainrule as cr
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import NonFiniteError
from chainrule.explain.health.debugging import debug
from chainrule.numpy.swap import UNUSUAL
from chainrule.testing.laws.adjoint import cotangents
from chainrule.testing.programs import write_program
from chainrule.testing.sample import results
from chainrule.testing.samples import SAMPLES
from chainrule.trace import Op
from chainrule.transforms import BatchLevel, ForwardLevel, ReverseLevel, Tape

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

X = np.array([0.5, 0.0, 2.0])
NEGATIVE = np.array([0.5, -1.0, 2.0])


def raised(f, *args):
    """The error that a call raises inside of `debug()`."""
    with pytest.raises(NonFiniteError) as caught, debug():
        f(*args)
    return caught.value


def line_of(f, text):
    """The number of the line of a function that has some text."""
    lines, first = inspect.getsourcelines(f)
    return first + next(k for k, line in enumerate(lines) if text in line)


def sum_of_logarithms(x):
    y = 2 * x
    return np.sum(np.log(y))


def sum_of_roots(x):
    y = np.ones(3) + x - 1
    r = np.sqrt(y)
    return r.sum()


def softmax_entry(x):
    e = np.exp(x)
    return (e / e.sum())[2]


def squared_twice(x):
    a = x * 1e200
    return np.sum(a * a)


def quotient(x):
    n = x - x
    return np.sum(n / (0 * x))


def difference_of_infinities(x):
    return np.sum(x + np.array([0.0, np.inf, 0.0]) - np.array([0.0, np.inf, 0.0]))


def zero_times_infinity(x):
    return np.sum((0 * x) * np.array([1.0, np.inf, 1.0]))


def imported(x):
    return np.sum(x * np.array([1.0, 1.0, np.inf]))


FORWARD = [
    (sum_of_logarithms, X, "pole", "log", (1,), "np.log"),
    (sum_of_logarithms, NEGATIVE, "domain", "log", (1,), "np.log"),
    (sum_of_roots, NEGATIVE, "domain", "sqrt", (1,), "np.sqrt"),
    (softmax_entry, np.array([1.0, 2.0, 1000.0]), "overflow", "exp", (2,), "np.exp"),
    (squared_twice, X, "overflow", "multiply", (0,), "a * a"),
    (quotient, X, "0 / 0", "divide", (0,), "n /"),
    (difference_of_infinities, X, "inf - inf", "subtract", (1,), "np.inf"),
    (zero_times_infinity, X, "0 * inf", "multiply", (1,), "np.inf"),
    (imported, X, "imported", "multiply", (2,), "np.inf"),
]


@pytest.mark.parametrize(("f", "x", "reason", "op", "element", "text"), FORWARD)
def test_birth_in_the_run(f, x, reason, op, element, text):
    """A birth in the run is named, by gradients, tangents, and Jacobians."""
    for transformed in (
        cr.grad(f),
        cr.value_and_grad(f),
        cr.jacobian(f),
        cr.hessian(f),
        cr.jit(cr.grad(f)),
        lambda x: cr.jvp(f, (x,), (np.ones(3),)),
        lambda x: cr.vjp(f, x),
    ):
        error = raised(transformed, x)
        assert (error.reason, error.phase, error.op, error.element) == (reason, "forward", op, element)
        assert (error.file, error.line) == (__file__, line_of(f, text))
        assert f"{__file__}:{error.line}" in str(error)


def test_birth_in_the_pull():
    """The slope of √x at 0 is named when a cotangent that is not 0 meets it."""
    error = raised(cr.grad(sum_of_roots), X)
    assert (error.reason, error.phase, error.op, error.element) == ("pole", "backward", "sqrt", (1,))
    assert error.line == line_of(sum_of_roots, "np.sqrt")
    assert "inf" in str(error)


def test_birth_in_the_push():
    """So it is in the forward mode, and in a linearized function, when a tangent meets it."""
    for push in (
        lambda x: cr.jvp(sum_of_roots, (x,), (np.ones(3),)),
        lambda x: cr.linearize(sum_of_roots, x)[1](np.ones(3)),
    ):
        error = raised(push, X)
        assert (error.reason, error.phase, error.op, error.element) == ("pole", "push", "sqrt", (1,))
        assert error.line == line_of(sum_of_roots, "np.sqrt")


def test_zero_times_an_infinite_slope():
    """√x · √x at 0: a cotangent that is the number 0 meets an infinite slope."""
    error = raised(cr.grad(lambda x: np.sum(np.sqrt(x) * np.sqrt(x))), X)
    assert (error.reason, error.phase, error.op, error.element) == ("0 * inf", "backward", "sqrt", (1,))


def test_overflow_of_the_pull():
    """A derivative that is too large, of a result that is not."""

    def f(x):
        s = np.sin(x * 1e200)
        return np.sum(s) * 1e200

    error = raised(cr.grad(f), X)
    assert (error.reason, error.phase, error.op) == ("overflow", "backward", "multiply")
    assert error.line == line_of(f, "x * 1e200")


def three_halves(x):
    y = x**1.5
    return np.sum(y)


def test_birth_at_second_order():
    """x^1.5 has a derivative at 0 and no second one; the line is that of the power, in every nesting."""

    def sum_of_slopes(x):
        return np.sum(cr.grad(three_halves)(x))

    def pushed(x):
        return cr.jvp(cr.grad(three_halves), (x,), (np.ones(3),))

    def reversed_push(x):
        return cr.grad(lambda x: cr.jvp(three_halves, (x,), (np.ones(3),))[1])(x)

    for second in (cr.hessian(three_halves), cr.grad(sum_of_slopes), pushed, reversed_push):
        with debug():
            cr.grad(three_halves)(X)
        error = raised(second, X)
        assert (error.reason, error.op, error.element) == ("pole", "power", (1,))
        assert error.line == line_of(three_halves, "x**1.5")


def helper(x):
    return np.log(x)


def test_birth_in_a_loop_through_a_helper_and_a_write():
    """The line is that of the helper, at the iteration in which it happened."""

    def f(x):
        y = np.zeros(3)
        for k in range(3):
            y[k] = helper(x[k])
        return y.sum()

    error = raised(cr.grad(f), X)
    assert (error.reason, error.op, error.element) == ("pole", "log", ())
    assert error.line == line_of(helper, "np.log")


def test_birth_in_a_write_in_place():
    """What is written into a view of an array is followed through it."""

    def f(x):
        y = np.ones(5)
        view = y[1:4]
        view /= x
        y[0] = 7.0
        return y[2] + y[3]

    error = raised(cr.grad(f), X)
    assert (error.reason, error.op, error.element) == ("pole", "divide", (1,))
    assert error.line == line_of(f, "view /= x")


def test_birth_in_a_batch():
    """The lane of a `vmap` is named beside the element."""
    xs = np.stack([X + 1, X])
    for batched in (cr.vmap(cr.grad(sum_of_logarithms)), cr.vmap(sum_of_logarithms)):
        error = raised(batched, xs)
        assert (error.reason, error.op, error.lanes, error.element) == ("pole", "log", (1,), (1,))
    error = raised(cr.vmap(cr.grad(sum_of_roots)), xs)
    assert (error.reason, error.phase, error.lanes, error.element) == ("pole", "backward", (1,), (1,))
    error = raised(cr.grad(lambda xs: np.sum(cr.vmap(sum_of_roots)(xs))), xs)
    assert (error.reason, error.phase, error.lanes + error.element) == ("pole", "backward", (1, 1))
    error = raised(cr.vmap(cr.hessian(three_halves)), xs)
    assert (error.reason, error.op, error.element) == ("pole", "power", (1,))


def test_birth_in_a_compiled_function():
    """A compiled function runs as it is, also if it was compiled before, and is compiled code again afterwards."""
    f, g = cr.jit(sum_of_logarithms), cr.jit(cr.grad(sum_of_roots))
    one = np.ones(3)
    expected = f(one), g(one)
    error = raised(f, X)
    assert (error.reason, error.op, error.line) == ("pole", "log", line_of(sum_of_logarithms, "np.log"))
    error = raised(g, X)
    assert (error.reason, error.phase, error.line) == ("pole", "backward", line_of(sum_of_roots, "np.sqrt"))
    with debug():
        np.testing.assert_array_equal(f(one), expected[0])
        np.testing.assert_array_equal(g(one), expected[1])
    assert not UNUSUAL
    assert f(X) == -np.inf


def test_birth_in_a_checkpoint():
    """A part that is computed again names its own lines."""

    def part(x):
        a = 2 * x
        return np.sqrt(a)

    error = raised(cr.grad(lambda x: np.sum(cr.checkpoint(part)(x))), X)
    assert (error.reason, error.phase, error.op, error.element) == ("pole", "backward", "sqrt", (1,))
    assert error.line == line_of(part, "np.sqrt")
    error = raised(cr.grad(lambda x: np.sum(cr.checkpoint(sum_of_logarithms)(x))), X)
    assert (error.phase, error.line) == ("forward", line_of(sum_of_logarithms, "np.log"))


def test_birth_in_a_custom_operation():
    """An operation of the user's that gives NaN is named; nothing is known of why."""

    @cr.custom(partials=lambda _y, x: 2 * x)
    def mine(x):
        return np.where(x > 0, x, np.nan)

    error = raised(cr.grad(lambda x: np.sum(mine(x))), X)
    assert (error.reason, error.phase, error.op, error.element) == ("undefined", "forward", "mine", (1,))

    @cr.custom(partials=lambda _y, x: 1 / x)
    def other(x):
        return x + 1

    error = raised(cr.grad(lambda x: np.sum(other(x))), X)
    assert (error.phase, error.op, error.element) == ("backward", "other", (1,))


def test_which_of_two_births():
    """Of two births in one array the one is named that the result descends from."""

    def f(x):
        a = np.log(x)
        b = np.exp(1e4 * x)
        return np.concatenate([a, b])[::-1].reshape(2, 3)[0, 0]

    error = raised(cr.grad(f), X)
    assert (error.op, error.element, error.line) == ("exp", (2,), line_of(f, "np.exp"))


def test_first_cause():
    """exp overflows, and the quotient of the infinities is NaN: the overflow is named."""
    error = raised(cr.grad(lambda x: np.sum(np.exp(x) / (1 + np.exp(x)))), np.array([1.0, 800.0, 2.0]))
    assert (error.reason, error.op, error.element) == ("overflow", "exp", (1,))


def test_sum_of_contributions():
    """Two cotangents of the same value that are too large together."""

    def f(x):
        return np.sum(1e308 * x) + np.sum(1e308 * x)

    error = raised(cr.grad(f), X / 4)
    assert (error.reason, error.phase) == ("overflow", "backward")


def test_a_look_at_a_birth():
    """A branch that a NaN decides is an error, though no NaN comes out."""

    def f(x):
        y = np.log(x[1])
        if y > 0:
            return x[0]
        return 2 * x[0]

    error = raised(cr.grad(f), NEGATIVE)
    assert (error.reason, error.op, error.line) == ("domain", "log", line_of(f, "np.log"))
    assert "look" in str(error)
    with debug():
        np.testing.assert_array_equal(cr.grad(f)(X + 1), [2.0, 0.0, 0.0])


def test_what_is_hidden_does_not_count():
    """A branch that is not selected, an entry that is not read, a number that was sorted out."""
    hidden = [
        lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)),
        lambda x: np.sum(np.where(x > 0, np.sqrt(x), x)),
        lambda x: np.sum(np.sqrt(np.where(x > 0, x, 0.0))),
        lambda x: np.sum(np.log(x)[[0, 2]]),
        lambda x: np.sum(np.maximum(np.log(x), -5.0)),
        lambda x: np.sum(np.where(np.isfinite(1 / x), 1 / x, 0.0)),
        lambda x: np.sum(np.exp(-np.where(x > 0, x, np.inf))),
        lambda x: x[0] if np.isnan(np.log(x[1] - 1)) else x[1],
        lambda x: np.min(np.array([np.inf, x[0], x[2]])),
    ]
    for f in hidden:
        expected = cr.grad(f)(X)
        with debug():
            found = cr.grad(f)(X)
            tangent = cr.jvp(f, (X,), (np.ones(3),))[1]
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_allclose(tangent, expected.sum())


def test_bounds_may_be_infinite():
    """A comparison with an infinity from outside is no look at a birth."""

    def f(x):
        best = np.inf
        for entry in x:
            if entry < best:
                best = entry
        return np.clip(best, -np.inf, np.inf)

    with debug():
        np.testing.assert_array_equal(cr.grad(f)(X), [0.0, 1.0, 0.0])


@st.composite
def programs(draw):
    return write_program(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, 8)))


@hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=60)
@hypothesis.given(programs())
def test_ordinary_programs_raise_nothing_and_keep_their_numbers(program):
    """At ordinary points nothing is raised, and the gradient is the same to the last bit."""

    def copies():
        return [np.array(x)[()] for x in program.inputs]

    argnums = tuple(range(len(program.inputs)))
    expected = cr.value_and_grad(program.function, argnums)(*copies())
    tangents = tuple(np.ones_like(x) for x in program.inputs)
    pushed = cr.jvp(program.function, copies(), tangents)
    with debug():
        found = cr.value_and_grad(program.function, argnums)(*copies())
        found_push = cr.jvp(program.function, copies(), tangents)
    for a, b in zip((found[0], *found[1], *found_push), (expected[0], *expected[1], *pushed), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def run_of(case):
    """Results, cotangents and tangents of a sample."""
    y, pull = cr.vjp(case.sample.function, *case.inputs)
    y_bars = cotangents(case, "adjoint")
    x_bars = pull(unflatten(flatten(y)[1], y_bars))
    y, y_dot = cr.jvp(case.sample.function, case.inputs, case.directions("adjoint"))
    return [np.asarray(x) for x in (*results(y), *x_bars, *results(y_dot))]


@pytest.mark.parametrize("part", range(4))
@pytest.mark.filterwarnings("ignore")
def test_every_operation_raises_nothing_and_keeps_its_numbers(part):
    """The samples of all operations, at their ordinary points: the same numbers to the last bit."""
    for sample in SAMPLES[part::4]:
        cases = [case for case in sample.cases() if not case.is_single] if sample.order else []
        for case in cases[:1]:
            expected = run_of(case)
            with debug():
                found = run_of(case)
            for a, b in zip(found, expected, strict=True):
                assert a.dtype == b.dtype
                assert a.dtype == object or a.tobytes() == b.tobytes(), case


def test_negative_zeros_are_kept():
    """Cotangents of parts are added as they are outside, so that even a negative zero stays one."""

    def f(x):
        return -0.0 * x[0] + x[1] * x[2] + (-0.0) * np.sum(x[:2])

    expected = cr.grad(f)(X)
    with debug():
        assert cr.grad(f)(X).tobytes() == expected.tobytes()


def test_nothing_is_left_behind():
    """Outside of the block every method is the very object that it was before."""

    def state():
        methods = [
            (owner, name, method)
            for owner in (Op, ReverseLevel, ForwardLevel, BatchLevel, Tape, cr.Array, cr.Scalar, cr.Array.__mro__[1])
            for name, method in vars(owner).items()
            if callable(method)
        ]
        return [(owner, name, id(method)) for owner, name, method in methods]

    before = state()
    with debug(), debug():
        assert state() != before
    assert state() == before
    with pytest.raises(ZeroDivisionError), debug():
        raise ZeroDivisionError
    assert state() == before
    assert not UNUSUAL


def test_only_the_thread_that_runs_it():
    """Another thread takes derivatives as ever, while this one is watched."""
    found = []
    expected = cr.grad(sum_of_roots)(X)

    def take():
        found.append(cr.grad(sum_of_roots)(X))

    with debug():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
        with pytest.raises(NonFiniteError):
            take()
    np.testing.assert_array_equal(found[0], expected)


def test_blocks_of_several_threads():
    """Blocks may overlap in any order."""
    entered, leave = threading.Event(), threading.Event()

    def stay():
        with debug():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    entered.wait(10)
    with debug():
        pass
    assert raised(cr.grad(sum_of_roots), X).reason == "pole"
    leave.set()
    thread.join()
    assert np.isinf(cr.grad(sum_of_roots)(X)[1])


def test_generators():
    """A differentiated generator is watched where it is consumed, and one may be closed in the middle of a block."""

    def f(x):
        return sum(np.log(entry) for entry in x)

    assert raised(cr.grad(f), X).op == "log"

    def several():
        with debug():
            yield 1
            yield 2

    generator = several()
    next(generator)
    generator.close()
    assert np.isinf(cr.grad(sum_of_roots)(X)[1])


def test_pull_after_the_block():
    """A pull that was made before is watched when it is called inside, and only then."""
    _, pull = cr.vjp(sum_of_roots, X)
    error = raised(pull, 1.0)
    assert (error.reason, error.phase, error.line) == ("pole", "backward", line_of(sum_of_roots, "np.sqrt"))
    assert np.isinf(pull(1.0)[0][1])
    with debug():
        np.testing.assert_array_equal(pull(0.0)[0], np.zeros(3))


def test_infinite_arguments():
    """An argument that is not finite is named as what came from outside."""
    error = raised(cr.grad(lambda x: np.sum(3 * x)), np.array([1.0, np.inf]))
    assert (error.reason, error.op, error.element) == ("imported", "multiply", (1,))
