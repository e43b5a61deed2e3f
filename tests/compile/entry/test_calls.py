"""From a call to a compiled program and back: the native entry, and the portable one beside it."""

import functools
import pickle
from typing import NamedTuple

import numpy as np
import pytest

from chainrule.compile.entry import (
    Argument,
    Array,
    Attribute,
    Cell,
    Check,
    Container,
    Defaults,
    Equal,
    FastPath,
    Held,
    InClass,
    Instance,
    Item,
    Missing,
    Name,
    Number,
    Own,
    Result,
    Same,
)

FLOAT = np.dtype(float)


def slow(value):
    """Whether a call was a slow one."""
    return isinstance(value, tuple) and value[0] == "slowly"


def test_array_in_array_out(twice):
    """The program's result is a new array, which owns its memory and may be written to."""
    x = np.array([1.0, 2.0, 4.0])

    y, z = twice(x), twice(x)

    assert type(y) is np.ndarray
    assert y.tolist() == [2.0, 4.0, 8.0] == z.tolist()
    assert y.dtype is FLOAT
    assert y.flags.owndata
    assert y.flags.writeable
    assert y.flags.c_contiguous
    assert not np.shares_memory(y, z)


def test_guard_missed(twice):
    """A program that misses a guard leads to the slow call, with the same arguments."""
    x = np.array([-1.0, 2.0, 4.0])

    value = twice(x)

    assert slow(value)
    assert value[1][0] is x


class Sub(np.ndarray):
    """A subclass of arrays, which may do anything."""


def misaligned():
    """float64[3], one byte off."""
    return np.frombuffer(bytes(25), np.uint8)[1:].view(float)


@pytest.mark.parametrize(
    "x",
    [
        pytest.param(np.ones(3, np.float32), id="float32"),
        pytest.param(np.ones(3, np.int64), id="int64"),
        pytest.param(np.ones(3, ">f8"), id="other byte order"),
        pytest.param(np.ones(3, complex), id="complex"),
        pytest.param(np.ones(3, object), id="objects"),
        pytest.param(np.ones(4), id="longer"),
        pytest.param(np.ones(0), id="empty"),
        pytest.param(np.ones((3, 1)), id="another axis"),
        pytest.param(np.array(1.0), id="no axes"),
        pytest.param(np.ones(6)[::2], id="stride"),
        pytest.param(np.ones(3)[::-1], id="backwards"),
        pytest.param(np.broadcast_to(1.0, 3), id="broadcast"),
        pytest.param(misaligned(), id="misaligned"),
        pytest.param(np.ones(3).view(Sub), id="subclass"),
        pytest.param(np.ma.ones(3), id="masked"),
        pytest.param([1.0, 1.0, 1.0], id="list"),
        pytest.param(1.0, id="float"),
        pytest.param(None, id="None"),
        pytest.param(np.float64(1), id="scalar"),
    ],
)
def test_other_arguments_are_slow(twice, x):
    """Only an exact, native, aligned, C-contiguous array of the compiled shape is given to the program."""
    assert slow(twice(x))


def test_readonly_input(twice):
    """An array that may not be written to is an input like any other."""
    x = np.ones(3)
    x.setflags(write=False)

    assert twice(x).tolist() == [2.0, 2.0, 2.0]


def test_unpickled_input(twice):
    """An array that was unpickled has a dtype object of its own, and is an input like any other."""
    x = pickle.loads(pickle.dumps(np.ones(3)))
    assert x.dtype is not FLOAT

    assert twice(x).tolist() == [2.0, 2.0, 2.0]
    for other in (">f8", "f4"):
        assert slow(twice(np.ones(3, pickle.loads(pickle.dumps(np.dtype(other))))))


@pytest.mark.parametrize(("code", "other"), ["lq", "ql", "LQ", "QL"])
def test_long_and_long_long(function, python_path, code, other):
    """Two integer types of one size are two dtypes."""
    path = python_path(lambda i, o: 0, [Check(Argument(0), Array(np.dtype(code), (1,)))], [], "tuple")
    g = function(path)

    assert g(np.ones(1, code)) == ()
    assert slow(g(np.ones(1, other)))


def test_written_input(function, python_path):
    """A program that writes to an array is given none that may not be written to."""

    def increment(inputs, outputs):
        inputs[0] += 1

    path = python_path(increment, [Check(Argument(0), Array(FLOAT, (2,), written=True))], [], "tuple")
    g, x, y = function(path), np.zeros(2), np.zeros(2)
    y.setflags(write=False)

    assert g(x) == ()
    assert x.tolist() == [1.0, 1.0]
    assert slow(g(y))


def test_another_signature_is_slow(twice):
    """A call by keyword, with too many or with too few arguments is a slow one."""
    x = np.ones(3)

    assert all(slow(value) for value in (twice(x=x), twice(x, order=2), twice(x, x), twice()))


def test_keyword_arguments_arrive(twice):
    """The slow call has names and values of the keyword arguments."""
    assert twice(1, 2, order=3) == ("slowly", (1, 2), {"order": 3})
    assert twice(*[1], **{}) == ("slowly", (1,), {})


def test_call_by_other_ways(twice):
    """`map`, `functools.partial`, `__call__` and argument unpacking call the same program."""
    x, kind = np.ones(3), type(twice)

    values = [*map(twice, [x]), functools.partial(twice, x)(), twice.__call__(x), twice(*[x]), kind.__call__(twice, x)]

    assert [value.tolist() for value in values] == [[2.0] * 3] * 5
    assert slow(functools.partial(twice, x, k=1)())


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (2, 0, 3), (2, 1, 3, 1, 1)])
def test_shapes(function, python_path, shape):
    """Arrays of any number of axes go in and come out, also empty ones."""

    def negate(inputs, outputs):
        outputs[0][...] = -inputs[0]

    g = function(python_path(negate, [Check(Argument(0), Array(FLOAT, shape))], [Result(FLOAT, shape)]))
    x = np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)

    y = g(x)

    assert type(y) is np.ndarray
    assert y.shape == shape
    assert y.tolist() == (-x).tolist()
    assert slow(g(np.ones((*shape, 1))))


DTYPES = [np.dtype(code) for code in "?bhilqBHILQefdFD"]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(function, python_path, dtype):
    """Arrays and scalars of each number type go in and come out with the same bits and type."""

    def copy(inputs, outputs):
        for source, target in zip(inputs, outputs, strict=True):
            target[...] = source

    checks = [Check(Argument(0), Array(dtype, (2,))), Check(Argument(1), Number(dtype.type))]
    g = function(python_path(copy, checks, [Result(dtype, (2,)), Result(dtype, None)], "tuple", arguments=2))
    x, s = np.array([0, 1], dtype), dtype.type(1)

    y, t = g(x, s)

    assert y.dtype is dtype
    assert y.tolist() == x.tolist()
    assert type(t) is type(s)
    assert t == s
    assert slow(g(x, 1))


def test_boolean_results_are_the_two_that_exist(function, python_path):
    """A NumPy boolean is one of two objects, so `is` works."""

    def compare(inputs, outputs):
        outputs[0][...] = inputs[0] > 0

    g = function(python_path(compare, [Check(Argument(0), Number(float))], [Result(np.dtype(bool), None)]))

    assert g(1.0) is np.True_
    assert g(-1.0) is np.False_


@pytest.mark.parametrize(
    ("kind", "values", "others"),
    [
        (float, [1.5, -0.0, float("inf"), 5e-324], [1, True, np.float64(1), 1j, "1", None]),
        (complex, [1 + 2j, -1j], [1.0, np.complex128(1)]),
        (int, [0, -1, 2**63 - 1, -(2**63) + 1], [2**63, -(2**63), -(2**63) - 1, 10**30, True, 1.0, np.int64(1)]),
        (np.float64, [np.float64(1.5)], [1.5, np.float32(1)]),
        (np.float32, [np.float32(1.5)], [1.5, np.float64(1)]),
    ],
)
def test_numbers(function, python_path, kind, values, others):
    """A number of exactly the compiled type is an input; its bits arrive."""

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    dtype = np.dtype(kind)
    g = function(python_path(copy, [Check(Argument(0), Number(kind))], [Result(dtype, None)]))

    for value in values:
        assert g(value).tobytes() == np.array(value, dtype).tobytes()
    assert all(slow(g(other)) for other in others)


def test_subclass_of_float_is_slow(function, python_path):
    """A subclass of float may mean something else."""

    class Length(float):
        pass

    g = function(python_path(lambda i, o: 0, [Check(Argument(0), Number(float))], [], "tuple"))

    assert g(1.0) == ()
    assert slow(g(Length(1)))


def test_constants(function, python_path):
    """An argument that was compiled by identity has to be that object, and is no input."""

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    checks = [Check(Argument(0), Same(None)), Check(Argument(1), Number(float)), Check(Argument(2), Same(True))]
    g = function(python_path(copy, checks, [Result(FLOAT, None)], arguments=3))

    assert g(None, 2.5, True) == 2.5
    assert slow(g(None, 2.5, False))
    assert slow(g(None, 2.5, 1))
    assert slow(g(0, 2.5, True))


@pytest.mark.parametrize(
    ("value", "others"),
    [
        (10**30, [10**30 + 1, 1, 1e30]),
        (1, [2, True, 1.0, np.int64(1)]),
        ("réel", ["reel", "", b"r", None]),
        (b"ab", [b"a", "ab"]),
        (0.5, [0.25, 1, np.float64(0.5)]),
        (0.0, [-0.0, 0, False]),
        (float("nan"), [0.0, -float("nan")]),
    ],
)
def test_static_arguments(function, python_path, value, others):
    """A static argument has to have the compiled type and value, and may be another object."""
    g = function(python_path(lambda i, o: 0, [Check(Argument(0), Equal(value))], [], "tuple"))
    twin = pickle.loads(pickle.dumps([value]))[0]

    assert g(value) == g(twin) == ()
    assert all(slow(g(other)) for other in others)


def test_complex_numbers_are_not_compared_by_value():
    """0j and -0j are equal and differ, so a complex number is no static argument."""
    with pytest.raises(AssertionError, match="by value"):
        FastPath(arguments=1, checks=[Check(Argument(0), Equal(0j))], results=[], structure="tuple", program=0)


@pytest.mark.parametrize("value", [2.5, -0.0, 1 - 2j])
def test_numbers_of_pythons_are_results(function, python_path, value):
    """A result may be one of Python's numbers."""

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    kind = type(value)
    g = function(python_path(copy, [Check(Argument(0), Number(kind))], [Result(np.dtype(kind), None, kind)]))

    results = [g(value) for _ in range(1000)]
    assert {type(result) for result in results} == {kind}
    assert {repr(result) for result in results} == {repr(value)}


def test_defaults_are_those_of_now(function, python_path):
    """The default of a parameter is found in the tuple that the function has now, if it has one."""

    def f(x, y=2.0):
        return x * y

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    checks = [Check(Defaults(f), Container(tuple, 1)), Check(Item(0, 0), Number(float))]
    g = function(python_path(copy, checks, [Result(FLOAT, None)], arguments=0))

    assert g() == 2.0
    f.__defaults__ = (3.0,)
    assert g() == 3.0
    f.__defaults__ = None
    assert slow(g())
    f.__defaults__ = (1.0, 4.0)
    assert slow(g())


def test_nested_arguments(function, python_path):
    """Lists, tuples and dicts of the compiled lengths are looked into."""

    def add(inputs, outputs):
        outputs[0][...] = sum(inputs)

    checks = [
        Check(Argument(0), Container(list, 2)),
        Check(Item(0, 0), Array(FLOAT, (2,))),
        Check(Item(0, 1), Container(dict, 2)),
        Check(Item(2, "b"), Container(tuple, 1)),
        Check(Item(3, 0), Number(float)),
        Check(Item(2, "w"), Array(FLOAT, (2,))),
    ]
    g = function(python_path(add, checks, [Result(FLOAT, (2,))]))
    x = np.ones(2)

    assert g([x, {"b": (3.0,), "w": 10 * x}]).tolist() == [14.0, 14.0]
    for other in (
        [x],
        [x, {"b": (3.0,), "w": x}, 1],
        (x, {"b": (3.0,), "w": x}),
        [x, {"b": (3.0, 1), "w": x}],
        [x, {"b": [3.0], "w": x}],
        [x, {"b": (3.0,), "v": x}],
        [x, {"b": (3.0,), "w": x, "z": 1}],
        [x, {"b": (3.0,)}],
        [[], {"b": (3.0,), "w": x}],
    ):
        assert slow(g(other))


class Pair(NamedTuple):
    """A tuple with names."""

    a: object
    b: object


class Named:
    """An object with a dict."""

    scale = 5.0

    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slotted:
    """An object with a slot, and what is computed."""

    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a

    @property
    def b(self):
        return self.a[0] + 1.0


def test_attributes_of_arguments(function, python_path):
    """Objects of exactly the compiled type are looked into: what Python finds under a name."""

    def add(inputs, outputs):
        outputs[0][...] = sum(inputs)

    checks = [
        Check(Argument(0), Instance(Named)),
        Check(Attribute(0, "x"), Array(FLOAT, (2,))),
        Check(Attribute(0, "scale"), Number(float)),
        Check(Argument(1), Container(Pair, 2)),
        Check(Item(3, 0), Instance(Slotted)),
        Check(Attribute(4, "a"), Array(FLOAT, (1,))),
        Check(Attribute(4, "b"), Number(np.float64)),
        Check(Item(3, 1), Equal("mode")),
    ]
    g = function(python_path(add, checks, [Result(FLOAT, (2,))], arguments=2))
    named, pair = Named(x=np.ones(2)), Pair(Slotted(np.ones(1)), "mode")

    class Other(Named):
        pass

    class Further(Pair):
        __slots__ = ()

    assert g(named, pair).tolist() == [9.0, 9.0]
    assert g(Named(x=np.ones(2), scale=1.0), pair).tolist() == [5.0, 5.0]
    for arguments in (
        (Other(x=np.ones(2)), pair),
        (named, Further(*pair)),
        (named, tuple(pair)),
        (named, tuple.__new__(Pair, [*pair, 1])),
        (named, Pair(Slotted.__new__(Slotted), "mode")),
        (named, Pair(pair.a, "other")),
        (named, Pair(Named(a=np.ones(1), b=1.0), "mode")),
        (Named(), pair),
        (Named(x=np.ones(3)), pair),
        (Named(x=np.ones(2), scale=1), pair),
    ):
        assert slow(g(*arguments))


def test_attributes_of_kept_objects(function, python_path):
    """What an object holds itself and what its class holds are two places, which are looked up at each call."""

    class Base:
        scale = 2.0

    class Derived(Base):
        pass

    model = Derived()
    model.w = np.ones(2)
    checks = [
        Check(Own(model, "w"), Array(FLOAT, (2,))),
        Check(Own(model, "scale"), Missing()),
        Check(InClass(Derived, "scale"), Number(float)),
        Check(InClass(Derived, "other"), Missing()),
    ]

    def multiply(inputs, outputs):
        outputs[0][...] = inputs[0] * inputs[1]

    g = function(python_path(multiply, checks, [Result(FLOAT, (2,))], arguments=0))

    assert g().tolist() == [2.0, 2.0]
    model.w = np.array([3.0, 4.0])
    Base.scale = 10.0
    assert g().tolist() == [30.0, 40.0]
    Derived.scale = 1.0
    assert g().tolist() == [3.0, 4.0]
    model.scale = 5.0
    assert slow(g())
    del model.scale
    assert g().tolist() == [3.0, 4.0]
    Derived.other = None
    assert slow(g())
    del Derived.other, model.w
    assert slow(g())


def test_structures(function, python_path):
    """Results are given back alone, as a tuple, or as what a function makes of the tuple."""

    def both(inputs, outputs):
        outputs[0][...], outputs[1][...] = inputs[0], -inputs[0]

    checks, results = [Check(Argument(0), Number(float))], [Result(FLOAT, None), Result(FLOAT, (1,))]

    pair = function(python_path(both, checks, results, "tuple"))(2.0)
    tree = function(python_path(both, checks, results, lambda leaves: {"value": leaves[0], "rest": [leaves[1]]}))(2.0)

    assert type(pair) is tuple
    assert pair == (2.0, np.array([-2.0]))
    assert tree == {"value": 2.0, "rest": [np.array([-2.0])]}


def test_paths_one_after_another(function, doubling, python_path):
    """Each call takes the path that it fits, however the calls alternate; a path may be added at any time."""

    def negate(inputs, outputs):
        outputs[0][...] = -inputs[0]
        return inputs[0][0] >= 0

    otherwise = python_path(negate, [Check(Argument(0), Array(FLOAT, (3,)))], [Result(FLOAT, (3,))])
    g = function(doubling(3), doubling(2))
    negative = np.array([-1.0, 0.0, 0.0])
    assert slow(g(negative))

    g.add_fast_path(otherwise)

    for _ in range(3):
        assert g(np.ones(3)).tolist() == [2.0] * 3
        assert g(np.ones(2)).tolist() == [2.0] * 2
        assert g(negative).tolist() == [1.0, 0.0, 0.0]
        assert slow(g(np.ones(1)))
    assert len(g.fast_paths) == 3


def test_paths_taken_away(twice):
    """Without paths every call is slow."""
    twice.fast_paths = ()

    assert twice.fast_paths == ()
    assert slow(twice(np.ones(3)))


def test_globals(function, python_path):
    """What a name stands for is looked up in each call: its array is read live, anything else has to be the same."""

    def product(inputs, outputs):
        outputs[0][...] = inputs[0] * inputs[1]

    module = object()
    names = {"W": np.array([2.0, 3.0]), "np": module}
    checks = [
        Check(Argument(0), Number(float)),
        Check(Name(names, "W"), Array(FLOAT, (2,))),
        Check(Name(names, "np"), Same(module)),
        Check(Name(names, "len"), Missing()),
    ]
    g = function(python_path(product, checks, [Result(FLOAT, (2,))]))
    assert g(10.0).tolist() == [20.0, 30.0]

    names["W"][0] = 4.0
    assert g(10.0).tolist() == [40.0, 30.0]
    names["W"] = np.array([5.0, 6.0])
    assert g(10.0).tolist() == [50.0, 60.0]
    names["W"] = np.array([5.0, 6.0, 7.0])
    assert slow(g(10.0))
    del names["W"]
    assert slow(g(10.0))
    names["W"] = np.array([1.0, 1.0])
    assert g(10.0).tolist() == [10.0, 10.0]
    names["np"] = object()
    assert slow(g(10.0))
    names["np"] = module
    names["len"] = max
    assert slow(g(10.0))


def test_cells(function, python_path):
    """What a closure's variable contains is looked up in each call."""

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    def closure():
        scale = 2.0

        def use():
            return scale

        def bind(value):
            nonlocal scale
            scale = value

        def unbind():
            nonlocal scale
            del scale

        return use.__closure__[0], bind, unbind

    cell, bind, unbind = closure()
    g = function(
        python_path(copy, [Check(Cell(cell), Number(float))], [Result(FLOAT, None)], arguments=0),
        python_path(lambda i, o: 0, [Check(Cell(cell), Missing())], [], "tuple", arguments=0),
    )

    assert g() == 2.0
    bind(3.0)
    assert g() == 3.0
    bind(3)
    assert slow(g())
    unbind()
    assert g() == ()


def test_held_arrays(function, python_path):
    """An array that only the path keeps is read live, as long as it is what was compiled for."""

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    held = np.array([1.0, 2.0])
    g = function(python_path(copy, [Check(Held(held), Array(FLOAT, (2,)))], [Result(FLOAT, (2,))], arguments=0))

    held[1] = 5.0
    assert g().tolist() == [1.0, 5.0]
    held.resize((1, 2), refcheck=False)
    assert slow(g())


def test_methods(function, python_path):
    """In a class it binds as its base class says, and the object is the first argument."""
    check = Check(Argument(1), Array(FLOAT, (3,)))

    class Model:
        pass

    model = Model()

    def copy(inputs, outputs):
        outputs[0][...] = inputs[0]

    path = python_path(copy, [Check(Argument(0), Same(model)), check], [Result(FLOAT, (3,))], arguments=2)
    Model.predict = function(path)
    bound = model.predict

    assert model.predict(np.arange(3.0)).tolist() == [0.0, 1.0, 2.0]
    assert bound(np.arange(3.0)).tolist() == [0.0, 1.0, 2.0]
    assert slow(Model().predict(np.arange(3.0)))
    assert Model.predict is Model.__dict__["predict"]


def test_the_base_class_is_as_it_was(function):
    """Name, documentation, attributes and `isinstance` are those of the base class."""
    f = function()
    f.extra = 1
    base = type(f).__mro__[1]

    assert isinstance(f, base)
    assert (type(f).__name__, type(f).__qualname__, type(f).__module__) == ("Function", "Function", base.__module__)
    assert type(f).__doc__ == base.__doc__
    assert (f.name, f.extra) == ("f", 1)
    assert callable(f)
    assert f.fast_paths == ()


def test_an_argument_without_a_check_is_refused():
    """A path that does not look at an argument would accept anything."""
    with pytest.raises(AssertionError, match="argument"):
        FastPath(arguments=1, checks=[], results=[], structure="tuple", program=0)
