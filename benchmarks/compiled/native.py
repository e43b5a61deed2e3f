"""The hand-written C: built when it is asked for, by the compiler that is there."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cython_blas

from benchmarks.compiled.work import Work

_SOURCES = Path(__file__).parent
# Without errno, which no contender sets, square roots are vectors too; results stay the same.
_FLAGS = ["-O3", "-march=native", "-fno-math-errno", "-fPIC"]


class NoCompilerError(Exception):
    """There is nothing to build C with."""


@cache
def module() -> Any:
    """The extension module made of `works.c` and `chain.c`, which calls SciPy's BLAS for products of matrices."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("there is no C compiler `cc`")
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        raise NoCompilerError("Python's headers are not installed")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / f"works{sysconfig.get_config_var('EXT_SUFFIX')}"
        parts = [Path(folder) / name for name in ("exact.o", "vector.o")]
        chain = [compiler, *_FLAGS, "-c", str(_SOURCES / "chain.c")]
        _run([*chain, "-DNAME=chain_exact", "-o", str(parts[0])])
        _run([*chain, "-DNAME=chain_vector", "-ffast-math", "-o", str(parts[1])])
        # -ffast-math only above: where a library is linked, it makes the whole process flush subnormal numbers.
        includes = [f"-I{headers}", f"-I{np.get_include()}"]
        objects = list(map(str, parts))
        libraries = ["-lm", *(["-lmvec"] if _has_vector_library() else [])]
        works = str(_SOURCES / "works.c")
        _run([compiler, *_FLAGS, *includes, "-shared", works, *objects, "-o", str(library), *libraries])
        specification = importlib.util.spec_from_file_location("works", library)
        assert specification is not None
        assert specification.loader is not None
        works_module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(works_module)
    works_module.use_blas(_blas("sgemm"), _blas("dgemm"))
    return works_module


def derivatives(work: Work) -> dict[str, Callable[[], Any]]:
    """The derivative by C, and by C with vector functions where that is something else."""
    library = module()
    arguments = work.arguments if work.direction is None else (*work.arguments, work.direction)
    named = {"C": work.native, "C, libmvec": f"{work.native}_vector"}
    found = {name: getattr(library, function, None) for name, function in named.items()}
    return {name: _called(function, arguments) for name, function in found.items() if function is not None}


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[[], Any]:
    return lambda: function(*arguments)


def _run(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise NoCompilerError(f"the C compiler failed: {finished.stderr.strip()}")


def _has_vector_library() -> bool:
    try:
        ctypes.CDLL("libmvec.so.1")
    except OSError:
        return False
    return True


def _blas(name: str) -> int:
    """The address of a function of SciPy's BLAS."""
    capsule = cython_blas.__pyx_capi__[name]
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return int(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))
