"""What a mistake is answered with: one error, which says what happened and what to do."""

import json

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, DTypeError, ExplainError, NonScalarOutputError
from chainrule.explain import Explanation


def bell(x):
    v = x * x
    u = np.exp(v)
    y = x * u
    return y


@pytest.fixture(scope="module")
def ex():
    return cr.explain(bell, 0.5)


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda x: 2 * x, r"float64 of shape \(3,\)"),
        (lambda x: (x[0], x[1]), "a tuple of 2 values"),
        (lambda x: np.sum(x) * 1j, r"complex128 of shape \(\)"),
        (lambda x: "text", "a str"),
        (lambda x: None, "None"),
    ],
)
def test_a_result_that_is_not_one_real_number(f, got):
    with pytest.raises(NonScalarOutputError, match=f"`explain` explains one real number.* returned {got}") as caught:
        cr.explain(f, np.ones(3))

    assert "out=" in str(caught.value)
    assert "test_mistakes.py" in str(caught.value)


def test_an_entry_of_the_result():
    """∂(x²)₁/∂x = (0, 2 x₁, 0)."""
    np.testing.assert_array_equal(cr.explain(lambda x: x**2, np.array([1.0, 2.0, 3.0]), out=1).gradient, [0, 4, 0])
    with pytest.raises(ExplainError, match="`out=7` picks no entry"):
        cr.explain(lambda x: x**2, np.ones(3), out=7)
    with pytest.raises(ExplainError, match="`out='loss'` picks no entry"):
        cr.explain(lambda x: {"error": x}, 1.0, out="loss")


@pytest.mark.parametrize("x", [3, np.arange(3), np.True_])
def test_inputs_without_derivatives(x):
    with pytest.raises(DTypeError, match=r"`explain`: `x` is .*no derivative.*\n(.*\n)*.*floating-point"):
        cr.explain(lambda x: np.sum(x * 2.0), x)


def test_a_function_that_raises():
    """The program until there is shown, with the line; `raise_` raises the user's own error."""

    def f(x):
        v = np.sin(x)
        return v @ np.ones(2)

    ex = cr.explain(f, np.ones(3))

    assert ex.value is None
    assert ex.gradient is None
    np.testing.assert_array_equal(ex.node("v").value.values, np.sin(np.ones(3)))
    assert "return v @ np.ones(2)" in str(ex)
    assert "matmul" in ex.program.failure
    with pytest.raises(ValueError, match="matmul"):
        ex.raise_()
    for form in (ex.html, ex.svg, ex.latex, ex.to_json):
        assert form()
    with pytest.raises(ExplainError, match="matmul"):
        Explanation.from_json(ex.to_json()).raise_()


def test_an_error_of_the_users_own():
    def f(x):
        v = np.sin(x)
        raise LookupError(f"nothing at {v.shape}")

    ex = cr.explain(f, np.ones(3))

    with pytest.raises(LookupError, match=r"nothing at \(3,\)"):
        ex.raise_()
    assert "nothing at (3,)" in str(ex)


def test_names_and_slots(ex):
    with pytest.raises(KeyError, match="no value `q`; there are `x`, `v`, `u`, `y`"):
        ex.node("q")
    with pytest.raises(KeyError, match="`y` has no slot 9: its slots are 0, 1"):
        ex.edge("y", slot=9)
    with pytest.raises(KeyError, match="`y`: say which: its slots are 0, 1"):
        ex.edge("y")
    with pytest.raises(KeyError, match="no edge leads into `x`: it is an input"):
        ex.edge("x")


@pytest.mark.parametrize("name", ["page.doc", "page", "page.htmls"])
def test_unknown_suffixes(ex, tmp_path, name):
    with pytest.raises(ValueError, match=r"\.html, .*\.svg, .*\.json, .*\.png"):
        ex.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", "not an explanation: the text is not JSON"),
        ("", "not an explanation: the text is not JSON"),
        ("[1, 2]", "not an explanation of format 1"),
        ('{"a": 1}', "not an explanation of format 1"),
        ('{"schema": 99}', r"format 1.*schema: 99"),
        ('{"schema": 1}', "not all of one"),
        ('{"schema": 1, "nodes": 3}', "not all of one"),
    ],
)
def test_json_of_something_else(text, told):
    with pytest.raises(ValueError, match=told):
        Explanation.from_json(text)


def test_json_of_which_a_part_is_missing(ex):
    document = json.loads(ex.to_json())
    del document["nodes"][1]["value"]

    with pytest.raises(ValueError, match=r"not all of one.*value"):
        Explanation.from_json(json.dumps(document))


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"mode": "sideways"}, "'reverse', 'forward'"),
        ({"group": "all"}, "'auto', 'none'"),
        ({"detail": "lines"}, "'steps', 'ops'"),
        ({"jacobians": "dense"}, "'auto', 'none'"),
        ({"max_nodes": "many"}, "`max_nodes='many'`"),
        ({"paths": -1}, "`paths=-1`"),
        ({"direction": "q"}, "no input `q`: the inputs are `x`"),
    ],
)
def test_options(option, told):
    with pytest.raises(ValueError, match=told):
        cr.explain(bell, 0.5, **option)


def test_no_function():
    with pytest.raises(TypeError, match="takes a function first, and was given 3"):
        cr.explain(3, 0.5)


def test_inside_of_another_explanation():
    def f(x):
        cr.explain(bell, x)
        return x

    with pytest.raises(ExplainError, match="inside a function that is being differentiated"):
        cr.explain(f, 0.5)


@pytest.mark.parametrize("twice", [{"argnums": 0}, {"argnames": "y"}])
def test_arguments_that_are_named_twice(twice):
    """`wrt` is another way to say `argnums` and `argnames`, not a correction of them."""
    with pytest.raises(ArgumentError, match=r"`wrt` and `argnums` or `argnames`(.|\n)*test_mistakes.py"):
        cr.explain(lambda x, y: x * y, 1.0, 2.0, wrt="x", **twice)
