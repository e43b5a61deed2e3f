"""The table of what is supported says what happens: for every public name, on the NumPy that is installed."""

from types import ModuleType

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import Error
from chainrule.numpy.coverage import MODULES, STATUSES, UNKNOWN, coverage

TABLE = coverage()
POINT = np.array([0.3, 1.2, 2.1, 0.7])


def _names(status):
    return sorted(name for name, support in TABLE.items() if support.status == status)


def _function(name):
    module, _, short = name.rpartition(".")
    return getattr({m.__name__: m for m in MODULES}[module], short)


def _ufuncs(status):
    return [name for name in _names(status) if isinstance(_function(name), np.ufunc)]


def test_no_name_is_left_out():
    """Each public name of numpy and of its modules in the table is there, except those of modules."""
    public = {
        f"{module.__name__}.{name}"
        for module in (np, np.linalg, np.fft, np.random)
        for name in module.__all__
        if not isinstance(getattr(module, name), ModuleType)
    }

    assert public == set(TABLE)


def test_no_name_is_unclassified():
    """Each name has a status, and what is constant or refused has a reason of its own."""
    assert {support.status for support in TABLE.values()} == set(STATUSES)
    assert [name for name, support in TABLE.items() if support.reason == UNKNOWN] == []
    for support in TABLE.values():
        assert bool(support.reason) == (support.status in ("constant", "refused"))


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("numpy.tanh", "op"),
        ("numpy.sum", "op"),
        ("numpy.where", "op"),
        ("numpy.linalg.cholesky", "op"),
        ("numpy.mean", "composite"),
        ("numpy.linalg.norm", "composite"),
        ("numpy.argmax", "constant"),
        ("numpy.greater", "constant"),
        ("numpy.floor", "constant"),
        ("numpy.pi", "constant"),
        ("numpy.float32", "constant"),
        ("numpy.save", "refused"),
        ("numpy.polyfit", "composite"),
        ("numpy.roots", "op"),
        ("numpy.random.normal", "composite"),
        ("numpy.random.beta", "constant"),
        ("numpy.random.shuffle", "composite"),
        ("numpy.vectorize", "composite"),
        ("numpy.frompyfunc", "refused"),
    ],
)
def test_well_known_names(name, status):
    """Names whose status nobody would dispute have it."""
    assert TABLE[name].status == status


@pytest.mark.parametrize("name", _ufuncs("op"))
def test_elementwise_operations_work_as_stated(name):
    """A universal function that is an operation can be pulled through, pushed through and batched."""
    ufunc = _function(name)
    shapes = [(4, 4)] if ufunc.signature else [(4,)]
    points = [np.linspace(0.2, 0.8, 16).reshape(4, 4) if shapes == [(4, 4)] else POINT / 4] * ufunc.nin
    if ufunc is np.arccosh:
        points = [1 + POINT]  # real from 1 on
    if ufunc is np.ldexp:
        points = [POINT, np.array([1, 2, 0, 1])]
    if ufunc.signature and name.endswith(("matvec", "vecmat", "vecdot")):
        vector = POINT
        points = {"matvec": [points[0], vector], "vecmat": [vector, points[0]], "vecdot": [vector, vector]}[
            name.rpartition(".")[2]
        ]

    def f(x):
        return ufunc(x, *points[1:])

    y, pull = cr.vjp(f, points[0])
    _, y_dot = cr.jvp(f, (points[0],), (np.ones_like(points[0]),))
    lanes = cr.vmap(f)(np.stack([points[0], points[0]]))

    # <pull(1), 1> = <1, push(1)>
    assert np.sum(pull(np.ones_like(y))[0]) == pytest.approx(np.sum(y_dot), rel=1e-12)
    np.testing.assert_allclose(lanes, np.stack([f(points[0])] * 2), rtol=1e-14)
    assert TABLE[name].reverse
    assert TABLE[name].forward
    assert TABLE[name].vmap


def _takes_floats(ufunc):
    return any(kinds.startswith("d" * ufunc.nin) for kinds in ufunc.types)


@pytest.mark.parametrize("name", [name for name in _ufuncs("constant") if _takes_floats(_function(name))])
def test_constant_elementwise_functions_are_piecewise_constant(name):
    """A universal function that is called constant does not change in a small enough step, in any operand."""
    ufunc = _function(name)
    points = [POINT, POINT[::-1] + 0.07][: ufunc.nin]
    for operand in range(ufunc.nin):
        moved = [x + 1e-9 if k == operand else x for k, x in enumerate(points)]
        np.testing.assert_array_equal(ufunc(*points), ufunc(*moved))


# Constant functions of arrays, each as a factor of x: its value is then the whole derivative of the product.
CONSTANT_FACTORS = {
    "all": lambda x: np.all(x > 1),
    "allclose": lambda x: np.allclose(x, x),
    "any": lambda x: np.any(x > 1),
    "argmax": lambda x: np.argmax(x),
    "argmin": lambda x: np.argmin(x),
    "argpartition": lambda x: np.argpartition(x, 1)[1],
    "argsort": lambda x: np.argsort(x),
    "argwhere": lambda x: np.argwhere(x > 1).sum(),
    "array2string": lambda x: len(np.array2string(x, precision=3)),
    "array_repr": lambda x: len(np.array_repr(x, 20)),
    "array_str": lambda x: len(np.array_str(x)),
    "format_float_positional": lambda x: len(np.format_float_positional(x[0], precision=4)),
    "format_float_scientific": lambda x: float(np.format_float_scientific(x[0])),
    "around": lambda x: np.around(x, 1),
    "array_equal": lambda x: np.array_equal(x, x),
    "array_equiv": lambda x: np.array_equiv(x, x),
    "can_cast": lambda x: np.can_cast(x.dtype, float),
    "common_type": lambda x: np.ones(4, np.common_type(x, x)),
    "count_nonzero": lambda x: np.count_nonzero(x),
    "diag_indices_from": lambda x: np.diag_indices_from(np.outer(x, x))[0],
    "digitize": lambda x: np.digitize(x, [1.0, 2.0]),
    "einsum_path": lambda x: len(np.einsum_path("i,i->", x, x)),
    "empty_like": lambda x: np.empty_like(x).size,
    "fix": lambda x: np.fix(x),
    "flatnonzero": lambda x: np.flatnonzero(x),
    "isclose": lambda x: np.isclose(x, x),
    "iscomplex": lambda x: np.iscomplex(x) + 1,
    "iscomplexobj": lambda x: np.iscomplexobj(x) + 1,
    "isfortran": lambda x: np.isfortran(x) + 1,
    "isin": lambda x: np.isin(x, [1.2]),
    "isneginf": lambda x: np.isneginf(x) + 1,
    "isposinf": lambda x: np.isposinf(x) + 1,
    "isreal": lambda x: np.isreal(x),
    "isrealobj": lambda x: np.isrealobj(x),
    "isscalar": lambda x: np.isscalar(x[0]),
    "iterable": lambda x: np.iterable(x),
    "lexsort": lambda x: np.lexsort((x, x)),
    "matrix_rank": lambda x: np.linalg.matrix_rank(np.diag(x)),
    "min_scalar_type": lambda x: np.ones(4, np.min_scalar_type(x)),
    "nanargmax": lambda x: np.nanargmax(x),
    "nanargmin": lambda x: np.nanargmin(x) + 1,
    "ndim": lambda x: np.ndim(x),
    "nonzero": lambda x: np.nonzero(x)[0],
    "ones_like": lambda x: np.ones_like(x),
    "packbits": lambda x: np.packbits(x > 1),
    "result_type": lambda x: np.ones(4, np.result_type(x, x)),
    "round": lambda x: np.round(x),
    "searchsorted": lambda x: np.searchsorted([0.5, 1.5], x),
    "shape": lambda x: np.shape(x)[0],
    "size": lambda x: np.size(x),
    "tril_indices_from": lambda x: np.tril_indices_from(np.outer(x, x))[0].size,
    "triu_indices_from": lambda x: np.triu_indices_from(np.outer(x, x))[0].size,
    "zeros_like": lambda x: np.zeros_like(x) + 1,
}


@pytest.mark.parametrize("name", CONSTANT_FACTORS)
def test_constant_functions_take_traced_values(name):
    """d(c(x) · x)/dx = c(x) where c is constant; c(x) inside the derivative is c(x) outside."""
    factor = CONSTANT_FACTORS[name]

    gradient = cr.grad(lambda x: np.sum(factor(x) * x))(POINT)

    np.testing.assert_allclose(gradient, np.broadcast_to(factor(POINT), POINT.shape), rtol=1e-12)
    assert "constant" in {TABLE[full].status for full in TABLE if full.rpartition(".")[2] == name}


REFUSED_CALLS = {
    "bmat": lambda x: np.bmat([[x, x]]),
    "frompyfunc": lambda x: np.frompyfunc(lambda t: t * t, 1, 1)(x),
    "may_share_memory": lambda x: np.may_share_memory(x, x),
    "nditer": lambda x: np.nditer(x),
    "nested_iters": lambda x: np.nested_iters([x, x], [[0], []]),
    "poly1d": lambda x: np.poly1d(x)(2.0),
    "save": lambda x: np.save("unused", x),
    "savetxt": lambda x: np.savetxt("unused", x),
    "savez": lambda x: np.savez("unused", x),
    "savez_compressed": lambda x: np.savez_compressed("unused", x),
    "shares_memory": lambda x: np.shares_memory(x, x),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("name", [name.removeprefix("numpy.") for name in _names("refused")])
def test_refused_names_refuse(name, tmp_path, monkeypatch):
    """What is called refused raises our error on a value that carries a derivative, and leaves no file behind."""
    monkeypatch.chdir(tmp_path)
    call = REFUSED_CALLS.get(name, lambda x: getattr(np, name)(x))

    with pytest.raises(Error):
        cr.grad(lambda x: np.sum(call(x)))(POINT)

    assert list(tmp_path.iterdir()) == []
