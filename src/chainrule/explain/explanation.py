"""What one gets from `explain`: the program, seen through everything that can be asked of it."""

from __future__ import annotations

import contextlib
import functools
import gc
import html as markup
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from chainrule.api.arguments import Argnames, Argnums, default_argnums
from chainrule.api.trees import flatten, unflatten
from chainrule.errors import ExplainError
from chainrule.explain import document, page
from chainrule.explain.assembly import Assembled, assembled, path_of
from chainrule.explain.drawing import png, svg
from chainrule.explain.formulas import latex, mathml
from chainrule.explain.program import Edge, Finding, Jacobian, Node, Path, Program
from chainrule.explain.run import cost
from chainrule.explain.run.accumulation import accumulate, direction_of, forward
from chainrule.explain.run.checks import checked
from chainrule.explain.run.local import edge_map
from chainrule.explain.run.moduli import moduli
from chainrule.explain.run.paths import largest
from chainrule.explain.run.recording import record
from chainrule.explain.text import forms
from chainrule.graph.position import describe, here

# A matrix of more entries than this is not multiplied out.
_MOST_ENTRIES = 10**6

_HEIGHT = 640


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


class Explanation:
    """One run of a function, explained.

    Attributes
    ----------
    program : Program
        All that is shown, as plain data.
    value, gradient
        Exactly what `value_and_grad` returns; None if the function raised. Of an explanation that was read from JSON,
        what was written: the gradient is an array, or a dict of them by the names of several inputs.
    """

    def __init__(self, source: Assembled | Program, *, embed: str = "page") -> None:
        self.embed = embed
        if isinstance(source, Program):
            self.program = source
            self._live: Assembled | None = None
            result = source.result
            self.value = None if result is None else _written_value(source.nodes[result].value)
            gradients = {
                source.nodes[k].name: _written_value(source.nodes[k].adjoint)
                for k in source.inputs
                if result is not None
            }
            self.gradient: Any = next(iter(gradients.values())) if len(gradients) == 1 else gradients or None
        else:
            self.program = source.program
            self._live = source
            self.value = source.recorded.value
            # What the user gets is theirs to write to.
            leaves, structure = flatten(source.recorded.gradient)
            self.gradient = unflatten(structure, [np.array(g) if type(g) is np.ndarray else g for g in leaves])

    # What is asked of it.

    @property
    def n_paths(self) -> int:
        """How many paths lead from the inputs to the result, exactly."""
        return self.program.path_count

    @property
    def cancellation(self) -> float | None:
        """Σ|path| / |Σ path|, the greatest over the inputs' entries: 1 if nothing cancels.

        Its decimal logarithm is about the number of digits that the gradient loses. None if there is no path, or it is
        not known; an upper bound if `program.absolute_is_bound`.
        """
        return self.program.cancellation

    def node(self, name: str) -> Node:
        """The value of a name.

        Raises
        ------
        KeyError
            There is none.
        """
        for node in self.program.nodes:
            if node.name == name:
                return node
        raise KeyError(f"there is no value `{name}`; there are {self._listed([n.name for n in self.program.nodes])}")

    def edge(self, name: str, slot: int | None = None) -> ExplainedEdge:
        """The edge into the value of a name: the use of one of its operands.

        Parameters
        ----------
        name : str
            What the result of the operation is called.
        slot : int, optional
            Which operand, counted from 0, constants included; not needed if only one varies.

        Raises
        ------
        KeyError
            There is no such value or no such operand.
        """
        target = self.program.nodes.index(self.node(name))
        edges = self.program.incoming()[target]
        slots = [self.program.edges[k].slot for k in edges]
        if slot is None and len(edges) == 1:
            return ExplainedEdge(self, edges[0])
        if slot not in slots:
            if not slots:
                raise KeyError(f"no edge leads into `{name}`: it is an input")
            had = f"its slots are {', '.join(map(str, slots))}"
            raise KeyError(f"`{name}` has no slot {slot}: {had}" if slot is not None else f"`{name}`: say which: {had}")
        return ExplainedEdge(self, edges[slots.index(slot)])

    def paths(self, k: int = 10) -> list[Path]:
        """The k paths with the largest contributions, largest first.

        By modulus, or for arrays by Euclidean norm. If `program.paths_exact` is false the search was stopped early.
        """
        program = self.program
        if k <= len(program.paths) or len(program.paths) == program.path_count:
            return program.paths[:k]
        live = self._live
        if live is None:
            raise ExplainError(f"only {len(program.paths)} of {program.path_count} paths were written down.")
        if live.recorded.failure is not None:
            return []
        found = largest(live.recorded, live.accumulated, k)
        program.paths_exact = found.exact
        program.paths = [path_of(live.accumulated, path) for path in found.paths]
        return program.paths[:k]

    def flow(self, direction: Any = None) -> dict[tuple[str, int], float]:
        """How much passes through each edge along a direction, by the name of its target and its slot.

        Parameters
        ----------
        direction : optional
            None for that of the explanation; "gradient" for the direction of the gradient, of length 1; `x[3]` for an
            entry of an input (`x` for one that is a number); or a tree of arrays like the inputs.

        Returns
        -------
        dict
            ∂result/∂target · J · (tangent of the source). What flows into a value flows out of it, and over any cut it
            adds up to the directional derivative.
        """
        program = self.program
        flows = [edge.flow for edge in program.edges]
        if direction is not None:
            live = self._needs_run("flows along another direction")
            again = accumulate(live.recorded, live.steps)
            forward(live.recorded, again, *direction_of(live.recorded, again, direction))
            flows = [arc.flow for arc in again.arcs]
        return {
            (program.nodes[edge.target].name, edge.slot): flow for edge, flow in zip(program.edges, flows, strict=True)
        }

    def nonfinite(self) -> list[Finding]:
        """Where numbers that are not finite were born from finite ones; empty if there are none."""
        return [finding for finding in self.program.findings if finding.kind == "birth"]

    def health(self) -> list[Finding]:
        """All that deserves a look: births, saturations, gradients that are exactly zero, kinks and so on."""
        return list(self.program.findings)

    def cost_table(self, by: str = "line") -> Any:
        """Seconds, bytes and floating-point operations by line or by op."""
        return cost.cost_table(self.program, by=by)

    def check(self) -> dict[str, float]:
        """Compute the gradient again in every way, and compare.

        Returns
        -------
        dict
            The relative differences that were found, by name.

        Raises
        ------
        ExplainError
            Two of them differ, which is a bug of chainrule.
        """
        live = self._needs_run("a check")
        if live.recorded.failure is not None:
            return {}
        again = accumulate(live.recorded, live.steps)
        sums = moduli(live.recorded, again)
        return checked(live.recorded, again, sums.sums if sums.exact else None)

    def raise_(self) -> None:
        """Raise the error that the function raised, if it did."""
        if self._live is not None and self._live.recorded.failure is not None:
            raise self._live.recorded.failure.error
        if self.program.failure is not None:
            raise ExplainError(self.program.failure)

    # How it is shown.

    def text(self, *, width: int = 100, ascii: bool = False) -> str:
        """It as text, of a width in characters."""
        return forms.text(self.program, width=width, ascii=ascii)

    def latex(self, level: str = "steps") -> str:
        """It as LaTeX: the `result`, the `steps`, or the steps with `numbers`."""
        return latex.latex(self.program, level=level)

    def mathml(self, level: str = "steps") -> str:
        """The same as MathML."""
        return mathml.mathml(self.program, level=level)

    def svg(self, *, merged: bool = False, language: str = "en", scheme: str = "auto") -> str:
        """The graph as a picture; `merged` draws an input that is used several times once.

        The `scheme` of its colours is "light", "dark" or "auto": the one that the reader's system prefers.
        """
        return svg.svg(self.program, merged=merged, language=language, scheme=scheme)

    def png(self, *, scale: float = 2) -> bytes:
        """The graph as an image, so many pixels a unit."""
        return png.png(self.program, scale=scale)

    def html(self, *, language: str = "en", redact_source: bool = False) -> str:
        """It as one page that needs nothing else; `redact_source` leaves the source code out."""
        return page.page(self.program, language=language, redact_source=redact_source)

    def to_json(self, *, indent: int | None = None) -> str:
        """All of it, as JSON."""
        return document.written(self.program, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Explanation:
        """An explanation that was written as JSON; the function itself is not needed."""
        return cls(document.read(text))

    def save(self, path: str | FilePath) -> None:
        """Write it to a file: .html, .svg, .png, .tex, .json or .txt."""
        path = FilePath(path)
        suffix = path.suffix.lower()
        writers: dict[str, Callable[[], str]] = {
            ".html": self.html,
            ".htm": self.html,
            ".svg": self.svg,
            ".tex": self.latex,
            ".json": self.to_json,
            ".txt": self.text,
        }
        if suffix == ".png":
            path.write_bytes(self.png())
        elif suffix in writers:
            path.write_text(writers[suffix](), encoding="utf-8")
        else:
            raise ValueError(f"`{path}`: what is written goes by the suffix: {', '.join([*writers, '.png'])}.")

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        program = self.program
        state = "failed" if program.failure is not None else f"{program.path_count} paths"
        return f"<Explanation of {program.function}: {len(program.nodes)} values, {state}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        forms = {"text/html": self._framed, "image/svg+xml": self.svg, "text/plain": self.text}
        if self.embed == "svg":
            del forms["text/html"]
        wanted = [kind for kind in forms if (include is None or kind in include) and kind not in (exclude or ())]
        return {kind: forms[kind]() for kind in wanted}

    def _framed(self) -> str:
        """The page in a frame of its own, and the text, which is shown in its place where there are no frames.

        Where a notebook is not trusted, frames and styles are taken out of its HTML, and what is left is the text.
        """
        return (
            '<div class="chainrule-explanation"><style>.chainrule-explanation > iframe + pre { display: none }</style>'
            f'<iframe sandbox="allow-scripts allow-downloads" loading="lazy" '
            f'style="width:100%;height:{_HEIGHT}px;border:0" '
            f'title="{markup.escape(self.program.title, quote=True)}" '
            f'srcdoc="{markup.escape(self.html(), quote=True)}"></iframe>'
            f"<pre>{markup.escape(self.text())}</pre></div>"
        )

    def _needs_run(self, what: str) -> Assembled:
        if self._live is None:
            raise ExplainError(f"{what} needs the run itself, and this explanation was read from JSON.")
        return self._live

    @staticmethod
    def _listed(names: list[str]) -> str:
        few = ", ".join(f"`{name}`" for name in names[:20])
        return few if len(names) <= 20 else f"{few} and {len(names) - 20} more"


def _written_value(numbers: Any) -> Any:
    if numbers is None:
        return np.float64(0.0)
    return None if numbers.values is None else numbers.values[()]


class ExplainedEdge:
    """One use of a value, with its local Jacobian; it prints as the flattening of arrays into vectors and back.

    `data` is the edge in `Program.edges`, at `place`.
    """

    def __init__(self, explanation: Explanation, place: int) -> None:
        self._explanation = explanation
        self.place = place
        self.data: Edge = explanation.program.edges[place]

    @property
    def source(self) -> Node:
        """The value that is used."""
        return self._explanation.program.nodes[self.data.source]

    @property
    def target(self) -> Node:
        """The value that it is used for."""
        return self._explanation.program.nodes[self.data.target]

    @property
    def jacobian(self) -> ExplainedJacobian:
        """The local Jacobian."""
        return ExplainedJacobian(self._explanation, self.place)

    def __str__(self) -> str:
        return forms.edge_text(self._explanation.program, self.place)

    def __repr__(self) -> str:
        return f"<edge {self.source.name} -> {self.target.name}, slot {self.data.slot}>"


class ExplainedJacobian:
    """A local Jacobian: between flattened arrays, row by row."""

    def __init__(self, explanation: Explanation, place: int) -> None:
        self._explanation = explanation
        self._place = place
        self.data: Jacobian = explanation.program.edges[place].jacobian

    @property
    def structure(self) -> str:
        """What kind of matrix it is: "diagonal", "selection", "kronecker", "dense", ..."""
        return self.data.structure

    @property
    def shape(self) -> tuple[int, int]:
        """Entries of the result by entries of the operand."""
        return self.data.rows, self.data.columns

    @property
    def symbol(self) -> str:
        """What it is, in the names of the program."""
        return self.data.symbol

    @property
    def stored(self) -> int:
        """How many numbers describe it."""
        return self.data.stored

    def dense(self) -> np.ndarray[Any, Any]:
        """The matrix.

        Raises
        ------
        ExplainError
            It has more than a million entries, or it was not written down in the JSON that this was read from.
        """
        data = self.data
        if data.entries is not None:
            return np.array(data.entries)
        if data.rows * data.columns > _MOST_ENTRIES:
            raise ExplainError(
                f"the matrix has {data.rows} x {data.columns} entries, more than {_MOST_ENTRIES}: multiply with it "
                "(`matvec`, `rmatvec`) instead."
            )
        live = self._explanation._needs_run("a Jacobian that was not written down")
        arc = live.accumulated.arcs[self._place]
        with np.errstate(all="ignore"):
            return np.asarray(edge_map(live.steps[arc.target], arc.slot, live.recorded).dense())

    def matvec(self, v: Any) -> np.ndarray[Any, Any]:
        """J times a vector of the operand's entries; of the shape of the result, flattened."""
        from chainrule.explain.run.accumulation import pushed
        from chainrule.jacobians.zeros import ZERO, without_exclusions

        data = self.data
        v = np.asarray(v)
        if v.size != data.columns:
            raise ValueError(f"the vector has {v.size} entries, and the Jacobian {data.columns} columns.")
        if self._explanation._live is None:
            return np.asarray(self.dense() @ v.ravel())
        live = self._explanation._live
        arc = live.accumulated.arcs[self._place]
        step = live.steps[arc.target]
        operand = step.operands[arc.index][1].result
        dots = [ZERO] * len(step.operands)
        dots[arc.index] = v.reshape(operand.shape).astype(operand.dtype)[()]
        with np.errstate(all="ignore"):
            y_dot = pushed(step, dots)
        return np.asarray(without_exclusions(y_dot, step.result)).ravel()

    def rmatvec(self, w: Any) -> np.ndarray[Any, Any]:
        """Jᵀ times a vector of the result's entries; of the shape of the operand, flattened."""
        from chainrule.explain.run.accumulation import pulled
        from chainrule.jacobians.zeros import without_exclusions

        data = self.data
        w = np.asarray(w)
        if w.size != data.rows:
            raise ValueError(f"the vector has {w.size} entries, and the Jacobian {data.rows} rows.")
        if self._explanation._live is None:
            return np.asarray(self.dense().T @ w.ravel())
        live = self._explanation._live
        arc = live.accumulated.arcs[self._place]
        step = live.steps[arc.target]
        with np.errstate(all="ignore"):
            x_bar = pulled(step, w.reshape(step.result.shape).astype(step.result.dtype)[()])[arc.index]
        return np.asarray(without_exclusions(x_bar, step.operands[arc.index][1].result)).ravel()

    def __repr__(self) -> str:
        return f"<Jacobian {self.shape[0]} x {self.shape[1]}, {self.structure}>"
