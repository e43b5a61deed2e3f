"""Paths are found by the signature of a call: it leads to every path that the call fits, and to few others."""

import ctypes
import itertools
import pickle

import numpy as np
import pytest

from chainrule.compile.entry import (
    Argument,
    Array,
    Check,
    Container,
    Equal,
    FastPath,
    Item,
    Number,
    Result,
    Same,
    native,
    why_portable,
)
from chainrule.compile.entry.signature import signature

FLOAT = np.dtype(float)


def described(*arguments):
    """A path that the arguments fit."""
    checks = []

    def describe(place, x):
        if type(x) is np.ndarray:
            checks.append(Check(place, Array(x.dtype, x.shape)))
        elif type(x) in (list, tuple, dict):
            checks.append(Check(place, Container(type(x), len(x))))
            parent = len(checks) - 1
            for key, item in x.items() if type(x) is dict else enumerate(x):
                describe(Item(parent, key), item)
        elif isinstance(x, (float, complex, np.generic)):
            checks.append(Check(place, Number(type(x))))
        else:
            checks.append(Check(place, Equal(x) if type(x) in (int, str) else Same(x)))

    for k, x in enumerate(arguments):
        describe(Argument(k), x)
    return FastPath(arguments=len(arguments), checks=checks, results=[], structure="tuple", program=0)


def signature_of_call(*arguments):
    """What the machine code finds for arguments."""
    address = native.code().address("signature")
    function = ctypes.PYFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_int64)(address)
    return function((ctypes.py_object * len(arguments))(*arguments), len(arguments))


DEEP = [[[[[[np.ones(3), "deep"]]]]]]
CALLS = {
    "none": (),
    "array": (np.ones(3),),
    "two arrays": (np.ones(3), np.ones(3)),
    "longer": (np.ones(4),),
    "float32": (np.ones(3, np.float32),),
    "unsigned": (np.ones(3, np.uint64),),
    "more axes": (np.ones((3, 1)),),
    "without axes": (np.array(1.0),),
    "empty": (np.ones((3, 0)),),
    "numbers": (1.5, 2j, np.float32(1), np.int8(2)),
    "integer": (-5,),
    "text": ("mode",),
    "other text": ("méthode",),
    "true": (True,),
    "false": (False,),
    "nothing": (None,),
    "module": (np,),
    "list": ([np.ones(3), 1.5],),
    "tuple": ((np.ones(3), 1.5),),
    "tuple of others": ((np.ones(2), 1.5),),
    "no items": ([], (), {}),
    "dict": ({"a": np.ones(3), 5: 2.0},),
    "dict of others": ({"a": np.ones(2), 5: 2.0},),
    "weights": ([(np.ones((3, 2)), np.ones(2)), (np.ones((2, 1)), np.ones(1))],),
    "deep": (DEEP, 1.5),
}


@pytest.mark.skipif(bool(why_portable()), reason="there is no native entry")
def test_calls_have_the_signature_of_their_path():
    """The signature of a call is that of the path for it, and all of these are different."""
    found = {name: signature_of_call(*arguments) for name, arguments in CALLS.items()}

    assert {name: signature(described(*arguments)) for name, arguments in CALLS.items()} == found
    assert len(set(found.values())) == len(CALLS)


@pytest.mark.skipif(bool(why_portable()), reason="there is no native entry")
def test_equal_calls_have_one_signature():
    """Other values, another order of keys, another object of an equal dtype: the same path may fit."""
    pairs = [
        ((np.ones(3),), (pickle.loads(pickle.dumps(np.zeros(3))),)),
        ((np.ones((2, 3)),), (np.zeros((3, 2)).T,)),
        ((1.5,), (-2.5,)),
        ((5,), (10**30,)),
        (({"a": 1.5, "b": np.ones(3)},), ({"b": np.zeros(3), "a": 0.0},)),
        (("mode",), ("".join(["mo", "de"]),)),
    ]

    assert all(signature_of_call(*one) == signature_of_call(*other) for one, other in pairs)


def test_paths_with_several_signatures():
    """Where a list itself is expected, what it contains may change: such a path is tried for every call."""
    either = []
    path = FastPath(arguments=1, checks=[Check(Argument(0), Same(either))], results=[], structure="tuple", program=0)

    assert signature(path) is None


def test_paths_of_every_kind_are_found(function, python_path):
    """Among paths for other shapes, types and texts, and some without a signature, each call finds its own."""
    held = [1.5]
    expected = {
        **{size: Array(FLOAT, (size,)) for size in range(40)},
        **{(size,): Array(np.dtype(np.int32), (size, size)) for size in range(40)},
        **{text: Equal(text) for text in ("sum", "mean")},
        **{kind: Number(kind) for kind in (float, complex, np.float32)},
        "held": Same(held),
        "other": Same(other := []),
    }
    arguments = {
        key: np.ones(key) if type(key) is int else np.ones(2 * key, np.int32) if type(key) is tuple else key
        for key in expected
    } | {"held": held, "other": other, float: 1.5, complex: 1j, np.float32: np.float32(1)}
    numbers = {key: number for number, key in enumerate(expected)}

    def path(key):
        def program(inputs, outputs):
            outputs[-1][...] = numbers[key]

        return python_path(program, [Check(Argument(0), expected[key])], [Result(FLOAT, None)])

    g = function(*map(path, expected))
    order = np.random.default_rng(0).permutation([*range(len(numbers))] * 3)

    assert [g(arguments[list(expected)[k]]) for k in order] == order.tolist()
    held.append(2.5)
    assert g(held) == numbers["held"]
    assert g(np.ones(41))[0] == g("max")[0] == "slowly"


def test_every_path_is_tried_once(function, python_path):
    """A call that misses the guards of all paths for it runs each of their programs once, the last taken first."""
    ran = []

    def path(number):
        def program(inputs, outputs):
            ran.append(number)
            outputs[0][...] = number
            return inputs[0][0] != number

        return python_path(program, [Check(Argument(0), Array(FLOAT, (1,)))], [Result(FLOAT, None)])

    g = function(*map(path, range(3)))
    for number in itertools.chain((2, 2, 1), [5]):
        g(np.array([float(number)]))

    if hasattr(g, "__vectorcalloffset__"):
        assert ran == [0, 1, 2, 2, 2, 0, 1, 1, 0, 2]
    else:
        assert ran == [0, 1, 2, 0, 1, 2, 0, 1, 0, 1, 2]
