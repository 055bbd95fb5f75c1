"""Slow, obvious oracles: Python whole numbers and full matrices, nothing kept from step to step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

WORD = (1 << 64) - 1
COVERED: set[str] = set()


def covers(*kernels: str) -> Callable[[Any], Any]:
    """Mark a test as the comparison of these kernels with an oracle."""
    COVERED.update(kernels)
    return lambda test: test


class Xoroshiro:
    """xoroshiro128+ of Blackman & Vigna (2018), 24-16-37, in Python whole numbers."""

    def __init__(self, words: Any) -> None:
        self.a, self.b = (int(w) for w in words)

    def draw(self) -> int:
        result = (self.a + self.b) & WORD
        b = self.a ^ self.b
        self.a = (((self.a << 24) | (self.a >> 40)) ^ b ^ (b << 16)) & WORD
        self.b = ((b << 37) | (b >> 27)) & WORD
        return result

    def below(self, n: int) -> int:
        return ((self.draw() >> 32) * n) >> 32

    def uniform(self) -> float:
        return (self.draw() >> 11) / (1 << 53)


def shuffle(order: list[int], random: Xoroshiro) -> None:
    """Fisher & Yates, from the front."""
    for k in range(len(order)):
        j = k + random.below(len(order) - k)
        order[k], order[j] = order[j], order[k]


def hebb(memories: np.ndarray) -> np.ndarray:
    """(N, N) int64, N times the weights: one outer product a memory, no diagonal."""
    P, N = memories.shape
    W = np.zeros((N, N), np.int64)
    for p in range(P):
        for i in range(N):
            for j in range(N):
                if i != j:
                    W[i, j] += int(memories[p, i]) * int(memories[p, j])
    return W


def projection(memories: np.ndarray) -> np.ndarray:
    """(N, N) float64 projector onto the memories, without its diagonal."""
    W = np.linalg.pinv(memories.astype(float)) @ memories.astype(float)
    W = (W + W.T) / 2
    np.fill_diagonal(W, 0)
    return W


def choose(h: float, old: int, T: float, heat: Xoroshiro) -> int:
    """Sign, tie kept; heat bath at T > 0."""
    if T > 0:
        return 1 if heat.uniform() < 1 / (1 + math.exp(min(700.0, -2 * h / T))) else -1
    return old if h == 0 else (1 if h > 0 else -1)


class Network:
    """Binary network with weights W, bias b in the same units, energy E from the whole matrix."""

    def __init__(self, W: Any, b: Any, s: Any, seeds: Any, T: float = 0.0) -> None:
        self.W, self.b, self.s, self.T = W, b, np.array(s, np.int64), T
        self.shuffler, self.heat = (Xoroshiro(words) for words in seeds)

    def energy(self) -> float:
        s = self.s
        return -0.5 * (s @ self.W @ s) - self.b @ s

    def one_at_a_time(self, sweeps: int, random: bool = True) -> list[tuple[int, float]]:
        """(update, E) after every flip, until a whole sweep changes nothing."""
        N = len(self.s)
        order, log, clock = list(range(N)), [], 0
        for _ in range(sweeps):
            if random:
                shuffle(order, self.shuffler)
            quiet = True
            for i in order:
                clock += 1
                h = self.W[i] @ self.s + self.b[i]
                new = choose(h, self.s[i], self.T, self.heat)
                if new != self.s[i]:
                    self.s[i] = new
                    quiet = False
                    log.append((clock, self.energy()))
            if quiet and self.T == 0:
                break
        return log

    def together(self, steps: int) -> list[tuple[int, float, float]]:
        """(update, E, half L) after every synchronous step, to a fixed point or a 2-cycle."""
        log, before = [], self.s.copy()
        for t in range(1, steps + 1):
            fields = self.W @ self.s + self.b
            new = np.array(
                [choose(h, v, self.T, self.heat) for h, v in zip(fields, self.s, strict=True)]
            )
            half = -0.5 * (new @ self.W @ self.s) - 0.5 * self.b @ (new + self.s)
            ended = (new == self.s).all() or (new == before).all()
            before, self.s = self.s, new
            log.append((t, self.energy(), half))
            if ended and self.T == 0:
                break
        return log


def steep_energy(memories: np.ndarray, s: np.ndarray, n: int) -> float:
    """Krotov & Hopfield 2016, with overlaps divided by N: -N sum max(m, 0)^n."""
    N = len(s)
    return -N * sum(max(float(xi @ s) / N, 0.0) ** n for xi in memories.astype(np.int64))
