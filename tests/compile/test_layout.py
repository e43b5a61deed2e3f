"""Short axes: which buffers lie by components, and that nobody can tell from the results."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile import layout
from chainrule.compile.layout import lay_out
from chainrule.compile.memory import MemoryPlan
from chainrule.compile.passes import optimized
from chainrule.compile.schedule import Schedule

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = RNG.normal(size=(40, 3))
PLACES = RNG.integers(-40, 40, size=25)


def energy(x):
    """The energy of bodies that repel each other."""
    d = x[:, None, :] - x[None, :, :]
    return np.sum(1.0 / np.sqrt(np.sum(d * d, axis=-1) + 0.01))


def rows(x, y):
    """Sums over all pairs, returned as they are, twice."""
    z = np.sum(np.sin(x[:, None] - y[None]), axis=0)
    return z, z


def written(x, y):
    """Writes to parts of an array, forwards, backwards, and by components."""
    z = np.sum(np.cos(x[:, None] * y[None]), axis=0)
    w = np.exp(z)
    for _ in range(3):
        w[5:20] += z[20:5:-1]
        w[:, 1] = z[:, 0] * w[:, 2]
        w[::-1, ::-1] -= y
    return w, z


def moved(x, y):
    """Views of what is summed: transposed, reshaped, of single components, and with more axes."""
    z = np.sum(x[:, None] * np.exp(y)[None], axis=0)
    flat = z.reshape(-1) * 2
    return z.T, flat, z[:, 1], z[None, ::2, ::-1], z.reshape(5, 8, 3), np.diagonal(z), np.cumsum(z, axis=0)


def pairs(x, y):
    """An array of three axes that is used several times."""
    d = np.exp(x[:, None] - y[None])
    return np.sum(d, axis=0) + np.sum(d, axis=1), np.max(d, axis=2), np.einsum("ijk,ijk->ik", d, d), d[3]


def multiplied(x, y):
    """Products of what is summed by BLAS."""
    z = np.sum(np.sin(x[:, None] - y[None]), axis=0)
    return z @ x.T, x @ z.T, z.T @ x, np.sort(z, axis=0), np.sum(z, axis=0)


def indexed(x, y, places):
    """What is summed at places that are data, and written to there."""
    z = np.sum(np.sin(x[:, None] - y[None]), axis=0)
    w = np.exp(z)
    w[places] += z[places] + x[places]
    np.add.at(w, places, 1.0)
    return w[places, 1], w, z


def guarded(x, y):
    """A look at what is summed."""
    z = np.sum(np.sin(x[:, None] - y[None]), axis=0)
    return z * 2 if (z < 1000).all() and z[0, 0] < 1000 else z


def passed(x, y):
    """An argument that is read many times, and returned."""
    return x, np.sum(np.sin(x[:, None] - y[None]), axis=1), x, y[:, 0]


def single(x, y):
    """Numbers of other dtypes."""
    x, y = x.astype(np.float32), y > 0
    return np.sum(x[:, None] * y[None], axis=0), np.sum(y[:, None] & y[None], axis=0), np.any(y[:, None], axis=1)


def columns(x, y):
    """Arrays whose first axis is short, and what is the same for all of its places."""
    x, y = x.T, np.exp(y[:, 0])
    d = x[:, :, None] - x[:, None, :]
    r = 1 / np.sqrt(np.sum(d**2, axis=0) + 0.1)
    return x * y, np.sum(d * r, axis=1), np.sum(d * r, axis=2), np.max(d * r, axis=(1, 2)), r, np.cumsum(x * y, axis=1)


PROGRAMS = {
    "columns": (columns, (X, Y)),
    "energy": (cr.grad(energy), (X,)),
    "curvature": (cr.hvp(energy), (X, Y)),
    "batch": (cr.vmap(cr.grad(energy)), (np.stack([X, Y]),)),
    "rows": (rows, (X, Y)),
    "written": (written, (X, Y)),
    "moved": (moved, (X, Y)),
    "pairs": (pairs, (X, Y)),
    "multiplied": (multiplied, (X, Y)),
    "indexed": (indexed, (X, Y, PLACES)),
    "guarded": (guarded, (X, Y)),
    "passed": (passed, (X, Y)),
    "single": (single, (X, Y)),
}


@pytest.mark.parametrize("forced", [False, True], ids=["as chosen", "wherever possible"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_results_do_not_depend_on_it(name, forced, monkeypatch):
    """Compiled, a program gives what NumPy gives, even where everything lies by components that can."""
    monkeypatch.setenv("CHAINRULE_CACHE", "off")
    if forced:
        monkeypatch.setattr(layout, "_is_better", lambda *_: True)
    f, xs = PROGRAMS[name]
    g = cr.jit(f)
    expected = g(*xs)

    found = g(*(x.copy() for x in xs))

    assert len(g.specialisations) == 1
    for a, b in zip(
        found if isinstance(found, tuple) else (found,),
        expected if isinstance(expected, tuple) else (expected,),
        strict=True,
    ):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-5 if a.dtype == np.float32 else 1e-11, atol=1e-11)


def lying(f, xs, record):
    """The shapes of the buffers that lie by components."""
    schedule = lay_out(Schedule(optimized(record(f, *xs))))
    places = MemoryPlan(schedule).places.items()
    buffers = [node for node, place in places if place.kind == "workspace"]
    return [node.shape for node in buffers if not schedule.lies(node)[1].is_contiguous]


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("energy", [(40, 3)] * 3),
        ("rows", [(40, 3)] * 2),
        ("multiplied", [(40, 3)]),
    ],
)
def test_which_buffers_lie_by_components(name, shapes, record):
    """Sums over all pairs, and copies of what all pairs look at; not what BLAS or NumPy read."""
    assert lying(*PROGRAMS[name], record) == shapes


@pytest.mark.parametrize(
    "f",
    [lambda x: np.exp(x) * x, lambda x: np.sum(x * x), lambda x: np.sum(x, axis=0), lambda x: x @ x.T],
    ids=["elements", "sum", "columns", "product"],
)
def test_what_is_read_once_is_not_copied(f, record):
    """An argument is copied only if the copy is read many times."""
    assert lying(f, (X,), record) == []
