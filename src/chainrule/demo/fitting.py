"""Fitting: SciPy minimises a loss, and the gradient comes from the chain rule."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from chainrule.api import value_and_grad
from chainrule.demo.watch import Watch


@dataclass(frozen=True)
class Fit:
    """How a fit went.

    Parameters
    ----------
        Where it ended.
    curves
        What was measured at the start and after each iteration, by name.
    gradients
        How many gradients were computed.
    seconds
        How long it took.
    """

    parameters: NDArray[Any]
    curves: dict[str, list[float]]
    gradients: int
    seconds: float

    @property
    def iterations(self) -> int:
        """How many steps were made."""
        return len(next(iter(self.curves.values()))) - 1


def fit(
    title: str,
    loss: Callable[[NDArray[Any]], Any],
    start: NDArray[Any],
    measured: Mapping[str, Callable[[NDArray[Any]], Any]],
    iterations: int,
    watch: Watch,
    gradient_tolerance: float = 1e-5,
) -> Fit:
    """Minimise a loss of one vector of parameters by L-BFGS-B.

    Parameters
    ----------
    title : str
        What is being fitted, for who watches.
    loss : callable
        Plain NumPy code; its gradient is taken here.
    start : array
        The parameters to start from.
    measured : dict of callables
        What to record along the way; the first is what the watcher sees.
    iterations : int
        The most iterations.
    watch : Watch
        Who is told of each iteration.
    gradient_tolerance : float
        The largest entry of the gradient at which the fit is done.
    """
    # Imported here because the command line, which imports this for all its verbs, would start later by half.
    from scipy.optimize import minimize

    curves: dict[str, list[float]] = {name: [float(measure(start))] for name, measure in measured.items()}
    shown = next(iter(measured))
    began = time.perf_counter()
    with watch.stage(title, iterations) as advance:

        def record(parameters: NDArray[Any]) -> None:
            for name, measure in measured.items():
                curves[name].append(float(measure(parameters)))
            advance(f"{shown} {curves[shown][-1]:.4f}")

        found = minimize(
            value_and_grad(loss),
            start,
            method="L-BFGS-B",
            jac=True,
            callback=record,
            options={"maxiter": iterations, "gtol": gradient_tolerance, "ftol": 1e-12},
        )
    return Fit(found.x, curves, int(found.nfev), time.perf_counter() - began)
