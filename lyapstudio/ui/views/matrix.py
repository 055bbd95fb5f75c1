"""The weight matrix: row i listens, column j is listened to; binned from afar, cells near by."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from lyapstudio.core.insight import Block
from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.axes import AXIS, TITLES, draw_axes, widest_number
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.marks import brush_frame
from lyapstudio.ui.views.pictures import as_image
from lyapstudio.ui.views.raster import stroke
from lyapstudio.ui.views.sight import Wanted, wanted
from lyapstudio.ui.views.signed import BAR, SENTENCE, indices, silent_table
from lyapstudio.ui.views.square import MIDDLE, SquareView
from lyapstudio.ui.views.titles import draw_title

TITLE = "Weights"
NEARER = "zoom in to paint"

HEADER = 36
"""Height of the title line, px."""

PAINTABLE = 3
"""Cells so wide, px, can be painted."""

RULED = 12
"""From so many px on, lines part the cells."""

STEADY = 1.25
"""The colours keep their meaning while the view moves and levels differ by no more than this."""


class MatrixView(SquareView):
    """Asks for blocks and shows the newest where it belongs, even if the view has moved on.

    `block_wanted(row, col, height, width, h, w)`: what a Block has, whenever the view moves.
    `painted(into, out_of, value)`: (K,) int32 each, the pairs under the brush, left +1, right -1.
    `hovered`: (into, out_of) or None.
    """

    block_wanted = Signal(int, int, int, int, int, int)
    stroke_began = Signal()
    painted = Signal(object, object, int)
    stroke_ended = Signal()
    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(256, parent)
        self.brush = 1
        self._paintable, self._cols = True, 16
        self._blocks: list[tuple[Block, QImage]] = []  # perhaps the whole matrix, then the newest
        self._level = 1.0
        self._marked: int | None = None
        self._under: tuple[int, int] | None = None
        self._stroke: tuple[tuple[int, int], int] | None = None
        self._asked: Wanted | None = None
        self._bar = ColourBar()
        self._bar.setParent(self)
        self._bar.setToolTip("Warm is positive, cool is negative.")
        self._all = TextButton("Whole matrix", icon="ph.corners-out", tooltip="Zoom out (0)")
        self._all.setParent(self)
        self._all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._all.clicked.connect(self.reset_view)
        self._all.hide()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)
        self.setAccessibleName("Weight matrix")
        theme().changed.connect(self._restyle)

    # --- what is shown

    def set_size(self, N: int, cols: int) -> None:
        """N neurons on a sheet of `cols` columns; a new size shows all of the matrix."""
        self._cols = cols
        if N != self._N:
            self._N, self._marked, self._under, self._asked = N, None, None, None
            self._blocks = []
            self.reset_view()

    def show_block(self, block: Block) -> None:
        """The newest weights; while a stroke is drawn their colours keep their meaning."""
        if max(block.row + block.height, block.col + block.width) > self._N:
            return  # from before the network changed its size
        level = symmetric_level(np.asarray(block.values, np.float64))
        steady = self._blocks and max(level / self._level, self._level / level) <= STEADY
        if self._stroke is None and not steady:
            self._level = level
            self._bar.set_levels(-level, level, self._N)
        drawn = block, self._drawn(block)
        all_of_it = (block.height, block.width) == (self._N, self._N)
        self._blocks = [drawn] if all_of_it else [*self._blocks[:1], drawn]
        self.update()

    def mark(self, neuron: int | None) -> None:
        """Thin lines along the row and the column of a neuron."""
        self._marked = neuron
        self.update()

    @property
    def wanted(self) -> Wanted:
        """The block that fits the view as it is now."""
        return wanted(self._placement())

    @property
    def paintable(self) -> bool:
        """Whether cells may be painted once they are large enough."""
        return self._paintable

    @paintable.setter
    def paintable(self, may: bool) -> None:
        self._paintable = may
        self._moved()

    @property
    def paints(self) -> bool:
        """Whether cells can be painted as they are now."""
        _, _, height, width, h, w = self.wanted
        wide = self._placement().step >= PAINTABLE * self.devicePixelRatioF()
        return self._paintable and wide and (height, width) == (h, w)

    def caption(self) -> str:
        """What a cell is, or what the pointer reads."""
        words = self._reading() or self._what_a_cell_is()
        return f"{words} · {NEARER}" if self._paintable and not self.paints else words

    def _what_a_cell_is(self) -> str:
        _, _, height, _, h, _ = self.wanted
        bin = whole(round(height / h))
        return (
            f"each cell is the mean of {bin} × {bin} weights" if height != h else "single weights"
        )

    def _reading(self) -> str:
        """The weight under the pointer in words."""
        if self._under is None or not self._blocks:
            return ""
        into, out_of = self._under
        b = self._blocks[-1][0]
        if not (0 <= into - b.row < b.height and 0 <= out_of - b.col < b.width):
            return ""
        h, w = b.values.shape
        value = b.values[_bin(into - b.row, b.height, h), _bin(out_of - b.col, b.width, w)]
        start, goal = place(out_of, self._cols), place(into, self._cols)
        size = figure(float(f"{value:.4g}"), sign=True)
        if b.binned:
            return f"mean from about {start} to about {goal}: {size}"
        return f"from {start} to {goal if start != goal else 'itself'}: {size}"

    def _drawn(self, block: Block) -> QImage:
        return as_image(indices(block.values, self._level)[:, :, None], silent_table())

    def _restyle(self) -> None:
        self._blocks = [(block, self._drawn(block)) for block, _ in self._blocks]
        self.updateGeometry()
        self._moved()

    # --- where things lie

    def _area(self) -> QRect:
        t = theme()
        left = t.px(TITLES) + widest_number(self._N)
        return self.rect().adjusted(left, t.px(HEADER + TITLES + AXIS), -t.px(4), -t.px(4))

    def _line(self) -> QRectF:
        """The title line: over the matrix and its axes, and as wide as the captions need."""
        t, box, axis = theme(), self.picture(), self._area().left()
        wide = max(box.width() + axis, float(t.px(SENTENCE)))
        wide = min(wide, float(self.width()))
        left = min(max(0.0, box.center().x() - axis / 2 - wide / 2), self.width() - wide)
        return QRectF(left, t.px(4), wide, t.px(28))

    def _moved(self) -> None:
        """Place what floats over the view, and ask for the weights that it shows now."""
        t, line, box = theme(), self._line(), self.picture()
        self._bar.setGeometry(int(line.right()) - t.px(BAR), t.px(4), t.px(BAR), t.px(28))
        self._all.setVisible(self.zoomed)
        self._all.resize(self._all.sizeHint())
        right, bottom = int(box.right()) - t.px(8), int(box.bottom()) - t.px(8)
        self._all.move(right - self._all.width(), bottom - self._all.height())
        if self._pan_from is None:
            self._set_cursor()
        if self.isVisible() and not self._soon.isActive():
            self._soon.start(0)
        self.update()

    def _set_cursor(self) -> None:
        shapes = Qt.CursorShape
        self.setCursor(shapes.CrossCursor if self.paints else shapes.ArrowCursor)

    def _ask(self) -> None:
        now = self.wanted
        if now != self._asked or not self._blocks:
            self._asked = now
            self.block_wanted.emit(*now)

    def showEvent(self, event: QShowEvent) -> None:
        self._moved()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t, box = theme(), self.picture()
        painter = QPainter(self)
        painter.save()
        painter.setClipRect(box)
        painter.fillRect(box, t.colour("field"))  # not known yet
        newest = self._blocks[-1:]
        for block, image in newest if newest and self._covers(newest[0][0]) else self._blocks:
            self._draw_block(painter, block, image)
        self._draw_rules(painter)
        self._draw_marked(painter)
        self._draw_brush(painter)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_axes(painter, box, *self._in_sight(), widest_number(self._N))
        line = self._line()
        draw_title(painter, line, self._bar.x() - t.px(14), TITLE, self.caption())

    def _covers(self, block: Block) -> bool:
        """Whether a block shows all that is in sight."""
        rows, cols = self._in_sight()
        down = block.row <= rows[0] and rows[1] <= block.row + block.height
        return down and block.col <= cols[0] and cols[1] <= block.col + block.width

    def _draw_block(self, painter: QPainter, block: Block, image: QImage) -> None:
        """The bins in sight only: Qt does not stretch a picture over millions of pixels well."""
        h, w = block.values.shape
        tall, wide = block.height / h, block.width / w
        (top, bottom), (left, right) = self._in_sight()
        r0, r1 = int((top - block.row) // tall), int(-(-(bottom - block.row) // tall))
        c0, c1 = int((left - block.col) // wide), int(-(-(right - block.col) // wide))
        r0, r1, c0, c1 = max(0, r0), min(h, r1), max(0, c0), min(w, c1)
        if r0 >= r1 or c0 >= c1:
            return
        row, col = block.row + r0 * tall, block.col + c0 * wide
        target = self._box(row, col, (r1 - r0) * tall, (c1 - c0) * wide)
        painter.drawImage(target, image, QRectF(c0, r0, c1 - c0, r1 - r0))

    def _draw_rules(self, painter: QPainter) -> None:
        """Thin lines between large cells."""
        box, cell = self.picture(), self._box(0, 0, 1, 1)
        if cell.width() < RULED:
            return
        (top, bottom), (left, right) = self._in_sight()
        painter.setPen(QPen(theme().colour("stage"), 1))
        for row in range(int(top), int(bottom) + 1):
            y = round(cell.top() + row * cell.height())
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
        for col in range(int(left), int(right) + 1):
            x = round(cell.left() + col * cell.width())
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))

    def _draw_marked(self, painter: QPainter) -> None:
        """Row and column of the picked neuron: around wide cells, along the middle of thin ones."""
        if self._marked is None:
            return
        t, k, N = theme(), self._marked, self._N
        painter.setBrush(Qt.BrushStyle.NoBrush)
        thin = self._box(0, 0, 1, 1).width() < 4
        for box in (self._box(k, 0, 1, N), self._box(0, k, N, 1)):
            middle = box.center()
            box = box.intersected(self.picture().adjusted(-9, -9, 9, 9))
            level = box.width() > box.height()
            for role, width in (("stage", 4.0), ("accent", 2.0)):
                painter.setPen(QPen(t.colour(role), width))
                if not thin:
                    painter.drawRect(box)
                elif level:
                    painter.drawLine(QLineF(box.left(), middle.y(), box.right(), middle.y()))
                else:
                    painter.drawLine(QLineF(middle.x(), box.top(), middle.x(), box.bottom()))

    def _draw_brush(self, painter: QPainter) -> None:
        if self._under is None or not self.paints:
            return
        half = self.brush // 2
        row, col = self._under
        box = self._box(row - half, col - half, self.brush, self.brush)
        brush_frame(painter, box)

    # --- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        values = {Qt.MouseButton.LeftButton: 1, Qt.MouseButton.RightButton: -1}
        pair = self._pair_at(event.position())
        if pair is None or event.button() not in values or self._stroke or not self.paints:
            return
        self._stroke = (pair, values[event.button()])
        self.stroke_began.emit()
        self._paint_to(pair)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            super().mouseMoveEvent(event)
            return
        if self._stroke is not None:
            self._paint_to(self._cell_at(event.position()))
        self._hover(self._pair_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._set_cursor()
        if self._stroke is not None and event.button() != MIDDLE:
            self._stroke = None
            self.stroke_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.paints and event.button() != MIDDLE:
            self.mousePressEvent(event)  # two quick dabs are two dabs
        else:
            self.reset_view()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _paint_to(self, cell: tuple[int, int]) -> None:
        assert self._stroke is not None
        last, value = self._stroke
        self._stroke = (cell, value)
        where = stroke(last, cell, self.brush, self._N, self._N)
        if len(where):
            into, out_of = (part.astype(np.int32) for part in np.divmod(where, self._N))
            self.painted.emit(into, out_of, value)

    def _hover(self, pair: tuple[int, int] | None) -> None:
        if pair != self._under:
            self._under = pair
            self.hovered.emit(pair)
            self.update()


def _bin(neuron: int, neurons: int, bins: int) -> int:
    """In which bin of a Block a neuron lies."""
    ends = np.rint(np.linspace(0, neurons, bins + 1))
    return int(np.searchsorted(ends, neuron, side="right")) - 1
