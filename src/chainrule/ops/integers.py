"""Operations on integers: bits, shifts and divisors. They have no derivative by nature."""

import numpy as np

from chainrule.ops.declaration import elementwise

bitwise_and = elementwise("bitwise_and", np.bitwise_and, discrete=True)
bitwise_or = elementwise("bitwise_or", np.bitwise_or, discrete=True)
bitwise_xor = elementwise("bitwise_xor", np.bitwise_xor, discrete=True)
invert = elementwise("invert", np.invert, discrete=True)
left_shift = elementwise("left_shift", np.left_shift, discrete=True)
right_shift = elementwise("right_shift", np.right_shift, discrete=True)
bitwise_count = elementwise("bitwise_count", np.bitwise_count, discrete=True)
gcd = elementwise("gcd", np.gcd, discrete=True)
lcm = elementwise("lcm", np.lcm, discrete=True)
