"""A network of two layers with weight decay: back-propagation is the chain rule in reverse order.

Each call of `layer` is a group of its own; open one with Enter. Every matrix of weights reaches the loss in two
ways, through its layer and through the decay, and its gradient is the sum of both.
"""

import numpy as np

import chainrule as cr

RNG = np.random.default_rng(2)
INPUTS = RNG.normal(size=(6, 3))
TARGETS = np.sin(INPUTS.sum(axis=1, keepdims=True))


def layer(units, weights, bias):
    return np.tanh(units @ weights + bias)


def loss(parameters):
    hidden = layer(INPUTS, parameters["first"], parameters["first bias"])
    predicted = layer(hidden, parameters["second"], parameters["second bias"])
    error = np.mean((predicted - TARGETS) ** 2)
    decay = 0.01 * (np.sum(parameters["first"] ** 2) + np.sum(parameters["second"] ** 2))
    return error + decay


FUNCTION = loss
POINT = (
    {
        "first": 0.5 * RNG.normal(size=(3, 4)),
        "first bias": np.zeros(4),
        "second": 0.5 * RNG.normal(size=(4, 1)),
        "second bias": np.zeros(1),
    },
)
ARGNUMS = 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
