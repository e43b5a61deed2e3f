"""Look-alikes of a user's modules: `mymodel.loss(x)` finds the function opened."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from chainrule.numpy.swap.namespaces import run_of

if TYPE_CHECKING:
    from chainrule.numpy.swap.run import Run


class ModuleLookAlike(ModuleType):
    """What opened code meets in place of a user's module; to other code it gives what the module has."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__)
        object.__setattr__(self, "_module", module)

    def __getattribute__(self, name: str) -> Any:
        module = real_module(self)
        run = run_of(sys._getframe(1))
        return getattr(module, name) if run is None else module_attribute(run, module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        module = real_module(self)
        run = run_of(sys._getframe(1))
        if run is None:
            setattr(module, name, value)
        else:
            run.globals_of(vars(module))[name] = value

    def __delattr__(self, name: str) -> None:
        delattr(real_module(self), name)

    def __repr__(self) -> str:
        return repr(real_module(self))

    def __dir__(self) -> list[str]:
        return dir(real_module(self))


def real_module(shadow: ModuleLookAlike) -> Any:
    """The module behind a look-alike."""
    return object.__getattribute__(shadow, "_module")


def module_attribute(run: Run, module: ModuleType, name: str) -> Any:
    """What opened code finds under a name in a user's module."""
    variables = vars(module)
    if name == "__dict__":
        return run.globals_of(variables)
    if name in variables:
        return run.globals_of(variables)[name]
    return run.swapped(getattr(module, name))
