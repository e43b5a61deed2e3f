"""The table of what is supported of SciPy says what happens: for every public name, on the SciPy that is installed."""

from importlib import import_module

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import Error
from chainrule.scipy.coverage import MODULES, coverage

TABLE = coverage()


def _value(name):
    module, _, short = name.rpartition(".")
    return getattr(import_module(module), short)


def _ufuncs(status):
    return sorted(
        name
        for name, support in TABLE.items()
        if name.startswith("scipy.") and support.status == status and isinstance(_value(name), np.ufunc)
    )


def test_every_name_has_a_status():
    """No name of a module is left out, and what is constant or refused has a reason."""
    for module in MODULES:
        assert any(name.startswith(module + ".") for name in TABLE)
    for support in TABLE.values():
        assert bool(support.reason) == (support.status in ("constant", "refused"))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("scipy.special.erf", "op"),
        ("scipy.special.gammaln", "op"),
        ("scipy.special.logsumexp", "composite"),
        ("scipy.special.gammasgn", "constant"),
        ("scipy.special.mathieu_a", "refused"),
        ("scipy.linalg.bdsvd", None),
    ],
)
def test_well_known_names(name, status):
    """Names whose status nobody would dispute have it."""
    assert getattr(TABLE.get(name), "status", None) == status


@pytest.mark.parametrize("name", _ufuncs("refused"))
def test_refused_functions_refuse(name):
    """What is called refused raises an error of ours, and is never silently wrong."""
    ufunc = _value(name)
    points = [0.3] * ufunc.nin

    def f(x):
        y = ufunc(*(point + x for point in points))
        return y[0] if isinstance(y, tuple) else y

    with pytest.raises(Error):
        cr.grad(f)(0.1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", _ufuncs("op") + _ufuncs("composite"))
def test_native(name, called_operations):
    """A universal function that is called native is computed without SciPy, and no other is."""
    ufunc = _value(name)

    called = called_operations(lambda *xs: ufunc(*xs), *[np.array([0.3, 0.4])] * ufunc.nin)

    assert TABLE[name].native == (not called), f"left to SciPy: {called}"
