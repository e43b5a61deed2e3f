"""The peers: the same derivative by other libraries. NumPy arrays go in and come out, and one thread works."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from benchmarks.compiled.work import Work

Derivative = Callable[[], Any]


def jax_derivative(work: Work) -> Derivative:
    """Compiled by JAX. Raises ImportError if it is not installed."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    import jax

    jax.config.update("jax_enable_x64", True)

    def function(x: Any, *rest: Any) -> Any:
        return work.program(x, *rest, np=jax.numpy)

    gradient = jax.grad(function)
    if work.direction is None:
        compiled = jax.jit(gradient)
        return lambda: optree.tree_map(np.asarray, compiled(*work.arguments))
    product = jax.jit(lambda x, v: jax.jvp(gradient, (x,), (v,))[1])
    return lambda: np.asarray(product(*work.arguments, work.direction))


def torch_derivative(work: Work) -> Derivative:
    """By PyTorch as it runs, operation by operation. Raises ImportError if it is not installed."""
    import torch

    torch.set_num_threads(1)
    program = work.torch or work.program
    first, *others = work.arguments

    def given(x: np.ndarray[Any, Any]) -> Any:
        return torch.from_numpy(x).requires_grad_()

    def run() -> Any:
        x = optree.tree_map(given, first)
        rest = [torch.from_numpy(array) for array in others]
        leaves, structure = optree.tree_flatten(x)
        value = program(x, *rest, np=torch)
        twice = work.direction is not None
        found = torch.autograd.grad(value, leaves, create_graph=twice)
        if twice:
            found = torch.autograd.grad(found, leaves, torch.from_numpy(work.direction))
        return optree.tree_unflatten(structure, [gradient.numpy() for gradient in found])

    return run


def autograd_derivative(work: Work) -> Derivative:
    """By HIPS autograd. Raises ImportError if it is not installed."""
    import autograd
    import autograd.numpy

    def function(x: Any, *rest: Any) -> Any:
        return work.program(x, *rest, np=autograd.numpy)

    if work.direction is None:
        gradient = autograd.grad(function)
        return lambda: gradient(*work.arguments)
    product = autograd.hessian_vector_product(function)
    return lambda: product(*work.arguments, work.direction)


PEERS: dict[str, Callable[[Work], Derivative]] = {
    "JAX": jax_derivative,
    "PyTorch": torch_derivative,
    "autograd": autograd_derivative,
}
