"""The level of runs that carry tangents along."""

from __future__ import annotations

from chainrule.api.lasting import Lasting
from chainrule.transforms.forward import ForwardLevel


class PushLevel(Lasting, ForwardLevel):
    """The level of a run whose values carry tangents."""

    __slots__ = ("over",)

    def __init__(self) -> None:
        ForwardLevel.__init__(self)
        self.over = False
