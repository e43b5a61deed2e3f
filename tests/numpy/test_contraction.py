"""Sums of products: closed forms, NumPy's argument forms and errors, and views."""

import itertools
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import TracedAssignmentError


@pytest.fixture
def rng():
    """Random numbers, the same in every run."""
    return np.random.default_rng(20)


def complex_normal(rng, *shape):
    """Complex random numbers."""
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def test_gradient_of_a_quadratic_form(rng):
    """Of xᵀ a x the gradient is (a + aᵀ) x in x, and x xᵀ in a."""
    a, x = rng.normal(size=(4, 4)), rng.normal(size=4)

    a_bar, x_bar = cr.grad(lambda a, x: x @ a @ x, argnums=(0, 1))(a, x)

    np.testing.assert_allclose(x_bar, (a + a.T) @ x, rtol=1e-14)
    np.testing.assert_allclose(a_bar, np.outer(x, x), rtol=1e-14)


def every_tensordot(ndim):
    """Operands of up to so many axes with each choice and order of the pairs that are summed."""
    rng = np.random.default_rng(4)
    for m, n in itertools.product(range(ndim + 1), repeat=2):
        for count in range(min(m, n) + 1):
            for x_axes, y_axes in itertools.product(
                itertools.permutations(range(m), count), itertools.permutations(range(n), count)
            ):
                x_shape, y_shape = [2, 3, 4][:m], [5, 6, 7][:n]
                for i, j in zip(x_axes, y_axes, strict=True):
                    y_shape[j] = x_shape[i]
                yield rng.normal(size=x_shape), rng.normal(size=y_shape), (x_axes, y_axes)


def test_tensordot_over_any_axes_in_any_order():
    """The values are NumPy's, bit for bit; the cotangents are contractions too, written with labels."""
    for x, y, axes in every_tensordot(3):
        z, pull = cr.vjp(lambda x, y, axes=axes: np.tensordot(x, y, axes), x, y)
        expected = np.tensordot(x, y, axes)
        np.testing.assert_array_equal(z, expected)
        left, right = list("abc")[: x.ndim], list("xyz")[: y.ndim]
        for i, j in zip(*axes, strict=True):
            right[j] = left[i]
        result = [k for k in left if k not in right] + [k for k in right if k not in left]
        left, right, result = map("".join, (left, right, result))
        z_bar = np.asarray(np.random.default_rng(5).normal(size=expected.shape))
        x_bar, y_bar = pull(z_bar)
        np.testing.assert_allclose(x_bar, np.einsum(f"{result},{right}->{left}", z_bar, y), rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(y_bar, np.einsum(f"{result},{left}->{right}", z_bar, x), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("in_axes", "formula"), [((0, None), "nab,bac->nc"), ((None, 0), "ab,nbac->nc")])
def test_lanes_of_tensordot(rng, in_axes, formula):
    """One operand with lanes, and lanes of lanes, of values and of cotangents."""
    x, y = (
        rng.normal(size=(4,) * (axis == 0) + shape) for axis, shape in zip(in_axes, [(2, 3), (3, 2, 5)], strict=True)
    )

    def contracted(x, y):
        return np.tensordot(x, y, axes=([0, 1], [1, 0]))

    np.testing.assert_allclose(cr.vmap(contracted, in_axes)(x, y), np.einsum(formula, x, y), rtol=1e-13)
    both = cr.vmap(lambda x, y: cr.vmap(contracted, in_axes)(x, y), 0)(np.stack([x, 2 * x]), np.stack([y, 3 * y]))
    np.testing.assert_allclose(both, np.stack([np.einsum(formula, x, y), 6 * np.einsum(formula, x, y)]), rtol=1e-13)


def test_tensordot_of_many_axes():
    """More axes than the alphabet has letters."""
    x = np.arange(4.0).reshape((1,) * 28 + (2, 2))
    y = np.arange(4.0).reshape((2, 2) + (1,) * 30)
    z = cr.vjp(lambda x, y: np.tensordot(x, y, 2), x, y)[0]
    np.testing.assert_array_equal(z, np.tensordot(x, y, 2))


def test_lanes_of_an_outer_product_of_many_axes():
    """More axes than the alphabet has letters, where both operands have lanes and nothing is summed."""
    x, y = np.arange(4.0).reshape((2,) + (1,) * 14 + (2,)), np.arange(6.0).reshape((2,) + (1,) * 13 + (3,))
    z, pull = cr.vjp(cr.vmap(lambda x, y: np.tensordot(x, y, 0)), x, y)
    np.testing.assert_array_equal(z, np.stack([np.tensordot(x[k], y[k], 0) for k in range(2)]))
    x_bar, _ = pull(np.ones_like(z))
    np.testing.assert_array_equal(x_bar.reshape(2, 2), np.repeat(y.reshape(2, 3).sum(1, keepdims=True), 2, axis=1))


@pytest.mark.parametrize(
    ("product", "shapes"),
    [
        (np.dot, ((2, 3, 4), (5, 4, 2))),
        (np.dot, ((4,), (5, 4, 2))),
        (np.inner, ((2, 3, 4), (5, 4))),
        (np.inner, ((), (5, 4))),
        (np.inner, ((5, 4), ())),
        (lambda a, b: np.tensordot(a, b, axes=([2, 0], [1, 2])), ((2, 3, 4), (5, 4, 2))),
        (np.kron, ((2, 3), (1, 2, 2))),
        (lambda a, b: np.cross(a, b, axisa=0, axisc=1), ((3, 2, 1), (4, 3))),
        (lambda a, b: np.einsum("iij,jk...->k...i", a, b), ((2, 2, 3), (3, 4, 2))),
    ],
)
def test_jacobian_of_a_product_is_the_product_with_unit_arrays(product, shapes, rng):
    """What is linear in an operand has as its Jacobian the products with each unit array in that operand's place."""
    a, b = (np.asarray(rng.normal(size=shape)) for shape in shapes)
    for order in ("forward", "reverse"):
        for argnum, x in enumerate((a, b)):
            found = cr.jacobian(product, argnums=argnum, order=order)(a, b)
            for place in np.ndindex(x.shape):
                unit = np.zeros(x.shape)
                unit[place] = 1.0
                expected = product(unit, b) if argnum == 0 else product(a, unit)
                np.testing.assert_allclose(found[(..., *place)], expected, atol=1e-14)


def test_products_of_complex_operands_are_transposed_without_conjugation(rng):
    """Of the real part of Σ c (a b), which is complex-linear in a, the gradient is c bᵀ and not c bᴴ."""
    a, b, c = complex_normal(rng, 2, 3), complex_normal(rng, 3, 4), complex_normal(rng, 2, 4)

    a_bar = cr.grad(lambda a: np.real(np.sum(c * (a @ b))))(a)

    np.testing.assert_allclose(a_bar, c @ b.T, rtol=1e-14)


@pytest.mark.parametrize("product", [np.vdot, np.vecdot, lambda v, w: np.linalg.vecdot(v, w)])
def test_conjugating_products(product, rng):
    """Of the real part of Σ conj(v) w the gradients are conj(w) and conj(v)."""
    v, w = complex_normal(rng, 4), complex_normal(rng, 4)

    v_bar, w_bar = cr.grad(lambda v, w: np.real(product(v, w)), argnums=(0, 1))(v, w)

    np.testing.assert_allclose(v_bar, w.conj(), rtol=1e-14)
    np.testing.assert_allclose(w_bar, v.conj(), rtol=1e-14)


def test_einsum_with_every_way_to_write_subscripts_is_the_same_sum(rng):
    """Implicit or explicit, with spaces, lists or ellipses, and in optimised order: one function, one gradient."""
    a, b, c = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    forms = [
        lambda a: np.einsum("ij,jk", a, b),
        lambda a: np.einsum("ij, jk -> ik", a, b),
        lambda a: np.einsum(a, [0, 1], b, [1, 2]),
        lambda a: np.einsum(a, [3, 30], b, [30, 2], [3, 2]),
        lambda a: np.einsum("...j,j...->...", a[:, None], b[..., None].transpose(0, 2, 1))[:, :],
        lambda a: np.einsum("ij,jk->ik", a, b, optimize=True),
        lambda a: np.einsum("ij,jk->ik", a, b, optimize=["einsum_path", (0, 1)]),
    ]
    for form in forms:
        found = cr.grad(lambda a, form=form: np.sum(c * form(a)))(a)
        np.testing.assert_allclose(found, c @ b.T, rtol=1e-13)


def test_einsum_against_a_sum_over_all_indices(rng):
    """An einsum with repeated, summed and free labels agrees with the written-out sum, and so does its gradient."""
    a, b = rng.normal(size=(2, 3, 2)), rng.normal(size=(3, 4))
    weight = rng.normal(size=(4, 2))

    def written_out(a, b):
        total = 0.0
        for i, j, k in itertools.product(range(2), range(3), range(4)):
            total = total + weight[k, i] * a[i, j, i] * b[j, k]
        return total

    def short(a, b):
        return np.sum(weight * np.einsum("iji,jk->ki", a, b))

    for expected, found in zip(
        cr.grad(written_out, argnums=(0, 1))(a, b), cr.grad(short, argnums=(0, 1))(a, b), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_what_is_off_a_diagonal_does_not_take_part():
    """An infinite slope off the diagonal does not reach a trace: Σ √aᵢᵢ at the identity has the gradient 1/2 there."""
    found = cr.grad(lambda a: np.einsum("ii", np.sqrt(a)))(np.eye(3))

    np.testing.assert_array_equal(found, np.eye(3) / 2)


def test_views_of_einsum_are_written_through(rng):
    """`np.einsum("ii->i", y)[:] = x` sets a diagonal, as in NumPy."""

    def f(x):
        y = np.ones((3, 3)) * np.sum(x)
        np.einsum("ii->i", y)[:] = x**2
        np.einsum("ij->ji", y)[0] += 1.0
        return y

    x = rng.normal(size=3)

    np.testing.assert_array_equal(cr.vjp(f, x)[0], f(x))
    expected = np.ones((3, 3, 3))
    expected[np.arange(3), np.arange(3)] = np.diag(2 * x)
    np.testing.assert_allclose(cr.jacobian(f)(x), expected)


def test_einsum_of_constants_is_a_writable_view():
    """On a constant the result is a view, too, that writes to the array it was taken of."""

    def f(x):
        y = np.zeros((2, 2))
        np.einsum("ii->i", y)[...] = 3.0
        return y * x

    np.testing.assert_array_equal(cr.jacobian(f)(1.0), 3 * np.eye(2))


def test_written_results(rng):
    """`out=` of dot, matmul, outer and einsum takes the result with its derivative."""
    a, b = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))

    def f(a):
        out = np.zeros((4, 3, 3))
        np.dot(a, b, out=out[0])
        np.matmul(a, b, out=out[1])
        np.einsum("ij,jk->ik", a, b, out=out[2])
        np.outer(a[0], b[0], out=out[3])
        return out[0] - out[1] + out[2] + 0 * out[3]

    np.testing.assert_allclose(cr.jvp(f, (a,), (b,))[1], b @ b, rtol=1e-13)


def test_traced_product_into_a_plain_array_is_refused(rng):
    """A product that carries a derivative is not written into an array that cannot hold one."""
    out = np.zeros((2, 2))

    with pytest.raises(TracedAssignmentError):
        cr.grad(lambda a: np.sum(np.dot(a, a, out=out)))(rng.normal(size=(2, 2)))


def test_in_place_product_keeps_the_array(rng):
    """`x @= y` writes into x, so that a view of x sees it."""
    a, b = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))

    def f(a):
        x = a.copy()
        first = x[0]
        x @= b
        return first * 1.0

    np.testing.assert_allclose(cr.vjp(f, a)[0], (a @ b)[0], rtol=1e-15)
    np.testing.assert_allclose(cr.jacobian(f)(a)[:, 0], b.T, rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda a: np.dot(a, a), "not aligned"),
        (lambda a: np.matmul(a, a), "inner sizes differ"),
        (lambda a: np.matmul(a, 2.0), "does not have enough dimensions"),
        (lambda a: np.vdot(a, a[0]), "different lengths"),
        (lambda a: np.tensordot(a, a, axes=([0], [1])), "shape-mismatch"),
        (lambda a: np.tensordot(a, a, axes=1), "shape-mismatch"),
        (lambda a: np.tensordot(a, a, axes=([0, 0], [1, 1])), "duplicate axes"),
        (lambda a: np.tensordot(a[:, :2], a[:, :2], axes=([0, -2], [0, 1])), "duplicate axes"),
        (lambda a: np.cross(np.ones(4), a[0]), "incompatible dimensions"),
        (lambda a: np.linalg.cross(a, a[:, :2]), "3-dimensional"),
        (lambda a: np.linalg.outer(a, a), "one-dimensional"),
        (lambda a: np.linalg.multi_dot([a]), "at least two"),
        (lambda a: np.einsum("ij,jk", a), "operands"),
        (lambda a: np.einsum("ijk->i", a), "too many subscripts"),
        (lambda a: np.einsum("i->i", a), "more dimensions than subscripts"),
        (lambda a: np.einsum("ij->ijk", a), "never appeared"),
        (lambda a: np.einsum("ij->ii", a), "multiple times"),
        (lambda a: np.einsum("ii", a), "don't match"),
        (lambda a: np.einsum("ij,ik", a, a[:1, :1].repeat(5, 0)), "broadcast"),
        (lambda a: np.einsum("i.j", a), "ellipsis"),
        (lambda a: np.einsum("i!", a), "subscript"),
        (lambda a: np.trace(a, axis1=0, axis2=0), "cannot be the same"),
    ],
)
def test_what_numpy_refuses_is_refused(call, error, rng):
    """Operands that do not fit raise a ValueError, as in NumPy, that says how they do not."""
    a = rng.normal(size=(2, 3))

    with pytest.raises(ValueError, match=r"\w"):
        call(a)
    with pytest.raises(ValueError, match=error):
        cr.vjp(call, a)


def test_large_products_run_at_the_speed_of_blas(rng):
    """Two matrices of a million numbers are multiplied, and the product pulled back, in the time that BLAS takes."""
    a, b = rng.normal(size=(1000, 1000)), rng.normal(size=(1000, 1000))
    start = time.perf_counter()
    cr.grad(lambda a: np.sum(np.dot(a, b)))(a)
    cr.grad(lambda a: np.sum(np.tensordot(a, b, axes=1)))(a)
    cr.grad(lambda a: np.sum(np.einsum("ij,jk->ik", a, b, optimize=True)))(a)

    # Loops over the elements would take 10⁹ steps each, and minutes.
    assert time.perf_counter() - start < 20


def test_contraction_under_vmap_equals_the_loop(rng):
    """One operand, the other, or both may have lanes."""
    a, b = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3, 4))
    for product in (np.dot, np.matmul, lambda a, b: np.einsum("ij,jk->ki", a, b), lambda a, b: np.tensordot(a, b, 1)):
        for axes in ((0, 0), (0, None), (None, 0)):
            x, y = (v if axis == 0 else v[0] for v, axis in zip((a, b), axes, strict=True))
            expected = [product(x[k] if axes[0] == 0 else x, y[k] if axes[1] == 0 else y) for k in range(5)]
            np.testing.assert_allclose(cr.vmap(product, in_axes=axes)(x, y), expected, rtol=1e-13)
