"""Weights that somebody brings in a file, as a list of connections: small where they are few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError

MAX_N = 1 << 20
"""Neurons: a sheet of 1024 x 1024."""
MAX_CONNECTIONS = 50 * MAX_N
"""Fifty for each of a million neurons: 840 MB as they are kept, 16 bytes each."""

BLOCK = 1 << 21
"""Connections that are looked at at once: some 20 ms, and some 16 MB an array."""


@dataclass(frozen=True, eq=False)
class Given:
    """Weights w[into, out_of], from neuron `out_of` to neuron `into`; all others are zero.

    into, out_of : (E,) int32 read-only, sorted by into, then out_of, each pair once
    values : (E,) float64 read-only, finite, never zero
    N : neurons
    title : the name of the file
    notes : sentences for the person who loads it; no document keeps them
    """

    into: NDArray[np.int32]
    out_of: NDArray[np.int32]
    values: NDArray[np.float64]
    N: int
    title: str
    notes: tuple[str, ...] = ()

    @classmethod
    def from_pairs(
        cls,
        into: NDArray[Any],
        out_of: NDArray[Any],
        values: NDArray[Any],
        N: int,
        title: str,
        *,
        notes: tuple[str, ...] = (),
        first: int = 1,
        own: bool = False,
    ) -> Given:
        """Sort connections in any order, and leave out those of weight zero.

        into, out_of : (E,) whole numbers in 0 … N - 1; values : (E,) finite
        first : the number that the first neuron has in the sentence of an error
        own : nobody else holds the arrays, so they need not be copied

        Raises
        ------
        UserError : a pair stands there twice (which one); more than MAX_CONNECTIONS
        """
        key = into.astype(np.int64) * N + out_of
        if not bool((key[1:] > key[:-1]).all()):
            order = np.argsort(key)
            key = key[order]
            twice = np.flatnonzero(key[1:] == key[:-1])
            if len(twice):
                i, j = divmod(int(key[twice[0]]), N)
                raise UserError(
                    f"{title} gives the weight from neuron {j + first:,} to neuron {i + first:,} "
                    "twice. Keep one of the two."
                )
            into, out_of, values = into[order], out_of[order], values[order]
        del key
        there = values != 0
        if not bool(there.all()):
            into, out_of, values = into[there], out_of[there], values[there]
        check_count(len(values), title)
        copy = None if own else True
        into = np.array(into, np.int32, order="C", copy=copy)
        out_of = np.array(out_of, np.int32, order="C", copy=copy)
        values = np.array(values, np.float64, order="C", copy=copy)
        for array in (into, out_of, values):
            array.flags.writeable = False
        return cls(into, out_of, values, N, title, notes)

    @classmethod
    def from_matrix(cls, W: NDArray[Any], title: str) -> Given:
        """The weights of (N, N) finite numbers; a row listens, a column is listened to."""
        into, out_of = np.nonzero(W)
        return cls.from_pairs(into, out_of, W[into, out_of], len(W), title)

    @property
    def count(self) -> int:
        """Connections."""
        return len(self.values)

    @property
    def nbytes(self) -> int:
        return self.into.nbytes + self.out_of.nbytes + self.values.nbytes

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """(N + 1,) neuron i listens to the connections start[i] … start[i + 1] - 1."""
        return np.searchsorted(self.into, np.arange(self.N + 1)).astype(np.int64)

    @cached_property
    def symmetric(self) -> bool:
        """Whether w[i, j] and w[j, i] are the same number, for every pair."""
        return bool((self.twins() == self.values).all())

    def matrix(self) -> NDArray[np.float64]:
        """(N, N) float64, all of them; for networks that fit in memory so."""
        W = np.zeros((self.N, self.N))
        W[self.into, self.out_of] = self.values
        return W

    def rows(self, into: NDArray[Any]) -> NDArray[np.float64]:
        """(k, N) float64: all that some neurons listen to."""
        counts = self.start[into + 1] - self.start[into]
        row = np.repeat(np.arange(len(into)), counts)
        at = np.arange(len(row)) + np.repeat(self.start[into] - np.cumsum(counts) + counts, counts)
        result = np.zeros((len(into), self.N))
        result[row, self.out_of[at]] = self.values[at]
        return result

    def triplets(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """(E,) into, out_of and values: no copies."""
        return self.into, self.out_of, self.values

    def twins(self, report: Callable[[float], None] = lambda _: None) -> NDArray[np.float64]:
        """(E,) for each connection the weight of the opposite one, 0 where there is none."""
        result = np.empty(self.count)
        # in the order of the opposites: what is looked for next stands next
        order = np.argsort(self.out_of, kind="stable")
        key = self.into.astype(np.int64) * self.N + self.out_of
        for block in self.blocks(report):
            some = order[block]
            asked = self.out_of[some].astype(np.int64) * self.N + self.into[some]
            at = np.minimum(np.searchsorted(key, asked), len(key) - 1)
            result[some] = np.where(key[at] == asked, self.values[at], 0.0)
        return result

    def blocks(self, report: Callable[[float], None]) -> Iterator[slice]:
        """Slices of the connections, small beside all of them, with a report before each."""
        for at in range(0, self.count, BLOCK):
            report(at / self.count)
            yield slice(at, at + BLOCK)

    def symmetrised(self) -> Given:
        """(w + w^T) / 2: symmetric bit by bit."""
        into = np.concatenate([self.into, self.out_of])
        out_of = np.concatenate([self.out_of, self.into])
        key = into.astype(np.int64) * self.N + out_of
        half = 0.5 * np.concatenate([self.values, self.values])  # halves first: no overflow
        order = np.argsort(key, kind="stable")
        key, half = key[order], half[order]
        new = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
        total = np.add.reduceat(half, new) if len(new) else half
        i, j = np.divmod(key[new], self.N)
        return Given.from_pairs(i, j, total, self.N, self.title, notes=self.notes)

    def without_diagonal(self) -> Given:
        """Nobody listens to itself."""
        other = self.into != self.out_of
        parts = self.into[other], self.out_of[other], self.values[other]
        return Given.from_pairs(*parts, self.N, self.title, notes=self.notes)


def check_count(count: int, name: str) -> None:
    """Refuse more connections than fit."""
    if count > MAX_CONNECTIONS:
        raise UserError(
            f"{name} holds more than {MAX_CONNECTIONS:,} connections, the most that fit. Cut the "
            "weakest ones away and load it again."
        )
