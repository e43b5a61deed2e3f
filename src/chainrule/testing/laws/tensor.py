"""The law of tensors: what is true of vectors is true of arrays of any rank, read as vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.api import jacobian
from chainrule.api.products import vjp
from chainrule.api.trees import flatten, unflatten
from chainrule.testing.comparison import close, magnitude
from chainrule.testing.laws.adjoint import cotangents
from chainrule.testing.sample import Case

_TOLERANCE = 1e-12


def tensor(case: Case) -> None:
    """The pull is: flatten, Jacobianᵀ·gradient, reshape; and the Jacobian is the same by pulls and by pushes.

    A complex function is not one complex Jacobian, so of complex cases nothing is said.
    """
    if case.is_complex or any(np.asarray(y).dtype.kind != "f" for y in case.value):
        return
    f, xs = case.sample.function, case.inputs
    y, pull = vjp(f, *xs)
    y_bars = cotangents(case, "tensor")
    x_bars = pull(unflatten(flatten(y)[1], y_bars))
    scale = magnitude(x_bars)
    by_order = {}
    for order in ("forward", "reverse"):
        blocks = flatten(jacobian(f, argnums=tuple(range(len(xs))), order=order)(*xs))[0]
        by_order[order] = blocks
        products: list[Any] = [0.0] * len(xs)
        for k, block in enumerate(blocks):
            y_bar, x = y_bars[k // len(xs)], xs[k % len(xs)]
            matrix = np.reshape(block, (y_bar.size, x.size))
            products[k % len(xs)] += matrix.T @ np.ravel(y_bar)
        expected = [np.reshape(product, x.shape) for product, x in zip(products, xs, strict=True)]
        close("tensor", case, f"Jacobianᵀ·gradient ({order}), and the pull", expected, x_bars, _TOLERANCE, scale)
    close(
        "tensor",
        case,
        "Jacobian by pushes and by pulls",
        by_order["forward"],
        by_order["reverse"],
        _TOLERANCE,
        magnitude(by_order["forward"]),
    )
