"""A learned filter: the Jacobian of a convolution is a band.

Each entry of the filtered signal sees three neighbours, so that the matrix towards the signal has three numbers in
a column, the same in each. Its transpose is again a convolution, with the filter turned around. The rectifier lets
pass what is positive: its diagonal holds ones and zeros.
"""

import numpy as np

import chainrule as cr

WANTED = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])


def mismatch(signal, kernel):
    filtered = np.convolve(signal, kernel, mode="valid")
    rectified = np.maximum(filtered, 0.0)
    return np.sum((rectified - WANTED) ** 2)


FUNCTION = mismatch
POINT = (np.array([0.1, 0.9, 0.3, -0.4, 0.2, 1.1, 0.4, -0.3]), np.array([-0.5, 1.0, -0.6]))
ARGNUMS = (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
