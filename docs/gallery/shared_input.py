"""y = x e^(x²): one input, three uses, three paths.

`x * x` uses x twice, and the factor in front once more, so x is drawn three times: x₁, x₂, x₃. Step through the run
with the arrow keys. A badge with ∂y/∂v appears when everything that uses v has reported; x gets the sum of its
three.

See also what changes with `x**2` in place of `x * x`: two uses, two paths, and a local derivative 2x that adds up
in one edge what two edges had.
"""

import numpy as np

import chainrule as cr


def f(x):
    v = x * x
    u = np.exp(v)
    y = x * u
    return y


FUNCTION, POINT, ARGNUMS = f, (0.5,), 0

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
