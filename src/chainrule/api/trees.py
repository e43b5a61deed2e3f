"""Nested containers (pytrees): dicts, lists, tuples, namedtuples, dataclasses, with arrays as leaves."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.graph.position import describe, here
from chainrule.numpy.handle import Argument, Array, Captured, Frozen, Scalar
from chainrule.numpy.views import View

NAMESPACE = "chainrule"


class _Leaf:
    """The structure of a leaf, with what is asked of structures: optree is loaded for the first container."""

    __slots__ = ()

    num_leaves = num_nodes = 1
    type = None

    def is_leaf(self) -> bool:
        """It is one."""
        return True

    def children(self) -> list[Any]:
        """There are none."""
        return []

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """A tree that begins with a leaf, whatever it is."""
        return [tree]

    def __eq__(self, other: object) -> bool:
        # Among the children of a container there are optree's leaves.
        is_leaf = getattr(other, "is_leaf", None)
        return is_leaf is not None and bool(is_leaf())

    def __hash__(self) -> int:
        return hash(_Leaf)

    def __repr__(self) -> str:
        return "*"


LEAF: Any = _Leaf()

# The types that are leaves at first sight.
_LEAF_TYPES = frozenset(
    (np.ndarray, float, int, complex, np.float64, np.float32, Array, Scalar, View, Argument, Captured, Frozen)
)

_lock = threading.Lock()
_registered: set[type] = set()


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a tree and its structure; a dataclass is a container of its fields."""
    kind = type(tree)
    if kind in _LEAF_TYPES:
        return [tree], LEAF
    if kind is list or kind is tuple:
        for leaf in tree:
            if type(leaf) not in _LEAF_TYPES:
                break
        else:
            # A row of leaves, the commonest of all containers, whose structure is known.
            return list(tree), _row(kind is list, len(tree))
    import optree

    leaves, structure = optree.tree_flatten(tree, namespace=NAMESPACE)
    for leaf in leaves:
        kind = type(leaf)
        if kind in _LEAF_TYPES:
            continue
        if type(kind) is not type and _is_look_alike(leaf):
            from chainrule.numpy.swap.look_alikes import unwrapped

            return flatten(optree.tree_map(unwrapped, tree, namespace=NAMESPACE))
        if hasattr(kind, "__dataclass_fields__"):
            register_dataclass(kind)
            return flatten(tree)
    return leaves, LEAF if structure.is_leaf() else structure


def _is_look_alike(leaf: Any) -> bool:
    from chainrule.numpy.swap.look_alikes import is_look_alike

    return is_look_alike(leaf)


@functools.lru_cache(maxsize=256)
def _row(is_list: bool, length: int) -> Any:
    """The structure of a list, or a tuple, of so many leaves."""
    import optree

    row = [0] * length
    return optree.tree_structure(cast(Any, row if is_list else tuple(row)), namespace=NAMESPACE)


def unflatten(structure: Any, leaves: Any) -> Any:
    """The tree of a structure with other leaves."""
    if structure is LEAF:
        return leaves[0]
    return structure.unflatten(leaves)


def paths(tree: Any, root: str | Callable[[int], str] = "") -> list[str]:
    """Where each leaf of a tree stands, as one would write it: `['weights'][0].bias`.

    `root` names the tree, or for a tuple of trees each of them.
    """
    if not isinstance(root, str):
        return [path for k, branch in enumerate(tree) for path in paths(branch, root(k))]
    import optree

    flatten(tree)
    return [accessor.codify(root) for accessor in optree.tree_accessors(tree, namespace=NAMESPACE)]


def fields_of(kind: type) -> tuple[list[str], list[str]]:
    """The names of the fields of a dataclass that are children, and of those that are part of the structure."""
    import dataclasses

    names: list[str] = []
    static_names: list[str] = []
    for field in dataclasses.fields(kind):
        is_static = field.metadata.get("static", False) or not field.metadata.get("pytree_node", True)
        (static_names if is_static else names).append(field.name)
    return names, static_names


def register_dataclass(kind: type) -> None:
    """Make a dataclass a container of its fields.

    A field with the metadata `static=True` (or `pytree_node=False`, as other libraries write it) is no child, but part
    of the structure.
    """
    import optree

    from chainrule.numpy.swap import copied

    names, static_names = fields_of(kind)

    def to_children(instance: Any) -> tuple[Any, Any, Any]:
        static = tuple(_Fixed(name, getattr(instance, name)) for name in static_names)
        return [getattr(instance, name) for name in names], static, tuple(names)

    def from_children(static: Any, children: Any) -> Any:
        instance = remade(kind, names, children, [(fixed.name, fixed.value) for fixed in static])
        copied(instance)
        return instance

    with _lock:
        if kind not in _registered:
            optree.register_pytree_node(
                kind, to_children, from_children, path_entry_type=optree.GetAttrEntry, namespace=NAMESPACE
            )
            _registered.add(kind)


def remade(kind: type, names: Sequence[str], children: Sequence[Any], static: Sequence[tuple[str, Any]]) -> Any:
    """An instance of a dataclass: not through `__init__`, which may check or convert what is a traced value here."""
    instance: Any = object.__new__(kind)
    for name, child in zip(names, children, strict=True):
        object.__setattr__(instance, name, child)
    for name, value in static:
        object.__setattr__(instance, name, value)
    return instance


def is_taken_apart(kind: type) -> bool:
    """Whether a class is a dataclass whose instances were met as containers."""
    return kind in _registered


class _Fixed:
    """A field that is part of the structure; equal to one that recordings cannot be told apart by: 1 is not 1.0."""

    __slots__ = ("_key", "name", "value")

    def __init__(self, name: str, value: Any) -> None:
        from chainrule.api.kinds import static_key

        self.name = name
        self.value = value
        self._key = (name, static_key(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fixed) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"{self.name}={self.value!r}"


def same_structure(expected: Any, given: Any, what: str, like: str) -> None:
    """Raise unless two structures are equal."""
    if expected != given:
        from chainrule.errors import TreeError

        raise TreeError(
            f"{what} has another structure than {like}.{describe(here())}\n"
            f"  {like}: {brief(expected)}\n"
            f"  {what}: {brief(given)}\n"
            "  Both must nest the same containers with the same keys and lengths."
        )


def brief(structure: Any) -> str:
    """A structure as messages show it, with a star for each leaf."""
    return str(structure).removeprefix("PyTreeSpec(").removesuffix(")").removesuffix(f", namespace='{NAMESPACE}'")
