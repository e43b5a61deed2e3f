"""NumPy as programs written for autograd import it: `import autograd.numpy as np`."""

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.interop.autograd.filled_modules import fill
from chainrule.interop.autograd.numpy import numpy_wrapper
from chainrule.interop.autograd.numpy.numpy_wrapper import numpy_version as __version__
from chainrule.interop.autograd.numpy.numpy_wrapper import where as custom_where
from chainrule.interop.autograd.numpy.wrapping import holds_arrays as _is_np_or_autograd
from chainrule.interop.autograd.numpy.wrapping import wrap_intdtype
from chainrule.interop.autograd.tracer import Box

# Programs find these in `vars(numpy)` once autograd is imported (py_wake).
for _name in ("numpy.fft", "numpy.random"):
    import_module(_name)

_MODULES = ("fft", "linalg", "numpy_boxes", "numpy_jvps", "numpy_vjps", "numpy_vspaces", "random")


def _find(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name == "__all__":
        # `import *` gives the modules `fft`, `linalg` and `random`, too.
        return [name for name in _listed() if not name.startswith("_")]
    if name == "_original_where":
        # NumPy's `where` itself, to which rules belong.
        return numpy_wrapper.original_where()
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Kept as an attribute: the next look-up does not come here.
    found = globals()[name] = getattr(numpy_wrapper, name)
    return found


def _listed() -> list[str]:
    return sorted({*globals(), *numpy_wrapper.__all__, *_MODULES} - {"TYPE_CHECKING", "Any", "fill", "import_module"})


fill(__name__, _find, _listed)

if TYPE_CHECKING:
    # What is found.
    def __getattr__(name: str) -> Any: ...
