"""Who listens to whom, as lists: what a wiring makes, and what sparse weights are kept in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 22
"""Connections looked at together, where numpy would copy all of them to a wider type."""


@dataclass(frozen=True, eq=False)
class Connections:
    """Neuron i listens to `sources[start[i] : start[i + 1]]`.

    start : (N + 1,) int64; sources : (E,) int32, ascending within a neuron, each once, never i
    symmetric : whoever is listened to listens back
    """

    start: NDArray[np.int64]
    sources: NDArray[np.int32]
    symmetric: bool

    @property
    def N(self) -> int:
        return len(self.start) - 1

    @property
    def count(self) -> int:
        return len(self.sources)

    @property
    def nbytes(self) -> int:
        return self.start.nbytes + self.sources.nbytes

    def heard(self, i: int) -> NDArray[np.int32]:
        """Whom neuron i listens to."""
        return self.sources[self.start[i] : self.start[i + 1]]

    @property
    def degrees(self) -> NDArray[np.int64]:
        """(N,) how many neurons each one listens to."""
        return np.diff(self.start)

    @property
    def isolated(self) -> int:
        """How many neurons neither listen to anybody nor are listened to."""
        alone = self.degrees == 0
        if not self.symmetric and alone.any():
            for first in range(0, self.count, CHUNK):
                alone[self.sources[first : first + CHUNK]] = False
        return int(np.count_nonzero(alone))
