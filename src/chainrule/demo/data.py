"""The data, which scikit-learn ships: pictures of handwritten digits, and the course of diabetes in 442 patients."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Threadpoolctl comes with scikit-learn.
NEEDED = {"sklearn": "scikit-learn", "matplotlib": "matplotlib"}


class MissingPackageError(ImportError):
    """A package that the demonstration needs is not installed."""


def require_packages() -> None:
    """Raise unless what the demonstration needs is installed."""
    missing = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise MissingPackageError(
            f"the demonstration needs {' and '.join(missing)}, which the extra `demo` of chainrule brings; "
            f"install with: python -m pip install {' '.join(missing)}"
        )


@dataclass(frozen=True)
class Digits:
    """Images, each a row of 64 grey levels between 0 and 1, and which digit each one shows."""

    train_images: NDArray[Any]
    train_labels: NDArray[Any]
    test_images: NDArray[Any]
    test_labels: NDArray[Any]


@dataclass(frozen=True)
class Counts:
    """Counts to be explained, and what may explain them: a column of ones, then standardised features."""

    names: list[str]
    features: NDArray[Any]
    counts: NDArray[Any]


def digits(seed: int, test_share: float) -> Digits:
    """1797 handwritten digits of 8 by 8 pixels, split at random in a way that the seed fixes."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images, labels = loaded.data / 16.0, loaded.target
    order = np.random.default_rng(seed).permutation(len(labels))
    test, train = np.split(order, [round(len(labels) * test_share)])
    return Digits(images[train], labels[train], images[test], labels[test])


def diabetes() -> Counts:
    """The progression of diabetes after one year, a whole number from 25 to 346, and ten features measured before."""
    from sklearn.datasets import load_diabetes

    loaded = load_diabetes(scaled=False)
    features = (loaded.data - loaded.data.mean(axis=0)) / loaded.data.std(axis=0)
    names = [_MEANINGS.get(name, name) for name in loaded.feature_names]
    return Counts(["constant", *names], np.column_stack([np.ones(len(features)), features]), loaded.target)


# What scikit-learn's short names stand for.
_MEANINGS = {
    "age": "age",
    "sex": "sex",
    "bmi": "body mass index",
    "bp": "blood pressure",
    "s1": "total cholesterol",
    "s2": "low-density lipoproteins",
    "s3": "high-density lipoproteins",
    "s4": "cholesterol ratio",
    "s5": "log of triglycerides",
    "s6": "blood sugar",
}
