"""Functions made primitives, with the rules that users state for them."""

import gc

import numpy as onp
import pytest

import chainrule.interop.autograd.numpy as np
from chainrule.errors import DTypeError, LeakError, NoRuleError, RuleError, ShapeError
from chainrule.interop.autograd import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    hessian,
    jacobian,
    make_jvp,
    make_vjp,
)
from chainrule.interop.autograd.builtins import list as container_list
from chainrule.interop.autograd.builtins import tuple as container_tuple
from chainrule.interop.autograd.core import primitive_jvps, primitive_vjps
from chainrule.interop.autograd.extend import (
    JVPNode,
    SparseObject,
    VJPNode,
    defjvp,
    defjvp_argnum,
    deflinear,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    register_notrace,
    vspace,
)
from chainrule.interop.autograd.numpy.numpy_vjps import unbroadcast_f
from chainrule.interop.autograd.tracer import Node, isbox


def plain(x):
    """The argument, which has to be what foreign code can take."""
    assert type(x) in (onp.ndarray, onp.float64, float), type(x)
    return x


@pytest.fixture
def cube():
    """x³, elementwise, whose rules are not stated."""
    return primitive(lambda x: plain(x) ** 3)


def test_a_vjp_gives_reverse_mode_of_any_order(cube):
    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)

    assert grad(cube)(2.0) == 12
    assert grad(grad(cube))(2.0) == 12
    assert grad(grad(grad(cube)))(2.0) == 6
    assert cube(2.0) == 8
    with pytest.raises(NotImplementedError, match="no forward derivative"):
        deriv(cube)(2.0)


def test_a_jvp_gives_forward_mode_and_reverse_mode_by_transposition(cube):
    defjvp(cube, lambda g, ans, x: g * 3 * x**2)
    x = onp.array([1.0, 2.0])

    assert deriv(cube)(2.0) == 12
    assert deriv(deriv(cube))(2.0) == 12
    assert grad(cube)(2.0) == 12
    onp.testing.assert_allclose(jacobian(cube)(x), onp.diag(3 * x**2))
    onp.testing.assert_allclose(elementwise_grad(elementwise_grad(cube))(x), 6 * x)


def test_both_rules_mix(cube):
    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    defjvp(cube, lambda g, ans, x: g * 3 * x**2)

    assert deriv(grad(cube))(2.0) == grad(deriv(cube))(2.0) == 12


def test_without_a_rule_the_derivative_is_not_implemented(cube):
    with pytest.raises(NoRuleError, match="VJP"):
        grad(cube)(2.0)
    with pytest.raises(NotImplementedError):
        deriv(cube)(2.0)


def test_each_argument_has_its_rule_and_none_says_zero():
    product = primitive(lambda x, y, z: x * y + z)
    defvjp(product, lambda ans, x, y, z: unbroadcast_f(x, lambda g: g * y), None, argnums=(0, 2))
    y = onp.array([1.0, 2.0])

    assert grad(lambda x: np.sum(product(x, y, 0.0)))(1.0) == 3
    assert grad(lambda z: np.sum(product(1.0, y, z * y)))(1.0) == 0
    with pytest.raises(NotImplementedError, match="argnums"):
        grad(lambda y: np.sum(product(1.0, y, 0.0)))(y)


def test_rules_by_the_number_of_the_argument():
    difference = primitive(lambda x, y: x - y)
    defvjp_argnum(difference, lambda argnum, ans, args, kwargs: lambda g: (-1) ** argnum * g)
    defjvp_argnum(difference, lambda argnum, g, ans, args, kwargs: (-1) ** argnum * g)

    assert grad(difference, (0, 1))(1.0, 2.0) == (1, -1)
    assert grad(lambda x: difference(x, 2 * x))(1.0) == -1
    assert deriv(lambda x: difference(x, 2 * x))(1.0) == -1


def test_a_maker_runs_once_for_many_cotangents():
    made = []
    double = primitive(lambda x: 2 * x)

    def maker(argnums, ans, args, kwargs):
        made.append(argnums)
        return lambda g: (2 * g,)

    defvjp_argnums(double, maker)

    onp.testing.assert_array_equal(jacobian(double)(onp.ones(3)), 2 * onp.eye(3))
    assert made == [(0,)]


def test_a_linear_function():
    halved = primitive(lambda x: x / 2)
    deflinear(halved)

    assert deriv(halved)(3.0) == 0.5
    with pytest.raises(NotImplementedError, match="pull"):
        grad(halved)(3.0)


def test_keyword_arguments_reach_function_and_rules():
    power = primitive(lambda x, exponent=1: x**exponent)
    defvjp(power, lambda ans, x, exponent=1: lambda g: g * exponent * x ** (exponent - 1))

    assert grad(lambda x: power(x, exponent=3))(2.0) == 12


def test_containers_as_argument_and_result():
    @primitive
    def polar(point):
        x, y = point["x"], point["y"]
        return [plain(onp.hypot(x, y)), plain(onp.arctan2(y, x))]

    def polar_vjp(ans, point):
        def pull(g):
            (r_bar, phi_bar), r = g, ans[0]
            x, y = point["x"], point["y"]
            return {"x": r_bar * x / r - phi_bar * y / r**2, "y": r_bar * y / r + phi_bar * x / r**2}

        return pull

    defvjp(polar, polar_vjp)
    point = {"x": 3.0, "y": 4.0}

    assert grad(lambda point: polar(point)[0])(point) == pytest.approx({"x": 0.6, "y": 0.8})
    assert grad(lambda x: polar({"x": x, "y": 4.0})[1])(3.0) == pytest.approx(-4 / 25)
    # r'' = y²/r³
    assert grad(grad(lambda x: polar({"x": x, "y": 4.0})[0]))(3.0) == pytest.approx(16 / 125)


def test_a_sparse_cotangent():
    taken = primitive(lambda A, k: A[k])

    def taken_vjp(ans, A, k):
        def pull(g):
            def mut_add(A_bar):
                A_bar[k] += g
                return A_bar

            return SparseObject(vspace(A), mut_add)

        return pull

    defvjp(taken, taken_vjp, None)

    onp.testing.assert_array_equal(grad(lambda A: taken(A, 1) * taken(A, 2))(onp.array([1.0, 2.0, 3.0])), [0, 3, 2])


def test_a_seed_of_the_wrong_shape_is_an_error():
    """What a pull is given is of the size of the result, or broadcasts to it."""
    vjp, _ = make_vjp(lambda x: 2 * x)(np.ones(3))

    with pytest.raises(ShapeError, match=r"shape \(2,\), and its primal \(3,\)"):
        vjp(np.ones(2))


def test_a_cotangent_of_the_wrong_shape_is_an_error(cube):
    defvjp(cube, lambda ans, x: lambda g: onp.ones(5))

    with pytest.raises(ShapeError, match="unbroadcast_f"):
        grad(lambda x: np.sum(cube(x)))(onp.ones(2))


def test_a_rule_of_numpys_function_is_replaced():
    before = primitive_vjps[np.sinc]
    try:
        defvjp(np.sinc, lambda ans, x: lambda g: 7.0 * g)
        assert grad(np.sinc)(0.5) == 7
    finally:
        primitive_vjps[np.sinc] = before
    assert grad(np.sinc)(0.5) == pytest.approx(-4 / onp.pi)
    assert grad(grad(np.sinc))(0.5) == pytest.approx(16 / onp.pi - 2 * onp.pi)


def sevenfold(argnums, ans, args, kwargs):
    """A rule as `primitive_vjps` holds them."""
    return lambda g: (7.0 * g,)


def enter_by_or(rules, fun):
    """In the way that has no method of its name."""
    rules |= {fun: sevenfold}


WAYS_TO_ENTER = {
    "item": lambda rules, fun: rules.__setitem__(fun, sevenfold),
    "update": lambda rules, fun: rules.update({fun: sevenfold}),
    "pairs": lambda rules, fun: rules.update([(fun, sevenfold)]),
    "or": enter_by_or,
    "setdefault": lambda rules, fun: (rules.pop(fun), rules.setdefault(fun, sevenfold)),
}


@pytest.mark.parametrize("way", WAYS_TO_ENTER)
def test_rules_are_entered_as_in_a_dict(way):
    """A rule that `primitive_vjps.update` brought for one of NumPy's functions was ignored."""
    assert np.sinc in primitive_vjps
    before = dict(primitive_vjps)
    try:
        WAYS_TO_ENTER[way](primitive_vjps, np.sinc)
        assert grad(lambda x: np.sinc(2 * x))(0.5) == 14
    finally:
        primitive_vjps.clear()
        primitive_vjps.update(before)
    assert grad(np.sinc)(0.5) == pytest.approx(-4 / onp.pi)


def test_a_push_is_entered_as_in_a_dict():
    before = primitive_jvps[np.sinc]
    try:
        primitive_jvps.update({np.sinc: lambda argnums, gs, ans, args, kwargs: 7.0 * gs[0]})
        assert deriv(lambda x: np.sinc(2 * x))(0.5) == 14
    finally:
        primitive_jvps.update({np.sinc: before})
    assert deriv(np.sinc)(0.5) == pytest.approx(-4 / onp.pi)


def test_rules_are_looked_up_as_in_a_dict():
    unknown = primitive(lambda x: x)

    for rules in (primitive_vjps, primitive_jvps):
        assert np.sin in rules
        assert rules.get(np.sin) is rules[np.sin]
        assert unknown not in rules
        assert rules.get(unknown) is None


def test_rules_of_numpys_functions_can_be_asked_for():
    x = onp.array([0.5, 1.0])

    (x_bar,) = primitive_vjps[np.sin]((0,), onp.sin(x), (x,), {})(onp.ones(2))
    y_dot = primitive_jvps[np.sin]((0,), [onp.ones(2)], onp.sin(x), (x,), {})

    onp.testing.assert_allclose(x_bar, onp.cos(x))
    onp.testing.assert_allclose(y_dot, onp.cos(x))


def test_what_is_not_traced_is_constant():
    assert grad(lambda x: x * notrace_primitive(lambda x: plain(x) ** 2)(x))(3.0) == 9
    rounded = primitive(lambda x: x)
    register_notrace(VJPNode, rounded)
    register_notrace(JVPNode, rounded)
    assert grad(lambda x: x * rounded(x))(3.0) == 3
    assert deriv(lambda x: x * rounded(x))(3.0) == 3


class ForeignNode(Node):
    """A node of another kind of trace."""


@pytest.mark.parametrize(("kind", "reverse", "forward"), [(VJPNode, 0, 3), (JVPNode, 3, 0), (ForeignNode, 3, 3)])
def test_what_is_constant_in_one_kind_of_trace_is_not_in_others(kind, reverse, forward):
    """A primitive that a program registered for nodes of its own was constant everywhere."""
    threefold = primitive(lambda x: 3 * x)
    defvjp(threefold, lambda ans, x: lambda g: 3 * g)
    defjvp(threefold, lambda g, ans, x: 3 * g)
    register_notrace(kind, threefold)

    assert grad(lambda x: threefold(x) + 0 * x)(2.0) == reverse
    assert deriv(lambda x: threefold(x) + 0 * x)(2.0) == forward
    if kind is ForeignNode:
        assert grad(grad(lambda x: threefold(x) ** 2))(2.0) == 18


def test_a_checkpointed_function_runs_again_for_its_derivative():
    runs = []

    def f(x):
        runs.append(isbox(x))
        return np.sum(np.sin(x) ** 2)

    x = onp.array([1.0, 2.0])

    onp.testing.assert_allclose(grad(checkpoint(f))(x), onp.sin(2 * x))
    assert runs == [False, True]
    onp.testing.assert_allclose(hessian(checkpoint(f))(x), onp.diag(2 * onp.cos(2 * x)), atol=1e-15)


def test_a_result_that_is_no_number_cannot_be_differentiated():
    with pytest.raises(TypeError, match="differentiate"):
        grad(primitive(lambda x: object()))(1.0)


def test_a_pull_can_be_called_later_and_again(cube):
    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    x = onp.array([1.0, 2.0])

    pull, _ = make_vjp(cube)(x)
    x[:] = 0

    for _ in range(2):
        onp.testing.assert_array_equal(pull(onp.ones(2)), [3, 12])


def test_a_push(cube):
    defjvp(cube, lambda g, ans, x: g * 3 * x**2)

    assert make_jvp(cube)(2.0)(1.5) == (8, 18)


@pytest.mark.parametrize("fun", [lambda x: x, lambda x: np.reshape(x, 2), lambda x: x + np.ones(2), lambda x: -x])
def test_a_pull_neither_keeps_nor_changes_the_cotangent(fun):
    """What it returns is memory of its own, also where the Jacobian is the identity."""
    pull, _ = make_vjp(fun)(onp.array([1.0, 2.0]))
    g = onp.array([3.0, 4.0])

    first = pull(g)
    first[:] = 7.0

    onp.testing.assert_array_equal(g, [3.0, 4.0])
    assert abs(pull(g)).tolist() == [3.0, 4.0]


def test_a_cotangent_that_is_changed_later_does_not_change_a_derivative_of_its_pull():
    """The pull is differentiated in turn, after its plain cotangent was written to."""
    b, g = onp.array([2.0, 3.0]), onp.array([1.0, 1.0])

    def f(b):
        weights = g.copy()
        x_bar = make_vjp(lambda x: x * b)(onp.ones(2))[0](weights)
        weights[:] = 9.0
        return np.sum(x_bar * b)

    onp.testing.assert_array_equal(grad(f)(b), 2 * b)


@pytest.mark.parametrize(
    ("result", "slope"),
    [
        (lambda x: 2 * x, 2.0),
        (lambda x: (2 * x, 3), 2.0),
        (lambda x: [2 * x, {"b": 5 * x}], 2.0),
        (lambda x: (onp.int64(7), 2 * x), 0.0),
    ],
)
def test_a_primitive_runs_once_whatever_it_returns(result, slope):
    """A number, or a container of numbers of which some vary: the function is not asked twice."""
    runs = []

    @primitive
    def observed(x):
        runs.append(x)
        return result(x)

    def pull(ans, x):
        first = not isinstance(ans, (list, tuple))
        return lambda g: 2 * g if first else 2 * g[0] + (5 * g[1]["b"] if isinstance(ans, list) else 0)

    defvjp(observed, pull)

    def f(x):
        ans = observed(x)
        return ans[0] * 1.0 if isinstance(ans, (list, tuple)) else ans

    if slope:
        assert grad(f)(3.0) == slope
    else:
        with pytest.warns(UserWarning, match="independent"):
            assert grad(f)(3.0) == 0
    assert len(runs) == 1


def test_what_is_recorded_of_a_primitive_is_freed_without_the_collector(cube):
    """Nothing that is recorded leads back to itself, with arguments alone and in lists."""

    @primitive
    def total(xs, w):
        return sum(xs) * w

    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    defvjp(total, lambda ans, xs, w: lambda g: [g * w] * len(xs), lambda ans, xs, w: lambda g: g * sum(xs))
    f = grad(lambda x: total([cube(x), x], cube(x)))
    f(1.0)
    # What other tests have left may take several rounds, as finalizers leave more.
    while gc.collect():
        pass
    gc.disable()
    try:
        assert f(1.0) == 10.0
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_pull_that_gives_too_few_cotangents():
    @primitive
    def product(x, y):
        return x * y

    defvjp_argnums(product, lambda argnums, ans, args, kwargs: lambda g: (g * args[1],))

    with pytest.raises(RuleError, match=r"`product` returned 1 cotangents.*\(0, 1\)"):
        grad(lambda x: product(x, 2 * x))(3.0)


def test_a_traced_value_that_reaches_a_primitive_past_its_arguments_is_refused():
    """By keyword or from the code around it: no rule gives that derivative, so it would be lost."""

    @primitive
    def scaled(x, w=1.0):
        return x * w

    defvjp(scaled, lambda ans, x, w=1.0: lambda g: g * w)

    def by_closure(w):
        @primitive
        def scaled_by_w(x):
            return [x * w, x]

        defvjp(scaled_by_w, lambda ans, x: lambda g: g[0] * w + g[1])
        return scaled_by_w(2.0 * w)[0]

    for f in (lambda w: scaled(2.0 * w, w=w), lambda w: scaled([2.0 * w, w][0], w=w * 1.0), by_closure):
        with pytest.raises(LeakError, match=r"(?s)past its arguments.*test_primitives.py"):
            grad(f)(3.0)
    assert grad(lambda w: scaled(2.0, w=w))(3.0) == 2.0


class Circuit:
    """What holds its parameters, and is run without them (as PennyLane's tapes)."""

    def __init__(self, *parameters):
        self.parameters = parameters

    def run(self):
        a, b = self.parameters
        return np.sin(a) * b


@primitive
def run_circuit(parameters, circuit):
    return circuit.run()


@primitive
def run_circuit_of_numbers(a, b, circuit):
    return circuit.run()


defvjp(
    run_circuit,
    lambda ans, parameters, circuit: lambda g: [g * np.cos(parameters[0]) * parameters[1], g * np.sin(parameters[0])],
    argnums=(0,),
)
defvjp(
    run_circuit_of_numbers,
    lambda ans, a, b, circuit: lambda g: g * np.cos(a) * b,
    lambda ans, a, b, circuit: lambda g: g * np.sin(a),
)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: run_circuit([a, b], Circuit(a, b)),
        lambda a, b: run_circuit_of_numbers(a, b, Circuit(a, b)),
    ],
)
def test_operands_may_reach_a_primitive_once_more_in_what_holds_them(f):
    """Their derivatives are those of the rule, of any order: f = sin(a) b."""
    a, b = 0.4, 1.5

    assert grad(f)(a, b) == pytest.approx(np.cos(a) * b)
    assert grad(f, 1)(a, b) == pytest.approx(np.sin(a))
    assert grad(grad(f))(a, b) == pytest.approx(-np.sin(a) * b)
    assert grad(grad(f, 1))(a, b) == pytest.approx(np.cos(a))
    assert grad(grad(grad(f, 1)))(a, b) == pytest.approx(-np.sin(a))
    hessian_of = jacobian(jacobian(lambda x: f(x[0], x[1])))(np.array([a, b]))
    onp.testing.assert_allclose(hessian_of, [[-np.sin(a) * b, np.cos(a)], [np.cos(a), 0.0]], atol=1e-15)


def test_what_is_made_of_an_operand_beside_a_primitive_is_refused():
    """Only an operand itself has the derivative of a rule."""
    for hidden in (lambda a: 2.0 * a, lambda a: a + 0.0):
        with pytest.raises(LeakError, match="past its arguments"):
            grad(lambda a, hidden=hidden: run_circuit_of_numbers(a, 1.5, Circuit(hidden(a), 1.5)))(0.4)
        with pytest.raises(LeakError, match="past its arguments"):
            grad(lambda a, hidden=hidden: run_circuit([a, 1.5], Circuit(hidden(a), 1.5)))(0.4)

    @primitive
    def scaled(x, w=1.0):
        return x * w

    defvjp(scaled, lambda ans, x, w=1.0: lambda g: g * w)
    with pytest.raises(LeakError, match="by keyword"):
        grad(lambda w: scaled(w, w=w))(3.0)


def test_a_primitive_may_use_values_of_a_run_around_it():
    """What is traced by an outer derivative alone keeps that derivative, in the value and in the rule."""

    def outer(w):
        @primitive
        def scaled(x):
            return x * w

        defvjp(scaled, lambda ans, x: lambda g: g * w)
        return grad(lambda x: scaled(x) * scaled(x))(3.0)

    # The inner gradient is 2 x w².
    assert grad(outer)(5.0) == 2 * 3.0 * 2 * 5.0


@pytest.mark.parametrize("g", [[1.0, 1.0, 1.0], [1.0, 0.0, 2.0]])
@pytest.mark.parametrize("x", [onp.array(2.0), onp.array([2.0])])
def test_the_cotangent_of_an_array_is_an_array(x, g):
    """Of one without axes it is a number, as in autograd, whatever the cotangent of the result holds."""
    x_bar = make_vjp(lambda x: x * onp.array([1.0, 2.0, 4.0]))(x)[0](onp.array(g))

    assert type(x_bar) is (onp.ndarray if x.shape else onp.float64)
    assert x_bar.shape == x.shape
    assert x_bar.sum() == onp.dot(g, [1.0, 2.0, 4.0])


def test_a_rule_may_write_to_the_cotangent_that_it_is_given():
    """It is still to be added elsewhere, and is the caller's own."""
    double = primitive(lambda x: 2.0 * plain(x))

    def written(g):
        g *= 2
        return g

    defvjp(double, lambda ans, x: written)
    defjvp(double, lambda g, ans, x: written(g))
    x, g = onp.array([1.0, 2.0]), onp.array([3.0, 5.0])

    for fun, slope in ((double, 2), (lambda x: double(x) + x, 3), (lambda x: double(x) + double(x) + x, 5)):
        pull, _ = make_vjp(fun)(x)
        onp.testing.assert_array_equal(pull(g), slope * onp.array([3.0, 5.0]))
        onp.testing.assert_array_equal(pull(g), slope * onp.array([3.0, 5.0]))
        onp.testing.assert_array_equal(make_jvp(fun)(x)(g)[1], slope * onp.array([3.0, 5.0]))
        onp.testing.assert_array_equal(g, [3.0, 5.0])


def test_what_a_rule_keeps_is_not_handed_out():
    """Writing to a derivative leaves the arrays of the rule as they are."""
    none, kept = onp.zeros(2), []
    first = primitive(lambda x, y: plain(x) + 0.0)
    defvjp(first, lambda ans, x, y: lambda g: kept.append(g) or g, lambda ans, x, y: lambda g: none)
    defjvp(first, lambda g, ans, x, y: g, lambda g, ans, x, y: none)
    x = onp.array([1.0, 2.0])

    pull, _ = make_vjp(lambda x: first(x[0], x[1]))((x, x))
    for derivative in (*pull(onp.ones(2)), make_jvp(lambda y: first(x, y))(x)(x)[1]):
        derivative += 7.0

    onp.testing.assert_array_equal(none, [0.0, 0.0])
    onp.testing.assert_array_equal(kept, [[1.0, 1.0]])


@pytest.mark.parametrize("wrong", [onp.ones(3), "no number"])
def test_a_derivative_of_another_kind_names_the_line_of_the_primitive(wrong):
    """Not only that of the derivative: a program calls many primitives and takes one gradient."""
    double = primitive(lambda x: 2.0 * x)
    defvjp(double, lambda ans, x: lambda g: wrong)

    def f(x):
        return np.sum(double(x))

    with pytest.raises((ShapeError, DTypeError), match=r"(?s)return np\.sum\(double\(x\)\)\n.*, in `.*\.f`"):
        grad(f)(onp.ones(2))


@pytest.mark.parametrize("of_the_empty_list", [[], (), None, onp.zeros((1, 0))])
def test_a_list_without_items_among_others_takes_any_cotangent(of_the_empty_list):
    """PennyLane's circuits without parameters are given an empty matrix."""

    @primitive
    def total(lists):
        return onp.array([sum(items) for items in lists])

    defvjp(total, lambda ans, lists: lambda g: (of_the_empty_list, g[1] * onp.ones(len(lists[1]))))

    def f(x):
        return np.sum(total(container_tuple((container_list([]), container_list([x[0], 2 * x[1]])))) ** 2)

    assert grad(f)(onp.array([1.0, 2.0])) == pytest.approx([10.0, 20.0])
