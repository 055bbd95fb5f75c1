"""A grid of images of a data set: those in one cell of a matrix, the hardest ones, or all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from lyapstudio.core.data import Part
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.pictures import Shape, image_picture

SIDE = 56
"""A thumbnail's longer side, or the nearest whole multiple of the image's, px."""
GAP = 8
CAPTION = 18
"""Height of a caption, px."""


def strip(part: Part, where: NDArray[np.int64], shape: Shape) -> QImage:
    """Some images of a part, one below the other, in the colours of the program."""
    rows, cols, depth = shape
    return image_picture(part.images[where], (rows * len(where), cols, depth))


class SampleGrid(QAbstractScrollArea):
    """Thumbnails in rows. `hovered` and `picked` carry an index into the part, or -1.

    A click picks, and so do the arrow keys; one that is `still` is only looked at. Only what is
    visible is drawn, so that a million images scroll like ten. Each may have a caption; a message
    stands where there are none.
    """

    hovered = Signal(int)
    picked = Signal(int)
    resized = Signal()

    def __init__(self, *, still: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._still = still
        self._inset = 0 if still else GAP // 2  # room for the ring
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        focus = Qt.FocusPolicy.NoFocus if still else Qt.FocusPolicy.StrongFocus
        self.setFocusPolicy(focus)
        self.setAccessibleName("Images")
        self.viewport().setMouseTracking(not still)
        self.viewport().setAutoFillBackground(False)
        self._part: Part | None = None
        self._where = np.zeros(0, np.int64)
        self._shape = (1, 1, 1)
        self._captions: Sequence[str] = ()
        self._message = ""
        self.chosen = -1  # a place in `_where`
        self._over = -1
        theme().changed.connect(self._lay_out)

    def show_images(
        self,
        part: Part,
        where: NDArray[np.int64],
        shape: Shape,
        captions: Sequence[str] = (),
        message: str = "",
    ) -> None:
        """Show these images of a part, with a caption each or none at all; nothing is copied."""
        self._part, self._where, self._shape = part, where, shape
        self._captions, self._message = captions, message
        self.setAccessibleDescription(f"{whole(len(where))} images" if len(where) else message)
        self.chosen = self._over = -1
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def clear(self, message: str = "") -> None:
        """Show no image."""
        self._part, self._where = None, np.zeros(0, np.int64)
        self._captions, self._message = (), message
        self.chosen = self._over = -1
        self._lay_out()

    def __len__(self) -> int:
        return len(self._where)

    @property
    def tile(self) -> tuple[int, int]:
        """Width and height of a thumbnail, px: whole copies of a pixel where it is enlarged."""
        rows, cols, _ = self._shape
        longest, side = max(rows, cols), theme().px(SIDE)
        times = max(1, round(side / longest)) if longest <= side else side / longest
        return max(1, round(cols * times)), max(1, round(rows * times))

    @property
    def _step(self) -> int:
        """From one row to the next, px."""
        return self.tile[1] + GAP + (theme().px(CAPTION) if len(self._captions) else 0)

    @property
    def per_row(self) -> int:
        """How many stand beside each other."""
        return max(1, (self.viewport().width() + GAP - 2 * self._inset) // (self.tile[0] + GAP))

    def box(self, place: int) -> QRect:
        """Where a thumbnail is in the viewport."""
        w, h = self.tile
        row, col = divmod(place, self.per_row)
        top = self._inset + row * self._step - self.verticalScrollBar().value()
        return QRect(self._inset + col * (w + GAP), top, w, h)

    def height_of(self, rows: int) -> int:
        """The height that shows so many rows of thumbnails, px."""
        return rows * self._step - GAP + 2 * self._inset

    def place_at(self, at: QPoint) -> int:
        """The thumbnail under a point, or -1."""
        w, step = self.tile[0], self._step
        row, y = divmod(at.y() - self._inset + self.verticalScrollBar().value(), step)
        col, x = divmod(at.x() - self._inset, w + GAP)
        place = row * self.per_row + col
        inside = x < w and y < step - GAP and 0 <= col < self.per_row
        return place if inside and 0 <= place < len(self._where) else -1

    def choose(self, index: int) -> None:
        """Mark an image by its index in the part and bring it into view; silent."""
        found = np.flatnonzero(self._where == index)
        self._move_to(int(found[0]) if len(found) else -1)

    def visible(self) -> range:
        """The places that are at least partly in view."""
        step = self._step
        first = self.verticalScrollBar().value() // step
        last = -(-(self.verticalScrollBar().value() + self.viewport().height()) // step)
        n = self.per_row
        return range(min(first * n, len(self._where)), min(last * n, len(self._where)))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(328), theme().px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(96), theme().px(96))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self._part is None or not len(self._where):
            self._paint_message(painter)
            return
        rows, cols, _ = self._shape
        smaller = self.tile[0] < cols
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        shown = self.visible()
        for start in shown[:: self.per_row]:
            end = min(start + self.per_row, shown.stop)
            image = strip(self._part, self._where[start:end], self._shape)
            for k in range(start, end):
                painter.drawImage(self.box(k), image, QRect(0, (k - start) * rows, cols, rows))
        self._paint_captions(painter, shown)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, role in ((self._over, "bar"), (self.chosen, "accent")):
            if place in shown:
                painter.setPen(QPen(theme().colour(role), 3))
                ring = self.box(place).toRectF().adjusted(-2.5, -2.5, 2.5, 2.5)
                painter.drawRoundedRect(ring, 3, 3)

    def _paint_captions(self, painter: QPainter, shown: range) -> None:
        if not len(self._captions):
            return
        painter.setFont(theme().font(11))
        painter.setPen(theme().colour("muted"))
        high, metrics = theme().px(CAPTION), QFontMetrics(painter.font())
        for k in shown:
            box = self.box(k)
            line = QRect(box.left() - 4, box.bottom() + 1, box.width() + 8, high)
            words = metrics.elidedText(self._captions[k], Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_message(self, painter: QPainter) -> None:
        painter.setFont(theme().font(11))
        painter.setPen(theme().colour("muted"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(4, 4, -4, 0), flags, self._message)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.place_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:  # Qt does not pass this one on
            self._hover(-1)
        elif isinstance(event, QHelpEvent):
            place = self.place_at(event.pos())
            words = self._captions[place] if place >= 0 and len(self._captions) else ""
            QToolTip.showText(event.globalPos() if words else QPoint(), words, self)
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        if place >= 0 and not self._still and event.button() == Qt.MouseButton.LeftButton:
            self._pick(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        n = self.per_row
        page = max(1, self.viewport().height() // self._step) * n
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -n,
            Qt.Key.Key_Down: n,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self),
            Qt.Key.Key_End: len(self),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self):
            super().keyPressEvent(event)
            return
        at = self.chosen + step if self.chosen >= 0 else 0
        self._pick(min(max(at, 0), len(self) - 1))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._hover(-1)

    def _pick(self, place: int) -> None:
        self._move_to(place)
        self.picked.emit(int(self._where[place]))

    def _move_to(self, place: int) -> None:
        self.chosen = place
        if place >= 0:
            box, bar = self.box(place), self.verticalScrollBar()
            over = box.top() + self._step - GAP + self._inset - self.viewport().height()
            if box.top() < self._inset:
                bar.setValue(bar.value() + box.top() - self._inset)
            elif over > 0:
                bar.setValue(bar.value() + over)
        self.viewport().update()

    def _hover(self, place: int) -> None:
        if place != self._over:
            self._over = place
            self.hovered.emit(int(self._where[place]) if place >= 0 else -1)
            self.viewport().update()

    def _lay_out(self) -> None:
        rows = -(-len(self._where) // self.per_row)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.height_of(rows) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._step // 2)
        self.viewport().update()
