"""Weights edited by hand, beside those that a rule made: sparse, in both directions."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.weights.signs import bits_of

Lists = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], float]
"""marks (a bit a neuron), before, first, other, delta, most: a neuron's edited weights.

Marks are words of 64 bits, and before (int32) is how many neurons have a bit in earlier words: so
a neuron finds its place in `first` by counting bits, and there is nothing as long as N numbers.
Most is the largest sum of their sizes that a neuron has. A kernel takes such a tuple apart before
its loop: inside it every use would count references.
"""

ONE = np.uint64(1)


@kernel
def place_of(word, before, i):
    """Where the edited weights of a marked neuron are, in `first`; word, before : those of i."""
    return before + np.int64(bits_of(word & ((ONE << np.uint64(i & 63)) - ONE)))


@kernel
def gathered(marks, before, first, other, delta, i, s):
    """The sum of the edited weights of neuron i, each times the neuron at its other end."""
    total = 0.0
    word = marks[i >> 6]
    if word >> np.uint64(i & 63) & ONE:
        k = place_of(word, before[i >> 6], i)
        for e in range(first[k], first[k + 1]):
            total += delta[e] * s[other[e]]
    return total


@kernel
def scattered(marks, before, first, other, delta, i, ds, h):
    """Neuron i changes by ds: the fields of those at the other ends follow."""
    word = marks[i >> 6]
    if word >> np.uint64(i & 63) & ONE:
        k = place_of(word, before[i >> 6], i)
        for e in range(first[k], first[k + 1]):
            h[other[e]] += ds * delta[e]


@kernel
def add_gathered(lists, s, h):
    """Add what the edited weights of every neuron give to its field."""
    marks, before, first, other, delta, _ = lists
    for i in range(len(s)):
        h[i] += gathered(marks, before, first, other, delta, i, s)


@dataclass(frozen=True, eq=False)
class Overlay:
    """Differences to the weights of a rule, in grid units; never written: an edit makes another.

    into, out_of : (E,) int64, sorted by (into, out_of), each pair once; delta : (E,) float64
    hears, tells : the same as lists of each neuron, for kernels
    """

    N: int
    into: NDArray[np.int64]
    out_of: NDArray[np.int64]
    delta: NDArray[np.float64]
    hears: Lists
    tells: Lists

    @property
    def count(self) -> int:
        return len(self.delta)

    @property
    def nbytes(self) -> int:
        return 40 * self.count + sum(a.nbytes for a in (*self.hears[:-1], *self.tells[:-1]))

    @cached_property
    def incoming(self) -> Lists | None:
        """`hears` for a kernel: None where nothing is edited, so that it costs nothing."""
        return self.hears if self.count else None

    @cached_property
    def outgoing(self) -> Lists | None:
        """`tells` for a kernel: None where nothing is edited."""
        return self.tells if self.count else None

    def at(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        """(K,) differences of single weights, 0 where there is none."""
        if not self.count:
            return np.zeros(len(i))
        keys, wanted = self.into * self.N + self.out_of, i * self.N + j
        place = np.minimum(np.searchsorted(keys, wanted), self.count - 1)
        return np.where(keys[place] == wanted, self.delta[place], 0.0)

    def added(
        self, i: NDArray[np.int64], j: NDArray[np.int64], delta: NDArray[np.float64]
    ) -> Overlay:
        """With `delta` added to these weights (each named once); differences of 0 are left out."""
        keys = np.concatenate([self.into * self.N + self.out_of, i * self.N + j])
        values = np.concatenate([self.delta, delta])
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        new = np.flatnonzero(np.diff(keys, prepend=-1))
        sums = np.add.reduceat(values, new) if len(keys) else values
        keys, kept = keys[new], sums != 0
        return _of(self.N, keys[kept], sums[kept])

    @property
    def symmetric(self) -> bool:
        """Whether every difference is that of the opposite weight, too."""
        order = np.lexsort((self.into, self.out_of))
        same = np.array_equal(self.out_of[order], self.into)
        return bool(
            same
            and np.array_equal(self.into[order], self.out_of)
            and np.array_equal(self.delta[order], self.delta)
        )

    @property
    def reach(self) -> float:
        """The largest sum of sizes in a row or column."""
        if not self.count:
            return 0.0
        size = np.abs(self.delta)
        return max(float(np.bincount(side, size).max()) for side in (self.into, self.out_of))

    @property
    def bulk(self) -> float:
        """The sum of all sizes."""
        return float(np.abs(self.delta).sum())

    def row(self, i: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Whom neuron i listens to by edited weights, and the differences."""
        a, b = np.searchsorted(self.into, [i, i + 1])
        return self.out_of[a:b], self.delta[a:b]

    def column(self, j: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Who listens to neuron j by edited weights, and the differences."""
        where = np.flatnonzero(self.out_of == j)
        return self.into[where], self.delta[where]


def plain(N: int) -> Overlay:
    """Nothing edited."""
    none, delta = np.empty(0, np.int64), np.empty(0)
    marks, before = np.zeros(N // 64 + 1, np.uint64), np.zeros(N // 64 + 1, np.int32)
    lists = marks, before, np.zeros(1, np.int64), np.empty(0, np.int32), delta, 0.0
    return Overlay(N, none, none, delta, lists, lists)


def _of(N: int, keys: NDArray[np.int64], delta: NDArray[np.float64]) -> Overlay:
    into, out_of = keys // N, keys % N
    tells = np.lexsort((into, out_of))
    return Overlay(
        N,
        into,
        out_of,
        delta,
        _lists(N, into, out_of, delta),
        _lists(N, out_of[tells], into[tells], delta[tells]),
    )


def _lists(
    N: int, side: NDArray[np.int64], other: NDArray[np.int64], delta: NDArray[np.float64]
) -> Lists:
    marks, before = np.zeros(N // 64 + 1, np.uint64), np.zeros(N // 64 + 1, np.int32)
    begin = np.flatnonzero(np.diff(side, prepend=-1))
    whose = side[begin]
    np.bitwise_or.at(marks, whose >> 6, np.uint64(1) << (whose & 63).astype(np.uint64))
    before[1:] = np.cumsum(np.bincount(whose >> 6, minlength=len(marks)))[:-1]
    most = float(np.add.reduceat(np.abs(delta), begin).max()) if len(begin) else 0.0
    return marks, before, np.append(begin, len(side)), other.astype(np.int32), delta, most
