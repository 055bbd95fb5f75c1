"""A square matrix in the signed map, with names on its axes and the value under the pointer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.theme import theme

MOST_NAMES = 40
"""More rows than this are numbered instead, every fifth, tenth, … of them."""
LONGEST_NAME = 96
"""Room for a name, px; longer ones are elided."""


class MatrixView(QWidget):
    """Values in [-1, 1]; `pointed((row, column))` or `pointed(None)` as the mouse moves."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix = np.empty((0, 0))
        self._names: list[str] = []
        self._marked: tuple[int, int] | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Overlap matrix")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme().changed.connect(self._forget)

    def show_matrix(self, matrix: NDArray[np.float64], names: Sequence[str]) -> None:
        """(P, P) float64 and P names."""
        self._matrix, self._names, self._marked = matrix, list(names), None
        self._forget()

    def mark(self, cell: tuple[int, int] | None) -> None:
        """Outline one cell and its twin across the diagonal."""
        self._marked = cell
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(240))

    def _forget(self) -> None:
        self._image = None
        self.update()

    def _named(self) -> bool:
        P = len(self._names)
        return P <= MOST_NAMES and self.height() >= P * 11

    def _box(self) -> QRectF:
        """Where the cells lie: a whole number of pixels each where there is room."""
        t, P = theme(), max(1, len(self._names))
        left = t.px(32)
        if self._named():
            metrics = QFontMetrics(t.font(11))
            widest = max((metrics.horizontalAdvance(n) for n in self._names), default=0)
            left = min(widest, t.px(LONGEST_NAME)) + t.px(8)
        top = left if self._named() else t.px(20)
        side = min(self.width() - left, self.height() - top) / P
        if side >= 1:
            side = float(int(side))
        return QRectF(left, top, side * P, side * P)

    def paintEvent(self, event: QPaintEvent) -> None:
        P = len(self._names)
        if not P:
            return
        painter, box = QPainter(self), self._box()
        if self._image is None:
            self._image = self._render()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, box.width() < P)
        painter.drawImage(box, self._image)
        self._draw_names(painter, box)
        if self._marked is not None:
            self._draw_mark(painter, box)

    def _render(self) -> QImage:
        index = np.clip(np.rint(self._matrix * 127.5 + 127.5), 0, 255).astype(np.uint8)
        pixels = np.ascontiguousarray(theme().signed()[index])
        P = len(self._names)
        image = QImage(pixels.data, P, P, 3 * P, QImage.Format.Format_RGB888)
        return image.convertToFormat(QImage.Format.Format_RGB32)

    def _labels(self) -> list[tuple[int, str]]:
        P = len(self._names)
        if self._named():
            return list(enumerate(self._names))
        every = next(k for k in (5, 10, 20, 50, 100, 200, 500) if 12 * k >= P or k == 500)
        return [(k - 1, str(k)) for k in (1, *range(every, P + 1, every))]

    def _draw_names(self, painter: QPainter, box: QRectF) -> None:
        t, side = theme(), box.width() / len(self._names)
        painter.setFont(t.font(11))
        metrics = QFontMetrics(painter.font())
        painter.setPen(t.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        beneath = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        room = box.left() - t.px(8)
        tall = float(max(side, metrics.height()))
        labels = self._labels()
        upright = (
            all(metrics.horizontalAdvance(words) <= side for _, words in labels)
            or not self._named()
        )
        for k, name in labels:
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
            middle = (k + 0.5) * side
            painter.drawText(QRectF(0, box.top() + middle - tall / 2, room, tall), right, words)
            painter.save()
            if not upright:  # read upwards, so that long names have room
                painter.translate(box.left() + middle, box.top() - t.px(8))
                painter.rotate(-90)
                painter.drawText(QRectF(0, -tall / 2, room, tall), left, words)
            else:
                line = QRectF(box.left() + middle - tall / 2 - 30, 0, tall + 60, box.top() - 4)
                painter.drawText(line, beneath, words)
            painter.restore()

    def _draw_mark(self, painter: QPainter, box: QRectF) -> None:
        assert self._marked is not None
        side = box.width() / len(self._names)
        for row, col in {self._marked, self._marked[::-1]}:
            grow = max(0.0, 4 - side / 2)
            cell = QRectF(box.left() + col * side, box.top() + row * side, side, side)
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawRect(cell.adjusted(-grow, -grow, grow, grow))

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column under a point."""
        box, P = self._box(), len(self._names)
        if not P or not box.contains(point):
            return None
        row = int((point.y() - box.top()) / box.height() * P)
        col = int((point.x() - box.left()) / box.width() * P)
        return min(row, P - 1), min(col, P - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        self.mark(cell)
        self.pointed.emit(cell)

    def leaveEvent(self, event: QEvent) -> None:
        self.mark(None)
        self.pointed.emit(None)
