"""What the entry holds on to, and for how long: references, memory, threads, garbage."""

import copy
import gc
import mmap
import os
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest

from chainrule.compile.entry import (
    Argument,
    Array,
    Attribute,
    Cell,
    Check,
    Container,
    Held,
    InClass,
    Instance,
    Item,
    Name,
    Number,
    Own,
    Result,
    Same,
    entry_type,
)

FLOAT = np.dtype(float)
COMPLEX = np.dtype(complex)


def counts(objects):
    """How many references there are to each, garbage apart."""
    gc.collect()
    return [sys.getrefcount(each) for each in objects]


def test_references_are_exact(function, python_path):
    """However a call ends, it leaves as many references to everything that it met as there were before."""

    class Marker:
        held = 2.5

    def closure():
        return inner

    inner = np.ones(2)
    name = "weights that only this test names"  # the whole process refers to a string of one letter
    names = {name: np.ones(2), "m": Marker()}
    held, marker, outside, holder = np.ones(2), Marker(), Marker(), Marker()
    holder.held = np.ones(2)
    checks = [
        Check(Argument(0), Array(FLOAT, (2,))),
        Check(Argument(1), Container(list, 2)),
        Check(Item(1, 0), Array(COMPLEX, (1,))),
        Check(Item(1, 1), Number(float)),
        Check(Name(names, name), Array(FLOAT, (2,))),
        Check(Name(names, "m"), Same(names["m"])),
        Check(Cell(closure.__closure__[0]), Array(FLOAT, (2,))),
        Check(Held(held), Array(FLOAT, (2,))),
        Check(Own(holder, "held"), Array(FLOAT, (2,))),
        Check(InClass(Marker, "held"), Number(float)),
        Check(Held(holder), Instance(Marker)),
        Check(Attribute(10, "held"), Array(FLOAT, (2,))),
        Check(Argument(2), Same(marker)),
    ]
    results = [Result(FLOAT, (2,)), Result(COMPLEX, None), Result(np.dtype(bool), None), Result(FLOAT, (2, 2))]

    def program(inputs, outputs):
        for output in outputs:
            output[...] = 1
        return inputs[0][0] < 0

    def structure(leaves):
        if fails:
            raise KeyError("structure")
        return leaves

    g = function(
        python_path(program, checks, results, "tuple", arguments=3),
        python_path(program, [*checks[:-1], Check(Argument(2), Number(int))], results, structure, arguments=3),
    )
    x, z, number = np.ones(2), np.ones(1, complex), 10**15
    pair = [z, 2.5]
    fails = False

    def every_way():
        g(x, pair, marker)
        g(x, pair, number)
        g(-x, pair, marker)  # a guard is missed
        g(x, pair, outside)  # the last check is missed
        g(x, [z, 1], marker)  # a check in the middle
        g(x, [z], marker)
        g(x[:1], pair, marker)
        g(x, pair)
        g(x, pair, marker, order=2)

    def every_exception():
        with pytest.raises(KeyError):
            g(x, pair, number)
        with pytest.raises(ZeroDivisionError):
            g(x, fail=True)

    watched = [x, z, pair, pair[1], number, marker, outside, names, names[name], names["m"], inner, held, name]
    watched += [holder, holder.held, Marker.held, Marker]
    watched += [FLOAT, COMPLEX, np.ndarray, np.float64, np.complex128, np.True_, structure, g, type(g)]
    for _ in range(3):
        every_way()
    before = counts(watched)
    for _ in range(100):
        every_way()
    assert counts(watched) == before

    fails = True
    every_exception()
    before = counts(watched)
    for _ in range(100):
        every_exception()
    assert counts(watched) == before


def test_results_belong_to_the_caller_alone(twice):
    """A result has one reference, so its memory is freed as soon as the caller lets go."""
    result = twice(np.ones(3))

    assert sys.getrefcount(result) == 2  # the name, and the argument of getrefcount
    gone = weakref.ref(result)
    del result
    assert gone() is None


def test_a_million_calls_leak_nothing(function, doubling, python_path):
    """Memory is as before (free lists apart), after calls that hit, that miss and that make scalars and tuples."""
    x, negative = np.ones(3), -np.ones(3)
    path = doubling(3)
    many = function(path)
    calls, traced = (1_000_000, 100_000) if is_native(many) else (5_000, 5_000)
    pair = function(
        python_path(lambda i, o: 0, [Check(Argument(0), Number(float))], [Result(FLOAT, None)] * 2, "tuple")
    )

    def run(count):
        for _ in range(count):
            many(x)
        for _ in range(count // 50):
            many(negative)
        for _ in range(count // 200):
            pair(1.0)

    run(1000)
    tracemalloc.start()
    try:
        run(1000)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        run(traced)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 50_000
    finally:
        tracemalloc.stop()
    before = resident()
    run(calls)
    assert resident() - before < 2**21


def is_native(function):
    """Whether Python calls it through a pointer of its own."""
    return hasattr(function, "__vectorcalloffset__")


def resident():
    """The bytes of this process that are in memory."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        pytest.skip("only Linux says how much memory is used")
    return int(statistics.read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE


def test_a_path_is_freed_with_its_callable(function, python_path):
    """Program, workspace and what is held go when the callable goes, or when its paths are replaced."""

    class Code:
        pass

    def path():
        made = python_path(lambda i, o, w: 0, [], [], "tuple", arguments=0, workspace=100)
        object.__setattr__(made, "code", (made.code, code := Code()))
        return made, weakref.ref(code)

    first, first_code = path()
    second, second_code = path()
    g = function(first)
    del first
    assert g() == ()
    assert first_code() is not None

    g.fast_paths = (second,)
    del second
    assert first_code() is None
    assert g() == ()

    del g
    assert second_code() is None


def test_a_callable_in_its_own_globals_is_collected(function, python_path):
    """A cycle through what a path watches is garbage like any other."""
    names = {"x": 1.0}
    g = function(python_path(lambda i, o: 0, [Check(Name(names, "x"), Number(float))], [], "tuple", arguments=0))
    names["g"] = g
    assert g() == ()
    gone = weakref.ref(g)

    del g, names
    gc.collect()

    assert gone() is None


def test_attributes_are_collected(function):
    """What an instance refers to by its attributes is seen by the garbage collector."""
    g = function()
    g.itself = g
    gone = weakref.ref(g)

    del g
    gc.collect()

    assert gone() is None


def test_base_classes_of_any_size(function, doubling):
    """A base class may have slots of its own: they, the paths and the attributes do not come in each other's way."""

    class Slotted(type(function()).__mro__[1]):
        __slots__ = ("a", "b", "c")

    made = [entry_type(Slotted, is_native=is_native(function()))() for _ in range(3)]
    for number, g in enumerate(made):
        g.a, g.b, g.c, g.d = [number], [number, 1], [number, 2], [number, 3]
        g.add_fast_path(doubling(3))
        g.c.append(g)
    gc.collect()

    for number, g in enumerate(made):
        assert (g.a, g.b, g.c[:2], g.d) == ([number], [number, 1], [number, 2], [number, 3])
        assert g(np.ones(3)).tolist() == [2.0] * 3
    gone = [weakref.ref(g) for g in made]
    del g, made
    gc.collect()
    assert [each() for each in gone] == [None] * 3


def test_the_type_is_not_lost(function):
    """Making and dropping instances leaves the references to their type as they were."""
    kind = type(function())
    before = sys.getrefcount(kind)

    for _ in range(100):
        function()

    assert sys.getrefcount(kind) == before


def test_calls_within_a_call(function, python_path):
    """A program that calls the same function again finds its own workspace unharmed."""
    depth = 0

    def program(inputs, outputs, workspace):
        nonlocal depth
        workspace[:] = depth
        mine = depth
        depth += 1
        inner = g(inputs[0] - 1) if inputs[0] > 0 else 0.0
        assert np.all(workspace == mine)
        outputs[0][...] = inputs[0] + inner

    checks, results = [Check(Argument(0), Number(np.float64))], [Result(FLOAT, None)]
    g = function(python_path(program, checks, results, workspace=1000))

    assert g(np.float64(20)) == 210.0
    depth = 0
    assert g(np.float64(20)) == 210.0


def test_large_workspaces_are_not_kept(function, python_path):
    """A workspace of 100 million bytes is given back to the system after the call."""

    def program(inputs, outputs, workspace):
        workspace[:] = 1
        used.append(resident())

    used = []
    g = function(python_path(program, [], [], "tuple", arguments=0, workspace=100_000_000))
    before = resident()

    assert g() == g() == ()
    assert used[1] - before > 90_000_000
    assert resident() - before < 10_000_000


def test_slow_calls_within_slow_calls(function):
    """Endless recursion through the slow call is a RecursionError, as in Python."""

    def again(*args):
        return g(*args)

    g = function()
    g.__dict__["_call_slowly"] = again

    with pytest.raises(RecursionError):
        g(1)


def test_exceptions_of_the_slow_call(twice):
    """What the slow call raises reaches the caller, and the next call is as usual."""
    with pytest.raises(ZeroDivisionError, match="slowly"):
        twice(np.ones(3), fail=True)

    assert twice(np.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_exceptions_of_the_structure(function, python_path):
    """What the function for the result raises reaches the caller."""

    def structure(leaves):
        raise KeyError("structure")

    g = function(python_path(lambda i, o: 0, [], [Result(FLOAT, None)], structure, arguments=0))

    with pytest.raises(KeyError, match="structure"):
        g()


def test_a_name_whose_look_up_fails(function, python_path):
    """Where a namespace cannot even be searched, the call is a slow one, without a trace of the exception."""

    class Key:
        def __hash__(self):
            return hash("W")

        def __eq__(self, other):
            raise ZeroDivisionError

    names = {Key(): 1}
    checks = [Check(Name(names, "W"), Number(float))]
    g = function(python_path(lambda i, o: 0, checks, [], "tuple", arguments=0))

    assert g()[0] == "slowly"


def test_no_memory_for_a_result(function, python_path):
    """A result that does not fit into memory leads to the slow call, which will find the same."""
    results = [Result(FLOAT, (2,)), Result(FLOAT, (2**50,))]
    g = function(python_path(lambda i, o: 0, [], results, "tuple", arguments=0))

    assert g()[0] == "slowly"


def test_a_callback_that_rebinds_what_was_found(function, python_path):
    """The array that a name stood for when the call began lives until it ends."""
    names = {"W": np.full(100_000, 3.0)}

    def program(inputs, outputs):
        names["W"] = None
        gc.collect()
        outputs[0][...] = inputs[0].sum()

    checks = [Check(Name(names, "W"), Array(FLOAT, (100_000,)))]
    g = function(python_path(program, checks, [Result(FLOAT, None)], arguments=0))

    assert g() == 300_000.0
    assert g()[0] == "slowly"


def test_paths_replaced_within_a_call(function, python_path):
    """A call ends as it began, even if its own path is taken away meanwhile."""

    def program(inputs, outputs, workspace):
        g.fast_paths = ()
        gc.collect()
        workspace[:] = 1
        outputs[0][...] = inputs[0]

    checks = [Check(Argument(0), Number(float))]
    g = function(python_path(program, checks, [Result(FLOAT, None)], workspace=100))

    assert g(2.5) == 2.5
    assert g(2.5)[0] == "slowly"


@pytest.mark.parametrize("releases", [False, True])
def test_threads(function, doubling, releases):
    """Eight threads that call one function get their own results, while paths are added."""
    sizes = [3, 5, 1000]
    g = function(doubling(3, releases_gil=releases))
    wrong = []

    def work(seed):
        generator = np.random.default_rng(seed)
        for _ in range(300):
            x = generator.uniform(0, 1, sizes[generator.integers(3)])
            y = g(x)
            if not (y[0] == "slowly" if isinstance(y, tuple) else np.array_equal(y, 2 * x)):
                wrong.append((x, y))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    g.add_fast_path(doubling(5, releases_gil=releases))
    g.fast_paths = (doubling(1000, releases_gil=releases), *g.fast_paths)
    for thread in threads:
        thread.join()

    assert not wrong
    assert g(np.ones(5)).tolist() == [2.0] * 5


def test_threads_have_workspaces_of_their_own(function, python_path):
    """A call that begins while another runs does not write into its workspace."""

    def program(inputs, outputs, workspace):
        workspace[:] = inputs[0]
        time.sleep(0.002)
        outputs[0][...] = workspace.max() if workspace.min() == workspace.max() else -1

    checks = [Check(Argument(0), Number(int))]
    g = function(python_path(program, checks, [Result(FLOAT, None)], workspace=5000, releases_gil=True))
    wrong = []

    def work(number):
        wrong.extend(value for _ in range(20) if (value := g(number)) != number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


def test_other_threads_run_meanwhile(function, python_path):
    """A program that releases the global lock lets other threads run; one that does not finds it held."""
    ran = threading.Event()

    def program(inputs, outputs):
        outputs[0][...] = ran.wait(10)

    g = function(python_path(program, [], [Result(np.dtype(bool), None)], arguments=0, releases_gil=True))
    threading.Timer(0.01, ran.set).start()

    assert g() is np.True_


def test_many_paths(function, doubling):
    """A function with hundreds of paths takes the right one."""
    g = function(*(doubling(size) for size in (2, 3)))
    g.fast_paths = (*[doubling(2)] * 300, *[doubling(3)] * 300)

    assert g(np.ones(3)).tolist() == [2.0] * 3
    assert g(np.ones(2)).tolist() == [2.0] * 2
    assert g(np.ones(1))[0] == "slowly"


def test_copies(twice):
    """As of a function, a copy is the same object."""
    assert copy.copy(twice) is twice
    assert copy.deepcopy([twice])[0] is twice


AT_EXIT = """
import atexit
import numpy as np
atexit.register(lambda: print(g(np.ones(3)).sum()))
import chainrule as cr
g = cr.jit(lambda x: 2 * x)
print(g(np.ones(3)).sum())
"""


def test_calls_while_the_interpreter_ends():
    """What was registered to run at the end before `chainrule` was imported runs after all else, and may call."""
    run = subprocess.run([sys.executable, "-c", AT_EXIT], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout.split()) == (0, ["6.0", "6.0"])


ON_DEMAND = """
import sys
import time
import numpy as np
import chainrule as cr
imported = time.time_ns()
assert not [name for name in sys.modules if name.startswith("llvmlite")]
g = cr.jit(cr.grad(lambda x: np.sum(np.sin(x) ** 2)))
g(np.ones(3))
g(np.ones(3))
makers = ("chainrule.compile.llvm_module", "chainrule.compile.passes")
made = [name for name in makers if name in sys.modules]
assert g.specialisations[0].executable.is_from_cache == (made == []), made
from chainrule.compile import cache
assert cache.IMPORTED < imported, "what is edited in between is not what runs"
print(g.specialisations[0].executable.is_from_cache)
"""


def test_nothing_is_imported_that_is_not_used(tmp_path):
    """LLVM is imported when a function is first compiled, and what makes code only if none is found on disk."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", ON_DEMAND],
            env={**os.environ, "CHAINRULE_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        for _ in range(2)
    ]

    assert [run.stdout.strip() for run in runs] == ["False", "True"], [run.stderr for run in runs]
