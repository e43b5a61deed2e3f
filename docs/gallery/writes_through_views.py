"""Heat flows along a rod, written the way NumPy code is written: in place, through views.

Every `+=` makes a new value of the array, and the picture shows each of them; the view `inside` is a selection of
its entries. The entry at the end is overwritten, and so the last temperature has the derivative 0, with the reason
under Health.
"""

import numpy as np

import chainrule as cr


def remaining_heat(temperature):
    rod = temperature.copy()
    rod[-1] = 0.0
    inside = rod[1:-1]
    for _ in range(2):
        inside += 0.2 * (rod[2:] - 2 * inside + rod[:-2])
    return np.sum(rod**2)


FUNCTION, POINT, ARGNUMS = remaining_heat, (np.array([1.0, 0.5, 0.2, 0.1, 0.3]),), 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
