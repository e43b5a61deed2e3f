"""The function that `FILE.py:FUNCTION` names."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.cli.failures import BadInputError, blame_user_code
from chainrule.cli.screen import running_user_code


@dataclass(frozen=True)
class Target:
    """A function of the user's, and how it was named."""

    named: str
    function: Callable[..., Any]
    signature: inspect.Signature | None

    @property
    def name(self) -> str:
        """The function's name alone."""
        return self.named.rpartition(":")[2]

    def bind(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Raise unless the function takes so many arguments of such names."""
        if self.signature is None:
            return
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise BadInputError(
                f"`{self.name}{self.signature}` cannot be called with {_counted(args, kwargs)}: {error}; "
                "pass --at once for each argument"
            ) from None

    def parameter(self, place: int | str) -> str:
        """What the argument at a place is called."""
        if isinstance(place, str):
            return place
        parameters = list(self.signature.parameters.values()) if self.signature else []
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if place < len(positional):
            return positional[place].name
        return f"{parameters[len(positional)].name}[{place - len(positional)}]" if parameters else f"argument {place}"


def target(named: str) -> Target:
    """Load the function that `FILE.py:FUNCTION` names; FUNCTION may be a dotted path into the file."""
    file, colon, path = named.rpartition(":")
    if not colon or not file or not path:
        raise BadInputError(f"`{named}` does not name a function; write FILE.py:FUNCTION")
    module = _run(Path(file))
    found: Any = module
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise BadInputError(f"{file} has no function `{path}`{_instead(module, path)}") from None
    if not callable(found):
        raise BadInputError(f"`{path}` of {file} is {_with_article(type(found).__name__)}, not a function")
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        signature = None
    return Target(named, found, signature)


def _run(file: Path) -> ModuleType:
    """Run a file as a module, as `import` would: its neighbours can be imported, `__main__` blocks do not run."""
    if not file.exists():
        raise BadInputError(f"there is no file {file}")
    if file.is_dir() or file.suffix != ".py":
        raise BadInputError(f"{file} is not a Python file; write FILE.py:FUNCTION")
    # A name that no import can ask for, so that a file called numpy.py takes nothing's place.
    name = f"<{file.name}>"
    specification = importlib.util.spec_from_file_location(name, file.resolve())
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        with running_user_code():
            specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        blame_user_code(error)
    return module


def _instead(module: ModuleType, path: str) -> str:
    """Which functions a file does have, the likeliest first."""
    names = [
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    close = difflib.get_close_matches(path, names, n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; it has {', '.join(f'`{name}`' for name in names[:8])}" if names else ""


def _counted(args: list[Any], kwargs: dict[str, Any]) -> str:
    count = len(args) + len(kwargs)
    return "1 argument" if count == 1 else f"{count} arguments"


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0].lower() in "aeiou" else f"a {noun}"
