"""Which entry is used: the native one wherever it works."""

from __future__ import annotations

from typing import TypeVar

from chainrule.compile.entry.entry import Entry
from chainrule.compile.entry.portable import portable_type

E = TypeVar("E", bound=Entry)


def entry_type(base: type[E], *, is_native: bool | None = None) -> type[E]:
    """The class, made over a base class, whose instances are called.

    It has the name of its base, and no subclasses of its own. If the base binds to objects as a function does
    (`__get__`), its instances are methods without any cost.

    is_native
        Ask for the native entry, which raises RuntimeError where it cannot be used, or for the portable one.
    """
    reason = why_portable() if is_native is not False else None
    if is_native and reason:
        raise RuntimeError(f"the native entry cannot be used here: {reason}")
    if is_native is False or reason:
        return portable_type(base)
    from chainrule.compile.entry.native import native_type

    return native_type(base)


def why_portable() -> str | None:
    """Why the native entry cannot be used in this process, or None if it can."""
    # It needs LLVM, which is imported when the first function is compiled.
    from chainrule.compile.entry.native import surprise

    return surprise()
