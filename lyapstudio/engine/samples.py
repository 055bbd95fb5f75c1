"""Every sample of a Lyapunov function up to a million, then thinned without losing extremes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LIMIT = 1_000_000


class Samples:
    """Collects (update, value) rows; memory stays bounded."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._parts: list[NDArray[np.float64]] = []
        self._count = 0

    def add(self, at: NDArray, values: NDArray) -> None:
        """Take in a Log's rows; where the function is not defined there is nothing to take."""
        part = np.column_stack((at, values)).astype(float)
        part = part[~np.isnan(part[:, 1])]
        self._parts.append(part)
        self._count += len(part)
        if self._count > self._limit:
            thinned = _thin(self.rows())
            self._parts, self._count = [thinned], len(thinned)

    def rows(self) -> NDArray[np.float64]:
        """(K, 2) update and value, in order."""
        return np.concatenate(self._parts) if self._parts else np.empty((0, 2))


def _thin(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the lowest and the highest row of every four (first and last rows always stay)."""
    body = rows[1:-1]
    tail = body[len(body) // 4 * 4 :]
    fours = body[: len(body) // 4 * 4].reshape(-1, 4, 2)
    low, high = fours[:, :, 1].argmin(1), fours[:, :, 1].argmax(1)
    high = np.where(high == low, (low + 1) % 4, high)
    pick = np.sort(np.stack((low, high), 1), 1)
    kept = np.take_along_axis(fours, pick[:, :, None], 1).reshape(-1, 2)
    return np.concatenate((rows[:1], kept, tail, rows[-1:]))
