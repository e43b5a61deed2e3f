"""`chainrule ops`: the table of what is supported, whole or in part."""

import json

import numpy as np


def test_json_has_every_public_name(chainrule):
    """`--json` gives each public name its status, the ways to use it, whether it is native, and a reason."""
    table = json.loads(chainrule("ops", "--json").stdout)

    assert {f"numpy.fft.{name}" for name in np.fft.__all__} <= set(table)
    assert {"op", "composite", "constant", "refused"} == {row["status"] for row in table.values()}
    assert {f"numpy.random.{name}" for name in np.random.__all__} <= set(table)
    assert list(table["numpy.tanh"].items()) == [
        ("status", "op"),
        ("reverse", True),
        ("forward", True),
        ("vmap", True),
        ("native", True),
        ("reason", ""),
    ]
    assert not table["numpy.linalg.svd"]["native"]
    assert table["numpy.save"]["status"] == "refused"
    assert table["numpy.save"]["reason"]


def test_part_of_a_name(chainrule):
    """A part of a name, in any case, selects the names that contain it; the count goes to standard error."""
    finished = chainrule("ops", "numpy.TANH")

    rows = [line.split() for line in finished.stdout.splitlines() if "numpy." in line]
    assert [row[0] for row in rows] == ["numpy.tanh"]
    assert all(row[1:] == ["op", "yes", "yes", "yes", "yes"] for row in rows)
    assert finished.stderr == "names: 1 op\n"


def test_status(chainrule):
    """`--status` selects the names of one status."""
    table = json.loads(chainrule("ops", "numpy.linalg", "--status", "constant", "--json").stdout)

    assert {"numpy.linalg.LinAlgError", "numpy.linalg.matrix_rank"} == set(table)


def test_nothing_found(chainrule):
    """A part that no name has, and a status that does not exist, are bad input."""
    nothing, status = chainrule("ops", "frobnicate"), chainrule("ops", "--status", "fine")

    assert (nothing.exit_code, status.exit_code) == (2, 2)
    assert nothing.stdout + status.stdout == ""
    assert "`frobnicate`" in nothing.stderr
    assert "op, composite, constant, refused" in status.stderr
