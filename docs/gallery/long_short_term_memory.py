"""One step of an LSTM: why gates keep gradients alive.

The new cell is `forget * cell + write * candidate`. The edge from the old cell to the new is diagonal with the
forget gate on it, and near 1 it hands the gradient on as it is; what goes around through the hidden state passes
two tanh and a matrix first.
"""

import numpy as np

import chainrule as cr

RNG = np.random.default_rng(3)
SIZE = 3
INPUT = RNG.normal(size=2)
WEIGHTS = 0.6 * RNG.normal(size=(4 * SIZE, 2 + SIZE))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(cell, hidden):
    gates = WEIGHTS @ np.concatenate([INPUT, hidden])
    forget, write, read, candidate = np.split(gates, 4)
    new_cell = sigmoid(forget + 2.0) * cell + sigmoid(write) * np.tanh(candidate)
    new_hidden = sigmoid(read) * np.tanh(new_cell)
    return np.sum(new_hidden**2)


FUNCTION, POINT, ARGNUMS = step, (RNG.normal(size=SIZE), 0.5 * RNG.normal(size=SIZE)), (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
