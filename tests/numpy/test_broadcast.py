"""`np.broadcast` of traced arrays: their common shape, and their elements side by side."""

import numpy as np

import chainrule as cr

POINT = np.array([0.3, 1.2, 2.1, 0.7])


def test_elements_keep_their_derivatives():
    """The sum of xᵢ xⱼ² over all pairs, element by element, has the derivative of the sum of the outer product."""

    def pairs(x):
        return sum(a * b**2 for a, b in np.broadcast(x[:, None], x))

    # Σᵢⱼ xᵢ xⱼ²: ∂/∂xₖ = Σⱼ xⱼ² + 2 xₖ Σᵢ xᵢ
    expected = np.sum(POINT**2) + 2 * POINT * np.sum(POINT)

    np.testing.assert_allclose(cr.grad(pairs)(POINT), expected, rtol=1e-14)
    np.testing.assert_allclose(cr.jvp(pairs, (POINT,), (np.ones(4),))[1], expected.sum(), rtol=1e-14)


def test_it_is_an_iterator_as_in_numpy():
    """Shape, size, position and reset are those of NumPy's object."""
    told = []

    def tell(x):
        pairs = np.broadcast(x[:, None], x)
        first = next(pairs)
        told.append((pairs.shape, pairs.ndim, pairs.nd, pairs.size, pairs.numiter, pairs.index, bool(first[0] == x[0])))
        pairs.reset()
        told.append((pairs.index, len(list(pairs)), list(pairs)))
        return np.sum(x)

    tell(POINT)
    cr.grad(tell)(POINT)

    assert told[:2] == told[2:]
