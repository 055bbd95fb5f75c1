"""Loops over weights that are kept as lists of connections."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from typing import Any

import numpy as np

from lyapstudio.core.kernel import kernel, prefetch
from lyapstudio.weights.flips import (
    CLOCK,
    COUNT,
    DIRTY,
    ENERGY,
    FINE,
    FIXED,
    LOOKAHEAD,
    MOVING,
    POSITION,
    STATUS,
    TWICE,
    UNIT,
    decide,
    decide_all,
    ends,
    energy_of,
    finish_step,
    settle,
    temperature_at,
    turn_of,
    turn_over,
)
from lyapstudio.weights.overlay import gathered, scattered


@kernel
def edge_products_of(start, sources, V, U, values):
    """V_i . U_j of every connection, into `values`."""
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            j = sources[e]
            total = 0.0
            for k in range(V.shape[1]):
                total += V[i, k] * U[j, k]
            values[e] = total


@kernel
def edge_fields(start, sources, values, s, h):
    """Add to each h_i the sum over its connections of weight times neuron."""
    for i in range(len(start) - 1):
        total = 0.0
        for e in range(start[i], start[i + 1]):
            total += np.float64(values[e]) * s[sources[e]]
        h[i] += total


@kernel
def edge_at(start, sources, values, i, j, found):
    """Add single weights w_ij to `found`, where there is such a connection."""
    for k in range(len(i)):
        a, b = start[i[k]], start[i[k] + 1]
        e = a + np.searchsorted(sources[a:b], j[k])
        if e < b and sources[e] == j[k]:
            found[k] += values[e]


@kernel
def edge_means(start, sources, values, down, across, sums):
    """Add every weight to its bin; down, across : ends of the bins of rows and columns."""
    first, last = across[0], across[-1]
    for a in range(len(down) - 1):
        for i in range(down[a], down[a + 1]):
            b = 0
            for e in range(start[i], start[i + 1]):
                j = sources[e]
                if first <= j < last:
                    while j >= across[b + 1]:  # sources ascend, so bins do
                        b += 1
                    sums[a, b] += values[e]


@kernel
def turn_round(start, sources, values, begin, targets, turned):
    """Fill the lists of those who are listened to; begin : (N + 1,) where they start, moved."""
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            j = sources[e]
            place = begin[j]
            targets[place] = i
            turned[place] = values[e]
            begin[j] = place + 1


def turned_round(start: Any, sources: Any, values: Any) -> tuple[Any, Any, Any]:
    """The same weights by the neuron that is listened to: start, targets, values."""
    N = len(start) - 1
    counts = np.bincount(sources, minlength=N)
    ends_ = np.zeros(N + 1, np.int64)
    np.cumsum(counts, out=ends_[1:])
    targets, turned = np.empty(len(sources), np.int32), np.empty(len(values), values.dtype)
    turn_round(start, sources, values, ends_[:-1].copy(), targets, turned)
    return ends_, targets, turned


@kernel
def sparse_flip(start, targets, weights, own, tells, h, i, new):
    """Neuron i takes the value `new`, the opposite of what it was: who listens to it follows."""
    ds = 2.0 * new
    for e in range(start[i], start[i + 1]):
        h[targets[e]] += ds * weights[e]
    h[i] += ds * own[i if len(own) > 1 else 0]
    if tells is not None:
        marks, before, first, other, delta, _ = tells
        scattered(marks, before, first, other, delta, i, ds, h)


@kernel
def sparse_rise(start, targets, weights, own, tells, skew, s, i, h, Dii, twice_fine):
    """What E gains, in kernel units, where neuron i with field h takes its opposite value."""
    out = h
    if skew is not None:
        out = own[i if len(own) > 1 else 0] * s[i] + skew[i if len(skew) > 1 else 0]
        for e in range(start[i], start[i + 1]):
            out += np.float64(weights[e]) * s[targets[e]]
        if tells is not None:
            marks, before, first, other, delta, _ = tells
            out += gathered(marks, before, first, other, delta, i, s)
    return turn_of(s[i], h, out, Dii, twice_fine)


@kernel
def sparse_set(start, targets, weights, own, tells, skew, s, h, D, target, C, F):
    """Write units by hand: only those who listen to one that changes cost anything."""
    step = 1 if len(D) > 1 else 0
    E, twice_fine = C[ENERGY], 2.0 * F[FINE]
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            E += sparse_rise(
                start, targets, weights, own, tells, skew, s, i, h[i], D[i * step], twice_fine
            )
            s[i] = new
            sparse_flip(start, targets, weights, own, tells, h, i, new)
    C[ENERGY] = E


@kernel
def sparse_updates(
    start, targets, weights, own, tells, skew, s, h, D, order, rng, hot, C, F, at, values, updates
):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot, tells, skew : None where the temperature is 0 for good, no weight was edited by hand,
        weights are symmetric: numba then leaves all that out
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    N = len(s)
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    step = 1 if len(D) > 1 else 0
    unit, twice, twice_fine = F[UNIT], F[TWICE], 2.0 * F[FINE]
    done = 0
    while done < updates and count < len(at):
        i = order[position]
        if position + LOOKAHEAD < N:
            ahead = order[position + LOOKAHEAD]
            prefetch(s, ahead)
            prefetch(h, ahead)
        old, field = s[i], h[i]
        if hot is None:
            new = settle(field, old)
        else:
            T = temperature_at(F, clock)
            new = decide(field, old, T, twice, heat)
            dirty = 1 if T > 0.0 else dirty
        clock += 1
        done += 1
        if new != old:
            E += sparse_rise(
                start, targets, weights, own, tells, skew, s, i, field, D[i * step], twice_fine
            )
            s[i] = new
            sparse_flip(start, targets, weights, own, tells, h, i, new)
            at[count] = clock
            values[count, 0] = E * unit
            values[count, 1] = np.nan
            count += 1
            dirty = 1
        position += 1
        if ends(position, N):
            position = turn_over(order, shuffle, C, position)
            if position == 0:
                if dirty == 0:
                    C[STATUS] = FIXED
                    break
                dirty = 0
    C[ENERGY], C[COUNT], C[CLOCK], C[POSITION], C[DIRTY] = E, count, clock, position, dirty
    return done


@kernel
def sparse_together(
    start,
    targets,
    weights,
    own,
    tells,
    s,
    before,
    awaited,
    h,
    b,
    c,
    D,
    rng,
    C,
    F,
    at,
    values,
    updates,
):
    """At most so many updates of all neurons at once; returns how many were done."""
    done = 0
    while C[STATUS] != FIXED and done < updates and C[COUNT] < len(at):
        T = temperature_at(F, C[CLOCK])
        flips, away = decide_all(s, before, h, b, D, rng[1], C, F, T)
        for i in range(len(s)):
            new = before[i]
            before[i] = s[i]
            if new != s[i]:
                s[i] = new
                sparse_flip(start, targets, weights, own, tells, h, i, new)
        energy_of(s, h, c, D, C, F)
        done += 1
        if finish_step(flips, away, T, s, awaited, C, F, at, values):
            break
    return done
