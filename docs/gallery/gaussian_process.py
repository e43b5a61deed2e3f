"""The likelihood of a Gaussian process: a derivative through a Cholesky factor.

The kernel depends on a length scale and a noise, and the likelihood on the kernel through its factor L, twice: in
the fit and in the determinant. Both numbers change many entries of a matrix at once, and yet one backward pass has
their derivatives.
"""

import numpy as np

import chainrule as cr

PLACES = np.linspace(0.0, 3.0, 5)
OBSERVED = np.sin(2.0 * PLACES)


def negative_log_likelihood(log_length, log_noise):
    distance = PLACES[:, None] - PLACES[None, :]
    kernel = np.exp(-0.5 * (distance / np.exp(log_length)) ** 2)
    kernel = kernel + np.exp(2 * log_noise) * np.eye(len(PLACES))
    factor = np.linalg.cholesky(kernel)
    whitened = np.linalg.solve(factor, OBSERVED)
    return 0.5 * np.sum(whitened**2) + np.sum(np.log(np.diagonal(factor)))


FUNCTION, POINT, ARGNUMS = negative_log_likelihood, (-0.2, -1.0), (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
