"""Where the functions are that are loaded when the first one of them is asked for.

Most programs use a few families of functions, and wait for no others.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

# By module, the functions of NumPy's that it puts into the table, without `numpy.`; of objects the class. What is
# missing here is found too, after everything was loaded.
FAMILIES = {
    "bessel": "sinc i0",
    "calculus": "diff ediff1d gradient trapezoid unwrap interp",
    "comparison": "isclose allclose array_equal array_equiv isposinf isneginf",
    "complex_parts": "real imag angle iscomplexobj isrealobj iscomplex isreal real_if_close",
    "contraction": """
        dot inner vdot outer linalg.outer tensordot kron cross linalg.cross linalg.matmul linalg.vecdot
        linalg.tensordot linalg.multi_dot trace linalg.trace linalg.matrix_transpose
    """,
    "convolution": "convolve correlate",
    "creation": """
        zeros ones empty eye identity tri indices frombuffer fromstring fromfile fromregex from_dlpack loadtxt
        genfromtxt hamming hanning blackman bartlett array asarray asanyarray ascontiguousarray asfortranarray require
        asarray_chkfinite astype copy zeros_like ones_like empty_like full full_like fromfunction fromiter
    """,
    "cumulative": "cumsum cumprod nancumsum nancumprod cumulative_sum cumulative_prod",
    "einstein_summation": "einsum einsum_path",
    "extended_domains": """
        lib.scimath.sqrt lib.scimath.log lib.scimath.log2 lib.scimath.log10 lib.scimath.arccos lib.scimath.arcsin
        lib.scimath.arctanh lib.scimath.logn lib.scimath.power
    """,
    "extremes": "max amax min amin ptp argmax argmin",
    "factorizations": """
        linalg.cholesky linalg.qr linalg.eigh linalg.eigvalsh linalg.eig linalg.eigvals linalg.svd linalg.svdvals
    """,
    "fourier": """
        fft.fft fft.ifft fft.rfft fft.irfft fft.hfft fft.ihfft fft.fftn fft.ifftn fft.fft2 fft.ifft2 fft.rfftn
        fft.irfftn fft.rfft2 fft.irfft2 fft.fftshift fft.ifftshift fft.fftfreq fft.rfftfreq
    """,
    "generalized_ufuncs": "matmul matvec vecmat vecdot",
    "grids": """
        meshgrid ix_ unravel_index ravel_multi_index nonzero flatnonzero argwhere broadcast
        lib._index_tricks_impl.MGridClass lib._index_tricks_impl.OGridClass lib._index_tricks_impl.RClass
        lib._index_tricks_impl.CClass
    """,
    "histograms": "bincount histogram_bin_edges histogram",
    "inspection": "shape ndim size isscalar iterable isfortran result_type common_type min_scalar_type isin",
    "joining": "concatenate stack vstack hstack row_stack dstack column_stack append block",
    "movement": """
        reshape ravel transpose permute_dims swapaxes moveaxis rollaxis matrix_transpose expand_dims squeeze atleast_1d
        atleast_2d atleast_3d broadcast_to broadcast_arrays flip flipud fliplr rot90 roll
    """,
    "multivariate_histograms": "histogramdd histogram2d",
    "norms": "linalg.norm linalg.vector_norm linalg.matrix_norm linalg.cond linalg.matrix_rank",
    "ordering": "sort argsort partition argpartition sort_complex lexsort searchsorted digitize",
    "padding": "pad",
    "picking": "take take_along_axis compress extract delete insert trim_zeros",
    "polynomials": "poly1d polyval polyadd polysub polymul polydiv polyder polyint polyfit poly roots",
    "quantiles": "median quantile percentile",
    "ranges": "linspace logspace geomspace arange",
    "repetition": "tile repeat resize",
    "rounding": "round around fix",
    "selection": "where select choose piecewise clip nan_to_num",
    "settings": "errstate seterr",
    "solving": """
        linalg.solve linalg.tensorsolve linalg.inv linalg.tensorinv linalg.det linalg.slogdet linalg.matrix_power
        linalg.pinv linalg.lstsq
    """,
    "splitting": "array_split split hsplit vsplit dsplit unstack",
    "statistics": "mean var std average cov corrcoef",
    "strides": "lib.stride_tricks.sliding_window_view lib.stride_tricks.as_strided",
    "texts": "array2string array_repr array_str format_float_positional format_float_scientific",
    "traversal": "apply_along_axis apply_over_axes ndenumerate nditer",
    "triangles": """
        linalg.diagonal diagonal diag diagflat tril triu vander mask_indices diag_indices tril_indices triu_indices
        diag_indices_from tril_indices_from triu_indices_from
    """,
    "uniqueness": "unique unique_all unique_counts unique_inverse unique_values intersect1d union1d setdiff1d setxor1d",
    "vectorization": "frompyfunc vectorize",
    "windows": "kaiser",
    "writing": "copyto put put_along_axis putmask place fill_diagonal",
    "without_nan": """
        nansum nanprod nanmax nanmin nanargmax nanargmin nanmean nanvar nanstd nanmedian nanquantile nanpercentile
    """,
}

# By module and name, without `numpy.`.
_HOMES = {name: family for family, names in FAMILIES.items() for name in names.split()}


_all_loaded = False


def load_family(original: Any) -> bool:
    """Load the family of one of NumPy's functions; whether there was anything to load."""
    home = home_of(original)
    if home is not None:
        import_module(f"chainrule.numpy.{home}")
        return True
    if _all_loaded or not _is_function_of_numpy(original):
        return False
    load_all()
    return True


def load_all() -> None:
    """Load all families."""
    global _all_loaded
    for family in FAMILIES:
        import_module(f"chainrule.numpy.{family}")
    _all_loaded = True


def home_of(original: Any) -> str | None:
    """The module of the family of one of NumPy's functions; None if it is of none."""
    if isinstance(original, np.ufunc) and getattr(np, original.__name__, None) is not original:
        # One of another package, which may have the name of a function of NumPy's.
        return None
    named = original if hasattr(original, "__name__") else type(original)
    package, _, module = str(getattr(named, "__module__", None)).partition(".")
    if package != "numpy":
        return None
    return _HOMES.get(f"{module}.{named.__name__}" if module else named.__name__)


def _is_function_of_numpy(original: Any) -> bool:
    if not callable(original) or isinstance(original, (type, np.ufunc)):
        return False
    return str(getattr(original, "__module__", None)).partition(".")[0] == "numpy"
