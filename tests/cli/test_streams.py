"""A real process: exit status, the two streams, and colours."""

import json
import re
import subprocess
import sys

import pytest

import chainrule as package

ESCAPE = re.compile(rb"\x1b\[")


def test_version(process):
    """`--version` prints the version of the package."""
    finished = process("--version")

    assert finished.returncode == 0
    assert finished.stdout.decode().split() == ["chainrule", package.__version__]


@pytest.mark.parametrize("command", [[], ["grad"], ["check"], ["explain"], ["ops"], ["demo"]])
def test_help(process, command):
    """Every verb explains itself on standard output."""
    finished = process(*command, "--help")

    assert finished.returncode == 0
    assert b"Usage: chainrule" in finished.stdout
    assert finished.stderr == b""


def test_exit_statuses(process):
    """0 if all is well, 1 for a finding, 2 for bad input; what is not a result goes to standard error."""
    fine = process("grad", "models.py:product", "--at", "2", "--at", "3")
    found = process("check", "models.py:half_held", "--at", "[3.0]")
    bad = process("grad", "models.py:beyond", "--at", "[1.0]")

    assert (fine.returncode, found.returncode, bad.returncode) == (0, 1, 2)
    assert fine.stdout == b"3.0\n"
    assert b"multiplying" in fine.stderr
    assert found.stdout.startswith(b"wrong: ")
    assert bad.stdout == b""
    assert bad.stderr.count(b"\n") == 1
    assert b"Traceback" not in bad.stderr


def test_standard_input_of_a_process(process):
    """A point is read from a pipe."""
    finished = process("grad", "models.py:rosenbrock", "--at", "-", "--json", stdin=b"[1.0, 1.0]")

    assert json.loads(finished.stdout)["gradient"] == {"x": [0.0, 0.0]}


def test_no_colours_in_a_pipe(process):
    """No escape sequence is written to what is not a terminal."""
    finished = process("grad", "models.py:beyond", "--at", "[1.0]")

    assert not ESCAPE.search(finished.stderr)


def test_no_colour_is_respected(process):
    """Where colours are forced, `NO_COLOR` still takes them away."""
    command = ("grad", "models.py:beyond", "--at", "[1.0]")

    coloured = process(*command, FORCE_COLOR="1", TERM="xterm-256color")
    plain = process(*command, FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1")

    assert re.search(rb"\x1b\[[0-9;]*3[0-9]m", coloured.stderr)
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]m", plain.stderr)


def test_neighbours_of_the_file_can_be_imported(process, folder):
    """A file may import another from its own folder, from wherever the command is run."""
    nested = folder / "nested"
    nested.mkdir()
    (nested / "helper.py").write_text("import numpy as np\n\ndef square(x):\n    return np.sum(x**2)\n")
    (nested / "user.py").write_text("from helper import square\n\ndef loss(x):\n    return 2 * square(x)\n")

    finished = process("grad", "nested/user.py:loss", "--at", "[1, 2]")

    assert finished.stdout == b"[4., 8.]\n", finished.stderr


def test_file_named_like_a_library(process, folder):
    """A file called scipy.py takes the place of nothing."""
    (folder / "scipy.py").write_text("import numpy as np\n\ndef loss(x):\n    return np.sum(x**2)\n")

    finished = process("grad", "scipy.py:loss", "--at", "[1, 2]")

    assert finished.stdout == b"[2., 4.]\n", finished.stderr


def test_closed_pipe_is_no_traceback(folder):
    """Who stops reading early, as `head` does, sees no traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chainrule", "ops"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.read(10)
    process.stdout.close()

    errors = process.stderr.read()
    process.stderr.close()
    process.wait()

    assert b"Traceback" not in errors
