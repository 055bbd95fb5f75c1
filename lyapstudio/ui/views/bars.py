"""Overlap with every memory as bars: the nearest in the accent, the picture beneath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.ui.numerals import figure
from lyapstudio.ui.parts.thumbnail import draw_rounded, radius_of, thumbnail
from lyapstudio.ui.theme import theme

THIN_FROM = 24
"""From so many memories on: thin bars, letters or numbers instead of pictures."""

PICTURES = ((200, 56), (150, 40))
"""Height of the widget -> side of the pictures, px; 28 below: the bars need the room."""

NEGATIVE = -0.15
"""The scale goes down to -1 once an overlap is below this."""


class OverlapBars(QWidget):
    """Shows a `bars` channel: (P,) float64 in [-1, 1]."""

    memory_chosen = Signal(int)

    def __init__(self, channel: str = "overlaps", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = channel
        self._title, self._caption = "Overlap with each memory", "m = 1 is a perfect match"
        self._values: NDArray[np.float64] = np.empty(0)
        self._names: tuple[str, ...] = ()
        self._grids: tuple[NDArray[np.int8], ...] = ()
        self._pictures: dict[int, QPixmap] = {}
        self._side = 0
        self._span: tuple[int, int] | None = None
        self._negative = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._forget)

    def set_memories(self, names: Sequence[str], grids: Sequence[NDArray[np.int8]]) -> None:
        """Names and (rows, cols) pictures, in the order of the values."""
        self._names, self._grids = tuple(names), tuple(grids)
        self._values = np.zeros(len(self._names))
        self._negative = False
        self._forget()

    def set_words(self, title: str, caption: str) -> None:
        if (title, caption) != (self._title, self._caption):
            self._title, self._caption = title, caption
            self.update()

    def align(self, left: int, width: int) -> None:
        """Stand under the canvas' picture."""
        self._span = (left, width)
        self.update()

    def show_frame(self, frame: Frame) -> None:
        if self.channel in frame.channels:
            self.show_overlaps(frame.channels[self.channel])

    def show_overlaps(self, values: NDArray[np.float64]) -> None:
        if len(values) != len(self._names):
            return  # a frame from before the last edit
        self._values = values
        lowest = float(values.min()) if len(values) else 0.0
        # the scale comes back only when it is clearly positive again: no flicker
        self._negative = lowest < (NEGATIVE if not self._negative else NEGATIVE / 2)
        self.update()

    @property
    def nearest(self) -> int | None:
        """The memory with the largest overlap in size."""
        return int(np.argmax(np.abs(self._values))) if len(self._values) else None

    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(164))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(110))

    def _forget(self) -> None:
        self._pictures.clear()
        self.updateGeometry()
        self.update()

    @property
    def _thin(self) -> bool:
        return len(self._names) >= THIN_FROM

    def _frame(self) -> QRectF:
        """The plot: where an overlap of 1 is at the top and 0 (or -1) at the bottom."""
        t = theme()
        left, width = self._span or (t.px(40), self.width() - t.px(80))
        right = min(left + width, self.width() - 4)
        left = max(left, t.px(36))  # room for the numbers of the axis
        below = t.px(38) if self._thin else self._picture_side() + t.px(24)
        if self._named:
            below += t.px(16)
        top = t.px(46 if self._headed else 20)
        return QRectF(left, top, right - left, max(20.0, self.height() - top - below))

    @property
    def _headed(self) -> bool:
        """A low widget keeps its room for the bars."""
        return self.height() >= theme().px(160)

    @property
    def _named(self) -> bool:
        return not self._thin and self.height() >= theme().px(200)

    def _picture_side(self) -> int:
        t = theme()
        slot = (self._span[1] if self._span else self.width()) / max(1, len(self._names))
        largest = next((px for tall, px in PICTURES if self.height() >= t.px(tall)), 28)
        return int(min(t.px(largest), max(12, slot - 6)))

    def _y(self, value: float, plot: QRectF) -> float:
        low = -1.0 if self._negative else 0.0
        return plot.bottom() - (value - low) / (1.0 - low) * plot.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._frame()
        vcentre = Qt.AlignmentFlag.AlignVCenter
        if self._headed:
            head = QRectF(plot.left(), t.px(2), plot.width(), t.px(22))
            painter.setFont(t.font(13, 600))
            painter.setPen(t.colour("text"))
            painter.drawText(head, vcentre, self._title)
            painter.setFont(t.font(11))
            painter.setPen(t.colour("muted"))
            painter.drawText(head, vcentre | Qt.AlignmentFlag.AlignRight, self._caption)
        painter.setFont(t.font(11))
        for value in (1, 0, -1) if self._negative else (1, 0):
            y = round(self._y(value, plot)) + 0.5
            painter.setPen(QPen(t.colour("groove" if value == 0 else "line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(t.colour("muted"))
            label = QRectF(plot.left() - t.px(40), y - 10, t.px(31), 20)
            painter.drawText(label, vcentre | Qt.AlignmentFlag.AlignRight, figure(value, 0))
        nearest = self.nearest
        slot = plot.width() / max(1, len(self._values))
        for k, value in enumerate(self._values):
            middle = plot.left() + (k + 0.5) * slot
            self._bar(painter, plot, middle, slot, float(value), k == nearest)
            self._foot(painter, plot, middle, slot, k, k == nearest)

    def _bar(
        self, painter: QPainter, plot: QRectF, x: float, slot: float, value: float, best: bool
    ) -> None:
        t = theme()
        width = max(1.0, slot * 0.58 if self._thin else min(t.px(40), slot * 0.7))
        zero, end = self._y(0.0, plot), self._y(value, plot)
        if abs(end - zero) < 1.5:
            end = zero - 1.5
        bar = QRectF(x - width / 2, min(zero, end), width, abs(end - zero))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour("accent" if best else "bar"))
        radius = min(3.0, bar.height() / 2, width / 2)
        painter.drawRoundedRect(bar, radius, radius)
        if self._thin or slot < t.px(34):
            return
        painter.setFont(t.font(13 if best else 11, 600 if best else 400))
        painter.setPen(t.colour("text" if best else "muted"))
        top = min(zero, end) - t.px(18) if value >= NEGATIVE else max(zero, end) + 1
        words = QRectF(x - slot / 2, top, slot, t.px(16))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, figure(value, 2, sign=True))

    def _foot(
        self, painter: QPainter, plot: QRectF, x: float, slot: float, k: int, best: bool
    ) -> None:
        t = theme()
        y = plot.bottom() + t.px(8)
        painter.setFont(t.font(11, 600 if best else 400))
        painter.setPen(t.colour(("accent" if self._thin else "text") if best else "muted"))
        if self._thin:
            name = self._names[k]
            numbered = any(len(n) > 2 for n in self._names)
            every = max(1, int(np.ceil(t.px(11 if not numbered else 26) / slot)))
            if best or k % every == 0:
                words = str(k + 1) if numbered else name
                box = QRectF(x - t.px(16), y + t.px(4), t.px(32), t.px(16))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
            return
        side = self._picture_side()
        if k not in self._pictures or self._side != side:
            if self._side != side:
                self._pictures.clear()
                self._side = side
            self._pictures[k] = thumbnail(self._grids[k], side, self.devicePixelRatioF())
        box = QRectF(round(x - side / 2), round(y), side, side)
        draw_rounded(painter, box, self._pictures[k], radius_of(side))
        if best:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(t.colour("accent"), 2.5))
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 8, 8)
        if self._named:
            painter.setPen(t.colour("text" if best else "muted"))
            words = QFontMetrics(painter.font()).elidedText(
                self._names[k], Qt.TextElideMode.ElideRight, int(slot)
            )
            line = QRectF(x - slot / 2, box.bottom() + t.px(5), slot, t.px(16))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def _at(self, x: float) -> int | None:
        plot = self._frame()
        k = int((x - plot.left()) // (plot.width() / max(1, len(self._values))))
        return k if 0 <= k < len(self._values) else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        k = self._at(event.position().x())
        if k is not None:
            self.memory_chosen.emit(k)

    def event(self, event) -> bool:  # type: ignore[no-untyped-def]
        if isinstance(event, QHelpEvent):
            k = self._at(event.pos().x())
            if k is not None:
                value = figure(float(self._values[k]), 3, sign=True)
                QToolTip.showText(event.globalPos(), f"{self._names[k]}: m = {value}", self)
                return True
        return super().event(event)
