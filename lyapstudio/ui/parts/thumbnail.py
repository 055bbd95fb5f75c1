"""A pattern as a small picture: the tile of the pattern list, and the painting others share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QContextMenuEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from lyapstudio.ui.maps import tone_table
from lyapstudio.ui.theme import theme

NAMES_FROM = 40
"""Tiles smaller than this carry no name beneath, px."""

_TONES = tone_table(1)


def two_tones(grid: NDArray[np.int8]) -> QImage:
    """(rows, cols) int8 in {-1, +1} as an image of its own, one pixel a cell."""
    cells = np.ascontiguousarray(grid, np.int8)
    rows, cols = cells.shape
    image = QImage(cells.data, cols, rows, cols, QImage.Format.Format_Indexed8)
    image.setColorTable(_TONES)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy that owns its pixels


def thumbnail(grid: NDArray[np.int8], side: int, ratio: float = 1.0) -> QPixmap:
    """The pattern within side x side px: photographs are averaged, letters keep their edges."""
    image = two_tones(grid)
    device = max(1, round(side * ratio))
    smallest = max(1, min(image.width(), image.height()))
    if smallest < 2 * device:  # whole copies of each cell first: smoothing must not blur a letter
        times = -(-2 * device // smallest)
        image = image.scaled(image.width() * times, image.height() * times)
    image = image.scaled(
        device,
        device,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def draw_rounded(painter: QPainter, box: QRectF, pixmap: QPixmap, radius: float) -> None:
    """Paint a pixmap in the middle of the box with smooth round corners."""
    size = pixmap.deviceIndependentSize()
    at = QRectF(
        round(box.center().x() - size.width() / 2),
        round(box.center().y() - size.height() / 2),
        size.width(),
        size.height(),
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at.topLeft())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(pixmap))
    painter.drawRoundedRect(QRectF(QPointF(), size), radius, radius)
    painter.restore()


def radius_of(side: float) -> float:
    """The corner of a thumbnail: 6 px, less on small ones."""
    return min(6.0, side * 0.17)


class Thumbnail(QWidget):
    """One pattern of the list: picture, name, chosen ring, off state, renaming in place."""

    pressed = Signal(int)
    activated = Signal(int)
    renamed = Signal(int, str)
    menu_requested = Signal(int, QPoint)
    dragged = Signal(int, QPoint)
    dropped = Signal(int, QPoint)

    def __init__(self, key: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.name = ""
        self.chosen = False
        self.active = True
        self._grid = np.ones((1, 1), np.int8)
        self._side = 72
        self._pixmap: QPixmap | None = None
        self._pressed_at: QPointF | None = None
        self._editor: QLineEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    @property
    def cells(self) -> int:
        """Rows of the pattern."""
        return len(self._grid)

    def show_pattern(self, name: str, grid: NDArray[np.int8], active: bool = True) -> None:
        """Show this pattern; (rows, cols) int8."""
        if grid is not self._grid:
            self._grid, self._pixmap = grid, None
        self.name, self.active = name, active
        self.setAccessibleName(name)
        self.setToolTip(name if active else f"{name} (off: not stored)")
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def set_side(self, side: int) -> None:
        """The picture's side in design px; the name follows from 40 on."""
        if side != self._side:
            self._side = side
            self._restyle()

    def sizeHint(self) -> QSize:
        t = theme()
        side = t.px(self._side)
        return QSize(side, side + (t.px(20) if self._side >= NAMES_FROM else 0))

    def rename(self) -> None:
        """Edit the name in place."""
        t = theme()
        editor = QLineEdit(self.name, self)
        editor.setFixedHeight(t.px(20))
        editor.setStyleSheet(f"min-height: 0; padding: 0; font-size: {t.px(11)}px")
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setGeometry(0, self.height() - t.px(20), self.width(), t.px(20))
        editor.selectAll()
        editor.editingFinished.connect(self._rename_ended)
        self._editor = editor
        editor.show()
        editor.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = t.px(self._side)
        box = QRectF(0, 0, side, side)
        gap = (5.0 if self._side >= NAMES_FROM else 3.5) if self.chosen else 0.0
        if not self.active:
            painter.setOpacity(0.3)
        ratio = self.devicePixelRatioF()
        if self._pixmap is None or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = thumbnail(self._grid, side, ratio)
        inner = box.adjusted(gap, gap, -gap, -gap)
        pixmap = self._pixmap
        if gap:
            pixmap = thumbnail(self._grid, int(inner.width()), ratio)
        draw_rounded(painter, inner, pixmap, radius_of(inner.width()))
        painter.setOpacity(1.0)
        if self.chosen or self.hasFocus():
            width = 3.0 if self._side >= NAMES_FROM else 2.0
            painter.setPen(QPen(t.colour("accent"), width if self.chosen else 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            edge = width / 2
            painter.drawRoundedRect(box.adjusted(edge, edge, -edge, -edge), 6, 6)
        if not self.active:
            painter.setPen(QPen(t.colour("muted"), 1.5))
            painter.drawLine(box.bottomLeft() + QPointF(6, -6), box.topRight() + QPointF(-6, 6))
        if self._side >= NAMES_FROM:
            painter.setFont(t.font(11, 600 if self.chosen else 400))
            painter.setPen(t.colour("text" if self.chosen else "muted"))
            line = QRect(-4, side + 4, side + 8, t.px(16))
            metrics = QFontMetrics(painter.font())
            words = metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, side)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self.pressed.emit(self.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is not None and (event.position() - start).manhattanLength() > 8:
            self.dragged.emit(self.key, self.mapToParent(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None:
            self._pressed_at = None
            self.dropped.emit(self.key, self.mapToParent(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        beneath = event.position().y() > theme().px(self._side)
        self.rename() if beneath else self.activated.emit(self.key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.key, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit(self.key)
        else:
            super().keyPressEvent(event)

    def _rename_ended(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        name = editor.text().strip()
        editor.deleteLater()
        if name and name != self.name:
            self.renamed.emit(self.key, name)

    def _restyle(self) -> None:
        self._pixmap = None
        self.updateGeometry()
        self.update()
