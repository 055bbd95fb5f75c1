"""Time as a track over the recording: from how far back it reaches to the latest update."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme


class Scrubber(QWidget):
    """`seek_requested(update)` while the handle is dragged, or by the arrow keys."""

    seek_requested = Signal(object)  # a Python int: updates outgrow a C int
    seek_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reach, self._now, self._latest = 0, 0, 0
        self._unit = "update"
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Drag to look back. Going on from there starts a new branch.")
        theme().changed.connect(self.updateGeometry)

    def show_time(self, reach: int, now: int, latest: int, unit: str = "update") -> None:
        """The earliest update kept, the one shown, the last one computed."""
        if (reach, latest, unit) == (self._reach, self._latest, self._unit) and now == self._now:
            return
        self._reach, self._latest, self._unit = reach, latest, unit
        if not self._dragging:
            self._now = now
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, y = self._ends()
        x = self._x(self._now)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour("groove"))
        painter.drawRoundedRect(QRectF(left, y - 2, right - left, 4), 2, 2)
        live = self._latest > self._reach
        painter.setBrush(t.colour("accent" if live else "faint"))
        painter.drawRoundedRect(QRectF(left, y - 2, max(0.0, x - left), 4), 2, 2)
        if self.hasFocus():
            painter.setPen(QPen(t.colour("text"), 2))
        painter.drawEllipse(QPointF(x, y), t.px(6), t.px(6))
        self._words(painter, left, right)

    def _words(self, painter: QPainter, left: float, right: float) -> None:
        t = theme()
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        line = QRectF(left, t.px(18), right - left, t.px(16))
        if self._reach:
            start = f"reaches back to {self._unit} {whole(self._reach)}"
        else:
            start = f"from {self._unit} 0"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, start)
        end = f"latest {whole(self._latest)}"
        if self._now < self._latest:
            end = f"{whole(self._now)} of {whole(self._latest)}"
        used = QFontMetrics(painter.font()).horizontalAdvance(start + end) + 16
        if used <= line.width():
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, end)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._latest > self._reach:
            self._dragging = True
            self._seek(self._update_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._seek(self._update_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.seek_ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, (self._latest - self._reach) // 20)
        steps = {
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Left: -1,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._seek(min(max(self._now + step, self._reach), self._latest))

    def _seek(self, update: int) -> None:
        if update != self._now:
            self._now = update
            self.update()
            self.seek_requested.emit(update)

    def _ends(self) -> tuple[float, float, float]:
        knob = theme().px(7)
        return float(knob), float(self.width() - knob), float(theme().px(9))

    def _x(self, update: int) -> float:
        left, right, _ = self._ends()
        span = self._latest - self._reach
        part = (update - self._reach) / span if span else 1.0
        return left + min(max(part, 0.0), 1.0) * (right - left)

    def _update_at(self, x: float) -> int:
        left, right, _ = self._ends()
        part = min(max((x - left) / max(1.0, right - left), 0.0), 1.0)
        return self._reach + round(part * (self._latest - self._reach))
