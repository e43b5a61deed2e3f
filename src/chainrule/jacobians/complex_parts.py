"""The local Jacobians of the parts of complex numbers, with the pairing Re Σ ȳᵢ ẏᵢ, without conjugation."""

from chainrule import ops
from chainrule.jacobians import kinks
from chainrule.jacobians.forms import linear, push


@linear(ops.real)
def real_transpose(y_bar, _z):
    """y = Re z, and Re(z̄ ż) = ȳ Re ż for every ż, so z̄ = ȳ + 0i."""
    return ops.complex_of(y_bar, y_bar.dtype.type(0))


@linear(ops.imag)
def imag_transpose(y_bar, _z):
    """y = Im z, and Re(z̄ ż) = ȳ Im ż for every ż, so z̄ = -i ȳ."""
    return ops.complex_of(y_bar.dtype.type(0), -y_bar)


@linear(ops.conj)
def conj_transpose(y_bar, _z):
    """y = conj z, and Re(z̄ ż) = Re(ȳ conj ż) for every ż, so z̄ = conj ȳ."""
    return ops.conj(y_bar)


@linear(ops.complex_of)
def complex_transpose(z_bar, _x, _y):
    """z = x + i y, so x̄ = Re z̄ and ȳ = -Im z̄."""
    return ops.real(z_bar), -ops.imag(z_bar)


@push(ops.modulus)
def modulus_push(z_dots, _r, z):
    """r = |z|, so dr = Re(conj(u) dz) with the direction u = z / r, and 0 at z = 0 (kinks)."""
    return ops.real(ops.conj(ops.direction(z)) * z_dots[0])


@push(ops.direction)
def direction_push(z_dots, u, z):
    """u = z / |z|, so du = i u Im(conj(u) dz) / |z|: it turns, and keeps its length. At z = 0 it is 0 (kinks)."""
    turn = kinks.quotient(ops.imag(ops.conj(u) * z_dots[0]), ops.modulus(z))
    return u * ops.complex_of(turn.dtype.type(0), turn)
