"""Pairs to lists: each pair drawn once, by one of its two neurons, becomes rows in both ways."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel import kernel
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.cost import memory_limit, size_text

MOST = 400_000_000
"""Connections that a wiring may have; int32 lists of them take 1.6 GB."""

WORKING = 10.0
"""Bytes a connection while the lists are made: the pairs, both ways, and both ways sorted."""


def admit(expected: float, smaller: str) -> None:
    """Refuse more connections than can be listed, before any is made.

    smaller : what to do about it, like "Choose a smaller radius"

    Raises
    ------
    UserError : says how many there would be
    """
    need, limit = WORKING * expected, memory_limit()
    if expected > MOST:
        raise UserError(
            f"This wiring would have about {expected / 1e6:,.0f} million connections; the program "
            f"lists up to {MOST / 1e6:,.0f} million. {smaller} or a smaller network."
        )
    if need > limit:
        raise UserError(
            f"The lists of about {expected / 1e6:,.1f} million connections need "
            f"{size_text(need)}, more than the {size_text(limit)} that this computer can give. "
            f"{smaller} or a smaller network."
        )


@kernel
def both_ways(start, targets, names, cursor, sources):
    """Enter every pair at both of its ends, in the order of the pairs.

    start, targets : (N + 1,) int64 and (E,) int32, the pairs that each neuron drew
    names : (N,) int32, what the drawn numbers stand for
    cursor : (N + 1,) int64 zeros; becomes where each row begins. Rows of the result keep the
        order of entry, so pairs drawn upwards by ascending neurons give ascending rows.
    sources : (2E,) int32, written; with (0,) only `cursor` is
    """
    N = len(start) - 1
    for i in range(N):
        for e in range(start[i], start[i + 1]):
            cursor[names[i] + 1] += 1
            cursor[names[targets[e]] + 1] += 1
    for i in range(N):
        cursor[i + 1] += cursor[i]
    if len(sources) == 0:
        return
    free = cursor[:N].copy()
    for i in range(N):
        a = names[i]
        for e in range(start[i], start[i + 1]):
            b = names[targets[e]]
            sources[free[a]] = b
            free[a] += 1
            sources[free[b]] = a
            free[b] += 1


@kernel
def turned(start, sources, result):
    """The rows of a symmetric list in ascending order: read by columns, they are sorted.

    start : (N + 1,) int64; sources, result : (E,) int32; only `result` is written
    """
    N = len(start) - 1
    free = start[:N].copy()
    for i in range(N):
        for e in range(start[i], start[i + 1]):
            j = sources[e]
            result[free[j]] = i
            free[j] += 1


@kernel
def ascending(start, sources):
    """Whether every row is in ascending order; start : (N + 1,) int64, sources : (E,) int32."""
    for i in range(len(start) - 1):
        for e in range(start[i] + 1, start[i + 1]):
            if sources[e] <= sources[e - 1]:
                return False
    return True


@kernel
def mutual(start, sources):
    """Whether whoever is listened to listens back; rows ascend.

    start : (N + 1,) int64; sources : (E,) int32. It ends at the first pair that is one-way.
    """
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            low, high = start[sources[e]], start[sources[e] + 1]
            end = high
            while low < high:
                middle = (low + high) // 2
                if sources[middle] < i:
                    low = middle + 1
                else:
                    high = middle
            if low == end or sources[low] != i:
                return False
    return True


def mirrored(
    start: NDArray[np.int64],
    targets: NDArray[np.int32],
    names: NDArray[np.int32] | None = None,
) -> Connections:
    """Symmetric connections of pairs that were drawn once each.

    Parameters
    ----------
    start : (N + 1,) where the pairs that each neuron drew begin
    targets : (E,) their other ends
    names : (N,) what the numbers of both stand for, if not for themselves
    """
    N = len(start) - 1
    if names is None:
        names = np.arange(N, dtype=np.int32)
    rows = np.zeros(N + 1, np.int64)
    sources = np.empty(2 * len(targets), np.int32)
    both_ways(start, targets, names, rows, sources)
    if not ascending(rows, sources):
        rough, sources = sources, np.empty_like(sources)
        turned(rows, rough, sources)
    return Connections(rows, sources, True)
