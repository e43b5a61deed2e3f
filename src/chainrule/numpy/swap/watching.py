"""What a run reads from outside of the function: in which places, and what it found there."""

from __future__ import annotations

from types import CellType, FunctionType, MemberDescriptorType
from typing import Any, NamedTuple, Protocol

# What a place holds that holds nothing.
NOTHING: Any = object()


class Global(NamedTuple):
    """A variable of a module."""

    namespace: dict[str, Any]
    name: str

    def contents(self) -> Any:
        """What it holds now."""
        return self.namespace.get(self.name, NOTHING)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return id(self.namespace), self.name

    def __str__(self) -> str:
        return f"the global `{self.name}`"


class Cell(NamedTuple):
    """A variable of an enclosing function."""

    cell: CellType
    name: str

    def contents(self) -> Any:
        """What it holds now."""
        try:
            return self.cell.cell_contents
        except ValueError:
            return NOTHING

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return (id(self.cell),)

    def __str__(self) -> str:
        return f"the enclosing variable `{self.name}`"


class Default(NamedTuple):
    """The default of a parameter: by number, or by name if it is keyword-only."""

    function: FunctionType
    parameter: int | str

    def contents(self) -> Any:
        """What it holds now."""
        if isinstance(self.parameter, str):
            return (getattr(self.function, "__kwdefaults__", None) or {}).get(self.parameter, NOTHING)
        defaults = self.function.__defaults__ or ()
        return defaults[self.parameter] if self.parameter < len(defaults) else NOTHING

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return id(self.function), self.parameter

    def __str__(self) -> str:
        return f"the default of a parameter of `{self.function.__qualname__}`"


class Attribute(NamedTuple):
    """An attribute that an object holds itself, or one of a class."""

    owner: Any
    name: str

    def contents(self) -> Any:
        """What it holds now."""
        if isinstance(self.owner, type):
            return _in_class(self.owner, self.name)
        variables = getattr(self.owner, "__dict__", None)
        if variables is not None and self.name in variables:
            return variables[self.name]
        slot = _in_class(type(self.owner), self.name)
        if type(slot) is MemberDescriptorType:
            try:
                return slot.__get__(self.owner)
            except AttributeError:
                return NOTHING
        return NOTHING

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return id(self.owner), ".", self.name

    def __str__(self) -> str:
        kind = self.owner if isinstance(self.owner, type) else type(self.owner)
        return f"the attribute `{self.name}` of {'' if kind is self.owner else 'a '}`{kind.__qualname__}`"


class Entry(NamedTuple):
    """An entry of a list or dict."""

    container: Any
    entry: Any

    def contents(self) -> Any:
        """What it holds now."""
        if isinstance(self.container, dict):
            return dict.get(self.container, self.entry, NOTHING)
        try:
            return self.container[self.entry]
        except LookupError:
            return NOTHING

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return id(self.container), "[]", self.entry

    def __str__(self) -> str:
        return f"the entry {self.entry!r} of a {type(self.container).__name__}"


class Holdings(NamedTuple):
    """All that a container holds."""

    container: Any

    def contents(self) -> Any:
        """What it holds now, as a tuple."""
        return tuple(self.container.items() if hasattr(self.container, "items") else self.container)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other places while it exists."""
        return id(self.container), "[]"

    def __str__(self) -> str:
        return f"what a {type(self.container).__name__} holds"


def _in_class(kind: type, name: str) -> Any:
    for base in kind.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return NOTHING


Source = Global | Cell | Default | Attribute | Entry | Holdings


class Watcher(Protocol):
    """Who is told what a run reads, and what it does that another run of the same operations would not do."""

    def found(self, place: Source | None, value: Any) -> Any:
        """Take note of what was found in a place, or in none that is known; answer with what stands for it, or None."""
        ...

    def copied(self, instance: Any) -> None:
        """Take note of an object that the library has made of an argument: it is of this run, and no place outside."""
        ...

    def is_copied(self, instance: Any) -> bool:
        """Whether an object is such a one."""
        ...

    def affected(self, what: str) -> None:
        """Take note of an effect, named by a verb: "draws random numbers"."""
        ...
