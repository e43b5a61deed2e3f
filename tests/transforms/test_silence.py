"""NumPy's warnings are off while a derivative is multiplied out, and as they were before and after."""

from __future__ import annotations

import contextvars
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.trace import silence as module
from chainrule.trace.silence import restore, silence


def test_silence_is_what_errstate_would_set():
    token = silence()
    try:
        assert set(np.geterr().values()) == {"ignore"}
    finally:
        restore(token)
    with np.errstate(all="ignore"):
        expected = np.geterr()
    token = silence()
    try:
        assert np.geterr() == expected
    finally:
        restore(token)


def test_the_settings_of_the_caller_come_back_after_an_error():
    with np.errstate(over="raise", divide="warn"):
        before = np.geterr()

        @cr.custom
        def broken(x):
            return x

        @broken.pull
        def broken_pull(y_bar, y, x):
            raise RuntimeError("from the rule")

        with pytest.raises(RuntimeError, match="from the rule"):
            cr.grad(broken)(1.0)
        assert np.geterr() == before


@pytest.mark.parametrize("transformation", [cr.grad, lambda f: lambda x: cr.jvp(f, (x,), (1.0,))[1]])
def test_products_do_not_warn_where_the_caller_raises(transformation):
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        # The branch not taken has an infinite local derivative at 0: a division by zero.
        assert transformation(lambda x: np.where(x < 1, x, np.sqrt(x)))(0.0) == 1.0


def test_a_setting_of_another_context_is_not_touched():
    def inner():
        token = silence()
        assert np.geterr()["divide"] == "ignore"
        restore(token)

    with np.errstate(divide="raise"):
        contextvars.copy_context().run(inner)
        assert np.geterr()["divide"] == "raise"


def test_a_numpy_that_keeps_its_settings_elsewhere_is_silenced_by_errstate(monkeypatch):
    monkeypatch.setattr(module, "_changed_by_errstate", lambda: [])
    quiet, loud = module._switches()
    with np.errstate(all="raise"):
        token = quiet()
        assert np.geterr()["divide"] == "ignore"
        loud(token)
        assert np.geterr()["divide"] == "raise"
