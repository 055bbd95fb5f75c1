"""Mean, spread and histogram of numbers that come in blocks; degrees of neurons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Blocks = Callable[[], Iterator[NDArray[np.float64]]]
"""Makes an iterator over the numbers, any time it is asked."""

BINS = 48
"""Of a histogram, about."""

COARSE = 16
"""A bin is a whole number of grid steps where it would hold fewer than so many of them."""

OFF_GRID = 1e-6
"""A number so far from a multiple of the grid unit (in units) does not lie on the grid."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """counts[k] numbers lie in [edges[k], edges[k + 1]); the last bin has its right edge, too.

    edges : (B + 1,) float64, ascending; counts : (B,) int64
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def total(self) -> int:
        return int(self.counts.sum())


NOTHING = Histogram(np.empty(0), np.empty(0, np.int64))


@dataclass(frozen=True, eq=False)
class Distribution:
    """How many numbers, their mean, standard deviation, ends and histogram; NaN where none are."""

    count: int
    mean: float
    sd: float
    least: float
    largest: float
    histogram: Histogram


def distribution(blocks: Blocks, unit: float = 0.0) -> Distribution:
    """All about numbers that do not fit into memory at once.

    Parameters
    ----------
    blocks : called twice: for the ends, then for the rest
    unit : the numbers are whole multiples of it, perhaps; 0 where none is known
    """
    grid = _Grid(unit)
    count, total, least, largest = 0, 0.0, math.inf, -math.inf
    for block in blocks():
        if block.size:
            count += block.size
            total += float(block.sum())
            least, largest = min(least, float(block.min())), max(largest, float(block.max()))
            grid.look(block)
    if not count:
        return Distribution(0, math.nan, math.nan, math.nan, math.nan, NOTHING)
    mean, squares = total / count, 0.0
    edges = fitting_edges(least, largest, *grid.lattice(largest - least))
    counts = np.zeros(len(edges) - 1, np.int64)
    for block in blocks():
        if block.size:
            squares += float(np.square(block - mean).sum())
            counts += _counted(block, edges)
    mean = min(max(mean, least), largest)  # a sum is rounded
    return Distribution(
        count, mean, math.sqrt(squares / count), least, largest, Histogram(edges, counts)
    )


class _Grid:
    """Finds the widest lattice origin + k * step, in whole units, that holds all numbers."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self.origin: int | None = None
        self.step = 0  # 0 while all numbers are the same
        self.off = unit <= 0

    def look(self, block: NDArray[np.float64]) -> None:
        if self.off or self.step == 1:
            return
        units = block / self.unit
        rounded = np.rint(units)
        if float(np.abs(units - rounded).max()) > OFF_GRID or float(np.abs(units).max()) > 2**50:
            self.off = True
            return
        whole = rounded.astype(np.int64)
        if self.origin is None:
            self.origin = int(whole.flat[0])
        self.step = math.gcd(self.step, int(np.gcd.reduce(whole - self.origin, axis=None)))

    def lattice(self, span: float) -> tuple[float, float]:
        """Step and origin; step 0 where there is none, or one too fine to be seen."""
        if self.off or self.origin is None or span / self.unit > self.step * BINS * COARSE:
            return 0.0, 0.0
        return self.step * self.unit, self.origin * self.unit


def fitting_edges(
    least: float, largest: float, step: float = 0.0, origin: float = 0.0
) -> NDArray[np.float64]:
    """(B + 1,) edges of bins from the least to the largest; no bin holds both signs.

    Where the numbers lie on a coarse lattice every bin holds equally many of its points, else the
    histogram would show a comb; zero, if it is such a point, has a bin of its own.
    """
    if largest == least:
        half = abs(least) / 8 or 0.5
        return np.array([least - half, least + half])
    if step > 0:
        return _lattice_edges(least, largest, step, origin)
    width = (largest - least) / BINS
    if least >= 0 or largest <= 0:
        return np.linspace(least, largest, BINS + 1)
    below, above = math.ceil(-least / width - 1e-9), math.ceil(largest / width - 1e-9)
    return np.arange(-below, above + 1, dtype=float) * width


def _lattice_edges(least: float, largest: float, step: float, origin: float) -> NDArray[np.float64]:
    points = round((largest - least) / step) + 1
    width = math.ceil(points / BINS) * step
    offset = origin - math.floor(origin / step + 0.5) * step  # of the lattice from zero
    if least >= 0 or largest <= 0 or 1e-3 * step < abs(offset) < 0.499 * step:
        bins = math.ceil((largest - least + step) / width - 1e-9)
        return least - step / 2 + width * np.arange(bins + 1, dtype=float)
    gap = step / 2 if abs(offset) <= 1e-3 * step else 0.0  # zero is a point, or between two
    below = math.ceil((-least + step / 2 - gap) / width - 1e-9)
    above = math.ceil((largest + step / 2 - gap) / width - 1e-9)
    left, right = -gap - width * np.arange(below, -1, -1.0), gap + width * np.arange(above + 1.0)
    return np.concatenate((left, right)) if gap else np.concatenate((left, right[1:]))


def _counted(block: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    at = np.searchsorted(edges, block.ravel(), side="right") - 1
    bins = len(edges) - 1
    return np.bincount(np.clip(at, 0, bins - 1), minlength=bins)


@dataclass(frozen=True, eq=False)
class Degrees:
    """How many connections single neurons have.

    histogram : over neurons; bins of a whole number of degrees; least, mean, largest of them
    """

    histogram: Histogram
    least: int
    mean: float
    largest: int


def degrees(into: NDArray[np.int64], out_of: NDArray[np.int64]) -> tuple[Degrees, Degrees]:
    """In- and out-degrees of some neurons (not always the same ones), in the same bins."""
    if not len(into) or not len(out_of):
        none = Degrees(NOTHING, 0, math.nan, 0)
        return none, none
    low = min(int(into.min()), int(out_of.min()))
    high = max(int(into.max()), int(out_of.max()))
    width = math.ceil((high - low + 1) / BINS)
    bins = math.ceil((high - low + 1) / width)
    edges: NDArray[np.float64] = low - 0.5 + width * np.arange(bins + 1, dtype=float)

    def of(counts: NDArray[np.int64]) -> Degrees:
        per_bin = np.bincount((counts - low) // width, minlength=bins)
        least, largest = int(counts.min()), int(counts.max())
        return Degrees(Histogram(edges, per_bin), least, float(counts.mean()), largest)

    return of(into), of(out_of)
