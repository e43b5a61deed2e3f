"""What can be varied in the demonstration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Sizes and limits; with the default ones everything takes well under a minute.

    seed
        For the split of the digits, the order in which they come, and the parameters at which fitting starts.
    test_share
        The share of the digits that is held back to test on.
    hidden
        Hidden units of the network.
    penalty
        The weight of the squared parameters of the network and of the logistic regression in their losses.
    iterations
        The most iterations of L-BFGS-B for each model.
    checked_images
        On how many training images the gradients of the classifiers are checked, in all their parameters.
    """

    seed: int = 0
    test_share: float = 0.25
    hidden: int = 32
    penalty: float = 1e-4
    iterations: int = 200
    checked_images: int = 400
