"""Weights as a matrix, with every neuron's local field kept live: a flip is one row."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
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


@kernel
def dense_flip(G, h, i, new):
    """Neuron i takes the value `new`: every field follows exactly."""
    ds = 2.0 * new
    row = G[i]
    for j in range(len(h)):
        h[j] += ds * row[j]


@kernel
def dense_fields(G, s, b):
    """(N,) float64 fields G^T s + b in grid units."""
    N = len(s)
    step = 1 if len(b) > 1 else 0
    h = np.empty(N)
    for j in range(N):
        h[j] = b[j * step]
    whole = N - N % 4
    for i in range(0, whole, 4):  # four rows a pass: h is read and written a quarter as often
        g0, g1, g2, g3 = G[i], G[i + 1], G[i + 2], G[i + 3]
        s0, s1, s2, s3 = float(s[i]), float(s[i + 1]), float(s[i + 2]), float(s[i + 3])
        for j in range(N):
            h[j] += s0 * g0[j] + s1 * g1[j] + s2 * g2[j] + s3 * g3[j]
    for i in range(whole, N):
        row = G[i]
        si = float(s[i])
        for j in range(N):
            h[j] += si * row[j]
    return h


@kernel(fastmath=True)
def absolute_sums(G):
    """The largest row sum of |G|, and the sum of them all."""
    largest = 0.0
    total = 0.0
    for i in range(len(G)):
        row = 0.0
        for j in range(len(G)):
            row += abs(G[i, j])
        largest = max(largest, row)
        total += row
    return largest, total


@kernel
def dense_set(G, s, h, target, C, F):
    """Write units by hand: only the rows of those that change are applied."""
    E = C[ENERGY]
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            E += np.int64(4.0 * F[FINE] * s[i] * h[i])
            s[i] = new
            dense_flip(G, h, i, new)
    C[ENERGY] = E


@kernel
def dense_updates(G, s, h, order, rng, hot, C, F, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot : None where the temperature is 0 for good: numba then leaves the heat bath out, and the
    loop keeps its registers (half the time)
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    N = len(s)
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    four, unit, twice = 4.0 * F[FINE], F[UNIT], F[TWICE]
    done = 0
    while done < updates and count < len(at):
        i = order[position]
        old = s[i]
        if hot is None:
            new = settle(h[i], old)
        else:
            T = temperature_at(F, clock)
            new = decide(h[i], old, T, twice, heat)
            dirty = 1 if T > 0.0 else dirty
        clock += 1
        done += 1
        if new != old:
            E += np.int64(four * old * h[i])
            s[i] = new
            dense_flip(G, h, i, new)
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
def dense_together(G, s, before, h, b, rng, C, F, at, values, updates):
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
                dense_flip(G, h, i, new)
        energy_of(s, h, b, C, F)
        done += 1
        if finish_step(flips, away, T, C, F, at, values):
            break
    return done


class Dense(Factored):
    """G : (N, N) float32 whole numbers of grid units; row i holds the weights leaving i."""

    def __init__(
        self,
        memories: Units,
        names: tuple[str, ...],
        A: NDArray[np.float64] | None,
        rank: int,
        cost: Cost,
        G: NDArray[np.float32],
        scale: float,
    ) -> None:
        super().__init__(memories, names, A, rank, cost)
        self.G = G
        self.scale = scale
        self.reach, self.bulk = absolute_sums(G)

    @property
    def nbytes(self) -> int:
        return self.G.nbytes

    def incoming(self, i: int) -> NDArray[np.float64]:
        return self.G[:, i].astype(np.float64) * self.scale

    def fields(self, s: Units) -> NDArray[np.float64]:
        return self.grid_fields(s) * self.scale

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        """(N,) whole numbers G s."""
        return dense_fields(self.G, s, np.zeros(1))

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Fields and energy of the state's units; `live` is no matter, they always are.

        `since` is a state with the same units: its fields are taken over where they still hold.
        """
        if since is not None and since.weights is self:
            state.h = (since.h - since.b) + state.b
        else:
            state.h = dense_fields(self.G, state.s, state.b)
        state.M = np.empty(0)
        energy_of(state.s, state.h, state.b, state.C, state.F)

    def field(self, state: Spins, i: int) -> float:
        """The field of one neuron in grid units, bias included."""
        return float(state.h[i])

    def sums(self, state: Spins) -> NDArray[np.int64]:
        """(P,) overlaps with the memories, not divided by N."""
        return self.overlaps(state.s)

    def set_units(self, state: Spins, target: Units) -> None:
        dense_set(self.G, state.s, state.h, target, state.C, state.F)

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        C = state.C
        C[COUNT] = log.count
        done = dense_updates(
            self.G,
            state.s,
            state.h,
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
        done = dense_together(
            self.G,
            state.s,
            state.before,
            state.h,
            state.b,
            state.rng,
            C,
            state.F,
            log.at,
            log.values,
            updates,
        )
        log.count, C[COUNT] = int(C[COUNT]), 0
        return int(done)
