"""Overlaps against time: a bounded sample that covers the whole run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1024
MEMORIES = 64
"""Lines drawn at most; more cannot be told apart."""


class OverlapHistory:
    """Rows of update and overlaps; when full, every other older row goes."""

    def __init__(self, memories: int) -> None:
        self._width = 1 + min(memories, MEMORIES)
        self._rows = np.empty((SAMPLES, self._width))
        self._count = 0
        self._gap = 0.0

    def fits(self, overlaps: NDArray[np.float64]) -> bool:
        """Whether these are the overlaps of as many memories."""
        return self._width == 1 + min(len(overlaps), MEMORIES)

    def add(self, update: int, overlaps: NDArray[np.float64]) -> None:
        """Note a sample, unless it is closer to the last than the rows are to each other."""
        if self._count and update <= self._rows[self._count - 1, 0]:
            self.forget_after(update - 1)
        elif self._count > 1 and update - self._rows[self._count - 2, 0] < self._gap:
            self._count -= 1  # the last row only stood in for "now"
        if self._count == SAMPLES:
            kept = self._rows[::2].copy()
            self._count = len(kept)
            self._rows[: self._count] = kept
            self._gap = float(np.diff(kept[:, 0]).mean())
        self._rows[self._count, 0] = update
        self._rows[self._count, 1:] = overlaps[: self._width - 1]
        self._count += 1

    def forget_after(self, update: int) -> None:
        """Drop what came after an earlier moment."""
        self._count = int(np.searchsorted(self._rows[: self._count, 0], update, side="right"))

    def rows(self) -> NDArray[np.float64]:
        """(K, 1 + P) copy, oldest first."""
        return self._rows[: self._count].copy()
