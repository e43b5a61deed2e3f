"""`chainrule grad`: the derivative and nothing else on standard output, from every kind of input."""

import ast
import io
import json

import numpy as np
import pytest

# Closed forms at (1.2, 1): ∂₀ = -400 x₀ (x₁ - x₀²) - 2 (1 - x₀), ∂₁ = 200 (x₁ - x₀²), and their derivatives.
POINT = "[1.2, 1.0]"
GRADIENT = [-400 * 1.2 * (1 - 1.44) - 2 * (1 - 1.2), 200 * (1 - 1.44)]
HESSIAN = [[1200 * 1.44 - 400 * 1.0 + 2, -400 * 1.2], [-400 * 1.2, 200]]


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_gradient_is_printed_to_the_last_digit(chainrule):
    """Standard output holds the gradient alone, as Python reads it back."""
    finished = chainrule("grad", "models.py:rosenbrock", "--at", POINT)

    assert finished.exit_code == 0, finished.stderr
    np.testing.assert_allclose(ast.literal_eval(finished.stdout), GRADIENT, rtol=1e-14)


def test_json_holds_value_and_gradient_by_argument(chainrule):
    """`--json` gives the function's name, its value, and the gradient under the argument's name."""
    finished = chainrule("grad", "models.py:rosenbrock", "--at", POINT, "--json")

    result = json.loads(finished.stdout)
    assert {"function", "value", "gradient"} == set(result)
    assert result["function"] == "models.py:rosenbrock"
    assert result["value"] == pytest.approx(100 * (1 - 1.44) ** 2 + 0.2**2, rel=1e-14)
    assert result["gradient"]["x"] == pytest.approx(GRADIENT, rel=1e-14)


def test_hessian(chainrule):
    """`--hessian` prints the second derivatives."""
    finished = chainrule("grad", "models.py:rosenbrock", "--at", POINT, "--hessian")

    np.testing.assert_allclose(ast.literal_eval(finished.stdout), HESSIAN, rtol=1e-14)


def test_hessian_of_two_arguments_has_four_blocks(chainrule):
    """The Hessian of Σ x y has ones between x and y and zeros elsewhere."""
    command = ["grad", "models.py:product", "--at", "2.0", "--at", "3.0", "--argnum", "0", "--argnum", "1", "--hessian"]

    text, data = chainrule(*command), chainrule(*command, "--json")

    assert text.stdout.splitlines() == ["x, x: 0.0", "x, y: 1.0", "y, x: 1.0", "y, y: 0.0"]
    assert json.loads(data.stdout)["hessian"] == {"x": {"x": 0.0, "y": 1.0}, "y": {"x": 1.0, "y": 0.0}}


def test_jacobian_with_a_constant_argument(chainrule):
    """`--jacobian` differentiates an array result; an integer that is not differentiated stays an integer."""
    finished = chainrule("grad", "models.py:scaled", "--at", POINT, "--at", "3", "--jacobian", "--json")

    assert json.loads(finished.stdout)["jacobian"] == {"x": [[3, 0], [0, 3], [0, 0]]}


def test_integer_argument_can_be_counted_with(chainrule):
    """d/dx x⁵ = 5 x⁴, where the 5 is given to `range`; the point 2 is taken as 2.0."""
    finished = chainrule("grad", "models.py:power", "--at", "2", "--at", "5")

    assert finished.stdout == "80.0\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.npy", _npy(np.array([1.2, 1.0]))),
        ("x.csv", b"1.2,1.0\n"),
        ("column.csv", b"x\n1.2\n1.0\n"),
        ("x.json", b"[1.2, 1.0]"),
        ("-", b"[1.2, 1.0]"),
        ("-", b"(1.2, 1.0)"),
        ("-", b"1.2, 1.0\n"),
        ("-", b"height\n1.2\n1.0\n"),
        ("-", _npy(np.array([1.2, 1.0]))),
    ],
)
def test_point_from_files_and_standard_input(chainrule, folder, name, content):
    """The same point gives the same gradient, whatever it is read from."""
    if name != "-":
        (folder / name).write_bytes(content)

    finished = chainrule("grad", "models.py:rosenbrock", "--at", name, stdin=content)

    assert finished.exit_code == 0, finished.stderr
    np.testing.assert_allclose(ast.literal_eval(finished.stdout), GRADIENT, rtol=1e-14)


def test_what_is_printed_can_be_read_again(chainrule):
    """The gradient of one run is a point for the next."""
    first = chainrule("grad", "models.py:rosenbrock", "--at", POINT)

    again = chainrule("grad", "models.py:product", "--at", "-", "--at", "[1, 1]", "--arg", "y", stdin=first.stdout)

    np.testing.assert_allclose(ast.literal_eval(again.stdout), GRADIENT, rtol=1e-14)


def test_arguments_by_name(chainrule):
    """`NAME=VALUE` passes an argument by name, and `--arg` differentiates with respect to it."""
    finished = chainrule(
        "grad", "models.py:scaled", "--at", POINT, "--at", "factor=3", "--at", "offset=1", "--arg", "factor",
        "--arg", "offset", "--jacobian", "--json",
    )  # fmt: skip

    assert json.loads(finished.stdout)["jacobian"] == {"factor": [1.2, 1.0, 0.0], "offset": [1.0, 1.0, 1.0]}


def test_several_gradients_are_labelled(chainrule):
    """With more than one argument each gradient stands under the argument's name."""
    finished = chainrule("grad", "models.py:product", "--at", "[1, 2]", "--at", "[3, 4]", "--arg", "y", "--arg", "x")

    assert finished.stdout == "y: [1., 2.]\nx: [3., 4.]\n"


def test_variadic_arguments_are_counted(chainrule):
    """The arguments that `*xs` takes are called xs[0], xs[1]."""
    finished = chainrule("grad", "models.py:many", "--at", "3", "--at", "5", "--argnum", "1", "--json")

    assert json.loads(finished.stdout)["gradient"] == {"xs[1]": 3.0}


def test_containers(chainrule):
    """A dict of numbers and arrays has a gradient for each of them."""
    point = '{"w": [1, 2], "b": 3}'

    text = chainrule("grad", "models.py:parameters", "--at", point)
    data = chainrule("grad", "models.py:parameters", "--at", point, "--json")

    assert text.stdout == "['b']: 27.0\n['w']: [2., 4.]\n"
    assert json.loads(data.stdout)["gradient"] == {"p": {"w": [2.0, 4.0], "b": 27.0}}


def test_complex_numbers(chainrule):
    """The gradient of |z|² at x + iy is 2x - 2iy, in JSON as [real, imaginary]."""
    text = chainrule("grad", "models.py:modulus", "--at", "1+2j")
    data = chainrule("grad", "models.py:modulus", "--at", "1+2j", "--json")

    assert text.stdout == "(2-4j)\n"
    assert json.loads(data.stdout)["gradient"] == {"z": [2.0, -4.0]}


def test_function_inside_a_class(chainrule):
    """The function may be a dotted path into the file."""
    assert chainrule("grad", "models.py:Model.loss", "--at", "[1, 2]").stdout == "[2., 4.]\n"


def test_what_the_function_prints_goes_to_standard_error(chainrule):
    """Output of the user's code does not mix with the result."""
    finished = chainrule("grad", "models.py:product", "--at", "2", "--at", "3")

    assert finished.stdout == "3.0\n"
    assert "multiplying" in finished.stderr


def test_infinite_derivative_is_printed_with_a_warning(process):
    """d log x / dx at 0 is infinite: printed, valid JSON, and remarked upon in one line each."""
    finished = process("grad", "models.py:logarithm", "--at", "[0.0, 2.0]", "--json")

    assert finished.returncode == 0
    result = json.loads(finished.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert result["gradient"] == {"x": ["Infinity", 0.5]}
    assert result["value"] == "-Infinity"
    assert all(line.startswith(b"warning: ") for line in finished.stderr.splitlines())
    assert b"not finite" in finished.stderr


def test_empty_array(chainrule):
    """The gradient with respect to nothing is an empty array."""
    assert chainrule("grad", "models.py:logarithm", "--at", "[]").stdout == "[] of shape (0,)\n"
