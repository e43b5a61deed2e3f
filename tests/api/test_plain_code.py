"""Ordinary programs in plain NumPy, of every shape that users write, differentiated as they stand."""

import abc
import cmath
import contextlib
import dataclasses
import enum
import functools
import importlib
import itertools
import math
import operator
import sys
import textwrap
import types
from collections import OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from functools import partial
from math import exp, sin
from typing import NamedTuple

import numpy as np
import numpy.linalg as la
import pytest
from numpy import array, cos, zeros
from numpy.linalg import norm

import chainrule as cr

X = np.array([0.7, -1.2, 1.9])
PROGRAMS = []


def program(f):
    """Register a program: a function of one vector with a number as its result."""
    PROGRAMS.append(f)
    return f


def differences(f, x):
    """The gradient by central differences of fourth order."""
    step = 1e-3
    gradient = np.zeros_like(x)
    for k in range(x.size):
        at = [x + d * step * np.eye(x.size)[k] for d in (-2, -1, 1, 2)]
        values = [float(f(point)) for point in at]
        gradient[k] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    return gradient


# Functions and their names.


@program
def imported_functions(x):
    y = zeros(3)
    y[0] = x[0] ** 2
    y[1:] = cos(x[1:])
    return norm(y) + la.norm(array([x[0], x[1]]))


@program
def numbers_and_math(x):
    total = float(x[0]) * 2
    total += math.sin(x[1]) + exp(x[2]) + sin(x[0]) + math.atan2(x[0], x[2]) + math.pow(abs(x[1]), 1.5)
    return total + math.hypot(x[0], x[1], x[2]) + math.log(x[2], 2) + math.fsum(x) + math.dist(x, [1.0, 2.0, 3.0])


@program
def complex_numbers(x):
    z = complex(x[0], x[1])
    w = cmath.exp(z * 1j) + complex(x[2]) ** 2
    return w.real + abs(w) + cmath.phase(z) + cmath.polar(z)[0] + cmath.rect(x[0], x[1]).imag


WEIGHTS = np.array([[1.0, 2.0, 0.5], [0.0, 1.0, -1.0], [2.0, 0.3, 0.7]])
OFFSET = np.array([0.1, 0.2, 0.3])
SCALE = 2.5
LAYERS = [WEIGHTS, WEIGHTS.T]
PARAMETERS = {"w": WEIGHTS, "b": OFFSET, "pair": (WEIGHTS[0], 3.0)}


def affine(x, w=WEIGHTS, *, b=OFFSET):
    return w.dot(x) + b


@program
def helper_functions_and_defaults(x):
    return SCALE * affine(x).sum() + affine(x, b=x).dot(x)


@program
def arrays_in_containers(x):
    for w in LAYERS:
        x = np.tanh(w.dot(x))
    w, b = PARAMETERS["w"], PARAMETERS["b"]
    row, factor = PARAMETERS["pair"]
    return (
        w.dot(x).dot(b) + factor * row.dot(x) + sum(v.dot(x) for v in LAYERS[0]) + sum(p.sum() for p in LAYERS) * x[0]
    )


def relu(x):
    y = np.zeros(x.shape)
    y[x > 0] = x[x > 0]
    return y


ACTIVATIONS = {"relu": relu, "tanh": np.tanh, "sine": math.sin}


@program
def functions_in_a_dict(x):
    return ACTIVATIONS["relu"](x).sum() + ACTIVATIONS["tanh"](x).sum() + ACTIVATIONS.get("sine")(x[0])


@program
def functions_in_a_list(x):
    steps = [relu, np.sin, lambda v: v**2]
    for step in [*steps, partial(affine, b=x)]:
        x = step(x)
    return x.sum()


def closure_over_arrays():
    w = np.array([1.0, 2.0, 3.0])

    def inner(x):
        return w.dot(x) + outer(x)

    def outer(x):
        buffer = np.zeros(2)
        buffer[0] = w.dot(x) ** 2
        return buffer.sum()

    return inner


closure = program(closure_over_arrays())


@program
def nested_functions(x):
    def square(v):
        result = np.empty(3)
        result[:] = v * v
        return result

    def twice(g):
        return lambda v: g(g(v))

    return twice(square)(x).sum() + (lambda v: np.zeros(3) + v)(x).sum()


def power(x, n):
    if n == 0:
        return np.ones(x.shape)
    y = np.zeros(x.shape)
    y += power(x, n - 1) * x
    return y


def is_even(x, n):
    return np.ones(1) * x if n == 0 else is_odd(x, n - 1) * 2


def is_odd(x, n):
    return np.zeros(1) + x if n == 0 else is_even(np.sin(x), n - 1)


@program
def recursion(x):
    return power(x, 3).sum() + is_even(x, 4).sum()


@program
def accumulation_by_nonlocal(x):
    total = 0.0
    history = np.zeros(3)

    def add(k):
        nonlocal total, history
        total = total + x[k] ** 2
        history = history + total

    for k in range(3):
        add(k)
    return total * history.sum()


COUNTER = 0
LAST = None


def remember(x):
    global COUNTER, LAST
    COUNTER += 1
    LAST = np.zeros(3) + x


@program
def accumulation_by_global(x):
    remember(x * 2)
    remember(LAST * LAST)
    return LAST.sum()


@program
def generators(x):
    def running(values):
        total = np.zeros(1)
        for value in values:
            total = total + value**2
            yield total

    return sum(t.sum() for t in running(x)) + sum(math.sin(v) for v in x) + max(v * 2 for v in x)


@program
def comprehensions(x):
    y = np.array([math.sin(v) for v in x])
    z = {k: np.zeros(2) + v for k, v in enumerate(x)}
    return y.sum() + sum(v.sum() for v in z.values()) + np.array([[a * b for a in x] for b in x]).sum()


@program
def imports_inside(x):
    import math as m

    import numpy
    import numpy as plain
    import numpy.linalg
    from numpy import ones as one
    from numpy.linalg import norm as length

    y = plain.zeros(3)
    y[:] = x
    numerical = importlib.import_module("numpy")
    return length(y) + m.cos(x[0]) + (one(3) * x).sum() + numpy.linalg.norm(numerical.zeros(3) + x)


def timed(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        scratch = np.zeros(1)
        scratch += f(*args, **kwargs)
        return scratch[0]

    return wrapper


def scaled(factor):
    def decorate(f):
        def wrapper(x):
            return f(factor.dot(x)) + f(x)

        return wrapper

    return decorate


@program
@timed
def decorated(x):
    y = np.zeros(3)
    y[1] = x.prod()
    return y.sum()


@program
@scaled(WEIGHTS)
def decorated_with_arguments(x):
    y = np.zeros(1)
    y[0] = (x**2).sum()
    return y[0]


@functools.lru_cache(maxsize=8)
def table(n):
    return np.arange(float(n))


@functools.cache
def square_of(v):
    return np.zeros(1) + v * v


@program
def cached_functions(x):
    return table(3).dot(x) + square_of(x[0]).sum() + square_of(3.0).sum() * x[1]


@contextlib.contextmanager
def scratch(size):
    yield np.zeros(size)


@functools.singledispatch
def energy(state):
    raise NotImplementedError


@energy.register
def _(state: np.ndarray):
    y = np.zeros(state.shape)
    y[:] = state**2
    return y.sum()


@program
def functions_wrapped_by_the_standard_library(x):
    with scratch(3) as y:
        y[:] = x
    return y.dot(y) + functools.reduce(lambda a, b: a * b + np.zeros(1)[0], x) + sum(map(math.sin, x)) + energy(x)


@program
def sorting_with_a_key(x):
    ordered = sorted(x, key=lambda v: float(v))
    pairs = sorted(enumerate(x), key=operator.itemgetter(1), reverse=True)
    return ordered[0] * 2 + pairs[0][1] * 3 + min(x, key=abs) + next(itertools.accumulate(x))


# Objects.


class Model:
    """A model whose parameters are attributes."""

    momentum = np.array([0.1, 0.2, 0.3])
    count = 0

    def __init__(self, n):
        self.w = np.arange(1.0, n + 1)
        self.layers = [Layer(k) for k in range(2)]
        self.activation = np.tanh
        self.bias = 1.5

    def predict(self, x):
        y = np.zeros(3)
        y[:] = self.w * x + self.bias
        for layer in self.layers:
            y = layer(y)
        return self.activation(y)

    @property
    def norm(self):
        return np.zeros(1) + self.w.dot(self.w)

    @functools.cached_property
    def gram(self):
        g = np.zeros((3, 3))
        g[:] = np.outer(self.w, self.w)
        return g

    @classmethod
    def shared(cls, x):
        return cls.momentum.dot(x) + cls.helper(x)

    @staticmethod
    def helper(x):
        y = np.zeros(1)
        y[0] = x[0]
        return y[0]

    def loss(self, x):
        return self.predict(x).sum() * self.norm[0] + self.shared(x) + self.gram.dot(x).sum()


class Layer:
    """A callable object."""

    def __init__(self, k):
        self.k = k
        self.w = WEIGHTS * (k + 1)

    def __call__(self, x):
        y = np.zeros(3)
        y += self.w.dot(x)
        return y


MODEL = Model(3)
program(MODEL.loss)
program(lambda x: Layer(2)(x).sum())


@program
def method_of_a_global(x):
    return MODEL.loss(x) + MODEL.layers[1](x).sum() + sum(layer(x).sum() for layer in MODEL.layers)


class Wide(Model):
    """Inheritance and `super()`."""

    def __init__(self, n):
        super().__init__(n)
        self.extra = np.ones(n)

    def predict(self, x):
        base = super().predict(x)
        out = np.zeros(3)
        out[:2] = base[:2] * self.extra.dot(x)
        return out + super().norm

    @classmethod
    def shared(cls, x):
        return super().shared(x) * 2


@program
def inheritance(x):
    return Wide(3).loss(x) + WIDE.loss(x) + Model.loss(WIDE, x)


WIDE = Wide(3)


class Vector:
    """Operators, and objects made inside."""

    __slots__ = ("data",)

    def __init__(self, data):
        self.data = np.zeros(3)
        self.data[:] = data

    def __add__(self, other):
        return type(self)(self.data + other.data)

    def __mul__(self, factor):
        return self.__class__(self.data * factor)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.data.dot(other.data)

    def __neg__(self):
        return Vector(-self.data)

    def __iadd__(self, other):
        self.data += other.data
        return self

    def __getitem__(self, k):
        return self.data[k]

    def __len__(self):
        return 3

    def __iter__(self):
        for k in range(3):
            yield np.zeros(1)[0] + self.data[k]

    def __eq__(self, other):
        return isinstance(other, Vector) and bool(np.all(self.data == other.data))

    __hash__ = None


UNIT = Vector([1.0, 0.0, 2.0])


@program
def operators(x):
    v = Vector(x)
    w = 2.0 * v + UNIT * x[1] + (-v)
    w += v
    assert isinstance(w, Vector)
    assert type(w) is Vector
    assert isinstance(UNIT, Vector)
    assert w == w
    assert len(w) == 3
    return (w @ v) + w[0] + sum(w) + (w @ UNIT)


@dataclass
class State:
    """A dataclass that is changed."""

    position: np.ndarray
    velocity: np.ndarray
    log: list = field(default_factory=list)

    def step(self, dt):
        force = np.zeros(3)
        force[:] = -self.position
        self.velocity = self.velocity + dt * force
        self.position = self.position + dt * self.velocity
        self.log.append(self.energy())

    def energy(self):
        return 0.5 * self.velocity.dot(self.velocity) + 0.5 * self.position.dot(self.position)


@program
def dataclass_made_inside(x):
    state = State(x, np.zeros(3))
    for _ in range(4):
        state.step(0.1)
    return state.energy() + sum(state.log) + dataclasses.replace(state, velocity=x).energy()


@dataclass(frozen=True)
class Point:
    """A frozen dataclass."""

    a: float
    b: float
    weights: np.ndarray = field(default_factory=lambda: np.ones(3))
    norm: float = field(init=False)

    def __post_init__(self):
        buffer = np.zeros(2)
        buffer[0], buffer[1] = self.a, self.b
        object.__setattr__(self, "norm", np.sqrt((buffer**2).sum()))

    def area(self, x):
        return self.a * self.b * self.weights.dot(x)


@dataclass(frozen=True, slots=True)
class Slotted:
    """A frozen dataclass with slots."""

    a: float
    w: np.ndarray

    def value(self, x):
        y = np.zeros(1)
        y[0] = self.a * self.w.dot(x)
        return y[0]


CORNER = Point(1.0, 2.0)
SLOTTED = Slotted(1.5, OFFSET)


@program
def frozen_dataclasses(x):
    inside = Point(x[0], x[1])
    return inside.area(x) + inside.norm + CORNER.area(x) + SLOTTED.value(x) + Slotted(x[2], OFFSET).value(x)


class Pair(NamedTuple):
    """A named tuple."""

    left: np.ndarray
    right: np.ndarray


Both = namedtuple("Both", "first second")
PAIR = Pair(OFFSET, WEIGHTS)
BOTH = Both(OFFSET, relu)


@program
def named_tuples(x):
    inside = Pair(np.zeros(3) + x, right=x * 2)
    left, right = PAIR
    return (
        inside.left.dot(inside.right)
        + left.dot(x)
        + PAIR.right.dot(x).sum()
        + BOTH.second(x).sum()
        + right.sum() * x[0]
    )


class Shape(abc.ABC):
    """An abstract base."""

    @abc.abstractmethod
    def area(self, x):
        """The area."""

    def total(self, x):
        return self.area(x) + np.zeros(1)[0]


class Circle(Shape):
    """A concrete class."""

    def area(self, x):
        return math.pi * x[0] ** 2


class Box(Shape):
    """Another."""

    def area(self, x):
        y = np.zeros(2)
        y[0], y[1] = x[1], x[2]
        return y.prod()


SHAPES = [Circle(), Box()]
AREAS = {Circle: lambda s, x: s.area(x), Box: lambda s, x: 2 * s.area(x)}


@program
def abstract_classes(x):
    assert all(isinstance(shape, Shape) for shape in SHAPES)
    return sum(shape.total(x) for shape in SHAPES) + sum(AREAS[type(shape)](shape, x) for shape in [*SHAPES, Circle()])


class Recorder:
    """A context manager, an iterator, and attributes that are found late."""

    def __init__(self):
        self.buffer = np.zeros(3)
        self.k = 0

    def __enter__(self):
        self.buffer = np.zeros(3)
        return self

    def __exit__(self, *details):
        self.k = -1
        return False

    def __iter__(self):
        self.k = 0
        return self

    def __next__(self):
        if self.k == 3:
            raise StopIteration
        self.k += 1
        return self.buffer[self.k - 1]

    def __getattr__(self, name):
        if name.startswith("times_"):
            return np.zeros(1)[0] + float(name.removeprefix("times_"))
        raise AttributeError(name)

    def __setitem__(self, k, value):
        self.buffer[k] = value

    def __contains__(self, k):
        return k in range(3)


@program
def protocols_of_objects(x):
    recorder = Recorder()
    with recorder as r:
        r[0] = x[0] ** 2
        r[1] = x[1]
        if 2 in r:
            r.buffer[2] = x[2]
    assert not hasattr(recorder, "missing")
    return sum(recorder) * recorder.times_3


class Celsius:
    """A descriptor."""

    def __get__(self, instance, owner):
        return np.zeros(1)[0] + instance.kelvin - 273.15

    def __set__(self, instance, value):
        instance.kelvin = value + 273.15


class Sensor:
    """Properties with setters, and a descriptor."""

    celsius = Celsius()

    def __init__(self, kelvin):
        self.kelvin = kelvin

    @property
    def double(self):
        return 2 * self.kelvin

    @double.setter
    def double(self, value):
        scratch = np.zeros(1)
        scratch[0] = value / 2
        self.kelvin = scratch[0]


@program
def descriptors(x):
    sensor = Sensor(x[0])
    sensor.celsius = sensor.celsius * 2
    sensor.double = sensor.double + x[1]
    return sensor.kelvin + sensor.celsius**2


class Color(enum.Enum):
    """An enumeration."""

    RED = 2.0
    BLUE = 3.0


class RangeError(ValueError):
    """An exception of the user's."""


@program
def enums_and_exceptions(x):
    try:
        if x[1] < 0:
            raise RangeError("negative")
    except RangeError:
        x = x * Color.RED.value
    return x.sum() * (3.0 if Color(2.0) is Color.RED else 1.0)


@program
def class_made_inside(x):
    class Local(Model):
        start = np.zeros(3)
        slope = np.arange(3.0) * SCALE

        def __init__(self):
            super().__init__(3)
            self.start = self.start + x

        def value(self):
            y = np.zeros(3)
            y[:] = self.slope * self.start
            return y.sum() + self.predict(self.start).sum()

    return Local().value()


class Tree:
    """Objects that refer to each other."""

    def __init__(self, value, parent=None):
        self.value = value
        self.parent = parent
        self.children = []

    def add(self, value):
        child = Tree(np.zeros(1) + value, self)
        self.children.append(child)
        assert self.children[-1] is child
        assert child.parent is self
        return child

    def total(self):
        return self.value.sum() + sum(child.total() for child in self.children)


@program
def linked_objects(x):
    root = Tree(x)
    node = root
    for v in x:
        node = node.add(v * node.value.sum())
    return root.total() + node.parent.parent.value.sum()


NAMESPACE = types.SimpleNamespace(w=OFFSET, f=relu)
GROUPS = defaultdict(list, a=[OFFSET, relu])
QUEUE = deque([OFFSET, WEIGHTS[1]])
ORDERED = OrderedDict(first=relu, second=OFFSET)


@program
def containers_of_the_standard_library(x):
    w, f = GROUPS["a"]
    return (
        NAMESPACE.w.dot(NAMESPACE.f(x))
        + w.dot(f(x))
        + QUEUE[0].dot(x)
        + sum(q.dot(x) for q in QUEUE)
        + sum(v(x).sum() if callable(v) else v.dot(x) for v in ORDERED.values())
        + sum(v.dot(x) for k, v in ORDERED.items() if k == "second")
    )


# Code as text.


@program
def evaluated_text(x):
    scope = {"x": x}
    exec("import numpy as np\ny = np.zeros(3)\ny[:] = x ** 2\ndef g(v):\n    return np.zeros(1)[0] + v", scope)
    return (
        eval("np.zeros(3) + x").sum()
        + scope["y"].sum()
        + scope["g"](x[0])
        + eval("SCALE * v", {"v": x[1], "SCALE": 3.0})
    )


@program
def look_ups_by_name(x):
    found = globals()["relu"]
    name = "zeros"
    return (
        found(x).sum() + getattr(np, name)(3).dot(x) + getattr(MODEL, "w" + name[:0]).dot(x) + vars(MODEL)["w"].dot(x)
    )


def typed(namespace_name):
    """A function that was typed into an interpreter."""
    namespace = {"__name__": namespace_name}
    source = """
        import numpy as np
        from math import sin
        W = np.arange(3.0)
        def helper(x):
            y = np.zeros(3)
            y[:] = x
            return W.dot(y) * sin(x[0])
        def f(x):
            return helper(x) + np.zeros(3).dot(x)
    """
    exec(compile(textwrap.dedent(source), "<stdin>", "exec"), namespace)
    return namespace["f"]


program(typed("__main__"))
program(partial(affine, w=WEIGHTS[0], b=0.0))


@program
def matching(x):
    match x[0] * 2, {"v": x}:
        case float(value), {"v": vector}:
            return value * vector.sum()
        case _:
            return x.sum()


@program
def control_flow(x):
    y = np.zeros(4)
    k = 0
    while y.sum() < 5 and k < 20:
        y[k % 4] += float(x[k % 3]) ** 2
        k += 1
    return y.sum() if int(x[2]) == 1 else y.prod()


@program
def writes_to_the_argument(x):
    x[0] *= 2
    x += 1
    view = x[1:]
    view[:] = view * x[0]
    return x.sum()


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: getattr(f, "__name__", type(f).__name__))
def test_gradient_is_that_of_central_differences(f):
    """The gradient of a plain NumPy program is that of differences of its values, and its argument is kept."""
    x = X.copy()
    assert np.allclose(cr.grad(f)(x), differences(lambda v: f(v.copy()), X), rtol=1e-8, atol=1e-8)
    assert np.array_equal(x, X)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: getattr(f, "__name__", type(f).__name__))
def test_value_is_that_of_the_plain_program(f):
    """Taking a derivative computes the value that the program has."""
    assert cr.value_and_grad(f)(X)[0] == pytest.approx(float(f(X.copy())), rel=1e-14)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: getattr(f, "__name__", type(f).__name__))
def test_forward_mode_agrees(f):
    """Along a direction, forward mode gives the gradient times the direction."""
    v = np.array([0.3, -0.5, 0.2])
    _, y_dot = cr.jvp(f, (X,), (v,))
    assert np.allclose(y_dot, cr.grad(f)(X) @ v, rtol=1e-10, atol=1e-12)


def test_second_derivatives_of_a_method():
    """The Hessian of a method is the Jacobian of its gradient by differences."""
    step = 1e-5
    expected = [(cr.grad(MODEL.loss)(X + step * e) - cr.grad(MODEL.loss)(X - step * e)) / (2 * step) for e in np.eye(3)]
    assert np.allclose(cr.hessian(MODEL.loss)(X), expected, rtol=1e-6, atol=1e-6)


def test_derivative_inside_a_derivative():
    """A function that takes the gradient of a helper, and of a method, is differentiated in turn."""

    def f(x):
        step = cr.grad(MODEL.loss)(x)
        inner = cr.grad(lambda v: affine(v).dot(v))(x)
        return (step * inner).sum() + np.zeros(3).dot(x)

    assert np.allclose(cr.grad(f)(X), differences(f, X), rtol=1e-6, atol=1e-6)


def test_lanes_of_a_method():
    """vmap of a method is a loop over the examples."""
    xs = np.stack([X, 2 * X, X - 1])
    assert np.allclose(cr.vmap(MODEL.loss)(xs), [MODEL.loss(x) for x in xs])


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A package of the user's, with a submodule."""
    package = tmp_path / "usermodel"
    package.mkdir()
    (package / "__init__.py").write_text("from usermodel import layers\nWEIGHT = 3.0\n")
    (package / "layers.py").write_text(
        textwrap.dedent(
            """
            import numpy as np
            from numpy import *
            W = np.arange(3.0)
            calls = 0
            def dense(x):
                global calls
                calls += 1
                y = zeros(3)
                y[:] = W * x
                return y
            def __getattr__(name):
                if name == "late":
                    return lambda x: np.zeros(3) + x
                raise AttributeError(name)
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("usermodel")
    for name in ("usermodel", "usermodel.layers"):
        sys.modules.pop(name)


def test_modules_of_the_user(module):
    """Functions are opened that are reached through a package, its submodule, or an import inside."""

    def f(x):
        import usermodel.layers
        from usermodel.layers import dense

        y = module.layers.dense(x) * dense(x) + usermodel.layers.dense(x) * module.WEIGHT
        return (y + module.layers.W.dot(x) + module.layers.late(x)).sum()

    assert np.allclose(cr.grad(f)(X), differences(f, X))
    calls = module.layers.calls
    cr.grad(f)(X)
    assert module.layers.calls == calls + 3
    assert not hasattr(module.layers, "missing")


def test_callable_object():
    """An object with `__call__` is differentiated like a function."""
    layer = Layer(1)
    assert np.allclose(cr.jacobian(layer)(X), layer.w)


def test_object_among_the_arguments():
    """The methods of an object that is passed as another argument are opened, its arrays are constants."""

    def loss(model, x, functions):
        return model.loss(x) + functions[0](x).sum() + functions[1].w.dot(x).sum()

    gradient = cr.grad(loss, argnums=1)(MODEL, X, [relu, Layer(0)])
    assert np.allclose(gradient, differences(lambda x: loss(MODEL, x, [relu, Layer(0)]), X))


def test_dataclass_that_is_differentiated():
    """The methods of a dataclass of parameters run opened, and the gradient is one of these."""

    @dataclass
    class Parameters:
        w: np.ndarray
        b: float

        def value(self, x):
            y = np.zeros(3)
            y[:] = self.w * x + self.b
            return (y**2).sum()

    parameters = Parameters(OFFSET, 0.5)
    gradient = cr.grad(lambda p: p.value(X))(parameters)
    assert type(gradient) is Parameters
    assert np.allclose(gradient.w, 2 * (OFFSET * X + 0.5) * X)
    assert np.allclose(gradient.b, 2 * (OFFSET * X + 0.5).sum())


def test_result_that_is_a_dataclass():
    """A dataclass that is made inside comes out as the user's own."""

    def f(x):
        state = State(x, np.zeros(3))
        state.step(0.5)
        return state

    y, y_dot = cr.jvp(f, (X,), (np.ones(3),))
    assert type(y) is State
    assert np.allclose(y.position, f(X).position)
    assert np.allclose(y_dot.velocity, -0.5)
