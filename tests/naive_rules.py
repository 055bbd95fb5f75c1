"""Slow, obvious oracles of the learning rules: full matrices, straight from the equations."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from tests.naive import WORD

Array = np.ndarray


def covariance(memories: Array, a: float) -> list[list[Fraction]]:
    """N times the weights, diagonal included, exact."""
    mean = Fraction(a)
    columns = [[int(v) - mean for v in column] for column in memories.T]
    return [
        [sum((x * y for x, y in zip(i, j, strict=True)), Fraction(0)) for j in columns]
        for i in columns
    ]


def storkey(memories: Array) -> Array:
    """(N, N) float64: h_ij leaves i and j out, one sum for every pair (Storkey 1997)."""
    P, N = memories.shape
    W = np.zeros((N, N))
    for m in range(P):
        xi = memories[m].astype(float)
        H = np.zeros((N, N))
        for i in range(N):
            for j in range(N):
                others = [k for k in range(N) if k not in (i, j)]
                H[i, j] = W[i, others] @ xi[others]
        W = W + (np.outer(xi, xi) - xi[:, None] * H.T - H * xi) / N
        np.fill_diagonal(W, 0.0)
    return W


def storkey_by_matrices(memories: Array) -> Array:
    """The same; h_ij as the whole field less what j adds."""
    P, N = memories.shape
    W = np.zeros((N, N))
    for m in range(P):
        xi = memories[m].astype(float)
        H = (W @ xi)[:, None] - W * xi
        W = W + (np.outer(xi, xi) - xi[:, None] * H.T - H * xi) / N
        np.fill_diagonal(W, 0.0)
    return W


def stabilities(W: Array, memories: Array) -> list[list[tuple[int, int]]]:
    """For every neuron that hears somebody and every memory: xi_i h_i and |w_i| squared."""
    table = []
    for i, row in enumerate(W):
        norm = sum(int(w) ** 2 for w in row)
        fields = [
            int(xi[i]) * sum(int(w) * int(x) for w, x in zip(row, xi, strict=True))
            for xi in memories
        ]
        table.append([(f, norm) for f in fields])
    return table


def weak(f: int, norm: int, margin: float) -> bool:
    return f <= 0 or f < margin * math.sqrt(norm)


def worth(table: list[list[tuple[int, int]]], margin: float) -> tuple[int, float]:
    """Bits that are too weak, and minus the least stability: smaller is better."""
    cells = [cell for row in table for cell in row]
    least = min((f / math.sqrt(n) if n else 0.0 for f, n in cells), default=math.inf)
    return sum(weak(f, n, margin) for f, n in cells), -least


class Perceptron:
    """Whole-number weights W (halves of units where `both`) on the connections of a mask."""

    def __init__(self, memories: Array, margin: float, both: bool, mask: Array) -> None:
        self.memories, self.margin, self.both, self.mask = memories, margin, both, mask
        xi = memories.astype(np.int64)
        self.W = xi.T @ xi * mask * (2 if both else 1)
        self.hears = [i for i in range(len(mask)) if mask[i].any()]

    def judge(self, neurons: list[int]) -> tuple[int, float]:
        table = stabilities(self.W, self.memories)
        return worth([table[i] for i in neurons], self.margin)

    def sweep(self, neurons: list[int]) -> None:
        for i in neurons:
            for xi in self.memories.astype(np.int64):
                f, norm = int(xi[i] * (self.W[i] @ xi)), int((self.W[i] ** 2).sum())
                if weak(f, norm, self.margin):
                    self.W[i] += xi[i] * xi * self.mask[i]
                    if self.both:
                        self.W[:, i] += xi[i] * xi * self.mask[:, i]

    def alone(self, sweeps: int) -> Array:
        """Every neuron on its own, the best row that was met."""
        for i in self.hears:
            best, kept, done = self.judge([i]), self.W[i].copy(), 0
            while best[0] and done < sweeps:
                done += 1
                self.sweep([i])
                now = self.judge([i])
                if now < best:
                    best, kept = now, self.W[i].copy()
            self.W[i] = kept
        return self.W

    def together(self, sweeps: int) -> Array:
        """All neurons sweep by sweep; the best weights that were met."""
        best, kept, done = self.judge(self.hears), self.W.copy(), 0
        while best[0] and done < sweeps:
            done += 1
            self.sweep(self.hears)
            now = self.judge(self.hears)
            if now < best:
                best, kept = now, self.W.copy()
        self.W = kept
        return kept


def mixed(z: int) -> int:
    """The finalizer of splitmix64."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


def pair_bits(seed: int, i: int, j: int) -> int:
    golden = 0x9E3779B97F4A7C15
    start = mixed((seed + golden) & WORD)
    return mixed((start + ((i << 32) + j + 1) * golden) & WORD)


def random_weight(seed: int, i: int, j: int, normal: bool, spread: float, mean: float) -> float:
    bits = pair_bits(seed, i, j)
    z = 1.0 if bits >> 63 else -1.0
    if normal:
        u, v = ((bits >> 32) + 0.5) / 2**32, (bits & 0xFFFFFFFF) / 2**32
        z = math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)
    return float(np.rint((mean + spread * z) * 4096)) / 4096


def connections_of(mask: Array) -> dict[str, Any]:
    """What connections.Connections is made from."""
    start = np.concatenate([[0], np.cumsum(mask.sum(1))]).astype(np.int64)
    sources = np.nonzero(mask)[1].astype(np.int32)
    return {"start": start, "sources": sources, "symmetric": bool((mask == mask.T).all())}
