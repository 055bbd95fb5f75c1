"""Who is first for an example and who is k-th, and the examples of each unit."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from lyapstudio.core.kernel import kernel

LANES = 256  # columns that a long row is cut into: fewer are slower to fill, more to search


@kernel
def insert(value, index, values, indices, last):
    """Put a value into a falling list whose last place is `last`; a tie goes to the lower index."""
    j = last
    while j > 0 and (value > values[j - 1] or (value == values[j - 1] and index < indices[j - 1])):
        values[j] = values[j - 1]
        indices[j] = indices[j - 1]
        j -= 1
    values[j] = value
    indices[j] = index


@kernel
def leaders(row, values, indices):
    """The largest of a row, falling; of equals the lower index leads, nan and −inf are left out."""
    last = len(values) - 1
    for j in range(last + 1):
        values[j], indices[j] = -np.inf, 0
    for r in range(len(row)):
        if row[r] > values[last]:
            insert(row[r], r, values, indices, last)


@kernel
def leaders_of_lanes(lanes, maxima, values, indices):
    """`leaders` of a long row, which is cut into `lanes` (C, L) of L columns.

    The k-th largest of all is at least the k-th largest of the columns' maxima, so only the
    columns that reach it are searched.
    """
    C, L = lanes.shape
    for j in range(L):
        maxima[j] = lanes[0, j]
    for c in range(1, C):
        for j in range(L):
            value = lanes[c, j]
            maxima[j] = value if value > maxima[j] else maxima[j]
    leaders(maxima, values, indices)
    last = len(values) - 1
    reach = values[last]
    for j in range(last + 1):
        values[j], indices[j] = -np.inf, 0
    for j in range(L):
        if maxima[j] >= reach:
            for c in range(C):
                value, r = lanes[c, j], c * L + j
                lowest = values[last]
                if value > lowest or (value == lowest and r < indices[last]):
                    insert(value, r, values, indices, last)


@kernel
def rank(I, scale, k, first, kth):
    """The units with the largest and the k-th largest I * scale; of equals the lower index leads.

    A k above K means K. What is not a number comes last.

    Parameters
    ----------
    I : (n, K)
    scale : (K,) float32
    first, kth : (n,) int64, written
    """
    n, K = I.shape
    k = min(k, K)
    L = max(LANES, 4 * k)
    lanes = np.full((max(1, -(-K // L)), L if K > L else K), np.float32(-np.inf))
    row, maxima = lanes.ravel(), np.empty(lanes.shape[1], np.float32)
    values, indices = np.empty(k, np.float32), np.empty(k, np.int64)
    for b in range(n):
        for r in range(K):
            value = I[b, r] * scale[r]
            row[r] = value if value > -np.inf else -np.inf
        if K > L:
            leaders_of_lanes(lanes, maxima, values, indices)
        else:
            leaders(row, values, indices)
        first[b], kth[b] = indices[0], indices[k - 1]


@kernel
def count_wins(first, wins):
    """wins[r] += the number of examples that r is first for; wins : (K,) int64."""
    for r in first:
        wins[r] += 1


@kernel
def by_unit(first, kth, units, begins, entries, counts):
    """Sort the two roles of every example by unit; returns how many units have one.

    Unit units[u] has the entries begins[u] … begins[u + 1]: b where it is first for example b,
    −1 − b where it is the k-th. An only unit is first and not depressed.

    Parameters
    ----------
    units, entries : (2n,) int64; begins : (2n + 1,) int64; counts : (K,) int64; all written
    """
    counts[:] = 0
    for b in range(len(first)):
        counts[first[b]] += 1
        if kth[b] != first[b]:
            counts[kth[b]] += 1
    found, at = 0, 0
    for r in range(len(counts)):
        if counts[r] > 0:
            units[found], begins[found] = r, at
            found += 1
            at, counts[r] = at + counts[r], at
    begins[found] = at
    for b in range(len(first)):
        r = first[b]
        entries[counts[r]] = b
        counts[r] += 1
        r = kth[b]
        if r != first[b]:
            entries[counts[r]] = -1 - b
            counts[r] += 1
    return found
