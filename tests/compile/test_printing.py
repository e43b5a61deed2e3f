"""Loop nests as text: what a review reads."""

import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile.layout import lay_out
from chainrule.compile.passes import optimized
from chainrule.compile.passes.bounds import guard_indices
from chainrule.compile.passes.expansion import expand
from chainrule.compile.schedule import Schedule

X = np.linspace(-1.0, 2.0, 6)
M = np.arange(12.0).reshape(3, 4) - 5
RNG = np.random.default_rng(0)

# Written as text, so that the lines of guards stay the same wherever this table stands.
PROGRAMS = {
    "rosenbrock": (
        "def rosenbrock(x):\n"
        "    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)\n"
        "f = cr.grad(rosenbrock)",
        (X,),
    ),
    "sum": ("f = lambda x, y: np.sum(np.sin(x) * y)", (RNG.normal(size=(60, 50)), RNG.normal(size=(60, 50)))),
    "matrix_vector": ("f = lambda a, x: a @ x", (RNG.normal(size=(9, 12)), RNG.normal(size=12))),
    "rows_and_columns": (
        "f = lambda a: (np.sum(a, axis=0), np.sum(a, axis=1), np.max(a), np.any(a > 1))",
        (RNG.normal(size=(20, 30)),),
    ),
    "recurrence": (
        "def f(x):\n"
        "    y = np.zeros(6)\n"
        "    for k in range(1, 6):\n"
        "        y[k] = y[k - 1] * x[k] + x[k - 1]\n"
        "    return y",
        (X,),
    ),
    "stencil": (
        "def f(u):\n"
        "    v = u.copy()\n"
        "    v[1:-1, 1:-1] += 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1])\n"
        "    return v",
        (RNG.normal(size=(6, 7)),),
    ),
    "pieces": (
        "f = lambda x, y: np.where(np.concatenate([x, y]) > 0, np.concatenate([y, x[::-1]]), 1.0)",
        (X, X**2 - 1),
    ),
    "movements": ("f = lambda a: (a.T + 1, np.diagonal(a) * 2, a.reshape(-1)[::-1] * 2, a.reshape(4, 3), a)", (M,)),
    "guard": ("def f(x):\n    if x[0] > 0:\n        return np.exp(x)\n    return x[1:] / 2", (X,)),
    "short": ("f = lambda a: (np.sum(a**2, axis=1), np.prod(a, axis=1), np.max(a, axis=1))", (M[:, :3],)),
    "short_axis": ("f = lambda a: (np.sin(a) * a[:, :1], np.sum(a, axis=0))", (RNG.normal(size=(20, 3)),)),
    "first_axis": (
        "f = lambda a, w: (np.exp(w) * a, np.sum(np.sqrt(np.sum(a[..., None] ** 2, axis=0)) * a[..., None], axis=1))",
        (RNG.normal(size=(2, 20)), RNG.normal(size=20)),
    ),
    "by_components": (
        "f = lambda a, b: np.sum(np.sin(a[:, None] - b), axis=0)",
        (RNG.normal(size=(30, 3)), RNG.normal(size=(20, 3))),
    ),
    "layer": (
        "def loss(w, b, x):\n    return np.sum(np.tanh(x @ w + b) ** 2)\nf = cr.grad(loss, argnums=(0, 1))",
        (RNG.normal(size=(40, 30)), RNG.normal(size=30), RNG.normal(size=(20, 40))),
    ),
    "gather": ("f = cr.grad(lambda x, i: np.sum(np.sin(x.T[1:][i]) ** 2))", (M[:2], np.array([2, 0, -1, 2]))),
    "scatter": (
        "C = np.array([3, 1, -1])\ndef f(x, i, v):\n    y = 2 * x\n    y[i] = v\n    y[C, 1] += v[:3, 0]\n    return y",
        (RNG.normal(size=(6, 5)), np.array([0, 4, 4, -2]), RNG.normal(size=(4, 5))),
    ),
    "variance": (
        "f = lambda a: (np.var(a, axis=1), a - np.mean(a, axis=1, keepdims=True))",
        (RNG.normal(size=(6, 20)),),
    ),
    "scan": ("f = cr.grad(lambda a: np.sum(np.sin(np.cumsum(a**2, axis=1))))", (RNG.normal(size=(4, 6)),)),
    "callback": ("f = lambda x: np.sort(x[1:]) * 2", (X[::-1].copy(),)),
    "updates": (
        "def last(x):\n"
        "    y = np.zeros(8)\n"
        "    for k in range(1, 6):\n"
        "        y[k] = y[k - 1] * x[k] + x[k - 1]\n"
        "    return y[5]\n"
        "f = cr.grad(last)",
        (X,),
    ),
}


def scheduled(name, record):
    """The text of a program, what it was recorded for, and its schedule."""
    text, xs = PROGRAMS[name]
    namespace = {"np": np, "cr": cr}
    exec(compile(text, "program.py", "exec"), namespace)
    f = namespace["f"]
    return text, f, xs, lay_out(Schedule(guard_indices(expand(optimized(record(f, *xs))))))


@pytest.mark.parametrize("name", PROGRAMS)
def test_nests(name, record, golden):
    """Loops print with what they compute and where it goes."""
    text, _, _, schedule = scheduled(name, record)

    golden(f"nests_{name}", f"{text}\n\n{schedule}")


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_text_computes_what_the_function_does(name, record):
    """Read as Python, the loops compute the results of the function."""
    _, f, xs, schedule = scheduled(name, record)
    header, _, body = str(schedule).partition("\n\n")
    namespace = {
        "np": np,
        "sech": lambda x: 1 / np.cosh(x),
        "permuted": lambda x, k, axis: np.take_along_axis(x, k, axis),
    }
    for title, array, dtype, shape in re.findall(r"(.*): (\w+) (\w+)\[(.*)\]", header):
        namespace[array] = np.empty(tuple(map(int, filter(None, shape.split(", ")))), dtype)
        if title.startswith("input"):
            namespace[array] = np.copy(xs[int(title[6:])])
    for array, numbers in re.findall(r"constant (\w+): .* = (.*)", header):
        namespace[array] = np.array(eval(numbers))

    exec(re.sub(r"(?m)^nest\.\d+:$", "if True:", re.sub(r"(?m)^result .*", "", body)), namespace)

    results = f(*xs)
    results = results if type(results) is tuple else (results,)
    found = dict(re.findall(r"result (\d+): (\w+) \w+\[", header))
    assert found
    for k, array in found.items():
        np.testing.assert_allclose(namespace[array], results[int(k)], rtol=1e-12, atol=1e-14)
