"""What the demonstration leaves behind: a picture, and its numbers as JSON and CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from chainrule.demo.classification import Classifier
from chainrule.demo.picture import draw
from chainrule.demo.poisson import Regression


def save(classifiers: list[Classifier], regression: Regression, folder: Path) -> dict[str, Path]:
    """Write everything into a folder, which is made if need be, and say what is where."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "picture": folder / "loss-curves.png",
        "results": folder / "results.json",
        "loss curves": folder / "loss-curves.csv",
        "coefficients": folder / "coefficients.csv",
    }
    draw(classifiers, regression, files["picture"])
    files["results"].write_text(json.dumps(summary(classifiers, regression), indent=2) + "\n", encoding="utf-8")
    _write_table(
        files["loss curves"],
        ["model", "curve", "iteration", "loss"],
        [
            [name, curve, iteration, repr(value)]
            for name, fit in [*((c.name, c.fit) for c in classifiers), ("Poisson regression", regression.fit)]
            for curve, values in fit.curves.items()
            for iteration, value in enumerate(values)
        ],
    )
    _write_table(
        files["coefficients"],
        ["feature", "coefficient", "standard error", "z"],
        [
            [name, *map(repr, row)]
            for name, *row in zip(
                regression.names,
                regression.coefficients.tolist(),
                regression.standard_errors.tolist(),
                regression.z.tolist(),
                strict=True,
            )
        ],
    )
    return files


def summary(classifiers: list[Classifier], regression: Regression) -> dict[str, Any]:
    """The numbers that the demonstration is about, ready for JSON."""
    return {
        "digits": {
            c.name: {
                "train accuracy": c.train_accuracy,
                "test accuracy": c.test_accuracy,
                "parameters": c.fit.parameters.size,
                "iterations": c.fit.iterations,
                "gradients": c.fit.gradients,
                "seconds": c.fit.seconds,
                "largest relative difference to complex step": c.difference,
            }
            for c in classifiers
        },
        "diabetes": {
            "coefficients": dict(zip(regression.names, regression.coefficients.tolist(), strict=True)),
            "standard errors": dict(zip(regression.names, regression.standard_errors.tolist(), strict=True)),
            "iterations": regression.fit.iterations,
            "gradients": regression.fit.gradients,
            "seconds": regression.fit.seconds,
            "largest relative difference to complex step": regression.difference,
            "largest relative difference to Fisher information": regression.information_difference,
        },
    }


def _write_table(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
