"""The entry's code, loaded into this process."""

from __future__ import annotations

import ctypes

from chainrule.compile import linking
from chainrule.compile.entry import interface


class Code:
    """An object file, loaded.

    address
        The address of a function of it.
    allocate, trial
        Two of them.
    publish
        The function of that name, called from Python.
    """

    def __init__(self, code: bytes) -> None:
        self._code = linking.Code(code)
        interface.fill(interface.Interface.from_address(self._code.variable("interface")))
        self.address = self._code.address
        self.allocate = self.address("allocate")
        self.trial = self.address("trial")
        publish = ctypes.PYFUNCTYPE(None, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        self.publish = publish(self.address("publish"))
