"""Every public name of every module of autograd is there."""

import importlib
import types

import numpy
import pytest

REAL = pytest.importorskip("autograd")

MODULES = """
    builtins core differential_operators extend test_util tracer util wrap_util
    misc misc.fixed_points misc.flatten misc.optimizers misc.tracers
    numpy numpy.fft numpy.linalg numpy.numpy_boxes numpy.numpy_jvps numpy.numpy_vjps numpy.numpy_vspaces
    numpy.numpy_wrapper numpy.random
    scipy scipy.integrate scipy.linalg scipy.signal scipy.special scipy.stats scipy.stats.beta scipy.stats.chi2
    scipy.stats.dirichlet scipy.stats.gamma scipy.stats.multivariate_normal scipy.stats.norm scipy.stats.poisson
    scipy.stats.t
""".split()

# Loop variables, and parts of rules, which are chainrule's here.
_INTERNAL = set(
    """
    fun method_name type_ deprecation_msg deprecated_defvjp_message broadcast make_rfft_factors
    truncate_pad argnums_unpack compute_conv_size einsum_tensordot flipped_idxs parse_axes inv_root_pi root_pi
    make_gammainc_vjp_arg1 make_grad_logsumexp covgrad generalized_outer_product solve
    """.split()
)

# What modules import for their own use, except those that are there to be imported from.
_IMPORTED = set(
    """
    OrderedDict contextmanager count defaultdict partial product reduce func as_strided type flatten tuple
    SparseObject primitive defvjp defjvp defvjp_argnum defjvp_argnum defvjp_argnums defjvp_argnums vspace
    unbroadcast_f repeat_to_match_shape beta gamma psi digamma
    """.split()
)
_IMPORTED_FROM = ("", "core", "extend")


def is_rule(name):
    """Whether a name is that of a rule for one of NumPy's or SciPy's functions, or of a part of one."""
    return name.startswith(("grad_", "fwd_grad_", "forward_grad_", "get_fft")) or name.endswith(
        ("_vjp", "_jvp", "_vjp_0", "_vjp_1", "_grad", "_gradmaker", "jvpmaker")
    )


@pytest.mark.parametrize("module", ["", *MODULES])
def test_public_names(module):
    real = importlib.import_module(("autograd." + module).rstrip("."))
    ours = importlib.import_module(("chainrule.interop.autograd." + module).rstrip("."))

    missing = [
        name
        for name in dir(real)
        if not name.startswith("_")
        and not hasattr(ours, name)
        and not isinstance(getattr(real, name), types.ModuleType)
        and name not in _INTERNAL
        and not (name in _IMPORTED and module not in _IMPORTED_FROM)
        and not is_rule(name)
    ]

    assert missing == []


def test_what_is_no_function_of_numpy_is_as_it_is():
    import chainrule.interop.autograd.numpy as ours

    for name in ("pi", "newaxis", "float64", "ndarray", "inf", "dtype", "testing"):
        assert getattr(ours, name) is getattr(numpy, name)


def test_names_of_scipy_signal_are_looked_up_when_they_are_asked_for():
    import chainrule.interop.autograd.scipy.signal as ours

    x, y = numpy.array([1.0, 2.0]), numpy.array([3.0, 4.0])
    assert ours.fftconvolve(x, y) == pytest.approx([3.0, 10.0, 8.0])
    assert not hasattr(ours, "windows")
    assert not hasattr(ours, "no_such_name")


def test_names_that_are_made_when_they_are_asked_for_are_listed():
    import chainrule.interop.autograd.numpy as ours

    taken: dict[str, object] = {}
    exec("from chainrule.interop.autograd.numpy import *", taken)

    names = {name for name in dir(REAL.numpy) if not name.startswith("_")} - {"warnings"}
    assert names <= set(dir(ours))
    assert names <= set(taken)
    assert all(taken[name] is getattr(ours, name) for name in names)
    assert ours.abs is ours.absolute is ours.numpy_wrapper.abs


def test_what_stands_for_a_function_is_found_by_the_function():
    import chainrule.interop.autograd.numpy as ours
    from chainrule.interop.autograd.tracer import trace_primitives_map

    assert trace_primitives_map[numpy.sin] is ours.sin
    assert trace_primitives_map[numpy.linalg.solve] is ours.linalg.solve
    with pytest.raises(KeyError):
        trace_primitives_map[len]


def test_functions_of_plain_arrays_give_plain_arrays():
    import chainrule.interop.autograd.numpy as ours

    assert type(ours.zeros(3)) is numpy.ndarray
    assert type(ours.array([1.0, 2.0])) is numpy.ndarray
    assert type(ours.linalg.inv(numpy.eye(2))) is numpy.ndarray
    assert type(ours.random.randn(2)) is numpy.ndarray
    assert ours.add.reduce(numpy.arange(4.0)) == 6
    assert isinstance(numpy.int64(3), ours.int64)
    assert ours.dtype(ours.int64) == numpy.int64
