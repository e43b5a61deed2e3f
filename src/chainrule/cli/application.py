"""The verbs of the command line, put together, and the ways in which they can end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chainrule.cli.check import check
from chainrule.cli.demo import demo
from chainrule.cli.explain import explain
from chainrule.cli.failures import BadInputError, one_line
from chainrule.cli.grad import grad
from chainrule.cli.ops import ops
from chainrule.cli.screen import put, say

USAGE = 2
INTERRUPTED = 130

# What typer raises for a command line that it cannot read; in no version does it export the class itself.
_WrongCommandLine: type[Any] = typer.BadParameter.__mro__[1]


class OneLineForErrors(TyperGroup):
    """A group of commands that says in one line, on standard error, what is wrong with its input."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Run the command line and leave Python with its exit status."""
        extra["standalone_mode"] = False
        try:
            status = super().main(args, prog_name or "chainrule", **extra)
        except BadInputError as error:
            status = _refused(str(error))
        except _WrongCommandLine as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "chainrule"
            status = _refused(f"{one_line(error.format_message()).rstrip('.')} (see `{command} --help`)")
        except typer.Abort:
            status = INTERRUPTED
        sys.exit(status if isinstance(status, int) else 0)


def _refused(message: str) -> int:
    say("error", message, style="bold red")
    return USAGE


app = typer.Typer(
    name="chainrule",
    cls=OneLineForErrors,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from chainrule import __version__

        put(f"chainrule {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def chainrule(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Exact derivatives of ordinary NumPy programs.

    Results go to standard output, everything else to standard error. The exit status is 0 if all is well, 1 if
    something was found, 2 if the input cannot be used.
    """
    if context.invoked_subcommand is None:
        raise BadInputError(f"say what to do: {', '.join(_verbs())} (see `chainrule --help`)")


def _verbs() -> list[str]:
    return [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


for verb in (grad, check, explain, ops, demo):
    app.command()(verb)


def main() -> None:
    """Run the command line of this process."""
    app()
