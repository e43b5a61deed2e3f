"""The native and the portable entry agree, whatever a path asks for and whatever a call brings."""

import zlib

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from chainrule.compile.entry import Argument, Array, Check, Container, Equal, Item, Number, Result, Same, why_portable

DTYPES = [np.dtype(code) for code in ("f8", "f4", "i8", "c16", "?")]
SHAPES = [(), (0,), (1,), (2,), (2, 1), (1, 2), (2, 2)]
NUMBERS = {float: 1.5, complex: 2j, int: 3, np.float64: np.float64(2.5), np.bool_: np.True_, np.int32: np.int32(7)}
CONSTANTS = [None, True, "mean", len]

pytestmark = pytest.mark.skipif(bool(why_portable()), reason="there is only one entry here")

expectations = st.one_of(
    st.builds(Array, st.sampled_from(DTYPES), st.sampled_from(SHAPES), st.booleans()),
    st.builds(Number, st.sampled_from(list(NUMBERS))),
    st.builds(Same, st.sampled_from(CONSTANTS)),
    st.builds(Equal, st.sampled_from([3, "sum", b"x"])),
)
trees = st.recursive(
    expectations,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    ),
    max_leaves=6,
)


def checks_of(trees):
    """The checks for arguments of these structures, containers before their items."""
    checks = []

    def visit(place, tree):
        if not isinstance(tree, (list, dict)) and type(tree) is not tuple:
            checks.append(Check(place, tree))
            return
        checks.append(Check(place, Container(type(tree), len(tree))))
        parent = len(checks) - 1
        for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            visit(Item(parent, key), item)

    for position, tree in enumerate(trees):
        visit(Argument(position), tree)
    return checks


def fitting(tree):
    """A value that is as expected."""
    match tree:
        case Array(dtype, shape):
            return np.arange(1, np.prod(shape, dtype=int) + 1).reshape(shape).astype(dtype)
        case Number(kind):
            return NUMBERS[kind]
        case Same(value) | Equal(value):
            return value
        case dict():
            return {key: fitting(item) for key, item in tree.items()}
        case _:
            return type(tree)([fitting(item) for item in tree])


def strangers():
    """Values that may or may not be as expected."""
    readonly = np.ones(2)
    readonly.setflags(write=False)
    arrays = [np.ones(shape, dtype) for shape in SHAPES for dtype in (float, np.float32, bool)]
    odd = [np.ones(4)[::2], np.ones(2, ">f8"), np.ones((2, 2)).T, np.ma.ones(2), readonly, np.ones((2, 0, 1))]
    return [*arrays, *odd, *NUMBERS.values(), *CONSTANTS, 4, 2**70, "sum", [], (), {}, [1.5], {"a": 1.5}, np.float16(1)]


def changed(draw, value):
    """The value with, perhaps, one part replaced by a stranger."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(strangers()))
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: changed(draw, value[key])}
    if type(value) in (list, tuple) and value:
        place = draw(st.integers(0, len(value) - 1))
        return type(value)([*value[:place], changed(draw, value[place]), *value[place + 1 :]])
    return value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)
@given(st.data())
def test_native_and_portable_agree(entries, python_path, data):
    """For any path and any arguments, both hit with the same bytes as inputs, or both miss."""

    def digest(inputs, outputs):
        outputs[0][...] = sum(zlib.crc32(each.tobytes()) for each in inputs)
        return outputs[0] % 5 == 4

    structures = data.draw(st.lists(trees, max_size=3))
    path = python_path(digest, checks_of(structures), [Result(np.dtype(float), None)], arguments=len(structures))
    calls = []
    for native in (True, False):
        call = entries[native]()
        call.add_fast_path(path)
        calls.append(call)
    exact = [fitting(tree) for tree in structures]

    for arguments in (exact, [changed(data.draw, value) for value in exact]):
        a, b = (call(*arguments) for call in calls)
        assert type(a) is type(b)
        assert a[0] == b[0] == "slowly" if isinstance(a, tuple) else a == b
