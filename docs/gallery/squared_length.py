"""z = Σ (A x)²: local derivatives become matrices.

The edge from x to y carries A, with a row for each entry of y. That from y to w is diagonal, since squaring works
entry by entry: of nine numbers only three are stored. Open the tab Shapes on the first edge to see why the gradient
is multiplied by the transpose.
"""

import numpy as np

import chainrule as cr

A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def f(x):
    y = A @ x
    w = y**2
    z = np.sum(w)
    return z


FUNCTION, POINT, ARGNUMS = f, (np.array([1.0, -2.0]),), 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
