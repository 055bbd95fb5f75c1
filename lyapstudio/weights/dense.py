"""Weights as a matrix, with every neuron's local field kept live: a flip is one row."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Log, Units
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
    counted,
    decide,
    decide_all,
    ends,
    energy_of,
    finish_step,
    settle,
    skewed,
    temperature_at,
    turn_of,
    turn_over,
    warm,
)
from lyapstudio.weights.weights import Origin, Weights, ends_of


@kernel
def dense_flip(G, h, i, new):
    """Neuron i takes the value `new`, the opposite of what it was: every field follows exactly."""
    row = G[i]
    ds = 2.0 * new
    for j in range(len(h)):
        h[j] += ds * row[j]


@kernel(fastmath=True)
def dense_exerted(G, s, i):
    """The field that neuron i exerts, sum_j w_ji s_j; the order of an exact sum is no matter."""
    row = G[i]
    total = 0.0
    for j in range(len(s)):
        total += row[j] * s[j]
    return total


@kernel
def dense_rise(G, s, skew, i, h, Dii, twice_fine):
    """What E gains, in kernel units, where neuron i with field h takes its opposite value."""
    out = h
    if skew is not None:
        out = dense_exerted(G, s, i) + skew[i if len(skew) > 1 else 0]
    return turn_of(s[i], h, out, Dii, twice_fine)


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
def dense_set(G, s, h, D, skew, target, C, F):
    """Write units by hand: only the rows of those that change are applied."""
    own = 1 if len(D) > 1 else 0
    E, twice_fine = C[ENERGY], 2.0 * F[FINE]
    for i in range(len(s)):
        new = target[i]
        if new != s[i]:
            E += dense_rise(G, s, skew, i, h[i], D[i * own], twice_fine)
            s[i] = new
            dense_flip(G, h, i, new)
    C[ENERGY] = E


@kernel
def dense_updates(G, s, h, D, skew, order, rng, hot, C, F, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done.

    hot, skew : None where the temperature is 0 for good, and where weights are symmetric: numba
        then leaves all that out, and the loop keeps its registers (half the time)
    """
    if C[STATUS] != MOVING:
        return 0
    shuffle, heat = rng[0], rng[1]
    N = len(s)
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    own = 1 if len(D) > 1 else 0
    unit, twice, twice_fine = F[UNIT], F[TWICE], 2.0 * F[FINE]
    done = 0
    while done < updates and count < len(at):
        i = order[position]
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
            E += dense_rise(G, s, skew, i, field, D[i * own], twice_fine)
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
def dense_together(G, s, before, awaited, h, b, c, D, rng, C, F, at, values, updates):
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
                dense_flip(G, h, i, new)
        energy_of(s, h, c, D, C, F)
        done += 1
        if finish_step(flips, away, T, s, awaited, C, F, at, values):
            break
    return done


@kernel
def dense_put(G, i, j, change):
    """Add to single weights w_ij."""
    for k in range(len(i)):
        G[j[k], i[k]] += change[k]


class Dense(Weights):
    """G : (N, N) float32 whole multiples of grid units; row i holds the weights leaving i."""

    def __init__(
        self,
        origin: Origin,
        G: NDArray[np.float32],
        scale: float,
        bits: int,
        D: NDArray[np.float64],
        symmetric: bool = True,
    ) -> None:
        self.G = G
        reach, bulk = absolute_sums(G)
        if not symmetric:
            reach = max(reach, float(np.abs(G).sum(axis=0, dtype=np.float64).max(initial=0.0)))
        super().__init__(origin, scale, bits, D, reach, bulk, symmetric)

    @property
    def nbytes(self) -> int:
        return self.G.nbytes + self.overlay.nbytes

    def at(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.G[j, i].astype(np.float64)

    def _stored(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values.astype(np.float32).astype(np.float64)

    def put(self, i: NDArray[np.int64], j: NDArray[np.int64], change: NDArray[np.float64]) -> None:
        dense_put(self.G, i, j, change)

    def row(self, i: int) -> NDArray[np.float64]:
        return self.G[:, i].astype(np.float64)

    def column(self, j: int) -> NDArray[np.float64]:
        return self.G[j].astype(np.float64)

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        return dense_fields(self.G, s, np.zeros(1))

    def product(self, x: NDArray[np.float64], across: bool = False) -> NDArray[np.float64]:
        """In blocks of rows: a second matrix in float64 would not always fit."""
        out = np.zeros(x.shape)
        step = max(1, (1 << 24) // max(self.N, 1))
        for a in range(0, self.N, step):
            part = self.G[a : a + step].astype(np.float64)
            if across:
                out[a : a + step] = part @ x
            else:
                out += part.T @ x[a : a + step]
        return out

    def block(self, row: int, col: int, height: int, width: int, h: int, w: int) -> NDArray:
        part = self.G[col : col + width, row : row + height]
        if (h, w) == (height, width):
            return part.T.astype(np.float32) * np.float32(self.scale)
        down, across = ends_of(h, row, height) - row, ends_of(w, col, width) - col
        sums = np.add.reduceat(part, across[:-1], axis=0, dtype=np.float64)
        sums = np.add.reduceat(sums, down[:-1], axis=1)
        means = sums / (np.diff(across)[:, None] * np.diff(down)[None])
        return (means.T * self.scale).astype(np.float32)

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Fields and energy of the state's units; `live` is no matter, they always are.

        `since` is a state with the same units: its fields are taken over where they still hold.
        """
        if since is not None and since.weights is self and since.strokes is state.strokes:
            state.h = (since.h - since.b) + state.b
        else:
            state.h = dense_fields(self.G, state.s, state.b)
        state.M = np.empty(0)
        energy_of(state.s, state.h, state.c, self.D, state.C, state.F)

    def field(self, state: Spins, i: int) -> float:
        return float(state.h[i])

    def set_units(self, state: Spins, target: Units) -> None:
        dense_set(self.G, state.s, state.h, self.D, skewed(state), target, state.C, state.F)

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            dense_updates,
            state,
            log,
            updates,
            self.G,
            state.s,
            state.h,
            self.D,
            skewed(state),
            state.order,
            state.rng,
            warm(state),
        )

    def together(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            dense_together,
            state,
            log,
            updates,
            self.G,
            state.s,
            state.before,
            state.awaited,
            state.h,
            state.b,
            state.c,
            self.D,
            state.rng,
        )
