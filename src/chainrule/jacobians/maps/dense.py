"""The map of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.jacobians.maps.linear_map import Entries, LinearMap, Shape


class Dense(LinearMap):
    """A map that is given by its matrix.

    Parameters
    ----------
    matrix : array of shape (rows, columns)
    structure : str
        What is known of it, such as "triangular".
    """

    __slots__ = ("matrix", "structure")

    def __init__(
        self,
        matrix: np.ndarray[Any, Any],
        out_shape: Shape,
        in_shape: Shape,
        structure: str = "dense",
        out_complex: bool = False,
        in_complex: bool = False,
    ) -> None:
        super().__init__(out_shape, in_shape, out_complex, in_complex)
        self.matrix = matrix
        self.structure = structure

    @property
    def stored(self) -> int:  # type: ignore[override]  # depends on the matrix
        """All entries."""
        return self.matrix.size

    def _push(self, x_dot: Any) -> Any:
        return self.matrix @ x_dot

    def _pull(self, y_bar: Any) -> Any:
        return self.matrix.T @ y_bar

    def entries(self) -> Entries:
        """All of the matrix."""
        rows, columns = np.indices(self.matrix.shape).reshape(2, -1)
        values = self.matrix.reshape(-1)
        return rows, columns, values.real if self.is_real else values
