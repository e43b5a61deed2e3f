"""What is stated for primitives: their rules, and in which traces they are constant."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

# The functions that something was stated for: a rule, that there is none, or that they are constant.
stated: set[Any] = set()


class Rules(dict[Any, Any]):
    """The rules of primitives by function.

    Those of NumPy's functions follow from chainrule's, and are entered with `derive`. What a program enters, replaces
    or takes away, in any way that a dict allows, counts as stated, until the rule that follows is entered again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._derived: dict[Any, Any] = {}

    def derive(self, fun: Any, rule: Any) -> None:
        """Enter the rule that follows from chainrule's."""
        self._derived[fun] = rule
        super().__setitem__(fun, rule)

    def isstated(self, fun: Any) -> bool:
        """Whether the rule of a function is not the one that follows from chainrule's, if there is one."""
        return self.get(fun) is not self._derived.get(fun)

    def __setitem__(self, fun: Any, rule: Any) -> None:
        super().__setitem__(fun, rule)
        _note(fun)

    def __delitem__(self, fun: Any) -> None:
        super().__delitem__(fun)
        _note(fun)

    def setdefault(self, fun: Any, rule: Any = None) -> Any:
        """The rule of a function, which is entered if there is none."""
        if fun not in self:
            self[fun] = rule
        return self[fun]

    def update(self, *others: Any, **named: Any) -> None:
        """Enter the rules of another dict, or of pairs."""
        for fun, rule in dict(*others, **named).items():
            self[fun] = rule

    def __ior__(self, others: Any) -> Rules:  # type: ignore[misc]  # pairs, too
        self.update(others)
        return self

    def pop(self, fun: Any, *default: Any) -> Any:
        """Take a rule away, and return it."""
        rule = super().pop(fun, *default)
        _note(fun)
        return rule

    def popitem(self) -> tuple[Any, Any]:
        """Take the last rule away, and return it with its function."""
        fun, rule = super().popitem()
        _note(fun)
        return fun, rule

    def clear(self) -> None:
        """Take all rules away."""
        functions = list(self)
        super().clear()
        for fun in functions:
            _note(fun)


# The functions that were stated to be constant in some kind of trace.
constant_functions: set[Any] = set()


class _Constants(set[Any]):
    """The functions whose results are constant in one kind of trace."""

    def add(self, fun: Any) -> None:
        super().add(fun)
        constant_functions.add(fun)
        _note(fun)


notrace_primitives: defaultdict[Any, set[Any]] = defaultdict(_Constants)

primitive_vjps = Rules()
primitive_jvps = Rules()


def _note(fun: Any) -> None:
    """Note whether something is stated for a function now."""
    if primitive_vjps.isstated(fun) or primitive_jvps.isstated(fun) or fun in constant_functions:
        stated.add(fun)
    else:
        stated.discard(fun)
