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
    SKEW,
    STATUS,
    TWICE,
    UNIT,
    decide,
    decide_all,
    ends,
    energy_of,
    finish_step,
    rise_of,
    settle,
    temperature_at,
    turn_over,
)
from lyapstudio.weights.overlay import add_gathered, gathered, marked


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
def factor_flip(xi, M, i, ds):
    """Neuron i changes by ds: the overlaps follow."""
    number = M.dtype.type
    if ds == 2:  # a shift and a sum: cheaper than a product
        for k in range(xi.shape[1]):
            M[k] = number(M[k] + 2 * xi[i, k])
    elif ds == -2:
        for k in range(xi.shape[1]):
            M[k] = number(M[k] - 2 * xi[i, k])
    else:  # a lesion, or its end
        for k in range(xi.shape[1]):
            M[k] = number(M[k] + ds * xi[i, k])


@kernel
def factor_change(xi, V, sums, i, ds, skew):
    """All sums of the factors follow; those of V are needed where weights are not symmetric."""
    factor_flip(xi, sums[0], i, ds)
    if V is not None and skew != 0:
        factor_flip(V, sums[1], i, ds)


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
    add_gathered(hears, s, h)


@kernel
def factor_row(xi, v):
    """(N,) float64 products xi_j . v, over the columns of v."""
    out = np.zeros(len(xi))
    for j in range(len(xi)):
        total = 0.0
        for k in range(len(v)):
            total += float(xi[j, k]) * v[k]
        out[j] = total
    return out


@kernel
def low_rank_rise(xi, V, d, c, D, sums, s, tells, i, ds, h, C, F):
    """What E gains, in kernel units, where neuron i with field h changes by ds."""
    own = D[i if len(D) > 1 else 0]
    out = h
    if C[SKEW] != 0:
        if V is None:
            out = factor_dot(xi, None, i, sums[0])
        else:
            out = factor_dot(xi, xi, i, sums[1])
        out = out - d[i if len(d) > 1 else 0] * s[i] + c[i if len(c) > 1 else 0]
        if marked(tells, i):
            out += gathered(tells, i, s)
    return rise_of(ds, s[i], h, out, own, F[FINE])


@kernel
def low_rank_set(xi, V, d, b, c, D, sums, s, lists, target, C, F):
    """Write units by hand: only those that change cost anything."""
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    hears, tells = lists
    E = C[ENERGY]
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            h = factor_dot(xi, V, i, sums[0]) - d[i * d_step] * s[i] + b[i * b_step]
            if marked(hears, i):
                h += gathered(hears, i, s)
            ds = np.int64(new) - np.int64(s[i])
            E += low_rank_rise(xi, V, d, c, D, sums, s, tells, i, ds, h, C, F)
            s[i] = new
            factor_change(xi, V, sums, i, ds, C[SKEW])
    C[ENERGY] = E


@kernel
def low_rank_updates(xi, V, d, b, c, D, sums, s, lists, order, rng, hot, C, F, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot : None where the temperature is 0 for good: numba then leaves the heat bath out, and the
    loop keeps its registers (half the time)
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    hears, tells = lists
    M = sums[0]
    N = len(s)
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    unit, twice = F[UNIT], F[TWICE]
    signs = xi.reshape(xi.size)
    width = xi.shape[1]
    if V is not None:
        reals = V.reshape(V.size)
        wide = V.shape[1]
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
        if marked(hears, i):
            h += gathered(hears, i, s)
        if hot is None:
            new = settle(h, old)
        else:
            T = temperature_at(F, clock)
            new = decide(h, old, T, twice, heat)
            dirty = 1 if T > 0.0 else dirty
        clock += 1
        done += 1
        if new != old:
            ds = np.int64(new) - np.int64(old)
            E += low_rank_rise(xi, V, d, c, D, sums, s, tells, i, ds, h, C, F)
            s[i] = new
            factor_change(xi, V, sums, i, ds, C[SKEW])
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
    xi, V, d, b, c, D, sums, s, lists, before, awaited, h, rng, C, F, at, values, updates
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
                ds = np.int64(new) - np.int64(s[i])
                s[i] = new
                factor_change(xi, V, sums, i, ds, C[SKEW])
        factor_fields(xi, V, d, b, sums[0], s, lists[0], h)
        energy_of(s, h, c, D, C, F)
        done += 1
        if finish_step(flips, away, T, s, awaited, C, F, at, values):
            break
    return done
