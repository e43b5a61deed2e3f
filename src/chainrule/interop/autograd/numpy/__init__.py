"""NumPy as programs written for autograd import it: `import autograd.numpy as np`."""

from typing import Any

from chainrule.interop.autograd.numpy import numpy_wrapper
from chainrule.interop.autograd.numpy.numpy_wrapper import *  # noqa: F403  # NumPy's names
from chainrule.interop.autograd.numpy.numpy_wrapper import numpy_version as __version__
from chainrule.interop.autograd.numpy import (  # noqa: I001  # each needs those before it
    numpy_boxes,
    numpy_vspaces,
    numpy_vjps,
    numpy_jvps,
    linalg,
    fft,
    random,
)


def __getattr__(name: str) -> Any:
    return getattr(numpy_wrapper, name)
