"""vmap against a Python loop over the lanes."""

import warnings

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(11)


def loop(f, *batches):
    """The results of f, lane by lane, stacked."""
    return np.stack([f(*lanes) for lanes in zip(*batches, strict=True)])


def written(x):
    """A function that writes to an array that it makes, where nothing has lanes at first."""
    y = np.zeros((2, 3))
    y[0] = x
    y[1, 1:] += x[:2] * y[0, 0]
    view = y[:, 0]
    view *= 2
    view[1] = x.sum()
    y[y > 1] = -1.0
    return y


class TestAxes:
    @pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
    def test_in_axes(self, axis):
        """Any axis of the argument can be that of the batch."""
        x = RNG.normal(size=(3, 4, 5))

        np.testing.assert_array_equal(
            cr.vmap(lambda x: x @ np.ones(x.shape[1]), in_axes=axis)(x),
            loop(lambda x: x @ np.ones(x.shape[1]), np.moveaxis(x, axis, 0)),
        )

    @pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
    def test_out_axes(self, axis):
        """The batch axis of a result goes where it is sent."""
        x = RNG.normal(size=(4, 3))

        np.testing.assert_array_equal(
            cr.vmap(lambda x: np.outer(x, x), out_axes=axis)(x), np.moveaxis(loop(lambda x: np.outer(x, x), x), 0, axis)
        )

    def test_one_entry_for_each_argument(self):
        """A tuple or list of axes has one for each argument; None is for what all lanes share."""
        x, y, z = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=4)
        expected = np.stack([x[k] * y[:, k] + z for k in range(3)])

        for in_axes in ((0, 1, None), [0, -1, None], (np.int64(0), 1, None)):
            np.testing.assert_array_equal(cr.vmap(lambda x, y, z: x * y + z, in_axes=in_axes)(x, y, z), expected)

    def test_trees_of_axes(self):
        """Axes may be a tree that begins like the argument, or like the result."""
        p = {"w": RNG.normal(size=(2, 3)), "b": [RNG.normal(size=(3, 2)), 5.0]}

        def f(p, x):
            return {"sum": p["w"] * x, "b": (p["b"][0], p["b"][1])}

        result = cr.vmap(f, in_axes=({"w": 1, "b": [0, None]}, None), out_axes={"sum": -1, "b": (1, None)})(p, 2.0)

        np.testing.assert_array_equal(result["sum"], 2 * p["w"])
        np.testing.assert_array_equal(result["b"][0], p["b"][0].T)
        assert result["b"][1] == 5.0
        assert isinstance(result["b"], tuple)

        same = cr.vmap(lambda p: p["w"], in_axes=({"w": 1, "b": None},))(p)
        np.testing.assert_array_equal(same, p["w"].T)
        both = cr.vmap(lambda p: p, in_axes=1, out_axes=1)({"a": p["w"], "b": [p["w"], None]})
        np.testing.assert_array_equal(both["b"][0], p["w"])

    def test_keywords(self):
        """Arrays given by keyword are mapped over axis 0; numbers, strings and None are shared."""
        x = RNG.normal(size=(3, 2))

        def f(x, *, y, scale, mode, nothing=None):
            assert mode == "product"
            assert nothing is None
            return scale * x * y["y"]

        np.testing.assert_array_equal(cr.vmap(f)(x, y={"y": x[:, 0]}, scale=2.0, mode="product"), 2 * x * x[:, :1])

    @pytest.mark.parametrize(
        ("call", "error", "sentence"),
        [
            (lambda x: cr.vmap(np.sin, in_axes=2)(x), "ArgumentError", r"axis 2 of `.*`, which has 2 axes"),
            (lambda x: cr.vmap(lambda a: a)(1.0), "ArgumentError", r"axis 0 of `a`, which has 0 axes"),
            (lambda x: cr.vmap(lambda a: a)("name"), "ArgumentError", r"axis 0 of `a`, which is a str"),
            (lambda x: cr.vmap(lambda a: a)({"k": [1.0]}), "ArgumentError", r"axis 0 of `a\['k'\]\[0\]`"),
            (lambda x: cr.vmap(np.add)(x, x.T), "ShapeError", r"different lengths: 2 in `.*`, 3 in"),
            (lambda x: cr.vmap(np.add, in_axes=(0,))(x, x), "ArgumentError", r"has 1 entries, and the call 2"),
            (lambda x: cr.vmap(np.sin, in_axes=None)(x), "ArgumentError", "at least one argument with a batch axis"),
            (lambda x: cr.vmap(lambda: 1.0)(), "ArgumentError", "at least one argument with a batch axis"),
            (lambda x: cr.vmap(np.sin, in_axes=({"a": 0},))(x), "ArgumentError", "does not begin like argument 0"),
            (lambda x: cr.vmap(np.sin, in_axes=0.5)(x), "ArgumentError", "an axis is an integer or None"),
            (lambda x: cr.vmap(np.sin, out_axes=None)(x), "ArgumentError", "depends on the lane"),
            (lambda x: cr.vmap(np.sin, out_axes=2)(x), "ArgumentError", "`out_axes` is 2 for a result"),
            (lambda x: cr.vmap(np.sin, out_axes=(0, 0))(x), "ArgumentError", "does not begin like the result"),
            (lambda x: cr.vmap(lambda a: {"s": "name"})(x), "ArgumentError", "returned a str"),
        ],
    )
    def test_axes_that_do_not_fit(self, call, error, sentence):
        """Axes that do not fit are an error that names argument, axis and what is there."""
        with pytest.raises(getattr(cr.errors, error), match=sentence):
            call(np.ones((2, 3)))


class TestPrograms:
    @pytest.mark.parametrize("size", [0, 1, 4])
    def test_writes_to_arrays_without_lanes(self, size):
        """An array made inside gets lanes when a value with lanes is written to it."""
        x = RNG.normal(size=(size, 3))

        result = cr.vmap(written)(x)

        assert result.shape == (size, 2, 3)
        if size:
            np.testing.assert_array_equal(result, loop(written, x))

    def test_results_without_lanes(self):
        """What does not depend on the lane is repeated, or given once if asked."""
        x = np.ones((3, 2))

        repeated = cr.vmap(lambda x: (np.arange(2), 7.0))(x)
        once = cr.vmap(lambda x: (np.arange(2), 7.0), out_axes=None)(x)

        assert repeated[0].tolist() == [[0, 1]] * 3
        assert repeated[1].tolist() == [7.0] * 3
        assert once[0].tolist() == [0, 1]
        assert type(once[1]) is np.float64

    @pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.int64, bool])
    def test_dtypes(self, dtype):
        """vmap does not ask for floating-point numbers, and keeps every dtype."""
        x = np.array([[0, 1], [1, 1], [2, 0]]).astype(dtype)

        for f in (lambda x: x[::-1] * x, lambda x: x.sum(), lambda x: x > 0, np.argmax, lambda x: x[0]):
            result, expected = cr.vmap(f)(x), loop(f, x)
            np.testing.assert_array_equal(result, expected)
            assert result.dtype == expected.dtype

    def test_nested(self):
        """vmap of vmap, over different axes, is a loop in a loop."""
        x, y = RNG.normal(size=(3, 2)), RNG.normal(size=(4, 2))

        table = cr.vmap(cr.vmap(np.dot, in_axes=(None, 0)), in_axes=(0, None))(x, y)

        np.testing.assert_allclose(table, x @ y.T, rtol=1e-15)

    def test_nested_axes(self):
        """Each of two batches takes its axis from what the other leaves."""
        x = RNG.normal(size=(2, 3, 4))

        # The outer batch is axis 2, of length 4; of the (2, 3) that is left, the inner one is axis 0.
        result = cr.vmap(cr.vmap(written), in_axes=2, out_axes=1)(x)

        expected = np.array([[written(x[i, :, k]) for k in range(4)] for i in range(2)])
        np.testing.assert_array_equal(result, expected)

    def test_with_derivatives(self):
        """vmap of grad, grad of vmap, vmap of jacobian and jacobian of vmap are loops and blocks of the single ones."""
        x = RNG.normal(size=(4, 3))

        def f(x):
            return np.sum(written(x) ** 2)

        gradients = loop(cr.grad(f), x)
        np.testing.assert_allclose(cr.vmap(cr.grad(f))(x), gradients, rtol=1e-14)
        np.testing.assert_allclose(cr.grad(lambda x: np.sum(cr.vmap(f)(x)))(x), gradients, rtol=1e-14)
        np.testing.assert_allclose(cr.vmap(cr.jacobian(written))(x), loop(cr.jacobian(written), x), rtol=1e-14)
        np.testing.assert_allclose(cr.vmap(cr.hessian(f))(x), loop(cr.hessian(f), x), rtol=1e-14)
        whole = cr.jacobian(cr.vmap(written))(x)
        for k in range(4):
            np.testing.assert_allclose(whole[k][:, :, k], cr.jacobian(written)(x[k]), rtol=1e-14)
            assert not np.any(np.delete(whole[k], k, axis=2))
        value, tangent = cr.jvp(cr.vmap(f), (x,), (np.ones((4, 3)),))
        np.testing.assert_allclose(tangent, gradients.sum(axis=1), rtol=1e-14)
        np.testing.assert_allclose(value, loop(f, x), rtol=1e-14)

    def test_mapped_over_a_derivative_of_a_shared_argument(self):
        """Gradients of one parameter for each example: per-example ∂(w·x)²/∂w = 2 (w·x) x."""
        w, xs = np.array([1.0, -2.0]), RNG.normal(size=(5, 2))

        gradients = cr.vmap(cr.grad(lambda w, x: (w @ x) ** 2), in_axes=(None, 0))(w, xs)

        np.testing.assert_allclose(gradients, 2 * (xs @ w)[:, None] * xs, rtol=1e-13)

    def test_closure_over_traced_values(self):
        """A batched function may close over a value that an outer derivative follows."""
        xs = np.array([1.0, 2.0, 3.0])

        gradient = cr.grad(lambda w: np.sum(cr.vmap(lambda x: x * w**2)(xs)))(5.0)

        assert gradient == 10.0 * xs.sum()

    def test_the_function_s_writes_stay_inside(self):
        """The caller's arrays stay as they are, mapped or shared."""
        x, y = np.ones((3, 2)), np.ones(2)

        def f(x, y):
            x *= 2
            y += x
            return y

        assert cr.vmap(f, in_axes=(0, None))(x, y).tolist() == [[3.0, 3.0]] * 3
        assert (x.tolist(), y.tolist()) == ([[1.0, 1.0]] * 3, [1.0, 1.0])


class TestLooks:
    def test_lanes_agree(self):
        """A branch that all lanes take is taken, without a warning."""

        def f(x):
            if x.sum() > 0 and int(x[0]) == 1:
                return x * len(x)
            return -x

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert cr.vmap(f)(np.array([[1.0, 2.0], [1.0, 2.0]])).tolist() == [[2.0, 4.0], [2.0, 4.0]]

    def test_lanes_disagree(self):
        """Lanes that need different branches run one by one, with a warning that names the line."""

        def f(x):
            if x > 0:
                return {"y": x * 2}
            return {"y": 0}

        with pytest.warns(cr.errors.LaneByLaneWarning, match="run one by one") as caught:
            result = cr.vmap(f)(np.array([1.0, -1.0, 3.0]))

        assert result["y"].tolist() == [2.0, 0.0, 6.0]
        message = str(caught[0].message)
        assert "if x > 0:" in message
        assert f"{__file__}:{f.__code__.co_firstlineno + 1}" in message

    @pytest.mark.filterwarnings("ignore::chainrule.errors.LaneByLaneWarning")
    def test_lanes_disagree_in_derivatives(self):
        """Derivatives of lanes that branch differently are those of the single lanes: loops that run x times."""

        def power(x):
            y = 1.0
            for _ in range(int(x)):
                y = y * x
            return y

        xs = np.array([2.0, 3.0, 4.0])
        slopes = xs * xs ** (xs - 1)

        np.testing.assert_allclose(cr.vmap(cr.grad(power))(xs), slopes, rtol=1e-14)
        np.testing.assert_allclose(cr.grad(lambda xs: np.sum(cr.vmap(power)(xs)))(xs), slopes, rtol=1e-14)
        np.testing.assert_allclose(
            cr.hessian(lambda xs: np.sum(cr.vmap(power)(xs)))(xs), np.diag(slopes * (xs - 1) / xs), rtol=1e-14
        )

    def test_only_the_batch_that_disagrees_is_run_lane_by_lane(self):
        """Of two nested batches, the one whose lanes agree stays whole."""
        runs = []

        def f(x, y):
            runs.append(None)
            return x * y if x > 0 else -y

        with pytest.warns(cr.errors.LaneByLaneWarning) as caught:
            result = cr.vmap(cr.vmap(f, in_axes=(None, 0)), in_axes=(0, None))(np.array([1.0, -1.0]), np.arange(100.0))

        np.testing.assert_array_equal(result, [np.arange(100.0), -np.arange(100.0)])
        assert len(caught) == 1
        assert len(runs) == 3

    def test_no_lanes(self):
        """A batch without lanes has no answer to a look."""
        with pytest.raises(cr.errors.LanesDisagreeError, match="a `vmap` without lanes"):
            cr.vmap(lambda x: x if x > 0 else -x)(np.zeros(0))

    @pytest.mark.filterwarnings("ignore::chainrule.errors.LaneByLaneWarning")
    @pytest.mark.parametrize(
        ("f", "error", "sentence"),
        [
            (lambda x: np.zeros(int(x)), "ShapeError", r"different shapes: \(1,\), \(2,\)"),
            (lambda x: [x] * int(x), "TreeError", "different structures"),
        ],
    )
    def test_results_that_cannot_be_one_array(self, f, error, sentence):
        """Lanes whose results differ in shape or structure cannot be a batch."""
        with pytest.raises(getattr(cr.errors, error), match=sentence):
            cr.vmap(f)(np.array([1.0, 2.0]))

    @pytest.mark.filterwarnings("ignore::chainrule.errors.LaneByLaneWarning")
    def test_dtypes_of_different_branches(self):
        """Lanes that give integers and lanes that give floating-point numbers together give the latter."""
        result = cr.vmap(lambda x: x if x > 0 else 7)(np.array([1.5, -1.0]))

        assert result.tolist() == [1.5, 7.0]

    def test_leaks_raise(self):
        """Plain numbers cannot hold lanes: what asks for them is refused."""
        with pytest.raises(cr.errors.LeakError, match="stands for the lanes of a `vmap`"):
            cr.vmap(lambda x: x.tolist())(np.ones((3, 2)))
