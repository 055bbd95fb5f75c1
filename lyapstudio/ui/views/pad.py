"""Draw an image for the network: the pad as it is drawn, and beside it what the network sees.

The drawing stays under the pen. Only the small picture beside it is scaled and centred, while
the pen moves: a drawing that recentres itself slips away from the hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.analysis.digit import like_mnist
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.pictures import image_picture

PEN = 2.8 / 28
"""Width of the pen as a part of the image: strokes of MNIST are 2.5 of 28 px wide (twice their
area over their outline), in a box of 20; by hand the digit is drawn a little larger."""

UNDOS = 40
"""So many strokes can be taken back."""

BESIDE = 56
"""Room for the picture that the network sees and its caption, px."""

ASK = "Draw here"
SEEN = "as the network sees it"
HOW = "Draw with the left button, erase with the right."
WHY = "Scaled and centred like the images that it learned from."


@dataclass(frozen=True)
class _Moment:
    """What undo goes back to."""

    ink: bytes
    given: NDArray[np.float32] | None


class DrawingPad(QWidget):
    """Left paints, right erases, Ctrl+Z takes a stroke back, Delete clears.

    `drawn(image)`: (rows * cols * depth,) float32 in [0, 1], what the network sees, after every
    change, at most once a turn of the event loop; `cleared()` instead where nothing is left.
    """

    drawn = Signal(object)
    cleared = Signal()
    undo_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = (28, 28, 1)
        self._centred = True
        self._undo: list[_Moment] = []
        self._last: QPointF | None = None  # of the stroke, in ink pixels
        self._erasing = False
        self._pointer: QPointF | None = None
        self._ringed = False
        self._given: NDArray[np.float32] | None = None
        self._seen: NDArray[np.float32] | None = None
        self._pictures: tuple[QImage, QImage] | None = None
        self._tell = QTimer(self)
        self._tell.setSingleShot(True)
        self._tell.setInterval(0)
        self._tell.timeout.connect(self._emit)
        self._blank()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription(HOW)
        theme().changed.connect(self._restyle)

    # --- what is drawn

    def set_shape(self, rows: int, cols: int, depth: int = 1, centred: bool | None = None) -> None:
        """Images of another size; the drawing goes.

        depth : 1 grey, 3 colour (the pen draws white and black)
        centred : whether drawings are scaled and centred as MNIST's digits are; as a rule (None)
            grey ones are and colour ones are not
        """
        self._shape = (rows, cols, depth)
        self._centred = depth == 1 if centred is None else centred and depth == 1
        self._undo.clear()
        self._blank()
        self.undo_changed.emit(False)
        self._changed()

    def set_image(self, image: NDArray) -> None:
        """Show an example exactly as it is, to be drawn on further: then it is centred again.

        image : (rows * cols * depth,) uint8, or float in [0, 1]
        """
        self._remember()
        if image.dtype == np.uint8:
            image = image / np.float32(255)
        self._given = np.array(image, np.float32).ravel()
        cells = np.rint(np.clip(self._given, 0, 1) * 255).astype(np.uint8).reshape(self._form)
        self._pixels[...] = cells.repeat(self._fine, 0).repeat(self._fine, 1)
        self._changed()

    @property
    def image(self) -> NDArray[np.float32]:
        """(rows * cols * depth,) float32 in [0, 1]: what the network sees."""
        if self._given is not None:
            return self._given
        if self._seen is None:  # painting and telling both ask
            rows, cols, _ = self._shape
            ink = self._pixels * np.float32(1 / 255)
            image = like_mnist(ink, rows, cols) if self._centred else self._cells()
            self._seen = image.ravel()
            self._seen.flags.writeable = False
        return self._seen

    @property
    def empty(self) -> bool:
        return not self._pixels.any()

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    def clear(self) -> None:
        """Take all ink away; undo brings it back."""
        if not self.empty:
            self._remember()
            self._pixels[...] = 0
            self._given = None
            self._changed()

    def undo(self) -> None:
        """Take back the last stroke, clearing or example."""
        if not self._undo:
            return
        moment = self._undo.pop()
        self._pixels[...] = np.frombuffer(moment.ink, np.uint8).reshape(self._pixels.shape)
        self._given = moment.given
        self.undo_changed.emit(bool(self._undo))
        self._changed()

    def tools(self) -> tuple[IconButton, IconButton]:
        """Buttons for the head of a section: undo and clear."""
        undo = IconButton("ph.arrow-u-up-left", "Take back the last stroke")
        clear = IconButton("ph.eraser", "Clear the pad")
        undo.clicked.connect(self.undo)
        clear.clicked.connect(self.clear)
        undo.setEnabled(self.can_undo)
        self.undo_changed.connect(undo.setEnabled)
        return undo, clear

    def _blank(self) -> None:
        rows, cols, depth = self._shape
        # a multiple of four: rows of a QImage start at whole words
        self._fine = 8 if max(rows, cols) <= 32 else 4
        size = (rows * self._fine, cols * self._fine)
        self._pixels = np.zeros(size if depth == 1 else (*size, depth), np.uint8)
        self._given = None
        kind = QImage.Format.Format_Grayscale8 if depth == 1 else QImage.Format.Format_RGB888
        # the pen of QPainter draws straight into the array
        self._ink = QImage(self._pixels.data, size[1], size[0], size[1] * depth, kind)

    @property
    def _form(self) -> tuple[int, ...]:
        """The shape of the image as an array: grey has no third axis."""
        return self._shape[:2] if self._shape[2] == 1 else self._shape

    def _cells(self) -> NDArray[np.float32]:
        """(rows, cols[, 3]) float32: the ink as drawn, its mean over each pixel."""
        rows, cols, depth = self._shape
        k = self._fine
        blocks = self._pixels.reshape(rows, k, cols, k, depth)
        total = blocks.sum(1, dtype=np.uint32).sum(2)
        return (total * np.float32(1 / (255 * k * k))).reshape(self._form)

    def _remember(self) -> None:
        self._undo = [*self._undo[1 - UNDOS :], _Moment(self._pixels.tobytes(), self._given)]
        self.undo_changed.emit(True)

    def _changed(self) -> None:
        self._seen = self._pictures = None
        self.update()
        if not self._tell.isActive():
            self._tell.start()

    def _emit(self) -> None:
        self.cleared.emit() if self.empty else self.drawn.emit(self.image)

    # --- where things lie

    def sizeHint(self) -> QSize:
        t = theme()
        return QSize(t.px(140) + (t.px(BESIDE) + t.px(12) if self._centred else 0), t.px(140))

    def minimumSizeHint(self) -> QSize:
        t = theme()
        return QSize(t.px(84) + (t.px(BESIDE) + t.px(12) if self._centred else 0), t.px(84))

    def _scaled(self, width: float, height: float) -> QSize:
        """The image in px, with a whole number of device pixels for each of its own."""
        rows, cols, _ = self._shape
        ratio = self.devicePixelRatioF()
        step = min(width * ratio / cols, height * ratio / rows)
        if step >= 1:
            step = float(int(step + 1e-6))
        return QSize(max(1, int(cols * step / ratio)), max(1, int(rows * step / ratio)))

    def _boxes(self) -> tuple[QRectF, QRectF]:
        """The pad, and what the network sees (empty where that is the same)."""
        t = theme()
        beside, gap = t.px(BESIDE), t.px(12)
        room = self.width() - (beside + gap if self._centred else 0)
        pad = QRectF(QPointF(0, 0), self._scaled(max(1, room), self.height()).toSizeF())
        if not self._centred:
            return pad, QRectF()
        # it grows with the pad, where the widget has room for it
        spare = self.width() - pad.width() - gap
        size = self._scaled(max(beside, min(spare, pad.width() * 0.45)), pad.height())
        return pad, QRectF(QPointF(pad.right() + gap, 0), size.toSizeF())

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pad, seen = self._boxes()
        if self._pictures is None:
            image = image_picture(self.image, self._shape)
            drawn = image if not self._centred else image_picture(self._cells(), self._shape)
            self._pictures = drawn, image
        painter.drawImage(pad, self._pictures[0])
        if self._centred:
            painter.drawImage(seen, self._pictures[1])
            self._draw_caption(painter, seen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.empty and self._last is None:
            painter.setFont(theme().font(13))
            painter.setPen(QColor(theme().name("plus")))
            painter.drawText(pad, Qt.AlignmentFlag.AlignCenter, ASK)
        if self._pointer is not None:
            self._draw_pen(painter, pad)
        if self._ringed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawRect(pad.adjusted(1, 1, -1, -1))

    def _draw_caption(self, painter: QPainter, seen: QRectF) -> None:
        t = theme()
        room = QRectF(seen.left(), seen.bottom() + t.px(6), max(seen.width(), t.px(BESIDE)), 999)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        if painter.boundingRect(room, flags, SEEN).bottom() <= self.height():
            painter.drawText(room, flags, SEEN)

    def _draw_pen(self, painter: QPainter, pad: QRectF) -> None:
        """The pen's outline: light within dark, it shows on straw and on indigo."""
        assert self._pointer is not None
        painter.save()
        painter.setClipRect(pad)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = self._pen_width * pad.width() / self._ink.width() / 2
        for colour, radius in (("#1A1F36", half + 1), ("#FFFFFF", half)):
            painter.setPen(QPen(QColor(colour), 1))
            painter.drawEllipse(self._pointer, radius, radius)
        painter.restore()

    # --- the pen

    @property
    def _pen_width(self) -> float:
        return PEN * min(self._ink.width(), self._ink.height())

    def _place(self, point: QPointF) -> QPointF:
        """A point of the widget in pixels of the ink."""
        pad = self._boxes()[0]
        return QPointF(
            (point.x() - pad.left()) * self._ink.width() / pad.width(),
            (point.y() - pad.top()) * self._ink.height() / pad.height(),
        )

    def _draw_to(self, point: QPointF) -> None:
        place = self._place(point)
        start, self._last = self._last or place, place
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(Qt.GlobalColor.black if self._erasing else Qt.GlobalColor.white))
        pen.setWidthF(self._pen_width * (1.6 if self._erasing else 1.0))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if start == place:
            painter.drawPoint(place)
        else:
            painter.drawLine(start, place)
        painter.end()
        self._given = None
        self._changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        known = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if not known or self._last is not None or not self._boxes()[0].contains(event.position()):
            return
        self._erasing = event.button() == Qt.MouseButton.RightButton
        self._remember()
        self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self._boxes()[0].contains(event.position())
        self._point_to(event.position() if inside else None)
        if self._last is not None:
            self._draw_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton):
            self._last = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick dabs are two dabs

    def leaveEvent(self, event: QEvent) -> None:
        self._point_to(None)

    def _point_to(self, point: QPointF | None) -> None:
        self._pointer = point
        inside = Qt.CursorShape.CrossCursor
        self.setCursor(Qt.CursorShape.ArrowCursor if point is None else inside)
        self.update()

    # --- keys and words

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self.can_undo and event.matches(QKeySequence.StandardKey.Undo):
                event.accept()  # after a stroke, undo means the stroke and not the document
                return True
        elif isinstance(event, QHelpEvent):
            pad, seen = self._boxes()
            point = QPointF(event.pos())
            words = WHY if seen.contains(point) else HOW if pad.contains(point) else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo) and self.can_undo:
            self.undo()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ringed = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ringed = False
        self.update()
