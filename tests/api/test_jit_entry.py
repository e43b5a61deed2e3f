"""How calls of compiled functions are answered: by the entry, native or portable, where all is as it was recorded."""

import copy
import functools
import gc
import os
import pickle
import threading
import time
import tracemalloc
import warnings
import weakref
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.api import compilation
from chainrule.compile.entry import entry_type, why_portable
from chainrule.errors import NotCompiledWarning

ENTRIES = [pytest.param(True, id="native"), pytest.param(False, id="portable")]


@pytest.fixture(params=ENTRIES, autouse=True)
def entry(request, monkeypatch):
    """Whether compiled functions have the native entry."""
    if request.param and why_portable():
        pytest.skip(why_portable())
    monkeypatch.setattr(
        compilation, "_entered", functools.cache(lambda: entry_type(cr.Jitted, is_native=request.param))
    )
    return request.param


@pytest.fixture
def slow_calls(monkeypatch):
    """The arguments of the calls that the entry left to Python."""
    calls = []
    slowly = cr.Jitted._call_slowly

    def noted(self, *args, **kwargs):
        calls.append(args)
        return slowly(self, *args, **kwargs)

    monkeypatch.setattr(cr.Jitted, "_call_slowly", noted)
    return calls


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def memory():
    """The memory that is in use, in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def same(found, expected):
    """Equal types and numbers, all the way down."""
    assert type(found) is type(expected)
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for x, y in zip(found, expected, strict=True):
            same(x, y)
    elif isinstance(expected, Point):
        same(vars(found), vars(expected))
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        same(list(found.values()), list(expected.values()))
    elif expected is None or isinstance(expected, str):
        assert found == expected
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        assert np.asarray(found).dtype == np.asarray(expected).dtype


A = np.array([1.0, 2.0])


class Pair(NamedTuple):
    a: object
    b: object


@dataclass
class Point:
    x: object
    y: object
    mode: object = field(default=None, metadata={"static": True})

    def length(self):
        return np.sum(self.y)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: 2 * x, (A,)),
        (lambda x: x * x, (1.5,)),
        (lambda x: x * x, (1.5 - 2j,)),
        (lambda x: np.sin(x), (1.5,)),
        (lambda x: x, (np.float32(2),)),
        (lambda x, n: x * n, (A, 3)),
        (lambda n: 2 * n > 3, (np.int64(3),)),
        (lambda x, flag: x if flag else -x, (A, True)),
        (lambda x, name, nothing: {"y": x, "name": name, "nothing": nothing}, (A, "s", None)),
        (lambda p: {"z": p["w"] @ p["b"][0], "a": p["b"][1]}, ({"w": np.eye(2), "b": (A, [2.0])},)),
        (lambda p: p, ([A, (1.0, {"b": A, "a": 2j}), [], ()],)),
        (lambda p: p, ([Pair(A, Point(1.5, {"b": A}, "m")), Point(Pair(2j, None), A)],)),
        (lambda p: Point(2 * p.x, p.length(), p.mode), (Point(A, 2.0, "up"),)),
        (cr.grad(lambda p: np.sum(p.x * np.sin(p.y))), (Point(A, A + 1),)),
        (lambda x: (x, x + 1), (A,)),
        (lambda x, y=2.0: x * y, (A,)),
        (lambda: A * 2, ()),
        (cr.value_and_grad(rosenbrock), (np.array([0.5, 1.5, -1.0]),)),
        (cr.hessian(rosenbrock), (np.array([0.5, 1.5]),)),
    ],
)
def test_answers_without_python(slow_calls, f, args):
    """A second call is answered by the entry, and gives what the function gives."""
    compiled = cr.jit(f)
    same(compiled(*args), f(*args))
    slow_calls.clear()
    for _ in range(3):
        same(compiled(*args), f(*args))
    assert not slow_calls


@pytest.mark.parametrize(
    "x",
    [
        A.astype(np.float32),
        np.ones(3),
        np.ones((2, 2)),
        np.ones(4)[::2],
        A.astype(">f8"),
        A.view(np.memmap),
        np.frombuffer(bytes(17), np.uint8)[1:].view(float),
        1.5,
        np.array(1.5),
        [1.0, 2.0],
    ],
)
def test_other_arguments_are_recorded_for_themselves(x):
    """What differs in type, dtype, shape, order, alignment or bytes from what was recorded gets its own result."""

    def f(x):
        return np.multiply(x, 2)

    compiled = cr.jit(f)
    for _ in range(2):
        same(compiled(A), f(A))
        same(compiled(x), f(x))


def test_signed_zeros_and_equal_values_are_other_static_arguments():
    """1, 1.0, True, 0.0 and -0.0 are told apart where they are static."""
    compiled = cr.jit(lambda s, x: (repr(s), x), static_argnames="s")
    for _ in range(2):
        for s in (1, 1.0, True, np.float64(1), 0.0, -0.0, "1", b"1", (0.0, 1), (-0.0, 1), (0.0, True)):
            assert compiled(s, 1.0) == (repr(s), 1.0)


def test_static_objects_that_compare_by_value_may_change():
    """An object that is compared by value is compared at each call."""

    class Setting:
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            return self.value == other.value

        def __hash__(self):
            return hash(self.value)

    setting, compiled = Setting(2.0), cr.jit(lambda s, x: s.value * x)
    for value in (2.0, 3.0, 2.0):
        setting.value = value
        assert [compiled(setting, 1.0) for _ in range(2)] == [value, value]


scale = 2.0
weights = np.array([1.0, 2.0])


def test_globals_are_those_of_now(monkeypatch, slow_calls):
    """A global that changes is noticed, and its old value is found again without Python."""
    compiled = cr.jit(lambda x: np.sum(scale * weights * x))
    for value in (2.0, 3.0):
        monkeypatch.setitem(globals(), "scale", value)
        assert [compiled(A) for _ in range(2)] == [5 * value] * 2
    slow_calls.clear()
    for value in (float("2"), float("3")):
        monkeypatch.setitem(globals(), "scale", value)
        assert compiled(A) == 5 * value
    assert not slow_calls
    monkeypatch.setitem(globals(), "weights", np.array([0.0, 1.0]))
    assert compiled(A) == 6.0
    assert not slow_calls
    monkeypatch.setitem(globals(), "weights", np.ones((2, 2)))
    assert compiled(A) == 18.0
    monkeypatch.setitem(globals(), "sum", len)
    monkeypatch.delitem(globals(), "weights")
    with pytest.raises(NameError):
        compiled(A)


def test_a_builtin_may_be_hidden_later(monkeypatch):
    """A global that hides a builtin is found as soon as it is there."""
    compiled = cr.jit(lambda x: abs(x) * 1.0)
    assert [compiled(-2.0) for _ in range(2)] == [2.0, 2.0]
    monkeypatch.setitem(globals(), "abs", lambda x: x)
    assert compiled(-2.0) == -2.0


def test_cells_and_defaults_are_those_of_now():
    """What an enclosing variable or a default is bound to is looked up at each call."""
    factor = 2.0

    def f(x, shift=1.0):
        return factor * x + shift

    compiled = cr.jit(f)
    assert [compiled(1.0) for _ in range(2)] == [3.0, 3.0]
    factor = 3.0
    assert [compiled(1.0) for _ in range(2)] == [4.0, 4.0]
    f.__defaults__ = (2.0,)
    assert [compiled(1.0) for _ in range(2)] == [5.0, 5.0]
    f.__defaults__ = None
    with pytest.raises(TypeError):
        compiled(1.0)


def test_entries_of_containers_are_those_of_now():
    """What a list or a dict holds is looked up at each call."""
    pair, table = [np.ones(2), 2.0], {"w": np.ones(2), "s": 2.0}
    compiled = cr.jit(lambda x: x * pair[0] * pair[1] + table["w"] * table["s"])
    for _ in range(2):
        same(compiled(A), A * 2 + 2)
    pair[0], table["w"] = pair[0] * 2, table["w"] * 3
    same(compiled(A), A * 4 + 6)
    pair[1], table["s"] = 1.0, 1.0
    for _ in range(2):
        same(compiled(A), A * 2 + 3)
    pair.append(None)
    same(compiled(A), A * 2 + 3)


def test_derivatives_go_through_what_is_captured():
    """A compiled function called on plain numbers within a derivative sees what its closure holds there."""

    def loss(w):
        inner = cr.jit(lambda x: w * x)
        inner(2.0)
        return inner(2.0) * w

    assert cr.grad(loss)(3.0) == pytest.approx(12.0)

    held = [1.0]
    outer = cr.jit(lambda x: held[0] * x)
    assert [outer(2.0) for _ in range(2)] == [2.0, 2.0]

    def through_a_list(w):
        held[0] = w
        return outer(2.0)

    try:
        assert cr.grad(through_a_list)(3.0) == pytest.approx(2.0)
    finally:
        held[0] = 1.0


def test_results_inside_of_a_derivative_can_be_written_to():
    """A compiled function called on plain arrays within a derivative gives what the function gives there."""
    compiled = cr.jit(lambda x: 2 * x)
    same(compiled(A), 2 * A)
    same(compiled(A), 2 * A)

    def f(w):
        y = compiled(A)
        y[0] = w
        return np.sum(y * y)

    assert cr.grad(f)(3.0) == pytest.approx(6.0)


def test_recordings_around_it_depend_on_what_it_reads(monkeypatch):
    """A compiled function that calls a compiled function is recorded anew if a global changes that this one reads."""
    inner = cr.jit(lambda x: scale * x)
    assert [inner(1.0) for _ in range(2)] == [2.0, 2.0]
    outer = cr.jit(lambda x: x * inner(1.0))
    assert [outer(1.0) for _ in range(2)] == [2.0, 2.0]
    monkeypatch.setitem(globals(), "scale", 5.0)
    assert outer(1.0) == 5.0


def test_without_the_swap_the_function_runs():
    """Where nothing is opened, a compiled function is the function itself."""
    runs = []

    def f(x):
        runs.append(None)
        return x + 1

    compiled = cr.jit(lambda x: x + 1)
    assert [compiled(1.0) for _ in range(2)] == [2.0, 2.0]
    compiled._function = f
    assert compiled(1.0) == 2.0
    assert not runs
    with cr.without_swap():
        assert compiled(1.0) == 2.0
    assert len(runs) == 1


def test_checked_functions_have_no_paths():
    """With `check=True` each call is compared with a run."""
    compiled = cr.jit(lambda x: x + 1, check=True)
    compiled(1.0)
    assert compiled.fast_paths == ()


def test_functions_that_are_given_up_have_no_paths():
    """Past the cap the function runs as it is, and no recording answers any more."""
    compiled = cr.jit(lambda x: int(x) * 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotCompiledWarning)
        for k in range(40):
            assert compiled(k + 0.5) == k
    assert compiled.fast_paths == ()
    assert compiled(3.5) == 3.0


def test_fields_that_are_no_arrays(slow_calls):
    """Static fields, classes and lengths tell recordings apart, whether values are equal in Python or not."""
    g = cr.jit(lambda p: (p.x * p.mode, type(p).__name__))

    class Other(Point):
        pass

    points = [Point(A, 0.0, mode) for mode in (1, 1.0, True, 0.0, -0.0, 2)] + [Other(A, 0.0, 1), Point(1.5, 0.0, 2)]
    for _ in range(2):
        slow_calls.clear()
        for point in points:
            found, expected = g(point), (point.x * point.mode, type(point).__name__)
            same(found, expected)
            assert np.all(np.signbit(found[0]) == np.signbit(expected[0]))
    assert len(g.specialisations) == len(points)
    assert slow_calls == []


def test_namedtuples_are_not_tuples():
    """A namedtuple, a tuple of the same items, and a namedtuple of another class have recordings of their own."""

    class Other(Pair):
        __slots__ = ()

    g = cr.jit(lambda p: (p[0] + p[1], type(p).__name__))
    for _ in range(2):
        for kind in (Pair, Other):
            assert g(kind(1.0, 2.0)) == (3.0, kind.__name__)
        assert g((1.0, 2.0)) == (3.0, "tuple")


def test_attributes_are_those_of_now(slow_calls):
    """Attributes of objects, of their classes and of those that these inherit from may change between calls."""

    class Base:
        shift = 0.0

        def inner(self, x):
            return self.layers[0].w * x + self.shift

    class Layer:
        __slots__ = ("w",)

    class Model(Base):
        @cr.jit
        def outer(self, x):
            return self.inner(x) + (self.bias if self.has_bias else 0.0)

    model, layer = Model(), Layer()
    model.layers, model.bias, model.has_bias, layer.w = [layer], np.ones(2), True, np.array([2.0, 3.0])

    def expected(x):
        return model.inner(x) + (model.bias if model.has_bias else 0.0)

    def check():
        for _ in range(2):
            slow_calls.clear()
            same(model.outer(A), expected(A))
        assert not slow_calls

    check()
    layer.w, model.bias = layer.w * 2, model.bias - 5.0
    check()
    assert len(Model.outer.specialisations) == 1
    model.has_bias = False
    check()
    Base.shift = 1.0
    check()
    Model.shift = 2.0
    check()
    model.shift = 3.0
    check()
    model.layers[0] = other = Layer()
    other.w = np.array([5.0, 6.0])
    check()
    Base.inner = lambda self, x: -self.layers[0].w * x
    check()
    model.has_bias = True
    check()


def test_classes_of_arguments_may_change(slow_calls):
    """Code of the user's that a class has for a field, from the start or from now on, is left to Python."""

    @dataclass
    class Box:
        w: object

    @dataclass
    class Doubling:
        w: object

    stored = A
    Doubling.w = property(lambda self: 2 * stored, lambda self, value: None)
    g = cr.jit(lambda box: box.w + 1)
    for _ in range(2):
        same(g(Box(A)), A + 1)
        same(g(Doubling(None)), 2 * stored + 1)
    stored = A + 5
    same(g(Doubling(None)), 2 * stored + 1)
    slow_calls.clear()
    box = Box(A)
    same(g(box), A + 1)
    assert not slow_calls
    Box.w = property(lambda self: stored, lambda self, value: None)
    same(g(box), stored + 1)
    assert slow_calls


def test_attributes_that_code_finds():
    """A class that says itself where its attributes are is left to Python."""

    class Odd:
        def __getattribute__(self, name):
            return stored if name == "w" else object.__getattribute__(self, name)

        @cr.jit
        def scaled(self, x):
            return self.w * x

    odd = Odd()
    vars(odd)["w"] = np.array([7.0, 7.0])
    for stored in (np.ones(2), np.array([2.0, 3.0]), np.zeros(2)):
        same(odd.scaled(A), stored * A)


def test_methods():
    """A compiled function in a class is a method."""

    class Scaler:
        def __init__(self, factor):
            self.factor = factor

        @cr.jit
        def scale(self, x):
            return self.factor * x

    doubling, tripling = Scaler(2.0), Scaler(3.0)
    for _ in range(3):
        assert (doubling.scale(1.5), tripling.scale(1.5)) == (3.0, 4.5)
    doubling.factor = 4.0
    assert (doubling.scale(1.5), tripling.scale(1.5)) == (6.0, 4.5)


def test_compiled_code_never_warns():
    """An overflow or a division by zero in compiled code is silent, whatever `np.errstate` says."""
    compiled = cr.jit(lambda x: np.exp(x) / (x - x))
    with np.errstate(all="ignore"):
        compiled(A)
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not np.isfinite(compiled(A * 1e4)).any()


def test_numpys_operations_in_compiled_code(slow_calls):
    """What NumPy does within compiled code is done without the entry's giving up."""

    def f(x):
        return np.linalg.eigvalsh(x).sum() + x[0, 0]

    compiled = cr.jit(f)
    for x in (np.diag([1.0, 2.0]), np.array([[2.0, 1.0], [1.0, 3.0]])):
        assert compiled(x) == pytest.approx(f(x))
    assert len(slow_calls) == 1


@cr.jit
def importable(x):
    """Twice."""
    return 2 * x


def test_copies_are_itself():
    """A copy of a compiled function is the function, as of any function."""
    compiled = cr.jit(lambda x: 2 * x)
    assert copy.copy(compiled) is compiled
    assert copy.deepcopy({"f": compiled})["f"] is compiled


def test_pickles_lead_to_it():
    """A compiled function that a module holds is pickled by its name."""
    assert pickle.loads(pickle.dumps(importable)) is importable


def test_eight_threads():
    """Eight threads that call one function for several shapes get their own results."""
    compiled, wrong = cr.jit(cr.grad(rosenbrock)), []
    points = [np.linspace(0, 1, n) for n in (2, 3, 4, 5)]
    expected = [cr.grad(rosenbrock)(x) for x in points]

    def work(k):
        for i in range(300):
            n = (i + k) % 4
            if not np.allclose(compiled(points[n]), expected[n], rtol=1e-13):
                wrong.append(points[n])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_long_programs_let_others_run():
    """Another thread goes on while a long program runs, and a short one does not pay for it."""
    compiled = cr.jit(lambda x: np.sum(np.sin(x) * np.exp(x)))
    x = np.linspace(0, 1, 3_000_000)
    compiled(A)
    (short,) = compiled.fast_paths
    compiled(x)
    (long,) = (path for path in compiled.fast_paths if path is not short)
    assert long.releases_gil
    assert not short.releases_gil
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            seen.append(time.perf_counter())
            time.sleep(0)

    thread = threading.Thread(target=watch)
    thread.start()
    while not seen:
        time.sleep(0.001)
    # On a busy machine the other thread may get no turn for a while; in one of many calls it does.
    others = 0
    for _ in range(50):
        begin = time.perf_counter()
        compiled(x)
        end = time.perf_counter()
        others = sum(begin < t < end for t in seen)
        if others > 3:
            break
    done.set()
    thread.join()
    assert others > 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork():
    """A forked process calls what was compiled before, and compiles what is new."""
    compiled = cr.jit(cr.grad(rosenbrock))
    x, y = np.array([0.5, 1.5]), np.array([0.5, 1.5, 2.0])
    compiled(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        status = 1
        try:
            same(compiled(x), cr.grad(rosenbrock)(x))
            same(compiled(y), cr.grad(rosenbrock)(y))
            same(compiled(y), cr.grad(rosenbrock)(y))
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_calls_leave_nothing_behind(entry):
    """A million calls, hits and misses, take no memory."""
    compiled = cr.jit(lambda p, x: {"y": p["w"] * x, "z": [np.sum(p["w"])], "s": p["s"] * 2})
    p = {"w": np.ones(3), "s": 1.5}
    count = 300_000 if entry else 2_000
    for x in (2.0, np.ones(3)):
        compiled(p, x)
    for _ in range(100):
        compiled(p, 2.0), compiled(p, np.ones(3)), compiled(p, x=2.0)
    gc.collect()
    before = memory()
    for _ in range(count):
        compiled(p, 2.0)
        compiled(p, p["w"])
    assert memory() - before < 2**20
    tracemalloc.start()
    try:
        # Python keeps some thousand free objects of a kind.
        for _ in range(4000):
            compiled(p, 2.0)
            compiled(p, x=2.0)
        grown = []
        for _ in range(5):
            first = tracemalloc.get_traced_memory()[0]
            for _ in range(1000):
                compiled(p, 2.0)
                compiled(p, x=2.0)
            grown.append(tracemalloc.get_traced_memory()[0] - first)
        # What a call leaves behind, each thousand leaves; a table of Python's, or another thread, grows once.
        assert min(grown) < 10_000
    finally:
        tracemalloc.stop()


def test_compilations_leave_nothing_behind():
    """Code, engines and pass managers are given back when a compiled function is gone."""

    def compile_one(k):
        compiled = cr.jit(lambda x: np.sum(x * k + x))
        compiled(A), compiled(A)

    for k in range(20):
        compile_one(float(k))
    gc.collect()
    before = memory()
    for k in range(60):
        compile_one(float(k))
        gc.collect(0)
    gc.collect()
    assert memory() - before < 60 * 20_000


def test_a_function_among_its_own_globals_is_collected():
    """A compiled function that its own globals hold goes with them."""
    names = {"np": np}
    exec("def f(x):\n    return np.sum(x) * w", names)
    names["w"] = np.ones(2)
    names["f"] = compiled = cr.jit(names["f"])
    compiled(A), compiled(A)
    gone = weakref.ref(compiled)
    del names, compiled
    gc.collect()
    assert gone() is None
