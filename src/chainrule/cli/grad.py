"""`chainrule grad`: a gradient, Jacobian or Hessian at a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from chainrule.api import hessian, jacobian, value_and_grad
from chainrule.cli.arguments import Arg, Argnum, Arguments, At, Function, arguments
from chainrule.cli.failures import BadInputError, blame_user_code
from chainrule.cli.results import all_finite, as_json, as_text, holds_nothing, labelled
from chainrule.cli.screen import put, running_user_code, say
from chainrule.errors import NonScalarOutputError


def grad(
    function: Function,
    at: At,
    argnum: Argnum = None,
    arg: Arg = None,
    whole_jacobian: Annotated[
        bool, typer.Option("--jacobian", help="Every result differentiated with respect to every input.")
    ] = False,
    whole_hessian: Annotated[bool, typer.Option("--hessian", help="The second derivatives of one number.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, with the value of the function if one was asked.")
    ] = False,
) -> None:
    """Print the gradient of a function of yours at a point, every digit of it.

    The function is plain NumPy code in a file of yours. The derivative goes to standard output, and so nothing else
    does: what the function prints goes to standard error.

    ```
    chainrule grad models.py:loss --at '[1.2, 1.0]'
    chainrule grad models.py:loss --at weights.npy --at data.csv --hessian
    echo '[1.2, 1.0]' | chainrule grad models.py:loss --at - --json
    ```
    """
    if whole_jacobian and whole_hessian:
        raise BadInputError("--jacobian and --hessian exclude each other")
    call = arguments(function, at, argnum, arg)
    if whole_jacobian:
        kind, result = "jacobian", {"jacobian": _jacobian(call)}
    elif whole_hessian:
        kind, result = "hessian", {"hessian": _hessian(call)}
    else:
        kind, result = "gradient", _value_and_gradient(call)
    derivative = result[kind]
    if holds_nothing(derivative):
        raise BadInputError(f"`{call.target.name}` returned nothing that has a derivative")
    if not all_finite(derivative):
        say("warning", f"the {kind} of `{call.target.name}` is not finite everywhere at this point")
    if json:
        put(as_json({"function": function, **result}))
        return
    if "value" in result:
        say("value", as_text(result["value"]), style="dim")
    put(_text(derivative))


def _value_and_gradient(call: Arguments) -> dict[str, Any]:
    value, gradients = _run(call, value_and_grad)
    return {"value": value, "gradient": dict(zip(call.names, gradients, strict=True))}


def _jacobian(call: Arguments) -> dict[str, Any]:
    # One at a time: the result of the function may be a container, which would then hold the arguments' blocks inside.
    return {name: _run(call, jacobian, place) for name, place in zip(call.names, call.places, strict=True)}


def _hessian(call: Arguments) -> dict[str, dict[str, Any]]:
    rows = _run(call, hessian)
    return {name: dict(zip(call.names, row, strict=True)) for name, row in zip(call.names, rows, strict=True)}


def _run(call: Arguments, transformation: Callable[..., Any], place: int | str | None = None) -> Any:
    """Apply a transformation of the library to the user's function, at the point."""
    places: Sequence[int | str] = call.places if place is None else (place,)
    argnums = [p for p in places if isinstance(p, int)]
    argnames = [p for p in places if isinstance(p, str)]
    asked: dict[str, Any] = {"argnums": argnums or None, "argnames": argnames or None}
    if place is not None:
        asked = {"argnums": place} if isinstance(place, int) else {"argnames": place}
    try:
        with running_user_code():
            return transformation(call.target.function, **asked)(*call.args, **call.kwargs)
    except NonScalarOutputError as error:
        found = str(error).partition("\n")[0].rstrip(".")
        hint = "; ask for --jacobian, or reduce it to one number" if " of shape " in found else ""
        raise BadInputError(found + hint) from None
    except (Exception, SystemExit) as error:
        blame_user_code(error)


def _text(derivative: dict[str, Any]) -> str:
    """The derivative alone if it is of one argument, else each block under the names of its arguments."""
    if len(derivative) == 1:
        (only,) = derivative.values()
        return _text(only) if isinstance(only, dict) and only.keys() == derivative.keys() else as_text(only)
    blocks = []
    for name, block in derivative.items():
        if isinstance(block, dict) and block.keys() == derivative.keys():
            blocks += [labelled(f"{name}, {other}", as_text(part)) for other, part in block.items()]
        else:
            blocks.append(labelled(name, as_text(block)))
    return "\n".join(blocks)
