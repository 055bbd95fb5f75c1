"""A grid of images from a data set: only those in sight are drawn, so thousands scroll freely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from lyapstudio.ui.maps import TONES, packed, ramp
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.thumbnail import draw_rounded, radius_of
from lyapstudio.ui.theme import theme

SIDE = 56
"""An image is about so many px wide: a whole number of pixels each of its own."""

GAP = 10

_RAMP = np.array(packed(ramp(TONES)), np.uint32)


def picture(pixels: NDArray[np.floating] | NDArray[np.uint8]) -> QImage:
    """An image of a data set, one pixel each: grey as a ramp from minus to plus, colour as it is.

    pixels : (rows, cols) or (rows, cols, 3), uint8 or float in [0, 1]
    """
    if pixels.dtype != np.uint8:
        pixels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if pixels.ndim == 2:
        packed_pixels = _RAMP[pixels]
    else:
        r, g, b = np.moveaxis(pixels.astype(np.uint32), 2, 0)
        packed_pixels = (255 << 24) | (r << 16) | (g << 8) | b
    rows, cols = packed_pixels.shape
    image = QImage(packed_pixels.data, cols, rows, 4 * cols, QImage.Format.Format_RGB32)
    return image.copy()  # owns its pixels


def fitted(image: QImage, room: QSize, ratio: float) -> QPixmap:
    """The image within that many px: whole copies of its pixels, or smooth where none fit."""
    device = room * ratio
    whole_copies = device.width() % image.width() == 0 and device.width() >= image.width()
    mode = Qt.TransformationMode
    pixmap = QPixmap.fromImage(
        image.scaled(
            device,
            Qt.AspectRatioMode.KeepAspectRatio,
            mode.FastTransformation if whole_copies else mode.SmoothTransformation,
        )
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def shaped(pixels: NDArray, rows: int, cols: int, depth: int) -> NDArray:
    """(N,) as (rows, cols), or (rows, cols, 3) where there are colours."""
    return pixels.reshape((rows, cols) if depth == 1 else (rows, cols, depth))


class SampleGrid(QAbstractScrollArea):
    """Images with captions in rows that wrap; a click, or the arrows and Return, `chosen(index)`.

    `set_side` changes their size; a sentence stands where there are none.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: NDArray = np.empty((0, 1), np.uint8)
        self._captions: Sequence[str] = ()
        self._shape = (1, 1, 1)
        self._message = ""
        self._side = SIDE
        self._chosen: int | None = None
        self._under: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Images")
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        theme().changed.connect(self._arrange)

    # --- what is shown

    def show_images(
        self,
        images: NDArray,
        shape: tuple[int, int, int],
        captions: Sequence[str] = (),
        message: str = "",
    ) -> None:
        """Show these from the first on; nothing is copied.

        images : (m, N) uint8, or float in [0, 1]
        shape : rows, cols, depth (1 grey, 3 colour)
        captions : of each, or none at all
        message : the sentence that stands there if m is 0
        """
        self._images, self._shape = images, shape
        self._captions, self._message = captions, message
        self._chosen = self._under = None
        self.setAccessibleDescription(f"{whole(len(images))} images" if len(images) else message)
        self._arrange()
        self.verticalScrollBar().setValue(0)

    def set_side(self, side: int) -> None:
        """About how wide an image is, px."""
        self._side = side
        self._arrange()

    def set_chosen(self, index: int | None) -> None:
        """Ring one image and bring it into sight; None rings none."""
        if index is not None and not 0 <= index < len(self._images):
            index = None
        self._chosen = index
        if index is not None:
            box, bar = self._box(index), self.verticalScrollBar()
            if box.top() < 0:
                bar.setValue(int(bar.value() + box.top() - GAP))
            elif self._tile_bottom(box) > self.viewport().height():
                beyond = self._tile_bottom(box) - self.viewport().height()
                bar.setValue(int(np.ceil(bar.value() + beyond)))
        self.viewport().update()

    @property
    def per_row(self) -> int:
        """Images beside each other."""
        room = self.viewport().width() - 2 * self._margin
        return max(1, int((room + GAP) // (self._size().width() + GAP)))

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(328), theme().px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(96), theme().px(96))

    @property
    def _margin(self) -> int:
        return 4  # the ring of a chosen image at the edge is whole

    def _size(self) -> QSize:
        """Of an image in px: a whole number of device pixels for each of its own, if it can be."""
        rows, cols, _ = self._shape
        ratio = self.devicePixelRatioF()
        step = theme().px(self._side) * ratio / cols
        step = max(1.0, float(round(step))) if step >= 0.75 else step
        return QSize(max(1, round(cols * step / ratio)), max(1, round(rows * step / ratio)))

    @property
    def _words(self) -> int:
        """Height of a caption."""
        return theme().px(18) if len(self._captions) else 0

    def _tile(self) -> QSize:
        """From one image to the next."""
        size = self._size()
        return QSize(size.width() + GAP, size.height() + self._words + GAP)

    def _tile_bottom(self, box: QRectF) -> float:
        return box.bottom() + self._words + self._margin

    def _box(self, index: int) -> QRectF:
        """Of an image, in the viewport."""
        row, col = divmod(index, self.per_row)
        tile, size = self._tile(), self._size()
        x = self._margin + col * tile.width()
        y = self._margin + row * tile.height() - self.verticalScrollBar().value()
        return QRectF(x, y, size.width(), size.height())

    def _at(self, point: QPointF) -> int | None:
        tile = self._tile()
        x = point.x() - self._margin
        y = point.y() - self._margin + self.verticalScrollBar().value()
        row, col = int(y // tile.height()), int(x // tile.width())
        index = row * self.per_row + col
        inside = 0 <= col < self.per_row and row >= 0 and index < len(self._images)
        return index if inside and x % tile.width() <= self._size().width() else None

    def _arrange(self) -> None:
        tall = self._tile().height()
        total = -(-len(self._images) // self.per_row) * tall + 2 * self._margin - GAP
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, total - room))
        bar.setPageStep(room)
        bar.setSingleStep(max(1, tall // 3))
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self._images):
            self._draw_message(painter)
            return
        tall, per_row = self._tile().height(), self.per_row
        start = self.verticalScrollBar().value() - self._margin
        first = max(0, start // tall) * per_row
        last = (start + self.viewport().height()) // tall * per_row + per_row
        for index in range(first, min(last, len(self._images))):
            self._draw(painter, index)

    def _draw(self, painter: QPainter, index: int) -> None:
        t, box = theme(), self._box(index)
        image = picture(shaped(self._images[index], *self._shape))
        pixmap = fitted(image, box.size().toSize(), self.devicePixelRatioF())
        draw_rounded(painter, box, pixmap, radius_of(box.width()))
        lead = index == self._chosen
        if lead or index == self._under:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(t.colour("accent" if lead else "bar"), 2))
            painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8)
        if len(self._captions):
            painter.setFont(t.font(11, 600 if lead else 400))
            painter.setPen(t.colour("text" if lead else "muted"))
            line = QRectF(box.left() - 4, box.bottom() + 3, box.width() + 8, self._words - 3)
            words = QFontMetrics(painter.font()).elidedText(
                self._captions[index], Qt.TextElideMode.ElideRight, int(line.width())
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_message(self, painter: QPainter) -> None:
        painter.setFont(theme().font(11))
        painter.setPen(theme().colour("muted"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        room = self.viewport().rect().adjusted(self._margin, self._margin, -self._margin, 0)
        painter.drawText(room, flags, self._message)

    # --- mouse and keys

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            index = self._at(QPointF(event.pos()))
            words = self._captions[index] if index is not None and len(self._captions) else ""
            QToolTip.showText(event.globalPos() if words else QPoint(), words, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def _hover(self, index: int | None) -> None:
        if index != self._under:
            self._under = index
            over = Qt.CursorShape.PointingHandCursor
            shape = Qt.CursorShape.ArrowCursor if index is None else over
            self.viewport().setCursor(shape)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click is not for what lies beneath

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.per_row,
            Qt.Key.Key_Down: self.per_row,
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None or not len(self._images):
            super().keyPressEvent(event)
            return
        now = self._chosen
        index = 0 if now is None else now + way
        if 0 <= index < len(self._images):
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.set_chosen(index)
        self.chosen.emit(index)
