"""Random numbers inside differentiated functions: constants, drawn as NumPy draws them."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize("axis", [0, 1])
def test_shuffle_rearranges_along_an_axis(axis):
    """Shuffling gives an order of the slices, each of them once, and the derivative follows the entries."""

    def f(x):
        rng = np.random.default_rng(3)
        y = x * 1.0
        rng.shuffle(y, axis=axis)
        return y

    order = np.arange(X.shape[axis])
    np.random.default_rng(3).shuffle(order)
    value, jacobian = f(X), cr.jacobian(f)(X)
    pull = cr.vjp(f, X)
    np.testing.assert_array_equal(pull[0], np.take(X, order, axis))
    assert sorted(value.ravel()) == sorted(pull[0].ravel())
    np.testing.assert_array_equal(jacobian.reshape(6, 6).sum(axis=0), np.ones(6))


def test_draws_of_a_captured_generator_are_constants():
    """What a generator from outside draws can be written to and multiplied with, as an array made inside."""

    def f(x):
        noise = GENERATOR.normal(size=3)
        noise[0] = x[0] ** 2
        kept = x * noise
        noise *= 2.0
        return kept.sum() + noise.dot(x)

    state = GENERATOR.bit_generator.state
    gradient = cr.grad(f)(np.array([1.0, 2.0, 3.0]))
    GENERATOR.bit_generator.state = state
    n = GENERATOR.normal(size=3)
    # f = 3 (x0³ + n1 x1 + n2 x2)
    np.testing.assert_allclose(gradient, 3 * np.array([3.0, n[1], n[2]]), rtol=1e-14)


def test_permutation_of_a_traced_array():
    """A permutation of traced entries has the derivative of the entries that it moves."""

    def f(x):
        return np.random.RandomState(1).permutation(x) @ np.arange(3.0)

    order = np.random.RandomState(1).permutation(3)
    expected = np.zeros(3)
    expected[order] = np.arange(3.0)
    np.testing.assert_array_equal(cr.grad(f)(np.array([1.0, 2.0, 3.0])), expected)


SOURCES = {
    "generator": lambda: np.random.default_rng(5),
    "random state": lambda: np.random.RandomState(5),
    "module": lambda: np.random.seed(5) or np.random,
}

PATHWISE = {
    "exponential": (1.3,),
    "gumbel": (0.3, 1.2),
    "laplace": (0.3, 1.2),
    "logistic": (0.3, 1.2),
    "lognormal": (0.3, 0.7),
    "normal": (0.3, 1.2),
    "pareto": (1.7,),
    "power": (1.7,),
    "rayleigh": (1.3,),
    "uniform": (0.3, 1.2),
    "weibull": (1.7,),
}


@pytest.mark.parametrize("name", PATHWISE)
@pytest.mark.parametrize("source", SOURCES)
def test_draws_follow_their_parameters(name, source):
    """The number is NumPy's at this state of the source; its derivative is that of differences at the same state."""
    parameters = PATHWISE[name]

    def f(*parameters):
        return getattr(SOURCES[source](), name)(*parameters, size=4)

    value, pull = cr.vjp(f, *parameters)
    slopes = pull(np.arange(4.0))

    np.testing.assert_allclose(value, f(*parameters), rtol=4e-15)
    for k, slope in enumerate(slopes):
        ends = [f(*(p + sign * 1e-6 * (i == k) for i, p in enumerate(parameters))) for sign in (1, -1)]
        np.testing.assert_allclose(slope, np.arange(4.0) @ (ends[0] - ends[1]) / 2e-6, rtol=1e-7)


def test_draws_in_the_shape_of_their_parameters():
    """One number for each parameter, and a scale may be traced where the shape of a gamma distribution is constant."""
    means = np.array([1.0, 2.0, 3.0])

    jacobian = cr.jacobian(lambda mu: np.random.default_rng(0).normal(mu, 0.5))(means)
    value, slope = cr.value_and_grad(lambda scale: np.random.default_rng(0).gamma(2.0, scale))(1.5)

    np.testing.assert_array_equal(jacobian, np.eye(3))
    assert value == np.random.default_rng(0).gamma(2.0, 1.5)
    assert slope == np.random.default_rng(0).standard_gamma(2.0)


def test_traced_parameters_that_are_refused():
    """Where NumPy draws by rejection the error says so; a negative scale is NumPy's error."""
    for f in (lambda x: np.random.default_rng(0).gamma(x), lambda x: np.random.standard_t(x)):
        with pytest.raises(cr.errors.NoRuleError, match="no smooth function"):
            cr.grad(f)(1.0)
    with pytest.raises(ValueError, match="scale < 0"):
        cr.grad(lambda x: np.random.normal(0.0, x))(-1.0)


DRAWS = {
    "beta": (1.0, 2.0),
    "binomial": (5, 0.5),
    "bytes": (3,),
    "chisquare": (2.0,),
    "choice": (7,),
    "dirichlet": ([1.0, 2.0],),
    "exponential": (1.5,),
    "f": (3.0, 4.0),
    "gamma": (2.0, 1.5),
    "geometric": (0.3,),
    "gumbel": (0.5, 2.0),
    "hypergeometric": (5, 6, 4),
    "laplace": (0.5, 2.0),
    "logistic": (0.5, 2.0),
    "lognormal": (0.5, 2.0),
    "logseries": (0.5,),
    "multinomial": (5, [0.5, 0.5]),
    "multivariate_normal": ([0.0, 1.0], [[1.0, 0.2], [0.2, 1.0]]),
    "negative_binomial": (3, 0.5),
    "noncentral_chisquare": (2.0, 1.0),
    "noncentral_f": (3.0, 4.0, 1.0),
    "normal": (0.5, 2.0),
    "pareto": (2.0,),
    "poisson": (3.0,),
    "power": (2.0,),
    "rand": (2,),
    "randint": (9,),
    "randn": (2,),
    "random": (2,),
    "random_sample": (2,),
    "ranf": (2,),
    "rayleigh": (2.0,),
    "sample": (2,),
    "standard_cauchy": (2,),
    "standard_exponential": (2,),
    "standard_gamma": (2.0,),
    "standard_normal": (2,),
    "standard_t": (3.0,),
    "triangular": (0.0, 0.5, 1.0),
    "uniform": (0.5, 2.0),
    "vonmises": (0.5, 2.0),
    "wald": (1.0, 2.0),
    "weibull": (2.0,),
    "zipf": (3.0,),
}


@pytest.mark.parametrize("name", DRAWS)
def test_every_draw_is_constant(name):
    """What a derivative sees drawn is what NumPy draws, with the derivative 0; what it sees afterwards follows."""

    def f(x):
        np.random.seed(3)
        drawn = getattr(np.random, name)(*DRAWS[name])
        following = np.random.rand()
        return drawn, following, x * np.sum(following)

    drawn, following, _ = f(2.0)
    (value, after, product), (still, _, slope) = cr.jvp(f, (2.0,), (1.0,))
    assert np.all(value == drawn)
    assert (after, product, slope) == (following, 2.0 * following, following)
    assert type(still) is bytes or not np.any(still)


def test_table_has_every_draw():
    """Each public function that draws is among those above, and constant in the table, or follows its parameters."""
    from chainrule.numpy.coverage import coverage

    table = coverage()
    drawing = {name for name in np.random.__all__ if "drawn" in table[f"numpy.random.{name}"].reason}
    # An old name of `randint`, which warns.
    assert drawing - {"random_integers"} == set(DRAWS) - set(PATHWISE) - {"gamma"}
    assert all(table[f"numpy.random.{name}"].status == "composite" for name in (*PATHWISE, "gamma"))
