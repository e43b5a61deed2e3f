"""From a call of `explain` to an explanation."""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, default_argnums
from chainrule.errors import ArgumentError
from chainrule.explain.assembly import assembled
from chainrule.explain.explanation import Explanation
from chainrule.explain.run.recording import record
from chainrule.graph.position import describe, here


def explain(
    f: Callable[..., Any],
    *args: Any,
    argnums: Argnums = None,
    argnames: Argnames = None,
    mode: str = "reverse",
    wrt: int | str | Sequence[int | str] | None = None,
    out: Any = None,
    group: str = "auto",
    max_nodes: int = 150,
    paths: int = 10,
    jacobians: str = "auto",
    cost: bool = False,
    detail: str = "steps",
    direction: Any = None,
    embed: str = "page",
    **kwargs: Any,
) -> Any:
    """Show the chain rule at work on one run of a function: every local Jacobian, every path, and their sum.

    Parameters
    ----------
    f : callable
        A function of NumPy arrays, numbers and pytrees of them that returns one real number (see `out`).
    *args, **kwargs
        What it is called with. Without any, the result is a function that takes them: `explain(f)(x)`.
    argnums, argnames : int, str or sequences of them, optional
        Which arguments to differentiate with respect to, as for `value_and_grad`; the first by default.
    mode : {"reverse", "forward"}
        The direction in which the page steps through the program at first; text shows adjoints or tangents. Both are
        computed.
    wrt : int, str or sequence of them, optional
        Another way to say `argnums` and `argnames`: positions and names in one.
    out : index, optional
        Which entry of the result is explained if that is an array or a container: `result[out]`.
    group : {"auto", "none"}
        Whether steps are grouped by call, loop and line where there are more than `max_nodes`.
    max_nodes : int
        How many boxes are visible at most before groups are opened.
    paths : int
        How many of the largest paths are found.
    jacobians : {"auto", "none"}
        Whether the entries of small local Jacobians are computed.
    cost : bool
        Whether time is measured.
    detail : {"steps", "ops"}
        Whether an instruction of the function is one step, or every primitive op that is recorded for it.
    direction : optional
        The direction of tangents and flows, as for `Explanation.flow`.
    embed : {"page", "svg"}
        Whether a notebook shows the page, of 100 kilobytes and more, or the picture alone.

    Returns
    -------
    Explanation
        It prints as text, shows itself in a notebook, and can be saved as a page: `save("page.html")`. If `f` raises,
        it holds the program until there; `raise_()` raises the error.

    Raises
    ------
    ArgumentError
        `argnums`, `argnames` or `wrt` do not fit the call, or each other.
    ExplainError
        It was called inside a differentiated function, `out` picks nothing, or its checks do not hold, which is a bug.
    TypeError, ValueError
        `f` is no function, or an option is none of those that there are.
    NonScalarOutputError
        What is to be explained is not one real number.

    Examples
    --------
    >>> import numpy as np
    >>> ex = explain(lambda x: x * np.exp(x * x), 0.5)
    >>> ex.value.round(4), ex.gradient.round(4), ex.n_paths
    (np.float64(0.642), np.float64(1.926), 3)
    >>> [round(float(path.contribution.values), 4) for path in ex.paths()]
    [1.284, 0.321, 0.321]
    """
    if not callable(f):
        raise TypeError(f"`explain` takes a function first, and was given {f!r}.{describe(here())}")
    _check_choice("mode", mode, ("reverse", "forward"))
    _check_choice("group", group, ("auto", "none"))
    _check_choice("jacobians", jacobians, ("auto", "none"))
    _check_choice("detail", detail, ("steps", "ops"))
    _check_choice("embed", embed, ("page", "svg"))
    _check_count("max_nodes", max_nodes)
    _check_count("paths", paths)
    if wrt is not None:
        if argnums is not None or argnames is not None:
            raise ArgumentError(
                f"`explain` was given `wrt` and `argnums` or `argnames`, which say the same.{describe(here())}\n"
                "  Name the arguments once: `wrt=` takes positions and names alike."
            )
        several = [wrt] if isinstance(wrt, (int, str)) else list(wrt)
        numbers = [each for each in several if not isinstance(each, str)]
        names = [each for each in several if isinstance(each, str)]
        single = isinstance(wrt, (int, str))
        argnums = (numbers[0] if single else numbers) if numbers else None
        argnames = (names[0] if single else names) if names else None
    argnums = default_argnums(argnums, argnames)

    @functools.wraps(f)
    def explained(*args: Any, **kwargs: Any) -> Explanation:
        recorded = record(f, args, kwargs, argnums, argnames, out, cost)
        with _without_collection():
            found = assembled(
                recorded,
                direction=direction,
                paths=paths,
                jacobians=jacobians,
                detail=detail,
                group=group,
                max_nodes=max_nodes,
            )
        found.program.mode = mode
        return Explanation(found, embed=embed)

    return explained(*args, **kwargs) if args or kwargs else explained


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Without looking for cycles: of a million new objects that are all kept, the looks cost a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"`{name}={value!r}`: it is one of {', '.join(map(repr, choices))}.{describe(here())}")


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise ValueError(f"`{name}={value!r}`: it is a number of things, from 0 on.{describe(here())}")
