"""NumPy as programs written for autograd import it: `import autograd.numpy as np`."""

from typing import Any

from chainrule.interop.autograd.numpy import (
    fft,
    linalg,
    numpy_boxes,
    numpy_jvps,
    numpy_vjps,
    numpy_vspaces,
    numpy_wrapper,
    random,
)
from chainrule.interop.autograd.numpy.numpy_wrapper import *  # noqa: F403  # NumPy's names
from chainrule.interop.autograd.numpy.numpy_wrapper import numpy_version as __version__
from chainrule.interop.autograd.numpy.numpy_wrapper import where as custom_where
from chainrule.interop.autograd.numpy.wrapping import wrap_intdtype
from chainrule.interop.autograd.tracer import Box


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        # Not `__all__`: `import *` gives the modules `fft`, `linalg` and `random`, too.
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(numpy_wrapper, name)
