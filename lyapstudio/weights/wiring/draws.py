"""Pairs drawn with a probability: what is not drawn is skipped, not visited.

Every neuron has a stream of random numbers of its own, found from the seed and its number alone.
The lists are made in two passes with the same draws: the first counts, the second writes.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.rng import step, streams

PURPOSE = 0x77697265
"""Keeps the wiring's streams apart from those of a run with the same seed."""

NONE = np.empty(0, np.int32)


def key_of(seed: int) -> np.uint64:
    """The key that the streams of all neurons are found from."""
    return np.uint64(int(streams(seed, 1)[0, 0]) ^ PURPOSE)


@kernel
def stream_at(key, i):
    """The two words of stream i of `streams(key, …)`, without those before it (splitmix64)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    x = key + np.uint64(2 * i + 1) * golden
    a = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    a = (a ^ (a >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x + golden
    b = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    b = (b ^ (b >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return a ^ (a >> np.uint64(31)), b ^ (b >> np.uint64(31))


@kernel
def part(a, b):
    """The draw of the words (a, b) as a float64 in (0, 1]: its logarithm is finite."""
    return (np.float64((a + b) >> np.uint64(11)) + 1.0) * (1.0 / 9007199254740992.0)


@kernel
def draw_rows(key, low, high, chances, start, targets):
    """Each neuron i draws among low[i, g] <= j < high[i, g] with probability chances[g].

    key : uint64
    low, high : (N, G) int32, G stretches a neuron, from left to right; never i itself
    start : (N + 1,) int64; targets : (E,) int32, written, ascending for every neuron. With
        targets of (0,) nothing but `start` is written.
    """
    N, G = low.shape
    write = len(targets) > 0
    if not write:
        start[0] = 0
    for i in range(N):
        a, b = stream_at(key, i)
        at = start[i]
        for g in range(G):
            p, j, end = chances[g], np.int64(low[i, g]), np.int64(high[i, g])
            if p <= 0.0:
                continue
            rate = math.log1p(-p) if p < 1.0 else 0.0
            while j < end:
                if p < 1.0:
                    skip = math.log(part(a, b)) / rate
                    a, b = step(a, b)
                    if skip >= end - j:
                        break
                    j += np.int64(skip)
                if write:
                    targets[at] = j
                at += 1
                j += 1
        if not write:
            start[i + 1] = at


def drawn(
    seed: int, low: NDArray[Any], high: NDArray[Any], chances: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Start and targets of what `draw_rows` draws."""
    key, start = key_of(seed), np.empty(len(low) + 1, np.int64)
    draw_rows(key, low, high, chances, start, NONE)
    targets = np.empty(start[-1], np.int32)
    if len(targets):
        draw_rows(key, low, high, chances, start, targets)
    return start, targets
