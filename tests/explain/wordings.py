"""Functions as users write them, for the tests of names, expressions and symbols. Their layout is part of the tests."""

import numpy as np

A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
G = np.array([[1.0, -1.0], [2.0, 0.5]])


def scalar(x):
    return x * np.exp(x * x)


def vector(x):
    y = A @ x
    w = y**2
    z = np.sum(w)
    return z


def tensor(A, B):
    C = A @ B
    z = np.sum(C * G)
    return z


def two_inputs(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


lambdas = [lambda x: np.sin(x) * 2, lambda x: np.cos(x) + x]  # fmt: skip


def squared(t):
    return t * t


def with_helper(x):
    v = squared(x)
    w = squared(v + 1)
    return v * w


def loop(x):
    s = 0.0
    for k in range(3):
        s += np.sin(x) * k
    return s


def over_elements(x):
    s = 0.0
    for element in x:
        s = s + element * element
    first, second, third = x
    return s * first + second - third


def in_place(x):
    y = np.zeros_like(x)
    y[1:] = x[:2] * 2
    y[0] += x[0]
    y *= 3
    return np.sum(y)


def reassigned(x):
    x = x * 2
    x = x + x
    return np.sum(x)


def tuples(x):
    p, q = x * 2, np.sin(x)
    if (r := p * q) > 0:
        r = r + 1
    return r


class Model:
    def __init__(self):
        self.weights = A[:2]
        self.bias = A[2]

    def __call__(self, x):
        hidden = np.tanh(self.weights @ x + self.bias)
        return np.mean(hidden**2)


def views(M):
    turned = M.T[1:]
    w, V = np.linalg.eigh(M @ M.T)
    return np.sum(turned @ M) + w[0] + V[0, 0]


def library(x):
    return np.linalg.norm(np.stack([x, 2 * x])) + x.dot(x) - np.where(x > 1, x, x.max()).sum()


def through_views(x):
    rod = x * 1.0
    inside = rod[1:-1]
    inside += 0.2 * (rod[2:] - 2 * inside + rod[:-2])
    inside[0] = 5.0
    inside *= 2
    turned = rod.T
    return np.sum(np.sin(inside) + inside) + np.sum(turned * 3 + turned)
