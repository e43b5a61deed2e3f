"""Which digit is it? A multinomial logistic regression and a small neural network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.demo import models
from chainrule.demo.complex_step import largest_difference
from chainrule.demo.data import Digits
from chainrule.demo.fitting import Fit, fit
from chainrule.demo.settings import Settings
from chainrule.demo.watch import Watch

# A function of the parameters, then of images (and labels).
Model = Callable[..., Any]


@dataclass(frozen=True)
class Classifier:
    """A fitted model of the digits.

    difference
        The largest relative difference between the gradient and the one by complex steps, at the start.
    """

    name: str
    fit: Fit
    train_accuracy: float
    test_accuracy: float
    difference: float


def logistic_regression(data: Digits, settings: Settings, watch: Watch) -> Classifier:
    """Fit and check the multinomial logistic regression."""
    generator = np.random.default_rng(settings.seed)
    start = 0.01 * generator.normal(size=(data.train_images.shape[1] + 1) * models.CLASSES)
    loss = partial(models.logistic_loss, penalty=settings.penalty)
    return _classifier("logistic regression", loss, models.logistic_scores, start, data, settings, watch)


def neural_network(data: Digits, settings: Settings, watch: Watch) -> Classifier:
    """Fit and check the network with one layer of hidden units."""
    pixels, hidden = data.train_images.shape[1], settings.hidden
    generator = np.random.default_rng(settings.seed)
    size = (pixels + 1) * hidden + (hidden + 1) * models.CLASSES
    start = generator.normal(size=size) / np.sqrt(pixels)
    loss = partial(models.network_loss, penalty=settings.penalty, hidden=hidden)
    scores = partial(models.network_scores, hidden=hidden)
    return _classifier("neural network", loss, scores, start, data, settings, watch)


def _classifier(
    name: str, loss: Model, scores: Model, start: NDArray[Any], data: Digits, settings: Settings, watch: Watch
) -> Classifier:
    train_loss = partial(loss, images=data.train_images, labels=data.train_labels)
    test_loss = partial(loss, images=data.test_images, labels=data.test_labels)
    few = slice(settings.checked_images)
    checked_loss = partial(loss, images=data.train_images[few], labels=data.train_labels[few])
    difference = largest_difference(f"{name}: gradient by complex steps", checked_loss, start, watch)
    measured = {"loss": train_loss, "test loss": test_loss}
    fitted = fit(f"{name}: fit", train_loss, start, measured, settings.iterations, watch)
    return Classifier(
        name,
        fitted,
        _accuracy(scores(fitted.parameters, data.train_images), data.train_labels),
        _accuracy(scores(fitted.parameters, data.test_images), data.test_labels),
        difference,
    )


def _accuracy(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    return float(np.mean(scores.argmax(axis=1) == labels))
