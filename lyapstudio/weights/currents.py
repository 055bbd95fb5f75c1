"""The weights as the metric sees them, sgn(w)|w|^(p−1), and the currents that images drive.

Letters: n examples, N inputs, K units; W, X, I float32 with contiguous rows; V (K, N) float32 is
sgn(W)|W|^(p−1), in either order, or W itself at p = 2. With V in column order (`order="F"`)
currents of inputs that are mostly 0 cost only what is not 0.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel, prefetch

Floats = NDArray[np.float32]

FEW = 0.35
"""Share of inputs that are not 0 below which `currents` skips the others (measured)."""

BYTE = np.float32(1 / 255)
AHEAD, LINE = 4, 64  # rows of pixels fetched before their turn, in cache lines
BLOCK, GROUP = 32, 128  # columns and rows that are put into V together, so that both stay near
EIGHT = 8  # inputs added in one go


@kernel
def power_row(w, p, v):
    """Write sgn(w) |w|^(p−1) to v."""
    times = int(p) - 2
    if times >= 0 and times + 2 == p:
        for i in range(len(w)):
            v[i] = w[i]
        for _ in range(times):
            for i in range(len(w)):
                v[i] *= abs(w[i])
    else:
        for i in range(len(w)):
            v[i] = np.sign(w[i]) * abs(w[i]) ** (p - 1)


@kernel(fastmath=True)
def product(w, v):
    """Σ w v in double precision; with v of `power_row` this is Σ |w|^p."""
    total = 0.0
    for i in range(len(w)):
        total += np.float64(w[i]) * np.float64(v[i])
    return total


@kernel
def per_norm(S, p):
    """S^(−(p−1)/p), which makes Q of I; 0 for a unit without weights."""
    if S > 0.0:
        return S ** ((1.0 - p) / p)
    return 0.0


@kernel
def put_rows(rows, V, units, count):
    """V[units[u]] = rows[u] for the first `count`; in blocks where V is in column order."""
    N = V.shape[1]
    block = N if V.strides[1] == V.itemsize else BLOCK
    for start in range(0, N, block):
        for u in range(count):
            target, source = V[units[u], start : start + block], rows[u, start : start + block]
            for i in range(len(target)):
                target[i] = source[i]


@kernel
def power_rows(W, p, V, rows):
    """`power_row` of the rows named."""
    some = np.empty((GROUP, W.shape[1]), np.float32)
    for start in range(0, len(rows), GROUP):
        count = min(GROUP, len(rows) - start)
        for u in range(count):
            power_row(W[rows[start + u]], p, some[u])
        put_rows(some, V, rows[start : start + count], count)


@kernel
def sphere_rows(W, p, S, rows):
    """S[r] = Σ |w|^p of the rows named."""
    v = np.empty_like(W[0])
    for r in rows:
        power_row(W[r], p, v)
        S[r] = product(W[r], v)


def powers(W: Floats, p: float, V: Floats, rows: NDArray[np.int64] | None = None) -> None:
    """(K, N) V[r] = sgn(W[r]) |W[r]|^(p−1), of the rows named or of all."""
    power_rows(W, float(p), V, np.arange(len(W)) if rows is None else rows)


def spheres(
    W: Floats, p: float, S: NDArray[np.float64], rows: NDArray[np.int64] | None = None
) -> None:
    """(K,) S[r] = Σ |W[r]|^p, of the rows named or of all."""
    sphere_rows(W, float(p), S, np.arange(len(W)) if rows is None else rows)


@kernel
def gather(images, order, start, stop, X):
    """X[:stop − start] = images[order[start:stop]] in [0, 1]; uint8 means value / 255."""
    scale = BYTE if images.itemsize == 1 else np.float32(1)
    for b in range(stop - start):
        ahead = images[order[min(start + b + AHEAD, stop - 1)]]
        for i in range(0, len(ahead), LINE // images.itemsize):
            prefetch(ahead, i)
        image = images[order[start + b]]
        for i in range(len(image)):
            X[b, i] = np.float32(image[i]) * scale


@kernel
def count_lit(X):
    """How many inputs are not 0."""
    count = 0
    for b in range(X.shape[0]):
        for i in range(X.shape[1]):
            count += X[b, i] != 0
    return count


@kernel
def sparse_currents(X, columns, I):
    """I = X columns, by adding up the rows of `columns` (N, K) whose input is not 0."""
    n, N = X.shape
    K = columns.shape[1]
    at, v = np.zeros(N + EIGHT, np.int64), np.zeros(N + EIGHT, np.float32)
    total = np.empty(K, np.float32)
    for b in range(n):
        lit = 0
        for i in range(N):
            at[lit] = i
            lit += X[b, i] != 0
        for j in range(lit):
            v[j] = X[b, at[j]]
        for j in range(lit, lit + EIGHT):
            at[j], v[j] = 0, 0
        for r in range(K):
            total[r] = 0
        for j in range(0, lit, EIGHT):
            i0, i1, i2, i3 = at[j], at[j + 1], at[j + 2], at[j + 3]
            i4, i5, i6, i7 = at[j + 4], at[j + 5], at[j + 6], at[j + 7]
            v0, v1, v2, v3 = v[j], v[j + 1], v[j + 2], v[j + 3]
            v4, v5, v6, v7 = v[j + 4], v[j + 5], v[j + 6], v[j + 7]
            for r in range(K):
                a = v0 * columns[i0, r] + v1 * columns[i1, r]
                c = v2 * columns[i2, r] + v3 * columns[i3, r]
                d = v4 * columns[i4, r] + v5 * columns[i5, r]
                e = v6 * columns[i6, r] + v7 * columns[i7, r]
                total[r] += (a + c) + (d + e)
        for r in range(K):
            I[b, r] = total[r]


def currents(X: Floats, V: Floats, I: Floats) -> None:
    """(n, K) I = X Vᵀ."""
    if V.flags.f_contiguous and count_lit(X) < FEW * X.size:
        sparse_currents(X, V.T, I)
    else:
        np.dot(X, V.T, out=I)
