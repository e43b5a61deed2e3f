"""Polynomials by the scheme of Estrin."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.compile.vector_math.expression import Real, fma


def polynomial(x: Real, coefficients: Sequence[float]) -> Real:
    """c₀ + c₁ x + c₂ x² + ..., pairwise: (c₀ + c₁ x) + x² (c₂ + c₃ x) + ..., again in x², and so on.

    As many operations as Horner's scheme and log n more squarings, in a chain of length log n: the operations of one
    element overlap. For the small |x| of a reduced argument the roundings are within 2 ulp of the leading coefficient.
    """
    if len(coefficients) == 1:
        return x.constant(coefficients[0])
    terms = [
        fma(x, coefficients[i + 1], coefficients[i]) if i + 1 < len(coefficients) else x.constant(coefficients[i])
        for i in range(0, len(coefficients), 2)
    ]
    power = x
    while len(terms) > 1:
        power = power * power
        terms = [
            fma(power, terms[i + 1], terms[i]) if i + 1 < len(terms) else terms[i] for i in range(0, len(terms), 2)
        ]
    return terms[0]
