"""Samples of sums of products: dot, matmul, einsum and their kin."""

import warnings
from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, Sample

# NumPy's type information does not know all of their arguments.
vecdot: Any = np.vecdot
vecdot_along: Any = np.linalg.vecdot
einsum: Any = np.einsum


def written_to_out(a: Any, b: Any) -> Any:
    """A product written into arrays that are there."""
    out = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    square = np.zeros((b.shape[1], b.shape[1]), a.dtype)
    np.matmul(a, b, out=out)
    np.dot(out.T, out, out=square)
    return out @ square


def in_place_product(a: Any, b: Any) -> Any:
    """`c @= b`."""
    c = a.copy()
    c @= b
    return c


def diagonal_written(a: Any, b: Any) -> Any:
    """A write through the view that einsum makes of a diagonal."""
    c = a.copy()
    np.einsum("ii->i", c)[:] = b
    return c * a


def plane_cross(a: Any, b: Any) -> Any:
    """The cross product of vectors of the plane, which NumPy deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.cross(a, b)


DOTS = [
    ((), ()),
    ((), (2, 3)),
    ((4,), (4,)),
    ((2, 4), (4,)),
    ((4,), (4, 3)),
    ((2, 4), (4, 3)),
    ((0,), (0,)),
    ((2, 0), (0, 3)),
]
HIGHER_DOTS = [((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((2, 3, 4), (4, 2)), ((2, 4), (3, 4, 2)), ((2, 1, 4), (3, 4, 2))]

SAMPLES = [
    Sample(np.dot, shapes=DOTS + HIGHER_DOTS, dtypes=ALL, name="dot"),
    Sample(lambda x, y: x.dot(y), shapes=[((2, 4), (4, 3))], name="dot method"),
    Sample(
        lambda x: np.dot(2.5, x) + np.dot(x, np.arange(6.0).reshape(3, 2)).sum(), shapes=[(2, 3)], name="dot number"
    ),
    Sample(
        np.matmul,
        shapes=[
            ((4,), (4,)),
            ((2, 4), (4,)),
            ((4,), (4, 3)),
            ((2, 4), (4, 3)),
            ((5, 2, 4), (4, 3)),
            ((5, 2, 4), (5, 4, 3)),
            ((2, 1, 2, 4), (3, 4, 2)),
            ((4,), (2, 4, 3)),
            ((2, 3, 4), (4,)),
            ((2, 0), (0, 3)),
            ((0, 2, 3), (3, 2)),
        ],
        dtypes=ALL,
        name="matmul",
    ),
    Sample(lambda x, y: x @ y.T @ x, shapes=[((2, 3), (2, 3))], dtypes=ALL, name="matmul operator"),
    Sample(lambda x: np.arange(6.0).reshape(2, 3) @ x, shapes=[(3,), (3, 2)], name="matmul reflected"),
    Sample(
        lambda x, y: np.matmul(x, y, axes=[(0, 2), (-2, -1), (1, 0)]),
        shapes=[((2, 5, 4), (4, 3))],
        name="matmul axes",
    ),
    Sample(written_to_out, shapes=[((3, 4), (4, 2))], name="matmul out", protocols=False),
    Sample(in_place_product, shapes=[((3, 2), (2, 2))], name="matmul in place"),
    Sample(
        np.vecdot,
        shapes=[((4,), (4,)), ((2, 4), (4,)), ((2, 1, 4), (3, 4)), ((3, 0), (0,))],
        dtypes=ALL,
        analytic=False,
        name="vecdot",
    ),
    Sample(lambda x, y: vecdot(x, y, axis=0), shapes=[((4, 2), (4, 2))], analytic=False, name="vecdot axis"),
    Sample(lambda x, y: vecdot(x, y, keepdims=True), shapes=[((4, 2), (4, 2))], analytic=False, name="vecdot keepdims"),
    Sample(lambda x, y: vecdot_along(x, y, axis=0), shapes=[((4, 2), (4, 2))], analytic=False, name="linalg.vecdot"),
    Sample(np.inner, shapes=[((), (3,)), ((4,), (4,)), ((2, 4), (4,)), ((2, 3, 4), (5, 4))], dtypes=ALL, name="inner"),
    Sample(np.vdot, shapes=[((), ()), ((4,), (4,)), ((2, 3), (3, 2))], dtypes=ALL, analytic=False, name="vdot"),
    Sample(np.outer, shapes=[((), (2,)), ((3,), (2,)), ((2, 2), (3,)), ((0,), (2,))], dtypes=ALL, name="outer"),
    Sample(np.linalg.outer, shapes=[((3,), (2,))], name="linalg.outer"),
    Sample(
        np.kron,
        shapes=[((), (2,)), ((3,), (2,)), ((2, 3), (2,)), ((2,), (2, 3)), ((2, 1, 2), (3, 2)), ((0,), (2,))],
        dtypes=ALL,
        name="kron",
    ),
    Sample(np.cross, shapes=[((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3))], dtypes=ALL, name="cross"),
    Sample(lambda a, b: np.cross(a, b, axisa=0, axisb=1, axisc=0), shapes=[((3, 2, 4), (2, 3, 4))], name="cross axes"),
    Sample(lambda a, b: np.cross(a, b, axis=0), shapes=[((3, 2), (3, 2))], name="cross axis"),
    Sample(
        plane_cross,
        shapes=[((2,), (2,)), ((2,), (3,)), ((4, 3), (2,)), ((4, 2), (1, 2))],
        name="cross of plane vectors",
    ),
    Sample(np.linalg.cross, shapes=[((2, 3), (2, 3))], name="linalg.cross"),
    Sample(np.tensordot, shapes=[((2, 3, 4), (3, 4, 2)), ((3, 2), (3, 2))], dtypes=ALL, name="tensordot"),
    Sample(lambda a, b: np.tensordot(a, b, axes=0), shapes=[((2,), (2, 3)), ((), (2,))], name="tensordot outer"),
    Sample(
        lambda a, b: np.tensordot(a, b, axes=1), shapes=[((2, 3), (3, 2)), ((2, 0), (0, 3))], name="tensordot one axis"
    ),
    Sample(
        lambda a, b: np.tensordot(a, b, axes=([0, -1], (1, 0))),
        shapes=[((2, 3, 4), (4, 2, 3))],
        dtypes=ALL,
        name="tensordot pairs of axes",
    ),
    Sample(lambda a, b: np.tensordot(a, b, axes=(0, 1)), shapes=[((2, 3), (4, 2))], name="tensordot pair of axes"),
    Sample(lambda a, b: np.linalg.tensordot(a, b, axes=1), shapes=[((2, 3), (3, 2))], name="linalg.tensordot"),
    Sample(np.trace, shapes=[(3, 3), (2, 3), (3, 2, 2), (0, 0)], dtypes=ALL, name="trace"),
    Sample(lambda a: np.trace(a, 1) + np.trace(a, -1, 1, 0), shapes=[(3, 4)], name="trace offset"),
    Sample(lambda a: np.trace(a, offset=1, axis1=2, axis2=0), shapes=[(3, 2, 4)], name="trace axes"),
    Sample(lambda a: a.trace(), shapes=[(3, 3)], name="trace method"),
    Sample(lambda a: np.linalg.trace(a, offset=1), shapes=[(2, 3, 3)], name="linalg.trace"),
    Sample(
        lambda a, b, c: np.linalg.multi_dot([a, b, c]),
        shapes=[((2, 3), (3, 4), (4, 2)), ((3,), (3, 4), (4, 2)), ((2, 3), (3, 4), (4,)), ((3,), (3, 2), (2,))],
        dtypes=ALL,
        name="multi_dot",
    ),
    Sample(
        lambda a, b: np.linalg.multi_dot([a, b, a, b]) + np.linalg.multi_dot((a, b)),
        shapes=[((2, 4), (4, 2))],
        name="multi_dot of four and of two",
    ),
    Sample(lambda a, b: np.einsum("ij,jk->ik", a, b), shapes=[((2, 3), (3, 4))], dtypes=ALL, name="einsum"),
    Sample(lambda a, b: np.einsum("ij,jk", a, b), shapes=[((2, 3), (3, 4))], name="einsum implicit"),
    Sample(
        lambda a, b: np.einsum("bA,bA", a, b), shapes=[((2, 3), (2, 3)), ((0, 3), (0, 3))], name="einsum to a number"
    ),
    Sample(lambda a: np.einsum("ij->", a), shapes=[(2, 3), (0, 2)], dtypes=ALL, name="einsum sum"),
    Sample(lambda a: np.einsum("kij->jk", a), shapes=[(2, 3, 4)], name="einsum sum and transpose"),
    Sample(lambda a: np.einsum("ji", a) * 2, shapes=[(2, 3)], name="einsum transpose"),
    Sample(lambda a: np.einsum("ii", a), shapes=[(3, 3)], dtypes=ALL, name="einsum trace"),
    Sample(lambda a: np.einsum("ii->i", a), shapes=[(3, 3), (0, 0)], dtypes=ALL, name="einsum diagonal"),
    Sample(lambda a: np.einsum("iji->ji", a), shapes=[(3, 2, 3)], name="einsum diagonal and transpose"),
    Sample(lambda a: np.einsum("iiji->ij", a), shapes=[(2, 2, 3, 2)], name="einsum diagonal of three axes"),
    Sample(lambda a: np.einsum("iijkk->j", a), shapes=[(2, 2, 2, 3, 3)], name="einsum two traces"),
    Sample(
        lambda a, b: np.einsum("iik,kl->il", a, b), shapes=[((2, 2, 3), (3, 2))], name="einsum diagonal in a product"
    ),
    Sample(lambda a, b: np.einsum("ii,jj->ij", a, b), shapes=[((2, 2), (3, 3))], name="einsum outer of diagonals"),
    Sample(lambda a, b: np.einsum("i,j->ji", a, b), shapes=[((2,), (3,))], name="einsum outer"),
    Sample(lambda a, b: np.einsum("ij,kl->jk", a, b), shapes=[((2, 3), (4, 2))], name="einsum with axes summed alone"),
    Sample(
        lambda a, b: np.einsum("...ij,jk...->...ik", a, b),
        shapes=[((2, 3, 4), (4, 2)), ((3, 4), (4, 2, 5)), ((2, 1, 3, 4), (4, 2, 5))],
        dtypes=ALL,
        name="einsum ellipsis",
    ),
    Sample(lambda a: np.einsum("i...->...", a), shapes=[(2, 3), (2, 3, 4), (2,)], name="einsum ellipsis sum"),
    Sample(lambda a: np.einsum("i...i", a), shapes=[(2, 3, 2)], name="einsum ellipsis trace"),
    Sample(lambda a, b: np.einsum("..., ...", a, b), shapes=[((), (2, 3)), ((3,), (2, 3))], name="einsum broadcast"),
    Sample(lambda a, b: np.einsum("ij,ij->ij", a, b), shapes=[((1, 3), (2, 1))], name="einsum axes of length one"),
    Sample(
        lambda a, b, c: np.einsum("ij,jk,ki->i", a, b, c),
        shapes=[((2, 3), (3, 4), (4, 2))],
        dtypes=ALL,
        name="einsum of three",
    ),
    Sample(
        lambda a, b: einsum(a, [0, 1], b, [1, 2], [2, 0]) + einsum(b, (Ellipsis, 1), a, [Ellipsis, 1]),
        shapes=[((2, 2), (2, 2))],
        name="einsum lists",
    ),
    Sample(lambda a: np.einsum("i,i->i", a, a, dtype=np.float64), shapes=[(3,)], analytic=False, name="einsum dtype"),
    Sample(
        lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize=True),
        shapes=[((2, 3), (3, 4), (4, 2))],
        dtypes=ALL,
        exact=False,
        name="einsum optimize",
    ),
    Sample(
        lambda a, b: np.einsum("bij,bjk,kb,ll->ik", a, b, b[0], b[0], optimize="optimal"),
        shapes=[((3, 2, 3), (3, 3, 3))],
        exact=False,
        name="einsum optimal",
    ),
    Sample(
        lambda a, b: np.einsum("ij,jk,k->i", a, b, b[0], optimize=np.einsum_path("ij,jk,k->i", a, b, b[0])[0]),
        shapes=[((2, 3), (3, 4))],
        exact=False,
        name="einsum path",
    ),
    Sample(diagonal_written, shapes=[((3, 3), (3,))], name="einsum diagonal written to", protocols=False),
]

if hasattr(np, "matvec"):
    SAMPLES += [
        Sample(np.matvec, shapes=[((2, 3), (3,)), ((2, 2, 3), (3,)), ((2, 3), (4, 3))], dtypes=ALL, name="matvec"),
        Sample(np.vecmat, shapes=[((2,), (2, 3)), ((4, 2), (2, 3))], analytic=False, name="vecmat"),
        Sample(
            np.vecmat,
            shapes=[((2,), (2, 3)), ((4, 2), (2, 3))],
            dtypes=COMPLEX,
            analytic=False,
            exact=False,
            name="vecmat of complex vectors",
        ),
    ]
