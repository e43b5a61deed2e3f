"""What surrounds a call: code of a function that is being differentiated, and foreign code in it."""

from __future__ import annotations

from chainrule.errors import Error
from chainrule.graph.position import user_frame
from chainrule.numpy.swap import UNUSUAL, is_opened


def called_inside() -> bool:
    """Whether the innermost code of the user runs over our NumPy, and so expects handles for arrays."""
    if not UNUSUAL:
        return False
    frame = user_frame(2)
    return frame is not None and is_opened(frame)


def behind(error: BaseException) -> Error | None:
    """The error of ours that foreign code made another one of, if it did.

    NumPy answers an error in `__float__` with a ValueError of its own; and C code that does not look for errors, as
    that of SciPy's root finders, goes on until Python raises a SystemError.
    """
    cause = error.__cause__
    return cause if type(error) in (ValueError, SystemError) and isinstance(cause, Error) else None
