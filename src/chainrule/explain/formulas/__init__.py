"""An explanation as formulas: LaTeX and MathML."""
