"""Optimised programs as text: what a review reads."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile.passes import optimized
from chainrule.compile.source import source

X = np.linspace(-1.0, 2.0, 6)
M = np.arange(12.0).reshape(3, 4) - 5
RUN = {"np": np, "cr": cr}

# Written as text, so that the lines of guards stay the same wherever this table stands.
PROGRAMS = {
    "rosenbrock": (
        "def rosenbrock(x):\n"
        "    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)\n"
        "f = cr.value_and_grad(rosenbrock)",
        (X,),
    ),
    "hessian_vector_product": (
        "def rosenbrock(x):\n"
        "    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)\n"
        "f = lambda x, v: cr.jvp(cr.grad(rosenbrock), (x,), (v,))[1]",
        (X, X),
    ),
    "smooth": ("f = cr.grad(lambda x: np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2)))", (X,)),
    "logistic": ("f = cr.grad(lambda w, X, y: np.mean(np.log1p(np.exp(-y * (X @ w)))))", (np.ones(4), M, np.ones(3))),
    "softmax": (
        "def loss(z):\n"
        "    z = z - np.max(z, axis=1, keepdims=True)\n"
        "    return -np.sum(z[:, 0] - np.log(np.sum(np.exp(z), axis=1)))\n"
        "f = cr.grad(loss)",
        (M,),
    ),
    "relu": ("f = cr.grad(lambda w, x: np.sum(np.maximum(x @ w, 0.0) ** 2))", (M.T, M)),
    "guarded_logarithm": ("f = cr.grad(lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)))", (X,)),
    "pairwise_energy": (
        "def energy(x):\n"
        "    d = x[:, None] - x[None, :]\n"
        "    diagonal = np.eye(len(x), dtype=bool)\n"
        "    r = np.sqrt(np.where(diagonal, 1.0, np.sum(d**2, axis=-1)))\n"
        "    return 0.5 * np.sum(np.where(diagonal, 0.0, 1 / r))\n"
        "f = cr.grad(energy)",
        (M,),
    ),
    "writes": (
        "def f(x):\n"
        "    y = np.zeros(6)\n"
        "    y[0] = x[0] ** 2\n"
        "    y[1:] += np.sin(x[1:])\n"
        "    y[::-1][2:] *= 2\n"
        "    return y",
        (X,),
    ),
    "recurrence": (
        "def last(x):\n"
        "    y = np.zeros(6)\n"
        "    for k in range(1, 6):\n"
        "        y[k] = y[k - 1] * x[k] + x[k - 1]\n"
        "    return y[-1]\n"
        "f = cr.grad(last)",
        (X,),
    ),
    "piecewise": (
        "def f(x):\n"
        "    if x[0] > 0:\n"
        "        return np.sin(x)\n"
        "    while np.sum(x) > 1:\n"
        "        x = x / 2\n"
        "    return x",
        (X,),
    ),
    "mixed": (
        "def f(x, a, z, n):\n"
        "    q, r = np.linalg.qr(a.T)\n"
        "    s = np.concatenate([x, np.sort(x)])[2:9]\n"
        "    w = np.cumsum(s.astype(np.float32))[np.array([0, 2, 1])] * np.inf\n"
        "    t = np.roll(x, 1) % 3 // 2 + x**3 - (n << 1)[0]\n"
        "    return q @ r, w, t, np.conj(z) * 2j, np.where((x > 0) & ~(x < 1), -x, 1 / x), 1.0, np.ones(3)\n",
        (X, M, np.array([1 + 2j]), np.arange(2)),
    ),
    "batch": ("f = cr.vmap(cr.grad(lambda x, c: c * np.prod(np.sin(x))), in_axes=(0, None))", (M, np.float64(2.0))),
}


def defined(text):
    """The function `f` of a program text."""
    namespace = dict(RUN)
    exec(compile(text, "program.py", "exec"), namespace)
    return namespace["f"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_source(name, record, golden):
    """A program prints as one NumPy-like assignment a line, with shapes, dtypes and guards."""
    text, xs = PROGRAMS[name]
    program = record(defined(text), *xs)

    golden(f"source_{name}", "\n".join([text, "", source(optimized(program))]))


@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - {"mixed", "smooth", "logistic"}))
def test_text_runs(name, record):
    """The text is Python that computes what the program does, given its larger constants."""
    text, xs = PROGRAMS[name]
    f = defined(text)
    printed = source(optimized(record(f, *xs)))
    if "= ..." in printed or "sech" in printed:
        pytest.skip("its constants are not printed")
    namespace = {"np": np}
    with np.errstate(all="ignore"):
        exec(printed, namespace)
        found = namespace["program"](*map(np.copy, xs))
        expected = f(*xs)
    if type(found) is not tuple:
        found, expected = (found,), (expected,)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)
