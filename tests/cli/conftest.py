"""What the tests of the command line share: a file of a user's, and ways to run commands in its folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule.cli.application import app

MODELS = '''\
"""A file that a user could have written."""

import numpy as np
import chainrule as cr


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def scaled(x, factor, *, offset=0.0):
    y = np.zeros(3)
    y[:2] = x * factor
    return y + offset


def product(x, y):
    print("multiplying")
    return np.sum(x * y)


def power(x, times):
    y = 1.0
    for _ in range(times):
        y = y * x
    return y


def parameters(p):
    return np.sum(p["w"] ** 2) + p["b"] ** 3


def modulus(z):
    return np.real(z) ** 2 + np.imag(z) ** 2


def logarithm(x):
    return np.sum(np.log(x))


def half_held(x):
    return np.sum(x * cr.stop_gradient(x))


def beyond(x):
    return x[7]


def nothing(x):
    x * 2


def many(*xs):
    return xs[0] * xs[1]


class Model:
    @staticmethod
    def loss(x):
        return np.sum(x**2)


number = 3
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a user's file in it; what loading it changes is undone."""
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("<")]:
        del sys.modules[name]


@pytest.fixture
def chainrule(folder):
    """Run a command line in this process."""
    runner = CliRunner()

    def run(*arguments, stdin=None):
        return runner.invoke(app, [str(argument) for argument in arguments], input=stdin)

    return run


@pytest.fixture
def process(folder):
    """Run a command line in a process of its own."""

    def run(*arguments, stdin=None, **environment):
        source = Path(__file__).resolve().parents[2] / "src"
        return subprocess.run(
            [sys.executable, "-m", "chainrule", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(source), **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )

    return run
