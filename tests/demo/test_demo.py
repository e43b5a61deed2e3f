"""The demonstration, small: models learn, derivatives are exact, standard errors are those of statistics."""

import csv
import json
from contextlib import contextmanager

import numpy as np
import pytest

from chainrule.demo import Settings, Watch, demonstrate, models
from chainrule.demo.complex_step import gradient_by_complex_step
from chainrule.demo.data import diabetes, digits

# Few hidden units and iterations, and most images held back: fitted in a second, and still readers of most digits.
SMALL = Settings(test_share=0.8, hidden=8, iterations=60)


class Counting(Watch):
    """Counts the steps of each stage: those announced, and those made."""

    def __init__(self):
        self.stages = {}

    @contextmanager
    def stage(self, title, steps):
        """Count the steps of a stage."""
        counted = self.stages[title] = [steps, 0]

        def advance(remark):
            counted[1] += 1

        yield advance


@pytest.fixture(scope="module")
def watch():
    """Who was told of the progress of the small demonstration."""
    return Counting()


@pytest.fixture(scope="module")
def shown(tmp_path_factory, watch):
    """A small demonstration."""
    return demonstrate(tmp_path_factory.mktemp("demo") / "new" / "folder", SMALL, watch)


def test_models_learn_to_read_digits(shown):
    """Trained on a fifth of the images, both models recognise nine in ten of the rest and nearly all of their own."""
    regression, network = shown.classifiers

    assert [regression.name, network.name] == ["logistic regression", "neural network"]
    for classifier in shown.classifiers:
        assert classifier.test_accuracy > 0.85
        assert classifier.train_accuracy > 0.98
        assert classifier.fit.curves["loss"][-1] < 0.2 * classifier.fit.curves["loss"][0]
        assert len(classifier.fit.curves["test loss"]) == classifier.fit.iterations + 1


def test_gradients_are_those_of_complex_steps(shown):
    """Each gradient agrees with complex steps to round-off."""
    assert shown.largest_difference < 1e-13
    assert all(classifier.difference < 1e-13 for classifier in shown.classifiers)


def test_poisson_regression_solves_its_equations(shown):
    """At the maximum of the likelihood the residuals are orthogonal to the features: Xᵀ(y - μ) = 0."""
    data = diabetes()

    residuals = data.counts - np.exp(data.features @ shown.regression.coefficients)

    assert np.abs(data.features.T @ residuals).max() < 1e-3 * len(data.counts)


def test_standard_errors_come_from_the_fisher_information(shown):
    """The standard errors are the square roots of the diagonal of (Xᵀ diag(μ) X)⁻¹, the Hessian's closed form."""
    data = diabetes()
    means = np.exp(data.features @ shown.regression.coefficients)
    information = np.einsum("ni,n,nj->ij", data.features, means, data.features)

    expected = np.sqrt(np.diag(np.linalg.inv(information)))

    np.testing.assert_allclose(shown.regression.standard_errors, expected, rtol=1e-10)
    np.testing.assert_allclose(shown.regression.z, shown.regression.coefficients / expected, rtol=1e-10)
    assert shown.regression.information_difference < 1e-12


def test_poisson_regression_agrees_with_scikit_learn(shown):
    """The coefficients are those that scikit-learn finds."""
    from sklearn.linear_model import PoissonRegressor

    data = diabetes()
    expected = PoissonRegressor(alpha=0, fit_intercept=False, tol=1e-10, max_iter=1000, solver="newton-cholesky")
    expected.fit(data.features, data.counts)

    np.testing.assert_allclose(shown.regression.coefficients, expected.coef_, atol=1e-5)


def test_progress_is_told(shown, watch):
    """Each model is checked in as many steps as it has parameters, and fitted in as many as it took iterations."""
    fits = {c.name: c.fit for c in shown.classifiers} | {"Poisson regression": shown.regression.fit}

    assert len(watch.stages) == 2 * len(fits)
    for name, fit in fits.items():
        assert watch.stages[f"{name}: gradient by complex steps"] == [fit.parameters.size] * 2
        assert watch.stages[f"{name}: fit"] == [SMALL.iterations, fit.iterations]


def test_files(shown):
    """The folder is made, and holds a picture, the numbers as JSON, and the curves and coefficients as CSV."""
    assert {"picture", "results", "loss curves", "coefficients"} == set(shown.files)
    assert shown.files["picture"].read_bytes().startswith(b"\x89PNG")
    results = json.loads(shown.files["results"].read_text(encoding="utf-8"))
    assert results["digits"]["neural network"]["test accuracy"] == shown.classifiers[1].test_accuracy
    with shown.files["loss curves"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = [float(row["loss"]) for row in rows if (row["model"], row["curve"]) == ("neural network", "test loss")]
    assert read == shown.classifiers[1].fit.curves["test loss"]
    with shown.files["coefficients"].open(encoding="utf-8", newline="") as file:
        coefficients = {row["feature"]: float(row["coefficient"]) for row in csv.DictReader(file)}
    assert list(coefficients.values()) == shown.regression.coefficients.tolist()


def test_doubts_name_what_is_wrong(shown):
    """A network that learned too little is doubted, and exact derivatives are not."""
    doubts = shown.doubts()

    assert len(doubts) == (shown.classifiers[1].test_accuracy < 0.95)
    assert all("less than 95 %" in doubt for doubt in doubts)


def test_split_is_fixed():
    """The same seed gives the same images, which are all of them, none twice."""
    first, again, other = digits(0, 0.25), digits(0, 0.25), digits(1, 0.25)

    np.testing.assert_array_equal(first.test_images, again.test_images)
    assert not np.array_equal(first.test_images, other.test_images)
    assert len(first.train_labels) + len(first.test_labels) == 1797
    assert len(first.test_labels) == round(0.25 * 1797)


def test_models_are_plain_numpy():
    """The models run without the library: softmax of equal scores has the loss log 10."""
    images, labels = np.zeros((5, 64)), np.arange(5)

    assert models.logistic_loss(np.zeros(650), images, labels, 0.0) == pytest.approx(np.log(10))
    assert models.network_loss(np.zeros(64 * 3 + 3 + 40), images, labels, 0.0, 3) == pytest.approx(np.log(10))


def test_complex_step_is_exact():
    """d sin(x₀) x₁ = (cos(x₀) x₁, sin(x₀)), with a step reported for each entry."""
    steps = []

    gradient = gradient_by_complex_step(lambda x: np.sin(x[0]) * x[1], np.array([0.5, 2.0]), steps.append)

    np.testing.assert_allclose(gradient, [2 * np.cos(0.5), np.sin(0.5)], rtol=1e-15)
    assert len(steps) == 2
