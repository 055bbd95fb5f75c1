"""Pairs by where they lie: steps on the sheet from a neuron to another, the nearest first."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.core.rng import step
from lyapstudio.weights.wiring.draws import NONE, key_of, part, stream_at


@dataclass(frozen=True, eq=False)
class Offsets:
    """One of each two opposite steps on a sheet of rows x cols, by ascending distance.

    down, right : (M,) int64, the steps; square : (M,) int64, their squared length in cells
    own : (M,) bool, the step is its own opposite: half around a sheet that is closed to a torus
    """

    rows: int
    cols: int
    wrap: bool
    down: NDArray[np.int64]
    right: NDArray[np.int64]
    square: NDArray[np.int64]
    own: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.down)

    def kept(self, which: NDArray[np.bool_] | slice) -> Offsets:
        """Only these of them."""
        parts = (self.down[which], self.right[which], self.square[which], self.own[which])
        return Offsets(self.rows, self.cols, self.wrap, *parts)

    @property
    def pairs(self) -> NDArray[np.int64]:
        """(M,) how many pairs of the sheet lie so."""
        if self.wrap:
            return self.rows * self.cols // (1 + self.own.astype(np.int64))
        return (self.rows - np.abs(self.down)) * (self.cols - np.abs(self.right))


def _steps(side: int, reach: int, wrap: bool) -> NDArray[np.int64]:
    """Every step along a side of so many cells, none of them twice around a torus."""
    if wrap:
        return np.arange(-min(reach, (side - 1) // 2), min(reach, side // 2) + 1)
    return np.arange(-min(reach, side - 1), min(reach, side - 1) + 1)


def half_offsets(
    rows: int, cols: int, reach: float, wrap: bool, *, square: bool = False
) -> Offsets:
    """One of each two opposite steps within reach.

    reach : cells, Euclidean, or along rows and columns where `square`
    """
    far = math.floor(reach)
    grid = np.meshgrid(_steps(rows, far, wrap), _steps(cols, far, wrap), indexing="ij")
    down, right = (part.ravel() for part in grid)
    # a step of half the side is its own opposite on a torus
    up = np.where(wrap & (2 * down == rows), down, -down)
    left = np.where(wrap & (2 * right == cols), right, -right)
    own = (down == up) & (right == left)
    length = down * down + right * right
    wanted = ((down > up) | ((down == up) & (right >= left))) & (length > 0)
    if not square:
        wanted &= length <= reach * reach
    found = Offsets(rows, cols, wrap, *(part[wanted] for part in (down, right, length, own)))
    return found.kept(np.lexsort((found.right, found.down, found.square)))  # type: ignore[arg-type]


def nearest_offsets(rows: int, cols: int, count: int) -> Offsets:
    """The nearest `count` of them on a sheet that is closed to a torus; fewer where it is small."""
    reach = math.sqrt(count) + 1.0
    while True:
        found = half_offsets(rows, cols, reach, True)
        if len(found) >= count or reach > rows + cols:
            return found.kept(slice(count))
        reach *= 2


@kernel
def near_rows(key, sheet, wrap, down, right, own, chances, rates, start, targets):
    """Each neuron draws each of its steps with the step's probability; they never ascend.

    Skipping goes by the last probability, and what it lands on is thinned (Miller & Hagberg
    2011): time goes with what is drawn, not with what could be.

    key : uint64; sheet : (2,) int64, rows and columns
    down, right, own : (M,) as in Offsets
    chances, rates : (M,) float64, descending probabilities p, and log(1 - p)
    start : (N + 1,) int64; targets : (E,) int32, written. With targets of (0,) nothing but
        `start` is written.
    """
    rows, cols = sheet[0], sheet[1]
    M, write = len(down), len(targets) > 0
    if not write:
        start[0] = 0
    for i in range(rows * cols):
        a, b = stream_at(key, i)
        row, col = i // cols, i % cols
        at, k = start[i], np.int64(0)
        p, rate = (chances[0], rates[0]) if M else (0.0, 0.0)
        while k < M and p > 0.0:
            if p < 1.0:
                skip = math.log(part(a, b)) / rate
                a, b = step(a, b)
                if skip >= M - k:
                    break
                k += np.int64(skip)
            q = chances[k]
            taken = True
            if q < p:
                taken = part(a, b) * p <= q
                a, b = step(a, b)
                p, rate = q, rates[k]
            if taken:
                r, c = row + down[k], col + right[k]
                if wrap:
                    r, c = r % rows, c % cols
                inside = 0 <= r < rows and 0 <= c < cols
                j = r * cols + c
                if inside and (i < j or not own[k]):
                    if write:
                        targets[at] = j
                    at += 1
            k += 1
        if not write:
            start[i + 1] = at


def near(
    offsets: Offsets, chances: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Start and targets of pairs along these steps, each with its step's probability."""
    o, key = offsets, key_of(seed)
    start = np.empty(o.rows * o.cols + 1, np.int64)
    with np.errstate(divide="ignore"):
        rates = np.log1p(-chances)
    steps = (o.wrap, o.down, o.right, o.own, chances, rates)
    sheet = np.array([o.rows, o.cols])
    near_rows(key, sheet, *steps, start, NONE)
    targets = np.empty(start[-1], np.int32)
    if len(targets):
        near_rows(key, sheet, *steps, start, targets)
    return start, targets
