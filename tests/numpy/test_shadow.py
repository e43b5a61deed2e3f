"""The user's objects, classes, containers and modules in differentiated functions, and what they are afterwards."""

import collections
import copy
import dataclasses
import functools
import gc
import importlib
import json
import math
import pickle
import sys
import textwrap
import types
import weakref

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.7, -1.2, 1.9])


def grad(f, x=X):
    """The gradient of a function that makes its own assertions."""
    return cr.grad(f)(x)


class Model:
    """A class of the user's."""

    instances = 0

    def __init__(self, w=None):
        self.w = np.ones(3) if w is None else w
        self.calls = 0
        self.history = []
        self.memo = {}

    def loss(self, x):
        self.calls += 1
        y = np.zeros(3)
        y[:] = self.w * x
        return y.sum()

    def twin(self):
        return type(self)(self.w)


MODEL = Model()


# What is seen inside


def test_arrays_of_objects_are_constants():
    """An array that an object holds takes part as a constant, and refuses writes."""

    def f(x):
        assert isinstance(MODEL.w, np.ndarray)
        return MODEL.w.dot(x) + MODEL.w[1:].dot(x[1:])

    assert grad(f).tolist() == [1.0, 2.0, 2.0]

    def writes(x):
        MODEL.w[0] = x[0]
        return x.sum()

    with pytest.raises(cr.errors.TracedAssignmentError, match=r"MODEL.w\[0\] = x\[0\]"):
        grad(writes)
    assert MODEL.w.tolist() == [1.0] * 3


def test_objects_are_themselves():
    """However an object is reached, it is one object, and equal to itself."""
    models = [MODEL, Model()]
    table = {MODEL: 1.0, "m": MODEL}

    def f(x):
        assert models[0] is MODEL is table["m"]
        assert models[0] == MODEL != models[1]
        assert MODEL in models
        assert models.index(MODEL) == 0
        assert table[MODEL] == 1.0
        assert hash(MODEL) == next(iter({MODEL: hash(MODEL)}.values()))
        assert MODEL.history is MODEL.history
        made = Model()
        made.parent, made.self = MODEL, made
        assert made.self is made
        assert made.parent is MODEL
        return MODEL.loss(x)

    assert grad(f).tolist() == [1.0] * 3


def test_instance_attributes_hide_methods():
    """An attribute of the instance goes before a method of its class, a property before both."""

    class Thing:
        @property
        def size(self):
            return np.zeros(3) + 3

        def scale(self, x):
            return x * 100

    thing = Thing()
    thing.scale = lambda x: np.zeros(3) + 2 * x
    vars(thing)["size"] = 1

    assert grad(lambda x: (thing.scale(x) * thing.size).sum()).tolist() == [6.0] * 3


def test_classes_changed_inside_and_outside():
    """A method that is replaced is the new one, from outside between derivatives and from inside at once."""

    class Thing:
        def value(self, x):
            return x.sum()

    thing = Thing()
    assert grad(lambda x: thing.value(x)).tolist() == [1.0] * 3
    Thing.value = lambda self, x: (np.zeros(3) + 2 * x).sum()
    assert grad(lambda x: thing.value(x)).tolist() == [2.0] * 3

    def f(x):
        before = thing.value(x)
        Thing.value = lambda self, x: (np.zeros(3) + 5 * x).sum()
        Thing.count = getattr(Thing, "count", 0) + 1
        return before + thing.value(x)

    assert grad(f).tolist() == [7.0] * 3
    assert Thing.count == 1
    assert type(thing.value(X)) is np.float64
    del Thing.count
    assert not hasattr(Thing, "count")


def test_class_hooks_are_not_run():
    """Looking at a class does not subclass it: registries and metaclasses of the user's see nothing."""
    seen = []

    class Meta(type):
        def __init__(cls, name, bases, variables):
            seen.append(name)
            super().__init__(name, bases, variables)

    class Base(metaclass=Meta):
        def __init_subclass__(cls, **keywords):
            seen.append(cls.__name__ + " subclass")

        def value(self, x):
            return (np.zeros(3) + x).sum()

    class Derived(Base):
        pass

    before = list(seen)
    derived = Derived()
    assert grad(lambda x: derived.value(x) + Derived().value(x)).tolist() == [2.0] * 3
    assert seen == before
    assert Base.__subclasses__() == [Derived]


def test_singletons_and_metaclasses():
    """The `__call__` and `__new__` of the user decide what a class gives."""

    class Single(type):
        made = {}  # noqa: RUF012  # as users write it

        def __call__(cls, *args):
            if cls not in cls.made:
                cls.made[cls] = super().__call__(*args)
            return cls.made[cls]

    class Store(metaclass=Single):
        def __init__(self):
            self.w = np.zeros(3) + 2

    class Fresh:
        def __new__(cls, x):
            return np.zeros(3) + x

    def f(x):
        assert Store() is Store()
        return Store().w.dot(x) + Fresh(x).sum()

    assert grad(f).tolist() == [3.0] * 3
    assert list(Single.made) == [Store]
    assert type(Single.made[Store]) is Store
    assert Store().w.tolist() == [2.0] * 3


def test_slots_and_private_names():
    """Slots and names with two underscores are attributes like any others."""

    class Thing:
        __slots__ = ("__hidden", "shown")

        def __init__(self, x):
            self.__hidden = np.zeros(3)
            self.__hidden[:] = x
            self.shown = x

        def __private(self):
            return np.zeros(3) + self.__hidden

        def value(self):
            del self.shown
            assert not hasattr(self, "shown")
            self.shown = self.__private()
            return self.shown.sum()

    found = Thing(np.ones(3))

    def f(x):
        found.shown = x
        return Thing(x).value() * found.value() + found.shown.dot(x)

    assert grad(f).tolist() == [4.0] * 3
    assert type(found.shown) is np.ndarray
    assert type(found._Thing__hidden) is np.ndarray


def test_construction_errors():
    """What Python refuses to construct is refused inside, with its errors."""

    class Nothing:
        def value(self):
            return np.zeros(3)

    class Abstract(metaclass=importlib.import_module("abc").ABCMeta):
        @importlib.import_module("abc").abstractmethod
        def value(self):
            """To be written."""

    for build in (lambda: Nothing(1), Abstract, lambda: Model(1, 2, 3)):
        with pytest.raises(TypeError):
            grad(lambda x, build=build: build())


def test_attributes_that_are_missing():
    """An attribute that an object does not have is missing inside, too."""

    def f(x):
        assert not hasattr(MODEL, "missing")
        assert getattr(MODEL, "missing", 1) == 1
        with pytest.raises(AttributeError, match="missing"):
            Model.missing  # noqa: B018  # the look-up raises
        assert "loss" in dir(MODEL)
        assert "loss" in dir(Model)
        assert "w" in vars(MODEL)
        return MODEL.loss(x)

    assert grad(f).tolist() == [1.0] * 3


def test_methods_as_values():
    """Bound and unbound methods, and methods of classes, can be stored, compared and passed on."""

    def f(x):
        bound, unbound = MODEL.loss, Model.loss
        assert bound.__self__ is MODEL
        assert bound == MODEL.loss
        assert bound.__name__ == "loss"
        return bound(x) + unbound(MODEL, x) + functools.partial(Model.loss, MODEL)(x) + sum(map(MODEL.loss, [x, x]))

    assert grad(f).tolist() == [5.0] * 3


def test_copies_of_objects():
    """A copy shares what it holds, a deep copy may be written to; neither touches the original."""
    model = Model()
    model.layers = [np.ones(3), {"b": np.ones(2)}]

    def f(x):
        shallow, deep = copy.copy(model), copy.deepcopy(model)
        shallow.w = shallow.w * x
        deep.w[:] = x
        deep.layers[0][0] = x[0]
        deep.layers[1]["b"][:] = x[1:]
        layers = copy.deepcopy(model.layers)
        layers[0][1] = x[1]
        assert isinstance(deep, Model)
        assert deep is not model
        return (
            shallow.loss(x)
            + deep.w.sum()
            + deep.layers[0].sum()
            + deep.layers[1]["b"].sum()
            + layers[0].sum()
            + model.loss(x)
        )

    assert np.allclose(grad(f), 2 * X + [3, 4, 3])
    assert model.w.tolist() == model.layers[0].tolist() == [1.0] * 3


def test_pickles_of_objects():
    """What stands for an object is pickled as the object."""

    def f(x):
        again = pickle.loads(pickle.dumps(MODEL))
        assert type(again) is not None
        assert pickle.loads(pickle.dumps(MODEL.memo)) == {}
        return x.sum() * len(json.dumps(list(MODEL.history)))

    assert grad(f).tolist() == [2.0] * 3


def test_libraries_see_the_object():
    """Code that is not opened gets what the object has."""

    @dataclasses.dataclass
    class Settings:
        rate: float
        weights: np.ndarray

        def value(self, x):
            return (np.zeros(3) + self.weights * x).sum()

    settings = Settings(0.5, np.ones(3))

    def f(x):
        assert [field.name for field in dataclasses.fields(settings)] == ["rate", "weights"]
        plain = dataclasses.asdict(settings)
        assert plain["rate"] == 0.5
        other = dataclasses.replace(settings, weights=x)
        assert repr(settings).startswith("test_libraries_see_the_object.<locals>.Settings(rate=0.5")
        return other.value(x) + settings.value(x)

    assert np.allclose(grad(f), 2 * X + 1)


def test_exceptions_and_enumerations_are_left_alone():
    """Instances of exceptions, enumerations and named tuples are those that plain code knows."""

    class ProblemError(Exception):
        def __init__(self, value):
            super().__init__(value)
            self.value = value

    def f(x):
        try:
            raise ProblemError(x)
        except ProblemError as problem:
            kind, value = type(problem), problem.value
        assert kind is ProblemError
        return value.sum()

    assert grad(f).tolist() == [1.0] * 3


# Containers


ITEMS = [np.ones(3), 2.0, (np.ones(3), "a"), {"w": np.ones(3)}]
TABLE = collections.defaultdict(lambda: np.zeros(3), w=np.ones(3))


def test_lists_inside():
    """A list behaves as a list: reading, slicing, iterating, comparing, adding, formatting, unpacking."""

    def f(x):
        first, number, (pair, letter), table = ITEMS
        assert isinstance(ITEMS, list)
        assert (number, letter, len(ITEMS), bool(ITEMS)) == (2.0, "a", 4, True)
        assert ITEMS[1] == ITEMS[-3] == ITEMS[1:][0] == [*ITEMS][1] == list(ITEMS)[1] == (ITEMS + [3])[1]  # noqa: RUF005
        assert ([3] + ITEMS)[2] == (ITEMS * 2)[5] == (2 * ITEMS)[5] == next(reversed(ITEMS[:2])) == 2.0  # noqa: RUF005
        assert 2.0 in ITEMS[1:2]
        assert NUMBERS == [1, 2, 3]
        assert [1, 2, 3] == NUMBERS
        assert NUMBERS < [2]
        assert f"{NUMBERS}" == str(NUMBERS) == "[1, 2, 3]"
        assert "{}".format(NUMBERS) == "[1, 2, 3]"  # noqa: UP032  # another way to format
        assert sorted(NUMBERS, reverse=True) == [3, 2, 1]
        assert (sum(NUMBERS), max(NUMBERS), NUMBERS.count(2)) == (6, 3, 1)
        assert np.array(NUMBERS).tolist() == NUMBERS
        match NUMBERS:
            case [one, *rest]:
                assert (one, rest) == (1, [2, 3])
        return first.dot(x) + pair.dot(x) + table["w"].dot(x) + np.stack([ITEMS[0], x]).sum() + np.zeros(NUMBERS).sum()

    assert grad(f).tolist() == [4.0] * 3


NUMBERS = [1, 2, 3]


def test_lists_that_are_changed():
    """What is appended, inserted, assigned, sorted or removed inside has happened to the user's list."""
    numbers, arrays = [3, 1, 2], []

    def f(x):
        numbers.append(0)
        numbers.sort(key=lambda n: -n)
        numbers.insert(0, 9)
        numbers[1:2] = [7, 7]
        numbers.extend([5])
        numbers.remove(5)
        numbers.reverse()
        del numbers[0]
        assert numbers.pop() == 9
        other = numbers
        other += [4]
        assert other is numbers
        arrays.append(np.zeros(3))
        arrays.extend([np.ones(3), np.ones(2)])
        arrays[1][0] = 5.0
        arrays[-1] = np.full(2, 3.0)
        arrays.sort(key=lambda a: a.sum())
        arrays[0][0] = 1.0
        return (arrays[0] + arrays[2] * x).sum()

    assert grad(f).tolist() == [5.0, 1.0, 1.0]
    assert numbers == [1, 2, 7, 7, 4]
    assert [type(a) for a in arrays] == [np.ndarray] * 3
    assert [a.tolist() for a in arrays] == [[1.0, 0.0, 0.0], [3.0, 3.0], [5.0, 1.0, 1.0]]


def test_dicts_inside():
    """A dict behaves as a dict, and a missing entry of a defaultdict is made by the user's function."""
    table = {"a": np.ones(3), "b": 2.0}

    def f(x):
        assert isinstance(table, dict)
        assert (len(table), "a" in table, list(table), set(table)) == (2, True, ["a", "b"], {"a", "b"})
        assert {**table}["b"] == dict(table)["b"] == (table | {"c": 1})["b"] == table.get("b") == table.copy()["b"]
        assert table.keys() == {"a", "b"}
        assert ("b", 2.0) in list(table.items())[1:]
        assert list(table.values())[1] == 2.0
        assert len(table.items()) == 2
        assert table.get("c") is None
        assert TABLE["w"].dot(x) == (lambda **options: options["w"])(**TABLE).dot(x)
        match table:
            case {"b": b}:
                assert b == 2.0
        y = sum(v.dot(x) if k == "a" else v for k, v in table.items()) + next(iter(table.values())).dot(x)
        table["new"] = np.zeros(3)
        table["new"][:] = x
        table.update(other=np.zeros(3), c=1)
        assert table.setdefault("late", np.ones(2)).shape == (2,)
        assert table.pop("c") == 1
        return y + table["new"].sum() + TABLE["missing"].dot(x)

    assert grad(f).tolist() == [3.0] * 3
    assert {key: type(value) for key, value in table.items()} == {
        "a": np.ndarray,
        "b": float,
        "new": np.ndarray,
        "other": np.ndarray,
        "late": np.ndarray,
    }
    assert type(TABLE.pop("missing")) is np.ndarray


class Parameters(dict):
    """A class of the user's that is a dict, with attributes."""

    __setattr__ = dict.__setitem__

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]

    def names(self):
        return sorted(self)


PARAMETERS = Parameters(w=np.ones(3), nested=Parameters(b=np.ones(3)))
READ_ONLY = types.MappingProxyType({"w": np.ones(3)})
USER_LIST = collections.UserList([np.ones(3)])


def test_classes_derived_from_containers():
    """A user's dict with attributes, and the standard library's containers, hold constants inside."""

    def f(x):
        assert isinstance(PARAMETERS, Parameters)
        assert PARAMETERS.names() == ["nested", "w"]
        PARAMETERS.count = np.zeros(1)
        mine = PARAMETERS.w.dot(x) + PARAMETERS["w"].dot(x) + PARAMETERS.nested.b.dot(x)
        return mine + READ_ONLY["w"].dot(x) + USER_LIST[0].dot(x)

    assert grad(f).tolist() == [5.0] * 3
    assert type(PARAMETERS.pop("count")) is np.ndarray


def test_tuples_inside():
    """Tuples and named tuples hold constants inside, and are what they were if they hold nothing else."""
    Pair = collections.namedtuple("Pair", "a b")
    pair, plain = Pair(np.ones(3), [np.ones(3)]), (1, "a")

    def f(x):
        assert type(pair) is Pair
        assert plain is PLAIN[0]
        return pair.a.dot(x) + pair.b[0].dot(x) + pair._replace(a=x).a.sum()

    PLAIN[:] = [plain]
    assert grad(f).tolist() == [3.0] * 3


PLAIN = []


# Modules


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of the user's."""
    (tmp_path / "lossmodule.py").write_text(
        textwrap.dedent(
            """
            import numpy as np
            weights = np.ones(3)
            count = 0
            def loss(x):
                global count
                count += 1
                y = np.zeros(3)
                y[:] = weights * x
                return y.sum()
            def __getattr__(name):
                if name == "late":
                    return np.ones(3)
                raise AttributeError(name)
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("lossmodule")
    sys.modules.pop("lossmodule")


def test_modules_inside(module):
    """A module is one object, with its functions opened; what is stored there is stored in the module."""

    def f(x):
        assert isinstance(module, types.ModuleType)
        assert type(module) is types.ModuleType
        assert module.__name__ == "lossmodule"
        assert "loss" in dir(module)
        assert not hasattr(module, "zeros")
        assert vars(module)["count"] == module.count
        module.count = 10
        module.buffer = np.zeros(3)
        module.buffer[:] = 2.0
        return module.loss(x) * module.count + module.late.dot(x) + module.buffer.dot(x)

    assert grad(f).tolist() == [14.0] * 3
    assert module.count == 11
    assert type(module.buffer) is np.ndarray
    assert repr(module).startswith("<module 'lossmodule'")


# What is left behind


def test_objects_afterwards():
    """What opened code stored in an object is what plain code would have stored."""
    model, array = Model(), np.ones(3)

    def f(x):
        model.calls += 1
        model.buffer = np.zeros(3)
        model.part = model.buffer[1:]
        model.buffer[:] = 2.0
        model.array, model.again, model.kept = array, array, model.w
        model.functions = [np.tanh, np.sum, math.sin, float, np, math, Model, len, model.loss, np.ndarray]
        model.child = Model(np.zeros(3))
        model.child.parent = model
        model.nested = {"k": [np.zeros(2), (np.ones(2), {model.child: np.zeros(1)})], Model: Model}
        model.number = np.float64(2.0) + 1
        model.peers = {model}
        return x.sum()

    grad(f)
    plain = [np.tanh, np.sum, math.sin, float, np, math, Model, len, model.loss, np.ndarray]
    assert model.calls == 1
    assert type(model.buffer) is np.ndarray
    model.buffer[1] = 7.0
    assert model.part.tolist() == [7.0, 2.0]
    assert model.array is model.again is array
    assert model.kept is model.w
    assert all(a is b or a == b for a, b in zip(model.functions, plain, strict=True))
    assert [type(a) for a in model.functions] == [type(b) for b in plain]
    assert type(model.child) is Model
    assert type(model.child.w) is np.ndarray
    assert model.child.parent is model
    assert type(model.nested) is dict
    assert type(model.nested["k"][0]) is type(model.nested["k"][1][0]) is np.ndarray
    assert type(model.nested["k"][1][1][model.child]) is np.ndarray
    assert model.nested[Model] is Model
    assert model.number == 3.0
    assert type(model.number) is np.float64
    assert model.peers == {model}
    assert type(model.peers.pop()) is Model


def test_arrays_that_were_written_traced_values():
    """An array that was made inside, kept, and written traced values holds their numbers afterwards."""
    model = Model()

    def f(x):
        model.buffer = np.zeros(3)
        model.buffer[:] = x * 2
        return (model.buffer**2).sum()

    assert np.allclose(grad(f), 8 * X)
    assert type(model.buffer) is np.ndarray
    assert np.allclose(model.buffer, 2 * X)
    assert np.allclose(cr.hessian(f)(X), 8 * np.eye(3))
    assert type(model.buffer) is np.ndarray


def test_values_that_carry_a_derivative():
    """A traced value that was kept can be printed; its next use raises, so that no derivative is silently lost."""
    model = Model()

    def f(x):
        model.last = x * 2
        model.history.append(x.sum())
        return x.sum()

    grad(f)
    assert str(model.last) == str(2 * X)
    assert repr(model.history) == repr([np.float64(X.sum())])
    for use in (
        lambda: model.last + 1,
        lambda: np.mean(model.history),
        lambda: float(model.history[0]),
        lambda: model.last.sum(),
        lambda: grad(lambda x: (model.last * x).sum()),
    ):
        with pytest.raises(cr.errors.EndedLevelError, match="stop_gradient"):
            use()


def test_numbers_that_are_kept_on_purpose():
    """What `stop_gradient` gives is a number, which may be kept."""
    model = Model()

    def f(x):
        model.history.append(cr.stop_gradient(x.sum()))
        model.last = cr.stop_gradient(x)
        return x.sum()

    grad(f)
    grad(f)
    assert model.history == [X.sum()] * 2
    assert type(model.last) is np.ndarray


def test_state_across_nested_derivatives():
    """A buffer that an inner derivative filled belongs to the outer one until that has been taken."""
    model = Model()

    def inner(x):
        model.buffer = np.zeros(3)
        model.buffer[:] = x
        return (model.buffer**2).sum()

    assert np.allclose(grad(lambda x: cr.grad(inner)(x).dot(model.buffer)), 4 * X)
    assert type(model.buffer) is np.ndarray
    assert np.allclose(model.buffer, X)


def test_caches_that_fill_at_first_use():
    """A cached property, and a value that is computed once, are plain afterwards and serve the next derivative."""

    class Lazy:
        def __init__(self):
            self.kernel = None

        @functools.cached_property
        def gram(self):
            return np.zeros((3, 3)) + np.eye(3)

        def loss(self, x):
            if self.kernel is None:
                self.kernel = np.zeros(3) + 2
            return self.gram.dot(x).sum() + self.kernel.dot(x)

    lazy = Lazy()
    for _ in range(2):
        assert grad(lazy.loss).tolist() == [3.0] * 3
        assert type(lazy.gram) is type(lazy.kernel) is np.ndarray


def test_objects_that_outlive_the_derivative():
    """An object that was kept where nobody saw it is the user's object to plain code."""
    kept = []
    keep = functools.partial(map, kept.append)

    def f(x):
        list(keep([MODEL, MODEL.memo, MODEL.loss]))
        return x.sum()

    grad(f)
    model, memo, loss = kept
    assert isinstance(model, Model)
    assert model.__class__ is Model
    assert type(model.loss(X)) is np.float64
    assert type(model.w) is np.ndarray
    model.extra = 5
    assert vars(MODEL).pop("extra") == 5
    memo["a"] = 1
    assert MODEL.memo.pop("a") == 1
    assert len(memo) == 0
    assert type(loss(X)) is np.float64
    assert model == MODEL
    assert pickle.loads(pickle.dumps([model]))[0].calls == MODEL.calls


def test_results_are_the_objects():
    """An object, a list or a function that is returned beside the result is the user's own."""

    def f(x):
        made = Model(np.zeros(3))
        made.child = Model()
        return x.sum(), {"found": MODEL, "made": made, "history": MODEL.history, "f": grad, "class": Model}

    _, aux = cr.grad(f, has_aux=True)(X)
    assert aux["found"] is MODEL
    assert aux["history"] == MODEL.history
    assert type(aux["made"]) is type(aux["made"].child) is Model
    assert aux["f"] is grad
    assert aux["class"] is Model


def test_many_objects_made_inside():
    """Objects that are made and dropped inside are freed as they are dropped."""
    alive = weakref.WeakSet()
    most = []

    class Node:
        def __init__(self, k):
            self.k = k
            alive.add(self)

    def f(x):
        for k in range(100):
            Node(k)
            most.append(len(alive))
        return x.sum()

    grad(f)
    assert max(most) <= 2


def test_long_chains_of_objects():
    """A linked list as long as any recursion limit is put in order."""
    model = Model()

    class Link:
        def __init__(self, rest):
            self.rest = rest
            self.value = np.zeros(1)

    def f(x):
        chain = None
        for _ in range(5000):
            chain = Link(chain)
        model.chain = chain
        return x.sum()

    grad(f)
    link, count = model.chain, 0
    while link is not None:
        assert type(link) is Link
        assert type(link.value) is np.ndarray
        link, count = link.rest, count + 1
    assert count == 5000
    del model.chain, link
    gc.collect()
