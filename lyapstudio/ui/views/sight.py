"""Which part of a large square matrix is in sight, at which scale, and binned how."""

from __future__ import annotations

import math

from lyapstudio.ui.views.raster import LARGEST_CELL, Placement
from lyapstudio.ui.views.tiling import ENOUGH

MOST = 640
"""A block has at most so many values each way."""

ZOOM = 1.25
"""One notch of the wheel."""

Wanted = tuple[int, int, int, int, int, int]
"""First row and column, how many neurons down and across, and in how many bins each way."""


def bin_size(step: float) -> int:
    """How many neurons share a bin, each bin at least one pixel wide."""
    return max(1, math.ceil(1 / step - 1e-9))


def snapped(step: float) -> float:
    """Whole pixels a neuron or a bin, where that costs little."""
    if step >= 1:
        return float(math.floor(step))
    k = bin_size(step)
    whole = math.floor(step * k + 1e-9)
    return whole / k if whole >= ENOUGH * step * k else step


def fitting(N: int, width: int, height: int) -> float:
    """Device pixels a neuron at which all of the matrix is in sight."""
    return snapped(min(min(width, height) / N, float(LARGEST_CELL)))


def zoomed(step: float, way: int) -> float:
    """The next larger (+1) or smaller (-1) scale."""
    if step > 1 or (step == 1 and way > 0):
        further = max(step + way, step * ZOOM if way > 0 else step / ZOOM)
        further = round(further) if way > 0 else max(1, min(round(further), step - 1))
        return float(min(further, LARGEST_CELL))
    there = snapped(step * ZOOM if way > 0 else step / ZOOM)
    return there if (there > step if way > 0 else there < step) else step * ZOOM**way


def wanted(p: Placement) -> Wanted:
    """The block that shows what is in sight: whole bins of one size, except at the very end."""
    k = bin_size(p.step)
    r0, c0 = p.cell(0, 0)
    r1, c1 = p.cell(p.width - 1, p.height - 1)
    longest = min(max(r1 - max(r0, 0), c1 - max(c0, 0)) + 1, p.rows)
    k *= -(-longest // (k * (MOST - 1)))
    first = [max(0, n) // k * k for n in (r0, c0)]
    sizes = [
        min(p.rows, -(-(last + 1) // k) * k) - start
        for start, last in zip(first, (min(r1, p.rows - 1), min(c1, p.rows - 1)), strict=True)
    ]
    return first[0], first[1], sizes[0], sizes[1], -(-sizes[0] // k), -(-sizes[1] // k)
