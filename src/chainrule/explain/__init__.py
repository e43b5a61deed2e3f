"""Seeing the chain rule: every local Jacobian, every path, and the sum, of one run of a function."""
