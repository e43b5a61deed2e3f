"""`chainrule check`: the derivatives of a function at a point, compared with numerical ones."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chainrule.cli.arguments import At, Function, arguments
from chainrule.cli.failures import BadInputError, blame_user_code, one_line, without_place
from chainrule.cli.results import as_json
from chainrule.cli.screen import put, running_user_code
from chainrule.errors import GradientMismatchError
from chainrule.testing.check import check_grads

FOUND = 1
MODES = ("forward", "reverse")


def check(
    function: Function,
    at: At,
    order: Annotated[int, typer.Option(min=1, help="The highest order of derivatives that is checked.")] = 2,
    mode: Annotated[
        list[str] | None, typer.Option(metavar="forward|reverse", help="Check this mode alone; by default both.")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(help="The greatest relative difference that passes; by default 1e-6, in single precision 1e-3."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as one JSON object.")] = False,
) -> None:
    """Check the derivatives of a function of yours against numerical ones.

    Every argument that holds floating-point numbers is varied, and so is the first in any case; integers after it and
    arguments that are passed by name are held constant. The exit status is 1 if a derivative is wrong.

    ```
    chainrule check models.py:loss --at '[1.2, 1.0]'
    ```
    """
    modes = tuple(mode or MODES)
    unknown = [name for name in modes if name not in MODES]
    if unknown:
        raise BadInputError(f"--mode {unknown[0]}: the modes are forward and reverse")
    call = arguments(function, at, (), ())
    options: dict[str, Any] = {"order": order, "modes": modes, "tolerance": tolerance}
    try:
        with running_user_code():
            check_grads(call.target.function, *call.args, **options, **call.kwargs)
    except GradientMismatchError as error:
        _report(json, function, options, error)
        raise typer.Exit(FOUND) from None
    except (Exception, SystemExit) as error:
        blame_user_code(error)
    _report(json, function, options, None)


def _report(json: bool, function: str, options: dict[str, Any], finding: GradientMismatchError | None) -> None:
    if json:
        verdict = {"function": function, "right": finding is None, **options}
        put(as_json(verdict if finding is None else {**verdict, "finding": one_line(finding)}))
    elif finding is None:
        orders = "1" if options["order"] == 1 else f"1 to {options['order']}"
        modes = " and ".join(options["modes"])
        put(f"right: the derivatives of order {orders} by {modes} mode agree with numerical ones")
    else:
        put(f"wrong: {without_place(finding).removeprefix('`check_grads`: ')}")
