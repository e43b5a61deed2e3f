"""Whether a call comes from a function that is being differentiated or batched."""

from __future__ import annotations

from chainrule.graph.position import user_frame
from chainrule.numpy.swap import is_opened


def called_inside() -> bool:
    """Whether the innermost code of the user runs over our NumPy, and so expects handles for arrays."""
    frame = user_frame(2)
    return frame is not None and is_opened(frame)
