"""Products of signs: 64 of them are one machine word, and their product is a count of bits."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel

HALVES, PAIRS, FOURS, EACH = (
    np.uint64(word)
    for word in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


@kernel
def bits_of(x):
    """How many bits of a word are 1; the compiler knows this form and has an instruction for it."""
    x = x - ((x >> np.uint64(1)) & HALVES)
    x = (x & PAIRS) + ((x >> np.uint64(2)) & PAIRS)
    x = (x + (x >> np.uint64(4))) & FOURS
    return (x * EACH) >> np.uint64(56)


@kernel
def sign_products(words, shares, G):
    """G_ij of every pair of neurons from how many of their signs differ; twice as fast as BLAS.

    words : (W, N) uint64, a bit for each sign; shares : the product, by the number that differs
    """
    W, N = words.shape
    a, b = words[0], words[min(1, W - 1)]
    apart = np.zeros(N, np.uint64)
    whole = N - N % 4 if W == 1 else 0
    for i in range(0, whole, 4):  # four rows a pass: a word is read once for all of them
        x0, x1, x2, x3 = a[i], a[i + 1], a[i + 2], a[i + 3]
        g0, g1, g2, g3 = G[i], G[i + 1], G[i + 2], G[i + 3]
        for j in range(N):
            x = a[j]
            g0[j] = shares[bits_of(x0 ^ x)]
            g1[j] = shares[bits_of(x1 ^ x)]
            g2[j] = shares[bits_of(x2 ^ x)]
            g3[j] = shares[bits_of(x3 ^ x)]
    for i in range(whole, N):
        out, x, y = G[i], a[i], b[i]
        if W == 1:
            for j in range(N):
                out[j] = shares[bits_of(x ^ a[j])]
        elif W == 2:
            for j in range(N):
                out[j] = shares[bits_of(x ^ a[j]) + bits_of(y ^ b[j])]
        else:
            for j in range(N):
                apart[j] = bits_of(x ^ a[j]) + bits_of(y ^ b[j])
            for w in range(2, W):
                row = words[w]
                for j in range(N):
                    apart[j] += bits_of(row[i] ^ row[j])
            for j in range(N):
                out[j] = shares[apart[j]]


def sign_matrix(signs: NDArray[np.int8]) -> NDArray[np.float32]:
    """(N, N) whole numbers U U^T; signs : (N, R) -1 or +1."""
    N, R = signs.shape
    packed = np.packbits(signs > 0, axis=1)
    whole = np.zeros((N, 8 * max(1, -(-R // 64))), np.uint8)
    whole[:, : packed.shape[1]] = packed
    G = np.empty((N, N), np.float32)
    shares = R - 2 * np.arange(R + 1, dtype=np.float32)
    sign_products(np.ascontiguousarray(whole.view(np.uint64).T), shares, G)
    return G
