"""How each value was made, as the user wrote it, with the values that it was made from called by their names."""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.explain.words.figures import short
from chainrule.explain.words.names import WRITES, taken_from
from chainrule.explain.words.printing import written
from chainrule.explain.words.source import Parsed, Piece, piece_of
from chainrule.graph import Node

if TYPE_CHECKING:
    from chainrule.explain.run.steps import Step

# Ops that are written as operators where there is no source.
_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "power": ast.Pow,
    "power_operator": ast.Pow,
    "float_power": ast.Pow,
    "remainder": ast.Mod,
    "floor_divide": ast.FloorDiv,
    **dict.fromkeys(("matmul", "matvec", "vecmat", "vecvec"), ast.MatMult),
}
# What ops are called where that is not what NumPy calls them.
_CALLED = {
    "reduce_sum": "sum",
    "reduce_prod": "prod",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_fmax": "fmax",
    "reduce_fmin": "fmin",
    "reduce_logaddexp": "logsumexp",
    "select": "where",
    "absolute": "abs",
    "variance": "var",
    "euclidean_norm": "norm",
}
# Views, by which an operand may be looked at without a step of its own.
_VIEW_ATTRIBUTES = frozenset(("T", "mT", "H", "mH", "real", "imag"))
_VIEW_CALLS = frozenset(
    "reshape ravel transpose swapaxes moveaxis squeeze flatten expand_dims broadcast_to atleast_1d atleast_2d "
    "permute_dims matrix_transpose flip fliplr flipud diagonal diag asarray array astype copy view float item".split()
)
_VIEW_OPS = frozenset(("reshape", "transpose", "broadcast_to", "convert", "index", "flip"))
_FORMS = frozenset(("reshape", "transpose", "broadcast_to", "convert", "index", "result"))
# Those of them that change the order or the number of entries.
_REARRANGED = frozenset(("transpose", "index"))
# Methods of ufuncs, which say nothing without the ufunc.
_METHODS = frozenset(("reduce", "accumulate", "outer", "at", "reduceat"))
# What modules are called where they may have been imported elsewhere, in another cell of a notebook.
_MODULES = frozenset("np numpy scipy sp cr chainrule jnp xp linalg math".split())
# Calls that go through their arguments and do with each what others say: what is recorded in them is not theirs.
_ITERATING = frozenset(
    "sum map filter reduce accumulate sorted reversed iter next list tuple set dict zip enumerate any all starmap "
    "vectorize apply_along_axis apply_over_axes fromiter fromfunction piecewise divmod".split()
)
# Those of them that return an entry as it is.
_CHOOSING = frozenset(("max", "min"))
# What is called on arrays, by which operators and picking an entry can be meant.
_OF_ARRAYS = frozenset((*dir(np), *dir(np.ndarray), *dir(np.linalg), *dir(math)))
# Arguments that are written where there is no source.
_ARGUMENTS = 6
# The title has everything put in if that is no longer.
_TITLE = 60


@dataclass(slots=True)
class Expression:
    """How a step was made.

    tree
        The expression, in the names of the operands; of a write what is written.
    written_to
        Of a write the part that is written to.
    parts
        What stands for each operand of the instruction, constants included.
    places
        By slot, the place in `parts` of what stands for it. Missing are slots of which that is not known.
    viewed
        The slots whose values are looked at through views: transposed, indexed, reshaped.
    operands
        By slot the name of the operand.
    numbers
        The names in it of what is a single number.
    function
        What the source calls.
    """

    tree: ast.expr
    written_to: ast.expr | None
    parts: list[ast.expr]
    places: dict[int, int]
    viewed: set[int]
    operands: dict[int, str]
    function: str | None = None
    numbers: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The expression, compact; a write with an arrow into what is written to."""
        text = written(self.tree)
        return text if self.written_to is None else f"{written(self.written_to)}←{text}"


def expression_of(step: Step, names: Sequence[str], known: Set[str]) -> Expression:
    """How a step was made, by the source if it is at hand, otherwise by the ops; `known` are the names as a set."""
    if step.is_input:
        return Expression(ast.Name(names[step.place]), None, [], {}, set(), {})
    try:
        expression = _from_source(step, names, known) or _from_ops(step, names)
    except RecursionError:
        # The source nests deeper than Python calls.
        expression = _from_ops(step, names)
    if step.result.shape:
        expression.numbers = _single_numbers(step, names, expression.parts)
    return expression


def _single_numbers(step: Step, names: Sequence[str], parts: Sequence[ast.expr]) -> frozenset[str]:
    """The names of operands and constants that have no axes, in a step whose result has some."""
    numbers = {names[operand.place] for _, operand in step.operands if operand.result.shape == ()}
    main = main_node(step)
    if len(main.operands) == len(parts):
        for part, operand in zip(parts, main.operands, strict=True):
            if type(operand) is not Node and np.ndim(operand) == 0:
                numbers.update(each.id for each in ast.walk(part) if isinstance(each, ast.Name))
    return frozenset(numbers)


def main_node(step: Step) -> Node:
    """The last of a step's ops that does more than to bring something into shape."""
    return next((node for node in reversed(step.nodes) if node.op.name not in _FORMS), step.result)


def is_one_op(step: Step, slot: int, expression: Expression) -> bool:
    """Whether a step is a single op of its operand in a slot, apart from views that its expression shows."""
    main = main_node(step)
    others = [node.op.name for node in step.nodes if node is not main and node.op.name not in _FORMS]
    if others and not (expression.function == "mean" and others == ["reduce_sum"]):
        return False
    after = step.nodes[step.nodes.index(main) + 1 :]
    if any(node.op.name in _REARRANGED for node in after):
        return False
    uses = next((uses for (k, _), uses in zip(step.operands, step.uses, strict=True) if k == slot), ())
    if len(uses) != 1:
        return False
    ((node, operand),) = uses
    users = {used: node for node in reversed(step.nodes) for used in node.operands if type(used) is Node}
    while node is not main and node in users:
        if node.op.name in _REARRANGED and slot not in expression.viewed:
            return False
        used, node = node, users[node]
        operand = next(k for k, each in enumerate(node.operands) if each is used)
    # An instruction may name its operands in another order than the op takes them.
    return len(main.operands) == 1 or operand == expression.places.get(slot)


def title_of(
    steps: Sequence[Step], expressions: Sequence[Expression], names: Sequence[str], result: int | None, function: str
) -> str:
    """The result's expression with everything put in, or a call of the function if that would be too long."""
    function = function if function.isidentifier() else "f"
    inputs = [names[step.place] for step in steps if step.is_input]
    if result is None:
        return _call_of(function, inputs, _TITLE)
    head = f"{names[result]} = "
    call = _call_of(function, inputs, _TITLE - len(head))
    if steps[result].is_input:
        return head + names[result]
    # By place the expression with everything put in, None if it is too long or has writes.
    whole: list[ast.expr | None] = []
    for step, expression in zip(steps, expressions, strict=True):
        if step.place > result:
            break
        if step.is_input:
            whole.append(expression.tree)
            continue
        inside = {names[operand.place]: whole[operand.place] for _, operand in step.operands}
        tree = None
        if expression.written_to is None and None not in inside.values():
            tree = _put_in(_without_start(expression.tree, step), inside)
            if len(written(tree)) > _TITLE:
                tree = None
        whole.append(tree)
    tree = whole[result]
    if tree is not None:
        text = head + written(tree, spaced=True)
        if len(text) <= _TITLE:
            return text
    return head + call


def _call_of(function: str, inputs: Sequence[str], room: int) -> str:
    """A call of a function with the arguments that the inputs are parts of, as many as there is room for."""
    arguments = list(dict.fromkeys(re.split(r"[.\[]", name, maxsplit=1)[0] for name in inputs))
    call = f"{function}({', '.join(arguments)})"
    while len(call) > room and arguments:
        arguments.pop()
        call = f"{function}({', '.join([*arguments, '…'])})"
    return call


def _without_start(tree: ast.expr, step: Step) -> ast.expr:
    """What Python's `sum` begins with is left away: 0+u is u."""
    match tree:
        case ast.BinOp(left=ast.Constant(value=0), op=ast.Add(), right=right) if step.position is not None:
            piece = piece_of(step.position.code, step.position.offset)
            return right if piece is not None and isinstance(piece.tree, ast.Call) else tree
        case _:
            return tree


class _Substitution(ast.NodeTransformer):
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


def _put_in(tree: ast.expr, inside: dict[str, Any]) -> ast.expr:
    result: ast.expr = _Substitution(inside, {}, frozenset()).visit(tree)
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
    if names[0] in _METHODS and len(names) > 1:
        return ast.Attribute(ast.Name(names[1]), names[0])
    return ast.Name(names[0])


def _from_source(step: Step, names: Sequence[str], known: Set[str]) -> Expression | None:
    if step.position is None:
        return None
    piece = piece_of(step.position.code, step.position.offset)
    if piece is None:
        return None
    if step.op in WRITES:
        above = piece.above()
        whole = piece.tree if above is None or isinstance(piece.tree, ast.AugAssign) else above.tree
        if isinstance(whole, ast.AugAssign) and isinstance(whole.target, ast.Subscript):
            return _augmented_write(whole, whole.target, step, names)
    if any(operand.entry == step.entry for _, operand in step.operands if operand.entry is not None):
        # A part of what the instruction did has no source of its own.
        return None
    if isinstance(piece.tree, ast.Call) and not _is_done_by(step, piece.tree):
        return None
    modules = _modules(piece.parsed, step.position.code)
    form = _form(piece, step, modules)
    if form is None:
        return None
    tree, written_to, leaves, function = form
    places = _matched(step, leaves, names)
    if places is None:
        return None
    substitution = _Substitution(_numbers_of(piece, step, leaves, known), _numbers_in(piece, step, leaves), modules)
    parts: list[ast.expr] = list(leaves)
    viewed: set[int] = set()
    for place, leaf in enumerate(leaves):
        slots = [slot for slot, matched in places.items() if matched == place]
        operands = [operand for slot, operand in step.operands if slot in slots]
        if not operands:
            continue
        inner = _inner(leaf, step, slots[0], operands[0])
        if inner is not leaf:
            viewed.update(slots)
        elif _is_view(leaf, step, slots[0], names[operands[0].place]):
            # A variable that holds a view is no value of its own.
            viewed.update(slots)
            continue
        substitution.by_tree[inner] = ast.Name(names[operands[0].place])
    parts = [substitution.visit(leaf) for leaf in leaves]
    if written_to is not None:
        written_to = substitution.visit(written_to)
    result = _picked(substitution.visit(tree), step)
    return Expression(result, written_to, parts, places, viewed, _operand_names(step, names), function)


def _is_done_by(step: Step, call: ast.Call) -> bool:
    """Whether a step is what a call does, rather than a part of it: an addition is not `sum`, nor an entry `map`."""
    match call.func:
        case ast.Name(id=name):
            is_method = False
        case ast.Attribute(value=value, attr=name):
            is_method = not (isinstance(value, ast.Name) and value.id in ("functools", "itertools"))
        case _:
            return False
    if step.op == name or (is_method and name in _METHODS):
        return True
    if name in _ITERATING:
        return False
    if step.op == "index":
        return name in _CHOOSING or (name in _OF_ARRAYS and not _picks_entry(step))
    works = [node for node in step.nodes if node.op.name not in _FORMS]
    return step.op not in _OPERATORS or len(works) > 1 or name in _OF_ARRAYS


def _picks_entry(step: Step) -> bool:
    """Whether a step takes one entry along the first axis, as iterating does."""
    path: Any = step.result.params["path"] if step.result.op.name == "index" else ()
    return len(path) == 1 and type(path[0]) is tuple and len(path[0]) == 1 and type(path[0][0]) is int


def _augmented_write(
    statement: ast.AugAssign, target: ast.Subscript, step: Step, names: Sequence[str]
) -> Expression | None:
    """The second half of `y[0] += s`: what was added up goes back into the array."""
    inside = [operand for _, operand in step.operands if _own_tree(operand) is statement]
    if len(inside) != 1 or len(step.operands) > 2:
        return None
    value = ast.Name(names[inside[0].place])
    whole = next((ast.Name(names[operand.place]) for _, operand in step.operands if operand is not inside[0]), None)
    part = ast.Subscript(whole or target.value, target.slice)
    parts: list[ast.expr] = [part.value, value]
    places = {slot: int(operand is inside[0]) for slot, operand in step.operands}
    return Expression(value, part, parts, places, set(), _operand_names(step, names))


@lru_cache(maxsize=1024)
def _modules(parsed: Parsed, code: CodeType) -> frozenset[str]:
    """What modules are called in a piece of source."""
    elsewhere = _MODULES.difference(code.co_varnames, code.co_freevars, code.co_cellvars)
    main = vars(sys.modules["__main__"])
    loaded = [name for name in code.co_names if type(main.get(name)) is ModuleType]
    return frozenset((*parsed.modules, *elsewhere, *loaded))


@lru_cache(maxsize=65536)
def _loop_variables(piece: Piece) -> frozenset[str]:
    """The variables of the loops round a piece of source."""
    loops: set[str] = set()
    above = piece.above()
    while above is not None and not isinstance(above.tree, (ast.FunctionDef, ast.Lambda)):
        if isinstance(above.tree, ast.For):
            loops.update(each.id for each in ast.walk(above.tree.target) if isinstance(each, ast.Name))
        elif isinstance(above.tree, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            for part in above.tree.generators:
                loops.update(each.id for each in ast.walk(part.target) if isinstance(each, ast.Name))
        above = above.above()
    return frozenset(loops)


def _numbers_of(piece: Piece, step: Step, leaves: list[ast.expr], known: Set[str]) -> dict[str, ast.expr]:
    """The numbers that variables have which are called as a value is, or belong to a loop; if the op tells."""
    loops = _loop_variables(piece)
    numbers: dict[str, ast.expr] = {}
    main = main_node(step)
    if len(main.operands) == len(leaves):
        for leaf, operand in zip(leaves, main.operands, strict=True):
            if (
                isinstance(leaf, ast.Name)
                and (leaf.id in loops or leaf.id in known)
                and type(operand) is not Node
                and np.ndim(operand) == 0
            ):
                numbers[leaf.id] = _constant(operand)
    match piece.tree:
        case ast.Subscript(slice=ast.Name(id=name)) if name in loops and step.op == "index":
            last = step.result.params["path"][-1] if step.result.op.name == "index" else ()
            if type(last) is tuple and len(last) == 1 and isinstance(last[0], int):
                numbers[name] = ast.Constant(int(last[0]))
        case _:
            pass
    return numbers


def _numbers_in(piece: Piece, step: Step, leaves: list[ast.expr]) -> dict[ast.AST, ast.expr]:
    """The numbers that expressions of the variables of loops have, as operands of this run: 0.1*k."""
    loops = _loop_variables(piece)
    main = main_node(step)
    if not loops or len(main.operands) != len(leaves):
        return {}
    return {
        leaf: _constant(operand)
        for leaf, operand in zip(leaves, main.operands, strict=True)
        if not isinstance(leaf, ast.Name)
        and type(operand) is not Node
        and np.ndim(operand) == 0
        and any(isinstance(each, ast.Name) and each.id in loops for each in ast.walk(leaf))
    }


def _form(
    piece: Piece, step: Step, modules: Set[str]
) -> tuple[ast.expr, ast.expr | None, list[ast.expr], str | None] | None:
    """The expression, what is written to, the places of its operands, and the function that is called."""
    writes = step.op in WRITES
    match piece.tree:
        case ast.AugAssign(target=target, op=op, value=value):
            combined = ast.BinOp(target, op, value)
            if writes:
                part = target if isinstance(target, ast.Subscript) else None
                if part is None:
                    return combined, None, [target, value], None
                return combined, part, [part.value, value], None
            return combined, None, [target, value], None
        case ast.Subscript(ctx=ast.Store()) as target:
            above = piece.above()
            if above is None or not isinstance(above.tree, ast.Assign) or not writes:
                return None
            return above.tree.value, target, [target.value, above.tree.value], None
        case ast.BinOp(left=left, right=right):
            return piece.tree, None, [left, right], None
        case ast.UnaryOp(operand=operand):
            return piece.tree, None, [operand], None
        case ast.Compare(left=left, comparators=others):
            return piece.tree, None, [left, *others], None
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            above = piece.above()
            if above is not None and isinstance(above.tree, (ast.For, ast.comprehension)):
                return None
            return piece.tree, None, [value], None
        case ast.Call(func=function, args=arguments, keywords=keywords):
            leaves = [leaf for each in [*arguments, *(each.value for each in keywords)] for leaf in _leaves(each)]
            name = function.id if isinstance(function, ast.Name) else None
            if isinstance(function, ast.Attribute):
                name = function.attr
                root: ast.expr = function
                while isinstance(root, ast.Attribute):
                    root = root.value
                if not isinstance(root, ast.Name) or root.id not in modules:
                    leaves.insert(0, function.value)
            return piece.tree, None, leaves, name
        case _:
            return None


def _leaves(argument: ast.expr) -> list[ast.expr]:
    """What of an argument can be an operand."""
    if isinstance(argument, (ast.List, ast.Tuple)):
        return [leaf for each in argument.elts for leaf in _leaves(each)]
    if isinstance(argument, ast.Constant) and not isinstance(argument.value, (int, float, complex)):
        return []
    return [argument]


def _matched(step: Step, leaves: list[ast.expr], names: Sequence[str]) -> dict[int, int] | None:
    """By slot the place of the leaf that is its operand; None if an operand stands nowhere."""
    places: dict[int, int] = {}
    taken: dict[int, Step] = {}
    # First those whose own expression stands there.
    for slot, operand in step.operands:
        own = _own_tree(operand)
        if own is None or operand.frame != step.frame:
            continue
        for place, leaf in enumerate(leaves):
            if place not in taken and any(each is own for each in _viewed(leaf)):
                places[slot] = place
                taken[place] = operand
                break
    for slot, operand in step.operands:
        if slot in places:
            continue
        free = [place for place, leaf in enumerate(leaves) if place not in taken and _is_variable(leaf)]
        found: int | None = slot if slot in free else None
        if found is None:
            base = names[operand.place].rstrip("0123456789")
            named = [each for each in free if isinstance(leaf := leaves[each], ast.Name) and leaf.id == base]
            found = named[0] if named else free[0] if len(free) == 1 else None
        if found is None:
            same = [each for each, other in taken.items() if other is operand]
            if not same:
                return None
            found = same[0]
        places[slot] = found
        taken[found] = operand
    return places


def _own_tree(step: Step) -> ast.AST | None:
    """The expression whose value a step is."""
    piece = None if step.position is None else piece_of(step.position.code, step.position.offset)
    if piece is None or (isinstance(piece.tree, ast.Call) and not _is_done_by(step, piece.tree)):
        return None
    above = piece.above()
    several = any(node.op is not None and node.op.name == "result" for node in step.nodes)
    if several and above is not None and isinstance(above.tree, (ast.Subscript, ast.Attribute)):
        # Picking one of several results is no step.
        return above.tree
    return piece.tree


def _viewed(leaf: ast.expr) -> list[ast.expr]:
    """A leaf, and what it is a view of, by its syntax."""
    found = [leaf]
    while True:
        match leaf:
            case ast.Attribute(value=value, attr=attribute) if attribute in _VIEW_ATTRIBUTES:
                leaf = value
            case ast.Subscript(value=value, slice=index) if not (
                isinstance(index, ast.Constant) and isinstance(index.value, str)
            ):
                leaf = value
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=arguments) if method in _VIEW_CALLS:
                leaf = value
                if isinstance(value, ast.Name) and value.id in _MODULES and arguments:
                    leaf = arguments[0]
            case ast.Call(func=ast.Name(id=function), args=[first, *_]) if function in _VIEW_CALLS:
                leaf = first
            case _:
                return found
        found.append(leaf)


def _is_variable(leaf: ast.expr) -> bool:
    return not isinstance(leaf, (ast.Constant, ast.JoinedStr, ast.Starred, ast.Lambda, ast.GeneratorExp)) and not (
        isinstance(leaf, ast.UnaryOp) and isinstance(leaf.operand, ast.Constant)
    )


def _inner(leaf: ast.expr, step: Step, slot: int, operand: Step) -> ast.expr:
    """The part of a leaf that is the operand itself: what remains after the views that the step looks through."""
    chain = _viewed(leaf)
    own = _own_tree(operand)
    for each in chain:
        if each is own:
            return each
    return chain[min(_views(step, slot), len(chain) - 1)]


def _is_view(leaf: ast.expr, step: Step, slot: int, name: str) -> bool:
    """Whether a variable is not an operand but a view of it that was made before."""
    if not isinstance(leaf, ast.Name) or leaf.id == name.rstrip("0123456789"):
        return False
    uses = next((uses for (k, _), uses in zip(step.operands, step.uses, strict=True) if k == slot), ())
    return bool(uses) and uses[0][0].op.name in ("index", "transpose") and _views(step, slot) > 0


def _views(step: Step, slot: int) -> int:
    """Through how many views a step looks at an operand."""
    uses = next((uses for (k, _), uses in zip(step.operands, step.uses, strict=True) if k == slot), ())
    if not uses:
        return 0
    node = uses[0][0]
    count = 0
    users = {operand: node for node in reversed(step.nodes) for operand in node.operands if type(operand) is Node}
    while node.op.name in _VIEW_OPS and node in users:
        count += len(node.params["path"]) if node.op.name == "index" else 1
        node = users[node]
    return count


def _from_ops(step: Step, names: Sequence[str]) -> Expression:
    """The form by the names of ops, as where there is no source."""
    main = main_node(step)
    own = {operand: ast.Name(names[producer.place]) for operand, producer in _producers(step).items()}
    if step.op == "index" and len(step.nodes) == 1:
        return _indexed(step, names)
    inside = _led_to(step)
    parts: list[ast.expr] = []
    places: dict[int, int] = {}
    for k, operand in enumerate(main.operands):
        if type(operand) is Node:
            source = inside.get(operand, operand)
            parts.append(own.get(source, ast.Name("…")))
            for slot, producer in step.operands:
                if producer.result is source and slot not in places and k not in places.values():
                    places[slot] = k
        else:
            parts.append(_constant(operand))
    name = str(main.op.name)
    tree: ast.expr
    if name in _OPERATORS and len(parts) == 2:
        tree = ast.BinOp(parts[0], _OPERATORS[name](), parts[1])
    elif name == "negative":
        tree = ast.UnaryOp(ast.USub(), parts[0])
    elif name == "square":
        tree = ast.BinOp(parts[0], ast.Pow(), ast.Constant(2))
    elif name == "raised":
        tree = ast.BinOp(parts[0], ast.Pow(), _constant(main.params["exponent"]))
    elif name in WRITES and len(parts) == 2:
        target = ast.Subscript(parts[0], ast.Constant(...))
        return Expression(parts[1], target, parts, places, set(), _operand_names(step, names))
    else:
        shown = parts if len(parts) <= _ARGUMENTS else [*parts[: _ARGUMENTS - 2], ast.Name("…"), parts[-1]]
        tree = ast.Call(ast.Name(_CALLED.get(name, name)), shown, [])
    tree = _picked(tree, step)
    viewed = {slot for slot, _ in step.operands if _views(step, slot)}
    return Expression(tree, None, parts, places, viewed, _operand_names(step, names))


def _indexed(step: Step, names: Sequence[str]) -> Expression:
    """An entry or a part of an array, where the source does not say so: x[0] of an array that is unpacked."""
    part: ast.expr = ast.Name(names[step.operands[0][1].place])
    tree = part
    for key in step.result.params["path"]:
        if type(key) is tuple:
            items = [_key(each) for each in key]
            tree = ast.Subscript(tree, items[0] if len(items) == 1 else ast.Tuple(items))
        else:
            tree = ast.Attribute(tree, "T")
    return Expression(tree, None, [part], {step.operands[0][0]: 0}, set(), _operand_names(step, names))


def _key(key: Any) -> ast.expr:
    if isinstance(key, slice):
        ends = [None if end is None else ast.Constant(end) for end in (key.start, key.stop, key.step)]
        return ast.Slice(*ends)
    return ast.Constant(key) if key is None or key is ... or isinstance(key, int) else ast.Name("…")


def _picked(tree: ast.expr, step: Step) -> ast.expr:
    """Of an op with several results the one that a step is."""
    place = taken_from(step)
    if place is None or not any(node.op.name == "result" for node in step.nodes):
        return tree
    return ast.Subscript(tree, ast.Constant(place))


def _operand_names(step: Step, names: Sequence[str]) -> dict[int, str]:
    return {slot: names[operand.place] for slot, operand in step.operands}


def _producers(step: Step) -> dict[Node, Step]:
    return {producer.result: producer for _, producer in step.operands}


def _led_to(step: Step) -> dict[Node, Node]:
    """By node of a step the first operand from outside that it was made from."""
    own = set(step.nodes)
    first: dict[Node, Node] = {}
    for node in step.nodes:
        for operand in node.operands:
            if type(operand) is Node:
                first.setdefault(node, first.get(operand, operand) if operand in own else operand)
    return first


def _constant(x: Any) -> ast.expr:
    """A constant operand: its number, or that it is an array."""
    if isinstance(x, (bool, np.bool_)):
        return ast.Constant(bool(x))
    if np.ndim(x) == 0 and not isinstance(x, (str, bytes)):
        try:
            number = np.asarray(x).item()
        except (TypeError, ValueError):
            return ast.Name("…")
        if isinstance(number, int):
            return ast.Constant(number)
        if isinstance(number, float) and np.isfinite(number):
            value = float(short(number)) if not number.is_integer() else int(number) if abs(number) < 1e15 else number
            return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
        return ast.Name(str(number))
    return ast.Name("const")
