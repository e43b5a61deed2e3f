"""A pendulum, solved by Heun's method: the derivative of where it is at the end with respect to how it began.

The loop is folded: its passes differ in numbers only. The length is used in each of them, so its derivative is a
sum over as many paths as there are ways through the loop, far more than anybody would write down; the page counts
them exactly.
"""

import numpy as np

import chainrule as cr

STEP = 0.1


def slope(angle, speed, length):
    return speed, -9.81 / length * np.sin(angle)


def final_angle(angle, length):
    speed = 0.0
    for _ in range(12):
        first = slope(angle, speed, length)
        second = slope(angle + STEP * first[0], speed + STEP * first[1], length)
        angle = angle + STEP * (first[0] + second[0]) / 2
        speed = speed + STEP * (first[1] + second[1]) / 2
    return angle


FUNCTION, POINT, ARGNUMS = final_angle, (0.8, 1.5), (0, 1)

if __name__ == "__main__":
    print(cr.explain(FUNCTION, *POINT, argnums=ARGNUMS))
