"""Functions that run over our NumPy: their names, globals and variables, whose they are, and what they leave."""

import concurrent.futures
import functools
import gc
import importlib
import inspect
import itertools
import math
import operator
import subprocess
import sys
import textwrap
import threading
import time
import traceback
import types
import warnings
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule.numpy.swap import is_user_file, opened

X = np.array([0.7, -1.2, 1.9])
FACTOR = 2.0
WEIGHTS = np.arange(3.0)
COUNT = 0


def grad(f, x=X):
    """The gradient of a function that makes its own assertions."""
    return cr.grad(f)(x)


def helper(x: np.ndarray, power=2, *rest, scale=FACTOR, **options):
    """Raise to a power."""
    y = np.zeros(x.shape)
    y[:] = x**power * scale
    return y


# Functions


def test_functions_keep_what_people_see_of_them():
    """Name, documentation, signature, defaults, module and attributes of a function are the same inside."""
    outside = (helper.__name__, helper.__qualname__, helper.__doc__, helper.__module__, inspect.signature(helper))

    def f(x):
        inside = (helper.__name__, helper.__qualname__, helper.__doc__, helper.__module__, inspect.signature(helper))
        assert inside == outside
        assert helper.__defaults__ == (2,)
        assert helper.__kwdefaults__ == {"scale": 2.0}
        assert helper.__annotations__ == {"x": np.ndarray}
        assert f.__name__ == "f"
        helper.calls = getattr(helper, "calls", 0) + 1
        return helper(x).sum()

    assert np.allclose(grad(f), 4 * X)
    assert vars(helper).pop("calls") == 1


def test_functions_are_themselves():
    """A function is the same object wherever opened code meets it: as a global, in a container, as an argument."""
    functions = {"h": helper}

    def f(x, given):
        assert given is helper
        assert functions["h"] is helper
        assert [helper][0] is helper
        assert (np.sin, math.sin) == KNOWN
        return given(x).sum()

    assert np.allclose(cr.grad(f)(X, helper), 4 * X)


KNOWN = (np.sin, math.sin)


def test_user_arguments_of_any_name():
    """A function may call its parameters what it likes."""
    assert cr.grad(lambda run, f=1.0: run * f)(2.0, f=3.0) == 3.0


def test_lines_in_tracebacks():
    """A traceback, a tracer and a warning name the file and line of the user's code."""

    def fails(x):
        y = np.zeros(3) + x
        raise KeyError(y.shape)

    line = fails.__code__.co_firstlineno
    with pytest.raises(KeyError) as caught:
        grad(fails)
    last = traceback.extract_tb(caught.tb)[-1]
    assert (last.filename, last.lineno, last.name) == (__file__, line + 2, "fails")

    seen = []

    def tracer(frame, event, _):
        if frame.f_code is fails.__code__:
            seen.append(frame.f_lineno - line)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(KeyError):
            grad(fails)
    finally:
        sys.settrace(before)
    assert sorted(set(seen)) == [0, 1, 2]


def test_warnings_are_given_once_for_a_line():
    """A warning that Python shows once for each line is shown once, however many derivatives are taken."""

    def warns(x):
        warnings.warn("careful", stacklevel=1)
        return x.sum()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            grad(warns)
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, warns.__code__.co_firstlineno + 1)]


def test_names_for_debuggers():
    """An expression that a debugger evaluates in a frame finds the global names: after an error, or at a breakpoint."""

    def fails(x):
        raise KeyError

    with pytest.raises(KeyError) as caught:
        grad(fails)
    frame = list(traceback.walk_tb(caught.tb))[-1][0]
    assert eval("FACTOR + len(x)", frame.f_globals, frame.f_locals) == 5.0

    values = []

    def hook():
        frame = sys._getframe(1)
        values.append(eval("FACTOR * len(x)", frame.f_globals, frame.f_locals))

    def stops(x):
        breakpoint()
        return x.sum()

    before, sys.breakpointhook = sys.breakpointhook, hook
    try:
        grad(stops)
    finally:
        sys.breakpointhook = before
    assert values == [6.0]


# Globals


def make(source, name="usercode", **names):
    """The namespace of a piece of code."""
    namespace = {"__name__": name, **names}
    exec(compile(textwrap.dedent(source), "<stdin>", "exec"), namespace)
    return namespace


def test_globals_are_read_live():
    """What a name means is looked up at each use: between derivatives and within one."""
    namespace = make(
        """
        import numpy as np
        def g(x): return x * 2
        def f(x):
            first = g(x)
            change()
            return (first * g(x) + np.zeros(3)).sum()
        """
    )
    namespace["change"] = lambda: namespace.update(g=lambda x: x * 3)
    f = namespace["f"]
    assert np.allclose(grad(f), 2 * 2 * 3 * X)
    namespace.update(g=lambda x: np.zeros(3) + x, change=lambda: None)
    assert np.allclose(grad(f), 2 * X)
    del namespace["change"]
    with pytest.raises(NameError, match="change"):
        grad(f)


def test_redefinition_in_a_session():
    """A function that is defined again is the one that is used."""
    namespace = make("import numpy as np\ndef g(x): return x\ndef f(x): return g(x).sum()")
    assert grad(namespace["f"]).tolist() == [1.0, 1.0, 1.0]
    exec("def g(x): return np.ones(3) * x * 5", namespace)
    assert grad(namespace["f"]).tolist() == [5.0, 5.0, 5.0]


def test_global_stores():
    """A `global` statement stores where every function reads it: opened, plain, in this module or through it."""
    namespace = make(
        """
        import numpy as np
        count = 0
        array = np.ones(3)
        def bump():
            global count, array, made
            count += 1
            array = array + count
            made = np.zeros(2)
        def f(x):
            bump()
            assert count == 1 == plain()
            bump()
            assert count == 2 == plain()
            reset()
            assert count == 10
            bump()
            return (x * array).sum() * count
        def forget():
            global made
            del made
        def g(x):
            forget()
            try:
                made
            except NameError:
                return x.sum()
        """
    )
    namespace["plain"] = functools.partial(namespace.__getitem__, "count")
    namespace["reset"] = functools.partial(namespace.__setitem__, "count", 10)
    assert grad(namespace["f"]).tolist() == [165.0] * 3
    assert namespace["count"] == 11
    assert type(namespace["array"]) is type(namespace["made"]) is np.ndarray
    assert namespace["array"].tolist() == [15.0] * 3
    assert grad(namespace["g"]).tolist() == [1.0] * 3
    assert "made" not in namespace


def test_global_that_still_carries_a_derivative():
    """A traced value that was left in a global raises at its next use, and says where it came from."""
    namespace = make("def f(x):\n    global last\n    last = x * 2\n    return x.sum()")
    grad(namespace["f"])
    assert repr(namespace["last"]) == repr(2 * X)
    with pytest.raises(cr.errors.EndedLevelError, match="has_aux"):
        namespace["last"] + 1
    with pytest.raises(cr.errors.EndedLevelError, match="stop_gradient"):
        np.asarray(namespace["last"])


def test_the_dict_of_globals():
    """`globals()` is the namespace of the module, with what stands for each object."""

    def f(x):
        names = globals()
        assert names["FACTOR"] == 2.0
        assert "FACTOR" in names
        assert "zeros" not in names
        assert names.get("missing", 1) == 1
        assert len(names) == len(list(names)) == len(dict(names))
        assert names["np"] is np
        names["ADDED"] = np.ones(3)
        names["ADDED"][0] = 2.0
        assert names.pop("FACTOR") == 2.0
        names.setdefault("FACTOR", 2.0)
        return dict(names)["helper"](x).dot(names["ADDED"])

    assert np.allclose(grad(f), 4 * X * [2, 1, 1])
    assert type(globals().pop("ADDED")) is np.ndarray


# Variables of enclosing functions


def test_shared_variables():
    """Functions that share a variable see each other's stores, whichever of them was met first."""
    array, number, nothing = np.ones(3), 1.0, None

    def store(value):
        nonlocal array, number, nothing
        array = value
        number += 1
        nothing = np.zeros(3)

    def read():
        return array, number, nothing

    def f(x):
        assert read()[1] == number
        before = read()[0].dot(x)
        store(x * 2)
        after, count, buffer = read()
        buffer[0] = x[0]
        assert nothing is buffer
        return before + after.sum() * count + buffer.sum()

    assert grad(f).tolist() == [6.0, 5.0, 5.0]
    assert number == 2.0
    assert type(nothing) is np.ndarray
    with pytest.raises(cr.errors.EndedLevelError):
        array + 1
    array, number = np.full(3, 2.0), 5.0
    assert grad(f).tolist() == [15.0, 14.0, 14.0]


def test_variables_that_are_rebound_outside():
    """An enclosing variable is read afresh when a derivative is taken."""
    weights = np.ones(3)

    def f(x):
        return weights.dot(x)

    for k in (1.0, 2.0):
        assert grad(f).tolist() == [k] * 3
        weights = weights * 2


def test_recursive_closures():
    """A nested function that calls itself, and two that call each other, are opened."""

    def even(x, n):
        return np.zeros(3) + x if n == 0 else odd(x, n - 1) * 2

    def odd(x, n):
        return even(x, n - 1) * 3

    assert grad(lambda x: even(x, 4).sum()).tolist() == [36.0] * 3


def test_mutable_defaults():
    """A default that collects values is the same list inside and outside."""

    def f(x, seen=[], memo={}):  # noqa: B006  # what the test is about
        seen.append(len(seen))
        memo["zeros"] = np.zeros(3)
        return (x + memo["zeros"]).sum()

    grad(f)
    grad(f)
    assert f.__defaults__[0] == [0, 1]
    assert type(f.__defaults__[1]["zeros"]) is np.ndarray


def test_caches_remember_within_a_derivative():
    """A cached function is computed once for equal plain arguments, and never for traced ones."""
    calls = []

    @functools.cache
    def fibonacci(n):
        calls.append(n)
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    @functools.cache
    def square(v):
        calls.append("square")
        return v * v

    def f(x):
        assert fibonacci(30) == 832040
        assert fibonacci.cache_info().currsize == 0
        return square(x[0]) + square(x[1]) + square(3.0) * square(3.0) * x[2]

    assert grad(f, np.array([2.0, 2.0, 1.0])).tolist() == [4.0, 4.0, 81.0]
    assert calls.count("square") == 3
    assert len(calls) == 31 + 3
    assert fibonacci.cache_info().currsize == 0


def test_traced_keys_are_refused():
    """A memo keyed by traced numbers would mix variables of equal value, so it raises."""
    memo = {}

    def square(v):
        if v not in memo:
            memo[v] = v * v
        return memo[v]

    with pytest.raises(cr.errors.LeakError, match=r"hashed(.|\n)*if v not in memo"):
        grad(lambda x: square(x[0]) + square(x[1]), np.array([2.0, 2.0]))


# Whose code it is


def test_libraries_are_not_opened():
    """Functions of the standard library, of installed packages and of chainrule run as they are."""

    def f(x):
        assert textwrap.dedent is DEDENT
        assert cr.grad is GRAD
        assert inspect.signature is SIGNATURE
        assert itertools is ITERTOOLS
        assert sys.modules["numpy"] is not np
        return x.sum()

    assert grad(f).tolist() == [1.0] * 3


DEDENT, GRAD, SIGNATURE, ITERTOOLS = textwrap.dedent, cr.grad, inspect.signature, itertools


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that is installed, as far as anyone can tell."""
    folder = tmp_path / "lib" / "site-packages"
    (folder / "installed_models").mkdir(parents=True)
    (folder / "installed_models" / "__init__.py").write_text("from installed_models.net import Net, loss\n")
    (folder / "installed_models" / "net.py").write_text(
        textwrap.dedent(
            """
            import numpy as np
            def loss(x):
                y = np.zeros(3)
                y[:] = x
                return y.sum()
            class Net:
                def loss(self, x):
                    return loss(x)
            """
        )
    )
    monkeypatch.syspath_prepend(folder)
    yield importlib.import_module("installed_models")
    for name in ("installed_models", "installed_models.net"):
        sys.modules.pop(name)


def test_installed_packages_are_opened_by_name(package, monkeypatch):
    """An installed package refuses to leak, and is opened when it is named."""
    ownership = importlib.import_module("chainrule.numpy.swap.ownership")
    monkeypatch.setattr(ownership, "_entered", set(ownership._entered))
    net = package.Net()
    for f in (package.loss, net.loss, lambda x: package.loss(x)):
        with pytest.raises(cr.errors.LeakError, match=r"np.asarray"):
            grad(f)
    cr.trace_into("installed_models")
    for f in (package.loss, net.loss, lambda x: package.loss(x) + package.Net().loss(x) * 0):
        assert grad(f).tolist() == [1.0] * 3
    ownership.is_user_file.cache_clear()
    ownership._classes.clear()


@pytest.mark.parametrize(
    ("filename", "module", "users"),
    [
        ("/home/ada/project/model.py", "model", True),
        ("/home/ada/project/venv/../model.py", "model", True),
        ("<stdin>", "__main__", True),
        ("<ipython-input-3-0f1e>", "__main__", True),
        ("<string>", "generated", True),
        ("<doctest model.f[0]>", "model", True),
        ("<string>", "collections", False),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap", False),
        ("<__array_function__ internals>", "numpy", False),
        ("/usr/lib/python3/dist-packages/scipy/optimize.py", "scipy.optimize", False),
        ("/home/ada/.local/lib/python3.11/site-packages/model.py", "model", False),
        (math.__spec__.origin if math.__spec__.origin != "built-in" else functools.__file__, "functools", False),
        (functools.__file__, "functools", False),
        (np.__file__, "numpy", False),
        (cr.__file__, "chainrule", False),
        (__file__, __name__, True),
    ],
)
def test_whose_file_it_is(filename, module, users):
    """Code belongs to the user unless it lies in the standard library, among installed packages, or in chainrule."""
    assert is_user_file(filename, module) is users


def test_project_beside_its_virtual_environment():
    """A project in the folder that holds its virtual environment is the user's."""
    assert is_user_file(sys.prefix + "/../project/model.py", "model")
    assert is_user_file(sys.prefix + "/model.py", "model")


def test_decorators_of_libraries_are_opened():
    """A function that a library wrapped is opened, and the wrapper stays what it is."""
    import contextlib

    @contextlib.contextmanager
    def buffer():
        yield np.zeros(3)

    def f(x):
        with buffer() as y:
            y[:] = x
        assert buffer.__name__ == "buffer"
        return y.sum()

    assert grad(f).tolist() == [1.0] * 3


# The switch


def test_without_the_swap():
    """Turned off, only NumPy's protocols carry derivatives; what they cannot carry raises."""
    with cr.without_swap():
        assert np.allclose(grad(lambda x: np.sum(np.sin(x) * WEIGHTS)), np.cos(X) * WEIGHTS)
        with pytest.raises(cr.errors.LeakError):
            grad(lambda x: math.sin(x[0]))
        with pytest.raises(cr.errors.LeakError):
            grad(lambda x: helper(x).sum())
    assert np.allclose(grad(lambda x: helper(x).sum()), 4 * X)


def test_switch_of_another_thread():
    """The switch is turned off for the thread that asks."""
    with cr.without_swap(), concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert np.allclose(pool.submit(grad, lambda x: helper(x).sum()).result(), 4 * X)


def test_our_numpy_openly():
    """`chainrule.numpy` is the same namespace without the swap."""
    import chainrule.numpy as ours

    def f(x):
        y = ours.zeros(3)
        y[:] = x
        return y.sum()

    with cr.without_swap():
        assert grad(f).tolist() == [1.0] * 3


# Leaks

HIDDEN = np.zeros(3)
SOURCE = itertools.repeat(HIDDEN)


@pytest.mark.parametrize(
    "write",
    [
        lambda plain, x: plain.__setitem__(0, x[0]),
        lambda plain, x: plain.__setitem__(slice(None), x),
        lambda plain, x: plain.__setitem__(plain == 0, x[0]),
        lambda plain, x: plain.__setitem__(slice(2), [x[0], x[1]]),
        lambda plain, x: plain.fill(x[0]),
        lambda plain, x: plain.itemset(x[0]) if hasattr(plain, "itemset") else plain.put(0, x[0]),
        lambda plain, x: plain.dot(x),
        lambda plain, x: plain.searchsorted(x),
    ],
)
def test_leaks_name_the_line(write):
    """What would store a traced value in a plain array raises, names the user's line, and leaves the array alone."""

    def f(x):
        write(next(SOURCE), x)
        return x.sum()

    with pytest.raises(cr.errors.LeakError, match=r"lambda plain, x(.|\n)*test_swap.py:\d+"):
        grad(f)
    assert not HIDDEN.any()


def test_captured_arrays_are_not_written():
    """A write to an array from outside raises, names the line, and leaves the array alone."""

    def f(x):
        WEIGHTS[0] = x[0]
        return x.sum()

    before = WEIGHTS.copy()
    with pytest.raises(cr.errors.TracedAssignmentError, match=r"WEIGHTS\[0\] = x\[0\](.|\n)*test_swap.py:\d+"):
        grad(f)
    assert np.array_equal(WEIGHTS, before)
    assert grad(lambda x: (WEIGHTS.copy() * x).sum()).tolist() == WEIGHTS.tolist()


def test_arrays_of_text():
    """Arrays that hold no numbers are met as they are."""
    labels = np.array(["a", "b", "a"])
    assert grad(lambda x: (x * (labels == "a")).sum()).tolist() == [1.0, 0.0, 1.0]


# What is kept alive, and what is left


def test_nothing_is_kept_alive():
    """When a derivative has been taken, the arrays and functions that it used are held by nobody."""

    def made():
        weights = np.ones(3)

        def f(x):
            return weights.dot(x)

        return f, weakref.ref(f), weakref.ref(weights)

    f, function, weights = made()
    gc.disable()
    try:
        grad(f)
        cr.hessian(f)(X)
        cr.vmap(f)(np.ones((2, 3)))
        del f
        assert function() is None
        assert weights() is None
    finally:
        gc.enable()


def test_namespaces_are_let_go():
    """A namespace whose code was differentiated dies with the code."""
    namespace = make(
        """
        import numpy as np
        W = np.ones(3)
        class Model:
            def __init__(self): self.w = W
            def loss(self, x): return self.w.dot(x)
        model = Model()
        def g(x): return W.dot(x)
        def f(x): return g(x) + model.loss(x) + Model().loss(x)
        """
    )
    grad(namespace["f"])
    grad(namespace["model"].loss)
    references = [weakref.ref(namespace[name]) for name in ("W", "Model", "model", "g", "f")]
    del namespace
    gc.collect()
    assert [reference() for reference in references] == [None] * 5


RESTING = """
    import numpy as np
    import warnings
    SCALE = 2.0
    kept = []
    def plain(x, numpy=np): return numpy.sum(SCALE * x)
    def keeps_a_function(x):
        kept.append(lambda y: np.sum(y) * SCALE)
        return np.sum(x)
    def keeps_a_generator(x):
        kept.append(np.sum(y) for y in (np.ones(3),))
        return np.sum(x)
    def keeps_itself(x):
        kept.append(keeps_itself)
        return np.sum(x)
    def warns(x):
        warnings.warn("once")
        return np.sum(x)
    def fails(x):
        if x[0] > 5:
            raise RuntimeError
        return np.sum(x)
    """


ENCLOSING = """
    import numpy as np
    kept = []
    def helper(x): return 2.0 * x
    def calls(x): return np.sum(helper(x))
    def wrapped(h): return lambda x: np.sum(h(x))
    def counts(x):
        counts.calls = getattr(counts, "calls", 0) + 1
        return np.sum(getattr(counts, "factor", 1.0) * x)
    class Model:
        def __init__(self, weights): self.weights = weights
        def scaled(self, x): return self.weights * x
        def loss(self, x): return np.sum(self.scaled(x))
        __call__ = loss
    def recursive(x, n=3): return np.sum(x) if n == 0 else 2 * recursive(x, n - 1)
    def nested_recursion():
        def recursive(x, n=3): return np.sum(x) if n == 0 else 2 * recursive(x, n - 1)
        return recursive
    def enclosing(k):
        def f(x): return np.sum(k * x)
        def change(value):
            nonlocal k
            k = value
        return f, change
    def shares(k):
        def first(x): return np.sum(k * x)
        def second(x): return first(x) + np.sum(k * x)
        def change(value):
            nonlocal k
            k = value
        return first, second, change
    def keeps_inner(k):
        def f(x):
            kept.append(lambda y: k * y)
            return np.sum(k * x)
        return f
    def keeps_generator(k):
        def f(x):
            kept.append(1.0 * k for _ in range(1))
            return np.sum(k * x)
        return f
    def keeps_enclosed(k):
        def g(y): return k * y
        def f(x):
            kept.append(g)
            return np.sum(g(x))
        return f
    """


class TestRunsAtRest:
    """A plain function is run again and again by one run, which rests in between; nobody can tell."""

    def test_globals_are_read_afresh(self):
        namespace = make(RESTING)
        f = namespace["plain"]
        assert grad(f).tolist() == [2.0, 2.0, 2.0]
        namespace["SCALE"] = 3.0
        assert grad(f).tolist() == [3.0, 3.0, 3.0]
        namespace["SCALE"] = np.array([1.0, 2.0, 4.0])
        assert grad(f).tolist() == [1.0, 2.0, 4.0]
        f.__defaults__ = (types.SimpleNamespace(sum=operator.itemgetter(0)),)
        assert grad(f).tolist() == [1.0, 0.0, 0.0]
        f.__defaults__ = (np,)
        f.__code__ = (lambda x, numpy: numpy.sum(x * x)).__code__
        assert grad(f).tolist() == (2 * X).tolist()

    def test_the_function_and_its_module_can_be_freed(self):
        namespace = make(RESTING)
        namespace["SCALE"] = np.array([1.0, 2.0, 4.0])
        grad(namespace["plain"])
        grad(namespace["plain"])
        function, array = weakref.ref(namespace["plain"]), weakref.ref(namespace["SCALE"])
        del namespace
        gc.collect()
        assert function() is None
        assert array() is None

    @pytest.mark.parametrize("name", ["keeps_a_function", "keeps_a_generator", "keeps_itself"])
    def test_what_escapes_is_plain_again(self, name):
        """What a run left somewhere is not of a later one: there it would be opened, and given plain arrays."""
        namespace = make(RESTING)
        f, kept = namespace[name], namespace["kept"]
        grad(f)
        grad(f)
        first = kept[0]

        def use(x):
            # Inside of a derivative of another function, and of the same.
            grad(f)
            return np.sum(x)

        grad(use)
        if name == "keeps_itself":
            assert first is f
            return
        result = next(first) if name == "keeps_a_generator" else first(np.ones(3))
        assert type(result) is np.float64
        assert result == (3.0 if name == "keeps_a_generator" else 6.0)

    def test_warnings_are_given_once_for_a_line(self):
        namespace = make(RESTING)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            grad(namespace["warns"])
            grad(namespace["warns"])
        assert len(caught) == 1

    def test_after_an_error(self):
        f = make(RESTING)["fails"]
        assert grad(f).tolist() == [1.0, 1.0, 1.0]
        with pytest.raises(RuntimeError):
            cr.grad(f)(np.full(3, 9.0))
        assert grad(f).tolist() == [1.0, 1.0, 1.0]

    def test_within_itself(self):
        """A derivative of a function that is being differentiated runs in the same run, and leaves it running."""
        namespace = make("import numpy as np\ndef f(x): return np.sum(np.zeros(3) + x**3)")
        f = namespace["f"]
        grad(f)
        found = cr.grad(lambda x: np.sum(cr.grad(f)(x) * np.zeros(3) + cr.grad(f)(x)))(X)
        np.testing.assert_allclose(found, 6 * X, rtol=1e-15)
        np.testing.assert_allclose(grad(f), 3 * X**2, rtol=1e-15)

    def test_enclosed_variables_are_read_afresh(self):
        namespace = make(ENCLOSING)
        f, change = namespace["enclosing"](2.0)
        for value in (3.0, np.array([1.0, 2.0, 4.0]), np.array([4.0, 2.0, 1.0]), 5, np.full(3, 7.0), 2.0):
            for _ in range(3):
                change(value)
                np.testing.assert_array_equal(grad(f), np.broadcast_to(value, 3))

    def test_helper_functions_are_read_afresh(self):
        namespace = make(ENCLOSING)
        f = namespace["calls"]
        for factor in (2.0, 3.0, 3.0):
            namespace["helper"] = make(f"def helper(x): return {factor} * x")["helper"]
            assert grad(f).tolist() == grad(f).tolist() == [factor] * 3
        namespace["helper"].__code__ = (lambda x: 5.0 * x).__code__
        assert grad(f).tolist() == grad(f).tolist() == [5.0] * 3
        # The same helper is met by another function, enclosed in a third, and differentiated itself.
        other = make("import numpy as np\ndef other(x): return np.sum(h(x) * h(x))", h=namespace["helper"])["other"]
        wrapped = namespace["wrapped"](namespace["helper"])
        for _ in range(3):
            np.testing.assert_allclose(grad(other), 50 * X, rtol=1e-15)
            np.testing.assert_allclose(grad(wrapped), [5.0] * 3, rtol=1e-15)
            np.testing.assert_allclose(cr.grad(namespace["helper"])(1.5), 5.0, rtol=1e-15)
            assert grad(f).tolist() == [5.0] * 3

    def test_two_functions_share_a_variable(self):
        namespace = make(ENCLOSING)
        first, second, change = namespace["shares"](np.array([1.0, 2.0, 4.0]))
        for value in (np.ones(3), 3.0, np.full(3, 2.0)):
            change(value)
            for _ in range(2):
                np.testing.assert_array_equal(grad(first), np.broadcast_to(value, 3))
                np.testing.assert_array_equal(grad(second), 2 * np.broadcast_to(value, 3))

    def test_attributes_of_functions_are_shared(self):
        namespace = make(ENCLOSING)
        f = namespace["counts"]
        f.factor = 2.0
        for calls in range(1, 4):
            assert grad(f).tolist() == [2.0] * 3
            assert f.calls == calls
        f.factor = np.array([1.0, 2.0, 4.0])
        assert grad(f).tolist() == [1.0, 2.0, 4.0]
        del f.factor, f.calls
        assert grad(f).tolist() == [1.0] * 3
        assert f.calls == 1
        decorated = functools.wraps(f)(lambda x: f(x) * 2)
        for _ in range(2):
            assert grad(decorated).tolist() == [2.0] * 3

    def test_methods_are_found_afresh(self):
        namespace = make(ENCLOSING)
        model = namespace["Model"](np.array([1.0, 2.0, 4.0]))
        for f in (model.loss, model):
            model.weights = np.array([1.0, 2.0, 4.0])
            for _ in range(3):
                assert grad(f).tolist() == [1.0, 2.0, 4.0]
            model.weights = 3.0
            assert grad(f).tolist() == [3.0] * 3
        method = model.loss
        assert grad(method).tolist() == [3.0] * 3
        namespace["Model"].scaled = lambda self, x: 5.0 * x
        assert grad(method).tolist() == [5.0] * 3
        reference = weakref.ref(model)
        del model, method, f
        gc.collect()
        assert reference() is None

    def test_a_recursive_function_rests(self):
        namespace = make(ENCLOSING)
        for f in (namespace["recursive"], namespace["nested_recursion"]()):
            for _ in range(3):
                assert grad(f).tolist() == [8.0, 8.0, 8.0]

    @pytest.mark.parametrize("name", ["keeps_inner", "keeps_generator", "keeps_enclosed"])
    def test_what_escapes_from_an_enclosing_function_is_plain_again(self, name):
        namespace = make(ENCLOSING)
        f, kept = namespace[name](np.full(3, 2.0)), namespace["kept"]
        for _ in range(3):
            grad(f)
        assert len(kept) == 3
        for each in kept:
            result = next(each) if name == "keeps_generator" else each(np.ones(3))
            assert type(result) is np.ndarray
            assert result.tolist() == [2.0, 2.0, 2.0]

    def test_what_is_enclosed_can_be_freed(self):
        class Data(np.ndarray):
            """An array that can be referred to weakly."""

        namespace = make(ENCLOSING)
        data = np.full(3, 2.0).view(Data)
        f, _ = namespace["enclosing"](data)
        grad(f), grad(f)
        references = weakref.ref(f), weakref.ref(data), weakref.ref(namespace["helper"])
        del f, data, _, namespace
        gc.collect()
        assert [reference() for reference in references] == [None] * 3

    def test_fresh_lambdas_leave_no_garbage(self):
        """Only the last runs of a thread rest; those before are gone without the garbage collector."""
        grad(lambda x: np.sum(x))
        while gc.collect():
            pass
        gc.disable()
        try:
            for k in range(100):
                grad(lambda x, k=k: k * np.sum(helper(x)))
            assert gc.collect() < 100
        finally:
            gc.enable()

    def test_in_several_threads(self):
        f = make(RESTING)["plain"]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: grad(f).tolist(), range(200)))
        assert found == [[2.0, 2.0, 2.0]] * 200


def test_derivatives_leave_no_garbage():
    """Taking derivatives makes nothing that only the garbage collector can free."""

    class Model:
        def __init__(self):
            self.w = np.ones(3)

        def loss(self, x):
            return self.w.dot(helper(x))

    model = Model()

    def f(x):
        return model.loss(x) + [helper][0](x).sum()

    grad(f)
    # Until nothing is left: a class that died earlier takes the class of its look-alikes with it.
    while gc.collect():
        pass
    gc.disable()
    try:
        for _ in range(100):
            grad(f)
        # Less than an object for each derivative: other threads, such as the test runner's, may leave a few.
        assert gc.collect() < 100
    finally:
        gc.enable()


def test_functions_that_outlive_the_derivative():
    """A function or generator that was made inside and is used later works on plain arrays."""

    class Model:
        def loss(self, x):
            self.made = lambda v: np.zeros(3) + WEIGHTS * v + math.sin(FACTOR)
            self.numbers = (np.zeros(2) + k for k in range(2))
            self.helper = helper
            self.bound = self.scaled
            return x.sum()

        def scaled(self, v):
            return WEIGHTS * v

    model = Model()
    grad(model.loss)
    assert type(model.made(2.0)) is np.ndarray
    assert np.allclose(model.made(2.0), 2 * WEIGHTS + math.sin(2.0))
    assert type(next(model.numbers)) is np.ndarray
    assert model.helper is helper
    assert type(model.bound(2.0)) is np.ndarray
    assert np.allclose(grad(lambda x: model.made(x).sum() + model.bound(x).sum()), 2 * WEIGHTS)


def test_threads():
    """Derivatives that are taken in several threads at once do not meet."""
    namespace = make(
        """
        import numpy as np
        total = 0.0
        class Model:
            def __init__(self): self.w = np.ones(3)
            def loss(self, x):
                y = np.zeros(3)
                y[:] = self.w * x
                return y.dot(y)
        model = Model()
        def f(x, k):
            global total
            total = k
            y = np.zeros(3) + k
            return model.loss(x) * k + y.dot(x)
        """
    )
    f, model = namespace["f"], namespace["model"]
    start = threading.Barrier(4)

    def work(k):
        start.wait()
        for _ in range(20):
            assert np.allclose(cr.grad(f)(X, k), 2 * k * X + k)
            assert type(model.loss(X)) is np.float64
            assert type(model.w) is np.ndarray

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [1.0, 2.0, 3.0, 4.0]))


def test_threads_inside():
    """A function may use threads itself: what it hands to them is opened."""

    def f(x):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda v: (np.zeros(2) + v**2).sum(), x))

    assert np.allclose(grad(f), 4 * X)


def test_exceptions_leave_things_in_order():
    """After an error, what was stored is plain, and the next derivative is right."""
    left = []

    def f(x):
        left.append(np.zeros(3))
        if len(left) == 1:
            raise KeyError
        return (x * left[-1] + x).sum()

    with pytest.raises(KeyError):
        grad(f)
    assert type(left[0]) is np.ndarray
    assert grad(f).tolist() == [1.0] * 3


def test_opened_functions_outside_of_derivatives():
    """Opening is for a call: it takes and returns what the function does."""
    assert opened(lambda x, *, y: x + y)(1, y=2) == 3
    assert opened(types.SimpleNamespace)(a=1).a == 1
    assert opened(functools.partial(max, 3))(5) == 5


# What it costs


def test_look_ups_are_cheap():
    """A global name costs well below a microsecond more inside than outside, and a fresh lambda a few to open."""

    def names(n):
        for _ in range(n):
            FACTOR, np, helper, len  # noqa: B018  # the look-ups are what is measured

    def best(f):
        times = []
        for _ in range(5):
            start = time.process_time()
            f(5000)
            times.append(time.process_time() - start)
        return min(times) / 5000

    assert (best(opened(names)) - best(names)) / 4 < 1e-6

    def fresh(n):
        for _ in range(n):
            opened(lambda x: x)(1.0)

    assert best(fresh) < 40e-6


def test_import_of_the_user_is_left_alone():
    """Loading chainrule, and taking a derivative, changes nothing in NumPy, `math` or the builtins."""
    code = """
        import builtins, math, numpy as np
        before = [dict(vars(m)) for m in (builtins, math, np, np.linalg)]
        import chainrule as cr
        cr.grad(lambda x: np.zeros(3).dot(x) + math.sin(x[0]) + float(x[1]))(np.ones(3))
        for m, names in zip((builtins, math, np, np.linalg), before):
            assert all(vars(m)[name] is value for name, value in names.items())
    """
    subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(code)], check=True)
