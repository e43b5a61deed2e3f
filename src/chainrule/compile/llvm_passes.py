"""Running LLVM's passes without leaving their memory behind."""

from __future__ import annotations

from typing import Any

from llvmlite.binding.newpassmanagers import NewPassManager


def run(manager: Any, module: Any, builder: Any) -> None:
    """Run the passes of a manager on a module, once, and free the manager."""
    manager.run(module, builder)
    # The manager's class finds the empty `_dispose` of its other base class first, so llvmlite never frees one: 100 kB
    # for LLVM's usual passes.
    NewPassManager._dispose(manager)
    manager.detach()
