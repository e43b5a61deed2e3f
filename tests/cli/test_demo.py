"""`chainrule demo`: what it says when it cannot run. (That it runs is tested in tests/demo.)"""

import importlib.util


def test_missing_packages_are_named_with_the_command_that_installs_them(chainrule, monkeypatch):
    """Without scikit-learn and matplotlib the demonstration says how to get both, in one line."""
    find_spec = importlib.util.find_spec
    absent = {"sklearn", "matplotlib"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name in absent else find_spec(name, *rest)
    )

    finished = chainrule("demo")

    assert finished.exit_code == 2
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert "python -m pip install scikit-learn matplotlib" in line


def test_output_that_is_a_file(chainrule, folder):
    """An output folder that is a file is refused before anything is computed."""
    finished = chainrule("demo", "--output", folder / "models.py")

    assert finished.exit_code == 2
    assert "is a file, not a folder" in finished.stderr
