"""Circular functions and their inverses, element by element."""

import numpy as np

from chainrule.ops.declaration import elementwise

sin = elementwise("sin", np.sin)
cos = elementwise("cos", np.cos)
tan = elementwise("tan", np.tan)
arcsin = elementwise("arcsin", np.arcsin)
arccos = elementwise("arccos", np.arccos)
arctan = elementwise("arctan", np.arctan)
arctan2 = elementwise("arctan2", np.arctan2)
hypot = elementwise("hypot", np.hypot)
degrees = elementwise("degrees", np.degrees)
radians = elementwise("radians", np.radians)
