"""How alike the memories are: duplicates, inverses, and pairs that Hebb's rule confuses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.analysis.outcome import two
from lyapstudio.core.model import Units

STRONG = 0.3
"""Overlap from which two memories disturb each other visibly under Hebb's rule."""

FALSE_ALARM = 0.05
"""Chance that independent random patterns are called correlated, all pairs together."""

_COLUMNS = 1 << 16  # neurons at a time: a float32 copy of a million would cost 4 MB a memory


@dataclass(frozen=True, eq=False)
class Similarity:
    """What the pattern list warns of.

    matrix : (P, P) float64 overlaps
    duplicates, inverses, correlated : pairs (mu, nu), mu < nu, the strongest first
    """

    matrix: NDArray[np.float64]
    duplicates: tuple[tuple[int, int], ...]
    inverses: tuple[tuple[int, int], ...]
    correlated: tuple[tuple[int, int], ...]

    def warning(self, names: Sequence[str]) -> str:
        """One sentence about the worst pair and how many more there are, or ""."""
        if self.duplicates:
            mu, nu = self.duplicates[0]
            text, others = f"{names[mu]} and {names[nu]} are the same pattern", self.duplicates
        elif self.inverses:
            mu, nu = self.inverses[0]
            text, others = f"{names[nu]} is the inverse of {names[mu]}", self.inverses
        elif self.correlated:
            mu, nu = self.correlated[0]
            m = two(float(self.matrix[mu, nu]))
            text, others = (
                f"{names[mu]} and {names[nu]} overlap by {m}",
                (self.correlated),
            )
        else:
            return ""
        more = len(others) - 1
        if more:
            text += f", and {more} more pair{'s' if more > 1 else ''}"
        return f"{text}."


def overlap_matrix(memories: Units) -> NDArray[np.float64]:
    """Overlaps of all pairs.

    Parameters
    ----------
    memories : (P, N) int8 in {-1, +1}

    Returns
    -------
    (P, P) float64, exact: the sums are whole numbers below 2**24
    """
    P, N = memories.shape
    total = np.zeros((P, P), np.float64)
    for start in range(0, N, _COLUMNS):
        xi = memories[:, start : start + _COLUMNS].astype(np.float32)
        total += xi @ xi.T
    return total / max(N, 1)


def strong_overlap(P: int, N: int) -> float:
    """The size of overlap from which a pair of P memories counts as correlated.

    At least STRONG, and beyond what chance gives: by Hoeffding's inequality independent random
    patterns have P(|m| > t) <= 2 exp(-N t^2 / 2), summed here over all pairs.
    """
    pairs = max(1, P * (P - 1) // 2)
    return max(STRONG, math.sqrt(2.0 * math.log(2.0 * pairs / FALSE_ALARM) / N))


def similarity(memories: Units) -> Similarity:
    """Compare all pairs of (P, N) memories."""
    P, N = memories.shape
    matrix = overlap_matrix(memories)
    if P < 2:
        return Similarity(matrix, (), (), ())
    mu, nu = np.triu_indices(P, 1)
    m = matrix[mu, nu]
    order = np.argsort(-np.abs(m), kind="stable")
    mu, nu, m = mu[order], nu[order], m[order]

    def pairs(chosen: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
        return tuple(zip(mu[chosen].tolist(), nu[chosen].tolist(), strict=True))

    strong = (np.abs(m) > strong_overlap(P, N)) & (np.abs(m) < 1.0)
    return Similarity(matrix, pairs(m == 1.0), pairs(m == -1.0), pairs(strong))
