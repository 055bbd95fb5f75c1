"""Weights as factors, W = V U^T: what most rules leave behind, and how it is held in memory."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Units
from lyapstudio.weights.cost import FLOAT_PAD, PAD, padded
from lyapstudio.weights.factored import factor_overlaps

CACHE_LINE = 64  # bytes
BLOCK = 1 << 20  # columns per float32 product: whole numbers below 2**24 stay exact
OTHERS = -1
"""The owner of a column that no memory owns."""


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


def products_with(memories: Units, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P,) products of the memories with a vector; one by one, or numpy would widen them all."""
    return np.array([float(m @ x) for m in memories])


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


def rows_of(columns: NDArray[Any], kind: DTypeLike) -> NDArray[Any]:
    """(N, padded R) from (R, N): a neuron's values side by side, then zeros."""
    R, N = columns.shape
    rows = aligned((N, padded(R, PAD if kind is np.int8 else FLOAT_PAD)), kind)
    rows[:, :R] = columns.T
    rows[:, R:] = 0
    return rows


@dataclass(frozen=True, eq=False)
class Factors:
    """What memories leave behind under a rule: W = V U^T, its own diagonal included.

    U : (N, padded R) int8 or float64; column p < P is memory p, the padding is zero
    V : (N, padded R) float64, or None where V = U (the padding of both is then the same)
    scale : one unit of the weights V_i . U_j, in the paper's units
    bits : every V_i . U_j is a whole multiple of 2**-bits, exact in float64; None: V is real,
        and W = U A U^T is snapped to a grid by whoever holds it
    A : (R, R) float64, symmetric, where bits is None
    owners : (R,) int, which memory a column belongs to; OTHERS where none
    symmetric : W equals its transpose to the last bit
    note : what the user should know ("did not converge …"), or ""
    others : what to call the share that no memory owns
    kept : whatever the rule wants to see again when a memory comes or goes
    """

    U: NDArray[Any]
    V: NDArray[np.float64] | None
    scale: float
    bits: int | None
    owners: NDArray[np.int64]
    A: NDArray[np.float64] | None = None
    symmetric: bool = True
    note: str = ""
    others: str = "What all share"
    kept: Any = None

    @property
    def N(self) -> int:
        return len(self.U)

    @property
    def R(self) -> int:
        return len(self.owners)

    @cached_property
    def left(self) -> NDArray[np.float64]:
        """(N, R) float64 V, made from A where it is real."""
        U = self.U[:, : self.R].astype(np.float64)
        if self.A is not None:
            return U @ self.A
        return U if self.V is None else self.V[:, : self.R]

    def sums_of(self, s: NDArray[Any]) -> NDArray[np.float64]:
        """U^T s, padding included; s : (N,) whole numbers or halves."""
        sums = np.empty(self.U.shape[1])
        factor_overlaps(self.U, np.rint(2 * s).astype(np.int8), sums)
        return sums / 2

    def left_of(self, i: int) -> NDArray[np.float64]:
        """(R,) float64, one row of it."""
        row = (self.U if self.V is None else self.V)[i, : self.R].astype(np.float64)
        return row if self.A is None else row @ self.A


@dataclass(frozen=True, eq=False)
class Entries:
    """Weights one by one, where they have no factors.

    values : (E,) along connections, or (N, N) with values[i, j] = w_ij (from j to i), float64
        or float32, in units of `scale`
    bits : they are whole multiples of 2**-bits; None: real, to be snapped
    symmetric : equal to the transpose to the last bit
    note : what the user should know, or ""
    """

    values: NDArray[Any]
    scale: float
    bits: int | None
    symmetric: bool
    note: str = ""
