"""Samples of choices between arrays, element by element."""

from typing import Any

import numpy as np

from chainrule.testing.sample import ALL, COMPLEX, DISTINCT, NONZERO, REAL, Sample

ONE = [(), (0,), (3,), (2, 3)]
PAIRS = [((), ()), ((0,), (0,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,))]
SPECIAL = [0.0, -0.0, 1.0, 0.5, np.nan, np.inf, -np.inf]
CONDITION = np.array([True, False, True])
CHOSEN = np.array([2, 0, 1])
PIECES: Any = [lambda v: v**2, lambda v, k=3: np.sin(v) * k, 7.0]
LOW, HIGH = np.array([-0.5, 0.1, -2.0]), np.array([0.5, 0.2, -1.0])

SAMPLES = [
    Sample(
        lambda x, y: np.where(x > 0, x * y, np.exp(x)),
        shapes=[((), ()), ((3,), (3,)), ((2, 3), (3,)), ((0,), (0,))],
        domain=NONZERO,
        special=[0.0, 1.0, np.nan, np.inf],
        name="where",
    ),
    Sample(
        lambda x, y: np.where(CONDITION, x, y),
        shapes=[((3,), (3,)), ((2, 3), ()), ((), (3,))],
        dtypes=ALL,
        name="where_constant",
    ),
    Sample(
        lambda x: (np.where(x > 0, x, 0), np.where(x > 0, 1.5, x), np.where(1, x, 2)),
        shapes=ONE,
        domain=NONZERO,
        special=SPECIAL,
        name="where_numbers",
    ),
    Sample(
        lambda x: np.where(x > 0)[0].size * x,
        shapes=[(3,), (2, 3)],
        domain=NONZERO,
        analytic=False,
        name="where_indices",
    ),
    Sample(np.maximum, shapes=PAIRS, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(np.minimum, shapes=PAIRS, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(np.fmax, shapes=PAIRS, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(np.fmin, shapes=PAIRS, domain=NONZERO, special=SPECIAL, analytic=False),
    Sample(
        lambda z, w: (np.maximum(z, w), np.minimum(z, w), np.fmax(z, w), np.fmin(z, w)),
        shapes=PAIRS,
        dtypes=COMPLEX,
        name="extremes_complex",
        analytic=False,
    ),
    Sample(
        lambda x: (np.maximum(x, 0), np.minimum(0.5, x), np.maximum(x, LOW.sum())),
        shapes=ONE,
        special=SPECIAL,
        analytic=False,
        name="extremes_numbers",
    ),
    Sample(lambda x: np.clip(x, -0.5, 0.5), shapes=ONE, special=SPECIAL, analytic=False, name="clip"),
    Sample(
        lambda x: (np.clip(x, None, 0.5), np.clip(x, -0.5, None), np.clip(x, None, None)),
        shapes=ONE,
        special=SPECIAL,
        analytic=False,
        name="clip_one_side",
    ),
    Sample(
        lambda x: (np.clip(x, min=0, max=1), np.clip(x, max=1), np.clip(x, a_min=0.1, a_max=1)),
        shapes=ONE,
        special=SPECIAL,
        analytic=False,
        name="clip_keywords",
    ),
    Sample(
        lambda x: (x.clip(-0.5, 0.5), x.clip(0.1), x.clip(max=0.1), x.clip(min=-1, max=1)),
        shapes=ONE,
        special=SPECIAL,
        analytic=False,
        name="clip_method",
    ),
    Sample(lambda x: np.clip(x, LOW, HIGH), shapes=[(), (3,), (2, 3)], analytic=False, name="clip_arrays"),
    Sample(
        np.clip,
        shapes=[((3,), (3,), (3,)), ((2, 3), (), (3,)), ((), (), ())],
        domain=DISTINCT,
        special=[0.0, 1.0, np.nan, np.inf],
        analytic=False,
        name="clip_traced_bounds",
    ),
    Sample(lambda z: np.clip(z, 0, 1 + 1j), shapes=ONE, dtypes=COMPLEX, analytic=False, name="clip_complex"),
    Sample(
        lambda x, y: np.select([x > 1, x > 0], [x * y, y**2], default=x - y),
        shapes=PAIRS,
        domain=NONZERO,
        special=[0.0, 1.0, np.nan, np.inf],
        analytic=False,
        name="select",
    ),
    Sample(
        lambda x: np.select([x > 1, x > 0], [x, 2.5]), shapes=ONE, domain=NONZERO, analytic=False, name="select_default"
    ),
    Sample(
        lambda x, y: np.choose(CHOSEN, [x, y, x * y]), shapes=[((3,), (3,)), ((2, 3), (3,)), ((), ())], name="choose"
    ),
    Sample(
        lambda x: np.choose([3, -1, 1], (x, x**2), mode="clip") + np.choose([3, -1, 1], (x, x**2), mode="wrap"),
        shapes=[(3,), (2, 3), ()],
        name="choose_modes",
    ),
    Sample(lambda x: np.choose(np.array([0, 1]), x), shapes=[(2, 2), (3, 2)], name="choose_rows"),
    Sample(
        lambda x: np.piecewise(x, [x < -0.5, x > 0.5], PIECES),
        shapes=[(), (3,), (2, 3)],
        domain=NONZERO,
        analytic=False,
        name="piecewise",
    ),
    Sample(
        lambda x: np.piecewise(x, x > 0, [lambda v, a, b: a * v + b, -1.0], 2, b=3.0),
        shapes=[(3,), (1,)],
        domain=NONZERO,
        analytic=False,
        name="piecewise_one",
    ),
    Sample(np.nan_to_num, shapes=ONE, dtypes=ALL, special=[0.0, np.nan, np.inf, -np.inf], analytic=False),
    Sample(
        lambda x: np.nan_to_num(x, nan=1.5, posinf=2.0, neginf=-3.0),
        shapes=ONE,
        domain=REAL,
        special=[0.0, np.nan, np.inf, -np.inf],
        analytic=False,
        name="nan_to_num_values",
    ),
    Sample(
        lambda x: np.nan_to_num(x * 2.0, copy=False), shapes=[(3,), (2, 3)], analytic=False, name="nan_to_num_in_place"
    ),
]
