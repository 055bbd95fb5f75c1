"""Weights as they come out of a file, piece by piece: checked, and the zeros left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.given import Given, check_count


class Collected:
    """Blocks of rows, or lists of connections; never more than fit.

    first : the number of the first neuron in the sentences of errors
    """

    def __init__(self, name: str, N: int, first: int = 1) -> None:
        self.name, self.N, self.first = name, N, first
        self.count = 0
        self._parts: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]] = []

    def rows(self, at: int, block: NDArray[np.float64], turned: bool = False) -> None:
        """(k, N) float64: the rows from `at` on; columns where `turned`."""
        wrong = ~np.isfinite(block)
        if wrong.any():
            row, col = np.argwhere(wrong)[0]
            row, col = (col, row + at) if turned else (row + at, col)
            raise UserError(
                f"In {self.name} row {row + 1:,}, column {col + 1:,} is not a finite number. Put a "
                "number there."
            )
        row, col = np.nonzero(block)
        values = block[row, col]
        row = row + at
        self._add(col, row, values) if turned else self._add(row, col, values)

    def pairs(self, into: NDArray[Any], out_of: NDArray[Any], values: NDArray[np.float64]) -> None:
        """(k,) connections between neurons that exist; the arrays are kept."""
        wrong = ~np.isfinite(values)
        if wrong.any():
            k = int(np.argmax(wrong))
            i, j = int(into[k]) + self.first, int(out_of[k]) + self.first
            raise UserError(
                f"In {self.name} the weight from neuron {j:,} to neuron {i:,} is not a finite "
                "number. Put a number there."
            )
        self._add(into, out_of, values)

    def given(self, notes: tuple[str, ...] = ()) -> Given:
        """All of them; may be called once."""
        parts = self._parts or [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
        if len(parts) > 1:
            parts = [
                (
                    np.concatenate([part[0] for part in parts]),
                    np.concatenate([part[1] for part in parts]),
                    np.concatenate([part[2] for part in parts]),
                )
            ]
        self._parts = []
        into, out_of, values = parts.pop()
        return Given.from_pairs(
            into, out_of, values, self.N, self.name, notes=notes, first=self.first, own=True
        )

    def _add(self, into: NDArray[Any], out_of: NDArray[Any], values: NDArray[np.float64]) -> None:
        self.count += len(values)
        check_count(self.count, self.name)
        # a column of a table would keep all of the table
        values = np.ascontiguousarray(values)
        into, out_of = into.astype(np.int32, copy=False), out_of.astype(np.int32, copy=False)
        self._parts.append((into, out_of, values))
