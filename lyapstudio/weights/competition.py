"""Krotov & Hopfield's fast rule (2019): the units compete, and only two of them learn an example.

A unit has a row w of W and the current I = Σ sgn(w)|w|^(p−1) v. The unit with the largest current
moves towards the example, the k-th moves away from it, and every other row stays as it is. So a
batch costs one matrix product and a few rows: `gather`, `currents`, then `learn_batch`. The steps
of `learn_batch` are here one by one too, for a change that is summed over many batches.

Letters: n examples, N inputs, K units; W, ds, X, I float32 with contiguous rows, V as in currents.

Rows of `ds` and entries of `gI` mean something only where `touched` is not 0: the first example
that touches a unit overwrites them, so nothing but `touched` is ever cleared.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from lyapstudio.core.kernel import kernel
from lyapstudio.weights.currents import (
    Floats,
    currents,
    gather,
    per_norm,
    power_row,
    powers,
    product,
    put_rows,
    spheres,
)
from lyapstudio.weights.ranking import by_unit, count_wins, rank

__all__ = [
    "FLOOR",
    "Floats",
    "accumulate",
    "count_wins",
    "currents",
    "gather",
    "learn_batch",
    "objective",
    "powers",
    "rank",
    "settle_change",
    "spheres",
]

FLOOR = 1e-30
"""The published floor under the largest change that a step is divided by."""

MAGNITUDE = np.uint32(0x7FFFFFFF)
INFINITE = np.uint32(0x7F800000)


@kernel
def contribution(X, I, entries, a, z, r, delta, radius_p, change, u):
    """Write Σ g R^p v over entries a … z of unit r to change[u]; returns Σ g I. Two at a time."""
    total = 0.0
    for j in range(a, z, 2):
        e, f = entries[j], entries[min(j + 1, z - 1)]
        b, g = (e, 1.0) if e >= 0 else (-1 - e, -delta)
        d, h = (f, 1.0) if f >= 0 else (-1 - f, -delta)
        if j + 1 == z:
            h = 0.0
        total += g * np.float64(I[b, r]) + h * np.float64(I[d, r])
        c, s = np.float32(g * radius_p), np.float32(h * radius_p)
        if j == a:
            for i in range(X.shape[1]):
                change[u, i] = c * X[b, i] + s * X[d, i]
        else:
            for i in range(X.shape[1]):
                change[u, i] += c * X[b, i] + s * X[d, i]
    return total


@kernel
def gated_contribution(X, I, entries, a, z, r, delta, radius_p, W, change, u):
    """Write Σ g (R^p v − I w) to change[u]; weights whose input has another sign get none."""
    for i in range(X.shape[1]):
        change[u, i] = 0
    for j in range(a, z):
        e = entries[j]
        b, g = (e, 1.0) if e >= 0 else (-1 - e, -delta)
        c, d = np.float32(g * radius_p), np.float32(g * I[b, r])
        for i in range(X.shape[1]):
            own = c * X[b, i] - d * W[r, i]
            change[u, i] += own if not X[b, i] * W[r, i] < 0 else np.float32(0)


@kernel
def accumulate(X, I, first, kth, delta, radius_p, W, gate, ds, gI, touched):
    """Add what these examples ask of W: ds += g R^p v, gI += g I, for the first and the k-th unit.

    With `gate` the whole contribution g (R^p v − I w) is added to ds, without the weights whose
    sign is not that of their input, and gI gets nothing.

    Parameters
    ----------
    X, I : (n, N) and (n, K); first, kth : (n,) int64 of `rank`
    ds : (K, N); gI : (K,) float64; touched : (K,) uint8
    """
    n, K = I.shape
    units, entries = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    begins, counts = np.empty(2 * n + 1, np.int64), np.empty(K, np.int64)
    change = np.empty_like(W[:1])
    for u in range(by_unit(first, kth, units, begins, entries, counts)):
        r = units[u]
        a, z, total = begins[u], begins[u + 1], 0.0
        if gate:
            gated_contribution(X, I, entries, a, z, r, delta, radius_p, W, change, 0)
        else:
            total = contribution(X, I, entries, a, z, r, delta, radius_p, change, 0)
        if touched[r]:
            for i in range(change.shape[1]):
                ds[r, i] += change[0, i]
            gI[r] += total
        else:
            for i in range(change.shape[1]):
                ds[r, i] = change[0, i]
            gI[r] = total
            touched[r] = 1


@kernel
def settle_row(W, r, change, bits, u, total):
    """Take total W[r] from change[u]; returns the bits of its largest size.

    The bits of |x| rise with |x| as whole numbers do, and those of infinity and nan lie above.

    bits : `change` seen as uint32
    """
    c = np.float32(total)
    largest = np.uint32(0)
    for i in range(W.shape[1]):
        change[u, i] -= c * W[r, i]
    for i in range(W.shape[1]):
        size = np.uint32(bits[u, i] & MAGNITUDE)
        largest = size if size > largest else largest
    return largest


@kernel
def as_size(bits):
    """The number with these bits, nan if it is not finite."""
    if bits >= INFINITE:
        return np.nan
    word = np.empty(1, np.uint32)
    word[0] = bits
    return np.float64(word.view(np.float32)[0])


@kernel
def settle_change(W, ds, gI, touched):
    """ds[r] −= gI[r] W[r] for the touched rows; returns max |ds|, nan if any is not finite."""
    bits = ds.view(np.uint32)
    largest = np.uint32(0)
    for r in range(len(W)):
        if touched[r]:
            size = settle_row(W, r, ds, bits, r, gI[r])
            largest = size if size > largest else largest
    return as_size(largest)


@kernel
def move_row(W, r, change, u, step):
    """W[r] += step * change[u]."""
    for i in range(W.shape[1]):
        W[r, i] += step * change[u, i]


@kernel
def learn_batch(X, I, k, delta, radius_p, p, rate, gate, by_q, W, V, S, scale, wins, ds):
    """Rank, move the rows of W that learn, and bring V, S and scale of those rows up to date.

    The step is rate / max |ds|, so no weight moves further than `rate`.

    Parameters
    ----------
    X, I : (n, N) and (n, K), the examples and their currents
    by_q : rank by the normalised currents; scale then follows S, else it is left alone
    W, V : (K, N); S : (K,) float64; scale : (K,) float32; wins : (K,) int64
    ds : (min(K, 2n) or more, N), room to work in

    Returns
    -------
    max |ds| before the step; nan where it is not finite, and then nothing has changed
    """
    n, K = I.shape
    first, kth = np.empty(n, np.int64), np.empty(n, np.int64)
    units, entries = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    begins, counts = np.empty(2 * n + 1, np.int64), np.empty(K, np.int64)
    bits = ds.view(np.uint32)
    rank(I, scale, k, first, kth)
    found = by_unit(first, kth, units, begins, entries, counts)
    largest = np.uint32(0)
    for u in range(found):
        r = units[u]
        a, z, total = begins[u], begins[u + 1], 0.0
        if gate:
            gated_contribution(X, I, entries, a, z, r, delta, radius_p, W, ds, u)
        else:
            total = contribution(X, I, entries, a, z, r, delta, radius_p, ds, u)
        size = settle_row(W, r, ds, bits, u, total)
        largest = size if size > largest else largest
    most = as_size(largest)
    if np.isnan(most):
        return most
    step = np.float32(rate / max(most, FLOOR))
    for u in range(found):
        r = units[u]
        move_row(W, r, ds, u, step)
        power_row(W[r], p, ds[u])
        S[r] = product(W[r], ds[u])
        if by_q:
            scale[r] = per_norm(S[r], p)
    if V.ctypes.data != W.ctypes.data:
        put_rows(ds, V, units, found)
    count_wins(first, wins)
    return most


@kernel
def objective(I, S, p, k, delta):
    """The two terms of L_K over these examples: Σ Q of the first and −Δ Σ Q of the k-th, by Q.

    Parameters
    ----------
    I : (n, K); S : (K,) float64
    """
    n, K = I.shape
    normal, scale = np.empty(K), np.empty(K, np.float32)
    for r in range(K):
        normal[r] = per_norm(S[r], p)
        scale[r] = normal[r]
    first, kth = np.empty(n, np.int64), np.empty(n, np.int64)
    rank(I, scale, k, first, kth)
    best, depressed = 0.0, 0.0
    for b in range(n):
        best += I[b, first[b]] * normal[first[b]]
        if kth[b] != first[b]:
            depressed -= delta * I[b, kth[b]] * normal[kth[b]]
    return best, depressed
