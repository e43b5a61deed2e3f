"""Bad input: exit status 2, nothing on standard output, and one line that says what is wrong and where."""

import numpy as np
import pytest

ROSENBROCK = ("grad", "models.py:rosenbrock", "--at")


def _refused(finished, *phrases):
    """Assert that a command line was refused, in one line that has these phrases."""
    assert finished.exit_code == 2, (finished.exit_code, finished.output, finished.exception)
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("error: ")
    for phrase in phrases:
        assert phrase in line


@pytest.mark.parametrize(
    ("command", "phrases"),
    [
        ((), ["say what to do", "chainrule --help"]),
        (("differentiate",), ["differentiate", "chainrule --help"]),
        (("grad",), ["FILE.py:FUNCTION"]),
        (("grad", "models.py:rosenbrock"), ["--at"]),
        ((*ROSENBROCK, "1", "--order", "2"), ["--order", "chainrule grad --help"]),
        ((*ROSENBROCK, "[1, 2]", "--argnum", "x"), ["--argnum"]),
        ((*ROSENBROCK, "[1, 2]", "--jacobian", "--hessian"), ["--jacobian", "--hessian"]),
    ],
)
def test_command_line(chainrule, command, phrases):
    """A command line that cannot be read is refused, with a hint where to find help."""
    _refused(chainrule(*command), *phrases)


@pytest.mark.parametrize(
    ("named", "phrases"),
    [
        ("model.py:rosenbrock", ["no file model.py"]),
        ("models.py", ["FILE.py:FUNCTION"]),
        ("models.py:", ["FILE.py:FUNCTION"]),
        ("data.csv:f", ["data.csv", "FILE.py:FUNCTION"]),
        ("models.py:rosenbroc", ["no function `rosenbroc`", "did you mean `rosenbrock`?"]),
        ("models.py:zzz", ["no function `zzz`", "`rosenbrock`"]),
        ("models.py:Model.los", ["`Model.los`"]),
        ("models.py:number", ["`number`", "an int, not a function"]),
        ("broken.py:f", ["broken.py:2: SyntaxError"]),
        ("imports.py:f", ["imports.py:1: ModuleNotFoundError", "no_such_module"]),
        ("leaves.py:f", ["leaves.py:2: ", "sys.exit"]),
    ],
)
def test_function(chainrule, folder, named, phrases):
    """A file or function that is not there, or cannot be loaded, is named with its line."""
    (folder / "data.csv").write_text("1,2\n")
    (folder / "broken.py").write_text("x = 1\ndef f(x:\n")
    (folder / "imports.py").write_text("import no_such_module\n")
    (folder / "leaves.py").write_text("import sys\nsys.exit(3)\n")

    _refused(chainrule("grad", named, "--at", "[1, 2]"), *phrases)


@pytest.mark.parametrize(
    ("at", "phrases"),
    [
        ("one", ["--at one", "JSON"]),
        ("[1, 2", ["--at [1, 2", "JSON"]),
        ("__import__('os').getcwd()", ["JSON", "Python literal"]),
        ("[1, NaN]", ["`x[1]` is NaN"]),
        ("NaN", ["`x` is NaN"]),
        ("null", ["`x` is null"]),
        ("true", ["`x` is true"]),
        ('"text"', ["`x` is 'text'"]),
        ("[true, false]", ["`x` holds truth values"]),
        ('{"a": [1, "b"]}', ["`x['a'][1]` is 'b'"]),
        ("[[1, 2], [3]]", ["rows of different lengths"]),
        ("1" + "0" * 400, ["integer"]),
        ("missing.npy", ["no file missing.npy"]),
        ("folder.csv", ["folder.csv cannot be read"]),
        ("empty.csv", ["empty.csv holds no numbers"]),
        ("words.csv", ["words.csv", "two"]),
        ("bad.json", ["bad.json:2:", "not JSON"]),
        ("text.npy", ["text.npy", "NumPy's format"]),
        ("objects.npy", ["objects.npy"]),
        ("latin.json", ["latin.json", "UTF-8"]),
        ("nan.npy", ["`x[1]` is NaN"]),
    ],
)
def test_point(chainrule, folder, at, phrases):
    """A point that cannot be read, or that is no point, is refused before the function runs."""
    (folder / "folder.csv").mkdir()
    (folder / "empty.csv").write_text("x,y\n")
    (folder / "words.csv").write_text("1,two\n")
    (folder / "bad.json").write_text("[1,\n}\n")
    (folder / "text.npy").write_text("1 2 3")
    (folder / "latin.json").write_bytes(b'"\xe9"')
    np.save(folder / "objects.npy", np.array([{}], dtype=object))
    np.save(folder / "nan.npy", np.array([1.0, np.nan]))

    _refused(chainrule(*ROSENBROCK, at), *phrases)


def test_standard_input(chainrule):
    """Standard input that is empty, or no numbers, or asked for twice, is refused."""
    _refused(chainrule(*ROSENBROCK, "-", stdin=""), "standard input is empty")
    _refused(chainrule(*ROSENBROCK, "-", stdin="1,two\n"), "standard input", "two")
    _refused(chainrule(*ROSENBROCK, "-", "--at", "-", stdin="1"), "--at -", "once")


@pytest.mark.parametrize(
    ("command", "phrases"),
    [
        (("grad", "models.py:product", "--at", "1"), ["`product(x, y)`", "1 argument"]),
        ((*ROSENBROCK, "1", "--at", "2"), ["`rosenbrock(x)`", "2 arguments"]),
        ((*ROSENBROCK, "1", "--at", "y=2"), ["`rosenbrock(x)`", "y"]),
        ((*ROSENBROCK, "x=1", "--at", "x=2"), ["x=", "twice"]),
        ((*ROSENBROCK, "[1, 2]", "--argnum", "1"), ["--argnum 1"]),
        ((*ROSENBROCK, "[1, 2]", "--argnum", "-1"), ["--argnum -1"]),
        ((*ROSENBROCK, "[1, 2]", "--arg", "y"), ["--arg y", "`x`"]),
        ((*ROSENBROCK, "[1, 2]", "--arg", "x", "--argnum", "0"), ["twice"]),
    ],
)
def test_arguments(chainrule, command, phrases):
    """Arguments that the function does not take, or that are not given, are refused."""
    _refused(chainrule(*command), *phrases)


def test_result_that_is_not_one_number(chainrule):
    """A gradient of an array result is refused, and `--jacobian` is named."""
    _refused(chainrule("grad", "models.py:scaled", "--at", "[1, 2]", "--at", "3"), "shape (3,)", "--jacobian")


def test_result_that_is_nothing(chainrule):
    """A function that returns None has no derivative of any kind, and nothing to check."""
    for command in (["grad"], ["grad", "--jacobian"], ["check"]):
        _refused(chainrule(*command, "models.py:nothing", "--at", "[1, 2]"), "`nothing`")


def test_function_that_raises(chainrule, folder):
    """An error inside the function is told with the file and line of the user's, relative to the current folder."""
    line = 1 + (folder / "models.py").read_text().splitlines().index("    return x[7]")

    _refused(chainrule("grad", "models.py:beyond", "--at", "[1, 2]"), f"models.py:{line}: IndexError: ")


def test_shapes_that_do_not_fit(chainrule, folder):
    """Arguments of shapes that do not broadcast are told with the line where they met."""
    line = 1 + (folder / "models.py").read_text().splitlines().index("    return np.sum(x * y)")

    finished = chainrule("check", "models.py:product", "--at", "[1.0, 2]", "--at", "[1.0, 2, 3]")

    assert finished.exit_code == 2
    (last,) = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    assert f"models.py:{line}: ValueError: " in last


def test_check_where_the_function_is_infinite(chainrule):
    """`check` refuses a point at which nothing can be compared."""
    finished = chainrule("check", "models.py:logarithm", "--at", "[0.0, 1.0]")

    assert finished.exit_code == 2
    assert "-inf" in finished.stderr.splitlines()[-1]


def test_check_of_an_unknown_mode(chainrule):
    """`check` knows two modes."""
    _refused(chainrule("check", "models.py:rosenbrock", "--at", "[1, 2]", "--mode", "sideways"), "forward and reverse")
