"""Nested containers (pytrees): dicts, lists, tuples, namedtuples, dataclasses, with arrays as leaves."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import optree

from chainrule.errors import TreeError
from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Array, Scalar

NAMESPACE = "chainrule"

# The structure of a leaf, and the types that are leaves at first sight.
LEAF = optree.tree_structure(0, namespace=NAMESPACE)
_LEAF_TYPES = frozenset((np.ndarray, float, int, complex, np.float64, np.float32, Array, Scalar))

_registered: set[type] = set()


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a tree and its structure; a dataclass is a container of its fields."""
    if type(tree) in _LEAF_TYPES:
        return [tree], LEAF
    leaves, structure = optree.tree_flatten(tree, namespace=NAMESPACE)
    unknown = {type(leaf) for leaf in leaves if dataclasses.is_dataclass(leaf) and not isinstance(leaf, type)}
    if unknown - _registered:
        for kind in unknown:
            register_dataclass(kind)
        return flatten(tree)
    return leaves, structure


def unflatten(structure: Any, leaves: Any) -> Any:
    """The tree of a structure with other leaves."""
    if structure is LEAF:
        return leaves[0]
    return optree.tree_unflatten(structure, leaves)


def paths(tree: Any) -> list[str]:
    """Where each leaf stands, as one would write it: `['weights'][0]`."""
    flatten(tree)
    names = optree.tree_paths(tree, namespace=NAMESPACE)
    return ["".join(f"[{part!r}]" for part in path) for path in names]


def register_dataclass(kind: type) -> None:
    """Make a dataclass a container of its fields."""
    if kind in _registered:
        return
    names = tuple(field.name for field in dataclasses.fields(kind))

    def to_children(instance: Any) -> tuple[Any, Any, Any]:
        return [getattr(instance, name) for name in names], None, names

    def from_children(_: Any, children: Any) -> Any:
        # Not through __init__, which may check or convert what is a traced value here.
        instance = object.__new__(kind)
        for name, child in zip(names, children, strict=True):
            object.__setattr__(instance, name, child)
        return instance

    optree.register_pytree_node(kind, to_children, from_children, namespace=NAMESPACE)
    _registered.add(kind)


def same_structure(expected: Any, given: Any, what: str, like: str) -> None:
    """Raise unless two structures are equal."""
    if expected != given:
        raise TreeError(
            f"{what} has another structure than {like}.{describe(here())}\n"
            f"  {like}: {_brief(expected)}\n"
            f"  {what}: {_brief(given)}\n"
            "  Both must nest the same containers with the same keys and lengths."
        )


def _brief(structure: Any) -> str:
    return str(structure).removeprefix("PyTreeSpec(").removesuffix(f", namespace='{NAMESPACE}')").removesuffix(")")
