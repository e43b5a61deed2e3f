"""Samples of movements: the same elements in another arrangement."""

import numpy as np

from chainrule.testing.domains import REAL
from chainrule.testing.sample import ALL, Sample

DOUBLE = (np.dtype(np.float64),)
MATRICES = [(2, 3), (3, 1)]
STACKS = [(2, 3, 4)]
EVERY_RANK = [(), (3,), (0,), (2, 3), (2, 0, 3)]


def moved(function, shapes=MATRICES, *, dtypes=DOUBLE, order=1, **kwargs):
    """A linear function, of which the second derivative is checked only where the op itself is new."""
    return Sample(function, shapes=shapes, domain=REAL, dtypes=dtypes, order=order, **kwargs)


def unstacked(x):
    # NumPy has it from 2.1 on.
    return np.unstack(x) if hasattr(np, "unstack") else tuple(x)


def broadcast_product(x):
    pairs = np.broadcast(x, x[..., :1])
    return np.array([a * b for a, b in pairs]).reshape(pairs.shape)


SAMPLES = [
    moved(lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=-1), [(4,), (2, 3)], name="sliding windows"),
    moved(lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 3)), [(3, 4), (2, 3)], name="sliding windows all"),
    moved(
        lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2), (1, 1)),
        [(2, 4)],
        name="sliding windows of windows",
    ),
    moved(
        lambda x: np.lib.stride_tricks.as_strided(x, (3, 2), 2 * x.strides),
        [(4,), (6,)],
        protocols=False,
        name="overlapping strides",
    ),
    moved(
        lambda x: np.lib.stride_tricks.as_strided(x, (2, 2), (x.strides[0], x.strides[0] + x.strides[1])),
        [(3, 2)],
        protocols=False,
        name="strides across axes",
    ),
    moved(broadcast_product, [(2, 3), (3,)], order=2, protocols=False, name="broadcast"),
    # The ops themselves.
    moved(lambda x: np.reshape(x, -1), EVERY_RANK, dtypes=ALL, order=2, name="reshape"),
    moved(np.transpose, EVERY_RANK, dtypes=ALL, order=2, name="transpose"),
    moved(
        lambda x: np.broadcast_to(x, (4, 2, 3)), [(), (3,), (2, 3), (2, 1)], dtypes=ALL, order=2, name="broadcast_to"
    ),
    moved(
        lambda x, y: np.concatenate((x, y)), [((2, 3), (1, 3)), ((0,), (2,))], dtypes=ALL, order=2, name="concatenate"
    ),
    moved(lambda x, y: np.stack((x, y)), [((2, 3), (2, 3)), ((), ()), ((0,), (0,))], dtypes=ALL, order=2, name="stack"),
    moved(np.flip, EVERY_RANK, dtypes=ALL, order=2, name="flip"),
    # Shapes.
    moved(lambda x: np.reshape(x, (3, 2), "F"), [(2, 3), (6,), (3, 2)], name="reshape F"),
    moved(lambda x: np.reshape(x.T, (3, 2), "A"), [(2, 3)], name="reshape A"),
    moved(lambda x: np.reshape(x, (3, -1), copy=True) * 2, [(2, 3)], name="reshape copy"),
    moved(lambda x: x.reshape(3, 2) + x.reshape((3, 2), order="F"), [(2, 3)], name="reshape method"),
    moved(lambda x: x.reshape(3, 2, copy=True), [(2, 3)], name="reshape method copy", protocols=False),
    moved(np.ravel, EVERY_RANK, name="ravel"),
    moved(lambda x: np.ravel(x, "F"), EVERY_RANK, name="ravel F"),
    moved(lambda x: np.ravel(x.copy().T, "K") + np.ravel(x.copy(), "A"), MATRICES, name="ravel K"),
    moved(lambda x: x.flatten() + x.ravel(), EVERY_RANK, name="flatten"),
    moved(lambda x: x.flatten("F"), MATRICES, name="flatten F"),
    moved(lambda x: np.transpose(x, (2, 0, -2)), STACKS, name="transpose axes"),
    moved(
        lambda x: x.transpose(1, 0, 2) + x.transpose((1, 0, 2)) + x.transpose([1, 0, 2]),
        STACKS,
        name="transpose method",
    ),
    moved(lambda x: x.T @ x, [(2, 3), (3,)], order=2, name="T"),
    moved(lambda x: x.mT + np.matrix_transpose(x), STACKS, name="matrix_transpose"),
    moved(lambda x: np.permute_dims(x, (1, 2, 0)), STACKS, name="permute_dims"),
    moved(lambda x: np.swapaxes(x, 0, -1) + x.swapaxes(2, 0), STACKS, name="swapaxes"),
    moved(lambda x: np.moveaxis(x, 0, -1), STACKS, name="moveaxis"),
    moved(lambda x: np.moveaxis(x, (0, 1), (-1, 0)), STACKS, name="moveaxis several"),
    moved(lambda x: np.rollaxis(x, 2), STACKS, name="rollaxis"),
    moved(lambda x: np.rollaxis(x, -3, 3), STACKS, name="rollaxis start"),
    moved(lambda x: np.expand_dims(x, 0), EVERY_RANK, name="expand_dims"),
    moved(lambda x: np.expand_dims(x, (0, -1)), MATRICES, name="expand_dims several"),
    moved(np.squeeze, [(1, 3, 1), (1,), (), (2, 3)], name="squeeze"),
    moved(lambda x: np.squeeze(x, axis=-1) + x.squeeze(2), [(1, 3, 1)], name="squeeze axis"),
    moved(lambda x: np.squeeze(x, (0, 2)), [(1, 3, 1)], name="squeeze axes"),
    moved(np.atleast_1d, [(), (2,), (2, 3)], name="atleast_1d"),
    moved(np.atleast_2d, [(), (2,), (2, 3)], name="atleast_2d"),
    moved(np.atleast_3d, [(), (2,), (2, 3), (2, 3, 1)], name="atleast_3d"),
    moved(lambda x, y: np.atleast_2d(x, y), [((), (2,))], name="atleast several"),
    moved(lambda x, y: np.broadcast_arrays(x, y), [((3, 1), (4,)), ((), (2,))], name="broadcast_arrays"),
    # Joining.
    moved(lambda x, y: np.concatenate((x, y), axis=-1), [((2, 3), (2, 1))], dtypes=ALL, name="concatenate axis"),
    moved(lambda x, y: np.concatenate((x, y, x), axis=None), [((2, 3), (4,))], name="concatenate flat"),
    moved(lambda x, y: np.concat([x, y], axis=1), [((2, 3), (2, 1))], name="concat"),
    moved(
        lambda x, y: np.concatenate((x, y), dtype=np.complex128),
        [((2,), (3,))],
        analytic=False,
        name="concatenate dtype",
    ),
    moved(lambda x: np.concatenate((x, np.ones(2, np.float32))), [(3,)], dtypes=ALL, name="concatenate constants"),
    moved(lambda x: np.concatenate(x), [(3, 2), (2, 1, 2)], name="concatenate rows"),
    moved(lambda x, y: np.stack((x, y), axis=-1), [((2, 3), (2, 3))], name="stack axis"),
    moved(lambda x: np.stack([x[0], 2.0, x[1]]), [(2,)], dtypes=ALL, name="stack numbers"),
    moved(lambda x, y: np.vstack((x, y)), [((3,), (2, 3)), ((), ())], name="vstack"),
    moved(lambda x, y: np.hstack((x, y)), [((3,), (2,)), ((2, 3), (2, 1)), ((), ())], name="hstack"),
    moved(lambda x, y: np.dstack((x, y)), [((3,), (3,)), ((2, 3), (2, 3))], name="dstack"),
    moved(lambda x, y: np.column_stack((x, y)), [((3,), (3, 2)), ((3,), (3,))], name="column_stack"),
    moved(lambda x, y: np.append(x, y), [((2, 3), (2,)), ((), ())], name="append"),
    moved(lambda x, y: np.append(x, y, axis=0), [((2, 3), (1, 3))], name="append axis"),
    moved(lambda x, y: np.block([[x, y], [y.T, 1.0]]), [((2, 2), (2, 1))], name="block"),
    moved(lambda x, y: np.block([x, y, 2.0]), [((2,), (3,)), ((), ())], name="block row"),
    moved(lambda x: np.block(x), [(), (2,)], name="block alone"),
    # Splitting.
    moved(unstacked, [(3, 2), (1, 4)], name="unstack"),
    moved(lambda x: np.split(x, 3), [(3,), (6, 2)], name="split"),
    moved(lambda x: np.split(x, [1, 4], axis=1), [(2, 5)], name="split places"),
    moved(lambda x: np.array_split(x, 3, axis=-1), [(2, 5)], name="array_split"),
    moved(lambda x: np.array_split(x, [2, 9, 1]), [(5,)], name="array_split places"),
    moved(lambda x: np.hsplit(x, 2), [(4,), (3, 2)], name="hsplit"),
    moved(lambda x: np.vsplit(x, 2), [(4, 1)], name="vsplit"),
    moved(lambda x: np.dsplit(x, [1]), STACKS, name="dsplit"),
    # Repetition.
    moved(lambda x: np.tile(x, 2), [(), (3,), (2, 3), (0,)], dtypes=ALL, name="tile"),
    moved(lambda x: np.tile(x, (2, 1, 3)), MATRICES, name="tile several"),
    moved(lambda x: np.tile(x, ()), [(), (3,)], name="tile none"),
    moved(lambda x: np.tile(x, (0, 2)), MATRICES, name="tile nothing"),
    moved(lambda x: np.repeat(x, 3), [(), (3,), (2, 3), (0,)], dtypes=ALL, name="repeat"),
    moved(lambda x: np.repeat(x, 2, axis=1) + x.repeat(2, -1), MATRICES, name="repeat axis"),
    moved(lambda x: np.repeat(x, [2, 0, 1], axis=1), [(2, 3)], name="repeat counts"),
    moved(lambda x: np.repeat(x, np.array([3]), axis=0), MATRICES, name="repeat count of one"),
    moved(lambda x: np.resize(x, (2, 5)), [(3,), (3, 7), ()], dtypes=ALL, name="resize"),
    moved(lambda x: np.resize(x, 4), [(3,), (0,)], name="resize number"),
    # Turning.
    moved(lambda x: np.flip(x, 1), MATRICES, name="flip axis"),
    moved(lambda x: np.flip(x, (0, -1)), STACKS, name="flip axes"),
    moved(lambda x: np.flipud(x) + np.fliplr(x), MATRICES, name="flipud fliplr"),
    moved(np.rot90, MATRICES, name="rot90"),
    moved(lambda x: np.rot90(x, -1, (2, 0)), STACKS, name="rot90 axes"),
    moved(lambda x: np.rot90(x, 2) + np.rot90(x, 4), MATRICES, name="rot90 twice"),
    moved(lambda x: np.roll(x, 2), [(), (5,), (2, 3), (0,)], dtypes=ALL, name="roll"),
    moved(lambda x: np.roll(x, -1, axis=1), [(2, 3), (2, 0)], name="roll axis"),
    moved(lambda x: np.roll(x, (1, 5), axis=(0, 1)), STACKS, name="roll axes"),
    moved(lambda x: np.roll(x, 1, axis=(0, 0)), MATRICES, name="roll twice"),
]
