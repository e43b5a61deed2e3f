"""How programs come to import the package: the command line, pytest, and `install`."""

import os
import subprocess
import sys

import pytest

import chainrule.interop.autograd.importing as importing

PROGRAM = """
import sys
import autograd
import autograd.numpy as np
from autograd import grad
from autograd.numpy.numpy_boxes import ArrayBox
import importlib.metadata
print(autograd.__name__, importlib.metadata.version("autograd"), sys.argv[1:], __name__)
print(grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0])))
assert sys.modules["autograd.numpy"] is sys.modules["chainrule.interop.autograd.numpy"]
# What takes long to import waits until it is asked for.
assert not {"llvmlite", "scipy.signal", "scipy.stats", "numpy.f2py"} & set(sys.modules)
# As libraries with several back ends ask (PennyLane, autoray).
grad(lambda x: print(type(x).__module__) or x**2)(1.0)
from autograd.numpy import *
fft.fft, linalg.norm, random.rand
"""
PRINTED = "chainrule.interop.autograd 1.9.1 ['a', '-b'] __main__\n[2. 4.]\nautograd.numpy.numpy_boxes\n"


def run(*arguments, cwd):
    """What a Python process prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_a_program_runs_with_its_own_arguments(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)

    ran = run("-m", "chainrule.interop.autograd", "program.py", "a", "-b", cwd=tmp_path)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, PRINTED, "")


def test_a_module_runs(tmp_path):
    (tmp_path / "some_module.py").write_text(PROGRAM)

    ran = run("-m", "chainrule.interop.autograd", "-m", "some_module", "a", "-b", cwd=tmp_path)

    assert (ran.returncode, ran.stdout) == (0, PRINTED), ran.stderr


def test_code_runs(tmp_path):
    ran = run("-m", "chainrule.interop.autograd", "-c", PROGRAM, "a", "-b", cwd=tmp_path)

    assert (ran.returncode, ran.stdout) == (0, PRINTED), ran.stderr


def test_a_program_is_told_where_it_stands(tmp_path):
    """As Python does: the arguments as they were given, and the file in full, wherever the program goes to."""
    (tmp_path / "program.py").write_text("import os\nos.chdir('/')\nprint(__file__)\n")

    ran = run("-m", "chainrule.interop.autograd", "program.py", cwd=tmp_path)

    assert ran.stdout == f"{tmp_path / 'program.py'}\n", ran.stderr


STARTING_OTHERS = """
import multiprocessing
import os
import pickle
import subprocess
import sys
import autograd.numpy as np
from autograd import grad
from autograd.numpy.linalg import norm
from autograd.scipy.special import gammaln

code = "import autograd, autograd.numpy as np; print(autograd.__name__, autograd.grad(np.sin)(0.0))"

def slope(f):
    return float(grad(f)(2.0))

if __name__ == "__main__":
    print(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(slope, [np.square, np.abs]))
    for what in (np, np.sin, np.abs, np.array, norm, np.fft.fft, np.random.randn, gammaln):
        assert pickle.loads(pickle.dumps(what)) is what
"""


def test_processes_that_a_program_starts_find_it_too(tmp_path):
    """d sin(x)/dx = 1 at 0, dx²/dx = 4 and d|x|/dx = 1 at 2; each is given the environment or the path."""
    (tmp_path / "program.py").write_text(STARTING_OTHERS)

    ran = run("-m", "chainrule.interop.autograd", "program.py", cwd=tmp_path)

    assert (ran.returncode, ran.stdout) == (0, "chainrule.interop.autograd 1.0\n\n[4.0, 1.0]\n"), ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"), [((), "usage"), (("-m",), "needs a module"), (("no.py",), "no file no.py")]
)
def test_what_cannot_be_run_is_said(arguments, said, tmp_path):
    ran = run("-m", "chainrule.interop.autograd", *arguments, cwd=tmp_path)

    assert ran.returncode == 2
    assert said in ran.stdout + ran.stderr


def test_pytest_serves_it_before_conftest_files_are_imported(tmp_path):
    (tmp_path / "conftest.py").write_text("import autograd\nassert autograd.__name__ == 'chainrule.interop.autograd'\n")
    (tmp_path / "test_it.py").write_text(
        "import autograd.numpy as np\nfrom autograd.test_util import check_grads\n"
        "def test_sine():\n    check_grads(np.sin)(1.0)\n"
    )

    ran = run("-m", "pytest", "-q", "-p", "chainrule.interop.autograd", "-p", "no:randomly", ".", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout


def test_importing_the_package_changes_nothing(tmp_path):
    code = "import sys, chainrule.interop.autograd; print('autograd' in sys.modules, len(sys.meta_path))"
    before = run("-c", "import sys; print(False, len(sys.meta_path))", cwd=tmp_path)

    assert run("-c", code, cwd=tmp_path).stdout == before.stdout


def test_a_name_that_is_taken_is_refused(tmp_path):
    (tmp_path / "autograd.py").write_text("")
    code = "import autograd\nfrom chainrule.interop.autograd import install\ninstall()"

    ran = run("-c", code, cwd=tmp_path)

    assert "ImportError: `autograd` was imported already, from" in ran.stderr


def test_the_name_is_given_back(tmp_path):
    code = (
        "import sys\nfrom chainrule.interop.autograd import install, uninstall\n"
        "install(); install(); import autograd.numpy\nuninstall()\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'autograd'])\n"
        "import os; print(any('children' in folder for folder in (*sys.path, os.environ['PYTHONPATH'])))\n"
    )

    assert run("-c", code, cwd=tmp_path).stdout == "[]\nFalse\n"


def test_a_module_that_autograd_does_not_have_is_not_found(tmp_path):
    ran = run("-m", "chainrule.interop.autograd", "-c", "import autograd.nothing", cwd=tmp_path)

    assert "No module named 'autograd.nothing'" in ran.stderr


ASKING = """
import importlib.metadata, subprocess, sys
print(importlib.metadata.version("autograd"))
print([entry.value for entry in importlib.metadata.entry_points(group="autograd")])
if "child" not in sys.argv:
    code = open("asking.py").read()
    print(subprocess.run([sys.executable, "-c", code, "child"], capture_output=True, text=True).stdout, end="")
    from chainrule.interop.autograd import uninstall
    uninstall()
    print([found.version for found in importlib.metadata.distributions(name="autograd") if not found.files])
"""


def test_the_version_is_that_of_the_names_in_the_processes_that_a_program_starts_too(tmp_path):
    (tmp_path / "asking.py").write_text(ASKING)

    ran = run("-m", "chainrule.interop.autograd", "asking.py", cwd=tmp_path)

    assert ran.stdout.splitlines() == [importing.VERSION, "[]"] * 2 + ["[]"], ran.stderr


SIMPLE_GRADIENT = """
import sys
import chainrule.interop.autograd.numpy as np
from chainrule.interop.autograd import elementwise_grad
import numpy
g = elementwise_grad(lambda x: -np.sum((x - 1.0) ** 2, 1) / 2.0)(numpy.ones((4, 2)))
assert g.shape == (4, 2) and not g.any()
print(*(name for name in sys.modules if name.startswith("chainrule.")))
"""
NOT_NEEDED = """
    chainrule.errors chainrule.transforms.batch chainrule.transforms.forward chainrule.transforms.limits
    chainrule.transforms.keeping chainrule.ops.indexing chainrule.ops.paths chainrule.jacobians.indexing
    chainrule.numpy.indexing chainrule.numpy.steps chainrule.numpy.movement chainrule.numpy.selection
    chainrule.numpy.complex_parts chainrule.numpy.python_numbers chainrule.interop.autograd.builtins
    chainrule.interop.autograd.numpy.numpy_vspaces chainrule.graph.graph chainrule.graph.order chainrule.graph.beginning
    chainrule.api.single_nodes chainrule.ops.extremes chainrule.ops.products chainrule.ops.moments
    chainrule.jacobians.kinks chainrule.jacobians.weighted_reduction chainrule.numpy.extremes
""".split()


def test_a_simple_gradient_waits_for_nothing_that_it_does_not_use():
    printed = subprocess.run([sys.executable, "-c", SIMPLE_GRADIENT], capture_output=True, text=True, check=True).stdout

    assert set(NOT_NEEDED) & set(printed.split()) == set()
