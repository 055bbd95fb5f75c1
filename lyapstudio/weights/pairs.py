"""Random numbers that belong to a pair of neurons: the same in every representation and order."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.rng import numpy_generator


@kernel
def pair_bits(seed, i, j):
    """64 random bits of an ordered pair: splitmix64's finaliser over a Weyl step a pair."""
    x = np.uint64(seed) * np.uint64(0xD1342543DE82EF95)
    x += (np.uint64(i) << np.uint64(32)) + np.uint64(j) + np.uint64(1)
    x *= np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def turned_sign(seed, i, j):
    """+1 or -1 for a pair, the opposite for the pair turned round; 0 of a neuron with itself."""
    if i == j:
        return 0.0
    low, high = min(i, j), max(i, j)
    sign = 1.0 if pair_bits(seed, low, high) & np.uint64(1) else -1.0
    return sign if i < j else -sign


@kernel
def add_antisymmetric(W, seed, size):
    """Add `size` times a random antisymmetric matrix of +1 and -1 to W, (N, N), w_ij at [i, j]."""
    for i in range(len(W)):
        for j in range(len(W)):
            W[i, j] += size * turned_sign(seed, i, j)


@kernel
def add_antisymmetric_along(start, sources, values, seed, size):
    """The same along connections."""
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            values[e] += size * turned_sign(seed, i, sources[e])


def inhibitory_neurons(N: int, share: float, seed: int) -> NDArray[np.bool_]:
    """(N,) which neurons inhibit: exactly that share of them, at least one."""
    chosen = np.zeros(N, bool)
    chosen[numpy_generator(seed, 77).permutation(N)[: max(1, round(share * N))]] = True
    return chosen


def keep_signs(values: NDArray, inhibits: NDArray[np.bool_], sources: NDArray | None) -> None:
    """Dale's law, in place: weights out of a neuron are all >= 0, or all <= 0 where it inhibits.

    values : (N, N) with sources None, or (E,) along connections with the sources of each
    """
    wrong = inhibits[None] if sources is None else inhibits[sources]
    np.copyto(values, np.where(wrong, np.minimum(values, 0), np.maximum(values, 0)))
