"""Which entry is used, and what the native one takes for granted."""

import subprocess
import sys

import pytest

from chainrule.compile.entry import Entry, entry_type, interface, memory, native, why_portable
from chainrule.compile.entry.code import object_code
from chainrule.compile.entry.loading import Code


class Function(Entry):
    """A callable."""

    def _call_slowly(self, *args, **kwargs):
        return "slowly"


def is_native(kind):
    """Whether Python calls the instances through a pointer of their own."""
    return hasattr(kind, "__vectorcalloffset__")


@pytest.fixture
def forgotten():
    """Let the native entry be tried out again."""
    native.surprise.cache_clear()
    yield
    native.surprise.cache_clear()


def test_the_native_entry_is_used_here():
    """On this interpreter the native entry works, and is chosen."""
    assert why_portable() is None
    assert is_native(entry_type(Function))
    assert not is_native(entry_type(Function, is_native=False))


@pytest.mark.parametrize(
    "name", ["TYPE", "DATA", "AXES", "SIZES", "STRIDES", "DTYPE", "FLAGS", "VALUE", "VECTORCALL_OFFSET"]
)
def test_another_layout_is_noticed(monkeypatch, forgotten, name):
    """If one field stood elsewhere, calls would go through the portable entry, with equal results."""
    monkeypatch.setattr(memory, name, getattr(memory, name) + 4)

    assert why_portable() is not None
    assert not is_native(entry_type(Function))
    assert entry_type(Function)()(1) == "slowly"
    with pytest.raises(RuntimeError, match="native entry"):
        entry_type(Function, is_native=True)


@pytest.mark.parametrize("name", ["C_CONTIGUOUS", "ALIGNED", "WRITEABLE"])
def test_other_flags_are_noticed(monkeypatch, forgotten, name):
    """If a flag were another bit, that would be noticed."""
    monkeypatch.setattr(memory, name, 0x4000)

    assert "arrays" in why_portable()


def test_another_table_of_functions_is_noticed(monkeypatch, forgotten):
    """If NumPy's table had another order, none of its functions would be called."""
    monkeypatch.setattr(interface, "_NDARRAY", 3)

    assert "NumPy" in why_portable()


def test_other_interpreters(monkeypatch, forgotten):
    """On another implementation of Python the portable entry is used."""
    monkeypatch.setattr(sys.implementation, "name", "pypy")

    assert "pypy" in why_portable()


def test_a_debug_build(monkeypatch, forgotten):
    """On a debug build of Python objects have further fields, so the portable entry is used."""
    monkeypatch.setattr(sys, "gettotalrefcount", lambda: 0, raising=False)

    assert "debug" in why_portable()


def test_code_that_does_not_work_is_noticed(monkeypatch, forgotten):
    """If the compiled code gave something else than expected, it would not be used."""
    monkeypatch.setattr(native._Trial, "_call_slowly", lambda self, *args: "otherwise")

    assert "a trial gave" in why_portable()


def test_without_a_compiler(monkeypatch, forgotten):
    """Where LLVM cannot make code for the machine, the portable entry is used."""

    def unavailable():
        raise RuntimeError("no such target")

    monkeypatch.setattr(native, "code", unavailable)

    assert "no such target" in why_portable()


def test_the_code_is_the_same_in_every_process():
    """The machine code contains no address of this process, so that it can be kept and loaded by another."""
    program = "import hashlib, chainrule.compile.entry.code as c; print(hashlib.sha256(c.object_code()).hexdigest())"
    digests = {subprocess.check_output([sys.executable, "-c", program]) for _ in range(2)}

    assert len(digests) == 1
    assert Code(object_code()).allocate


def test_a_subclass_is_refused():
    """A subclass would not be called through the pointer, so there is none."""
    kind = entry_type(Function, is_native=True)

    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (kind,), {})
