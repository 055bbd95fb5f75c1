"""Weights as their factors: no N x N matrix, a flip costs O(R), a million neurons fit.

W = V U^T - diag(d), with U held as `xi` and V None where it is the same. With the sums M = U^T s
live, the field of neuron i is V_i . M - d_i s_i + b_i, and what was edited by hand is gathered
where a bit says so. Every partial sum is exact.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Log, Units
from lyapstudio.weights.factored import (
    factor_dot,
    factor_fields,
    factor_overlaps,
    factor_row,
    low_rank_set,
    low_rank_together,
    low_rank_updates,
)
from lyapstudio.weights.flips import Spins, counted, energy_of, skewed, warm
from lyapstudio.weights.weights import Origin, Weights, ends_of


class LowRank(Weights):
    """Weights that are never multiplied out.

    xi : (N, padded R) int8 or float64, U: a neuron's row holds its value in every memory first
    V : None (xi itself), or (N, padded R) float64 whole numbers of grid units
    d : (1,) or (N,) float64, the diagonal that is taken away
    """

    def __init__(
        self,
        origin: Origin,
        xi: NDArray[Any],
        V: NDArray[np.float64] | None,
        d: NDArray[np.float64],
        scale: float,
        bits: int,
        D: NDArray[np.float64],
        reach: float,
        bulk: float,
        symmetric: bool = True,
    ) -> None:
        super().__init__(origin, scale, bits, D, reach, bulk, symmetric)
        self.xi, self.V, self.d = xi, V, d
        whole = np.int32 if self.N * (self.P + 1) < 1 << 31 else np.int64
        self._width = self.xi.shape[1] if V is None else min(xi.shape[1], V.shape[1])
        self.number: Any = whole if V is None else np.float64  # the type in which V . M is summed

    @property
    def nbytes(self) -> int:
        own = 0 if self.V is None else self.V.nbytes + self.d.nbytes
        return self.xi.nbytes + own + self.overlay.nbytes

    @property
    def _sides(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """V and U; their padding may differ, and is left out."""
        U = self.xi[:, : self._width]
        return (U if self.V is None else self.V[:, : self._width]), U

    def at(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        (V, U), step = self._sides, max(1, (1 << 22) // self._width)
        values = self.overlay.at(i, j)
        for a in range(0, len(i), step):
            rows = V[i[a : a + step]].astype(np.float64)
            values[a : a + step] += np.einsum("kr,kr->k", rows, U[j[a : a + step]])
        own = i == j
        values[own] -= np.broadcast_to(self.d, self.N)[i[own]]
        return values

    def row(self, i: int) -> NDArray[np.float64]:
        V, U = self._sides
        return self._line(i, U, V, *self.overlay.row(i))

    def column(self, j: int) -> NDArray[np.float64]:
        V, U = self._sides
        return self._line(j, V, U, *self.overlay.column(j))

    def _line(self, k: int, all_: Any, one: Any, other: Any, delta: Any) -> NDArray[np.float64]:
        V = None if self.V is None else all_
        line = factor_row(all_, V, one[k].astype(self.number))
        line[k] -= self.d[k if len(self.d) > 1 else 0]
        line[other] += delta
        return line

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        M = np.empty(self.xi.shape[1], self.number)
        h = np.empty(self.N)
        factor_overlaps(self.xi, s, M)
        factor_fields(self.xi, self.V, self.d, np.zeros(1), M, s, self.overlay.incoming, h)
        return h

    def product(self, x: NDArray[np.float64], across: bool = False) -> NDArray[np.float64]:
        """In blocks of neurons: the factors are never copied whole."""
        V, U = self._sides[:: -1 if across else 1]
        step = max(1, (1 << 22) // max(U.shape[1], 1))
        M = np.zeros((U.shape[1], *x.shape[1:]))
        for a in range(0, self.N, step):
            M += U[a : a + step].astype(np.float64).T @ x[a : a + step]
        out = np.empty(x.shape)
        for a in range(0, self.N, step):
            out[a : a + step] = V[a : a + step].astype(np.float64) @ M
        d = self.d if x.ndim == 1 else self.d[:, None]
        out -= d * x
        i, j = (self.overlay.into, self.overlay.out_of)[:: -1 if across else 1]
        if len(i):
            delta = self.overlay.delta if x.ndim == 1 else self.overlay.delta[:, None]
            np.add.at(out, i, delta * x[j])
        return out

    def squares(self, alive: NDArray[np.int8]) -> NDArray[np.float64]:
        """From the sums V^T s and U^T s of each memory: no field of a neuron is needed."""
        (V, U), whole = self._sides, self.V is None
        kind = np.float32 if whole else np.float64  # whole numbers below 2**24 are exact
        step = max(1, (1 << 22) // max(U.shape[1], self.P, 1))
        sums = np.zeros((2, self.P, U.shape[1]))
        for a in range(0, self.N, step):
            states = (self.memories[:, a : a + step] * alive[a : a + step]).astype(kind)
            for k, side in enumerate((U,) if whole else (U, V)):
                sums[k] += states @ side[a : a + step].astype(kind)
        found = np.einsum("pr,pr->p", sums[0], sums[0 if whole else 1])
        found -= float(np.broadcast_to(self.d, self.N) @ alive)
        i, j = self.overlay.into, self.overlay.out_of
        if len(i):
            delta = self.overlay.delta * alive[i] * alive[j]
            found += np.array([(m[i] * m[j]) @ delta for m in self.memories])
        return found

    def gram_pair(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        if self.overlay.count:
            return None
        (V, U), step = self._sides, 1 << 16
        G = np.zeros((U.shape[1], U.shape[1]))
        for a in range(0, self.N, step):
            G += U[a : a + step].astype(np.float64).T @ V[a : a + step].astype(np.float64)
        return G * self.scale, np.broadcast_to(self.d * self.scale, self.N)

    def block(self, row: int, col: int, height: int, width: int, h: int, w: int) -> NDArray:
        down, across = ends_of(h, row, height), ends_of(w, col, width)
        V, U = self._sides
        V = np.add.reduceat(V[row : row + height], down[:-1] - row, axis=0, dtype=np.float64)
        U = np.add.reduceat(U[col : col + width], across[:-1] - col, axis=0, dtype=np.float64)
        sums = V @ U.T
        diagonal = np.arange(max(row, col), min(row + height, col + width))
        where = (
            np.searchsorted(down, diagonal, side="right") - 1,
            np.searchsorted(across, diagonal, side="right") - 1,
        )
        np.add.at(sums, where, -np.broadcast_to(self.d, self.N)[diagonal])
        i, j = self.overlay.into, self.overlay.out_of
        seen = (i >= row) & (i < row + height) & (j >= col) & (j < col + width)
        i, j, delta = i[seen], j[seen], self.overlay.delta[seen]
        where = (
            np.searchsorted(down, i, side="right") - 1,
            np.searchsorted(across, j, side="right") - 1,
        )
        np.add.at(sums, where, delta)
        means = sums / (np.diff(down)[:, None] * np.diff(across)[None])
        return (means * self.scale).astype(np.float32)

    # in a run

    def _sums_of(self, state: Spins) -> NDArray[Any]:
        """M = U^T s; where weights are not symmetric V^T s follows it."""
        M, R = state.M, self.xi.shape[1]
        return M if len(M) == R else M[:R]

    def _skew(self, state: Spins) -> Any:
        """What a kernel needs where weights are not symmetric, None where they are."""
        c = skewed(state)
        return None if c is None else (c, state.M[self.xi.shape[1] :], self.overlay.tells)

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Sums and energy of the state's units; fields stay only where they are kept live."""
        R = self.xi.shape[1]
        skew = not self.symmetric and self.V is not None
        state.M = np.empty(2 * R if skew else R, self.number)
        if since is not None and since.weights is self and len(since.M) == len(state.M):
            state.M[:] = since.M
        else:
            factor_overlaps(self.xi, state.s, state.M[:R])
            if skew:
                factor_overlaps(self.V, state.s, state.M[R:])
        h = np.empty(self.N)
        hears = self.overlay.incoming
        factor_fields(self.xi, self.V, self.d, state.b, state.M[:R], state.s, hears, h)
        energy_of(state.s, h, state.c, self.D, state.C, state.F)
        state.h = h if live else np.empty(0)

    def field(self, state: Spins, i: int) -> float:
        b = state.b[i if len(state.b) > 1 else 0]
        d = self.d[i if len(self.d) > 1 else 0]
        h = factor_dot(self.xi, self.V, i, self._sums_of(state)) - d * state.s[i] + b
        other, delta = self.overlay.row(i)
        return float(h + delta @ state.s[other])

    def sums(self, state: Spins) -> NDArray[np.int64]:
        return state.M[: self.P].astype(np.int64)

    def live_sums(self, state: Spins) -> NDArray[Any] | None:
        return state.M  # dreams are further columns

    def set_units(self, state: Spins, target: Units) -> None:
        M, hears = self._sums_of(state), self.overlay.incoming
        low_rank_set(
            self.xi,
            self.V,
            self.d,
            state.b,
            self.D,
            M,
            state.s,
            hears,
            self._skew(state),
            target,
            state.C,
            state.F,
        )
        if len(state.h):
            factor_fields(self.xi, self.V, self.d, state.b, M, state.s, hears, state.h)

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            low_rank_updates,
            state,
            log,
            updates,
            self.xi,
            self.V,
            self.d,
            state.b,
            self.D,
            self._sums_of(state),
            state.s,
            self.overlay.incoming,
            self._skew(state),
            state.order,
            state.rng,
            warm(state),
        )

    def together(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            low_rank_together,
            state,
            log,
            updates,
            self.xi,
            self.V,
            self.d,
            state.b,
            state.c,
            self.D,
            self._sums_of(state),
            state.s,
            self.overlay.incoming,
            self._skew(state),
            state.before,
            state.awaited,
            state.h,
            state.rng,
        )
