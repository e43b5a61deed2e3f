"""`chainrule check`: 0 where the derivatives are right, 1 where one is wrong."""

import json


def test_right_derivatives(chainrule):
    """The derivatives of a smooth function pass, to the order and in the modes that are asked for."""
    finished = chainrule("check", "models.py:rosenbrock", "--at", "[1.2, 1.0]")

    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout.startswith("right: the derivatives of order 1 to 2 by forward and reverse mode")


def test_wrong_derivative(chainrule):
    """The derivative of x · held(x) is x and not 2x, which is found, told on standard output, with exit status 1."""
    finished = chainrule("check", "models.py:half_held", "--at", "[3.0]", "--order", "1", "--mode", "reverse")

    assert finished.exit_code == 1
    assert finished.stderr == ""
    assert finished.stdout.startswith("wrong: the derivative of `half_held` with respect to `x[0]`")
    assert "reverse mode" in finished.stdout


def test_verdict_as_json(chainrule):
    """`--json` gives the verdict, and the finding if there is one."""
    right = chainrule("check", "models.py:rosenbrock", "--at", "[1.2, 1.0]", "--json", "--mode", "forward")
    wrong = chainrule("check", "models.py:half_held", "--at", "[3.0]", "--json")

    assert json.loads(right.stdout) == {
        "function": "models.py:rosenbrock",
        "right": True,
        "order": 2,
        "modes": ["forward"],
        "tolerance": None,
    }
    assert json.loads(wrong.stdout)["right"] is False
    assert "`half_held`" in json.loads(wrong.stdout)["finding"]


def test_tolerance_is_passed_on(chainrule):
    """With a tolerance that everything passes, a wrong derivative passes too."""
    finished = chainrule("check", "models.py:half_held", "--at", "[3.0]", "--tolerance", "10", "--order", "1")

    assert finished.exit_code == 0, finished.stdout


def test_named_and_integer_arguments_are_held(chainrule):
    """An integer after the first argument, and an argument given by name, take no part in the check."""
    finished = chainrule("check", "models.py:power", "--at", "2", "--at", "5")
    named = chainrule("check", "models.py:scaled", "--at", "[1, 2]", "--at", "3", "--at", "offset=0.5")

    assert (finished.exit_code, named.exit_code) == (0, 0), finished.stderr + named.stderr
