"""The picture of the network: whole pixels a cell, painted with the mouse, marked where asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Rest
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.marks import brush_frame, hint, outline, ring
from lyapstudio.ui.views.raster import (
    Placement,
    cells_image,
    fitting_step,
    next_step,
    placed,
    stroke,
)
from lyapstudio.ui.views.titles import draw_states, draw_title

BRUSHES = (1, 3, 5, 9, 17)
"""Brush diameters, cells."""

NARROWEST_HEADER = 440
"""The title, caption and legend need so much, px, however narrow the picture is."""

MOST_MARKS = 4000
"""More flipping neurons than this are not outlined one by one."""


class Canvas(QWidget):
    """Shows a `grid` channel. Left paints +1, right erases to -1, the wheel zooms, middle pans.

    `painted(indices, value)`: (K,) int64 flat indices, each once, between `stroke_began` and
    `stroke_ended`. The canvas never changes the state itself: the next frame shows it.
    """

    stroke_began = Signal()
    painted = Signal(object, int)
    stroke_ended = Signal()
    hovered = Signal(object)
    clicked = Signal(int)
    span_changed = Signal(int, int)

    narrowest = NARROWEST_HEADER

    def __init__(self, channel: str = "units", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = channel
        self.paintable = True
        self._headed = True
        self.brush = 1
        self._cells: NDArray[Any] = np.full((16, 16), -1, np.int8)
        self._title, self._caption, self._hint = "Neuron state", "", ""
        self._asked: int | None = None
        self._flipping: NDArray[np.int64] = np.empty(0, np.int64)
        self._step: float | None = None  # None: as large as fits
        self._centre = (8.0, 8.0)
        self._drawn: tuple[QImage, tuple[int, int, int, int]] | None = None
        self._stroke: tuple[tuple[int, int], int] | None = None
        self._pan_from: QPointF | None = None
        self._under: int | None = None
        self._span = (0, 0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Neuron state")
        theme().changed.connect(self._forget)

    # --- what is shown

    def set_grid(self, rows: int, cols: int) -> None:
        """A network of another shape; the zoom goes back to all of it."""
        if self._cells.shape != (rows, cols):
            self._cells = np.full((rows, cols), -1, np.int8)
            self._asked, self._flipping = None, np.empty(0, np.int64)
            self.reset_view()

    def show_frame(self, frame: Frame) -> None:
        """Show the channel of a frame, and the neuron that is asked next."""
        if self.channel in frame.channels:
            self.show_cells(frame.channels[self.channel])
        asked = None
        if frame.arithmetic is not None:
            hovered = frame.looked_at is not None
            # the mouse's neuron while it stands still; else the next one, unless all is at rest
            if not frame.running if hovered else frame.rest is not Rest.FIXED:
                asked = frame.arithmetic.neuron
        self.mark(asked, frame.flipping if frame.flipping is not None else ())

    def show_cells(self, cells: NDArray[Any]) -> None:
        """(N,) int8 in {-1, +1} or float in [-1, 1], row by row."""
        if cells.size == self._cells.size:
            self._cells = cells.reshape(self._cells.shape)
            self._forget()

    def mark(self, asked: int | None, flipping: Sequence[int] | NDArray[np.int64] = ()) -> None:
        """Ring the neuron that is asked; outline in red those that flip for ever."""
        flips = np.asarray(flipping, np.int64)
        if asked != self._asked or not np.array_equal(flips, self._flipping):
            self._asked, self._flipping = asked, flips
            self.update()

    def set_words(self, title: str, caption: str = "") -> None:
        if (title, caption) != (self._title, self._caption):
            self._title, self._caption = title, caption
            self.update()

    def set_hint(self, hint: str) -> None:
        """One hint over the picture ("Press Space"), or "" for none."""
        if hint != self._hint:
            self._hint = hint
            self.update()

    def set_headed(self, headed: bool) -> None:
        """Without its line of words it needs less room: somebody else says what it shows."""
        if headed != self._headed:
            self._headed = headed
            self.updateGeometry()
            self._forget()

    def reset_view(self) -> None:
        """All of the network in sight."""
        self._step = None
        self._centre = (self._cells.shape[0] / 2, self._cells.shape[1] / 2)
        self._forget()

    @property
    def zoomed(self) -> bool:
        return self._step is not None

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(520), theme().px(560))

    def minimumSizeHint(self) -> QSize:
        side = theme().px(240 if self._headed else 160)
        return QSize(side, side)

    def _area(self) -> QRect:
        """Where the picture may lie, in device-independent px."""
        t = theme()
        return self.rect().adjusted(0, t.px(34) if self._headed else 0, 0, -t.px(2))

    def _placement(self) -> Placement:
        area, ratio = self._area(), self.devicePixelRatioF()
        width, height = max(1, int(area.width() * ratio)), max(1, int(area.height() * ratio))
        rows, cols = self._cells.shape
        step = self._step or fitting_step(rows, cols, width, height)
        return placed((rows, cols), step, self._centre, width, height)

    def picture(self) -> QRectF:
        """The picture's rectangle in the widget (clipped to what is in sight)."""
        p, ratio, area = self._placement(), self.devicePixelRatioF(), self._area()
        left, top = max(p.left, 0), max(p.top, 0)
        right = min(p.left + round(p.cols * p.step), p.width)
        bottom = min(p.top + round(p.rows * p.step), p.height)
        corner = QPointF(area.left() + left / ratio, area.top() + top / ratio)
        return QRectF(corner.x(), corner.y(), (right - left) / ratio, (bottom - top) / ratio)

    def _cell_box(self, neuron: int) -> QRectF:
        p, ratio, area = self._placement(), self.devicePixelRatioF(), self._area()
        row, col = divmod(neuron, p.cols)
        x, y = p.left + col * p.step, p.top + row * p.step
        side = max(p.step / ratio, 1.0)
        return QRectF(area.left() + x / ratio, area.top() + y / ratio, side, side)

    def _cell_at(self, point: QPointF) -> tuple[int, int]:
        ratio, area = self.devicePixelRatioF(), self._area()
        x, y = (point.x() - area.left()) * ratio, (point.y() - area.top()) * ratio
        return self._placement().cell(x, y)

    def _neuron_at(self, point: QPointF) -> int | None:
        row, col = self._cell_at(point)
        rows, cols = self._cells.shape
        inside = 0 <= row < rows and 0 <= col < cols and self._area().contains(point.toPoint())
        return row * cols + col if inside else None

    def _forget(self) -> None:
        self._drawn = None
        self._tell_span()
        self.update()

    def _tell_span(self) -> None:
        picture = self.picture()
        width = max(int(picture.width()), min(theme().px(self.narrowest), self.width()))
        span = (int(picture.center().x() - width / 2), width)
        if span != self._span:
            self._span = span
            self.span_changed.emit(*span)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area, ratio = self._area(), self.devicePixelRatioF()
        if self._drawn is None:
            self._drawn = cells_image(self._cells, self._placement())
        image, (left, top, width, height) = self._drawn
        painter.save()
        painter.setClipRect(area)
        target = QRectF(
            area.left() + left / ratio, area.top() + top / ratio, width / ratio, height / ratio
        )
        painter.drawImage(target, image)
        self._draw_marks(painter)
        self._draw_brush(painter)
        painter.restore()
        if self._headed:
            self._draw_header(painter)
        if self._hint:
            hint(painter, self._hint, self.picture())

    def _draw_marks(self, painter: QPainter) -> None:
        t = theme()
        if 0 < len(self._flipping) <= MOST_MARKS:
            for neuron in self._flipping:
                outline(painter, self._cell_box(int(neuron)), t.colour("alarm"))
        if self._asked is not None:
            box = self._cell_box(self._asked)
            grow = max(2.0, 9 - box.width() / 2)
            ring(painter, box.adjusted(-grow, -grow, grow, grow), t.colour("ring"))

    def _draw_brush(self, painter: QPainter) -> None:
        if self._under is None or not self.paintable:
            return
        half = self.brush // 2
        box = self._cell_box(self._under)
        side = box.width()
        box.adjust(-half * side, -half * side, half * side, half * side)
        brush_frame(painter, box)

    def _draw_header(self, painter: QPainter) -> None:
        t = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width = self._span
        line = QRectF(left, t.px(4), width, t.px(28))
        end = draw_states(painter, line)
        draw_title(painter, line, end, self._title, self._caption)

    # --- the mouse

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point, button = event.position(), event.button()
        if button == Qt.MouseButton.MiddleButton:
            self._pan_from = point
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        neuron = self._neuron_at(point)
        values = {Qt.MouseButton.LeftButton: 1, Qt.MouseButton.RightButton: -1}
        if neuron is None or button not in values or self._stroke is not None:
            return
        self.clicked.emit(neuron)
        if self.paintable:
            self._stroke = (self._cell_at(point), values[button])
            self.stroke_began.emit()
            self._paint_to(self._cell_at(point))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pan_from is not None:
            self._pan(point - self._pan_from)
            self._pan_from = point
            return
        if self._stroke is not None:
            self._paint_to(self._cell_at(point))
        self._hover(self._neuron_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = None
            self.unsetCursor()
        elif self._stroke is not None:
            self._stroke = None
            self.stroke_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.zoomed and event.button() == Qt.MouseButton.MiddleButton:
            self.reset_view()
        elif self.paintable:
            self.mousePressEvent(event)  # two quick dabs are two dabs
        else:
            self.reset_view()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.setCursor(Qt.CursorShape.CrossCursor if self.paintable else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        way = 1 if event.angleDelta().y() > 0 else -1
        before = self._placement()
        rows, cols = self._cells.shape
        fit = fitting_step(rows, cols, before.width, before.height)
        step = next_step(before.step, way)
        if step <= fit:
            self.reset_view()
            return
        ratio, area, point = self.devicePixelRatioF(), self._area(), event.position()
        x, y = (point.x() - area.left()) * ratio, (point.y() - area.top()) * ratio
        row, col = (y - before.top) / before.step, (x - before.left) / before.step
        # the cell under the pointer stays there
        self._centre = (
            row + (before.height / 2 - y) / step,
            col + (before.width / 2 - x) / step,
        )
        self._step = step
        self._keep_centre()

    def _pan(self, by: QPointF) -> None:
        p, ratio = self._placement(), self.devicePixelRatioF()
        self._centre = (
            self._centre[0] - by.y() * ratio / p.step,
            self._centre[1] - by.x() * ratio / p.step,
        )
        self._keep_centre()

    def _keep_centre(self) -> None:
        """Forget what the edge of the grid swallowed, so that a pan answers at once."""
        p = self._placement()
        if p.rows * p.step > p.height:
            self._centre = ((p.height / 2 - p.top) / p.step, self._centre[1])
        if p.cols * p.step > p.width:
            self._centre = (self._centre[0], (p.width / 2 - p.left) / p.step)
        self._forget()

    def _paint_to(self, cell: tuple[int, int]) -> None:
        assert self._stroke is not None
        last, value = self._stroke
        self._stroke = (cell, value)
        where = stroke(last, cell, self.brush, *self._cells.shape)
        if len(where):
            self._touch(where, value)

    def _touch(self, where: NDArray[np.int64], value: int) -> None:
        """Tell what a stroke has reached."""
        self.painted.emit(where, value)

    def _hover(self, neuron: int | None) -> None:
        if neuron != self._under:
            self._under = neuron
            self.hovered.emit(neuron)
            self.update()
