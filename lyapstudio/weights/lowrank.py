"""Weights as their factors: no N x N matrix, a flip costs O(P), a million neurons fit.

W = Xi A Xi^T without diagonal. With V = Xi A (Hebb: Xi itself) and the overlaps M = Xi^T s live,
the field of neuron i is V_i . M - d_i s_i + b_i. Whole numbers throughout, so every sum is exact.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel, prefetch
from lyapstudio.core.model import Log, Units
from lyapstudio.weights.cost import Cost
from lyapstudio.weights.factors import Factored
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
    Spins,
    decide,
    decide_all,
    ends,
    energy_of,
    finish_step,
    settle,
    temperature_at,
    turn_over,
    warm,
)


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
    """Neuron i takes the value `new`: the overlaps follow."""
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
def factor_fields(xi, V, d, b, M, s, h):
    """Fields V M - d s + b of all neurons, into h."""
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    for i in range(len(s)):
        h[i] = factor_dot(xi, V, i, M) - d[i * d_step] * s[i] + b[i * b_step]


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
def low_rank_set(xi, V, d, b, M, s, target, C, F):
    """Write units by hand: only those that change cost anything."""
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    E = C[ENERGY]
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            h = factor_dot(xi, V, i, M) - d[i * d_step] * s[i] + b[i * b_step]
            E += np.int64(4.0 * F[FINE] * s[i] * h)
            s[i] = new
            factor_flip(xi, M, i, new)
    C[ENERGY] = E


@kernel
def low_rank_updates(xi, V, d, b, M, s, order, rng, hot, C, F, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot : None where the temperature is 0 for good: numba then leaves the heat bath out, and the
    loop keeps its registers (half the time)
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    N = len(s)
    d_step = 1 if len(d) > 1 else 0
    b_step = 1 if len(b) > 1 else 0
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    four, unit, twice = 4.0 * F[FINE], F[UNIT], F[TWICE]
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
        if hot is None:
            new = settle(h, old)
        else:
            T = temperature_at(F, clock)
            new = decide(h, old, T, twice, heat)
            dirty = 1 if T > 0.0 else dirty
        clock += 1
        done += 1
        if new != old:
            E += np.int64(four * old * h)
            s[i] = new
            factor_flip(xi, M, i, new)
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
def low_rank_together(xi, V, d, b, M, s, before, h, rng, C, F, at, values, updates):
    """At most so many updates of all neurons at once; returns how many were done."""
    done = 0
    while C[STATUS] != FIXED and done < updates and C[COUNT] < len(at):
        T = temperature_at(F, C[CLOCK])
        flips, away = decide_all(s, before, h, b, rng[1], C, F, T)
        for i in range(len(s)):
            new = before[i]
            before[i] = s[i]
            if new != s[i]:
                s[i] = new
                factor_flip(xi, M, i, new)
        factor_fields(xi, V, d, b, M, s, h)
        energy_of(s, h, b, C, F)
        done += 1
        if finish_step(flips, away, T, C, F, at, values):
            break
    return done


class LowRank(Factored):
    """Weights that are never multiplied out.

    xi : (N, padded P) int8, a neuron's row holds its value in every memory, then zeros
    V : None (xi itself), or (N, padded P) float64 whole numbers of grid units
    d : (1,) or (N,) float64, the diagonal that is taken away
    """

    def __init__(
        self,
        memories: Units,
        names: tuple[str, ...],
        A: NDArray[np.float64] | None,
        rank: int,
        cost: Cost,
        xi: NDArray[np.int8],
        V: NDArray[np.float64] | None,
        d: NDArray[np.float64],
        scale: float,
        reach: float,
        bulk: float,
    ) -> None:
        super().__init__(memories, names, A, rank, cost)
        self.xi, self.V, self.d = xi, V, d
        self.scale, self.reach, self.bulk = scale, reach, bulk
        whole = np.int32 if self.N * (self.P + 1) < 1 << 31 else np.int64
        self.number: Any = whole if V is None else np.float64  # the type in which V . M is summed

    @property
    def nbytes(self) -> int:
        own = 0 if self.V is None else self.V.nbytes + self.d.nbytes
        return self.xi.nbytes + own

    def incoming(self, i: int) -> NDArray[np.float64]:
        V = self.xi if self.V is None else self.V
        row = factor_row(self.xi, V[i].astype(np.float64)) * self.scale
        row[i] = 0.0
        return row

    def fields(self, s: Units) -> NDArray[np.float64]:
        return self.grid_fields(s) * self.scale

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        """(N,) whole numbers V (Xi^T s) - d s."""
        M = np.empty(self.xi.shape[1], self.number)
        h = np.empty(self.N)
        factor_overlaps(self.xi, s, M)
        factor_fields(self.xi, self.V, self.d, np.zeros(1), M, s, h)
        return h

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Overlaps and energy of the state's units; fields stay only where they are kept live."""
        state.M = np.empty(self.xi.shape[1], self.number)
        if since is not None and since.weights is self:
            state.M[:] = since.M
        else:
            factor_overlaps(self.xi, state.s, state.M)
        h = np.empty(self.N)
        factor_fields(self.xi, self.V, self.d, state.b, state.M, state.s, h)
        energy_of(state.s, h, state.b, state.C, state.F)
        state.h = h if live else np.empty(0)

    def field(self, state: Spins, i: int) -> float:
        """The field of one neuron in grid units, bias included."""
        b = state.b[i if len(state.b) > 1 else 0]
        d = self.d[i if len(self.d) > 1 else 0]
        return float(factor_dot(self.xi, self.V, i, state.M) - d * state.s[i] + b)

    def sums(self, state: Spins) -> NDArray[np.int64]:
        """(P,) overlaps with the memories, not divided by N."""
        return state.M[: self.P].astype(np.int64)

    def set_units(self, state: Spins, target: Units) -> None:
        low_rank_set(self.xi, self.V, self.d, state.b, state.M, state.s, target, state.C, state.F)
        if len(state.h):
            factor_fields(self.xi, self.V, self.d, state.b, state.M, state.s, state.h)

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        C = state.C
        C[COUNT] = log.count
        done = low_rank_updates(
            self.xi,
            self.V,
            self.d,
            state.b,
            state.M,
            state.s,
            state.order,
            state.rng,
            warm(state),
            C,
            state.F,
            log.at,
            log.values,
            updates,
        )
        log.count, C[COUNT] = int(C[COUNT]), 0
        return int(done)

    def together(self, state: Spins, updates: int, log: Log) -> int:
        C = state.C
        C[COUNT] = log.count
        done = low_rank_together(
            self.xi,
            self.V,
            self.d,
            state.b,
            state.M,
            state.s,
            state.before,
            state.h,
            state.rng,
            C,
            state.F,
            log.at,
            log.values,
            updates,
        )
        log.count, C[COUNT] = int(C[COUNT]), 0
        return int(done)
