"""How numbers are written in text: with four decimals, or as short as they can be; arrays within the room there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.explain.program import Numbers

# Arrays with more entries are not written out, whatever the room.
_LISTED = 24
# From here on an integer is written with an exponent.
_LONG_INTEGER = 1e7


def single(numbers: Numbers | None) -> Any:
    """The one number of an array that has just one; None if there is none."""
    if numbers is None or numbers.values is None or numbers.values.size != 1:
        return None
    return numbers.values.reshape(-1)[0].item()


def short(x: Any) -> str:
    """A number with four digits, or all of them if it is an integer.

    >>> short(83.0), short(-0.5), short(1 / 3), short(1e-9), short(12345678.0), short(True)
    ('83', '-0.5', '0.3333', '1e-09', '1.235e+07', 'True')
    """
    if isinstance(x, (bool, np.bool_)):
        return str(bool(x))
    if isinstance(x, complex):
        return _complex(x, short)
    x = float(x)
    if x.is_integer() and abs(x) < _LONG_INTEGER:
        return str(int(x))
    return f"{x:.4g}"


def four_decimals(x: Any) -> str:
    """A number with four decimals, or with an exponent where these would say too little or too much.

    >>> four_decimals(0.642), four_decimals(0.0), four_decimals(1.5e-7), four_decimals(float("nan"))
    ('0.6420', '0.0000', '1.5000e-07', 'nan')
    """
    if isinstance(x, complex):
        return _complex(x, four_decimals)
    x = float(x)
    if x == 0 or 1e-3 <= abs(x) < _LONG_INTEGER or not math.isfinite(x):
        return f"{x:.4f}"
    return f"{x:.4e}"


def _complex(z: complex, write: Callable[[Any], str]) -> str:
    sign = "-" if math.copysign(1.0, z.imag) < 0 else "+"
    return f"{write(z.real)}{sign}{write(abs(z.imag))}j"


def figures_for(numbers: Iterable[Any]) -> Callable[[Any], str]:
    """How the numbers of one table are written: without decimals if none of them has any.

    >>> figures_for([3, 5.0])(15.0), figures_for([3, 0.5])(15.0)
    ('15', '15.0000')
    """
    integers = all(
        not isinstance(x, complex) and float(x).is_integer() and abs(x) < _LONG_INTEGER
        for x in numbers
        if x is not None
    )
    return short if integers else four_decimals


def counted(number: int) -> str:
    """A count with its digits in groups of three; beyond 10¹² about how many.

    >>> counted(820914), counted(2**40)
    ('820 914', '1.0e+12')
    """
    if number < 10**12:
        return f"{number:,}".replace(",", " ")
    # Not by way of a float: there may be more paths than floats go.
    digits = str(number)
    return f"{digits[0]}.{digits[1]}e+{len(digits) - 1}"


def array(numbers: Numbers, room: int = 24, separator: str = " ") -> str:
    """An array on one line, in NumPy's brackets; if there is not the room for that, its ends, or its range.

    >>> from chainrule.explain.numbers import numbers
    >>> array(numbers(np.array([[1.0, 2.0], [3.5, 4.0]]))), array(numbers(np.arange(100.0)))
    ('[[1 2] [3.5 4]]', '[0 1 2 … 99]')
    >>> array(numbers(np.linspace(0, 1, 10000).reshape(100, 100), most=100))
    '0 … 1'
    """
    values = numbers.values
    if values is not None and values.size <= _LISTED:
        text = listed(values, separator)
        if len(text) <= room:
            return text
    if values is not None and values.ndim == 1 and values.size > 4:
        for head in (3, 2, 1):
            items = [*map(short, values[:head].tolist()), "…", short(values[-1].item())]
            text = f"[{separator.join(items)}]"
            if len(text) <= room:
                return text
    return spread(numbers)


def listed(values: np.ndarray[Any, Any], separator: str = " ") -> str:
    """All entries, in NumPy's brackets."""
    if values.ndim == 0:
        return short(values.item())
    return f"[{separator.join(listed(np.asarray(part), separator) for part in values)}]"


def spread(numbers: Numbers) -> str:
    """The range of an array's entries, and how many of them are not finite."""
    if 0 in numbers.shape:
        return "[]"
    if numbers.least is None or numbers.greatest is None:
        text = "not finite"
    elif numbers.least == numbers.greatest:
        text = f"all {short(numbers.least)}"
    else:
        text = f"{short(numbers.least)} … {short(numbers.greatest)}"
        if numbers.dtype.startswith("complex"):
            text = f"|·| {text}"
    if numbers.nonfinite and numbers.least is not None:
        text += f", {numbers.nonfinite} not finite"
    return text


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape without spaces.

    >>> shape_text((2, 3)), shape_text((2,)), shape_text(())
    ('(2,3)', '(2,)', '()')
    """
    return f"({shape[0]},)" if len(shape) == 1 else f"({','.join(map(str, shape))})"
