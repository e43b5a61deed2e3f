"""Machine code on disk, so that another process finds what this one has compiled.

Each entry is a file of its own in one folder: `CHAINRULE_CACHE_DIR`, or else the user's folder for caches. Files appear
whole or not at all. A file that is not what it should be counts as missing, and is replaced. A folder that cannot be
written to is no error. `CHAINRULE_CACHE=off` switches all this off.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llvmlite
import numpy as np
from llvmlite import binding

from chainrule.graph import IMPORTED

# The folder may hold so many bytes; what has not been used for longest goes.
MOST_BYTES = 256 << 20

ROOMS = ("graph", "trace", "ops", "compile")
"""The folders of the package that machine code depends on."""

# Files of the folder that are not ours are left alone.
_SUFFIX = ".chainrule"
_CHECK = 32

# The room is looked after when a process has first written, and then after so many entries.
_EVERY = 64
_written = itertools.count()


def load(key: bytes) -> bytes | None:
    """What was kept for a key; None if there is nothing, or something else."""
    folder = _folder()
    if folder is None:
        return None
    file = folder / f"{key.hex()}{_SUFFIX}"
    try:
        with file.open("rb") as opened:
            if os.name == "posix" and os.fstat(opened.fileno()).st_uid not in (os.geteuid(), 0):
                return None
            found = opened.read()
    except OSError:
        return None
    check, content = found[:_CHECK], found[_CHECK:]
    if check != _checksum(key, content):
        return None
    with suppress(OSError):
        # It has been used: others go first.
        os.utime(file)
    return content


def save(key: bytes, content: bytes) -> None:
    """Keep something for a key."""
    folder = _folder()
    if folder is None:
        return
    unfinished = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix="new-", suffix=_SUFFIX, dir=folder, delete=False) as file:
            unfinished = file.name
            file.write(_checksum(key, content) + content)
        os.replace(unfinished, folder / f"{key.hex()}{_SUFFIX}")
        if next(_written) % _EVERY == 0:
            _make_room(folder)
    except OSError:
        if unfinished is not None:
            with suppress(OSError):
                os.unlink(unfinished)


def key_of(*parts: bytes) -> bytes | None:
    """The key for machine code that is made from some bytes, here and now; None if nothing shall be kept."""
    if _folder() is None:
        return None
    surroundings = _surroundings()
    if surroundings is None:
        return None
    hasher = blake2b(surroundings, digest_size=20)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "little") + part)
    return hasher.digest()


def kept(key: bytes | None, parse: Callable[[bytes], Any]) -> Any:
    """What is kept for a key, parsed; None if there is nothing that can be."""
    content = None if key is None else load(key)
    if content is None:
        return None
    try:
        return parse(content)
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _checksum(key: bytes, content: bytes) -> bytes:
    return blake2b(content, key=key, digest_size=_CHECK).digest()


def _folder() -> Path | None:
    if os.environ.get("CHAINRULE_CACHE", "").lower() in ("off", "0", "no", "false"):
        return None
    chosen = os.environ.get("CHAINRULE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "chainrule" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "chainrule"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "chainrule"


@cache
def _surroundings() -> bytes | None:
    """What machine code depends on beside the program: the processor, LLVM, what folds constants, and what makes it."""
    try:
        sources = _sources_digest(Path(__file__).parent.parent)
        scipy = find_spec("scipy")
        version_of_scipy = Path(str(scipy and scipy.origin)).with_name("version.py").read_bytes()
    except OSError:
        return None
    if sources is None:
        return None
    described = (
        sys.platform,
        sys.byteorder,
        binding.get_process_triple(),
        binding.get_host_cpu_name(),
        sorted(binding.get_host_cpu_features().items()),
        llvmlite.__version__,
        binding.llvm_version_info,
        np.__version__,
        version_of_scipy,
        sources,
    )
    return blake2b(repr(described).encode(), digest_size=32).digest()


def _sources_digest(package: Path) -> bytes | None:
    """The digest of all modules that machine code depends on; None if some have been edited since this process began.

    It is kept for as long as the files are the same by what the system says of them, which is sooner asked than read.
    """
    files = [file for room in ROOMS for file in _sources(str(package / room))]
    if not files or any(max(status.st_mtime_ns, status.st_ctime_ns) > IMPORTED for _, status in files):
        return None
    stamps = [
        (path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for path, status in files
    ]
    # Other systems do not say when a file was changed.
    key = blake2b(repr(stamps).encode(), digest_size=20).digest() if os.name == "posix" else None
    known: bytes | None = kept(key, bytes)
    if known is not None:
        return known
    hasher = blake2b(digest_size=32)
    for path, _ in files:
        with open(path, "rb", buffering=0) as opened:
            content = opened.read()
        hasher.update(f"{path[len(str(package)) :]} {len(content)}\n".encode() + content)
    if key is not None:
        save(key, hasher.digest())
    return hasher.digest()


def _sources(folder: str) -> list[tuple[str, os.stat_result]]:
    """All modules below a folder, and what the system says of them; by `os`, in a quarter of the time of `pathlib`."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append((entry.path, entry.stat()))
            elif entry.name != "__pycache__" and entry.is_dir():
                found += _sources(entry.path)
    return sorted(found)


def _make_room(folder: Path) -> None:
    found = []
    with os.scandir(folder) as files:
        for file in files:
            if file.name.endswith(_SUFFIX):
                with suppress(OSError):
                    status = file.stat()
                    found.append((status.st_mtime, status.st_size, file.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= MOST_BYTES:
            break
        # Another process may have taken it away, or be reading it.
        with suppress(OSError):
            os.unlink(path)
        total -= size
