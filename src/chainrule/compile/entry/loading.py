"""The entry's code, loaded into this process."""

from __future__ import annotations

import ctypes

from chainrule.compile import linking
from chainrule.compile.entry import interface


class Code:
    """An object file, loaded.

    allocate, trial
        Addresses of functions.
    publish
        The function of that name, called from Python.
    """

    def __init__(self, code: bytes) -> None:
        self._code = linking.Code(code)
        interface.fill(interface.Interface.from_address(self._code.variable("interface")))
        self.allocate = self._code.address("allocate")
        self.trial = self._code.address("trial")
        publish = ctypes.PYFUNCTYPE(None, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        self.publish = publish(self._code.address("publish"))
