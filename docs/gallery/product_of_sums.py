"""e = (a + b)(b + 1): two inputs, one of which takes two ways.

At a = 3, b = 2 one backward pass gives both derivatives, 3 and 8: that of b is the sum over its two paths, 3 + 5.
Switch the page to forward mode: there one pass gives the derivative along one direction only.
"""

import chainrule as cr


def f(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


FUNCTION, POINT, ARGNUMS = f, (3.0, 2.0), (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
