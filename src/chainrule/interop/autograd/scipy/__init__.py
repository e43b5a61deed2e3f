"""SciPy's modules as programs written for autograd import them.

A function follows derivatives where chainrule differentiates it. Any other computes the values of plain arguments, and
can be given rules with `defvjp` and `defjvp`, as every primitive.
"""

from chainrule.interop.autograd.scipy import integrate, linalg, signal, special, stats

__all__ = ["integrate", "linalg", "signal", "special", "stats"]
