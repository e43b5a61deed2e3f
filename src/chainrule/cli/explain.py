"""`chainrule explain`: the chain rule at work on one run of a function or an expression."""

from __future__ import annotations

import ast
import re
import shutil
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.arguments import Argnum, Arguments, arguments, call_at
from chainrule.cli.expression import expression
from chainrule.cli.failures import BadInputError, blame_user_code, one_line, place_in_user_code, said, shown
from chainrule.cli.points import points
from chainrule.cli.screen import put, running_user_code, say
from chainrule.errors import ExplainError, NonScalarOutputError
from chainrule.explain.entry import explain as explained
from chainrule.explain.explanation import Explanation

FOUND = 1
LANGUAGES = ("en", "zh")

# What stands for each form in the name of a file; the first is what a form is called by.
_SUFFIXES = {
    "text": (".txt",),
    "latex": (".tex",),
    "svg": (".svg",),
    "png": (".png",),
    "html": (".html", ".htm"),
    "json": (".json",),
}
# What nobody wants in a terminal.
_FOR_FILES = ("html", "png")
_SPEAKING = ("html", "svg")

_FUNCTION = re.compile(r".+\.py(:[\w.]*)?", re.DOTALL)
# Where the output goes to no terminal.
_WIDTH = 100


def explain(
    function: Annotated[
        str,
        typer.Argument(
            metavar="EXPRESSION|FILE.py:FUNCTION",
            help="Numbers, NumPy's functions and the names given by --at; or a function in a Python file. "
            "What begins with a minus goes to the end, after --.",
            show_default=False,
        ),
    ],
    at: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE",
            help="One argument: JSON or a Python literal, FILE.npy, FILE.csv, FILE.json, or - for standard input. "
            "A function also takes them in their order, without NAME=.",
            show_default=False,
        ),
    ],
    argnum: Argnum = None,
    arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Differentiate with respect to this argument; once for each. By default all of an expression, and the "
            "first of a function.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="INDEX", help="The entry of an array result that is explained: 0, or (0, 1)."),
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="As text, which is the default.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="The derivation in LaTeX.")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="The graph as a picture.")] = False,
    png: Annotated[bool, typer.Option("--png", help="The graph as an image.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One page for the browser, which needs no network.")] = False,
    json: Annotated[bool, typer.Option("--json", help="All that is known, as one JSON object.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; the suffix names the form. - is standard output."
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="The language of the page and the picture.")] = "en",
) -> None:
    """Show how the chain rule arrives at a gradient: each local derivative, each path, and their sum.

    The exit status is 1 if the gradient is not finite, or if the function raises an error; then what it computed before
    is explained.

    ```
    chainrule explain "x*exp(x**2)" --at x=0.5
    chainrule explain models.py:loss --at weights.npy --html -o loss.html
    ```
    """
    chosen = {"text": text, "latex": latex, "svg": svg, "png": png, "html": html, "json": json}
    form = _form([name for name, is_chosen in chosen.items() if is_chosen], output, open_browser)
    if lang not in LANGUAGES:
        raise BadInputError(f"--lang {lang}: the languages are {' and '.join(LANGUAGES)}")
    if lang != "en" and form not in _SPEAKING:
        raise BadInputError(f"--lang {lang}: of the forms only {' and '.join(_SPEAKING)} speak it; add --html")
    if output is not None and str(output) != "-" and not output.resolve().parent.is_dir():
        raise BadInputError(f"--output {output}: there is no folder {output.parent}")
    call = _call(function, at, argnum, arg)
    explanation = _run(call, _index(out))
    file = _file(form, output, call)
    _write(form, explanation, file, lang)
    if file is not None:
        say("written", shown(file), style="dim")
    if open_browser and file is not None and not webbrowser.open(file.resolve().as_uri()):
        say("warning", f"no browser was found; open {shown(file)}")
    _tell_findings(explanation)


def _form(chosen: Sequence[str], output: Path | None, open_browser: bool) -> str:
    """Which form is asked for, by an option, by the suffix of the file, or by --open."""
    if len(chosen) > 1:
        raise BadInputError(f"--{chosen[0]} and --{chosen[1]} exclude each other")
    to_file = output is not None and str(output) != "-"
    if open_browser and (chosen not in ([], ["html"]) or (output is not None and not to_file)):
        raise BadInputError("--open shows the page, which is written to a file: use it with --html")
    if chosen:
        return chosen[0]
    if to_file and output is not None:
        for form, suffixes in _SUFFIXES.items():
            if output.suffix.lower() in suffixes and (not open_browser or form == "html"):
                return form
        known = ".html" if open_browser else ", ".join(suffix for each in _SUFFIXES.values() for suffix in each)
        raise BadInputError(f"--output {output}: the suffix does not name the form; it may be {known}, or add --html")
    return "html" if open_browser else "text"


def _call(function: str, at: Sequence[str], argnum: Sequence[int] | None, arg: Sequence[str] | None) -> Arguments:
    """The function and the point, of a file or of an expression."""
    if _FUNCTION.fullmatch(function):
        return arguments(function, at, argnum, arg)
    args, kwargs = points(at)
    if args:
        raise BadInputError("the arguments of an expression have names: --at x=0.5")
    if argnum:
        raise BadInputError("--argnum: the arguments of an expression have names; use --arg")
    return call_at(expression(function, kwargs), args, kwargs, None, arg or list(kwargs))


def _index(out: str | None) -> Any:
    """What `--out` says: a number, several, or a key."""
    if out is None:
        return None
    try:
        return ast.literal_eval(out)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return out


def _run(call: Arguments, out: Any) -> Explanation:
    wrt = call.places[0] if len(call.places) == 1 else call.places
    try:
        with running_user_code():
            explanation = explained(call.target.function, wrt=wrt, out=out)(*call.args, **call.kwargs)
    except NonScalarOutputError as error:
        found = str(error).partition("\n")[0].rstrip(".")
        hint = "; pick an entry with --out, or reduce it to one number" if " of shape " in found else ""
        raise BadInputError(found + hint) from None
    except ExplainError as error:
        if str(error).startswith(f"`out={out!r}`"):
            raise BadInputError(one_line(error).replace(f"`out={out!r}`", f"--out {out}")) from None
        # A contradiction between the ways to the gradient is no fault of the user's: it shall be seen in full.
        raise
    except (Exception, SystemExit) as error:
        blame_user_code(error)
    assert isinstance(explanation, Explanation)
    return explanation


def _file(form: str, output: Path | None, call: Arguments) -> Path | None:
    """Where the result goes; None is standard output."""
    if output is not None:
        return None if str(output) == "-" else output
    if form not in _FOR_FILES:
        return None
    name = call.target.name if _FUNCTION.fullmatch(call.target.named) else "expression"
    return Path(f"{name}-explained{_SUFFIXES[form][0]}")


def _write(form: str, explanation: Explanation, file: Path | None, lang: str) -> None:
    content = _content(form, explanation, lang, file)
    try:
        if file is not None:
            file.write_bytes(content if isinstance(content, bytes) else f"{content.rstrip()}\n".encode())
        elif isinstance(content, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        else:
            put(content.rstrip())
    except OSError as error:
        if file is None:
            raise
        raise BadInputError(f"--output {file} cannot be written: {error.strerror}") from None


def _content(form: str, explanation: Explanation, lang: str, file: Path | None) -> str | bytes:
    if form == "png":
        try:
            return explanation.png()
        except ImportError as error:
            raise BadInputError(str(error).replace("\n", " ")) from None
    if form == "html":
        return explanation.html(language=lang)
    if form == "svg":
        return explanation.svg(language=lang)
    if form == "json":
        return explanation.to_json()
    if form == "latex":
        return explanation.latex()
    if file is not None:
        return explanation.text(width=_WIDTH)
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else _WIDTH
    written = explanation.text(width=max(width, 40))
    try:
        written.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return explanation.text(width=max(width, 40), ascii=True)
    return written


def _tell_findings(explanation: Explanation) -> None:
    """Say what was found that makes the gradient useless, and leave with the status for it."""
    live = explanation.program
    if live.failure is not None:
        try:
            explanation.raise_()
        except (Exception, SystemExit) as error:
            place = place_in_user_code(error)
            say("finding", f"{f'{place}: ' if place else ''}{said(error)}", style="bold red")
        raise typer.Exit(FOUND)
    errors = [finding for finding in live.findings if finding.severity == "error"]
    for finding in errors[:1]:
        site = None if finding.site is None else live.sites[finding.site]
        place = f"{shown(site.file)}:{site.line}: " if site is not None and not site.file.startswith("<") else ""
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        say("finding", f"{place}{' '.join(finding.message.split())}{more}", style="bold red")
    if errors:
        raise typer.Exit(FOUND)
