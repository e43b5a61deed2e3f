"""Attributes of handles that come with a module, which is loaded when the first of them is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from chainrule.numpy.handle import Array, Handle, Scalar
from chainrule.numpy.ufuncs import Ufunc
from chainrule.numpy.views import View

# By class and module, what the module attaches to the class when it is loaded.
_ATTACHED: dict[type, dict[str, str]] = {
    Handle: {
        "attributes": """
            T real imag base flags strides device view to_device __dlpack__ __dlpack_device__ __array_namespace__
            __reduce__
        """,
        "methods": """
            all any argmax argmin argpartition argsort choose cumprod cumsum diagonal dot max mean min nonzero prod put
            ravel repeat round searchsorted squeeze std sum swapaxes take trace var byteswap dump dumps getfield tobytes
            tofile tolist reshape transpose astype copy flatten compress item
        """,
        "complex_parts": "conj conjugate",
        "selection": "clip",
    },
    Array: {
        "attributes": "mT flat data ctypes setflags __contains__",
        "methods": "fill sort partition setfield resize",
        "indexing": "__getitem__ __setitem__",
    },
    Scalar: {"attributes": "__round__ __floor__ __ceil__ __trunc__", "indexing": "__getitem__"},
    Ufunc: {"ufunc_methods": "reduce accumulate reduceat outer at"},
}


class Attachment:
    """Stands where a module puts an attribute when it is loaded, and loads it for whoever asks first."""

    __slots__ = ("_module", "_name")

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        import_module(self._module)
        return getattr(kind if owner is None else owner, self._name)

    def __set__(self, owner: Any, value: Any) -> None:
        import_module(self._module)
        setattr(owner, self._name, value)


def _set_shape(self: Any, shape: Any) -> None:
    """`x.shape = ...`."""
    import_module("chainrule.numpy.attributes")
    self.shape = shape


def attach() -> None:
    """Give handles and ufuncs what loads their attributes."""
    for kind, modules in _ATTACHED.items():
        for module, names in modules.items():
            for name in names.split():
                setattr(kind, name, Attachment(f"chainrule.numpy.{module}", name))
    Array.shape = Array.shape.setter(_set_shape)  # type: ignore[attr-defined, method-assign]  # a property that can be set
    View.shape = View.shape.setter(_set_shape)  # type: ignore[attr-defined, method-assign]  # a property that can be set


attach()
