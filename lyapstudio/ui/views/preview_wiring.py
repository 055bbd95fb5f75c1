"""A wiring in pictures: whom one neuron hears, the matrix of all, how many each one hears."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.maps import packed
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.raster import Placement, fitting_step

BARS = 28
"""Of the histogram at most."""

FEWEST = 5
"""Places of the histogram at least, so that one bar does not look like a wall."""

EDGE = 2
"""Around the sheet, so that the frame of a neuron at its rim is seen, px."""

GLASS = 0.42
"""Part of the sheet that the magnifying glass covers where cells are too small to be seen."""

GLASS_CELL, SMALL_CELL = 5, 3
"""Device pixels of a cell under the glass, and those from which on no glass is needed."""

ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class _Picture(QWidget):
    """As large as its room; repainted in the colours of the theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(216))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(140), theme().px(120))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class SheetPicture(_Picture):
    """The sheet with one neuron and those that it hears; a click or the arrows pick another."""

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__("Whom one neuron hears")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._shape = (1, 1)
        self._neuron: int | None = None
        self._heard: NDArray[np.integer] = np.empty(0, np.int32)

    def show_heard(
        self, rows: int, cols: int, neuron: int, heard: NDArray[np.integer], own: bool = False
    ) -> None:
        """Neuron and whom it hears, as flat indices; own: itself, too."""
        self._shape, self._neuron = (rows, cols), neuron
        self._heard = np.append(heard, neuron) if own else heard
        self.update()

    def _placement(self) -> Placement:
        ratio = self.devicePixelRatioF()
        rows, cols = self._shape
        width, height = (max(1, int((n - 2 * EDGE) * ratio)) for n in (self.width(), self.height()))
        step, edge = fitting_step(rows, cols, width, height), round(EDGE * ratio)
        return Placement(rows, cols, step, edge, edge, width, height)

    def cells(self) -> NDArray[np.uint8]:
        """(H, W) 1 where a neuron is heard; one pixel a cell, or a block of them."""
        k, (rows, cols) = self._placement().block, self._shape
        pixels = np.zeros((-(-rows // k), -(-cols // k)), np.uint8)
        pixels[self._heard // cols // k, self._heard % cols // k] = 1
        return pixels

    def box_of(self, neuron: int) -> QRectF:
        """Where a neuron lies in the widget."""
        p, ratio = self._placement(), self.devicePixelRatioF()
        row, col = divmod(neuron, self._shape[1])
        side = p.step / ratio
        return QRectF(p.left / ratio + col * side, p.top / ratio + row * side, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._neuron is None:
            return
        t, painter, p, ratio = theme(), QPainter(self), self._placement(), self.devicePixelRatioF()
        colours = [t.colour("field").rgb(), t.colour("accent").rgb()]
        image = indexed(self.cells(), colours)
        size = QSize(
            round(image.width() * p.block * p.step), round(image.height() * p.block * p.step)
        )
        target = QRectF(p.left / ratio, p.top / ratio, size.width() / ratio, size.height() / ratio)
        painter.drawImage(target, image)
        self._frame_cell(painter, self.box_of(self._neuron))
        if self.enlarges:
            self._paint_glass(painter, target, colours)
        if self.hasFocus():
            painter.setPen(QPen(t.colour("accent"), 2))
            painter.drawRoundedRect(target.adjusted(1, 1, -1, -1), 3, 3)

    @property
    def enlarges(self) -> bool:
        """Whether a corner shows the surroundings of the neuron enlarged."""
        return self._neuron is not None and self._placement().step < SMALL_CELL

    def _frame_cell(self, painter: QPainter, cell: QRectF) -> None:
        t = theme()
        grow = max(1.0, 4.0 - cell.width() / 2)
        for role, thick in (("stage", 4.0), ("text", 2.0)):
            pen = QPen(t.colour(role), thick)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(cell.adjusted(-grow, -grow, grow, grow))

    def _paint_glass(self, painter: QPainter, sheet: QRectF, colours: list[int]) -> None:
        """The neuron's surroundings, in the corner that is farthest from it."""
        assert self._neuron is not None
        ratio, (rows, cols) = self.devicePixelRatioF(), self._shape
        row, col = divmod(self._neuron, cols)
        reach = int(GLASS * max(sheet.width(), sheet.height()) * ratio / GLASS_CELL / 2)
        down, right = self._heard // cols - row, self._heard % cols - col
        near = (np.abs(down) <= reach) & (np.abs(right) <= reach)
        pixels = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
        pixels[down[near] + reach, right[near] + reach] = 1
        side = GLASS_CELL / ratio
        box = QRectF(0, 0, len(pixels) * side, len(pixels) * side)
        left, top = sheet.left() + 0.5, sheet.top() + 0.5
        right_edge, bottom = sheet.right() - box.width() - 0.5, sheet.bottom() - box.height() - 0.5
        box.moveTo(left if 2 * col > cols else right_edge, top if 2 * row > rows else bottom)
        painter.drawImage(box, indexed(pixels, colours))
        painter.setPen(QPen(theme().colour("muted"), 1))
        painter.drawRect(box)
        middle = QRectF(box.left() + reach * side, box.top() + reach * side, side, side)
        painter.fillRect(middle, theme().colour("text"))  # a frame would hide its neighbours

    def neuron_at(self, point: QPointF) -> int | None:
        """The neuron under a point."""
        ratio, (rows, cols) = self.devicePixelRatioF(), self._shape
        row, col = self._placement().cell(point.x() * ratio, point.y() * ratio)
        return row * cols + col if 0 <= row < rows and 0 <= col < cols else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event)

    def _pick(self, event: QMouseEvent) -> None:
        neuron = self.neuron_at(event.position())
        if neuron is not None and neuron != self._neuron:
            self.picked.emit(neuron)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = ARROWS.get(Qt.Key(event.key()))
        if way is None or self._neuron is None:
            super().keyPressEvent(event)
            return
        (rows, cols), (row, col) = self._shape, divmod(self._neuron, self._shape[1])
        row, col = min(max(row + way[0], 0), rows - 1), min(max(col + way[1], 0), cols - 1)
        self.picked.emit(row * cols + col)


class MatrixPicture(_Picture):
    """(B, B) shares of connected pairs, the largest in the strongest tone."""

    def __init__(self) -> None:
        super().__init__("Who hears whom")
        self._blocks = np.zeros((0, 0))
        self._neurons = 0
        self.setMouseTracking(True)

    def show_blocks(self, blocks: NDArray[np.float64], neurons: int) -> None:
        """(B, B) float64 in [0, 1], of so many neurons."""
        self._blocks, self._neurons = blocks, neurons
        self.update()

    @property
    def level(self) -> float:
        """The share that has the strongest tone."""
        return float(self._blocks.max())

    def _box(self) -> QRectF:
        B, ratio = len(self._blocks), self.devicePixelRatioF()
        room = (min(self.width(), self.height()) - 2) * ratio
        side = math.floor(room / B) * B if room >= B else room
        return QRectF(1, 1, side / ratio, side / ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._neurons:
            return
        t, painter, box = theme(), QPainter(self), self._box()
        colours = packed(t.unsigned())
        tones = np.rint(self._blocks * (255 / max(self.level, 1e-12))).astype(np.uint8)
        # what is there at all is seen
        tones = np.where(self._blocks > 0, np.maximum(tones, 40), 0).astype(np.uint8)
        image = indexed(tones, colours)
        shrunk = box.width() * self.devicePixelRatioF() < image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(box, image)
        painter.setPen(QPen(t.colour("groove"), 1))
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))

    def reading(self, point: QPointF) -> str:
        """What the block under a point says, or ""."""
        B = len(self._blocks)
        if not B or not (box := self._box()).contains(point):
            return ""
        row = min(int((point.y() - box.top()) / box.height() * B), B - 1)
        col = min(int((point.x() - box.left()) / box.width() * B), B - 1)
        share = self._blocks[row, col]
        if self._neurons == B:
            return (
                f"Neuron {whole(row + 1)} {'hears' if share else 'does not hear'} {whole(col + 1)}"
            )
        return f"Neurons {self._span(row)} hear {100 * share:.3g} % of {self._span(col)}"

    def _span(self, block: int) -> str:
        B, N = len(self._blocks), self._neurons
        first, end = -(-block * N // B), -(-(block + 1) * N // B)
        return f"{whole(first + 1)} – {whole(end)}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.setToolTip(self.reading(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.setToolTip("")


class DegreeBars(_Picture):
    """How many neurons hear so many others; whole numbers share a bar where they are many."""

    def __init__(self) -> None:
        super().__init__("How many each one hears")
        self.low, self.high, self.width_of_bar = 0, 0, 1
        self.counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.setMouseTracking(True)

    def show_degrees(self, degrees: NDArray[np.integer]) -> None:
        """(N,) how many others each neuron hears."""
        low, high = int(degrees.min()), int(degrees.max())
        short = max(0, FEWEST - (high - low + 1))
        low = max(0, low - short // 2)
        self.width_of_bar = max(1, math.ceil((high - low + 1) / BARS))
        bars = max(FEWEST, math.ceil((high - low + 1) / self.width_of_bar))
        self.low, self.high = low, max(high, low + FEWEST - 1)
        self.counts = np.bincount((degrees - low) // self.width_of_bar, minlength=bars)
        self.update()

    def _plot(self) -> QRectF:
        t = theme()
        return QRectF(1, t.px(18), self.width() - 2, max(8, self.height() - t.px(18 + 20)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self.counts):
            return
        t, painter, plot = theme(), QPainter(self), self._plot()
        most, bars = max(1, int(self.counts.max())), len(self.counts)
        slot = plot.width() / bars
        painter.setFont(t.font(11))
        painter.setPen(QPen(t.colour("line"), 1))
        top = round(plot.top()) - 0.5
        painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
        painter.setPen(t.colour("muted"))
        words = f"{whole(most)} neuron{'' if most == 1 else 's'}"
        painter.drawText(QRectF(0, 0, self.width(), t.px(16)), Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour("accent"))
        gap = 1.0 if slot >= 4 else 0.0
        for k in np.flatnonzero(self.counts).tolist():
            tall = max(1.5, plot.height() * self.counts[k] / most)  # one among many is seen
            painter.drawRect(QRectF(plot.left() + k * slot, plot.bottom() - tall, slot - gap, tall))
        base = round(plot.bottom()) + 0.5
        painter.setPen(QPen(t.colour("groove"), 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        self._paint_numbers(painter, plot, slot)

    def _paint_numbers(self, painter: QPainter, plot: QRectF, slot: float) -> None:
        """The middles of the first, the middle and the last bar."""
        t, bars = theme(), len(self.counts)
        painter.setPen(t.colour("muted"))
        metrics = QFontMetrics(painter.font())
        for k in dict.fromkeys((0, (bars - 1) // 2, bars - 1)):
            words = self._span(k)
            wide = metrics.horizontalAdvance(words) + 2
            x = min(max(plot.left() + (k + 0.5) * slot - wide / 2, 0.0), self.width() - wide)
            box = QRectF(x, plot.bottom() + t.px(3), wide, t.px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _span(self, bar: int) -> str:
        first = self.low + bar * self.width_of_bar
        last = min(first + self.width_of_bar - 1, self.high)
        return whole(first) if first == last else f"{whole(first)}–{whole(last)}"

    def reading(self, point: QPointF) -> str:
        """What the bar under a point says, or ""."""
        plot = self._plot()
        k = math.floor((point.x() - plot.left()) / plot.width() * len(self.counts))
        if not 0 <= k < len(self.counts):
            return ""
        count = int(self.counts[k])
        if count == 1:
            return f"1 neuron hears {self._span(k)} others"
        return f"{whole(count)} neurons hear {self._span(k)} others"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.setToolTip(self.reading(event.position()))


def indexed(pixels: NDArray[np.uint8], colours: list[int]) -> QImage:
    """(H, W) indices of a colour table as an image of its own."""
    H, W = pixels.shape
    rows = np.zeros((H, -(-W // 4) * 4), np.uint8)  # rows of an image start at multiples of four
    rows[:, :W] = pixels
    image = QImage(rows.data, W, H, rows.shape[1], QImage.Format.Format_Indexed8)
    image.setColorTable(colours)
    return image.convertToFormat(QImage.Format.Format_RGB32)
