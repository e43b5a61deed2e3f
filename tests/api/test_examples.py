"""Examples in docstrings are a user's code."""

import doctest

import numpy as np

import chainrule as cr
from chainrule import errors

EXAMPLE = """
>>> def f(x):
...     y = np.zeros(2)
...     y[0] = x
...     return y.sum()
>>> cr.grad(f)(3.0)
np.float64(1.0)
"""


def test_example_in_a_module_of_the_package():
    """An example is run over our NumPy even where it explains chainrule itself."""
    names = {"np": np, "cr": cr, "__name__": errors.__name__}
    example = doctest.DocTestParser().get_doctest(EXAMPLE, names, "example", None, 0)
    report = []

    doctest.DocTestRunner(verbose=False).run(example, out=report.append)

    assert not report, "".join(report)
