"""Comparisons, logic and tests of single elements: results are boolean, and have no derivative by nature."""

import operator

import numpy as np

from chainrule.ops.declaration import elementwise

equal = elementwise("equal", np.equal, evaluate=operator.eq, discrete=True)
not_equal = elementwise("not_equal", np.not_equal, evaluate=operator.ne, discrete=True)
less = elementwise("less", np.less, evaluate=operator.lt, discrete=True)
less_equal = elementwise("less_equal", np.less_equal, evaluate=operator.le, discrete=True)
greater = elementwise("greater", np.greater, evaluate=operator.gt, discrete=True)
greater_equal = elementwise("greater_equal", np.greater_equal, evaluate=operator.ge, discrete=True)

logical_and = elementwise("logical_and", np.logical_and, discrete=True)
logical_or = elementwise("logical_or", np.logical_or, discrete=True)
logical_xor = elementwise("logical_xor", np.logical_xor, discrete=True)
logical_not = elementwise("logical_not", np.logical_not, discrete=True)

isnan = elementwise("isnan", np.isnan, discrete=True)
isinf = elementwise("isinf", np.isinf, discrete=True)
isfinite = elementwise("isfinite", np.isfinite, discrete=True)
signbit = elementwise("signbit", np.signbit, discrete=True)
