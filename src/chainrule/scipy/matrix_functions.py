"""Functions of `scipy.linalg` that are functions of a square matrix: its exponential, root, logarithm and kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg

from chainrule import ops
from chainrule.numpy.constants import traced_form
from chainrule.numpy.handle import wrap
from chainrule.numpy.matrices import floating, require_square, square_matrix
from chainrule.numpy.operands import converted
from chainrule.transforms.looks import decide
from chainrule.transforms.reverse import missing_rule


@traced_form(linalg.expm)
def expm(A: Any) -> Any:
    """The exponential of square matrices."""
    return wrap(ops.expm(square_matrix(A)))


@traced_form(linalg.expm_frechet)
def expm_frechet(A: Any, E: Any, method: Any = None, compute_expm: bool = True, check_finite: bool = True) -> Any:
    """The exponential and its derivative along E: the upper blocks of the exponential of (A, E; 0, A)."""
    a, e = floating(A, E)
    require_square(a)
    n, last = a.shape[-1], a.ndim - 1
    upper = ops.concatenate(a, e, axis=last)
    lower = ops.concatenate(np.zeros(a.shape, a.dtype), a, axis=last)
    y = ops.expm(ops.concatenate(upper, lower, axis=last - 1))
    blocks = [ops.index(y, path=((..., slice(0, n), columns),)) for columns in (slice(0, n), slice(n, 2 * n))]
    return (wrap(blocks[0]), wrap(blocks[1])) if compute_expm else wrap(blocks[1])


def _exponentials(a: Any, factor: Any) -> tuple[Any, Any]:
    """Half of e to the f a, and of e to the -f a."""
    turned = ops.multiply(a, a.dtype.type(factor))
    half = a.dtype.type(0.5)
    return ops.expm(turned) * half, ops.expm(-turned) * half


def _cosine_and_sine(a: Any) -> tuple[Any, Any]:
    """(e^(ia) + e^(-ia)) / 2 and (e^(ia) - e^(-ia)) / 2i; of a real matrix the parts of e^(ia)."""
    if a.dtype.kind == "c":
        y, z = _exponentials(a, 1j)
        return y + z, (y - z) * a.dtype.type(-1j)
    y = ops.expm(ops.complex_of(a.dtype.type(0), a))
    return ops.real(y), ops.imag(y)


def _hyperbolic_cosine_and_sine(a: Any) -> tuple[Any, Any]:
    """(eᵃ + e⁻ᵃ) / 2 and (eᵃ - e⁻ᵃ) / 2."""
    y, z = _exponentials(a, 1)
    return y + z, y - z


@traced_form(linalg.cosm)
def cosm(A: Any) -> Any:
    """The cosine of a square matrix."""
    return wrap(_cosine_and_sine(square_matrix(A))[0])


@traced_form(linalg.sinm)
def sinm(A: Any) -> Any:
    """The sine of a square matrix."""
    return wrap(_cosine_and_sine(square_matrix(A))[1])


@traced_form(linalg.tanm)
def tanm(A: Any) -> Any:
    """The tangent of a square matrix, (cos a)⁻¹ sin a."""
    return wrap(ops.solve(*_cosine_and_sine(square_matrix(A))))


@traced_form(linalg.coshm)
def coshm(A: Any) -> Any:
    """The hyperbolic cosine of a square matrix."""
    return wrap(_hyperbolic_cosine_and_sine(square_matrix(A))[0])


@traced_form(linalg.sinhm)
def sinhm(A: Any) -> Any:
    """The hyperbolic sine of a square matrix."""
    return wrap(_hyperbolic_cosine_and_sine(square_matrix(A))[1])


@traced_form(linalg.tanhm)
def tanhm(A: Any) -> Any:
    """The hyperbolic tangent of a square matrix, (cosh a)⁻¹ sinh a."""
    return wrap(ops.solve(*_hyperbolic_cosine_and_sine(square_matrix(A))))


def _root_is_complex(a: Any) -> Any:
    return a.size and np.iscomplexobj(linalg.sqrtm(a))


def _logarithm_is_complex(a: Any) -> Any:
    return a.size and np.iscomplexobj(linalg.logm(a))


def _complex_if(test: Callable[[Any], Any], a: Any) -> Any:
    value = square_matrix(a)
    if value.dtype.kind == "f" and value.size and decide(test, value):
        return converted(value, np.result_type(value.dtype, np.complex64))
    return value


@traced_form(linalg.sqrtm)
def sqrtm(A: Any, disp: Any = True, blocksize: Any = 64) -> Any:
    """The principal square root of square matrices."""
    if disp is False:
        raise missing_rule("scipy.linalg.sqrtm with disp=False")
    return wrap(ops.sqrtm(_complex_if(_root_is_complex, A)))


@traced_form(linalg.logm)
def logm(A: Any, disp: Any = True) -> Any:
    """The principal logarithm of square matrices."""
    if disp is False:
        raise missing_rule("scipy.linalg.logm with disp=False")
    return wrap(ops.logm(_complex_if(_logarithm_is_complex, A)))
