"""A canvas in the signed map: real values of any size, zero in the middle of the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.canvas import Canvas
from lyapstudio.ui.views.pictures import as_image, signed_table
from lyapstudio.ui.views.raster import Placement
from lyapstudio.ui.views.tiling import REACH, ZERO
from lyapstudio.ui.views.titles import draw_title

BAR = 132
"""Width of the colour bar, px."""

SENTENCE = 640
"""A title line needs so much, px, where its caption is a sentence."""

SILENT = 0
"""The entry of the colour table for cells that have no value."""


class SignedCanvas(Canvas):
    """Painted with the mouse as every canvas; whoever listens changes the values."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._values = np.zeros((16, 16))
        self._level = 1.0
        self._bar = ColourBar()
        self._bar.setParent(self)
        self._bar.setToolTip("Warm is positive, cool is negative.")
        self.setAccessibleName(name)
        self.span_changed.connect(self._place_bar)

    def show_field(self, values: NDArray[np.float64], level: float) -> None:
        """(rows, cols) float64, NaN where there is none; ±`level` at the ends of the map."""
        self._values, self._level = values, level
        self._bar.set_levels(-level, level, values.size)
        self._forget()

    def _place_bar(self, left: int, width: int) -> None:
        t = theme()
        self._bar.setGeometry(left + width - t.px(BAR), t.px(4), t.px(BAR), t.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._drawn is None and self._values.shape == self._cells.shape:
            self._drawn = signed_image(self._values, self._level, self._placement())
        super().paintEvent(event)

    def _draw_header(self, painter: QPainter) -> None:
        """Title and caption; the colour bar is the legend."""
        t = theme()
        left, width = self._span
        line = QRectF(left, t.px(4), width, t.px(28))
        end = self._bar.x() - t.px(14) if self._bar.isVisibleTo(self) else line.right()
        draw_title(painter, line, end, self._title, self._caption)


def signed_image(
    values: NDArray[np.float64], level: float, where: Placement
) -> tuple[QImage, tuple[int, int, int, int]]:
    """The part in sight in the signed map, and its target in device pixels.

    values : (rows, cols) float64, NaN where there is none
    level : > 0, the size at the ends of the map
    """
    r0, r1, c0, c1 = where.visible()
    seen = strongest(values[r0:r1, c0:c1], where.block)
    tall, wide = seen.shape
    scale = where.step * where.block
    at = (where.left + round(c0 * where.step), where.top + round(r0 * where.step))
    return as_image(indices(seen, level)[:, :, None], silent_table()), (
        *at,
        round(wide * scale),
        round(tall * scale),
    )


def indices(values: NDArray, level: float) -> NDArray[np.uint8]:
    """Entries of the colour table: ZERO ± REACH, SILENT for NaN."""
    scaled = np.clip(values * (REACH / level), -REACH, REACH) + (ZERO + 0.5)
    unknown = np.isnan(scaled)
    if unknown.any():
        scaled[unknown] = SILENT
    return scaled.astype(np.uint8)


def silent_table() -> list[int]:
    """The signed map, with grey for cells that have no value."""
    table = list(signed_table())
    table[SILENT] = theme().colour("groove").rgb()
    return table


def strongest(values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Of every k x k block the value of the largest size: few strong ones stay in sight."""
    if k == 1:
        return values
    rows, cols = values.shape
    if rows % k or cols % k:
        values = np.pad(values, ((0, -rows % k), (0, -cols % k)), mode="edge")
    high = np.fmax.reduce([values[i::k, j::k] for i in range(k) for j in range(k)])
    low = np.fmin.reduce([values[i::k, j::k] for i in range(k) for j in range(k)])
    return np.asarray(np.where(high >= -low, high, low), np.float64)
