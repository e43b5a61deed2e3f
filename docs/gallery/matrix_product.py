"""z = Σ (A B) ∘ G: a Jacobian with four axes, flattened to a matrix.

∂C/∂A has 2·2·2·3 entries. Written row by row it is the matrix I ⊗ Bᵀ, most of it zeros, and the six numbers of B
are all that it takes. The tab Shapes flattens, multiplies and reshapes before your eyes, and shows that code needs
none of it: the gradient is G Bᵀ.
"""

import numpy as np

import chainrule as cr

G = np.array([[1.0, -1.0], [2.0, 0.5]])


def f(A, B):
    C = A @ B
    z = np.sum(C * G)
    return z


FUNCTION = f
POINT = (np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]]))
ARGNUMS = (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
