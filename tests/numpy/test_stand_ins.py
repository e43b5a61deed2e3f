"""What stands for Python's builtins in differentiated functions."""

import collections
import functools
import numbers
import types

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.7, -1.2, 1.9])


class Point:
    """A class of the user's."""

    def __init__(self, x):
        self.x = x


POINT = Point(1.0)
NAMES = ["a", "b"]
SIZES = {"a": 1}


def grad(f, x=X):
    """The gradient of a function that makes its own assertions."""
    return cr.grad(f)(x)


# float and complex


def test_float_keeps_the_derivative():
    """`float(x)` of a traced number is traced, in double precision; of numbers and text it is a Python float."""

    def f(x):
        y = float(x[0]) * 2 + float(np.sum(x))
        assert float(x[0]).dtype == np.float64
        assert float("1.5") == 1.5
        assert type(float(2)) is float
        assert 0.0 == 0.0
        assert float.fromhex("0x1p-1") == 0.5
        return y + sum(map(float, x))

    assert grad(f).tolist() == [4.0, 2.0, 2.0]
    assert grad(f, X.astype(np.float32)).dtype == np.float32


def test_float_refuses_what_python_refuses():
    """Complex numbers and arrays of several elements are no floats."""
    with pytest.raises(TypeError):
        cr.grad(lambda z: float(z).real, holomorphic=True)(1.0 + 2.0j)
    with pytest.raises(TypeError):
        grad(lambda x: float(x))
    with pytest.raises(ValueError, match="could not convert"):
        grad(lambda x: float("x") * x.sum())


def test_complex_keeps_the_derivative():
    """`complex` of traced parts is traced: d/dx |x + i y| = x / |x + i y|."""

    def f(x):
        z = complex(x[0], x[1])
        assert complex(1, 2) == 1 + 2j
        assert type(complex("1+2j")) is complex
        assert complex(x[2]).dtype == np.complex128
        return abs(z) + abs(complex(real=x[2], imag=1.0)) + complex(z, z).real

    size, other = np.hypot(X[0], X[1]), np.hypot(X[2], 1.0)
    assert np.allclose(grad(f), [X[0] / size + 1, X[1] / size - 1, X[2] / other])


def test_number_types_are_types():
    """`float` and `complex` serve as dtypes, in instance and subclass checks, as keys, bases and factories."""

    def f(x):
        assert np.zeros(2, dtype=float).dtype == np.float64
        assert np.zeros(2, complex).dtype == np.complex128
        assert x.astype(float).dtype == np.float64
        assert isinstance(x[0], float)
        assert isinstance(1.0, float)
        assert isinstance(x[0], (int, float))
        assert isinstance(x[0], float | None)
        assert not isinstance(x[0], complex)
        assert not isinstance(1, float)
        assert issubclass(np.float64, float)
        assert issubclass(float, numbers.Number)
        assert {float: 1}[float] == 1
        assert KINDS[float] == KINDS[float] == "real"
        assert (float.__name__, complex.__name__, repr(float)) == ("float", "complex", "<class 'float'>")
        assert collections.defaultdict(float)["a"] == 0.0
        assert float is float

        class Meters(float):
            pass

        assert Meters(2.0) + 1 == 3.0
        return x.sum()

    assert grad(f).tolist() == [1.0, 1.0, 1.0]


KINDS = {float: "real", complex: "complex", np.ndarray: "array"}


# type, isinstance, issubclass, object


def test_types_of_traced_values():
    """Traced arrays and numbers show the types that NumPy's would have."""

    def f(x):
        assert type(x) is np.ndarray
        assert type(x[0]) is np.float64
        assert KINDS[type(x)] == "array"
        assert isinstance(x, np.ndarray)
        assert isinstance(x, list | np.ndarray)
        assert isinstance(x[0], np.floating)
        assert isinstance(x[0], numbers.Real)
        assert not isinstance(x, (list, tuple))
        assert isinstance(x, cr.Array)
        return x.sum()

    assert grad(f).tolist() == [1.0, 1.0, 1.0]


def test_types_of_other_objects():
    """What stands for the user's objects, classes, modules and containers has the types of these."""

    def f(x):
        assert type(POINT) is Point
        assert POINT.__class__ is Point
        assert isinstance(POINT, Point)
        assert isinstance(Point(x), Point)
        assert type(Point(x)) is Point
        assert isinstance(Point, type)
        assert type(Point) is type
        assert Point.__name__ == "Point"
        assert issubclass(Point, object)
        assert type(NAMES) is list
        assert type(SIZES) is dict
        assert isinstance(NAMES, collections.abc.Sequence)
        assert isinstance(SIZES, dict)
        assert type(f) is types.FunctionType
        assert type(type) is type
        assert isinstance(object(), object)
        assert type(x.sum) is not None
        return x.sum()

    assert grad(f).tolist() == [1.0, 1.0, 1.0]


def test_types_made_inside():
    """`type` with three arguments makes a class, and a metaclass may derive from it."""

    def f(x):
        made = type("Made", (Point,), {"double": lambda self: np.zeros(3) + 2 * self.x})

        class Meta(type):
            def __call__(cls, *args):
                made = super().__call__(*args)
                made.tag = 3.0
                return made

        class Tagged(metaclass=Meta):
            def __init__(self, x):
                self.x = np.zeros(3)
                self.x[:] = x

        return made(x).double().sum() + Tagged(x).x.sum() * Tagged(x).tag

    assert grad(f).tolist() == [5.0, 5.0, 5.0]


def test_methods_of_object():
    """`object.__setattr__` and its kin act on the object, and give what stands for its attributes."""

    class Locked:
        def __init__(self, x):
            object.__setattr__(self, "x", x)

        def __setattr__(self, name, value):
            raise AttributeError(name)

        def __getattribute__(self, name):
            value = object.__getattribute__(self, name)
            return value * 2 if name == "x" else value

        def reset(self):
            super().__setattr__("x", np.zeros(3))
            return object.__getattribute__(self, "x")

    locked = Locked(np.ones(3))

    def f(x):
        made = Locked(x)
        with pytest.raises(AttributeError):
            made.x = x
        plain = object.__new__(Locked)
        object.__setattr__(plain, "x", x)
        buffer = made.reset()
        buffer[0] = x[0]
        return plain.x.sum() + locked.x.dot(x) + made.x.sum()

    assert grad(f).tolist() == [6.0, 4.0, 4.0]


# super, class statements, names, text


def test_super_in_every_form():
    """`super()` finds opened methods, properties, class methods and attributes, in any method."""

    class Base:
        scale = np.ones(3) * 2

        def __new__(cls, *args):
            made = super().__new__(cls)
            made.made = np.zeros(3)
            return made

        def value(self, x):
            y = np.zeros(3)
            y[:] = x
            return y

        @property
        def start(self):
            return np.zeros(3) + self.made

        @classmethod
        def create(cls, x):
            made = cls()
            made.made = made.made + x
            return made

        @staticmethod
        def double(x):
            return np.zeros(3) + 2 * x

    class Derived(Base):
        def value(self, x):
            return super().value(x) * super().scale + super().start

        @classmethod
        def create(cls, x):
            return super().create(x)

        def doubled(self, x):
            return sum(super(Derived, self).double(v) for v in [x])

    derived = Derived()

    def f(x):
        return (derived.value(x) + Derived.create(x).start + derived.doubled(x)).sum()

    assert grad(f).tolist() == [5.0, 5.0, 5.0]


def test_class_statements_see_the_swapped_names():
    """A class body sees globals, enclosing variables and builtins as the functions around it do."""
    enclosed = np.ones(3)

    def f(x):
        class Body:
            from math import sin

            start = np.zeros(3) + float(x[0]) + enclosed.dot(x)
            sine = sin(x[0])

            def value(self):
                return self.start.sum() + self.sine

        assert Body.__module__ == __name__
        assert Body.__qualname__.endswith("f.<locals>.Body")
        return Body().value()

    assert np.allclose(grad(f), [6.0 + np.cos(X[0]), 3.0, 3.0])
    with pytest.raises(NameError):
        grad(lambda x: type(build(x)))


def build(x):
    """A function whose class statement names what does not exist."""

    class Body:
        value = missing  # noqa: F821  # what the test is about

    return Body


def test_evaluated_names():
    """`eval` and `exec` read local and global names, and store where plain Python would."""

    def f(x):
        local = np.ones(3)  # noqa: F841  # read by the text below
        scope = {"v": x}
        exec("w = np.zeros(3) + v\nglobal_name = 1", {"np": np, **scope}, scope)
        assert "global_name" in scope
        exec("STORED = np.ones(3)", globals())
        assert globals()["STORED"].shape == (3,)
        assert eval("POINT.x") == 1.0
        assert eval("[v * 2 for v in NAMES]") == ["aa", "bb"]
        with pytest.raises(NameError):
            eval("missing")
        return eval("local.dot(x)") + scope["w"].sum()

    assert grad(f).tolist() == [2.0, 2.0, 2.0]
    assert type(globals().pop("STORED")) is np.ndarray


def test_dispatch_by_type():
    """`functools.singledispatch` chooses by the types that handles and look-alikes stand for."""

    @functools.singledispatch
    def size(value):
        return 0.0

    @size.register
    def _(value: np.ndarray):
        y = np.zeros(1)
        y[0] = value.dot(value)
        return y[0]

    @size.register
    def _(value: Point):
        return np.zeros(3).dot(value.x) + value.x.sum()

    @size.register(float)
    def _(value):
        return value * 3

    assert np.allclose(grad(lambda x: size(x) + size(Point(x)) + size(x[0]) + size("a")), 2 * X + 1 + [3, 0, 0])


def test_matching_by_class():
    """The patterns of a `match` statement know numbers, and the user's classes and their attributes."""

    class Pair:
        __match_args__ = ("a", "b")

        def __init__(self, a, b):
            self.a, self.b = a, b

    pair = Pair(np.ones(3), 2.0)

    def f(x):
        match pair:
            case Pair(a, b):
                y = a.dot(x) * b
        match x[0]:
            case int():
                return x.sum()
            case float(v):
                return y + v
        return None

    assert grad(f).tolist() == [3.0, 2.0, 2.0]
