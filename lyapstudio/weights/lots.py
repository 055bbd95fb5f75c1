"""A random weight for a pair of neurons, by hashing: the order of drawing cannot matter."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from lyapstudio.core.kernel import kernel

TURN = 2.0 * math.pi


@kernel
def pair_bits(seed, i, j):
    """64 random bits of the pair (i, j): words number i 2**32 + j of splitmix64 from the seed.

    The seed is scattered first, or neighbouring seeds would share most of their words.
    """
    z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    for turn in range(2):
        if turn == 1:
            pair = (np.uint64(i) << np.uint64(32)) + np.uint64(j) + np.uint64(1)
            z = z + pair * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return z


@kernel
def pair_weight(seed, i, j, normal, spread, mean, fine):
    """The weight from j to i: mean + spread times a normal number or a sign, in steps of 1/fine.

    The normal number is that of Box & Muller 1958 from the two halves of the word.
    """
    bits = pair_bits(seed, i, j)
    if normal:
        u = (np.float64(bits >> np.uint64(32)) + 0.5) / 4294967296.0
        v = np.float64(bits & np.uint64(0xFFFFFFFF)) / 4294967296.0
        z = math.sqrt(-2.0 * math.log(u)) * math.cos(TURN * v)
    else:
        z = 1.0 if bits >> np.uint64(63) else -1.0
    return np.rint((mean + spread * z) * fine) / fine


@kernel
def fill_matrix(W, seed, symmetric, normal, spread, mean, fine):
    """Every weight of W : (N, N) but the diagonal."""
    for i in range(len(W)):
        for j in range(i):
            W[i, j] = pair_weight(seed, i, j, normal, spread, mean, fine)
            if symmetric:
                W[j, i] = W[i, j]
            else:
                W[j, i] = pair_weight(seed, j, i, normal, spread, mean, fine)


@kernel
def fill_edges(start, sources, values, seed, symmetric, normal, spread, mean, fine):
    """The weight of every connection, into values : (E,); see connections.Connections."""
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            j = np.int64(sources[e])
            if symmetric and j > i:
                values[e] = pair_weight(seed, j, i, normal, spread, mean, fine)
            else:
                values[e] = pair_weight(seed, i, j, normal, spread, mean, fine)
