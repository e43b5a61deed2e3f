"""The level that records a program: what it records, what it looks at, and what it leaves alone."""

import numpy as np
import pytest

from chainrule import ops
from chainrule.graph import Graph
from chainrule.graph.replay import replay
from chainrule.graph.verify import verify
from chainrule.trace import Value
from chainrule.transforms import BatchLevel, ForwardLevel, ReverseLevel
from chainrule.transforms.holding import carries_derivative, held
from chainrule.transforms.looks import decide, places_where
from chainrule.transforms.recording import RecordingLevel


def program(level, inputs, outputs):
    """The recorded graph, after a check that it is one."""
    graph = Graph([x.attached for x in inputs], [y.attached for y in outputs])
    verify(graph)
    return graph


@pytest.fixture
def level():
    """A level that is recording."""
    return RecordingLevel()


def test_every_op_is_recorded(level):
    """Ops of one, two and more operands, discrete ones, and those of several results, run again for other inputs."""
    x = level.input(np.array([3.0, -1.0, 2.0]))
    order = ops.argsort(x, axis=0, kind="stable")
    fraction, whole = ops.index(x, path=((0,),)), ops.floor(x)
    w, v = ops.eigh(ops.reshape(ops.multiply(x, x), shape=(3, 1)) * np.eye(3), lower=True)
    y = ops.select(x > 0.0, ops.permuted(x, order, axis=0), whole)
    assert {type(each) for each in (order, fraction, whole, w, v, y)} == {Value}
    graph = program(level, [x], [y, w, fraction])
    other = np.array([-2.0, 5.0, 0.5])
    found = replay(graph, [other])
    np.testing.assert_array_equal(found[0], np.where(other > 0, np.sort(other), np.floor(other)))
    np.testing.assert_allclose(found[1], np.sort(other**2))
    assert found[2] == -2.0


def test_it_lies_below_all_levels(level):
    """Derivatives and lanes wrap its values, whichever was made first, so their products are recorded too."""
    before = ReverseLevel()
    x = level.input(np.array([1.0, 2.0]))
    for above in (before, ReverseLevel(), BatchLevel(2)):
        y = above.input(x)
        assert ops.sin(y).level is above
        assert ops.sin(y).below.level is level
    z = ForwardLevel().input(x, np.ones(2))
    product = ops.multiply(z, z)
    graph = program(level, [x], [product.attached])
    np.testing.assert_array_equal(replay(graph, [np.array([3.0, 4.0])])[0], [6.0, 8.0])


def test_looks_are_kept_once_with_what_was_seen(level):
    """A look keeps a copy of the array and the line; a second one at the same value adds nothing."""
    x = level.input(np.array([1.0, 2.0]))
    y = ops.multiply(x, x)
    seen = level.look(y)
    assert level.look(y) is seen
    ((node, look),) = level.looks.items()
    assert node is y.attached
    np.testing.assert_array_equal(look.value, [1.0, 4.0])
    assert look.position.function.endswith("kept_once_with_what_was_seen")


def test_memory_that_is_needed_is_not_overwritten(level):
    """Inputs, constants and what was looked at are not overwritten, in the run and when it is repeated."""
    array = np.zeros(2)
    x = level.input(array)
    one = np.float64(1.0)
    written = ops.update(x, one, path=((0,),), donate=True)
    assert not written.attached.params["donate"]
    again = ops.update(written, one, path=((1,),), donate=True)
    assert again.attached.params["donate"]
    level.look(again)
    assert not ops.update(again, one + one, path=((1,),), donate=True).attached.params["donate"]
    constant = np.zeros(2)
    assert not ops.update(constant, ops.index(x, path=((0,),)), path=((0,),), donate=True).attached.params["donate"]
    np.testing.assert_array_equal(array, 0.0)
    np.testing.assert_array_equal(constant, 0.0)


def test_decisions_look_at_the_answer_alone(level):
    """A test of numbers, of all lanes, is recorded, and only whether it holds is looked at."""
    x = level.input(np.array([1.0, -2.0]))
    assert decide(np.less, x, np.float64(0.0))
    assert decide(np.less, BatchLevel(2).input(x), np.float64(0.0))
    assert not decide(np.isnan, np.zeros(2))
    assert all(look.value.shape == () for look in level.looks.values())
    graph = Graph([x.attached], level.looks)
    assert replay(graph, [np.array([1.0, 2.0])]) == [False, False]


def test_masks_are_counted(level):
    """The places of a mask are recorded; how many there are is looked at."""
    x = level.input(np.array([[1.0, -2.0], [3.0, 4.0]]))
    rows, columns = places_where(x > 2.0)
    (look,) = level.looks.values()
    assert look.value == 2
    graph = program(level, [x], [rows, columns])
    found = replay(graph, [np.array([[5.0, 0.0], [9.0, 0.0]])])
    np.testing.assert_array_equal(found, [[0, 1], [0, 0]])
    with pytest.raises(ValueError, match="3 elements of a mask"):
        replay(graph, [np.array([[5.0, 5.0], [9.0, 0.0]])])


def test_held_values_are_recorded(level):
    """A value held constant loses its derivative, and stays part of the program."""
    x = level.input(np.array([1.0, 2.0]))
    assert held(ReverseLevel().input(x)) is x
    assert held(x) is x
    assert not carries_derivative(x)
    assert carries_derivative(ReverseLevel().input(x))


def test_after_its_end_values_are_what_they_wrap(level):
    """A value that outlives the recording can be used on, and nothing is recorded any more."""
    x = level.input(np.array([1.0, 2.0]))
    level.end()
    for result in (ops.sin(x), ops.add(x, x), ops.clip(x, np.float64(0), np.float64(1)), level.look(x)):
        assert type(result) is np.ndarray
    assert not level.looks
