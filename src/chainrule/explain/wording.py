"""The words of an explanation: what its values are called, how they were made, what their local derivatives are."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.explain.formulas.latex import formula_latex
from chainrule.explain.formulas.typesetting import expression_formula, name_formula, symbol_formula
from chainrule.explain.program import Jacobian
from chainrule.explain.run.recorded import Recorded
from chainrule.explain.run.steps import Step
from chainrule.explain.words.expression import Use, main_node
from chainrule.explain.words.expressions import expression_of
from chainrule.explain.words.names import node_names
from chainrule.explain.words.repetition import Repetitions
from chainrule.explain.words.symbols import factor_symbols, symbol_of
from chainrule.explain.words.titles import title_of

# Nobody reads the formulas of longer programs one by one: these have no LaTeX.
_MOST_SET = 2000


class Wording:
    """Names, expressions and symbols of the steps of a recorded run.

    names
        By step.
    title
        The result's expression with everything put in, if that is short enough.
    """

    def __init__(self, steps: Sequence[Step], recorded: Recorded, result: int | None) -> None:
        self.names = node_names(steps, recorded)
        self._steps = steps
        self._repetitions = Repetitions(self.names) if len(steps) > _MOST_SET else None
        known = frozenset(self.names)
        self._expressions = [] if self._repetitions else [expression_of(step, self.names, known) for step in steps]
        self.title = title_of(steps, self._expressions, self.names, result, recorded.function)

    def expression(self, place: int) -> tuple[str, str]:
        """How a step was made, and the same in LaTeX, which is empty in a long program."""
        if self._repetitions is not None:
            return self._repetitions.expression(self._steps[place]), ""
        text = self._expressions[place].text
        formula = name_formula(text) if self._steps[place].is_input else expression_formula(text)
        return text, formula_latex(formula)

    def named(self, jacobian: Jacobian, place: int, slot: int) -> Jacobian:
        """A local Jacobian, with its symbol and the names of its factors entered."""
        step = self._steps[place]
        if self._repetitions is not None:
            symbol = self._repetitions.symbol(step, slot, jacobian)
        else:
            symbol = symbol_of(Use(step, slot, self._expressions[place], self.names[place], jacobian, main_node(step)))
        factors = jacobian.factors
        symbols = factor_symbols(symbol)
        if len(symbols) == len(factors):
            factors = tuple((name, matrix) for name, (_, matrix) in zip(symbols, factors, strict=True))
        jacobian.latex = "" if self._repetitions else formula_latex(symbol_formula(symbol))
        jacobian.symbol, jacobian.factors = symbol, factors
        return jacobian
