"""How fast does diabetes progress? A Poisson regression, with standard errors from the Hessian."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.api import hessian
from chainrule.demo import models
from chainrule.demo.complex_step import largest_difference
from chainrule.demo.data import Counts
from chainrule.demo.fitting import Fit, fit
from chainrule.demo.settings import Settings
from chainrule.demo.watch import Watch


@dataclass(frozen=True)
class Regression:
    """A fitted Poisson regression.

    standard_errors
        Square roots of the diagonal of the inverse Hessian of the loss, one for each coefficient.
    difference
        The largest relative difference between the gradient and the one by complex steps, at the start.
    information_difference
        The largest relative difference between the Hessian and the Fisher information in closed form.
    """

    names: list[str]
    fit: Fit
    standard_errors: NDArray[Any]
    difference: float
    information_difference: float

    @property
    def coefficients(self) -> NDArray[Any]:
        """The fitted coefficients."""
        return self.fit.parameters

    @property
    def z(self) -> NDArray[Any]:
        """The coefficients in units of their standard errors."""
        return np.asarray(self.coefficients / self.standard_errors)


def poisson_regression(data: Counts, settings: Settings, watch: Watch) -> Regression:
    """Fit and check the regression, and take its standard errors."""
    loss = partial(models.poisson_loss, features=data.features, counts=data.counts)
    start = np.zeros(len(data.names))
    start[0] = np.log(data.counts.mean())
    difference = largest_difference("Poisson regression: gradient by complex steps", loss, start, watch)
    fitted = fit(
        "Poisson regression: fit", loss, start, {"loss": loss}, settings.iterations, watch, gradient_tolerance=1e-6
    )
    information = hessian(loss)(fitted.parameters)
    expected = fisher_information(data.features, fitted.parameters)
    return Regression(
        data.names,
        fitted,
        np.sqrt(np.diag(np.linalg.inv(information))),
        difference,
        float(np.abs(information - expected).max() / np.abs(expected).max()),
    )


def fisher_information(features: NDArray[Any], coefficients: NDArray[Any]) -> NDArray[Any]:
    """Xᵀ diag(μ) X with μ = exp(X β), which for the logarithmic link is the Hessian of minus the log-likelihood.

    Source: McCullagh and Nelder (1989), Generalized linear models, section 2.5.
    """
    means = np.exp(features @ coefficients)
    return np.asarray((features.T * means) @ features)
