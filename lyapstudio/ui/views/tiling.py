"""Where the tiles of a mosaic lie, and how the weights of a tile become its pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lyapstudio.ui.views.field import QUANTILE

ENOUGH = 0.8
"""Whole pixels a weight are kept while they fill this part of the largest size that fits."""

SMALLEST = 64
"""Tiles of large images are reduced down to this, px, before the mosaic scrolls."""

SAMPLE, UNITS = 256, 64
"""A level is read off about so many weights of a unit, and of so many units."""

STAGE, CROSS, ZERO, REACH = 0, 1, 128, 126
"""Indices of the mosaic's colour table: the gap, the cross of a dead unit, a weight of nothing;
the map goes REACH entries either way from there, so that zero has an entry of its own."""


@dataclass(frozen=True)
class Tiling:
    """Tiles of wide x tall px in a room of width x height, all in device pixels."""

    count: int
    columns: int
    wide: int
    tall: int
    gap: int
    width: int
    height: int

    @property
    def lines(self) -> int:
        return -(-self.count // self.columns)

    @property
    def across(self) -> int:
        """Width of all tiles together."""
        return self.columns * (self.wide + self.gap) - self.gap

    @property
    def down(self) -> int:
        """Height of all tiles together; more than `height` where it scrolls."""
        return self.lines * (self.tall + self.gap) - self.gap

    @property
    def left(self) -> int:
        return max(0, (self.width - self.across) // 2)

    @property
    def scrolls(self) -> bool:
        return self.down > self.height

    def corner(self, place: int, scrolled: int = 0) -> tuple[int, int]:
        """Left and top of the tile at that place."""
        line, column = divmod(place, self.columns)
        x = self.left + column * (self.wide + self.gap)
        return x, line * (self.tall + self.gap) - scrolled

    def place(self, x: float, y: float, scrolled: int = 0) -> int | None:
        """Which place lies under a point; a gap belongs to the tile at its left or above."""
        column = math.floor((x - self.left) / (self.wide + self.gap))
        place = math.floor((y + scrolled) / (self.tall + self.gap)) * self.columns + column
        return place if 0 <= column < self.columns and 0 <= place < self.count else None

    def seen(self, scrolled: int = 0) -> tuple[int, int]:
        """First and one past the last line of tiles in sight."""
        pitch = self.tall + self.gap
        return max(0, scrolled // pitch), min(self.lines, -(-(scrolled + self.height) // pitch))


@lru_cache(maxsize=8)
def tiled(
    count: int, rows: int, cols: int, width: int, height: int, gap: int, least: float
) -> Tiling:
    """As large as fits, in whole pixels a weight where that costs little; nearly square.

    least : device pixels a weight at which it rather scrolls than shrinks further
    """
    columns = np.arange(1, count + 1)
    lines = -(-count // columns)
    fits = np.minimum(((width + gap) / columns - gap) / cols, ((height + gap) / lines - gap) / rows)
    step = float(fits.max())
    least = min(least, max(SMALLEST * least / max(rows, cols), 1e-3))
    scrolls = step < least
    step = max(step, least)
    if math.floor(step) >= ENOUGH * step:
        step = float(math.floor(step))
    wide, tall = max(1, int(cols * step + 1e-6)), max(1, int(rows * step + 1e-6))
    most = max(1, (width + gap) // (wide + gap))
    if scrolls:
        return Tiling(count, min(most, count), wide, tall, gap, width, height)
    fewest = -(-count // max(1, (height + gap) // (tall + gap)))
    # few empty places in the last line, and as many columns as lines
    best = min(range(fewest, most + 1), key=lambda c: -count % c + abs(c - -(-count // c)))
    return Tiling(count, best, wide, tall, gap, width, height)


def unit_levels(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) float32 > 0: the size that the ends of each unit's own map stand for.

    weights : (n, N) float32; the quantile is read off some of the weights of each unit
    """
    # a stride without a common divisor with the row: it meets all columns and all colours
    stride = max(1, weights.shape[1] // SAMPLE)
    while math.gcd(stride, weights.shape[1]) > 1:
        stride += 1
    sizes = np.abs(np.nan_to_num(weights[:, ::stride]))
    rank = min(int(QUANTILE * sizes.shape[1]), sizes.shape[1] - 1)
    levels = np.partition(sizes, rank, axis=1)[:, rank]
    largest = np.abs(np.nan_to_num(weights)).max(1) if not levels.all() else levels
    levels = np.where(levels > 0, levels, largest)
    return np.where(levels > 0, levels, 1).astype(np.float32)


def shared_level(weights: NDArray[np.float32]) -> float:
    """The level of a typical unit: the few that still are noise must not grey out the others."""
    stride = -(-len(weights) // UNITS)
    return float(np.median(unit_levels(weights[::stride])))


@lru_cache(maxsize=16)
def shares(pixels: int, weights: int) -> NDArray[np.float32]:
    """(pixels, weights) float32, rows sum to 1: how much of each weight lies under each pixel."""
    ends = np.linspace(0.0, weights, pixels + 1)
    cells = np.arange(weights)
    over = np.minimum(ends[1:, None], cells + 1) - np.maximum(ends[:-1, None], cells)
    table = (np.maximum(over, 0.0) * (pixels / weights)).astype(np.float32)
    table.flags.writeable = False
    return table


def tile_pixels(
    fields: NDArray[np.float32], levels: NDArray[np.float32], wide: int, tall: int
) -> NDArray[np.uint8]:
    """Fields as tiles: (n, tall, wide, depth) uint8, ZERO ± REACH.

    fields : (n, rows, cols, depth) float32
    levels : (n,) float32 > 0, the size of a weight at the ends of the map
    """
    rows, cols = fields.shape[1:3]
    whole = tall % rows == 0 and wide % cols == 0
    if not whole:  # every pixel is the mean of the weights under it
        planes = shares(tall, rows) @ fields.transpose(0, 3, 1, 2) @ shares(wide, cols).T
        fields = planes.transpose(0, 2, 3, 1).astype(np.float32, copy=False)
    scaled = fields * (REACH / levels)[:, None, None, None]
    np.clip(scaled, -REACH, REACH, out=scaled)
    if not np.isfinite(scaled.sum()):
        scaled[np.isnan(scaled)] = 0.0
    scaled += ZERO + 0.5
    pixels = scaled.astype(np.uint8)
    return pixels.repeat(wide // cols, 2).repeat(tall // rows, 1) if whole else pixels


def composed(tiles: NDArray[np.uint8], tiling: Tiling, blank: NDArray[np.uint8]) -> NDArray:
    """Whole lines of tiles as one image with its gaps.

    tiles : (n, tall, wide, depth) uint8
    blank : (depth,) uint8, what the gaps and empty places show
    """
    n, tall, wide, depth = tiles.shape
    columns, gap = tiling.columns, tiling.gap
    lines = -(-n // columns)
    image = np.empty((lines, tall + gap, columns, wide + gap, depth), np.uint8)
    image[:] = blank
    full = n // columns
    body = tiles[: full * columns].reshape(full, columns, tall, wide, depth)
    image[:full, :tall, :, :wide] = body.transpose(0, 2, 1, 3, 4)
    rest = tiles[full * columns :]
    if len(rest):
        image[full, :tall, : len(rest), :wide] = rest.transpose(1, 0, 2, 3)
    return image.reshape(lines * (tall + gap), columns * (wide + gap), depth)
