"""The demonstration: models in plain NumPy, fitted to real data with gradients and Hessians from the chain rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chainrule.demo.classification import Classifier, logistic_regression, neural_network
from chainrule.demo.data import MissingPackageError, diabetes, digits, require_packages
from chainrule.demo.files import save
from chainrule.demo.poisson import Regression, poisson_regression
from chainrule.demo.settings import Settings
from chainrule.demo.watch import Watch
from chainrule.numpy.swap import trace_into

# The models belong to this package, whose own functions are never opened; they stand for a file of the user's.
trace_into("chainrule.demo.models")


@dataclass(frozen=True)
class Demonstration:
    """What came out, and where the files are."""

    classifiers: list[Classifier]
    regression: Regression
    files: dict[str, Path]

    @property
    def largest_difference(self) -> float:
        """The largest relative difference between a gradient and the one by complex steps."""
        return max(self.regression.difference, *(c.difference for c in self.classifiers))

    def doubts(self) -> list[str]:
        """What is not as it should be: a network that learned too little, derivatives that are not exact."""
        network = self.classifiers[-1]
        differences = {f"gradient of the {c.name}": c.difference for c in self.classifiers}
        differences["gradient of the Poisson regression"] = self.regression.difference
        differences["Hessian of the Poisson regression"] = self.regression.information_difference
        found = [f"the {name} is off by {value:.1e}" for name, value in differences.items() if not value < 1e-10]
        if network.test_accuracy < 0.95:
            found.append(f"the network recognises {network.test_accuracy:.1%} of the test images, less than 95 %")
        return found


def demonstrate(folder: Path, settings: Settings | None = None, watch: Watch | None = None) -> Demonstration:
    """Fit, check and draw everything, and write it into a folder.

    Raises
    ------
    MissingPackageError
        scikit-learn or matplotlib is not installed.
    """
    require_packages()
    from threadpoolctl import threadpool_limits

    settings, watch = settings or Settings(), watch or Watch()
    pictures = digits(settings.seed, settings.test_share)
    # The matrices are small: more threads would mostly wait for each other.
    with threadpool_limits(1):
        classifiers = [logistic_regression(pictures, settings, watch), neural_network(pictures, settings, watch)]
        regression = poisson_regression(diabetes(), settings, watch)
    return Demonstration(classifiers, regression, save(classifiers, regression, folder))


__all__ = [
    "Classifier",
    "Demonstration",
    "MissingPackageError",
    "Regression",
    "Settings",
    "Watch",
    "demonstrate",
]
