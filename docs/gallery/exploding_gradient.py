"""A recurrent loop whose gradient grows at every step: where the size comes from.

The same matrix is applied sixteen times, and its largest eigenvalue is 1.61, so the gradient at the start is about
1.61¹⁶ ≈ 2000 times that at the end. Step backward and watch the numbers grow, and compare ∂y/∂state with what a
matrix of eigenvalues below 1 gives.
"""

import numpy as np

import chainrule as cr

MATRIX = np.array([[1.2, 0.5], [0.5, 1.0]])


def distance(state):
    for _ in range(16):
        state = MATRIX @ state
    return np.sum(state**2)


FUNCTION, POINT, ARGNUMS = distance, (np.array([0.01, -0.005]),), 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
