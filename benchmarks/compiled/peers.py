"""The peers: the same derivative by other libraries. NumPy arrays go in and come out, and one thread works."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import optree

from benchmarks.compiled.work import Work

Derivative = Callable[[], Any]


class OutOfScopeError(Exception):
    """The peer is there, and is not asked for this work."""


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


def drjit_derivative(work: Work) -> Derivative:
    """Frozen by Dr.Jit, whose LLVM backend compiles the kernels.

    Raises ImportError if it is not installed, OSError if it has no LLVM, OutOfScopeError if the work does not name a
    program for it.
    """
    # Kernels kept on disk from an earlier run would make the first call look short.
    os.environ["DRJIT_CACHE_DIR"] = os.devnull
    import drjit

    # To be asked before anything else: without LLVM its arrays end the process.
    if not drjit.has_backend(drjit.JitBackend.LLVM):
        raise OSError("it finds no LLVM of version 15 or newer: DRJIT_LIBLLVM_PATH may name the library")
    if work.drjit is None:
        raise OutOfScopeError
    from drjit.llvm.ad import TensorXf64

    drjit.set_thread_count(1)
    # Kernels hold for arrays of any length: those of an earlier work too would make the first call look short.
    drjit.flush_kernel_cache()
    program = work.drjit
    words = {name: getattr(drjit, name) for name in ("exp", "sqrt", "sum", "tanh")}
    numpy = SimpleNamespace(**words, log1p=lambda x: drjit.log(1 + x))

    @drjit.freeze
    def gradient(x: Any, *rest: Any) -> Any:
        with drjit.resume_grad():
            drjit.enable_grad(x)
            drjit.backward(program(x, *rest, np=numpy))
            return drjit.grad(x)

    return lambda: gradient(*map(TensorXf64, work.arguments)).numpy()


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
    "Dr.Jit": drjit_derivative,
    "autograd": autograd_derivative,
}
