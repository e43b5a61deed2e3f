"""Samples of sums of exponentials over axes."""

from typing import Any

import numpy as np
import scipy.special

from chainrule.testing.sample import POSITIVE, REAL, Sample

# SciPy does not say the types of its functions.
special: Any = scipy.special

ROUNDED: dict[str, Any] = {"analytic": False, "exact": False, "protocols": False}
WEIGHTS = np.array([1.0, 2.0, 0.0])


def signed(a: Any) -> Any:
    """The logarithm of the absolute value of a weighted sum; its sign does not vary."""
    return special.logsumexp(a, b=np.array([1.0, -3.0, 2.0]), return_sign=True)[0]


SAMPLES = [
    Sample(special.logsumexp, shapes=[(3,), (2, 3)], **ROUNDED),
    Sample(lambda a: special.logsumexp(a, axis=0), shapes=[(2, 3)], name="logsumexp over an axis", **ROUNDED),
    Sample(
        lambda a: special.logsumexp(a, axis=(0, -1), keepdims=True),
        shapes=[(2, 3, 2)],
        name="logsumexp that keeps axes",
        **ROUNDED,
    ),
    Sample(
        lambda a: special.logsumexp(a, axis=-1, b=WEIGHTS), shapes=[(3,), (2, 3)], name="weighted logsumexp", **ROUNDED
    ),
    Sample(
        lambda a, b: special.logsumexp(a, axis=-1, b=b),
        shapes=[((2, 3), (3,))],
        domain=(REAL, POSITIVE),
        name="logsumexp in its weights",
        **ROUNDED,
    ),
    Sample(signed, shapes=[(3,)], **ROUNDED),
    Sample(special.softmax, shapes=[(3,), (2, 3)], **ROUNDED),
    Sample(lambda a: special.softmax(a, axis=-1), shapes=[(2, 3)], name="softmax over an axis", **ROUNDED),
    Sample(special.log_softmax, shapes=[(3,), (2, 3)], **ROUNDED),
    Sample(lambda a: special.log_softmax(a, axis=0), shapes=[(2, 3)], name="log_softmax over an axis", **ROUNDED),
]
