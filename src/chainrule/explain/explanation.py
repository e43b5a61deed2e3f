"""What one gets from `explain`: the program, seen through everything that can be asked of it."""

from __future__ import annotations

import html as markup
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from chainrule.api.trees import flatten, unflatten
from chainrule.errors import ExplainError
from chainrule.explain import document, page
from chainrule.explain.assembly import Assembled, path_of
from chainrule.explain.drawing import png, svg
from chainrule.explain.edges import ExplainedEdge, needs_run
from chainrule.explain.formulas import latex, mathml
from chainrule.explain.program import Finding, Node, Path, Program
from chainrule.explain.run import cost
from chainrule.explain.run.accumulation import accumulate, direction_of, forward
from chainrule.explain.run.checks import checked
from chainrule.explain.run.moduli import moduli
from chainrule.explain.run.paths import largest
from chainrule.explain.text import forms

_HEIGHT = 640


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
            return ExplainedEdge(self.program, self._live, edges[0])
        if slot not in slots:
            if not slots:
                raise KeyError(f"no edge leads into `{name}`: it is an input")
            had = f"its slots are {', '.join(map(str, slots))}"
            raise KeyError(f"`{name}` has no slot {slot}: {had}" if slot is not None else f"`{name}`: say which: {had}")
        return ExplainedEdge(self.program, self._live, edges[slots.index(slot)])

    def edges(self) -> list[ExplainedEdge]:
        """All edges, by target, in the order of its slots."""
        return [ExplainedEdge(self.program, self._live, place) for place in range(len(self.program.edges))]

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
            raise ExplainError(needs_run(what))
        return self._live

    @staticmethod
    def _listed(names: list[str]) -> str:
        few = ", ".join(f"`{name}`" for name in names[:20])
        return few if len(names) <= 20 else f"{few} and {len(names) - 20} more"


def _written_value(numbers: Any) -> Any:
    if numbers is None:
        return np.float64(0.0)
    return None if numbers.values is None else numbers.values[()]
