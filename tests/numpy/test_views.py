"""Views: what is one in NumPy is one here, so that writes reach the base and every other view."""

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy as cnp
from chainrule.numpy.views import View

# A view of a 2×3×4 array (of a square one for some), and where it stands.
VIEWS = {
    "part": lambda a: a[1],
    "part of part": lambda a: a[:, 1:][1][::-1, 2:],
    "reversed": lambda a: a[::-1, ..., ::-2],
    "new axis": lambda a: a[:, None, 1],
    "ellipsis": lambda a: a[...],
    "view": lambda a: a.view(),
    "T": lambda a: a.T,
    "mT": lambda a: a.mT,
    "part of T": lambda a: a.T[2, 1:],
    "transpose": lambda a: a.transpose(1, 2, 0),
    "transpose of transpose": lambda a: a.T.transpose(1, 0, 2)[1],
    "permute_dims": lambda a: np.permute_dims(a, (2, 0, 1)),
    "matrix_transpose": lambda a: np.matrix_transpose(a),
    "swapaxes": lambda a: a.swapaxes(0, 2)[1],
    "moveaxis": lambda a: np.moveaxis(a, 0, -1)[1],
    "rollaxis": lambda a: np.rollaxis(a, 2)[1],
    "reshape": lambda a: a.reshape(6, 4),
    "part of reshape": lambda a: a.reshape(-1)[3:9],
    "reshape of part": lambda a: a[1].reshape(2, 6),
    "reshape of reshape": lambda a: a.reshape(4, 6).reshape(-1, 2)[5],
    "reshape F of T": lambda a: a.T.reshape((12, 2), order="F"),
    "reshape A": lambda a: a.reshape((6, 4), order="A"),
    "ravel": lambda a: a.ravel(),
    "ravel K": lambda a: a.T.ravel("K"),
    "ravel F of T": lambda a: np.ravel(a.T, "F"),
    "expand_dims": lambda a: np.expand_dims(a, (0, 2)),
    "squeeze": lambda a: a[:1].squeeze(0),
    "squeeze function": lambda a: np.squeeze(a[:, :1]),
    "atleast_1d": lambda a: np.atleast_1d(a),
    "atleast_2d": lambda a: np.atleast_2d(a[0, 0]),
    "atleast_3d": lambda a: np.atleast_3d(a[0]),
    "flip": lambda a: np.flip(a, 1),
    "flipud": lambda a: np.flipud(a[1]),
    "fliplr": lambda a: np.fliplr(a),
    "rot90": lambda a: np.rot90(a),
    "rot90 back": lambda a: np.rot90(a, 3, (1, 2)),
    "rot90 half": lambda a: np.rot90(a, 2),
    "split": lambda a: np.split(a, 2)[1],
    "array_split": lambda a: np.array_split(a, 3, axis=2)[0],
    "hsplit": lambda a: np.hsplit(a, [1, 2])[1],
    "vsplit": lambda a: np.vsplit(a, 2)[0],
    "dsplit": lambda a: np.dsplit(a, 2)[1],
    "unstack": lambda a: np.unstack(a, axis=1)[1],
    "asarray": lambda a: np.asarray(a),
    "array without copy": lambda a: np.array(a, copy=None),
    "ascontiguousarray": lambda a: np.ascontiguousarray(a)[1],
    "broadcast_arrays alike": lambda a: np.broadcast_arrays(a, a)[0],
    "meshgrid without copy": lambda a: np.meshgrid(a[0, 0], [1.0, 2.0], sparse=True, copy=False)[0],
    "astype without copy": lambda a: a.astype(float, copy=False),
    "iteration": lambda a: list(a)[1],
}

# What is a copy in NumPy.
COPIES = {
    "copy": lambda a: a.copy(),
    "flatten": lambda a: a.flatten(),
    "index array": lambda a: a[[0, 1]],
    "mask": lambda a: a[np.array([True, False])],
    "reshape of T": lambda a: a.T.reshape(-1),
    "reshape F": lambda a: a.reshape(-1, order="F"),
    "reshape copy": lambda a: np.reshape(a, -1, copy=True),
    "reshape of part": lambda a: a[:, :, 1:].reshape(-1),
    "ravel of T": lambda a: np.ravel(a.T),
    "ravel F": lambda a: a.ravel("F"),
    "array": lambda a: np.array(a),
    "asfortranarray": lambda a: np.asfortranarray(a),
    "roll": lambda a: np.roll(a, 0),
    "tile": lambda a: np.tile(a, 1),
    "repeat": lambda a: np.repeat(a, 1),
    "take": lambda a: np.take(a, [0], 0),
    "concatenate": lambda a: np.concatenate([a]),
    "positive": lambda a: +a,
    "diagflat": lambda a: np.diagflat(a[0]),
    "meshgrid": lambda a: np.meshgrid(a[0, 0], a[0, 1])[0],
    "astype": lambda a: a.astype(float),
    "tril": lambda a: np.tril(a, 9),
}

READ_ONLY = {
    "broadcast_to": lambda a: np.broadcast_to(a, (5, 2, 3, 4)),
    "part of broadcast_to": lambda a: np.broadcast_to(a, (5, 2, 3, 4))[1:],
    "diagonal": lambda a: a.diagonal(),
    "diag": lambda a: np.diag(a[0]),
    "linalg diagonal": lambda a: np.linalg.diagonal(a),
    "part of diagonal": lambda a: np.diagonal(a, 1, 2, 0)[0],
    "imag of real": lambda a: a.imag,
}


def writes_through(view, value=7.0):
    """A function that writes to a view between two uses of the base."""

    def f(x):
        a = x * 1
        before = a * a
        v = view(a)
        other = view(a)
        v[...] = value * x[0, 0, 0]
        v += 1
        return before, a, v, other, v * v

    return f


def agrees(f, x):
    """A function has NumPy's values, and the derivatives that differences of a quadratic function give exactly."""
    direction = np.cos(np.arange(x.size)).reshape(x.shape)
    expected = f(x)
    ahead, behind = f(x + direction), f(x - direction)
    values, dots = cr.jvp(f, (x,), (direction,))
    for value, dot, y, up, down in zip(values, dots, expected, ahead, behind, strict=True):
        assert type(value) is type(y)
        np.testing.assert_array_equal(value, y)
        np.testing.assert_allclose(dot, (up - down) / 2, rtol=1e-12, atol=1e-12)
    y, pull = cr.vjp(f, x)
    bars = tuple(np.sin(np.arange(v.size) + k).reshape(v.shape) for k, v in enumerate(expected))
    np.testing.assert_allclose(
        np.sum(pull(bars)[0] * direction), sum(np.sum(b * d) for b, d in zip(bars, dots, strict=True)), rtol=1e-12
    )
    lanes = np.stack([x, x - 1])
    for lane, value in zip(zip(*cr.vmap(f)(lanes), strict=True), (f(x), f(x - 1)), strict=True):
        for a, b in zip(lane, value, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", [*VIEWS, *COPIES])
def test_writes_reach_the_base_where_numpy_s_do(name):
    """A write to a view is seen in the base and in other views, a write to a copy is not."""
    x = np.arange(1.0, 25.0).reshape(2, 3, 4)

    agrees(writes_through({**VIEWS, **COPIES}[name]), x)


@pytest.mark.parametrize("name", [*VIEWS, *COPIES])
def test_writes_to_constants_reach_the_base_where_numpy_s_do(name):
    """Constant arrays alias as NumPy's do, too, and take up traced numbers through their views."""
    view = {**VIEWS, **COPIES}[name]

    def f(x):
        a = np.arange(24.0).reshape(2, 3, 4)
        v = view(a)
        v[...] = 3.0
        first = a * x
        v[...] = x[1, 2, 3]
        v *= 2
        return first, a, v

    agrees(f, np.arange(1.0, 25.0).reshape(2, 3, 4))


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_views_refuse_writes(name):
    """What NumPy hands out read-only cannot be written to, and follows the base when that is written to."""
    view = READ_ONLY[name]

    def write(x):
        a = x * 1
        v = view(a)
        assert not v.flags.writeable
        v[...] = 1.0
        return a

    def follow(x):
        a = x * 1
        v = view(a)
        first = v * v
        a[0] = 2 * x[1]
        return first, v * 1

    x = np.arange(1.0, 25.0).reshape(2, 3, 4)
    with pytest.raises(ValueError, match="read-only"):
        write(x)
    with pytest.raises(ValueError, match="read-only"):
        cr.jvp(write, (x,), (x,))
    agrees(follow, x)


def test_views_know_their_base_and_memory():
    """`base`, `flags`, `strides` and `nbytes` are NumPy's."""
    x = np.arange(24.0).reshape(2, 3, 4)
    a = cr.Array(x)
    for view in (*VIEWS.values(), *READ_ONLY.values()):
        ours, numpys = view(a) if "np." not in _source(view) else None, view(x)
        if ours is None:
            continue
        assert ours.strides == numpys.strides
        assert ours.nbytes == numpys.nbytes
        for flag in ("C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE", "ALIGNED"):
            assert ours.flags[flag] == numpys.flags[flag], (_source(view), flag)
        assert (ours.base is None) == (not isinstance(ours, View))


def _source(function):
    import inspect

    return inspect.getsource(function)


def test_a_view_holds_no_reference_back():
    """Bases know nothing of their views, so that views go away at once and form no cycles."""
    import gc
    import weakref

    gc.disable()
    try:
        a = cr.Array(np.zeros(3))
        v = a[1:]
        gone = weakref.ref(v)
        v[0] = 1.0
        del v
        assert gone() is None
    finally:
        gc.enable()


def test_a_view_that_is_not_read_costs_nothing():
    """Making a view of a traced array records no operation; writing to it records one."""
    from chainrule.transforms import ReverseLevel, Tape

    level = ReverseLevel()
    value = level.input(np.arange(12.0).reshape(3, 4))
    a = cr.Array(value)
    row = a[1][1:].reshape(-1)
    assert row.shape == (3,)
    assert row.dtype == float
    assert a._read() is value
    row[0] = 2.0
    tape = Tape([value.attached], [a._read().attached])
    assert [node.op.name for node in tape.graph.nodes] == ["update"]


def test_shape_set_in_place_keeps_views_alive():
    """An array given another shape is still what its views look at, and they keep their shapes."""

    def f(x):
        a = x * 1
        row, flat = a[1, 2], a.reshape(-1)
        a.shape = (4, 6)
        row[0] = 5 * x[0, 0, 0]
        flat[1] = 2.0
        a[3, 5] = 1.0
        row.shape = (2, 2)
        row[1, 1] += 1
        return a, row, flat

    x = np.arange(1.0, 25.0).reshape(2, 3, 4)
    agrees(f, x)
    with pytest.raises(AttributeError, match="in-place"):
        cnp.transpose(cr.Array(x)).shape = (24,)
    with pytest.raises(ValueError, match="cannot reshape"):
        cr.Array(x).shape = (5,)


def test_complex_parts_are_views():
    """Writes to the real or imaginary part, or to the parts side by side, reach the complex array."""

    def f(x):
        z = x + 2j * x[::-1]
        kept = z.real * z.imag
        z.real[1:] = 3 * x[0]
        z.imag *= 2
        z.real += 1
        pairs = z.view(float)
        pairs[1] = x[2]
        w = pairs.view(complex)
        w[2] = 0
        z.T.imag[0] += 1
        return kept, z.real * 1, z.imag * 1, (z * z).real, pairs * 1

    x = np.array([0.5, -2.0, 3.0])
    agrees(f, x)


def test_arrays_without_axes_are_views_too():
    """`x[0, ...]` is a view of one element."""

    def f(x):
        a = x * 1
        cell = a[1, ...]
        kept = cell * cell
        cell[...] = 3 * x[0]
        cell += 1
        return kept + cell, a

    agrees(lambda x: (np.asarray(f(x)[0]), f(x)[1]), np.array([2.0, 3.0]))


def test_long_chains_of_views_stay_short():
    """Each view of a view is one index of the base, so a list of rests takes memory linear in its length."""
    a = cr.Array(np.arange(100.0))
    rest = a
    for _ in range(50):
        rest = rest[1:]
    assert rest._step.path == ((slice(50, 100, 1),),)
    assert rest.base is a
    np.testing.assert_array_equal(np.asarray(rest), np.arange(50.0, 100.0))
