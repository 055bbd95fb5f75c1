"""How factors and entries are put into whole numbers of a grid: every sum is then exact."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyapstudio.weights.cost import FLOAT_PAD, PAD, padded
from lyapstudio.weights.factors import CACHE_LINE, Factors, aligned
from lyapstudio.weights.lowrank import LowRank
from lyapstudio.weights.signs import sign_matrix
from lyapstudio.weights.weights import BIAS_ROOM, EDIT_BITS, Origin

GRID = 30
"""Real weights are snapped to 2**-30 of the largest that there can be."""
ROWS = 1 << 22
"""Numbers of a matrix that are worked out at once."""


def multiplied(factors: Factors) -> tuple[NDArray[np.float32], float]:
    """G = U V^T in grid units, row i what leaves i; symmetric to the last bit where W is."""
    N, R = factors.N, factors.R
    if factors.bits == 0 and factors.V is None:
        return sign_matrix(factors.U[:, :R]), factors.scale
    G = np.empty((N, N), np.float32)
    U = factors.U[:, :R].astype(np.float64)
    if factors.bits is None:
        assert factors.A is not None
        W = U @ (factors.A @ U.T)
        W += W.T.copy()
        grid = 2.0**-GRID
        np.rint(W * (0.5 * factors.scale / grid), out=W)
        return W.astype(np.float32), grid
    left = factors.left * 2.0**factors.bits
    step = max(1, ROWS // N)
    for a in range(0, N, step):
        G[a : a + step] = U[a : a + step] @ left.T
    return G, factors.scale * 2.0**-factors.bits


def low_rank(origin: Origin, factors: Factors, own: bool) -> LowRank:
    if factors.bits is None:
        return _real_low_rank(origin, factors, own)
    N, R = factors.N, factors.R
    scale = factors.scale * 2.0**-factors.bits
    edit = max(0, EDIT_BITS - factors.bits)
    if factors.V is None:
        diagonal = np.array([float(R)])
        reach, bulk = float(N * R), float(N) * N * R
        return LowRank(
            origin,
            _padded(factors.U, R, factors.U.dtype),
            None,
            np.zeros(1) if own else diagonal,
            scale,
            edit,
            diagonal if own else np.zeros(1),
            reach,
            bulk,
        )
    V = _padded(factors.V, R, np.float64)
    V = V * 2.0**factors.bits if factors.bits else V
    U = _padded(factors.U, R, factors.U.dtype)
    diagonal = np.einsum("ij,ij->i", V[:, :R], U[:, :R])
    sums, other = (np.abs(side[:, :R]).sum(0, dtype=np.float64) for side in (U, V))
    sizes = np.abs(V[:, :R]) @ sums
    reach = float(max(sizes.max(initial=0.0), (np.abs(U[:, :R]) @ other).max(initial=0.0)))
    bulk = min(float(sizes.sum()), N * _norm(V[:, :R], U[:, :R]))
    return LowRank(
        origin,
        U,
        V,
        np.zeros(1) if own else diagonal,
        scale,
        edit,
        diagonal if own else np.zeros(1),
        reach + float(np.abs(diagonal).max(initial=0.0)),
        bulk + float(np.abs(diagonal).sum()),
        factors.symmetric,
    )


def _norm(V: NDArray, U: NDArray) -> float:
    """The spectral norm of V U^T, a little more: sum |s h| is at most N times it."""
    grams = np.zeros((2, V.shape[1], V.shape[1]))
    for a in range(0, len(V), 1 << 16):
        for k, side in enumerate((V, U)):
            part = side[a : a + (1 << 16)].astype(np.float64)
            grams[k] += part.T @ part
    largest = np.abs(np.linalg.eigvals(grams[0] @ grams[1])).max(initial=0.0)
    return 1.01 * math.sqrt(float(largest))


def _real_low_rank(origin: Origin, factors: Factors, own: bool) -> LowRank:
    """V = U A on the finest grid on which every field and energy is exact.

    Bounds: a partial sum of V_i . M is at most |V_i| |M| with |M| <= sqrt(N lambda_max(U^T U));
    sum |s h| is at most N (|W| + max d) (Cauchy-Schwarz).
    """
    N, R = factors.N, factors.R
    assert factors.A is not None
    A = factors.A * factors.scale
    U = _padded(factors.U, R, np.int8)
    signs = U[:, :R].astype(np.float64)
    V = np.zeros((N, padded(R, FLOAT_PAD)))
    np.matmul(signs, A, out=V[:, :R])
    longest = math.sqrt(float(np.einsum("ij,ij->i", V, V).max(initial=0.0)))
    C = signs.T @ signs
    largest = float(np.linalg.eigvalsh(C)[-1]) if R else 0.0
    reach = longest * math.sqrt(N * largest) + 2.0
    norm = float(np.abs(np.linalg.eigvals(A @ C)).max(initial=1.0)) if R else 1.0
    bulk = N * (norm + 3.0)
    fields = 52 - math.log2(2 * (reach + BIAS_ROOM) + 1)
    energy = 62 - math.log2(4 * (2 * bulk + 2 * N * BIAS_ROOM) + 1)
    grid = 2.0 ** -math.floor(min(fields, energy, 48.0))
    np.matmul(signs, np.rint(A / grid), out=V[:, :R])
    diagonal = np.einsum("ij,ij->i", V[:, :R], signs)
    d, D = (np.zeros(1), diagonal) if own else (diagonal, np.zeros(1))
    return LowRank(origin, U, V, d, grid, 0, D, reach / grid, bulk / grid)


def _padded(side: NDArray, R: int, kind: object) -> NDArray:
    """(N, padded R), each row beginning with a cache line; the side itself where it is so."""
    step = PAD if np.dtype(kind) == np.int8 else FLOAT_PAD  # type: ignore[call-overload]
    wide = padded(R, step)
    if side.shape[1] == wide and side.dtype == kind and not side.ctypes.data % CACHE_LINE:
        return side
    rows = aligned((len(side), wide), kind)  # type: ignore[arg-type]
    rows[:, :R], rows[:, R:] = side[:, :R], 0
    return rows


def snapped(
    values: NDArray, scale: float, bits: int | None
) -> tuple[NDArray[np.float32], float, int]:
    """Whole numbers of grid units; reals on a grid as fine as exact sums allow."""
    if bits is not None:
        return (values * 2.0**bits).astype(np.float32), scale * 2.0**-bits, bits
    sizes = np.abs(values)
    largest, total = float(sizes.max(initial=0.0)), float(sizes.sum(dtype=np.float64))
    if not largest:
        return np.zeros(values.shape, np.float32), scale * 2.0**-EDIT_BITS, EDIT_BITS
    room = 57 - math.log2(total / largest + 1)
    fine = math.floor(min(GRID, room)) - math.ceil(math.log2(largest))
    return np.rint(values * 2.0**fine).astype(np.float32), scale * 2.0**-fine, EDIT_BITS
