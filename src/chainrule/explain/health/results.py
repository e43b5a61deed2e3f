"""Where the results of an operation come from that are not finite: from its operands, or they were born there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.explain.health.entries import aligned, bad_entries, bottom, is_bad, with_entries
from chainrule.explain.health.nonfinite import Cause, elementwise_cause, mixed_cause
from chainrule.explain.health.origins import NONE, PLACES, Inside, Origins, birth_numbers
from chainrule.graph import Position, here
from chainrule.trace import Op

# The operations that put entries elsewhere; what they do to entries they do to where these came from.
MOVES = frozenset(
    (
        *(ops.index, ops.update, ops.place, ops.gather, ops.scatter, ops.permuted),
        *(ops.reshape, ops.transpose, ops.flip, ops.roll, ops.broadcast_to, ops.concatenate, ops.stack),
    )
)


def note_results(
    ledger: Origins,
    op: Op,
    operands: Sequence[Any],
    befores: Sequence[Any],
    params: dict[str, Any],
    z: Any,
    position: Position | None = None,
) -> None:
    """Note what an operation made; here, if no position is given. `befores` are the operands' numbers before."""
    for part in z if type(z) is tuple else (z,):
        result = bottom(part)
        if not is_bad(result):
            ledger.forget(result)
            continue
        origins = ledger.of_plain(result) if op.composite else None
        if origins is not None:
            # It computed nothing, but gave out again what others had made.
            continue
        if op in MOVES:
            origins = _moved(ledger, op, operands, params, result.shape)
        elif op.elementwise and type(z) is not tuple:
            origins = _made_of_entries(ledger, op, operands, befores, params, part, position)
        if origins is None:
            origins = _made_of_all(ledger, op, operands, befores, part, position)
        ledger.keep(result, origins)


def _made_of_entries(
    ledger: Origins,
    op: Op,
    operands: Sequence[Any],
    befores: Sequence[Any],
    params: dict[str, Any],
    z: Any,
    position: Position | None,
) -> Any:
    """The origins of the results of an elementwise operation; None if the operands cannot be lined up."""
    result = bottom(z)
    lanes = result.ndim - len(z.shape)
    xs = aligned(operands, befores, z)
    known = aligned(operands, [ledger.of_plain(bottom(x)) for x in operands], z)
    if xs is None or known is None:
        return None
    bad = bad_entries(result)
    origins = np.zeros(result.shape)
    given = np.ones(result.shape, bool)
    for k, (x, o) in enumerate(zip(xs, known, strict=True)):
        if x.dtype.kind not in "fc":
            continue
        wrong = bad_entries(x)
        given &= ~wrong
        if op is ops.select:
            wrong = wrong & (xs[0] if k == 1 else ~xs[0])
        both = bad & wrong & (origins != NONE) & (o != NONE) & (o != origins)
        if both.any():
            for chosen, other in set(zip(origins[both], o[both], strict=True)):
                ledger.merged.setdefault(int(chosen // PLACES) - 1, set()).update(birth_numbers([other]))
        origins = np.where(bad & wrong & (origins == NONE), o, origins)
    # Infinities from outside that cancel: that is what happened, and not that there were infinities.
    cancelled = np.isnan(result) & ~np.any([np.isnan(x) for x in xs if x.dtype.kind in "fc"], axis=0)
    for origin in np.unique(origins[cancelled & (origins != NONE)]):
        if ledger.birth(int(origin))[1].reason == "imported":
            origins[cancelled & (origins == origin)] = NONE
    born = bad & (origins == NONE)
    if born.any():
        places = np.flatnonzero(born)
        numbers = [x[born] for x in xs]
        results = result[born]

        def cause(place: int) -> Cause:
            j = int(np.searchsorted(places, place))
            element = tuple(int(n) for n in np.unravel_index(place, result.shape))
            return elementwise_cause(op.name, [x[j] for x in numbers], results[j], params, element)

        ledger.bear(origins, born, op.name, "forward", position or here(), lanes, cause)
    return origins


def _made_of_all(
    ledger: Origins, op: Op, operands: Sequence[Any], befores: Sequence[Any], z: Any, position: Position | None
) -> Any:
    """The origins of the results of an operation each of whose results depends on many entries."""
    result = bottom(z)
    origins = np.zeros(result.shape)
    bad = bad_entries(result)
    known = [o for o in (ledger.of_plain(bottom(x)) for x in operands) if o is not None and np.any(o)]
    if known:
        origins[bad] = ledger.joined(known)
    else:
        first = np.unravel_index(int(np.argmax(bad)), result.shape)
        cause = mixed_cause(op.name, befores, result[first], ())
        ledger.bear(origins, bad, op.name, "forward", position or here(), result.ndim - len(z.shape), cause)
    return origins


def _moved(ledger: Origins, op: Op, operands: Sequence[Any], params: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """The origins of the results of an operation that moves entries; None if that cannot be told."""
    try:
        with Inside(ledger):
            entries = [
                with_entries(x, ledger.known(x)) if x.dtype.kind in "fc" else with_entries(x, bottom(x))
                for x in operands
            ]
            origins = np.asarray(bottom(op(*entries, **{**params, **kept(params)})))
    except (TypeError, ValueError, IndexError):
        return None
    return origins if origins.shape == shape and np.any(origins) else None


def kept(params: dict[str, Any]) -> dict[str, Any]:
    """What is changed of the parameters of an operation that may overwrite its operand, so that it does not."""
    return {"donate": False} if "donate" in params else {}
