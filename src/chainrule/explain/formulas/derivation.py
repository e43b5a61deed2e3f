"""The derivation of a gradient as mathematics, with more or less of its steps."""

from __future__ import annotations

from chainrule.explain.formulas.equations import forward_lines, result_line
from chainrule.explain.formulas.products_of_jacobians import product_of_jacobians, product_of_matrices
from chainrule.explain.formulas.sums_over_paths import sum_over_paths
from chainrule.explain.formulas.tree import Formula, Lines
from chainrule.explain.program import Program
from chainrule.explain.text.flattening import is_product_of_matrices
from chainrule.explain.text.scalars import is_of_single_numbers

LEVELS = ("result", "steps", "numbers")
# Inputs whose derivatives are derived.
_INPUTS = 6


def derivation(program: Program, level: str = "steps") -> Formula:
    """The derivation of the gradient.

    Parameters
    ----------
    program
        Of what.
    level
        "result" for the derivatives alone; "steps" for the chain rule in symbols and its value; "numbers" with the
        number of each local derivative.

    Raises
    ------
    ValueError
        There is no such level.
    """
    if level not in LEVELS:
        raise ValueError(f"there is no level {level!r} of a derivation; there are {', '.join(map(repr, LEVELS))}")
    if program.result is None:
        return Lines(tuple(forward_lines(program, values=False)))
    inputs = [node for node in program.inputs if program.nodes[node].adjoint is not None][:_INPUTS]
    if level == "result" or program.result in inputs:
        return Lines(tuple(result_line(program, node) for node in inputs))
    if is_of_single_numbers(program):
        return sum_over_paths(program, inputs, level)
    edges = is_product_of_matrices(program)
    if edges:
        return product_of_matrices(program, [program.edges[e] for e in edges])
    return product_of_jacobians(program, inputs, level)
