"""Local Jacobians as linear maps between arrays: an algebra that keeps what is known of their structure.

| file | maps |
| --- | --- |
| `linear_map.py` | what every map can do |
| `diagonal.py` | zero, identity, a number, a diagonal, the complex conjugate |
| `selection.py` | selections, permutations, broadcasts, sums, lists of entries |
| `contraction.py` | sums of products: Kronecker products, blocks |
| `dense.py` | a matrix |
| `rules.py` | the push and the pull of a rule |
| `composition.py`, `addition.py` | products and sums of maps |
| `matrices.py` | products and sums of matrices |
| `structure.py` | the words for structures, and what they claim |
| `operations.py` | the map of each op: `map_of` |
"""

from chainrule.jacobians.maps.addition import Summed
from chainrule.jacobians.maps.composition import Composed
from chainrule.jacobians.maps.contraction import Contraction
from chainrule.jacobians.maps.dense import Dense
from chainrule.jacobians.maps.diagonal import Conjugation, Diagonal, Identity, Scalar, Zero
from chainrule.jacobians.maps.linear_map import LinearMap
from chainrule.jacobians.maps.operations import map_of
from chainrule.jacobians.maps.rules import ByRule
from chainrule.jacobians.maps.selection import Listed, Selection, Summation
from chainrule.jacobians.maps.structure import STRUCTURES

__all__ = [
    "STRUCTURES",
    "ByRule",
    "Composed",
    "Conjugation",
    "Contraction",
    "Dense",
    "Diagonal",
    "Identity",
    "LinearMap",
    "Listed",
    "Scalar",
    "Selection",
    "Summation",
    "Summed",
    "Zero",
    "map_of",
]
