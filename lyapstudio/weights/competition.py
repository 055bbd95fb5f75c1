"""Krotov & Hopfield's fast rule (2019): the units compete, and only two of them learn an example.

A unit has a row w of W and the current I = Σ sgn(w)|w|^(p−1) v. The unit with the largest current
moves towards the example, the k-th moves away from it, and every other row stays as it is. So a
batch costs one matrix product and a few rows: `gather`, `currents`, then `learn_batch`. The steps
of `learn_batch` are here one by one too, for a change that is summed over many batches.

Letters: n examples, N inputs, K units; W, V, ds, X, I float32, rows contiguous. Rows of `ds` and
entries of `gI` mean something only where `touched` is not 0: the first example that touches a unit
overwrites them, so nothing but `touched` is ever cleared.
"""

# ruff: noqa: E741 (I is the paper's letter)
# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel, prefetch

Floats = NDArray[np.float32]

FLOOR = 1e-30
"""The published floor under the largest change that a step is divided by."""

BYTE = np.float32(1 / 255)
MAGNITUDE = np.uint32(0x7FFFFFFF)
INFINITE = np.uint32(0x7F800000)
AHEAD = 4  # rows of pixels fetched before their turn


@kernel
def power_row(w, p, v):
    """Write sgn(w) |w|^(p−1) to v."""
    times = int(p) - 2
    if times >= 0 and times + 2 == p:
        v[:] = w
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
def power_rows(W, p, V, rows):
    """`power_row` of the rows named."""
    for r in rows:
        power_row(W[r], p, V[r])


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
    for b in range(stop - start):
        prefetch(images, order[min(start + b + AHEAD, stop - 1)])
        image, x = images[order[start + b]], X[b]
        for i in range(len(x)):
            x[i] = np.float32(image[i]) * (BYTE if images.itemsize == 1 else np.float32(1))


def currents(X: Floats, V: Floats, I: Floats) -> None:
    """(n, K) I = X Vᵀ."""
    np.dot(X, V.T, out=I)


@kernel
def insert(value, index, values, indices, count):
    """Put a value into a falling list of at most len(values); a tie goes to the lower index.

    Returns how many the list holds.
    """
    k = len(values)
    if count == k:
        last = values[k - 1]
        if not (value > last or (value == last and index < indices[k - 1])):
            return count
        count -= 1
    j = count
    while j > 0 and (value > values[j - 1] or (value == values[j - 1] and index < indices[j - 1])):
        values[j] = values[j - 1]
        indices[j] = indices[j - 1]
        j -= 1
    values[j] = value
    indices[j] = index
    return count + 1


@kernel
def lane_maxima(row, scale, maxima):
    """The largest of row * scale in each lane: lane l holds the units l, l + L, l + 2L, …"""
    lanes, K = len(maxima), len(row)
    maxima[:] = -np.inf
    for c in range(0, K, lanes):
        for j in range(min(lanes, K - c)):
            value = row[c + j] * scale[c + j]
            maxima[j] = value if value > maxima[j] else maxima[j]


@kernel
def rank(I, scale, k, first, kth):
    """The units with the largest and the k-th largest I * scale; of equals the lower index leads.

    The k-th largest of all is at least the k-th largest of the lanes' maxima, so only the lanes
    that reach it are searched. A k above K means K. What is not a number comes last.

    Parameters
    ----------
    I : (n, K)
    scale : (K,) float32
    first, kth : (n,) int64, written
    """
    K = I.shape[1]
    k = min(k, K)
    lanes = 16
    while lanes < 4 * k:
        lanes *= 2
    lanes = min(lanes, K)
    maxima = np.empty(lanes, np.float32)
    values, indices = np.empty(k, np.float32), np.empty(k, np.int64)
    for b in range(I.shape[0]):
        row = I[b]
        lane_maxima(row, scale, maxima)
        count = 0
        for lane in range(lanes):
            count = insert(maxima[lane], lane, values, indices, count)
        reach = values[k - 1]
        count = 0
        for lane in range(lanes):
            if maxima[lane] >= reach:
                for r in range(lane, K, lanes):
                    value = row[r] * scale[r]
                    if value >= reach:
                        count = insert(value, r, values, indices, count)
        first[b] = indices[0]
        kth[b] = indices[k - 1]


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


@kernel
def contribution(X, I, entries, r, delta, radius_p, change):
    """Write Σ g R^p v over the entries of unit r to `change`; returns Σ g I."""
    total = 0.0
    change[:] = 0.0
    for e in entries:
        b, g = (e, 1.0) if e >= 0 else (-1 - e, -delta)
        x, c = X[b], np.float32(g * radius_p)
        for i in range(len(x)):
            change[i] += c * x[i]
        total += g * np.float64(I[b, r])
    return total


@kernel
def gated_contribution(X, I, entries, r, delta, radius_p, w, change):
    """Write Σ g (R^p v − I w) over the entries; weights whose input has another sign get none."""
    change[:] = 0.0
    for e in entries:
        b, g = (e, 1.0) if e >= 0 else (-1 - e, -delta)
        x, c, d = X[b], np.float32(g * radius_p), np.float32(g * I[b, r])
        for i in range(len(x)):
            change[i] += c * x[i] - d * w[i] if x[i] * w[i] >= 0 else np.float32(0)


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
    change = np.empty_like(W[0])
    for u in range(by_unit(first, kth, units, begins, entries, counts)):
        r = units[u]
        own = entries[begins[u] : begins[u + 1]]
        total = 0.0
        if gate:
            gated_contribution(X, I, own, r, delta, radius_p, W[r], change)
        else:
            total = contribution(X, I, own, r, delta, radius_p, change)
        if touched[r]:
            ds[r] += change
            gI[r] += total
        else:
            ds[r] = change
            gI[r] = total
            touched[r] = 1


@kernel
def settle_row(w, change, total):
    """Take total w from `change`; returns the bits of the largest |change|.

    The bits of |x| rise with |x| as whole numbers do, and those of infinity and nan lie above.
    """
    c = np.float32(total)
    bits = change.view(np.uint32)
    largest = np.uint32(0)
    for i in range(len(w)):
        change[i] -= c * w[i]
        size = np.uint32(bits[i] & MAGNITUDE)
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
    largest = np.uint32(0)
    for r in range(len(W)):
        if touched[r]:
            size = settle_row(W[r], ds[r], gI[r])
            largest = size if size > largest else largest
    return as_size(largest)


@kernel
def move_row(w, change, step):
    """Add step * change to w."""
    for i in range(len(w)):
        w[i] += step * change[i]


@kernel
def move(W, ds, touched, step):
    """W[r] += step * ds[r] for the touched rows."""
    for r in range(len(W)):
        if touched[r]:
            move_row(W[r], ds[r], np.float32(step))


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
    rank(I, scale, k, first, kth)
    found = by_unit(first, kth, units, begins, entries, counts)
    largest = np.uint32(0)
    for u in range(found):
        r = units[u]
        own = entries[begins[u] : begins[u + 1]]
        total = 0.0
        if gate:
            gated_contribution(X, I, own, r, delta, radius_p, W[r], ds[u])
        else:
            total = contribution(X, I, own, r, delta, radius_p, ds[u])
        size = settle_row(W[r], ds[u], total)
        largest = size if size > largest else largest
    most = as_size(largest)
    if np.isnan(most):
        return most
    step = np.float32(rate / max(most, FLOOR))
    for u in range(found):
        r = units[u]
        move_row(W[r], ds[u], step)
        power_row(W[r], p, V[r])
        S[r] = product(W[r], V[r])
        if by_q:
            scale[r] = per_norm(S[r], p)
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
