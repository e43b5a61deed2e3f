"""What the values of a program are called: as the user's variables where the source tells, otherwise by letters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chainrule.explain.words.source import Piece, piece_of
from chainrule.explain.words.views import reads_view, variables_in, writes_view

if TYPE_CHECKING:
    from chainrule.explain.run.recorded import Recorded
    from chainrule.explain.run.steps import Step

# For values without a name, while these are enough; then v1, v2, ...
_LETTERS = "v u w t s r q p h g".split()
# For the result, if the source does not name it.
_RESULTS = "y z f result".split()
# A longer variable is cut: it would fill every formula.
_LONGEST = 40
# Ops that write into an array: their second operand goes into a part of the first.
WRITES = frozenset(("update", "accumulate", "scatter", "scatter_add"))
# The number of a name, or a place that is left for one (`repetition.py`).
_NUMBERED = re.compile("[0-9\ue001-\ue0ff]+$")
# Calls that are followed outwards from a `return`.
_CALLS = 50


def node_names(steps: Sequence[Step], recorded: Recorded) -> list[str]:
    """A name for each step, no two alike: inputs as arguments, values as labelled or as the variables assigned to.

    What is assigned again gets a number: s, s2, s3. A result without a name is y, other values are letters.
    """
    wanted: list[str | None] = []
    for step in steps:
        wanted.append(recorded.names[step.place] if step.is_input else _wanted(step, recorded, wanted))
    _leave_to_the_last(steps, wanted)
    if recorded.labels:
        for step in steps:
            labels = [recorded.labels[node] for node in step.nodes if node in recorded.labels]
            wanted[step.place] = labels[-1] if labels else wanted[step.place]
    taken = {name for name in wanted if name is not None}
    # The user's own variables too: one of them may be a constant in an expression.
    for code in {call.code for call in recorded.calls}:
        taken.update(code.co_varnames, code.co_names, code.co_freevars, code.co_cellvars)
    for step in reversed(steps):
        if step.result is recorded.result and wanted[step.place] is None:
            name = next((name for name in _RESULTS if name not in taken), "result")
            wanted[step.place] = name
            taken.add(name)
    letters = _letters(wanted.count(None), taken)
    return _unique([next(letters) if name is None else name for name in wanted])


def _letters(count: int, taken: set[str]) -> Iterator[str]:
    """Names for values that have none: letters if these are enough."""
    free = [letter for letter in _LETTERS if letter not in taken]
    if count <= len(free):
        yield from free
    number = 0
    while True:
        number += 1
        if f"v{number}" not in taken:
            yield f"v{number}"


def _unique(names: list[str]) -> list[str]:
    """The names, with a number where one was there before."""
    taken = set(names)
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen.get(name, 0) + 1
        made = name
        while count > 1 and made in taken:
            made = f"{name}_{count}" if name[-1:].isdigit() else f"{name}{count}"
            count += made in taken
        seen[name] = max(count, 1)
        taken.add(made)
        unique.append(made)
    return unique


def _leave_to_the_last(steps: Sequence[Step], wanted: list[str | None]) -> None:
    """Of the values that one run of an instruction made, the last has the name.

    Except for one of several results, and for a view that it read, which has a name of its own.
    """
    last = {step.entry: step.place for step in steps if step.entry is not None}
    for step in steps:
        if step.entry is None or last[step.entry] == step.place or taken_from(step) is not None:
            continue
        piece = None if step.position is None else piece_of(step.position.code, step.position.offset)
        if piece is None or not reads_view(step, piece.tree):
            wanted[step.place] = None


def base_of(name: str) -> str:
    """The variable that a value is named after, without the number that tells it from others: s of s3.

    >>> base_of("s3")
    's'
    """
    return _NUMBERED.sub("", name)


def writes(step: Step) -> bool:
    """Whether a step writes into a part of an array."""
    return step.op in WRITES


def taken_from(step: Step) -> int | None:
    """Which one of several a step is: of the results of an op, or of the entries of an array that is unpacked."""
    for node in reversed(step.nodes):
        if node.op is None:
            return None
        if node.op.name == "result":
            return int(node.params["k"])
        if node.op.name == "index":
            last = node.params["path"][-1] if node.params["path"] else ()
            return last[0] if type(last) is tuple and len(last) == 1 and type(last[0]) is int else None
        if node.op.name not in ("reshape", "convert"):
            return None
    return None


def _wanted(step: Step, recorded: Recorded, before: Sequence[str | None]) -> str | None:
    """The variable that a value is assigned to, here or, if it is returned, by the caller.

    A view has the name of the variable that holds it; what is written through a view is called as what it is a view of.
    `before` are the names of the steps before.
    """
    if step.position is None:
        return None
    piece = piece_of(step.position.code, step.position.offset)
    if piece is not None and reads_view(step, piece.tree):
        others = {name for name in variables_in(piece.tree) if name != before[step.operands[0][1].place]}
        return others.pop()[:_LONGEST] if len(others) == 1 else None
    if piece is not None and writes(step):
        target = piece.tree.target if isinstance(piece.tree, ast.AugAssign) else piece.tree
        if isinstance(target, ast.expr) and writes_view(step, target):
            return before[step.operands[0][1].place]
    call = step.frame
    for _ in range(_CALLS):
        if piece is None:
            return None
        name, returned = _target(piece, step)
        if name is not None or not returned or call is None:
            return name
        record = recorded.calls[call]
        if record.caller is None:
            return None
        piece = piece_of(recorded.calls[record.caller].code, record.offset)
        call = record.caller
    return None


def _target(piece: Piece, step: Step) -> tuple[str | None, bool]:
    """The variable that a piece of source is assigned to, and whether it is returned."""
    tree, above = piece.tree, piece.above()
    if isinstance(tree, ast.AugAssign):
        return (None if isinstance(tree.target, ast.Subscript) and not writes(step) else _variable(tree.target)), False
    if isinstance(tree, ast.Subscript) and not isinstance(tree.ctx, ast.Load):
        return (_variable(tree) if writes(step) else None), False
    if isinstance(tree, ast.For):
        # What is taken from an array in turn.
        return _loop_variable(tree.target), False
    if isinstance(tree, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)) and taken_from(step) is not None:
        return (_loop_variable(tree.generators[0].target) if len(tree.generators) == 1 else None), False
    # Either branch of a conditional expression is the value of it.
    while above is not None and isinstance(above.tree, ast.IfExp) and tree is not above.tree.test:
        tree, above = above.tree, above.above()
    if above is None:
        return None, False
    match above.tree:
        case ast.Assign(targets=targets) if isinstance(tree, ast.Tuple) and tree in targets:
            return _element(tree, taken_from(step)), False
        case ast.Assign(targets=targets, value=value) if value is tree:
            names = [_variable(target) for target in targets if not isinstance(target, ast.Subscript)]
            if isinstance(targets[0], (ast.Tuple, ast.List)):
                return _element(targets[0], taken_from(step)), False
            return next((name for name in names if name is not None), None), False
        case ast.AnnAssign(target=target, value=value) if value is tree and not isinstance(target, ast.Subscript):
            return _variable(target), False
        case ast.NamedExpr(target=target):
            return _variable(target), False
        case ast.Tuple(elts=items) if (outer := above.above()) is not None and isinstance(outer.tree, ast.Assign):
            target = outer.tree.targets[0]
            if isinstance(target, (ast.Tuple, ast.List)) and tree in items:
                return _element(target, items.index(tree)), False
        case ast.For(iter=iterated, target=target) | ast.comprehension(iter=iterated, target=target):
            if iterated is tree:
                return _loop_variable(target), False
        case ast.Return(value=value):
            return None, value is tree
        case ast.Lambda(body=body):
            return None, body is tree
        case _:
            pass
    return None, False


def _loop_variable(target: ast.expr) -> str | None:
    return _variable(target) if isinstance(target, ast.Name) else None


def _element(target: ast.Tuple | ast.List, place: int | None) -> str | None:
    """The variable at a place of a tuple of targets."""
    if place is None or not -len(target.elts) <= place < len(target.elts):
        return None
    if any(isinstance(each, ast.Starred) for each in target.elts):
        return None
    return _variable(target.elts[place])


def _variable(target: ast.expr) -> str | None:
    """The name of what is assigned or written to."""
    while isinstance(target, ast.Subscript):
        target = target.value
    if isinstance(target, ast.Attribute):
        return target.attr[:_LONGEST]
    return target.id[:_LONGEST] if isinstance(target, ast.Name) else None
