"""The loss of a logistic regression: how errors of single predictions become the gradient of the weights.

Follow the cotangents backward: at the margins there is one number for each observation, largest where the
prediction is wrong; the transpose of the data adds them up, and the penalty adds its own path from the weights.
"""

import numpy as np

import chainrule as cr

RNG = np.random.default_rng(1)
DATA = RNG.normal(size=(8, 3))
LABELS = np.where(DATA @ np.array([1.0, -2.0, 0.5]) > 0, 1.0, -1.0)


def loss(weights, bias):
    margins = LABELS * (DATA @ weights + bias)
    surprise = np.logaddexp(0.0, -margins)
    penalty = 0.1 * np.sum(weights**2)
    return np.mean(surprise) + penalty


FUNCTION, POINT, ARGNUMS = loss, (np.array([0.3, -0.2, 0.1]), 0.05), (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
