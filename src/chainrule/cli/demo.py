"""`chainrule demo`: models of real data, fitted and checked, with their progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chainrule.cli.failures import BadInputError, shown
from chainrule.cli.screen import put, remarks, results, say
from chainrule.demo import Demonstration, MissingPackageError, Watch, demonstrate
from chainrule.demo.watch import Advance

FOUND = 1


class ProgressBars(Watch):
    """Shows a bar for each stage on a terminal, and otherwise a line when the stage is over."""

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Advance]:
        """A piece of work of at most so many steps."""
        console = remarks()
        if not console.is_terminal:
            began = time.perf_counter()
            yield lambda remark: None
            say("done", f"{title}, {time.perf_counter() - began:.1f} s", style="none")
            return
        columns = (
            TextColumn("{task.description:<46}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[remark]}", style="dim"),
        )
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(title, total=steps, remark="")
            yield lambda remark: progress.update(task, advance=1, remark=remark)
            # A fit that converged early is as finished as one that used all its steps.
            progress.update(task, total=progress.tasks[0].completed)


def demo(
    output: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where to put the picture, the results and the curves.")
    ] = Path("chainrule-demo"),
) -> None:
    """Fit models in plain NumPy to real data, with gradients and Hessians from the chain rule.

    A logistic regression and a small neural network learn to read handwritten digits; a Poisson regression explains the
    course of diabetes, with standard errors from the Hessian. Every gradient is checked against the complex step. It
    takes well under two minutes and needs scikit-learn and matplotlib.
    """
    if output.exists() and not output.is_dir():
        raise BadInputError(f"--output {output} is a file, not a folder")
    began = time.perf_counter()
    try:
        shows = demonstrate(output, watch=ProgressBars())
    except MissingPackageError as error:
        raise BadInputError(str(error)) from None
    except OSError as error:
        raise BadInputError(f"--output {output} cannot be written: {error.strerror}") from None
    _print(shows)
    say("done", f"everything together took {time.perf_counter() - began:.1f} s", style="none")
    doubts = shows.doubts()
    for doubt in doubts:
        say("finding", doubt, style="bold red")
    if doubts:
        raise typer.Exit(FOUND)


def _print(shows: Demonstration) -> None:
    console = results()
    console.print(_classifiers(shows))
    console.print(_coefficients(shows))
    regression = shows.regression
    put(f"its gradient differs from complex steps by {regression.difference:.1e}, relative to the largest entry")
    put(f"its Hessian differs from the Fisher information in closed form by {regression.information_difference:.1e}\n")
    put(f"largest relative difference between a gradient and complex steps: {shows.largest_difference:.1e}\n")
    for name, path in shows.files.items():
        put(f"{name}: {shown(path)}")


def _classifiers(shows: Demonstration) -> Table:
    table = Table(title="Handwritten digits", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("model")
    for name in (
        "parameters",
        "iterations",
        "seconds",
        "train accuracy",
        "test accuracy",
        "gradient off by",
    ):
        table.add_column(name, justify="right")
    for classifier in shows.classifiers:
        table.add_row(
            classifier.name,
            f"{classifier.fit.parameters.size}",
            f"{classifier.fit.iterations}",
            f"{classifier.fit.seconds:.1f}",
            f"{classifier.train_accuracy:.1%}",
            f"{classifier.test_accuracy:.1%}",
            f"{classifier.difference:.1e}",
        )
    return table


def _coefficients(shows: Demonstration) -> Table:
    table = Table(
        title="Poisson regression of the progression of diabetes",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("feature (standardised)")
    for name in ("coefficient", "standard error", "z"):
        table.add_column(name, justify="right")
    regression = shows.regression
    rows = zip(regression.names, regression.coefficients, regression.standard_errors, regression.z, strict=True)
    for name, coefficient, error, z in rows:
        table.add_row(name, f"{coefficient:.4f}", f"{error:.4f}", f"{z:.1f}")
    return table
