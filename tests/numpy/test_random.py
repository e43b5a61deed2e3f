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

# Those whose parameters are arrays, or of one parameter only.
ALSO_PATHWISE = ("choice", "gamma", "multivariate_normal")


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


COVARIANCE = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.5]])


@pytest.mark.parametrize("method", ["svd", "eigh", "cholesky", None])
@pytest.mark.parametrize("size", [None, 4, (2, 3)])
def test_draws_of_several_variables_follow_mean_and_covariance(method, size):
    """The numbers are NumPy's at this state of the source, the derivatives those of differences at the same state."""

    def f(mean, cov):
        # The legacy source has no choice of methods.
        if method is None:
            return np.random.RandomState(0).multivariate_normal(mean, cov, size)
        return np.random.default_rng(0).multivariate_normal(mean, cov, size, method=method)

    mean, direction = np.array([0.5, -1.0, 2.0]), np.array([[0.3, 0.1, 0.0], [0.1, 0.2, -0.1], [0.0, -0.1, 0.4]])
    value, tangent = cr.jvp(f, (mean, COVARIANCE), (np.arange(3.0), direction))

    np.testing.assert_allclose(value, f(mean, COVARIANCE), rtol=1e-13)
    ends = [f(mean + h * np.arange(3.0), COVARIANCE + h * direction) for h in (1e-6, -1e-6)]
    np.testing.assert_allclose(tangent, (ends[0] - ends[1]) / 2e-6, rtol=1e-7, atol=1e-8)
    jacobian = cr.jacobian(lambda mean: f(mean, COVARIANCE))(mean)
    np.testing.assert_array_equal(jacobian, np.broadcast_to(np.eye(3), jacobian.shape))


def test_a_covariance_that_is_none_is_refused_as_by_numpy():
    def f(scale, **options):
        cov = scale * np.diag([1.0, -2.0])
        return np.random.default_rng(0).multivariate_normal(np.zeros(2), cov, **options).sum()

    with pytest.raises(ValueError, match="not symmetric positive-semidefinite"):
        cr.grad(lambda scale: f(scale, check_valid="raise"))(1.0)
    with pytest.raises(np.linalg.LinAlgError):
        cr.grad(lambda scale: f(scale, method="cholesky"))(1.0)
    with pytest.warns(RuntimeWarning, match="not symmetric positive-semidefinite"):
        cr.grad(f)(1.0)


@pytest.mark.parametrize("method", ["svd", "eigh"])
def test_draws_that_turn_with_a_covariance_of_equal_eigenvalues_are_refused(method):
    """Of two equal eigenvalues any two vectors may come; Cholesky's factor, √s at s times the identity, is smooth."""

    def f(scale, method):
        return np.random.default_rng(0).multivariate_normal(np.zeros(2), scale * np.eye(2), method=method)[0]

    with pytest.raises(cr.errors.NoRuleError, match=r"(?s)equal eigenvalues.*scale \* np.eye.*cholesky"):
        cr.grad(f)(2.0, method)
    turned = np.array([[2.0, 1.0, 0.0], [-1.0, 2.0, 0.0], [0.0, 0.0, 5.0**0.5]], np.float32) / np.float32(5.0**0.5)
    single = turned @ np.diag(np.float32([1.0, 1.0, 3.0])) @ turned.T
    with pytest.raises(cr.errors.NoRuleError, match="equal eigenvalues"):
        cr.grad(lambda c: np.random.default_rng(0).multivariate_normal(np.zeros(3), c, method=method).sum())(single)
    z = np.random.default_rng(0).standard_normal(2)[0]
    assert cr.grad(f)(2.0, "cholesky") == pytest.approx(z / 2 / np.sqrt(2.0))


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
    assert drawing - {"random_integers"} == set(DRAWS) - {*PATHWISE, *ALSO_PATHWISE}
    assert all(table[f"numpy.random.{name}"].status == "composite" for name in (*PATHWISE, *ALSO_PATHWISE))


def _selects(f, x):
    """Check that a function draws what it draws of plain numbers, and that each entry is one of its argument's."""
    entries = np.arange(x.size, dtype=float).reshape(x.shape)
    drawn = f(entries)
    value, _ = cr.vjp(f, x)
    np.testing.assert_array_equal(value, x.reshape(-1)[np.asarray(drawn, int)])
    jacobian = cr.jacobian(f)(x).reshape(-1, x.size)
    np.testing.assert_array_equal(jacobian, np.eye(x.size)[np.ravel(drawn).astype(int)])
    np.testing.assert_array_equal(cr.jvp(f, (x,), (entries,))[1], drawn)


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: np.random.default_rng(3).choice(x),
        lambda x: np.random.default_rng(3).choice(x, 4),
        lambda x: np.random.default_rng(3).choice(x, size=(2, 2), p=[0.2, 0.5, 0.3]),
        lambda x: np.random.default_rng(3).choice(x, 2, replace=False, shuffle=False),
        lambda x: np.random.default_rng(3).choice([x[0], x[2]], 5),
        lambda x: np.random.RandomState(3).choice(x, 4),
        lambda x: np.random.RandomState(3).choice(x, 2, False),
        lambda x: np.random.default_rng(3).permuted(x),
    ],
)
def test_entries_of_a_traced_array_are_drawn(draw):
    _selects(draw, np.array([1.5, 2.5, 4.0]))


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: np.random.default_rng(5).choice(x, 4, axis=1),
        lambda x: np.random.default_rng(5).choice(x, 2, replace=False, axis=-1),
        lambda x: np.random.default_rng(5).choice(x, axis=0),
        lambda x: np.random.default_rng(5).permuted(x, axis=0),
        lambda x: np.random.default_rng(5).permuted(x, axis=1),
        lambda x: np.random.default_rng(5).permuted(x),
    ],
)
def test_slices_of_a_traced_array_are_drawn(draw):
    _selects(draw, X)


def test_entries_are_drawn_of_the_state_of_numpy_itself():
    def f(x):
        np.random.seed(4)
        return np.random.choice(x, 6)

    _selects(f, np.array([1.5, 2.5, 4.0]))


def test_traced_probabilities_of_a_choice_are_refused():
    with pytest.raises(cr.errors.NoRuleError, match=r"np\.random\.choice"):
        cr.grad(lambda p: np.random.default_rng(0).choice(np.arange(3.0), p=p / np.sum(p)))(np.ones(3))


def test_a_choice_of_a_traced_number_is_refused():
    with pytest.raises(ValueError, match="at least one axis"):
        cr.grad(lambda x: np.random.default_rng(0).choice(x, 2).sum())(2.0)
