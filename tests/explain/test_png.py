"""A picture in PNG has the size that was asked for, and shows something."""

import builtins
import importlib
import io
import math
import struct
import sys
import types

import matplotlib.image
import numpy as np
import pytest

from chainrule.errors import ExplainError
from chainrule.explain.drawing import png as module
from chainrule.explain.drawing.colours import LIGHT
from chainrule.explain.drawing.picture import picture
from chainrule.explain.drawing.png import png
from tests.explain.drawn import by_chance, hostile, mlp
from tests.explain.worked import scalar_example, tensor_example


@pytest.fixture
def no_cairo(monkeypatch):
    """Draw by Matplotlib, whatever is installed."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)


def size(data):
    """Width and height, as the header of the file has them."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert data[12:16] == b"IHDR"
    return struct.unpack(">II", data[16:24])


@pytest.mark.usefixtures("no_cairo")
@pytest.mark.parametrize("scale", [0.5, 1, 2, 1.37])
def test_pictures_have_the_size_that_was_asked_for(scale):
    drawn = picture(scalar_example())

    assert size(png(scalar_example(), scale)) == (math.ceil(drawn.width * scale), math.ceil(drawn.height * scale))


@pytest.mark.usefixtures("no_cairo")
@pytest.mark.parametrize("make", [tensor_example, hostile, mlp])
def test_pictures_show_both_passes(make):
    """Values in the colour of the forward pass, adjoints in that of the backward pass, on paper."""
    image = matplotlib.image.imread(io.BytesIO(png(make(), 1)))
    pixels = np.round(255 * image[..., :3]).astype(int).reshape(-1, 3)

    def share(name):
        colour = [int(LIGHT[name][n : n + 2], 16) for n in (1, 3, 5)]
        return (np.abs(pixels - colour).max(1) < 24).mean()

    assert share("paper") > 0.5
    for name in ("forward", "backward", "backward-face", "face", "ink"):
        assert share(name) > 1e-5


def test_cairosvg_comes_first(monkeypatch):
    """It is given the light picture, without variables, and the size."""
    given = {}
    fake = types.ModuleType("cairosvg")
    fake.svg2png = lambda **arguments: given.update(arguments) or b"drawn"
    monkeypatch.setitem(sys.modules, "cairosvg", fake)

    assert png(scalar_example(), 3) == b"drawn"
    assert given["output_width"] == math.ceil(3 * picture(scalar_example()).width)
    assert b"var(" not in given["bytestring"]


def test_without_a_library_one_is_named(monkeypatch):
    monkeypatch.setattr(module, "_imported", lambda name: None)

    with pytest.raises(ExplainError, match=r"pip install chainrule\[plot\]"):
        png(scalar_example())


@pytest.mark.parametrize("scale", [0, -1, math.nan, math.inf])
def test_scales_are_positive(scale):
    with pytest.raises(ValueError, match="positive"):
        png(scalar_example(), scale)


def test_pictures_that_are_too_large_are_refused_with_a_scale_that_fits():
    program = by_chance(30, 30)
    with pytest.raises(ValueError, match="scale=") as refused:
        png(program, 1000)

    fitting = float(str(refused.value).split("scale=")[1].split(",")[0])
    drawn = picture(program)
    assert drawn.width * drawn.height * fitting**2 <= 1e8


def test_the_module_loads_without_matplotlib(monkeypatch):
    """Neither library is loaded before there is something to draw."""
    imported = builtins.__import__

    def refuse(name, *arguments, **named):
        assert name.split(".")[0] not in ("matplotlib", "cairosvg")
        return imported(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    importlib.reload(module)
