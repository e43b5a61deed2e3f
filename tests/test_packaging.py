"""What is installed is whole: the wheel, its version and its types, and an import that brings no optional package."""

import email
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# What the command line, the demonstrations, the tests and the bridges to other libraries use.
NOT_IMPORTED = {
    "autograd",
    "dask",
    "hypothesis",
    "jax",
    "matplotlib",
    "mpmath",
    "pytest",
    "rich",
    "sklearn",
    "torch",
    "typer",
}


def _python(*arguments, search_path):
    """Run a fresh interpreter that finds packages in `search_path` first, and return what it prints."""
    finished = subprocess.run(
        [sys.executable, *arguments],
        env={"PYTHONPATH": str(search_path), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that the build backend makes from the tree as it stands."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """A folder that holds what the wheel would install, and nothing else."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def information(unpacked):
    """Return the folder of the wheel in which installers look: metadata, entry points, licences."""
    (folder,) = unpacked.glob("*.dist-info")
    return folder


def test_wheel_holds_every_source_file(wheel):
    """The wheel has the same files as `src`, with `py.typed` among them."""
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if name.startswith("chainrule/")}

    assert "chainrule/py.typed" in found
    assert expected == found


def test_wheel_states_what_pyproject_states(information):
    """Name, version, Python, licence and dependencies in the wheel's metadata are those of `pyproject.toml`."""
    metadata = email.message_from_string((information / "METADATA").read_text(encoding="utf-8"))

    assert metadata["Name"] == "chainrule"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == "MIT"
    required = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert sorted(PROJECT["dependencies"]) == sorted(required)


def test_wheel_carries_the_licence(information):
    """The licence text travels with the wheel."""
    assert (information / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_wheel_installs_the_command(information):
    """The `chainrule` command is the `main` of `chainrule.cli`."""
    entry_points = (information / "entry_points.txt").read_text(encoding="utf-8")

    assert "chainrule = chainrule.cli:main" in entry_points.splitlines()


def test_wheel_stands_alone(unpacked):
    """The package imports from the wheel alone, and its `__version__` is the version of `pyproject.toml`."""
    printed = _python(
        "-c", "import chainrule; print(chainrule.__version__); print(chainrule.__file__)", search_path=unpacked
    )

    version, file = printed.splitlines()
    assert version == PROJECT["version"]
    assert Path(file).is_relative_to(unpacked)


def test_changelog_begins_with_what_is_unreleased():
    """The first section of the changelog is `Unreleased`, and a released version has a section of its own."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()

    sections = [line.removeprefix("## ") for line in lines if line.startswith("## ")]

    assert sections[0] == "Unreleased"


def test_import_brings_no_optional_package():
    """`import chainrule` loads neither the extras, nor what only the command line uses, nor any test tool."""
    printed = _python(
        "-c",
        "import sys, chainrule; print(*{name.partition('.')[0] for name in sys.modules})",
        search_path=ROOT / "src",
    )

    loaded = set(printed.split())
    assert "chainrule" in loaded
    assert loaded & NOT_IMPORTED == set()


@pytest.mark.parametrize("name", ["demo", "test"])
def test_requirements_pin_versions_and_name_no_machine(name):
    """Each line of a pinned file is one package at one version: no index, no path, no hash."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    pins = [line for line in lines if not line.startswith("#")]

    assert pins
    for line in pins:
        package, _, version = line.partition("==")
        assert package.replace("-", "").isalnum(), line
        assert version.replace(".", "").isalnum(), line


def test_demo_and_test_agree_on_versions():
    """Both commands share one environment: what `make demo` pins, `make test` pins to the same version."""
    demo, test = ((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in ("demo", "test"))

    assert set(demo.splitlines()) <= set(test.splitlines())
