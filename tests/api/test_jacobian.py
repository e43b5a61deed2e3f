"""Jacobians, Hessians and Hessian-vector products against closed forms and the complex step."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numerical import complex_step

ORDERS = ["reverse", "forward", None]


def program(x):
    """Three results of four inputs, with writes."""
    y = np.zeros(3, dtype=x.dtype)
    y[0] = x[0] * x[1]
    y[1:] = np.sin(x[2:]) * x[:2]
    y[2] += np.exp(x[3])
    return y


def jacobian_by_complex_step(f, x):
    """One column for each input."""
    columns = [complex_step(lambda z: (f(z),), (x,), (e.reshape(x.shape),))[0] for e in np.eye(x.size)]
    return np.stack(columns, axis=-1).reshape(*columns[0].shape, *x.shape)


class TestJacobian:
    @pytest.mark.parametrize("order", ORDERS)
    def test_array_to_array(self, order):
        """Both orders give the matrix of the complex step."""
        x = np.array([0.3, -1.2, 2.0, 0.7])

        np.testing.assert_allclose(
            cr.jacobian(program, order=order)(x), jacobian_by_complex_step(program, x), rtol=1e-14, atol=1e-15
        )

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3), (0, 2)])
    def test_shapes(self, order, shape):
        """A result of shape s and an argument of shape t give shape s + t; of an elementwise map, a diagonal."""
        x = np.full(shape, 0.5)
        n = x.size

        jacobian = cr.jacobian(lambda x: x**3, order=order)(x)

        assert jacobian.shape == shape + shape
        np.testing.assert_allclose(jacobian.reshape(n, n), 0.75 * np.eye(n), rtol=1e-15)

    @pytest.mark.parametrize("order", ORDERS)
    def test_scalars_and_arrays_without_axes(self, order):
        """A number by a number is a number; where a 0-d array takes part, a 0-d array."""
        assert type(cr.jacobian(np.sin, order=order)(0.0)) is np.float64
        assert type(cr.jacobian(np.sin, order=order)(np.array(0.0))) is np.ndarray
        assert cr.jacobian(np.sin, order=order)(0.0) == 1.0
        assert cr.jacobian(lambda x: x * np.arange(3.0), order=order)(2.0).tolist() == [0.0, 1.0, 2.0]
        assert cr.jacobian(np.sum, order=order)(np.ones(2)).tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("order", ORDERS)
    def test_trees(self, order):
        """Trees in and out: a tree of the result whose leaves are trees of the arguments."""
        a, b = np.array([1.0, 2.0]), 3.0

        jacobian = cr.jacobian(lambda p, c: {"ab": p["a"] * p["b"], "sum": (p["a"].sum() * c, None)}, order=order)
        blocks = jacobian({"a": a, "b": b}, 5.0)

        assert blocks["ab"]["a"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
        assert blocks["ab"]["b"].tolist() == [1.0, 2.0]
        assert blocks["sum"][0]["a"].tolist() == [5.0, 5.0]
        assert blocks["sum"][0]["b"] == 0.0
        assert blocks["sum"][1] is None

    @pytest.mark.parametrize("order", ORDERS)
    def test_several_arguments(self, order):
        """Several arguments give a tuple of blocks for each result."""
        x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])

        by_y, by_x = cr.jacobian(np.outer, argnums=(1, 0), order=order)(x, y)

        np.testing.assert_array_equal(by_x, np.einsum("ik,j->ijk", np.eye(2), y))
        np.testing.assert_array_equal(by_y, np.einsum("i,jk->ijk", x, np.eye(3)))

    @pytest.mark.parametrize("order", ORDERS)
    def test_dtypes(self, order):
        """A block has the dtype of the argument, in either order, also for a result of integers."""
        x = np.ones(2, np.float32)

        blocks = cr.jacobian(lambda x: [x, x.astype(float), np.arange(3), 7], order=order)(x)

        assert [block.dtype for block in blocks] == [np.float32] * 4
        assert [block.shape for block in blocks] == [(2, 2), (2, 2), (3, 2), (2,)]
        assert not np.any(blocks[2])

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("limit", [1, 7, 24])
    def test_many_seeds_go_in_several_batches(self, order, limit, monkeypatch):
        """The matrix is the same if the seeds are multiplied one by one, a few at a time, or all at once."""
        monkeypatch.setattr("chainrule.api.blocks._ELEMENTS_AT_ONCE", limit)
        w = np.arange(15.0).reshape(3, 5)

        def f(t):
            return [w @ t["x"], np.zeros(2), t["x"][:3] * t["y"]]

        blocks = cr.jacobian(f, order=order)({"x": np.ones(5), "y": np.full(3, 2.0)})

        np.testing.assert_array_equal(blocks[0]["x"], w)
        np.testing.assert_array_equal(blocks[0]["y"], np.zeros((3, 3)))
        np.testing.assert_array_equal(blocks[1]["x"], np.zeros((2, 5)))
        np.testing.assert_array_equal(blocks[2]["x"], 2 * np.eye(3, 5))
        np.testing.assert_array_equal(blocks[2]["y"], np.eye(3))

    def test_order_is_chosen_by_shape(self):
        """A rule that only pulls serves a wide Jacobian, one that only would have to push a tall one."""
        counts = {"pull": 0, "push": 0}

        @cr.custom
        def double(x):
            return 2 * x

        @double.pull
        def double_pull(y_bar, _y, _x):
            counts["pull"] += 1
            return 2 * y_bar

        @double.push
        def double_push(x_dots, _y, _x):
            counts["push"] += 1
            return 2 * x_dots[0]

        cr.jacobian(lambda x: double(x).sum())(np.ones(3))
        assert counts == {"pull": 1, "push": 0}
        cr.jacobian(lambda x: double(x) * np.ones(3))(1.0)
        assert counts == {"pull": 1, "push": 1}

    def test_missing_rule_in_the_cheaper_order(self):
        """Where the cheaper order has no rule, the other one is taken, unless an order was asked for."""

        @cr.custom(pull=lambda y_bar, y, x: 2 * y_bar)
        def double(x):
            return 2 * x

        def tall(x):
            return double(x) * np.ones(3)

        assert cr.jacobian(tall)(1.0).tolist() == [2.0, 2.0, 2.0]
        with pytest.raises(cr.errors.NoRuleError, match="has no forward derivative"):
            cr.jacobian(tall, order="forward")(1.0)

    @pytest.mark.parametrize("order", ["sideways", "FORWARD", 1])
    def test_unknown_order(self, order):
        """An order that does not exist is an error at once."""
        with pytest.raises(cr.errors.ArgumentError, match='`order` is "reverse", "forward" or None'):
            cr.jacobian(program, order=order)

    def test_complex_without_holomorphic(self):
        """A complex function has no one complex matrix, unless it is declared complex-differentiable."""
        with pytest.raises(cr.errors.DTypeError, match="not one complex matrix"):
            cr.jacobian(lambda z: z**2)(1j)
        with pytest.raises(cr.errors.DTypeError, match="not one complex matrix"):
            cr.jacobian(lambda x: 1j * x)(1.0)

    def test_result_that_is_no_array(self):
        """A result without entries is an error that names its type."""
        with pytest.raises(cr.errors.DTypeError, match="a str was returned"):
            cr.jacobian(lambda x: ("name", x))(1.0)


class TestHessian:
    def test_closed_form(self):
        """The Hessian of f = Σ xᵢ³ xⱼ, all i and j, is 6 xᵢ S δᵢⱼ + 3 xᵢ² + 3 xⱼ² with S = Σ x."""
        x = np.array([1.0, -2.0, 3.0])

        hessian = cr.hessian(lambda x: np.sum(x**3) * np.sum(x))(x)

        expected = np.diag(6 * x * x.sum()) + 3 * x[:, None] ** 2 + 3 * x**2
        np.testing.assert_allclose(hessian, expected, rtol=1e-14)

    def test_trees_and_several_arguments(self):
        """The Hessian of a b² c with respect to a tree and a number: trees of trees."""
        blocks = cr.hessian(lambda p, c: p["a"] * p["b"][0] ** 2 * c, argnums=(0, 1))({"a": 2.0, "b": [3.0]}, 5.0)

        assert blocks[0]["a"][0] == {"a": 0.0, "b": [2 * 3.0 * 5.0]}
        assert blocks[0]["b"][0][0] == {"a": 2 * 3.0 * 5.0, "b": [2 * 2.0 * 5.0]}
        assert blocks[0]["b"][0][1] == 2 * 2.0 * 3.0
        assert blocks[1] == ({"a": 9.0, "b": [12.0]}, 0.0)

    def test_three_ways(self):
        """hessian, jacobian of grad in both orders and hvp along unit vectors agree, with the complex step too."""
        x = np.array([0.5, 1.5, -0.5])

        def f(x):
            y = np.zeros(3, dtype=x.dtype)
            y[0] = np.sin(x[0] * x[1])
            y[1:] = np.exp(x[:2]) * x[2]
            return np.sum(y**2)

        reference = jacobian_by_complex_step(lambda z: cr.elementwise_grad(f, holomorphic=True)(z), x + 0j).real

        for hessian in (
            cr.hessian(f)(x),
            cr.jacobian(cr.grad(f), order="reverse")(x),
            cr.jacobian(cr.grad(f), order="forward")(x),
            cr.jacobian(cr.jacobian(f, order="forward"), order="forward")(x),
            np.stack([cr.hvp(f)(x, e) for e in np.eye(3)]),
            cr.vmap(lambda e: cr.hvp(f)(x, e))(np.eye(3)),
        ):
            np.testing.assert_allclose(hessian, reference, rtol=1e-12, atol=1e-13)


class TestHessianVectorProduct:
    def test_trees_and_keywords(self):
        """H v for a tree, with other arguments by position and keyword: f = s (a b)², v = (1, 10)."""

        def f(scale, p, *, power):
            return scale * (p["a"] * p["b"]) ** power

        a, b = 2.0, 3.0

        product = cr.hvp(f, argnums=1)(5.0, {"a": a, "b": b}, {"a": 1.0, "b": 10.0}, power=2)

        # ∂²f/∂a² = 2 s b², ∂²f/∂a∂b = 4 s a b, ∂²f/∂b² = 2 s a².
        assert product["a"] == pytest.approx(5 * (2 * b * b + 10 * 4 * a * b), rel=1e-14)
        assert product["b"] == pytest.approx(5 * (4 * a * b + 10 * 2 * a * a), rel=1e-14)

    def test_several_arguments(self):
        """With several arguments the vector is a tuple, and so is the product: H of x² y is [[2y, 2x], [2x, 0]]."""
        product = cr.hvp(lambda x, y: x**2 * y, argnums=(0, 1))(3.0, 5.0, (1.0, 10.0))

        assert product == (2 * 5.0 + 10 * 2 * 3.0, 2 * 3.0)

    def test_arguments_by_keyword(self):
        """A differentiated argument may be passed by keyword; the vector comes by position."""
        assert cr.hvp(lambda x, y: x**3 * y, argnames="x")(2.0, x=5.0, y=7.0) == 6 * 5.0 * 7.0 * 2.0

    def test_rule_without_push(self):
        """Where a rule only pulls, the product is the pull of the gradient, since Hessians are symmetric."""

        @cr.custom(pull=lambda y_bar, y, x: 3 * x**2 * y_bar)
        def cube(x):
            return x**3

        x, v = np.array([1.0, 2.0]), np.array([1.0, 10.0])

        np.testing.assert_allclose(cr.hvp(lambda x: np.sum(cube(x)))(x, v), 6 * x * v, rtol=1e-15)
        np.testing.assert_allclose(cr.hessian(lambda x: np.sum(cube(x)))(x), np.diag(6 * x), rtol=1e-15)

    def test_no_vector(self):
        """Without arguments there is no vector either."""
        with pytest.raises(cr.errors.ArgumentError, match="takes the arguments of `f` and a vector after them"):
            cr.hvp(lambda x: x**2)()
