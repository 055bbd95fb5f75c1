"""A large square grid under a window of its own: the wheel zooms, the middle button pans."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.raster import Placement, placed
from lyapstudio.ui.views.sight import fitting, zoomed

MIDDLE = Qt.MouseButton.MiddleButton


class SquareView(QWidget):
    """N x N cells, of which a part is in sight. Subclasses paint it, and hear that it moved."""

    def __init__(self, N: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._N = N
        self._step: float | None = None  # device pixels a cell; None: as large as fits
        self._centre = (N / 2, N / 2)
        self._pan_from: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def reset_view(self) -> None:
        """All of it in sight."""
        self._step, self._centre = None, (self._N / 2, self._N / 2)
        self._moved()

    @property
    def zoomed(self) -> bool:
        return self._step is not None

    def _moved(self) -> None:
        """What is in sight is another part, or at another scale."""
        self.update()

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(520), theme().px(560))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(280))

    def _area(self) -> QRect:
        """Where the grid may lie, in device-independent px."""
        return self.rect()

    def _placement(self) -> Placement:
        area, ratio = self._area(), self.devicePixelRatioF()
        width, height = max(1, int(area.width() * ratio)), max(1, int(area.height() * ratio))
        step = self._step or fitting(self._N, width, height)
        return placed((self._N, self._N), step, self._centre, width, height)

    def picture(self) -> QRectF:
        """The grid in the widget, clipped to what is in sight."""
        p, ratio, area = self._placement(), self.devicePixelRatioF(), self._area()
        box = QRectF(p.left, p.top, round(p.cols * p.step), round(p.rows * p.step))
        box = box.intersected(QRectF(0, 0, p.width, p.height))
        corner = QPointF(area.left() + box.left() / ratio, area.top() + box.top() / ratio)
        return QRectF(corner.x(), corner.y(), box.width() / ratio, box.height() / ratio)

    def _cell_at(self, point: QPointF) -> tuple[int, int]:
        ratio, area = self.devicePixelRatioF(), self._area()
        x, y = (point.x() - area.left()) * ratio, (point.y() - area.top()) * ratio
        return self._placement().cell(x, y)

    def _pair_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column under a point, None outside the grid."""
        row, col = self._cell_at(point)
        inside = 0 <= row < self._N and 0 <= col < self._N
        return (row, col) if inside and self.picture().contains(point) else None

    def _box(self, row: float, col: float, tall: float, wide: float) -> QRectF:
        """Some cells in the widget, from the first of them on."""
        p, ratio, area = self._placement(), self.devicePixelRatioF(), self._area()
        x, y = (p.left + col * p.step) / ratio, (p.top + row * p.step) / ratio
        size = p.step / ratio
        return QRectF(area.left() + x, area.top() + y, wide * size, tall * size)

    def _in_sight(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """First and last row, first and last column, as parts of a cell."""
        p = self._placement()
        ends = []
        for start, room in ((p.top, p.height), (p.left, p.width)):
            first = max(0.0, -start / p.step)
            ends.append((first, min(float(self._N), (room - start) / p.step)))
        return ends[0], ends[1]

    # --- moving about

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._moved()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self._zoom(1 if event.angleDelta().y() > 0 else -1, event.position())

    def _zoom(self, way: int, point: QPointF) -> None:
        """One notch in (+1) or out (-1); the cell under the point stays there."""
        before = self._placement()
        step = zoomed(before.step, way)
        if step <= fitting(self._N, before.width, before.height):
            self.reset_view()
            return
        ratio, area = self.devicePixelRatioF(), self._area()
        x, y = (point.x() - area.left()) * ratio, (point.y() - area.top()) * ratio
        row, col = (y - before.top) / before.step, (x - before.left) / before.step
        self._centre = row + (before.height / 2 - y) / step, col + (before.width / 2 - x) / step
        self._step = step
        self._keep_centre()

    def _pan(self, by: QPointF) -> None:
        p, ratio = self._placement(), self.devicePixelRatioF()
        row, col = self._centre
        self._centre = row - by.y() * ratio / p.step, col - by.x() * ratio / p.step
        self._keep_centre()

    def _keep_centre(self) -> None:
        """Forget what the edge of the grid swallowed, so that a pan answers at once."""
        p = self._placement()
        row, col = self._centre
        if p.rows * p.step > p.height:
            row = (p.height / 2 - p.top) / p.step
        if p.cols * p.step > p.width:
            col = (p.width / 2 - p.left) / p.step
        self._centre = row, col
        self._moved()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == MIDDLE:
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan(event.position() - self._pan_from)
            self._pan_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == MIDDLE:
            self._pan_from = None
            self.unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and − zoom, 0 shows all, arrows pan."""
        box, key = self.picture(), event.key()
        across, down = 0.2 * box.width(), 0.2 * box.height()
        pans = {
            Qt.Key.Key_Left: QPointF(across, 0),
            Qt.Key.Key_Right: QPointF(-across, 0),
            Qt.Key.Key_Up: QPointF(0, down),
            Qt.Key.Key_Down: QPointF(0, -down),
        }
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1, box.center())
        elif key == Qt.Key.Key_Minus:
            self._zoom(-1, box.center())
        elif key == Qt.Key.Key_0:
            self.reset_view()
        elif key in pans and self.zoomed:
            self._pan(pans[Qt.Key(key)])
        else:
            super().keyPressEvent(event)
