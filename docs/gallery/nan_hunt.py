"""An energy whose gradient is not a number: which line, which element, and why.

The value is fine. The gradient is not: two of the points are the same, the square root of their distance 0 has an
infinite slope, and infinity times zero is nothing at all. Health names the line and the element, shows how it
spreads, and what to write instead.
"""

import numpy as np

import chainrule as cr


def energy(positions):
    differences = positions[1:] - positions[:-1]
    distances = np.sqrt(np.sum(differences**2, axis=1))
    return np.sum((distances - 1.0) ** 2)


FUNCTION = energy
POINT = (np.array([[0.0, 0.0], [1.0, 0.5], [1.0, 0.5], [2.0, 1.0]]),)
ARGNUMS = 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
