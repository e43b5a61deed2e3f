"""Optimizers by gradients `grad(x, i)`, where i counts the steps; x is any nesting of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd.misc.flatten import flatten
from chainrule.interop.autograd.wrap_util import wraps


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer of vectors as one of nestings of arrays."""

    @wraps(optimize)
    def optimize_nesting(grad: Any, x0: Any, callback: Any = None, *args: Any, **kwargs: Any) -> Any:
        flat, unflatten = flatten(x0)

        def flat_grad(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def flat_callback(x: Any, i: int, g: Any) -> None:
            callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(flat_grad, flat, flat_callback if callback else None, *args, **kwargs))

    return optimize_nesting  # type: ignore[no-any-return]  # what was decorated


@unflatten_optimizer
def sgd(
    grad: Any, x: Any, callback: Any = None, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Gradient descent with momentum."""
    velocity = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 10**-8,
) -> Any:
    """Steps scaled by a running root mean square of the gradient (Hinton, Srivastava, Swersky 2012)."""
    mean_square = np.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        mean_square = gamma * mean_square + (1 - gamma) * g**2
        x = x - step_size * g / (np.sqrt(mean_square) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 10**-8,
) -> Any:
    """Steps by running moments of the gradient, corrected for their start (Kingma, Ba 2015)."""
    first, second = np.zeros(len(x)), np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        first = b1 * first + (1 - b1) * g
        second = b2 * second + (1 - b2) * g**2
        first_corrected = first / (1 - b1 ** (i + 1))
        second_corrected = second / (1 - b2 ** (i + 1))
        x = x - step_size * first_corrected / (np.sqrt(second_corrected) + eps)
    return x
