"""What the table says of each function is seen on its samples: that the laws are held, and that its code is native."""

import types

import numpy as np
import pytest

from chainrule.numpy.coverage import MODULES, coverage
from chainrule.testing.samples import SAMPLES

TABLE = coverage()
FUNCTIONS = {
    name: getattr({m.__name__: m for m in MODULES}[name.rpartition(".")[0]], name.rpartition(".")[2]) for name in TABLE
}
DIFFERENTIABLE = [
    name
    for name, support in TABLE.items()
    if support.status in ("op", "composite") and not name.startswith("numpy.random")
]
# Warns whenever it is called, so it is tested by itself.
OLD_NAMES = {"numpy.row_stack"}

# Calls that say more than the simplest sample, or that need no sample.
CALLS = {
    "numpy.asarray": lambda x: np.asarray(x) * 2.0,
    "numpy.astype": lambda x: np.astype(x, np.float32),
    "numpy.dot": lambda x: np.dot(x, x),
    "numpy.inner": lambda x: np.inner(x, x),
    "numpy.linalg.matrix_power": lambda x: np.linalg.matrix_power(np.outer(x, x), 3),
    "numpy.row_stack": lambda x: np.vstack([x, x]),
    "numpy.take_along_axis": lambda x: np.take_along_axis(x, np.array([2, 0, 1]), axis=0),
    "numpy.around": lambda x: np.around(x, 1) * x,
    "numpy.argmax": lambda x: np.argmax(x) * x,
    "numpy.argpartition": lambda x: np.argpartition(x, 1) * x,
    "numpy.argsort": lambda x: np.argsort(x) * x,
    "numpy.argwhere": lambda x: np.argwhere(x > 1).sum() * x,
    "numpy.digitize": lambda x: np.digitize(x, [1.0, 2.0]) * x,
    "numpy.flatnonzero": lambda x: np.flatnonzero(x > 1).sum() * x,
    "numpy.floor": lambda x: np.floor(x) * x,
    "numpy.isclose": lambda x: np.isclose(x, 1.0) * x,
    "numpy.lexsort": lambda x: np.lexsort((x, x)) * x,
    "numpy.linalg.matrix_rank": lambda x: np.linalg.matrix_rank(np.outer(x, x)) * x,
    "numpy.nanargmax": lambda x: np.nanargmax(x) * x,
    "numpy.nanargmin": lambda x: np.nanargmin(x) * x,
    "numpy.nonzero": lambda x: np.nonzero(x > 1)[0].sum() * x,
    "numpy.round": lambda x: np.round(x) * x,
    "numpy.searchsorted": lambda x: np.searchsorted([0.5, 1.5], x) * x,
    "numpy.spacing": lambda x: np.spacing(x) * x,
}
POINT = np.array([0.3, 1.2, 2.1])


def _words(function, seen):
    """The names that the code of a function and of those that it uses says."""
    if function in seen:
        return set()
    seen.append(function)
    if not isinstance(function, types.FunctionType) or not function.__module__.startswith("chainrule"):
        return {getattr(function, "__name__", "")}
    words, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        words |= set(code.co_names)
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    used = [cell.cell_contents for cell in function.__closure__ or ()]
    used += [function.__globals__.get(word) for word in list(words)]
    words |= {word for word in used if isinstance(word, str)}
    for other in used:
        if callable(other) and (isinstance(other, types.FunctionType | np.ufunc) or hasattr(other, "__wrapped__")):
            words |= _words(other, seen)
    return words


WORDS = [(sample, _words(sample.function, [])) for sample in SAMPLES]
SHORT_NAMES = {name.rpartition(".")[2] for name in DIFFERENTIABLE}


def _samples_of(name):
    """The samples of a function, first those that say least of others."""
    function = FUNCTIONS[name]
    short = {name.rpartition(".")[2], getattr(function, "__name__", "")}
    own = [sample for sample in SAMPLES if sample.function is function]
    others = sorted((pair for pair in WORDS if pair[1] & short), key=lambda pair: len(pair[1] & SHORT_NAMES))
    return own + [sample for sample, _ in others]


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if name not in OLD_NAMES])
def test_each_function_has_a_sample(name):
    """The laws are held against every function that has a derivative."""
    assert _samples_of(name), f"{name} is in no sample of chainrule.testing.samples"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*DIFFERENTIABLE, *(name for name in CALLS if name not in DIFFERENTIABLE)])
def test_native(name, called_operations):
    """What is called native is computed without NumPy, for real numbers in double precision, and nothing else is."""
    if name in CALLS:
        called = called_operations(CALLS[name], POINT)
    else:
        cases = (case for sample in _samples_of(name) for case in sample.cases() if case.dtype == np.float64)
        case = next(cases)
        called = called_operations(case.sample.function, *case.inputs)

    assert TABLE[name].native == (not called), f"left to NumPy: {called}"
