"""Samples of convolutions of `scipy.signal`."""

from typing import Any

import scipy.signal

from chainrule.testing.sample import ALL, Sample

# SciPy does not say the types of its functions.
signal: Any = scipy.signal

OPTIONS: dict[str, Any] = {"exact": False, "protocols": False}
SHAPES = [((5,), (3,)), ((4, 5), (2, 3))]


def in_mode(function: Any, mode: str, **options: Any) -> Any:
    """A function of two arrays."""
    return lambda a, v: function(a, v, mode, **options)


SAMPLES = [
    *(
        Sample(in_mode(signal.convolve, mode, method="direct"), shapes=SHAPES, name=f"convolve {mode}", **OPTIONS)
        for mode in ("full", "same", "valid")
    ),
    Sample(in_mode(signal.convolve, "valid"), shapes=[((2, 3), (4, 4))], name="convolve swapped", **OPTIONS),
    Sample(
        in_mode(signal.correlate, "same"), shapes=SHAPES, dtypes=ALL, analytic=False, name="scipy correlate", **OPTIONS
    ),
    Sample(in_mode(signal.fftconvolve, "full"), shapes=SHAPES, analytic=False, name="fftconvolve", **OPTIONS),
]
