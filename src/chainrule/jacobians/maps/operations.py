"""The map of each op: by what kind of local Jacobian it states, or by a line in the table at the end."""

from __future__ import annotations

import itertools
import math
import string
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.jacobians.forms import BinaryDiagonal, BinaryLinear, ElementwiseLinear, UnaryDiagonal
from chainrule.jacobians.forms import Diagonal as Partials
from chainrule.jacobians.maps.contraction import Contraction
from chainrule.jacobians.maps.diagonal import Conjugation, Diagonal, Identity, Scalar, Zero
from chainrule.jacobians.maps.linear_map import LinearMap, Shape
from chainrule.jacobians.maps.rules import ByRule
from chainrule.jacobians.maps.selection import Listed, Selection, Summation
from chainrule.jacobians.maps.structure import is_band
from chainrule.jacobians.weighted_reduction import PartialReduction, ReducedChoice, WeightedReduction, _axes
from chainrule.jacobians.zeros import choose
from chainrule.ops.compositions import size_of
from chainrule.ops.contraction import split_subscripts
from chainrule.ops.paths import Reshaped
from chainrule.ops.reduction import reduced_shape
from chainrule.trace import Op

# The map of an op for one operand: of the op, the operand's slot, the operands, the result, the parameters.
Maker = Callable[[Op, int, tuple[Any, ...], Any, dict[str, Any]], LinearMap]


def map_of(node: Any, slot: int, xs: tuple[Any, ...], y: Any, *, part: int | None = None) -> LinearMap:
    """The local Jacobian of one recorded op for one of its operands.

    Parameters
    ----------
    node : chainrule.graph.Node
        The op and its parameters.
    slot : int
        Which operand, one of floating dtype.
    xs : tuple of arrays
        The operands.
    y : array, or tuple of arrays
        The result, or all of them.
    part : int, optional
        Which result, for an op with several.

    Examples
    --------
    >>> from chainrule.graph.node import input_node, make_node
    >>> x = np.array([1.0, 2.0])
    >>> node = make_node(ops.square, (input_node(x),), (), None, {}, x.shape, x.dtype)
    >>> map_of(node, 0, (x,), x * x).dense()
    array([[2., 0.],
           [0., 4.]])
    """
    op = node.op
    maker = MAKERS.get(op)
    if maker is None:
        maker = BY_FORM.get(type(op.jacobian))
    if maker is not None and part is None:
        return maker(op, slot, xs, y, node.params)
    return by_rule(op, slot, xs, y, node.params, part)


def by_rule(
    op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any], part: int | None = None
) -> LinearMap:
    """The map that the push and the pull of the op's rule give."""
    x, result = xs[slot], y if part is None else y[part]
    if op.jacobian is None:
        return Zero(result.shape, x.shape, result.dtype.kind == "c", x.dtype.kind == "c")
    stored = 0
    if op.jacobian.reads_inputs:
        stored += sum(other.size for other in xs)
    if op.jacobian.reads_output:
        stored += result.size
    stored = min(stored, x.size * result.size)
    structure = TRIANGULAR.get(op) or _blocks(op, slot, x, result) or "dense"
    return ByRule(op, xs, y, params, slot, part, structure, stored)


def _blocks(op: Op, slot: int, x: Any, y: Any) -> str | None:
    """The word for an op that works on each member of a stack by itself."""
    if op.core is None or not op.core[slot]:
        return None
    stack = x.shape[: x.ndim - op.core[slot]]
    return "block" if size_of(stack) > 1 and y.shape[: len(stack)] == stack else None


def partials(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """An elementwise op: the diagonal of its partial, after the broadcast of the operand."""
    jacobian = op.jacobian
    rule = jacobian.partials[slot]
    x = xs[slot]
    if rule is None:
        return Zero(y.shape, x.shape, y.dtype.kind == "c", x.dtype.kind == "c")
    with np.errstate(all="ignore"):
        partial = rule(y, *xs, **params)
    if jacobian.multiply is not choose:
        return diagonal(partial, x, y)
    taken = np.not_equal(partial, 0)
    return diagonal(partial.astype(y.dtype), x, y, taken)


def diagonal(partial: Any, x: Any, y: Any, taken: Any = None, *, constant: bool = False) -> LinearMap:
    """The diagonal of a partial, after the broadcast of an operand to the shape of the result.

    A partial that is 1 whatever the operands are is an identity; one that happens to be 1 is not.
    """
    shape = y.shape
    if not shape:
        if taken is None or taken:
            return Scalar(partial, y.dtype.kind == "c", x.dtype.kind == "c")
        return Zero((), (), y.dtype.kind == "c", x.dtype.kind == "c")
    out_complex, in_complex = y.dtype.kind == "c", x.dtype.kind == "c"
    scaled: LinearMap
    if constant and taken is None and partial == 1:
        scaled = Identity(shape, shape, out_complex, in_complex)
    else:
        scaled = Diagonal(partial, shape, taken, out_complex, in_complex)
    return scaled if x.shape == shape else scaled @ broadcast(x.shape, shape, in_complex)


def broadcast(in_shape: Shape, shape: Shape, is_complex: bool) -> LinearMap:
    """The repetition of an array along new and stretched axes; in a shape of as many entries it is the identity."""
    if math.prod(in_shape) == math.prod(shape):
        return Identity(shape, in_shape, is_complex, is_complex)

    def places() -> Any:
        return np.broadcast_to(np.arange(math.prod(in_shape)).reshape(in_shape), shape)

    return Selection(places, shape, in_shape, "broadcast", is_complex, is_complex)


def summation(in_shape: Shape, axes: tuple[int, ...], in_complex: bool, out_complex: bool) -> LinearMap:
    """The sum over axes."""
    shape = reduced_shape(in_shape, axes)
    if math.prod(in_shape) == math.prod(shape):
        return Identity(shape, in_shape, out_complex, in_complex)

    def places() -> Any:
        kept = tuple(1 if axis in axes else n for axis, n in enumerate(in_shape))
        return np.broadcast_to(np.arange(math.prod(shape)).reshape(kept), in_shape)

    word = "ones" if math.prod(shape) == 1 else "sum"
    return Summation(places, shape, in_shape, word, out_complex, in_complex)


def constant_partials(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """An elementwise op that is linear in all operands together: its transpose tells the one number of its diagonal."""
    x = xs[slot]
    out_complex = y.dtype.kind == "c"
    partial = _transpose_of(y.dtype.type(1), op, slot, xs, params)
    if out_complex:
        turned = _transpose_of(y.dtype.type(1j), op, slot, xs, params)
        if x.dtype.kind != "c":
            # Of i J the real part is seen, -Im J.
            partial = partial - 1j * turned
        elif turned != 1j * partial:
            return Conjugation(y.shape, x.shape, True, True)
    return diagonal(partial, x, y, constant=True)


def _transpose_of(y_bar: Any, op: Op, slot: int, xs: tuple[Any, ...], params: dict[str, Any]) -> Any:
    x_bars = op.jacobian.transpose(y_bar, *xs, **params)
    return x_bars[slot] if type(x_bars) is tuple else x_bars


def weighted(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A reduction with dy = Σ ∂y/∂x · dx: a sum after a diagonal."""
    x = xs[slot]
    with np.errstate(all="ignore"):
        partial = op.jacobian.partial(y, *xs, **params)
    in_complex = x.dtype.kind == "c"
    if not x.shape:
        return Scalar(partial, y.dtype.kind == "c", in_complex)
    summed = summation(x.shape, _axes(x, **params), in_complex, y.dtype.kind == "c")
    return summed.shaped(y.shape, x.shape) @ Diagonal(partial, x.shape, None, in_complex, in_complex)


def chosen(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A reduction that chooses entries, which share: a sum after a diagonal of zeros of the structure elsewhere."""
    x, axes = xs[slot], params["axes"]
    is_complex = x.dtype.kind == "c"
    with np.errstate(all="ignore"):
        taken = np.asarray(op.jacobian.choice(y, *xs, **params))
    count = np.maximum(np.add.reduce(taken, axis=axes, keepdims=True, dtype=x.dtype), 1)
    if not x.shape:
        return Scalar(x.dtype.type(1), is_complex, is_complex) if taken else Zero((), (), is_complex, is_complex)
    shares = Diagonal(1 / count, x.shape, taken, is_complex, is_complex)
    return summation(x.shape, axes, is_complex, is_complex) @ shares


def partial_reduction(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A reduction of those entries for which a condition holds, begun at an initial value."""
    x = xs[slot]
    is_complex = x.dtype.kind == "c"
    with np.errstate(all="ignore"):
        entry, initial = op.jacobian.partials(y, *xs, **params)
    one = x.dtype.type(1)
    if slot == 1:
        return diagonal(one if initial is None else initial, x, y, constant=initial is None)
    if not x.shape:
        return diagonal(one if entry is None else entry, x, y, np.asarray(xs[2]))
    scaled = Diagonal(one if entry is None else entry, x.shape, xs[2], is_complex, is_complex)
    return summation(x.shape, params["axes"], is_complex, is_complex) @ scaled


def reduced_sum(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A sum over axes."""
    is_complex = y.dtype.kind == "c"
    return summation(xs[0].shape, params["axes"], is_complex, is_complex)


def rearranged(structure: str) -> Maker:
    """An op that puts entries elsewhere: the places are found by applying it to the numbers of the entries."""

    def make(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
        x = xs[slot]
        is_complex = x.dtype.kind == "c"
        params = {**params, "donate": False} if "donate" in params else params

        def places() -> Any:
            # Entries are numbered from 1, so that 0 is what was there before or came from elsewhere.
            numbers = [x if x.dtype.kind not in "fc" else np.zeros(x.shape, np.intp) for x in xs]
            numbers[slot] = np.arange(1, x.size + 1).reshape(x.shape)
            return np.asarray(op.evaluate(*numbers, **params)) - 1

        return Selection(places, y.shape, x.shape, structure, is_complex, is_complex)

    return make


def broadcasting(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A broadcast."""
    return broadcast(xs[slot].shape, y.shape, y.dtype.kind == "c")


def unchanged(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """The same entries in another shape."""
    is_complex = y.dtype.kind == "c"
    if not y.shape and not xs[slot].shape:
        return Scalar(y.dtype.type(1), is_complex, is_complex)
    return Identity(y.shape, xs[slot].shape, is_complex, is_complex)


def part(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A part that a path reaches, or zeros with a part: of all entries it is a permutation, in order the identity."""
    if xs[slot].size != y.size:
        return rearranged("selection")(op, slot, xs, y, params)
    if all(_keeps_order(step) for step in params["path"]):
        return unchanged(op, slot, xs, y, params)
    return rearranged("permutation")(op, slot, xs, y, params)


def _keeps_order(step: Any) -> bool:
    """Whether a step to all entries of an array leaves them in their order."""
    if type(step) is Reshaped:
        return True
    return type(step) is tuple and not any(type(place) is slice and (place.step or 1) < 0 for place in step)


def added_into(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """An op that adds its second operand to parts of the first."""
    x, v = xs[:2]
    is_complex = y.dtype.kind == "c"
    if slot == 0:
        return Identity(y.shape, x.shape, is_complex, is_complex)
    numbers = np.arange(x.size).reshape(x.shape)
    if op is ops.accumulate:
        places = np.asarray(ops.index.evaluate(numbers, path=params["path"]))
    else:
        places = np.asarray(ops.gather.evaluate(numbers, *xs[2:]))
    shape = places.shape
    summed = Summation(places, y.shape, shape, "sum", is_complex, is_complex)
    return summed if v.shape == shape else summed @ broadcast(v.shape, shape, is_complex)


def segments(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """Sums over stretches of an axis, which may overlap."""
    x, axis = xs[slot], params["axis"]
    starts = params["starts"]

    def entries() -> Any:
        stops = (*starts[1:], x.shape[axis])
        stretches = [np.arange(start, max(stop, start + 1)) for start, stop in zip(starts, stops, strict=True)]
        numbers = np.moveaxis(np.arange(x.size).reshape(x.shape), axis, -1)
        sums = np.moveaxis(np.arange(y.size).reshape(y.shape), axis, -1)
        columns = [numbers[..., stretch].reshape(-1) for stretch in stretches]
        rows = [np.repeat(sums[..., k].reshape(-1), len(stretch)) for k, stretch in enumerate(stretches)]
        listed = np.concatenate(columns)
        return np.concatenate(rows), listed, np.ones(len(listed))

    ordered = all(before < after for before, after in itertools.pairwise(starts))
    is_complex = x.dtype.kind == "c"
    return Listed(entries, y.shape, x.shape, "sum" if ordered else "dense", 0, is_complex, is_complex)


def sliding(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """y[k] = Σⱼ a[k - left + j] v[j]: in a band of its kernel's numbers, in v columns of parts of a."""
    a, v = xs
    n, m = a.shape[-1], v.shape[-1]
    other = xs[1 - slot]

    def entries() -> Any:
        k, j = np.indices((y.shape[-1], m)).reshape(2, -1)
        i = k - params["left"] + j
        inside = (i >= 0) & (i < n)
        k, j, i = k[inside], j[inside], i[inside]
        numbers = [np.arange(size_of(z.shape)).reshape(z.shape) for z in (y, a, v)]
        lanes = y.shape[:-1]
        rows, of_a, of_v = (
            np.broadcast_to(z[..., places], (*lanes, len(k))).reshape(-1)
            for z, places in zip(numbers, (k, i, j), strict=True)
        )
        columns, others = (of_a, of_v) if slot == 0 else (of_v, of_a)
        return rows, columns, other.reshape(-1)[others]

    word = "dense"
    if size_of(y.shape[:-1]) > 1:
        word = "block" if xs[slot].shape[:-1] == y.shape[:-1] else "dense"
    elif slot == 0:
        word = _band(params["left"], m, y.shape[-1], n)
    is_complex = y.dtype.kind == "c"
    return Listed(entries, y.shape, xs[slot].shape, word, other.size, is_complex, is_complex)


def _band(left: int, m: int, rows: int, columns: int) -> str:
    """The word for entries at -left ≤ column - row < m - left."""
    return "banded" if is_band(-left, m - 1 - left, (rows, columns)) else "dense"


def contraction(labels: Callable[[tuple[Any, ...], dict[str, Any]], tuple[list[str], str]]) -> Maker:
    """A sum of products, of which a function gives the labels of the operands and of the result."""

    def make(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
        terms, result = labels(xs, params)
        sizes = dict(zip(result, y.shape, strict=True))
        operands = []
        for k, term in enumerate(terms):
            # An axis of length 1 that is broadcast is an axis that the operand does not have.
            kept = [axis for axis, label in enumerate(term) if xs[k].shape[axis] == sizes.get(label, xs[k].shape[axis])]
            terms[k] = "".join(term[axis] for axis in kept)
            operands.append(np.asarray(xs[k]).reshape(tuple(xs[k].shape[axis] for axis in kept)))
        x = operands.pop(slot)
        term = terms.pop(slot)
        is_complex = y.dtype.kind == "c"
        if op is ops.vecdot and is_complex:
            if slot == 1:
                operands = [np.conj(operands[0])]
            else:
                conjugated = Conjugation(x.shape, xs[slot].shape, True, True)
                return Contraction(operands, terms, term, result, x.shape, True, True) @ conjugated
        made = Contraction(operands, terms, term, result, x.shape, is_complex, is_complex)
        return made.shaped(y.shape, xs[slot].shape)

    return make


def _stacked(cores: tuple[str, str], result: str) -> Any:
    """The labels of an op whose operands have stacks of axes before those that are named."""

    def labels(xs: tuple[Any, ...], params: dict[str, Any]) -> tuple[list[str], str]:
        counts = [x.ndim - len(core) for x, core in zip(xs, cores, strict=True)]
        stack = string.ascii_uppercase[: max(counts)]
        terms = [stack[len(stack) - count :] + core for count, core in zip(counts, cores, strict=True)]
        return terms, stack + result

    return labels


def _dot_labels(xs: tuple[Any, ...], params: dict[str, Any]) -> tuple[list[str], str]:
    x, y = xs
    if not x.ndim or not y.ndim:
        labels = string.ascii_uppercase[: max(x.ndim, y.ndim)]
        return [labels[: x.ndim], labels[: y.ndim]], labels
    rows = string.ascii_uppercase[: x.ndim - 1]
    rest = string.ascii_lowercase[: y.ndim - 1]
    before, last = (rest[:-1], rest[-1:]) if y.ndim > 1 else ("", "")
    return [rows + "z", before + "z" + last], rows + before + last


def einsum(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """A contraction; of one operand a sum, or a permutation."""
    terms, result = split_subscripts(params["subscripts"])
    if len(xs) > 1:
        return contraction(lambda _xs, _params: (terms, result))(op, slot, xs, y, params)
    x = xs[0]
    is_complex = y.dtype.kind == "c"
    if x.size == y.size:
        return rearranged("permutation")(op, slot, xs, y, params)

    def places() -> Any:
        (term,) = terms
        numbers = np.arange(y.size).reshape(y.shape)
        numbers = numbers.transpose([result.index(label) for label in term if label in result])
        return np.broadcast_to(
            numbers.reshape(tuple(n if label in result else 1 for label, n in zip(term, x.shape, strict=True))), x.shape
        )

    return Summation(places, y.shape, x.shape, "ones" if y.size == 1 else "sum", is_complex, is_complex)


def elementwise_rule(op: Op, slot: int, xs: tuple[Any, ...], y: Any, params: dict[str, Any]) -> LinearMap:
    """An elementwise op of one complex operand: for real results a diagonal, the pull of ones."""
    x = xs[slot]
    rule = ByRule(op, xs, y, params, slot, None, "diagonal", x.size)
    if y.dtype.kind == "c":
        return rule
    return diagonal(rule.pull(np.ones(y.shape, y.dtype)), x, y)


BY_FORM: dict[type, Maker] = {
    Partials: partials,
    UnaryDiagonal: partials,
    BinaryDiagonal: partials,
    ElementwiseLinear: constant_partials,
    BinaryLinear: constant_partials,
    WeightedReduction: weighted,
    ReducedChoice: chosen,
    PartialReduction: partial_reduction,
}

# One line for each op whose structure its form does not tell.
MAKERS: dict[Op, Maker] = {
    ops.reshape: unchanged,
    ops.transpose: rearranged("permutation"),
    ops.flip: rearranged("permutation"),
    ops.roll: rearranged("permutation"),
    ops.permuted: rearranged("permutation"),
    ops.broadcast_to: broadcasting,
    ops.concatenate: rearranged("selection"),
    ops.stack: rearranged("selection"),
    ops.index: part,
    ops.place: part,
    ops.gather: rearranged("selection"),
    ops.update: rearranged("selection"),
    ops.scatter: rearranged("selection"),
    ops.accumulate: added_into,
    ops.scatter_add: added_into,
    ops.reduce_sum: reduced_sum,
    ops.segment_sum: segments,
    ops.correlate: sliding,
    ops.matmul: contraction(_stacked(("ik", "kj"), "ij")),
    ops.matvec: contraction(_stacked(("ik", "k"), "i")),
    ops.vecmat: contraction(_stacked(("i", "ij"), "j")),
    ops.vecvec: contraction(_stacked(("i", "i"), "")),
    ops.vecdot: contraction(_stacked(("i", "i"), "")),
    ops.dot: contraction(_dot_labels),
    ops.einsum: einsum,
    ops.tensordot: einsum,
    ops.modulus: elementwise_rule,
    ops.direction: elementwise_rule,
}

# Ops known by their rules, whose matrix has nothing above its diagonal.
TRIANGULAR: dict[Op, str] = dict.fromkeys((ops.cumsum, ops.cumprod, ops.recurrence), "triangular")
