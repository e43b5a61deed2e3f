"""Derive the numbers of the vector math: minimax polynomials, constants in pieces, and 2/π for every exponent.

    python scripts/derive_coefficients.py

writes `coefficients.py` of elementary functions, `special_coefficients.py` and `quarter_turns.py` in
`src/chainrule/compile/vector_math`.

A polynomial is the best in the sense of Chebyshev, found by the exchange algorithm of Remez (Muller, Elementary
Functions, 2016, section 3.5) in 60 digits, and then rounded coefficient by coefficient: each polynomial is a correction
to terms that are exact, so that the rounding of its coefficients is small beside that of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mpmath
from mpmath import mp, mpf

mp.prec = 200

FOLDER = Path(__file__).parents[1] / "src/chainrule/compile/vector_math"


@dataclass(frozen=True)
class Family:
    """p(z) ≈ f(z) on [low, high], best where the error is weighted by `weight`."""

    f: Callable[[Any], Any]
    low: Any
    high: Any
    degree: int
    weight: Callable[[Any], Any]


def remez(family: Family, rounds: int = 12) -> list[Any]:
    """The coefficients, lowest first, of the polynomial with the smallest weighted error."""
    low, high, n = mpf(family.low), mpf(family.high), family.degree + 2
    points = [(low + high) / 2 - (high - low) / 2 * mpmath.cos(mpmath.pi * (i + mpf(1) / 2) / n) for i in range(n)]
    grid = [(low + high) / 2 - (high - low) / 2 * mpmath.cos(mpmath.pi * i / (24 * n)) for i in range(24 * n + 1)]
    f_on_grid = [family.f(z) for z in grid]
    weight_on_grid = [family.weight(z) for z in grid]
    coefficients: list[Any] = []
    for _ in range(rounds):
        rows = [
            [z**j for j in range(n - 1)] + [(-1) ** i / family.weight(z) if family.weight(z) else mpf(0)]
            for i, z in enumerate(points)
        ]
        *coefficients, level = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([family.f(z) for z in points]))
        errors = [(horner(coefficients, z) - f) * w for z, f, w in zip(grid, f_on_grid, weight_on_grid, strict=True)]
        extremes = alternation(errors, n)
        if extremes is None:
            break
        points = [grid[i] for i in extremes]
        if max(map(abs, errors)) < abs(level) * mpf("1.02"):
            break
    return coefficients


def horner(coefficients: list[Any], z: Any) -> Any:
    """c₀ + c₁ z + c₂ z² + ..."""
    value = mpf(0)
    for c in reversed(coefficients):
        value = value * z + c
    return value


def alternation(errors: list[Any], count: int) -> list[int] | None:
    """Where the error is largest between its changes of sign, `count` such places, or None if there are fewer."""
    places: list[int] = []
    for i, error in enumerate(errors):
        if not error:
            continue
        if places and (errors[places[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[places[-1]]):
                places[-1] = i
        else:
            places.append(i)
    while len(places) > count:
        places.pop(0 if abs(errors[places[0]]) < abs(errors[places[-1]]) else -1)
    return places if len(places) == count else None


def rounded(values: list[Any]) -> tuple[float, ...]:
    """The nearest numbers in float64."""
    return tuple(float(value) for value in values)


def pieces(value: Any, *bits: int) -> tuple[float, ...]:
    """A number as a sum: each piece but the last is cut off after so many bits, and the last one is rounded."""
    result = []
    for width in bits:
        unit = mpf(2) ** (int(mpmath.floor(mpmath.log(abs(value), 2))) + 1 - width)
        piece = mpmath.nint(value / unit) * unit
        result.append(float(piece))
        value -= piece
    return (*result, float(value))


def _odd(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """(f(x) - x)/x³ as a function of z = x², for an odd f with f′(0) = 1."""
    return lambda z: (f(mpmath.sqrt(z)) - mpmath.sqrt(z)) / mpmath.sqrt(z) ** 3


def _slope_from(centre: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """(f(c + v) - f(c))/v as a function of v."""
    at_centre = f(centre)
    return lambda v: (f(centre + v) - at_centre) / v


def _one(_z: Any) -> Any:
    return mpf(1)


def _z(z: Any) -> Any:
    return z


def _square(z: Any) -> Any:
    return z * z


TINY = mpf(2) ** -40
HALF_LN2 = mpmath.log(2) / 2 * mpf("1.0001")
QUARTER_PI = mpmath.pi / 4 * mpf("1.0001")
LOG_Z = mpmath.power(3 - 2 * mpmath.sqrt(2), 2) * mpf("1.0001")  # s = (√2 - 1)/(√2 + 1), squared
ATAN_Z = mpmath.power(mpmath.sqrt(2) - 1, 2) * mpf("1.0001")
HALF_LOG_TWO_PI = mpmath.log(2 * mpmath.pi) / 2
DIGAMMA_ROOT = mpmath.findroot(lambda x: mpmath.psi(0, x), mpf("1.46163"))
STIRLING_Z = mpf(1) / 9
BESSEL_FAR = mpf(10)
ERF_CENTRE = mpf(0.4375)
ERFCX_SLOPE = mpf(1.5)
ERFCX_TILT = (ERFCX_SLOPE / mpmath.sqrt(mpmath.pi) - 1) / 2
TWO_OVER_ROOT_PI = 2 / mpmath.sqrt(mpmath.pi)


def _exp_q(r: Any) -> Any:
    return (mpmath.exp(r) - 1 - r) / r**2


def _exp_tail(r: Any) -> Any:
    return (mpmath.exp(r) - 1 - r - r**2 / 2) / r**3


def _exp2_q(r: Any) -> Any:
    return (mpmath.power(2, r) - 1 - r * mpmath.log(2)) / r**2


def _cosh_q(z: Any) -> Any:
    return (mpmath.cosh(mpmath.sqrt(z)) - 1) / z


def _cos_q(z: Any) -> Any:
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def _log_q(z: Any) -> Any:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def _log_tail(z: Any) -> Any:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s - 2 * s**3 / 3 - 2 * s**5 / 5) / s**7


def _inverse_cbrt(m: Any) -> Any:
    return mpmath.power(m, -mpf(1) / 3)


def _erf_over_x(z: Any) -> Any:
    return mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z)


def _log_erfc(x: Any) -> Any:
    return mpmath.log(mpmath.erfc(x))


def _log_erfc_single_q(x: Any) -> Any:
    return (_log_erfc(x) / x + TWO_OVER_ROOT_PI) / x


def _erfcx_q(centre: int) -> Callable[[Any], Any]:
    """What makes N = (1 + a x) erfcx x of its ends, 1 at t = -1 and a/√π at t = 1, in t = (x - centre)/(x + centre)."""

    def q(t: Any) -> Any:
        x = centre * (1 + t) / (1 - t)
        n = (1 + ERFCX_SLOPE * x) * mpmath.exp(x * x) * mpmath.erfc(x)
        return ((n - 1) / (1 + t) - ERFCX_TILT) / (1 - t)

    return q


def _between_ones(t: Any) -> Any:
    return 1 - t * t


def _gammaln_over_zeros(v: Any) -> Any:
    x = 2 + v
    return mpmath.loggamma(x) / ((x - 1) * v) if v and x != 1 else mpmath.psi(0, x) / (x - 1 + v)


def _gammaln_after_stirling(z: Any) -> Any:
    x = 1 / mpmath.sqrt(z)
    return (mpmath.loggamma(x) - ((x - mpf(0.5)) * mpmath.log(x) - x + HALF_LOG_TWO_PI)) * x


def _digamma_over_root(v: Any) -> Any:
    return mpmath.psi(0, 2 + v) / (2 + v - DIGAMMA_ROOT)


def _digamma_after_stirling(z: Any) -> Any:
    u = mpmath.sqrt(z)
    return (-mpmath.log(u) - u / 2 - mpmath.psi(0, 1 / u)) / z


def _trigamma_after_stirling(z: Any) -> Any:
    u = mpmath.sqrt(z)
    return (mpmath.psi(1, 1 / u) - u - z / 2) / u**3


def _sin_turn_q(z: Any) -> Any:
    return (mpmath.sin(mpmath.pi * mpmath.sqrt(z)) / mpmath.sqrt(z) - mpmath.pi) / z


def _cos_turn_q(z: Any) -> Any:
    return (mpmath.cos(mpmath.pi * mpmath.sqrt(z)) - 1) / z


def _bessel_family(order: int, degree: int) -> Family:
    """(I(x)/(x/2)ⁿ - 1)/z in z = (x/2)²."""

    def over_power(z: Any) -> Any:
        return mpmath.besseli(order, 2 * mpmath.sqrt(z)) / mpmath.sqrt(z) ** order

    return Family(lambda z: (over_power(z) - 1) / z, TINY, BESSEL_FAR**2 / 4, degree, lambda z: z / over_power(z))


def _far_bessel_family(order: int, degree: int) -> Family:
    """√x e⁻ˣ I(x) in 1/x, from the middle of its range."""
    middle = 1 / BESSEL_FAR / 2

    def f(v: Any) -> Any:
        x = 1 / (middle + v)
        return mpmath.exp(-x) * mpmath.besseli(order, x) * mpmath.sqrt(x)

    return Family(f, -middle + mpf(2) ** -20, middle, degree, _one)


def _with_single(name: str, title: str, family: Family, degree: int) -> dict[str, tuple[str, Family]]:
    """A family, and the same for float32, of a lower degree."""
    return {name: (title, family), f"{name}_SINGLE": ("the same for float32", replace(family, degree=degree))}


FAMILIES: dict[str, tuple[str, Family]] = {
    "EXP": ("(eʳ - 1 - r)/r², |r| ≤ ln(2)/2", Family(_exp_q, -HALF_LN2, HALF_LN2 + TINY, 9, _square)),
    "EXP_TAIL": ("(eʳ - 1 - r - r²/2)/r³", Family(_exp_tail, -HALF_LN2, HALF_LN2 + TINY, 9, lambda r: abs(r) ** 3)),
    "EXP_SINGLE": ("the same for float32", Family(_exp_q, -HALF_LN2, HALF_LN2 + TINY, 4, _square)),
    "EXPM1_SINGLE": (
        "the same for float32, relative to r",
        Family(_exp_q, -HALF_LN2, HALF_LN2 + TINY, 5, abs),
    ),
    **_with_single(
        "EXP2", "(2ʳ - 1 - r ln 2)/r², |r| ≤ 1/2", Family(_exp2_q, mpf(-0.5), mpf(0.5) + TINY, 9, _square), 4
    ),
    "SINH": ("(sinh x - x)/x³ in x², |x| ≤ ln(2)/2", Family(_odd(mpmath.sinh), TINY, HALF_LN2**2, 4, _z)),
    "COSH": ("(cosh x - 1)/x² in x², |x| ≤ ln(2)/2", Family(_cosh_q, TINY, HALF_LN2**2, 5, _z)),
    "SINH_SINGLE": ("(sinh x - x)/x³ in x² for float32", Family(_odd(mpmath.sinh), TINY, HALF_LN2**2, 1, _z)),
    "COSH_SINGLE": ("(cosh x - 1)/x² in x² for float32", Family(_cosh_q, TINY, HALF_LN2**2, 2, _z)),
    "LOG": ("(2 artanh s - 2 s)/s³ in s², s ≤ (√2 - 1)/(√2 + 1)", Family(_log_q, TINY, LOG_Z, 6, _z)),
    "LOG_FOR_SINGLE_POWER": ("the same for a power in float32", Family(_log_q, TINY, LOG_Z, 4, _z)),
    "LOG_SINGLE": ("the same for float32", Family(_log_q, TINY, LOG_Z, 2, _z)),
    "LOG_TAIL": (
        "(2 artanh s - 2 s - 2 s³/3 - 2 s⁵/5)/s⁷ in s²",
        Family(_log_tail, TINY, LOG_Z, 6, lambda z: z**3),
    ),
    **_with_single("SIN", "(sin x - x)/x³ in x², |x| ≤ π/4", Family(_odd(mpmath.sin), TINY, QUARTER_PI**2, 5, _z), 2),
    **_with_single("COS", "(cos x - 1 + x²/2)/x⁴ in x², |x| ≤ π/4", Family(_cos_q, TINY, QUARTER_PI**2, 5, _square), 2),
    **_with_single("ARCTAN", "(arctan t - t)/t³ in t², t ≤ √2 - 1", Family(_odd(mpmath.atan), TINY, ATAN_Z, 13, _z), 5),
    **_with_single("ARCSIN", "(arcsin t - t)/t³ in t², t ≤ 1/2", Family(_odd(mpmath.asin), TINY, mpf(0.25), 12, _z), 5),
    "INVERSE_CBRT": ("m to the power -1/3, 1 ≤ m ≤ 8", Family(_inverse_cbrt, mpf(1), mpf(8), 8, _one)),
}

SPECIAL_FAMILIES: dict[str, tuple[str, Family]] = {
    "ERF": (
        "(erf x / x - the same at the centre)/w in w = x² - centre, |x| ≤ 1",
        Family(_slope_from(ERF_CENTRE, _erf_over_x), -ERF_CENTRE + TINY, 1 - ERF_CENTRE, 10, abs),
    ),
    "LOG_ERFC": (
        "(log erfc x - log erfc 1)/u in u = x - 1, 1 ≤ x ≤ 6, where erfc counts beside 1",
        Family(_slope_from(mpf(1), _log_erfc), TINY, mpf(5), 16, lambda u: u * mpmath.erfc(1 + u)),
    ),
    "LOG_ERFC_SINGLE": (
        "(log erfc x / x + 2/√π)/x, x ≤ 4, where erfc counts beside erf",
        Family(_log_erfc_single_q, TINY, mpf(4), 8, lambda x: x * x * mpmath.erfc(x) / mpmath.erf(x)),
    ),
    "ERFCX": (
        "(((1 + a x) erfcx x - 1)/(1 + t) - tilt)/(1 - t) in t = (x - 4)/(x + 4), x ≥ 0",
        Family(_erfcx_q(4), -1 + TINY, 1 - TINY, 23, _between_ones),
    ),
    "ERFCX_SINGLE": (
        "the same for float32 in t = (x - 3)/(x + 3)",
        Family(_erfcx_q(3), -1 + TINY, 1 - TINY, 9, _between_ones),
    ),
    **_with_single(
        "GAMMALN",
        "(r(v) - r(0))/v for r = log Γ(x)/((x - 1)(x - 2)), v = x - 2, 1 ≤ x ≤ 3",
        Family(_slope_from(mpf(0), _gammaln_over_zeros), -1, 1 + TINY, 27, abs),
        12,
    ),
    **_with_single(
        "GAMMALN_AFTER_STIRLING",
        "(log Γ(x) - (x - ½) log x + x - log(2π)/2) x in 1/x², x ≥ 3",
        Family(_gammaln_after_stirling, TINY, STIRLING_Z, 11, _one),
        4,
    ),
    **_with_single(
        "DIGAMMA",
        "(r(v) - r(0))/v for r = ψ(x) over x - its root, v = x - 2, 1 ≤ x ≤ 3",
        Family(_slope_from(mpf(0), _digamma_over_root), -1, 1 + TINY, 29, abs),
        13,
    ),
    **_with_single(
        "DIGAMMA_AFTER_STIRLING",
        "(log x - 1/2x - ψ(x)) x² in 1/x², x ≥ 3",
        Family(_digamma_after_stirling, TINY, STIRLING_Z, 11, _one),
        4,
    ),
    "TRIGAMMA_AFTER_STIRLING": (
        "(ψ′(x) - 1/x - 1/2x²) x³ in 1/x², x ≥ 3",
        Family(_trigamma_after_stirling, TINY, STIRLING_Z, 12, _one),
    ),
    "SIN_TURN": ("(sin πr / r - π)/r² in r², |r| ≤ ½", Family(_sin_turn_q, TINY, mpf(0.25), 7, _z)),
    "COS_TURN": ("(cos πr - 1)/r² in r², |r| ≤ ½", Family(_cos_turn_q, TINY, mpf(0.25), 7, _z)),
    **_with_single("BESSEL_ZERO", "(I₀(x) - 1)/z in z = (x/2)², x ≤ 10", _bessel_family(0, 15), 10),
    **_with_single("BESSEL_ZERO_FAR", "√x e⁻ˣ I₀(x) in 1/x - 1/20, x ≥ 10", _far_bessel_family(0, 21), 6),
    **_with_single("BESSEL_ONE", "(2 I₁(x)/x - 1)/z in z = (x/2)², x ≤ 10", _bessel_family(1, 15), 10),
    **_with_single("BESSEL_ONE_FAR", "√x e⁻ˣ I₁(x) in 1/x - 1/20, x ≥ 10", _far_bessel_family(1, 21), 6),
}

LN2 = mpmath.log(2)
HALF_PI = mpmath.pi / 2

CONSTANTS: dict[str, tuple[str, tuple[float, ...]]] = {
    "LN2": ("ln 2; the first piece times an exponent is exact", pieces(LN2, 40)),
    "INVERSE_LN2": ("1/ln 2", pieces(1 / LN2, 53)),
    "INVERSE_LN10": ("1/ln 10", pieces(1 / mpmath.log(10), 53)),
    "LOG10_2": ("log₁₀ 2; the first piece times an exponent is exact", pieces(mpmath.log10(2), 40)),
    "FULL_LN2": ("ln 2, the first piece rounded to nearest", pieces(LN2, 53)),
    "TWO_THIRDS": ("2/3", pieces(mpf(2) / 3, 53)),
    "HALF_PI": ("π/2 in three pieces; the second times a number of 22 bits is exact", pieces(HALF_PI, 53, 31)),
    "FULL_HALF_PI": ("π/2, the first piece rounded to nearest", pieces(HALF_PI, 53)),
    "QUARTER_PI": ("π/4", pieces(HALF_PI / 2, 53)),
    "THREE_QUARTERS_PI": ("3π/4", pieces(HALF_PI * 3 / 2, 53)),
    "INVERSE_HALF_PI": ("2/π", pieces(1 / HALF_PI, 53)),
}

SPECIAL_CONSTANTS: dict[str, tuple[str, tuple[float, ...]]] = {
    "TWO_OVER_ROOT_PI": ("2/√π", pieces(TWO_OVER_ROOT_PI, 53)),
    "LOG_ERFC_OF_ONE": ("log erfc 1", pieces(_log_erfc(1), 53)),
    "ERF_CENTRE": ("the centre for erf", (float(ERF_CENTRE),)),
    "ERF_AT_CENTRE": ("erf x / x where x² is the centre", pieces(_erf_over_x(ERF_CENTRE), 53)),
    "ERFCX_SLOPE": ("a, for erfcx", (float(ERFCX_SLOPE),)),
    "ERFCX_END": ("a/√π, for erfcx", pieces(1 + 2 * ERFCX_TILT, 53)),
    "ERFCX_TILT": ("half of what that is more than 1", (float(ERFCX_TILT),)),
    "PI": ("π", (float(mpmath.pi),)),
    "LOG_PI": ("log π", (float(mpmath.log(mpmath.pi)),)),
    "HALF_LOG_TWO_PI": ("log(2π)/2", (float(HALF_LOG_TWO_PI),)),
    "GAMMALN_OVER_ZEROS": ("r(0) for log Γ", pieces(_gammaln_over_zeros(mpf(0)), 53)),
    "DIGAMMA_OVER_ROOT": ("r(0) for ψ", pieces(_digamma_over_root(mpf(0)), 53)),
    "DIGAMMA_ROOT": ("the positive root of ψ", pieces(DIGAMMA_ROOT, 53)),
    "ROOT_HALF": ("√½", pieces(mpmath.sqrt(mpf(0.5)), 53)),
}


def quarter_turns() -> tuple[float, ...]:
    """2/π · 2⁸ʲ modulo 4 in four pieces, for j = 0 ... 121, one row after another."""
    with mpmath.workprec(1400):
        rows: list[float] = []
        for j in range(122):
            turns = mpmath.ldexp(2 / mpmath.pi, 8 * j)
            rows += pieces(turns - 4 * mpmath.floor(turns / 4), 53, 53, 53)
        return tuple(rows)


def literal(value: float) -> str:
    """A number in hexadecimal, which loses no bit and is what was derived."""
    return f'_("{value.hex()}")'


def written(tables: list[tuple[str, str, tuple[float, ...]]]) -> str:
    """A file that holds these tables, each under its title."""
    lines = [
        '"""Numbers of the vector math, written by scripts/derive_coefficients.py: change that, not this."""',
        "",
        "_ = float.fromhex",
        "",
    ]
    for name, title, values in tables:
        several = ["(", *(f"    {literal(value)}," for value in values), ")"]
        first, *others = several if len(values) > 1 else map(literal, values)
        lines += [f"# {title}.", f"{name} = {first}", *others, ""]
    return "\n".join(lines).rstrip() + "\n"


def tables(
    families: dict[str, tuple[str, Family]], constants: dict[str, tuple[str, tuple[float, ...]]]
) -> list[tuple[str, str, tuple[float, ...]]]:
    """The coefficients of polynomials, and constants."""
    derived = [(name, title, rounded(remez(family))) for name, (title, family) in families.items()]
    return derived + [(name, title, values) for name, (title, values) in constants.items()]


def files() -> dict[Path, str]:
    """The files of numbers."""
    turns = ("QUARTER_TURNS", "2/π · 2⁸ʲ modulo 4 in four pieces, for j = 0 ... 121, row by row", quarter_turns())
    return {
        FOLDER / "coefficients.py": written(tables(FAMILIES, CONSTANTS)),
        FOLDER / "special_coefficients.py": written(tables(SPECIAL_FAMILIES, SPECIAL_CONSTANTS)),
        FOLDER / "quarter_turns.py": written([turns]),
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
