"""The seeded generator of every run: xoroshiro128+ (Blackman & Vigna 2018), state in an array.

The state is two uint64 words that live in the model's State, so a saved run goes on as if it
had never stopped. Kernels draw from it; Python code takes `numpy_generator`.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from lyapstudio.core.kernel import kernel

_WORD = (1 << 64) - 1


def streams(seed: int, count: int) -> np.ndarray:
    """Independent generator states.

    Parameters
    ----------
    seed : any whole number
    count : how many streams

    Returns
    -------
    (count, 2) uint64, filled by splitmix64 as its authors advise
    """
    words = np.empty((count, 2), np.uint64)
    x = seed & _WORD
    for k in range(2 * count):
        x = (x + 0x9E3779B97F4A7C15) & _WORD
        z = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        words[k // 2, k % 2] = z ^ (z >> 31)
    return words


def numpy_generator(seed: int, *purpose: int) -> np.random.Generator:
    """A numpy generator of its own for each purpose (cue noise, random patterns)."""
    return np.random.default_rng([seed & _WORD, *purpose])


@kernel
def step(a, b):
    """The two words that follow (a, b); the 64 random bits of this step are a + b."""
    b ^= a
    a = ((a << np.uint64(24)) | (a >> np.uint64(40))) ^ b ^ (b << np.uint64(16))
    return a, (b << np.uint64(37)) | (b >> np.uint64(27))


@kernel
def draw(r):
    """The next 64 random bits; r : (2,) uint64, modified in place."""
    result = r[0] + r[1]
    r[0], r[1] = step(r[0], r[1])
    return result


@kernel
def below(bits, n):
    """From 64 random bits a whole number in [0, n), n < 2**31.

    The bias is under n / 2**32 (Lemire 2019, without rejection).
    """
    return np.int64(((bits >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@kernel
def uniform(r):
    """A float64 in [0, 1) with 53 random bits."""
    return np.float64(draw(r) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
