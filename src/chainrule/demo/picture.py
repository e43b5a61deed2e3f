"""The picture: how the losses fell, and what the Poisson regression found."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.demo.classification import Classifier
from chainrule.demo.poisson import Regression

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, GRID = "#22262b", "#6b7280", "#e5e7eb"
COLOURS = ["#3b6fb6", "#d1603d"]
POISSON = "#2f855a"

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": FAINT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "grid.color": GRID,
    "figure.facecolor": "white",
    "savefig.dpi": 160,
}


def draw(classifiers: list[Classifier], regression: Regression, path: Path) -> None:
    """Draw the loss curves of every model, and the coefficients of the regression with their uncertainty."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(14, 5), layout=ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.12))
        # Drawn to a file whatever the machine has for a screen.
        FigureCanvasAgg(figure)
        digits, convergence, coefficients = figure.subplots(1, 3, width_ratios=[1.7, 1, 1])
        _draw_classifiers(digits, classifiers)
        _draw_convergence(convergence, regression)
        _draw_coefficients(coefficients, regression)
        figure.savefig(path)


def _title(axes: Axes, title: str, subtitle: str) -> None:
    axes.set_title(f"{title}\n", fontsize=14, fontweight="bold")
    # A long subtitle may reach beyond its axes, which keep their width.
    axes.text(0, 1.035, subtitle, transform=axes.transAxes, color=FAINT).set_in_layout(False)


def _draw_classifiers(axes: Axes, classifiers: list[Classifier]) -> None:
    _title(axes, "Handwritten digits", "loss on training images (solid) and on test images (dashed)")
    longest = max(c.fit.iterations for c in classifiers)
    for classifier, colour in zip(classifiers, COLOURS, strict=True):
        axes.plot(classifier.fit.curves["loss"], color=colour, linewidth=2.4)
        axes.plot(classifier.fit.curves["test loss"], color=colour, linewidth=1.8, dashes=(4, 2))
    axes.set(xlabel="iteration of L-BFGS-B", yscale="log", xlim=(0, longest * 1.7))
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= longest])
    axes.spines["bottom"].set_bounds(0, longest)
    axes.grid(axis="y")
    for classifier, colour, height in zip(classifiers, COLOURS, _label_heights(axes, classifiers), strict=True):
        accuracy = f"{classifier.test_accuracy:.1%} of test images right"
        where: dict[str, Any] = {"transform": axes.transAxes, "color": colour}
        axes.text(0.62, height, classifier.name, fontsize=12.5, fontweight="bold", va="bottom", **where)
        axes.text(0.62, height - 0.01, accuracy, va="top", **where)


def _label_heights(axes: Axes, classifiers: list[Classifier], apart: float = 0.14) -> list[float]:
    """Where the label of each classifier goes, between the ends of its curves and clear of the other labels."""
    low, high = np.log(axes.get_ylim())
    ends = [np.log([c.fit.curves["loss"][-1], c.fit.curves["test loss"][-1]]).mean() for c in classifiers]
    heights = [float((end - low) / (high - low)) for end in ends]
    order = sorted(range(len(heights)), key=heights.__getitem__)
    for below, above in pairwise(order):
        heights[above] = max(heights[above], heights[below] + apart)
    return heights


def _draw_convergence(axes: Axes, regression: Regression) -> None:
    _title(axes, "Progression of diabetes", "Poisson regression: loss above its minimum")
    losses = np.array(regression.fit.curves["loss"])
    above = losses - losses.min()
    shown = np.flatnonzero(above > 0)
    axes.plot(shown, above[shown], color=POISSON, linewidth=2.2, marker="o", markersize=4)
    axes.set(xlabel="iteration of L-BFGS-B", yscale="log", xlim=(0, None))
    axes.grid(axis="y")


def _draw_coefficients(axes: Axes, regression: Regression) -> None:
    _title(axes, "What goes with it", "coefficients with 95% intervals")
    order = 1 + np.argsort(regression.coefficients[1:])
    values, errors = regression.coefficients[order], 1.96 * regression.standard_errors[order]
    rows = np.arange(len(order))
    clear = np.abs(values) > errors
    axes.axvline(0, color=FAINT, linewidth=1)
    for chosen, colour in ((clear, POISSON), (~clear, FAINT)):
        axes.errorbar(
            values[chosen], rows[chosen], xerr=errors[chosen], fmt="o", color=colour, markersize=6, elinewidth=2
        )
    axes.set_yticks(rows, [regression.names[k] for k in order])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.set(xlabel="change in the logarithm of the mean")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
