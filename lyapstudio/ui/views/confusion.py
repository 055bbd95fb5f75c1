"""Which class is read as which: the confusion matrix, its errors in colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.ui.maps import packed
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.mixups import Mixups, percent

LONGEST_NAME = 72
"""Room for the name of a class, px; longer ones are elided."""

GRID_FROM = 10
"""Cells of so many px stand apart; smaller ones touch."""

NOTHING = "Train the readout: then this shows which class is read as which."

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


def strongest(values: NDArray, n: int) -> NDArray:
    """(n, n) maxima of the blocks of a larger square matrix."""
    starts = np.arange(n) * len(values) // n
    return np.maximum.reduceat(np.maximum.reduceat(values, starts, 0), starts, 1)


class ConfusionMatrix(QWidget):
    """Rows are true classes, columns what they were read as; the diagonal is right and quiet.

    A click, or the arrow keys, choose a cell: `cell_clicked(true, read)`.
    """

    cell_clicked = Signal(int, int)

    def __init__(self, plane: str = "side", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plane = plane
        self._mixups = Mixups(np.zeros((0, 0), np.int64), ())
        self._message = NOTHING
        self._chosen: tuple[int, int] | None = None
        self._under: tuple[int, int] | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        theme().changed.connect(self._forget)

    # --- what is shown

    def show_counts(self, counts: NDArray[np.integer], names: Sequence[str]) -> None:
        """(C, C) images of each true class (row) that were read as each class (column)."""
        if tuple(names) != self._mixups.names:
            self._chosen = self._under = None
        self._mixups = Mixups(counts, names)
        self.setAccessibleDescription(f"{self._mixups.headline}. {self._mixups.worst}")
        self._forget()

    def clear(self, message: str = NOTHING) -> None:
        """Nothing was judged yet; say why."""
        self.show_counts(np.zeros((0, 0), np.int64), ())
        self._message = message

    def set_chosen(self, cell: tuple[int, int] | None) -> None:
        """Outline a cell (true, read)."""
        self._chosen = cell
        self.update()

    @property
    def headline(self) -> str:
        """How many were read wrong: "231 of 10 000 read wrong (2.31 %)"."""
        return self._mixups.headline

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(400), theme().px(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(220))

    @property
    def _C(self) -> int:
        return len(self._mixups.names)

    def _forget(self) -> None:
        self._image = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = None

    def _name_width(self) -> int:
        metrics = QFontMetrics(theme().font(11, 600))
        widest = max((metrics.horizontalAdvance(n) for n in self._mixups.names), default=0)
        return min(widest + 2, theme().px(LONGEST_NAME))

    def _box(self) -> QRectF:
        """Where the cells lie: whole device pixels each where there is room."""
        t, C, ratio = theme(), max(1, self._C), self.devicePixelRatioF()
        left = t.px(22) + self._name_width() + t.px(6)
        room = self.width() - left - t.px(52)
        above = t.px(44) + t.px(20)
        upright = self._name_width() <= room / C
        top = above + (t.px(16) if upright else self._name_width()) + t.px(4)
        tall = (self.height() - top - 2) / C
        wide = room / C
        wide, tall = min(wide, 1.7 * tall), min(tall, wide)
        if min(wide, tall) * ratio >= 1:
            wide, tall = int(wide * ratio) / ratio, int(tall * ratio) / ratio
        return QRectF(left, top, wide * C, tall * C)

    def _blocks(self) -> int:
        """Rows of the picture: fewer than classes where there are more of them than pixels."""
        box, C = self._box(), self._C
        return min(C, max(1, int(min(box.width(), box.height()) * self.devicePixelRatioF())))

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """True class and class read; of those that share a pixel the most frequent error."""
        box, C, n = self._box(), self._C, self._blocks()
        if not C or not box.contains(point):
            return None
        r = min(int((point.y() - box.top()) / box.height() * n), n - 1)
        c = min(int((point.x() - box.left()) / box.width() * n), n - 1)
        (r0, r1), (c0, c1) = ((k * C // n, max((k + 1) * C // n, k * C // n + 1)) for k in (r, c))
        block = self._mixups.errors[r0:r1, c0:c1]
        i, j = np.unravel_index(int(block.argmax()), block.shape)
        return r0 + int(i), c0 + int(j)

    def _cell_box(self, cell: tuple[int, int]) -> QRectF:
        box, C = self._box(), self._C
        wide, tall = box.width() / C, box.height() / C
        return QRectF(box.left() + cell[1] * wide, box.top() + cell[0] * tall, wide, tall)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = theme(), QPainter(self)
        painter.setFont(t.font(11))
        if self._mixups.empty:
            painter.setPen(t.colour("muted"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self._message)
            return
        box = self._box()
        if self._image is None:
            self._image = self._render()
        painter.drawImage(box, self._image)
        cell = self._cell_box((0, 0))
        if min(cell.width(), cell.height()) >= GRID_FROM:
            self._draw_grid(painter, box, cell)
            self._draw_counts(painter)
        self._draw_words(painter, box)
        self._draw_names(painter, box)
        self._draw_class_errors(painter, box)
        for marked, role, width in ((self._under, "text", 1.5), (self._chosen, "accent", 2.5)):
            if marked is not None:
                self._draw_mark(painter, marked, role, width)

    def _colours(self) -> NDArray[np.uint8]:
        """(257, 3): the map of the errors, and after it the tone of the diagonal."""
        quiet = theme().colour("field")
        return np.vstack([theme().unsigned(), [[quiet.red(), quiet.green(), quiet.blue()]]])

    def _index(self, errors: NDArray, diagonal: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Entries of the map. The root of a count: as uncertain everywhere, and 1 is seen."""
        top = max(1, self._mixups.most)
        index = np.rint(255 * np.sqrt(errors / top)).astype(np.int64)
        return np.where(diagonal & (errors == 0), 256, index)

    def _render(self) -> QImage:
        n = self._blocks()
        errors = strongest(self._mixups.errors, n)
        index = self._index(errors, np.eye(n, dtype=bool))
        pixels = np.array(packed(self._colours()), np.uint32)[index]
        return QImage(pixels.data, n, n, 4 * n, QImage.Format.Format_RGB32).copy()

    def _draw_grid(self, painter: QPainter, box: QRectF, cell: QRectF) -> None:
        """Gaps between the cells in the tone of what is behind them."""
        painter.setPen(QPen(theme().colour(self.plane), 1))
        for k in range(self._C + 1):
            x, y = box.left() + k * cell.width(), box.top() + k * cell.height()
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _draw_counts(self, painter: QPainter) -> None:
        """Numbers where they fit; an empty cell says 0 without one."""
        t = theme()
        room = self._cell_box((0, 0))
        painter.setFont(t.font(11))
        metrics = QFontMetrics(painter.font())
        if room.height() < metrics.ascent() + 2:
            return
        index = self._index(self._mixups.errors, np.eye(self._C, dtype=bool))
        colours = self._colours()
        for true, read in np.argwhere(self._mixups.counts):
            words = whole(int(self._mixups.counts[true, read]))
            if metrics.horizontalAdvance(words) > room.width() - 2:
                words = str(
                    int(self._mixups.counts[true, read])
                )  # without the thin space it may fit
            if metrics.horizontalAdvance(words) > room.width():
                continue
            if true == read:
                painter.setPen(t.colour("muted"))
            else:
                painter.setPen(_readable(colours[index[true, read]]))
            painter.drawText(self._cell_box((int(true), int(read))), _CENTRE, words)

    def _draw_words(self, painter: QPainter, box: QRectF) -> None:
        t = theme()
        line = QRectF(0, 0, self.width(), t.px(22))
        painter.setFont(t.font(13, 600))
        painter.setPen(t.colour("text"))
        painter.drawText(line, _LEFT, self._mixups.headline)
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        worst = QFontMetrics(painter.font()).elidedText(
            self._mixups.worst, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(line.translated(0, t.px(20)), _LEFT, worst)
        above = QRectF(box.left(), t.px(46), box.width(), t.px(18))
        painter.drawText(above, _CENTRE, "read as")
        painter.drawText(
            QRectF(box.right() + t.px(4), box.top() - t.px(20), t.px(46), t.px(18)), _RIGHT, "wrong"
        )
        painter.save()
        painter.translate(t.px(9), box.center().y())
        painter.rotate(-90)
        painter.drawText(
            QRectF(-box.height() / 2, -t.px(9), box.height(), t.px(18)), _CENTRE, "true class"
        )
        painter.restore()

    def _every(self, room: float, needed: float) -> int:
        """Only each so-manieth class is named where the names would collide."""
        every = max(1, int(np.ceil(needed / max(room, 1e-6))))
        return next((k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500) if k >= every), every)

    def _draw_names(self, painter: QPainter, box: QRectF) -> None:
        t, C = theme(), self._C
        cell, wide = self._cell_box((0, 0)), self._name_width()
        upright = wide <= cell.width()
        lit = self._under or self._chosen or (-1, -1)
        tall = QFontMetrics(t.font(11)).height()
        down = self._every(cell.height(), tall - 2)
        across = self._every(cell.width(), 1 if upright else tall - 2)
        for k in range(C):
            if k % down == 0 or (k == lit[0] and down == 1):
                middle = box.top() + (k + 0.5) * cell.height()
                line = QRectF(t.px(22), middle - tall / 2, wide, tall)
                self._draw_name(painter, k, line, _RIGHT, k == lit[0])
            if k % across == 0:
                middle = box.left() + (k + 0.5) * cell.width()
                painter.save()
                if upright:
                    line = QRectF(
                        middle - cell.width() / 2, box.top() - tall - 3, cell.width(), tall
                    )
                    self._draw_name(painter, k, line, _CENTRE, k == lit[1])
                else:
                    painter.translate(middle, box.top() - t.px(4))
                    painter.rotate(-90)
                    line = QRectF(0, -tall / 2, wide, tall)
                    self._draw_name(painter, k, line, _LEFT, k == lit[1])
                painter.restore()

    def _draw_name(
        self, painter: QPainter, k: int, line: QRectF, flags: Qt.AlignmentFlag, lit: bool
    ) -> None:
        t = theme()
        painter.setFont(t.font(11, 600 if lit else 400))
        painter.setPen(t.colour("text" if lit else "muted"))
        words = QFontMetrics(painter.font()).elidedText(
            self._mixups.names[k], Qt.TextElideMode.ElideMiddle, int(np.ceil(line.width())) + 1
        )
        painter.drawText(line, flags, words)

    def _draw_class_errors(self, painter: QPainter, box: QRectF) -> None:
        """At the right edge: a number for each class, or bars where the rows are too low."""
        t, cell = theme(), self._cell_box((0, 0))
        wrong, total = self._mixups.wrong, self._mixups.total
        share = wrong / np.maximum(total, 1)
        worst = int(share.argmax())
        left, room = box.right() + t.px(6), t.px(44)
        if cell.height() >= QFontMetrics(t.font(11)).ascent() + 2:
            for k in range(len(share)):
                lead = k == worst and bool(wrong[k])
                painter.setFont(t.font(11, 600 if lead else 400))
                painter.setPen(t.colour("text" if lead else "muted"))
                line = QRectF(left, box.top() + k * cell.height(), room, cell.height())
                painter.drawText(line, _RIGHT, percent(wrong[k], total[k], 1))
            return
        n = self._blocks()
        starts = np.arange(n) * len(share) // n
        top = float(share.max()) or 1.0
        tall = box.height() / n
        for k, part in enumerate(np.maximum.reduceat(share, starts) / top):
            bar = QRectF(left, box.top() + k * tall, part * room, max(1.0, tall * 0.8))
            painter.fillRect(bar, t.colour("bar"))

    def _draw_mark(self, painter: QPainter, cell: tuple[int, int], role: str, width: float) -> None:
        t, box = theme(), self._cell_box(cell)
        grow = max(0.0, 4 - box.width() / 2)
        box.adjust(-grow, -grow, grow, grow)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for name, thick in (("stage", width + 2), (role, width)):
            pen = QPen(t.colour(name), thick)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(box)

    # --- mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, cell: tuple[int, int] | None) -> None:
        if cell != self._under:
            self._under = cell
            over = Qt.CursorShape.PointingHandCursor
            self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else over)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click is not for what lies beneath

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None or not self._mixups.names:
            super().keyPressEvent(event)
            return
        row, col = self._chosen or (-way[0], -way[1])
        last = self._C - 1
        self._choose((min(max(row + way[0], 0), last), min(max(col + way[1], 0), last)))

    def _choose(self, cell: tuple[int, int]) -> None:
        self.set_chosen(cell)
        self.cell_clicked.emit(*cell)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            words = self._mixups.of_cell(*cell) if cell is not None else self._told(event.pos().y())
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _told(self, y: float) -> str:
        """The row's own sentence, beside the cells."""
        box = self._box()
        if not self._C or not box.top() <= y < box.bottom():
            return ""
        return self._mixups.of_class(int((y - box.top()) / box.height() * self._C))


def _readable(colour: NDArray[np.uint8]) -> QColor:
    """Words on a colour of the map: the text's or the stage's, whichever is further from it."""
    t = theme()
    here = QColor(*(int(c) for c in colour)).lightnessF()
    inks = (t.colour("text"), t.colour("stage"))
    return max(inks, key=lambda ink: abs(ink.lightnessF() - here))
