"""Loops over the factors of the weights: fields, sums, and what a flip does to them."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

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
from lyapstudio.weights.overlay import ONE, add_gathered, gathered, place_of


@kernel(fastmath=True)
def factor_dot(xi, V, i, M):
    """V_i . M in the type of M, with xi for V where V is None (numba compiles one branch).

    Reordering is harmless, for every partial sum is exact.
    """
    number = M.dtype.type
    total = number(0)
    if V is None:  # signs: choosing is three times as fast as multiplying
        for k in range(xi.shape[1]):
            m = M[k]
            total = number(total + (m if xi[i, k] > 0 else number(-m)))
    else:
        for k in range(V.shape[1]):
            total += V[i, k] * M[k]
    return total


@kernel
def fetch(flat, start, width, line):
    """Ask early for the cache lines of a row, `line` numbers each."""
    prefetch(flat, start)
    prefetch(flat, start + line)  # few enough turns for the loop not to pay
    for k in range(2 * line, width, line):
        prefetch(flat, start + k)


@kernel
def factor_flip(xi, M, i, new):
    """Neuron i takes the value `new`, the opposite of what it was: the sums follow."""
    number = M.dtype.type
    if new > 0:  # a shift and a sum: cheaper than a product
        for k in range(xi.shape[1]):
            M[k] = number(M[k] + 2 * xi[i, k])
    else:
        for k in range(xi.shape[1]):
            M[k] = number(M[k] - 2 * xi[i, k])


@kernel
def factor_overlaps(xi, s, M):
    """M = Xi^T s."""
    number = M.dtype.type
    M[:] = 0
    for i in range(len(s)):
        for k in range(xi.shape[1]):
            M[k] = number(M[k] + number(s[i]) * number(xi[i, k]))


@kernel
def factor_fields(xi, V, d, b, M, s, hears, h):
    """Fields V M - d s + b of all neurons, into h, edited weights included."""
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    for i in range(len(s)):
        h[i] = factor_dot(xi, V, i, M) - d[i * d_step] * s[i] + b[i * b_step]
    if hears is not None:
        add_gathered(hears, s, h)


@kernel
def factor_row(xi, V, M):
    """(N,) float64 products V_j . M, with xi for V where V is None."""
    out = np.empty(len(xi))
    for j in range(len(xi)):
        out[j] = factor_dot(xi, V, j, M)
    return out


@kernel
def low_rank_rise(xi, V, d, M, s, skew, i, h, Dii, twice_fine):
    """What E gains, in kernel units, where neuron i with field h takes its opposite value."""
    out = h
    if skew is not None:
        c, sums, tells = skew
        out = factor_dot(xi, None, i, M) if V is None else factor_dot(xi, xi, i, sums)
        out = out - d[i if len(d) > 1 else 0] * s[i] + c[i if len(c) > 1 else 0]
        marks, before, first, other, delta, _ = tells
        out += gathered(marks, before, first, other, delta, i, s)
    return turn_of(s[i], h, out, Dii, twice_fine)


@kernel
def low_rank_set(xi, V, d, b, D, M, s, hears, skew, target, C, F):
    """Write units by hand: only those that change cost anything."""
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    own = 1 if len(D) > 1 else 0
    E, twice_fine = C[ENERGY], 2.0 * F[FINE]
    if hears is not None:
        marks, before, first, other, delta, _ = hears
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            h = factor_dot(xi, V, i, M) - d[i * d_step] * s[i] + b[i * b_step]
            if hears is not None:
                h += gathered(marks, before, first, other, delta, i, s)
            E += low_rank_rise(xi, V, d, M, s, skew, i, h, D[i * own], twice_fine)
            s[i] = new
            factor_flip(xi, M, i, new)
            if skew is not None and V is not None:
                factor_flip(V, skew[1], i, new)
    C[ENERGY] = E


@kernel
def low_rank_updates(xi, V, d, b, D, M, s, hears, skew, order, rng, hot, C, F, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot, hears, skew : None where the temperature is 0 for good, no weight was edited by hand,
        weights are symmetric: numba then leaves all that out, and the loop keeps its registers
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    N = len(s)
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    own = 1 if len(D) > 1 else 0
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    unit, twice, twice_fine = F[UNIT], F[TWICE], 2.0 * F[FINE]
    signs = xi.reshape(xi.size)
    width = xi.shape[1]
    if V is not None:
        reals = V.reshape(V.size)
        wide = V.shape[1]
    most = np.inf
    if hears is not None:
        marks, before, first, other, delta, largest = hears
        if hot is None:  # a neuron that is held more firmly stays whatever was edited
            most = largest
    done = 0
    while done < updates and count < len(at):
        i = order[position]
        if position + LOOKAHEAD < N:
            ahead = order[position + LOOKAHEAD]
            prefetch(s, ahead)
            if V is None:
                fetch(signs, ahead * width, width, 64)
            else:
                fetch(reals, ahead * wide, wide, 8)
        old = s[i]
        h = factor_dot(xi, V, i, M) - d[i * d_step] * old + b[i * b_step]
        if hears is not None and h * old <= most and marks[i >> 6] >> np.uint64(i & 63) & ONE:
            k = place_of(marks[i >> 6], before[i >> 6], i)
            for e in range(first[k], first[k + 1]):  # `gathered` would count references here
                h += delta[e] * s[other[e]]
        if hot is None:
            new = settle(h, old)
        else:
            T = temperature_at(F, clock)
            new = decide(h, old, T, twice, heat)
            dirty = 1 if T > 0.0 else dirty
        clock += 1
        done += 1
        if new != old:
            E += low_rank_rise(xi, V, d, M, s, skew, i, h, D[i * own], twice_fine)
            s[i] = new
            factor_flip(xi, M, i, new)
            if skew is not None and V is not None:
                factor_flip(V, skew[1], i, new)
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
def low_rank_together(
    xi, V, d, b, c, D, M, s, hears, skew, before, awaited, h, rng, C, F, at, values, updates
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
                factor_flip(xi, M, i, new)
                if skew is not None and V is not None:
                    factor_flip(V, skew[1], i, new)
        factor_fields(xi, V, d, b, M, s, hears, h)
        energy_of(s, h, c, D, C, F)
        done += 1
        if finish_step(flips, away, T, s, awaited, C, F, at, values):
            break
    return done
