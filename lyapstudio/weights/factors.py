"""What both representations know of weights W = Xi A Xi^T without diagonal."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Units
from lyapstudio.weights.cost import Cost

CACHE_LINE = 64  # bytes
BLOCK = 1 << 20  # columns per float32 product: whole numbers below 2**24 stay exact


@kernel
def overlap_sums(memories, s):
    """(P,) int64 sums xi . s of every memory; memories : (P, N) int8."""
    P, N = memories.shape
    M = np.zeros(P, np.int64)
    for p in range(P):
        total = np.int32(0)
        for i in range(N):
            total = np.int32(total + memories[p, i] * s[i])
        M[p] = total
    return M


def aligned(shape: tuple[int, int], dtype: DTypeLike) -> NDArray:
    """An uninitialised array that begins with a cache line: a row then touches no line too many.

    Empty, not zeros: numpy asks the system for huge pages here only.
    """
    count = shape[0] * shape[1] * np.dtype(dtype).itemsize
    raw = np.empty(count + CACHE_LINE, np.int8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + count].view(dtype).reshape(shape)


def gram(memories: Units) -> NDArray[np.float64]:
    """(P, P) whole numbers xi^mu . xi^nu, exact."""
    P, N = memories.shape
    total = np.zeros((P, P))
    for start in range(0, N, BLOCK):
        part = memories[:, start : start + BLOCK].astype(np.float32)
        total += part @ part.T
    return total


class Factored:
    """The memories behind the weights, and what is cheap to say through them.

    memories : (P, N) int8, read-only
    A : (P, P) float64 in the paper's units, or None for Hebb's identity / N
    rank : how many independent memories A holds
    scale : one grid unit in the paper's units
    reach, bulk : bounds on |field| and on sum |s h|, in grid units (see flips.fineness)
    """

    symmetric = True
    scale: float
    reach: float
    bulk: float

    def __init__(
        self,
        memories: Units,
        names: tuple[str, ...],
        A: NDArray[np.float64] | None,
        rank: int,
        cost: Cost,
    ) -> None:
        self.memories = memories
        self.names = names
        self.A = A
        self.rank = rank
        self.P, self.N = memories.shape
        self.cost = cost

    @property
    def line(self) -> str:
        return self.cost.line

    @cached_property
    def gram(self) -> NDArray[np.float64]:
        """(P, P) overlaps of the memories with each other, not divided by N."""
        return gram(self.memories)

    @cached_property
    def row_sums(self) -> NDArray[np.float64]:
        """(N,) sums of the weights into each neuron, in grid units."""
        return self.grid_fields(np.ones(self.N, np.int8))

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        """(N,) fields W s in grid units, exact."""
        raise NotImplementedError

    def overlaps(self, s: Units) -> NDArray[np.int64]:
        """(P,) whole numbers xi . s."""
        return overlap_sums(self.memories, s)

    def parts(self, neuron: int, M: NDArray[np.int64]) -> NDArray[np.float64]:
        """(P,) what each memory adds to a neuron's field, the neuron itself included."""
        xi = self.memories[:, neuron].astype(np.float64)
        return (xi / self.N if self.A is None else xi @ self.A) * M

    def levels(self) -> NDArray[np.float64]:
        """(P,) energy -1/2 xi W xi of each memory (science.md 1), in the paper's units."""
        if self.A is None:
            return (self.P - (self.gram**2).sum(axis=0) / self.N) / 2
        # A memory is an eigenvector with eigenvalue 1; the trace of W is its rank.
        return np.full(self.P, (self.rank - self.N) / 2.0)
