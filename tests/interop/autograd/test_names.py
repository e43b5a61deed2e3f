"""Every name of every module of autograd is there."""

import importlib
import subprocess
import sys
import types

import numpy
import pytest

REAL = pytest.importorskip("autograd")
OURS = "chainrule.interop.autograd"

MODULES = """
    builtins core differential_operators extend test_util tracer util wrap_util
    misc misc.fixed_points misc.flatten misc.optimizers misc.tracers
    numpy numpy.fft numpy.linalg numpy.numpy_boxes numpy.numpy_jvps numpy.numpy_vjps numpy.numpy_vspaces
    numpy.numpy_wrapper numpy.random
    scipy scipy.integrate scipy.linalg scipy.signal scipy.special scipy.stats scipy.stats.beta scipy.stats.chi2
    scipy.stats.dirichlet scipy.stats.gamma scipy.stats.multivariate_normal scipy.stats.norm scipy.stats.poisson
    scipy.stats.t
""".split()

# Loop variables that modules were left with, and what modules import that is not autograd's.
_LEFT_OVER = set("fun method_name type_ as_strided OrderedDict contextmanager count defaultdict product".split())
_LEFT_OVER |= {"_getargspec"}

# Operators that Python 3 does not know, and what classes have by how they are made.
_NEEDLESS = {"__nonzero__", "__div__", "__rdiv__", "__abstractmethods__"}


def names_of(module):
    """The names that a module really has: not by `dir`, which answers with NumPy's where autograd wrapped that."""
    return [
        name
        for name in sorted(vars(module))
        if not name.startswith("__")
        and hasattr(module, name)
        and not isinstance(getattr(module, name), types.ModuleType)
        and name not in _LEFT_OVER
    ]


def modules(name):
    """A module of autograd, and ours."""
    return tuple(importlib.import_module(f"{package}.{name}".rstrip(".")) for package in ("autograd", OURS))


@pytest.mark.parametrize("module", ["", *MODULES])
def test_every_name_is_there(module):
    """Private ones, too: projects import them."""
    real, ours = modules(module)

    assert [name for name in names_of(real) if not hasattr(ours, name)] == []


@pytest.mark.parametrize("module", ["", *MODULES])
def test_every_attribute_of_classes_is_there(module):
    real, ours = modules(module)
    classes = [name for name in names_of(real) if isinstance(getattr(real, name), type)]

    missing = [
        f"{name}.{attribute}"
        for name in classes
        if getattr(real, name).__module__.startswith("autograd")
        for attribute in dir(getattr(real, name))
        if not hasattr(getattr(ours, name), attribute) and attribute not in _NEEDLESS
    ]

    assert missing == []


@pytest.mark.parametrize("module", ["numpy", "numpy.numpy_wrapper", "numpy.linalg", "scipy.special"])
def test_every_name_is_in_the_dict_of_its_module(module):
    """py_wake copies `autograd.numpy.__dict__`."""
    code = f"import sys, importlib; print(*importlib.import_module({OURS + '.' + module!r}.rstrip('.')).__dict__)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    real, _ = modules(module)
    public = [name for name in names_of(real) if name in vars(real) and not name.startswith("_")]
    assert [name for name in public if name not in printed.split()] == []


@pytest.mark.parametrize("module", ["numpy", "numpy.numpy_wrapper", "scipy.linalg", "scipy.special"])
def test_a_module_that_takes_all_functions_of_ours_keeps_its_own_ways_of_being_imported_from(module):
    """PennyLane wraps every function of `autograd.numpy.__dict__` into a package of its own, with a module `fft`."""
    _, ours = modules(module)
    package = types.ModuleType("package")
    for name, item in ours.__dict__.items():
        if callable(item) and not isinstance(item, type):
            setattr(package, name, item)

    assert not hasattr(package, "no_such_name")
    assert not hasattr(package, "newaxis")
    assert "__dir__" not in vars(package)
    assert not hasattr(ours, "no_such_name")


REPLACED = """
import numpy, importlib
module = importlib.import_module("chainrule.interop.autograd.numpy.numpy_wrapper")
special = importlib.import_module("chainrule.interop.autograd.scipy.special")
module.arctan = special.erf = len
from chainrule.interop.autograd.tracer import trace_primitives_map
trace_primitives_map.get(numpy.arctan), trace_primitives_map[numpy.arctanh], vars(module), vars(special)
assert module.arctan is special.erf is len
"""


def test_what_a_program_replaces_stays():
    """py_wake puts functions of its own into `autograd.numpy`."""
    subprocess.run([sys.executable, "-c", REPLACED], check=True)


@pytest.mark.parametrize(
    "entry",
    [
        "from chainrule.interop.autograd.core import VSpace; VSpace.mappings[kind](numpy.ones(2)).shape == (2,)",
        "from chainrule.interop.autograd.tracer import Box; Box.type_mappings[kind].__name__ == 'ArrayBox'",
        "from chainrule.interop.autograd.tracer import box_type_mappings as t; t[list].__name__ == 'SequenceBox'",
    ],
)
def test_what_is_known_of_types_is_found_before_anything_is_differentiated(entry):
    """scarlet gives `VSpace.mappings[numpy.ndarray]` to a type of its own."""
    statement, condition = entry.split("; ")
    code = f"import numpy; {statement}; kind = numpy.ndarray; assert {condition}"

    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_private_names_of_the_wrapper():
    """A rule that is stated for the mean under its private name holds for `mean`."""
    ours = importlib.import_module(f"{OURS}.numpy")
    wrapper = ours.numpy_wrapper
    assert wrapper._primitive_mean is ours.mean
    assert wrapper._primitive_std is ours.std
    assert wrapper._primitive_var is ours.var
    assert wrapper._parse_einsum_input(("i,i", [1.0], [2.0]))[:2] == ("i,i", "")
    assert wrapper.wrap_intdtype(numpy.int64)(3) == 3
    square = importlib.import_module(OURS).grad(
        lambda x: wrapper._array_from_scalar_or_array((), {"ndmin": 2}, x)[0, 0] ** 2
    )
    assert square(3.0) == 6.0
