"""The level of runs that are pulled through later."""

from __future__ import annotations

from typing import Any

from chainrule.api.lasting import Lasting
from chainrule.transforms.keeping import KeepingLevel


class KeptRunLevel(Lasting, KeepingLevel):
    """The level of a run that may be pulled through later."""

    __slots__ = ("over",)

    def __init__(self, f: Any = None) -> None:
        KeepingLevel.__init__(self, f)
        self.over = False
