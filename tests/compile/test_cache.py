"""Machine code on disk: what was compiled is found again, and nothing else is taken for it."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.compile import Program, cache
from chainrule.compile.digest import program_digest
from chainrule.compile.llvm_module import ProgramModule, machine_code
from chainrule.compile.lowerings import LOWERINGS
from chainrule.compile.native import Native
from chainrule.compile.passes import optimized, preparation
from chainrule.graph import Graph
from chainrule.graph.node import input_node, make_node
from chainrule.ops import degeneracy
from chainrule.trace import Op

X = np.linspace(-1.0, 2.0, 6)
RNG = np.random.default_rng(0)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


PROGRAMS = {
    "nest": (cr.grad(rosenbrock), (X,)),
    "product": (lambda a, b: np.tanh(a @ b), (RNG.normal(size=(20, 40)), RNG.normal(size=(40, 30)))),
    "callback": (lambda x: np.sort(x[1:]) * 2, (X[::-1].copy(),)),
    "several": (lambda a: np.linalg.eigh(a * 2.0)[0] + np.linalg.slogdet(a)[1], (np.diag([3.0, 2, 1]),)),
    "indices": (lambda x, i: np.sort(np.take(x, i)[::-1], axis=0) - np.cumsum(x[i]), (X, np.array([2, 0, 5]))),
    "guard": (lambda x: x * 2 if x[0] < 0 else x, (X,)),
    "constants": (lambda x: x * np.arange(6.0) + np.array([1.0, 2, 3, 4, 5, 6]), (X,)),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own for each test."""
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CHAINRULE_CACHE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def made(record):
    """`made(name)`: a program of the table, compiled or loaded, with its arguments and true result."""

    def make(name):
        f, xs = PROGRAMS[name]
        return Native(record(f, *xs)), xs, f(*xs)

    return make


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_program_is_loaded(name, made):
    """A program that was compiled before is loaded, and both compute what the function does."""
    first, xs, expected = made(name)
    second, _, _ = made(name)

    assert [first.is_from_cache, second.is_from_cache] == [False, True]
    for program in (first, second, first):
        np.testing.assert_allclose(program(xs)[0], expected, rtol=1e-13, atol=1e-13)
    assert first.workspace_bytes == second.workspace_bytes
    assert first.calls_python == second.calls_python == (name in ("callback", "several", "indices"))
    assert first.report()[1:] == second.report()[1:]


def test_no_pass_runs_for_what_is_found(made, monkeypatch):
    """What was recorded tells which code it is; with the code are the operations that it leaves to NumPy."""
    firsts = {name: made(name)[0] for name in PROGRAMS}
    prepared, ran = preparation.prepared, []
    monkeypatch.setattr(preparation, "prepared", lambda program: ran.append(name) or prepared(program))

    for name in PROGRAMS:
        second, xs, expected = made(name)
        assert second.is_from_cache
        np.testing.assert_allclose(second(xs)[0], expected, rtol=1e-13, atol=1e-13)
    assert ran == []

    for name in PROGRAMS:
        second = made(name)[0]
        assert str(second.program) == str(firsts[name].program)
        assert second.nests() == firsts[name].nests()


@pytest.mark.parametrize("name", PROGRAMS)
def test_code_has_no_addresses(name, record):
    """Compiled twice, a program gives the same code, which therefore has nothing of this process in it."""
    f, xs = PROGRAMS[name]
    first, second = (machine_code(optimized(record(f, *xs))) for _ in range(2))

    assert first == second
    assert "inttoptr" not in ProgramModule(optimized(record(f, *xs))).text


SCRIPT = """
import numpy as np
import chainrule as cr
from tests.compile.test_cache import PROGRAMS, X
for name, (f, xs) in PROGRAMS.items():
    g = cr.jit(f)
    first, second = g(*xs), g(*xs)
    np.testing.assert_allclose(second, f(*xs), rtol=1e-13, atol=1e-13)
    assert g.specialisations[0].executable.is_from_cache == {found}, name
from chainrule.compile.entry import native
assert native.surprise() is None
"""


def test_second_process_loads():
    """Another process loads what one has compiled, products by BLAS and calls of NumPy included."""
    for found in (False, True):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(found=found)],
            cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr


def programs(folder):
    """The files with machine code."""
    return [file for file in folder.iterdir() if file.stat().st_size > 100]


def spoil(file, how):
    """Damage a file."""
    content = file.read_bytes()
    if how == "flipped":
        file.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
    else:
        file.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "text": b"x" * 1000}[how])


@pytest.mark.parametrize("how", ["flipped", "empty", "cut", "text"])
def test_damaged_file_is_replaced(how, made, folder):
    """A file that is not what was written counts as missing, and is written anew."""
    made("nest")
    (file,) = programs(folder)
    spoil(file, how)

    again, xs, expected = made("nest")
    assert not again.is_from_cache
    np.testing.assert_allclose(again(xs)[0], expected, rtol=1e-13)
    assert made("nest")[0].is_from_cache


def test_content_of_another_version_is_replaced(made, folder):
    """Content that cannot be read, though it is what was written, counts as missing."""
    made("nest")
    (file,) = programs(folder)
    cache.save(bytes.fromhex(file.stem), b"something else")

    assert not made("nest")[0].is_from_cache


def test_file_under_another_name_is_ignored(made, folder):
    """Code of another program is not run in the place of this one."""
    made("nest")
    (nest,) = programs(folder)
    made("guard")
    (guard,) = set(programs(folder)) - {nest}
    guard.write_bytes(nest.read_bytes())

    program, xs, expected = made("guard")
    assert not program.is_from_cache
    np.testing.assert_array_equal(program(xs)[0], expected)


def test_switched_off(made, monkeypatch, folder):
    """`CHAINRULE_CACHE=off` neither reads nor writes."""
    monkeypatch.setenv("CHAINRULE_CACHE", "off")

    assert not made("nest")[0].is_from_cache
    assert not made("nest")[0].is_from_cache
    assert not folder.exists()


def test_folder_that_cannot_be_made(made, monkeypatch, tmp_path):
    """Where nothing can be written, all is compiled each time."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "file" / "folder"))

    for _ in range(2):
        program, xs, expected = made("nest")
        assert not program.is_from_cache
        np.testing.assert_allclose(program(xs)[0], expected, rtol=1e-13)


def test_oldest_go_first(folder, monkeypatch):
    """Above the limit the files go that have not been used for longest, and no file that is not ours."""
    monkeypatch.setattr(cache, "MOST_BYTES", 3500)
    monkeypatch.setattr(cache, "_EVERY", 1)
    folder.mkdir()
    (folder / "other.txt").write_text("x" * 10000)
    keys = [bytes([k]) * 20 for k in range(4)]
    for k, key in enumerate(keys[:3]):
        cache.save(key, b"y" * 1000)
        os.utime(folder / f"{key.hex()}.chainrule", (k, k))
    assert cache.load(keys[0]) == b"y" * 1000

    cache.save(keys[3], b"y" * 1000)

    assert [cache.load(key) is not None for key in keys] == [True, False, True, True]
    assert (folder / "other.txt").exists()


def test_threads(folder):
    """While some threads write a file, others find it whole or not at all."""
    key, found = bytes(20), []

    def work(letter):
        for _ in range(50):
            cache.save(key, letter * 100_000)
            found.append(cache.load(key))

    threads = [threading.Thread(target=work, args=(bytes([65 + k]),)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {(len(content), len(set(content))) for content in found} == {(100_000, 1)}
    assert [file.name for file in folder.iterdir()] == [f"{key.hex()}.chainrule"]


def test_equal_programs_have_equal_digests(record):
    """Recorded twice, a function gives the same digest."""
    for f, xs in PROGRAMS.values():
        assert len({program_digest(record(f, *xs)) for _ in range(2)}) == 1


def looking(x):
    bool(x[0] < 0)
    return x * 2


def test_different_programs_have_different_digests(record):
    """Another shape, dtype, parameter, constant, order, result or guard is another program."""
    functions = [
        (lambda x: np.sin(x), (X,)),
        (lambda x: np.cos(x), (X,)),
        (lambda x: np.sin(x), (X[:5],)),
        (lambda x: np.sin(x), (X.astype(np.float32),)),
        (lambda x: np.sin(x), (X.reshape(2, 3),)),
        (lambda x: (np.sin(x), np.sin(x)), (X,)),
        (lambda x: (np.sin(x), x), (X,)),
        (lambda x: (x, np.sin(x)), (X,)),
        (lambda x: x[1:], (X,)),
        (lambda x: x[1:5], (X,)),
        (lambda x: x[:-1], (X,)),
        (lambda x: x[::-1], (X,)),
        (lambda x: x - 1.0, (X,)),
        (lambda x: 1.0 - x, (X,)),
        (lambda x: x - 0.0, (X,)),
        (lambda x: x - (-0.0), (X,)),
        (lambda x: x - np.arange(6.0), (X,)),
        (lambda x: x - np.arange(6.0)[::-1], (X,)),
        (lambda x: x.astype(np.float32), (X,)),
        (lambda x, y: x + y, (X, X)),
        (lambda x, y: y + x, (X, X)),
        (lambda x, y: x + x, (X, X)),
        (lambda a: np.sum(a, axis=0), (np.eye(3),)),
        (lambda a: np.sum(a, axis=1), (np.eye(3),)),
        (looking, (X,)),
        (looking, (-X,)),
        (lambda x: x * 2, (X,)),
    ]
    digests = [program_digest(record(f, *xs)) for f, xs in functions]

    assert None not in digests
    assert len(set(digests)) == len(functions)


def test_numbers_differ_by_bits(record):
    """Zeros and NaNs of another sign are other constants."""
    digests = {
        program_digest(record(lambda x, number=number: x * number, X), is_recorded=True)
        for number in (0.0, -0.0, np.nan, -np.nan, 0j, -0j)
    }

    assert len(digests) == 6


def test_foreign_operation_on_constants(folder):
    """Passes evaluate an operation on constants; one of the same name in another process may give something else."""

    def program(scale):
        op = Op("scaled", lambda x: scale * x, lambda x: x)
        x = input_node(X)
        scaled = make_node(op, (X,), (X,), None, {}, X.shape, X.dtype)
        return Program(Graph([x], [make_node(ops.add, (x, scaled), (x, scaled), None, {}, X.shape, X.dtype)]), 1)

    for scale in (2.0, 3.0, 2.0):
        np.testing.assert_array_equal(Native(program(scale))((X,))[0], X + scale * X)
    assert len(programs(folder)) == 2


def test_functions_are_told_by_where_they_stand(note):
    """A test of NumPy's, or of ours whose text the key knows, is told by its name; one from elsewhere by nothing."""

    def digest(test):
        return program_digest(note(lambda x: ops.judged(x, test=test), X), is_recorded=True)

    known = [digest(test) for test in (np.isnan, np.any, np.all, degeneracy.has_ties)]
    assert len({None, *known}) == 5
    assert digest(np.isnan) == known[0]
    assert digest(rosenbrock) is digest(lambda x: x > 0) is digest(np.frompyfunc(abs, 1, 1)) is None


def test_modules_are_told_by_content(tmp_path, monkeypatch):
    """The digest of modules is that of their content, also where it is remembered; none while they are edited."""
    package = tmp_path / "package"
    for room in ("graph", "trace", "ops", "compile/passes"):
        (package / room).mkdir(parents=True)
    module = package / "compile" / "passes" / "one.py"
    module.write_text("x = 1\n")
    monkeypatch.setattr(cache, "IMPORTED", time.time_ns() - 10**12)
    assert cache._sources_digest(package) is None

    monkeypatch.setattr(cache, "IMPORTED", time.time_ns() + 10**12)
    first = cache._sources_digest(package)
    assert cache._sources_digest(package) == first
    times = module.stat()
    module.write_text("x = 2\n")
    os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
    second = cache._sources_digest(package)
    module.unlink()
    module.write_text("x = 1\n")

    assert second not in (None, first)
    assert cache._sources_digest(package) == first


def test_parameter_that_cannot_be_told_from_others(note, folder):
    """A program with a parameter that is an object of its own is compiled, and not kept."""
    program = note(ops.sin, X)
    program.graph.nodes[0].params = {"object": object()}

    assert program_digest(program) is program_digest(program, is_recorded=True) is None
    assert not folder.exists()


def test_lowering_from_elsewhere_is_not_kept(record, monkeypatch):
    """Code that a lowering from outside has made is not found by a process that may have another one."""
    monkeypatch.setitem(LOWERINGS, ops.fmod, lambda s, x, y: s.builder.frem(x, y))
    program = optimized(record(lambda x: np.fmod(x, 0.3) * 2, X))

    for _ in range(2):
        compiled = Native(program)
        np.testing.assert_array_equal(compiled((X,))[0], np.fmod(X, 0.3) * 2)
        assert not compiled.is_from_cache
        assert not compiled.calls_python
    assert program_digest(program) is None


def test_operation_of_the_user_is_the_users():
    """Two functions with equal recordings share code, and each calls its own operation."""

    def made(scale):
        scaled = cr.custom(lambda x: scale * x, partials=lambda y, x: (scale + 0 * x,))
        return cr.jit(lambda x: scaled(x) + 1)

    functions = [made(scale) for scale in (2.0, 3.0)]
    for g in (*functions, *functions):
        g(X)

    for g, scale in zip(functions, (2.0, 3.0), strict=True):
        np.testing.assert_array_equal(g(X), scale * X + 1)
    assert [g.specialisations[0].executable.is_from_cache for g in functions] == [False, True]
