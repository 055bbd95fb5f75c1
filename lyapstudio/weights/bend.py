"""What bends weights after learning: an antisymmetric part, and Dale's law."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.rng import numpy_generator
from lyapstudio.weights.lots import pair_bits


@kernel
def turned_sign(seed, i, j):
    """+1 or -1 for a pair, the opposite for the pair turned round; 0 of a neuron with itself."""
    if i == j:
        return 0.0
    low, high = min(i, j), max(i, j)
    sign = 1.0 if pair_bits(seed, low, high) & np.uint64(1) != 0 else -1.0
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
