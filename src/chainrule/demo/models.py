"""Three models as anybody would write them: plain NumPy, in-place writes included, and no derivative anywhere.

Parameters come as one vector, which is what `scipy.optimize.minimize` wants.
"""

import numpy as np

CLASSES = 10


def logistic_scores(parameters, images):
    """One score for each image and class: images (n, pixels) times weights (pixels, classes), plus biases."""
    pixels = images.shape[1]
    scores = images @ parameters[: pixels * CLASSES].reshape(pixels, CLASSES)
    scores += parameters[pixels * CLASSES :]
    return scores


def logistic_loss(parameters, images, labels, penalty):
    """The loss of a multinomial logistic regression; the penalty is on its weights."""
    weights = parameters[: images.shape[1] * CLASSES]
    return cross_entropy(logistic_scores(parameters, images), labels) + penalty / 2 * np.sum(weights**2)


def network_layers(parameters, pixels, hidden):
    """The weights and biases of both layers, as views of the vector of parameters."""
    first, second = pixels * hidden, hidden * CLASSES
    ends = np.cumsum([first, hidden, second, CLASSES])
    weights, biases, out_weights, out_biases = np.split(parameters, ends[:-1])
    return weights.reshape(pixels, hidden), biases, out_weights.reshape(hidden, CLASSES), out_biases


def network_scores(parameters, images, hidden):
    """One score for each image and class, from a layer of tanh units."""
    weights, biases, out_weights, out_biases = network_layers(parameters, images.shape[1], hidden)
    units = np.zeros((len(images), hidden + 1), dtype=parameters.dtype)
    units[:, :hidden] = images @ weights
    units[:, :hidden] += biases
    np.tanh(units, out=units)
    units[:, hidden] = 1.0  # the last unit is always on: its weights are the biases of the scores
    return units @ np.vstack([out_weights, out_biases])


def network_loss(parameters, images, labels, penalty, hidden):
    """The loss of a network with one layer of hidden units; the penalty is on all its parameters."""
    return cross_entropy(network_scores(parameters, images, hidden), labels) + penalty / 2 * np.sum(parameters**2)


def cross_entropy(scores, labels):
    """Minus the logarithm of the probability that softmax gives to the right class, averaged."""
    scores -= scores.max(axis=1, keepdims=True)  # so that no exponential overflows
    total = np.exp(scores).sum(axis=1)
    right = scores[np.arange(len(labels)), labels]
    return np.mean(np.log(total) - right)


def poisson_loss(coefficients, features, counts):
    """Minus the log-likelihood of counts whose mean is exp(features @ coefficients), up to a constant."""
    logarithm = features @ coefficients
    loss = np.exp(logarithm)
    loss -= counts * logarithm
    return np.sum(loss)
