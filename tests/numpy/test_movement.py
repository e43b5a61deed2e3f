"""Functions that arrange, join, split, repeat, pad and pick: what NumPy refuses, and how results lie in memory."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NoRuleError

A = np.arange(24.0).reshape(2, 3, 4)

# Calls that NumPy refuses, each as a function of an array.
REFUSED = {
    "reshape size": lambda a: np.reshape(a, (5, 5)),
    "reshape two unknown": lambda a: a.reshape(-1, -1),
    "reshape order": lambda a: a.reshape(24, order="Z"),
    "reshape without copy": lambda a: np.reshape(a.T, -1, copy=False),
    "transpose repeated": lambda a: a.transpose(0, 0, 1),
    "transpose count": lambda a: a.transpose(0, 1),
    "transpose axis": lambda a: a.transpose(0, 1, 3),
    "swapaxes": lambda a: a.swapaxes(0, 3),
    "moveaxis count": lambda a: np.moveaxis(a, (0, 1), 0),
    "moveaxis repeated": lambda a: np.moveaxis(a, (0, 0), (1, 2)),
    "rollaxis": lambda a: np.rollaxis(a, 0, 5),
    "matrix_transpose": lambda a: np.matrix_transpose(a[0, 0]),
    "mT": lambda a: a[0, 0].mT,
    "expand_dims": lambda a: np.expand_dims(a, 5),
    "expand_dims repeated": lambda a: np.expand_dims(a, (0, 0)),
    "squeeze": lambda a: np.squeeze(a, 1),
    "squeeze axis": lambda a: a.squeeze(4),
    "broadcast_to": lambda a: np.broadcast_to(a, (3, 3, 4)),
    "broadcast_to fewer": lambda a: np.broadcast_to(a, (4,)),
    "broadcast_arrays": lambda a: np.broadcast_arrays(a, a[:, :2]),
    "flip": lambda a: np.flip(a, 3),
    "flipud": lambda a: np.flipud(np.sum(a)),
    "fliplr": lambda a: np.fliplr(a[0, 0]),
    "rot90 one axis": lambda a: np.rot90(a, 1, (1, 1)),
    "rot90 axes": lambda a: np.rot90(a, 1, (0, 7)),
    "rot90 three axes": lambda a: np.rot90(a, 1, (0, 1, 2)),
    "roll axis": lambda a: np.roll(a, 1, 3),
    "roll shifts": lambda a: np.roll(a, (1, 2), (0, 1, 2)),
    "concatenate shapes": lambda a: np.concatenate((a, a[:, 1:])),
    "concatenate ndim": lambda a: np.concatenate((a, a[0])),
    "concatenate numbers": lambda a: np.concatenate((a[0, 0, 0], a[0, 0, 1])),
    "concatenate axis": lambda a: np.concatenate((a, a), axis=3),
    "concatenate casting": lambda a: np.concatenate((a, a), dtype=int),
    "stack shapes": lambda a: np.stack((a, a[0])),
    "stack nothing": lambda a: np.stack([]) + a,
    "stack axis": lambda a: np.stack((a, a), axis=5),
    "vstack iterator": lambda a: np.vstack(row for row in a[0]),
    "hstack": lambda a: np.hstack((a, a[:1])),
    "block tuple": lambda a: np.block((a, a)),
    "block depths": lambda a: np.block([[a], a]),
    "block empty": lambda a: np.block([[a], []]),
    "split": lambda a: np.split(a, 2, axis=1),
    "array_split": lambda a: np.array_split(a, 0),
    "hsplit": lambda a: np.hsplit(a[0, 0, 0], 1),
    "vsplit": lambda a: np.vsplit(a[0, 0], 2),
    "dsplit": lambda a: np.dsplit(a[0], 2),
    "unstack": lambda a: np.unstack(a[0, 0, 0]),
    "repeat": lambda a: np.repeat(a, [1, 2], axis=1),
    "repeat negative": lambda a: np.repeat(a, -1),
    "repeat axis": lambda a: np.repeat(a, 2, axis=3),
    "resize": lambda a: np.resize(a, (-1, 2)),
    "pad negative": lambda a: np.pad(a, -1),
    "pad width": lambda a: np.pad(a, 1.5),
    "pad widths": lambda a: np.pad(a, ((1, 2), (3, 4))),
    "pad mode": lambda a: np.pad(a, 1, "mirror"),
    "pad argument": lambda a: np.pad(a, 1, "edge", constant_values=0),
    "pad nothing": lambda a: np.pad(a[:, :0], 1, "edge"),
    "pad stat_length": lambda a: np.pad(a, 1, "maximum", stat_length=0),
    "take": lambda a: np.take(a, [3], axis=1),
    "take dtype": lambda a: np.take(a, np.array([0.5])),
    "take mode": lambda a: np.take(a, [0], mode="round"),
    "take axis": lambda a: np.take(a, [0], axis=5),
    "take_along_axis ndim": lambda a: np.take_along_axis(a, np.array([0]), 1),
    "take_along_axis dtype": lambda a: np.take_along_axis(a, np.zeros((2, 3, 4)), 1),
    "take_along_axis flat": lambda a: np.take_along_axis(a, np.zeros((2, 3), int), None),
    "compress": lambda a: np.compress([[True]], a),
    "compress length": lambda a: np.compress([True] * 4, a, axis=1),
    "choose": lambda a: np.choose([0, 3], [a[0, 0], a[0, 1]]),
    "choose mode": lambda a: np.choose([0], [a], mode="x"),
    "delete": lambda a: np.delete(a, 7, axis=0),
    "delete axis": lambda a: np.delete(a, 0, axis=3),
    "insert": lambda a: np.insert(a, 9, 1.0, axis=0),
    "insert values": lambda a: np.insert(a, [0, 1], np.ones(5), axis=2),
    "trim_zeros": lambda a: np.trim_zeros(a, "x"),
    "diagonal": lambda a: np.diagonal(a[0, 0]),
    "diagonal axes": lambda a: a.diagonal(0, 1, 1),
    "diag": lambda a: np.diag(a),
    "vander": lambda a: np.vander(a),
    "ix_": lambda a: a[np.ix_([[0]], [1])],
    "meshgrid": lambda a: np.meshgrid(a[0, 0], indexing="yx"),
    "linspace": lambda a: np.linspace(a[0, 0, 0], 1.0, -1),
    "geomspace": lambda a: np.geomspace(a[0, 0, 0], 1.0),
    "array ragged": lambda a: np.array([a[0], a[:, 0]]),
    "array without copy": lambda a: np.array(a, dtype=np.float32, copy=False),
    "fill_diagonal": lambda a: np.fill_diagonal(a * 1, 0.0),
    "put": lambda a: np.put(a * 1, [24], 0.0),
    "put_along_axis": lambda a: np.put_along_axis(a * 1, np.zeros(2, int), 0.0, 1),
    "place": lambda a: np.place(a * 1, a >= 0, []),
    "putmask": lambda a: np.putmask(a * 1, [True], 0.0),
    "copyto": lambda a: np.copyto(a * 1, np.ones(5)),
    "copyto casting": lambda a: np.copyto(np.zeros(4, int), a[0, 0]),
    "apply_along_axis": lambda a: np.apply_along_axis(np.sum, 0, a[:, :0]),
    "apply_over_axes": lambda a: np.apply_over_axes(lambda b, axis: b[0, 0, 0], a, 0),
    "diff": lambda a: np.diff(a, n=-1),
    "diff number": lambda a: np.diff(a[0, 0, 0]),
    "gradient": lambda a: np.gradient(a[0, 0, :1]),
    "gradient order": lambda a: np.gradient(a, edge_order=3),
    "gradient places": lambda a: np.gradient(a, [0.0, 1.0], axis=2),
    "gradient arguments": lambda a: np.gradient(a, 1.0, 2.0),
    "interp lengths": lambda a: np.interp(0.0, a[0, 0], a[0, 0, 1:]),
    "interp nothing": lambda a: np.interp(a, [], []),
    "interp period": lambda a: np.interp(a, [0.0, 1.0], [0.0, 1.0], period=0),
    "convolve": lambda a: np.convolve(a[0], a[0]),
    "convolve nothing": lambda a: np.convolve(a[0, 0], []),
    "convolve mode": lambda a: np.convolve(a[0, 0], a[0, 1], "x"),
    "ediff1d": lambda a: np.ediff1d(a.astype(np.float32), to_end=1j),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_refuses_is_refused(name):
    """A call that NumPy refuses raises an error of the same kind, traced and on constants."""
    call = REFUSED[name]
    with pytest.raises(Exception) as expected:  # noqa: PT011  # which error it is, NumPy says
        call(A)
    kind = next(k for k in (IndexError, ValueError, TypeError, AttributeError) if issubclass(expected.type, k))
    with pytest.raises(kind):
        cr.jvp(call, (A,), (A,))
    with pytest.raises(kind):
        cr.vjp(lambda x: (call(A + 0 * x), x)[1], A)


LAID_OUT = {
    "copy": lambda a: np.copy(a.T),
    "copy C": lambda a: a.T.copy(),
    "copy F": lambda a: a.copy("F"),
    "array F": lambda a: np.array(a, order="F"),
    "asfortranarray": lambda a: np.asfortranarray(a),
    "ascontiguousarray": lambda a: np.ascontiguousarray(a.T),
    "zeros_like": lambda a: np.zeros_like(a.T) + 0 * a.T,
    "full_like": lambda a: np.full_like(a.T, a[0, 0, 0]),
    "full F": lambda a: np.full((2, 3), a[0, 0, 0], order="F"),
    "T of product": lambda a: (a * a).T,
}


@pytest.mark.parametrize("name", LAID_OUT)
def test_memory_is_laid_out_as_numpy_s(name):
    """What is contiguous in NumPy is here, so that a later reshape is a view or a copy as it is there."""
    seen = []

    def look(a):
        made = LAID_OUT[name](a)
        seen.append((made.flags.c_contiguous, made.flags.f_contiguous, made.strides))
        return made

    look(A)
    cr.jvp(look, (A,), (A,))
    assert seen[0] == seen[1]


def test_traced_counts_are_looked_at():
    """Numbers of repetitions, shifts and places may come from traced values: they are looked at."""

    def f(x):
        n = np.argmax(x)
        return np.repeat(x, n) + np.roll(np.tile(x, n), n) + np.delete(np.insert(x, n, 0.0), n)[0]

    x, x_dot = np.array([1.0, 0.5, 3.0]), np.array([0.5, -1.0, 2.0])
    expected = np.repeat(x_dot, 2) + np.roll(np.tile(x_dot, 2), 2) + x_dot[0]
    np.testing.assert_allclose(cr.jvp(f, (x,), (x_dot,))[1], expected, rtol=1e-15)
    np.testing.assert_allclose(cr.jacobian(f, order="reverse")(x) @ x_dot, expected, rtol=1e-15)


@pytest.mark.skipif(not hasattr(np, "row_stack"), reason="gone from this version of NumPy")
def test_old_name_of_vstack():
    """`row_stack` warns at the user's line, and is `vstack`."""
    with pytest.warns(DeprecationWarning, match="vstack") as caught:
        jacobian = cr.jacobian(lambda x: np.row_stack([x, 2 * x]))(np.ones(2))

    assert caught[0].filename == __file__
    np.testing.assert_array_equal(jacobian, np.stack([np.eye(2), 2 * np.eye(2)]))


def test_windows():
    """Windows are NumPy's, along axes that are given, the same one twice too; too long ones are refused."""
    windows = np.lib.stride_tricks.sliding_window_view
    for arguments in ((2, 1), ((2, 3), (0, 2)), ((2, 2), (2, 2)), ((1, 1, 1),)):
        found, _ = cr.jvp(lambda a, arguments=arguments: windows(a, *arguments), (A,), (A,))
        np.testing.assert_array_equal(found, windows(A, *arguments))
    for wrong in ((5, 1), (-1, 0), ((2, 2),), ((2, 2), 1)):
        with pytest.raises(ValueError, match="window"):
            cr.grad(lambda a, wrong=wrong: windows(a, *wrong).sum())(A)


def test_strides():
    """Entries are those that NumPy reads at these strides; views that write several entries at once are read-only."""
    strided = np.lib.stride_tricks.as_strided
    for arguments in (((3, 2), (8, 16)), ((2, 2, 2), (16, 8, 0)), ((0, 3), (8, 8)), (None, None)):
        found, _ = cr.jvp(lambda x, arguments=arguments: strided(x[1:6], *arguments), (np.arange(7.0),), (np.ones(7),))
        np.testing.assert_array_equal(found, strided(np.arange(1.0, 6.0), *arguments))
    weights = np.array([[1.0, 2.0], [3.0, 5.0]])
    gradient = cr.grad(lambda x: np.sum(weights * strided(np.broadcast_to(x[2], (4,)), (2, 2), (0, 0))))(np.arange(3.0))
    np.testing.assert_array_equal(gradient, [0.0, 0.0, 11.0])

    with pytest.raises(NoRuleError, match="beside the entries"):
        cr.grad(lambda x: strided(x[::2], (4,), (8,)).sum())(np.arange(6.0))

    def write(x):
        strided(x, (2, 2), (8, 8))[0, 1] = 0.0
        return x.sum()

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(write)(np.arange(3.0))
