"""Weights that somebody set by hand: strokes, in their order, over what rule and wiring made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MOST = 4_000_000
"""Weights that may be edited by hand in one network."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """Single weights w[into, out_of] set to a value, or made stronger or weaker by one.

    into, out_of : (K,) int32 read-only: who listens, and to whom; in a `block` every neuron of
        `into` listens to every one of `out_of` (a bundle; nobody to itself)
    values : (K,) or (1,) float64 read-only, in the paper's units
    mode : "set" the weight, or "add" to what it is at this place in the order
    both : the opposite weight w[out_of, into] as well: the symmetric lock
    """

    into: NDArray[np.int32]
    out_of: NDArray[np.int32]
    values: NDArray[np.float64]
    mode: Literal["set", "add"] = "set"
    block: bool = False
    both: bool = True

    @property
    def count(self) -> int:
        """Weights that are touched, at most."""
        pairs = len(self.into) * len(self.out_of) if self.block else len(self.into)
        return pairs * (2 if self.both else 1)

    @property
    def nbytes(self) -> int:
        return self.into.nbytes + self.out_of.nbytes + self.values.nbytes

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """(K,) into, out_of and values of every weight, each weight once; the last one counts."""
        i, j = self.into.astype(np.int64), self.out_of.astype(np.int64)
        if self.block:
            i, j = np.repeat(i, len(j)), np.tile(j, len(i))
            other = i != j
            i, j = i[other], j[other]
        v = np.broadcast_to(self.values, len(i))
        if self.both:  # the opposite weight right behind each, so that the later pair counts
            i, j = np.stack([i, j], 1).reshape(-1), np.stack([j, i], 1).reshape(-1)
            v = np.repeat(v, 2)
        _, last = np.unique((i * (1 << 32) + j)[::-1], return_index=True)
        chosen = len(i) - 1 - last
        return i[chosen], j[chosen], v[chosen]
