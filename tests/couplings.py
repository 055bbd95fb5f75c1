"""Weights for the tests of statistics: a matrix, factors, or a list of connections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Matrix:
    """A full matrix; `large` hides it, as a network too large to be looked at whole would."""

    W: np.ndarray
    scale: float = 0.0
    large: bool = False

    @property
    def N(self) -> int:
        return len(self.W)

    @property
    def symmetric(self) -> bool:
        return bool((self.W == self.W.T).all())

    def matvec(self, x):
        return self.W @ x

    def rmatvec(self, x):
        return self.W.T @ x

    def rows(self, into):
        return self.W[into]

    def triplets(self):
        return None

    def small(self):
        return None if self.large else self.W

    def gram_pair(self):
        return None


@dataclass
class Factors:
    """W = V Uᵀ − diag(d)."""

    V: np.ndarray
    U: np.ndarray
    d: np.ndarray
    scale: float = 0.0
    symmetric: bool = True

    @property
    def N(self) -> int:
        return len(self.V)

    def matvec(self, x):
        return self.V @ (self.U.T @ x) - self.d * x

    def rmatvec(self, x):
        return self.U @ (self.V.T @ x) - self.d * x

    def rows(self, into):
        W = self.V[into] @ self.U.T
        W[np.arange(len(into)), into] -= self.d[into]
        return W

    def triplets(self):
        return None

    def small(self):
        return self.rows(np.arange(self.N)) if self.N <= 2048 else None

    def gram_pair(self):
        return self.U.T @ self.V, self.d


class Listed:
    """Sparse weights."""

    scale = 0.0

    def __init__(self, N, into, out_of, values, symmetric=False):
        from scipy.sparse import csr_array

        self.N, self.symmetric = N, symmetric
        self.lists = (into, out_of, values)
        self.W = csr_array((values, (into, out_of)), shape=(N, N))
        self.Wt = self.W if symmetric else self.W.T.tocsr()

    def matvec(self, x):
        return self.W @ x

    def rmatvec(self, x):
        return self.Wt @ x

    def rows(self, into):
        return self.W[into].toarray()

    def triplets(self):
        return self.lists

    def small(self):
        return self.W.toarray() if self.N <= 2048 else None

    def gram_pair(self):
        return None


def hebb(P: int, N: int, seed: int = 0, self_coupled: bool = False) -> Factors:
    """Hebb's rule for random memories."""
    xi = np.random.default_rng(seed).choice([-1.0, 1.0], (N, P))
    d = np.full(N, 0.0 if self_coupled else P / N)
    return Factors(xi / N, xi, d, 1 / N)


def orthogonal_memories(P: int, N: int) -> np.ndarray:
    """(N, P) columns of Hadamard's matrix; N a power of two."""
    H = np.ones((1, 1))
    while len(H) < N:
        H = np.block([[H, H], [H, -H]])
    return H[:, :P]


def ring(N: int, w: float = 1.0) -> Listed:
    """Every neuron listens to its two neighbours."""
    i = np.arange(N, dtype=np.int32)
    into = np.concatenate((i, i))
    out_of = np.concatenate(((i + 1) % N, (i - 1) % N)).astype(np.int32)
    return Listed(N, into, out_of, np.full(2 * N, float(w)), symmetric=True)
