"""Samples of Fourier transforms."""

from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, POSITIVE, Sample

# NumPy's type information asks for literal words and integers.
fft: Any = np.fft

# Results are complex where operands are real, so the complex step does not serve.
LENGTHS = [(1,), (2,), (5,), (6,), (3, 4), (0, 3)]


def written_to_out(x: Any) -> Any:
    """A transform written into an array that is there."""
    out = np.zeros(x.shape, np.result_type(x.dtype, 1j))
    np.fft.fft(x, out=out)
    return out * x


SAMPLES = [
    Sample(np.fft.fft, shapes=LENGTHS, dtypes=ALL, analytic=False, name="fft"),
    Sample(np.fft.ifft, shapes=LENGTHS, dtypes=ALL, analytic=False, name="ifft"),
    Sample(np.fft.rfft, shapes=LENGTHS, analytic=False, name="rfft"),
    Sample(np.fft.irfft, shapes=[(2,), (4,), (3, 4), (0, 3)], dtypes=ALL, analytic=False, name="irfft"),
    Sample(np.fft.hfft, shapes=[(2,), (4,), (3, 4)], dtypes=ALL, analytic=False, name="hfft"),
    Sample(np.fft.ihfft, shapes=LENGTHS, analytic=False, name="ihfft"),
    Sample(
        lambda x: np.fft.irfft(x, 5), shapes=[(2,), (3,), (6,)], dtypes=ALL, analytic=False, name="irfft odd length"
    ),
    Sample(lambda x: np.fft.irfft(x, 1), shapes=[(1,), (2,)], dtypes=ALL, analytic=False, name="irfft of one entry"),
    Sample(lambda x: np.fft.irfft(x, n=6, axis=0), shapes=[(3, 2)], dtypes=COMPLEX, analytic=False, name="irfft axis"),
    Sample(lambda x: np.fft.rfft(x, 7), shapes=[(4,), (9,), (2, 7)], analytic=False, name="rfft padded or cropped"),
    Sample(lambda x: np.fft.rfft(x, n=8, axis=0), shapes=[(5, 2)], analytic=False, name="rfft padded along an axis"),
    Sample(
        lambda x: np.fft.fft(x, 5),
        shapes=[(3,), (8,), (2, 3)],
        dtypes=ALL,
        analytic=False,
        name="fft padded or cropped",
    ),
    Sample(
        lambda x: np.fft.ifft(x, n=4, axis=0),
        shapes=[(3, 2), (6, 2)],
        dtypes=ALL,
        analytic=False,
        name="ifft along an axis",
    ),
    Sample(lambda x: np.fft.hfft(x, 5), shapes=[(3,), (5,)], dtypes=COMPLEX, analytic=False, name="hfft odd length"),
    Sample(lambda x: np.fft.ihfft(x, 6), shapes=[(4,), (9,)], analytic=False, name="ihfft padded or cropped"),
    *(
        Sample(
            lambda x, norm=norm: fft.fft(x, norm=norm) * fft.ifft(x, 5, norm=norm)[..., :1],
            shapes=[(4,)],
            dtypes=ALL,
            analytic=False,
            name=f"fft norm {norm}",
        )
        for norm in (None, "backward", "ortho", "forward")
    ),
    *(
        Sample(
            lambda x, norm=norm: (
                fft.irfft(fft.rfft(x, norm=norm)[::-1], 5, norm=norm)
                + fft.hfft(fft.ihfft(x, norm=norm)[::-1], 5, norm=norm)
            ),
            shapes=[(6,)],
            analytic=False,
            name=f"rfft norm {norm}",
        )
        for norm in (None, "backward", "ortho", "forward")
    ),
    Sample(np.fft.fft2, shapes=[(2, 3), (2, 3, 4)], dtypes=ALL, analytic=False, name="fft2"),
    Sample(np.fft.ifft2, shapes=[(2, 3), (2, 3, 4)], dtypes=ALL, analytic=False, name="ifft2"),
    Sample(np.fft.fftn, shapes=[(3,), (2, 3), (2, 3, 2)], dtypes=ALL, analytic=False, name="fftn"),
    Sample(np.fft.ifftn, shapes=[(3,), (2, 3), (2, 3, 2)], dtypes=ALL, analytic=False, name="ifftn"),
    Sample(np.fft.rfft2, shapes=[(2, 3), (2, 3, 4)], analytic=False, name="rfft2"),
    Sample(np.fft.irfft2, shapes=[(2, 3), (2, 3, 4)], dtypes=ALL, analytic=False, name="irfft2"),
    Sample(np.fft.rfftn, shapes=[(3,), (2, 3), (2, 3, 4)], analytic=False, name="rfftn"),
    Sample(np.fft.irfftn, shapes=[(3,), (2, 3), (2, 3, 2)], dtypes=ALL, analytic=False, name="irfftn"),
    Sample(
        lambda x: fft.fftn(x, s=(4, -1), axes=(0, 2), norm="ortho"),
        shapes=[(2, 3, 2)],
        dtypes=ALL,
        analytic=False,
        name="fftn lengths",
    ),
    Sample(lambda x: fft.ifftn(x, axes=[-1, 0]), shapes=[(2, 3, 2)], dtypes=ALL, analytic=False, name="ifftn axes"),
    Sample(lambda x: fft.ifftn(x, axes=(0, 0)), shapes=[(2, 3)], dtypes=ALL, analytic=False, name="ifftn axis twice"),
    Sample(
        lambda x: fft.fft2(x, (2, 4), axes=(1, 0)), shapes=[(2, 3)], dtypes=ALL, analytic=False, name="fft2 lengths"
    ),
    Sample(
        lambda x: fft.rfftn(x, s=[3, 5], axes=(1, 0), norm="forward"),
        shapes=[(2, 4)],
        analytic=False,
        name="rfftn lengths",
    ),
    Sample(
        lambda x: fft.irfftn(x, s=(3, 5), axes=(1, 0), norm="forward"),
        shapes=[(2, 4)],
        dtypes=ALL,
        analytic=False,
        name="irfftn lengths",
    ),
    Sample(np.fft.fftshift, shapes=[(4,), (5,), (2, 3)], dtypes=ALL, analytic=False, name="fftshift"),
    Sample(np.fft.ifftshift, shapes=[(4,), (5,), (2, 3)], dtypes=ALL, analytic=False, name="ifftshift"),
    Sample(
        lambda x: fft.fftshift(x, 1) + fft.ifftshift(x, axes=(0,)),
        shapes=[(3, 4)],
        analytic=False,
        name="fftshift axes",
    ),
    Sample(
        lambda d: np.fft.fftfreq(5, d) + np.fft.rfftfreq(8, d=d),
        shapes=[()],
        domain=POSITIVE,
        analytic=False,
        name="fftfreq",
        protocols=False,
    ),
    Sample(
        lambda x: np.fft.fftfreq(4) * x + np.fft.rfftfreq(6, 0.5) * np.fft.fftfreq(4, d=2.0),
        shapes=[(4,)],
        analytic=False,
        name="fftfreq of numbers",
    ),
    Sample(written_to_out, shapes=[(4,)], protocols=False, analytic=False, name="fft out"),
]
