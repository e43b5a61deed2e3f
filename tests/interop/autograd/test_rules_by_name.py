"""Rules, and parts of rules, that projects import by name: each gives what autograd's gives."""

import importlib

import numpy as np
import pytest

REAL = pytest.importorskip("autograd")

RNG = np.random.default_rng(0)
A, B, SQUARE = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2)), RNG.normal(size=(3, 3)) + 3 * np.eye(3)
POSITIVE = SQUARE @ SQUARE.T
VECTOR = RNG.normal(size=6)
TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])
COMPLEX = RNG.normal(size=(4, 5)) + 1j * RNG.normal(size=(4, 5))
X, POINT = np.array([0.2, 0.7]), np.array([0.3, 1.9])


def drawn(like):
    """A cotangent or tangent for a result or an argument, the same for the same shape."""
    rng = np.random.default_rng(1)
    if isinstance(like, tuple):
        return tuple(map(drawn, like))
    g = rng.normal(size=np.shape(like))
    return g + 1j * rng.normal(size=np.shape(like)) if np.iscomplexobj(like) else g


# Makers of pulls as `defvjp` takes them: module, name, function, arguments, keywords.
PULLS = [
    ("numpy.numpy_vjps", "grad_chooser", np.max, (TIED,), {"axis": 1}),
    ("numpy.numpy_vjps", "grad_chooser", np.min, (TIED,), {"axis": 0, "keepdims": True}),
    ("numpy.numpy_vjps", "np_abs_vjp", np.abs, (A,), {}),
    ("numpy.numpy_vjps", "np_conj_vjp", np.conj, (COMPLEX,), {}),
    ("numpy.numpy_vjps", "pad_vjp", np.pad, (A, ((1, 0), (2, 1)), "constant"), {}),
    ("numpy.numpy_vjps", "grad_reshape_list", np.atleast_3d, (A,), {}),
    ("numpy.numpy_vjps", "dot_vjp_1", np.dot, (A, B), {}),
    ("numpy.numpy_vjps", "tensordot_vjp_1", np.tensordot, (A, B), {"axes": ([1], [0])}),
    ("numpy.numpy_vjps", "grad_np_std", np.std, (A,), {"axis": 0, "ddof": 1}),
    ("numpy.linalg", "norm_vjp", np.linalg.norm, (A,), {"axis": 1}),
    ("numpy.linalg", "grad_cholesky", np.linalg.cholesky, (POSITIVE,), {}),
    ("scipy.special", "make_grad_logsumexp", None, (A,), {"axis": 1}),
    ("scipy.linalg", "grad_solve_triangular", None, (SQUARE, B[:3]), {"lower": True}),
    ("scipy.linalg", "grad_solve_triangular", None, (SQUARE, B[:3]), {"trans": 1}),
    ("scipy.linalg", "_vjp_sqrtm", None, (POSITIVE,), {}),
]
RESULTS = {
    "make_grad_logsumexp": lambda x, axis: np.log(np.sum(np.exp(x), axis=axis)),
    "grad_solve_triangular": lambda a, b, trans=0, lower=False: np.linalg.solve(
        (np.tril(a) if lower else np.triu(a)).T if trans else (np.tril(a) if lower else np.triu(a)), b
    ),
    "_vjp_sqrtm": lambda a: __import__("scipy.linalg").linalg.sqrtm(a),
}


def both(module, name):
    """Autograd's, and ours."""
    return [
        getattr(importlib.import_module(f"{package}.{module}"), name)
        for package in ("autograd", "chainrule.interop.autograd")
    ]


def named(cases):
    """Cases with their names as ids."""
    return [pytest.param(*case, id=f"{case[1]}-{k}") for k, case in enumerate(cases)]


@pytest.mark.parametrize(("module", "name", "function", "args", "kwargs"), named(PULLS))
def test_pulls(module, name, function, args, kwargs):
    real, ours = both(module, name)
    ans = (function or RESULTS[name])(*args, **kwargs)

    found = ours(ans, *args, **kwargs)(drawn(ans))

    np.testing.assert_allclose(found, real(ans, *args, **kwargs)(drawn(ans)), rtol=1e-10, atol=1e-12)


# Makers of pulls with the number of the argument: module, name, result, arguments, and as what those are passed.
NUMBERED = [
    ("numpy.numpy_vjps", "grad_inner", np.inner(A, B.T), (A, B.T), True, (0, 1)),
    ("numpy.numpy_vjps", "grad_kron", np.kron(A, B), (A, B), True, (0, 1)),
    ("numpy.numpy_vjps", "grad_einsum", A @ B, ("ij,jk->ik", A, B), False, (1, 2)),
    ("numpy.numpy_vjps", "grad_concatenate_args", np.concatenate((A, B.T), 0), (0, A, B.T), False, (1, 2)),
    ("numpy.numpy_vjps", "array_from_args_gradmaker", np.array([X, POINT]), ((), {}, X, POINT), False, (2, 3)),
    ("builtins", "grad_sequence_extend_right", (X, POINT, X), ((X,), POINT, X), False, (1, 2)),
    ("builtins", "grad_sequence_extend_left", (POINT, X, X), ((X,), POINT, X), False, (1, 2)),
    ("scipy.signal", "grad_convolve", np.convolve(X, VECTOR), (X, VECTOR), True, (0, 1)),
]


@pytest.mark.parametrize(("module", "name", "ans", "args", "spread", "argnums"), named(NUMBERED))
def test_pulls_by_number(module, name, ans, args, spread, argnums):
    real, ours = both(module, name)
    given = args if spread else (args, {})

    for argnum in argnums:
        found = ours(argnum, ans, *given)(drawn(ans))

        np.testing.assert_allclose(found, real(argnum, ans, *given)(drawn(ans)), rtol=1e-10, atol=1e-12)


PUSHES = [
    ("numpy_jvps", "fwd_grad_chooser", np.max, (TIED,), {"axis": 1}),
    ("numpy_jvps", "fwd_grad_chooser", np.min, (TIED,), {}),
    ("numpy_jvps", "forward_grad_np_std", np.std, (A,), {"axis": 0}),
    ("numpy_jvps", "forward_grad_np_var", np.var, (A,), {"axis": 1, "ddof": 1}),
    ("numpy_jvps", "fwd_grad_sort", np.sort, (VECTOR,), {}),
    ("numpy_jvps", "fwd_grad_partition", np.partition, (VECTOR, 2), {}),
    ("numpy_jvps", "np_abs_jvp", np.abs, (COMPLEX,), {}),
    ("numpy_jvps", "np_conj_jvp", np.conj, (COMPLEX,), {}),
    ("linalg", "norm_jvp", np.linalg.norm, (A,), {"axis": 1}),
]


@pytest.mark.parametrize(("module", "name", "function", "args", "kwargs"), named(PUSHES))
def test_pushes(module, name, function, args, kwargs):
    real, ours = both(f"numpy.{module}", name)
    ans, g = function(*args, **kwargs), drawn(args[0])

    found = ours(g, ans, *args, **kwargs)

    np.testing.assert_allclose(found, real(g, ans, *args, **kwargs), rtol=1e-10)


# Functions of numbers: module, name, arguments.
PARTS = [
    ("numpy.numpy_vjps", "_unpad", (A, 1)),
    ("numpy.numpy_vjps", "_unpad", (A, ((1, 0), (0, 2)))),
    ("numpy.numpy_vjps", "_unpad", (A, (0, 1))),
    ("numpy.numpy_jvps", "broadcast", (A[0], RNG.normal(size=(2, 3, 4)))),
    ("numpy.numpy_jvps", "broadcast", (A[:, :1], A + 1j)),
    ("numpy.numpy_jvps", "fwd_grad_concatenate_args", (2, drawn(B.T), None, (0, A, B.T), {})),
    ("numpy.fft", "make_rfft_factors", ([-1], (6, 5), [5], [8], None)),
    ("numpy.fft", "make_rfft_factors", ([0, 1], (6, 5), [6, 5], [6, 8], "ortho")),
    ("numpy.fft", "truncate_pad", (A, (2, 7))),
    ("scipy.special", "inv_root_pi", None),
    ("scipy.stats.beta", "grad_beta_logpdf_arg0", (X, 1.5, POINT)),
    ("scipy.stats.beta", "grad_beta_logpdf_arg1", (X, 1.5, POINT)),
    ("scipy.stats.beta", "grad_beta_logpdf_arg2", (X, 1.5, POINT)),
    ("scipy.stats.chi2", "grad_chi2_logpdf", (POINT, 3)),
    ("scipy.stats.gamma", "grad_gamma_logpdf_arg0", (X, POINT)),
    ("scipy.stats.gamma", "grad_gamma_logpdf_arg1", (X, POINT)),
    ("scipy.stats.poisson", "grad_poisson_logpmf", (np.array([2.0, 2.5]), POINT)),
    ("scipy.stats.t", "grad_tlogpdf_diff", (X, POINT)),
    ("scipy.stats.t", "grad_tlogpdf_x", (X, POINT, 0.5, 1.5)),
    ("scipy.stats.t", "grad_tlogpdf_loc", (X, POINT, 0.5, 1.5)),
    ("scipy.stats.t", "grad_tlogpdf_scale", (X, POINT, 0.5, 1.5)),
    ("scipy.stats.t", "grad_tlogpdf_df", (X, POINT, 0.5, 1.5)),
    ("scipy.stats.multivariate_normal", "covgrad", (VECTOR[:3], VECTOR[3:], POSITIVE)),
    ("scipy.stats.multivariate_normal", "generalized_outer_product", (VECTOR,)),
    ("scipy.stats.multivariate_normal", "generalized_outer_product", (A,)),
    ("scipy.signal", "compute_conv_size", (7, 4, "valid")),
    ("scipy.signal", "einsum_tensordot", (A, RNG.normal(size=(2, 4, 3)), ((0, 1), (2, 1)))),
    ("scipy.signal", "_pad", (A, B, ((1,), (0,)), "same")),
]


@pytest.mark.parametrize(("module", "name", "args"), named(PARTS))
def test_parts(module, name, args):
    real, ours = both(module, name)
    expected, found = (real, ours) if args is None else (real(*args), ours(*args))

    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_axes_of_convolutions(mode):
    real, ours = both("scipy.signal", "parse_axes")
    args = ((2, 3, 7, 6), (3, 2, 4, 5), ((2, 3), (2, 3)), ((1,), (0,)), mode)
    axes, shapes = real(*args)
    shapes["out"]["conv"] = tuple(shapes["out"]["conv"])

    assert ours(*args) == (axes, shapes)
    assert both("scipy.signal", "flipped_idxs")[1](3, (0, 2)) == both("scipy.signal", "flipped_idxs")[0](3, (0, 2))


TRANSFORMS = [
    ("fft_grad", "get_fft_args", "fft", "fft"),
    ("fft_grad", "get_fft2_args", "ifft2", "ifft2"),
    ("rfft_grad", "get_fft_args", "irfft", "rfft"),
    ("rfft_grad", "get_fftn_args", "irfftn", "rfftn"),
    ("irfft_grad", "get_fft2_args", "rfft2", "irfft2"),
]


@pytest.mark.parametrize("norm", [None, "ortho"])
@pytest.mark.parametrize(("name", "get_args", "given", "transform"), TRANSFORMS)
def test_pulls_of_transforms(name, get_args, given, transform, norm):
    x = COMPLEX if name == "irfft_grad" else COMPLEX.real[:, :4]
    ans = getattr(np.fft, transform)(x, norm=norm)

    expected, found = (
        rule(arguments, function, ans, x, norm=norm)(drawn(ans))
        for rule, arguments, function in zip(
            *(both("numpy.fft", part) for part in (name, get_args, given)), strict=True
        )
    )

    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def rate_of_change(np):
    """The right hand side of a differential equation."""
    return lambda y, t, a: np.array([-a[0] * y[0] * y[1], a[1] * np.sin(t) * y[0]])


def test_the_pull_of_an_initial_value_problem():
    t, y0, parameters = np.linspace(0.0, 1.0, 4), np.array([1.0, 0.5]), (np.array([0.3, 0.7]),)
    results = []
    for package in ("autograd", "chainrule.interop.autograd"):
        integrate = importlib.import_module(f"{package}.scipy.integrate")
        rate = rate_of_change(importlib.import_module(f"{package}.numpy"))

        ans = integrate.odeint(rate, y0, t, parameters, rtol=1e-11, atol=1e-11)
        maker = integrate.argnums_unpack(lambda *a, grad_odeint=integrate.grad_odeint, **k: grad_odeint(*a, **k))
        pull = maker((1, 2, 3), ans, (rate, y0, t, parameters), {"rtol": 1e-11, "atol": 1e-11})
        in_y0, in_t, in_parameters = pull(drawn(ans))
        results.append(np.concatenate([in_y0, in_t, in_parameters[0]]))

    np.testing.assert_allclose(results[1], results[0], rtol=1e-6)


@pytest.mark.parametrize("argnums", [(0,), (1, 2), (0, 1, 2)])
def test_rules_of_sylvesters_equation(argnums):
    import scipy.linalg

    args = (SQUARE, POSITIVE, A[:, :3])
    ans = scipy.linalg.solve_sylvester(*args)
    real, ours = both("scipy.linalg", "_vjp_sylvester")
    for found, expected in zip(
        ours(argnums, ans, args, {})(drawn(ans)), real(argnums, ans, args, {})(drawn(ans)), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-10)
    real, ours = both("scipy.linalg", "_jvp_sylvester")
    g = [drawn(args[argnum]) for argnum in argnums]

    np.testing.assert_allclose(ours(argnums, g, ans, args, {}), real(argnums, g, ans, args, {}), rtol=1e-10)


def test_makers_that_are_given_more():
    from chainrule.interop.autograd.numpy.numpy_jvps import atleast_jvpmaker
    from chainrule.interop.autograd.numpy.numpy_vjps import (
        array_from_scalar_or_array_gradmaker,
        grad_reshape_list,
    )
    from chainrule.interop.autograd.scipy.special import make_gammainc_vjp_arg1

    np.testing.assert_allclose(atleast_jvpmaker(np.atleast_2d)(X, None, POINT), X[None])
    g = RNG.normal(size=(1, 1, 2))
    np.testing.assert_allclose(array_from_scalar_or_array_gradmaker(g, (), {"ndmin": 3}, X)(g), g[0, 0])
    for maker in (atleast_jvpmaker(np.atleast_2d), grad_reshape_list):
        with pytest.raises(NotImplementedError, match="2 arrays"):
            maker(None, X, POINT) if maker is grad_reshape_list else maker(X, None, X, POINT)
    # ∂Q(a, x)/∂x = -x^(a - 1) e^(-x)/Γ(a), and Γ(3) = 2.
    found = make_gammainc_vjp_arg1(-1)(None, 3.0, POINT)(np.ones(2))
    np.testing.assert_allclose(found, -(POINT**2) * np.exp(-POINT) / 2)
