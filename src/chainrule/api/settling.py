"""What is put in order when a derivative has been taken."""

from __future__ import annotations

import sys

_SWAP = "chainrule.numpy.swap"


def put_in_order() -> None:
    """Put in order what opened code left behind; where none was opened, the swap need not be loaded."""
    swap = sys.modules.get(_SWAP)
    if swap is not None:
        swap.put_in_order()
