"""Expressions with others put in, and without the modules that functions are taken from."""

from __future__ import annotations

import ast
from collections.abc import Set
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

# Methods of ufuncs, which say nothing without the ufunc.
METHODS = frozenset(("reduce", "accumulate", "outer", "at", "reduceat"))


class Substitution(ast.NodeTransformer):
    """Puts expressions where names or other expressions stand."""

    def __init__(self, by_name: dict[str, ast.expr], by_tree: dict[ast.AST, ast.expr], modules: Set[str]) -> None:
        self.by_name = by_name
        self.by_tree = by_tree
        self.modules = modules

    def visit(self, tree: ast.AST) -> Any:
        """The expression with everything put in; the original stays as it is."""
        if tree in self.by_tree:
            return self.by_tree[tree]
        if isinstance(tree, ast.Name) and tree.id in self.by_name:
            return self.by_name[tree.id]
        if isinstance(tree, ast.Attribute):
            short_form = _without_module(tree, self.modules)
            if short_form is not None:
                return short_form
        changed: dict[str, Any] = {}
        for key, value in ast.iter_fields(tree):
            if key == "func" and isinstance(value, ast.Name):
                # A function may be called as a value is.
                changed[key] = value
            elif isinstance(value, ast.AST):
                changed[key] = self.visit(value)
            elif isinstance(value, list):
                changed[key] = [self.visit(each) if isinstance(each, ast.AST) else each for each in value]
            else:
                changed[key] = value
        return type(tree)(**changed)


def put_in(tree: ast.expr, inside: dict[str, Any]) -> ast.expr:
    """An expression with others in place of names."""
    result: ast.expr = Substitution(inside, {}, frozenset()).visit(tree)
    return result


def _without_module(tree: ast.Attribute, modules: Set[str]) -> ast.expr | None:
    """A name in a module without that: `exp` for `np.exp`, and `W` for `self.W`; None if it is of something else."""
    names = [tree.attr]
    value = tree.value
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name):
        return None
    if value.id == "self":
        inner: ast.expr = ast.Name(names[-1])
        for name in reversed(names[:-1]):
            inner = ast.Attribute(inner, name)
        return inner
    if value.id not in modules:
        return None
    if names[0] in METHODS and len(names) > 1:
        return ast.Attribute(ast.Name(names[1]), names[0])
    return ast.Name(names[0])
