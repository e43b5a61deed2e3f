"""A work: one derivative at one point, which every contender computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Work:
    """One derivative.

    name, title
        What it is called, on the command line and in the table.
    program
        The function, of its arguments and the NumPy to run over (`np=`).
    arguments
        Where the derivative is taken, with respect to the first.
    native
        The name of the hand-written C.
    direction
        For a Hessian-vector product, the vector; a gradient has none.
    torch
        The program as PyTorch's users write it, where it is not the same.
    drjit
        The program as Dr.Jit's users write it; none where it is not asked.
    tolerance
        How far two results may be apart, relative to the largest entry.
    aim
        Our time at most, as a multiple of C's.
    """

    name: str
    title: str
    program: Callable[..., Any]
    arguments: tuple[Any, ...]
    native: str
    aim: float
    direction: Any = None
    torch: Callable[..., Any] | None = None
    drjit: Callable[..., Any] | None = None
    tolerance: float = 1e-10
