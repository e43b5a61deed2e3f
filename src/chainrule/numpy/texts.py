"""Numbers as text, which shows the primal: like `print`, it is a look that no derivative passes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.numpy.handle import Handle, shown
from chainrule.numpy.operands import plain
from chainrule.numpy.table import implements


def _make(original: Any) -> None:
    @implements(original)
    @functools.wraps(original)
    def text(x: Any, *args: Any, **kwargs: Any) -> Any:
        return original(shown(x._peek()) if isinstance(x, Handle) else plain(x), *plain(args), **plain(kwargs))


_ORIGINALS: tuple[Any, ...] = (
    np.array2string,
    np.array_repr,
    np.array_str,
    np.format_float_positional,
    np.format_float_scientific,
)
for _original in _ORIGINALS:
    _make(_original)
