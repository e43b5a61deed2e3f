"""What `importlib.metadata` says of autograd; loaded when somebody asks."""

from __future__ import annotations

from importlib.metadata import Distribution, DistributionFinder
from typing import Any

from chainrule.interop.autograd.importing import NAME, VERSION


class Served(Distribution):
    """The distribution `autograd`, which has no files."""

    def read_text(self, filename: str) -> str | None:
        """The text of a file of metadata."""
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"

    def locate_file(self, path: Any) -> Any:
        """Refuse: there are no files."""
        raise FileNotFoundError(f"autograd is served by chainrule and has no files of its own: {path}")


def is_asked_for(context: DistributionFinder.Context | None) -> bool:
    """Whether those who look for distributions look for this one, or for all."""
    return context is None or context.name is None or context.name.lower() == NAME
