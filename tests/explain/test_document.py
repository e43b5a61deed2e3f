"""What is written as JSON is read back as it was."""

import json
import math

import numpy as np
import pytest

from chainrule.explain.document import read, written
from chainrule.explain.numbers import numbers
from chainrule.explain.program import Edge, Finding, Jacobian, Node, Path, Program, Site


def program():
    """y = x², at a number that is not finite, with names that are hostile to a page."""
    hostile = '</script><b>"\u202e'
    nodes = [
        Node("x", None, "x", "x", numbers(np.array([np.nan, np.inf, 1 + 2j]))),
        Node(hostile, "square", "x*x", "x^{2}", numbers(np.arange(6.0).reshape(2, 3), most=3), site=0),
    ]
    jacobian = Jacobian("kronecker", (2, 3), (3,), "I ⊗ B", "I", 6, np.eye(6, 3), (("B", np.eye(2)),))
    return Program(
        "f",
        hostile,
        nodes,
        [Edge(0, 1, 0, jacobian, 1, numbers(np.float32(0.1)), math.nan, 2**70)],
        (0,),
        1,
        [Path((0,), numbers(np.array(-0.0)))],
        path_count=2**60,
        sites=[Site("f.py", 3, "f", "y = x*x")],
        findings=[Finding("birth", "pole", "forward", "error", "1/0", element=(0, 2))],
        checks={"sum over paths": 1e-16},
    )


def test_a_document_is_read_back_as_it_was():
    """All fields, NaN, infinities, complex numbers, counts beyond 2⁵³ and what was not kept included."""
    text = written(program())

    again = read(text)

    assert written(again) == text
    assert again.path_count == 2**60
    assert again.edges[0].paths == 2**70
    assert math.isnan(again.edges[0].flow)
    np.testing.assert_array_equal(again.nodes[0].value.values, program().nodes[0].value.values)
    assert again.nodes[1].value.values is None
    assert again.edges[0].contribution.values.dtype == np.float32
    assert again.edges[0].jacobian.factors[0][0] == "B"
    assert again.findings[0].element == (0, 2)


def test_a_document_is_strict_json():
    """No NaN or Infinity, which a browser would refuse."""
    json.loads(written(program()), parse_constant=pytest.fail)


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": 99}', "no JSON"])
def test_other_documents_are_refused(text):
    with pytest.raises(ValueError, match=r"not an explanation|Expecting"):
        read(text)
