"""Cells to pixels: where a grid lies in a widget, and its image at that scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from lyapstudio.ui.maps import tone_table

SILENT = 0xFF8F96AA
"""Colour of a lesioned neuron: neither tone, in both themes."""
LARGEST_CELL = 64
"""A cell is zoomed up to so many device pixels."""


@dataclass(frozen=True)
class Placement:
    """A grid of rows x cols in an area of device pixels.

    A cell is `step` pixels wide; where `step` is below 1 a pixel is the mean of (1/step)² cells.
    left, top : of cell (0, 0), whole device pixels, negative where the grid is larger
    """

    rows: int
    cols: int
    step: float
    left: int
    top: int
    width: int  # of the area
    height: int

    @property
    def block(self) -> int:
        """How many cells share a pixel in each direction."""
        return max(1, round(1 / self.step))

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column under a point; may lie outside the grid."""
        return math.floor((y - self.top) / self.step), math.floor((x - self.left) / self.step)

    def visible(self) -> tuple[int, int, int, int]:
        """First and one past the last row and column in sight, at whole blocks."""
        k = self.block
        r0, c0 = (max(0, n) // k * k for n in self.cell(0, 0))
        r1, c1 = self.cell(self.width - 1, self.height - 1)
        return r0, min(self.rows, r1 // k * k + k), c0, min(self.cols, c1 // k * k + k)


def fitting_step(rows: int, cols: int, width: int, height: int) -> float:
    """The largest whole cell (or whole fraction of one) at which all of the grid is in sight."""
    exact = min(width / cols, height / rows)
    if exact >= 1:
        return float(math.floor(exact))
    return 1 / math.ceil(1 / max(exact, 1e-3))


def next_step(step: float, way: int) -> float:
    """The next larger (+1) or smaller (-1) scale; every one keeps cells or blocks whole."""
    if step > 1 or (step == 1 and way > 0):
        further = max(step + way, step * 1.2 if way > 0 else step / 1.2)
        further = round(further) if way > 0 else max(1, min(round(further), step - 1))
        return float(min(further, LARGEST_CELL))
    block = max(1, round(1 / step)) - way
    return 1 / max(block, 1)


def placed(
    shape: tuple[int, int], step: float, centre: tuple[float, float], width: int, height: int
) -> Placement:
    """Put `centre` (row, column) in the middle, but show no emptiness where there is a grid.

    A grid that fits stands in the middle across and at the top, right under its title.
    """

    def offset(cells: int, middle: float, room: int, fits: int) -> int:
        size = math.ceil(cells * step)
        if size <= room:
            return (room - size) // 2 * fits
        return min(0, max(room - size, round(room / 2 - middle * step)))

    rows, cols = shape
    top, left = offset(rows, centre[0], height, 0), offset(cols, centre[1], width, 1)
    return Placement(rows, cols, step, left, top, width, height)


def block_sums(cells: NDArray[np.int8], k: int) -> NDArray[np.int8]:
    """Sums over k x k blocks, scaled to fit int8; a block that the edge cuts repeats the edge."""
    rows, cols = cells.shape
    if rows % k or cols % k:
        cells = np.pad(cells, ((0, -rows % k), (0, -cols % k)), mode="edge")
    kind = np.int8 if k * k <= 127 else np.int32
    total = np.zeros((cells.shape[0] // k, cells.shape[1] // k), kind)
    for i in range(k):
        for j in range(k):
            total += cells[i::k, j::k]
    return total if kind is np.int8 else (total * 127 // (k * k)).astype(np.int8)


def cells_image(cells: NDArray[Any], where: Placement) -> tuple[QImage, tuple[int, int, int, int]]:
    """The part in sight, and its target (left, top, width, height) in device pixels.

    cells : (rows, cols) int8 in {-1, +1}, or float in [-1, 1]
    """
    r0, r1, c0, c1 = where.visible()
    seen: NDArray[np.int8] = cells[r0:r1, c0:c1]
    top = 1
    if seen.dtype != np.int8:
        seen, top = np.rint(np.clip(seen, -1, 1) * 127).astype(np.int8), 127
    k = where.block
    if k > 1:
        if top == 1:
            seen, top = block_sums(seen, k), min(k * k, 127)
        else:
            seen = seen[::k, ::k]
    # rows of an image start at multiples of four bytes
    tall, wide = seen.shape
    bytes_ = np.zeros((tall, -(-wide // 4) * 4), np.int8)
    bytes_[:, :wide] = seen
    image = QImage(bytes_.data, wide, tall, bytes_.shape[1], QImage.Format.Format_Indexed8)
    table = tone_table(top)
    if top == 1:
        table[0] = SILENT  # a single cell is 0 only where a neuron is lesioned
    image.setColorTable(table)
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    scale = where.step * k
    at = (where.left + round(c0 * where.step), where.top + round(r0 * where.step))
    return image, (*at, round(wide * scale), round(tall * scale))


def footprint(size: int) -> NDArray[np.int64]:
    """(K, 2) offsets of a brush: a square up to 3 cells, a disc above."""
    half = size // 2
    r, c = np.mgrid[-half : half + 1, -half : half + 1]
    inside = (r * r + c * c <= (half + 0.4) ** 2) | (size <= 3)
    return np.stack([r[inside], c[inside]], 1).astype(np.int64)


def stroke(
    start: tuple[int, int], end: tuple[int, int], size: int, rows: int, cols: int
) -> NDArray[np.int64]:
    """Flat indices under a brush that is drawn from one cell to another, each once."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1
    path = np.stack([np.rint(np.linspace(a, b, steps)) for a, b in zip(start, end, strict=True)], 1)
    cells = (path.astype(np.int64)[:, None] + footprint(size)[None]).reshape(-1, 2)
    inside = ((cells >= 0) & (cells < (rows, cols))).all(1)
    cells = cells[inside]
    return np.unique(cells[:, 0] * cols + cells[:, 1])
