"""Weights along connections: a flip costs as many sums as neurons listen, whatever N is."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Log, Units
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.flips import Spins, counted, energy_of, skewed, warm
from lyapstudio.weights.listed import (
    edge_at,
    edge_fields,
    edge_means,
    sparse_set,
    sparse_together,
    sparse_updates,
    turned_round,
)
from lyapstudio.weights.overlay import add_gathered
from lyapstudio.weights.weights import Origin, Weights, ends_of


class Sparse(Weights):
    """values : (E,) float32 along `connections`, whole multiples of grid units.

    own : (1,) or (N,) float64, self-couplings of the wiring, which no connection holds
    tells : the same weights by the neuron that is listened to: (N + 1,) start, targets, values
    """

    def __init__(
        self,
        origin: Origin,
        connections: Connections,
        values: NDArray[np.float32],
        scale: float,
        bits: int,
        own: NDArray[np.float64],
        symmetric: bool = True,
    ) -> None:
        self.connections, self.values, self.own = connections, values, own
        start, sources = connections.start, connections.sources
        if symmetric:
            self.tells = (start, sources, values)
        else:
            self.tells = turned_round(start, sources, values)
        sizes = np.zeros(connections.N)
        edge_fields(start, sources, np.abs(values), np.ones(connections.N, np.int8), sizes)
        out = sizes
        if not symmetric:
            out = np.zeros(connections.N)
            a, b, w = self.tells
            edge_fields(a, b, np.abs(w), np.ones(connections.N, np.int8), out)
        most = float(np.abs(own).max())
        reach = max(float(sizes.max(initial=0.0)), float(out.max(initial=0.0))) + most
        bulk = float(sizes.sum()) + most * connections.N
        super().__init__(origin, scale, bits, own, reach, bulk, symmetric)

    @property
    def nbytes(self) -> int:
        held = self.connections.nbytes + self.values.nbytes + self.overlay.nbytes
        return held if self.base_symmetric else 2 * held

    def _base(self, start: Any, other: Any, values: Any, k: int) -> NDArray[np.float64]:
        line = np.zeros(self.N)
        a, b = start[k], start[k + 1]
        line[other[a:b]] = values[a:b]
        line[k] += self.own[k if len(self.own) > 1 else 0]
        return line

    def at(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        found = self.overlay.at(i, j)
        edge_at(self.connections.start, self.connections.sources, self.values, i, j, found)
        own = i == j
        found[own] += np.broadcast_to(self.own, self.N)[i[own]]
        return found

    def row(self, i: int) -> NDArray[np.float64]:
        line = self._base(self.connections.start, self.connections.sources, self.values, i)
        other, delta = self.overlay.row(i)
        line[other] += delta
        return line

    def column(self, j: int) -> NDArray[np.float64]:
        line = self._base(*self.tells, j)
        other, delta = self.overlay.column(j)
        line[other] += delta
        return line

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        h = self.own * s
        edge_fields(self.connections.start, self.connections.sources, self.values, s, h)
        add_gathered(self.overlay.hears, s, h)
        return h

    def product(self, x: NDArray[np.float64], across: bool = False) -> NDArray[np.float64]:
        if x.ndim > 1:
            columns = np.empty(x.shape)
            for k in range(x.shape[1]):
                columns[:, k] = self.product(np.ascontiguousarray(x[:, k]), across)
            return columns
        out = self.own * x
        if across:
            edge_fields(*self.tells, x, out)
        else:
            edge_fields(self.connections.start, self.connections.sources, self.values, x, out)
        lists = self.overlay.tells if across else self.overlay.hears
        add_gathered(lists, x, out)
        return out

    def triplets(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None:
        into = np.repeat(np.arange(self.N, dtype=np.int32), self.connections.degrees)
        sources, values = self.connections.sources, self.values * np.float64(self.scale)
        extra, every = self.overlay, np.arange(self.N)
        if self.own.any():
            extra = extra.added(every, every, np.broadcast_to(self.own, self.N))
        if not extra.count:
            return into, sources, values
        keys = into.astype(np.int64) * self.N + sources
        wanted, delta = extra.into * self.N + extra.out_of, extra.delta * self.scale
        place = np.searchsorted(keys, wanted)
        there = np.append(keys, -1)[place] == wanted
        values[place[there]] += delta[there]
        new = ~there
        return (
            np.insert(into, place[new], extra.into[new]),
            np.insert(sources, place[new], extra.out_of[new]),
            np.insert(values, place[new], delta[new]),
        )

    def block(self, row: int, col: int, height: int, width: int, h: int, w: int) -> NDArray:
        down, across = ends_of(h, row, height), ends_of(w, col, width)
        sums = np.zeros((h, w))
        edge_means(
            self.connections.start, self.connections.sources, self.values, down, across, sums
        )
        own = np.broadcast_to(self.own, self.N)
        k = np.arange(max(row, col), min(row + height, col + width))
        i, j, values = (
            np.concatenate(pair)
            for pair in (
                (k, self.overlay.into),
                (k, self.overlay.out_of),
                (own[k], self.overlay.delta),
            )
        )
        seen = (i >= row) & (i < row + height) & (j >= col) & (j < col + width)
        where = (
            np.searchsorted(down, i[seen], side="right") - 1,
            np.searchsorted(across, j[seen], side="right") - 1,
        )
        np.add.at(sums, where, values[seen])
        means = sums / (np.diff(down)[:, None] * np.diff(across)[None])
        return (means * self.scale).astype(np.float32)

    # in a run

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Fields and energy of the state's units; fields are always live."""
        if since is not None and since.weights is self and since.strokes is state.strokes:
            state.h = (since.h - since.b) + state.b
        else:
            state.h = self.grid_fields(state.s) + state.b
        state.M = np.empty(0)
        energy_of(state.s, state.h, state.c, self.D, state.C, state.F)

    def field(self, state: Spins, i: int) -> float:
        return float(state.h[i])

    def set_units(self, state: Spins, target: Units) -> None:
        sparse_set(
            *self.tells,
            self.own,
            self.overlay.outgoing,
            skewed(state),
            state.s,
            state.h,
            self.D,
            target,
            state.C,
            state.F,
        )

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            sparse_updates,
            state,
            log,
            updates,
            *self.tells,
            self.own,
            self.overlay.outgoing,
            skewed(state),
            state.s,
            state.h,
            self.D,
            state.order,
            state.rng,
            warm(state),
        )

    def together(self, state: Spins, updates: int, log: Log) -> int:
        return counted(
            sparse_together,
            state,
            log,
            updates,
            *self.tells,
            self.own,
            self.overlay.outgoing,
            state.s,
            state.before,
            state.awaited,
            state.h,
            state.b,
            state.c,
            self.D,
            state.rng,
        )
