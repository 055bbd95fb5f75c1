"""The weights into one neuron as an image: its receptive field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.ui.numerals import figure, place
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

EXPLANATION = (
    "One pixel, one weight. Warm pixels pull this neuron along with them, cool ones push it away."
)
ASK = "Point at a neuron to see which neurons it listens to."

BESIDE = 128
"""Width of the words beside the picture, px."""

QUANTILE = 0.995
"""The ends of the map: few extreme weights must not grey out the rest."""


def symmetric_level(weights: NDArray[np.float64]) -> float:
    """The size that the ends of a signed map stand for."""
    sizes = np.abs(weights[np.isfinite(weights)])
    if sizes.size == 0:
        return 1.0
    return float(np.quantile(sizes, QUANTILE)) or float(sizes.max()) or 1.0


class ReceptiveField(QWidget):
    """Picture at the left; at the right whose it is, what it means, and the colour bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cols = 1
        self._title = text("Receptive field", "section", wrap=True)
        self._words = text(ASK, "caption", wrap=True)
        self._read = text("", "strong", wrap=True)
        self._bar = ColourBar()
        self._bar.hide()
        self._picture = _Picture()
        self._picture.pointed.connect(self._pointed)
        self._beside = QWidget()
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(6)
        for part in (self._title, self._words, self._bar, self._read):
            beside.addWidget(part)
        beside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._picture, 1)
        row.addWidget(self._beside)
        row.addStretch(0)
        theme().changed.connect(self._restyle)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _restyle(self) -> None:
        self._beside.setFixedWidth(theme().px(BESIDE))
        self._fit()

    def _fit(self) -> None:
        """The words stand right beside the picture, however wide the column is."""
        room = QSize(self.width() - theme().px(BESIDE) - 8, self.height())
        self._picture.setMaximumWidth(max(96, int(self._picture.box(room).width())))

    def clear(self) -> None:
        """Ask for a neuron again."""
        self._title.setText("Receptive field")
        self._words.setText(ASK)
        self._read.setText("")
        self._bar.hide()
        self._picture.show_weights(None, None)

    def show_frame(self, frame: Frame) -> None:
        """Show the weights that the frame carries, if it carries any."""
        problem = frame.problem
        if problem is not None and frame.incoming is not None and frame.looked_at is not None:
            self.show_field(frame.looked_at, frame.incoming, problem.rows, problem.cols)

    def show_field(
        self, neuron: int, weights: NDArray[np.float64], rows: int, cols: int, note: str = ""
    ) -> None:
        """(N,) float64 weights into a neuron; `note` replaces the explanation."""
        if weights.size != rows * cols:
            return  # a frame from before the last edit
        self._cols = cols
        row, col = place(neuron, cols)
        self._title.setText(f"Into neuron ({row}, {col})")
        self._words.setText(note or EXPLANATION)
        self._bar.show()
        level = symmetric_level(weights)
        self._bar.set_levels(-level, level, weights.size)
        self._picture.show_weights(weights.reshape(rows, cols), neuron, level)
        self._fit()

    def _pointed(self, neuron: int, weight: float) -> None:
        row, col = place(neuron, self._cols)
        self._read.setText(f"from ({row}, {col}): {figure(weight, sign=True)}")


class _Picture(QWidget):
    pointed = Signal(int, float)

    def __init__(self) -> None:
        super().__init__()
        self._weights: NDArray[np.float64] | None = None
        self._neuron: int | None = None
        self._level = 1.0
        self._image: QImage | None = None
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme().changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(192), theme().px(192))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(96), theme().px(96))

    def show_weights(
        self, weights: NDArray[np.float64] | None, neuron: int | None, level: float = 1.0
    ) -> None:
        self._weights, self._neuron, self._level = weights, neuron, level
        self._forget()

    def _forget(self) -> None:
        self._image = None
        self.update()

    def box(self, room: QSize) -> QRectF:
        """Whole device pixels a weight where there is room, at the top left."""
        rows, cols = self._weights.shape if self._weights is not None else (1, 1)
        ratio = self.devicePixelRatioF()
        step = min(room.width() * ratio / cols, room.height() * ratio / rows)
        if step >= 1:
            step = float(int(step))
        return QRectF(0, 0, cols * step / ratio, rows * step / ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        if self._weights is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = min(self.width(), self.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("field"))
            painter.drawRoundedRect(QRectF(0, 0, side, side), 6, 6)
            glyph = t.px(32)
            icon = t.icon("ph.target-bold", "muted")
            icon.paint(painter, (side - glyph) // 2, (side - glyph) // 2, glyph, glyph)
            return
        box = self.box(self.size())
        if self._image is None:
            self._image = self._render()
        small = box.width() < self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small)
        painter.drawImage(box, self._image)
        if self._neuron is not None:
            cols = self._weights.shape[1]
            side = box.width() / cols
            row, col = divmod(self._neuron, cols)
            grow = max(1.0, 5 - side / 2)
            cell = QRectF(col * side, row * side, side, side).adjusted(-grow, -grow, grow, grow)
            for role, width in (("stage", 4.0), ("accent", 2.0)):
                painter.setPen(QPen(t.colour(role), width))
                painter.drawRect(cell)

    def _render(self) -> QImage:
        assert self._weights is not None
        rows, cols = self._weights.shape
        scaled = np.nan_to_num(self._weights / self._level) * 127.5 + 127.5
        index = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
        pixels = np.ascontiguousarray(theme().signed()[index])
        image = QImage(pixels.data, cols, rows, cols * 3, QImage.Format.Format_RGB888)
        return image.convertToFormat(QImage.Format.Format_RGB32)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._weights is None:
            return
        box, point = self.box(self.size()), QPointF(event.position())
        if box.contains(point):
            rows, cols = self._weights.shape
            row = min(int(point.y() / box.height() * rows), rows - 1)
            col = min(int(point.x() / box.width() * cols), cols - 1)
            self.pointed.emit(row * cols + col, float(self._weights[row, col]))
