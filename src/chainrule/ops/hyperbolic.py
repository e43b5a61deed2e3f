"""Hyperbolic functions and their inverses, element by element."""

import numpy as np

from chainrule.ops.declaration import elementwise

sinh = elementwise("sinh", np.sinh)
cosh = elementwise("cosh", np.cosh)
tanh = elementwise("tanh", np.tanh)
arcsinh = elementwise("arcsinh", np.arcsinh)
arccosh = elementwise("arccosh", np.arccosh)
arctanh = elementwise("arctanh", np.arctanh)
